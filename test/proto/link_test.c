/*
 * link_test.c - the client's side against a daemon's inside, and against a
 * server that misbehaves on purpose.
 */
#include "link.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "test/support/house.h"
#include "test/support/support.h"

static struct house h;
static struct link *l;
static int n_up, n_down, n_message, n_done, n_dropped;
static int refused_code;
static char order[128]; /* what happened, a letter each */

static void
note(char c)
{
	size_t n = strlen(order);

	if (n + 1 < sizeof(order))
		order[n] = c;
}

static void
done(void *arg, const Mashang__Envelope *reply)
{
	(void)arg;
	if (reply == NULL)
		n_dropped++;
	else
		n_done++;
	note('d');
}

static void
ask(void)
{
	Mashang__Show show = MASHANG__SHOW__INIT;
	Mashang__Envelope e = ENVELOPE(SHOW, show, &show);

	show.what = data_of("queues");
	ck_assert(link_request(l, &e, NULL, done, NULL));
	ck_assert_uint_eq(e.op_id.len, 0); /* given back as it was */
}

static void
up(void *arg, const Mashang__Welcome *w)
{
	ck_assert_uint_gt(w->token.len, 0);
	n_up++;
	note('u');
	if (arg != NULL)
		ask();
}

static void
down(void *arg, const char *why)
{
	(void)arg;
	ck_assert_ptr_nonnull(why);
	n_down++;
	note('x');
}

static void
refused(void *arg, const Mashang__Error *e)
{
	refused_code = (int)e->code;
	if (arg != NULL)
		link_free(&l); /* allowed from inside */
}

static void
message(void *arg, const Mashang__Envelope *e)
{
	(void)arg;
	(void)e;
	n_message++;
}

static void
new_link(const char *addresses, Mashang__Role role, const char *login,
    const char *password, const char *device, void *arg)
{
	const struct link_events events = { up, down, refused, message, arg };
	Mashang__Hello hello = MASHANG__HELLO__INIT;
	const char *why;

	hello.role = role;
	hello.login = data_of(login);
	hello.password = data_of(password);
	hello.device = data_of(device);
	l = link_new(h.base, addresses, &hello, &events, &why);
	ck_assert_msg(l != NULL, "%s", why);
}

static void
setup(void)
{
	house_up(&h, false);
}

static void
teardown(void)
{
	link_free(&l);
	house_down(&h);
}

static bool
reached(void *n)
{
	return *(int *)n > 0;
}

static void
await(int *n, int value)
{
	*n -= value - 1;
	house_until(&h, reached, n);
	*n += value - 1;
}

#define ROLE(r) MASHANG__ROLE__ROLE_##r

START_TEST(a_link_logs_in_and_asks)
{
	new_link(h.address, ROLE(SUPERVISOR), "boss", "secret", NULL, NULL);
	ck_assert(!link_is_up(l));
	ask(); /* before it is up: goes out after */
	await(&n_done, 1);
	ck_assert_str_eq(order, "ud");
	ck_assert(link_is_up(l));
}
END_TEST

START_TEST(what_is_asked_in_up_goes_first)
{
	new_link(h.address, ROLE(SUPERVISOR), "boss", "secret", NULL, &h);
	ask();
	await(&n_done, 2);
	ck_assert_str_eq(order, "udd");
}
END_TEST

START_TEST(a_refusal_is_told_once_and_ends_it)
{
	new_link(h.address, ROLE(SUPERVISOR), "boss", "wrong", NULL, NULL);
	await(&refused_code, 1);
	ck_assert_int_eq(refused_code, MASHANG__CODE__CODE_LOGIN_FAILED);
	for (int i = 0; i < 10; i++)
		house_turn(&h);
	ck_assert_int_eq(n_up + n_down, 0);
}
END_TEST

START_TEST(it_may_be_freed_from_inside)
{
	new_link(h.address, ROLE(SUPERVISOR), "boss", "wrong", NULL, &h);
	ask();
	await(&refused_code, 1);
	ck_assert_ptr_null(l);
	ck_assert_int_eq(n_dropped, 1);
}
END_TEST

START_TEST(what_waits_is_dropped_with_the_link)
{
	new_link("unix:/nonexistent/socket", ROLE(SUPERVISOR), NULL, NULL, NULL,
	    NULL);
	ask();
	house_turn(&h);
	link_free(&l);
	ck_assert_int_eq(n_dropped, 1);
}
END_TEST

