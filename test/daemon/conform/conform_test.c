/*
 * conform_test.c - the vectors of the data folder, times as they are written,
 * and what is wrong with a file, with its place in it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conform/instant.h"
#include "conform/vectors.h"
#include "test/support/support.h"

Suite *conform_suite(void);

/* ------------------------------------------------------------------ a file */

static char *out_text, *err_text;
static bool right;
static unsigned faults;

static void
answer(const char *file)
{
	size_t out_len, err_len;
	struct telling t = { .file = file };

	t.out = open_memstream(&out_text, &out_len);
	t.err = open_memstream(&err_text, &err_len);
	right = vectors_answer(&t);
	faults = t.faults;
	fclose(t.out);
	fclose(t.err);
}

static void
answer_text(const char *text)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/vectors.json", test_dir());
	f = fopen(path, "we");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
	answer(path);
	unlink(path);
}

static void
forget(void)
{
	free(out_text);
	free(err_text);
	out_text = err_text = NULL;
}

#define CALENDAR                                                   \
	"\"calendars\": {\"L\": {\"tz\": \"Europe/London\", "      \
	"\"weekly\": {\"mon\": [\"09:00-17:00\"], \"tue\": "       \
	"[\"09:00-17:00\"], \"wed\": [\"09:00-17:00\"], \"sun\": " \
	"[\"00:00-24:00\"]}}}"
#define FILE_OF(vectors) "{" CALENDAR ", \"vectors\": [" vectors "]}"
/* 2026-03-10 is a Tuesday, in winter time. */
#define VECTOR(more)                                       \
	"{\"id\": \"A\", \"calendar\": \"L\", \"start\": " \
	"\"2026-03-10T10:00:00\", \"goal\": \"2h\"" more "}"

START_TEST(data_agrees)
{
	const char *file = test_data("sla-vectors.json");
	unsigned lines = 0;

	if (file == NULL)
		test_skip("no sla-vectors.json; set MASHANG_DATA");
	answer(file);
	ck_assert_msg(right, "%s%s", out_text, err_text);
	ck_assert_str_eq(err_text, "");
	for (const char *p = out_text; (p = strstr(p, " ok\n")) != NULL; p++)
		lines++;
	ck_assert_uint_ge(lines, 22);
	forget();
}
END_TEST

