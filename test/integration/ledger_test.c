/*
 * ledger_test.c - the ledger on a real PostgreSQL: rows folded, each once, and
 * units that PostgreSQL will not take.
 */
#include "test/support/ledger_bed.h"

#include <string.h>

/* ----------------------------------------------------------------- folding */

START_TEST(events_of_a_call_fold)
{
	give(event_unit(1, 1, "offered", "offered"), 1);
	give(event_unit(1, 2, "queued", "queued"), 2);
	give(event_unit(2, 1, "offered", "offered"), 3);
	give(event_unit(1, 3, "established", "established"), 4);
	wait_done(4);
	ck_ask("SELECT string_agg(seq || state, ' ' ORDER BY switch_call)"
	       " FROM call",
	    "3established 1offered");
	ck_ask("SELECT count(*) FROM call_event", "4");
	ck_ask("SELECT up_to FROM stream WHERE switch_id = 1 AND epoch = 9",
	    "201");
}
END_TEST

START_TEST(a_repeat_is_harmless)
{
	for (int i = 0; i < 2; i++) {
		struct ledger_unit *u =
		    ticket_unit(2000, 1, 1, NULL, "+8613812348000");

		put_note(u, 0, 1, 77);
		give(event_unit(1, 1, "offered", "offered"), 0);
		give(u, 0);
		wait_done(2 * i + 2);
	}
	ck_ask("SELECT (SELECT count(*) FROM call) || ' ' || (SELECT count(*)"
	       " FROM call_event) || ' ' || (SELECT count(*) FROM ticket) ||"
	       " ' ' || (SELECT count(*) FROM ticket_event) || ' ' ||"
	       " (SELECT count(*) FROM customer)",
	    "1 1 1 1 1");
	ck_err(dones[3].err, ERR_OK);
}
END_TEST

START_TEST(a_late_unit_undoes_nothing)
{
	struct ledger_unit *late = ledger_unit_new(l);
	struct call_row c = call_row(1, 2, "queued");

	c.queue_id = 7;
	c.queued_at = T0 + 5;
	ck_ok(ledger_put_call(late, &c));
	give(event_unit(1, 4, "ended", "call_cleared"), 1);
	give(ticket_unit(2000, 1, 3, "closed", ""), 2);
	wait_done(2);
	give(late, 3);
	give(ticket_unit(2000, 1, 2, "in_progress", ""), 4);
	wait_done(4);
	ck_ask("SELECT state || seq || ' ' || queue_id || ' ' || us(queued_at)"
	       " FROM call",
	    "ended4 7 1700000000000005");
	ck_ask("SELECT status || rev FROM ticket", "closed3");
}
END_TEST

START_TEST(one_customer_of_two_units)
{
	give(ticket_unit(2000, 0, 1, NULL, "+8613812348000"), 1);
	give(ticket_unit(2001, 0, 1, NULL, "+8613812348000"), 2);
	give(ticket_unit(2002, 0, 1, NULL, "anonymous"), 3);
	wait_done(3);
	give(ticket_unit(2003, 0, 1, NULL, "+8613812348000"), 4);
	wait_done(4);
	ck_ask("SELECT count(DISTINCT customer_id) || ' ' ||"
	       " count(customer_id) FROM ticket",
	    "2 4");
	ck_ask("SELECT count(*) FROM customer c JOIN customer_number n"
	       " ON n.customer_id = c.id WHERE c.since IS NOT NULL",
	    "2");
}
END_TEST

START_TEST(a_call_has_one_ticket)
{
	struct ledger_unit *u = ticket_unit(2001, 1, 2, "in_progress", "");

	put_note(u, 2001, 1, 11);
	give(ticket_unit(2000, 1, 1, NULL, ""), 1);
	give(u, 2);
	u = ticket_unit(2002, 1, 3, "closed", "");
	put_note(u, 2002, 1, 12);
	wait_done(2);
	give(u, 3);
	wait_done(3);
	ck_ask("SELECT id || status || rev FROM ticket", "2000closed3");
	ck_ask("SELECT string_agg(ticket_id || ':' || seq, ' ' ORDER BY seq)"
	       " FROM ticket_event",
	    "2000:1 2000:2");
}
END_TEST

START_TEST(all_kinds_of_rows_are_kept)
{
	struct ledger_unit *u = ledger_unit_new(l);
	struct offer_row o = { .id = 5,
		.call_id = id_n(1),
		.agent_id = 2,
		.queue_id = 3,
		.attempt = 1,
		.offered_at = T0 };
	struct agent_state_row s = { .agent_id = 2,
		.since = T0,
		.state = "reserved",
		.call_id = id_n(1),
		.source = STR_LIT("system") };
	struct audit_row a = { .key = id_n(9),
		.at = T0,
		.actor = STR_LIT("root"),
		.action = STR_LIT("look") };

	ck_ok(ledger_put_offer(u, &o));
	o.ended_at = T0 + 4;
	o.reason = "accepted";
	ck_ok(ledger_put_offer(u, &o));
	ck_ok(ledger_put_agent_state(u, &s));
	ck_ok(ledger_put_audit(u, &a));
	give(u, 1);
	wait_done(1);
	ck_err(dones[0].err, ERR_OK);
	ck_ask("SELECT reason || us(ended_at) - us(offered_at) FROM offer",
	    "accepted4");
	ck_ask("SELECT state || source || seq FROM agent_state",
	    "reservedsystem0");
	ck_ask("SELECT actor || action FROM audit", "rootlook");
}
END_TEST