START_TEST(the_next_address_is_tried)
{
	char both[256];

	snprintf(both, sizeof(both), "unix:/nonexistent/socket,%s", h.address);
	new_link(both, ROLE(SUPERVISOR), "boss", "secret", NULL, NULL);
	await(&n_up, 1);
}
END_TEST

START_TEST(a_newer_session_is_not_fought)
{
	struct peer p;

	new_link(h.address, ROLE(AGENT), "a1", "secret", "801", NULL);
	await(&n_up, 1);
	peer_login(&p, &h, ROLE(AGENT), "a1", "801");
	await(&refused_code, 1);
	ck_assert_int_eq(refused_code, MASHANG__CODE__CODE_TAKEN_OVER);
	ck_assert(!link_is_up(l));
	peer_close(&p);
}
END_TEST

static const char *const bad[] = { "", "unix:", "tcp:localhost",
	"tcp::", "/run/sock", "unix:/a,,unix:/b", "tcp:127.0.0.1:nosuchport" };

START_TEST(a_bad_address_is_told)
{
	const struct link_events events = { up, down, refused, message, NULL };
	Mashang__Hello hello = MASHANG__HELLO__INIT;
	const char *why = NULL;

	ck_assert_ptr_null(link_new(h.base, bad[_i], &hello, &events, &why));
	ck_assert_ptr_nonnull(why);
}
END_TEST

/* --------------------------------------------- a server played by the test */

static int listener, server;
static struct evbuffer *in;
static struct frame_memory *memory;
static char path[96];

static void
play_setup(void)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	h.base = event_base_new();
	in = evbuffer_new();
	memory = frame_memory_new(1 << 20);
	snprintf(path, sizeof(path), "unix:%s/play", test_dir());
	snprintf(un.sun_path, sizeof(un.sun_path), "%s", path + 5);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&un, sizeof(un)), 0);
	ck_assert_int_eq(listen(listener, 5), 0);
	server = -1;
}

static void
play_teardown(void)
{
	link_free(&l);
	close(listener);
	close(server);
	evbuffer_free(in);
	frame_memory_free(&memory);
	event_base_free(h.base);
}

static bool
accepts(void *arg)
{
	(void)arg;
	server = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
	return server >= 0;
}

static Mashang__Envelope *got;

static bool
hears(void *kind)
{
	while (frame_pull(in, FRAME_MAX, memory, &got) != FRAME_OK ||
	       (int)got->body_case != *(int *)kind)
		if (evbuffer_read(in, server, -1) <= 0)
			return false;
	return true;
}

static Mashang__Envelope *
hear(int kind)
{
	house_until(&h, hears, &kind);
	return got;
}

static void
say(Mashang__Envelope *e)
{
	struct evbuffer *out = evbuffer_new();

	ck_assert_int_eq(frame_push(out, e), FRAME_OK);
	ck_assert_int_gt(evbuffer_write(out, server), 0);
	evbuffer_free(out);
}

static void
say_welcome(const char *token, unsigned heartbeat_ms)
{
	Mashang__Welcome w = MASHANG__WELCOME__INIT;

	w.token = data_of(token);
	w.heartbeat_ms = heartbeat_ms;
	say(&ENVELOPE(WELCOME, welcome, &w));
}

static void
meet(const char *token, unsigned heartbeat_ms)
{
	house_until(&h, accepts, NULL);
	hear(MASHANG__ENVELOPE__BODY_HELLO);
	say_welcome(token, heartbeat_ms);
}

static void
hang_up(void)
{
	close(server);
	server = -1;
	evbuffer_drain(in, evbuffer_get_length(in));
}

