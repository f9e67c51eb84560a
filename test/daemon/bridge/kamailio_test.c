/*
 * kamailio_test.c - the driver against a switch that is a script: what it says
 * in pieces, in another order, twice, not at all.
 */
#include "bridge/kamailio.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>

#include "base/clock.h"
#include "bridge/netstring.h"
#include "test/support/exchange_bed.h"
#include "test/support/support.h"

extern const struct driver driver_kamailio;

#define CODE(c) ((int)MASHANG__CODE__CODE_##c)
#define ORDER(k) MASHANG__ORDER_KIND__ORDER_##k
#define WAIT_S 10
#define NAMED(name) "\"name\":\"" name "\",\"time\":\"1700000000.5\""

static struct kam_options options;
static char address[64];
static struct evconnlistener *listener;
static struct bufferevent *link_; /* the bridge's connection */
static unsigned n_links;
static char asked[4096]; /* commands, `cmd id ' each */
static void *driver;

/* ------------------------------------------------------------- the switch */

static void
say_bytes(const char *bytes, size_t len)
{
	bufferevent_write(link_, bytes, len);
}

static void say(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* One object. */
static void
say(const char *fmt, ...)
{
	char text[4096], out[sizeof(text) + NETSTRING_EXTRA];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	say_bytes(out, netstring_put(str_of(text), out, sizeof(out)));
}

static void
take(const json_t *cmd)
{
	char line[256];

	snprintf(line, sizeof(line), "%s %s ",
	    json_string_value(json_object_get(cmd, "cmd")),
	    json_string_value(json_object_get(cmd, "id")));
	strncat(asked, line, sizeof(asked) - strlen(asked) - 1);
}

static void
asked_cb(struct bufferevent *b, void *arg)
{
	struct evbuffer *in = bufferevent_get_input(b);
	struct str text;
	size_t used;

	(void)arg;
	while (netstring_pull((struct str){ (char *)evbuffer_pullup(in, -1),
				  (uint32_t)evbuffer_get_length(in) },
		   4096, &text, &used) == ERR_OK) {
		json_t *o = json_loadb(text.p, text.len, 0, NULL);

		ck_assert_ptr_nonnull(o);
		take(o);
		json_decref(o);
		evbuffer_drain(in, used);
	}
}

static void
accept_cb(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *sa,
    int len, void *arg)
{
	(void)l;
	(void)sa;
	(void)len;
	(void)arg;
	if (link_ != NULL)
		bufferevent_free(link_);
	link_ = bufferevent_socket_new(xb_x.base, fd, BEV_OPT_CLOSE_ON_FREE);
	bufferevent_setcb(link_, asked_cb, NULL, NULL, NULL);
	bufferevent_enable(link_, EV_READ | EV_WRITE);
	n_links++;
}

/* Turn the loop until `words' have been asked for, or told. */
static void
turn_until(const char *where, const char *words)
{
	int64_t until = clock_loop() + WAIT_S * CLOCK_S;

	while (strstr(where, words) == NULL) {
		struct timeval tv = { 0, 20000 };

		ck_assert_msg(clock_loop() < until,
		    "no \"%s\" in \"%s\"; told \"%s\"", words, where,
		    xb_x.told);
		event_base_loopexit(xb_x.base, &tv);
		event_base_dispatch(xb_x.base);
	}
}

/* The id of the last command of that name. */
static const char *
id_of(const char *cmd)
{
	static char id[24];
	const char *at = asked, *last = NULL;

	while ((at = strstr(at, cmd)) != NULL)
		last = at++;
	ck_assert_msg(last != NULL, "no %s in %s", cmd, asked);
	snprintf(id, sizeof(id), "%.*s",
	    (int)strcspn(last + strlen(cmd) + 1, " "), last + strlen(cmd) + 1);
	return id;
}

static void
reply(const char *cmd, const char *more)
{
	say("{\"event\":\"reply\",\"id\":\"%s\",%s}", id_of(cmd), more);
}

static void
greet(const char *start, unsigned seq)
{
	char more[256];

	turn_until(asked, "hello");
	snprintf(more, sizeof(more),
	    "\"ok\":true,\"config\":1,\"version\":\"kamailio 5.6.3 \","
	    "\"start\":\"%s\",\"seq\":%u",
	    start, seq);
	reply("hello", more);
	turn_until(asked, "snapshot");
}

static void
listed(void)
{
	reply("snapshot", "\"ok\":true");
	asked[0] = '\0';
}

/* An event with its number, all fields but these given. */
#define EVENT(KIND, SEQ, NAME, MORE) \
	say("{\"event\":\"" KIND "\",\"seq\":%d," NAMED(NAME) "%s}", SEQ, MORE)
#define OFFERED(SEQ, NAME)                 \
	EVENT("call.offered", SEQ, NAME,   \
	    ",\"from\":\"13800000001\",\"" \
	    "to\":\"4001\",\"way\":\"queue\"")

/* ---------------------------------------------------------------- fixture */

static void
up(void)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	socklen_t len = sizeof(sin);
	struct driver_setup setup;

	asked[0] = '\0';
	n_links = 0;
	link_ = NULL;
	exchange_bed_setup(kam_can(NULL, false));
	xb_x.answer = -1;
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener = evconnlistener_new_bind(xb_x.base, accept_cb, NULL,
	    LEV_OPT_CLOSE_ON_FREE, -1, (struct sockaddr *)&sin, sizeof(sin));
	ck_assert_ptr_nonnull(listener);
	getsockname(
	    evconnlistener_get_fd(listener), (struct sockaddr *)&sin, &len);
	snprintf(
	    address, sizeof(address), "tcp:127.0.0.1:%u", ntohs(sin.sin_port));
	options = (struct kam_options){ address, "", "", "", "" };
	setup = (struct driver_setup){ xb_x.base, xb_x.x, &options, false };
	ck_ok(driver_kamailio.open(&setup, &driver));
	xb_x.beside = &driver_kamailio;
	xb_x.beside_self = driver;
	greet("1.1", 10);
}

