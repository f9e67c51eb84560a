/*
 * acd_redis_test.c - the contract of acd.h, kept by a real Redis; and what is
 * noticed, and told, when that Redis is lost in each of its ways.
 */
#include "store/acd.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/log.h"
#include "test/support/acd_suite.h"
#include "test/support/redis_server.h"
#include "test/support/support.h"

static struct redis_server server;

/* One client, its news, and what its commands were told. */
struct client {
	struct acd_rig rig;
	struct acd_redis_options options;
	bool is_up;
	unsigned n_up, n_lost;
	char why[160];
	unsigned n_ok, n_io, n_other;
	uint64_t offer;
};

static void
on_up(void *arg)
{
	struct client *c = arg;

	c->is_up = true;
	c->n_up++;
}

static void
on_lost(void *arg, const char *why)
{
	struct client *c = arg;

	ck_assert_uint_eq(c->rig.acd->ops->in_flight(c->rig.acd), 0);
	c->is_up = false;
	c->n_lost++;
	snprintf(c->why, sizeof(c->why), "%s", why);
}

static void
client_open(struct client *c)
{
	const struct acd_events events = { on_up, on_lost, c };

	if (c->options.address == NULL)
		c->options.address = server.address;
	if (c->options.timeout_us == 0)
		c->options.timeout_us = 10 * CLOCK_S;
	if (c->options.prefix == NULL)
		c->options.prefix = "mashang";
	c->rig.base = event_base_new();
	ck_ok(redis_acd_new(c->rig.base, &c->options, &events, &c->rig.acd));
}

static void
client_close(struct client *c)
{
	acd_free(&c->rig.acd);
	event_base_free(c->rig.base);
}

static void
turn(struct client *c)
{
	event_base_loop(c->rig.base, EVLOOP_ONCE);
}

static void
wait_up(struct client *c)
{
	while (!c->is_up)
		turn(c);
}

static void
wait_lost(struct client *c)
{
	unsigned n = c->n_lost;

	while (c->n_lost == n)
		turn(c);
}

/* Up, and empty. */
static void
client_begin(struct client *c, uint32_t generation)
{
	struct acd_stats stats;

	client_open(c);
	wait_up(c);
	ck_ok(c->rig.acd->ops->reset(c->rig.acd, generation));
	do {
		turn(c);
		c->rig.acd->ops->stats(c->rig.acd, &stats);
	} while (stats.waiting == -1);
}

static void
heard(void *arg, const struct acd_reply *r)
{
	struct client *c = arg;

	if (r->n_effects > 0)
		c->offer = r->effects[0].offer;
	if (r->err == ERR_OK)
		c->n_ok++;
	else if (r->err == ERR_IO)
		c->n_io++;
	else
		c->n_other++;
}

static const struct acd_line line = { .queue = 1 };
static const struct acd_profile profile = { .n_queues = 1, .queues = { 1 } };

static struct acd_cmd
enqueue(unsigned call)
{
	return (struct acd_cmd){ .op = ACD_ENQUEUE,
		.score = call,
		.arrival = call,
		.line = &line,
		.call = { { 1, (uint8_t)(call >> 16), (uint8_t)(call >> 8),
		    (uint8_t)call } } };
}

static void
tell(struct client *c, const struct acd_cmd *cmd)
{
	unsigned n = c->n_ok + c->n_io + c->n_other;

	ck_ok(acd_send(c->rig.acd, cmd, heard, c));
	ck_assert_uint_eq(n, c->n_ok + c->n_io + c->n_other);
}

static void
send_call(struct client *c, unsigned call)
{
	struct acd_cmd cmd = enqueue(call);

	tell(c, &cmd);
}

/* It works from end to end: one call, one agent, one offer, accepted. */
static void
check_works(struct client *c, uint32_t generation)
{
	const struct acd_cmd login = {
		.op = ACD_LOGIN, .agent = 9, .profile = &profile
	};
	const struct acd_cmd ready = { .op = ACD_READY, .agent = 9 };
	struct acd_cmd accept = { .op = ACD_ACCEPT };

	wait_up(c);
	ck_ok(c->rig.acd->ops->reset(c->rig.acd, generation));
	c->n_ok = c->n_io = c->n_other = 0;
	c->offer = 0;
	send_call(c, 1);
	tell(c, &login);
	tell(c, &ready);
	acd_rig_settle(&c->rig);
	ck_assert_uint_eq(c->offer >> 32, generation);
	accept.offer = c->offer;
	tell(c, &accept);
	acd_rig_settle(&c->rig);
	ck_assert_uint_eq(c->n_ok, 4);
}

