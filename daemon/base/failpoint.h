/*
 * failpoint.h - named places where a test may have the process killed.
 *
 * With MASHANG_FAILPOINT=name[:count] in the environment at start, the process
 * kills itself (SIGKILL: nothing is flushed, nothing said) when it comes to
 * that place for the count-th time; with name:count:stop it only stops there
 * (SIGSTOP), so that a test can take a server away at that moment.  Otherwise a place costs one test of a
 * pointer.
 */
#ifndef BASE_FAILPOINT_H
#define BASE_FAILPOINT_H

#include <stddef.h>

extern const char *failpoint_armed; /* NULL: none */

void failpoint_hit(const char *name);

/* As the variable does; for a test's forked process.  NULL disarms. */
void failpoint_arm(const char *spec);

#define FAILPOINT(name)                                           \
	do {                                                      \
		if (__builtin_expect(failpoint_armed != NULL, 0)) \
			failpoint_hit(name);                      \
	} while (0)

#endif