static void
down(void)
{
	xb_x.beside = NULL;
	driver_kamailio.close(&driver);
	if (link_ != NULL)
		bufferevent_free(link_);
	evconnlistener_free(listener);
	exchange_bed_teardown();
}

/* ------------------------------------------------------------------ events */

/* Every way to cut it in two. */
START_TEST(a_call_in_pieces)
{
	static const char call[] =
	    "130:{\"event\":\"call.offered\",\"seq\":11," NAMED(
		"A") ","
		     "\"from\":\"138\",\"to\":\"4001\",\"way\":\"queue\","
		     "\"menu\":\"2\",\"data\":\"account=4711\"},";
	char out[512];
	size_t len =
	    netstring_put((struct str){ strchr(call, '{'),
			      (uint32_t)(strlen(strchr(call, '{')) - 1) },
		out, sizeof(out));
	int64_t until;

	listed();
	say_bytes(out, (size_t)_i < len ? (size_t)_i : len);
	until = clock_loop() + 20000;
	while (clock_loop() < until)
		event_base_loop(xb_x.base, EVLOOP_NONBLOCK);
	if ((size_t)_i < len)
		say_bytes(out + _i, len - (size_t)_i);
	turn_until(xb_x.told, "QUEUED A");
	xb_told("OFFERED A; QUEUED A");
	ck_assert_uint_eq(n_links, 1);
}
END_TEST

START_TEST(nonsense_ends_the_connection)
{
	static const char *const rows[] = { "x", "01:a,", "1:a;", "1:a,",
		"99999999:", "7:{\"a\":1}x" };

	listed();
	say_bytes(rows[_i], strlen(rows[_i]));
	greet("1.1", 10);
	ck_assert_uint_eq(n_links, 2);
}
END_TEST

