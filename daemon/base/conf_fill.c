/*
 * conf_fill.c - a preset goes the same way as a given value, so it has to be
 * right: one that is not is our own fault.
 */
#include "base/conf_fill.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "base/arena.h"

/* A value into its place; false: it was refused, and told. */
typedef enum err set_fn(struct conf_filling *, const struct conf_field *,
    const struct conf_node *, void *at);
static const struct conf_kind_of {
	enum conf_kind kind;
	set_fn *set;
} types[];

static enum err
refuse_value(struct conf_filling *fl, const struct conf_field *f,
    const struct conf_node *n)
{
	static const char *const kinds[] = { "a single value", "a list",
		"a map" };
	char want[CONF_WANTED_LEN];
	const char *near = NULL;

	conf_wanted(f, want);
	if (n->kind != CONF_SCALAR)
		conf_fault(fl->faults, n->at, "%s is %s; write %s", f->name,
		    kinds[n->kind], want);
	else if (n->plain && n->text[0] == '\0')
		conf_fault(fl->faults, n->at, "%s has no value; write %s",
		    f->name, want);
	else {
		if (f->type == CONF_WORD || f->type == CONF_CHOICE)
			near = conf_nearest(n->text, f->words);
		conf_fault(fl->faults, n->at, "%s is '%s'; write %s%s%s%s",
		    f->name, conf_quote(n->text), want,
		    near != NULL ? "; did you mean '" : "",
		    near != NULL ? near : "", near != NULL ? "'?" : "");
	}
	return ERR_OK;
}

/* ------------------------------------------------------------ single values */

static enum err
set_string(struct conf_filling *fl, const struct conf_field *f,
    const struct conf_node *n, void *at)
{
	size_t len = strlen(n->text);
	const char **out = at;
	char *copy;

	if (n->plain && len == 0)
		return refuse_value(fl, f, n);
	if (!conf_is_within(f, (int64_t)len)) {
		conf_fault(fl->faults, n->at,
		    "%s is %zu bytes long; write %" PRId64 " to %" PRId64,
		    f->name, len, f->min, f->max);
		return ERR_OK;
	}
	if ((copy = arena_alloc(fl->values, len + 1)) == NULL)
		return ERR_NOMEM;
	memcpy(copy, n->text, len);
	*out = copy;
	return ERR_OK;
}

static enum err
set_quantity(struct conf_filling *fl, const struct conf_field *f,
    const struct conf_node *n, void *at)
{
	int64_t v;
	bool ok = f->type == CONF_DURATION ? conf_scan_duration(n->text, &v)
	          : f->type == CONF_SIZE   ? conf_scan_size(n->text, &v)
	                                   : conf_scan_number(n->text, &v);

	if (!ok || !conf_is_within(f, v))
		return refuse_value(fl, f, n);
	*(int64_t *)at = v;
	return ERR_OK;
}

static enum err
set_bool(struct conf_filling *fl, const struct conf_field *f,
    const struct conf_node *n, void *at)
{
	bool v;

	if (!conf_scan_bool(n->text, &v))
		return refuse_value(fl, f, n);
	*(bool *)at = v;
	return ERR_OK;
}

static enum err
set_word(struct conf_filling *fl, const struct conf_field *f,
    const struct conf_node *n, void *at)
{
	int i = conf_scan_word(n->text, f->words);

	if (i < 0)
		return refuse_value(fl, f, n);
	*(int *)at = i;
	return ERR_OK;
}

/* "queue:" is what `queue' is among words that want a name. */
static int
choice_of(const char *const *words, const char *got, bool named)
{
	size_t n = strlen(got);

	for (int i = 0; words[i] != NULL; i++)
		if (strncmp(words[i], got, n) == 0 &&
		    strcmp(words[i] + n, named ? ":" : "") == 0)
			return i;
	return -1;
}

static enum err
set_choice(struct conf_filling *fl, const struct conf_field *f,
    const struct conf_node *n, void *at)
{
	struct conf_choice *c = at;
	const struct conf_field name = { .name = f->name,
		.type = CONF_STRING,
		.min = f->min,
		.max = f->max };
	const struct conf_node *key = n->first;
	bool named = n->kind == CONF_MAPPING && n->n == 1;

	if (n->kind != CONF_SCALAR && !named)
		return refuse_value(fl, f, n);
	*c = (struct conf_choice){ .at = named ? key->next->at : n->at };
	c->word = choice_of(f->words, named ? key->text : n->text, named);
	if (c->word < 0)
		return refuse_value(fl, f, named ? key : n);
	if (!named)
		return ERR_OK;
	return key->next->kind == CONF_SCALAR
	           ? set_string(fl, &name, key->next, &c->name)
	           : refuse_value(fl, &name, key->next);
}

