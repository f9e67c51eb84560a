/*
 * bridge_bench.c - what mashang-bridge adds to the way of an event and of an
 * order, beside what the switch takes itself, in the same run.
 *
 * Real calls run through Kamailio; the bridge is the real one.  This process
 * sits on both sides of it: as the wire to the switch, and as its daemon, which
 * routes each caller to a free phone at once.
 *
 *   switch ─(1)─ here ─(2)─ bridge ─(3)─ here        event: (2) to (3)
 *   switch ─(6)─ here ─(5)─ bridge ─(4)─ here        order: (4) to (5)
 *
 * Floor: for events, made to (1) by the switch's own time stamp; for orders,
 * (6) to the switch's reply.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/event.h>
#include <jansson.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <uthash.h>

#include "base/clock.h"
#include "base/stat.h"
#include "bridge/kamailio.h"
#include "bridge/netstring.h"
#include "frame.h"
#include "test/bench/bench.h"
#include "test/bench/figure.h"
#include "test/support/sipp.h"
#include "test/support/stack.h"
#include "test/support/support.h"

#define PER_SECOND 200
#define SECONDS 10
#define CALLS (PER_SECOND * SECONDS)
#define PHONES (LAB_PHONE_LAST - LAB_PHONE_FIRST + 1)
#define BODY(x) MASHANG__ENVELOPE__BODY_##x

/* A call between two of the points. */
struct run {
	char name[65];
	int64_t event_at, order_at, route_at;
	char route_id[24];
	unsigned phone; /* index + 1; 0: none */
	UT_hash_handle hh;
};

static struct {
	struct event_base *base;
	struct sip_lab lab;
	pid_t bridge;
	int to_switch, to_bridge, to_daemon; /* the last: the bridge's frames */
	struct evbuffer *switch_in, *bridge_in, *daemon_in;
	struct frame_memory *memory;
	struct run *runs;
	bool phones[PHONES]; /* taken */
	uint64_t orders;
	unsigned ended;
	struct stat_hist event, order, switch_event, switch_order;
} b;

static struct run *
run_of(struct str name, bool make)
{
	struct run *r;

	HASH_FIND(hh, b.runs, name.p, name.len, r);
	if (r != NULL || !make)
		return r;
	r = calloc(1, sizeof(*r));
	ck_assert(r != NULL && name.len < sizeof(r->name));
	memcpy(r->name, name.p, name.len);
	HASH_ADD_KEYPTR(hh, b.runs, r->name, name.len, r);
	return r;
}

static void
write_all(int fd, const void *p, size_t len)
{
	const char *at = p;

	while (len > 0) {
		ssize_t n = send(fd, at, len, MSG_NOSIGNAL);

		ck_assert_msg(n > 0, "a connection has gone");
		at += n;
		len -= (size_t)n;
	}
}

/* ------------------------------------------------------------ as the daemon */

static void
send_frame(Mashang__Envelope *e)
{
	struct evbuffer *out = evbuffer_new();

	ck_assert_int_eq(frame_push(out, e), FRAME_OK);
	write_all(
	    b.to_daemon, evbuffer_pullup(out, -1), evbuffer_get_length(out));
	evbuffer_free(out);
}

static void
welcome(void)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__Welcome w = MASHANG__WELCOME__INIT;

	w.heartbeat_ms = 5000;
	w.max_frame = FRAME_MAX;
	w.credit = 100000;
	e.body_case = BODY(WELCOME);
	e.welcome = &w;
	send_frame(&e);
}

static void
know(void)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__SnapshotResult r = MASHANG__SNAPSHOT_RESULT__INIT;

	e.body_case = BODY(SNAPSHOT_RESULT);
	e.snapshot_result = &r;
	send_frame(&e);
}

static void
commit(uint64_t up_to)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__Received r = MASHANG__RECEIVED__INIT;
	Mashang__Committed c = MASHANG__COMMITTED__INIT;

	r.up_to = c.up_to = up_to;
	e.body_case = BODY(RECEIVED);
	e.received = &r;
	send_frame(&e);
	e.body_case = BODY(COMMITTED);
	e.committed = &c;
	send_frame(&e);
}

static void
connect_call(struct run *r, const Mashang__CallEvent *ev)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__Order o = MASHANG__ORDER__INIT;
	char device[8];
	unsigned i = 0;

	while (i < PHONES && b.phones[i])
		i++;
	ck_assert_msg(i < PHONES, "no phone is free");
	b.phones[i] = true;
	r->phone = i + 1;
	snprintf(device, sizeof(device), "%u", LAB_PHONE_FIRST + i);
	o.order_id = ++b.orders;
	o.call = ev->call;
	o.version = ev->version;
	o.epoch = ev->epoch;
	o.kind = MASHANG__ORDER_KIND__ORDER_CONNECT;
	o.device = (ProtobufCBinaryData){ strlen(device), (uint8_t *)device };
	o.ring_us = 20 * CLOCK_S;
	e.body_case = BODY(ORDER);
	e.order = &o;
	r->order_at = clock_loop();
	send_frame(&e);
}

