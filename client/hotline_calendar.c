/*
 * hotline_calendar.c - calendars of a hotline's file: hours, dates, layers.
 */
#include "client/hotline_check.h"

#include <stdlib.h>
#include <string.h>

#include "client/i18n.h"
#include "sla/zone.h"

#define ZONES_MAX 2048
#define ZONES_FILE "/usr/share/zoneinfo/tzdata.zi"

/* clang-format off */
/* What may stand in a week, and which days it is for. */
static const struct span {
	const char *name;
	enum cal_weekday first, last;
} spans[HOTLINE_DAYS] = {
	{ "mon", CAL_MON, CAL_MON }, { "tue", CAL_TUE, CAL_TUE },
	{ "wed", CAL_WED, CAL_WED }, { "thu", CAL_THU, CAL_THU },
	{ "fri", CAL_FRI, CAL_FRI }, { "sat", CAL_SAT, CAL_SAT },
	{ "sun", CAL_SUN, CAL_SUN }, { "mon-fri", CAL_MON, CAL_FRI },
	{ "mon-sat", CAL_MON, CAL_SAT }, { "mon-sun", CAL_MON, CAL_SUN },
	{ "sat-sun", CAL_SAT, CAL_SUN },
};


#define W(i, n) { .name = n, .type = CONF_TEXTS, .preset = "[]", \
	  .offset = offsetof(struct hotline_week, hours[i]), \
	  .mark_offset = offsetof(struct hotline_week, at[i]), \
	  .help = "its hours, [09:00-12:00, 13:00-18:00]" }
static const struct conf_field week_fields[] = {
	W(0, "mon"), W(1, "tue"), W(2, "wed"), W(3, "thu"), W(4, "fri"),
	W(5, "sat"), W(6, "sun"), W(7, "mon-fri"), W(8, "mon-sat"),
	W(9, "mon-sun"), W(10, "sat-sun"),
	{ .name = NULL }
};

#define O(m) offsetof(struct hotline_override, m)
static const struct conf_field override_fields[] = {
	{ .name = "date", .type = CONF_STRING, .offset = O(date),
	  .help = "2026-05-09, or 05-09 for every year", .min = 1, .max = 16,
	  .mark_offset = O(at) },
	{ .name = "like", .type = CONF_STRING, .offset = O(like),
	  .preset = "''", .help = "a weekday, whose hours it has",
	  .min = 0, .max = 16, .mark_offset = O(like_at) },
	{ .name = "open", .type = CONF_TEXTS, .offset = O(open),
	  .preset = "[]", .help = "hours of its own",
	  .mark_offset = O(open_at) },
	{ .name = "closed", .type = CONF_BOOL, .offset = O(closed),
	  .preset = "no", .help = "nobody works",
	  .mark_offset = O(closed_at) },
	{ .name = "label", .type = CONF_STRING, .offset = O(label),
	  .preset = "''", .help = "why", .min = 0, .max = CAL_LABEL_MAX },
	{ .name = NULL }
};

#define C(m) offsetof(struct hotline_calendar, m)
const struct conf_field hotline_calendar_fields[] = {
	{ .name = "name", .type = CONF_STRING, .offset = C(name),
	  .help = "what queues and policies call it",
	  .min = 1, .max = NAME_MAX_LEN, .mark_offset = C(at) },
	{ .name = "zone", .type = CONF_STRING, .offset = C(zone),
	  .preset = "''", .help = "whose clocks, Asia/Shanghai; '': the base's",
	  .min = 0, .max = ZONE_NAME_MAX - 1, .mark_offset = C(zone_at) },
	{ .name = "base", .type = CONF_STRING, .offset = C(base),
	  .preset = "''", .help = "the calendar whose dates hold here too",
	  .min = 0, .max = NAME_MAX_LEN, .mark_offset = C(base_at) },
	{ .name = "week", .type = CONF_MAP, .offset = C(week), .preset = "{}",
	  .help = "a week like any other; none: the base's",
	  .fields = week_fields, .mark_offset = C(week_at) },
	{ .name = "overrides", .type = CONF_LIST, .offset = C(overrides),
	  .preset = "[]", .help = "dates that are not like their weekday",
	  .fields = override_fields, .size = sizeof(struct hotline_override),
	  .min = 0, .max = CAL_OVERRIDES_MAX },
	{ .name = NULL }
};
/* clang-format on */

/* ------------------------------------------------------------------ hours */

static void
fault_what(struct check *c, const struct conf_mark *at, const char *what)
{
	fault_at(c, at);
	fprintf(c->errors, "%s\n", what);
}

