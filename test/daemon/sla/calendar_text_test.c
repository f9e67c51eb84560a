/*
 * calendar_text_test.c - calendars as text and back, and what is said of wrong
 * ones.
 */
#include <stdio.h>
#include <stdlib.h>

#include "sla/calendar.h"
#include "test/support/support.h"

/* clang-format off */
#define EMPTY_WEEK "mon= tue= wed= thu= fri= sat= sun="
#define WEEK(mon, tue, sun) \
	"mon=" mon " tue=" tue " wed= thu= fri= sat= sun=" sun
/* clang-format on */

static struct arena *arena;

static void
setup(void)
{
	arena = arena_new(4096, 16 << 20);
}

static void
teardown(void)
{
	arena_free(&arena);
}

static enum err
parse(const char *text, struct cal_spec *s)
{
	return cal_parse(STR_LIT("name"), str_of(text), arena, s);
}

/* As it is printed again. */
static void
prints(const char *text, const char *want)
{
	struct cal_spec s;
	char *got;

	ck_ok(parse(text, &s));
	ck_assert(str_eq(s.name, STR_LIT("name")));
	got = cal_print(&s);
	ck_assert_str_eq(got, want);
	free(got);
}

START_TEST(texts_stay_as_they_are)
{
	static const char *const texts[] = {
		"zone=Asia/Shanghai " EMPTY_WEEK,
		"zone=Asia/Shanghai base=cn",
		"base=cn",
		"base=a%20b%25%0A",
		"zone=UTC " WEEK(
		    "09:00-12:00,13:00-18:00", "22:00-30:00", "00:00-48:00"),
		"base=cn 2026-02-14=like:mon 2026-02-15=closed "
		"2026-12-24=open:09:00-12:00,13:00-14:00",
		"base=cn 2026-02-14=like:mon:x 2026-02-15=closed:a:b=c",
		"base=cn 2026-02-15=closed:Spring%20Festival "
		"02-29=open:09:00-12:00:Leap",
		"base=cn 2026-02-15=closed:春节",
	};

	for (size_t i = 0; i < NELEM(texts); i++)
		prints(texts[i], texts[i]);
}
END_TEST

/* Equal calendars, equal text: in order of dates, one way to write a byte. */
START_TEST(texts_are_put_in_order)
{
	prints("base=cn 12-24=closed 2026-02-15=closed 2026-02-14=like:mon "
	       "01-01=closed 2025-12-31=closed",
	    "base=cn 2025-12-31=closed 2026-02-14=like:mon 2026-02-15=closed "
	    "01-01=closed 12-24=closed");
	prints("2026-02-15=closed: base=cn zone=", "base=cn 2026-02-15=closed");
	prints("base=%63n " EMPTY_WEEK " zone=UTC",
	    "zone=UTC base=cn " EMPTY_WEEK);
}
END_TEST

START_TEST(what_a_text_says)
{
	struct cal_spec s;

	ck_ok(parse(
	    "zone=UTC base=b " WEEK("", "22:00-30:00",
		"") " "
		    "2026-02-28=like:sat:Make%20up 02-29=open:01:30-48:00",
	    &s));
	ck_assert(str_eq(s.zone, STR_LIT("UTC")));
	ck_assert(str_eq(s.base, STR_LIT("b")));
	ck_assert(s.has_week);
	ck_assert_uint_eq(s.week[CAL_MON].n, 0);
	ck_assert_uint_eq(s.week[CAL_TUE].n, 1);
	ck_assert_uint_eq(s.week[CAL_TUE].hours[0].from, 22 * 60);
	ck_assert_uint_eq(s.week[CAL_TUE].hours[0].to, 30 * 60);
	ck_assert_uint_eq(s.n_overrides, 2);
	ck_assert_int_eq(s.overrides[0].kind, CAL_LIKE);
	ck_assert_int_eq(s.overrides[0].like, CAL_SAT);
	ck_assert_int_eq(s.overrides[0].date.year, 2026);
	ck_assert(str_eq(s.overrides[0].label, STR_LIT("Make up")));
	ck_assert_int_eq(s.overrides[1].kind, CAL_OPEN);
	ck_assert_int_eq(s.overrides[1].date.year, 0);
	ck_assert_int_eq(s.overrides[1].date.day, 29);
	ck_assert_uint_eq(s.overrides[1].open.hours[0].from, 90);
	ck_assert_uint_eq(s.overrides[1].open.hours[0].to, 48 * 60);
	ck_ok(parse("zone=UTC base=b", &s));
	ck_assert(!s.has_week);
}
END_TEST

