/*
 * nodes_test.c - two nodes on one PostgreSQL and one Redis: agents and bridges
 * go where their switch is, whatever happens to a node.
 *
 * The bridge is a real one, with its spool; the switch behind it is this test,
 * which rings phones and lifts them, and sees to it that no caller and no phone
 * is ever connected twice.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "test/support/pg_server.h"
#include "test/support/program.h"
#include "test/support/roam.h"
#include "test/support/scripted.h"
#include "test/support/stack.h"
#include "test/support/support.h"
#include "test/support/wire.h"

#define AGENTS 6
#define FIRST 801
#define WAIT_S 30
#define CALLS 400
#define RING_US (60 * INT64_C(1000))
#define TALK_US (300 * INT64_C(1000))
#define EVERY_US (50 * INT64_C(1000))
/* The promise is 3 s; a machine that is busy with other tests may be late.
 * Without beats it is 15. */
#define MOVED_MS 9000

static struct stack a, b;
static struct scripted bridge;
static struct roam crew;
static struct wire late, other;
static char both[PATH_MAX * 2 + 2];

/* --------------------------------------------------------------- the switch */

enum { NONE, WAITS, RINGS, TALKS, OVER };

static struct {
	int state;
	char device[16];
	int64_t due;
} calls[CALLS];
static unsigned n_calls, n_over;
static int64_t next_at;
static char lines[16384];

static void
say(const char *word, unsigned call, const char *device)
{
	char text[64];

	snprintf(text, sizeof(text), "%s c%u %s", word, call, device);
	scripted_say(&bridge, text);
}

static bool
is_taken(const char *device)
{
	for (unsigned i = 0; i < n_calls; i++)
		if ((calls[i].state == RINGS || calls[i].state == TALKS) &&
		    strcmp(calls[i].device, device) == 0)
			return true;
	return false;
}

/* A bridge lets no order through that connects somebody twice. */
static void
obey(const char *line)
{
	char word[24], device[16];
	unsigned i;

	ck_assert_int_eq(sscanf(line, "%23s c%u %15s", word, &i, device), 3);
	ck_assert_uint_lt(i, n_calls);
	if (strcmp(word, "CONNECT") == 0) {
		ck_assert_msg(calls[i].state == WAITS, "twice: %s", line);
		ck_assert_msg(!is_taken(device), "a second call: %s", line);
		calls[i].state = RINGS;
		calls[i].due = clock_loop() + RING_US;
		snprintf(
		    calls[i].device, sizeof(calls[i].device), "%s", device);
		say("delivered", i, device);
	} else if (strcmp(word, "DISCONNECT") == 0 && calls[i].state == RINGS) {
		calls[i].state = WAITS;
		say("failed", i, device);
	}
}

static void
read_orders(int ms)
{
	struct pollfd p = { bridge.fd, POLLIN, 0 };
	size_t n = strlen(lines);
	char *end;
	ssize_t got;

	if (poll(&p, 1, ms) <= 0)
		return;
	got = read(bridge.fd, lines + n, sizeof(lines) - n - 1);
	ck_assert_int_gt(got, 0);
	lines[n + (size_t)got] = '\0';
	while ((end = strchr(lines, '\n')) != NULL) {
		*end = '\0';
		obey(lines);
		memmove(lines, end + 1, strlen(end + 1) + 1);
	}
}

static void
pass_time(int64_t now)
{
	for (unsigned i = 0; i < n_calls; i++) {
		if (calls[i].state == RINGS && calls[i].due <= now) {
			calls[i].state = TALKS;
			calls[i].due = now + TALK_US;
			say("established", i, calls[i].device);
		} else if (calls[i].state == TALKS && calls[i].due <= now) {
			calls[i].state = OVER;
			n_over++;
			say("cleared", i, "");
		}
	}
}

/* Callers come while there are fewer than `until'. */
static void
turn(unsigned until)
{
	int64_t now = clock_loop();

	if (n_calls < until && now >= next_at) {
		next_at = now + EVERY_US;
		calls[n_calls].state = WAITS;
		say("queued", n_calls++, "");
	}
	pass_time(now);
	read_orders(10);
	roam_look(&crew);
}

/* So many have called, and all of these have talked. */
static void
play(unsigned n)
{
	int64_t end = clock_loop() + WAIT_S * CLOCK_S;

	while (n_calls < n || n_over < n) {
		ck_assert_msg(clock_loop() < end,
		    "%u of %u calls are over\nA: %s\nB: %s", n_over, n_calls,
		    stack_file(&a, "mashangd.log"),
		    stack_file(&b, "mashangd.log"));
		turn(n);
	}
}

