/*
 * freeswitch_control_live_test.c - call control on a real FreeSWITCH, with real
 * phones (baresip): what agents and supervisors ask for, and what comes of it.
 */
#include <stdio.h>
#include <string.h>

#include "test/support/fs_lab.h"
#include "test/support/pg_server.h"
#include "test/support/support.h"

#define CALLER "13800000001"
#define ORDER(KIND) MASHANG__ORDER_KIND__ORDER_##KIND

static struct fs_lab lab;
static struct sip_bed *const bed = &lab.bed;
static struct wire wang, li, boss;
static struct baresip phone, other, third;
static struct sipp caller;
static unsigned char call_id[16];
static unsigned asked;

static void
up(void)
{
	memset(&wang, 0, sizeof(wang));
	memset(&li, 0, sizeof(li));
	memset(&boss, 0, sizeof(boss));
	memset(&phone, 0, sizeof(phone));
	memset(&other, 0, sizeof(other));
	memset(&third, 0, sizeof(third));
	memset(&caller, 0, sizeof(caller));
	fs_lab_up(&lab, false);
}

static void
down(void)
{
	wire_close(&wang);
	wire_close(&li);
	wire_close(&boss);
	baresip_stop(&phone);
	baresip_stop(&other);
	baresip_stop(&third);
	sipp_stop(&caller);
	fs_lab_down(&lab);
}

static ProtobufCBinaryData
new_op(void)
{
	static unsigned char op[16];

	memset(op, 0, sizeof(op));
	snprintf((char *)op, sizeof(op), "%u", ++asked);
	return (ProtobufCBinaryData){ sizeof(op), op };
}

/* It must be taken. */
static void
control(struct wire *w, Mashang__OrderKind kind, const char *number,
    const char *agent, const char *device)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__CallControl c = MASHANG__CALL_CONTROL__INIT;
	const Mashang__Envelope *got;

	c.call_id = (ProtobufCBinaryData){ sizeof(call_id), call_id };
	c.kind = kind;
	c.number = wire_bytes(number);
	c.agent = wire_bytes(agent);
	c.device = wire_bytes(device);
	e.op_id = new_op();
	e.body_case = MASHANG__ENVELOPE__BODY_CALL_CONTROL;
	e.call_control = &c;
	wire_send(w, &e);
	do {
		got = wire_next(w);
		ck_assert_ptr_nonnull(got);
		ck_assert_msg(got->body_case != MASHANG__ENVELOPE__BODY_ERROR,
		    "refused: %d", (int)got->error->code);
	} while (got->body_case != MASHANG__ENVELOPE__BODY_DONE);
}

/* wang talks to a caller who stays. */
static void
talking(void)
{
	const Mashang__Offer *o;

	baresip_start(&phone, &bed->lab, "801", 120);
	sip_bed_agent(bed, &wang, "wang", "801");
	sipp_start(&caller, &bed->lab,
	    &(struct sipp_how){ .scenario = "caller_wait", .from = CALLER });
	o = sip_bed_offered(&wang);
	ck_assert_uint_eq(o->call_id.len, sizeof(call_id));
	memcpy(call_id, o->call_id.data, sizeof(call_id));
	baresip_expect(&phone, "CALL_INCOMING");
	baresip_tell(&phone, "accept", "");
	sip_bed_until_told(CALLER, "established");
	sip_bed_state("wang", "busy");
}

static void
li_at_802(void)
{
	baresip_start(&other, &bed->lab, "802", 120);
	wire_agent(&li, &bed->stack, "li", "802");
}

/* Of the calls that are about the caller's: `consult 802 ended'. */
static void
until_second(const char *want)
{
	sip_bed_until(want,
	    "SELECT string_agg(c.relation || ' ' || c.state, ', ') FROM call c"
	    " WHERE c.related_call = (SELECT id FROM call WHERE caller = '%s')",
	    CALLER);
}

#define TALKED "offered queued delivered@801 established@801 "

START_TEST(held_and_taken_back)
{
	talking();
	control(&wang, ORDER(HOLD), "", "", "");
	sip_bed_until_told(CALLER, "held");
	control(&wang, ORDER(RETRIEVE), "", "", "");
	sip_bed_until_told(CALLER, "retrieved");
	control(&wang, ORDER(CLEAR), "", "", "");
	sipp_well(&caller);
	sip_bed_told(
	    CALLER, TALKED "held@801 retrieved@801 call_cleared/normal/agent");
}
END_TEST

