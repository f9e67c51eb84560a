/*
 * wire.c - see wire.h.
 */
#include "test/support/wire.h"

#include <errno.h>
#include <event2/buffer.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/id.h"
#include "frame.h"
#include "test/support/support.h"

#define WAIT_MS 10000
#define BODY(x) MASHANG__ENVELOPE__BODY_##x

ProtobufCBinaryData
wire_bytes(const char *s)
{
	return (ProtobufCBinaryData){ s != NULL ? strlen(s) : 0,
		(uint8_t *)(uintptr_t)s };
}

bool
wire_is(ProtobufCBinaryData b, const char *s)
{
	return b.len == strlen(s) && memcmp(b.data, s, b.len) == 0;
}

void
wire_open(struct wire *p, const struct stack *s)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	memset(p, 0, sizeof(*p));
	ck_assert_int_lt(snprintf(sun.sun_path, sizeof(sun.sun_path), "%s",
			     s->socket + strlen("unix:")),
	    sizeof(sun.sun_path));
	p->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_ne(p->fd, -1);
	ck_assert_msg(connect(p->fd, (struct sockaddr *)&sun, sizeof(sun)) == 0,
	    "%s: %s", s->socket, strerror(errno));
	fcntl(p->fd, F_SETFL, O_NONBLOCK);
	p->in = evbuffer_new();
	p->memory = frame_memory_new(1 << 20);
	ck_assert(p->in != NULL && p->memory != NULL);
}

void
wire_close(struct wire *p)
{
	if (p->in == NULL)
		return;
	close(p->fd);
	evbuffer_free(p->in);
	frame_memory_free(&p->memory);
	p->in = NULL;
}