START_TEST(malformed_texts_are_refused)
{
	static const char *const texts[] = { "", " ", "zone", "zone=UTC ",
		" zone=UTC", "zone=UTC  base=x", "Zone=UTC",
		"zone=UTC zone=UTC", "base=a base=a", "base=a%", "base=a%4",
		"base=a%4g", "base=a%e5", "base=a\tb", "base=a\x7F",
		"mon=", "mon= tue= wed= thu= fri= sat=", EMPTY_WEEK " mon=",
		WEEK("9:00-12:00", "", ""), WEEK("09:00-12:00,", "", ""),
		WEEK(",09:00-12:00", "", ""), WEEK("09:00-12:60", "", ""),
		WEEK("09:00-12:00;13:00-14:00", "", ""),
		WEEK("24:00-25:00", "", ""), WEEK("09:00-48:01", "", ""),
		WEEK("12:00-09:00", "", ""), WEEK("09:00-09:00", "", ""),
		"2026-02-29=closed", "0000-02-28=closed", "2026-2-28=closed",
		"2026-02-028=closed", "02-30=closed", "2-3=closed",
		"2026-02-28=", "2026-02-28=shut", "2026-02-28=like",
		"2026-02-28=like:", "2026-02-28=like:monday", "2026-02-28=open",
		"2026-02-28=open:", "2026-02-28=open:09:00-12:00x",
		"2026-02-28=closedx" };
	struct cal_spec s;

	for (size_t i = 0; i < NELEM(texts); i++)
		if (parse(texts[i], &s) != ERR_BAD_FIELD)
			ck_abort_msg("`%s' is taken", texts[i]);
	ck_err(
	    cal_parse(STR_LIT("n"), (struct str){ "base=a\0b", 8 }, arena, &s),
	    ERR_BAD_FIELD);
}
END_TEST

START_TEST(too_much_is_refused)
{
	static char text[CAL_OVERRIDES_MAX * 18 + 32];
	struct arena *small = arena_new(64, 128);
	struct cal_spec s;
	struct cal_fault f;
	size_t n = 0;

	for (int i = 0; i < CAL_OVERRIDES_MAX + 1; i++) {
		struct cal_date d = cal_date_of(i);

		n += (size_t)snprintf(text + n, sizeof(text) - n,
		    "%s%04d-%02d-%02d=closed", i > 0 ? " " : "", d.year,
		    d.month, d.day);
		if (i == CAL_OVERRIDES_MAX - 1)
			ck_ok(parse(text, &s));
	}
	ck_err(parse(text, &s), ERR_TOO_LARGE);
	ck_err(
	    cal_parse(STR_LIT("n"), STR_LIT("base=cn"), small, &s), ERR_NOMEM);
	arena_free(&small);
	s.zone = STR_LIT("UTC");
	s.base = STR_LIT("x");
	ck_ok(cal_check(&s, NULL, &f));
	s.n_overrides = CAL_OVERRIDES_MAX + 1;
	ck_err(cal_check(&s, NULL, &f), ERR_TOO_LARGE);
}
END_TEST

/* ---- words */

