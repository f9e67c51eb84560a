/*
 * handler_call.c - a bridge's session: what its switch says, and what it is
 * told to do.
 *
 * Every field is checked here, once; the desk sees clean text and values in
 * range.  An event that is refused for ever is Nacked and counts as handled:
 * the bridge need not keep it.  Received and Committed are said once a loop
 * pass, however many events came.
 *
 * Counts, all stream_seq: `next' is the next new one expected, `handed' the
 * highest that the desk has got, `committed' what the desk says of it, `read'
 * the last one taken: it goes back when events are sent again.
 */
#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "net/conn.h"
#include "net/event.h"
#include "net/session.h"

#define SNAPSHOT_NAMES 800 /* their results fit into one frame */
#define STRANGE_EVENTS 3   /* of another switch; then the bridge must go */

struct feed {
	struct session *s;
	struct desk_switch *sw;
	uint64_t epoch, resume;
	uint64_t next, handed, committed; /* stream_seq */
	uint64_t read, said_read;         /* the last one taken, in its order */
	uint64_t said_committed;
	uint64_t asked_from; /* a Resend that is not answered yet; 0: none */
	bool counting;       /* the first frame of the snapshot has come */
	bool whole;          /* so has the last */
	unsigned strange;
	UT_hash_handle hh;
};

/* ----------------------------------------------------------- coming, going */

static struct feed *
feed_find(struct net *n, struct desk_switch *sw)
{
	struct feed *b;

	HASH_FIND(hh, n->feeds, &sw, sizeof(sw), b);
	return b;
}

/* The session of the same switch that is still there, if any. */
static void
take_over(struct session *s)
{
	struct feed *b, *next;

	HASH_ITER(hh, s->net->feeds, b, next)
	{
		if (b->s != s && strcmp(b->s->place, s->place) == 0)
			session_end(
			    b->s, MASHANG__CODE__CODE_TAKEN_OVER, ERR_REFUSED);
	}
}

enum err
feed_attach(struct session *s, struct str name, uint32_t switch_id,
    uint64_t epoch, uint64_t resume, const struct feed_about *about)
{
	struct net *n = s->net;
	struct feed *b = calloc(1, sizeof(*b));
	enum err e;

	if (b == NULL)
		return ERR_NOMEM;
	b->s = s;
	b->epoch = epoch;
	b->resume = resume;
	take_over(s);
	e = desk_switch_attach(
	    n->desk, name, switch_id, epoch, net_now(n), &b->sw);
	if (e != ERR_OK) {
		free(b);
		return e;
	}
	HASH_ADD(hh, n->feeds, sw, sizeof(b->sw), b);
	if (!HASH_ADD_OK(hh, b)) {
		desk_switch_detach(n->desk, &b->sw, net_now(n));
		free(b);
		return ERR_NOMEM;
	}
	s->feed = b;
	session_attached(s);
	desk_switch_describe(
	    b->sw, about->can, str_of(about->driver), net_now(n));
	return ERR_OK;
}

struct desk_switch *
feed_switch(const struct session *s)
{
	return s->feed->sw;
}

void
feed_detach(struct session *s)
{
	struct net *n = s->net;
	struct feed *b = s->feed;

	if (s->touched)
		TAILQ_REMOVE(&n->touched, s, touched_entry);
	HASH_DEL(n->feeds, b);
	desk_switch_detach(n->desk, &b->sw, net_now(n));
	free(b);
	s->feed = NULL;
}

/* -------------------------------------------------------- acknowledgements */

static void
touch(struct feed *b)
{
	struct session *s = b->s;

	if (s->touched)
		return;
	s->touched = true;
	TAILQ_INSERT_TAIL(&s->net->touched, s, touched_entry);
	conns_wake(s->net->conns);
}

/* What the desk never got needs no commit: with nothing of the desk's open,
 * everything up to the last one seen is done with. */
static uint64_t
committed_up_to(const struct feed *b)
{
	return b->committed >= b->handed && b->next > 0 &&
	               b->next - 1 > b->committed
	           ? b->next - 1
	           : b->committed;
}

