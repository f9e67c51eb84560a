/*
 * row.c - what is generic over the tables of columns.
 */
#include "store/row.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"

/* clang-format off */
static const struct type {
	const char *sql; /* of the array's elements */
	size_t size;
} types[COL_NTYPES] = {
	[COL_ID]    = { "uuid", sizeof(struct id) },
	[COL_INT4]  = { "int4", sizeof(uint32_t) },
	[COL_COUNT] = { "int4", sizeof(uint32_t) },
	[COL_INT8]  = { "int8", sizeof(uint64_t) },
	[COL_BITS]  = { "int8", sizeof(uint64_t) },
	[COL_TIME]  = { "timestamptz", sizeof(int64_t) },
	[COL_TEXT]  = { "text", sizeof(struct str) },
	[COL_NOTE]  = { "text", sizeof(struct str) },
	[COL_WORD]  = { "text", sizeof(const char *) },
	[COL_BOOL]  = { "bool", sizeof(bool) },
};
/* clang-format on */

struct str
row_customer_number(struct str e164, struct str caller)
{
	if (e164.len > 0)
		return e164;
	if (text_is_withheld(caller))
		return (struct str){ NULL, 0 };
	for (uint32_t i = 0; i < caller.len; i++)
		if (caller.p[i] < '0' || caller.p[i] > '9')
			return (struct str){ NULL, 0 };
	return caller;
}

static const void *
field(const struct col *c, const void *row)
{
	return (const char *)row + c->offset;
}

bool
row_is_null(const struct col *c, const void *row)
{
	const void *f = field(c, row);

	switch (c->type) {
	case COL_ID:
		return id_is_none(f);
	case COL_INT4:
		return *(const uint32_t *)f == 0;
	case COL_INT8:
	case COL_TIME:
		return *(const uint64_t *)f == 0;
	case COL_TEXT:
		return ((const struct str *)f)->len == 0;
	case COL_WORD:
		return *(const char *const *)f == NULL;
	default:
		return false;
	}
}

enum err
row_keep(const struct row_table *t, void *row, struct arena *a)
{
	for (const struct col *c = t->cols; c < t->cols + t->n_cols; c++) {
		struct str *s = (struct str *)((char *)row + c->offset);

		if ((c->type != COL_TEXT && c->type != COL_NOTE) || s->len == 0)
			continue;
		*s = arena_copy(a, *s);
		if (s->p == NULL)
			return ERR_NOMEM;
	}
	return ERR_OK;
}

static uint32_t
order_of(const struct row_table *t, const void *row)
{
	if (t->order_offset == SIZE_MAX)
		return 0;
	return *(const uint32_t *)((const char *)row + t->order_offset);
}

/* FOLD_MAX of both widths. */
static bool
is_greater(const struct col *c, const void *a, const void *b)
{
	if (types[c->type].size == sizeof(uint64_t))
		return *(const uint64_t *)field(c, a) >
		       *(const uint64_t *)field(c, b);
	return *(const uint32_t *)field(c, a) > *(const uint32_t *)field(c, b);
}

void
row_fold(const struct row_table *t, void *into, const void *row)
{
	bool later = order_of(t, row) >= order_of(t, into), take;

	for (const struct col *c = t->cols; c < t->cols + t->n_cols; c++) {
		switch (c->fold) {
		case FOLD_LATEST:
			take =
			    later ? !row_is_null(c, row) : row_is_null(c, into);
			break;
		case FOLD_MAX:
			take = is_greater(c, row, into);
			break;
		case FOLD_ANY:
			take = *(const bool *)field(c, row);
			break;
		case FOLD_FIRST:
			take = row_is_null(c, into);
			break;
		default:
			take = false;
		}
		if (take)
			memcpy((char *)into + c->offset, field(c, row),
			    types[c->type].size);
	}
}

/* ------------------------------------------------------------- SQL text */

struct text {
	char *p;
	size_t len, room;
};

