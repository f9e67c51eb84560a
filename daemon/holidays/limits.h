/*
 * limits.h - work on a stranger's file, in a process that cannot do harm by it.
 *
 * The work is done in a child that may use 2 s of processor and 256 MiB, opens
 * no file for writing and leaves no core.  What it writes, on standard error too,
 * is kept and handed over at its end.  The child says where in which file it is, so that the
 * parent can still tell when the child is ended at its limit.
 */
#ifndef HOLIDAYS_LIMITS_H
#define HOLIDAYS_LIMITS_H

#include <stdint.h>
#include <stdio.h>

#include "base/err.h"

#define LIMITS_CPU_S 2
#define LIMITS_MEMORY (INT64_C(256) << 20)
#define LIMITS_WALL_S 30
#define LIMITS_OUTPUT (8u << 20)

/* Where the child is; shared by both. */
struct limits_note {
	volatile uint32_t source, offset;
};

struct limits_text {
	char *text; /* malloc'd, no NUL */
	size_t len, room;
};

struct limits_end {
	int status; /* of exit, if no signal */
	int signal; /* that ended it; 0: none */
	struct limits_text out, said;
	struct limits_note *note;
};

typedef int limits_work_fn(void *arg, struct limits_note *, FILE *out);

/* ERR_IO: no child could be made. */
enum err limits_run(
    limits_work_fn *, void *arg, struct limits_end *out) MUST_USE;
void limits_end_fini(struct limits_end *);

#endif
