/*
 * csv.c - see csv.h.
 *
 * A row that is wrong is told and passed over, so that one run tells of all of
 * them; only a quote that never ends ends the reading.
 */
#include "holidays/csv.h"

#include <stdbool.h>

#define FIELDS_MAX 16
#define BOM "\xEF\xBB\xBF"

enum column {
	COLUMN_DATE,
	COLUMN_KIND,
	COLUMN_LIKE,
	COLUMN_HOURS,
	COLUMN_LABEL,
	N_COLUMNS
};
static const char *const column_names[N_COLUMNS] = { "date", "kind", "like",
	"hours", "label" };

struct field {
	struct str text; /* without quotes and blanks around it */
	uint32_t offset;
};

struct row {
	struct field fields[FIELDS_MAX];
	unsigned n;
	uint32_t offset;
};

struct csv {
	const struct source *source;
	struct choice *choice;
	struct holidays *out;
	struct faults *faults;
	uint32_t at;
	int order[N_COLUMNS]; /* which field; -1: no such column */
	unsigned n_columns;
};

static struct place
place_at(const struct csv *c, uint32_t offset)
{
	return (struct place){ c->source, offset };
}

/* '\n' for any end of a line, 0 at the text's end. */
static char
peek(const struct csv *c)
{
	struct str s = c->source->text;

	if (c->at >= s.len)
		return '\0';
	if (s.p[c->at] == '\r' && c->at + 1 < s.len && s.p[c->at + 1] == '\n')
		return '\n';
	return s.p[c->at];
}

static void
end_line(struct csv *c)
{
	while (peek(c) != '\n' && peek(c) != '\0')
		c->at++;
	if (peek(c) == '\n')
		c->at += c->source->text.p[c->at] == '\r' ? 2 : 1;
}

static struct str
trim(struct str s)
{
	while (s.len > 0 && (*s.p == ' ' || *s.p == '\t')) {
		s.p++;
		s.len--;
	}
	while (s.len > 0 && (s.p[s.len - 1] == ' ' || s.p[s.len - 1] == '\t'))
		s.len--;
	return s;
}

/* `s' with each "" made one. */
static enum err
unquote(struct csv *c, struct str s, uint32_t n_doubled, struct str *out)
{
	char *text;
	uint32_t n = 0;

	*out = s;
	if (n_doubled == 0)
		return ERR_OK;
	if ((text = arena_alloc(c->out->arena, s.len)) == NULL)
		return ERR_NOMEM;
	for (uint32_t i = 0; i < s.len; i++) {
		text[n++] = s.p[i];
		i += s.p[i] == '"';
	}
	*out = (struct str){ text, n };
	return ERR_OK;
}

/* Behind the opening quote.  ERR_BAD_FIELD: it never ends, and is told. */
static enum err
read_quoted(struct csv *c, struct str *out)
{
	struct str s = c->source->text;
	uint32_t from = c->at, n_doubled = 0;

	for (; c->at < s.len; c->at++) {
		if (s.p[c->at] != '"')
			continue;
		if (c->at + 1 == s.len || s.p[c->at + 1] != '"')
			break;
		n_doubled++;
		c->at++;
	}
	if (c->at == s.len) {
		faults_add(c->faults, place_at(c, from - 1),
		    "this quote never ends; close it, or the file is cut "
		    "short");
		return ERR_BAD_FIELD;
	}
	return unquote(
	    c, (struct str){ s.p + from, c->at++ - from }, n_doubled, out);
}

static void
read_bare(struct csv *c, struct str *out)
{
	uint32_t from = c->at;

	while (peek(c) != ',' && peek(c) != '\n' && peek(c) != '\0' &&
	       peek(c) != '"')
		c->at++;
	*out = (struct str){ c->source->text.p + from, c->at - from };
}