/* clang-format off */
static const struct {
	const char *vectors, *out;
	bool right;
} answers[] = {
	{ "", "", true },
	{ VECTOR(""), "A 2026-03-10T12:00:00Z\n", true },
	{ VECTOR(", \"due\": \"2026-03-10T12:00:00Z\""),
	  "A 2026-03-10T12:00:00Z ok\n", true },
	{ VECTOR(", \"due\": \"2026-03-10T12:00:00.000001Z\""),
	  "A 2026-03-10T12:00:00Z not ok, expected 2026-03-10T12:00:00.000001Z\n",
	  false },
	{ VECTOR(", \"due\": \"2026-03-10T11:00Z\", \"catches\": \"lunch\""),
	  "A 2026-03-10T12:00:00Z not ok, expected 2026-03-10T11:00:00Z (lunch)\n",
	  false },
	{ VECTOR(", \"pauses\": []"), "A 2026-03-10T12:00:00Z\n", true },
	{ VECTOR(", \"pauses\": [[\"2026-03-10T10:30:00\", "
	         "\"2026-03-10T10:45:00.25\"]]"),
	  "A 2026-03-10T12:15:00.25Z\n", true },
	/* overlapping, touching, one in another, empty */
	{ VECTOR(", \"pauses\": [[\"2026-03-10T10:10Z\", \"2026-03-10T10:40Z\"],"
	         "[\"2026-03-10T10:20Z\", \"2026-03-10T10:30Z\"],"
	         "[\"2026-03-10T10:30Z\", \"2026-03-10T10:50Z\"],"
	         "[\"2026-03-10T10:50Z\", \"2026-03-10T11:00Z\"],"
	         "[\"2026-03-10T11:30Z\", \"2026-03-10T11:30Z\"]]"),
	  "A 2026-03-10T12:50:00Z\n", true },
	/* at the deadline it holds, later it is too late */
	{ VECTOR(", \"pauses\": [[\"2026-03-10T12:00Z\", \"2026-03-10T15:00Z\"]]"),
	  "A 2026-03-10T15:00:00Z\n", true },
	{ VECTOR(", \"pauses\": [[\"2026-03-10T12:00:00.000001Z\","
	         "\"2026-03-10T15:00Z\"]]"),
	  "A 2026-03-10T12:00:00Z\n", true },
	/* from before the start */
	{ VECTOR(", \"pauses\": [[\"2026-03-09T12:00Z\", \"2026-03-10T11:00Z\"]]"),
	  "A 2026-03-10T13:00:00Z\n", true },
	{ VECTOR(", \"pauses\": [[\"2026-03-09T12:00Z\", \"2026-03-09T13:00Z\"]]"),
	  "A 2026-03-10T12:00:00Z\n", true },
	/* none is lost by another's fault */
	{ "{\"id\": \"B\"}," VECTOR(""), "B error\nA 2026-03-10T12:00:00Z\n",
	  false },
	{ "7," VECTOR(""), "vectors[0] error\nA 2026-03-10T12:00:00Z\n", false },
	{ VECTOR(", \"due\": \"2026-03-10T11:00Z\"") "," VECTOR(""),
	  "A 2026-03-10T12:00:00Z not ok, expected 2026-03-10T11:00:00Z\n"
	  "A 2026-03-10T12:00:00Z\n", false },
	/* nothing that a terminal obeys */
	{ "{\"id\": \"\\u001b[2J\"}", "\xEF\xBF\xBD[2J error\n", false },
};
/* clang-format on */

START_TEST(vectors_are_answered)
{
	char text[2048];

	snprintf(text, sizeof(text), "{" CALENDAR ", \"vectors\": [%s]}",
	    answers[_i].vectors);
	answer_text(text);
	ck_assert_str_eq(out_text, answers[_i].out);
	ck_assert_msg(right == answers[_i].right, "%s", err_text);
	forget();
}
END_TEST

