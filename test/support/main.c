/*
 * main.c - runs suites: all, `unit', `integration', or those named.
 *
 * The last line counts tests: "N passed, N failed, N skipped".
 */
#include "test/support/support.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "suites.h"

#define ROW(s) { #s, s##_suite },
static const struct suite {
	const char *name;
	Suite *(*make)(void);
} unit[] = { UNIT_SUITES(ROW) { NULL, NULL } },
  integration[] = { INTEGRATION_SUITES(ROW) { NULL, NULL } };

static int *skipped; /* shared with the forked tests */
static char dir[PATH_MAX];
static pid_t owner; /* of dir */

Suite *
suite_of(TCase *tc, const char *name)
{
	Suite *s = suite_create(name);

	suite_add_tcase(s, tc);
	return s;
}

void
test_skip(const char *why)
{
	fprintf(stderr, "SKIPPED: %s\n", why);
	__sync_fetch_and_add(skipped, 1);
	exit(0);
}

const char *
test_build(void)
{
	const char *b = getenv("BUILD");

	return b != NULL ? b : "build";
}

static void
remove_dir(void)
{
	char cmd[PATH_MAX + 16];

	if (owner != getpid())
		return; /* a test's child: a fixture before the fork made it */
	snprintf(cmd, sizeof(cmd), "rm -rf '%s'", dir);
	if (system(cmd) != 0)
		fprintf(stderr, "test: cannot remove %s\n", dir);
}

const char *
test_dir(void)
{
	if (owner == getpid())
		return dir;
	snprintf(dir, sizeof(dir), "/tmp/mashang-test-XXXXXX");
	if (mkdtemp(dir) == NULL) {
		perror("test: mkdtemp");
		exit(1);
	}
	owner = getpid();
	atexit(remove_dir);
	return dir;
}

const char *
test_data(const char *file)
{
	static char path[PATH_MAX];
	const char *d = getenv("MASHANG_DATA");

	snprintf(path, sizeof(path), "%s/%s", d ? d : "../shared/data", file);
	return access(path, R_OK) == 0 ? path : NULL;
}

static void
add(SRunner *sr, const struct suite *s)
{
	for (; s->name != NULL; s++)
		srunner_add_suite(sr, s->make());
}

static bool
add_named(SRunner *sr, const struct suite *s, const char *name)
{
	for (; s->name != NULL; s++)
		if (strcmp(s->name, name) == 0) {
			srunner_add_suite(sr, s->make());
			return true;
		}
	return false;
}

int
main(int argc, char **argv)
{
	SRunner *sr = srunner_create(NULL);
	int ran, failed;

	setvbuf(stdout, NULL, _IOLBF, 0);
	skipped = mmap(NULL, sizeof(int), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "unit") == 0)
			add(sr, unit);
		else if (strcmp(argv[i], "integration") == 0)
			add(sr, integration);
		else if (!add_named(sr, unit, argv[i]) &&
		    !add_named(sr, integration, argv[i])) {
			fprintf(stderr, "check: no suite '%s'\n", argv[i]);
			return 2;
		}
	}
	if (argc == 1) {
		add(sr, unit);
		add(sr, integration);
	}
	srunner_run_all(sr, CK_ENV);
	ran = srunner_ntests_run(sr);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	printf("%d passed, %d failed, %d skipped\n", ran - failed - *skipped,
	    failed, *skipped);
	return failed == 0 && ran > 0 ? 0 : 1;
}
