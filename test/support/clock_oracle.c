/*
 * clock_oracle.c - see clock_oracle.h.
 */
#include "test/support/clock_oracle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "test/support/pg_server.h"
#include "test/support/support.h"

#define CLOCK "ticket_id, metric, agreement, holder, cycle"
/* What was told and not taken back since, of each rung. */
#define STANDING                                                        \
	"(SELECT * FROM (SELECT DISTINCT ON (" CLOCK ", percent) *"     \
	" FROM sla_event ORDER BY " CLOCK ", percent, generation DESC," \
	" kind) AS x WHERE kind IN ('threshold', 'breach'))"
/* Day and night, and nothing but calls, answers and rungs has happened to it:
 * every instant can be told from its start. */
#define PLAIN                                                               \
	"(SELECT * FROM sla_clock c WHERE calendar IS NULL AND goal_us > 0" \
	" AND policy IS NOT NULL AND agreement = 'sla' AND NOT EXISTS"      \
	" (SELECT FROM ticket_event e WHERE e.ticket_id = c.ticket_id"      \
	" AND (e.kind LIKE 'revised%' OR e.kind IN ('pended', 'resumed',"   \
	" 'scheduled', 'resolved', 'reopened', 'changed', 'merged_in'))))"

static const struct {
	const char *must_be_none, *sql;
} oracle[] = {
	{ "rungs told twice, or taken back twice, in a row",
	    "SELECT count(*) FROM (SELECT back, lag(back, 1, true) OVER"
	    " (PARTITION BY " CLOCK ", percent ORDER BY generation, back DESC)"
	    " AS before FROM (SELECT *, kind LIKE '%_retracted' AS back"
	    " FROM sla_event) AS e) AS x WHERE back = before" },
	{ "breaches told that their clocks do not have, or the other way round",
	    "SELECT count(*) FROM (SELECT * FROM " STANDING " AS y"
	    " WHERE kind = 'breach') AS e FULL JOIN (SELECT * FROM sla_clock"
	    " WHERE breached_at IS NOT NULL) AS c USING (" CLOCK ")"
	    " WHERE e.at IS DISTINCT FROM c.breached_at" },
	{ "rungs told at another instant than theirs",
	    "SELECT count(*) FROM " STANDING " AS e JOIN " PLAIN
	    " AS c USING (" CLOCK ") WHERE NOT by_change AND us(at) <>"
	    " us(c.started_at) + c.goal_us * percent / 100" },
	{ "dues at another instant than theirs",
	    "SELECT count(*) FROM " PLAIN " AS c WHERE stage = 'running'"
	    " AND us(due_at) <> us(started_at) + goal_us" },
	{ "breaches that nobody has noticed",
	    "SELECT count(*) FROM sla_clock WHERE stage <> 'cancelled'"
	    " AND due_at < coalesce(stopped_at, $now)"
	    " AND breached_at IS NULL" },
	{ "outcomes other than what stopped when",
	    "SELECT count(*) FROM sla_clock WHERE outcome IN ('met', 'missed')"
	    " AND (outcome = 'met') <> (breached_at IS NULL)" },
	{ "a higher rung told with an earlier instant",
	    "SELECT count(*) FROM (SELECT at, lag(at) OVER (PARTITION BY " CLOCK
	    " ORDER BY percent) AS before FROM " STANDING " AS y) AS x"
	    " WHERE at < before" },
	{ "told before it was",
	    "SELECT count(*) FROM sla_event WHERE detected_at < at" },
	{ "late and not told as late, or the other way round",
	    "SELECT count(*) FROM sla_event WHERE kind IN ('threshold',"
	    " 'breach') AND late <> (detected_at - at > interval '1 s')" },
	{ "events without their message, or the other way round",
	    "SELECT count(*) FROM sla_event e FULL JOIN (SELECT * FROM outbox"
	    " WHERE topic LIKE 'sla.%') AS o ON o.key = concat_ws(':', 'sla',"
	    " e.ticket_id, e.metric, e.agreement, e.holder, e.cycle,"
	    " e.generation, e.kind, e.percent) AND o.ticket_id = e.ticket_id"
	    " AND o.at = e.at WHERE e.ticket_id IS NULL OR o.id IS NULL" },
	{ "tickets raised more or less often than their events say",
	    "SELECT count(*) FROM ticket t LEFT JOIN (SELECT ticket_id,"
	    " sum(raise) AS n FROM sla_event WHERE kind IN ('threshold',"
	    " 'breach') GROUP BY 1) AS e ON e.ticket_id = t.id"
	    " WHERE t.escalation <> coalesce(e.n, 0)" },
	{ "escalations that the history does not have once",
	    "SELECT count(*) FROM (SELECT ticket_id, count(*) AS n"
	    " FROM sla_event WHERE kind IN ('threshold', 'breach') AND"
	    " (raise > 0 OR to_queue IS NOT NULL) GROUP BY 1) AS e FULL JOIN"
	    " (SELECT ticket_id, count(*) AS n FROM ticket_event"
	    " WHERE kind = 'escalated' GROUP BY 1) AS h USING (ticket_id)"
	    " WHERE e.n IS DISTINCT FROM h.n" },
	{ "marks that are left", "SELECT count(*) FROM sla_todo" },
	{ "tickets not evaluated to the end of their history",
	    "SELECT count(*) FROM (SELECT e.ticket_id, max(e.seq) AS seq,"
	    " min(e.at) AS at FROM ticket_event e GROUP BY 1) AS h"
	    " LEFT JOIN sla_ticket s USING (ticket_id)"
	    " WHERE (s.ticket_id IS NOT NULL OR h.at > (SELECT min(r.at)"
	    " FROM sla_revision r)) AND s.as_of IS DISTINCT FROM h.seq" },
	{ "tickets for which time has come and nobody has",
	    "SELECT count(*) FROM sla_ticket WHERE next_at < $now" },
	{ "histories with a gap",
	    "SELECT count(*) FROM (SELECT ticket_id FROM ticket_event"
	    " GROUP BY 1 HAVING max(seq) <> count(*)) AS x" },
};

