/*
 * pg_array.c - the form that array_recv() of PostgreSQL reads: number of
 * dimensions, a flag for NULLs, the elements' type, length and lower bound of
 * the one dimension; then each element as its length (-1: NULL) and bytes.
 */
#include "store/pg_array.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#define HEADER 20
#define EPOCH_2000 INT64_C(946684800000000) /* PostgreSQL counts from there */

/* clang-format off */
static const struct {
	uint32_t oid;   /* pg_type.dat: fixed for ever */
	size_t room;    /* of an element without its text, length included */
} types[COL_NTYPES] = {
	[COL_ID]    = { 2950, 4 + 16 },
	[COL_INT4]  = { 23,   4 + 4 },
	[COL_COUNT] = { 23,   4 + 4 },
	[COL_INT8]  = { 20,   4 + 8 },
	[COL_BITS]  = { 20,   4 + 8 },
	[COL_TIME]  = { 1184, 4 + 8 },
	[COL_TEXT]  = { 25,   4 },
	[COL_NOTE]  = { 25,   4 },
	[COL_WORD]  = { 25,   4 },
	[COL_BOOL]  = { 16,   4 + 1 },
};
/* clang-format on */

void
pg_buf_free(struct pg_buf *b)
{
	free(b->p);
	*b = (struct pg_buf){ NULL, 0, 0 };
}

static bool
reserve(struct pg_buf *b, size_t n)
{
	size_t room = b->room > 0 ? b->room : 4096;
	unsigned char *p;

	if (b->room - b->len >= n)
		return true;
	while (room - b->len < n)
		room *= 2;
	if ((p = realloc(b->p, room)) == NULL)
		return false;
	b->p = p;
	b->room = room;
	return true;
}

/* The put_* below write into room that has been reserved. */
static inline void
put32(struct pg_buf *b, uint32_t v)
{
	v = htobe32(v);
	memcpy(b->p + b->len, &v, sizeof(v));
	b->len += sizeof(v);
}

static inline void
put64(struct pg_buf *b, uint64_t v)
{
	v = htobe64(v);
	memcpy(b->p + b->len, &v, sizeof(v));
	b->len += sizeof(v);
}

static inline bool
put_null(struct pg_buf *b)
{
	put32(b, UINT32_MAX);
	return true;
}

static inline bool
put_text(struct pg_buf *b, const char *p, size_t len)
{
	put32(b, (uint32_t)len);
	if (len > 0)
		memcpy(b->p + b->len, p, len);
	b->len += len;
	return false;
}

/* Each of these writes a column's elements and tells whether one was NULL;
 * inlined into the switch below, each is a loop without a branch on the type. */
static inline bool
put_fixed(struct pg_buf *b, enum col_type type, const void *f)
{
	switch (type) {
	case COL_ID:
		if (id_is_none(f))
			return put_null(b);
		return put_text(b, f, sizeof(struct id));
	case COL_INT4:
	case COL_COUNT:
		if (type == COL_INT4 && *(const uint32_t *)f == 0)
			return put_null(b);
		put32(b, 4);
		put32(b, *(const uint32_t *)f);
		return false;
	case COL_INT8:
	case COL_BITS:
	case COL_TIME:
		if (type != COL_BITS && *(const uint64_t *)f == 0)
			return put_null(b);
		put32(b, 8);
		put64(b, type != COL_TIME ? *(const uint64_t *)f
					  : *(const uint64_t *)f - EPOCH_2000);
		return false;
	default:
		put32(b, 1);
		b->p[b->len++] = *(const bool *)f;
		return false;
	}
}

static inline bool
put_column(struct pg_buf *b, enum col_type type, size_t offset,
    const void *const *rows, unsigned n)
{
	bool nulls = false;

	for (unsigned i = 0; i < n; i++)
		nulls |= put_fixed(b, type, (const char *)rows[i] + offset);
	return nulls;
}

static struct str
text_of(const struct col *c, const void *row)
{
	const void *f = (const char *)row + c->offset;

	if (c->type == COL_WORD)
		return str_of(*(const char *const *)f);
	return *(const struct str *)f;
}

/* Texts' room is counted first, so that the loop need not. */
static enum err
put_texts(struct pg_buf *b, const struct col *c, const void *const *rows,
    unsigned n, bool *nulls)
{
	size_t room = 0;
	struct str s;

	for (unsigned i = 0; i < n; i++)
		room += text_of(c, rows[i]).len;
	if (!reserve(b, room + n * types[c->type].room))
		return ERR_NOMEM;
	for (unsigned i = 0; i < n; i++) {
		s = text_of(c, rows[i]);
		if (s.len == 0 && c->type != COL_NOTE)
			*nulls |= put_null(b);
		else
			put_text(b, s.p, s.len);
	}
	return ERR_OK;
}

enum err
pg_array_put(
    struct pg_buf *b, const struct col *c, const void *const *rows, unsigned n)
{
	size_t start = b->len;
	bool nulls = false;

	if (!reserve(b, HEADER + n * types[c->type].room))
		return ERR_NOMEM;
	put32(b, 1);
	put32(b, 0);
	put32(b, types[c->type].oid);
	put32(b, n);
	put32(b, 1);
	switch (c->type) {
	case COL_ID:
		nulls = put_column(b, COL_ID, c->offset, rows, n);
		break;
	case COL_INT4:
		nulls = put_column(b, COL_INT4, c->offset, rows, n);
		break;
	case COL_COUNT:
		nulls = put_column(b, COL_COUNT, c->offset, rows, n);
		break;
	case COL_INT8:
		nulls = put_column(b, COL_INT8, c->offset, rows, n);
		break;
	case COL_BITS:
		nulls = put_column(b, COL_BITS, c->offset, rows, n);
		break;
	case COL_TIME:
		nulls = put_column(b, COL_TIME, c->offset, rows, n);
		break;
	case COL_BOOL:
		nulls = put_column(b, COL_BOOL, c->offset, rows, n);
		break;
	default:
		if (put_texts(b, c, rows, n, &nulls) != ERR_OK)
			return ERR_NOMEM;
	}
	b->p[start + 7] = nulls;
	return ERR_OK;
}
