/*
 * failpoint.c - armed once, before main(), from the environment.
 */
#include "base/failpoint.h"

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *failpoint_armed;

static size_t name_len;
static unsigned long left;
static bool stops;

void
failpoint_arm(const char *spec)
{
	const char *colon;

	failpoint_armed = spec != NULL && *spec != '\0' ? spec : NULL;
	if (failpoint_armed == NULL)
		return;
	colon = strchr(spec, ':');
	name_len = colon != NULL ? (size_t)(colon - spec) : strlen(spec);
	left = colon != NULL ? strtoul(colon + 1, NULL, 10) : 1;
	stops = strstr(spec, ":stop") != NULL;
}

__attribute__((constructor)) static void
arm(void)
{
	failpoint_arm(getenv("MASHANG_FAILPOINT"));
}

void
failpoint_hit(const char *name)
{
	if (strlen(name) != name_len ||
	    memcmp(name, failpoint_armed, name_len) != 0)
		return;
	if (--left == 0)
		kill(getpid(), stops ? SIGSTOP : SIGKILL);
}
