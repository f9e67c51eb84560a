/*
 * device_test.c - what switches tell of themselves and of their phones.
 */
#include "test/support/support.h"

#include <stdio.h>
#include <string.h>

#include "test/support/desk_bed.h"
#include "test/support/fake_ledger.h"

#define B(kind) ORDER_BIT(ORDER_##kind)

/* ---- a switch that only listens */

START_TEST(a_listening_bridge_s_calls_are_not_routed)
{
	const struct call_row *r;

	desk_switch_detach(bench.desk, &bench.sw, bench.now);
	bed_attach(0, NULL, 0);
	bed_page();
	bed_event("c", 1, CALL_EV_QUEUED, "");
	ck_told("");
	ASK(0, "c", CLEAR);
	ck_told("!refused ");
	bed_event("c", 2, CALL_EV_ESTABLISHED, "801"); /* by its own routing */
	ck_told("1=busy established:1 ");
	ck_assert_uint_eq(bench.can[1], 0);
	r = fake_ledger_row(
	    bench.ledger, ROW_CALL, fake_ledger_n(bench.ledger, ROW_CALL) - 1);
	ck_assert_uint_eq(r->queue_id, 1);
	ck_assert_uint_eq(r->agent_id, 1);
	ck_assert_uint_ge(fake_ledger_n(bench.ledger, ROW_TICKET_OF_CALL), 2);
	bed_event("c", 3, CALL_EV_CALL_CLEARED, "");
	ck_told("call_cleared:1 1=working_after_call 1=working_after_call ");
	ck_assert_uint_eq(fake_ledger_n(bench.ledger, ROW_OFFER), 0);
}
END_TEST

START_TEST(a_bridge_that_learns_to_connect_has_its_calls_routed)
{
	struct live_call live = { .call = STR_LIT("c"),
		.call_seq = 1,
		.kind = CALL_EV_QUEUED,
		.called = STR_LIT("4001") };

	desk_switch_detach(bench.desk, &bench.sw, bench.now);
	bed_attach(0, NULL, 0);
	bed_event("c", 1, CALL_EV_QUEUED, "");
	bed_page();
	desk_switch_detach(bench.desk, &bench.sw, bench.now);
	live.version = bench.version;
	bed_attach(ALL, &live, 1);
	ck_told("offer:1/q 1=reserved ");
	desk_switch_detach(bench.desk, &bench.sw, bench.now);
}
END_TEST

/* ---- phones */

static void
phone(const char *name, bool gone)
{
	const struct device_state s = { str_of(name), gone };

	desk_switch_devices(bench.sw, &s, 1, false, false, bench.now);
	bed_run();
}

START_TEST(without_a_phone_nobody_is_ready)
{
	phone("801", true);
	ck_told("1=not_ready(device_gone) ");
	phone("801", true);
	ck_told("");
	bed_event("c", 1, CALL_EV_QUEUED, "");
	ck_told("");
	phone("801", false);
	ck_told("1=ready offer:1/q 1=reserved ");
}
END_TEST

START_TEST(a_phone_goes_while_it_rings)
{
	struct desk_action a = bed_by(1);

	bed_event("c", 1, CALL_EV_QUEUED, "");
	ck_ok(desk_offer_shown(bench.desk, &a, bench.offer));
	bed_run();
	bed_result(ERR_OK);
	bed_event("c", 2, CALL_EV_DELIVERED, "801");
	bed_page();
	phone("801", true);
	ck_told("1=not_ready(device_gone) disconnect:c/801 device_failed:1 ");
}
END_TEST

START_TEST(a_phone_goes_in_a_call)
{
	bed_talking();
	phone("801", true);
	ck_told("1=busy,not_ready(device_gone) ");
	phone("801", false);
	ck_told("1=busy ");
	phone("801", true);
	bed_page();
	bed_event("c", 4, CALL_EV_CALL_CLEARED, "");
	bed_page();
	desk_tick(bench.desk, bench.now += 30 * S);
	ck_told("1=not_ready(device_gone) ");
	phone("801", false);
	ck_told("1=ready ");
}
END_TEST

