/*
 * conf_fill.h - a tree of text against a schema; inside base/ only.
 */
#ifndef BASE_CONF_FILL_H
#define BASE_CONF_FILL_H

#include "base/conf_tree.h"

#define CONF_FIELDS_MAX 64
#define CONF_WANTED_LEN 256

struct conf_filling {
	struct arena *values, *tree; /* what stays; what goes afterwards */
	struct conf_faults *faults;
};

/*
 * Every field once, in the schema's order: given, preset or missing.  ERR_OK
 * comes with faults told, too; ERR_NOMEM.
 */
enum err conf_fill_map(struct conf_filling *, const struct conf_field *,
    const struct conf_node *map, void *target) MUST_USE;

/* What to write there, for the remedy's half of a message; returns `out'. */
const char *conf_wanted(const struct conf_field *, char out[CONF_WANTED_LEN]);

/* ` one, two, three', cut where that is too long; returns `out'. */
const char *conf_known(const char *const *words, char out[CONF_WANTED_LEN]);

/* Within min and max, or there are none. */
bool conf_is_within(const struct conf_field *, int64_t);

#endif