/* With domain time in its place; a static buffer. */
static const char *
at_time(const char *sql, const char *now)
{
	static char out[4096];
	const char *at = strstr(sql, "$now");

	if (at == NULL)
		return sql;
	snprintf(out, sizeof(out), "%.*s%s%s", (int)(at - sql), sql, now,
	    at + strlen("$now"));
	return out;
}

void
clock_oracle_consult(const struct stack *st, const char *now)
{
	bool good = true;

	for (unsigned i = 0; i < NELEM(oracle); i++) {
		const char *n = pg_server_ask(at_time(oracle[i].sql, now));

		if (strcmp(n, "0") == 0)
			continue;
		fprintf(stderr, "%s: %s\n", oracle[i].must_be_none, n);
		good = false;
	}
	if (!good)
		fprintf(stderr, "%s\n", stack_file(st, "mashangd.log"));
	ck_assert_msg(good, "the clocks' books do not balance");
}

void
clock_oracle_until(
    const struct stack *st, int seconds, const char *sql, const char *want)
{
	time_t give_up = time(NULL) + seconds;
	const char *is;

	while (strcmp(is = pg_server_ask(sql), want) != 0) {
		if (time(NULL) <= give_up)
			continue;
		fprintf(stderr, "%s\n", stack_file(st, "mashangd.log"));
		ck_abort_msg("%s: %s, not %s", sql, is, want);
	}
}

/* What a clock is, but for how often it was written and when. */
#define IS                                                                \
	CLOCK ", revision, policy, calendar, stage, outcome, started_at," \
	      " stopped_at, goal_us, due_at, breached_at"

void
clock_oracle_again(const struct stack *st)
{
	char *told = strdup(pg_server_ask("SELECT count(*) FROM sla_event"));

	/* What the history has no longer was cancelled, and is not missed. */
	pg_server_ask("CREATE TABLE clock_before AS SELECT " IS " FROM"
		      " sla_clock WHERE NOT (stage = 'cancelled'"
		      " AND outcome = 'excluded')");
	pg_server_ask("BEGIN; DELETE FROM sla_clock; INSERT INTO sla_todo"
		      " (ticket_id, node) SELECT ticket_id, 'test'"
		      " FROM sla_ticket; COMMIT");
	clock_oracle_until(st, 30, "SELECT count(*) FROM sla_todo", "0");
	ck_assert_str_eq(
	    pg_server_ask("SELECT (SELECT count(*) FROM (TABLE clock_before"
			  " EXCEPT SELECT " IS " FROM sla_clock) AS x)"
			  " || ' lost, ' || (SELECT count(*) FROM (SELECT " IS
			  " FROM sla_clock WHERE NOT (stage = 'cancelled'"
			  " AND outcome = 'excluded')"
			  " EXCEPT TABLE clock_before) AS x) || ' new'"),
	    "0 lost, 0 new");
	ck_assert_str_eq(pg_server_ask("SELECT count(*) FROM sla_event"), told);
	pg_server_ask("DROP TABLE clock_before");
	free(told);
}

void
clock_oracle_revised(const struct stack *st, int revision, const char *kind)
{
	char sql[512];

	clock_oracle_until(st, 60,
	    "SELECT (SELECT count(*) FROM sla_job WHERE ended_at IS NULL)"
	    " + (SELECT count(*) FROM sla_todo)",
	    "0");
	ck_assert_str_eq(
	    pg_server_ask("SELECT count(*) FROM sla_job WHERE done <> total"),
	    "0");
	snprintf(sql, sizeof(sql),
	    "SELECT count(*) FROM sla_ticket s WHERE open AND 1 <>"
	    " (SELECT count(*) FROM ticket_event e WHERE e.ticket_id ="
	    " s.ticket_id AND kind = '%s' AND revision = %d)",
	    kind, revision);
	ck_assert_str_eq(pg_server_ask(sql), "0");
	snprintf(sql, sizeof(sql),
	    "SELECT count(*) FROM sla_clock WHERE stage IN ('running',"
	    " 'paused') AND revision <> %d",
	    revision);
	ck_assert_str_eq(pg_server_ask(sql), "0");
}

void
clock_oracle_tell_lateness(const char *of)
{
	printf("%s: noticed after (median, p99, most): %s\n", of,
	    pg_server_ask(
		"SELECT string_agg(round(x * 1000) || ' ms', ', ') FROM"
		" (SELECT unnest(percentile_disc(ARRAY[0.5, 0.99, 1]) WITHIN"
		" GROUP (ORDER BY extract(epoch FROM detected_at - at))) AS x"
		" FROM sla_event WHERE NOT by_change"
		" AND kind IN ('threshold', 'breach')) AS y"));
	fflush(stdout);
}