void
feed_pass(struct session *s)
{
	struct feed *b = s->feed;
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__Received received = MASHANG__RECEIVED__INIT;
	Mashang__Committed committed = MASHANG__COMMITTED__INIT;

	if (b->read != b->said_read) {
		b->said_read = received.up_to = b->read;
		e.body_case = MASHANG__ENVELOPE__BODY_RECEIVED;
		e.received = &received;
		session_push(s, &e);
	}
	if (committed_up_to(b) > b->said_committed) {
		b->said_committed = committed.up_to = committed_up_to(b);
		e.body_case = MASHANG__ENVELOPE__BODY_COMMITTED;
		e.committed = &committed;
		session_push(s, &e);
	}
}

void
feed_committed(void *arg, struct desk_switch *sw, uint64_t up_to)
{
	struct feed *b = feed_find(arg, sw);

	if (b == NULL || up_to <= b->committed)
		return;
	b->committed = up_to;
	touch(b);
}

static void
push_nack(struct feed *b, uint64_t stream_seq, enum err why)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__Nack nack = MASHANG__NACK__INIT;
	struct fault_parts parts;
	const Mashang__Error *m = fault_message(&b->s->net->fault, why, &parts);

	nack.stream_seq = stream_seq;
	nack.code = m->code;
	nack.n_params = m->n_params;
	nack.params = m->params;
	e.body_case = MASHANG__ENVELOPE__BODY_NACK;
	e.nack = &nack;
	session_push(b->s, &e);
	b->s->net->stats.events_nacked++;
}

void
feed_nack(void *arg, struct desk_switch *sw, uint64_t stream_seq, enum err why)
{
	struct feed *b = feed_find(arg, sw);

	if (b == NULL)
		return;
	fault_clear(&b->s->net->fault);
	push_nack(b, stream_seq, why);
}

static void
push_resend(struct feed *b, uint64_t from)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__Resend resend = MASHANG__RESEND__INIT;

	resend.from = from;
	e.body_case = MASHANG__ENVELOPE__BODY_RESEND;
	e.resend = &resend;
	session_push(b->s, &e);
}

void
feed_resend(void *arg, struct desk_switch *sw, uint64_t from)
{
	struct feed *b = feed_find(arg, sw);

	if (b != NULL)
		push_resend(b, from);
}

/* ---------------------------------------------------------------- orders */

void
feed_order(void *arg, struct desk_switch *sw, const struct order *o)
{
	struct feed *b = feed_find(arg, sw);
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__Order m = MASHANG__ORDER__INIT;

	if (b == NULL)
		return;
	m.order_id = o->order_id;
	m.call = bytes_of(o->call);
	m.version = o->version;
	m.kind = (Mashang__OrderKind)o->kind;
	m.device = bytes_of(o->device);
	m.number = bytes_of(o->number);
	m.show = bytes_of(o->show);
	m.to_device = o->to_device;
	m.related_call = bytes_of(o->related_call);
	m.relation = (Mashang__Relation)o->relation;
	m.ring_us = o->ring_us;
	m.auto_answer = o->auto_answer;
	m.cause = (Mashang__Cause)o->cause;
	m.position = o->position;
	m.wait_low_us = o->wait_low_us;
	m.wait_high_us = o->wait_high_us;
	m.epoch = b->epoch;
	e.body_case = MASHANG__ENVELOPE__BODY_ORDER;
	e.order = &m;
	session_push(b->s, &e);
}

/* What became of an order, as far as the desk cares. */
static enum err
order_outcome(Mashang__Code code)
{
	switch (code) {
	case MASHANG__CODE__CODE_OK:
	case MASHANG__CODE__CODE_STALE_VERSION:
	case MASHANG__CODE__CODE_NOT_FOUND:
	case MASHANG__CODE__CODE_BUSY:
	case MASHANG__CODE__CODE_NO_DEVICE:
	case MASHANG__CODE__CODE_TIMEOUT:
		return code_err(code);
	default:
		return ERR_REFUSED;
	}
}

enum err
on_order_result(struct session *s, const Mashang__Envelope *e)
{
	const Mashang__OrderResult *m = e->order_result;
	struct fields f = fields_of(s);
	struct order_result r = { .order_id = m->order_id,
		.version = m->version,
		.err = order_outcome(m->code),
		.kind = (enum call_event_kind)m->kind };
	enum err why;

	if (m->order_id == 0)
		return fault(
		    f.fault, ERR_BAD_FIELD, "order_id", "missing", NULL);
	if ((why = field_range(&f, "kind", m->kind, 0, CALL_NEVENTS - 1)) !=
	    ERR_OK)
		return why;
	desk_order_result(s->feed->sw, &r, net_now(s->net));
	return ERR_OK;
}

