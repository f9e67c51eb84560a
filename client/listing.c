/*
 * listing.c - see listing.h.
 */
#include "client/listing.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "client/ask.h"
#include "client/cmd.h"
#include "client/fmt.h"
#include "client/i18n.h"
#include "client/json.h"
#include "client/words.h"

#define WHERE_MAX 16
#define CURSOR_MAX 1024
#define CUT_ON_TERMINAL 48

static size_t
n_columns(const Mashang__Page *p)
{
	return p->n_columns < LISTING_COLUMNS_MAX ? p->n_columns
	                                          : LISTING_COLUMNS_MAX;
}

/* A word of the daemon's in the reader's language; else as it came. */
static char *
word_cell(const Mashang__Column *c, const Mashang__Cell *cell)
{
	char *clean = fmt_clean(fmt_str(cell->text), false),
	     *column = fmt_clean(fmt_str(c->name), false), *out = NULL;

	if (clean != NULL && column != NULL)
		out = strdup(words_cell(column, clean));
	free(clean);
	free(column);
	return out;
}

/* The cell as people read it, for the caller to free; NULL: no memory. */
static char *
cell_text(const Mashang__Column *c, const Mashang__Cell *cell)
{
	char buf[FMT_ROOM];

	if (cell->null)
		return strdup("-");
	switch (c->kind) {
	case MASHANG__CELL_KIND__CELL_NUMBER:
		snprintf(buf, sizeof(buf), "%" PRId64, cell->number);
		return strdup(buf);
	case MASHANG__CELL_KIND__CELL_TIME:
		return strdup(fmt_time(cell->number, buf));
	case MASHANG__CELL_KIND__CELL_DURATION:
		return strdup(fmt_duration(cell->number, buf));
	case MASHANG__CELL_KIND__CELL_RATIO:
		return strdup(fmt_ratio(cell->number, buf));
	default:
		return word_cell(c, cell);
	}
}

static bool
is_right(const Mashang__Column *c)
{
	return c->kind == MASHANG__CELL_KIND__CELL_NUMBER ||
	       c->kind == MASHANG__CELL_KIND__CELL_DURATION ||
	       c->kind == MASHANG__CELL_KIND__CELL_RATIO;
}

/* "longest_wait" is headed "longest wait", or its translation. */
static char *
heading(const Mashang__Column *c)
{
	char *clean = fmt_clean(fmt_str(c->name), false), *out;

	if (clean == NULL)
		return NULL;
	out = strdup(words_column(clean));
	free(clean);
	for (char *p = out; p != NULL && *p != '\0'; p++)
		if (*p == '_')
			*p = ' ';
	return out;
}

static void
widen(struct listing *l, size_t column, const char *text)
{
	int w = text != NULL ? text_columns(str_of(text)) : 0;

	if (l->cut > 0 && w > l->cut)
		w = l->cut;
	if (w > l->widths[column])
		l->widths[column] = w;
}

static void
print_field(struct listing *l, const Mashang__Page *p, size_t i, char *text)
{
	bool last = i + 1 == n_columns(p), right = is_right(p->columns[i]);
	int width = l->widths[i];

	if (i > 0)
		fputs("  ", l->out);
	if (last && !right && text != NULL &&
	    text_columns(str_of(text)) < width)
		width = text_columns(str_of(text)); /* no blanks at the end */
	fmt_field(l->out, text != NULL ? text : "", width, right);
	free(text);
}

static void
print_table(struct listing *l, const Mashang__Page *p)
{
	static const Mashang__Cell none = { .null = true };
	size_t n = n_columns(p);

	for (size_t i = 0; i < n; i++) {
		char *text = heading(p->columns[i]);

		widen(l, i, text);
		free(text);
		for (size_t r = 0; r < p->n_rows; r++) {
			if (i >= p->rows[r]->n_cells)
				continue;
			text = cell_text(p->columns[i], p->rows[r]->cells[i]);
			widen(l, i, text);
			free(text);
		}
	}
	for (size_t i = 0; i < n && !l->started; i++)
		print_field(l, p, i, heading(p->columns[i]));
	if (n > 0 && !l->started)
		fputc('\n', l->out);
	for (size_t r = 0; r < p->n_rows; r++) {
		for (size_t i = 0; i < n; i++)
			print_field(l, p, i,
			    cell_text(p->columns[i], i < p->rows[r]->n_cells
							 ? p->rows[r]->cells[i]
							 : &none));
		fputc('\n', l->out);
	}
	l->started = true;
}

static json_t *
cell_json(const Mashang__Column *c, const Mashang__Cell *cell)
{
	if (cell->null)
		return json_null();
	switch (c->kind) {
	case MASHANG__CELL_KIND__CELL_NUMBER:
	case MASHANG__CELL_KIND__CELL_TIME:
	case MASHANG__CELL_KIND__CELL_DURATION:
	case MASHANG__CELL_KIND__CELL_RATIO:
		return json_integer(cell->number);
	default:
		return json_text(cell->text);
	}
}

