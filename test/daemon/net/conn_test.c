/*
 * conn_test.c - bytes as hostile, slow and dead peers send them, through real
 * sockets.
 */
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
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

static bool
is_open_one(void *stats)
{
	net_stats(h.net, stats);
	return ((struct net_stats *)stats)->sessions == 1;
}

static void
raw(const void *bytes, size_t n)
{
	peer_open(&p, &h);
	peer_bytes(&p, bytes, n);
}

START_TEST(a_wrong_length_ends_it)
{
	static const char *const lengths[] = { "\0\0\0\0", "\xff\xff\xff\xff",
		"\0\0\x10\x01" /* over 4 KiB before the log-in */ };

	raw(lengths[_i], 4);
	peer_ended(&p, CODE(BAD_FRAME));
	peer_close(&p);
}
END_TEST

START_TEST(http_is_not_spoken)
{
	static const char get[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

	raw(get, sizeof(get) - 1);
	peer_ended(&p, CODE(BAD_FRAME));
	peer_close(&p);
}
END_TEST

START_TEST(another_magic_is_refused)
{
	Mashang__Hello m = MASHANG__HELLO__INIT;

	m.magic = 0x12345678;
	peer_open(&p, &h);
	peer_send(&p, &ENVELOPE(HELLO, hello, &m));
	peer_ended(&p, CODE(BAD_MAGIC));
	peer_close(&p);
	m.magic = FRAME_MAGIC;
	m.protocol = 2;
	peer_open(&p, &h);
	peer_send(&p, &ENVELOPE(HELLO, hello, &m));
	peer_ended(&p, CODE(BAD_PROTOCOL));
	peer_close(&p);
}
END_TEST

START_TEST(a_half_frame_then_the_end_is_nothing)
{
	struct net_stats stats;

	raw("\0\0\0\x20half", 8);
	peer_close(&p);
	peer_login(&p, &h, ROLE(SUPERVISOR), NULL, NULL);
	house_until(&h, is_open_one, &stats);
	peer_close(&p);
}
END_TEST

START_TEST(silence_before_hello_has_a_deadline)
{
	peer_open(&p, &h);
	peer_ended(&p, CODE(TIMEOUT));
	peer_close(&p);
}
END_TEST

/* A byte each turn never is a whole log-in: the deadline is not per byte. */
START_TEST(a_dribbled_log_in_has_a_deadline)
{
	int64_t start = clock_loop(), sent_at = start;
	char c;

	raw("\0\0\x0f\xff", 4);
	while (recv(p.fd, &c, 1, MSG_PEEK) < 0) {
		ck_assert(clock_loop() < start + 3 * CLOCK_S);
		if (clock_loop() - sent_at > 10000) {
			sent_at = clock_loop();
			peer_bytes(&p, "", 1);
		}
		house_turn(&h);
	}
	peer_ended(&p, CODE(TIMEOUT));
	peer_close(&p);
}
END_TEST

START_TEST(a_frame_has_a_deadline)
{
	peer_login(&p, &h, ROLE(SUPERVISOR), NULL, NULL);
	peer_bytes(&p, "\0\0\x20\0some of it", 14);
	peer_ended(&p, CODE(TIMEOUT));
	peer_close(&p);
}
END_TEST

START_TEST(a_bomb_ends_only_who_sent_it)
{
	static char bomb[65009] = "\0\0\xfd\xed\xa2\x01\xe8\xfb\x03";
	Mashang__Ping ping = MASHANG__PING__INIT;

	for (size_t i = 9; i + 1 < sizeof(bomb); i += 2)
		bomb[i] = 0x0a;
	peer_login(&q, &h, ROLE(SUPERVISOR), NULL, NULL);
	peer_login(&p, &h, ROLE(BRIDGE), "br", "sw");
	peer_bytes(&p, bomb, sizeof(bomb));
	peer_ended(&p, CODE(BAD_FRAME));
	peer_close(&p);
	peer_request(&q, &ENVELOPE(PING, ping, &ping));
	peer_reply(&q, BODY(PONG));
	peer_close(&q);
}
END_TEST

START_TEST(ten_thousand_frames_in_a_row_are_answered)
{
	Mashang__Ping ping = MASHANG__PING__INIT;

	peer_login(&p, &h, ROLE(SUPERVISOR), NULL, NULL);
	for (uint64_t i = 1; i <= 10000; i++) {
		ping.number = i;
		peer_send(&p, &ENVELOPE(PING, ping, &ping));
	}
	for (uint64_t i = 1; i <= 10000; i++)
		ck_assert_uint_eq(peer_wait(&p, BODY(PONG))->pong->number, i);
	peer_close(&p);
}
END_TEST

static bool
is_gone(void *stats)
{
	net_stats(h.net, stats);
	return ((struct net_stats *)stats)->sessions == 0;
}

/* A peer that asks and never reads is not kept. */
START_TEST(who_does_not_read_is_closed)
{
	struct net_limits l = NET_LIMITS_PRESET;
	Mashang__Show show = MASHANG__SHOW__INIT;
	uint8_t op[16] = { 1 };
	Mashang__Envelope e = ENVELOPE(SHOW, show, &show);
	struct net_stats stats;

	house_down(&h);
	l.out_pause = 4096;
	l.out_max = 16384;
	l.heartbeat_ms = 100;
	house_up_with(&h, false, &l);
	peer_login(&p, &h, ROLE(SUPERVISOR), NULL, NULL);
	show.what = data_of("stats");
	e.op_id = (ProtobufCBinaryData){ sizeof(op), op };
	for (int i = 0; i < 2000 && !is_gone(&stats); i++) {
		send(p.fd, "", 0, MSG_NOSIGNAL);
		if (i < 500)
			peer_send(&p, &e);
		house_turn(&h);
	}
	house_until(&h, is_gone, &stats);
	peer_close(&p);
}
END_TEST

START_TEST(silence_after_the_log_in_is_noticed)
{
	struct net_limits l = NET_LIMITS_PRESET;

	house_down(&h);
	l.heartbeat_ms = 50;
	house_up_with(&h, false, &l);
	peer_login(&p, &h, ROLE(SUPERVISOR), NULL, NULL);
	peer_wait(&p, BODY(PING));
	peer_ended(&p, CODE(TIMEOUT));
	peer_close(&p);
}
END_TEST

START_TEST(strangers_wait_outside_when_there_are_many)
{
	struct net_limits l = NET_LIMITS_PRESET;
	struct net_stats stats;
	struct peer many[8];

	house_down(&h);
	l.strangers = 4;
	l.login_ms = 100;
	l.linger_ms = 50;
	house_up_with(&h, false, &l);
	for (int i = 0; i < 8; i++)
		peer_open(&many[i], &h);
	for (int i = 0; i < 3; i++)
		house_turn(&h);
	net_stats(h.net, &stats);
	ck_assert_uint_le(stats.strangers, 4);
	/* Their turn comes when the first have gone. */
	peer_hello(&many[7], ROLE(SUPERVISOR), NULL, NULL, NULL);
	peer_wait(&many[7], BODY(WELCOME));
	for (int i = 0; i < 8; i++)
		peer_close(&many[i]);
}
END_TEST

START_TEST(shutting_down_says_so)
{
	peer_login(&p, &h, ROLE(SUPERVISOR), NULL, NULL);
	net_shutdown(h.net);
	peer_ended(&p, CODE(SHUTDOWN));
	peer_close(&p);
}
END_TEST

Suite *
conn_suite(void)
{
	TCase *tc = tcase_create("conn");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, a_wrong_length_ends_it, 0, 3);
	tcase_add_test(tc, http_is_not_spoken);
	tcase_add_test(tc, another_magic_is_refused);
	tcase_add_test(tc, a_half_frame_then_the_end_is_nothing);
	tcase_add_test(tc, silence_before_hello_has_a_deadline);
	tcase_add_test(tc, a_dribbled_log_in_has_a_deadline);
	tcase_add_test(tc, a_frame_has_a_deadline);
	tcase_add_test(tc, a_bomb_ends_only_who_sent_it);
	tcase_add_test(tc, ten_thousand_frames_in_a_row_are_answered);
	tcase_add_test(tc, who_does_not_read_is_closed);
	tcase_add_test(tc, silence_after_the_log_in_is_noticed);
	tcase_add_test(tc, strangers_wait_outside_when_there_are_many);
	tcase_add_test(tc, shutting_down_says_so);
	return suite_of(tc, "conn");
}
