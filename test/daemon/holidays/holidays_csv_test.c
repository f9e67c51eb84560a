/*
 * holidays_csv_test.c - tables of holidays: what is taken, what is told.
 */
#include "holidays/csv.h"

#include <stdio.h>
#include <stdlib.h>

#include "holidays/print.h"
#include "test/support/support.h"

#define HEADER "date,kind,like,hours,label\n"

static char *said, *printed; /* of the last take() */
static size_t said_len, printed_len;
static struct choice choice;

/* The table as it comes out as a table again; faults are in `said'. */
static const char *
take_bytes(const char *text, size_t len)
{
	struct source s = { "t.csv", { text, (uint32_t)len } };
	struct holidays h = { .arena = arena_new(1024, 1 << 20) };
	struct faults f = { NULL, 0 };
	FILE *out;

	free(said);
	free(printed);
	f.to = open_memstream(&said, &said_len);
	out = open_memstream(&printed, &printed_len);
	ck_ok(csv_read(&s, &choice, &h, &f));
	if (holidays_settle(&h, &f) == ERR_OK)
		print_csv(&h, out);
	fclose(out);
	fclose(f.to);
	holidays_fini(&h);
	return printed;
}

static const char *
take(const char *text)
{
	return take_bytes(text, strlen(text));
}

static void
setup(void)
{
	choice = (struct choice){ 0 };
}

/* clang-format off */
static const struct {
	const char *in, *out;
} taken[] = {
	{ "2026-02-15,closed,,,春节\n", "2026-02-15,closed,,,春节\n" },
	{ "2026-02-14,like,mon,,make-up\n", "2026-02-14,like,mon,,make-up\n" },
	{ "12-24,open,,09:00-12:00 13:00-15:00,\n",
	  "12-24,open,,09:00-12:00 13:00-15:00,\n" },
	{ "02-29,closed,,,\n", "02-29,closed,,,\n" },
	{ "2026-01-01,closed,,,\"a, \"\"b\"\"\"\n",
	  "2026-01-01,closed,,,\"a, \"\"b\"\"\"\n" },
	{ "\"2026-01-01\",\"closed\",\"\",\"\",\"\"\r\n", "2026-01-01,closed,,,\n" },
	{ " 2026-01-01 , closed ,,, x \n", "2026-01-01,closed,,,x\n" },
	{ "2026-01-01,closed,,,last", "2026-01-01,closed,,,last\n" },
	{ "\n2026-01-01,closed,,,\n\n", "2026-01-01,closed,,,\n" },
	/* sorted, yearly ones at the end; the same day twice is one */
	{ "12-24,closed,,,\n2027-01-01,closed,,,\n2026-01-01,closed,,,a\n"
	  "2026-01-01,closed,,,b\n",
	  "2026-01-01,closed,,,a; b\n2027-01-01,closed,,,\n12-24,closed,,,\n" },
	/* a label is clean, and no formula */
	{ "2026-01-01,closed,,,\"a\x1b[2J\nb\"\n",
	  "2026-01-01,closed,,,a\xEF\xBF\xBD[2J\xEF\xBF\xBD" "b\n" },
	{ "2026-01-01,closed,,,=1+1\n", "2026-01-01,closed,,,1+1\n" },
};

/* Where, and a word of what. */
static const struct {
	const char *in, *where, *what;
} refused[] = {
	{ "2026-02-30,closed,,,\n", "t.csv:2:1: ", "no date" },
	{ "15.2.2026,closed,,,\n", "t.csv:2:1: ", "no date" },
	{ "2026-02-15,shut,,,\n", "t.csv:2:12: ", "closed, open or like" },
	{ "2026-02-15,like,,,\n", "t.csv:2:17: ", "weekday" },
	{ "2026-02-15,like,monday,,\n", "t.csv:2:17: ", "weekday" },
	{ "2026-02-15,closed,mon,,\n", "t.csv:2:19: ", "leave it empty" },
	{ "2026-02-15,closed,,09:00-10:00,\n", "t.csv:2:20: ", "leave it empty" },
	{ "2026-02-15,open,,,\n", "t.csv:2:18: ", "no hours" },
	{ "2026-02-15,open,,9-10,\n", "t.csv:2:18: ", "09:00-12:00" },
	{ "2026-02-15,closed,,\n", "t.csv:2:1: ", "4 fields" },
	{ "2026-02-15,closed,,,a,b\n", "t.csv:2:1: ", "6 fields" },
	{ "2026-02-15,closed,,,\"a\n", "t.csv:2:21: ", "never ends" },
	{ "2026-02-15,closed,,,\"a\"b\n", "t.csv:2:24: ", "closing quote" },
	{ "2026-02-15,closed,,,a\"b\n", "t.csv:2:22: ", "bare field" },
	{ "2026-02-15,closed,,,节\"b\n", "t.csv:2:22: ", "bare field" },
	{ "2026-02-15,closed,,,\xe6\x98\n", "t.csv:2:21: ", "UTF-8" },
	{ "2026-02-14,closed,,,\n2026-02-14,like,mon,,\n", "t.csv:3:1: ",
	  "2026-02-14 is 'like mon' here, but 'closed' at t.csv:2:1" },
	{ "2026-02-14,like,fri,,\n2026-02-14,like,mon,,\n", "t.csv:3:1: ",
	  "'like fri' at t.csv:2:1" },
	{ "12-24,open,,09:00-10:00,\n12-24,open,,09:00-11:00,\n", "t.csv:3:1: ",
	  "12-24 is 'open 09:00-11:00' here, but 'open 09:00-10:00'" },
};
/* clang-format on */

