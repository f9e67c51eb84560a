/*
 * uplink_test.c - the bridge's side of the wire against a daemon of a few
 * lines, which does what the test says.
 */
#include "bridge/uplink.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>

#include "frame.h"
#include "test/support/exchange_bed.h"
#include "test/support/support.h"

#define BODY(x) MASHANG__ENVELOPE__BODY_##x
#define CREDIT 4
#define EVENTS 4096

/* Two nodes; each knows what it was told. */
struct node {
	struct evconnlistener *listener;
	struct bufferevent *bev;
	char path[100];
	unsigned n_hellos, n_snapshots, n_live, n_status, n_devices;
	unsigned n_results, most_unreceived;
	bool snapshot_first, whole;
	uint64_t first, last; /* as the snapshot says */
	uint64_t events[EVENTS];
	bool resent[EVENTS];
	unsigned n_events;
	Mashang__OrderResult result;
	uint32_t n_can;
};
static struct node nodes[2];
static struct frame_memory *memory;
static struct uplink *u;
static struct exchange_news news;
static uint64_t resume;
static bool receives;       /* at once, what comes */
static bool holds_snapshot; /* does not answer it */
static Mashang__Code refuses;
static unsigned n_taken_over;

/* ---------------------------------------------------------------- speaking */

static void
push(struct node *n, Mashang__Envelope__BodyCase what, void *body)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;

	e.body_case = what;
	e.hello = body; /* whatever it is: a union of pointers */
	ck_assert_int_eq(
	    frame_push(bufferevent_get_output(n->bev), &e), FRAME_OK);
}

static void
say_received(struct node *n, uint64_t up_to)
{
	Mashang__Received m = MASHANG__RECEIVED__INIT;

	m.up_to = up_to;
	push(n, BODY(RECEIVED), &m);
}

static void
say_committed(struct node *n, uint64_t up_to)
{
	Mashang__Committed m = MASHANG__COMMITTED__INIT;

	m.up_to = up_to;
	push(n, BODY(COMMITTED), &m);
}

static void
say_welcome(struct node *n)
{
	Mashang__Welcome w = MASHANG__WELCOME__INIT;

	w.credit = CREDIT;
	w.heartbeat_ms = 5000;
	w.resume_stream_seq = resume;
	push(n, BODY(WELCOME), &w);
}

static void
say_goodbye(struct node *n)
{
	Mashang__Goodbye g = MASHANG__GOODBYE__INIT;
	Mashang__Error why = MASHANG__ERROR__INIT;

	why.code = refuses;
	g.why = &why;
	push(n, BODY(GOODBYE), &g);
}

/* ---------------------------------------------------------------- hearing */

static void
on_snapshot(struct node *n, const Mashang__Snapshot *s)
{
	Mashang__SnapshotResult r = MASHANG__SNAPSHOT_RESULT__INIT;
	Mashang__Error unknown = MASHANG__ERROR__INIT;

	n->snapshot_first = n->snapshot_first && n->n_events == 0;
	n->n_snapshots++;
	n->n_live += (unsigned)s->n_calls;
	ck_assert_uint_le(s->n_calls, 100);
	n->first = s->first_stream_seq;
	n->last = s->last_stream_seq;
	r.more = s->more;
	if (holds_snapshot)
		return;
	unknown.code = MASHANG__CODE__CODE_UNKNOWN_MESSAGE;
	push(n, BODY(ERROR), &unknown); /* must be harmless */
	push(n, BODY(SNAPSHOT_RESULT), &r);
}

static void
on_event(struct node *n, const Mashang__CallEvent *e)
{
	ck_assert_uint_lt(n->n_events, EVENTS);
	n->events[n->n_events] = e->stream_seq;
	n->resent[n->n_events++] = e->resent != 0;
	if (receives)
		say_received(n, e->stream_seq);
}

