/*
 * house.c - building the house, and what a scripted peer can do.
 */
#include "test/support/house.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "desk/desk.h"
#include "store/acd.h"
#include "test/support/fake_ledger.h"
#include "test/support/support.h"

#define PATIENCE (5 * CLOCK_S)

/* ------------------------------------------------------------- the house */

static int64_t
house_now(void *arg)
{
	return ((struct house *)arg)->now;
}

static void
advance(void *arg, int64_t to)
{
	((struct house *)arg)->drive_to = to;
}

/* A hash that costs nothing; once a process. */
static const char *
logins(void)
{
	static char text[2048], secret[crypto_pwhash_STRBYTES];

	if (text[0] != '\0')
		return text;
	ck_assert_int_eq(
	    crypto_pwhash_str(secret, "secret", 6, crypto_pwhash_OPSLIMIT_MIN,
		crypto_pwhash_MEMLIMIT_MIN),
	    0);
	snprintf(text, sizeof(text),
	    "a1|agent|%s|1||f|0\n"
	    "boss|supervisor|%s|||f|0\n"
	    "br|bridge|%s||sw|f|0\n"
	    "eye|read_only|%s|||f|0\n"
	    "gone|supervisor|%s|||t|0\n"
	    "root|administrator|%s|||f|0\n",
	    secret, secret, secret, secret, secret, secret);
	return text;
}

static void
deal_cards(struct ledger *l)
{
	fake_ledger_card(l, LQ_LOGINS, logins());
	fake_ledger_card(l, LQ_CONFIG_SKILLS, "1|zh");
	fake_ledger_card(l, LQ_CONFIG_QUEUES, "1|q||20000000|0|0|f|5000000|");
	fake_ledger_card(l, LQ_CONFIG_AGENTS,
	    "1|a1|Agent One|f|1||||1|0\n2|a2|Agent Two|t|1|1=5|||2|0");
	fake_ledger_card(l, LQ_CONFIG_DEVICES, "801|1\n802|1");
	fake_ledger_card(l, LQ_CONFIG_NUMBERS, "4001||1");
	fake_ledger_card(l, LQ_CONFIG_SWITCHES, "1|sw");
	fake_ledger_card(l, LQ_SWITCH_ADD, "1");
	fake_ledger_card(l, LQ_STREAM_COMMITTED, "0");
}

static void
configured(void *arg, enum err e)
{
	ck_ok(e);
	*(bool *)arg = true;
}

void
house_turn(struct house *h)
{
	struct timeval soon = { 0, 20000 };

	event_base_loopexit(h->base, &soon);
	event_base_loop(h->base, EVLOOP_ONCE);
}

void
house_until(struct house *h, bool (*is)(void *), void *arg)
{
	int64_t end = clock_loop() + PATIENCE;

	while (!is(arg)) {
		ck_assert_msg(clock_loop() < end, "it does not come");
		house_turn(h);
	}
}

static bool
is_true(void *flag)
{
	return *(bool *)flag;
}

static bool
is_ready(void *arg)
{
	struct house *h = arg;

	return desk_is_configured(h->desk) && net_is_flushed(h->net);
}

static void
build(struct house *h, bool driven, const struct net_limits *limits, int fd)
{
	static const char key[] = "a key that is long enough for tests";
	const struct desk_options options = { .country = "86",
		.shown_us = 500000,
		.backlog_bytes = 1 << 20,
		.live_calls_max = 1000 };
	const char *listen[1];
	bool done = false;
	struct net_env env;

	*h = (struct house){ .now = HOUSE_NOON, .limits = *limits };
	ck_assert_int_ge(sodium_init(), 0);
	snprintf(h->address, sizeof(h->address), "unix:%s/sock", test_dir());
	listen[0] = h->address;
	h->base = event_base_new();
	h->ledger = fake_ledger_new(h->base);
	deal_cards(h->ledger);
	ck_ok(mem_acd_new(h->base, &h->acd));
	env = (struct net_env){ .base = h->base,
		.ledger = h->ledger,
		.now = house_now,
		.clock_advance = advance,
		.clock_arg = h,
		.driven = driven,
		.listen = listen,
		.n_listen = 1,
		.fds = &fd,
		.n_fds = fd >= 0,
		.node = "n1",
		.token_key = STR_LIT(key),
		.limits = &h->limits };
	ck_ok(net_new(&env, &h->net));
	ck_ok(desk_new(
	    &options, net_news(h->net), h->ledger, NULL, h->acd, &h->desk));
	net_set_desk(h->net, h->desk);
	net_ledger_up(h->net);
	desk_configure(h->desk, configured, &done);
	house_until(h, is_true, &done);
	house_until(h, is_ready, h);
	ck_ok(net_listen(h->net));
}