START_TEST(hours)
{
	static const struct {
		const char *text, *what;
	} rows[] = {
		{ "09:00-12:00", NULL },
		{ "00:00-24:00", NULL },
		{ "23:59-48:00", NULL },
		{ "12:00-11:00", "12:00-11:00 ends before it begins; a night "
				 "is written 22:00-30:00" },
		{ "12:00-12:00", "12:00-12:00 is empty; leave it out" },
		{ "24:00-25:00",
		    "24:00-25:00 begins on the next day; write it there" },
		{ "09:00-48:01", "09:00-48:01 ends after the next day; 48:00 "
				 "is the latest" },
		{ "9:00-12:00",
		    "`9:00-12:00' are no hours; write them as 09:00-12:00" },
		{ "", "`' are no hours; write them as 09:00-12:00" },
		{ "09:00-12:60",
		    "`09:00-12:60' are no hours; write them as 09:00-12:00" },
		{ "09.00-12.00",
		    "`09.00-12.00' are no hours; write them as 09:00-12:00" },
		{ "09:00\x1B[m\xFF\xFF",
		    "`09:00\uFFFD[m\uFFFD\uFFFD' are no hours; write them as "
		    "09:00-12:00" },
	};

	for (size_t i = 0; i < NELEM(rows); i++) {
		struct cal_hours h;
		struct cal_fault f = { .weekday = 0 };

		if (rows[i].what == NULL) {
			ck_ok(cal_hours_parse(str_of(rows[i].text), &h, &f));
			continue;
		}
		ck_err(cal_hours_parse(str_of(rows[i].text), &h, &f),
		    ERR_BAD_FIELD);
		ck_assert_str_eq(f.what, rows[i].what);
		ck_assert_int_eq(f.weekday, -1);
		ck_assert_int_eq(f.override_index, -1);
	}
}
END_TEST

START_TEST(weekdays)
{
	for (int i = 0; i < 7; i++) {
		enum cal_weekday w = CAL_MON;

		ck_ok(cal_weekday_parse(
		    str_of(cal_weekday_name((enum cal_weekday)i)), &w));
		ck_assert_int_eq(w, i);
		ck_err(cal_weekday_parse(STR_LIT("Mon"), &w), ERR_BAD_FIELD);
		ck_err(cal_weekday_parse(STR_LIT(""), &w), ERR_BAD_FIELD);
	}
	ck_assert_str_eq(cal_weekday_name(CAL_SUN), "sun");
}
END_TEST

/* ---- checks */

/* clang-format off */
static const struct {
	const char *text, *what; /* NULL: right */
	int weekday, override;
} checks[] = {
	{ "zone=Asia/Shanghai " EMPTY_WEEK, NULL, -1, -1 },
	{ "base=cn", NULL, -1, -1 },
	{ "zone=UTC " WEEK("09:00-12:00,12:00-13:00", "", ""), NULL, -1, -1 },
	{ "zone=UTC " WEEK("22:00-30:00", "06:00-08:00", "22:00-46:00"), NULL, -1, -1 },
	{ EMPTY_WEEK, NULL, -1, -1 }, /* a layer for others */
	{ "zone=UTC", NULL, -1, -1 },
	{ "zone=Asia/Qingdao base=x", "this system has no time zone `Asia/Qingdao'; write it as Asia/Shanghai", -1, -1 },
	{ "zone=../../../etc/passwd base=x", "this system has no time zone `../../../etc/passwd'; write it as Asia/Shanghai", -1, -1 },
	{ "zone=right/UTC%1B base=x", "this system has no time zone `right/UTC\uFFFD'; write it as Asia/Shanghai", -1, -1 },
	{ "base=x " WEEK("", "09:00-12:00,11:00-13:00", ""), "09:00-12:00 and 11:00-13:00 overlap; write them as one", CAL_TUE, -1 },
	{ "base=x " WEEK("", "", "13:00-18:00,09:00-12:00"), "09:00-12:00 stands after 13:00-18:00; put the earlier first", CAL_SUN, -1 },
	{ "base=x " WEEK("22:00-30:00", "05:59-08:00", ""), "22:00-30:00 runs into the 05:59-08:00 of tue; end it earlier", CAL_MON, -1 },
	{ "base=x " WEEK("00:00-01:00", "", "20:00-24:01"), "20:00-24:01 runs into the 00:00-01:00 of mon; end it earlier", CAL_SUN, -1 },
	{ "base=x 2026-02-14=closed 2026-02-15=closed 2026-02-14=like:mon", "2026-02-14 is there twice; leave one out", -1, 2 },
	{ "base=x 02-29=closed 2028-02-29=closed 02-29=closed", "02-29 is there twice; leave one out", -1, 2 },
	{ "base=x 02-28=closed 2026-02-28=like:mon", NULL, -1, -1 },
	{ "base=x 2026-02-14=open:22:00-30:00 2026-02-15=open:01:00-02:00", NULL, -1, -1 },
	{ "base=x 2026-02-14=closed 2026-02-15=open:01:00-03:00,02:00-04:00", "01:00-03:00 and 02:00-04:00 overlap; write them as one", -1, 1 },
	{ "base=x 2026-02-14=closed:%FF", "the label is no UTF-8, or longer than 200 bytes", -1, 0 },
	{ "base=x 2026-02-14=closed:%00", "the label is no UTF-8, or longer than 200 bytes", -1, 0 },
};
/* clang-format on */

