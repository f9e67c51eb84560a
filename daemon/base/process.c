/*
 * process.c - see the header.
 *
 * A name is "boot/pids/pid/start/random": which start of which machine, which
 * space of process numbers, the number, when it was given out (numbers come
 * again), and chance.
 */
#include "base/process.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "base/str.h"

/* The first line of a file, "" if it cannot be read. */
static void
line_of(const char *path, char *out, int size)
{
	FILE *f = fopen(path, "re");

	out[0] = '\0';
	if (f == NULL)
		return;
	if (fgets(out, size, f) == NULL)
		out[0] = '\0';
	out[strcspn(out, "\n")] = '\0';
	fclose(f);
}

/* Which processes' numbers mean the same as ours. */
static void
place(char out[PROCESS_NAME])
{
	char boot[48];
	struct stat st = { 0 };

	line_of("/proc/sys/kernel/random/boot_id", boot, sizeof(boot));
	(void)stat("/proc/self/ns/pid", &st);
	snprintf(
	    out, PROCESS_NAME, "%.40s/%" PRIu64 "/", boot, (uint64_t)st.st_ino);
}

/* In ticks since the machine started; 0: there is none, or it has ended and is
 * not buried yet. */
static unsigned long long
started(long pid)
{
	char path[48], line[1024], *p;
	unsigned long long ticks = 0;
	char state = 'Z';

	snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
	line_of(path, line, sizeof(line));
	/* Its name, in brackets, may hold anything. */
	if ((p = strrchr(line, ')')) == NULL ||
	    sscanf(p,
		") %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s"
		" %*s %*s %*s %*s %*s %llu",
		&state, &ticks) != 2)
		return 0;
	return state == 'Z' || state == 'X' ? 0 : ticks;
}

void
process_name(char out[PROCESS_NAME])
{
	static char name[PROCESS_NAME];
	char where[PROCESS_NAME];

	if (name[0] == '\0') {
		place(where);
		snprintf(name, sizeof(name), "%.70s%ld/%llu/%08" PRIx32, where,
		    (long)getpid(), started(getpid()), randombytes_random());
	}
	memcpy(out, name, sizeof(name));
}

bool
process_is_gone(const char *name)
{
	char where[PROCESS_NAME];
	unsigned long long ticks;
	size_t n;
	long pid;

	place(where);
	n = strlen(where);
	if (where[0] == '/' || strncmp(name, where, n) != 0 ||
	    sscanf(name + n, "%ld/%llu/", &pid, &ticks) != 2)
		return false;
	return started(pid) != ticks;
}
