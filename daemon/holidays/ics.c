/*
 * ics.c - see ics.h.
 *
 * Events of one UID belong together: those with a RECURRENCE-ID stand for one
 * date of the others, and of several that mean the same the one of the highest
 * SEQUENCE counts.
 */
#include "holidays/ics.h"

#include <stdlib.h>

#include "holidays/ics_event.h"
#include "holidays/ics_lines.h"
#include "holidays/ics_recur.h"
#include "holidays/ics_time.h"

#define DAY_S 86400
#define YEARS_MAX_DAYS (ICS_YEARS_MAX * 366)
#define LAST_MINUTE (DAY_S - 60) /* a day that "ends 23:59" is whole */

struct entry {
	const struct ics_event *event;
	struct str uid;
	const struct ics_line *instead; /* its RECURRENCE-ID; NULL: none */
	unsigned sequence;
	bool cancelled;
};

struct group {
	const struct entry *entries;
	size_t n;
};

struct feed {
	struct ics_file file;
	struct ics_zones zones;
	struct choice *choice;
	struct holidays *out;
	struct limits_note *note;
	struct faults *faults;
};

/* --------------------------------------------------------------- one instance */

static int32_t
day_of(int64_t wall)
{
	return (int32_t)(wall / DAY_S - (wall % DAY_S < 0));
}

/* By the calendar's clock, if one is chosen. */
static void
put_on_clock(
    struct feed *f, const struct ics_occasion *o, int64_t *from, int64_t *to)
{
	const struct zone *zone = f->choice->zone;
	bool floating = !o->start.at.utc && o->start.zone.len == 0;
	int64_t utc = *from;

	if (zone == NULL || floating || o->start.at.seconds < 0)
		return;
	if (!o->start.at.utc)
		utc = ics_zone_utc(
		    ics_zones_find(&f->zones, &f->file, o->start.zone), *from);
	*to = ics_zone_wall(zone, utc + (*to - *from));
	*from = ics_zone_wall(zone, utc);
}

static enum err
refuse_part(
    struct feed *f, const struct ics_occasion *o, int64_t from, int64_t to)
{
	struct cal_date d = cal_date_of(day_of(from));
	int begin = (int)(from - (int64_t)day_of(from) * DAY_S) / 60;
	int end = (int)(to - (int64_t)day_of(to) * DAY_S) / 60;

	faults_add(f->faults, o->at,
	    "'%.*s' begins on %04d-%02u-%02u at %02d:%02d and ends at "
	    "%02d:%02d: not whole days; leave it out by --except and give "
	    "that day's hours in CSV",
	    STR_ARG(place_excerpt(o->name)), d.year, d.month, d.day, begin / 60,
	    begin % 60, end / 60, end % 60);
	return ERR_BAD_FIELD;
}

static bool
is_whole(int64_t from, int64_t to)
{
	int64_t rest = to - (int64_t)day_of(to) * DAY_S;

	return to > from && from % DAY_S == 0 &&
	       (rest == 0 || rest >= LAST_MINUTE);
}

/* The occasion as it begins at `at'.  ERR_BAD_FIELD: told. */
static enum err
add_instance(
    struct feed *f, const struct ics_occasion *o, struct ics_instant at)
{
	int64_t from = ics_instant_wall(at), to = from + o->length_s;
	struct cal_override day = { { 0 }, o->kind, o->like, { 0 }, o->name };
	bool wanted = false;
	int32_t last;
	enum err e = ERR_OK;

	put_on_clock(f, o, &from, &to);
	last = day_of(to > from ? to - 1 : from);
	for (int32_t d = day_of(from); d <= last; d++)
		wanted |= choice_has_year(f->choice, cal_date_of(d).year);
	if (wanted && o->kind == CAL_CLOSED && !is_whole(from, to))
		return refuse_part(f, o, from, to);
	for (int32_t d = day_of(from); d <= last && e == ERR_OK; d++) {
		day.date = cal_date_of(d);
		if (choice_has_year(f->choice, day.date.year))
			e = holidays_add(f->out, day, o->at);
	}
	return e;
}

/* ---------------------------------------------------------------- exceptions */