static int64_t
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Wait for `events'; what can be read is read.  False: the other end went. */
static bool
pump(struct wire *p, short events)
{
	struct pollfd f = { .fd = p->fd, .events = (short)(events | POLLIN) };

	ck_assert_msg(poll(&f, 1, WAIT_MS) > 0, "the daemon says nothing");
	if ((f.revents & (POLLIN | POLLHUP | POLLERR)) == 0)
		return true;
	return evbuffer_read(p->in, p->fd, -1) > 0;
}

void
wire_send_bytes(struct wire *p, const void *bytes, size_t len)
{
	const char *at = bytes;

	while (len > 0) {
		ssize_t n = send(p->fd, at, len, MSG_NOSIGNAL);

		if (n > 0) {
			at += n;
			len -= (size_t)n;
		} else if (errno != EAGAIN || !pump(p, POLLOUT)) {
			return; /* closed: the test will see that */
		}
	}
}

void
wire_send(struct wire *p, const Mashang__Envelope *e)
{
	struct evbuffer *out = evbuffer_new();

	ck_assert_int_eq(frame_push(out, e), FRAME_OK);
	wire_send_bytes(p, evbuffer_pullup(out, -1), evbuffer_get_length(out));
	evbuffer_free(out);
}

static void
answer_ping(struct wire *p, const Mashang__Envelope *ping)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__Pong pong = MASHANG__PONG__INIT;

	pong.number = ping->ping->number;
	e.body_case = BODY(PONG);
	e.pong = &pong;
	wire_send(p, &e);
}

const Mashang__Envelope *
wire_next(struct wire *p)
{
	int64_t give_up = now_us() + WAIT_MS * INT64_C(1000);
	Mashang__Envelope *e;

	for (;;) {
		ck_assert_msg(
		    now_us() < give_up, "the daemon has nothing to say");
		switch (frame_pull(p->in, FRAME_MAX, p->memory, &e)) {
		case FRAME_AGAIN:
			if (!pump(p, 0))
				return NULL;
			continue;
		case FRAME_OK:
			break;
		default:
			ck_abort_msg("the daemon sent what is no frame");
		}
		if (e->body_case == BODY(COMMITTED))
			p->committed = e->committed->up_to;
		if (e->body_case != BODY(PING))
			return e;
		answer_ping(p, e);
	}
}

const Mashang__Envelope *
wire_expect(struct wire *p, Mashang__Envelope__BodyCase body)
{
	const Mashang__Envelope *e;

	do {
		e = wire_next(p);
		ck_assert_msg(e != NULL, "closed while waiting for %d", body);
		ck_assert_msg(
		    e->body_case != BODY(GOODBYE) || body == BODY(GOODBYE),
		    "goodbye %d while waiting for %d", e->goodbye->why->code,
		    body);
	} while (e->body_case != body);
	return e;
}

void
wire_beat(struct wire *p)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__Ping ping = MASHANG__PING__INIT;

	e.body_case = BODY(PING);
	e.ping = &ping;
	wire_send(p, &e);
}

void
wire_expect_none(struct wire *p, Mashang__Envelope__BodyCase body)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__Ping ping = MASHANG__PING__INIT;
	const Mashang__Envelope *got;

	e.body_case = BODY(PING);
	e.ping = &ping;
	wire_send(p, &e);
	while ((got = wire_next(p)) != NULL && got->body_case != BODY(PONG))
		ck_assert_int_ne(got->body_case, body);
	ck_assert_ptr_nonnull(got);
}

/* ----------------------------------------------------------------- log-in */

const Mashang__Welcome *
wire_login(struct wire *p, Mashang__Hello *h)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;

	h->magic = FRAME_MAGIC;
	h->protocol = FRAME_PROTOCOL;
	e.body_case = BODY(HELLO);
	e.hello = h;
	wire_send(p, &e);
	return WIRE_EXPECT(p, WELCOME)->welcome;
}

void
wire_bridge(struct wire *p, const struct stack *s, const char *name)
{
	wire_bridge_again(p, s, name, NULL);
}

void
wire_bridge_again(struct wire *p, const struct stack *s, const char *name,
    Mashang__LiveCall *live)
{
	Mashang__OrderKind can[MASHANG__ORDER_KIND__ORDER_REQUEUE];
	Mashang__Hello h = MASHANG__HELLO__INIT;
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__Snapshot snapshot = MASHANG__SNAPSHOT__INIT;

	wire_open(p, s);
	snprintf(p->name, sizeof(p->name), "%s", name);
	h.role = MASHANG__ROLE__ROLE_BRIDGE;
	h.login = wire_bytes(name);
	h.switch_ = wire_bytes(name);
	h.epoch = 1;
	for (int k = 1; k <= MASHANG__ORDER_KIND__ORDER_REQUEUE; k++)
		can[h.n_can++] = (Mashang__OrderKind)k;
	h.can = can;
	p->stream_seq = p->committed = wire_login(p, &h)->resume_stream_seq;
	snapshot.n_calls = live != NULL ? 1 : 0;
	snapshot.calls = &live;
	snapshot.first_stream_seq = p->stream_seq + 1;
	snapshot.last_stream_seq = p->stream_seq;
	e.body_case = BODY(SNAPSHOT);
	e.snapshot = &snapshot;
	wire_send(p, &e);
	WIRE_EXPECT(p, SNAPSHOT_RESULT);
}

void
wire_agent(
    struct wire *p, const struct stack *s, const char *name, const char *device)
{
	Mashang__Hello h = MASHANG__HELLO__INIT;

	wire_open(p, s);
	h.role = MASHANG__ROLE__ROLE_AGENT;
	h.login = wire_bytes(name);
	h.device = wire_bytes(device);
	wire_login(p, &h);
}

void
wire_set_state(
    struct wire *p, Mashang__AgentStateKind state, const char *reason)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__SetState m = MASHANG__SET_STATE__INIT;
	struct id op = id_random();

	m.state = state;
	m.reason = wire_bytes(reason);
	e.op_id = (ProtobufCBinaryData){ sizeof(op.b), op.b };
	e.body_case = BODY(SET_STATE);
	e.set_state = &m;
	wire_send(p, &e);
}

/* ----------------------------------------------------------------- offers */

uint64_t
wire_shown(struct wire *p)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__Shown m = MASHANG__SHOWN__INIT;

	m.offer_id = WIRE_EXPECT(p, OFFER)->offer->offer_id;
	e.body_case = BODY(SHOWN);
	e.shown = &m;
	wire_send(p, &e);
	return m.offer_id;
}

void
wire_accept(struct wire *p, uint64_t offer)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__Accept m = MASHANG__ACCEPT__INIT;
	struct id op = id_random();

	m.offer_id = offer;
	e.op_id = (ProtobufCBinaryData){ sizeof(op.b), op.b };
	e.body_case = BODY(ACCEPT);
	e.accept = &m;
	wire_send(p, &e);
}

void
wire_refuse(struct wire *p, uint64_t offer)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__Refuse m = MASHANG__REFUSE__INIT;
	struct id op = id_random();

	m.offer_id = offer;
	e.op_id = (ProtobufCBinaryData){ sizeof(op.b), op.b };
	e.body_case = BODY(REFUSE);
	e.refuse = &m;
	wire_send(p, &e);
}

/* ----------------------------------------------------------------- events */

Mashang__CallEvent
wire_event(const struct wire *p, const char *call, unsigned call_seq,
    Mashang__CallEventKind kind)
{
	Mashang__CallEvent ev = MASHANG__CALL_EVENT__INIT;

	ev.switch_ = wire_bytes(p->name);
	ev.epoch = 1;
	ev.call = wire_bytes(call);
	ev.call_seq = call_seq;
	ev.version = WIRE_V0;
	ev.occurred_at = now_us();
	ev.kind = kind;
	return ev;
}

void
wire_say(struct wire *p, Mashang__CallEvent *ev)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;

	if (ev->stream_seq == 0)
		ev->stream_seq = ++p->stream_seq;
	e.body_case = BODY(CALL_EVENT);
	e.call_event = ev;
	wire_send(p, &e);
}

void
wire_ring(struct wire *p, const char *call, const char *caller,
    const char *called, const char *menu)
{
	for (unsigned i = 1; i <= 2; i++) {
		Mashang__CallEvent ev = wire_event(p, call, i,
		    i == 1 ? MASHANG__CALL_EVENT_KIND__OFFERED
			   : MASHANG__CALL_EVENT_KIND__QUEUED);

		ev.caller = wire_bytes(caller);
		ev.called = wire_bytes(called);
		if (i == 2)
			ev.menu = wire_bytes(menu);
		wire_say(p, &ev);
	}
}

void
wire_at(struct wire *p, const char *call, unsigned call_seq,
    Mashang__CallEventKind kind, const char *device, const Mashang__Order *o)
{
	Mashang__CallEvent ev = wire_event(p, call, call_seq, kind);

	ev.device = wire_bytes(device);
	if (o != NULL) {
		ev.order_id = o->order_id;
		ev.version = o->version + 1;
	}
	wire_say(p, &ev);
}

void
wire_clear(
    struct wire *p, const char *call, unsigned call_seq, Mashang__Party party)
{
	Mashang__CallEvent ev = wire_event(
	    p, call, call_seq, MASHANG__CALL_EVENT_KIND__CALL_CLEARED);

	ev.cause = MASHANG__CAUSE__CAUSE_NORMAL;
	ev.party = party;
	wire_say(p, &ev);
}

/* ----------------------------------------------------------------- orders */

const Mashang__Order *
wire_order(struct wire *p, Mashang__OrderKind kind)
{
	const Mashang__Order *o = WIRE_EXPECT(p, ORDER)->order;

	ck_assert_int_eq(o->kind, kind);
	return o;
}

void
wire_order_result(struct wire *p, uint64_t order, Mashang__Code code,
    uint64_t version, Mashang__CallEventKind kind)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__OrderResult r = MASHANG__ORDER_RESULT__INIT;

	r.order_id = order;
	r.code = code;
	r.version = version;
	r.kind = kind;
	e.body_case = BODY(ORDER_RESULT);
	e.order_result = &r;
	wire_send(p, &e);
}

void
wire_until_committed(struct wire *p)
{
	while (p->committed < p->stream_seq)
		WIRE_EXPECT(p, COMMITTED);
}