/* -------------------------------------------------------------- contract */

START_TEST(row_holds)
{
	struct client c = { 0 };

	client_open(&c);
	wait_up(&c);
	acd_suite_row(&c.rig, (unsigned)_i);
	client_close(&c);
}
END_TEST

START_TEST(random_commands_do_the_same_in_redis_and_memory)
{
	struct client c = { 0 };
	struct acd_rig rigs[2];

	client_open(&c);
	wait_up(&c);
	rigs[0] = c.rig;
	rigs[1].base = NULL;
	ck_ok(mem_acd_new(NULL, &rigs[1].acd));
	acd_suite_random(rigs, 2, 20000);
	ck_assert_uint_eq(c.n_lost, 0);
	acd_free(&rigs[1].acd);
	client_close(&c);
}
END_TEST

/* Each remembers of its own lines only. */
START_TEST(two_centres_share_a_redis)
{
	struct client a = { 0 }, b = { .options.prefix = "other" };
	struct acd_rig rigs[2];

	client_open(&a);
	client_open(&b);
	wait_up(&a);
	wait_up(&b);
	rigs[0] = a.rig;
	rigs[1] = b.rig;
	acd_suite_random(rigs, 2, 4000);
	ck_assert_uint_eq(a.n_lost + b.n_lost, 0);
	client_close(&a);
	client_close(&b);
}
END_TEST

static const struct {
	const char *name;
	struct acd_line a, b;
	bool equal;
} pairs[] = {
	{ "neighbours, skills and their order",
	    { .queue = 1,
		.n_neighbours = 2,
		.neighbours = { 2, 3 },
		.n_skills = 2,
		.skills = { { 5, 1 }, { 6, 2 } } },
	    { .queue = 1,
		.n_neighbours = 4,
		.neighbours = { 1, 2, 2, 3 },
		.n_skills = 4,
		.skills = { { 6, 2 }, { 7, 0 }, { 5, 1 }, { 6, 1 } } },
	    true },
	{ "what lies behind the counts",
	    { .queue = 1, .neighbours = { 9 }, .skills = { { 5, 1 } } },
	    { .queue = 1 }, true },
	{ "of an agent alone only site and media",
	    { .queue = 1, .agent = 4, .tier = 3, .site = 2 },
	    { .agent = 4, .site = 2, .n_skills = 1, .skills = { { 5, 1 } } },
	    true },
	{ "the site of an agent's line", { .agent = 4, .site = 2 },
	    { .agent = 4 }, false },
	{ "media", { .queue = 1 }, { .queue = 1, .media = ACD_WORK }, false },
	{ "tier", { .queue = 1 }, { .queue = 1, .tier = 1 }, false },
	{ "site", { .queue = 1 }, { .queue = 1, .site = 1 }, false },
	{ "the neighbours' order",
	    { .queue = 1, .n_neighbours = 2, .neighbours = { 2, 3 } },
	    { .queue = 1, .n_neighbours = 2, .neighbours = { 3, 2 } }, false },
	{ "a neighbour is no own queue",
	    { .queue = 1, .n_neighbours = 1, .neighbours = { 2 } },
	    { .queue = 2, .n_neighbours = 1, .neighbours = { 1 } }, false },
	{ "a minimum", { .queue = 1, .n_skills = 1, .skills = { { 5, 1 } } },
	    { .queue = 1, .n_skills = 1, .skills = { { 5, 2 } } }, false },
};

START_TEST(lines_are_equal_by_what_counts)
{
	struct acd_cmd a = enqueue(1), b = enqueue(2);
	struct client c = { 0 };

	a.line = &pairs[_i].a;
	b.line = &pairs[_i].b;
	client_begin(&c, 3);
	tell(&c, &a);
	tell(&c, &b);
	acd_rig_settle(&c.rig);
	ck_assert_msg(
	    (strcmp(redis_server_do(&server, "HLEN", "{mashang}:acd:3:l", NULL),
		 "1") == 0) == pairs[_i].equal,
	    "%s", pairs[_i].name);
	client_close(&c);
}
END_TEST