void
check_hours(struct check *c, const struct conf_list *texts, struct cal_day *out)
{
	const struct conf_text *t = texts->items;
	struct cal_spec alone = { .base = STR_LIT("-"), .has_week = true };
	struct cal_fault f;

	*out = (struct cal_day){ .n = 0 };
	for (size_t i = 0; i < texts->n; i++) {
		struct cal_day *d = &alone.week[0];
		enum err e = ERR_TOO_LARGE;

		if (d->n < CAL_HOURS_MAX)
			e = cal_hours_parse(
			    str_of(t[i].text), &d->hours[d->n], &f);
		else
			snprintf(f.what, sizeof(f.what),
			    _("more than %d spans in a day; take the rest "
			      "away"),
			    CAL_HOURS_MAX);
		if (e == ERR_OK) {
			d->n++;
			if ((e = cal_check(&alone, NULL, &f)) != ERR_OK)
				d->n--;
		}
		if (e != ERR_OK)
			fault_what(c, &t[i].at, f.what);
	}
	*out = alone.week[0];
}

/* A night that runs into the hours of the day behind it, one by one. */
static void
check_nights(struct check *c, const struct cal_spec *s,
    const struct conf_mark *const day_at[7])
{
	struct cal_spec rest = { .base = STR_LIT("-"), .has_week = true };
	struct cal_fault f;

	memcpy(rest.week, s->week, sizeof(rest.week));
	while (cal_check(&rest, NULL, &f) != ERR_OK && f.weekday >= 0) {
		const struct conf_mark *at = day_at[f.weekday];

		fault_what(c, at, f.what);
		for (int d = 0; d < 7; d++)
			if (day_at[d] == at)
				rest.week[d].n = 0;
	}
}

static void
check_week(
    struct check *c, const struct hotline_calendar *h, struct cal_spec *s)
{
	const struct conf_mark *day_at[7] = { NULL };

	s->has_week = true;
	for (int i = 0; i < HOTLINE_DAYS; i++) {
		const struct conf_mark *at = &h->week.at[i];
		struct cal_day day;

		if (at->line == 0)
			continue;
		check_hours(c, &h->week.hours[i], &day);
		for (int d = (int)spans[i].first; d <= (int)spans[i].last;
		     d++) {
			if (day_at[d] == NULL) {
				day_at[d] = at;
				s->week[d] = day;
				continue;
			}
			fault_at(c, at);
			fprintf(c->errors,
			    _("%s: the hours of %s were already given in line "
			      "%d; take one away\n"),
			    spans[i].name,
			    cal_weekday_name((enum cal_weekday)d),
			    day_at[d]->line);
			break;
		}
	}
	check_nights(c, s, day_at);
}

/* -------------------------------------------------------------- overrides */

static void
check_weekday(
    struct check *c, const struct hotline_override *h, struct cal_override *o)
{
	static const char *const names[] = { "mon", "tue", "wed", "thu", "fri",
		"sat", "sun", NULL };

	o->kind = CAL_LIKE;
	if (cal_weekday_parse(str_of(h->like), &o->like) != ERR_OK)
		fault_word(
		    c, &h->like_at, _("no such weekday"), h->like, names);
}

static void
check_override(
    struct check *c, const struct hotline_override *h, struct cal_override *o)
{
	int given = (h->like_at.line > 0) + (h->open_at.line > 0) + h->closed;

	o->label = str_of(h->label);
	if (cal_date_parse(str_of(h->date), &o->date) != ERR_OK) {
		fault_at(c, &h->at);
		fprintf(c->errors,
		    _("'%s' is no date; write 2026-05-09, or 05-09 for every "
		      "year\n"),
		    h->date);
	}
	if (given != 1) {
		fault_what(c, &h->at,
		    _("one of `like: mon', `open: [09:00-12:00]' and "
		      "`closed: yes' says what the date is"));
		return;
	}
	if (h->like_at.line > 0) {
		check_weekday(c, h, o);
	} else if (h->closed) {
		o->kind = CAL_CLOSED;
	} else {
		o->kind = CAL_OPEN;
		check_hours(c, &h->open, &o->open);
		if (h->open.n == 0)
			fault_what(c, &h->open_at,
			    _("open without hours; write closed: yes"));
	}
}

static void
check_overrides(
    struct check *c, const struct hotline_calendar *h, struct cal_spec *s)
{
	const struct hotline_override *from = h->overrides.items;
	struct cal_override *to = check_alloc(c, h->overrides.n, sizeof(*to));
	struct named *dates = calloc(h->overrides.n + 1, sizeof(*dates));

