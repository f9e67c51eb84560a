/*
 * walk_random.c - random deadlines, where they are hard: at the changes of the
 * clocks, on leap days, about the turn of the year; weeks with nights, empty
 * days and hours in which the clocks are changed; overrides of all kinds.
 */
#include "test/support/walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "test/support/support.h"

#define EARLIEST INT64_C(157766400) /* 1975: whole minutes everywhere */
#define Y2038 INT64_C(2145916800)
#define LATEST INT64_C(2840140800) /* 2060: by the rule at the file's end */
#define WALK_US INT64_C(1000000)
#define TRANSITIONS_MAX 400

static uint64_t draw_state;
/* What a lower layer may say that a higher one overrules. */
static const char *const decoys[] = { "UTC", "Asia/Shanghai",
	"Pacific/Kiritimati", "America/St_Johns" };

/* ------------------------------------------------------------------- random */

static unsigned
pick(unsigned n)
{
	draw_state ^= draw_state << 13;
	draw_state ^= draw_state >> 7;
	draw_state ^= draw_state << 17;
	return (unsigned)((draw_state >> 16) % n);
}

static bool
chance(unsigned percent)
{
	return pick(100) < percent;
}

static int64_t
between(int64_t from, int64_t to)
{
	return from +
	       pick((unsigned)((to - from) / WALK_MINUTE + 1)) * WALK_MINUTE;
}

/* Where the clocks of the zone are put forward or back. */
static int64_t transitions[TRANSITIONS_MAX];
static int jumps[TRANSITIONS_MAX];
static unsigned n_transitions;

/* Looked for every six hours: it only says where to try. */
static void
find_transitions(void)
{
	const int64_t step = 6 * 3600;

	n_transitions = 0;
	for (int64_t t = EARLIEST; t < LATEST; t += step) {
		int64_t low = t, high = t + step;
		int before = face_at(low).offset, after = face_at(high).offset;

		if (before == after)
			continue;
		while (high - low > WALK_MINUTE) {
			int64_t middle = low + (high - low) / 120 * WALK_MINUTE;

			if (face_at(middle).offset == before)
				low = middle;
			else
				high = middle;
		}
		ck_assert_uint_lt(n_transitions, TRANSITIONS_MAX);
		jumps[n_transitions] = after - before;
		transitions[n_transitions++] = high;
	}
}

/* ---------------------------------------------------------------- generator */

enum style { OFFICE, NIGHT, ROUND_THE_CLOCK, SMALL_HOURS, ANY, EMPTY, NSTYLES };

static void
add_hours(struct cal_day *day, unsigned from, unsigned to)
{
	day->hours[day->n++] =
	    (struct cal_hours){ (uint16_t)from, (uint16_t)to };
}

static void
random_day(enum style style, struct cal_day *day)
{
	unsigned at = 0;

	day->n = 0;
	switch (style) {
	case OFFICE:
		add_hours(day, 540, 720);
		add_hours(day, 780, 1080);
		return;
	case NIGHT:
		if (chance(50))
			add_hours(day, 600, 900);
		add_hours(day, 1200 + pick(240), 1560 + pick(240));
		return;
	case ROUND_THE_CLOCK:
		add_hours(day, 0, 1440);
		return;
	case SMALL_HOURS: /* where the clocks are changed */
		at = pick(12) * 15;
		add_hours(day, at, at + 15 + pick(8) * 15);
		if (chance(50))
			add_hours(day, 1380 + pick(60), 1440 + pick(60));
		return;
	case ANY:
		for (unsigned n = pick(6); n > 0 && at < 1380; n--) {
			unsigned from = at + 1 + pick(300);

			if (from >= 1440)
				return;
			at = from + 1 + pick(n == 1 ? 1400 : 300);
			add_hours(day, from, at);
		}
		return;
	default:
		return;
	}
}

/* Nights end before the next date begins. */
static void
part_nights(struct cal_day week[7])
{
	for (unsigned i = 0; i < 7; i++) {
		struct cal_day *day = &week[i], *next = &week[(i + 1) % 7];
		unsigned most =
		    1440 + (next->n > 0 ? next->hours[0].from : 1440);
		struct cal_hours *last = &day->hours[day->n - 1];

		if (day->n > 0 && last->to > most)
			last->to = (uint16_t)most;
	}
}

