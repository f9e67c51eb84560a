/*
 * ledger_why_test.c - why a call went where it went, and why it did not go to
 * somebody, worked out by a real PostgreSQL.
 */
#include "test/support/ledger_bed.h"

#include <stdio.h>
#include <string.h>

Suite *ledger_why_suite(void);

#define CALL "'00000000-0000-0000-0000-000000000001'"

/* Seconds after the call came into queue repair; it ends at 60. */
#define STATE(at, agent, state, reason, device)                                \
	"INSERT INTO agent_state (agent_id, since, seq, state, reason, device" \
	") VALUES (" agent ", at_s(" at "), 1, '" state "', '" reason          \
	"', '" device "');"
#define READY(at) STATE(at, "1", "ready", "", "101")
#define OFFER(id, agent, at, end, reason)                                     \
	"INSERT INTO offer (id, call_id, agent_id, queue_id, attempt, "       \
	"offered_at, ended_at, reason, why) VALUES (" id ", " CALL ", " agent \
	", 1, 1, at_s(" at "), at_s(" end "), '" reason "'"                   \
	", '{\"st\":\"longest_idle\",\"sc\":1700000000000000}');"
#define DECISION(seq, at, kind, detail)                                        \
	"INSERT INTO decision VALUES (" CALL ", " seq ", at_s(" at "), '" kind \
	"', '" detail "');"
#define PLACE(detail) \
	"UPDATE call SET placed = '{\"since\":1700000000000000," detail "}';"

static void
floor_of_two(void)
{
	pg_server_ask(
	    "CREATE FUNCTION at_s(n int) RETURNS timestamptz LANGUAGE sql "
	    "RETURN at_us(1700000000000000 + n * 1000000::bigint);"
	    "INSERT INTO switch (name) VALUES ('main'), ('other');"
	    "INSERT INTO skill (name) VALUES ('english'), ('german');"
	    "INSERT INTO queue (name, ring_us, wrap_up_us, priority_credit_us, "
	    "short_us, stay_ready) VALUES ('repair', 1, 0, 0, 0, false), "
	    "('sales', 1, 0, 0, 0, false);"
	    "INSERT INTO agent (name, display_name, screen_first) VALUES "
	    "('wang', 'Wang', false), ('li', 'Li', false);"
	    "INSERT INTO agent_queue (agent_id, queue_id) VALUES (1, 1), "
	    "(2, 2);"
	    "INSERT INTO agent_skill VALUES (1, 1, 3);"
	    "INSERT INTO device VALUES ('101', 1), ('201', 2);"
	    "INSERT INTO stream (switch_id, epoch, up_to) VALUES (1, 1, 1);"
	    "INSERT INTO call (id, switch_id, epoch, switch_call, seq, state, "
	    "queue_id, queued_at, began_at, ended_at, placed) VALUES (" CALL
	    ", 1, 1, 'c1', 1, 'ended', 1, at_s(0), at_s(0), at_s(60), "
	    "'{\"q\":1,\"since\":1700000000000000}')");
}

/* "0-60 not_logged_in; ..." */
static const char *
stretches(const char *agent)
{
	char sql[512];

	snprintf(sql, sizeof(sql),
	    "SELECT string_agg(concat_ws(' ', "
	    "extract(epoch FROM from_at)::bigint - 1700000000 || '-' || "
	    "extract(epoch FROM to_at)::bigint - 1700000000, rule, what, who, "
	    "has - 1700000000000000 * (has > 1000)::int, "
	    "needs - 1700000000000000 * (needs > 1000)::int), '; ' "
	    "ORDER BY from_at) FROM why_not(" CALL ", (SELECT id FROM agent "
	    "WHERE name = '%s'), at_s(100))",
	    agent);
	return pg_server_ask(sql);
}

