/*
 * sip_faults_test.c - what is between the telephone and the ticket dies and
 * comes back, in the middle of calls; and callers whom nobody should believe.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "test/support/pg_server.h"
#include "test/support/program.h"
#include "test/support/sip_bed.h"
#include "test/support/support.h"

static struct sip_bed bed;
static struct wire wang, li;
static struct baresip phone;

static void
up_with(const char *const defines[])
{
	memset(&phone, 0, sizeof(phone));
	memset(&wang, 0, sizeof(wang));
	memset(&li, 0, sizeof(li));
	sip_bed_up(&bed, defines, NULL);
}

static void
up(void)
{
	up_with(NULL);
}

static void
down(void)
{
	baresip_stop(&phone);
	wire_close(&wang);
	wire_close(&li);
	sip_bed_down(&bed);
}

static struct sipp
calls(const struct sipp_how *how)
{
	struct sipp s;

	sipp_start(&s, &bed.lab, how);
	return s;
}

static struct sipp
phone_at(const char *name, const char *scenario)
{
	struct sipp s = calls(&(struct sipp_how){ .scenario = scenario });

	sipp_register(&bed.lab, name, s.port);
	return s;
}

/* wang talks at baresip 801 to a caller who stays. */
static struct sipp
talking(const char *scenario)
{
	struct sipp caller;

	baresip_start(&phone, &bed.lab, "801", 60);
	sip_bed_agent(&bed, &wang, "wang", "801");
	caller = calls(
	    &(struct sipp_how){ .scenario = scenario, .from = "13800000001" });
	sip_bed_offered(&wang);
	baresip_expect(&phone, "CALL_INCOMING");
	baresip_tell(&phone, "accept", "");
	sip_bed_until_told("13800000001", "established");
	return caller;
}

/* ------------------------------------------------------------- the bridge */

START_TEST(the_bridge_dies_and_the_call_goes_on)
{
	struct sipp caller = talking("caller_hold");

	sip_bed_bridge_kill(&bed);
	baresip_tell(&phone, "hold", "");
	sip_bed_bridge(&bed);
	/* Seen in the switch's snapshot. */
	sip_bed_until_told("13800000001", "held");
	baresip_tell(&phone, "resume", "");
	sip_bed_until_told("13800000001", "retrieved");
	baresip_tell(&phone, "hangup", "");
	sipp_well(&caller);
	sip_bed_told("13800000001",
	    "offered queued delivered@801 established@801 held@801 "
	    "retrieved@801 call_cleared/normal/agent");
	ck_assert_str_eq(pg_server_ask("SELECT version >= 2::bigint << 32"
				       " FROM call"),
	    "t");
	sip_bed_state("wang", "working_after_call");
	sip_bed_outcome("13800000001", "answered in_progress");
}
END_TEST

START_TEST(the_bridge_dies_and_the_call_ends_meanwhile)
{
	struct sipp caller = talking("caller_wait");

	sip_bed_bridge_kill(&bed);
	baresip_tell(&phone, "hangup", "");
	sipp_well(&caller);
	sip_bed_bridge(&bed);
	sip_bed_told("13800000001",
	    "offered queued delivered@801 established@801 "
	    "call_cleared/switch_lost/switch");
	sip_bed_state("wang", "working_after_call");
	sip_bed_outcome("13800000001", "answered in_progress");
}
END_TEST

/* Callers who came while nobody listened are not lost. */
START_TEST(the_bridge_is_away_and_a_caller_comes)
{
	struct sipp agent = phone_at("801", "phone"), caller;

	sip_bed_agent(&bed, &wang, "wang", "801");
	sip_bed_bridge_kill(&bed);
	caller = calls(&(struct sipp_how){ .scenario = "caller",
	    .from = "13800000001",
	    .more = "X-Mashang-Menu: 2" });
	sip_bed_bridge(&bed);
	ck_assert(wire_is(sip_bed_offered(&wang)->menu, "2"));
	sipp_well(&caller);
	sipp_well(&agent);
	sip_bed_told("13800000001",
	    "offered queued delivered@801 established@801 "
	    "call_cleared/normal/caller");
}
END_TEST

/* ------------------------------------------------------------- the daemon */

