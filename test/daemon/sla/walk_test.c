/*
 * walk_test.c - business time once more, by walking.
 *
 * 10,000 random deadlines are walked (support/walk.h); calendar.c, and the
 * clocks of a ticket with such a history, must say the same.
 *
 * A zone is a test, and so a process, for TZ is the whole process's.
 * MASHANG_SEED sets the seed, which is shown with what differs.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "conform/due.h"
#include "sla/calendar.h"
#include "test/support/support.h"
#include "test/support/walk.h"

Suite *walk_suite(void);

#define DEADLINES 10000

static const char *const zones[] = { "Asia/Shanghai", "Europe/London",
	"America/Sao_Paulo", "Australia/Lord_Howe", "America/New_York",
	"Asia/Kathmandu", "Africa/Casablanca", "America/St_Johns",
	"Pacific/Apia", "Pacific/Chatham", "Asia/Tehran", "America/Asuncion",
	"Africa/Cairo", "Europe/Dublin", "Antarctica/Troll", "Asia/Kolkata",
	"America/Caracas", "Pacific/Kiritimati", "Europe/Lisbon", "Asia/Gaza",
	"UTC", "Atlantic/Azores", "Pacific/Kwajalein", "America/Nuuk" };

/* At least so many of 10,000: far below what comes, far above chance. */
static const struct {
	const char *name;
	unsigned least;
} mets[NMET] = {
	[MET_GAP] = { "gap", 200 },
	[MET_FOLD] = { "fold", 150 },
	[MET_NIGHT] = { "night", 2000 },
	[MET_MISSING_DATE] = { "missing date", 40 },
	[MET_LEAP_DAY] = { "leap day", 300 },
	[MET_OVERRIDE] = { "override", 3000 },
	[MET_LAYERS] = { "layers", 1000 },
	[MET_PAUSE] = { "pause", 2000 },
	[MET_PAUSE_OVERLAP] = { "pauses overlap", 500 },
	[MET_PAUSE_AT_DUE] = { "pause at due", 200 },
	[MET_CLOSING] = { "due at closing", 1000 },
	[MET_NEVER] = { "not within the walk", 30 },
};

struct shared {
	uint64_t seed;
	unsigned deadlines, met[NMET];
	uint64_t minutes;
};
static struct shared *shared; /* by all zones' processes */

/* What is being tried. */
static const char *zone;
static uint64_t case_seed;

/* --------------------------------------------------------------- comparison */

static void differs(const struct deadline *, const char *fmt, ...)
    PRINTF_LIKE(2, 3);

