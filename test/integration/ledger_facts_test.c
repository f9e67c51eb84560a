/*
 * ledger_facts_test.c - what the ledger knows of a caller before the call, and
 * of an agent's day, on a real PostgreSQL.
 */
#include "test/support/ledger_bed.h"

#include <stdio.h>
#include <string.h>

#define AT_S(s) "to_timestamp(1700000000 + " #s ")"
#define CALL(n) "'0000000000000000000000000000000" #n "'::uuid"

/* A caller of two numbers, and what there is of them. */
#define CALLER                                                     \
	"INSERT INTO customer (id, grade) OVERRIDING SYSTEM VALUE" \
	" VALUES (1, 'B'), (2, NULL);"                             \
	"INSERT INTO customer_number (number, customer_id) VALUES" \
	" ('+8613812348000', 1), ('+8613812348001', 1), ('8002', 2);"
#define A_CALL(n, at, queued, established, ended, agent, cause)                \
	"INSERT INTO call (id, switch_id, epoch, switch_call, seq, state,"     \
	" queue_id, agent_id, began_at, queued_at, established_at, ended_at,"  \
	" end_cause) VALUES (" CALL(n) ", 1, 9, 'c" #n                         \
				       "', 1, 'ended', 3, " agent ", " at      \
				       ", " queued ", " established ", " ended \
				       ", " cause ");"
#define A_TICKET(id, call, owner, closed)                             \
	"INSERT INTO ticket (id, call_id, rev, status, customer_id,"  \
	" owner_id, opened_at, closed_at, dissatisfied) VALUES (" #id \
	", " call ", 1, 'new', 1, " owner ", " AT_S(0) ", " closed ", false);"
#define TALKED(n, s, agent)                                            \
	A_CALL(n, AT_S(s), AT_S(s), AT_S(s + 10), AT_S(s + 20), agent, \
	    "'normal'")
#define GAVE_UP(n, s, cause) \
	A_CALL(n, AT_S(s), AT_S(s + 1), "NULL", AT_S(s + 31), "NULL", cause)
#define CLOCK(ticket, agreement, breached)                                    \
	"INSERT INTO sla_clock (ticket_id, metric, agreement, holder, cycle," \
	" generation, stage, goal_us, elapsed_us, breached_at) VALUES "       \
	"(" #ticket ", 'resolution', " agreement                              \
	", '', 1, 1, 'running', 1, 1, " breached ");"

static char cells[512];

static void
on_cells(void *arg, enum err e, const struct ledger_rows *rows)
{
	char *p = cells;

	(void)arg;
	snprintf(cells, sizeof(cells), "%s", e == ERR_OK ? "" : err_name(e));
	if (e != ERR_OK)
		return;
	for (unsigned i = 0; i < rows->n * rows->n_columns; i++)
		p += snprintf(p, 40, "%.*s%c", STR_ARG(rows->cells[i]),
		    (i + 1) % rows->n_columns == 0 ? ';' : '|');
}

static const char *
ask(enum ledger_query q, unsigned n, const struct str *args)
{
	snprintf(cells, sizeof(cells), "?");
	ck_ok(l->ops->query(l, q, n, args, on_cells, NULL));
	while (strcmp(cells, "?") == 0)
		event_base_loop(base, EVLOOP_ONCE);
	return cells;
}

/* Of call 9, at 1,000 s. */
static const char *
facts(const char *e164, const char *caller)
{
	const struct str args[] = { str_of(e164), str_of(caller),
		STR_LIT("00000000000000000000000000000009"),
		STR_LIT("1700001000000000") };

	return ask(LQ_CALLER_FACTS, NELEM(args), args);
}