/* clang-format off */
static const struct {
	const char *name, *events[8], *told;
} lives[] = {
	{ "answered, hung up by the agent",
	  { "call.ringing|,\"agent\":\"801\",\"code\":180",
	    "call.answered|,\"agent\":\"801\"",
	    "call.held|,\"by\":\"agent\"", "call.resumed|,\"by\":\"agent\"",
	    "call.ended|,\"by\":\"agent\"" },
	  "OFFERED A; QUEUED A; DELIVERED A@801; ESTABLISHED A@801; "
	  "HELD A@801; RETRIEVED A@801; CALL_CLEARED A" },
	{ "held by the caller: not ours to tell",
	  { "call.ringing|,\"agent\":\"801\",\"code\":180",
	    "call.answered|,\"agent\":\"801\"",
	    "call.held|,\"by\":\"caller\"", "call.resumed|,\"by\":\"caller\"",
	    "call.ended|,\"by\":\"caller\"" },
	  "OFFERED A; QUEUED A; DELIVERED A@801; ESTABLISHED A@801; "
	  "CALL_CLEARED A" },
	{ "a session refreshed, not resumed",
	  { "call.ringing|,\"agent\":\"801\",\"code\":180",
	    "call.answered|,\"agent\":\"801\"",
	    "call.resumed|,\"by\":\"agent\"", "call.ended|,\"by\":\"switch\"" },
	  "OFFERED A; QUEUED A; DELIVERED A@801; ESTABLISHED A@801; "
	  "CALL_CLEARED A" },
	{ "given up",
	  { "call.abandoned|,\"state\":\"queued\"", "call.failed|,\"code\":487" },
	  "OFFERED A; QUEUED A; CALL_CLEARED A" },
	{ "waited too long", { "call.expired|", "call.failed|,\"code\":480" },
	  "OFFERED A; QUEUED A; CALL_CLEARED A" },
	{ "words that are not known", { "call.dreamt|", "nothing|" },
	  "OFFERED A; QUEUED A" },
};
/* clang-format on */

START_TEST(lives_of_a_call)
{
	int seq = 11;

	listed();
	OFFERED(seq, "A");
	for (const char *const *e = lives[_i].events; *e != NULL; e++) {
		char kind[32];

		snprintf(kind, sizeof(kind), "%.*s", (int)strcspn(*e, "|"), *e);
		say("{\"event\":\"%s\",\"seq\":%d," NAMED("A") "%s}", kind,
		    ++seq, strchr(*e, '|') + 1);
	}
	OFFERED(++seq, "Z");
	turn_until(xb_x.told, "QUEUED Z");
	*strstr(xb_x.told, "; OFFERED Z") = '\0';
	ck_assert_msg(strcmp(xb_x.told, lives[_i].told) == 0, "%s: %s",
	    lives[_i].name, xb_x.told);
}
END_TEST

/* A phone calls out: it is SIP's caller, and our agent. */
START_TEST(a_call_to_the_outside)
{
	listed();
	EVENT("call.offered", 11, "A",
	    ",\"from\":\"801\",\"to\":\"013800000001\",\"device\":\"801\","
	    "\"way\":\"outside\"");
	EVENT("call.ringing", 12, "A", ",\"agent\":\"013800000001\"");
	EVENT("call.answered", 13, "A", ",\"agent\":\"013800000001\"");
	EVENT("call.held", 14, "A", ",\"by\":\"caller\"");
	EVENT("call.ended", 15, "A", ",\"by\":\"caller\"");
	turn_until(xb_x.told, "CALL_CLEARED A");
	xb_told("OFFERED A; DELIVERED A@801; ESTABLISHED A@801; HELD A@801; "
		"CALL_CLEARED A");
}
END_TEST

/* -------------------------------------------------------------------- gaps */

static uint64_t
gaps(void)
{
	Mashang__SwitchStatus s = MASHANG__SWITCH_STATUS__INIT;

	exchange_status(xb_x.x, &s);
	return s.gaps;
}

START_TEST(a_number_left_out_is_missed)
{
	listed();
	OFFERED(11, "A");
	OFFERED(13, "C");
	turn_until(asked, "snapshot");
	ck_assert_uint_eq(gaps(), 1);
}
END_TEST