START_TEST(the_daemon_dies_while_it_rings)
{
	struct sipp caller;

	baresip_start(&phone, &bed.lab, "801", 60);
	sip_bed_agent(&bed, &wang, "wang", "801");
	caller = calls(&(struct sipp_how){
	    .scenario = "caller_wait", .from = "13800000001" });
	sip_bed_offered(&wang);
	baresip_expect(&phone, "CALL_INCOMING");
	stack_daemon_kill(&bed.stack);
	baresip_tell(&phone, "accept", "");
	baresip_expect(&phone, "CALL_ESTABLISHED");
	stack_daemon_start(&bed.stack, NULL);
	sip_bed_until_told("13800000001", "established");
	wire_close(&wang);
	wire_agent(&wang, &bed.stack, "wang", "801");
	sip_bed_state("wang", "busy");
	baresip_tell(&phone, "hangup", "");
	sipp_well(&caller);
	sip_bed_told("13800000001",
	    "offered queued delivered@801 established@801 "
	    "call_cleared/normal/agent");
	sip_bed_state("wang", "working_after_call");
	sip_bed_until("answered",
	    "SELECT outcome FROM call_outcome"
	    " JOIN ticket t ON t.call_id = call_outcome.id");
}
END_TEST

/* ------------------------------------------------------------- the switch */

START_TEST(the_switch_restarts)
{
	struct sipp caller, later, agent;

	caller = talking("caller_wait");
	sip_lab_kill(&bed.lab);
	sip_lab_start(&bed.lab);
	sip_bed_told("13800000001",
	    "offered queued delivered@801 established@801 "
	    "call_cleared/switch_lost/switch");
	sip_bed_state("wang", "working_after_call");
	sipp_stop(&caller); /* its call is nobody's now */
	/* Phones come back, and the next call is served. */
	agent = phone_at("802", "phone");
	sip_bed_agent(&bed, &li, "li", "802");
	later = calls(
	    &(struct sipp_how){ .scenario = "caller", .from = "13800000002" });
	sip_bed_offered(&li);
	sipp_well(&later);
	sipp_well(&agent);
	sip_bed_told("13800000002",
	    "offered queued delivered@802 established@802 "
	    "call_cleared/normal/caller");
}
END_TEST

/* A new switch knows no phones; each comes back within its time. */
START_TEST(phones_come_back_to_a_new_switch)
{
	baresip_start(&phone, &bed.lab, "801", 4);
	sip_lab_kill(&bed.lab);
	sip_lab_start(&bed.lab);
	sip_lab_wait_phone(&bed.lab, "801", true);
}
END_TEST

/* A bridge that stands still must not stop SIP: it is told no more, and its
 * calls go on; when it reads again, it asks for all. */
START_TEST(a_bridge_that_does_not_read)
{
	struct sipp many, after, agent;
	char more[1600] = "X-Mashang-Data: a=";

	memset(more + strlen(more), 'x', 1500);
	many = calls(&(struct sipp_how){
	    .scenario = "caller_cancel", .from = "13800000003" });
	sipp_well(&many);
	sip_bed_outcome("13800000003", "short new"); /* it is connected */
	kill(bed.bridge, SIGSTOP);
	many = calls(&(struct sipp_how){ .scenario = "caller_cancel",
	    .from = "13800000001",
	    .calls = 4000, /* 8 MB of events: sockets hold some 3 */
	    .per_second = 400,
	    .pause_ms = 50,
	    .more = more });
	sipp_well(&many);
	kill(bed.bridge, SIGCONT);
	/* What it has missed is asked for, although nothing more comes. */
	sip_bed_until("true",
	    "SELECT (count(*) > 10 AND bool_and(state = 'ended'))::text"
	    " FROM call WHERE caller = '13800000001'");
	agent = phone_at("801", "phone");
	sip_bed_agent(&bed, &wang, "wang", "801");
	after = calls(
	    &(struct sipp_how){ .scenario = "caller", .from = "13800000002" });
	sip_bed_offered(&wang);
	sipp_well(&after);
	sipp_well(&agent);
	sip_bed_told("13800000002",
	    "offered queued delivered@801 established@801 "
	    "call_cleared/normal/caller");
}
END_TEST

static void
up_narrow(void)
{
	static const char *const defines[] = { "CTI_WINDOW=50", NULL };

	up_with(defines);
}

/* ------------------------------------------------------------- who may call */

START_TEST(strangers_and_their_words)
{
	struct sipp stranger =
	    calls(&(struct sipp_how){ .scenario = "caller_forbidden",
		.from = "13800000001",
		.address = LAB_STRANGERS });

	sipp_well(&stranger);
	/* Nor by a phone's name: its password is missing. */
	stranger = calls(&(struct sipp_how){ .scenario = "caller_forbidden",
	    .from = "805",
	    .address = LAB_STRANGERS });
	ck_assert_int_ne(sipp_status(&stranger), 0); /* 407 */
	/* Nor as if within a call, on to where the switch is trusted. */
	stranger = calls(&(struct sipp_how){ .scenario = "stranger_route",
	    .from = "13800000001",
	    .address = LAB_STRANGERS });
	sipp_well(&stranger);
	ck_assert_str_eq(pg_server_ask("SELECT count(*) FROM call"), "0");
}
END_TEST

