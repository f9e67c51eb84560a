/*
 * session_test.c - log-ins, roles, and everything a peer does wrong, through
 * real sockets.
 */
#include <arpa/inet.h>
#include <event2/event.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "test/support/fake_ledger.h"
#include "test/support/house.h"
#include "test/support/support.h"

static struct house h;
static struct peer p, q;

static void
setup(void)
{
	house_up(&h, false);
}

static void
teardown(void)
{
	house_down(&h);
}

#define CODE(c) MASHANG__CODE__CODE_##c
#define ROLE(r) MASHANG__ROLE__ROLE_##r
#define BODY(b) MASHANG__ENVELOPE__BODY_##b

/* --------------------------------------------------------------- log-ins */

START_TEST(a_password_lets_in)
{
	Mashang__Envelope *e;

	peer_open(&p, &h);
	peer_hello(&p, ROLE(SUPERVISOR), "boss", "secret", NULL);
	e = peer_wait(&p, BODY(WELCOME));
	ck_assert_uint_gt(e->welcome->token.len, 0);
	ck_assert_int_eq(e->welcome->server_at, HOUSE_NOON);
	ck_assert_uint_eq(e->welcome->max_frame, FRAME_MAX);
	ck_assert_uint_gt(e->welcome->heartbeat_ms, 0);
	ck_assert(!e->welcome->driven);
	peer_close(&p);
}
END_TEST

/* clang-format off */
static const struct {
	const char *name;
	Mashang__Role role;
	const char *login, *password, *place;
	Mashang__Code code;
} refused[] = {
	{ "wrong password", ROLE(SUPERVISOR), "boss", "wrong", NULL,
	  CODE(LOGIN_FAILED) },
	{ "unknown log-in", ROLE(SUPERVISOR), "nobody", "secret", NULL,
	  CODE(LOGIN_FAILED) },
	{ "disabled log-in", ROLE(SUPERVISOR), "gone", "secret", NULL,
	  CODE(DISABLED) },
	{ "disabled and wrong: not told", ROLE(SUPERVISOR), "gone", "x", NULL,
	  CODE(LOGIN_FAILED) },
	{ "another role", ROLE(ADMINISTRATOR), "boss", "secret", NULL,
	  CODE(FORBIDDEN) },
	{ "no such role", (Mashang__Role)99, "boss", "secret", NULL,
	  CODE(BAD_FIELD) },
	{ "agent without a device", ROLE(AGENT), "a1", "secret", "",
	  CODE(BAD_FIELD) },
	{ "agent at no device of ours", ROLE(AGENT), "a1", "secret", "999",
	  CODE(NO_DEVICE) },
	{ "no such agent", ROLE(AGENT), "a9", NULL, "801", CODE(NOT_FOUND) },
	{ "bridge of another switch", ROLE(BRIDGE), "br", "secret", "other",
	  CODE(WRONG_SWITCH) },
	{ "a log-in with a newline", ROLE(SUPERVISOR), "bo\nss", "secret",
	  NULL, CODE(BAD_TEXT) },
	{ "a log-in that is not UTF-8", ROLE(SUPERVISOR), "\xed\xa0\x80",
	  "secret", NULL, CODE(BAD_TEXT) },
};
/* clang-format on */

START_TEST(a_log_in_is_refused)
{
	peer_open(&p, &h);
	peer_hello(&p, refused[_i].role, refused[_i].login,
	    refused[_i].password, refused[_i].place);
	peer_ended(&p, refused[_i].code);
	peer_close(&p);
}
END_TEST

START_TEST(an_endless_password_is_not_hashed)
{
	char password[1026];

	memset(password, 'x', sizeof(password) - 1);
	password[sizeof(password) - 1] = '\0';
	peer_open(&p, &h);
	peer_hello(&p, ROLE(SUPERVISOR), "boss", password, NULL);
	peer_ended(&p, CODE(TOO_LARGE));
	peer_close(&p);
}
END_TEST

START_TEST(over_tcp_nobody_is_trusted)
{
	struct sockaddr_in sa = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(sa);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	ck_assert_int_eq(listen(fd, 5), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&sa, &len), 0);
	house_down(&h);
	house_up_on(&h, fd);
	peer_open(&p, &h);
	close(p.fd);
	p.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	(void)connect(p.fd, (struct sockaddr *)&sa, sizeof(sa));
	house_turn(&h);
	peer_hello(&p, ROLE(ADMINISTRATOR), "root", NULL, NULL);
	peer_ended(&p, CODE(LOGIN_FAILED));
	peer_close(&p);
}
END_TEST