START_TEST(a_number_that_comes_late_is_not)
{
	struct timeval tv = { 1, 0 }; /* twice as long as it may be late */

	listed();
	OFFERED(12, "B");
	OFFERED(11, "A");
	turn_until(xb_x.told, "QUEUED A");
	event_base_loopexit(xb_x.base, &tv);
	event_base_dispatch(xb_x.base);
	ck_assert_uint_eq(gaps(), 0);
	ck_assert_ptr_null(strstr(asked, "snapshot"));
}
END_TEST

START_TEST(what_was_told_while_we_were_away_is_missed)
{
	listed();
	OFFERED(11, "A");
	turn_until(xb_x.told, "QUEUED A");
	bufferevent_free(link_);
	link_ = NULL;
	greet("1.1", 14);
	ck_assert_uint_eq(gaps(), 1);
}
END_TEST

START_TEST(a_new_switch_counts_anew)
{
	listed();
	OFFERED(11, "A");
	turn_until(xb_x.told, "QUEUED A");
	bufferevent_free(link_);
	link_ = NULL;
	greet("2.2", 0);
	ck_assert_uint_eq(gaps(), 0);
	listed();
	OFFERED(1, "2.2-1");
	turn_until(xb_x.told, "QUEUED 2.2-1");
	xb_told("OFFERED A; QUEUED A; CALL_CLEARED A lost; OFFERED 2.2-1; "
		"QUEUED 2.2-1");
}
END_TEST

/* --------------------------------------------------------------- snapshots */

#define ROW(SEQ, NAME, STATE, MORE)                                         \
	say("{\"event\":\"call.snapshot\",\"seq\":%d," NAMED(               \
		NAME) ","                                                   \
		      "\"from\":\"138\",\"to\":\"4001\",\"way\":\"queue\"," \
		      "\"state\":\"" STATE "\"" MORE "}",                   \
	    SEQ)

/* Rows and events mix: each call ends up as the last of them says. */
START_TEST(events_among_the_rows)
{
	ROW(10, "A", "queued", "");
	OFFERED(11, "C"); /* behind where the switch has listed */
	EVENT("call.ringing", 12, "A", ",\"agent\":\"801\"");
	/* Before its row was made. */
	EVENT("call.ringing", 13, "B", ",\"agent\":\"802\"");
	ROW(13, "B", "ringing", ",\"agent\":\"802\"");
	EVENT("call.answered", 14, "B", ",\"agent\":\"802\"");
	reply("snapshot", "\"ok\":true");
	turn_until(xb_x.told, "OFFERED C");
	turn_until(xb_x.told, "DELIVERED A@801");
	turn_until(xb_x.told, "ESTABLISHED B@802");
	ck_assert_ptr_null(strstr(xb_x.told, "CALL_CLEARED"));
}
END_TEST

START_TEST(who_is_not_listed_is_gone)
{
	listed();
	OFFERED(11, "A");
	OFFERED(12, "B");
	OFFERED(13, "C");
	turn_until(xb_x.told, "QUEUED C");
	xb_x.told[0] = '\0';
	kam_resync(driver);
	turn_until(asked, "snapshot");
	ROW(13, "A", "queued", "");
	/* B's end is told on its way, with its own cause. */
	EVENT("call.failed", 14, "B", ",\"code\":487");
	/* What is about to end is left to its end. */
	ROW(14, "C", "over", "");
	reply("snapshot", "\"ok\":true");
	turn_until(xb_x.told, "CALL_CLEARED B");
	EVENT("call.failed", 15, "C", ",\"code\":487");
	turn_until(xb_x.told, "CALL_CLEARED C");
	xb_told("CALL_CLEARED B; CALL_CLEARED C");
}
END_TEST

START_TEST(phones_are_listed_and_change)
{
	say("{\"event\":\"device.snapshot\",\"device\":\"801\"}");
	say("{\"event\":\"device.snapshot\",\"device\":\"802\"}");
	listed();
	say("{\"event\":\"agent.expired\",\"seq\":11,\"device\":\"802\"}");
	turn_until(xb_x.devices, "-802");
	ck_assert_ptr_nonnull(strstr(xb_x.devices, "801"));
}
END_TEST

/* ------------------------------------------------------------------ orders */

