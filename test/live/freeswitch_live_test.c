/*
 * freeswitch_live_test.c - real calls over a real FreeSWITCH.
 */
#include <stdio.h>
#include <string.h>

#include "test/support/fs_lab.h"
#include "test/support/pg_server.h"
#include "test/support/support.h"

static struct fs_lab lab;
static struct sip_bed *const bed = &lab.bed;
static struct wire wang, li;

static void
up(void)
{
	memset(&wang, 0, sizeof(wang));
	memset(&li, 0, sizeof(li));
	fs_lab_up(&lab, false);
}

static void
down(void)
{
	wire_close(&wang);
	wire_close(&li);
	fs_lab_down(&lab);
}

static struct sipp
calls_for(unsigned ms, const char *scenario, const char *number)
{
	struct sipp s;

	sipp_start(&s, &bed->lab,
	    &(struct sipp_how){
		.scenario = scenario, .from = number, .pause_ms = ms });
	return s;
}

/* Long enough to be answered also by a switch that is busy. */
static struct sipp
calls(const char *scenario, const char *number)
{
	return calls_for(6000, scenario, number);
}

/* So soon that nobody counts it as abandoned. */
static struct sipp
gives_up(const char *number)
{
	return calls_for(3000, "caller", number);
}

static struct sipp
phone_at(const char *name, const char *scenario)
{
	struct sipp s;

	sipp_start(&s, &bed->lab,
	    &(struct sipp_how){ .scenario = scenario, .pause_ms = 1500 });
	sipp_register(&bed->lab, name, s.port);
	return s;
}

START_TEST(answered)
{
	struct sipp agent = phone_at("801", "phone"), caller;

	sip_bed_agent(bed, &wang, "wang", "801");
	caller = calls("caller", "13800000001");
	ck_assert(wire_is(sip_bed_offered(&wang)->caller, "13800000001"));
	sip_bed_state("wang", "busy");
	sipp_well(&caller);
	sipp_well(&agent);
	sip_bed_state("wang", "working_after_call");
	sip_bed_told("13800000001",
	    "offered queued delivered@801 established@801 "
	    "call_cleared/normal/caller");
	sip_bed_outcome("13800000001", "answered in_progress");
}
END_TEST

START_TEST(the_agent_hangs_up)
{
	struct sipp agent = phone_at("801", "phone_bye"), caller;

	sip_bed_agent(bed, &wang, "wang", "801");
	caller = calls("caller_wait", "13800000001");
	sip_bed_offered(&wang);
	sipp_well(&caller);
	sipp_well(&agent);
	sip_bed_state("wang", "working_after_call");
	sip_bed_told("13800000001",
	    "offered queued delivered@801 established@801 "
	    "call_cleared/normal/agent");
	sip_bed_outcome("13800000001", "answered in_progress");
}
END_TEST

START_TEST(abandoned_in_the_queue)
{
	struct sipp caller = gives_up("13800000001");

	sipp_well(&caller);
	sip_bed_told(
	    "13800000001", "offered queued call_cleared/normal/caller");
	sip_bed_outcome("13800000001", "short new");
}
END_TEST

START_TEST(abandoned_while_it_rings)
{
	struct sipp agent = phone_at("801", "phone_rings"), caller;

	sip_bed_agent(bed, &wang, "wang", "801");
	caller = gives_up("13800000001");
	sip_bed_offered(&wang);
	ck_assert_int_eq(WIRE_EXPECT(&wang, OFFER_ENDED)->offer_ended->reason,
	    MASHANG__OFFER_END_REASON__OFFER_CALLER_GONE);
	sip_bed_state("wang", "ready");
	sipp_well(&caller);
	sipp_well(&agent);
	sip_bed_told("13800000001",
	    "offered queued delivered@801 call_cleared/normal/caller");
	sip_bed_outcome("13800000001", "short new");
}
END_TEST