/* Who wants to be ready after the call is, as soon as the phone is back. */
START_TEST(a_wish_to_be_ready_waits_for_the_phone)
{
	struct desk_action a = bed_by(1);
	struct wrap_up w = { .call = bed_id_of("c"),
		.next = AGENT_STATE_READY };

	bed_talking();
	bed_event("c", 4, CALL_EV_CALL_CLEARED, "");
	phone("801", true);
	bed_page();
	ck_ok(desk_wrap_up(bench.desk, &a, &w));
	ck_told("1=not_ready(device_gone) ");
	phone("801", false);
	ck_told("1=ready ");
}
END_TEST

START_TEST(a_reason_of_one_s_own_stays)
{
	struct desk_action a = bed_by(1);

	ck_ok(desk_set_state(
	    bench.desk, &a, AGENT_STATE_NOT_READY, STR_LIT("lunch")));
	bed_page();
	phone("801", true);
	phone("801", false);
	ck_told("");
	phone("801", true);
	a = bed_by(1);
	ck_ok(desk_set_state(bench.desk, &a, AGENT_STATE_READY, STR_LIT("")));
	ck_told("1=not_ready(device_gone) "); /* as soon as it is back */
	phone("801", false);
	ck_told("1=ready ");
}
END_TEST

START_TEST(who_is_not_in_a_whole_list_is_gone)
{
	const struct device_state s[] = { { STR_LIT("802"), false },
		{ STR_LIT("700"), true }, { STR_LIT("unheard"), true } };

	desk_switch_devices(bench.sw, s + 1, 2, true, true, bench.now);
	ck_told(""); /* not before its end */
	desk_switch_devices(bench.sw, s, 1, false, false, bench.now);
	ck_told("1=not_ready(device_gone) ");
	desk_switch_devices(bench.sw, NULL, 0, true, true, bench.now);
	desk_switch_detach(
	    bench.desk, &bench.sw, bench.now); /* in the middle of a list */
	bed_attach(ALL, NULL, 0);
	phone("801", false);
	ck_told("1=ready ");
}
END_TEST

/* ---- what the switch collected; who cannot lift by command */

START_TEST(data_is_gathered_for_the_offer)
{
	const struct pair first[] = { { STR_LIT("account"), STR_LIT("1") },
		{ STR_LIT("language"), STR_LIT("zh") } };
	const struct pair second[] = { { STR_LIT("account"), STR_LIT("42") },
		{ STR_LIT("language"), STR_LIT("") } };
	struct call_event ev = bed_an_event("c", 1, CALL_EV_OFFERED, "");

	ev.pairs = first;
	ev.n_pairs = 2;
	bed_say(ev);
	ev = bed_an_event("c", 2, CALL_EV_QUEUED, "");
	ev.pairs = second;
	ev.n_pairs = 2;
	bed_say(ev);
	ck_assert_str_eq(bench.data, "account=42 ");
}
END_TEST

START_TEST(data_has_its_limit)
{
	struct pair many[CALL_PAIRS_MAX];
	char keys[CALL_PAIRS_MAX][8];
	struct call_event ev;

	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < CALL_PAIRS_MAX; i++) {
			snprintf(keys[i], sizeof(keys[i]), "%d.%d", round, i);
			many[i] =
			    (struct pair){ str_of(keys[i]), STR_LIT("x") };
		}
		ev = bed_an_event("c", 1 + (uint32_t)round,
		    round == 0 ? CALL_EV_OFFERED : CALL_EV_QUEUED, "");
		ev.pairs = many;
		ev.n_pairs = CALL_PAIRS_MAX;
		bed_say(ev);
	}
	ck_assert_ptr_nonnull(strstr(bench.data, "0.0=x 0.1=x "));
	ck_assert_ptr_nonnull(strstr(bench.data, "0.31=x "));
	ck_assert_ptr_null(strstr(bench.data, "1.0"));
}
END_TEST