static struct driver_order
order_of(uint64_t id, Mashang__OrderKind kind, const char *device)
{
	return (struct driver_order){ .id = id,
		.kind = kind,
		.call = exchange_find(xb_x.x, STR_LIT("A")),
		.device = str_of(device),
		.ring_us = 8 * CLOCK_S };
}

/* The daemon orders, through the exchange; its fake driver notes it, ours
 * carries it out. */
static void
give(uint64_t id, Mashang__OrderKind kind, const char *device,
    const char *number)
{
	bool make = kind == ORDER(MAKE_CALL);
	struct driver_order o;

	ck_assert_int_eq(
	    xb_order(id, kind, make ? NULL : "A", device, number), -1);
	o = order_of(xb_x.orders[xb_x.n_orders - 1].id, kind, device);
	o.number = str_of(number);
	if (make)
		o.call = NULL;
	driver_kamailio.order(driver, &o);
}

static int
result_of(uint64_t id)
{
	return xb_result(id) != NULL ? (int)xb_result(id)->code : -1;
}

static void
turn_until_result(uint64_t id)
{
	int64_t until = clock_loop() + WAIT_S * CLOCK_S;

	while (result_of(id) == -1) {
		struct timeval tv = { 0, 20000 };

		ck_assert_msg(clock_loop() < until, "no result");
		event_base_loopexit(xb_x.base, &tv);
		event_base_dispatch(xb_x.base);
	}
}

static void
one_queued(void)
{
	listed();
	OFFERED(11, "A");
	turn_until(xb_x.told, "QUEUED A");
	xb_x.told[0] = '\0';
}

START_TEST(an_order_and_its_reply)
{
	static const struct {
		const char *reply;
		int code;
	} rows[] = {
		{ "\"ok\":true", CODE(OK) },
		{ "\"ok\":false,\"error\":\"not queued\"", CODE(REFUSED) },
		{ "\"ok\":false,\"error\":\"no such call\"", CODE(NOT_FOUND) },
		{ "\"ok\":false", CODE(REFUSED) },
	};

	one_queued();
	give(31, ORDER(CONNECT), "801", NULL);
	turn_until(asked, "route");
	reply("route", rows[_i].reply);
	turn_until_result(31);
	ck_assert_int_eq(result_of(31), rows[_i].code);
}
END_TEST

START_TEST(names_that_a_header_cannot_hold)
{
	static const char *const rows[] = { "801;x=y", "801>", "80 1", "80'1",
		"80\"1", "801@evil", "<801" };

	one_queued();
	give(31, ORDER(CONNECT), rows[_i], NULL);
	turn_until_result(31);
	ck_assert_int_eq(result_of(31), CODE(BAD_FIELD));
	ck_assert_ptr_null(strstr(asked, "route"));
}
END_TEST

/* Nobody knows what the switch has done: refused for now, and asked for all. */
START_TEST(no_reply_in_time)
{
	one_queued();
	give(31, ORDER(CONNECT), "801", NULL);
	turn_until_result(31);
	ck_assert_int_eq(result_of(31), CODE(TIMEOUT));
	turn_until(asked, "snapshot");
}
END_TEST

START_TEST(the_connection_is_lost_on_the_way)
{
	one_queued();
	give(31, ORDER(CONNECT), "801", NULL);
	turn_until(asked, "route");
	bufferevent_free(link_);
	link_ = NULL;
	turn_until_result(31);
	ck_assert_int_eq(result_of(31), CODE(UNAVAILABLE));
}
END_TEST

