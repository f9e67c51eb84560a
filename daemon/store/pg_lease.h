/*
 * pg_lease.h - numbers given out without asking, from blocks asked for ahead.
 *
 * A block belongs to this process alone; what is left of it at the end is
 * burnt.  At least two whole blocks are kept ahead of the one in use.
 */
#ifndef STORE_PG_LEASE_H
#define STORE_PG_LEASE_H

#include "store/pg_reader.h"

#define PG_LEASE_BLOCKS 4

struct pg_lease {
	const char *name; /* in number_block */
	uint64_t block;   /* numbers in one */
	struct pg_reader *reader;
	struct {
		uint64_t next, end;
	} blocks[PG_LEASE_BLOCKS]; /* in use, then those ahead */
	unsigned n_blocks, n_asked;
	void (*filled)(void *arg); /* numbers came in */
	void *arg;
};

extern const struct pg_statement pg_lease_statement;

/* ERR_BUSY: used up, and none came in. */
enum err pg_lease_take(struct pg_lease *, uint64_t *out) MUST_USE;

/* Ask for what is missing, where there is a connection. */
void pg_lease_fill(struct pg_lease *);

#endif