START_TEST(a_phone_that_takes_no_commands_is_lifted_by_hand)
{
	struct desk_action a = bed_by(1);

	desk_switch_detach(bench.desk, &bench.sw, bench.now);
	bed_attach(B(CONNECT) | B(DISCONNECT), NULL, 0);
	bed_page();
	bed_event("c", 1, CALL_EV_QUEUED, "");
	ck_told("offer:1/q/by_hand 1=reserved ");
	ck_ok(desk_offer_shown(bench.desk, &a, bench.offer));
	bed_run();
	a = bed_by(1);
	ck_err(desk_offer_accept(bench.desk, &a, bench.offer), ERR_REFUSED);
}
END_TEST

/* ---- lists */

static char listed[2048];

static bool
list_row(void *arg, const struct cell *c)
{
	const struct desk_list *l = arg;

	for (unsigned i = 0; i < l->n_columns; i++) {
		size_t len = strlen(listed);

		if (c[i].null)
			continue;
		if (l->columns[i].kind == CELL_TEXT)
			snprintf(listed + len, sizeof(listed) - len, "%s=%.*s ",
			    l->columns[i].name, STR_ARG(c[i].text));
		else
			snprintf(listed + len, sizeof(listed) - len, "%s=%d ",
			    l->columns[i].name, (int)c[i].number);
	}
	return true;
}

static const char *
list(const char *what)
{
	const struct desk_list *l = desk_list_find(str_of(what));

	listed[0] = '\0';
	ck_assert_ptr_nonnull(l);
	desk_list_rows(bench.desk, l, 0, bench.now, list_row,
	    (void *)(uintptr_t)(const void *)l);
	return listed;
}

START_TEST(switches_and_phones_are_listed)
{
	const struct switch_status s = { .version = STR_LIT("kamailio 5.6.3"),
		.trouble = STR_LIT("disk is full"),
		.connected = true,
		.spool_events = 7,
		.gaps = 1,
		.torn = 2,
		.unsaved = 3 };
	const char *text;

	bed_talking();
	desk_switch_status(bench.sw, &s);
	phone("803", true);
	text = list("switches");
	ck_assert_ptr_nonnull(strstr(text, "switch=sw attached=yes epoch=9 "));
	ck_assert_ptr_nonnull(strstr(text,
	    "driver=test version=kamailio 5.6.3 connected=yes listen_only=no "
	    "can=connect answer disconnect clear hold "));
	ck_assert_ptr_nonnull(
	    strstr(text, "spool=7 spool_bytes=0 gaps=1 torn=2 unsaved=3 "
			 "trouble=disk is full "));
	text = list("devices");
	ck_assert_ptr_nonnull(strstr(
	    text, "device=801 switch=sw reach=reachable agent=a1 call="));
	ck_assert_ptr_nonnull(strstr(text, "device=803 switch=sw reach=gone "));
	ck_assert_ptr_nonnull(
	    strstr(list("calls"), "can=clear monitor whisper barge requeue "));
}
END_TEST

Suite *
device_suite(void)
{
	TCase *tc = tcase_create("device");

	tcase_add_checked_fixture(tc, bed_up, bed_down);
	tcase_add_test(tc, a_listening_bridge_s_calls_are_not_routed);
	tcase_add_test(
	    tc, a_bridge_that_learns_to_connect_has_its_calls_routed);
	tcase_add_test(tc, without_a_phone_nobody_is_ready);
	tcase_add_test(tc, a_phone_goes_while_it_rings);
	tcase_add_test(tc, a_phone_goes_in_a_call);
	tcase_add_test(tc, a_wish_to_be_ready_waits_for_the_phone);
	tcase_add_test(tc, a_reason_of_one_s_own_stays);
	tcase_add_test(tc, who_is_not_in_a_whole_list_is_gone);
	tcase_add_test(tc, data_is_gathered_for_the_offer);
	tcase_add_test(tc, data_has_its_limit);
	tcase_add_test(tc, a_phone_that_takes_no_commands_is_lifted_by_hand);
	tcase_add_test(tc, switches_and_phones_are_listed);
	return suite_of(tc, "device");
}