/* -------------------------------------------------------------- bad units */

START_TEST(one_bad_unit_among_many)
{
	for (int i = 0; i < 500; i++)
		give(event_unit((uint32_t)i + 1, 1, "offered",
			 i == 333 ? "nonsense" : "offered"),
		    i);
	wait_done(500);
	check_order(500);
	for (int i = 0; i < 500; i++)
		ck_err(dones[i].err, i == 333 ? ERR_QUARANTINED : ERR_OK);
	ck_ask("SELECT count(*) FROM call", "499");
	ck_ask("SELECT sqlstate || (rows #>> '{1,row,kind}')"
	       " FROM event_quarantine",
	    "23514nonsense");
}
END_TEST

START_TEST(several_bad_units_and_bad_text)
{
	for (int i = 0; i < 64; i++) {
		struct ledger_unit *u =
		    event_unit((uint32_t)i + 1, 1, "offered", "offered");
		struct audit_row a = { .key = id_n((uint32_t)i),
			.at = T0,
			.actor = STR_LIT("bad \xff\x1b text") };

		if (i % 20 == 0)
			ck_ok(ledger_put_audit(u, &a));
		give(u, i);
	}
	wait_done(64);
	check_order(64);
	ck_ask("SELECT count(*) FROM event_quarantine", "4");
	ck_ask("SELECT count(*) FROM call", "60");
	ck_ask("SELECT count(*) FROM event_quarantine"
	       " WHERE rows::text ~ '[\\x01-\\x1f]'",
	    "0");
}
END_TEST

START_TEST(a_time_that_is_none)
{
	struct ledger_unit *u = ledger_unit_new(l);
	struct call_row c = call_row(1, 1, "offered");

	c.offered_at = -INT64_C(300000000000000000);
	ck_ok(ledger_put_call(u, &c));
	give(u, 0);
	wait_done(1);
	ck_err(dones[0].err, ERR_QUARANTINED);
	ck_ask("SELECT count(*) FROM event_quarantine", "1");
}
END_TEST

/* An error that comes only with the commit is the batch's all the same. */
START_TEST(an_error_at_the_commit)
{
	pg_server_ask("CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql"
		      " AS $$ BEGIN RAISE EXCEPTION 'no'"
		      " USING ERRCODE = '23514'; END $$");
	pg_server_ask("CREATE CONSTRAINT TRIGGER no AFTER INSERT ON call"
		      " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
		      " WHEN (NEW.switch_call = 'c3') EXECUTE FUNCTION no()");
	for (int i = 0; i < 5; i++)
		give(event_unit((uint32_t)i, 1, "offered", "offered"), i);
	wait_done(5);
	check_order(5);
	ck_err(dones[3].err, ERR_QUARANTINED);
	ck_err(dones[4].err, ERR_OK);
	ck_ask("SELECT count(*) FROM call", "4");
}
END_TEST

START_TEST(the_same_event_with_other_content)
{
	for (uint64_t digest = 1; digest <= 3; digest++) {
		struct ledger_unit *u = ledger_unit_new(l);
		struct call_event_row e = { .call_id = id_n(1),
			.seq = 1,
			.kind = "offered",
			.received_at = T0,
			.digest = digest / 2,
			.maybe_repeat = digest > 1 };

		ck_ok(ledger_put_call_event(u, &e));
		give(u, (int)digest - 1);
		wait_done((int)digest);
	}
	ck_err(dones[0].err, ERR_OK);       /* digest 0 */
	ck_err(dones[1].err, ERR_CONFLICT); /* digest 1 */
	ck_err(dones[2].err, ERR_CONFLICT); /* digest 1, told already */
	ck_ask("SELECT string_agg(digest::text, ' ') FROM call_event", "0");
	ck_ask("SELECT string_agg(action, ' ') FROM audit", "event_conflict");
}
END_TEST

Suite *
ledger_suite(void)
{
	TCase *tc = bed_case("ledger");

	tcase_add_test(tc, events_of_a_call_fold);
	tcase_add_test(tc, a_repeat_is_harmless);
	tcase_add_test(tc, a_late_unit_undoes_nothing);
	tcase_add_test(tc, one_customer_of_two_units);
	tcase_add_test(tc, a_call_has_one_ticket);
	tcase_add_test(tc, all_kinds_of_rows_are_kept);
	tcase_add_test(tc, one_bad_unit_among_many);
	tcase_add_test(tc, several_bad_units_and_bad_text);
	tcase_add_test(tc, a_time_that_is_none);
	tcase_add_test(tc, an_error_at_the_commit);
	tcase_add_test(tc, the_same_event_with_other_content);
	return suite_of(tc, "ledger");
}