static void PRINTF_LIKE(2, 3) add(struct text *t, const char *fmt, ...)
{
	size_t left = t->len < t->room ? t->room - t->len : 0;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(left > 0 ? t->p + t->len : NULL, left, fmt, ap);
	va_end(ap);
	assert(n >= 0);
	t->len += (size_t)n;
}

static void
add_unnest(struct text *out, const struct row_table *t)
{
	add(out, "unnest(");
	for (unsigned i = 0; i < t->n_cols; i++)
		add(out, "%s$%u::%s[]", i > 0 ? ", " : "", i + 1,
		    types[t->cols[i].type].sql);
	add(out, ")");
}

static void
add_select(struct text *out, const struct row_table *t)
{
	add(out, "SELECT ");
	for (unsigned i = 0; i < t->n_cols; i++) {
		const struct col *c = &t->cols[i];

		if (c->sql != NULL)
			add(out, "%s%s", i > 0 ? ", " : "", c->sql);
		else
			add(out, "%su.%s", i > 0 ? ", " : "", c->name);
	}
	add(out, " FROM ");
	add_unnest(out, t);
	add(out, " AS u(");
	for (unsigned i = 0; i < t->n_cols; i++)
		add(out, "%s%s", i > 0 ? ", " : "", t->cols[i].name);
	add(out, ")");
}

static void
add_statement(struct text *out, const struct row_table *t)
{
	const char *hole = strstr(t->statement, "%s");

	assert(hole != NULL);
	add(out, "%.*s", (int)(hole - t->statement), t->statement);
	add_unnest(out, t);
	add(out, "%s", hole + 2);
}

/* `r' is the row that stands there, `excluded' the one that came. */
static void
add_fold(struct text *out, const struct col *c, const char *order)
{
	const char *n = c->name;

	switch (c->fold) {
	case FOLD_LATEST:
		add(out,
		    "%s = CASE WHEN excluded.%s >= r.%s"
		    " THEN coalesce(excluded.%s, r.%s)"
		    " ELSE coalesce(r.%s, excluded.%s) END",
		    n, order, order, n, n, n, n);
		break;
	case FOLD_MAX:
		add(out, "%s = greatest(r.%s, excluded.%s)", n, n, n);
		break;
	case FOLD_ANY:
		add(out, "%s = r.%s OR excluded.%s", n, n, n);
		break;
	default:
		add(out, "%s = coalesce(r.%s, excluded.%s)", n, n, n);
	}
}

static const char *
order_name(const struct row_table *t)
{
	for (unsigned i = 0; i < t->n_cols; i++)
		if (t->cols[i].offset == t->order_offset)
			return t->cols[i].name;
	return "";
}

static void
add_folds(struct text *out, const struct row_table *t)
{
	const char *sep = "";

	if (t->key_size == 0) {
		add(out, "NOTHING");
		return;
	}
	add(out, "UPDATE SET ");
	for (unsigned i = 0; i < t->n_cols; i++) {
		if (t->cols[i].fold == FOLD_KEY)
			continue;
		add(out, "%s", sep);
		add_fold(out, &t->cols[i], order_name(t));
		sep = ", ";
	}
}

static void
add_upsert(struct text *out, const struct row_table *t)
{
	add(out, "INSERT INTO %s AS r (", t->name);
	for (unsigned i = 0; i < t->n_cols; i++)
		add(out, "%s%s", i > 0 ? ", " : "", t->cols[i].name);
	add(out, ") ");
	add_select(out, t);
	add(out, " ON CONFLICT (%s) DO ", t->conflict);
	add_folds(out, t);
}

enum err
row_sql(const struct row_table *t, char *out, size_t room)
{
	struct text x = { out, 0, room };

	if (t->statement != NULL)
		add_statement(&x, t);
	else
		add_upsert(&x, t);
	return x.len < room ? ERR_OK : ERR_TOO_LARGE;
}
