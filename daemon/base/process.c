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
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "base/str.h"

/* When it was started: in proc(5)'s `stat', so many behind its name. */
#define START_FIELD 20

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

	snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
	line_of(path, line, sizeof(line));
	/* Its name, in brackets, may hold anything. */
	p = strrchr(line, ')');
	if (p == NULL || strncmp(p, ") Z", 3) == 0 || strncmp(p, ") X", 3) == 0)
		return 0;
	for (int i = 0; i < START_FIELD && p != NULL; i++)
		p = strchr(p + 1, ' ');
	return p != NULL ? strtoull(p, NULL, 10) : 0;
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
	char where[PROCESS_NAME], *end;
	unsigned long long ticks;
	size_t n;
	long pid;

	place(where);
	n = strlen(where);
	if (where[0] == '/' || strncmp(name, where, n) != 0)
		return false;
	pid = strtol(name + n, &end, 10);
	if (end == name + n || *end != '/')
		return false;
	name = end + 1;
	ticks = strtoull(name, &end, 10);
	return end != name && *end == '/' && started(pid) != ticks;
}