static void
take(struct node *n, const Mashang__Envelope *e)
{
	switch (e->body_case) {
	case BODY(HELLO):
		n->n_hellos++;
		n->n_can = (uint32_t)e->hello->n_can;
		n->snapshot_first = true;
		ck_assert_int_eq(e->hello->role, MASHANG__ROLE__ROLE_BRIDGE);
		if (refuses != MASHANG__CODE__CODE_OK)
			say_goodbye(n);
		else
			say_welcome(n);
		break;
	case BODY(SNAPSHOT):
		on_snapshot(n, e->snapshot);
		break;
	case BODY(CALL_EVENT):
		on_event(n, e->call_event);
		break;
	case BODY(SWITCH_STATUS):
		n->n_status++;
		break;
	case BODY(DEVICE_STATES):
		n->n_devices++;
		n->whole = e->device_states->whole != 0;
		break;
	case BODY(ORDER_RESULT):
		n->n_results++;
		n->result = *e->order_result;
		break;
	default:
		break;
	}
}

static void
read_cb(struct bufferevent *bev, void *arg)
{
	struct node *n = arg;
	Mashang__Envelope *e;

	while (n->bev == bev && frame_pull(bufferevent_get_input(bev),
				    FRAME_MAX, memory, &e) == FRAME_OK)
		take(n, e);
}

static void
hang_up(struct node *n)
{
	if (n->bev != NULL)
		bufferevent_free(n->bev);
	n->bev = NULL;
}

static void
gone_cb(struct bufferevent *bev, short what, void *arg)
{
	struct node *n = arg;

	(void)what;
	if (bev == n->bev)
		hang_up(n);
}

static void
accepted(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *sa,
    int len, void *arg)
{
	struct node *n = arg;

	(void)l;
	(void)sa;
	(void)len;
	hang_up(n);
	n->bev = bufferevent_socket_new(xb_x.base, fd, BEV_OPT_CLOSE_ON_FREE);
	bufferevent_setcb(n->bev, read_cb, NULL, gone_cb, n);
	bufferevent_enable(n->bev, EV_READ | EV_WRITE);
}

static void
node_up(struct node *n)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", n->path);
	unlink(n->path);
	n->listener = evconnlistener_new_bind(xb_x.base, accepted, n,
	    LEV_OPT_CLOSE_ON_FREE, 8, (struct sockaddr *)&sun, sizeof(sun));
	ck_assert_ptr_nonnull(n->listener);
}

static void
node_down(struct node *n)
{
	if (n->listener != NULL)
		evconnlistener_free(n->listener);
	n->listener = NULL;
	unlink(n->path);
	hang_up(n);
}

/* ---------------------------------------------------------------- up, down */

static void
taken_over(void *arg)
{
	(void)arg;
	n_taken_over++;
}

static void
setup(void)
{
	memset(nodes, 0, sizeof(nodes));
	resume = 0;
	receives = holds_snapshot = false;
	refuses = MASHANG__CODE__CODE_OK;
	n_taken_over = 0;
	memory = frame_memory_new(1 << 20);
	exchange_bed_setup(CAN(CONNECT) | CAN(CLEAR));
	xb_x.answer = MASHANG__CODE__CODE_OK;
	exchange_daemon_down(xb_x.x);
	for (unsigned i = 0; i < 2; i++)
		snprintf(nodes[i].path, sizeof(nodes[i].path), "%s/%u.sock",
		    test_dir(), i);
}

static void
start(void)
{
	char addresses[256];
	struct uplink_options o = { .base = xb_x.base,
		.addresses = addresses,
		.login = "",
		.switch_name = "pbx1",
		.driver = "words",
		.epoch = 1,
		.can = xb_x.options.can,
		.retry_us = 50000,
		.taken_over = taken_over };
	const char *why;

	snprintf(addresses, sizeof(addresses), "unix:%s,unix:%s", nodes[0].path,
	    nodes[1].path);
	ck_ok(uplink_new(&o, &u));
	news = uplink_news(u);
	xb_also = &news;
	ck_ok(uplink_start(u, xb_x.x, xb_x.spool, &why));
}