/* Stopped means that it is quiet: only then may another phone be rung. */
START_TEST(stopped_when_it_is_quiet)
{
	bool answers = _i == 1;

	one_queued();
	give(31, ORDER(CONNECT), "801", NULL);
	turn_until(asked, "route");
	reply("route", "\"ok\":true");
	EVENT("call.ringing", 12, "A", ",\"agent\":\"801\"");
	turn_until_result(31);
	turn_until(xb_x.told, "DELIVERED");
	xb_x.told[0] = '\0';
	give(32, ORDER(DISCONNECT), "801", NULL);
	turn_until(asked, "unring");
	reply("unring", "\"ok\":true");
	reply("route", "\"ok\":true"); /* a reply that nobody waits for */
	EVENT("call.held", 13, "A", ",\"by\":\"caller\"");
	OFFERED(14, "Z");
	turn_until(xb_x.told, "QUEUED Z");
	ck_assert_int_eq(result_of(32), -1);
	if (answers)
		EVENT("call.answered", 15, "A", ",\"agent\":\"801\"");
	else
		EVENT(
		    "agent.failed", 15, "A", ",\"agent\":\"801\",\"code\":487");
	turn_until_result(32);
	ck_assert_int_eq(result_of(32), answers ? CODE(REFUSED) : CODE(OK));
	ck_assert_ptr_nonnull(strstr(xb_x.told,
	    answers ? "ESTABLISHED A@801" : "CONNECTION_CLEARED A@801"));
}
END_TEST

/* The caller's phone does as it was asked: rings there, talks there or, if
 * nobody lifts, the caller waits again. */
START_TEST(transferred_by_order)
{
	bool lifted = _i == 1;

	one_queued();
	EVENT("call.ringing", 12, "A", ",\"agent\":\"801\"");
	EVENT("call.answered", 13, "A", ",\"agent\":\"801\"");
	turn_until(xb_x.told, "ESTABLISHED");
	xb_x.told[0] = '\0';
	give(31, ORDER(TRANSFER), "802", NULL);
	turn_until(asked, "transfer");
	reply("transfer", "\"ok\":true");
	EVENT("call.referred", 14, "A", ",\"code\":202");
	EVENT("call.moved", 15, "A", ",\"to\":\"802\",\"way\":\"phone\"");
	EVENT("call.ringing", 16, "A", ",\"agent\":\"802\"");
	if (lifted)
		EVENT("call.answered", 17, "A", ",\"agent\":\"802\"");
	else
		EVENT(
		    "agent.failed", 17, "A", ",\"agent\":\"802\",\"code\":408");
	turn_until(xb_x.told, lifted ? "TRANSFERRED A@802" : "QUEUED A");
	ck_assert_ptr_null(strstr(xb_x.told, "DELIVERED"));
	ck_assert_int_eq(result_of(31), CODE(OK));
}
END_TEST

START_TEST(a_waiting_caller_goes_elsewhere)
{
	one_queued();
	give(31, ORDER(TRANSFER), NULL, "4002");
	turn_until(asked, "deflect");
	reply("deflect", "\"ok\":true");
	EVENT("call.ringing", 12, "A", ",\"agent\":\"4002\"");
	/* Nobody there: the caller waits again. */
	EVENT("agent.failed", 13, "A", ",\"agent\":\"4002\",\"code\":486");
	turn_until(xb_x.told, "QUEUED A");
	ck_assert_ptr_nonnull(strstr(xb_x.told, "DIVERTED A"));
	ck_assert_ptr_null(strstr(xb_x.told, "DELIVERED"));
}
END_TEST

START_TEST(a_phone_is_asked_to_dial)
{
	listed();
	give(31, ORDER(MAKE_CALL), "801", "+8613800000001");
	turn_until(asked, "dial");
	/* The phone is faster than the reply. */
	EVENT("dial.ringing", 11, "D", ",\"device\":\"801\",\"code\":180");
	reply("dial", "\"ok\":true,\"name\":\"D\"");
	EVENT("call.offered", 12, "D",
	    ",\"from\":\"801\",\"to\":\"+8613800000001\",\"device\":\"801\","
	    "\"way\":\"outside\"");
	EVENT("call.answered", 13, "D", ",\"agent\":\"+8613800000001\"");
	EVENT("call.ended", 14, "D", ",\"by\":\"agent\"");
	turn_until(xb_x.told, "CALL_CLEARED D");
	xb_told("OFFERED D #31; DELIVERED D@801 #31; ESTABLISHED D@801 #31; "
		"CALL_CLEARED D #31");
	ck_assert_int_eq(result_of(31), CODE(OK));
}
END_TEST

