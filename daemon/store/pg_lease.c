/*
 * pg_lease.c - see the header.
 */
#include "store/pg_lease.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct pg_statement pg_lease_statement = { "lease",
	"UPDATE number_block SET next = next + $2::bigint WHERE name = $1"
	" RETURNING next - $2::bigint" };

static void
on_block(void *arg, enum err e, const PGresult *res)
{
	struct pg_lease *l = arg;
	uint64_t first;

	l->n_asked--;
	if (e != ERR_OK || PQntuples(res) != 1)
		return; /* asked again when the next one is taken, or at up */
	first = strtoull(PQgetvalue(res, 0, 0), NULL, 10);
	l->blocks[l->n_blocks].next = first;
	l->blocks[l->n_blocks].end = first + l->block;
	l->n_blocks++;
	l->filled(l->arg);
}

void
pg_lease_fill(struct pg_lease *l)
{
	char size[24];
	const char *const values[] = { l->name, size };
	const struct pg_args args = { 2, values, NULL, NULL };
	bool half = l->n_blocks > 0 &&
	            l->blocks[0].end - l->blocks[0].next <= l->block / 2;
	unsigned want = half ? PG_LEASE_BLOCKS : PG_LEASE_BLOCKS - 1;

	snprintf(size, sizeof(size), "%" PRIu64, l->block);
	while (l->n_blocks + l->n_asked < want) {
		if (pg_reader_open(l->reader, on_block, l) != ERR_OK)
			return;
		pg_reader_send(l->reader, pg_lease_statement.name, &args);
		l->n_asked++;
		pg_reader_close(l->reader);
	}
}

enum err
pg_lease_take(struct pg_lease *l, uint64_t *out)
{
	if (l->n_blocks == 0) {
		pg_lease_fill(l);
		return ERR_BUSY;
	}
	*out = l->blocks[0].next++;
	if (l->blocks[0].next == l->blocks[0].end)
		memmove(&l->blocks[0], &l->blocks[1],
		    --l->n_blocks * sizeof(l->blocks[0]));
	else if (l->blocks[0].end - l->blocks[0].next != l->block / 2)
		return ERR_OK;
	pg_lease_fill(l);
	return ERR_OK;
}