/* The switch goes on until all agents are there; in so many ms. */
static int64_t
play_until_at(const char *node)
{
	int64_t begin = clock_loop();

	do {
		ck_assert_msg(clock_loop() - begin < WAIT_S * CLOCK_S,
		    "the agents are not at %s, the first is at '%s'", node,
		    crew.agents[0].node);
		turn(CALLS);
	} while (!roam_are_at(&crew, node));
	return (clock_loop() - begin) / 1000;
}

/* ------------------------------------------------------------------ the bed */

static void
write_hotline(const char *name, const char *more)
{
	char text[2048];
	size_t n;

	n = (size_t)snprintf(text, sizeof(text),
	    "queues: [{name: repair, ring: 30s, wrap_up: 0s}%s]\nagents:\n",
	    more);
	for (unsigned i = 0; i < AGENTS; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
		    "  - {name: a%u, queues: [repair]}\n", FIRST + i);
	n += (size_t)snprintf(text + n, sizeof(text) - n,
	    "  - {name: wang, queues: [repair], answer: screen}\n"
	    "  - {name: li, queues: [repair], answer: screen}\ndevices:\n");
	for (unsigned i = 0; i < AGENTS + 2; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
		    "  - {name: '%u', switch: pbx1}\n", FIRST + i);
	snprintf(text + n, sizeof(text) - n,
	    "numbers: [{called: '4001', queue: repair}]\n");
	stack_write(&a, name, text);
}

static void
setup(void)
{
	stack_up_with(&a, false, "shown: 3s\n");
	write_hotline("hotline.yaml", "");
	mashang(&a, 0, "admin", "apply", stack_path(&a, "hotline.yaml"), NULL);
	stack_beside(&b, &a, "b");
	snprintf(both, sizeof(both), "%s,%s", a.socket, b.socket);
	scripted_configure(&bridge, &a, "pbx1", both, "");
}

static void
teardown(void)
{
	wire_close(&late);
	wire_close(&other);
	roam_end(&crew);
	scripted_kill(&bridge);
	stack_down(&b);
	stack_down(&a);
}

static void
begin_bridge(void)
{
	scripted_start(&bridge, &a);
	scripted_say(&bridge, "up; resync; resynced");
}

static void
until(const char *sql, const char *want)
{
	static const struct timespec beat = { 0, 20000000 };
	int64_t end = clock_loop() + WAIT_S * CLOCK_S;
	const char *got;

	while (strcmp(got = pg_server_ask(sql), want) != 0) {
		ck_assert_msg(clock_loop() < end,
		    "\"%s\", not \"%s\": %s\nA: %s\nB: %s", got, want, sql,
		    stack_file(&a, "mashangd.log"),
		    stack_file(&b, "mashangd.log"));
		nanosleep(&beat, NULL);
	}
}

/* Nobody lost, nobody twice: each call in exactly one outcome. */
static void
balance(void)
{
	static const struct {
		const char *sql;
	} never[] = {
		{ "SELECT switch_call FROM call WHERE ended_at IS NULL" },
		{ "SELECT id::text FROM call_outcome"
		  " WHERE outcome <> 'answered'" },
		{ "SELECT call_id::text FROM call_event GROUP BY call_id"
		  " HAVING max(seq) <> count(*) OR min(seq) <> 1" },
		{ "SELECT call_id::text FROM call_event"
		  " WHERE kind = 'established' GROUP BY call_id"
		  " HAVING count(*) > 1" },
		{ "SELECT call_id::text FROM offer WHERE reason = 'accepted'"
		  " GROUP BY call_id HAVING count(*) > 1" },
		{ "SELECT x.switch_call FROM call x JOIN call y"
		  " ON x.agent_id = y.agent_id AND x.id < y.id"
		  " AND x.established_at < y.ended_at"
		  " AND y.established_at < x.ended_at" },
		{ "SELECT reason FROM event_quarantine" },
	};
	char want[16];

	snprintf(want, sizeof(want), "%u", n_calls);
	until("SELECT count(*) FROM call WHERE ended_at IS NOT NULL", want);
	for (unsigned i = 0; i < NELEM(never); i++)
		ck_assert_msg(strcmp(pg_server_ask(never[i].sql), "") == 0,
		    "%s: %s", never[i].sql, pg_server_ask(never[i].sql));
	until("SELECT count(*) FROM offer WHERE ended_at IS NULL", "0");
}

