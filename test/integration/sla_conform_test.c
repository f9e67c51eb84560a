/*
 * sla_conform_test.c - the program: what it prints where, and its exit codes.
 * What it understands is conform_test.c's.
 */
#include <stdio.h>
#include <string.h>

#include "test/support/program.h"
#include "test/support/support.h"

Suite *sla_conform_suite(void);

/* Must end with `status', after having said `words'. */
static void
run(int status, const char *words, const char *one, const char *two)
{
	const char *const argv[] = { "sla-conform", one, two, NULL };
	struct program p;
	int got;

	program_start(&p, NULL, argv);
	got = program_end(&p);
	ck_assert_msg(got == status, "%s: %d, not %d:\n%s",
	    one != NULL ? one : "(nothing)", got, status, p.said);
	ck_assert_msg(strstr(p.said, words) != NULL, "%s", p.said);
	program_free(&p);
}

static const char *
file_of(const char *text)
{
	static char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/vectors.json", test_dir());
	f = fopen(path, "we");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
	return path;
}

#define VECTOR(due)                                                           \
	"{\"calendars\": {\"C\": {\"tz\": \"Asia/Shanghai\", \"weekly\": "    \
	"{\"tue\": [\"09:00-12:00\"]}}}, \"vectors\": [{\"id\": \"V1\", "     \
	"\"calendar\": \"C\", \"start\": \"2026-03-10T09:30:00\", \"goal\": " \
	"\"2h\", \"due\": \"" due "\"}]}"

START_TEST(exit_codes)
{
	run(64, "usage: sla-conform FILE.json", NULL, NULL);
	run(64, "usage: sla-conform FILE.json", "--nonsense", NULL);
	run(64, "usage: sla-conform FILE.json", "a.json", "b.json");
	run(0, "usage: sla-conform FILE.json", "--help", NULL);
	run(0, "sla-conform ", "--version", NULL);
	run(0, "V1 2026-03-10T03:30:00Z ok\n",
	    file_of(VECTOR("2026-03-10T03:30:00Z")), NULL);
	run(1, "V1 2026-03-10T03:30:00Z not ok, expected 2026-03-10T04:30:00Z",
	    file_of(VECTOR("2026-03-10T04:30:00Z")), NULL);
	run(1, "vectors.json: vectors[0].due: \"noon\" is no time in UTC",
	    file_of(VECTOR("noon")), NULL);
	run(1, "vectors.json: line 1, column 1: not JSON", file_of("{"), NULL);
	run(1, "No such file", "/nonexistent.json", NULL);
}
END_TEST

START_TEST(data_agrees)
{
	const char *file = test_data("sla-vectors.json");

	if (file == NULL)
		test_skip("no sla-vectors.json; set MASHANG_DATA");
	run(0, "V36 2028-02-29T09:00:00Z ok\n", file, NULL);
}
END_TEST

Suite *
sla_conform_suite(void)
{
	TCase *tc = tcase_create("sla-conform");

	tcase_add_test(tc, exit_codes);
	tcase_add_test(tc, data_agrees);
	return suite_of(tc, "sla_conform");
}