/* Do two mean the same start?  A date means any time of it. */
static bool
is_same(struct feed *f, struct ics_when a, struct ics_when b)
{
	if (a.at.seconds < 0 || b.at.seconds < 0)
		return a.at.days == b.at.days;
	return ics_when_utc(&f->zones, &f->file, a) ==
	       ics_when_utc(&f->zones, &f->file, b);
}

/* The next of values between commas; false: there is none. */
static bool
take_value(struct str *rest, struct str *out)
{
	const char *comma;

	if (rest->len == 0)
		return false;
	comma = memchr(rest->p, ',', rest->len);
	*out = (struct str){ rest->p,
		comma != NULL ? (uint32_t)(comma - rest->p) : rest->len };
	rest->p += out->len + (comma != NULL);
	rest->len -= out->len + (comma != NULL);
	return true;
}

static bool
is_listed(struct feed *f, const struct ics_event *e, struct ics_when when)
{
	const struct ics_line *l = ics_find(&f->file, e, ICS_EXDATE);

	for (; l != NULL; l = ics_next(&f->file, e, l)) {
		struct str rest = l->value, value;
		struct ics_when other;

		while (take_value(&rest, &value))
			if (ics_when_parse(l, value, &other) &&
			    is_same(f, when, other))
				return true;
	}
	return false;
}

/* Does another event of the group stand for this instance? */
static bool
is_replaced(struct feed *f, const struct group *g, struct ics_when when)
{
	for (size_t i = 0; i < g->n; i++) {
		const struct ics_line *l = g->entries[i].instead;
		struct ics_when other;

		if (l != NULL && ics_when_parse(l, l->value, &other) &&
		    is_same(f, when, other))
			return true;
	}
	return false;
}

/* Every value of these lines must be a date, or an exception would silently be
 * none. */
static enum err
check_dates(struct feed *f, const struct ics_event *e, enum ics_property p)
{
	const struct ics_line *l = ics_find(&f->file, e, p);

	for (; l != NULL; l = ics_next(&f->file, e, l)) {
		struct str rest = l->value, value;
		struct ics_when when;

		while (take_value(&rest, &value)) {
			if (ics_when_parse(l, value, &when))
				continue;
			faults_add(f->faults, ics_place(&f->file, l, value.p),
			    "'%.*s' is no date; write 20260214 or "
			    "20260214T090000",
			    STR_ARG(place_excerpt(value)));
			return ERR_BAD_FIELD;
		}
	}
	return ERR_OK;
}

/* ---------------------------------------------------------------- recurrence */

static enum err
add_unless_excepted(struct feed *f, const struct group *g,
    const struct entry *entry, const struct ics_occasion *o,
    struct ics_when when)
{
	if (is_listed(f, entry->event, when) ||
	    (entry->instead == NULL && is_replaced(f, g, when)))
		return ERR_OK;
	return add_instance(f, o, when.at);
}

/* UNTIL by the clock that the event begins by. */
static void
turn_until(struct feed *f, const struct ics_occasion *o, struct ics_rule *rule)
{
	const struct zone *zone =
	    o->start.zone.len > 0
		? ics_zones_find(&f->zones, &f->file, o->start.zone)
		: NULL;
	struct ics_instant *u = &rule->until;

	if (o->start.at.seconds < 0) {
		u->seconds = -1;
	} else if (u->seconds < 0) {
		u->seconds = DAY_S - 1;
	} else if (u->utc && zone != NULL) {
		int64_t wall = ics_zone_wall(zone, ics_instant_wall(*u));

		u->days = day_of(wall);
		u->seconds = (int32_t)(wall - (int64_t)u->days * DAY_S);
	}
}

static enum err
check_rule(struct feed *f, const struct ics_line *l, struct ics_rule *rule)
{
	struct ics_rule_fault why;

	if (ics_rule_check(l->value, rule, &why) != ERR_OK) {
		faults_add(f->faults, ics_place(&f->file, l, why.at),
		    "recurrence: %s", why.what);
		return ERR_BAD_FIELD;
	}
	if (rule->endless && f->choice->from == 0) {
		faults_add(f->faults, ics_place(&f->file, l, l->value.p),
		    "this recurs for ever; say for which years by --from and "
		    "--to");
		return ERR_BAD_FIELD;
	}
	return ERR_OK;
}