static struct net_limits
short_limits(void)
{
	struct net_limits l = NET_LIMITS_PRESET;

	l.login_ms = 200;
	l.frame_ms = 300;
	l.linger_ms = 300;
	return l;
}

void
house_up_with(struct house *h, bool driven, const struct net_limits *limits)
{
	build(h, driven, limits, -1);
}

void
house_up(struct house *h, bool driven)
{
	const struct net_limits l = short_limits();

	build(h, driven, &l, -1);
}

void
house_up_on(struct house *h, int fd)
{
	const struct net_limits l = short_limits();

	build(h, false, &l, fd);
}

void
house_down(struct house *h)
{
	net_shutdown(h->net);
	net_free(&h->net);
	fake_ledger_away(h->ledger, false);
	fake_ledger_hold(h->ledger, false);
	fake_ledger_run(h->ledger);
	acd_free(&h->acd); /* tells the desk what will not come */
	desk_free(&h->desk);
	fake_ledger_free(&h->ledger);
	event_base_free(h->base);
}

/* ------------------------------------------------------------------ peers */

void
peer_open(struct peer *p, struct house *h)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	*p = (struct peer){ .house = h };
	snprintf(un.sun_path, sizeof(un.sun_path), "%s", h->address + 5);
	p->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	p->in = evbuffer_new();
	p->memory = frame_memory_new(1 << 20);
	ck_assert_int_eq(connect(p->fd, (struct sockaddr *)&un, sizeof(un)), 0);
	ck_assert_int_eq(fcntl(p->fd, F_SETFL, O_NONBLOCK), 0);
}

void
peer_close(struct peer *p)
{
	if (p->fd >= 0)
		close(p->fd);
	evbuffer_free(p->in);
	frame_memory_free(&p->memory);
	*p = (struct peer){ .fd = -1 };
}

void
peer_bytes(struct peer *p, const void *bytes, size_t n)
{
	const char *from = bytes;
	int64_t end = clock_loop() + PATIENCE;

	while (n > 0) {
		ssize_t k = send(p->fd, from, n, MSG_NOSIGNAL);

		if (k > 0) {
			from += k;
			n -= (size_t)k;
			continue;
		}
		if (errno !=
		    EAGAIN) /* the daemon has closed: seen on reading */
			return;
		ck_assert_msg(clock_loop() < end, "the daemon does not read");
		house_turn(p->house);
	}
}

void
peer_send(struct peer *p, Mashang__Envelope *e)
{
	struct evbuffer *out = evbuffer_new();
	size_t n;

	ck_assert_int_eq(frame_push(out, e), FRAME_OK);
	n = evbuffer_get_length(out);
	peer_bytes(p, evbuffer_pullup(out, -1), n);
	evbuffer_free(out);
}

void
peer_request(struct peer *p, Mashang__Envelope *e)
{
	randombytes_buf(p->op, sizeof(p->op));
	e->op_id = (ProtobufCBinaryData){ sizeof(p->op), p->op };
	peer_send(p, e);
}