/* ERR_BAD_FIELD: told; the rest of the line has been passed over. */
static enum err
read_field(struct csv *c, struct field *f)
{
	bool quoted = peek(c) == '"';
	enum err e = ERR_OK;

	f->offset = c->at;
	c->at += quoted;
	if (quoted)
		e = read_quoted(c, &f->text);
	else
		read_bare(c, &f->text);
	if (e == ERR_OK)
		f->text = trim(f->text);
	if (e == ERR_OK && peek(c) != ',' && peek(c) != '\n' &&
	    peek(c) != '\0') {
		faults_add(c->faults, place_at(c, c->at),
		    quoted ? "something behind a closing quote; double "
			     "quotes that belong to the text"
			   : "a quote inside a bare field; quote the whole "
			     "field and double this one");
		e = ERR_BAD_FIELD;
	}
	if (e == ERR_BAD_FIELD)
		end_line(c);
	return e;
}

/* ERR_BAD_FIELD: a row that was told and passed over. */
static enum err
read_row(struct csv *c, struct row *r)
{
	enum err e;

	r->n = 0;
	r->offset = c->at;
	for (;;) {
		if (r->n == FIELDS_MAX) {
			faults_add(c->faults, place_at(c, c->at),
			    "more than %d columns; see --help for those that "
			    "there are",
			    FIELDS_MAX);
			end_line(c);
			return ERR_BAD_FIELD;
		}
		if ((e = read_field(c, &r->fields[r->n])) != ERR_OK)
			return e;
		r->n++;
		if (peek(c) != ',')
			break;
		c->at++;
	}
	end_line(c);
	return ERR_OK;
}

static int
column_of(struct str name)
{
	for (int i = 0; i < N_COLUMNS; i++)
		if (str_eq(name, str_of(column_names[i])))
			return i;
	return -1;
}

static enum err
take_header(struct csv *c, const struct row *r)
{
	unsigned before = c->faults->n;

	c->n_columns = r->n;
	for (int i = 0; i < N_COLUMNS; i++)
		c->order[i] = -1;
	for (unsigned i = 0; i < r->n; i++) {
		struct place at = place_at(c, r->fields[i].offset);
		int column = column_of(r->fields[i].text);

		if (column < 0)
			faults_add(c->faults, at,
			    "no column is called '%.*s'; the first row names "
			    "them, between commas: date,kind,like,hours,label",
			    STR_ARG(place_excerpt(r->fields[i].text)));
		else if (c->order[column] >= 0)
			faults_add(c->faults, at,
			    "column '%s' twice; take one out",
			    column_names[column]);
		else
			c->order[column] = (int)i;
	}
	for (int i = COLUMN_DATE; i <= COLUMN_KIND; i++)
		if (c->order[i] < 0 && c->faults->n == before)
			faults_add(c->faults, place_at(c, r->offset),
			    "no column '%s'; add it", column_names[i]);
	return c->faults->n > before ? ERR_BAD_FIELD : ERR_OK;
}

/* An empty one where the table has no such column. */
static struct field
cell(const struct csv *c, const struct row *r, enum column column)
{
	if (c->order[column] < 0)
		return (struct field){ { "", 0 }, r->offset };
	return r->fields[c->order[column]];
}

static bool
read_like(struct csv *c, struct field f, struct cal_override *day)
{
	if (cal_weekday_parse(f.text, &day->like) == ERR_OK)
		return true;
	faults_add(c->faults, place_at(c, f.offset),
	    "'%.*s' is no weekday; a make-up day has the hours of one of mon "
	    "tue wed thu fri sat sun",
	    STR_ARG(place_excerpt(f.text)));
	return false;
}

static bool
read_hours(struct csv *c, struct field f, struct cal_override *day)
{
	struct place at = place_at(c, f.offset);
	struct str rest = f.text;
	struct cal_fault why;

	while (rest.len > 0) {
		struct str one = rest;

		for (one.len = 0; one.len < rest.len && one.p[one.len] != ' ';)
			one.len++;
		rest.p += one.len;
		rest.len -= one.len;
		rest = trim(rest);
		if (day->open.n == CAL_HOURS_MAX) {
			faults_add(c->faults, at,
			    "more than %d intervals; join some", CAL_HOURS_MAX);
			return false;
		}
		if (cal_hours_parse(
			one, &day->open.hours[day->open.n++], &why) != ERR_OK) {
			faults_add(
			    c->faults, at, "%s; write 09:00-12:00", why.what);
			return false;
		}
	}
	if (day->open.n == 0)
		faults_add(c->faults, at,
		    "open, but no hours; write them like 09:00-12:00 "
		    "13:00-18:00");
	return day->open.n > 0;
}