/* ------------------------------------------------------------------ killed */

START_TEST(each_in_turn_is_killed)
{
	int64_t ms;

	begin_bridge();
	roam_start(&crew, both, FIRST, AGENTS);
	roam_until_at(&crew, "test");
	play(20);
	stack_daemon_kill(&a);
	ms = play_until_at("b");
	ck_assert_int_lt(ms, MOVED_MS);
	printf("nodes: killed: all had moved after %lld ms\n", (long long)ms);
	play(n_calls + 20);
	stack_daemon_start(&a, NULL);
	stack_daemon_kill(&b);
	ms = play_until_at("test");
	ck_assert_int_lt(ms, MOVED_MS);
	printf("nodes: killed: all had moved after %lld ms\n", (long long)ms);
	play(n_calls + 20);
	stack_daemon_start(&b, NULL);
	balance();
}
END_TEST

/* ----------------------------------------------------------------- stopped */

/* How long: a minute is the same as some seconds, and takes longer. */
static int
stop_seconds(void)
{
	const char *s = getenv("MASHANG_STOP_S");

	return s != NULL ? atoi(s) : 4;
}

START_TEST(each_in_turn_is_stopped)
{
	struct stack *nodes[] = { &a, &b };
	const char *names[] = { "test", "b" };
	int64_t end, ms;

	begin_bridge();
	roam_start(&crew, both, FIRST, AGENTS);
	roam_until_at(&crew, "test");
	play(10);
	for (unsigned i = 0; i < 2; i++) {
		end = clock_loop() + stop_seconds() * CLOCK_S;
		kill(nodes[i]->daemon, SIGSTOP);
		ms = play_until_at(names[1 - i]);
		ck_assert_int_lt(ms, MOVED_MS);
		printf("nodes: stopped: all had moved after %lld ms\n",
		    (long long)ms);
		while (clock_loop() < end)
			turn(n_calls + (n_calls < CALLS - 60));
		kill(nodes[i]->daemon, SIGCONT);
		stack_until_logged(nodes[i], "starting afresh", 1);
		stack_until_logged(nodes[i], "ready node=", 2);
		play(n_calls + 10);
		ck_assert(roam_are_at(&crew, names[1 - i]));
	}
	balance();
}
END_TEST

/* The node of the offer is stopped; who accepts there is too late, and is told
 * so: the caller talks to somebody else. */
START_TEST(a_late_accept_is_refused)
{
	const Mashang__Envelope *e;
	uint64_t offer;

	begin_bridge();
	wire_agent(&late, &a, "wang", "807");
	wire_set_state(&late, MASHANG__AGENT_STATE_KIND__AGENT_READY, "");
	scripted_say(&bridge, "queued c0");
	offer = wire_shown(&late);
	until("SELECT count(*) FROM offer", "1");
	kill(a.daemon, SIGSTOP);
	wire_accept(&late, offer);
	stack_until_logged(&b, "switch=pbx1 lives here", 1);
	wire_agent(&other, &b, "li", "808");
	wire_set_state(&other, MASHANG__AGENT_STATE_KIND__AGENT_READY, "");
	wire_accept(&other, wire_shown(&other));
	scripted_expect(&bridge, "CONNECT c0 808 -");
	scripted_say(&bridge, "delivered c0 808; established c0 808");
	kill(a.daemon, SIGCONT);
	while ((e = wire_next(&late)) != NULL &&
	       e->body_case != MASHANG__ENVELOPE__BODY_GOODBYE)
		ck_assert_int_ne(e->body_case, MASHANG__ENVELOPE__BODY_DONE);
	ck_assert_ptr_nonnull(e);
	ck_assert_int_eq(
	    e->goodbye->why->code, MASHANG__CODE__CODE_UNAVAILABLE);
	scripted_say(&bridge, "cleared c0; sync");
	scripted_expect(&bridge, "synced"); /* no other order in between */
	until("SELECT g.name FROM call c JOIN agent g ON g.id = c.agent_id"
	      " WHERE c.ended_at IS NOT NULL",
	    "li");
}
END_TEST

/* ------------------------------------------------------------------- moved */

