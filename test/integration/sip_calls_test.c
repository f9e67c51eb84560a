/*
 * sip_calls_test.c - real calls over a real switch, from the caller's INVITE to
 * the ticket: what both sides of SIP have seen, what is stored, how the agent
 * stands.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk/number.h"
#include "test/support/pg_server.h"
#include "test/support/sip_bed.h"
#include "test/support/support.h"

static struct sip_bed bed;
static struct wire wang, li;
static struct baresip phone, other;

static void
up(void)
{
	memset(&phone, 0, sizeof(phone));
	memset(&other, 0, sizeof(other));
	memset(&wang, 0, sizeof(wang));
	memset(&li, 0, sizeof(li));
	sip_bed_up(&bed, NULL, NULL);
}

static void
down(void)
{
	baresip_stop(&phone);
	baresip_stop(&other);
	wire_close(&wang);
	wire_close(&li);
	sip_bed_down(&bed);
}

/* A line's caller, following its script. */
static struct sipp
calls(const char *scenario, const char *number)
{
	struct sipp s;

	sipp_start(&s, &bed.lab,
	    &(struct sipp_how){ .scenario = scenario, .from = number });
	return s;
}

/* A phone at that name, following its script. */
static struct sipp
phone_at(const char *name, const char *scenario)
{
	struct sipp s;

	sipp_start(&s, &bed.lab, &(struct sipp_how){ .scenario = scenario });
	sipp_register(&bed.lab, name, s.port);
	return s;
}

START_TEST(answered)
{
	struct sipp agent = phone_at("801", "phone"), caller;

	sip_bed_agent(&bed, &wang, "wang", "801");
	caller = calls("caller", "13800000001");
	ck_assert(wire_is(sip_bed_offered(&wang)->caller, "13800000001"));
	sip_bed_was("wang", "busy");
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

	sip_bed_agent(&bed, &wang, "wang", "801");
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
	struct sipp caller = calls("caller_cancel", "13800000001");

	sipp_well(&caller);
	sip_bed_told(
	    "13800000001", "offered queued call_cleared/normal/caller");
	sip_bed_outcome("13800000001", "short new");
}
END_TEST

START_TEST(abandoned_while_it_rings)
{
	struct sipp agent = phone_at("801", "phone_rings"), caller;

	sip_bed_agent(&bed, &wang, "wang", "801");
	caller = calls("caller_cancel_ringing", "13800000001");
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
	struct sipp second = phone_at("802", "phone"), caller;

	sip_bed_agent(&bed, &wang, "wang", "801");
	sip_bed_agent(&bed, &li, "li", "802");
	caller = calls("caller", "13800000001");
	sip_bed_offered(&wang);
	ck_assert_int_eq(
	    WIRE_EXPECT(&wang, OFFER_ENDED)->offer_ended->reason, reason);
	sip_bed_state("wang", "not_ready");
	ck_assert_uint_eq(sip_bed_offered(&li)->attempt, 2);
	sip_bed_was("li", "busy");
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
	    "delivered@802 established@802 call_cleared/normal/caller");
}
END_TEST

START_TEST(busy_then_the_next)
{
	second_agent("phone_busy", MASHANG__OFFER_END_REASON__OFFER_DEVICE_BUSY,
	    "offered queued failed@801/busy delivered@802 established@802 "
	    "call_cleared/normal/caller");
}
END_TEST

START_TEST(declined_then_the_next)
{
	second_agent("phone_declines", MASHANG__OFFER_END_REASON__OFFER_REFUSED,
	    "offered queued failed@801/rejected delivered@802 established@802 "
	    "call_cleared/normal/caller");
}
END_TEST

START_TEST(held_from_the_phone)
{
	struct sipp caller;

	baresip_start(&phone, &bed.lab, "801", 60);
	sip_bed_agent(&bed, &wang, "wang", "801");
	caller = calls("caller_hold", "13800000001");
	sip_bed_offered(&wang);
	baresip_expect(&phone, "CALL_INCOMING");
	baresip_tell(&phone, "accept", "");
	sip_bed_until_told("13800000001", "established");
	baresip_tell(&phone, "hold", "");
	sip_bed_until_told("13800000001", "held");
	baresip_tell(&phone, "resume", "");
	sip_bed_until_told("13800000001", "retrieved");
	sip_bed_state("wang", "busy");
	baresip_tell(&phone, "hangup", "");
	sipp_well(&caller);
	sip_bed_state("wang", "working_after_call");
	sip_bed_told("13800000001",
	    "offered queued delivered@801 established@801 held@801 "
	    "retrieved@801 call_cleared/normal/agent");
	sip_bed_outcome("13800000001", "answered in_progress");
}
END_TEST