START_TEST(tries_are_counted)
{
	for (int i = 0; i < 5; i++) {
		peer_open(&p, &h);
		peer_hello(&p, ROLE(SUPERVISOR), "boss", "wrong", NULL);
		peer_ended(&p, CODE(LOGIN_FAILED));
		peer_close(&p);
	}
	/* Now the right one has to wait, too, and is told how long. */
	peer_open(&p, &h);
	peer_hello(&p, ROLE(SUPERVISOR), "boss", "secret", NULL);
	ck_assert_uint_eq(
	    peer_wait(&p, BODY(GOODBYE))->goodbye->why->n_params, 2);
	peer_close(&p);
	/* Others are not in it. */
	peer_open(&p, &h);
	peer_hello(&p, ROLE(READ_ONLY), "eye", "secret", NULL);
	peer_wait(&p, BODY(WELCOME));
	peer_close(&p);
}
END_TEST

static void
hello_by_token(struct peer *peer, Mashang__Role role, ProtobufCBinaryData t)
{
	Mashang__Hello m = MASHANG__HELLO__INIT;
	Mashang__Envelope e = ENVELOPE(HELLO, hello, &m);

	m.magic = FRAME_MAGIC;
	m.protocol = FRAME_PROTOCOL;
	m.role = role;
	m.token = t;
	peer_send(peer, &e);
}

static ProtobufCBinaryData
token_of(const char *login, Mashang__Role role, uint8_t bytes[256])
{
	Mashang__Envelope *e;
	ProtobufCBinaryData t;

	peer_open(&p, &h);
	peer_hello(&p, role, login, "secret", NULL);
	e = peer_wait(&p, BODY(WELCOME));
	t = (ProtobufCBinaryData){ e->welcome->token.len, bytes };
	memcpy(bytes, e->welcome->token.data, t.len);
	peer_close(&p);
	return t;
}

START_TEST(a_token_lets_in)
{
	uint8_t bytes[256];
	ProtobufCBinaryData t = token_of("boss", ROLE(SUPERVISOR), bytes);

	peer_open(&p, &h);
	hello_by_token(&p, ROLE(NONE), t);
	ck_assert_mem_eq(
	    peer_wait(&p, BODY(WELCOME))->welcome->name.data, "boss", 4);
	peer_close(&p);
}
END_TEST

START_TEST(a_forged_token_does_not)
{
	uint8_t bytes[256];
	ProtobufCBinaryData t = token_of("boss", ROLE(SUPERVISOR), bytes);

	for (size_t i = 0; i < t.len; i += 7) {
		bytes[i] ^= 1;
		peer_open(&p, &h);
		hello_by_token(&p, ROLE(SUPERVISOR), t);
		peer_ended(&p, CODE(LOGIN_FAILED));
		peer_close(&p);
		bytes[i] ^= 1;
	}
	peer_open(&p, &h);
	hello_by_token(
	    &p, ROLE(SUPERVISOR), (ProtobufCBinaryData){ 20, bytes });
	peer_ended(&p, CODE(LOGIN_FAILED));
	peer_close(&p);
}
END_TEST

START_TEST(a_token_is_for_its_role)
{
	uint8_t bytes[256];
	ProtobufCBinaryData t = token_of("boss", ROLE(SUPERVISOR), bytes);

	peer_open(&p, &h);
	hello_by_token(&p, ROLE(ADMINISTRATOR), t);
	peer_ended(&p, CODE(FORBIDDEN));
	peer_close(&p);
}
END_TEST

static bool
is_open_one(void *stats)
{
	net_stats(h.net, stats);
	return ((struct net_stats *)stats)->sessions == 1;
}

START_TEST(a_changed_log_in_loses_its_tokens_and_sessions)
{
	struct net_stats stats;
	uint8_t bytes[256];
	char card[128];
	ProtobufCBinaryData t = token_of("boss", ROLE(SUPERVISOR), bytes);

	peer_open(&p, &h);
	hello_by_token(&p, ROLE(SUPERVISOR), t);
	peer_wait(&p, BODY(WELCOME));
	house_until(&h, is_open_one, &stats);
	snprintf(card, sizeof(card), "boss|supervisor|x|||f|%lld",
	    (long long)clock_wall() + 1);
	fake_ledger_card(h.ledger, LQ_LOGINS, card);
	net_ledger_up(h.net);
	peer_ended(&p, CODE(TOKEN_STALE));
	peer_close(&p);
	peer_open(&p, &h);
	hello_by_token(&p, ROLE(SUPERVISOR), t);
	peer_ended(&p, CODE(TOKEN_STALE));
	peer_close(&p);
}
END_TEST

