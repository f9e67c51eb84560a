/*
 * sip_load_test.c - two hundred calls a second through the switch: every one is
 * answered by an agent, and all of each is in the ledger.
 */
#include <stdio.h>
#include <string.h>

#include "test/support/crew.h"
#include "test/support/pg_server.h"
#include "test/support/sip_bed.h"
#include "test/support/support.h"

#define PER_SECOND 200
#define SECONDS 20
#define CALLS (PER_SECOND * SECONDS)
#define AGENTS (LAB_PHONE_LAST - LAB_PHONE_FIRST + 1)

static struct sip_bed bed;
static pid_t crew;

static void
start(void)
{
	pg_server_for_load();
	pg_server_start();
}

static void
up(void)
{
	char more[AGENTS * 48];
	int n = 0;

	for (int i = LAB_PHONE_FIRST; i <= LAB_PHONE_LAST; i++)
		n += snprintf(more + n, sizeof(more) - (size_t)n,
		    "  - {name: a%d, queues: [repair]}\n", i);
	sip_bed_up(&bed, NULL, more);
}

static void
down(void)
{
	crew_end(crew);
	sip_bed_down(&bed);
}

START_TEST(two_hundred_calls_a_second)
{
	struct sipp phones, callers;

	sipp_start(&phones, &bed.lab,
	    &(struct sipp_how){ .scenario = "phone_fast",
		.calls = CALLS,
		.seconds = 100 });
	sipp_register_many(&bed.lab, "801", AGENTS, phones.port);
	crew = crew_start(&bed.stack, LAB_PHONE_FIRST, AGENTS);
	sipp_start(&callers, &bed.lab,
	    &(struct sipp_how){ .scenario = "caller",
		.from = "13800000001",
		.calls = CALLS,
		.per_second = PER_SECOND,
		.pause_ms = 100,
		.seconds = 100 });
	sipp_well(&callers);
	sipp_well(&phones);
	sip_bed_until("4000 answered 0 open",
	    "SELECT count(*) FILTER (WHERE outcome = 'answered') ||"
	    " ' answered ' || count(*) FILTER (WHERE c.state <> 'ended') ||"
	    " ' open' FROM call c JOIN call_outcome USING (id)");
	ck_assert_str_eq(
	    pg_server_ask("SELECT count(*) FROM ticket"), "4000");
	/* No gap, nothing late, nothing beside. */
	ck_assert_str_eq(
	    pg_server_ask("SELECT string_agg(kind || ' ' || n, ', ' ORDER BY"
			  " kind) FROM (SELECT kind, count(*) n FROM call_event"
			  " WHERE flag IS NULL GROUP BY kind) k"),
	    "call_cleared 4000, delivered 4000, established 4000, "
	    "offered 4000, queued 4000");
	ck_assert_str_eq(pg_server_ask("SELECT count(*) FROM call_event"),
	    "20000");
}
END_TEST

Suite *
sip_load_suite(void)
{
	TCase *tc = tcase_create("load");

	tcase_set_timeout(tc, 240);
	tcase_add_unchecked_fixture(tc, start, NULL);
	tcase_add_checked_fixture(tc, up, down);
	tcase_add_test(tc, two_hundred_calls_a_second);
	return suite_of(tc, "sip_load");
}