/* clang-format off */
static const struct {
	const char *what, *sql, *known;
} rows[] = {
	{ "a grade", "", "B||||||f||||;" },
	{ "the key account's agent",
	  "INSERT INTO agent (id, name, display_name, screen_first)"
	  " OVERRIDING SYSTEM VALUE VALUES (5, 'wang', '', false);"
	  "UPDATE customer SET account_manager = 5 WHERE id = 1;",
	  "B|5|||||f||||;" },
	{ "who owns the newest open ticket",
	  A_TICKET(11, "NULL", "7", "NULL") A_TICKET(12, "NULL", "8", "NULL")
	  A_TICKET(13, "NULL", "NULL", "NULL"), "B||8|12|||f||||;" },
	{ "not of one that is closed",
	  A_TICKET(11, "NULL", "7", AT_S(1)), "B||||||f||||;" },
	{ "who spoke with the caller last, and when",
	  TALKED(1, 100, "7") A_TICKET(11, CALL(1), "NULL", AT_S(1))
	  TALKED(2, 200, "8") A_TICKET(12, CALL(2), "NULL", AT_S(1)),
	  "B||||8|1700000220000000|f|1700000200000000|||;" },
	{ "not in this call, nor in later ones",
	  TALKED(9, 100, "7") A_TICKET(11, CALL(9), "NULL", AT_S(1))
	  TALKED(2, 1001, "8") A_TICKET(12, CALL(2), "NULL", AT_S(1)),
	  "B||||||f||||;" },
	{ "a promise that is broken",
	  A_TICKET(11, "NULL", "NULL", "NULL") CLOCK(11, "'sla'", AT_S(5)),
	  "B||||||t||||;" },
	{ "one that is kept",
	  A_TICKET(11, "NULL", "NULL", "NULL") CLOCK(11, "'sla'", "NULL"),
	  "B||||||f||||;" },
	{ "one among ourselves",
	  A_TICKET(11, "NULL", "NULL", "NULL") CLOCK(11, "'ola'", AT_S(5)),
	  "B||||||f||||;" },
	{ "one of a ticket that is closed",
	  A_TICKET(11, "NULL", "NULL", AT_S(9)) CLOCK(11, "'sla'", AT_S(5)),
	  "B||||||f||||;" },
	{ "who has given up",
	  GAVE_UP(1, 100, "'normal'") A_TICKET(11, CALL(1), "NULL", AT_S(1)),
	  "B||||||f|1700000100000000|3|1700000101000000|1700000131000000;" },
	{ "not who was refused",
	  GAVE_UP(1, 100, "'refused'") A_TICKET(11, CALL(1), "NULL", AT_S(1)),
	  "B||||||f|1700000100000000|||;" },
	{ "nor who was served since",
	  GAVE_UP(1, 100, "'normal'") A_TICKET(11, CALL(1), "NULL", AT_S(1))
	  TALKED(2, 200, "8") A_TICKET(12, CALL(2), "NULL", AT_S(1)),
	  "B||||8|1700000220000000|f|1700000200000000|||;" },
};
/* clang-format on */

START_TEST(of_a_caller_is_known)
{
	pg_server_ask(CALLER);
	if (rows[_i].sql[0] != '\0')
		pg_server_ask(rows[_i].sql);
	ck_assert_msg(strcmp(facts("+8613812348000", "x"), rows[_i].known) == 0,
	    "%s: %s", rows[_i].what, cells);
	/* by any of the numbers */
	ck_assert_str_eq(facts("+8613812348001", ""), rows[_i].known);
	ck_assert_str_eq(facts("", "8002"), "||||||f||||;");
	ck_assert_str_eq(facts("+8613812348009", ""), "");
}
END_TEST

#define WAS(s, state, call)                                              \
	"INSERT INTO agent_state (agent_id, since, seq, state, call_id)" \
	" VALUES (7, " AT_S(s) ", 1, '" state "', " call ");"

START_TEST(of_an_agent_s_day_is_known)
{
	const struct str args[] = { STR_LIT("7"), STR_LIT("1700000100000000") };

	ck_assert_str_eq(ask(LQ_AGENT_FIGURES, 2, args), "0|0;");
	pg_server_ask(WAS(10, "busy", CALL(1)) WAS(20, "ready", "NULL") WAS(
	    110, "busy", CALL(2)) WAS(125, "working_after_call", CALL(2))
		WAS(200, "busy", CALL(3)) WAS(207, "busy", CALL(3))
		    WAS(210, "ready", "NULL") WAS(300, "busy", "NULL")
			WAS(310, "ready", "NULL") WAS(400, "busy", CALL(4)));
	/* Two over, one that has not ended; a dial without a call is none. */
	ck_assert_str_eq(ask(LQ_AGENT_FIGURES, 2, args), "3|25000000;");
}
END_TEST

Suite *ledger_facts_suite(void);

Suite *
ledger_facts_suite(void)
{
	TCase *tc = bed_case("facts");

	tcase_add_loop_test(tc, of_a_caller_is_known, 0, NELEM(rows));
	tcase_add_test(tc, of_an_agent_s_day_is_known);
	return suite_of(tc, "ledger_facts");
}