static enum err
expand(struct feed *f, const struct group *g, const struct entry *entry,
    const struct ics_occasion *o, struct ics_recur *recur)
{
	int32_t last = cal_days((struct cal_date){
	    (int16_t)(f->choice->to + 1), 1, 2 }); /* and a day for zones */
	struct ics_when when = o->start;
	enum err e = ERR_OK;

	while (e == ERR_OK && ics_recur_next(recur, &when.at)) {
		when.at.utc = o->start.at.utc;
		if (f->choice->from != 0 && when.at.days > last)
			break;
		if (f->choice->from == 0 &&
		    when.at.days - o->start.at.days > YEARS_MAX_DAYS) {
			faults_add(f->faults, o->at,
			    "this recurs for more than %d years; say for "
			    "which by --from and --to",
			    ICS_YEARS_MAX);
			return ERR_BAD_FIELD;
		}
		if (when.at.days != o->start.at.days)
			e = add_unless_excepted(f, g, entry, o, when);
	}
	return e;
}

static enum err
add_recurring(struct feed *f, const struct group *g, const struct entry *entry,
    const struct ics_occasion *o)
{
	const struct ics_line *l = ics_find(&f->file, entry->event, ICS_RRULE);
	struct ics_recur *recur = NULL;
	struct ics_rule rule;
	enum err e;

	if (l == NULL)
		return ERR_OK;
	if ((e = check_rule(f, l, &rule)) != ERR_OK)
		return e;
	turn_until(f, o, &rule);
	e = ics_recur_new(l->value, &rule, o->start.at, &recur);
	if (e == ERR_BAD_FIELD)
		faults_add(f->faults, ics_place(&f->file, l, l->value.p),
		    "recurrence: '%.*s' is unreadable, or has no date; leave "
		    "this event out by --except",
		    STR_ARG(place_excerpt(l->value)));
	if (e == ERR_OK)
		e = expand(f, g, entry, o, recur);
	ics_recur_free(&recur);
	return e;
}

static enum err
add_listed(struct feed *f, const struct group *g, const struct entry *entry,
    const struct ics_occasion *o)
{
	const struct ics_line *l = ics_find(&f->file, entry->event, ICS_RDATE);
	enum err e = ERR_OK;

	for (; l != NULL; l = ics_next(&f->file, entry->event, l)) {
		struct str rest = l->value, value;
		struct ics_when when;

		while (e == ERR_OK && take_value(&rest, &value))
			if (ics_when_parse(l, value, &when))
				e = add_unless_excepted(f, g, entry, o, when);
	}
	return e;
}

/* -------------------------------------------------------------------- events */

static enum err
check_properties(struct feed *f, const struct entry *entry)
{
	const struct ics_event *e = entry->event;
	const struct ics_line *l = ics_find(&f->file, e, ICS_EXRULE);
	enum err err;

	if (l != NULL) {
		faults_add(f->faults, ics_place(&f->file, l, l->text.p),
		    "EXRULE is no more in use; list the dates as EXDATE");
		return ERR_BAD_FIELD;
	}
	if (entry->instead != NULL &&
	    ics_param(entry->instead, "RANGE").len > 0) {
		faults_add(f->faults,
		    ics_place(&f->file, entry->instead, entry->instead->text.p),
		    "RANGE is not understood; end the first event by UNTIL and "
		    "begin another");
		return ERR_BAD_FIELD;
	}
	if ((err = check_dates(f, e, ICS_EXDATE)) != ERR_OK ||
	    (err = check_dates(f, e, ICS_RDATE)) != ERR_OK)
		return err;
	return check_dates(f, e, ICS_RECURRENCE_ID);
}

/* ERR_BAD_FIELD: told. */
static enum err
take_entry(struct feed *f, const struct group *g, const struct entry *entry)
{
	const struct ics_event *event = entry->event;
	struct ics_occasion o = { 0 };
	enum err e;

	f->note->offset = event->offset;
	if ((e = ics_event_name(&f->file, event, &o)) != ERR_OK)
		return e;
	if (!choice_takes(f->choice, o.name, o.categories)) {
		f->out->left_out++;
		return ERR_OK;
	}
	if ((e = ics_event_read(&f->file, event, f->choice, &f->zones, &o,
		 f->faults)) != ERR_OK ||
	    (e = check_properties(f, entry)) != ERR_OK ||
	    (e = add_unless_excepted(f, g, entry, &o, o.start)) != ERR_OK ||
	    (e = add_listed(f, g, entry, &o)) != ERR_OK)
		return e;
	return add_recurring(f, g, entry, &o);
}

