/*
 * support.c - see support.h.
 */
#include "test/support/support.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static int *skipped; /* shared with the forked tests */
static char dir[PATH_MAX];
static pid_t owner; /* of dir */

void
test_count_skips(void)
{
	skipped = mmap(NULL, sizeof(int), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

int
test_skipped(void)
{
	return *skipped;
}

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
		return; /* made before the fork, by a fixture of many tests */
	if (getenv("MASHANG_TEST_KEEP") != NULL) {
		fprintf(stderr, "test: kept %s\n", dir);
		return;
	}
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
