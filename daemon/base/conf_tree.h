/*
 * conf_tree.h - what a file says, before anybody asks whether it makes sense;
 * inside base/ only.
 *
 * A tree of nodes with their places, within hard limits, without anchors,
 * aliases, tags and duplicate keys.  Faults go to one sink that numbers them.
 */
#ifndef BASE_CONF_TREE_H
#define BASE_CONF_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/conf.h"

#define CONF_FILE_MAX (1024 * 1024)
#define CONF_NODES_MAX 100000
#define CONF_DEPTH_MAX 8

struct arena;

enum conf_kind { CONF_SCALAR, CONF_SEQUENCE, CONF_MAPPING };

/* In a mapping keys and values are brothers: key, value, key, value. */
struct conf_node {
	enum conf_kind kind;
	bool plain; /* not in quotes: an empty one says nothing */
	struct conf_mark at;
	const char *text; /* CONF_SCALAR, without control characters */
	struct conf_node *first, *next;
	size_t n; /* CONF_SEQUENCE: items; CONF_MAPPING: keys */
};

struct conf_faults {
	FILE *out; /* NULL: only count */
	const char *name;
	unsigned n;
};

/* `file:line:column: what; remedy'; after a hundred only counted. */
void conf_fault(struct conf_faults *, struct conf_mark, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

/* Say how many more there were, if some were only counted. */
void conf_faults_end(struct conf_faults *);

/* Foreign words for a message: cleaned and cut, in a ring of 4 buffers. */
const char *conf_quote(const char *text);

/*
 * The tree of `text', in the arena; *out is NULL if nothing is in it.  ERR_OK
 * comes with faults told where the rest can still be looked at; ERR_CONFIG:
 * the tree is not whole; ERR_NOMEM.
 */
enum err conf_tree_read(struct arena *, const char *text, size_t len,
    struct conf_faults *, struct conf_node **out) MUST_USE;

/* Text of a scalar as a typed value: strict, false if it is none. */
bool conf_scan_number(const char *, int64_t *out);
bool conf_scan_size(const char *, int64_t *bytes);
bool conf_scan_bool(const char *, bool *out);
int conf_scan_word(const char *, const char *const *words); /* -1: none */

/* How such a value is written; into `out', which is returned. */
const char *conf_show_size(int64_t bytes, char out[CONF_VALUE_LEN]);

#endif
