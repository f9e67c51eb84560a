/*
 * kamailio_row.c - what is said of a call when it comes, and in a snapshot.
 */
#include "bridge/kamailio.h"

#include <stdlib.h>

#define KIND(K) MASHANG__CALL_EVENT_KIND__##K

struct str
kam_text(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	return (struct str){ json_string_value(v),
		(uint32_t)json_string_length(v) };
}

uint64_t
kam_number(const json_t *o, const char *key)
{
	json_int_t n = json_integer_value(json_object_get(o, key));

	return n > 0 ? (uint64_t)n : 0;
}

struct kam_call *
kam_call_of(struct xcall *x)
{
	void **mine = xcall_mine(x);

	if (*mine == NULL)
		*mine = calloc(1, sizeof(struct kam_call));
	return *mine;
}

bool
kam_is(const json_t *o, const char *key, const char *value)
{
	return str_eq(kam_text(o, key), str_of(value));
}

void
kam_remember(struct kam *k, const json_t *ev)
{
	struct xcall *x = exchange_find(k->exchange, kam_text(ev, "name"));
	struct kam_call *c = x != NULL ? kam_call_of(x) : NULL;

	if (c == NULL)
		return;
	c->outside = kam_is(ev, "way", "outside");
	c->away = kam_is(ev, "state", "away");
}

void
kam_row_fill(struct kam_row *row, const json_t *ev)
{
	struct report *r = &row->report;

	row->store = NULL;
	*r = (struct report){ .call = kam_text(ev, "name"),
		.at = kam_time(kam_text(ev, "time")),
		.caller = kam_text(ev, "from"),
		.called = kam_text(ev, "to"),
		.menu = kam_text(ev, "menu"),
		.priority = (uint32_t)kam_number(ev, "priority"),
		.related_call = kam_text(ev, "related") };
	r->caller_name = kam_display(
	    kam_text(ev, "from_name"), row->name, sizeof(row->name));
	if (r->related_call.len > 0)
		r->relation = MASHANG__RELATION__RELATION_TRANSFER;
}

void
kam_row_data(struct kam_row *row, const json_t *ev)
{
	struct str data = kam_text(ev, "data");

	if (data.len == 0 || (row->store = malloc(data.len)) == NULL)
		return;
	row->report.data = row->pairs;
	row->report.n_data = kam_pairs(data, row->store, row->pairs);
}

void
kam_row_done(struct kam_row *row)
{
	free(row->store);
	row->store = NULL;
}

static const struct state {
	const char *word;
	Mashang__CallEventKind kind;
	bool vague; /* the switch does not know what has been told of it */
} states[] = {
	{ "queued", KIND(QUEUED), false },
	{ "trying", KIND(QUEUED), false },
	{ "ringing", KIND(DELIVERED), false },
	{ "talking", KIND(ESTABLISHED), false },
	{ "held", KIND(HELD), false },
	{ "away", KIND(OFFERED), true },
};

/* NULL: it is about to end. */
static const struct state *
state_of(const json_t *row)
{
	for (unsigned i = 0; i < NELEM(states); i++)
		if (kam_is(row, "state", states[i].word))
			return &states[i];
	return NULL;
}

bool
kam_row_is_vague(const json_t *row)
{
	const struct state *s = state_of(row);

	return s == NULL || s->vague;
}

bool
kam_row_report(const json_t *ev, struct kam_row *row)
{
	const struct state *s = state_of(ev);
	bool outside = kam_is(ev, "way", "outside");
	struct str answered = kam_text(ev, "answered");
	struct report *r = &row->report;

	kam_row_fill(row, ev);
	if (kam_is(ev, "event", "dial.snapshot")) {
		r->kind = KIND(OFFERED);
		r->called = kam_text(ev, "number");
		return true;
	}
	if (s == NULL)
		return false;
	r->kind = s->kind;
	if (answered.len > 0)
		r->at = kam_time(answered);
	/* A phone that calls out is in the call from its beginning; what comes
	 * for one phone alone waits nowhere. */
	if (r->kind == KIND(QUEUED) && !kam_is(ev, "way", "queue"))
		r->kind = outside ? KIND(DELIVERED) : KIND(OFFERED);
	if (r->kind == KIND(QUEUED))
		kam_row_data(row, ev);
	else if (r->kind != KIND(OFFERED))
		r->device = kam_text(ev, outside ? "device" : "agent");
	return true;
}
