/*
 * ics_event.c - see ics_event.h.
 */
#include "holidays/ics_event.h"

#include <limits.h>
#include <strings.h>

#define DAY_S 86400
#define LENGTH_MAX_S (INT64_C(366) * DAY_S)

/* By these words a Chinese feed tells a make-up day, and by nothing else. */
static const char *const make_up_words[] = { "上班", "补班", "補班", "调班",
	"（班）", "(班)" };

/* -------------------------------------------------------------------- texts */

/* Appends a TEXT value without its backslashes; a line's end is a blank. */
static void
append(struct str value, char *out, uint32_t *n)
{
	for (uint32_t i = 0; i < value.len; i++) {
		char c = value.p[i];

		if (c == '\\' && i + 1 < value.len) {
			c = value.p[++i];
			if (c == 'n' || c == 'N')
				c = ' ';
		}
		out[(*n)++] = c;
	}
}

/* All lines of that property in one, commas between. */
static enum err
join(const struct ics_file *f, const struct ics_event *e,
    enum ics_property property, struct str *out)
{
	const struct ics_line *first = ics_find(f, e, property), *l;
	uint32_t room = 0, n = 0;
	char *text;

	*out = (struct str){ "", 0 };
	for (l = first; l != NULL; l = ics_next(f, e, l))
		room += l->value.len + 1;
	if (room == 0)
		return ERR_OK;
	if ((text = arena_alloc(f->arena, room)) == NULL)
		return ERR_NOMEM;
	for (l = first; l != NULL; l = ics_next(f, e, l)) {
		if (n > 0)
			text[n++] = ',';
		append(l->value, text, &n);
	}
	*out = (struct str){ text, n };
	return ERR_OK;
}

enum err
ics_event_name(
    const struct ics_file *f, const struct ics_event *e, struct ics_occasion *o)
{
	enum err err = join(f, e, ICS_SUMMARY, &o->name);

	return err == ERR_OK ? join(f, e, ICS_CATEGORIES, &o->categories) : err;
}

static bool
has_category(struct str all, const char *one)
{
	while (all.len > 0) {
		const char *comma = memchr(all.p, ',', all.len);
		struct str s = { all.p,
			comma != NULL ? (uint32_t)(comma - all.p) : all.len };

		all.p += s.len + (comma != NULL);
		all.len -= s.len + (comma != NULL);
		while (s.len > 0 && *s.p == ' ') {
			s.p++;
			s.len--;
		}
		while (s.len > 0 && s.p[s.len - 1] == ' ')
			s.len--;
		if (s.len == strlen(one) && strncasecmp(s.p, one, s.len) == 0)
			return true;
	}
	return false;
}

/* -------------------------------------------------------------------- times */

bool
ics_when_parse(const struct ics_line *l, struct str value, struct ics_when *out)
{
	if (!ics_instant_parse(value, &out->at))
		return false;
	out->zone = (struct str){ "", 0 };
	if (!out->at.utc && out->at.seconds >= 0)
		out->zone = ics_param(l, "TZID");
	return true;
}

int64_t
ics_when_utc(
    struct ics_zones *zones, const struct ics_file *f, struct ics_when w)
{
	int64_t wall = ics_instant_wall(w.at);
	const struct zone *z =
	    w.zone.len > 0 ? ics_zones_find(zones, f, w.zone) : NULL;

	return z != NULL ? ics_zone_utc(z, wall) : wall;
}

static enum err
read_when(const struct ics_file *f, const struct ics_line *l,
    struct ics_when *out, struct faults *faults)
{
	if (ics_when_parse(l, l->value, out))
		return ERR_OK;
	faults_add(faults, ics_place(f, l, l->value.p),
	    "'%.*s' is no date; write 20260214 or 20260214T090000",
	    STR_ARG(place_excerpt(l->value)));
	return ERR_BAD_FIELD;
}

/* P1W, P2D, P1DT12H30M10S; -1: it is none, or longer than a year. */
static int64_t
parse_duration(struct str s)
{
	static const char units[] = "WDHMS";
	static const int factors[] = { 7 * DAY_S, DAY_S, 3600, 60, 1 };
	int64_t sum = 0, n = -1;

	if (s.len < 3 || s.p[0] != 'P')
		return -1;
	for (uint32_t i = 1; i < s.len; i++) {
		const char *unit = strchr(units, s.p[i]);

		if (s.p[i] == 'T' && n < 0)
			continue;
		if (s.p[i] >= '0' && s.p[i] <= '9') {
			n = (n < 0 ? 0 : n) * 10 + (s.p[i] - '0');
		} else if (unit != NULL && *unit != '\0' && n >= 0) {
			sum += n * factors[unit - units];
			n = -1;
		} else {
			return -1;
		}
		if (n > LENGTH_MAX_S || sum > LENGTH_MAX_S)
			return -1;
	}
	return n < 0 ? sum : -1;
}

static enum err
read_end(const struct ics_file *f, const struct ics_line *l,
    struct ics_zones *zones, struct ics_occasion *o, struct faults *faults)
{
	struct ics_when end;
	enum err e = read_when(f, l, &end, faults);