static bool
is_empty(struct csv *c, struct field f, const char *column, const char *kind)
{
	if (f.text.len > 0)
		faults_add(c->faults, place_at(c, f.offset),
		    "a day of kind '%s' has no '%s'; leave it empty", kind,
		    column);
	return f.text.len == 0;
}

static bool
read_kind(struct csv *c, const struct row *r, struct cal_override *day)
{
	struct field kind = cell(c, r, COLUMN_KIND);
	struct field like = cell(c, r, COLUMN_LIKE);
	struct field hours = cell(c, r, COLUMN_HOURS);
	const char *word;

	for (day->kind = CAL_CLOSED; day->kind <= CAL_LIKE; day->kind++)
		if (str_eq(kind.text, str_of(holiday_kind_word(day->kind))))
			break;
	if (day->kind > CAL_LIKE) {
		faults_add(c->faults, place_at(c, kind.offset),
		    "'%.*s' is no kind of day; write closed, open or like",
		    STR_ARG(place_excerpt(kind.text)));
		return false;
	}
	word = holiday_kind_word(day->kind);
	return (day->kind == CAL_LIKE ? read_like(c, like, day)
				      : is_empty(c, like, "like", word)) &&
	       (day->kind == CAL_OPEN ? read_hours(c, hours, day)
				      : is_empty(c, hours, "hours", word));
}

static enum err
take_row(struct csv *c, const struct row *r)
{
	struct cal_override day = { 0 };
	struct field date;

	if (r->n == 1 && r->fields[0].text.len == 0)
		return ERR_OK; /* an empty line */
	if (r->n != c->n_columns) {
		faults_add(c->faults, place_at(c, r->offset),
		    "%u fields, but the first row has %u; quote a field that "
		    "has a comma",
		    r->n, c->n_columns);
		return ERR_OK;
	}
	date = cell(c, r, COLUMN_DATE);
	day.label = cell(c, r, COLUMN_LABEL).text;
	if (!choice_takes(c->choice, day.label, STR_LIT(""))) {
		c->out->left_out++;
		return ERR_OK;
	}
	if (cal_date_parse(date.text, &day.date) != ERR_OK) {
		faults_add(c->faults, place_at(c, date.offset),
		    "'%.*s' is no date; write 2026-02-14, or 02-14 for every "
		    "year",
		    STR_ARG(place_excerpt(date.text)));
		return ERR_OK;
	}
	if (!choice_has_year(c->choice, day.date.year) ||
	    !read_kind(c, r, &day))
		return ERR_OK;
	return holidays_add(c->out, day, place_at(c, date.offset));
}

enum err
csv_read(const struct source *source, struct choice *choice,
    struct holidays *out, struct faults *faults)
{
	struct csv c = { source, choice, out, faults, 0, { 0 }, 0 };
	bool has_header = false;
	enum err e = ERR_OK;

	if (source_check(source, faults) != ERR_OK)
		return ERR_OK;
	if (source->text.len >= 3 && memcmp(source->text.p, BOM, 3) == 0)
		c.at = 3;
	while (e == ERR_OK && c.at < source->text.len) {
		struct row r;

		e = read_row(&c, &r);
		if (e == ERR_OK && has_header)
			e = take_row(&c, &r);
		else if (e == ERR_OK && take_header(&c, &r) != ERR_OK)
			return ERR_OK;
		else if (e == ERR_BAD_FIELD)
			e = has_header ? ERR_OK : e;
		has_header = true;
	}
	if (!has_header)
		faults_add(faults, place_at(&c, 0),
		    "empty; a feed begins with BEGIN:VCALENDAR, a table with "
		    "its "
		    "columns, date,kind,like,hours,label");
	return e == ERR_BAD_FIELD ? ERR_OK : e;
}