/* wang's phone fails as the script says; li takes the call. */
static void
second_agent(
    const char *scenario, Mashang__OfferEndReason reason, const char *told)
{
	struct sipp first = phone_at("801", scenario);
	struct sipp second = phone_at("802", "phone_bye"), caller;

	sip_bed_agent(bed, &wang, "wang", "801");
	sip_bed_agent(bed, &li, "li", "802");
	caller = calls("caller_wait", "13800000001");
	sip_bed_offered(&wang);
	ck_assert_int_eq(
	    WIRE_EXPECT(&wang, OFFER_ENDED)->offer_ended->reason, reason);
	sip_bed_state("wang", "not_ready");
	ck_assert_uint_eq(sip_bed_offered(&li)->attempt, 2);
	sip_bed_state("li", "busy");
	sipp_well(&first);
	sipp_well(&second);
	sipp_well(&caller);
	sip_bed_told("13800000001", told);
	sip_bed_outcome("13800000001", "answered in_progress");
}

START_TEST(no_answer_then_the_next)
{
	second_agent("phone_rings", MASHANG__OFFER_END_REASON__OFFER_NO_ANSWER,
	    "offered queued delivered@801 connection_cleared@801/normal "
	    "delivered@802 established@802 call_cleared/normal/agent");
}
END_TEST

START_TEST(busy_then_the_next)
{
	second_agent("phone_busy", MASHANG__OFFER_END_REASON__OFFER_DEVICE_BUSY,
	    "offered queued failed@801/busy delivered@802 established@802 "
	    "call_cleared/normal/agent");
}
END_TEST

START_TEST(declined_then_the_next)
{
	second_agent("phone_declines", MASHANG__OFFER_END_REASON__OFFER_REFUSED,
	    "offered queued failed@801/rejected delivered@802 established@802 "
	    "call_cleared/normal/agent");
}
END_TEST

/* A phone that nobody has registered: only the originate tells. */
START_TEST(a_phone_that_is_not_there)
{
	struct sipp second = phone_at("802", "phone_bye"), caller;

	sip_bed_agent(bed, &wang, "wang", "801");
	sip_bed_agent(bed, &li, "li", "802");
	caller = calls("caller_wait", "13800000001");
	sip_bed_offered(&wang);
	ck_assert_int_eq(WIRE_EXPECT(&wang, OFFER_ENDED)->offer_ended->reason,
	    MASHANG__OFFER_END_REASON__OFFER_DEVICE_FAILED);
	sip_bed_offered(&li);
	sipp_well(&second);
	sipp_well(&caller);
	sip_bed_told("13800000001",
	    "offered queued failed@801/unreachable delivered@802 "
	    "established@802 call_cleared/normal/agent");
}
END_TEST

/* The menu's choice and what the caller brings are with the offer. */
START_TEST(what_the_caller_brings)
{
	struct sipp caller;
	const Mashang__Offer *o;

	sip_bed_agent(bed, &wang, "wang", "801");
	sipp_start(&caller, &bed->lab,
	    &(struct sipp_how){ .scenario = "caller",
		.from = "13800000001",
		.pause_ms = 3000,
		.more = "X-Menu: 2/1" });
	o = sip_bed_offered(&wang);
	ck_assert(wire_is(o->menu, "2/1"));
	ck_assert(wire_is(o->called, "4001"));
	sipp_well(&caller);
}
END_TEST

/* -------------------------------------------------------------------- faults */

static void
until_live(const char *caller)
{
	sip_bed_until_told(caller, "established");
	sip_bed_state("wang", "busy");
}

START_TEST(the_bridge_is_killed_in_a_call)
{
	struct sipp agent = phone_at("801", "phone"), caller;

	sip_bed_agent(bed, &wang, "wang", "801");
	caller = calls("caller", "13800000001");
	sip_bed_offered(&wang);
	until_live("13800000001");
	sip_bed_bridge_kill(bed);
	sip_bed_bridge(bed);
	sipp_well(&caller);
	sipp_well(&agent);
	sip_bed_told("13800000001",
	    "offered queued delivered@801 established@801 "
	    "call_cleared/normal/caller");
}
END_TEST