/* What is told, with its place; `one': nothing else is. */
/* clang-format off */
#define CAL(text) "{\"calendars\": {\"C\": {" text "}}, \"vectors\": []}"
#define WEEKLY "\"weekly\": {\"mon\": [\"09:00-17:00\"]}"
#define TZ "\"tz\": \"Asia/Shanghai\""
#define OVERRIDES(text) CAL(TZ ", " WEEKLY ", \"overrides\": [" text "]")
static const struct {
	const char *text, *place, *what;
} bad[] = {
	{ "{\"calendars\": {},\n\"vectors\": ]}", "line 2, column 12",
	  "not JSON" },
	{ "", "line 1, column 0", "not JSON" },
	{ "{\"vectors\": [], \"vectors\": [], \"calendars\": {}}", "line 1",
	  "duplicate" },
	{ "[]", "must be an object", "with calendars and vectors" },
	{ "{\"calendars\": {}}", "vectors", "missing; give a list" },
	{ "{\"calendars\": [], \"vectors\": []}", "calendars",
	  "is something else" },
	{ CAL(WEEKLY), "calendars.C.tz", "missing; give an IANA name" },
	{ CAL(TZ), "calendars.C.weekly", "missing" },
	{ CAL("\"tz\": \"Asia/Qingdao\", " WEEKLY), "calendars.C.tz",
	  "\"Asia/Qingdao\" is unknown" },
	{ CAL("\"tz\": \"../../etc/passwd\", " WEEKLY), "calendars.C.tz",
	  "is unknown" },
	{ CAL(TZ ", \"weekly\": {\"funday\": []}"),
	  "calendars.C.weekly.funday", "no such day" },
	{ CAL(TZ ", \"weekly\": {\"mon\": \"09:00-12:00\"}"),
	  "calendars.C.weekly.mon", "must be a list" },
	{ CAL(TZ ", \"weekly\": {\"mon\": [\"09:00-12:00\", 7]}"),
	  "calendars.C.weekly.mon[1]", "must be a text" },
	{ CAL(TZ ", \"weekly\": {\"mon\": [\"12:00-11:00\"]}"),
	  "calendars.C.weekly.mon[0]", "12:00-11:00" },
	{ CAL(TZ ", \"weekly\": {\"tue\": [\"nine to five\"]}"),
	  "calendars.C.weekly.tue[0]", "write \"09:00-12:00\"" },
	{ CAL(TZ ", \"weekly\": {\"wed\": [\"09:00-12:00\", "
	      "\"11:00-13:00\"]}"),
	  "calendars.C.weekly.wed", "" },
	{ CAL(TZ ", \"weekly\": {\"sat\": [\"22:00-30:00\"], \"sun\": "
	      "[\"05:00-07:00\"]}"),
	  "calendars.C.weekly.s", "" },
	{ OVERRIDES("{\"closed\": true}"), "calendars.C.overrides[0]",
	  "has no date" },
	{ OVERRIDES("{\"date\": \"2026-02-30\", \"closed\": true}"),
	  "calendars.C.overrides[0]", "\"2026-02-30\" is no date" },
	{ OVERRIDES("{\"date\": \"2026-02-14\"}"), "calendars.C.overrides[0]",
	  "says nothing" },
	{ OVERRIDES("{\"date\": \"2026-02-14\", \"closed\": true, \"like\": "
	            "\"mon\"}"),
	  "calendars.C.overrides[0]", "contradicts itself" },
	{ OVERRIDES("{\"date\": \"2026-02-14\", \"closed\": true}, "
	            "{\"date\": \"2026-02-14\", \"like\": \"mon\"}"),
	  "calendars.C.overrides[1]", "" },
	{ OVERRIDES("{\"date\": \"2026-02-14\", \"closed\": false}"),
	  "calendars.C.overrides[0]", "closed must be true" },
	{ OVERRIDES("{\"date\": \"2026-02-14\", \"like\": \"monday\"}"),
	  "calendars.C.overrides[0]", "like must be a day" },
	{ OVERRIDES("{\"date\": \"2026-02-14\", \"open\": [\"9-5\"]}"),
	  "calendars.C.overrides[0].open[0]", "write \"09:00-12:00\"" },
	{ OVERRIDES("\"2026-02-14\""), "calendars.C.overrides[0]",
	  "must be an object" },
	{ FILE_OF("{\"id\": \"A\", \"calendar\": \"M\", \"start\": "
	          "\"2026-03-10T10:00:00\", \"goal\": \"2h\"}"),
	  "vectors[0].calendar", "\"M\" is unknown" },
	{ FILE_OF("{\"id\": \"A\", \"calendar\": \"\\u001b[2J\", \"start\": "
	          "\"2026-03-10T10:00:00\", \"goal\": \"2h\"}"),
	  "vectors[0].calendar", "\"\xEF\xBF\xBD[2J\" is unknown" },
	{ FILE_OF("{\"calendar\": \"L\", \"start\": "
	          "\"2026-03-10T10:00:00\", \"goal\": \"2h\"}"),
	  "vectors[0].id", "missing" },
	{ FILE_OF("{\"id\": \"A\", \"calendar\": \"L\", \"goal\": \"2h\"}"),
	  "vectors[0].start", "missing" },
	{ FILE_OF("{\"id\": \"A\", \"calendar\": \"L\", \"goal\": \"2h\", "
	          "\"start\": \"2026-02-30T10:00:00\"}"),
	  "vectors[0].start", "\"2026-02-30T10:00:00\" is no time" },
	{ FILE_OF("{\"id\": \"A\", \"calendar\": \"L\", \"goal\": \"2h\", "
	          "\"start\": \"1850-02-03T10:00:00\"}"),
	  "vectors[0].start", "too far away; calendars know 1901 to 2399" },
	{ FILE_OF(VECTOR("") ", {\"id\": \"A\", \"calendar\": \"L\", \"goal\": "
	          "\"2 hours\", \"start\": \"2026-03-10T10:00:00\"}"),
	  "vectors[1].goal", "\"2 hours\" is no span" },
	{ FILE_OF("{\"id\": \"A\", \"calendar\": \"L\", \"goal\": 2, "
	          "\"start\": \"2026-03-10T10:00:00\"}"),
	  "vectors[0].goal", "must be a text" },
	{ FILE_OF("{\"id\": \"A\", \"calendar\": \"L\", \"goal\": \"90000h\", "
	          "\"start\": \"2026-03-10T10:00:00\"}"),
	  "vectors[0].goal", "too long" },
	{ FILE_OF(VECTOR(", \"pauses\": {}")), "vectors[0].pauses",
	  "must be a list" },
	{ FILE_OF(VECTOR(", \"pauses\": [[\"2026-03-10T10:00:00\"]]")),
	  "vectors[0].pauses[0]", "must be a pair" },
	{ FILE_OF(VECTOR(", \"pauses\": [[\"2026-03-10T10:00:00\", "
	                 "\"2026-03-10T09:00:00\"]]")),
	  "vectors[0].pauses[0]", "swap them" },
	{ FILE_OF(VECTOR(", \"pauses\": [[\"2026-03-10T11:00:00\", "
	                 "\"2026-03-10T12:00:00\"], [\"2026-03-10T10:00:00\", "
	                 "\"2026-03-10T10:30:00\"]]")),
	  "vectors[0].pauses[1]", "put them in order" },
	{ FILE_OF(VECTOR(", \"due\": \"2026-03-10T10:00:00\"")),
	  "vectors[0].due", "is no time in UTC" },
	{ "{\"calendars\": {\"C\": {" TZ ", \"weekly\": {}}}, \"vectors\": "
	  "[{\"id\": \"A\", \"calendar\": \"C\", \"goal\": \"2h\", \"start\": "
	  "\"2026-03-10T10:00:00\"}]}",
	  "vectors[0]", "never due" },
};
/* clang-format on */