START_TEST(faults)
{
	struct cal_spec s;
	struct cal_fault f;
	enum err want = checks[_i].what != NULL ? ERR_BAD_FIELD : ERR_OK;

	ck_ok(parse(checks[_i].text, &s));
	ck_err(cal_check(&s, NULL, &f), want);
	if (want != ERR_OK)
		ck_assert_str_eq(f.what, checks[_i].what);
	ck_assert_int_eq(f.weekday, checks[_i].weekday);
	ck_assert_int_eq(f.override_index, checks[_i].override);
}
END_TEST

/* What no text can say, but who fills a struct can. */
START_TEST(faults_of_structs)
{
	struct cal_override o = { .date = { 2026, 2, 29 }, .kind = CAL_CLOSED };
	struct cal_spec s = {
		.base = STR_LIT("x"), .overrides = &o, .n_overrides = 1
	};
	struct cal_fault f;

	ck_err(cal_check(&s, NULL, &f), ERR_BAD_FIELD);
	ck_assert_str_eq(f.what, "there is no such date");
	ck_assert_int_eq(f.override_index, 0);
	o.date.day = 28;
	ck_ok(cal_check(&s, NULL, &f));
	o.kind = CAL_NONE;
	ck_err(cal_check(&s, NULL, &f), ERR_BAD_FIELD);
	o.kind = CAL_OPEN;
	ck_err(cal_check(&s, NULL, &f), ERR_BAD_FIELD);
	ck_assert_str_eq(f.what, "open without hours; say closed");
	o.open.n = CAL_HOURS_MAX + 1;
	ck_err(cal_check(&s, NULL, &f), ERR_TOO_LARGE);
	o.open = (struct cal_day){ 1, { { 0, 1440 } } };
	ck_ok(cal_check(&s, NULL, &f));
	o.kind = CAL_LIKE;
	o.like = (enum cal_weekday)7;
	ck_err(cal_check(&s, NULL, &f), ERR_BAD_FIELD);
	o.kind = (enum cal_override_kind)9;
	ck_err(cal_check(&s, NULL, &f), ERR_BAD_FIELD);
	o.kind = CAL_CLOSED;
	s.has_week = true;
	s.week[CAL_WED].n = CAL_HOURS_MAX + 1;
	ck_err(cal_check(&s, NULL, &f), ERR_TOO_LARGE);
	ck_assert_int_eq(f.weekday, CAL_WED);
}
END_TEST

Suite *
calendar_text_suite(void)
{
	TCase *tc = tcase_create("text");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, texts_stay_as_they_are);
	tcase_add_test(tc, texts_are_put_in_order);
	tcase_add_test(tc, what_a_text_says);
	tcase_add_test(tc, malformed_texts_are_refused);
	tcase_add_test(tc, too_much_is_refused);
	tcase_add_test(tc, hours);
	tcase_add_test(tc, weekdays);
	tcase_add_loop_test(tc, faults, 0, NELEM(checks));
	tcase_add_test(tc, faults_of_structs);
	return suite_of(tc, "calendar_text");
}