START_TEST(a_disabled_log_in_is_shown_out)
{
	uint8_t bytes[256];
	ProtobufCBinaryData t = token_of("boss", ROLE(SUPERVISOR), bytes);

	peer_open(&p, &h);
	hello_by_token(&p, ROLE(SUPERVISOR), t);
	peer_wait(&p, BODY(WELCOME));
	fake_ledger_card(h.ledger, LQ_LOGINS, "boss|supervisor|x|||t|0");
	net_ledger_up(h.net);
	peer_ended(&p, CODE(DISABLED));
	peer_close(&p);
}
END_TEST

START_TEST(a_second_log_in_takes_over)
{
	peer_login(&p, &h, ROLE(AGENT), "a1", "801");
	peer_login(&q, &h, ROLE(AGENT), "a1", "801");
	peer_ended(&p, CODE(TAKEN_OVER));
	peer_close(&p);
	/* The newer one is not hurt by the older one's end. */
	peer_request(
	    &q, &ENVELOPE(SET_STATE, set_state,
		    (&(Mashang__SetState){ .base = PROTOBUF_C_MESSAGE_INIT(
					       &mashang__set_state__descriptor),
			.state = MASHANG__AGENT_STATE_KIND__AGENT_READY })));
	peer_reply(&q, BODY(DONE));
	peer_close(&q);
}
END_TEST

START_TEST(a_taken_device_is_refused_and_the_first_stays)
{
	Mashang__Ping ping = MASHANG__PING__INIT;

	peer_login(&p, &h, ROLE(AGENT), "a1", "801");
	peer_open(&q, &h);
	peer_hello(&q, ROLE(AGENT), "a2", NULL, "801");
	peer_ended(&q, CODE(DEVICE_TAKEN));
	peer_close(&q);
	peer_request(&p, &ENVELOPE(PING, ping, &ping));
	peer_reply(&p, BODY(PONG));
	peer_close(&p);
}
END_TEST

/* -------------------------------------------------------------- messages */

START_TEST(before_hello_nothing_is_answered)
{
	Mashang__Ping ping = MASHANG__PING__INIT;

	peer_open(&p, &h);
	peer_send(&p, &ENVELOPE(PING, ping, &ping));
	peer_ended(&p, CODE(LOGIN_FIRST));
	peer_close(&p);
}
END_TEST

START_TEST(a_message_of_the_future_is_refused_alone)
{
	static const char future[] = "\0\0\0\x15\x0a\x10"
				     "0123456789abcdef\xc2\x3e\x00";
	Mashang__Envelope *e;

	peer_login(&p, &h, ROLE(SUPERVISOR), NULL, NULL);
	peer_bytes(&p, future, sizeof(future) - 1);
	e = peer_wait(&p, BODY(ERROR));
	ck_assert_int_eq(e->error->code, CODE(UNKNOWN_MESSAGE));
	ck_assert_mem_eq(e->op_id.data, "0123456789abcdef", 16);
	peer_close(&p);
}
END_TEST

START_TEST(a_request_needs_its_op_id)
{
	Mashang__Show show = MASHANG__SHOW__INIT;
	Mashang__Envelope e = ENVELOPE(SHOW, show, &show);

	show.what = data_of("queues");
	peer_login(&p, &h, ROLE(SUPERVISOR), NULL, NULL);
	peer_send(&p, &e);
	peer_refused(&p, CODE(BAD_FIELD));
	e.op_id = data_of("short");
	peer_send(&p, &e);
	peer_refused(&p, CODE(BAD_FIELD));
	peer_close(&p);
}
END_TEST