/* An agent at the wrong node is sent on, at the log-in and later. */
START_TEST(agents_go_where_their_switch_is)
{
	char config[PATH_MAX * 2];

	roam_start(&crew, b.socket, FIRST, AGENTS);
	roam_until_at(&crew, "b"); /* the switch lives nowhere */
	scripted_configure(&bridge, &a, "pbx1", a.socket, "");
	begin_bridge();
	roam_until_at(&crew, "test");
	play(10);
	roam_end(&crew);
	roam_start(&crew, b.socket, FIRST, AGENTS);
	roam_until_at(&crew, "test");
	for (unsigned i = 0; i < AGENTS; i++)
		ck_assert_uint_eq(crew.agents[i].logins, 1);
	/* Its bridge comes to the other: all follow, with their calls. */
	snprintf(config, sizeof(config), "%s", b.socket);
	while (n_calls < n_over + 3)
		turn(n_over + 3);
	scripted_kill(&bridge);
	scripted_configure(&bridge, &a, "pbx1", config, "");
	scripted_start(&bridge, &a);
	scripted_say(&bridge, "up; resync");
	for (unsigned i = 0; i < n_calls; i++) {
		if (calls[i].state == WAITS)
			say("seen queued", i, "");
		else if (calls[i].state == RINGS)
			say("seen delivered", i, calls[i].device);
		else if (calls[i].state == TALKS)
			say("seen established", i, calls[i].device);
	}
	scripted_say(&bridge, "resynced");
	play_until_at("b");
	play(n_calls + 10);
	balance();
}
END_TEST

/* ---------------------------------------------------------------- the name */

START_TEST(two_of_one_name)
{
	struct stack twin;

	stack_beside(&twin, &a, "test"); /* returns when it has ended */
	ck_assert_int_eq(WEXITSTATUS(stack_daemon_wait(&twin, 20)), 78);
	stack_until_logged(
	    &twin, "another daemon runs under this node's name", 1);
	stack_until_logged(&twin, a.socket, 1);
	stack_down(&twin);
	/* Nobody has noticed. */
	begin_bridge();
	roam_start(&crew, both, FIRST, AGENTS);
	roam_until_at(&crew, "test");
	play(5);
	balance();
}
END_TEST

/* ----------------------------------------------------------- configuration */

START_TEST(what_one_applies_the_others_take)
{
	int64_t end = clock_loop() + WAIT_S * CLOCK_S;
	static const struct timespec beat = { 0, 100000000 };

	write_hotline("more.yaml", ", {name: returns, ring: 20s}");
	mashang(&a, 0, "admin", "apply", stack_path(&a, "more.yaml"), NULL);
	while (strstr(mashang(&b, 0, "admin", "show", "queues", NULL),
		   "returns") == NULL) {
		ck_assert_msg(clock_loop() < end, "the queue is not there");
		nanosleep(&beat, NULL);
	}
}
END_TEST

/* What a dead node left open is ended by the living; theirs is not. */
START_TEST(what_the_dead_left_is_swept)
{
	static const char states[] =
	    "SELECT string_agg(g.name || ' ' || s.state, ', ' ORDER BY g.name)"
	    " FROM agent g, LATERAL (SELECT state FROM agent_state"
	    " WHERE agent_id = g.id ORDER BY since DESC, seq DESC LIMIT 1) s"
	    " WHERE g.name IN ('wang', 'li')";

	begin_bridge();
	wire_agent(&late, &a, "wang", "807");
	wire_set_state(&late, MASHANG__AGENT_STATE_KIND__AGENT_READY, "");
	scripted_say(&bridge, "queued c0");
	(void)wire_shown(&late);
	until("SELECT count(*) FROM offer WHERE ended_at IS NULL", "1");
	until(states, "wang reserved");
	stack_daemon_kill(&a);
	stack_until_logged(&b, "switch=pbx1 lives here", 1);
	wire_agent(&other, &b, "li", "808");
	until(states, "li not_ready, wang reserved");
	until(states, "li not_ready, wang null");
	until("SELECT string_agg(reason, ' ') FROM offer", "rescinded");
	stack_daemon_start(&a, NULL);
}
END_TEST

Suite *
nodes_suite(void)
{
	TCase *tc = tcase_create("nodes");
	Suite *s = suite_of(tc, "nodes");

	tcase_set_timeout(tc, 300);
	tcase_add_unchecked_fixture(tc, pg_server_start, NULL);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, each_in_turn_is_killed);
	tcase_add_test(tc, each_in_turn_is_stopped);
	tcase_add_test(tc, a_late_accept_is_refused);
	tcase_add_test(tc, agents_go_where_their_switch_is);
	tcase_add_test(tc, two_of_one_name);
	tcase_add_test(tc, what_one_applies_the_others_take);
	tcase_add_test(tc, what_the_dead_left_is_swept);
	return s;
}