/* The agent's phone sends the customer's a REFER: the customer calls again, is
 * known as the same, and is routed anew. */
START_TEST(transferred_from_the_phone)
{
	struct baresip customer;
	char uri[64];

	snprintf(uri, sizeof(uri), "sip:4001@" LAB_PHONES ":%u", bed.lab.sip);
	baresip_start(&customer, &bed.lab, LAB_CUSTOMER, 60);
	baresip_start(&phone, &bed.lab, "801", 60);
	baresip_start(&other, &bed.lab, "802", 60);
	sip_bed_agent(&bed, &wang, "wang", "801");
	baresip_tell(&customer, "dial", uri);
	sip_bed_offered(&wang);
	baresip_expect(&phone, "CALL_INCOMING");
	baresip_tell(&phone, "accept", "");
	baresip_expect(&customer, "CALL_ESTABLISHED");
	sip_bed_agent(&bed, &li, "li", "802");
	baresip_tell(&phone, "transfer", uri);
	sip_bed_offered(&li);
	baresip_expect(&other, "CALL_INCOMING");
	baresip_tell(&other, "accept", "");
	sip_bed_state("li", "busy");
	sip_bed_state("wang", "working_after_call");
	baresip_expect(&phone, "CALL_CLOSED");
	baresip_tell(&other, "hangup", "");
	sip_bed_state("li", "working_after_call");
	sip_bed_until("wang ended, li ended",
	    "SELECT string_agg(a.name || ' ' || c.state, ', ' ORDER BY"
	    " c.began_at) FROM call c JOIN agent a ON a.id = c.agent_id"
	    " WHERE c.caller = '" LAB_CUSTOMER "'");
	baresip_stop(&customer);
}
END_TEST

/* A request of wang's; its reply must be Done. */
static void
ask(Mashang__Envelope *e, const char op[16])
{
	e->op_id = (ProtobufCBinaryData){ 16, (uint8_t *)(uintptr_t)op };
	wire_send(&wang, e);
	for (;;) {
		const Mashang__Envelope *r = wire_next(&wang);

		ck_assert_ptr_nonnull(r);
		if (r->op_id.len == 0)
			continue;
		ck_assert_msg(r->body_case == MASHANG__ENVELOPE__BODY_DONE,
		    "refused: %d",
		    r->body_case == MASHANG__ENVELOPE__BODY_ERROR
			? (int)r->error->code
			: -1);
		return;
	}
}

/* wang talks at 801 to a customer whose telephone is a baresip. */
static void
customer_talks(struct baresip *customer, uint8_t call_id[16])
{
	char uri[64];

	snprintf(uri, sizeof(uri), "sip:4001@" LAB_PHONES ":%u", bed.lab.sip);
	baresip_start(customer, &bed.lab, LAB_CUSTOMER, 60);
	baresip_start(&phone, &bed.lab, "801", 60);
	sip_bed_agent(&bed, &wang, "wang", "801");
	baresip_tell(customer, "dial", uri);
	memcpy(call_id, sip_bed_offered(&wang)->call_id.data, 16);
	baresip_expect(&phone, "CALL_INCOMING");
	baresip_tell(&phone, "accept", "");
	baresip_expect(customer, "CALL_ESTABLISHED");
	sip_bed_state("wang", "busy");
}

/* The switch asks the customer's telephone, by a REFER, to call li's phone. */
START_TEST(transferred_by_order)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__CallControl c = MASHANG__CALL_CONTROL__INIT;
	struct baresip customer;
	uint8_t call_id[16];

	customer_talks(&customer, call_id);
	baresip_start(&other, &bed.lab, "802", 60);
	wire_agent(&li, &bed.stack, "li", "802");
	c.call_id = (ProtobufCBinaryData){ sizeof(call_id), call_id };
	c.kind = MASHANG__ORDER_KIND__ORDER_TRANSFER;
	c.agent = wire_bytes("li");
	e.body_case = MASHANG__ENVELOPE__BODY_CALL_CONTROL;
	e.call_control = &c;
	ask(&e, "to li, over there");
	baresip_expect(&phone, "CALL_CLOSED");
	baresip_expect(&other, "CALL_INCOMING");
	baresip_tell(&other, "accept", "");
	sip_bed_state("wang", "working_after_call");
	sip_bed_state("li", "busy");
	baresip_tell(&other, "hangup", "");
	sip_bed_state("li", "working_after_call");
	sip_bed_told(LAB_CUSTOMER,
	    "offered queued delivered@801 established@801 transferred@802 "
	    "call_cleared/normal/agent");
	baresip_stop(&customer);
}
END_TEST

