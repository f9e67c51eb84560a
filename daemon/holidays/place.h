/*
 * place.h - where in which file something stands, and what is wrong there.
 *
 * A place is an offset; its line and column (from 1, in characters) are counted
 * only when a message needs them.  Every fault is told as
 * `FILE:LINE:COLUMN: what; remedy', cleaned: the text may be a stranger's.
 */
#ifndef HOLIDAYS_PLACE_H
#define HOLIDAYS_PLACE_H

#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "base/str.h"

#define PLACE_MAX 320

/* A file that was read whole. */
struct source {
	const char *name;
	struct str text;
};

struct place {
	const struct source *source;
	uint32_t offset;
};

/* "cn.ics:12:1" */
const char *place_text(struct place, char out[PLACE_MAX]);

struct faults {
	FILE *to;
	unsigned n; /* told, and those beyond the first 20, which are not */
};

void faults_add(struct faults *, struct place, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* The first 48 bytes, cut between characters: for messages. */
struct str place_excerpt(struct str);

/* The whole text is UTF-8 and has no NUL, or else a fault says where not. */
enum err source_check(const struct source *, struct faults *) MUST_USE;

#endif