	if (to == NULL || dates == NULL) {
		c->no_memory = true;
		free(dates);
		return;
	}
	for (size_t i = 0; i < h->overrides.n; i++) {
		check_override(c, &from[i], &to[i]);
		dates[i] =
		    (struct named){ from[i].date, "", &from[i].at, i, NULL };
	}
	check_twice(c, "date", dates, h->overrides.n);
	free(dates);
	s->n_overrides = (unsigned)h->overrides.n;
	s->overrides = to;
}

/* ------------------------------------------------------------------ zones */

/* Names of the system's time zones, for a near one: lines `Z NAME …' and
 * `L TARGET NAME'. */
static void
near_zone(struct check *c, const struct hotline_calendar *h)
{
	const char **words = calloc(ZONES_MAX + 1, sizeof(*words));
	FILE *f = words != NULL ? fopen(ZONES_FILE, "re") : NULL;
	char line[256], name[80];
	size_t n = 0;

	while (
	    f != NULL && n < ZONES_MAX && fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "Z %79s", name) == 1 ||
		    sscanf(line, "L %*s %79s", name) == 1)
			if ((words[n] = strdup(name)) != NULL)
				n++;
	fault_word(c, &h->zone_at, _("this system knows no time zone"), h->zone,
	    n > 0 ? words : NULL);
	while (n > 0)
		free((void *)(uintptr_t)words[--n]);
	free(words);
	if (f != NULL)
		fclose(f);
}

static void
check_zone(struct check *c, const struct hotline_calendar *h)
{
	struct zone *z = NULL;
	enum err e;

	if (*h->zone == '\0')
		return;
	e = zone_load(NULL, str_of(h->zone), &z);
	zone_free(&z);
	if (e == ERR_NOT_FOUND) {
		near_zone(c, h);
	} else if (e != ERR_OK) {
		fault_at(c, &h->zone_at);
		fprintf(c->errors,
		    _("the system's file of time zone '%s' cannot be used; "
		      "install tzdata\n"),
		    h->zone);
	}
}

/* ----------------------------------------------------------------- layers */

static const struct hotline_calendar *
base_of(const struct hotline_calendar *all, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (*name != '\0' && strcmp(all[i].name, name) == 0)
			return &all[i];
	return NULL;
}

/* Down to the lowest layer; a ring is told at the first that stands on it. */
static void
check_layers(struct check *c, const struct hotline_calendar *all, size_t n,
    const struct hotline_calendar *h)
{
	const struct hotline_calendar *l = h;
	bool zone = false, week = false, first = true;
	unsigned layers = 0;

	for (; l != NULL && layers++ <= n; l = base_of(all, n, l->base)) {
		if (l == h && layers > 1)
			break;
		if (*l->base != '\0' && base_of(all, n, l->base) == NULL)
			return; /* told already */
		first = first && l >= h;
		zone = zone || *l->zone != '\0';
		week = week || l->week_at.line > 0;
	}
	if (l == h && first) {
		fault_at(c, &h->base_at);
		fprintf(c->errors,
		    _("calendar '%s' stands on itself; take a base away\n"),
		    h->name);
	} else if (l == NULL && layers > CAL_LAYERS_MAX) {
		fault_at(c, &h->base_at);
		fprintf(c->errors, _("calendar '%s' has more than %d layers\n"),
		    h->name, CAL_LAYERS_MAX);
	}
	if (l == NULL && !zone)
		fault_what(c, &h->at,
		    _("no time zone, here or in a base; write "
		      "zone: Asia/Shanghai"));
	if (l == NULL && !week)
		fault_what(c, &h->at,
		    _("no week, here or in a base; write "
		      "week: {mon-fri: [09:00-18:00]}"));
}

void
check_calendars(struct check *c, const struct hotline_calendar *h, size_t n,
    struct cal_spec *out)
{
	const char *file = c->file;
	struct named *names = calloc(n + 1, sizeof(*names));

	for (size_t i = 0; names != NULL && i < n; i++) {
		c->file = h[i].file;
		names[i] =
		    (struct named){ h[i].name, "", &h[i].at, i, h[i].file };
		out[i] = (struct cal_spec){ .name = str_of(h[i].name),
			.zone = str_of(h[i].zone),
			.base = str_of(h[i].base) };
		check_zone(c, &h[i]);
		if (h[i].week_at.line > 0)
			check_week(c, &h[i], &out[i]);
		check_overrides(c, &h[i], &out[i]);
		if (*h[i].base != '\0')
			check_known(c, &c->calendars, "calendar", h[i].base,
			    &h[i].base_at);
		check_layers(c, h, n, &h[i]);
	}
	if (names != NULL)
		check_twice(c, "calendar", names, n);
	c->no_memory = c->no_memory || names == NULL;
	free(names);
	c->file = file;
}