/* The case, as it can be tried again by hand. */
static void
differs(const struct deadline *d, const char *fmt, ...)
{
	char what[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	fprintf(stderr,
	    "MASHANG_SEED=%" PRIu64 " (case %" PRIu64 "), %s: start %" PRId64
	    " goal %" PRId64 "\n",
	    shared->seed, case_seed, zone, d->start, d->goal);
	for (unsigned i = 0; i < d->n_layers; i++) {
		char *text = cal_print(&d->layers[i].spec);

		fprintf(stderr, "  %s\n", text != NULL ? text : "-");
		free(text);
	}
	for (unsigned i = 0; i < d->n_pauses; i++)
		fprintf(stderr, "  paused %" PRId64 " to %" PRId64 "\n",
		    d->pauses[i].from / WALK_US, d->pauses[i].to / WALK_US);
	ck_abort_msg("%s, %s", zone, what);
}

static void
same_instant(
    const struct deadline *d, const char *what, int64_t got_us, int64_t want)
{
	if (got_us != want * WALK_US)
		differs(d, "%s: %" PRId64 ".%06" PRId64 ", walked: %" PRId64,
		    what, got_us / WALK_US, got_us % WALK_US, want);
}

static void
compare_due(const struct deadline *d, const struct walked *w, const char *what,
    int64_t got_us)
{
	if (w->reached)
		same_instant(d, what, got_us, w->due);
	else if (got_us <= w->end * WALK_US)
		differs(d, "%s: %" PRId64 ", walked: not by %" PRId64, what,
		    got_us / WALK_US, w->end);
}

static void
compare_instant(const struct deadline *d, const struct calendar *c, int64_t at)
{
	struct face f = face_at(at);
	struct tm tm = { .tm_year = f.date.year - 1900,
		.tm_mon = f.date.month - 1,
		.tm_mday = f.date.day };
	unsigned minute;
	int32_t date = calendar_date(c, at * WALK_US, &minute);

	if (calendar_is_open(c, at * WALK_US) != walk_is_open(d, at))
		differs(d, "open at %" PRId64 " or not", at);
	if (date != timegm(&tm) / WALK_DAY || minute != (unsigned)f.minute)
		differs(d, "date or minute at %" PRId64, at);
}

static void
compare_interval(
    const struct deadline *d, const struct calendar *c, const struct walked *w)
{
	int64_t from, to, low, high;
	bool found = calendar_interval(c, d->start * WALK_US, &from, &to);

	if (w->first_open == -1) {
		if (found && from < w->end * WALK_US)
			differs(d, "an interval where none is");
		return;
	}
	if (!found || to <= from || to <= w->first_open * WALK_US ||
	    (w->first_open > d->start && from != w->first_open * WALK_US) ||
	    from > w->first_open * WALK_US)
		differs(d, "interval of or after the start");
	/* what never closes has no ends */
	low = from > d->start * WALK_US ? from : d->start * WALK_US;
	high = to < w->end * WALK_US ? to : w->end * WALK_US;
	if (calendar_elapsed(c, low, high) != high - low ||
	    (to < w->end * WALK_US && walk_is_open(d, to / WALK_US)))
		differs(d, "an interval that is not what is open");
}

/* By what the calendar says, from one pause to the next. */
static int64_t
add_with_pauses(const struct deadline *d, const struct calendar *c)
{
	int64_t t = d->start * WALK_US, left = d->goal * WALK_US, due, next;

	for (;;) {
		/* in order of their beginnings: one look is enough */
		for (unsigned i = 0; i < d->n_pauses; i++)
			if (d->pauses[i].from <= t && t < d->pauses[i].to)
				t = d->pauses[i].to;
		next = CAL_NEVER;
		for (unsigned i = d->n_pauses; i-- > 0;)
			if (d->pauses[i].from >= t &&
			    d->pauses[i].to > d->pauses[i].from)
				next = d->pauses[i].from;
		due = calendar_add(c, t, left);
		if (due < next || next == CAL_NEVER)
			return due;
		left -= calendar_elapsed(c, t, next);
		t = next;
	}
}

static void
compare_pauses(
    const struct deadline *d, const struct calendar *c, const struct walked *w)
{
	struct cal_spec specs[WALK_LAYERS];
	struct due_calendars calendars = { d->n_layers, specs };
	struct pause pauses[WALK_PAUSES];
	int64_t due;

	compare_due(d, w, "due with pauses", add_with_pauses(d, c));
	memcpy(pauses, d->pauses, sizeof(pauses));
	for (unsigned i = 0; i < d->n_layers; i++)
		specs[i] = d->layers[i].spec;
	ck_ok(due_find(&calendars, d->start * WALK_US, d->goal * WALK_US,
	    d->n_pauses, pauses, &due));
	compare_due(d, w, "the ticket's clock", due);
}

static void
count(const struct deadline *d, const struct walked *plain,
    const struct walked *paused)
{
	bool met[NMET];

	memcpy(met, plain->met, sizeof(met));
	met[MET_LAYERS] = d->n_layers > 1;
	met[MET_PAUSE] = paused->met[MET_PAUSE];
	for (unsigned i = 1; i < d->n_pauses; i++)
		met[MET_PAUSE_OVERLAP] |=
		    d->pauses[i].from < d->pauses[i - 1].to;
	for (unsigned i = 0; i < d->n_pauses; i++)
		met[MET_PAUSE_AT_DUE] |=
		    plain->reached &&
		    d->pauses[i].from == plain->due * WALK_US &&
		    paused->due == d->pauses[i].to / WALK_US;
	for (unsigned i = 0; i < NMET; i++)
		shared->met[i] += met[i];
	shared->deadlines++;
	shared->minutes += (uint64_t)(plain->end - d->start) / WALK_MINUTE;
}

static void
try_deadline(void)
{
	static struct deadline d;
	const struct cal_spec *specs[WALK_LAYERS];
	struct calendar *c;
	struct walked plain, paused;

	deadline_random(zone, case_seed, &d);
	walk(&d, &plain);
	for (unsigned i = 0; i < d.n_layers; i++)
		specs[i] = &d.layers[i].spec;
	ck_ok(calendar_new(specs, d.n_layers, NULL, &c));
	compare_due(&d, &plain, "due",
	    calendar_add(c, d.start * WALK_US, d.goal * WALK_US));
	for (unsigned i = 0; i < WALK_PROBES; i++) {
		same_instant(&d, "elapsed",
		    calendar_elapsed(
			c, d.start * WALK_US, d.probes[i] * WALK_US),
		    plain.probed[i]);
		compare_instant(&d, c, d.probes[i]);
	}
	compare_instant(&d, c, d.start);
	compare_interval(&d, c, &plain);
	paused = plain;
	deadline_random_pauses(&d, &plain);
	if (d.n_pauses > 0)
		walk(&d, &paused);
	compare_pauses(&d, c, &paused);
	count(&d, &plain, &paused);
	calendar_free(&c);
}

/* -------------------------------------------------------------------- tests */

/* Runs in the parent, before the zones' processes are made. */
static void
share(void)
{
	const char *given = getenv("MASHANG_SEED");

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(shared, MAP_FAILED);
	shared->seed = given != NULL ? strtoull(given, NULL, 10)
	                             : (uint64_t)time(NULL) << 20 | 1;
	printf("walk: MASHANG_SEED=%" PRIu64 "\n", shared->seed);
}

static void
unshare_counts(void)
{
	munmap(shared, sizeof(*shared));
}

START_TEST(a_zone_is_walked)
{
	unsigned first = (unsigned)_i * DEADLINES / NELEM(zones);
	unsigned end = (unsigned)(_i + 1) * DEADLINES / NELEM(zones);

	zone = zones[_i];
	setenv("TZ", zone, 1);
	tzset();
	for (unsigned i = first; i < end; i++) {
		case_seed = (shared->seed + i) * UINT64_C(0x9E3779B97F4A7C15);
		try_deadline();
	}
}
END_TEST

START_TEST(all_was_met)
{
	printf("walk: %u deadlines, %" PRIu64 " minutes", shared->deadlines,
	    shared->minutes);
	for (unsigned i = 0; i < NMET; i++)
		printf(", %s %u", mets[i].name, shared->met[i]);
	printf("\n");
	ck_assert_uint_eq(shared->deadlines, DEADLINES);
	for (unsigned i = 0; i < NMET; i++)
		ck_assert_msg(shared->met[i] >= mets[i].least, "%s: only %u",
		    mets[i].name, shared->met[i]);
}
END_TEST

Suite *
walk_suite(void)
{
	TCase *tc = tcase_create("walk");

	tcase_set_timeout(tc, 60);
	tcase_add_unchecked_fixture(tc, share, unshare_counts);
	tcase_add_loop_test(tc, a_zone_is_walked, 0, NELEM(zones));
	tcase_add_test(tc, all_was_met);
	return suite_of(tc, "walk");
}
