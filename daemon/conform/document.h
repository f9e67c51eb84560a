/*
 * document.h - a file of calendars and vectors, and what is wrong with it.
 *
 * A fault is told at once, with the file, the place in it (vectors[3].start)
 * and the remedy, and counted; reading then goes on with what does not depend
 * on it.  A calendar with a fault keeps its name, so that its vectors can say
 * why they have no answer.
 */
#ifndef CONFORM_DOCUMENT_H
#define CONFORM_DOCUMENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/err.h"
#include "sla/calendar.h"
#include "sla/zone.h"

#define PLACE_ROOM 256

struct telling {
	const char *file;
	FILE *out, *err;
	unsigned faults;
};
/* `place' is "" for the whole file. */
void tell_fault(struct telling *, const char *place, const char *fmt, ...)
    PRINTF_LIKE(3, 4);
/* As tell_fault(), but not counted: it stands in the way of nothing. */
void tell_remark(struct telling *, const char *place, const char *fmt, ...)
    PRINTF_LIKE(3, 4);
/* Keys of an object that `known' (up to NULL) has not. */
void tell_unknown(struct telling *, const char *place, json_t *object,
    const char *const known[]);

struct document_calendar {
	const char *name;
	bool sound;
	struct cal_spec spec;
	struct zone *zone; /* NULL unless sound */
};

struct document {
	json_t *json;
	struct arena *arena; /* of the specifications */
	size_t n;
	struct document_calendar *calendars;
	json_t *vectors; /* an array */
};

/* ERR_OK also where calendars have faults; else nothing can be answered and it
 * has been told why. */
enum err document_read(struct telling *, struct document *out) MUST_USE;
void document_fini(struct document *);

/* NULL: no such. */
const struct document_calendar *document_find(
    const struct document *, const char *name);

#endif