START_TEST(what_has_no_reply_is_sent_again)
{
	uint8_t first[16];
	Mashang__Envelope *e;
	Mashang__Done m = MASHANG__DONE__INIT;
	Mashang__Envelope reply = ENVELOPE(DONE, done, &m);

	new_link(path, ROLE(SUPERVISOR), "boss", "secret", NULL, NULL);
	meet("T1", 10000);
	ask();
	e = hear(MASHANG__ENVELOPE__BODY_SHOW);
	ck_assert_uint_eq(e->op_id.len, 16);
	memcpy(first, e->op_id.data, 16);
	hang_up();
	await(&n_down, 1);
	house_until(&h, accepts, NULL);
	e = hear(MASHANG__ENVELOPE__BODY_HELLO);
	ck_assert_mem_eq(e->hello->token.data, "T1", 2); /* by token now */
	ck_assert_uint_eq(e->hello->password.len, 0);
	say_welcome("T2", 10000);
	e = hear(MASHANG__ENVELOPE__BODY_SHOW);
	ck_assert_mem_eq(e->op_id.data, first, 16);
	reply.op_id = (ProtobufCBinaryData){ 16, first };
	say(&reply);
	await(&n_done, 1);
	say(&reply); /* a reply too many is news, and nobody's */
	await(&n_message, 1);
	ck_assert_str_eq(order, "uxud");
}
END_TEST

START_TEST(progress_is_no_reply)
{
	uint8_t op[16];
	Mashang__Done m = MASHANG__DONE__INIT;
	Mashang__Progress p = MASHANG__PROGRESS__INIT;
	Mashang__Envelope reply = ENVELOPE(DONE, done, &m);
	Mashang__Envelope progress = ENVELOPE(PROGRESS, progress, &p);

	new_link(path, ROLE(SUPERVISOR), "boss", "secret", NULL, NULL);
	meet("T1", 10000);
	ask();
	memcpy(op, hear(MASHANG__ENVELOPE__BODY_SHOW)->op_id.data, 16);
	progress.op_id = reply.op_id = (ProtobufCBinaryData){ 16, op };
	say(&progress);
	say(&progress);
	await(&n_message, 2);
	ck_assert_int_eq(n_done, 0);
	say(&reply);
	await(&n_done, 1);
}
END_TEST

START_TEST(a_stale_token_falls_back_to_the_password)
{
	Mashang__Error why = MASHANG__ERROR__INIT;
	Mashang__Goodbye bye = MASHANG__GOODBYE__INIT;
	Mashang__Envelope *e;

	new_link(path, ROLE(SUPERVISOR), "boss", "secret", NULL, NULL);
	meet("T1", 10000);
	await(&n_up, 1);
	hang_up();
	house_until(&h, accepts, NULL);
	hear(MASHANG__ENVELOPE__BODY_HELLO);
	why.code = MASHANG__CODE__CODE_TOKEN_STALE;
	bye.why = &why;
	say(&ENVELOPE(GOODBYE, goodbye, &bye));
	house_until(&h, accepts, NULL);
	e = hear(MASHANG__ENVELOPE__BODY_HELLO);
	ck_assert_uint_eq(e->hello->token.len, 0);
	ck_assert_mem_eq(e->hello->password.data, "secret", 6);
}
END_TEST

START_TEST(silence_is_a_loss)
{
	new_link(path, ROLE(SUPERVISOR), "boss", "secret", NULL, NULL);
	meet("T1", 60);
	hear(MASHANG__ENVELOPE__BODY_PING); /* it says something itself */
	await(&n_down, 1);
	house_until(&h, accepts, NULL);
}
END_TEST

START_TEST(a_ping_is_answered)
{
	Mashang__Ping ping = MASHANG__PING__INIT;

	new_link(path, ROLE(SUPERVISOR), "boss", "secret", NULL, NULL);
	meet("T1", 10000);
	ping.number = 4711;
	say(&ENVELOPE(PING, ping, &ping));
	ck_assert_uint_eq(
	    hear(MASHANG__ENVELOPE__BODY_PONG)->pong->number, 4711);
	ck_assert_int_eq(n_message, 0);
}
END_TEST

START_TEST(rubbish_is_a_loss_not_an_end)
{
	new_link(path, ROLE(SUPERVISOR), "boss", "secret", NULL, NULL);
	meet("T1", 10000);
	await(&n_up, 1);
	ck_assert_int_eq(write(server, "\0\0\0\0", 4), 4);
	await(&n_down, 1);
	house_until(&h, accepts, NULL);
}
END_TEST

START_TEST(a_shutdown_is_passing)
{
	Mashang__Error why = MASHANG__ERROR__INIT;
	Mashang__Goodbye bye = MASHANG__GOODBYE__INIT;

	new_link(path, ROLE(SUPERVISOR), "boss", "secret", NULL, NULL);
	meet("T1", 10000);
	await(&n_up, 1);
	why.code = MASHANG__CODE__CODE_SHUTDOWN;
	bye.why = &why;
	say(&ENVELOPE(GOODBYE, goodbye, &bye));
	await(&n_down, 1);
	house_until(&h, accepts, NULL);
	ck_assert_int_eq(refused_code, 0);
}
END_TEST