/* The agent's phone rings, is lifted, and calls the customer over the gateway;
 * then once more, and the customer is busy. */
START_TEST(called_back)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__Dial d = MASHANG__DIAL__INIT;
	struct sipp caller = calls("caller_cancel", "13800000001"), outside;

	sipp_well(&caller);
	sip_bed_outcome("13800000001", "short new");
	baresip_start(&phone, &bed.lab, "801", 60);
	wire_agent(&wang, &bed.stack, "wang", "801");
	sipp_start(&outside, &bed.lab,
	    &(struct sipp_how){ .scenario = "phone",
		.address = LAB_LINES,
		.port = bed.lab.gateway });
	d.ticket = number_of(
	    strtoull(pg_server_ask("SELECT id FROM ticket"), NULL, 10));
	d.relation = MASHANG__RELATION__RELATION_CALLBACK;
	e.body_case = MASHANG__ENVELOPE__BODY_DIAL;
	e.dial = &d;
	ask(&e, "call him back now");
	baresip_expect(&phone, "CALL_INCOMING");
	sip_bed_state("wang", "busy");
	baresip_tell(&phone, "accept", "");
	sip_bed_until("established",
	    "SELECT state FROM call WHERE relation = 'callback'");
	baresip_tell(&phone, "hangup", "");
	sipp_well(&outside);
	sip_bed_state("wang", "working_after_call");
	sip_bed_until(
	    "offered delivered@801 established@801 call_cleared/normal/agent",
	    "SELECT string_agg(kind || coalesce('@' || device, '') ||"
	    " coalesce('/' || cause, '') || coalesce('/' || party, ''), ' '"
	    " ORDER BY seq) FROM call_event WHERE call_id ="
	    " (SELECT id FROM call WHERE relation = 'callback')");
}
END_TEST

START_TEST(the_phone_goes_while_it_rings)
{
	struct sipp first = phone_at("801", "phone_rings");
	struct sipp second = phone_at("802", "phone"), caller;

	sip_bed_agent(&bed, &wang, "wang", "801");
	sip_bed_agent(&bed, &li, "li", "802");
	caller = calls("caller", "13800000001");
	sip_bed_offered(&wang);
	sip_bed_until_told("13800000001", "delivered");
	sipp_unregister(&bed.lab, "801", first.port);
	ck_assert_int_eq(WIRE_EXPECT(&wang, OFFER_ENDED)->offer_ended->reason,
	    MASHANG__OFFER_END_REASON__OFFER_DEVICE_FAILED);
	sip_bed_offered(&li);
	sipp_well(&first);
	sipp_well(&second);
	sipp_well(&caller);
	sip_bed_told("13800000001",
	    "offered queued delivered@801 failed@801/unreachable "
	    "delivered@802 established@802 call_cleared/normal/caller");
}
END_TEST

/* Whoever answers on the screen: the phone is told to lift itself. */
START_TEST(accepted_on_the_screen)
{
	struct sipp agent = phone_at("803", "phone_auto"), caller;
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__Accept accept = MASHANG__ACCEPT__INIT;
	unsigned char op[16] = "accept, once";

	sip_bed_agent(&bed, &wang, "zhang", "803");
	caller = calls("caller", "13800000001");
	accept.offer_id = sip_bed_offered(&wang)->offer_id;
	e.op_id = (ProtobufCBinaryData){ sizeof(op), op };
	e.body_case = MASHANG__ENVELOPE__BODY_ACCEPT;
	e.accept = &accept;
	wire_send(&wang, &e);
	sip_bed_was("zhang", "busy");
	sipp_well(&caller);
	sipp_well(&agent);
	sip_bed_told("13800000001",
	    "offered queued delivered@803 established@803 "
	    "call_cleared/normal/caller");
}
END_TEST

Suite *
sip_calls_suite(void)
{
	TCase *tc = tcase_create("calls");

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
	tcase_add_test(tc, held_from_the_phone);
	tcase_add_test(tc, transferred_from_the_phone);
	tcase_add_test(tc, transferred_by_order);
	tcase_add_test(tc, called_back);
	tcase_add_test(tc, the_phone_goes_while_it_rings);
	tcase_add_test(tc, accepted_on_the_screen);
	return suite_of(tc, "sip_calls");
}