/* -------------------------------------------------------------------- groups */

static bool
means_the_same(const struct entry *a, const struct entry *b)
{
	if (a->instead == NULL || b->instead == NULL)
		return a->instead == b->instead;
	return str_eq(a->instead->value, b->instead->value);
}

/* A later version of it is there, or the whole group was called off. */
static bool
is_void(const struct group *g, const struct entry *entry)
{
	for (size_t i = 0; i < g->n; i++) {
		const struct entry *other = &g->entries[i];

		if (means_the_same(entry, other) &&
		    other->sequence > entry->sequence)
			return true;
		if (other->cancelled && other->instead == NULL &&
		    other->sequence >= entry->sequence)
			return true;
	}
	return entry->cancelled;
}

static enum err
take_group(struct feed *f, const struct group *g)
{
	enum err e = ERR_OK;

	for (size_t i = 0; i < g->n && e == ERR_OK; i++) {
		if (is_void(g, &g->entries[i]))
			continue;
		e = take_entry(f, g, &g->entries[i]);
		if (e == ERR_BAD_FIELD)
			e = ERR_OK; /* told; the others are looked at too */
	}
	return e;
}

static unsigned
parse_sequence(const struct ics_line *l)
{
	unsigned n = 0;

	for (uint32_t i = 0; l != NULL && i < l->value.len && n < 1000000; i++)
		if (l->value.p[i] >= '0' && l->value.p[i] <= '9')
			n = n * 10 + (unsigned)(l->value.p[i] - '0');
	return n;
}

static void
make_entry(
    const struct ics_file *f, const struct ics_event *e, struct entry *out)
{
	const struct ics_line *uid = ics_find(f, e, ICS_UID);
	const struct ics_line *status = ics_find(f, e, ICS_STATUS);

	*out = (struct entry){ .event = e };
	if (uid != NULL)
		out->uid = uid->value;
	out->instead = ics_find(f, e, ICS_RECURRENCE_ID);
	out->sequence = parse_sequence(ics_find(f, e, ICS_SEQUENCE));
	out->cancelled =
	    status != NULL && str_eq(status->value, STR_LIT("CANCELLED"));
}

static int
compare(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	uint32_t n = x->uid.len < y->uid.len ? x->uid.len : y->uid.len;
	int c = n > 0 ? memcmp(x->uid.p, y->uid.p, n) : 0;

	if (c == 0)
		c = (x->uid.len > y->uid.len) - (x->uid.len < y->uid.len);
	if (c == 0)
		c = x->event < y->event ? -1 : 1;
	return c;
}

static enum err
take_events(struct feed *f)
{
	size_t n = f->file.n_events, next;
	struct entry *entries = calloc(n, sizeof(*entries));
	enum err e = ERR_OK;

	if (entries == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++)
		make_entry(&f->file, &f->file.events[i], &entries[i]);
	qsort(entries, n, sizeof(*entries), compare);
	for (size_t i = 0; i < n && e == ERR_OK; i = next) {
		struct group g = { &entries[i], 1 };

		while (entries[i].uid.len > 0 && i + g.n < n &&
		       str_eq(entries[i].uid, entries[i + g.n].uid))
			g.n++;
		e = take_group(f, &g);
		next = i + g.n;
	}
	free(entries);
	return e;
}

enum err
ics_read(const struct source *source, struct choice *choice,
    struct holidays *out, struct limits_note *note, struct faults *faults)
{
	struct feed f = {
		.choice = choice, .out = out, .note = note, .faults = faults
	};
	unsigned before = faults->n;
	enum err e;

	note->offset = 0;
	e = ics_file_read(source, out->arena, &f.file, faults);
	if (e == ERR_OK && faults->n == before && f.file.n_events == 0)
		faults_add(faults, (struct place){ source, 0 },
		    "no event in this calendar; fetch it again");
	else if (e == ERR_OK && faults->n == before)
		e = take_events(&f);
	ics_zones_fini(&f.zones);
	ics_file_fini(&f.file);
	return e;
}