/* By how often the agents of a queue are listed. */
static const struct {
	struct acd_line line;
	const char *want; /* NULL: not at all */
} firsts[] = {
	{ { .agent = 9 }, NULL },
	{ { .queue = 1 }, "cmdstat_smembers:calls=1," },
	{ { .queue = 1, .n_neighbours = 1, .neighbours = { 2 } },
	    "cmdstat_smembers:calls=2," },
};

START_TEST(the_first_use_of_a_line_looks_at_its_queues_only)
{
	const char *want = firsts[_i].want, *stats;
	struct acd_cmd call = enqueue(1);
	struct client c = { 0 };

	client_begin(&c, 3);
	redis_server_do(&server, "CONFIG", "RESETSTAT", NULL);
	call.line = &firsts[_i].line;
	tell(&c, &call);
	acd_rig_settle(&c.rig);
	stats = redis_server_do(&server, "INFO", "commandstats", NULL);
	ck_assert_ptr_null(strstr(stats, "cmdstat_hgetall"));
	if (want != NULL)
		ck_assert_ptr_nonnull(strstr(stats, want));
	else
		ck_assert_ptr_null(strstr(stats, "cmdstat_smembers"));
	client_close(&c);
}
END_TEST

/* --------------------------------------------------------- coming and going */

START_TEST(nothing_is_taken_before_the_reset)
{
	struct client c = { 0 };
	struct acd_stats stats;
	struct acd_cmd cmd = enqueue(1);

	client_open(&c);
	ck_err(acd_send(c.rig.acd, &cmd, heard, &c), ERR_IO);
	ck_err(c.rig.acd->ops->reset(c.rig.acd, 3), ERR_IO);
	wait_up(&c);
	ck_err(acd_send(c.rig.acd, &cmd, heard, &c), ERR_IO);
	c.rig.acd->ops->stats(c.rig.acd, &stats);
	ck_assert_int_eq(stats.waiting, -1);
	ck_ok(c.rig.acd->ops->reset(c.rig.acd, 3));
	send_call(&c, 1);
	acd_rig_settle(&c.rig);
	c.rig.acd->ops->stats(c.rig.acd, &stats);
	ck_assert_int_eq(stats.waiting, 1);
	ck_assert_int_eq(stats.ready, 0);
	ck_assert_uint_eq(c.n_ok, 1);
	client_close(&c);
}
END_TEST

START_TEST(a_reset_leaves_no_key_behind)
{
	struct client c = { 0 };

	redis_server_do(&server, "FLUSHALL", NULL);
	client_begin(&c, 3);
	check_works(&c, 4);
	for (unsigned i = 2; i < 3000; i++)
		send_call(&c, i);
	acd_rig_settle(&c.rig);
	ck_assert_str_ne(redis_server_do(&server, "DBSIZE", NULL), "1");
	ck_ok(c.rig.acd->ops->reset(c.rig.acd, 5));
	send_call(&c, 1);
	acd_rig_settle(&c.rig);
	/* the generation, calls, lines, queues, one waiting set */
	ck_assert_str_eq(redis_server_do(&server, "DBSIZE", NULL), "5");
	ck_assert_uint_eq(c.n_lost, 0);
	client_close(&c);
}
END_TEST

START_TEST(commands_before_a_reset_are_forgotten_by_it)
{
	struct client c = { 0 };
	struct acd_stats stats;

	client_begin(&c, 3);
	for (unsigned i = 1; i <= 5000; i++)
		send_call(&c, i);
	ck_ok(c.rig.acd->ops->reset(c.rig.acd, 4));
	send_call(&c, 1);
	send_call(&c, 2);
	acd_rig_settle(&c.rig);
	c.rig.acd->ops->stats(c.rig.acd, &stats);
	ck_assert_int_eq(stats.waiting, 2);
	ck_assert_uint_eq(c.n_ok, 5002);
	client_close(&c);
}
END_TEST

START_TEST(the_library_is_loaded_once_and_replaced_if_different)
{
	static const char other[] =
	    "#!lua name=mashang_v1\n"
	    "redis.register_function('mashang_v1_run', function() end)";
	struct client a = { 0 }, b = { 0 }, c = { 0 };

	redis_server_do(&server, "FUNCTION", "FLUSH", NULL);
	redis_server_do(&server, "CONFIG", "RESETSTAT", NULL);
	client_begin(&a, 3);
	client_begin(&b, 4);
	ck_assert_ptr_nonnull(
	    strstr(redis_server_do(&server, "INFO", "commandstats", NULL),
		"function|load:calls=1,"));
	redis_server_do(&server, "FUNCTION", "LOAD", "REPLACE", other, NULL);
	client_begin(&c, 5);
	check_works(&c, 6);
	client_close(&a);
	client_close(&b);
	client_close(&c);
}
END_TEST

