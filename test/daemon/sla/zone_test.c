/*
 * zone_test.c - offsets as the C library reads the same files, and files that
 * nobody should have written.
 */
#include "sla/zone.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "test/support/support.h"

#define DAY INT64_C(86400)

/* ---- the system's zones */

static const char *const zones[] = {
	"Asia/Shanghai",
	"Europe/London",
	"Europe/Dublin",
	"America/New_York",
	"America/Sao_Paulo",
	"America/Nuuk",
	"America/St_Johns",
	"America/Santiago",
	"Australia/Lord_Howe",
	"Pacific/Apia",
	"Pacific/Chatham",
	"Pacific/Kwajalein",
	"Africa/Casablanca",
	"Africa/Monrovia",
	"Asia/Gaza",
	"Asia/Beirut",
	"Asia/Kathmandu",
	"Asia/Tehran",
	"Antarctica/Troll",
	"Europe/Chisinau",
	"Etc/GMT+5",
	"UTC",
};

static struct zone *
load(const char *name)
{
	struct zone *z = NULL;

	ck_ok(zone_load(NULL, str_of(name), &z));
	return z;
}

static void
same_as_the_library(const struct zone *z, const char *name, int64_t at)
{
	time_t t = (time_t)at;
	int64_t from, to;
	int32_t got = zone_offset(z, at, &from, &to);
	struct tm tm;

	localtime_r(&t, &tm);
	if (got != tm.tm_gmtoff || at < from || at >= to)
		ck_abort_msg("%s at %lld: %d in [%lld, %lld), not %ld", name,
		    (long long)at, got, (long long)from, (long long)to,
		    tm.tm_gmtoff);
}

/* Every third day of six centuries, and both sides of each stretch's ends. */
START_TEST(offsets_are_the_library_s)
{
	const int64_t first = -100 * 365 * DAY, last = 500 * 365 * DAY;
	struct zone *z = load(zones[_i]);
	int64_t from, to = first;

	setenv("TZ", zones[_i], 1);
	tzset();
	for (int64_t at = first; at < last; at += 3 * DAY - 1)
		same_as_the_library(z, zones[_i], at);
	while (to < last) {
		same_as_the_library(z, zones[_i], to);
		zone_offset(z, to, &from, &to);
		if (to < last)
			same_as_the_library(z, zones[_i], to - 1);
	}
	zone_free(&z);
	ck_assert_ptr_null(z);
}
END_TEST

/* clang-format off */
static const struct {
	const char *zone;
	int64_t at;
	int32_t offset;
	int64_t from, to;
} known[] = {
	/* the spring and the autumn of 2026 */
	{ "Europe/London", 1774745999, 0, 1761440400, 1774746000 },
	{ "Europe/London", 1774746000, 3600, 1774746000, 1792890000 },
	/* half an hour of summer time */
	{ "Australia/Lord_Howe", 1775314799, 39600, 1759591800, 1775314800 },
	{ "Australia/Lord_Howe", 1775314800, 37800, 1775314800, 1791041400 },
	/* a date left out: from -10 to +14 */
	{ "Pacific/Apia", 1325239199, -36000, 1316872800, 1325239200 },
	{ "Pacific/Apia", 1325239200, 50400, 1325239200, 1333202400 },
	/* in 2100, by the rule "M3.5.0/-1" */
	{ "America/Nuuk", 4109878799, -7200, 4096573200, 4109878800 },
	{ "America/Nuuk", 4109878800, -3600, 4109878800, 4128627600 },
	/* no rule that changes: for ever */
	{ "Asia/Shanghai", INT64_MAX, 28800, 684867600, INT64_MAX },
	{ "UTC", INT64_MIN, 0, INT64_MIN, INT64_MAX },
};
/* clang-format on */

START_TEST(known_stretches)
{
	struct zone *z = load(known[_i].zone);
	int64_t from, to;

	ck_assert_int_eq(
	    zone_offset(z, known[_i].at, &from, &to), known[_i].offset);
	ck_assert_int_eq(from, known[_i].from);
	ck_assert_int_eq(to, known[_i].to);
	zone_free(&z);
}
END_TEST

