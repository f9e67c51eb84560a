/*
 * print.c - see print.h.
 *
 * Labels are clean: no control character is left in them, so that quotes and
 * backslashes are all that YAML could stumble over.
 */
#include "holidays/print.h"

#include <stdbool.h>

static void
put_quoted(struct str s, FILE *to)
{
	putc('"', to);
	for (uint32_t i = 0; i < s.len; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\')
			putc('\\', to);
		putc(s.p[i], to);
	}
	putc('"', to);
}

static void
put_date(const struct cal_date *d, FILE *to)
{
	if (d->year != 0)
		fprintf(to, "%04d-", d->year);
	fprintf(to, "%02u-%02u", d->month, d->day);
}

static void
put_hours(const struct cal_hours *h, FILE *to)
{
	fprintf(to, "%02u:%02u-%02u:%02u", h->from / 60, h->from % 60,
	    h->to / 60, h->to % 60);
}

static void
put_override(const struct cal_override *o, FILE *to)
{
	fputs("      - {date: ", to);
	put_date(&o->date, to);
	if (o->kind == CAL_CLOSED)
		fputs(", closed: yes", to);
	else if (o->kind == CAL_LIKE)
		fprintf(to, ", like: %s", cal_weekday_name(o->like));
	else
		fputs(", open: [", to);
	for (unsigned i = 0; o->kind == CAL_OPEN && i < o->open.n; i++) {
		fputs(i > 0 ? ", \"" : "\"", to);
		put_hours(&o->open.hours[i], to);
		putc('"', to);
	}
	if (o->kind == CAL_OPEN)
		putc(']', to);
	if (o->label.len > 0) {
		fputs(", label: ", to);
		put_quoted(o->label, to);
	}
	fputs("}\n", to);
}

static unsigned
count(const struct holidays *h, enum cal_override_kind kind)
{
	unsigned n = 0;

	for (size_t i = 0; i < h->n; i++)
		n += h->rows[i].day.kind == kind;
	return n;
}

/* A word that YAML takes for text as it stands. */
static bool
is_plain(struct str s)
{
	for (uint32_t i = 0; i < s.len; i++)
		if (!(s.p[i] >= 'a' && s.p[i] <= 'z') &&
		    !(s.p[i] >= 'A' && s.p[i] <= 'Z') && s.p[i] != '/' &&
		    s.p[i] != '_' &&
		    (i == 0 || (s.p[i] != '-' && s.p[i] != '+' &&
				   !(s.p[i] >= '0' && s.p[i] <= '9'))))
			return false;
	return s.len > 0;
}

static void
put_word(struct str s, FILE *to)
{
	if (is_plain(s))
		fprintf(to, "%.*s", STR_ARG(s));
	else
		put_quoted(s, to);
}

void
print_yaml(const struct holidays *h, struct str name, struct str zone, FILE *to)
{
	fprintf(to, "# %u closed, %u open, %u like a weekday; %zu left out\n",
	    count(h, CAL_CLOSED), count(h, CAL_OPEN), count(h, CAL_LIKE),
	    h->left_out);
	fputs("calendars:\n  - name: ", to);
	put_word(name, to);
	if (zone.len > 0) {
		fputs("\n    zone: ", to);
		put_word(zone, to);
	}
	fputs("\n    overrides:\n", to);
	for (size_t i = 0; i < h->n; i++)
		put_override(&h->rows[i].day, to);
}

static void
put_cell(struct str s, FILE *to)
{
	bool quoted =
	    memchr(s.p, ',', s.len) != NULL || memchr(s.p, '"', s.len) != NULL;

	if (quoted)
		putc('"', to);
	for (uint32_t i = 0; i < s.len; i++) {
		if (s.p[i] == '"')
			putc('"', to);
		putc(s.p[i], to);
	}
	if (quoted)
		putc('"', to);
}

void
print_csv(const struct holidays *h, FILE *to)
{
	fputs("date,kind,like,hours,label\n", to);
	for (size_t i = 0; i < h->n; i++) {
		const struct cal_override *o = &h->rows[i].day;

		put_date(&o->date, to);
		fprintf(to, ",%s,%s,", holiday_kind_word(o->kind),
		    o->kind == CAL_LIKE ? cal_weekday_name(o->like) : "");
		for (unsigned j = 0; o->kind == CAL_OPEN && j < o->open.n;
		     j++) {
			if (j > 0)
				putc(' ', to);
			put_hours(&o->open.hours[j], to);
		}
		putc(',', to);
		if (o->label.len > 0)
			put_cell(o->label, to);
		putc('\n', to);
	}
}