START_TEST(held_at_the_phone)
{
	talking();
	baresip_tell(&phone, "hold", "");
	sip_bed_until_told(CALLER, "held");
	baresip_tell(&phone, "resume", "");
	sip_bed_until_told(CALLER, "retrieved");
	baresip_tell(&phone, "hangup", "");
	sipp_well(&caller);
	sip_bed_told(
	    CALLER, TALKED "held@801 retrieved@801 call_cleared/normal/agent");
}
END_TEST

START_TEST(transferred_to_an_agent)
{
	talking();
	li_at_802();
	control(&wang, ORDER(TRANSFER), "", "li", "");
	baresip_expect(&other, "CALL_INCOMING");
	baresip_tell(&other, "accept", "");
	sip_bed_until_told(CALLER, "transferred");
	baresip_expect(&phone, "CALL_CLOSED");
	sip_bed_state("wang", "working_after_call");
	baresip_tell(&other, "hangup", "");
	sipp_well(&caller);
	sip_bed_told(CALLER,
	    TALKED "held@801 transferred@802 call_cleared/normal/agent");
}
END_TEST

START_TEST(transferred_in_vain)
{
	talking();
	li_at_802();
	control(&wang, ORDER(TRANSFER), "", "li", "");
	baresip_expect(&other, "CALL_INCOMING");
	sip_bed_until_told(CALLER, "held");
	baresip_tell(&other, "hangup", "");
	sip_bed_until_told(CALLER, "retrieved");
	baresip_tell(&phone, "hangup", "");
	sipp_well(&caller);
	sip_bed_told(CALLER, TALKED "held@801 failed@802/busy retrieved@801 "
				    "call_cleared/normal/agent");
}
END_TEST

/* The way outside is one more phone. */
START_TEST(transferred_to_a_number)
{
	struct sipp outside;

	talking();
	sipp_start(&outside, &bed->lab,
	    &(struct sipp_how){
		.scenario = "phone_bye", .pause_ms = 1500, .port = lab.out });
	control(&wang, ORDER(TRANSFER), "+8613900000000", "", "");
	sip_bed_until_told(CALLER, "transferred");
	baresip_expect(&phone, "CALL_CLOSED");
	sipp_well(&outside);
	sipp_well(&caller);
	sip_bed_told(CALLER, TALKED "held@801 transferred@+8613900000000 "
				    "call_cleared/normal/agent");
}
END_TEST

START_TEST(taken_from_the_agent)
{
	talking();
	baresip_start(&other, &bed->lab, "802", 120);
	control(&wang, ORDER(REQUEUE), "", "", "");
	baresip_expect(&phone, "CALL_CLOSED");
	sip_bed_agent(bed, &li, "li", "802");
	sip_bed_offered(&li);
	baresip_expect(&other, "CALL_INCOMING");
	baresip_tell(&other, "accept", "");
	sip_bed_state("li", "busy");
	baresip_tell(&other, "hangup", "");
	sipp_well(&caller);
	sip_bed_told(CALLER, TALKED "queued delivered@802 established@802 "
				    "call_cleared/normal/agent");
}
END_TEST

/* wang asks li, the caller hears music. */
static void
consulting(void)
{
	talking();
	li_at_802();
	control(&wang, ORDER(CONSULT), "", "li", "");
	baresip_expect(&other, "CALL_INCOMING");
	sip_bed_until_told(CALLER, "held");
	baresip_tell(&other, "accept", "");
	until_second("consult established");
}

START_TEST(consulted_and_taken_back)
{
	consulting();
	control(&wang, ORDER(RETRIEVE), "", "", "");
	baresip_expect(&other, "CALL_CLOSED");
	sip_bed_until_told(CALLER, "retrieved");
	until_second("consult ended");
	baresip_tell(&phone, "hangup", "");
	sipp_well(&caller);
	sip_bed_told(
	    CALLER, TALKED "held@801 retrieved@801 call_cleared/normal/agent");
}
END_TEST

START_TEST(consulted_in_vain)
{
	talking();
	li_at_802();
	control(&wang, ORDER(CONSULT), "", "li", "");
	baresip_expect(&other, "CALL_INCOMING");
	baresip_tell(&other, "hangup", "");
	until_second("consult ended");
	control(&wang, ORDER(RETRIEVE), "", "", "");
	sip_bed_until_told(CALLER, "retrieved");
	baresip_tell(&phone, "hangup", "");
	sipp_well(&caller);
}
END_TEST

