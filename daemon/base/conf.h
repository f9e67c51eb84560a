/*
 * conf.h - YAML into typed structs, with file:line:column for every fault.
 *
 * A schema is a table of fields; conf_load() fills a zeroed struct from a
 * file.  Every scalar is text, typed by the schema (no YAML 1.1 surprises).
 * All faults are reported, not only the first, each with the nearest right
 * word where one is near.  Refused: unknown and duplicate keys, tabs, anchors,
 * aliases, tags, several documents, files over 1 MiB, nesting over 8.
 *
 * Ownership: strings and arrays live in the struct conf; conf_free() ends
 * them all.
 */
#ifndef BASE_CONF_H
#define BASE_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"

enum conf_type {
	CONF_STRING,   /* const char * */
	CONF_NUMBER,   /* int64_t, strict decimal, within min..max */
	CONF_DURATION, /* int64_t us: 500ms 20s 15m 2h 1d; min..max in us */
	CONF_SIZE,     /* int64_t bytes: 64KiB 1MiB 2GiB or plain */
	CONF_BOOL,     /* bool: yes no true false */
	CONF_WORD,     /* int: index into `words' */
	CONF_CHOICE,   /* struct conf_choice: a word of `words', or, of those
	                  that end in a colon, {word: name} */
	CONF_STRINGS,  /* struct conf_list of const char * */
	CONF_TEXTS,    /* the same of struct conf_text: each with its place */
	CONF_MAP,      /* struct sub-object by `fields', embedded */
	CONF_LIST,     /* struct conf_list of sub-objects by `fields' */
	CONF_LEVELS, /* struct conf_list of struct conf_level: {name: number} */
	CONF_SPANS,  /* the same of times, in us: {name: 20s} */
	CONF_OTHERS  /* anything: it is not for this program to read */
};

struct conf_mark {
	int line, column; /* from 1; 0: not in the file */
};

struct conf_list {
	void *items;
	size_t n;
};

struct conf_text {
	const char *text;
	struct conf_mark at;
};

struct conf_choice {
	int word;         /* index into `words' */
	const char *name; /* NULL: the word alone */
	struct conf_mark at;
};

struct conf_level {
	const char *name;
	int64_t level;
	struct conf_mark at;
};

struct conf_field {
	const char *name;
	enum conf_type type;
	size_t offset;
	const char *preset;       /* as it would be written; NULL: required */
	const char *help;         /* one sentence */
	int64_t min, max;         /* both 0: any; also of lengths and counts */
	const char *const *words; /* CONF_WORD: NULL-ended */
	const struct conf_field
	    *fields;        /* CONF_MAP, CONF_LIST: NULL-name-ended */
	size_t size;        /* CONF_LIST: of one item */
	size_t mark_offset; /* of a conf_mark; 0 or SIZE_MAX: nowhere */
};

struct conf;

/*
 * Read `file' into the zeroed `target'.  ERR_CONFIG: every fault has been
 * written to `errors' as `file:line:column: what; remedy'; ERR_IO likewise
 * when it cannot be read.  *out is set only on ERR_OK and owns the strings.
 */
enum err conf_load(const char *file, const struct conf_field *, void *target,
    FILE *errors, struct conf **out) MUST_USE;

/* The same from memory; `name' stands for the file in messages. */
enum err conf_parse(const char *name, const char *text, size_t len,
    const struct conf_field *, void *target, FILE *errors,
    struct conf **out) MUST_USE;

void conf_free(struct conf **);

/* Write the schema with the values in force, as a file that conf_load takes. */
void conf_print(const struct conf_field *, const void *target, FILE *);

/* The word of `words' (NULL-ended) nearest to `got', or NULL if none is near
 * (Damerau-Levenshtein distance at most 2, or 1 under 4 letters). */
const char *conf_nearest(const char *got, const char *const *words);

/* A time as a file has it (500ms 20s 15m 2h 1d, -5m), both ways: false if it is
 * none; into `out', which is returned. */
#define CONF_VALUE_LEN 32
bool conf_scan_duration(const char *, int64_t *us);
const char *conf_show_duration(int64_t us, char out[CONF_VALUE_LEN]);

#endif