START_TEST(the_ends_of_time)
{
	struct zone *z = load("Europe/London");
	int64_t from, to;

	ck_assert_int_eq(zone_offset(z, INT64_MIN, &from, &to), -75);
	ck_assert_int_eq(from, INT64_MIN);
	zone_offset(z, INT64_MAX, &from, &to);
	ck_assert_int_eq(to, INT64_MAX);
	ck_assert_int_gt(from, INT64_MAX - 366 * DAY);
	zone_offset(z, INT64_MAX / 1000, &from, &to);
	ck_assert_int_lt(to - from, 366 * DAY);
	zone_free(&z);
}
END_TEST

/* ---- names */

START_TEST(hostile_names_are_not_found)
{
	static const struct str names[] = {
		{ NULL, 0 },
		{ "/etc/passwd", 11 },
		{ "../zoneinfo/UTC", 15 },
		{ "Asia/../UTC", 11 },
		{ "./UTC", 5 },
		{ "Asia/", 5 },
		{ "Asia", 4 },
		{ "Asia//Shanghai", 14 },
		{ "UTC\0", 4 },
		{ "UTC\0/x", 6 },
		{ "zone.tab", 8 },
		{ "Asia/Shang hai", 14 },
		{ "Asia/Qingdao", 12 },
		{ "UTC/x", 5 },
		{ "/", 1 },
		{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		  "a"
		  "aaa",
		    64 },
	};
	struct zone *z = NULL;

	for (size_t i = 0; i < NELEM(names); i++)
		if (zone_load(NULL, names[i], &z) != ERR_NOT_FOUND)
			ck_abort_msg("`%.*s' is taken", STR_ARG(names[i]));
	ck_assert_ptr_null(z);
}
END_TEST

/* ---- files made here */

struct file {
	unsigned char b[4096];
	size_t n;
};

static void
put(struct file *f, uint64_t v, unsigned n)
{
	while (n-- > 0)
		f->b[f->n++] = (unsigned char)(v >> n * 8);
}

static void
put_header(struct file *f, unsigned n_leaps, unsigned n_times, unsigned n_types)
{
	memcpy(f->b + f->n, "TZif2", 5);
	memset(f->b + f->n + 5, 0, 15);
	f->n += 20;
	put(f, 0, 4);
	put(f, 0, 4);
	put(f, n_leaps, 4);
	put(f, n_times, 4);
	put(f, n_types, 4);
	put(f, 4, 4); /* characters */
}

struct made {
	unsigned n_leaps, n_times, n_types;
	int64_t times[4];
	unsigned char kinds[4];
	int32_t offsets[4];
	const char *footer;
};

static void
make(struct file *f, const struct made *m)
{
	f->n = 0;
	put_header(f, 0, 0, 0);
	put(f, 0, 4);
	put_header(f, m->n_leaps, m->n_times, m->n_types);
	for (unsigned i = 0; i < m->n_times; i++)
		put(f, (uint64_t)m->times[i], 8);
	for (unsigned i = 0; i < m->n_times; i++)
		put(f, m->kinds[i], 1);
	for (unsigned i = 0; i < m->n_types; i++) {
		put(f, (uint32_t)m->offsets[i], 4);
		put(f, 0, 2);
	}
	put(f, 0x41414100, 4);
	for (unsigned i = 0; i < m->n_leaps; i++) {
		put(f, 0, 8);
		put(f, 0, 4);
	}
	memcpy(f->b + f->n, m->footer, strlen(m->footer));
	f->n += strlen(m->footer);
}

static void
write_file(const char *name, const void *bytes, size_t n)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", test_dir(), name);
	f = fopen(path, "we");
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(bytes, 1, n, f), n);
	fclose(f);
}

/* In memory of its very size, so that the sanitizers see a step too far. */
static enum err
load_bytes(const void *bytes, size_t n, struct zone **z)
{
	write_file("Zone", bytes, n);
	return zone_load(test_dir(), STR_LIT("Zone"), z);
}

static const struct made healthy = { 0, 2, 2, { 0, 1000 }, { 1, 0 },
	{ 3600, 7200 }, "\nCET-1CEST,M3.5.0,M10.5.0/3\n" };