static void
random_week(struct cal_day week[7])
{
	bool mixed = chance(40);
	enum style style = (enum style)pick(EMPTY);
	bool weekend = chance(50);

	for (unsigned i = 0; i < 7; i++) {
		if (mixed)
			style = (enum style)pick(NSTYLES);
		random_day(style, &week[i]);
		if (i >= CAL_SAT && !weekend)
			week[i].n = 0;
	}
	part_nights(week);
}

static void
add_override(struct layer *l, struct cal_date date)
{
	struct cal_override *o = &l->overrides[l->spec.n_overrides];

	if (l->spec.n_overrides == WALK_OVERRIDES)
		return;
	for (unsigned i = 0; i < l->spec.n_overrides; i++)
		if (memcmp(&l->overrides[i].date, &date, sizeof(date)) == 0)
			return;
	memset(o, 0, sizeof(*o));
	o->date = date;
	o->kind = (enum cal_override_kind)(CAL_CLOSED + pick(3));
	if (o->kind == CAL_LIKE)
		o->like = (enum cal_weekday)pick(7);
	if (o->kind == CAL_OPEN)
		random_day((enum style)pick(EMPTY), &o->open);
	if (o->kind == CAL_OPEN && o->open.n == 0)
		o->kind = CAL_CLOSED;
	l->spec.n_overrides++;
}

/* About the start, and on leap days. */
static void
random_overrides(const struct deadline *d, struct layer *l)
{
	struct cal_date today = face_at(d->start).date;
	unsigned closed = chance(15) ? 2 + pick(7) : 0;

	for (int by = -2; by <= 12; by++) {
		struct cal_date date = date_shifted(today, by, NULL);

		if (!chance(closed > 0 && by >= 0 ? 100 : 15))
			continue;
		if (chance(20))
			date.year = 0;
		add_override(l, date);
		if (closed > 0 && by >= 0 && l->spec.n_overrides > 0) {
			l->overrides[l->spec.n_overrides - 1].kind = CAL_CLOSED;
			closed--;
		}
	}
	if (chance(30))
		add_override(l, (struct cal_date){ 0, 2, 29 });
	if (chance(15) && today.year % 4 == 0)
		add_override(l, (struct cal_date){ today.year, 2, 29 });
}

/* What is worked up to the n-th closing after the start. */
static int64_t
up_to_closing(const struct deadline *d, unsigned n)
{
	int64_t t = d->start, counted = 0;
	bool was = false;

	for (; t < d->start + 10 * WALK_DAY; t += WALK_MINUTE) {
		bool now = walk_is_open(d, t);

		if (was && !now && n-- == 0)
			break;
		counted += now ? WALK_MINUTE : 0;
		was = now;
	}
	return counted;
}

/* What is refused when it is written down need not be walked. */
static void
make_lawful(struct layer *l)
{
	struct cal_fault why;

	l->spec.overrides = l->overrides;
	while (cal_check(&l->spec, NULL, &why) != ERR_OK) {
		ck_assert_msg(
		    why.override_index >= 0 &&
			l->overrides[why.override_index].kind != CAL_CLOSED,
		    "refused: %s", why.what);
		l->overrides[why.override_index].kind = CAL_CLOSED;
	}
}

/* The lowest layer has zone and week; a higher one may have its own. */
static void
random_layers(const char *zone, struct deadline *d)
{
	bool has_zone = false;

	d->n_layers = chance(70) ? 1 : 2 + pick(WALK_LAYERS - 1);
	for (unsigned i = 0; i < d->n_layers; i++) {
		struct layer *l = &d->layers[i];
		bool lowest = i + 1 == d->n_layers;

		memset(l, 0, sizeof(*l));
		snprintf(l->name, sizeof(l->name), "c%u", i);
		snprintf(l->base, sizeof(l->base), "c%u", i + 1);
		l->spec.name = str_of(l->name);
		if (!lowest)
			l->spec.base = str_of(l->base);
		if (lowest || chance(30)) {
			/* below the one that counts, any zone will do */
			l->spec.zone = str_of(
			    has_zone ? decoys[pick(NELEM(decoys))] : zone);
			has_zone = true;
		}
		l->spec.has_week = lowest || chance(40);
		if (l->spec.has_week)
			random_week(l->spec.week);
		random_overrides(d, l);
		make_lawful(l);
	}
}

