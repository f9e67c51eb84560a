/*
 * sip_calls_test.c - real calls over a real switch, from the caller's INVITE to
 * the ticket: what both sides of SIP have seen, what is stored, how the agent
 * stands.
 */
#include <stdio.h>
#include <string.h>

#include "test/support/pg_server.h"
#include "test/support/sip_bed.h"
#include "test/support/support.h"

#define AGENT(S) MASHANG__AGENT_STATE_KIND__AGENT_##S

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
	sip_bed_state(&wang, AGENT(BUSY));
	sipp_well(&caller);
	sipp_well(&agent);
	sip_bed_state(&wang, AGENT(WORKING_AFTER_CALL));
	sip_bed_told("13800000001",
	    "offered queued delivered@801 established@801 "
	    "call_cleared/normal/caller");
	sip_bed_outcome("13800000001", "answered in_progress");
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
	return suite_of(tc, "sip_calls");
}
