/*
 * process.h - this process' name among all that ever run, anywhere.
 *
 * Whoever meets the name on the same machine can tell that its process is gone:
 * then what it has left behind need not be waited for.
 */
#ifndef BASE_PROCESS_H
#define BASE_PROCESS_H

#include <stdbool.h>

#define PROCESS_NAME 128

/* The same for as long as the process lives. */
void process_name(char out[PROCESS_NAME]);
/* True only if it was of this machine, since it was started, and has ended. */
bool process_is_gone(const char *name);

#endif