/* Who may send what: the protocol's table, in another hand. */
#define B 1u << ROLE(BRIDGE)
#define A 1u << ROLE(AGENT)
#define S 1u << ROLE(SUPERVISOR)
#define R 1u << ROLE(ADMINISTRATOR)
#define O 1u << ROLE(READ_ONLY)
static const struct {
	Mashang__Envelope__BodyCase body;
	unsigned roles;
} may[] = {
	{ BODY(PING), B | A | S | R | O },
	{ BODY(PONG), B | A | S | R | O },
	{ BODY(SNAPSHOT), B },
	{ BODY(CALL_EVENT), B },
	{ BODY(ORDER_RESULT), B },
	{ BODY(SWITCH_STATUS), B },
	{ BODY(DEVICE_STATES), B },
	{ BODY(CALL_CONTROL), A | S | R },
	{ BODY(SUPERVISE), S | R },
	{ BODY(EXTEND_WRAP_UP), A },
	{ BODY(SET_STATE), A },
	{ BODY(SHOWN), A },
	{ BODY(ACCEPT), A },
	{ BODY(REFUSE), A },
	{ BODY(WRAP_UP), A },
	{ BODY(EXTEND_WRAP_UP), A },
	{ BODY(TICKET_NEW), A | S | R },
	{ BODY(TICKET_NOTE), A | S | R },
	{ BODY(TICKET_SHOW), A | S | R },
	{ BODY(TICKET_CHANGE), A | S | R },
	{ BODY(DIAL), A },
	{ BODY(WORK_DONE), A },
	{ BODY(DO_NOT_CALL), A | S | R },
	{ BODY(CUSTOMER_SET), S | R },
	{ BODY(SHOW), A | S | R | O },
	{ BODY(APPLY), R },
	{ BODY(USER_SET), R },
	{ BODY(TOKEN_ISSUE), R },
	{ BODY(CLOCK_ADVANCE), R },
};
#undef B
#undef A
#undef S
#undef R
#undef O

static bool
is_allowed(int body, int role)
{
	for (size_t i = 0; i < NELEM(may); i++)
		if ((int)may[i].body == body)
			return may[i].roles & 1u << role;
	return false;
}

static bool
was_forbidden(Mashang__Envelope *e)
{
	return e != NULL && e->body_case == BODY(ERROR) &&
	       e->error->code == CODE(FORBIDDEN);
}

/* Every message, empty, from every role; a ping behind it ends the wait. */
START_TEST(every_cell_of_roles_and_messages)
{
	static const char *const places[] = { NULL, "sw", "801", NULL, NULL,
		NULL };
	const ProtobufCMessageDescriptor *d = &mashang__envelope__descriptor;
	Mashang__Ping ping = MASHANG__PING__INIT;
	int role = _i;

	for (unsigned f = 1; f < d->n_fields; f++) {
		const ProtobufCMessageDescriptor *m = d->fields[f].descriptor;
		uint8_t body[512] = { 0 };
		Mashang__Envelope e = MASHANG__ENVELOPE__INIT, *got;
		bool forbidden = false;

		ck_assert_uint_le(m->sizeof_message, sizeof(body));
		m->message_init((ProtobufCMessage *)body);
		e.body_case = (Mashang__Envelope__BodyCase)d->fields[f].id;
		e.ping = (Mashang__Ping *)body;
		peer_login(&p, &h, (Mashang__Role)role,
		    role == ROLE(AGENT) ? "a1" : NULL, places[role]);
		peer_request(&p, &e);
		peer_send(&p, &ENVELOPE(PING, ping, &ping));
		while ((got = peer_next(&p)) != NULL &&
		       (got->body_case != BODY(PONG) || got->op_id.len > 0))
			forbidden = forbidden || was_forbidden(got);
		ck_assert_msg(forbidden != is_allowed((int)e.body_case, role),
		    "%s from role %d: %sforbidden", d->fields[f].name, role,
		    forbidden ? "" : "not ");
		peer_close(&p);
	}
}
END_TEST

Suite *
session_suite(void)
{
	TCase *tc = tcase_create("session");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, a_password_lets_in);
	tcase_add_loop_test(tc, a_log_in_is_refused, 0, NELEM(refused));
	tcase_add_test(tc, an_endless_password_is_not_hashed);
	tcase_add_test(tc, over_tcp_nobody_is_trusted);
	tcase_add_test(tc, tries_are_counted);
	tcase_add_test(tc, a_token_lets_in);
	tcase_add_test(tc, a_forged_token_does_not);
	tcase_add_test(tc, a_token_is_for_its_role);
	tcase_add_test(tc, a_changed_log_in_loses_its_tokens_and_sessions);
	tcase_add_test(tc, a_disabled_log_in_is_shown_out);
	tcase_add_test(tc, a_second_log_in_takes_over);
	tcase_add_test(tc, a_taken_device_is_refused_and_the_first_stays);
	tcase_add_test(tc, before_hello_nothing_is_answered);
	tcase_add_test(tc, a_message_of_the_future_is_refused_alone);
	tcase_add_test(tc, a_request_needs_its_op_id);
	tcase_add_loop_test(tc, every_cell_of_roles_and_messages, ROLE(BRIDGE),
	    ROLE(READ_ONLY) + 1);
	return suite_of(tc, "session");
}
