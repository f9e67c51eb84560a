/*
 * event.c - checks; the protocol's enums and the desk's have the same order.
 */
#include "net/event.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "net/code.h"

#define VALUE_LEN 1024
#define PRIORITY_MAX 9

_Static_assert(
    (int)MASHANG__CALL_EVENT_KIND__CALL_CLEARED == (int)CALL_EV_CALL_CLEARED,
    "same order");
_Static_assert((int)MASHANG__CAUSE__CAUSE_SWITCH_LOST == (int)CAUSE_SWITCH_LOST,
    "same order");
_Static_assert(
    (int)MASHANG__PARTY__PARTY_SWITCH == (int)PARTY_SWITCH, "same order");
_Static_assert(
    (int)MASHANG__RELATION__RELATION_FOLLOW_UP == (int)RELATION_FOLLOW_UP,
    "same order");
_Static_assert(
    (int)MASHANG__ORDER_KIND__ORDER_CALL_BACK == (int)ORDER_CALL_BACK,
    "same order");
_Static_assert((int)MASHANG__AGENT_STATE_KIND__AGENT_WORKING_AFTER_CALL ==
		   (int)AGENT_STATE_WORKING_AFTER_CALL,
    "same order");
_Static_assert(
    (int)MASHANG__OFFER_END_REASON__OFFER_WITHDRAWN == (int)OFFER_END_WITHDRAWN,
    "same order");
_Static_assert((int)MASHANG__TICKET_KIND__SUGGESTION == (int)TICKET_SUGGESTION,
    "same order");
_Static_assert(
    (int)MASHANG__CELL_KIND__CELL_RATIO == (int)CELL_RATIO, "same order");

/* ------------------------------------------------------------------- data */

/* Cleaned text has no control characters but, with `lines', tab and newline;
 * here it is cleaned without. */
static char *
put_json(char *p, struct str s)
{
	*p++ = '"';
	for (uint32_t i = 0; i < s.len; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\')
			*p++ = '\\';
		*p++ = s.p[i];
	}
	*p++ = '"';
	return p;
}

static enum err
check_pairs(const struct fields *f, Mashang__KeyValue *const *pairs, size_t n,
    struct pair *out, size_t *room)
{
	enum err e;

	for (size_t i = 0; i < n; i++) {
		if ((e = field_name_required(f, "data.key", pairs[i]->key,
			 &out[i].key)) != ERR_OK ||
		    (e = field_text(f, "data.value", pairs[i]->value, VALUE_LEN,
			 &out[i].value)) != ERR_OK)
			return e;
		*room += 2 * (size_t)(out[i].key.len + out[i].value.len) + 6;
	}
	return ERR_OK;
}

enum err
event_data(const struct fields *f, Mashang__KeyValue *const *pairs, size_t n,
    struct call_event *ev)
{
	struct pair *out;
	size_t room = 3;
	char *text, *p;
	enum err e;

	if (n == 0)
		return ERR_OK;
	if (n > CALL_PAIRS_MAX)
		return fault(f->fault, ERR_TOO_LARGE, "data", "32", NULL);
	if ((out = arena_alloc(f->scratch, n * sizeof(*out))) == NULL)
		return ERR_NOMEM;
	if ((e = check_pairs(f, pairs, n, out, &room)) != ERR_OK)
		return e;
	if ((text = arena_alloc(f->scratch, room)) == NULL)
		return ERR_NOMEM;
	p = text;
	for (size_t i = 0; i < n; i++) {
		*p++ = i == 0 ? '{' : ',';
		p = put_json(p, out[i].key);
		*p++ = ':';
		p = put_json(p, out[i].value);
	}
	*p++ = '}';
	ev->data = (struct str){ text, (uint32_t)(p - text) };
	ev->pairs = out;
	ev->n_pairs = (unsigned)n;
	return ERR_OK;
}

/* ------------------------------------------------------------------ events */

static enum err
check_ranges(const struct fields *f, const Mashang__CallEvent *m)
{
	enum err e;

	if (m->occurred_at == 0)
		return fault(
		    f->fault, ERR_BAD_FIELD, "occurred_at", "missing", NULL);
	if ((e = field_range(f, "kind", m->kind, 1, CALL_NEVENTS - 1)) !=
		ERR_OK ||
	    (e = field_range(f, "call_seq", m->call_seq, 1, INT32_MAX)) !=
		ERR_OK ||
	    (e = field_time(f, "occurred_at", m->occurred_at)) != ERR_OK ||
	    (e = field_range(
		 f, "version", (int64_t)m->version, 0, INT64_MAX)) != ERR_OK ||
	    (e = field_range(f, "stream_seq", (int64_t)m->stream_seq, 1,
		 INT64_MAX)) != ERR_OK ||
	    (e = field_range(f, "priority", m->priority, 0, PRIORITY_MAX)) !=
		ERR_OK ||
	    (e = field_range(f, "cause", m->cause, 0, CAUSE_NUMBER - 1)) !=
		ERR_OK ||
	    (e = field_range(f, "party", m->party, 0, PARTY_SWITCH)) != ERR_OK)
		return e;
	return field_range(f, "relation", m->relation, 0, RELATION_FOLLOW_UP);
}

