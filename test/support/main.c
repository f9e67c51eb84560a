/*
 * main.c - runs suites: `unit', `integration', `live', or those named; without
 * any word the first two.
 *
 * A suite that mostly waits runs in a process of its own beside the others.
 * The last line counts tests: "N passed, N failed, N skipped".
 */
#include "test/support/support.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "suites.h"

#define ROW(s) { #s, s##_suite },
static const struct suite {
	const char *name;
	Suite *(*make)(void);
} unit[] = { UNIT_SUITES(ROW){ NULL, NULL } },
  integration[] = { INTEGRATION_SUITES(ROW){ NULL, NULL } },
  live[] = { LIVE_SUITES(ROW){ NULL, NULL } };

static const char *const patient[] = { "sip_patience" };
static struct beside {
	Suite *suite;
	pid_t pid;
	int said;
} beside;

static bool
is_patient(const char *name)
{
	for (unsigned i = 0; i < NELEM(patient); i++)
		if (strcmp(name, patient[i]) == 0)
			return true;
	return false;
}

static void
add(SRunner *sr, const struct suite *s)
{
	for (; s->name != NULL; s++)
		if (is_patient(s->name))
			beside.suite = s->make();
		else
			srunner_add_suite(sr, s->make());
}

struct counts {
	int ran, failed;
};

static struct counts
run(SRunner *sr)
{
	struct counts c;

	srunner_run_all(sr, CK_ENV);
	c.ran = srunner_ntests_run(sr);
	c.failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return c;
}

/* Before the others, so that its time runs meanwhile. */
static void
start_beside(void)
{
	int p[2];
	struct counts c;

	if (beside.suite == NULL)
		return;
	if (pipe2(p, O_CLOEXEC) == -1 || (beside.pid = fork()) == -1) {
		perror("check");
		exit(1);
	}
	beside.said = p[0];
	if (beside.pid != 0) {
		close(p[1]);
		return;
	}
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	c = run(srunner_create(beside.suite));
	if (write(p[1], &c, sizeof(c)) != sizeof(c))
		perror("check");
	exit(0);
}

static struct counts
end_beside(void)
{
	struct counts c = { 0, 0 };

	if (beside.suite == NULL)
		return c;
	if (read(beside.said, &c, sizeof(c)) != sizeof(c))
		c = (struct counts){ 1, 1 }; /* it died */
	waitpid(beside.pid, NULL, 0);
	return c;
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
	struct counts c, other;

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
	start_beside();
	c = run(sr);
	other = end_beside();
	c.ran += other.ran;
	c.failed += other.failed;
	printf("%d passed, %d failed, %d skipped\n",
	    c.ran - c.failed - test_skipped(), c.failed, test_skipped());
	return c.failed == 0 && c.ran > 0 ? 0 : 1;
}