START_TEST(faults_are_told)
{
	char want[256];

	answer_text(bad[_i].text);
	ck_assert(!right);
	ck_assert_msg(faults == 1, "%s", err_text);
	snprintf(want, sizeof(want), "/vectors.json: %s", bad[_i].place);
	ck_assert_msg(strstr(err_text, want) != NULL &&
			  strstr(err_text, bad[_i].what) != NULL,
	    "%s\n  not at %s: %s", err_text, bad[_i].place, bad[_i].what);
	forget();
}
END_TEST

/* Its vectors say that they cannot be answered; the others are. */
START_TEST(a_broken_calendar_spares_the_others)
{
	answer_text(
	    "{\"calendars\": {\"bad\": {\"tz\": \"Mars\", \"weekly\": {}}, "
	    "\"L\": {\"tz\": \"UTC\", \"weekly\": {\"tue\": "
	    "[\"09:00-17:00\"]}}}, \"vectors\": [{\"id\": \"B\", "
	    "\"calendar\": \"bad\", \"start\": \"2026-03-10T10:00:00\", "
	    "\"goal\": \"1h\", \"pauses\": [[\"2026-03-10T10:00:00\", "
	    "\"2026-03-10T10:00:00\"]]}, " VECTOR("") "]}");
	ck_assert_str_eq(out_text, "B error\nA 2026-03-10T12:00:00Z\n");
	ck_assert_ptr_nonnull(strstr(err_text, "calendars.bad.tz"));
	ck_assert_ptr_nonnull(strstr(err_text, "vectors[0].calendar"));
	ck_assert_uint_eq(faults, 2);
	ck_assert(!right);
	forget();
}
END_TEST