Mashang__Envelope *
peer_next(struct peer *p)
{
	int64_t end = clock_loop() + PATIENCE;
	char bytes[65536];
	ssize_t n;

	for (;;) {
		enum frame_result f =
		    frame_pull(p->in, FRAME_MAX, p->memory, &p->last);

		if (f == FRAME_OK)
			return p->last;
		ck_assert_int_eq(f, FRAME_AGAIN);
		if (p->eof)
			return NULL;
		n = recv(p->fd, bytes, sizeof(bytes), 0);
		if (n > 0) {
			evbuffer_add(p->in, bytes, (size_t)n);
		} else if (n == 0 || errno != EAGAIN) {
			p->eof = true;
		} else {
			ck_assert_msg(clock_loop() < end,
			    "the daemon has nothing to say");
			house_turn(p->house);
		}
	}
}

static Mashang__Envelope *
next_but_beats(struct peer *p)
{
	Mashang__Envelope *e;

	do
		e = peer_next(p);
	while (e != NULL && (e->body_case == MASHANG__ENVELOPE__BODY_PING ||
				e->body_case == MASHANG__ENVELOPE__BODY_PONG));
	return e;
}

Mashang__Envelope *
peer_wait(struct peer *p, Mashang__Envelope__BodyCase kind)
{
	Mashang__Envelope *e;

	do {
		e = peer_next(p);
		ck_assert_msg(e != NULL, "closed instead of message %d", kind);
	} while (e->body_case != kind);
	return e;
}

Mashang__Envelope *
peer_reply(struct peer *p, Mashang__Envelope__BodyCase kind)
{
	Mashang__Envelope *e;

	do {
		e = peer_next(p);
		ck_assert_msg(e != NULL, "closed instead of a reply");
	} while (e->op_id.len != sizeof(p->op) ||
		 memcmp(e->op_id.data, p->op, sizeof(p->op)) != 0);
	ck_assert_msg(e->body_case == kind, "reply %d (code %d), not %d",
	    e->body_case,
	    e->body_case == MASHANG__ENVELOPE__BODY_ERROR ? (int)e->error->code
							  : 0,
	    kind);
	return e;
}

void
peer_refused(struct peer *p, Mashang__Code code)
{
	Mashang__Envelope *e = next_but_beats(p);
	int got = -1;

	ck_assert_msg(e != NULL, "closed without a word");
	if (e->body_case == MASHANG__ENVELOPE__BODY_ERROR)
		got = (int)e->error->code;
	else if (e->body_case == MASHANG__ENVELOPE__BODY_GOODBYE)
		got = (int)e->goodbye->why->code;
	else if (e->body_case == MASHANG__ENVELOPE__BODY_NACK)
		got = (int)e->nack->code;
	ck_assert_msg(got == (int)code, "message %d, code %d, not %d",
	    e->body_case, got, code);
}

void
peer_ended(struct peer *p, Mashang__Code code)
{
	Mashang__Envelope *e = peer_wait(p, MASHANG__ENVELOPE__BODY_GOODBYE);

	ck_assert_int_eq(e->goodbye->why->code, code);
	ck_assert_ptr_null(peer_next(p));
}

void
peer_hello(struct peer *p, Mashang__Role role, const char *login,
    const char *password, const char *place)
{
	Mashang__OrderKind can[MASHANG__ORDER_KIND__ORDER_CALL_BACK];
	Mashang__Hello h = MASHANG__HELLO__INIT;
	Mashang__Envelope e = ENVELOPE(HELLO, hello, &h);

	for (int k = 1; k <= MASHANG__ORDER_KIND__ORDER_CALL_BACK; k++)
		can[h.n_can++] = (Mashang__OrderKind)k;
	h.can = can;
	h.magic = FRAME_MAGIC;
	h.protocol = FRAME_PROTOCOL;
	h.role = role;
	h.login = data_of(login);
	h.password = data_of(password);
	h.epoch = 1;
	if (role == MASHANG__ROLE__ROLE_BRIDGE)
		h.switch_ = data_of(place);
	else
		h.device = data_of(place);
	peer_send(p, &e);
}

void
peer_login(struct peer *p, struct house *h, Mashang__Role role,
    const char *login, const char *place)
{
	peer_open(p, h);
	peer_hello(p, role, login, NULL, place);
	ck_assert_ptr_nonnull(peer_next(p)); /* before anything else */
	ck_assert_int_eq(p->last->body_case, MASHANG__ENVELOPE__BODY_WELCOME);
}