static void
take_event(const Mashang__CallEvent *ev)
{
	struct str name = { (char *)ev->call.data, (uint32_t)ev->call.len };
	struct run *r = run_of(name, true);
	int64_t now = clock_loop();

	/* Offered and queued are one event of the switch. */
	if (r->event_at != 0 && ev->kind != MASHANG__CALL_EVENT_KIND__OFFERED) {
		stat_add(&b.event, now - r->event_at);
		r->event_at = 0;
	}
	if (ev->kind == MASHANG__CALL_EVENT_KIND__QUEUED)
		connect_call(r, ev);
	if (ev->kind == MASHANG__CALL_EVENT_KIND__CALL_CLEARED) {
		if (r->phone != 0)
			b.phones[r->phone - 1] = false;
		HASH_DEL(b.runs, r);
		free(r);
		if (++b.ended == CALLS)
			event_base_loopbreak(b.base);
	}
}

static void
take_frame(const Mashang__Envelope *e)
{
	Mashang__Envelope out = MASHANG__ENVELOPE__INIT;
	Mashang__Pong pong = MASHANG__PONG__INIT;

	if (e->body_case == BODY(HELLO))
		welcome();
	else if (e->body_case == BODY(SNAPSHOT) && !e->snapshot->more)
		know();
	else if (e->body_case == BODY(CALL_EVENT))
		take_event(e->call_event);
	else if (e->body_case == BODY(PING)) {
		pong.number = e->ping->number;
		out.body_case = BODY(PONG);
		out.pong = &pong;
		send_frame(&out);
	}
}

static void
daemon_cb(evutil_socket_t fd, short what, void *arg)
{
	Mashang__Envelope *e;
	uint64_t last = 0;

	(void)what;
	(void)arg;
	ck_assert_int_gt(evbuffer_read(b.daemon_in, fd, -1), 0);
	while (frame_pull(b.daemon_in, FRAME_MAX, b.memory, &e) == FRAME_OK) {
		if (e->body_case == BODY(CALL_EVENT))
			last = e->call_event->stream_seq;
		take_frame(e);
	}
	if (last != 0)
		commit(last);
}

/* --------------------------------------------------- as the wire to the switch */

static void
from_switch(struct str text)
{
	json_t *o = json_loadb(text.p, text.len, 0, NULL);
	struct str name = kam_text(o, "name"), id = kam_text(o, "id");
	struct run *r, *next;

	if (name.len > 0 && kam_number(o, "seq") != 0 &&
	    !kam_is(o, "event", "call.abandoned")) {
		r = run_of(name, kam_is(o, "event", "call.offered"));
		stat_add(&b.switch_event,
		    clock_wall() - kam_time(kam_text(o, "time")));
		if (r != NULL)
			r->event_at = clock_loop();
	}
	if (kam_is(o, "event", "reply"))
		HASH_ITER(hh, b.runs, r, next)
		{
			if (r->route_at == 0 ||
			    !str_eq(id, str_of(r->route_id)))
				continue;
			stat_add(&b.switch_order, clock_loop() - r->route_at);
			r->route_at = 0;
		}
	json_decref(o);
}

static void
from_bridge(struct str text)
{
	json_t *o = json_loadb(text.p, text.len, 0, NULL);
	struct run *r = run_of(kam_text(o, "name"), false);
	struct str id = kam_text(o, "id");

	if (r != NULL && kam_is(o, "cmd", "route")) {
		stat_add(&b.order, clock_loop() - r->order_at);
		snprintf(r->route_id, sizeof(r->route_id), "%.*s", STR_ARG(id));
		r->route_at = clock_loop();
	}
	json_decref(o);
}

/* Each message is looked at, then passed on, at once and in one write. */
static void
pass(struct evbuffer *in, int from, int to, void (*look)(struct str))
{
	static const int yes = 1;
	struct str text;
	size_t used;

	ck_assert_int_gt(evbuffer_read(in, from, -1), 0);
	setsockopt(from, IPPROTO_TCP, TCP_QUICKACK, &yes, sizeof(yes));
	while (netstring_pull((struct str){ (char *)evbuffer_pullup(in, -1),
				  (uint32_t)evbuffer_get_length(in) },
		   65536, &text, &used) == ERR_OK) {
		look(text);
		write_all(to, evbuffer_pullup(in, (ev_ssize_t)used), used);
		evbuffer_drain(in, used);
	}
}

static void
switch_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)what;
	(void)arg;
	pass(b.switch_in, fd, b.to_bridge, from_switch);
}

static void
bridge_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)what;
	(void)arg;
	pass(b.bridge_in, fd, b.to_switch, from_bridge);
}

/* ------------------------------------------------------------- building it */

static int
listen_tcp(unsigned *port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*port = lab_port();
	sin.sin_port = htons((uint16_t)*port);
	inet_pton(AF_INET, LAB_PHONES, &sin.sin_addr);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
	ck_assert_int_eq(listen(fd, 1), 0);
	return fd;
}