static int64_t
near_transition(void)
{
	unsigned i = pick(n_transitions);

	for (unsigned tries = 0; tries < 40; tries++) {
		bool wanted = tries < 20 && abs(jumps[i]) > 12 * WALK_HOUR;

		if (wanted || (tries >= 20 && transitions[i] < Y2038))
			break;
		i = pick(n_transitions);
	}
	if (chance(10))
		return transitions[i];
	if (chance(60))
		return transitions[i] + between(-8 * WALK_HOUR, WALK_HOUR);
	return transitions[i] + between(-3 * WALK_DAY, WALK_HOUR);
}

static int64_t
random_start(void)
{
	struct tm tm = { .tm_mon = 1, .tm_mday = 29 };

	if (n_transitions > 0 && chance(50))
		return near_transition();
	if (chance(30)) {
		tm.tm_year = 76 + 4 * (int)pick(chance(80) ? 16 : 21);
		return timegm(&tm) + between(-2 * WALK_DAY, WALK_DAY);
	}
	if (chance(20)) {
		tm = (struct tm){ .tm_mday = 1, .tm_year = 76 + (int)pick(62) };
		return timegm(&tm) + between(-2 * WALK_DAY, WALK_DAY);
	}
	return between(EARLIEST, chance(80) ? Y2038 : LATEST) / WALK_MINUTE *
	       WALK_MINUTE;
}

static void
random_goal(struct deadline *d)
{
	unsigned worked = 0, most = 3 * 24 * 60;

	for (unsigned l = d->n_layers; l-- > 0;)
		if (d->layers[l].spec.has_week) {
			const struct cal_day *week = d->layers[l].spec.week;

			worked = 0;
			for (unsigned i = 0; i < 7; i++)
				for (unsigned k = 0; k < week[i].n; k++)
					worked += week[i].hours[k].to -
					          week[i].hours[k].from;
		}
	if (chance(50))
		most = 8 * 60;
	if (most > worked)
		most = worked;
	d->goal =
	    most > 0 ? (int64_t)(1 + pick(most)) * WALK_MINUTE : WALK_MINUTE;
	if (chance(25)) {
		int64_t closing = up_to_closing(d, pick(3));

		d->goal = closing > 0 ? closing : d->goal;
	}
	if (chance(1))
		d->goal = 60 * WALK_DAY; /* not within the walk */
}

static void
random_probes(struct deadline *d)
{
	int64_t t = d->start;

	for (unsigned i = 0; i < WALK_PROBES; i++)
		d->probes[i] = t = between(t, t + WALK_DAY);
}

void
deadline_random(const char *zone, uint64_t seed, struct deadline *d)
{
	static const char *known; /* whose transitions are found */

	if (known != zone)
		find_transitions();
	known = zone;
	draw_state = seed | 1;
	memset(d, 0, sizeof(*d));
	d->start = random_start();
	random_layers(zone, d);
	random_goal(d);
	random_probes(d);
}

void
deadline_random_pauses(struct deadline *d, const struct walked *plain)
{
	int64_t last = plain->reached ? plain->due : d->start + 5 * WALK_DAY;
	int64_t at = d->start;

	if (chance(40))
		return;
	if (plain->reached && chance(20)) {
		d->pauses[d->n_pauses++] = (struct pause){ plain->due * WALK_US,
			between(plain->due, plain->due + WALK_DAY) * WALK_US };
		return;
	}
	if (chance(10))
		at -= 2 * WALK_HOUR;
	for (unsigned n = 1 + pick(WALK_PAUSES); n > 0; n--) {
		int64_t span = last > at ? (last - at) / n : WALK_HOUR;

		if (!chance(15))
			at = between(at, at + span / WALK_MINUTE * WALK_MINUTE);
		d->pauses[d->n_pauses++] = (struct pause){ at * WALK_US,
			between(
			    at, at + (chance(30) ? WALK_DAY : 3 * WALK_HOUR)) *
			    WALK_US };
	}
}