START_TEST(each_truncated_file_is_refused)
{
	struct zone *z = NULL;
	struct file f;

	make(&f, &healthy);
	ck_ok(load_bytes(f.b, f.n, &z));
	zone_free(&z);
	for (size_t n = 0; n < f.n; n++)
		if (load_bytes(f.b, n, &z) != ERR_BAD_FIELD)
			ck_abort_msg("%zu of %zu bytes are taken", n, f.n);
}
END_TEST

/* clang-format off */
static const struct {
	const char *what;
	struct made made;
} broken[] = {
	{ "no type", { 0, 0, 0, { 0 }, { 0 }, { 0 }, "\nUTC0\n" } },
	{ "an unknown type", { 0, 1, 1, { 0 }, { 1 }, { 0 }, "\nUTC0\n" } },
	{ "times that fall", { 0, 2, 1, { 5, 4 }, { 0, 0 }, { 0 }, "\nUTC0\n" } },
	{ "a time twice", { 0, 2, 1, { 5, 5 }, { 0, 0 }, { 0 }, "\nUTC0\n" } },
	{ "26 hours", { 0, 0, 1, { 0 }, { 0 }, { 93600 }, "\nUTC0\n" } },
	{ "-25 hours", { 0, 0, 1, { 0 }, { 0 }, { -90000 }, "\nUTC0\n" } },
	{ "leap seconds", { 1, 0, 1, { 0 }, { 0 }, { 0 }, "\nUTC0\n" } },
	{ "no footer", { 0, 0, 1, { 0 }, { 0 }, { 0 }, "" } },
	{ "half a footer", { 0, 0, 1, { 0 }, { 0 }, { 0 }, "\nUTC0" } },
	{ "no line feed", { 0, 0, 1, { 0 }, { 0 }, { 0 }, "UUTC0\n" } },
};
/* clang-format on */

START_TEST(broken_files_are_refused)
{
	struct zone *z = NULL;
	struct file f;

	make(&f, &broken[_i].made);
	ck_assert_msg(
	    load_bytes(f.b, f.n, &z) == ERR_BAD_FIELD, "%s", broken[_i].what);
	ck_assert_ptr_null(z);
}
END_TEST

START_TEST(each_wrong_byte_is_survived)
{
	struct zone *z = NULL;
	int64_t from, to;
	struct file f;

	make(&f, &healthy);
	for (size_t i = 0; i < f.n; i++)
		for (unsigned bit = 0; bit < 8; bit++) {
			f.b[i] ^= (unsigned char)(1u << bit);
			if (load_bytes(f.b, f.n, &z) == ERR_OK) {
				zone_offset(z, INT64_MIN, &from, &to);
				zone_offset(z, 500, &from, &to);
				ck_assert_int_lt(from, to);
				zone_offset(z, INT64_MAX, &from, &to);
				zone_free(&z);
			}
			f.b[i] ^= (unsigned char)(1u << bit);
		}
}
END_TEST

START_TEST(counts_that_lie_are_refused)
{
	static const size_t counts[] = { 20, 24, 28, 32, 36, 40, 68, 72, 76, 80,
		84, 88 };
	struct zone *z = NULL;
	struct file f;

	for (size_t i = 0; i < NELEM(counts); i++) {
		make(&f, &healthy);
		memset(f.b + counts[i], 0xFF, 4);
		ck_err(load_bytes(f.b, f.n, &z), ERR_BAD_FIELD);
	}
	make(&f, &healthy); /* more types than there is room for, all well */
	memset(f.b + 84, 0xFF, 4);
	memset(f.b + 110, 0, f.n - 110);
	ck_err(load_bytes(f.b, f.n, &z), ERR_BAD_FIELD);
	make(&f, &healthy);
	f.b[4] = f.b[52] = '\0'; /* version 1: 32 bits and no rule */
	ck_err(load_bytes(f.b, f.n, &z), ERR_BAD_FIELD);
	ck_err(load_bytes("leapseconds", 11, &z), ERR_BAD_FIELD);
}
END_TEST