START_TEST(the_phone_does_not_dial)
{
	listed();
	give(31, ORDER(MAKE_CALL), "801", "+8613800000001");
	turn_until(asked, "dial");
	EVENT("dial.failed", 11, "D", ",\"device\":\"801\",\"code\":486");
	reply("dial", "\"ok\":true,\"name\":\"D\"");
	turn_until(xb_x.told, "CALL_CLEARED D");
	xb_told("OFFERED D #31; FAILED D@801 #31; CALL_CLEARED D #31");
}
END_TEST

/* ------------------------------------------------------------- small words */

START_TEST(small_words)
{
	struct report_pair p[REPORT_DATA_MAX];
	char store[64], name[16];

	ck_assert_int_eq(
	    kam_time(STR_LIT("1700000000.642981")), 1700000000642981);
	ck_assert_int_eq(kam_time(STR_LIT("1700000000")), 1700000000000000);
	ck_assert_int_eq(kam_time(STR_LIT("1700000000.5")), 1700000000500000);
	ck_assert_int_eq(kam_time(STR_LIT("")), 0);
	ck_assert_int_eq(kam_time(STR_LIT("17x")), 0);
	ck_assert_int_eq(kam_time(STR_LIT("99999999999999999999")), 0);
	ck_assert_int_eq(kam_cause(486), MASHANG__CAUSE__CAUSE_BUSY);
	ck_assert_int_eq(kam_cause(503), MASHANG__CAUSE__CAUSE_UNREACHABLE);
	ck_assert_int_eq(kam_cause(403), MASHANG__CAUSE__CAUSE_REJECTED);
	ck_assert(str_eq(kam_display(STR_LIT("\"L\\\"i\""), name, sizeof(name)),
	    STR_LIT("L\"i")));
	ck_assert(str_eq(
	    kam_display(STR_LIT("Li"), name, sizeof(name)), STR_LIT("Li")));
	ck_assert_uint_eq(
	    kam_pairs(STR_LIT("a=1; b=x%3by%3D;bad;c=3"), store, p), 2);
	ck_assert(str_eq(p[1].key, STR_LIT("b")));
	ck_assert(str_eq(p[1].value, STR_LIT("x;y=")));
	ck_assert_uint_eq(kam_pairs(STR_LIT("a=%4"), store, p), 0);
}
END_TEST

static TCase *
scripted_case(void)
{
	TCase *tc = tcase_create("scripted");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, up, down);
	tcase_add_loop_test(tc, a_call_in_pieces, 0, 40);
	tcase_add_loop_test(tc, nonsense_ends_the_connection, 0, 6);
	tcase_add_loop_test(tc, lives_of_a_call, 0, NELEM(lives));
	tcase_add_test(tc, a_call_to_the_outside);
	tcase_add_test(tc, a_number_left_out_is_missed);
	tcase_add_test(tc, a_number_that_comes_late_is_not);
	tcase_add_test(tc, what_was_told_while_we_were_away_is_missed);
	tcase_add_test(tc, a_new_switch_counts_anew);
	tcase_add_test(tc, events_among_the_rows);
	tcase_add_test(tc, who_is_not_listed_is_gone);
	tcase_add_test(tc, phones_are_listed_and_change);
	tcase_add_loop_test(tc, an_order_and_its_reply, 0, 4);
	tcase_add_loop_test(tc, names_that_a_header_cannot_hold, 0, 7);
	tcase_add_test(tc, no_reply_in_time);
	tcase_add_test(tc, the_connection_is_lost_on_the_way);
	tcase_add_loop_test(tc, stopped_when_it_is_quiet, 0, 2);
	tcase_add_loop_test(tc, transferred_by_order, 0, 2);
	tcase_add_test(tc, a_waiting_caller_goes_elsewhere);
	tcase_add_test(tc, a_phone_is_asked_to_dial);
	tcase_add_test(tc, the_phone_does_not_dial);
	return tc;
}

Suite *
kamailio_suite(void)
{
	TCase *tc = tcase_create("words");
	Suite *s = suite_of(tc, "kamailio");

	tcase_add_test(tc, small_words);
	suite_add_tcase(s, scripted_case());
	return s;
}
