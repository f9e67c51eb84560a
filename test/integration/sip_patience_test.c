/*
 * sip_patience_test.c - a caller who waits four minutes, longer than a switch
 * left to itself allows (180 s).
 *
 * The only test that takes its time: main.c runs it beside all others.
 */
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "test/support/pg_server.h"
#include "test/support/sip_bed.h"
#include "test/support/support.h"

#define WAIT_S 240

static struct sip_bed bed;
static struct wire wang;

static void
up(void)
{
	sip_bed_up(&bed, NULL, NULL);
}

static void
down(void)
{
	wire_close(&wang);
	sip_bed_down(&bed);
}

static unsigned
times(const char *text, const char *word)
{
	unsigned n = 0;

	while ((text = strstr(text, word)) != NULL) {
		n++;
		text += strlen(word);
	}
	return n;
}

START_TEST(a_caller_who_waits_four_minutes)
{
	struct sipp caller, agent;
	char trace[64];

	sipp_start(&caller, &bed.lab,
	    &(struct sipp_how){ .scenario = "caller",
		.from = "13800000001",
		.seconds = WAIT_S + 60,
		.trace = true });
	sip_bed_until_told("13800000001", "queued");
	poll(NULL, 0, WAIT_S * 1000); /* what this is about */
	sipp_start(&agent, &bed.lab, &(struct sipp_how){ .scenario = "phone" });
	sipp_register(&bed.lab, "801", agent.port);
	sip_bed_agent(&bed, &wang, "wang", "801");
	sip_bed_offered(&wang);
	sip_bed_was("wang", "busy");
	sipp_well(&caller);
	sipp_well(&agent);
	sip_bed_told("13800000001",
	    "offered queued delivered@801 established@801 "
	    "call_cleared/normal/caller");
	sip_bed_state("wang", "working_after_call");
	sip_bed_outcome("13800000001", "answered in_progress");
	ck_assert_str_eq(
	    pg_server_ask("SELECT wait_us >= 240000000 FROM call_outcome"),
	    "t");
	/* Once at once, then each minute, so that no proxy gives up. */
	snprintf(trace, sizeof(trace), "sip/caller-%u.msg", caller.port);
	ck_assert_uint_ge(
	    times(stack_file(&bed.stack, trace), "SIP/2.0 182 "), 4);
}
END_TEST

Suite *
sip_patience_suite(void)
{
	TCase *tc = tcase_create("patience");

	tcase_set_timeout(tc, WAIT_S + 120);
	tcase_add_unchecked_fixture(tc, pg_server_start, NULL);
	tcase_add_checked_fixture(tc, up, down);
	tcase_add_test(tc, a_caller_who_waits_four_minutes);
	return suite_of(tc, "sip_patience");
}
