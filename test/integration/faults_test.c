/*
 * faults_test.c - a generated day plays while something is killed -9, at the
 * worst moments; afterwards the books must balance.
 *
 * The moments: a batch is on its way to PostgreSQL and its result is not read
 * (ledger.sent); it is committed and nobody has been told (ledger.committed);
 * an offer is on an agent's screen and nobody has answered (offer.made).  The
 * daemon kills itself there, or stops there until Redis or PostgreSQL has been
 * killed.  What is gone is started again, Redis empty.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test/support/oracle.h"
#include "test/support/pg_server.h"
#include "test/support/stack.h"
#include "test/support/support.h"

enum victim { DAEMON, REDIS, POSTGRES };

static struct stack st;

static void
down(void)
{
	stack_down(&st);
}

static void
nothing(void)
{
}

static pid_t
play(const char *spec)
{
	static char json[PATH_MAX];
	const char *argv[] = { "mashang-replay", "--generate", spec, "--speed",
		"max", "--quiet", "--json", json, NULL };

	snprintf(json, sizeof(json), "%s/replay.json", st.dir);
	return stack_spawn(&st, argv, "replay.out");
}

/* ---- one row, one killing */

static const struct {
	enum victim victim;
	const char *point;
} rows[] = {
	{ DAEMON, "ledger.sent:3" },
	{ DAEMON, "ledger.sent:20" },
	{ DAEMON, "ledger.committed:2" },
	{ DAEMON, "ledger.committed:21" },
	{ DAEMON, "offer.made:1" },
	{ DAEMON, "offer.made:77" },
	{ REDIS, "ledger.sent:15:stop" },
	{ REDIS, "ledger.committed:16:stop" },
	{ REDIS, "offer.made:60:stop" },
	{ POSTGRES, "ledger.sent:17:stop" },
	{ POSTGRES, "ledger.committed:18:stop" },
	{ POSTGRES, "offer.made:61:stop" },
};

static void
kill_and_restart(enum victim v)
{
	if (v == DAEMON) {
		ck_assert_int_ne(stack_daemon_wait(&st, 60), -1);
		stack_daemon_start(&st, NULL);
		return;
	}
	stack_daemon_stopped(&st, 20);
	if (v == REDIS)
		redis_server_kill(&st.redis);
	else
		pg_server_kill();
	stack_daemon_go_on(&st);
	if (v == REDIS)
		redis_server_start(&st.redis, st.dir);
	else
		pg_server_again();
}

START_TEST(killed_at_the_worst_moment)
{
	pid_t replay;

	setenv("MASHANG_FAILPOINT", rows[_i].point, 1);
	stack_up(&st, true);
	unsetenv("MASHANG_FAILPOINT");
	replay = play("seed=11,calls=1000,agents=20,patience_mean=10m");
	kill_and_restart(rows[_i].victim);
	oracle_compare(&st, stack_wait(replay, 60));
	oracle_consult(&st);
}
END_TEST

/*
 * PostgreSQL goes away early in the day and comes back when the day is over:
 * sixteen hours of calls without it.  They are answered as on any other day
 * (same seed, same figures), and all of it is committed afterwards.
 */
static void
play_without_postgresql(const char *config)
{
	static const char spec[] = "seed=12,calls=600,agents=12";
	static const char answers[] =
	    "SELECT count(*) || ' waited ' || sum(wait_us) FROM call_outcome"
	    " WHERE outcome = 'answered'";
	char *answered;
	long long events;
	pid_t replay;

	stack_up(&st, true);
	oracle_compare(&st, stack_wait(play(spec), 60));
	answered = strdup(pg_server_ask(answers));
	events = atoll(pg_server_ask("SELECT count(*) FROM call_event"));
	stack_down(&st);

	setenv("MASHANG_FAILPOINT", "ledger.sent:2:stop", 1);
	stack_up_with(&st, true, config);
	unsetenv("MASHANG_FAILPOINT");
	replay = play(spec);
	stack_daemon_stopped(&st, 20);
	pg_server_kill();
	stack_daemon_go_on(&st);
	/* The day goes on to its end: each look is one more round trip. */
	while (stack_shown(&st, "switches", "switch", "replay-generated",
		   "stream_seq") < events)
		ck_assert_int_eq(kill(replay, 0), 0);
	ck_assert_int_gt(stack_shown(&st, "store", "figure",
			     "ledger_backlog_units", "value"),
	    1000);
	pg_server_again();
	oracle_compare(&st, stack_wait(replay, 60));
	oracle_consult(&st);
	ck_assert_str_eq(answered, pg_server_ask(answers));
	free(answered);
}

START_TEST(postgresql_is_away_for_hours)
{
	play_without_postgresql("");
}
END_TEST

/* More happens than the daemon may hold: what the switch can tell again is
 * asked for again, and nothing is missing in the end. */
START_TEST(postgresql_is_away_and_memory_is_short)
{
	play_without_postgresql("backlog: 1MiB\n");
	ck_assert_ptr_nonnull(
	    strstr(stack_file(&st, "mashangd.log"), "ledger is full"));
}
END_TEST

Suite *
faults_suite(void)
{
	TCase *tc = tcase_create("killed");
	Suite *s = suite_of(tc, "faults");

	tcase_set_timeout(tc, 240);
	tcase_add_unchecked_fixture(tc, pg_server_start, NULL);
	tcase_add_checked_fixture(tc, nothing, down);
	tcase_add_test(tc, postgresql_is_away_for_hours);
	tcase_add_test(tc, postgresql_is_away_and_memory_is_short);
	tcase_add_loop_test(tc, killed_at_the_worst_moment, 0, NELEM(rows));
	return s;
}