/* A slip in a key is seen, and harms nothing. */
START_TEST(unknown_keys_are_remarked)
{
	answer_text(FILE_OF(VECTOR(", \"pause\": []")));
	ck_assert_str_eq(out_text, "A 2026-03-10T12:00:00Z\n");
	ck_assert_ptr_nonnull(strstr(
	    err_text, "vectors[0]: \"pause\" is passed over: no such key"));
	ck_assert(right);
	forget();
}
END_TEST

START_TEST(no_file_is_told)
{
	answer("/nonexistent/vectors.json");
	ck_assert(!right);
	ck_assert_str_eq(err_text,
	    "sla-conform: /nonexistent/vectors.json: No such file or "
	    "directory\n");
	forget();
	answer("/");
	ck_assert(!right);
	forget();
}
END_TEST

/* ------------------------------------------------------------ times, spans */

/* clang-format off */
static const struct {
	const char *zone, *text, *utc; /* NULL: no time */
} readings[] = {
	{ "Asia/Shanghai", "2026-03-10T09:30:00", "2026-03-10T01:30:00Z" },
	{ "Asia/Shanghai", "2026-03-10T09:30", "2026-03-10T01:30:00Z" },
	{ "Asia/Shanghai", "2026-03-10T09:30:00Z", "2026-03-10T09:30:00Z" },
	{ "UTC", "2026-03-10T09:30:00.5", "2026-03-10T09:30:00.5Z" },
	{ "UTC", "2026-03-10T09:30:00.000001", "2026-03-10T09:30:00.000001Z" },
	{ "UTC", "2026-03-10T09:30:00.120", "2026-03-10T09:30:00.12Z" },
	{ "UTC", "2000-02-29T23:59:59.999999Z", "2000-02-29T23:59:59.999999Z" },
	{ "UTC", "1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.5Z" },
	{ "UTC", "1901-03-01T00:00:00Z", "1901-03-01T00:00:00Z" },
	{ "Asia/Shanghai", "2090-07-01T08:00:00", "2090-07-01T00:00:00Z" },
	/* a gap, its edges */
	{ "Europe/London", "2026-03-29T00:59:59.999999",
	  "2026-03-29T00:59:59.999999Z" },
	{ "Europe/London", "2026-03-29T01:00:00", "2026-03-29T01:00:00Z" },
	{ "Europe/London", "2026-03-29T01:30:00.5", "2026-03-29T01:00:00Z" },
	{ "Europe/London", "2026-03-29T02:00:00", "2026-03-29T01:00:00Z" },
	{ "Europe/London", "2026-03-29T02:00:01", "2026-03-29T01:00:01Z" },
	/* a fold: the first */
	{ "Europe/London", "2026-10-25T00:59:59", "2026-10-24T23:59:59Z" },
	{ "Europe/London", "2026-10-25T01:00:00", "2026-10-25T00:00:00Z" },
	{ "Europe/London", "2026-10-25T01:59:59.5", "2026-10-25T00:59:59.5Z" },
	{ "Europe/London", "2026-10-25T02:00:00", "2026-10-25T02:00:00Z" },
	{ "America/Sao_Paulo", "2018-11-04T00:00:00", "2018-11-04T03:00:00Z" },
	{ "Australia/Lord_Howe", "2026-10-04T02:15:00", "2026-10-03T15:30:00Z" },
	{ "Pacific/Apia", "2011-12-30T12:00:00", "2011-12-30T10:00:00Z" },
	{ "Pacific/Apia", "2011-12-29T23:59:59", "2011-12-30T09:59:59Z" },
	/* nearly a whole day that came twice */
	{ "Pacific/Kwajalein", "1969-09-30T12:00:00", "1969-09-30T01:00:00Z" },
	{ "Pacific/Kwajalein", "1969-10-01T00:00:00", "1969-10-01T12:00:00Z" },
	/* by the rule at the file's end */
	{ "Europe/London", "2090-03-26T01:30:00", "2090-03-26T01:00:00Z" },
	{ "UTC", "2026-02-29T00:00:00", NULL },
	{ "UTC", "2026-13-01T00:00:00", NULL },
	{ "UTC", "2026-00-01T00:00:00", NULL },
	{ "UTC", "0000-01-01T00:00:00", NULL },
	{ "UTC", "2026-01-01T24:00:00", NULL },
	{ "UTC", "2026-01-01T23:60:00", NULL },
	{ "UTC", "2026-01-01T23:59:60", NULL },
	{ "UTC", "2026-01-01T23:59:59.", NULL },
	{ "UTC", "2026-01-01T23:59:59.1234567", NULL },
	{ "UTC", "2026-01-01T23:59:59+08:00", NULL },
	{ "UTC", "2026-01-01T23:59:59ZZ", NULL },
	{ "UTC", "2026-01-01 23:59:59", NULL },
	{ "UTC", "2026-01-01", NULL },
	{ "UTC", "2026-1-1T00:00:00", NULL },
	{ "UTC", "", NULL },
};