/* clang-format off */
static const struct {
	const char *what, *sql, *agent, *want;
} rows[] = {
	{ "who never logged in", "", "wang", "0-60 not_logged_in" },
	{ "who came late, had a rest, and left",
	  STATE("10", "1", "not_ready", "lunch", "101")
	  STATE("50", "1", "null", "", ""),
	  "wang", "0-10 not_logged_in; 10-50 not_ready lunch; "
	  "50-60 not_logged_in" },
	{ "who was not ready long before",
	  STATE("-900", "1", "not_ready", "meeting", "101"),
	  "wang", "0-60 not_ready meeting" },
	{ "who was busy, then wrote it up",
	  STATE("-5", "1", "busy", "", "101")
	  STATE("20", "1", "working_after_call", "", "101") READY("30"),
	  "wang", "0-20 busy busy; 20-30 wrap_up; 30-60 free" },
	{ "who sits at a phone of another switch",
	  STATE("-5", "1", "ready", "", "201"),
	  "wang", "0-60 other_switch 201 other" },
	{ "who is in no queue of it", STATE("-5", "2", "ready", "", "101"),
	  "li", "0-60 not_in_queue repair" },
	{ "whose queue joins as a neighbour after 30 s",
	  STATE("-5", "2", "ready", "", "101")
	  DECISION("5", "30", "relaxed", "{\"q\":1,\"n\":[2]}"),
	  "li", "0-30 not_in_queue repair; 30-60 free" },
	{ "whose skill does not do until it is relaxed",
	  READY("-5") PLACE("\"q\":1,\"s\":{\"1\":5}")
	  DECISION("5", "40", "relaxed", "{\"q\":1,\"s\":{\"1\":3}}"),
	  "wang", "0-40 skill english 3 5; 40-60 free" },
	{ "who lacks a skill altogether",
	  READY("-5") PLACE("\"q\":1,\"s\":{\"2\":1}"),
	  "wang", "0-60 skill german 0 1" },
	{ "of a tier that has not joined",
	  READY("-5") PLACE("\"q\":1,\"t\":1")
	  "UPDATE agent_queue SET tier = 3 WHERE agent_id = 1;"
	  DECISION("5", "30", "relaxed", "{\"q\":1,\"t\":3}"),
	  "wang", "0-30 tier repair 3 1; 30-60 free" },
	{ "while it waits for one agent alone",
	  READY("-5") PLACE("\"q\":1")
	  DECISION("5", "0", "first", "{\"q\":1,\"a\":2}")
	  DECISION("6", "20", "everybody", "{\"q\":1}"),
	  "wang", "0-20 agent_only li; 20-60 free" },
	{ "who refused it is not asked again",
	  READY("-5") OFFER("9", "1", "0", "10", "refused"),
	  "wang", "0-10 offered refused; 10-60 excluded refused" },
	{ "until that is forgiven",
	  READY("-5") OFFER("9", "1", "0", "10", "no_answer")
	  DECISION("7", "30", "forgiven", "{\"q\":1}"),
	  "wang", "0-10 offered no_answer; 10-30 excluded no_answer; "
	  "30-60 free" },
	{ "who was ready when another was first: idle since 50 s before, "
	  "the other since 0",
	  STATE("-60", "1", "not_ready", "", "101") READY("-50")
	  OFFER("9", "2", "5", "25", "no_answer"),
	  "wang", "0-5 free; 5-25 others_first longest_idle li -50000000 0; "
	  "25-60 free" },
	{ "an offer that came to nothing does not make one less idle",
	  STATE("-60", "1", "not_ready", "", "101") READY("-50")
	  STATE("-20", "1", "reserved", "", "101") READY("-10")
	  OFFER("9", "2", "0", "60", "caller_gone"),
	  "wang", "0-60 others_first longest_idle li -50000000 0" },
};
/* clang-format on */