static void
print_json(struct listing *l, const Mashang__Page *p)
{
	for (size_t r = 0; r < p->n_rows; r++) {
		const Mashang__Row *row = p->rows[r];
		json_t *o = json_object();

		if (l->name != NULL)
			json_object_set_new(o, "list", json_string(l->name));
		for (size_t i = 0; i < n_columns(p) && i < row->n_cells; i++) {
			char *name =
			    fmt_clean(fmt_str(p->columns[i]->name), false);

			if (name != NULL)
				json_object_set_new(o, name,
				    cell_json(p->columns[i], row->cells[i]));
			free(name);
		}
		json_line(l->out, o);
	}
}

void
listing_print(struct listing *l, const Mashang__Page *p)
{
	if (l->json)
		print_json(l, p);
	else
		print_table(l, p);
}

void
listing_describe(FILE *f, const Mashang__Page *p)
{
	for (size_t i = 0; i < n_columns(p); i++) {
		char *name = fmt_clean(fmt_str(p->columns[i]->name), false);

		fmt_field(f, name != NULL ? name : "", 24, false);
		free(name);
		fputc(' ', f);
		fmt_bytes(f, p->columns[i]->sentence);
		fputc('\n', f);
	}
}

/* ------------------------------------------------------------ page by page */

struct run {
	struct listing listing;
	const struct listing_query *query;
	int64_t left; /* rows; -1: no limit */
	uint8_t cursor[CURSOR_MAX];
	size_t cursor_len;
};

static int
page_cb(void *arg, const Mashang__Envelope *reply)
{
	struct run *r = arg;
	const Mashang__Page *p = reply->page;

	r->cursor_len = 0;
	if (reply->body_case != MASHANG__ENVELOPE__BODY_PAGE) {
		fputs(
		    _("mashang: the daemon's answer is not a list\n"), stderr);
		return EXIT_REFUSED;
	}
	if (r->query->describe) {
		listing_describe(r->listing.out, p);
		return EXIT_OK;
	}
	if (r->query->page != NULL)
		r->query->page(r->query->arg, p);
	else
		listing_print(&r->listing, p);
	if (r->left > 0)
		r->left -=
		    (int64_t)p->n_rows < r->left ? (int64_t)p->n_rows : r->left;
	if (p->cursor.len > 0 && p->cursor.len <= CURSOR_MAX && r->left != 0) {
		memcpy(r->cursor, p->cursor.data, p->cursor.len);
		r->cursor_len = p->cursor.len;
	}
	return EXIT_OK;
}

/* Splits KEY=VALUE words into `kv'; an exit code. */
static int
put_where(const struct listing_query *q, Mashang__KeyValue *kv,
    Mashang__KeyValue **list)
{
	if (q->n_where > WHERE_MAX)
		return cmd_usage(_("at most %d conditions, please"), WHERE_MAX);
	for (int i = 0; i < q->n_where; i++) {
		char *word = q->where[i], *equals = strchr(word, '=');

		if (equals == NULL || equals == word)
			return cmd_usage(_(
			    "a condition is KEY=VALUE, such as queue=repair"));
		mashang__key_value__init(&kv[i]);
		kv[i].key.data = (uint8_t *)word;
		kv[i].key.len = (size_t)(equals - word);
		kv[i].value = fmt_data(equals + 1);
		list[i] = &kv[i];
	}
	return EXIT_OK;
}

int
listing_run(struct ask *a, const struct listing_query *q)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__Show show = MASHANG__SHOW__INIT;
	Mashang__KeyValue kv[WHERE_MAX], *list[WHERE_MAX];
	struct run r = { .listing = { .out = stdout,
			     .json = q->json,
			     .name = q->what,
			     .cut =
				 isatty(STDOUT_FILENO) ? CUT_ON_TERMINAL : 0 },
		.query = q,
		.left = q->limit > 0 ? q->limit : -1 };
	int code = put_where(q, kv, list);

	if (code != EXIT_OK)
		return code;
	e.body_case = MASHANG__ENVELOPE__BODY_SHOW;
	e.show = &show;
	show.what = fmt_data(q->what);
	show.where = list;
	show.n_where = (size_t)q->n_where;
	do {
		show.limit =
		    r.left > 0 && r.left < 10000 ? (uint32_t)r.left : 0;
		show.cursor.data = r.cursor;
		show.cursor.len = r.cursor_len;
		code = ask_for(a, &e, page_cb, &r);
	} while (code == EXIT_OK && r.cursor_len > 0);
	return code;
}
