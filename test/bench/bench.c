/*
 * bench.c - see bench.h.
 */
#include "test/bench/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <sodium.h>

#include "test/support/pg_server.h"
#include "test/support/support.h"

static void (*run)(void);
static bool failed;

bool
bench_wanted(const char *name)
{
	const char *only = getenv("BENCH_ONLY");
	size_t len = strlen(name);

	for (const char *p = only; p != NULL && *p != '\0'; p++) {
		size_t n = strcspn(p, " ");

		if (n == len && strncmp(p, name, n) == 0)
			return true;
		p += n;
		if (*p == '\0')
			break;
	}
	return only == NULL;
}

double
bench_own_cpu(void)
{
	struct rusage r;

	getrusage(RUSAGE_SELF, &r);
	return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) * 1e6 +
	       (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec);
}

/* Of the process itself, and of its children that have ended. */
static void
times_of(pid_t pid, double *own, double *ended)
{
	char path[64], text[1024], *p;
	unsigned long user, sys;
	long ended_user, ended_sys;
	double tick = 1e6 / (double)sysconf(_SC_CLK_TCK);
	FILE *f;

	*own = *ended = 0;
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "r");
	if (f == NULL || fgets(text, sizeof(text), f) == NULL)
		text[0] = '\0';
	if (f != NULL)
		fclose(f);
	p = strrchr(text, ')');
	if (p == NULL ||
	    sscanf(p + 2,
		"%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %ld %ld",
		&user, &sys, &ended_user, &ended_sys) != 4)
		return;
	*own = (double)(user + sys) * tick;
	*ended = (double)(ended_user + ended_sys) * tick;
}

double
bench_cpu(pid_t pid)
{
	double own, ended;

	times_of(pid, &own, &ended);
	return own;
}

double
bench_pg_cpu(void)
{
	int pid, first = atoi(
		     pg_server_ask("SELECT pg_read_file('postmaster.pid')"));
	double sum, own, ended;
	char path[64];
	FILE *f;

	times_of(first, &own, &ended);
	sum = own + ended;
	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", first, first);
	if ((f = fopen(path, "r")) == NULL)
		return sum;
	while (fscanf(f, "%d", &pid) == 1)
		sum += bench_cpu(pid);
	fclose(f);
	return sum;
}

void
bench_settle_wal(void)
{
	pg_server_ask("SELECT pg_logical_emit_message(false, 'bench', 'x'),"
		      " pg_switch_wal() FROM generate_series(1, 64)");
	pg_server_ask("CHECKPOINT");
}

void
bench_failed(void)
{
	failed = true;
}

START_TEST(figures)
{
	run();
}
END_TEST

int
bench_main(const char *name, void (*all)(void))
{
	TCase *tc = tcase_create(name);
	SRunner *sr;

	if (sodium_init() < 0)
		return 1;
	run = all;
	setvbuf(stdout, NULL, _IOLBF, 0);
	test_count_skips();
	tcase_add_test(tc, figures);
	sr = srunner_create(suite_of(tc, "bench"));
	srunner_set_fork_status(sr, CK_NOFORK);
	srunner_run_all(sr, CK_SILENT);
	failed |= srunner_ntests_failed(sr) != 0;
	srunner_free(sr);
	return failed ? 1 : 0;
}
