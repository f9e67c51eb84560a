/*
 * holiday.c - see holiday.h.
 */
#include "holidays/holiday.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"

#define DESCRIPTION_MAX (8 + CAL_HOURS_MAX * 16)
#define LAST_YEAR INT16_MAX /* where yearly days are sorted */

/* Cleaned, and without what a spreadsheet would take for a formula. */
static enum err
label_of(struct holidays *h, struct str raw, struct str *out)
{
	char clean[HOLIDAY_LABEL_MAX + 1];
	struct str s = { clean, 0 };

	s.len = (uint32_t)text_clean(raw, false, clean, sizeof(clean));
	while (s.len > 0 && strchr(" =+-@", *s.p) != NULL) {
		s.p++;
		s.len--;
	}
	while (s.len > 0 && s.p[s.len - 1] == ' ')
		s.len--;
	*out = arena_copy(h->arena, s);
	return out->len == s.len ? ERR_OK : ERR_NOMEM;
}

enum err
holidays_add(struct holidays *h, struct cal_override day, struct place at)
{
	enum err e;

	if (h->n == HOLIDAYS_MAX)
		return ERR_TOO_LARGE;
	if (h->n == h->room) {
		size_t room = h->room == 0 ? 256 : 2 * h->room;
		struct holiday *rows =
		    realloc(h->rows, room * sizeof(*h->rows));

		if (rows == NULL)
			return ERR_NOMEM;
		h->rows = rows;
		h->room = room;
	}
	if ((e = label_of(h, day.label, &day.label)) != ERR_OK)
		return e;
	h->rows[h->n++] = (struct holiday){ day, at };
	return ERR_OK;
}

void
holidays_fini(struct holidays *h)
{
	free(h->rows);
	arena_free(&h->arena);
	*h = (struct holidays){ 0 };
}

const char *
holiday_kind_word(enum cal_override_kind kind)
{
	switch (kind) {
	case CAL_CLOSED:
		return "closed";
	case CAL_OPEN:
		return "open";
	case CAL_LIKE:
		return "like";
	default:
		return "none";
	}
}

static int
rank(const struct cal_date *d)
{
	int year = d->year == 0 ? LAST_YEAR : d->year;

	return (year * 16 + d->month) * 32 + d->day;
}

/* By date, and as they were read: a merged label does not depend on qsort. */
static int
compare(const void *a, const void *b)
{
	const struct holiday *x = a, *y = b;
	int rx = rank(&x->day.date), ry = rank(&y->day.date);

	if (rx != ry)
		return rx < ry ? -1 : 1;
	if (x->at.source != y->at.source)
		return x->at.source < y->at.source ? -1 : 1;
	return (x->at.offset > y->at.offset) - (x->at.offset < y->at.offset);
}

static bool
says_the_same(const struct cal_override *a, const struct cal_override *b)
{
	if (a->kind != b->kind || (a->kind == CAL_LIKE && a->like != b->like))
		return false;
	if (a->kind != CAL_OPEN)
		return true;
	if (a->open.n != b->open.n)
		return false;
	for (unsigned i = 0; i < a->open.n; i++)
		if (a->open.hours[i].from != b->open.hours[i].from ||
		    a->open.hours[i].to != b->open.hours[i].to)
			return false;
	return true;
}

static bool
has_label(struct str all, struct str one)
{
	return one.len == 0 ||
	       (all.len > 0 && memmem(all.p, all.len, one.p, one.len) != NULL);
}

static enum err
merge(struct holidays *h, struct holiday *into, const struct holiday *from)
{
	char both[2 * HOLIDAY_LABEL_MAX + 4];
	struct str *label = &into->day.label;

	if (has_label(*label, from->day.label))
		return ERR_OK;
	snprintf(both, sizeof(both), "%.*s%s%.*s", STR_ARG(*label),
	    label->len > 0 ? "; " : "", STR_ARG(from->day.label));
	return label_of(h, str_of(both), label);
}

/* "closed", "like mon", "open 09:00-12:00 13:00-18:00" */
static const char *
describe(const struct cal_override *o, char out[DESCRIPTION_MAX])
{
	int n = snprintf(out, DESCRIPTION_MAX, "%s%s%s",
	    holiday_kind_word(o->kind), o->kind == CAL_LIKE ? " " : "",
	    o->kind == CAL_LIKE ? cal_weekday_name(o->like) : "");

	for (unsigned i = 0; o->kind == CAL_OPEN && i < o->open.n; i++) {
		const struct cal_hours *h = &o->open.hours[i];

		n += snprintf(out + n, DESCRIPTION_MAX - (size_t)n,
		    " %02d:%02d-%02d:%02d", h->from / 60, h->from % 60,
		    h->to / 60, h->to % 60);
	}
	return out;
}

static void
contradict(struct faults *f, const struct holiday *a, const struct holiday *b)
{
	char where[PLACE_MAX], here[DESCRIPTION_MAX], there[DESCRIPTION_MAX];
	const struct cal_date *d = &b->day.date;
	char year[8] = "";

	if (d->year != 0)
		snprintf(year, sizeof(year), "%04d-", d->year);
	faults_add(f, b->at,
	    "%s%02d-%02d is '%s' here, but '%s' at %s; leave one of them out, "
	    "by --except for instance",
	    year, d->month, d->day, describe(&b->day, here),
	    describe(&a->day, there), place_text(a->at, where));
}

enum err
holidays_settle(struct holidays *h, struct faults *f)
{
	struct holiday *rows = h->rows;
	size_t kept = 0;
	unsigned before = f->n;
	enum err e = ERR_OK;

	if (rows == NULL)
		return ERR_OK;
	qsort(rows, h->n, sizeof(*rows), compare);
	for (size_t i = 0; i < h->n && e == ERR_OK; i++) {
		struct holiday *last = kept > 0 ? &rows[kept - 1] : NULL;

		if (last == NULL ||
		    rank(&last->day.date) != rank(&rows[i].day.date))
			rows[kept++] = rows[i];
		else if (says_the_same(&last->day, &rows[i].day))
			e = merge(h, last, &rows[i]);
		else
			contradict(f, last, &rows[i]);
	}
	h->n = kept;
	return e != ERR_OK ? e : f->n > before ? ERR_CONFLICT : ERR_OK;
}
