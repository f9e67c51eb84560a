/*
 * config_rules.c - queues' rules, of a configuration: from the wire, as items,
 * and all of them together.
 */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "net/code.h"
#include "net/config_text.h"
#include "net/fields.h"

#define WORDS_MAX 3 /* of an item's name, behind its queue's */

static enum err
wrong(struct fault *f, struct str queue, const char *what)
{
	char text[512];

	snprintf(text, sizeof(text), "queue '%.*s': %s", STR_ARG(queue), what);
	return fault(f, ERR_CONFIG, "0", "0", text, "", NULL);
}

static enum err
wrong_rule(struct fault *f, struct str queue, const struct rules_fault *what)
{
	char text[sizeof(what->what) + 24];

	snprintf(
	    text, sizeof(text), "%s: %s", rule_word(what->rule), what->what);
	return wrong(f, queue, text);
}

static enum err
check(struct arena *a, const struct fields *f, const struct config_queue *q,
    const struct route_rules *r)
{
	struct rules_minimum *asks =
	    arena_alloc(a, q->n_skills * sizeof(*asks) + 1);
	struct rules_fault what;
	enum err e;

	if (asks == NULL)
		return ERR_NOMEM;
	for (unsigned i = 0; i < q->n_skills; i++)
		asks[i] = (struct rules_minimum){ q->skills[i].skill,
			q->skills[i].level };
	e = rules_check(q->name, r, &what);
	if (e == ERR_OK)
		e = rules_check_skills(r, asks, q->n_skills, &what);
	return e == ERR_CONFIG ? wrong_rule(f->fault, q->name, &what) : e;
}

enum err
config_rules_take(struct arena *a, const struct fields *f,
    ProtobufCBinaryData from, struct config_queue *q)
{
	const struct str text = { (const char *)from.data, (uint32_t)from.len };
	struct route_rules *r = arena_alloc(a, sizeof(*r));
	char what[256];
	enum err e;

	q->rules = STR_LIT("");
	if (r == NULL)
		return ERR_NOMEM;
	e = rules_parse(text, a, r, what, sizeof(what));
	if (e == ERR_CONFIG)
		return wrong(f->fault, q->name, what);
	if (e == ERR_OK)
		e = check(a, f, q, r);
	if (e == ERR_OK) /* in the one form that equal rules have */
		q->rules = rules_text(r, a);
	return q->rules.p != NULL ? e : ERR_NOMEM;
}

/* ---------------------------------------------------------------- as items */

/* How many words of the line say which rule it is. */
static unsigned
words_of_name(struct str line)
{
	static const struct {
		const char *begins;
		unsigned words;
	} many[] = {
		{ "relax ", 2 },
		{ "first ", 2 },
		{ "credit grade ", 3 },
		{ "credit word ", 3 },
		{ "credit ", 2 },
		{ "overflow ", 2 },
		{ "delay ", 2 },
	};

	for (unsigned i = 0; i < NELEM(many); i++) {
		size_t n = strlen(many[i].begins);

		if (line.len > n && memcmp(line.p, many[i].begins, n) == 0)
			return many[i].words;
	}
	return 1;
}

static bool
put_rule(
    struct arena *a, struct config_items *to, struct str queue, struct str line)
{
	unsigned words = words_of_name(line);
	uint32_t n = 0;
	struct str name, value;
	char *p;

	while (n < line.len && words > 0)
		words -= line.p[n++] == ' ' && words > 0;
	if ((p = arena_alloc(a, queue.len + line.len + 2)) == NULL)
		return false;
	memcpy(p, queue.p, queue.len);
	p[queue.len] = ' ';
	memcpy(p + queue.len + 1, line.p, line.len);
	name = (struct str){ p, queue.len + n };
	value = (struct str){ p + queue.len + 1 + n, line.len - n };
	if (!config_put(a, to, CONFIG_RULE, name, value))
		return false;
	to->items[to->n - 1].owner = (struct str){ p, queue.len };
	return true;
}

bool
config_put_rules(struct arena *a, struct config_items *to, struct str queue,
    struct str rules)
{
	bool ok = true;

	while (ok && rules.len > 0) {
		const char *end = memchr(rules.p, '\n', rules.len);
		struct str line = rules;

		if (end != NULL)
			line.len = (uint32_t)(end - rules.p);
		rules.p += line.len + (end != NULL);
		rules.len -= line.len + (end != NULL);
		if (line.len > 0)
			ok = put_rule(a, to, queue, line);
	}
	return ok;
}

/* -------------------------------------------------------------- all of them */

unsigned
config_rules_names(const struct route_rules *r,
    struct str names[RULES_NAMES_MAX], enum config_kind kinds[RULES_NAMES_MAX])
{
	const struct rule_then *thens[3 + RULES_OVERFLOWS_MAX] = { &r->closed,
		&r->when_full, &r->after_max_wait };
	unsigned n = 0, n_thens = 3;

	for (unsigned i = 0; i < r->n_relax; i++) {
		if (r->relax[i].kind == RELAX_TIER)
			continue;
		kinds[n] = r->relax[i].kind == RELAX_SKILL ? CONFIG_SKILL
		                                           : CONFIG_QUEUE;
		names[n++] = r->relax[i].name;
	}
	for (unsigned i = 0; i < r->n_overflows; i++)
		thens[n_thens++] = &r->overflows[i].then;
	for (unsigned i = 0; i < n_thens; i++)
		if (thens[i]->action == ACTION_QUEUE) {
			kinds[n] = CONFIG_QUEUE;
			names[n++] = thens[i]->queue;
		}
	if (r->hours.len > 0) {
		kinds[n] = CONFIG_CALENDAR;
		names[n++] = r->hours;
	}
	return n;
}

static bool
is_named(const struct config *c, struct str queue)
{
	for (unsigned i = 0; i < c->n_queues; i++)
		if (str_eq(c->queues[i].name, queue))
			return true;
	return false;
}

/* Texts that cannot be read send nowhere. */
static enum err
add(struct arena *a, struct rules_of *all, unsigned *n, struct str queue,
    struct str text)
{
	struct route_rules *r = arena_alloc(a, sizeof(*r));
	char nothing[1];
	enum err e;

	if (r == NULL)
		return ERR_NOMEM;
	if ((e = rules_parse(text, a, r, nothing, 1)) == ERR_OK)
		all[(*n)++] = (struct rules_of){ queue, r };
	return e == ERR_NOMEM ? e : ERR_OK;
}

enum err
config_rules_rings(struct arena *a, const struct config *c,
    const struct config_ids *ids, struct fault *f)
{
	struct rules_of *all =
	    arena_alloc(a, (c->n_queues + ids->n_rules) * sizeof(*all) + 1);
	enum err e = all != NULL ? ERR_OK : ERR_NOMEM;
	unsigned n = 0, which = 0;
	struct rules_fault what;

	for (unsigned i = 0; e == ERR_OK && i < c->n_queues; i++)
		if (c->queues[i].rules.len > 0)
			e = add(
			    a, all, &n, c->queues[i].name, c->queues[i].rules);
	for (unsigned i = 0; e == ERR_OK && c->keep_others && i < ids->n_rules;
	     i++)
		if (ids->rules[i].spec.len > 0 &&
		    !is_named(c, ids->rules[i].name))
			e = add(
			    a, all, &n, ids->rules[i].name, ids->rules[i].spec);
	if (e == ERR_OK)
		e = rules_check_rings(all, n, &which, &what);
	return e == ERR_CONFIG ? wrong_rule(f, all[which].queue, &what) : e;
}