START_TEST(what_a_line_says)
{
	static const struct {
		const char *more, *caller, *menu, *priority, *data;
	} rows[] = {
		{ "P-Asserted-Identity: \"Li\" <sip:13900000001@127.0.0.2>",
		    "13900000001", "", "", "" },
		{ "Privacy: id", "anonymous", "", "", "" },
		{ "X-Mashang-Menu: 3\r\nX-Mashang-Priority: 2\r\n"
		  "X-Mashang-Data: account=4711;language=%E4%B8%AD%E6%96%87;"
		  "note=a%3Bb",
		    "13800000001", "3", "2",
		    "{\"note\": \"a;b\", \"account\": \"4711\","
		    " \"language\": \"\344\270\255\346\226\207\"}" },
		{ "X-Mashang-Priority: 99\r\nX-Mashang-Data: ;;=;%",
		    "13800000001", "", "", "" },
	};

	for (unsigned i = 0; i < NELEM(rows); i++) {
		struct sipp s =
		    calls(&(struct sipp_how){ .scenario = "caller_cancel",
			.from = "13800000001",
			.more = rows[i].more });

		sipp_well(&s);
		sip_bed_until("0",
		    "SELECT count(*) - %u FROM call WHERE"
		    " state = 'ended'",
		    i + 1);
		sip_bed_until(rows[i].caller,
		    "SELECT caller FROM call ORDER BY began_at DESC LIMIT 1");
		sip_bed_until(rows[i].menu,
		    "SELECT menu FROM call ORDER BY began_at DESC LIMIT 1");
		sip_bed_until(rows[i].priority,
		    "SELECT priority FROM call ORDER BY began_at DESC LIMIT 1");
		sip_bed_until(rows[i].data,
		    "SELECT data FROM call_event WHERE kind = 'queued' ORDER BY"
		    " stream_seq DESC LIMIT 1");
	}
}
END_TEST

START_TEST(the_probe_says_what_is_there)
{
	const char *argv[] = { "mashang-bridge", "-c",
		stack_path(&bed.stack, "bridge.yaml"), "--probe", NULL };
	const char *said;

	ck_assert_int_eq(stack_run(&bed.stack, argv, "probe.txt", 20), 0);
	said = stack_file(&bed.stack, "probe.txt");
	ck_assert_ptr_nonnull(strstr(said, "ok kamailio 5."));
	ck_assert_ptr_nonnull(strstr(said, "ok longest wait: 7000 s"));
	ck_assert_ptr_nonnull(strstr(said, "register with a password"));
	sip_lab_kill(&bed.lab);
	ck_assert_int_eq(stack_run(&bed.stack, argv, "probe.txt", 20), 1);
	ck_assert_ptr_nonnull(
	    strstr(stack_file(&bed.stack, "probe.txt"), "missing tcp:"));
}
END_TEST

Suite *
sip_faults_suite(void)
{
	TCase *tc = tcase_create("faults"), *narrow = tcase_create("narrow");
	Suite *s = suite_of(tc, "sip_faults");

	tcase_set_timeout(tc, 120);
	tcase_add_unchecked_fixture(tc, pg_server_start, NULL);
	tcase_add_checked_fixture(tc, up, down);
	tcase_add_test(tc, the_bridge_dies_and_the_call_goes_on);
	tcase_add_test(tc, the_bridge_dies_and_the_call_ends_meanwhile);
	tcase_add_test(tc, the_bridge_is_away_and_a_caller_comes);
	tcase_add_test(tc, the_daemon_dies_while_it_rings);
	tcase_add_test(tc, the_switch_restarts);
	tcase_add_test(tc, phones_come_back_to_a_new_switch);
	tcase_add_test(tc, strangers_and_their_words);
	tcase_add_test(tc, what_a_line_says);
	tcase_add_test(tc, the_probe_says_what_is_there);
	tcase_set_timeout(narrow, 120);
	tcase_add_unchecked_fixture(narrow, pg_server_start, NULL);
	tcase_add_checked_fixture(narrow, up_narrow, down);
	tcase_add_test(narrow, a_bridge_that_does_not_read);
	suite_add_tcase(s, narrow);
	return s;
}