static void
teardown(void)
{
	xb_also = NULL;
	uplink_free(&u);
	node_down(&nodes[0]);
	node_down(&nodes[1]);
	frame_memory_free(&memory);
	exchange_bed_teardown();
}

/* ----------------------------------------------------------------- waiting */

static unsigned want;

static bool
is_up(void)
{
	return uplink_is_up(u);
}

static bool
is_down(void)
{
	return !uplink_is_up(u);
}

static bool
has_events(void)
{
	return nodes[0].n_events >= want;
}

static bool
has_events_1(void)
{
	return nodes[1].n_events >= want;
}

static bool
has_hellos(void)
{
	return nodes[0].n_hellos >= want;
}

static bool
has_status(void)
{
	return nodes[0].n_status >= want;
}

static bool
has_result(void)
{
	return nodes[0].n_results > 0;
}

static bool
was_taken_over(void)
{
	return n_taken_over > 0;
}

static void
until_events(unsigned n)
{
	want = n;
	xb_until(has_events);
}

/* Everything that is under way has come: a status, asked for now, has; one may
 * have been under way before. */
static void
settle(void)
{
	for (unsigned i = 0; i < 2; i++) {
		want = nodes[0].n_status + 1;
		exchange_missed(xb_x.x, 1);
		xb_until(has_status);
	}
}

/* n events, of n calls. */
static void
make(unsigned n)
{
	static unsigned at;
	char text[40];

	while (n-- > 0) {
		snprintf(text, sizeof(text), "queued u%u", ++at);
		xb_say(text);
		xb_x.told[0] = '\0';
	}
}

/* ------------------------------------------------------------------- tests */

START_TEST(the_snapshot_is_first)
{
	make(250);
	node_up(&nodes[0]);
	receives = true;
	start();
	xb_until(is_up);
	ck_assert_uint_eq(nodes[0].n_snapshots, 3); /* 100 calls in each */
	ck_assert_uint_eq(nodes[0].n_live, 250);
	ck_assert_uint_eq(nodes[0].first, spool_first(xb_x.spool));
	ck_assert_uint_eq(nodes[0].last, spool_last(xb_x.spool));
	ck_assert_uint_eq(nodes[0].n_can, 2);
	until_events(250);
	ck_assert(nodes[0].snapshot_first);
	for (unsigned i = 0; i < 250; i++) {
		ck_assert_uint_eq(
		    nodes[0].events[i], spool_first(xb_x.spool) + i);
		ck_assert(nodes[0].resent[i]); /* an earlier life may have */
	}
	make(1);
	until_events(251);
	ck_assert(!nodes[0].resent[250]);
}
END_TEST

START_TEST(nothing_goes_out_before_the_snapshot_is_answered)
{
	Mashang__SnapshotResult r = MASHANG__SNAPSHOT_RESULT__INIT;

	node_up(&nodes[0]);
	holds_snapshot = true;
	start();
	want = 1;
	xb_until(has_hellos);
	make(2);
	while (nodes[0].n_snapshots == 0)
		event_base_loop(xb_x.base, EVLOOP_ONCE);
	ck_assert_uint_eq(nodes[0].n_events, 0);
	push(&nodes[0], BODY(SNAPSHOT_RESULT), &r);
	until_events(2);
}
END_TEST

START_TEST(credit_is_kept)
{
	node_up(&nodes[0]);
	start();
	xb_until(is_up);
	make(10);
	until_events(CREDIT);
	settle();
	ck_assert_uint_eq(nodes[0].n_events, CREDIT);
	say_received(&nodes[0], nodes[0].events[1]);
	until_events(CREDIT + 2);
	settle();
	ck_assert_uint_eq(nodes[0].n_events, CREDIT + 2);
	/* What is committed is received. */
	say_committed(&nodes[0], nodes[0].events[CREDIT + 1]);
	until_events(10);
	ck_assert_uint_eq(spool_first(xb_x.spool), nodes[0].events[6]);
}
END_TEST

