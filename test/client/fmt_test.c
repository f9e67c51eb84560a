/*
 * fmt_test.c - what people read, to the column.
 */
#include "test/support/support.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "client/fmt.h"

#define S INT64_C(1000000)

/* clang-format off */
static const struct { int64_t us; const char *want; } durations[] = {
	{ 0, "0:00" }, { 999999, "0:00" }, { 7 * S, "0:07" },
	{ 130 * S, "2:10" }, { 3599 * S, "59:59" }, { 3600 * S, "1:00:00" },
	{ 3730 * S, "1:02:10" }, { 86399 * S, "23:59:59" },
	{ (3 * 86400 + 4 * 3600) * S, "3 d 04:00" },
	{ -130 * S, "-2:10" }, { -1, "0:00" },
	{ INT64_MIN, "-106751991 d 04:00" },
};

static const struct { uint64_t n; const char *want; } tickets[] = {
	{ 0, "0" }, { 1234, "1234" }, { 12345, "123 45" },
	{ 1000237, "1000 237" }, { 10000237, "1000 0237" },
	{ 123456789, "123 456 789" }, { 1234567890, "1234 567 890" },
	{ UINT64_MAX, "1844 6744 0737 0955 1615" },
};

static const struct { int64_t ppm; const char *want; } ratios[] = {
	{ 0, "0.0 %" }, { 934000, "93.4 %" }, { 1000000, "100.0 %" },
	{ 999999, "99.9 %" }, { -5000, "-0.5 %" }, { -25000, "-2.5 %" },
};

static const struct {
	const char *text; int columns; bool right; const char *want;
} fields[] = {
	{ "ab", 4, false, "ab  " },
	{ "ab", 4, true, "  ab" },
	{ "abcd", 4, false, "abcd" },
	{ "abcdefgh", 6, false, "abc..." },
	{ "王芳", 6, false, "王芳  " },
	{ "王芳", 4, true, "王芳" },
	{ "王芳李强", 6, false, "王... " }, /* no half character */
	{ "王芳", 3, false, "王 " },
	{ "", 2, false, "  " },
};
/* clang-format on */

START_TEST(durations_are_short)
{
	char buf[FMT_ROOM];

	ck_assert_str_eq(
	    fmt_duration(durations[_i].us, buf), durations[_i].want);
}
END_TEST

START_TEST(tickets_are_grouped_for_reading_aloud)
{
	char buf[FMT_ROOM];

	ck_assert_str_eq(fmt_ticket(tickets[_i].n, buf), tickets[_i].want);
}
END_TEST

START_TEST(ratios_have_one_decimal)
{
	char buf[FMT_ROOM];

	ck_assert_str_eq(fmt_ratio(ratios[_i].ppm, buf), ratios[_i].want);
}
END_TEST

START_TEST(fields_fill_their_columns)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	fmt_field(f, fields[_i].text, fields[_i].columns, fields[_i].right);
	fclose(f);
	ck_assert_str_eq(text, fields[_i].want);
	free(text);
}
END_TEST

START_TEST(times_are_local_and_name_their_zone)
{
	char buf[FMT_ROOM];

	setenv("TZ", "CST-8", 1);
	tzset();
	ck_assert_str_eq(
	    fmt_time(INT64_C(1795413790) * S, buf), "2026-11-23 14:03:10 CST");
	ck_assert_str_eq(fmt_time(0, buf), "-");
	ck_assert_uint_lt(strlen(fmt_time(INT64_MAX, buf)), FMT_ROOM);
}
END_TEST

START_TEST(foreign_text_stays_on_its_line)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	ProtobufCBinaryData hostile =
	    fmt_data("a\x1b[31m\r\nb\xC2\x9B\xE2\x80\xA8\xFF");

	fmt_bytes(f, hostile);
	fclose(f);
	for (size_t i = 0; i < len; i++)
		ck_assert_int_ge((unsigned char)text[i], 0x20);
	ck_assert_ptr_null(strstr(text, "\xC2\x9B"));
	free(text);
}
END_TEST

START_TEST(lines_are_kept_and_indented)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	fmt_lines(f, fmt_data("one\ntwo\x07\n"), 2);
	fclose(f);
	ck_assert_str_eq(text, "  one\n  two\xEF\xBF\xBD\n");
	free(text);
}
END_TEST

Suite *
fmt_suite(void)
{
	TCase *tc = tcase_create("fmt");

	tcase_add_loop_test(tc, durations_are_short, 0, NELEM(durations));
	tcase_add_loop_test(
	    tc, tickets_are_grouped_for_reading_aloud, 0, NELEM(tickets));
	tcase_add_loop_test(tc, ratios_have_one_decimal, 0, NELEM(ratios));
	tcase_add_loop_test(tc, fields_fill_their_columns, 0, NELEM(fields));
	tcase_add_test(tc, times_are_local_and_name_their_zone);
	tcase_add_test(tc, foreign_text_stays_on_its_line);
	tcase_add_test(tc, lines_are_kept_and_indented);
	return suite_of(tc, "fmt");
}