/* ----------------------------------------------------------- many values */

/* Room for the items of a list; `n' is within the field's bounds. */
static enum err
make_list(struct conf_filling *fl, const struct conf_node *n, size_t size,
    struct conf_list *out)
{
	size_t bytes;

	if (__builtin_mul_overflow(n->n, size, &bytes))
		return ERR_NOMEM;
	if (n->n > 0 && (out->items = arena_alloc(fl->values, bytes)) == NULL)
		return ERR_NOMEM;
	out->n = n->n;
	return ERR_OK;
}

static bool
count_fits(struct conf_filling *fl, const struct conf_field *f,
    const struct conf_node *n)
{
	if (conf_is_within(f, (int64_t)n->n))
		return true;
	conf_fault(fl->faults, n->at,
	    "%s has %zu entries; write %" PRId64 " to %" PRId64, f->name, n->n,
	    f->min, f->max);
	return false;
}

static enum err
set_strings(struct conf_filling *fl, const struct conf_field *f,
    const struct conf_node *n, void *at)
{
	const struct conf_field one = { .name = f->name, .type = CONF_STRING };
	struct conf_list *list = at;
	enum err e = ERR_OK;
	const char **s;

	if (!count_fits(fl, f, n))
		return ERR_OK;
	e = make_list(fl, n, sizeof(*s), list);
	s = list->items;
	for (n = n->first; e == ERR_OK && n != NULL; n = n->next, s++)
		e = n->kind == CONF_SCALAR ? set_string(fl, &one, n, s)
		                           : refuse_value(fl, &one, n);
	return e;
}

static enum err
set_texts(struct conf_filling *fl, const struct conf_field *f,
    const struct conf_node *n, void *at)
{
	const struct conf_field one = { .name = f->name, .type = CONF_STRING };
	struct conf_list *list = at;
	struct conf_text *t;
	enum err e;

	if (!count_fits(fl, f, n))
		return ERR_OK;
	e = make_list(fl, n, sizeof(*t), list);
	t = list->items;
	for (n = n->first; e == ERR_OK && n != NULL; n = n->next, t++) {
		t->at = n->at;
		e = n->kind == CONF_SCALAR ? set_string(fl, &one, n, &t->text)
		                           : refuse_value(fl, &one, n);
	}
	return e;
}

static enum err
set_list(struct conf_filling *fl, const struct conf_field *f,
    const struct conf_node *n, void *at)
{
	const struct conf_field one = { .name = f->name, .type = CONF_MAP };
	struct conf_list *list = at;
	enum err e = ERR_OK;
	char *item;

	if (!count_fits(fl, f, n))
		return ERR_OK;
	e = make_list(fl, n, f->size, list);
	item = list->items;
	for (n = n->first; e == ERR_OK && n != NULL; n = n->next) {
		e = n->kind == CONF_MAPPING
		        ? conf_fill_map(fl, f->fields, n, item)
		        : refuse_value(fl, &one, n);
		item += f->size;
	}
	return e;
}

static enum err
set_levels(struct conf_filling *fl, const struct conf_field *f,
    const struct conf_node *n, void *at)
{
	struct conf_field one = { .type = f->type == CONF_SPANS ? CONF_DURATION
		                                                : CONF_NUMBER };
	const struct conf_field name = { .name = f->name, .type = CONF_STRING };
	struct conf_list *list = at;
	struct conf_level *level;
	enum err e = make_list(fl, n, sizeof(*level), list);

	one.min = f->min;
	one.max = f->max;
	level = list->items;
	for (n = n->first; e == ERR_OK && n != NULL; n = n->next->next) {
		level->at = n->at;
		one.name = conf_quote(n->text);
		e = set_string(fl, &name, n, &level->name);
		if (e == ERR_OK)
			e = n->next->kind == CONF_SCALAR
			        ? set_quantity(fl, &one, n->next, &level->level)
			        : refuse_value(fl, &one, n->next);
		level++;
	}
	return e;
}

static enum err
set_map(struct conf_filling *fl, const struct conf_field *f,
    const struct conf_node *n, void *at)
{
	return conf_fill_map(fl, f->fields, n, at);
}