START_TEST(sent_again_from_there)
{
	Mashang__Resend m = MASHANG__RESEND__INIT;

	node_up(&nodes[0]);
	start();
	xb_until(is_up);
	make(4);
	until_events(4);
	say_received(&nodes[0], nodes[0].events[3]);
	m.from = nodes[0].events[1];
	push(&nodes[0], BODY(RESEND), &m);
	until_events(7);
	settle();
	ck_assert_uint_eq(nodes[0].n_events, 7);
	for (unsigned i = 4; i < 7; i++) {
		ck_assert_uint_eq(nodes[0].events[i], nodes[0].events[i - 3]);
		ck_assert(nodes[0].resent[i]);
	}
	make(2); /* one may be sent: three of four are out */
	until_events(8);
	settle();
	ck_assert_uint_eq(nodes[0].n_events, 8);
	ck_assert(!nodes[0].resent[7]);
	m.from = UINT64_C(1) << 60; /* nonsense */
	push(&nodes[0], BODY(RESEND), &m);
	say_received(&nodes[0], UINT64_C(1) << 60);
	settle();
	ck_assert_uint_eq(nodes[0].n_events, 8);
}
END_TEST

START_TEST(a_refused_event_is_gone_when_it_is_committed)
{
	Mashang__Nack m = MASHANG__NACK__INIT;

	node_up(&nodes[0]);
	start();
	xb_until(is_up);
	make(2);
	until_events(2);
	m.stream_seq = nodes[0].events[0];
	m.code = MASHANG__CODE__CODE_BAD_FIELD;
	push(&nodes[0], BODY(NACK), &m);
	push(&nodes[0], BODY(NACK), &m);
	settle();
	ck_assert_uint_eq(spool_first(xb_x.spool), nodes[0].events[0]);
	say_committed(&nodes[0], nodes[0].events[1]);
	settle();
	ck_assert_uint_eq(spool_first(xb_x.spool), spool_last(xb_x.spool) + 1);
	ck_assert(uplink_is_up(u));
}
END_TEST

START_TEST(a_lost_daemon_is_sent_what_is_not_committed)
{
	node_up(&nodes[0]);
	receives = true;
	start();
	xb_until(is_up);
	make(3);
	until_events(3);
	say_committed(&nodes[0], nodes[0].events[0]);
	settle();
	hang_up(&nodes[0]);
	xb_until(is_down);
	make(1);
	xb_until(is_up);
	until_events(6);
	ck_assert_uint_eq(nodes[0].events[3], nodes[0].events[1]);
	ck_assert(nodes[0].resent[3] && nodes[0].resent[4]);
	ck_assert(!nodes[0].resent[5]); /* made meanwhile */
	ck_assert(nodes[0].snapshot_first || nodes[0].n_snapshots == 2);
}
END_TEST

START_TEST(the_second_node_takes_over)
{
	node_up(&nodes[0]);
	node_up(&nodes[1]);
	receives = true;
	start();
	xb_until(is_up);
	make(2);
	until_events(2);
	node_down(&nodes[0]);
	xb_until(is_down);
	xb_until(is_up);
	want = 2;
	xb_until(has_events_1);
	ck_assert_uint_eq(nodes[1].events[0], nodes[0].events[0]);
	ck_assert_uint_eq(nodes[1].n_live, 2);
}
END_TEST