static const struct {
	const char *text;
	int64_t us; /* -1: no span */
} spans[] = {
	{ "2h", INT64_C(7200000000) }, { "30m", 1800000000 },
	{ "45s", 45000000 }, { "1.5h", INT64_C(5400000000) },
	{ "0.000001s", 1 }, { "0.5s", 500000 }, { "0m", 0 },
	{ "999999999h", INT64_C(3599999996400000000) },
	{ "1000000000h", -1 }, { "", -1 }, { "h", -1 }, { "2", -1 },
	{ "2d", -1 }, { "2hh", -1 }, { "2h30m", -1 }, { "-2h", -1 },
	{ "+2h", -1 }, { " 2h", -1 }, { "2 h", -1 }, { "2.h", -1 },
	{ ".5h", -1 }, { "1e3s", -1 }, { "0.0000001s", -1 },
};
/* clang-format on */

START_TEST(times_are_read)
{
	char got[INSTANT_ROOM];
	struct zone *z;
	int64_t reading;
	bool utc;

	ck_ok(zone_load(NULL, str_of(readings[_i].zone), &z));
	if (readings[_i].utc == NULL) {
		ck_err(instant_parse(readings[_i].text, &reading, &utc),
		    ERR_BAD_FIELD);
	} else {
		ck_ok(instant_parse(readings[_i].text, &reading, &utc));
		if (!utc)
			reading = instant_of_reading(z, reading);
		ck_assert_str_eq(instant_print(reading, got), readings[_i].utc);
	}
	zone_free(&z);
}
END_TEST

START_TEST(spans_are_read)
{
	int64_t us;

	if (spans[_i].us == -1) {
		ck_err(span_parse(spans[_i].text, &us), ERR_BAD_FIELD);
		return;
	}
	ck_ok(span_parse(spans[_i].text, &us));
	ck_assert_int_eq(us, spans[_i].us);
}
END_TEST

Suite *
conform_suite(void)
{
	TCase *tc = tcase_create("conform");

	tcase_add_test(tc, data_agrees);
	tcase_add_loop_test(tc, vectors_are_answered, 0, NELEM(answers));
	tcase_add_loop_test(tc, faults_are_told, 0, NELEM(bad));
	tcase_add_test(tc, a_broken_calendar_spares_the_others);
	tcase_add_test(tc, unknown_keys_are_remarked);
	tcase_add_test(tc, no_file_is_told);
	tcase_add_loop_test(tc, times_are_read, 0, NELEM(readings));
	tcase_add_loop_test(tc, spans_are_read, 0, NELEM(spans));
	return suite_of(tc, "conform");
}