static int
listen_unix(char *path, size_t room)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(path, room, "%s/m.sock", test_dir());
	ck_assert_int_lt(
	    snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path),
	    sizeof(sun.sun_path));
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	ck_assert_int_eq(listen(fd, 1), 0);
	return fd;
}

static void
start_bridge(const char *daemon, unsigned cti)
{
	char config[PATH_MAX], program[PATH_MAX], cwd[PATH_MAX / 2];
	const char *argv[] = { program, "-c", config, NULL };
	FILE *f;

	ck_assert_ptr_nonnull(getcwd(cwd, sizeof(cwd)));
	snprintf(config, sizeof(config), "%s/bridge.yaml", test_dir());
	snprintf(program, sizeof(program), "%s%s%s/mashang-bridge",
	    test_build()[0] == '/' ? "" : cwd,
	    test_build()[0] == '/' ? "" : "/", test_build());
	f = fopen(config, "we");
	ck_assert_ptr_nonnull(f);
	fprintf(f,
	    "switch: main\ndriver: kamailio\ndaemons: [\"unix:%s\"]\n"
	    "spool: %s/spool\n"
	    "kamailio: {address: \"tcp:" LAB_PHONES ":%u\"}\n",
	    daemon, test_dir(), cti);
	fclose(f);
	b.bridge = lab_spawn(test_dir(), argv, "bridge.log");
}

static struct event *
watch(int fd, event_callback_fn cb)
{
	static const int yes = 1;
	struct event *e = event_new(b.base, fd, EV_READ | EV_PERSIST, cb, NULL);

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	event_add(e, NULL);
	return e;
}

static void
build(struct event *events[3])
{
	char daemon[PATH_MAX];
	unsigned cti;
	int tcp = listen_tcp(&cti), unx = listen_unix(daemon, sizeof(daemon));

	b.base = event_base_new();
	b.switch_in = evbuffer_new();
	b.bridge_in = evbuffer_new();
	b.daemon_in = evbuffer_new();
	b.memory = frame_memory_new(1 << 20);
	sip_lab_up(&b.lab, test_dir(), NULL);
	start_bridge(daemon, cti);
	b.to_switch = sip_lab_connect(&b.lab);
	b.to_bridge = accept(tcp, NULL, NULL);
	b.to_daemon = accept(unx, NULL, NULL);
	ck_assert(b.to_switch != -1 && b.to_bridge != -1 && b.to_daemon != -1);
	close(tcp);
	close(unx);
	events[0] = watch(b.to_switch, switch_cb);
	events[1] = watch(b.to_bridge, bridge_cb);
	events[2] = watch(b.to_daemon, daemon_cb);
}

static void
settle(int ms)
{
	struct timeval tv = { ms / 1000, ms % 1000 * 1000 };

	event_base_loopexit(b.base, &tv);
	event_base_dispatch(b.base);
}

static void
tell(void)
{
	char method[240];

	snprintf(method, sizeof(method),
	    "%d calls/s, %d s, %llu events: event of the switch written to "
	    "the bridge, until its frame is read by the daemon; floor (of "
	    "p50): made by Kamailio until read (its p99: %.2f ms)",
	    PER_SECOND, SECONDS, (unsigned long long)stat_count(&b.event),
	    (double)stat_quantile(&b.switch_event, 0.99) / 1000);
	figure_latency("bridge_event_ms", &b.event,
	    (double)stat_quantile(&b.switch_event, 0.5) / 1000, method);
	snprintf(method, sizeof(method),
	    "the same run, %llu orders: order written by the daemon, until "
	    "its command is read by the switch's side; floor (of p50): "
	    "Kamailio's reply to it (its p99: %.2f ms)",
	    (unsigned long long)stat_count(&b.order),
	    (double)stat_quantile(&b.switch_order, 0.99) / 1000);
	figure_latency("bridge_order_ms", &b.order,
	    (double)stat_quantile(&b.switch_order, 0.5) / 1000, method);
}

static void
figures(void)
{
	struct event *events[3];
	struct sipp phones, callers;

	build(events);
	settle(500); /* hello, snapshots */
	sipp_start(&phones, &b.lab,
	    &(struct sipp_how){
		.scenario = "phone_fast", .calls = CALLS, .seconds = 60 });
	sipp_register_many(&b.lab, "801", PHONES, phones.port);
	settle(500);
	sipp_start(&callers, &b.lab,
	    &(struct sipp_how){ .scenario = "caller",
		.from = "13800000001",
		.calls = CALLS,
		.per_second = PER_SECOND,
		.pause_ms = 100,
		.seconds = 60 });
	settle(60000); /* until the last call is over */
	if (b.ended != CALLS || sipp_status(&callers) != 0)
		bench_failed();
	tell();
	sipp_stop(&phones);
	for (unsigned i = 0; i < NELEM(events); i++)
		event_free(events[i]);
	lab_end(&b.bridge);
	sip_lab_down(&b.lab);
}

int
main(void)
{
	return bench_main("bridge", figures);
}