START_TEST(what_is_in_flight_when_freed_is_told_so)
{
	struct client c = { 0 };

	client_begin(&c, 3);
	for (unsigned i = 1; i <= 9000; i++)
		send_call(&c, i);
	turn(&c);
	client_close(&c);
	ck_assert_uint_eq(c.n_ok + c.n_io, 9000);
	ck_assert_uint_gt(c.n_io, 0);
	ck_assert_uint_eq(c.n_lost, 0);
}
END_TEST

START_TEST(too_much_in_flight_is_refused)
{
	struct client c = { 0 };
	unsigned n = 0;
	enum err e;

	client_begin(&c, 3);
	do {
		struct acd_cmd cmd = enqueue(++n);

		e = acd_send(c.rig.acd, &cmd, heard, &c);
	} while (e == ERR_OK);
	ck_err(e, ERR_BUSY);
	ck_assert_uint_gt(n, 200000);
	acd_rig_settle(&c.rig);
	ck_assert_uint_eq(c.n_ok, n - 1);
	send_call(&c, n);
	acd_rig_settle(&c.rig);
	client_close(&c);
}
END_TEST

/* ---------------------------------------------------------------- losses */

START_TEST(flushall_is_noticed_while_idle)
{
	struct client c = { 0 };
	int64_t began;

	client_begin(&c, 3);
	send_call(&c, 1);
	acd_rig_settle(&c.rig);
	redis_server_do(&server, "FLUSHALL", NULL);
	began = clock_loop();
	wait_lost(&c);
	ck_assert_int_lt(clock_loop() - began, CLOCK_S);
	ck_assert_ptr_nonnull(strstr(c.why, "STALEGEN"));
	check_works(&c, 4);
	ck_assert_uint_eq(c.n_lost, 1);
	client_close(&c);
}
END_TEST

START_TEST(another_generation_changes_nothing_and_is_noticed)
{
	struct client a = { 0 }, b = { 0 };
	struct acd_stats stats;

	client_begin(&a, 3);
	send_call(&a, 1);
	acd_rig_settle(&a.rig);
	client_begin(&b, 4);
	send_call(&b, 2);
	acd_rig_settle(&b.rig);
	send_call(&a, 3);
	wait_lost(&a);
	ck_assert_uint_eq(a.n_ok, 1);
	ck_assert_uint_eq(a.n_io, 1);
	ck_assert_str_eq(
	    redis_server_do(&server, "HLEN", "{mashang}:acd:4:c", NULL), "1");
	b.rig.acd->ops->stats(b.rig.acd, &stats);
	ck_assert_int_eq(stats.waiting, 1);
	client_close(&a);
	client_close(&b);
}
END_TEST

START_TEST(killed_and_started_empty)
{
	struct client c = { 0 };

	client_begin(&c, 3);
	send_call(&c, 1);
	acd_rig_settle(&c.rig);
	redis_server_kill(&server);
	send_call(&c, 2);
	send_call(&c, 3);
	wait_lost(&c);
	ck_assert_uint_eq(c.n_ok, 1);
	ck_assert_uint_eq(c.n_io, 2);
	redis_server_start(&server, server.dir);
	check_works(&c, 4);
	ck_assert_uint_eq(c.n_lost, 1);
	client_close(&c);
	redis_server_kill(&server);
}
END_TEST

START_TEST(stopped_is_lost_by_time)
{
	struct client c = { .options.timeout_us = 1 * CLOCK_S };
	int64_t began, took;

	client_begin(&c, 3);
	redis_server_pause(&server);
	began = clock_loop();
	for (unsigned i = 1; i <= 9000; i++)
		send_call(&c, i);
	wait_lost(&c);
	took = clock_loop() - began;
	ck_assert_int_ge(took, 1 * CLOCK_S);
	ck_assert_int_lt(took, 2 * CLOCK_S);
	ck_assert_uint_eq(c.n_io, 9000);
	redis_server_resume(&server);
	check_works(&c, 4);
	ck_assert_uint_eq(c.n_lost, 1);
	client_close(&c);
}
END_TEST