/* DELIVERED, ESTABLISHED and the like say nothing without a device. */
static enum err
check_device(const struct fields *f, const Mashang__CallEvent *m)
{
	static const unsigned needed =
	    1u << CALL_EV_DELIVERED | 1u << CALL_EV_ESTABLISHED |
	    1u << CALL_EV_TRANSFERRED | 1u << CALL_EV_CONFERENCED;

	if ((needed & 1u << m->kind) != 0 && m->device.len == 0)
		return fault(
		    f->fault, ERR_BAD_FIELD, "device", "missing", NULL);
	return ERR_OK;
}

enum err
event_check(
    const struct fields *f, const Mashang__CallEvent *m, struct call_event *ev)
{
	enum err e;

	if ((e = check_ranges(f, m)) != ERR_OK ||
	    (e = check_device(f, m)) != ERR_OK ||
	    (e = field_name_required(f, "call", m->call, &ev->call)) !=
		ERR_OK ||
	    (e = field_name(f, "device", m->device, &ev->device)) != ERR_OK ||
	    (e = field_name(f, "related_call", m->related_call,
		 &ev->related_call)) != ERR_OK ||
	    (e = field_text(f, "caller", m->caller, TEXT_LEN, &ev->caller)) !=
		ERR_OK ||
	    (e = field_text(f, "caller_name", m->caller_name, TEXT_LEN,
		 &ev->caller_name)) != ERR_OK ||
	    (e = field_text(f, "called", m->called, TEXT_LEN, &ev->called)) !=
		ERR_OK ||
	    (e = field_text(f, "menu", m->menu, TEXT_LEN, &ev->menu)) !=
		ERR_OK ||
	    (e = event_data(f, m->data, m->n_data, ev)) != ERR_OK)
		return e;
	ev->stream_seq = m->stream_seq;
	ev->version = m->version;
	ev->call_seq = m->call_seq;
	ev->occurred_at = m->occurred_at;
	ev->kind = (enum call_event_kind)m->kind;
	ev->priority = m->priority;
	ev->cause = (enum cause)m->cause;
	ev->party = (enum party)m->party;
	ev->order_id = m->order_id;
	ev->relation = (enum relation)m->relation;
	ev->resent = m->resent;
	return ERR_OK;
}

enum err
event_live_call(
    const struct fields *f, const Mashang__LiveCall *m, struct live_call *c)
{
	enum err e;

	if ((e = field_range(f, "kind", m->kind, 1, CALL_NEVENTS - 1)) !=
		ERR_OK ||
	    (e = field_range(f, "call_seq", m->call_seq, 0, INT32_MAX)) !=
		ERR_OK ||
	    (e = field_range(
		 f, "version", (int64_t)m->version, 0, INT64_MAX)) != ERR_OK ||
	    (e = field_range(f, "priority", m->priority, 0, PRIORITY_MAX)) !=
		ERR_OK ||
	    (e = field_time(f, "offered_at", m->offered_at)) != ERR_OK ||
	    (e = field_time(f, "queued_at", m->queued_at)) != ERR_OK ||
	    (e = field_time(f, "established_at", m->established_at)) !=
		ERR_OK ||
	    (e = field_name_required(f, "call", m->call, &c->call)) != ERR_OK ||
	    (e = field_name(f, "device", m->device, &c->device)) != ERR_OK ||
	    (e = field_text(f, "caller", m->caller, TEXT_LEN, &c->caller)) !=
		ERR_OK ||
	    (e = field_text(f, "caller_name", m->caller_name, TEXT_LEN,
		 &c->caller_name)) != ERR_OK ||
	    (e = field_text(f, "called", m->called, TEXT_LEN, &c->called)) !=
		ERR_OK ||
	    (e = field_text(f, "menu", m->menu, TEXT_LEN, &c->menu)) !=
		ERR_OK ||
	    (e = field_name(f, "related_call", m->related_call,
		 &c->related_call)) != ERR_OK ||
	    (e = field_range(
		 f, "relation", m->relation, 0, RELATION_FOLLOW_UP)) != ERR_OK)
		return e;
	c->relation = (enum relation)m->relation;
	c->version = m->version;
	c->call_seq = m->call_seq;
	c->kind = (enum call_event_kind)m->kind;
	c->priority = m->priority;
	c->offered_at = m->offered_at;
	c->queued_at = m->queued_at;
	c->established_at = m->established_at;
	return ERR_OK;
}
