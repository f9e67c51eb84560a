/*
 * freeswitch_back_live_test.c - on a real FreeSWITCH: who waits is told the
 * place, who has waited too long is called back, the customer or the agent
 * first.
 */
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "test/support/fs_lab.h"
#include "test/support/pg_server.h"
#include "test/support/program.h"
#include "test/support/support.h"

#define CALLER "13800000001"
#define E164 "+8613800000001"

static struct fs_lab lab;
static struct sip_bed *const bed = &lab.bed;
static struct wire wang;
static struct sipp phone, caller, customer;

static void
up(void)
{
	memset(&wang, 0, sizeof(wang));
	memset(&phone, 0, sizeof(phone));
	memset(&caller, 0, sizeof(caller));
	memset(&customer, 0, sizeof(customer));
	fs_lab_up(&lab, false);
}

static void
down(void)
{
	wire_close(&wang);
	sipp_stop(&phone);
	sipp_stop(&caller);
	sipp_stop(&customer);
	fs_lab_down(&lab);
}

/* The queue with these rules more. */
static void
rules(const char *more)
{
	char text[1024];

	snprintf(text, sizeof(text),
	    "queues: [{name: repair, ring: 5s, wrap_up: 0s, %s}]\n"
	    "numbers: [{called: '4001', queue: repair}]\n"
	    "dialling: {allow: ['+86'], show: '4001'}\n"
	    "agents: [{name: wang, queues: [repair]}]\n"
	    "devices: [{name: '801', switch: main}]\n",
	    more);
	stack_write(&bed->stack, "hotline.yaml", text);
	mashang(&bed->stack, 0, "admin", "apply", "--yes",
	    stack_path(&bed->stack, "hotline.yaml"), NULL);
}

static void
phone_at(const char *name, const char *scenario)
{
	sipp_start(&phone, &bed->lab,
	    &(struct sipp_how){ .scenario = scenario, .pause_ms = 1500 });
	sipp_register(&bed->lab, name, phone.port);
}

static void
calls(struct sipp *s, const char *scenario, const char *number)
{
	sipp_start(s, &bed->lab,
	    &(struct sipp_how){
		.scenario = scenario, .from = number, .pause_ms = 2000 });
}

/* ------------------------------------------------------------ the place, told */

static void
until_said(const char *words)
{
	while (!fs_lab_said(&lab, words)) /* the test's own time limits it */
		poll(NULL, 0, 50);
}

START_TEST(the_place_is_told)
{
	struct sipp second;

	rules("announce: 1s");
	calls(&caller, "caller_wait", CALLER);
	sip_bed_until_told(CALLER, "queued");
	calls(&second, "caller_wait", "13800000002");
	/* Before each music, so as soon as the first is over. */
	until_said("told place=1 wait=- end");
	until_said("told place=2 wait=- end");
	sipp_stop(&second);
}
END_TEST

/* ---------------------------------------------------------------- called back */

static void
until_work(const char *want)
{
	sip_bed_until(want,
	    "SELECT string_agg(concat_ws(' ', w.kind, w.state, w.why, a.name),"
	    " '; ') FROM work w LEFT JOIN agent a ON a.id = w.agent_id");
}

/* Waits in vain, and is let go with a promise. */
static void
waits_too_long(const char *first)
{
	char more[256];

	snprintf(more, sizeof(more),
	    "max_wait: 2s, after_max_wait: callback, "
	    "callback: {first: %s, retries: 3, every: 10m, expires: 8h}",
	    first);
	rules(more);
	calls(&caller, "caller_wait", CALLER);
	sipp_well(&caller);
	sip_bed_told(CALLER, "offered queued call_cleared/called_back/switch");
	until_work("callback waiting");
}

static void
customer_at(const char *scenario)
{
	sipp_start(&customer, &bed->lab,
	    &(struct sipp_how){
		.scenario = scenario, .pause_ms = 1500, .port = lab.out });
}

/* Of the call that came of it. */
static void
until_back(const char *want)
{
	sip_bed_until(want,
	    "SELECT string_agg(e.kind || coalesce('@' || e.device, '') ||"
	    " coalesce('/' || e.cause, '') || coalesce('/' || e.party, ''), ' '"
	    " ORDER BY e.seq) FROM call_event e JOIN call c ON c.id ="
	    " e.call_id WHERE c.relation = 'callback'");
}

START_TEST(the_customer_first)
{
	waits_too_long("customer");
	customer_at("phone_bye");
	phone_at("801", "phone");
	sip_bed_agent(bed, &wang, "wang", "801");
	ck_assert(wire_is(sip_bed_offered(&wang)->caller, E164));
	sip_bed_state("wang", "busy");
	sipp_well(&customer);
	sipp_well(&phone);
	until_back("offered queued delivered@801 established@801 "
		   "call_cleared/normal/caller");
	until_work("callback done reached");
	sip_bed_state("wang", "working_after_call");
}
END_TEST

START_TEST(the_customer_first_does_not_answer)
{
	waits_too_long("customer");
	customer_at("phone_busy");
	sip_bed_agent(bed, &wang, "wang", "801");
	sipp_well(&customer);
	until_back("offered failed/busy call_cleared/busy/switch");
	until_work("callback waiting busy");
	sip_bed_state("wang", "ready");
}
END_TEST

static void
accepts(void)
{
	wire_accept(&wang, sip_bed_offered(&wang)->offer_id);
	until_work("callback taken wang");
}

START_TEST(the_agent_first)
{
	waits_too_long("agent");
	customer_at("phone_bye");
	phone_at("801", "phone");
	sip_bed_agent(bed, &wang, "wang", "801");
	accepts();
	sipp_well(&customer);
	sipp_well(&phone);
	until_back("offered delivered@801 established@801 "
		   "call_cleared/normal/caller");
	until_work("callback done reached wang");
	sip_bed_state("wang", "working_after_call");
}
END_TEST

START_TEST(the_agent_first_in_vain)
{
	waits_too_long("agent");
	customer_at("phone_busy");
	phone_at("801", "phone");
	sip_bed_agent(bed, &wang, "wang", "801");
	accepts();
	sipp_well(&customer);
	sipp_well(&phone);
	until_back("offered delivered@801 call_cleared/busy/switch");
	until_work("callback waiting busy wang");
}
END_TEST

/* The customer rings, or waits, when the bridge dies. */
START_TEST(the_bridge_is_killed_calling_back)
{
	waits_too_long("customer");
	customer_at("phone_bye");
	phone_at("801", "phone");
	sip_bed_agent(bed, &wang, "wang", "801");
	sip_bed_until(
	    "1", "SELECT count(*) FROM call WHERE relation = 'callback'");
	sip_bed_bridge_kill(bed);
	sip_bed_bridge(bed);
	sip_bed_offered(&wang);
	sipp_well(&customer);
	sipp_well(&phone);
	until_work("callback done reached");
}
END_TEST

Suite *
freeswitch_back_live_suite(void)
{
	TCase *tc = tcase_create("back");

	tcase_set_timeout(tc, 120);
	tcase_add_unchecked_fixture(tc, pg_server_start, NULL);
	tcase_add_checked_fixture(tc, up, down);
	tcase_add_test(tc, the_place_is_told);
	tcase_add_test(tc, the_customer_first);
	tcase_add_test(tc, the_customer_first_does_not_answer);
	tcase_add_test(tc, the_agent_first);
	tcase_add_test(tc, the_agent_first_in_vain);
	tcase_add_test(tc, the_bridge_is_killed_calling_back);
	return suite_of(tc, "freeswitch_back_live");
}