START_TEST(function_flush)
{
	struct client c = { 0 };

	client_begin(&c, 3);
	send_call(&c, 1);
	acd_rig_settle(&c.rig);
	redis_server_do(&server, "FUNCTION", "FLUSH", NULL);
	send_call(&c, 2);
	wait_lost(&c);
	ck_assert_uint_eq(c.n_io, 1);
	check_works(&c, 4);
	client_close(&c);
}
END_TEST

/* Bodies of a mashang_v1_run that is not ours. */
static const struct {
	const char *body;
	unsigned n_ok; /* the command itself was answered */
} strange[] = {
	{ "return 5", 0 },
	{ "return {}", 0 },
	{ "return {'\\0\\0', 1}", 0 },
	{ "return false", 0 },
	{ "return redis.status_reply('OK')", 0 },
	{ "return redis.error_reply('SOME error')", 0 },
	{ "return ''", 0 },
	{ "return '\\0'", 0 },
	{ "return string.rep('\\0', 6)", 0 },
	{ "return string.rep('\\0', 7)", 1 },
	{ "return string.rep('\\0', 14)", 1 },
	{ "return string.rep('\\0', 16)", 1 },
	{ "return '\\9' .. string.rep('\\0', 14)", 0 },
	{ "return '\\0\\9' .. string.rep('\\0', 13)", 0 },
	{ "return '\\0\\0\\0\\0\\0\\0\\49' .. string.rep('\\1', 1233)", 0 },
	{ "return '\\0\\0\\0\\0\\0\\0\\1\\3' .. string.rep('\\0', 32)", 0 },
	{ "return string.rep('x', 3000000)", 0 },
	{ "local t = {} for i = 1, 20 do t = {t} end return t", 0 },
	{ "error('no')", 0 },
};

START_TEST(a_strange_reply_is_a_loss)
{
	char code[512];
	struct client c = { 0 };

	client_begin(&c, 3);
	snprintf(code, sizeof(code),
	    "#!lua name=mashang_v1\nredis.register_function("
	    "'mashang_v1_run', function() %s end)",
	    strange[_i].body);
	ck_assert_str_eq(
	    redis_server_do(&server, "FUNCTION", "LOAD", "REPLACE", code, NULL),
	    "mashang_v1");
	send_call(&c, 1);
	wait_lost(&c);
	ck_assert_uint_eq(c.n_ok, strange[_i].n_ok);
	ck_assert_uint_eq(c.n_ok + c.n_io, 1);
	check_works(&c, 4);
	client_close(&c);
}
END_TEST

START_TEST(a_key_of_another_type_is_a_loss)
{
	struct client c = { 0 };

	client_begin(&c, 3);
	redis_server_do(&server, "SET", "{mashang}:acd:3:c", "x", NULL);
	send_call(&c, 1);
	wait_lost(&c);
	ck_assert_uint_eq(c.n_io, 1);
	check_works(&c, 4);
	client_close(&c);
}
END_TEST

START_TEST(a_replica_is_not_used)
{
	struct client c = { 0 };

	client_begin(&c, 3);
	redis_server_do(&server, "REPLICAOF", "127.0.0.1", "1", NULL);
	send_call(&c, 1);
	wait_lost(&c);
	for (uint64_t n = 0; n < 3;) { /* attempts, all in vain */
		struct acd_stats stats;

		turn(&c);
		c.rig.acd->ops->stats(c.rig.acd, &stats);
		n = stats.reconnects;
	}
	ck_assert(!c.is_up);
	redis_server_do(&server, "REPLICAOF", "NO", "ONE", NULL);
	check_works(&c, 4);
	client_close(&c);
}
END_TEST

START_TEST(only_who_may_gets_up)
{
	struct client wrong = { .options = {
				    .user = "mashang", .password = "secre" } };
	struct client right = { .options = {
				    .user = "mashang", .password = "secret" } };
	struct acd_stats stats = { 0 };

	redis_server_do(&server, "ACL", "SETUSER", "mashang", "on", ">secret",
	    "~{mashang}:*", "+@all", "-@dangerous", "+role", "+function", NULL);
	client_open(&wrong);
	while (stats.reconnects < 2) {
		turn(&wrong);
		wrong.rig.acd->ops->stats(wrong.rig.acd, &stats);
	}
	ck_assert_uint_eq(wrong.n_up, 0);
	client_begin(&right, 3);
	check_works(&right, 4);
	redis_server_do(&server, "ACL", "DELUSER", "mashang", NULL);
	client_close(&wrong);
	client_close(&right);
}
END_TEST