START_TEST(what_is_taken)
{
	char text[512];

	snprintf(text, sizeof(text), "%s%s", HEADER, taken[_i].in);
	ck_assert_str_eq(take(text) + strlen(HEADER), taken[_i].out);
	ck_assert_str_eq(said, "");
}
END_TEST

START_TEST(what_is_refused)
{
	char text[512];

	snprintf(text, sizeof(text), "%s%s", HEADER, refused[_i].in);
	take(text);
	ck_assert_msg(
	    strncmp(said, refused[_i].where, strlen(refused[_i].where)) == 0 &&
		strstr(said, refused[_i].what) != NULL &&
		strstr(said, "; ") != NULL,
	    "%s said: %s", refused[_i].in, said);
}
END_TEST

START_TEST(the_header)
{
	ck_assert_str_eq(
	    take("\xEF\xBB\xBFlabel,date,kind\r\nx,2026-01-01,closed\r\n"),
	    HEADER "2026-01-01,closed,,,x\n");
	take("date,kind,colour\n");
	ck_assert_ptr_nonnull(strstr(said, "t.csv:1:11: no column"));
	take("date;kind\n");
	ck_assert_ptr_nonnull(strstr(said, "between commas"));
	take("date,kind,date\n");
	ck_assert_ptr_nonnull(strstr(said, "t.csv:1:11: column 'date' twice"));
	take("date,label\n");
	ck_assert_ptr_nonnull(strstr(said, "no column 'kind'"));
	take("");
	ck_assert_ptr_nonnull(strstr(said, "t.csv:1:1: empty"));
	take_bytes("date,kind\n2026\0", 15);
	ck_assert_ptr_nonnull(strstr(said, "t.csv:2:5: a NUL"));
}
END_TEST

START_TEST(every_fault_is_told_up_to_twenty)
{
	char text[1024];
	unsigned lines = 0;
	int n = snprintf(text, sizeof(text), "%s", HEADER);

	for (unsigned i = 0; i < 30; i++)
		n += snprintf(text + n, sizeof(text) - (size_t)n, "x,y,,,\n\n");
	take(text);
	for (const char *p = said; (p = strchr(p, '\n')) != NULL; p++)
		lines++;
	ck_assert_uint_eq(lines, 20);
}
END_TEST

START_TEST(only_the_years_and_names_chosen)
{
	choice.from = choice.to = 2026;
	choice.only.words[choice.only.n++] = STR_LIT("national");
	ck_assert_str_eq(take(HEADER "2025-12-31,closed,,,a national\n"
				     "2026-01-01,closed,,,a National\n"
				     "2026-01-06,closed,,,regional\n"
				     "bad,closed,,,not looked at: regional\n"
				     "12-24,closed,,,national and yearly\n"
				     "2027-01-01,closed,,,a national\n"),
	    HEADER "2026-01-01,closed,,,a National\n"
		   "12-24,closed,,,national and yearly\n");
	ck_assert_str_eq(said, "");
	choice.except.words[choice.except.n++] = STR_LIT("YEARLY");
	ck_assert_str_eq(take(HEADER "2026-01-01,closed,,,National\n"
				     "12-24,closed,,,national and yearly\n"),
	    HEADER "2026-01-01,closed,,,National\n");
	ck_assert(choice.except.met[0]);
}
END_TEST

Suite *
holidays_csv_suite(void)
{
	TCase *tc = tcase_create("holidays_csv");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_loop_test(tc, what_is_taken, 0, NELEM(taken));
	tcase_add_loop_test(tc, what_is_refused, 0, NELEM(refused));
	tcase_add_test(tc, the_header);
	tcase_add_test(tc, every_fault_is_told_up_to_twenty);
	tcase_add_test(tc, only_the_years_and_names_chosen);
	return suite_of(tc, "holidays_csv");
}