/* It rings when the bridge dies, and is lifted while there is none. */
START_TEST(the_bridge_is_killed_while_it_rings)
{
	struct sipp agent = phone_at("801", "phone"), caller;

	sip_bed_agent(bed, &wang, "wang", "801");
	caller = calls("caller", "13800000001");
	sip_bed_offered(&wang);
	sip_bed_until_told("13800000001", "delivered");
	sip_bed_bridge_kill(bed);
	sip_bed_bridge(bed);
	until_live("13800000001");
	sipp_well(&caller);
	sipp_well(&agent);
	sip_bed_told("13800000001",
	    "offered queued delivered@801 established@801 "
	    "call_cleared/normal/caller");
}
END_TEST

/* Who came while nobody looked waits all the same. */
START_TEST(a_caller_comes_while_the_bridge_is_down)
{
	struct sipp agent = phone_at("801", "phone"), caller;

	sip_bed_agent(bed, &wang, "wang", "801");
	sip_bed_bridge_kill(bed);
	caller = calls("caller", "13800000001");
	while (strstr(fs_lab_api(&lab, "show channels"), "mashang") == NULL)
		;
	sip_bed_bridge(bed);
	sip_bed_offered(&wang);
	until_live("13800000001");
	sipp_well(&caller);
	sipp_well(&agent);
	sip_bed_told("13800000001",
	    "offered queued delivered@801 established@801 "
	    "call_cleared/normal/caller");
}
END_TEST

START_TEST(the_switch_is_killed)
{
	struct sipp agent = phone_at("801", "phone"), caller;

	sip_bed_agent(bed, &wang, "wang", "801");
	caller = calls("caller_wait", "13800000001");
	sip_bed_offered(&wang);
	until_live("13800000001");
	fs_lab_kill(&lab);
	fs_lab_start(&lab);
	sip_bed_told("13800000001",
	    "offered queued delivered@801 established@801 "
	    "call_cleared/switch_lost/switch");
	sip_bed_state("wang", "working_after_call");
	sipp_stop(&caller);
	sipp_stop(&agent);
	caller = calls("caller", "13800000002");
	sipp_well(&caller);
	sip_bed_told(
	    "13800000002", "offered queued call_cleared/normal/caller");
}
END_TEST

/* Nobody moves mashang_until on: the dialplan sends the caller elsewhere. */
START_TEST(the_switch_takes_over_without_a_bridge)
{
	struct sipp caller;

	sip_bed_bridge_kill(bed);
	fs_lab_api(&lab, "global_setvar mashang_until=1");
	caller = calls("caller_wait", "13800000001");
	while (strstr(fs_lab_api(&lab, "show channels"), "operator") == NULL)
		;
	sipp_stop(&caller);
}
END_TEST

Suite *
freeswitch_live_suite(void)
{
	TCase *tc = tcase_create("calls"), *faults = tcase_create("faults");
	Suite *s = suite_of(tc, "freeswitch_live");

	tcase_set_timeout(tc, 120);
	tcase_add_unchecked_fixture(tc, pg_server_start, NULL);
	tcase_add_checked_fixture(tc, up, down);
	tcase_add_test(tc, answered);
	tcase_add_test(tc, the_agent_hangs_up);
	tcase_add_test(tc, abandoned_in_the_queue);
	tcase_add_test(tc, abandoned_while_it_rings);
	tcase_add_test(tc, no_answer_then_the_next);
	tcase_add_test(tc, busy_then_the_next);
	tcase_add_test(tc, declined_then_the_next);
	tcase_add_test(tc, a_phone_that_is_not_there);
	tcase_add_test(tc, what_the_caller_brings);
	tcase_set_timeout(faults, 120);
	tcase_add_unchecked_fixture(faults, pg_server_start, NULL);
	tcase_add_checked_fixture(faults, up, down);
	tcase_add_test(faults, the_bridge_is_killed_in_a_call);
	tcase_add_test(faults, the_bridge_is_killed_while_it_rings);
	tcase_add_test(faults, a_caller_comes_while_the_bridge_is_down);
	tcase_add_test(faults, the_switch_is_killed);
	tcase_add_test(faults, the_switch_takes_over_without_a_bridge);
	suite_add_tcase(s, faults);
	return s;
}
