/*
 * when_test.c - times as people type them.
 */
#include "test/support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "client/when.h"

Suite *when_suite(void);

#define S INT64_C(1000000)

/* 2026-11-30 16:20:05 in Shanghai, the last day of a month. */
#define SHANGHAI (INT64_C(1796026805) * S)
/* 2026-03-28 23:30 in Berlin: at 02:00 the clocks are put on. */
#define BERLIN (INT64_C(1774737000) * S)

static void
zone(const char *name)
{
	setenv("TZ", name, 1);
	tzset();
}

/* clang-format off */
static const struct {
	const char *text;
	int64_t after; /* SHANGHAI in seconds */
	const char *rest;
} good[] = {
	{ "17:00", 39 * 60 + 55, "" },
	{ " 17:00  call him ", 39 * 60 + 55, "call him " },
	{ "１７：００　回电", 39 * 60 + 55, "回电" },
	{ "tomorrow 09:30", 17 * 3600 + 9 * 60 + 55, "" },
	{ "tomorrow 9:30 x", 17 * 3600 + 9 * 60 + 55, "x" },
	{ "明天 09:30", 17 * 3600 + 9 * 60 + 55, "" },
	{ "明天09:30 送货", 17 * 3600 + 9 * 60 + 55, "送货" },
	{ "2026-12-01 09:30", 17 * 3600 + 9 * 60 + 55, "" },
	{ "2026-12-1 9:30", 17 * 3600 + 9 * 60 + 55, "" },
	{ "2028-02-29 16:20", INT64_C(456) * 86400 - 5, "" },
	{ "+4h", 4 * 3600, "" },
	{ "+90m for parts", 90 * 60, "for parts" },
	{ "+1h30m", 90 * 60, "" },
	{ "+2d", 2 * 86400, "" },
	{ "+2d4h", 52 * 3600, "" },
	{ "16:21", 55, "" },
};
static const char *const bad[] = { "", "soon", "17", "17:0", "17:000", "24:00",
	"17:60", "17:00pm", "+", "+4", "+h", "+4h4h", "+30m1h", "+4h3", "+999d",
	"tomorrow", "tomorrow09:30", "2026-02-29 10:00", "2026-13-01 10:00",
	"2026-11-31 10:00", "2026-00-01 10:00", "2026-12-01", "2026-12-0110:00",
	"-4h", "\xEF\xBC" };
static const char *const past[] = { "16:20", "09:00", "2026-11-30 16:20",
	"2025-12-01 10:00", "+0m" };
/* clang-format on */

START_TEST(what_is_understood)
{
	const char *rest;
	int64_t at;

	zone("Asia/Shanghai");
	ck_ok(when_take(good[_i].text, SHANGHAI, &at, &rest));
	ck_assert_int_eq((at - SHANGHAI) / S, good[_i].after);
	ck_assert_str_eq(rest, good[_i].rest);
	ck_assert(when_parse(good[_i].text, SHANGHAI, &at) ==
		  (*good[_i].rest == '\0' ? ERR_OK : ERR_BAD_FIELD));
}
END_TEST

START_TEST(what_is_not)
{
	const char *rest;
	int64_t at;

	zone("Asia/Shanghai");
	ck_err(when_take(bad[_i], SHANGHAI, &at, &rest), ERR_BAD_FIELD);
	ck_err(when_parse(bad[_i], SHANGHAI, &at), ERR_BAD_FIELD);
}
END_TEST

static char *
complaint(enum err e, const char *text, int64_t at)
{
	char *out = NULL;
	size_t len;
	FILE *f = open_memstream(&out, &len);

	when_complain(f, e, text, at);
	fclose(f);
	return out;
}

/* The past is refused with what was understood. */
START_TEST(the_past)
{
	int64_t at;
	char *text;

	zone("Asia/Shanghai");
	ck_err(when_parse(past[_i], SHANGHAI, &at), ERR_REFUSED);
	ck_assert_int_le(at, SHANGHAI);
	text = complaint(ERR_REFUSED, past[_i], at);
	ck_assert_ptr_nonnull(strstr(text, past[_i]));
	ck_assert_ptr_nonnull(strstr(text, " CST: that is past.\n"));
	free(text);
	text = complaint(ERR_BAD_FIELD, "so\x1b[2Jon", 0);
	ck_assert_ptr_null(strchr(text, '\x1b'));
	ck_assert_ptr_nonnull(strstr(text, "tomorrow 09:30"));
	free(text);
}
END_TEST

/* The night when the clocks are put on, and the one when they are put back. */
START_TEST(nights_that_are_longer_or_shorter)
{
	int64_t at;

	zone("Europe/Berlin");
	ck_ok(when_parse("tomorrow 03:00", BERLIN, &at));
	ck_assert_int_eq((at - BERLIN) / S, 9000);
	ck_err(when_parse("tomorrow 02:30", BERLIN, &at), ERR_BAD_FIELD);
	ck_err(when_parse("2026-03-29 02:30", BERLIN, &at), ERR_BAD_FIELD);
	ck_ok(when_parse("2026-10-25 02:30", BERLIN, &at));
	ck_ok(when_parse("+4h", BERLIN, &at));
	ck_assert_int_eq((at - BERLIN) / S, 14400);
}
END_TEST

Suite *
when_suite(void)
{
	TCase *tc = tcase_create("when");

	tcase_add_loop_test(tc, what_is_understood, 0, NELEM(good));
	tcase_add_loop_test(tc, what_is_not, 0, NELEM(bad));
	tcase_add_loop_test(tc, the_past, 0, NELEM(past));
	tcase_add_test(tc, nights_that_are_longer_or_shorter);
	return suite_of(tc, "when");
}
