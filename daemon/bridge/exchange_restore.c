/*
 * exchange_restore.c - what was known before: out of the spool, out of the
 * daemon; and what is known now, for both.
 *
 * Events and checkpoints come in the spool's order, but an event may stand
 * behind a checkpoint that has it already: what is not newer than what is known
 * of its call is passed over.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "bridge/exchange_own.h"

#define LEAP 100 /* over call_seqs that the lost tail may have used */

static struct str
str_in(ProtobufCBinaryData b)
{
	return (struct str){ (const char *)b.data, (uint32_t)b.len };
}

static ProtobufCBinaryData
bytes(struct str s)
{
	return (ProtobufCBinaryData){ s.len, (uint8_t *)(uintptr_t)s.p };
}

/* ---------------------------------------------------------- from the spool */

static enum err
restore_event(struct exchange *x, const Mashang__CallEvent *e)
{
	struct report r = { .caller = str_in(e->caller),
		.caller_name = str_in(e->caller_name),
		.called = str_in(e->called),
		.menu = str_in(e->menu),
		.priority = e->priority,
		.related_call = str_in(e->related_call),
		.relation = e->relation };
	struct xcall *c = exchange_find(x, str_in(e->call));
	struct str device = str_in(e->device);

	if (c != NULL && e->call_seq <= c->told.call_seq)
		return ERR_OK;
	if (c == NULL && (xcall_was_ended(x, str_in(e->call)) ||
			     e->kind == KIND(CALL_CLEARED)))
		return ERR_OK;
	if (c == NULL && (c = xcall_new(x, str_in(e->call))) == NULL)
		return ERR_NOMEM;
	if (e->kind == KIND(CALL_CLEARED)) {
		xcall_end(c);
		return ERR_OK;
	}
	xcall_learn(c, &r);
	c->told.call_seq = e->call_seq;
	xtold_apply(&c->told, e->kind, device, e->occurred_at);
	/* One of its middle, the first of it that is left. */
	if (c->told.kind == KIND_NONE)
		c->told.kind = KIND(OFFERED);
	xcall_seat(c);
	return ERR_OK;
}

enum err
exchange_restore_event(
    struct exchange *x, uint64_t stream_seq, const void *event, size_t len)
{
	Mashang__CallEvent *e = mashang__call_event__unpack(NULL, len, event);
	enum err why;

	(void)stream_seq;
	if (e == NULL)
		return ERR_BAD_FRAME;
	why = restore_event(x, e);
	mashang__call_event__free_unpacked(e, NULL);
	return why;
}

static enum err
restore_call(struct exchange *x, const Mashang__LiveCall *l)
{
	struct report r = { .caller = str_in(l->caller),
		.caller_name = str_in(l->caller_name),
		.called = str_in(l->called),
		.menu = str_in(l->menu),
		.priority = l->priority,
		.related_call = str_in(l->related_call),
		.relation = l->relation };
	struct xcall *c = exchange_find(x, str_in(l->call));

	if (c == NULL && (c = xcall_new(x, str_in(l->call))) == NULL)
		return ERR_NOMEM;
	c->seen = true;
	if (l->call_seq < c->told.call_seq)
		return ERR_OK;
	xcall_learn(c, &r);
	c->told = (struct xtold){ .kind = l->kind,
		.call_seq = l->call_seq,
		.queued = l->queued_at != 0,
		.offered_at = l->offered_at,
		.queued_at = l->queued_at,
		.established_at = l->established_at };
	xname_set(&c->told.device, str_in(l->device));
	xcall_seat(c);
	return ERR_OK;
}