START_TEST(what_is_no_file_is_not_found)
{
	char path[4096], name[ZONE_NAME_MAX + 1] = { 0 };
	struct zone *z = NULL;
	struct file f;

	memset(name, 'a', ZONE_NAME_MAX); /* one letter too long */
	snprintf(path, sizeof(path), "%s/Pipe", test_dir());
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_err(zone_load(test_dir(), STR_LIT("Pipe"), &z), ERR_NOT_FOUND);
	make(&f, &healthy);
	write_file(name, f.b, f.n);
	write_file(name + 1, f.b, f.n);
	ck_err(zone_load(test_dir(), str_of(name), &z), ERR_NOT_FOUND);
	ck_ok(zone_load(test_dir(), str_of(name + 1), &z));
	zone_free(&z);
	snprintf(path, sizeof(path), "%s/Ring", test_dir());
	ck_assert_int_eq(symlink("Ring", path), 0);
	ck_err(zone_load(test_dir(), STR_LIT("Ring"), &z), ERR_NOT_FOUND);
	ck_err(zone_load("/nonexistent", STR_LIT("UTC"), &z), ERR_NOT_FOUND);
}
END_TEST

/* ---- rules */

/* The offset from 1970 on follows the rule alone. */
static struct zone *
zone_of_rule(const char *rule)
{
	struct made m = { 0, 0, 1, { 0 }, { 0 }, { 1234 }, "" };
	struct zone *z = NULL;
	char footer[128];
	struct file f;

	snprintf(footer, sizeof(footer), "\n%s\n", rule);
	m.footer = footer;
	make(&f, &m);
	return load_bytes(f.b, f.n, &z) == ERR_OK ? z : NULL;
}

