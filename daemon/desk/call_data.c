/*
 * call_data.c - what a switch collected of its caller: menu choices, digits,
 * an account's number, as pairs.
 *
 * Each event may bring more; a key that comes again has its newest value, an
 * empty value takes it away.  What a call has of them is limited as in one
 * event, so that all fits into an offer.
 */
#include "desk/state.h"

#include <stdlib.h>

#include "base/log.h"

struct call_data {
	unsigned n;
	struct {
		char *key, *value;
	} pairs[CALL_PAIRS_MAX];
};

void
call_data_free(struct call *c)
{
	for (unsigned i = 0; c->data != NULL && i < c->data->n; i++) {
		free(c->data->pairs[i].key);
		free(c->data->pairs[i].value);
	}
	free(c->data);
	c->data = NULL;
}

static unsigned
find(const struct call_data *t, struct str key)
{
	unsigned i = 0;

	while (i < t->n && !str_eq(str_of(t->pairs[i].key), key))
		i++;
	return i;
}

/* The last one takes its place. */
static void
take_away(struct call_data *t, unsigned i)
{
	if (i == t->n)
		return;
	free(t->pairs[i].key);
	free(t->pairs[i].value);
	t->pairs[i] = t->pairs[--t->n];
}

static void
put(struct call *c, struct call_data *t, const struct pair *p)
{
	unsigned i = find(t, p->key);
	char *value, *key;

	if (p->value.len == 0) {
		take_away(t, i);
		return;
	}
	if (i == CALL_PAIRS_MAX) {
		log_warn(LOG_DESK, "switch=%s call=%.*s has too much data",
		    c->sw->name, (int)c->name_len, c->name);
		return;
	}
	value = strndup(p->value.p, p->value.len);
	key = i < t->n ? t->pairs[i].key : strndup(p->key.p, p->key.len);
	desk_must(value != NULL && key != NULL ? ERR_OK : ERR_NOMEM);
	if (i < t->n)
		free(t->pairs[i].value);
	else
		t->n++;
	t->pairs[i].key = key;
	t->pairs[i].value = value;
}

void
call_data_merge(struct call *c, const struct pair *pairs, unsigned n)
{
	if (n == 0)
		return;
	if (c->data == NULL) {
		c->data = calloc(1, sizeof(*c->data));
		desk_must(c->data != NULL ? ERR_OK : ERR_NOMEM);
	}
	for (unsigned i = 0; i < n; i++)
		put(c, c->data, &pairs[i]);
}

unsigned
call_data_pairs(const struct call *c, struct pair *out)
{
	unsigned n = c->data != NULL ? c->data->n : 0;

	for (unsigned i = 0; i < n; i++)
		out[i] = (struct pair){ str_of(c->data->pairs[i].key),
			str_of(c->data->pairs[i].value) };
	return n;
}
