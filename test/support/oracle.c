/*
 * oracle.c - see oracle.h.
 */
#include "test/support/oracle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "test/support/pg_server.h"
#include "test/support/support.h"

static const struct {
	const char *must_be_none, *sql;
} oracle[] = {
	{ "calls without an end",
	    "SELECT count(*) FROM call WHERE ended_at IS NULL" },
	{ "calls with a missing event",
	    "SELECT count(*) FROM (SELECT call_id FROM call_event"
	    " GROUP BY call_id HAVING max(seq) <> count(*)) AS x" },
	{ "calls that waited or rang, without a ticket",
	    "SELECT count(*) FROM call c WHERE (queued_at IS NOT NULL OR"
	    " delivered_at IS NOT NULL) AND NOT EXISTS"
	    " (SELECT FROM ticket t WHERE t.call_id = c.id)" },
	{ "tickets without a contact",
	    "SELECT count(*) FROM ticket t JOIN call c ON c.id = t.call_id"
	    " WHERE c.queued_at IS NULL AND c.delivered_at IS NULL" },
	{ "answered calls without a wrap-up in their ticket",
	    "SELECT count(*) FROM call c JOIN ticket t ON t.call_id = c.id"
	    " WHERE c.established_at IS NOT NULL AND NOT EXISTS"
	    " (SELECT FROM ticket_event e WHERE e.ticket_id = t.id"
	    " AND e.kind IN ('closed', 'wrapped_up'))" },
	{ "wrap-ups written twice",
	    "SELECT count(*) FROM (SELECT ticket_id FROM ticket_event"
	    " WHERE kind IN ('closed', 'wrapped_up') GROUP BY ticket_id"
	    " HAVING count(*) > 1) AS x" },
	{ "tickets opened twice",
	    "SELECT count(*) FROM (SELECT ticket_id FROM ticket_event"
	    " WHERE kind = 'opened' GROUP BY ticket_id"
	    " HAVING count(*) > 1) AS x" },
	{ "offers without an end",
	    "SELECT count(*) FROM offer WHERE ended_at IS NULL" },
	{ "calls accepted twice",
	    "SELECT count(*) FROM (SELECT call_id FROM offer"
	    " WHERE reason = 'accepted' GROUP BY call_id"
	    " HAVING count(*) > 1) AS x" },
	{ "agents in two calls",
	    "SELECT count(*) FROM call a JOIN call b ON a.agent_id = b.agent_id"
	    " AND a.id < b.id"
	    " AND tstzrange(a.established_at, a.ended_at)"
	    " && tstzrange(b.established_at, b.ended_at)"
	    " WHERE a.established_at IS NOT NULL"
	    " AND b.established_at IS NOT NULL" },
	{ "agents who are stuck",
	    "SELECT count(*) FROM agent a, LATERAL (SELECT state"
	    " FROM agent_state s WHERE s.agent_id = a.id"
	    " ORDER BY since DESC, seq DESC LIMIT 1) AS s WHERE s.state"
	    " IN ('reserved', 'busy', 'working_after_call')" },
	{ "rows in quarantine", "SELECT count(*) FROM event_quarantine" },
	{ "events with two contents",
	    "SELECT count(*) FROM audit WHERE action = 'event_conflict'" },
};

/* Check cuts long messages: the files go to standard error. */
static void
tell_files(const struct stack *st)
{
	fprintf(stderr, "%s\n%s\n", stack_file(st, "mashangd.log"),
	    stack_file(st, "replay.out"));
}

void
oracle_consult(const struct stack *st)
{
	bool good = true;

	for (unsigned i = 0; i < NELEM(oracle); i++) {
		const char *n = pg_server_ask(oracle[i].sql);

		if (strcmp(n, "0") == 0)
			continue;
		fprintf(stderr, "%s: %s\n", oracle[i].must_be_none, n);
		good = false;
	}
	if (!good)
		tell_files(st);
	ck_assert_msg(good, "the books do not balance");
}

static json_int_t
figure(const json_t *report, const char *key)
{
	return json_integer_value(json_object_get(report, key));
}

/* What the replay saw as the switch is what the books say. */
void
oracle_compare(const struct stack *st, int status)
{
	json_t *report;
	char *text = stack_file(st, "replay.json");
	static const struct {
		const char *key, *sql;
	} same[] = {
		{ "calls", "SELECT count(*) FROM call" },
		{ "events", "SELECT count(*) FROM call_event" },
		{ "tickets", "SELECT count(*) FROM ticket" },
		{ "answered", "SELECT count(*) FROM call_outcome"
			      " WHERE outcome = 'answered'" },
		{ "abandoned", "SELECT count(*) FROM call_outcome"
			       " WHERE outcome IN ('abandoned', 'short')" },
	};

	if (status != 0)
		tell_files(st);
	ck_assert_int_eq(status, 0);
	report = json_loads(text, 0, NULL);
	ck_assert_ptr_nonnull(report);
	for (unsigned i = 0; i < NELEM(same); i++) {
		json_int_t saw = figure(report, same[i].key);

		if (strcmp(same[i].key, "events") == 0)
			saw -= figure(report, "resent");
		if (saw != atoll(pg_server_ask(same[i].sql)))
			tell_files(st);
		ck_assert_msg(saw == atoll(pg_server_ask(same[i].sql)),
		    "%s: replay saw %" JSON_INTEGER_FORMAT ", books say %s",
		    same[i].key, saw, pg_server_ask(same[i].sql));
	}
	ck_assert_int_eq(figure(report, "uncommitted"), 0);
	json_decref(report);
}