/* clang-format off */
static const struct {
	const char *rule;
	int64_t at; /* the first instant of ... */
	int32_t before, after;
} rules[] = {
	/* 2026-03-29 01:00Z, 2026-10-25 01:00Z */
	{ "CET-1CEST,M3.5.0,M10.5.0/3", 1774746000, 3600, 7200 },
	{ "CET-1CEST,M3.5.0,M10.5.0/3", 1792890000, 7200, 3600 },
	/* summer over the year's end: 2026-04-05 and 2026-10-04 */
	{ "AEST-10AEDT,M10.1.0,M4.1.0/3", 1775318400, 39600, 36000 },
	{ "AEST-10AEDT,M10.1.0,M4.1.0/3", 1791043200, 36000, 39600 },
	{ "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", 1775314800, 39600, 37800 },
	/* before midnight: Saturday 2026-03-28 23:00 at -2 */
	{ "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 1774746000, -7200, -3600 },
	/* 50 hours after Thursday 2026-03-26 00:00 */
	{ "EET-2EEST,M3.4.4/50,M10.4.4/50", 1774656000, 7200, 10800 },
	/* negative "summer" time, in winter */
	{ "IST-1GMT0,M10.5.0,M3.5.0/1", 1774746000, 0, 3600 },
	/* J60 is 1 March, 59 is the leap day when there is one */
	{ "AAA-0BBB-1,J60/0,J300/0", 1772323200, 0, 3600 },
	{ "AAA-0BBB-1,J60/0,J300/0", 1835481600, 0, 3600 }, /* 2028-03-01 */
	{ "AAA-0BBB-1,59/0,300/0", 1772323200, 0, 3600 },   /* 2026-03-01 */
	{ "AAA-0BBB-1,59/0,300/0", 1835395200, 0, 3600 },   /* 2028-02-29 */
	{ "AAA-0BBB-1,J59/0,J300/0", 1835308800, 0, 3600 }, /* 2028-02-28 */
	/* a December's last Sunday: 2026-12-27 */
	{ "AAA0BBB,M12.5.0/0,M2.1.0/0", 1798329600, 0, 3600 },
	/* 2999: 2999-03-31 01:00Z */
	{ "CET-1CEST,M3.5.0,M10.5.0/3", 32479837200, 3600, 7200 },
	/* seconds */
	{ "LMT0:01:15BST,M3.5.0/1:30:30,M10.5.0", 1774747905, -75, 3525 },
};
/* clang-format on */

START_TEST(rules_change_when_they_say)
{
	struct zone *z = zone_of_rule(rules[_i].rule);
	int64_t at = rules[_i].at, from, to;

	ck_assert_ptr_nonnull(z);
	ck_assert_int_eq(zone_offset(z, at - 1, &from, &to), rules[_i].before);
	ck_assert_int_eq(to, at);
	ck_assert_int_eq(zone_offset(z, at, &from, &to), rules[_i].after);
	ck_assert_int_eq(from, at);
	zone_free(&z);
}
END_TEST

START_TEST(rules_without_a_change)
{
	static const struct {
		const char *rule;
		int32_t offset;
	} rows[] = {
		{ "UTC0", 0 },
		{ "CST-8", 28800 },
		{ "<-03>3", -10800 },
		{ "<+0545>-5:45", 20700 },
		/* summer time all the year */
		{ "EST5EDT,0/0,J365/25", -14400 },
		{ "XXX3EDT4,0/0,J365/23", -14400 },
	};
	int64_t from, to;

	for (size_t i = 0; i < NELEM(rows); i++) {
		struct zone *z = zone_of_rule(rows[i].rule);

		ck_assert_ptr_nonnull(z);
		ck_assert_int_eq(
		    zone_offset(z, 1774746000, &from, &to), rows[i].offset);
		ck_assert_int_eq(from, INT64_MIN);
		ck_assert_int_eq(to, INT64_MAX);
		zone_free(&z);
	}
}
END_TEST

START_TEST(without_a_rule_the_last_holds)
{
	struct made m = healthy;
	struct zone *z = NULL;
	int64_t from, to;
	struct file f;

	m.footer = "\n\n";
	make(&f, &m);
	ck_ok(load_bytes(f.b, f.n, &z));
	ck_assert_int_eq(zone_offset(z, -1, &from, &to), 3600);
	ck_assert_int_eq(from, INT64_MIN);
	ck_assert_int_eq(to, 0);
	ck_assert_int_eq(zone_offset(z, 0, &from, &to), 7200);
	ck_assert_int_eq(to, 1000);
	ck_assert_int_eq(zone_offset(z, INT64_MAX, &from, &to), 3600);
	ck_assert_int_eq(from, 1000);
	ck_assert_int_eq(to, INT64_MAX);
	zone_free(&z);
}
END_TEST

/* A rule holds after the last change, not before, though it could. */
START_TEST(the_rule_waits_for_the_last_change)
{
	struct made m = { 0, 1, 1, { 1785000000 }, { 0 }, { 3600 },
		"\nCET-1CEST,M3.5.0,M10.5.0/3\n" };
	struct zone *z = NULL;
	int64_t from, to;
	struct file f;

	make(&f, &m);
	ck_ok(load_bytes(f.b, f.n, &z));
	ck_assert_int_eq(zone_offset(z, 1774746000, &from, &to), 3600);
	ck_assert_int_eq(from, INT64_MIN);
	ck_assert_int_eq(to, 1785000000);
	ck_assert_int_eq(zone_offset(z, 1785000000, &from, &to), 7200);
	ck_assert_int_eq(from, 1785000000);
	ck_assert_int_eq(to, 1792890000);
	zone_free(&z);
}
END_TEST

START_TEST(bad_rules_are_refused)
{
	static const char *const bad[] = { "CST", "A0", "8", "-8", "<CST-8",
		"<>-8", "CST-8x", "CST-25", "CST-8:60", "CST-8:00:60",
		"CST-8CDT", "CST-8CDT,M3.5.0", "CST-8CDT,M3.5.0,",
		"CST-8CDT,M0.5.0,M10.5.0", "CST-8CDT,M13.5.0,M10.5.0",
		"CST-8CDT,M3.0.0,M10.5.0", "CST-8CDT,M3.6.0,M10.5.0",
		"CST-8CDT,M3.5.7,M10.5.0", "CST-8CDT,M3.5,M10.5.0",
		"CST-8CDT,J0,J9", "CST-8CDT,J366,J9", "CST-8CDT,366,9",
		"CST-8CDT,M3.5.0/168,M10.5.0", "CST-8CDT,M3.5.0/-168,M10.5.0",
		"CST-8CDT,M3.5.0,M10.5.0/", "CST-8CDT,M3.5.0,M10.5.0,",
		"CST-99999999999999999999", ":CST-8", " CST-8" };

	for (size_t i = 0; i < NELEM(bad); i++)
		if (zone_of_rule(bad[i]) != NULL)
			ck_abort_msg("`%s' is taken", bad[i]);
}
END_TEST

/* Whatever the rule, a walk from stretch to stretch gets on. */
START_TEST(odd_rules_do_not_stop_time)
{
	static const char *const odd[] = { "AAA0BBB,J365/167,J365/167",
		"AAA0BBB,0/-167,0/-167", "AAA24BBB-24,J1/-167,J365/167",
		"AAA0BBB,M6.1.0,M6.1.0", "AAA0BBB0,M3.5.0,M10.5.0",
		"AAA0BBB,365/167,0/-167" };

	for (size_t i = 0; i < NELEM(odd); i++) {
		struct zone *z = zone_of_rule(odd[i]);
		int64_t at = 0, from, to = 0, steps = 0;

		ck_assert_ptr_nonnull(z);
		for (; at < 1000 * 365 * DAY; at = to, steps++) {
			zone_offset(z, at, &from, &to);
			if (from > at || to <= at)
				ck_abort_msg(
				    "%s at %lld", odd[i], (long long)at);
		}
		ck_assert_int_le(steps, 2 * 1000 + 2);
		zone_free(&z);
	}
}
END_TEST

/* ---- versions */

START_TEST(versions)
{
	static const struct {
		const char *zi, *plus, *want;
	} rows[] = {
		{ NULL, NULL, "" },
		{ NULL, "2026b\n", "2026b" },
		{ NULL, "2026b", "2026b" },
		{ "# version 2025c\nR x\n", "2026b\n", "2025c" },
		{ "# version 2025c-9-gab12\n", NULL, "2025c-9-gab12" },
		{ "R x\n", "2026b\n", "2026b" },
		{ "# version \n", NULL, "" },
		{ "# version 2025c\x1B[m\n", NULL, "" },
		{ "# version 0123456789abcdef\n", NULL, "" },
		{ "# vers", NULL, "" },
		{ "", "", "" },
	};
	char path[2][4096], out[16];

	snprintf(path[0], sizeof(path[0]), "%s/tzdata.zi", test_dir());
	snprintf(path[1], sizeof(path[1]), "%s/+VERSION", test_dir());
	for (size_t i = 0; i < NELEM(rows); i++) {
		unlink(path[0]);
		unlink(path[1]);
		if (rows[i].zi != NULL)
			write_file("tzdata.zi", rows[i].zi, strlen(rows[i].zi));
		if (rows[i].plus != NULL)
			write_file(
			    "+VERSION", rows[i].plus, strlen(rows[i].plus));
		memset(out, 'x', sizeof(out));
		zone_version(test_dir(), out);
		ck_assert_str_eq(out, rows[i].want);
	}
	zone_version(NULL, out); /* Debian tells */
	ck_assert_uint_ge(strlen(out), 5);
}
END_TEST

Suite *
zone_suite(void)
{
	TCase *tc = tcase_create("system"), *made_here = tcase_create("files");
	Suite *s = suite_of(tc, "zone");

	tcase_add_loop_test(tc, offsets_are_the_library_s, 0, NELEM(zones));
	tcase_add_loop_test(tc, known_stretches, 0, NELEM(known));
	tcase_add_test(tc, the_ends_of_time);
	tcase_add_test(tc, hostile_names_are_not_found);
	suite_add_tcase(s, made_here);
	tcase_add_test(made_here, each_truncated_file_is_refused);
	tcase_add_loop_test(
	    made_here, broken_files_are_refused, 0, NELEM(broken));
	tcase_add_test(made_here, each_wrong_byte_is_survived);
	tcase_add_test(made_here, counts_that_lie_are_refused);
	tcase_add_test(made_here, what_is_no_file_is_not_found);
	tcase_add_loop_test(
	    made_here, rules_change_when_they_say, 0, NELEM(rules));
	tcase_add_test(made_here, rules_without_a_change);
	tcase_add_test(made_here, without_a_rule_the_last_holds);
	tcase_add_test(made_here, the_rule_waits_for_the_last_change);
	tcase_add_test(made_here, bad_rules_are_refused);
	tcase_add_test(made_here, odd_rules_do_not_stop_time);
	tcase_add_test(made_here, versions);
	return s;
}