START_TEST(consulted_and_handed_over)
{
	consulting();
	control(&wang, ORDER(TRANSFER), "", "", "");
	baresip_expect(&phone, "CALL_CLOSED");
	sip_bed_until_told(CALLER, "transferred");
	until_second("consult ended");
	sip_bed_state("wang", "working_after_call");
	sip_bed_state("li", "busy");
	baresip_tell(&other, "hangup", "");
	sipp_well(&caller);
	sip_bed_told(CALLER,
	    TALKED "held@801 transferred@802 call_cleared/normal/agent");
}
END_TEST

START_TEST(all_three_in_a_room)
{
	consulting();
	control(&wang, ORDER(CONFERENCE), "", "", "");
	sip_bed_until_told(CALLER, "conferenced");
	until_second("consult ended");
	baresip_tell(&phone, "hangup", "");
	sip_bed_until_told(CALLER, "transferred");
	baresip_tell(&other, "hangup", "");
	sipp_well(&caller);
	sip_bed_told(CALLER, TALKED "held@801 conferenced@802 transferred@802 "
				    "call_cleared/normal/agent");
}
END_TEST

/* The caller gives up; the two go on. */
START_TEST(consulting_goes_on_without_the_caller)
{
	consulting();
	sipp_stop(&caller);
	fs_lab_api(&lab, "uuid_kill none");
	baresip_tell(&other, "hangup", "");
	baresip_expect(&phone, "CALL_CLOSED");
	until_second("consult ended");
}
END_TEST

static void
boss_in(void)
{
	Mashang__Hello h = MASHANG__HELLO__INIT;

	wire_open(&boss, &bed->stack);
	h.role = MASHANG__ROLE__ROLE_SUPERVISOR;
	h.login = wire_bytes("boss");
	wire_login(&boss, &h);
	baresip_start(&third, &bed->lab, "804", 120);
}

static void
listens(Mashang__OrderKind kind, const char *told)
{
	talking();
	boss_in();
	control(&boss, kind, "", "", "804");
	baresip_expect(&third, "CALL_INCOMING");
	baresip_tell(&third, "accept", "");
	baresip_expect(&third, "CALL_ESTABLISHED");
	if (kind == ORDER(BARGE))
		sip_bed_until_told(CALLER, "conferenced");
	baresip_tell(&third, "hangup", "");
	if (kind == ORDER(BARGE))
		sip_bed_until_told(CALLER, "connection_cleared");
	baresip_tell(&phone, "hangup", "");
	sipp_well(&caller);
	sip_bed_told(CALLER, told);
}

START_TEST(a_supervisor_listens)
{
	listens(ORDER(MONITOR), TALKED "call_cleared/normal/agent");
}
END_TEST

START_TEST(a_supervisor_whispers)
{
	listens(ORDER(WHISPER), TALKED "call_cleared/normal/agent");
}
END_TEST

START_TEST(a_supervisor_joins)
{
	listens(ORDER(BARGE),
	    TALKED "conferenced@804 connection_cleared@804/normal "
		   "call_cleared/normal/agent");
}
END_TEST

/* After a restart the bridge knows a consultation by its legs. */
START_TEST(the_bridge_is_killed_while_consulting)
{
	consulting();
	sip_bed_bridge_kill(bed);
	sip_bed_bridge(bed);
	sip_bed_until("1",
	    "SELECT count(*) FROM call WHERE state = 'held' AND caller = '%s'",
	    CALLER);
	baresip_tell(&other, "hangup", "");
	until_second("consult ended");
	baresip_tell(&phone, "hangup", "");
	sip_bed_until_told(CALLER, "queued");
}
END_TEST

Suite *
freeswitch_control_live_suite(void)
{
	TCase *tc = tcase_create("control");

	tcase_set_timeout(tc, 120);
	tcase_add_unchecked_fixture(tc, pg_server_start, NULL);
	tcase_add_checked_fixture(tc, up, down);
	tcase_add_test(tc, held_and_taken_back);
	tcase_add_test(tc, held_at_the_phone);
	tcase_add_test(tc, transferred_to_an_agent);
	tcase_add_test(tc, transferred_in_vain);
	tcase_add_test(tc, transferred_to_a_number);
	tcase_add_test(tc, taken_from_the_agent);
	tcase_add_test(tc, consulted_and_taken_back);
	tcase_add_test(tc, consulted_in_vain);
	tcase_add_test(tc, consulted_and_handed_over);
	tcase_add_test(tc, all_three_in_a_room);
	tcase_add_test(tc, consulting_goes_on_without_the_caller);
	tcase_add_test(tc, a_supervisor_listens);
	tcase_add_test(tc, a_supervisor_whispers);
	tcase_add_test(tc, a_supervisor_joins);
	tcase_add_test(tc, the_bridge_is_killed_while_consulting);
	return suite_of(tc, "freeswitch_control_live");
}