START_TEST(each_stretch_has_its_rule)
{
	floor_of_two();
	if (rows[_i].sql[0] != '\0')
		pg_server_ask(rows[_i].sql);
	ck_assert_msg(strcmp(stretches(rows[_i].agent), rows[_i].want) == 0,
	    "%s:\n%s\nwanted\n%s", rows[_i].what, stretches(rows[_i].agent),
	    rows[_i].want);
}
END_TEST

static char answer[4096];

static void
on_answer(void *arg, enum err e, const struct ledger_rows *got)
{
	char *p = answer;

	(void)arg;
	ck_ok(e);
	p[0] = '\0';
	for (unsigned i = 0; i < got->n * got->n_columns; i++)
		p += snprintf(p, 100, "%.*s%c", STR_ARG(got->cells[i]),
		    (i + 1) % got->n_columns == 0 ? ';' : '|');
}

static const char *
ask(enum ledger_query q, unsigned n, const struct str *args)
{
	answer[0] = '?';
	answer[1] = '\0';
	ck_ok(l->ops->query(l, q, n, args, on_answer, NULL));
	while (strcmp(answer, "?") == 0)
		event_base_loop(base, EVLOOP_ONCE);
	return answer;
}

START_TEST(a_story_in_order)
{
	const struct str args[] = { STR_LIT("00000000000000000000000000000001"),
		STR_LIT("0"), STR_LIT("10") };
	const struct str second[] = { args[0], STR_LIT("1"), STR_LIT("1") };

	floor_of_two();
	pg_server_ask(PLACE("\"q\":1,\"t\":2,\"s\":{\"1\":5},"
			    "\"c\":{\"priority 2\":20000000}")
		OFFER("9", "2", "5", "25", "no_answer") DECISION(
		    "7", "30", "moved", "{\"q\":2,\"f\":1,\"by\":\"boss\"}"));
	ck_assert_str_eq(ask(LQ_DECISIONS, NELEM(args), args),
	    "1700000000000000|enqueued|repair|||english 5|2||priority "
	    "2=20000000|"
	    "|||||||||0;"
	    "1700000005000000|offered|||li|||||longest_idle|1700000000000000||"
	    "||||1700000025000000|no_answer|9;"
	    "1700000030000000|moved|sales|repair||||||||||||boss|||7;");
	ck_assert_str_eq(ask(LQ_DECISIONS, NELEM(second), second),
	    "1700000005000000|offered|||li|||||longest_idle|1700000000000000||"
	    "||||1700000025000000|no_answer|9;");
}
END_TEST

START_TEST(a_call_is_found_by_all_its_names)
{
	const struct {
		struct str args[2];
		bool found;
	} tries[] = {
		{ { STR_LIT("c1"), STR_LIT("") }, true },
		{ { STR_LIT("00000000000000000000000000000001"), STR_LIT("") },
		    true },
		{ { STR_LIT(""), STR_LIT("wang") }, true },
		{ { STR_LIT(""), STR_LIT("li") }, false },
		{ { STR_LIT("c2"), STR_LIT("") }, false },
		{ { STR_LIT("0000000000000000000000000000000x"), STR_LIT("") },
		    false },
	};

	floor_of_two();
	pg_server_ask("INSERT INTO agent_state (agent_id, since, seq, state, "
		      "call_id) VALUES (1, at_s(3), 1, 'busy', " CALL ")");
	for (unsigned i = 0; i < NELEM(tries); i++)
		ck_assert_msg(
		    (strncmp(ask(LQ_WHY_CALL, 2, tries[i].args),
			 "00000000000000000000000000000001|main|c1|ended|",
			 47) == 0) == tries[i].found,
		    "%u: %s", i, answer);
}
END_TEST

Suite *
ledger_why_suite(void)
{
	TCase *tc = bed_case("ledger_why");

	tcase_add_loop_test(tc, each_stretch_has_its_rule, 0, NELEM(rows));
	tcase_add_test(tc, a_story_in_order);
	tcase_add_test(tc, a_call_is_found_by_all_its_names);
	return suite_of(tc, "ledger_why");
}
