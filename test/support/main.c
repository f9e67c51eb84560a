/*
 * main.c - runs suites: all, `unit', `integration', `live',
 * or those named.
 *
 * The last line counts tests: "N passed, N failed, N skipped".
 */
#include "test/support/support.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suites.h"

#define ROW(s) { #s, s##_suite },
static const struct suite {
	const char *name;
	Suite *(*make)(void);
} unit[] = { UNIT_SUITES(ROW){ NULL, NULL } },
  integration[] = { INTEGRATION_SUITES(ROW){ NULL, NULL } },
  live[] = { LIVE_SUITES(ROW){ NULL, NULL } };

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

/* Ended from outside: what the suites started must end too. */
static void
end_cb(int sig)
{
	exit(128 + sig); /* NOLINT: the runner only waits, nothing is torn */
}

int
main(int argc, char **argv)
{
	SRunner *sr = srunner_create(NULL);
	int ran, failed;

	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGTERM, end_cb);
	signal(SIGINT, end_cb);
	test_count_skips();
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "unit") == 0)
			add(sr, unit);
		else if (strcmp(argv[i], "integration") == 0)
			add(sr, integration);
		else if (strcmp(argv[i], "live") == 0)
			add(sr, live);
		else if (!add_named(sr, unit, argv[i]) &&
			 !add_named(sr, integration, argv[i]) &&
			 !add_named(sr, live, argv[i])) {
			fprintf(stderr, "check: no suite '%s'\n", argv[i]);
			return 2;
		}
	}
	if (argc == 1) {
		add(sr, unit);
		add(sr, integration);
		add(sr, live);
	}
	srunner_run_all(sr, CK_ENV);
	ran = srunner_ntests_run(sr);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	printf("%d passed, %d failed, %d skipped\n",
	    ran - failed - test_skipped(), failed, test_skipped());
	return failed == 0 && ran > 0 ? 0 : 1;
}