START_TEST(an_order_there_and_back)
{
	Mashang__Order o = MASHANG__ORDER__INIT;
	const char *call = "u";

	node_up(&nodes[0]);
	start();
	xb_until(is_up);
	xb_say("queued u");
	o.order_id = 31;
	o.call = (ProtobufCBinaryData){ 1, (uint8_t *)(uintptr_t)call };
	o.version = xb_version(call);
	o.kind = MASHANG__ORDER_KIND__ORDER_CONNECT;
	o.device = (ProtobufCBinaryData){ 3, (uint8_t *)(uintptr_t) "801" };
	push(&nodes[0], BODY(ORDER), &o);
	xb_until(has_result);
	ck_assert_uint_eq(nodes[0].result.order_id, 31);
	ck_assert_int_eq(nodes[0].result.code, MASHANG__CODE__CODE_OK);
	ck_assert_uint_eq(nodes[0].result.version, o.version + 1);
}
END_TEST

START_TEST(how_the_switch_is_and_its_phones)
{
	exchange_devices(xb_x.x);
	exchange_device(
	    xb_x.x, STR_LIT("801"), MASHANG__DEVICE_REACH__DEVICE_REACHABLE);
	exchange_devices_end(xb_x.x);
	node_up(&nodes[0]);
	start();
	xb_until(is_up);
	settle();
	ck_assert_uint_ge(nodes[0].n_status, 2);
	ck_assert_uint_eq(nodes[0].n_devices, 1);
	ck_assert(nodes[0].whole);
	exchange_device(
	    xb_x.x, STR_LIT("801"), MASHANG__DEVICE_REACH__DEVICE_GONE);
	settle();
	ck_assert_uint_eq(nodes[0].n_devices, 2);
	ck_assert(!nodes[0].whole);
}
END_TEST

START_TEST(refused_it_tries_again)
{
	refuses = MASHANG__CODE__CODE_LOGIN_FAILED;
	node_up(&nodes[0]);
	start();
	want = 3;
	xb_until(has_hellos);
	refuses = MASHANG__CODE__CODE_OK; /* an operator has mended it */
	xb_until(is_up);
}
END_TEST

START_TEST(taken_over_it_stays_away)
{
	node_up(&nodes[0]);
	start();
	xb_until(is_up);
	refuses = MASHANG__CODE__CODE_TAKEN_OVER;
	say_goodbye(&nodes[0]);
	xb_until(was_taken_over);
	ck_assert(!uplink_is_up(u));
	ck_assert_uint_eq(nodes[0].n_hellos, 1);
}
END_TEST

/* New events under numbers that are known would be taken for repeats. */
START_TEST(an_old_spool_is_not_sent)
{
	Mashang__SwitchStatus s;

	make(2);
	resume = spool_last(xb_x.spool) + 1;
	node_up(&nodes[0]);
	start();
	want = 1;
	xb_until(has_hellos);
	do {
		event_base_loop(xb_x.base, EVLOOP_ONCE);
		exchange_status(xb_x.x, &s);
	} while (s.trouble.len == 0);
	make(2);
	ck_assert(!uplink_is_up(u));
	ck_assert_uint_eq(nodes[0].n_snapshots, 0);
	ck_assert_uint_eq(nodes[0].n_events, 0);
}
END_TEST

Suite *
uplink_suite(void)
{
	TCase *tc = tcase_create("uplink");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, the_snapshot_is_first);
	tcase_add_test(tc, nothing_goes_out_before_the_snapshot_is_answered);
	tcase_add_test(tc, credit_is_kept);
	tcase_add_test(tc, sent_again_from_there);
	tcase_add_test(tc, a_refused_event_is_gone_when_it_is_committed);
	tcase_add_test(tc, a_lost_daemon_is_sent_what_is_not_committed);
	tcase_add_test(tc, the_second_node_takes_over);
	tcase_add_test(tc, an_order_there_and_back);
	tcase_add_test(tc, how_the_switch_is_and_its_phones);
	tcase_add_test(tc, refused_it_tries_again);
	tcase_add_test(tc, taken_over_it_stays_away);
	tcase_add_test(tc, an_old_spool_is_not_sent);
	return suite_of(tc, "uplink");
}