/* All that lived when it was written: others are over. */
enum err
exchange_restore_calls(struct exchange *x, const void *snapshot, size_t len)
{
	Mashang__Snapshot *s = mashang__snapshot__unpack(NULL, len, snapshot);
	struct xcall *c, *next;
	enum err e = ERR_OK;

	if (s == NULL)
		return ERR_BAD_FRAME;
	for (c = x->calls; c != NULL; c = c->hh.next)
		c->seen = false;
	for (size_t i = 0; e == ERR_OK && i < s->n_calls; i++)
		e = restore_call(x, s->calls[i]);
	HASH_ITER(hh, x->calls, c, next)
	{
		if (e == ERR_OK && !c->seen)
			xcall_end(c);
	}
	mashang__snapshot__free_unpacked(s, NULL);
	return e;
}

void
exchange_restored(struct exchange *x, struct spool *spool, uint64_t incarnation,
    bool lost_tail)
{
	x->spool = spool;
	x->incarnation = incarnation;
	x->leap = lost_tail;
	for (struct xcall *c = x->calls; c != NULL; c = c->hh.next) {
		c->version = incarnation << 32;
		if (lost_tail)
			c->told.call_seq += LEAP;
	}
	if (x->calls != NULL)
		log_info(LOG_BRIDGE, "switch=%s calls known from before: %u",
		    x->options.switch_name, HASH_COUNT(x->calls));
}

/* ------------------------------------------------------------ as it is now */

static void
live_call(const struct xcall *c, Mashang__LiveCall *l)
{
	mashang__live_call__init(l);
	l->call = bytes(xname_str(&c->name));
	l->version = c->version;
	l->call_seq = c->told.call_seq;
	l->kind = c->told.kind;
	l->device = bytes(xname_str(&c->told.device));
	l->offered_at = c->told.offered_at;
	l->queued_at = c->told.queued_at;
	l->established_at = c->told.established_at;
	l->caller = bytes(str_of(c->caller));
	l->caller_name = bytes(str_of(c->caller_name));
	l->called = bytes(str_of(c->called));
	l->menu = bytes(str_of(c->menu));
	l->priority = c->priority;
	l->related_call = bytes(xname_str(&c->related));
	l->relation = c->relation;
}

unsigned
exchange_live(
    struct exchange *x, uint64_t *cursor, unsigned max, Mashang__LiveCall *out)
{
	unsigned n = 0;

	/* The table iterates in the order of coming, which is the number's. */
	for (struct xcall *c = x->calls; c != NULL && n < max; c = c->hh.next) {
		if (c->number <= *cursor || !xkind_is_state(c->told.kind))
			continue;
		live_call(c, &out[n++]);
		*cursor = c->number;
	}
	return n;
}

enum err
exchange_checkpoint(struct exchange *x, void **out, size_t *len)
{
	unsigned n = HASH_COUNT(x->calls);
	Mashang__Snapshot s = MASHANG__SNAPSHOT__INIT;
	Mashang__LiveCall *store = calloc(n + 1, sizeof(*store));
	Mashang__LiveCall **list = calloc(n + 1, sizeof(Mashang__LiveCall *));
	uint64_t cursor = 0;
	enum err e = ERR_NOMEM;

	if (store != NULL && list != NULL) {
		s.n_calls = exchange_live(x, &cursor, n, store);
		for (size_t i = 0; i < s.n_calls; i++)
			list[i] = &store[i];
		s.calls = list;
		*len = mashang__snapshot__get_packed_size(&s);
		if ((*out = malloc(*len + 1)) != NULL) {
			mashang__snapshot__pack(&s, *out);
			e = ERR_OK;
		}
	}
	free(store);
	free(list);
	return e;
}

/* ---------------------------------------------------------- from the daemon */

void
exchange_known(struct exchange *x, const Mashang__CallKnown *k)
{
	struct xcall *c = exchange_find(x, str_in(k->call));

	if (c == NULL || k->committed_call_seq <= c->told.call_seq)
		return;
	log_warn(LOG_BRIDGE,
	    "call=%.*s event %u is committed, %u was the last known here",
	    STR_ARG(xname_str(&c->name)), k->committed_call_seq,
	    c->told.call_seq);
	c->told.call_seq = k->committed_call_seq;
}