static const struct conf_kind_of types[] = {
	[CONF_STRING] = { CONF_SCALAR, set_string },
	[CONF_NUMBER] = { CONF_SCALAR, set_quantity },
	[CONF_DURATION] = { CONF_SCALAR, set_quantity },
	[CONF_SIZE] = { CONF_SCALAR, set_quantity },
	[CONF_BOOL] = { CONF_SCALAR, set_bool },
	[CONF_WORD] = { CONF_SCALAR, set_word },
	[CONF_CHOICE] = { CONF_SCALAR, set_choice },
	[CONF_STRINGS] = { CONF_SEQUENCE, set_strings },
	[CONF_TEXTS] = { CONF_SEQUENCE, set_texts },
	[CONF_MAP] = { CONF_MAPPING, set_map },
	[CONF_LIST] = { CONF_SEQUENCE, set_list },
	[CONF_LEVELS] = { CONF_MAPPING, set_levels },
	[CONF_SPANS] = { CONF_MAPPING, set_levels },
};

/* ------------------------------------------------------- schemas and trees */

static enum err
set_value(struct conf_filling *fl, const struct conf_field *f,
    const struct conf_node *n, void *target)
{
	char *base = target;

	/* `queues:' with nothing after it is a list of none. */
	struct conf_node none = { .kind = types[f->type].kind, .at = n->at };

	if (f->mark_offset != 0 && f->mark_offset != SIZE_MAX)
		memcpy(base + f->mark_offset, &n->at, sizeof(n->at));
	if (none.kind != CONF_SCALAR && n->kind == CONF_SCALAR && n->plain &&
	    n->text[0] == '\0')
		n = &none;
	if (n->kind != none.kind && f->type != CONF_CHOICE)
		return refuse_value(fl, f, n);
	return types[f->type].set(fl, f, n, base + f->offset);
}

static void
forget_marks(struct conf_node *n)
{
	for (; n != NULL; n = n->next) {
		n->at = (struct conf_mark){ 0, 0 };
		forget_marks(n->first);
	}
}

/* The preset as a file would give it; a scalar's may leave its quotes out. */
static enum err
set_preset(struct conf_filling *fl, const struct conf_field *f, void *target)
{
	struct conf_faults *told = fl->faults;
	struct conf_faults none = { .name = f->name };
	struct conf_node scalar = { .text = f->preset };
	struct conf_node *n = &scalar;
	enum err e = ERR_OK;

	if (strcmp(f->preset, "''") == 0)
		scalar.text = "";
	if (types[f->type].kind != CONF_SCALAR)
		e = conf_tree_read(
		    fl->tree, f->preset, strlen(f->preset), &none, &n);
	if (e != ERR_OK)
		return e;
	forget_marks(n);
	fl->faults = &none;
	e = set_value(fl, f, n, target);
	fl->faults = told;
	assert(none.n == 0);
	return e;
}

static const struct conf_node *
find_value(const struct conf_node *map, const char *name)
{
	const struct conf_node *k;

	for (k = map->first; k != NULL; k = k->next->next)
		if (strcmp(k->text, name) == 0)
			return k->next;
	return NULL;
}

static void
tell_unknown(struct conf_filling *fl, const struct conf_field *fields,
    const struct conf_node *map)
{
	const char *words[CONF_FIELDS_MAX + 1] = { NULL };
	char known[CONF_WANTED_LEN];
	const struct conf_node *k;
	const char *near;

	for (size_t i = 0; fields[i].name != NULL; i++) {
		assert(i < CONF_FIELDS_MAX);
		words[i] = fields[i].name;
	}
	for (k = map->first; k != NULL; k = k->next->next) {
		if (conf_scan_word(k->text, words) >= 0)
			continue;
		near = conf_nearest(k->text, words);
		if (near != NULL)
			conf_fault(fl->faults, k->at,
			    "'%s' is not known; did you mean '%s'?",
			    conf_quote(k->text), near);
		else
			conf_fault(fl->faults, k->at,
			    "'%s' is not known; here can be:%s",
			    conf_quote(k->text), conf_known(words, known));
	}
}

enum err
conf_fill_map(struct conf_filling *fl, const struct conf_field *fields,
    const struct conf_node *map, void *target)
{
	enum err e = ERR_OK;

	tell_unknown(fl, fields, map);
	for (const struct conf_field *f = fields;
	     e == ERR_OK && f->name != NULL; f++) {
		const struct conf_node *n = find_value(map, f->name);
		char want[CONF_WANTED_LEN];

		if (f->type == CONF_OTHERS)
			continue;
		if (n != NULL)
			e = set_value(fl, f, n, target);
		else if (f->preset != NULL)
			e = set_preset(fl, f, target);
		else
			conf_fault(fl->faults, map->at,
			    "%s is missing; write %s", f->name,
			    conf_wanted(f, want));
	}
	return e;
}