	if (e != ERR_OK)
		return e;
	if ((end.at.seconds < 0) != (o->start.at.seconds < 0)) {
		faults_add(faults, ics_place(f, l, l->value.p),
		    "of DTSTART and DTEND one is a date and one a time; write "
		    "both the same");
		return ERR_BAD_FIELD;
	}
	if (str_eq(end.zone, o->start.zone) && end.at.utc == o->start.at.utc)
		o->length_s =
		    ics_instant_wall(end.at) - ics_instant_wall(o->start.at);
	else
		o->length_s = ics_when_utc(zones, f, end) -
		              ics_when_utc(zones, f, o->start);
	return ERR_OK;
}

/* DTEND is the first date that is not covered; many write the same as
 * DTSTART's and mean that one day. */
static enum err
read_length(const struct ics_file *f, const struct ics_event *e,
    struct ics_zones *zones, struct ics_occasion *o, struct faults *faults)
{
	const struct ics_line *end = ics_find(f, e, ICS_DTEND);
	const struct ics_line *duration = ics_find(f, e, ICS_DURATION);
	bool is_date = o->start.at.seconds < 0;
	enum err err = ERR_OK;

	o->length_s = is_date ? DAY_S : 0;
	if (end != NULL)
		err = read_end(f, end, zones, o, faults);
	else if ((end = duration) != NULL)
		o->length_s = parse_duration(duration->value);
	if (err != ERR_OK)
		return err;
	if (o->length_s < 0 || o->length_s > LENGTH_MAX_S ||
	    (is_date && o->length_s % DAY_S != 0)) {
		faults_add(faults, ics_place(f, end, end->value.p),
		    "no length of a holiday: it ends before it begins, lasts "
		    "more than a year, or is unreadable; leave it out by "
		    "--except");
		return ERR_BAD_FIELD;
	}
	if (is_date && o->length_s == 0)
		o->length_s = DAY_S;
	return ERR_OK;
}

/* Which date it is depends on whose clock: it must be known. */
static enum err
check_clock(const struct ics_file *f, const struct ics_line *l,
    const struct choice *c, struct ics_zones *zones,
    const struct ics_occasion *o, struct faults *faults)
{
	if (o->start.at.seconds < 0)
		return ERR_OK;
	if (o->start.at.utc && c->zone == NULL)
		faults_add(faults, ics_place(f, l, l->value.p),
		    "this time is UTC, so its date depends on the place; say "
		    "--zone Asia/Shanghai, or which it is");
	else if (o->start.zone.len > 0 && c->zone != NULL &&
		 ics_zones_find(zones, f, o->start.zone) == NULL)
		faults_add(faults, ics_place(f, l, o->start.zone.p),
		    "no zone is known as '%.*s'; leave --zone away if it is "
		    "the calendar's own",
		    STR_ARG(place_excerpt(o->start.zone)));
	else
		return ERR_OK;
	return ERR_BAD_FIELD;
}

/* --------------------------------------------------------------------- kind */

static enum err
suspect(const struct ics_file *f, const struct ics_line *l,
    const struct ics_occasion *o, struct faults *faults)
{
	for (unsigned i = 0; l != NULL && i < NELEM(make_up_words); i++) {
		if (!choice_contains(o->name, str_of(make_up_words[i])))
			continue;
		faults_add(faults, ics_place(f, l, l->value.p),
		    "'%.*s' sounds like a make-up day, not a holiday; say "
		    "--workday %s if it is, --except %s to leave it out",
		    STR_ARG(place_excerpt(o->name)), make_up_words[i],
		    make_up_words[i]);
		return ERR_BAD_FIELD;
	}
	return ERR_OK;
}

static enum err
read_kind(const struct ics_file *f, const struct ics_event *e, struct choice *c,
    struct ics_occasion *o, struct faults *faults)
{
	const struct ics_line *like = ics_find(f, e, ICS_LIKE);

	o->like = CAL_MON;
	o->kind = CAL_LIKE;
	if (like != NULL &&
	    cal_weekday_parse(like->value, &o->like) != ERR_OK) {
		faults_add(faults, ics_place(f, like, like->value.p),
		    "'%.*s' is no weekday; write one of mon tue wed thu fri "
		    "sat sun",
		    STR_ARG(place_excerpt(like->value)));
		return ERR_BAD_FIELD;
	}
	if (like != NULL || has_category(o->categories, "WORKDAY") ||
	    choice_find(&c->workday, o->name, o->categories) >= 0)
		return ERR_OK;
	o->kind = CAL_CLOSED;
	return suspect(f, ics_find(f, e, ICS_SUMMARY), o, faults);
}

enum err
ics_event_read(const struct ics_file *f, const struct ics_event *e,
    struct choice *c, struct ics_zones *zones, struct ics_occasion *o,
    struct faults *faults)
{
	const struct ics_line *start = ics_find(f, e, ICS_DTSTART);
	enum err err;

	if (start == NULL) {
		faults_add(faults, (struct place){ f->source, e->offset },
		    "this event has no DTSTART; leave it out by --except");
		return ERR_BAD_FIELD;
	}
	o->at = (struct place){ f->source, start->offset };
	if ((err = read_when(f, start, &o->start, faults)) != ERR_OK ||
	    (err = read_length(f, e, zones, o, faults)) != ERR_OK ||
	    (err = check_clock(f, start, c, zones, o, faults)) != ERR_OK)
		return err;
	return read_kind(f, e, c, o, faults);
}