static const struct {
	const char *address;
	enum err want;
} addresses[] = {
	{ "tcp:127.0.0.1:1", ERR_OK },
	{ "tcp:[::1]:1", ERR_OK },
	{ "unix:/nowhere", ERR_OK },
	{ "", ERR_BAD_FIELD },
	{ "unix:", ERR_BAD_FIELD },
	{ "tcp:", ERR_BAD_FIELD },
	{ "tcp:127.0.0.1", ERR_BAD_FIELD },
	{ "tcp::1", ERR_BAD_FIELD },
	{ "tcp:127.0.0.1:redis-port", ERR_BAD_FIELD },
	{ "127.0.0.1:1", ERR_BAD_FIELD },
	{ "unix:/tmp/"
	  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	    ERR_BAD_FIELD },
};

START_TEST(addresses_are_understood)
{
	struct event_base *base = event_base_new();
	const struct acd_redis_options o = { .address = addresses[_i].address,
		.prefix = "mashang",
		.timeout_us = CLOCK_S };
	const struct acd_events events = { on_up, on_lost, NULL };
	struct acd *a = NULL;

	ck_err(redis_acd_new(base, &o, &events, &a), addresses[_i].want);
	ck_assert((a != NULL) == (addresses[_i].want == ERR_OK));
	acd_free(&a);
	event_base_free(base);
}
END_TEST

/* ----------------------------------------------------------------- suite */

static void
start_server(void)
{
	log_levels[LOG_STORE] = LOG_ERROR;
	signal(SIGPIPE, SIG_IGN); /* as the daemon does */
	redis_server_start(&server, test_dir());
}

static void
stop_server(void)
{
	redis_server_kill(&server);
}

static void
be_quick(TCase *tc)
{
	tcase_set_timeout(tc, 15);
}

/* These all use one server; each starts with a reset of its own. */
static TCase *
shared_server(const char *name)
{
	TCase *tc = tcase_create(name);

	be_quick(tc);
	tcase_add_unchecked_fixture(tc, start_server, stop_server);
	return tc;
}

Suite *
acd_redis_suite(void)
{
	TCase *contract = shared_server("contract");
	TCase *life = shared_server("life");
	TCase *killed = tcase_create("killed");
	Suite *s = suite_of(contract, "acd_redis");

	tcase_add_loop_test(contract, row_holds, 0, (int)acd_suite_n_rows);
	tcase_add_test(
	    contract, random_commands_do_the_same_in_redis_and_memory);
	tcase_add_test(contract, two_centres_share_a_redis);
	tcase_add_loop_test(
	    contract, lines_are_equal_by_what_counts, 0, NELEM(pairs));
	tcase_add_loop_test(contract,
	    the_first_use_of_a_line_looks_at_its_queues_only, 0, NELEM(firsts));

	tcase_add_test(life, nothing_is_taken_before_the_reset);
	tcase_add_test(life, a_reset_leaves_no_key_behind);
	tcase_add_test(life, commands_before_a_reset_are_forgotten_by_it);
	tcase_add_test(life, what_is_in_flight_when_freed_is_told_so);
	tcase_add_test(life, too_much_in_flight_is_refused);
	tcase_add_test(life, flushall_is_noticed_while_idle);
	tcase_add_test(life, another_generation_changes_nothing_and_is_noticed);
	tcase_add_test(life, function_flush);
	tcase_add_loop_test(life, a_strange_reply_is_a_loss, 0, NELEM(strange));
	tcase_add_test(life, a_key_of_another_type_is_a_loss);
	tcase_add_test(life, a_replica_is_not_used);
	tcase_add_test(life, only_who_may_gets_up);
	tcase_add_loop_test(
	    life, addresses_are_understood, 0, NELEM(addresses));
	tcase_add_test(
	    life, the_library_is_loaded_once_and_replaced_if_different);
	suite_add_tcase(s, life);

	be_quick(killed);
	tcase_add_checked_fixture(killed, start_server, stop_server);
	tcase_add_test(killed, killed_and_started_empty);
	tcase_add_test(killed, stopped_is_lost_by_time);
	suite_add_tcase(s, killed);
	return s;
}
