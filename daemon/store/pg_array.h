/*
 * pg_array.h - columns of rows as PostgreSQL's binary arrays.
 *
 * One buffer takes all arrays of a statement, one behind the other, column by
 * column, so that the type is looked at once a column and not once a value.
 */
#ifndef STORE_PG_ARRAY_H
#define STORE_PG_ARRAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "store/row.h"

struct pg_buf {
	unsigned char *p;
	size_t len, room;
};

void pg_buf_free(struct pg_buf *);

/*
 * Append the array of column `c' of rows[0..n).  ERR_NOMEM: what was appended
 * is to be forgotten (set `len' back).
 */
enum err pg_array_put(struct pg_buf *, const struct col *c,
    const void *const *rows, unsigned n) MUST_USE;

#endif
