/*
 * page.c - the reply to everything that has columns.
 */
#include "net/page.h"

#include <string.h>

#include "base/arena.h"
#include "frame.h"
#include "net/session.h"

#define ROWS_MAX 4000
#define ROOM (FRAME_MAX - 1024) /* for what is around the rows */
#define CELL_BYTES 24           /* a number, a null, lengths and tags */
#define ROW_BYTES 8

void
page_begin(struct page *p, struct session *s, const struct column *columns,
    unsigned n_columns, unsigned limit)
{
	*p = (struct page){ .scratch = s->net->scratch,
		.columns = columns,
		.n_columns = n_columns,
		.limit = limit == 0 || limit > ROWS_MAX ? ROWS_MAX : limit };
	for (unsigned i = 0; i < n_columns; i++)
		p->bytes += strlen(columns[i].name) +
		            strlen(columns[i].sentence) + CELL_BYTES;
	p->rows = arena_alloc(p->scratch, ROWS_MAX * sizeof(*p->rows));
	if (p->rows == NULL)
		p->err = ERR_NOMEM;
}

static size_t
row_bytes(const struct page *p, const struct cell *cells)
{
	size_t n = ROW_BYTES;

	for (unsigned i = 0; i < p->n_columns; i++)
		n += cells[i].text.len + CELL_BYTES;
	return n;
}

static Mashang__Row *
copy_row(struct page *p, const struct cell *from)
{
	Mashang__Row *row = arena_alloc(p->scratch, sizeof(*row));
	Mashang__Cell *cells =
	    arena_alloc(p->scratch, p->n_columns * sizeof(*cells));
	Mashang__Cell **list =
	    arena_alloc(p->scratch, p->n_columns * sizeof(*list));

	if (row == NULL || cells == NULL || list == NULL)
		return NULL;
	mashang__row__init(row);
	row->n_cells = p->n_columns;
	row->cells = list;
	for (unsigned i = 0; i < p->n_columns; i++) {
		mashang__cell__init(&cells[i]);
		list[i] = &cells[i];
		cells[i].null = from[i].null;
		if (from[i].null)
			continue;
		if (p->columns[i].kind == CELL_TEXT)
			cells[i].text =
			    bytes_of(arena_copy(p->scratch, from[i].text));
		else
			cells[i].number = from[i].number;
	}
	return row;
}

bool
page_add(struct page *p, const struct cell *cells)
{
	size_t bytes = row_bytes(p, cells);
	Mashang__Row *row;

	if (p->err != ERR_OK || p->n == p->limit || p->bytes + bytes > ROOM)
		return false;
	if ((row = copy_row(p, cells)) == NULL) {
		p->err = p->n > 0 ? ERR_OK : ERR_NOMEM;
		p->limit = p->n; /* scratch is full: so is the page */
		return false;
	}
	p->bytes += bytes;
	p->rows[p->n++] = row;
	return true;
}

void
page_send(
    struct page *p, struct session *s, const struct id *op, struct str cursor)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__Page m = MASHANG__PAGE__INIT;
	Mashang__Column *columns =
	    arena_alloc(p->scratch, p->n_columns * sizeof(*columns));
	Mashang__Column **list =
	    arena_alloc(p->scratch, p->n_columns * sizeof(*list));

	if (p->err != ERR_OK || columns == NULL || list == NULL) {
		session_fail(s, op, ERR_NOMEM);
		return;
	}
	for (unsigned i = 0; i < p->n_columns; i++) {
		mashang__column__init(&columns[i]);
		columns[i].name = bytes_of(str_of(p->columns[i].name));
		columns[i].kind = (Mashang__CellKind)p->columns[i].kind;
		columns[i].sentence = bytes_of(str_of(p->columns[i].sentence));
		list[i] = &columns[i];
	}
	m.n_columns = p->n_columns;
	m.columns = list;
	m.n_rows = p->n;
	m.rows = p->rows;
	m.cursor = bytes_of(cursor);
	m.at = net_now(s->net);
	e.body_case = MASHANG__ENVELOPE__BODY_PAGE;
	e.page = &m;
	session_reply(s, op, &e);
}