static void
say_moved(const char *where, const char *token)
{
	Mashang__Error why = MASHANG__ERROR__INIT;
	Mashang__Goodbye bye = MASHANG__GOODBYE__INIT;
	ProtobufCBinaryData param = data_of(where);

	why.code = MASHANG__CODE__CODE_MOVED;
	why.n_params = 1;
	why.params = &param;
	bye.why = &why;
	bye.token = data_of(token);
	say(&ENVELOPE(GOODBYE, goodbye, &bye));
	hang_up();
}

/* Before the Welcome and after it; by the token that came with it. */
START_TEST(it_goes_where_it_is_sent)
{
	Mashang__Envelope *e;

	new_link(path, ROLE(AGENT), "a1", "secret", "801", NULL);
	house_until(&h, accepts, NULL);
	hear(MASHANG__ENVELOPE__BODY_HELLO);
	say_moved(path, "T1");
	house_until(&h, accepts, NULL);
	e = hear(MASHANG__ENVELOPE__BODY_HELLO);
	ck_assert_mem_eq(e->hello->token.data, "T1", 2);
	ck_assert_uint_eq(e->hello->password.len, 0);
	say_welcome("T2", 10000);
	await(&n_up, 1);
	say_moved(path, "T3");
	await(&n_down, 1);
	house_until(&h, accepts, NULL);
	e = hear(MASHANG__ENVELOPE__BODY_HELLO);
	ck_assert_mem_eq(e->hello->token.data, "T3", 2);
	ck_assert_int_eq(refused_code, 0);
}
END_TEST

START_TEST(sent_to_and_fro_is_an_error)
{
	new_link(path, ROLE(AGENT), "a1", "secret", "801", NULL);
	for (int i = 0; i < 4; i++) {
		house_until(&h, accepts, NULL);
		hear(MASHANG__ENVELOPE__BODY_HELLO);
		say_moved(path, "T1");
	}
	await(&refused_code, MASHANG__CODE__CODE_MOVED);
}
END_TEST

/* The daemon has promised to be heard soon; its heart-beats are slow. */
START_TEST(a_beat_that_does_not_come_is_a_loss)
{
	Mashang__Beat beat = MASHANG__BEAT__INIT;

	new_link(path, ROLE(SUPERVISOR), "boss", "secret", NULL, NULL);
	meet("T1", 3600000);
	beat.within_ms = 80;
	say(&ENVELOPE(BEAT, beat, &beat));
	await(&n_down, 1);
	ck_assert_int_eq(n_message, 0);
	house_until(&h, accepts, NULL);
}
END_TEST

Suite *
link_suite(void)
{
	TCase *tc = tcase_create("link"), *play = tcase_create("play");
	Suite *s;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_link_logs_in_and_asks);
	tcase_add_test(tc, what_is_asked_in_up_goes_first);
	tcase_add_test(tc, a_refusal_is_told_once_and_ends_it);
	tcase_add_test(tc, it_may_be_freed_from_inside);
	tcase_add_test(tc, what_waits_is_dropped_with_the_link);
	tcase_add_test(tc, the_next_address_is_tried);
	tcase_add_test(tc, a_newer_session_is_not_fought);
	tcase_add_loop_test(tc, a_bad_address_is_told, 0, NELEM(bad));
	tcase_add_checked_fixture(play, play_setup, play_teardown);
	tcase_add_test(play, what_has_no_reply_is_sent_again);
	tcase_add_test(play, progress_is_no_reply);
	tcase_add_test(play, a_stale_token_falls_back_to_the_password);
	tcase_add_test(play, silence_is_a_loss);
	tcase_add_test(play, a_ping_is_answered);
	tcase_add_test(play, rubbish_is_a_loss_not_an_end);
	tcase_add_test(play, a_shutdown_is_passing);
	tcase_add_test(play, it_goes_where_it_is_sent);
	tcase_add_test(play, sent_to_and_fro_is_an_error);
	tcase_add_test(play, a_beat_that_does_not_come_is_a_loss);
	s = suite_of(tc, "link");
	suite_add_tcase(s, play);
	return s;
}