/* -------------------------------------------------------------- snapshots */

struct snapshot_ask {
	struct ask ask;
	bool more;
};

static void
snapshot_done(void *arg, enum err e, const struct snapshot_result *r)
{
	struct snapshot_ask *a = arg;
	struct session *s = ask_end(&a->ask);
	Mashang__Envelope out = MASHANG__ENVELOPE__INIT;
	Mashang__SnapshotResult m = MASHANG__SNAPSHOT_RESULT__INIT;
	Mashang__CallKnown known[SNAPSHOT_NAMES], *list[SNAPSHOT_NAMES];

	if (s != NULL && e != ERR_OK) {
		session_fail(s, &a->ask.op, e);
	} else if (s != NULL) {
		assert(r->n <= SNAPSHOT_NAMES);
		for (unsigned i = 0; i < r->n; i++) {
			mashang__call_known__init(&known[i]);
			known[i].call = bytes_of(r->known[i].call);
			known[i].committed_call_seq =
			    r->known[i].committed_call_seq;
			known[i].ended = r->known[i].ended;
			list[i] = &known[i];
		}
		m.n_known = r->n;
		m.known = list;
		m.more = a->more;
		m.kept = r->kept;
		m.gone = r->gone;
		m.adopted = r->adopted;
		out.body_case = MASHANG__ENVELOPE__BODY_SNAPSHOT_RESULT;
		out.snapshot_result = &m;
		session_reply(s, &a->ask.op, &out);
	}
	free(a);
}

/* Where new events begin, by what the spool still has and what is committed. */
static void
begin_counting(struct feed *b, const Mashang__Snapshot *m)
{
	uint64_t last = m->last_stream_seq, first = m->first_stream_seq;

	b->counting = true;
	if (first == 0 || first > last) { /* the spool is empty */
		b->next = last + 1;
		desk_switch_spooled(b->sw, last + 1, last);
	} else {
		b->next = b->resume >= first && b->resume <= last
		              ? b->resume + 1
		              : first;
		desk_switch_spooled(b->sw, first, last);
	}
	b->read = b->handed = b->committed = b->next - 1;
	b->said_read = b->said_committed = b->next - 1;
	if (first != 0 && b->next > first) {
		/* What the spool has and we have committed: it may forget. */
		b->said_read = b->said_committed = first - 1;
		touch(b);
	}
}

static enum err
check_snapshot(struct session *s, const Mashang__Snapshot *m,
    struct live_call *calls, struct str *ask)
{
	struct fields f = fields_of(s);
	enum err e = ERR_OK;

	if (m->n_calls + m->n_ask > SNAPSHOT_NAMES)
		return fault(
		    f.fault, ERR_TOO_LARGE, "calls and ask", "800", NULL);
	for (size_t i = 0; e == ERR_OK && i < m->n_calls; i++)
		e = event_live_call(&f, m->calls[i], &calls[i]);
	for (size_t i = 0; e == ERR_OK && i < m->n_ask; i++)
		e = field_name_required(&f, "ask", m->ask[i], &ask[i]);
	return e;
}

enum err
on_snapshot(struct session *s, const Mashang__Envelope *e)
{
	const Mashang__Snapshot *m = e->snapshot;
	struct feed *b = s->feed;
	struct live_call *calls =
	    arena_alloc(s->net->scratch, SNAPSHOT_NAMES * sizeof(*calls));
	struct str *names =
	    arena_alloc(s->net->scratch, SNAPSHOT_NAMES * sizeof(*names));
	struct snapshot_ask *a;
	struct id op = op_of(e);
	enum err why;

	if (b->whole)
		return fault(&s->net->fault, ERR_REFUSED, "snapshot",
		    "once a connection", NULL);
	if (calls == NULL || names == NULL)
		return ERR_NOMEM;
	if ((why = check_snapshot(s, m, calls, names)) != ERR_OK)
		return why;
	if ((a = ask_new(s, &op, sizeof(*a))) == NULL)
		return ERR_BUSY;
	a->more = m->more;
	if (!b->counting)
		begin_counting(b, m);
	b->whole = !m->more;
	desk_switch_snapshot(b->sw, calls, (unsigned)m->n_calls, names,
	    (unsigned)m->n_ask, !m->more, net_now(s->net), snapshot_done, a);
	return ERR_OK;
}

/* ---------------------------------------------------------------- events */

/*
 * The event as it came, less what a resend changes, in 8 bytes: two events
 * under one number are the same iff these are.  The key is the same everywhere
 * and for ever, since nodes compare their digests.
 */
static enum err
digest(struct net *n, Mashang__CallEvent *m, uint64_t *out)
{
	static const unsigned char key[crypto_shorthash_KEYBYTES];
	uint64_t seq = m->stream_seq;
	protobuf_c_boolean resent = m->resent;
	unsigned char *bytes;
	size_t len;

	m->stream_seq = 0;
	m->resent = 0;
	len = mashang__call_event__get_packed_size(m);
	if ((bytes = arena_alloc(n->scratch, len + 1)) != NULL) {
		mashang__call_event__pack(m, bytes);
		crypto_shorthash((unsigned char *)out, bytes, len, key);
	}
	m->stream_seq = seq;
	m->resent = resent;
	return bytes != NULL ? ERR_OK : ERR_NOMEM;
}

static enum err
check_home(struct feed *b, const Mashang__CallEvent *m)
{
	struct session *s = b->s;
	char theirs[NAME_LEN + 32], ours[NAME_LEN + 32];
	size_t n = m->switch_.len < NAME_LEN ? m->switch_.len : NAME_LEN;

	if (str_eq(str_of_bytes(m->switch_), str_of(s->place)) &&
	    m->epoch == b->epoch)
		return ERR_OK;
	b->strange++;
	snprintf(ours, sizeof(ours), "%s, epoch %llu", s->place,
	    (unsigned long long)b->epoch);
	snprintf(theirs, sizeof(theirs), "%.*s, epoch %llu", (int)n,
	    n > 0 ? (const char *)m->switch_.data : "",
	    (unsigned long long)m->epoch);
	return fault(&s->net->fault, ERR_WRONG_SWITCH, ours, theirs, NULL);
}

static enum err
take_event(struct feed *b, Mashang__CallEvent *m)
{
	struct session *s = b->s;
	struct fields f = fields_of(s);
	struct call_event ev = { 0 };
	enum err e;

	if ((e = check_home(b, m)) != ERR_OK ||
	    (e = event_check(&f, m, &ev)) != ERR_OK ||
	    (e = digest(s->net, m, &ev.digest)) != ERR_OK)
		return e;
	e = desk_call_event(b->sw, &ev, net_now(s->net));
	if (e != ERR_OK && e != ERR_BUSY)
		return e;
	/* Busy: acted on; the desk asks for it again when it can keep it. */
	if (m->stream_seq > b->handed)
		b->handed = m->stream_seq;
	return ERR_OK;
}

/* A gap in the stream is asked for once, and again if it is there again. */
static bool
is_gap(struct feed *b, uint64_t seq)
{
	if (seq <= b->next) {
		b->asked_from = 0;
		return false;
	}
	if (b->asked_from != b->next)
		push_resend(b, b->next);
	b->asked_from = b->next;
	return true;
}

enum err
on_call_event(struct session *s, const Mashang__Envelope *e)
{
	struct feed *b = s->feed;
	Mashang__CallEvent *m = e->call_event;
	enum err why;

	if (!b->whole) {
		session_end_fault(s, fault(&s->net->fault, ERR_REFUSED,
					 "call_event", "snapshot first", NULL));
		return ERR_OK;
	}
	if (m->stream_seq == 0)
		return fault(&s->net->fault, ERR_BAD_FIELD, "stream_seq",
		    "from 1", NULL);
	if (is_gap(b, m->stream_seq))
		return ERR_OK;
	s->net->stats.events++;
	why = take_event(b, m);
	b->read = m->stream_seq;
	if (m->stream_seq == b->next)
		b->next++;
	touch(b);
	if (why == ERR_OK)
		return ERR_OK;
	push_nack(b, m->stream_seq, why);
	desk_event_refused(b->sw, m->stream_seq, net_now(s->net));
	if (b->strange >= STRANGE_EVENTS)
		session_end_fault(s, why);
	return ERR_OK;
}
