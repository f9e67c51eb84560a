/*
 * incident_test.c - a service desk's log, row by row, and the reasons why two
 * verdicts differ.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "replay/incident_report.h"
#include "test/support/support.h"

#define LOG "incident-events-sample.csv"
/* Other columns, and another order, than the real log's. */
#define HEADING                                                             \
	"number,made_sla,caller_id,opened_at,sys_updated_at,colour,"        \
	"incident_state,priority,assignment_group,assigned_to,resolved_at," \
	"closed_at\n"
#define MINUTE (60 * CLOCK_S)
#define DAY (1440 * MINUTE)

static char text[8192];
static char *said; /* what was told about faults */
static size_t said_len;

static enum err
parse_whole(const char *whole, struct incident_log **out)
{
	FILE *errors;
	enum err e;

	free(said);
	said = NULL;
	errors = open_memstream(&said, &said_len);
	snprintf(text, sizeof(text), "%s", whole);
	e = incident_parse("log", text, strlen(text), errors, out);
	fclose(errors);
	return e;
}

static enum err
parse(const char *rows, struct incident_log **out)
{
	char whole[sizeof(text)];

	snprintf(whole, sizeof(whole), "%s%s", HEADING, rows);
	return parse_whole(whole, out);
}

/* A row of an incident that was opened at 08:00; times of that day. */
#define ROW(time, state, group, to) \
	ROW_OF("A", "1/3/2016 " time, state, "3 - Moderate", group, to, "?")
#define ROW_OF(number, time, state, priority, group, to, resolved) \
	number ",true,Caller 1,1/3/2016 08:00," time ",red," state \
	       "," priority "," group "," to "," resolved ",?\n"

static struct incident_log *
log_of(const char *rows)
{
	struct incident_log *log = NULL;

	ck_assert_msg(parse(rows, &log) == ERR_OK, "%s", said);
	return log;
}

/* "08:00 open G; 08:00 priority 3; ..." */
static const char *
steps_of(const struct incident_log *log)
{
	static char out[4096];
	size_t n = 0;

	out[0] = '\0';
	for (size_t i = 0; i < log->n_steps; i++) {
		const struct incident_step *s = &log->steps[i];
		int64_t minute = s->at % DAY / MINUTE;

		n += (size_t)snprintf(out + n, sizeof(out) - n,
		    "%s%02d:%02d %s", i > 0 ? "; " : "", (int)(minute / 60),
		    (int)(minute % 60), incident_step_word(s->kind));
		if (s->priority != 0)
			n += (size_t)snprintf(
			    out + n, sizeof(out) - n, " %u", s->priority);
		if (s->group.len > 0)
			n += (size_t)snprintf(out + n, sizeof(out) - n, " %.*s",
			    STR_ARG(s->group));
		if (s->resolver.len > 0)
			n += (size_t)snprintf(out + n, sizeof(out) - n,
			    " to %.*s", STR_ARG(s->resolver));
	}
	return out;
}

#define OPENED "08:00 open G; 08:00 priority 3; "

static void
ck_steps(const char *rows, const char *steps)
{
	struct incident_log *log = log_of(rows);

	ck_assert_str_eq(steps_of(log), steps);
	incident_log_free(&log);
}

/* --------------------------------------------------------------- the sample */

START_TEST(the_sample_is_read_whole)
{
	const char *file = test_data(LOG);
	unsigned kinds[STEP_NKINDS] = { 0 }, missed = 0;
	struct incident_log *log;

	if (file == NULL)
		test_skip("no " LOG);
	ck_ok(incident_read(file, stderr, &log));
	ck_assert_uint_eq(log->rows, 198);
	ck_assert_uint_eq(log->n_incidents, 32);
	for (size_t i = 0; i < log->n_steps; i++) {
		kinds[log->steps[i].kind]++;
		ck_assert(i == 0 || log->steps[i - 1].at <= log->steps[i].at);
	}
	for (size_t i = 0; i < log->n_incidents; i++)
		missed += !log->incidents[i].made_sla;
	ck_assert_uint_eq(missed, 6);
	ck_assert_uint_eq(kinds[STEP_OPEN], 32);
	/* One was raised from 3 to 2. */
	ck_assert_uint_eq(kinds[STEP_PRIORITY], 33);
	ck_assert_uint_eq(kinds[STEP_ACKNOWLEDGE], 32);
	ck_assert_uint_eq(kinds[STEP_WAIT_CUSTOMER], 7);
	ck_assert_uint_eq(kinds[STEP_WAIT_OTHERS], 1);
	ck_assert_uint_eq(kinds[STEP_RESOLVE], 32);
	ck_assert_uint_eq(kinds[STEP_CLOSE], 32);
	ck_assert_uint_eq(kinds[STEP_REOPEN], 0);
	/* One was resolved later than its row; one has no end. */
	ck_assert_uint_eq(log->n_corrections, 2);
	ck_assert_uint_eq(log->corrections[0].line, 3);
	ck_assert_uint_eq(log->corrections[1].line, 199);
	ck_assert(log->incidents[31].cut);
	ck_assert_int_eq(log->incidents[0].resolved_at,
	    log->incidents[0].opened_at + (10 * 60 + 13) * MINUTE);
	incident_log_free(&log);
}
END_TEST

/* -------------------------------------------------------------------- steps */

START_TEST(a_life_in_steps)
{
	ck_steps(ROW("08:05", "New", "G", "?") ROW("08:10", "New", "H", "?")
		     ROW("08:20", "Active", "H", "Ann")
			 ROW("08:30", "Active", "H", "Ann")
			     ROW("08:40", "Awaiting User Info", "H", "?")
				 ROW("08:50", "Active", "H", "Bob")
				     ROW("09:00", "Resolved", "H", "Bob")
					 ROW("10:00", "Closed", "H", "Bob"),
	    OPENED "08:10 assign H; 08:20 assign to Ann; 08:20 acknowledge; "
		   "08:40 assign to -; 08:40 wait for the customer; "
		   "08:50 assign to Bob; 08:50 resume; 09:00 resolve; "
		   "10:00 close");
}
END_TEST

START_TEST(whatever_comes_after_whatever)
{
	/* Assigned is a sign of work, too. */
	ck_steps(ROW("08:05", "New", "G", "Ann"),
	    OPENED "08:05 assign to Ann; 08:05 acknowledge");
	ck_steps(ROW("08:05", "Resolved", "G", "?"),
	    OPENED "08:05 acknowledge; 08:05 resolve");
	ck_steps(ROW("08:05", "Closed", "G", "?"),
	    OPENED "08:05 acknowledge; 08:05 resolve; 08:05 close");
	ck_steps(ROW("08:05", "Awaiting Vendor", "G", "?")
		     ROW("08:06", "Awaiting Problem", "G", "?")
			 ROW("08:07", "Awaiting User Info", "G", "?")
			     ROW("08:08", "Awaiting Evidence", "G", "?")
				 ROW("08:09", "New", "G", "?"),
	    OPENED "08:05 acknowledge; 08:05 wait for others; 08:07 resume; "
		   "08:07 wait for the customer; 08:08 resume; "
		   "08:08 wait for others; 08:09 resume");
	ck_steps(ROW("08:05", "Awaiting Vendor", "G", "?") ROW("08:06",
		     "Closed", "G", "?") ROW("08:07", "Resolved", "G", "?")
		     ROW("08:08", "Awaiting User Info", "G", "?"),
	    OPENED "08:05 acknowledge; 08:05 wait for others; 08:06 resolve; "
		   "08:06 close; 08:08 reopen; 08:08 wait for the customer");
}
END_TEST

START_TEST(waits_and_reopenings_are_counted)
{
	struct incident_log *log = log_of(ROW("08:10", "Awaiting User Info",
	    "G", "?") ROW("08:30", "Awaiting Vendor", "G", "?") ROW("08:35",
	    "Awaiting User Info", "G", "?") ROW("08:40", "Resolved", "G", "?")
		ROW("08:50", "Active", "G", "?") ROW("08:55", "Resolved", "G",
		    "?") ROW("09:30", "Closed", "G", "?"));
	const struct incident *i = &log->incidents[0];

	ck_assert_int_eq(i->waited_customer_us, 25 * MINUTE);
	ck_assert_int_eq(i->waited_others_us, 5 * MINUTE);
	ck_assert_uint_eq(i->reopened, 1);
	ck_assert_int_eq(i->resolved_at, i->opened_at + 55 * MINUTE);
	incident_log_free(&log);
	log = log_of(ROW("08:10", "Resolved", "G", "?")
		ROW("08:30", "Active", "G", "?"));
	ck_assert_int_eq(log->incidents[0].resolved_at, 0);
	incident_log_free(&log);
}
END_TEST

START_TEST(priority_and_where_it_came_from)
{
	struct incident_log *log = log_of(
	    ROW_OF("A", "1/3/2016 08:10", "New", "3 - Moderate", "G", "?", "?")
		ROW_OF("A", "1/3/2016 08:20", "New", "?", "G", "?", "?")
		    ROW_OF("A", "1/3/2016 08:30", "New", "1 - Critical", "?",
			"?", "?"));
	const struct incident *i = &log->incidents[0];

	ck_assert_str_eq(steps_of(log), OPENED "08:30 priority 1");
	ck_assert_uint_eq(i->first_priority, 3);
	ck_assert_uint_eq(i->priority, 1);
	ck_assert_int_eq(i->priority_at, i->opened_at + 30 * MINUTE);
	incident_log_free(&log);
}
END_TEST

START_TEST(incidents_side_by_side)
{
	struct incident_log *log = log_of(ROW("08:10", "New", "G", "?")
		ROW("08:30", "Active", "G", "Ann") ROW_OF("B", "1/3/2016 08:20",
		    "Active", "2 - High", "H", "Ann", "?"));

	ck_assert_str_eq(steps_of(log),
	    OPENED "08:00 open H; 08:00 priority 2; 08:20 assign to Ann; "
		   "08:20 acknowledge; 08:30 assign to Ann; "
		   "08:30 acknowledge");
	ck_assert_uint_eq(log->steps[2].incident, 1);
	ck_assert_uint_eq(log->n_groups, 2);
	ck_assert_uint_eq(log->n_resolvers, 1);
	incident_log_free(&log);
}
END_TEST

START_TEST(times_are_utc_whatever_ends_the_line)
{
	struct incident_log *log =
	    log_of("A,true,Caller 1,29/2/2016 23:59,1/3/2016 00:01,red,New,"
		   "3 - Moderate,G,?,?,?\r\n\r\n");

	ck_assert_int_eq(
	    log->incidents[0].opened_at, INT64_C(1456790340) * CLOCK_S);
	incident_log_free(&log);
}
END_TEST

/* -------------------------------------------------------------- corrections */

/* Each correction as "line: what", the steps behind. */
static void
ck_corrected(
    const char *rows, unsigned line, const char *what, const char *steps)
{
	struct incident_log *log = log_of(rows);

	ck_assert_uint_eq(log->n_corrections, 1);
	ck_assert_uint_eq(log->corrections[0].line, line);
	ck_assert(str_eq(log->corrections[0].number, STR_LIT("A")));
	ck_assert_msg(strstr(log->corrections[0].what, what) != NULL, "%s",
	    log->corrections[0].what);
	ck_assert_str_eq(steps_of(log), steps);
	incident_log_free(&log);
}

START_TEST(times_are_pushed_forward)
{
	ck_corrected(ROW("07:55", "Active", "G", "?"), 2, "pushed forward",
	    OPENED "08:00 acknowledge");
	ck_corrected(ROW("08:30", "New", "G", "?")
			 ROW("08:20", "Active", "G", "?"),
	    3, "pushed forward", OPENED "08:30 acknowledge");
	ck_corrected(ROW_OF("A", "?", "Active", "3 - Moderate", "G", "?", "?"),
	    2, "no time", OPENED "08:00 acknowledge");
}
END_TEST

#define RESOLVED(time, state, resolved)                                \
	ROW_OF("A", "1/3/2016 " time, state, "3 - Moderate", "G", "?", \
	    "1/3/2016 " resolved)

START_TEST(resolved_at_counts)
{
	/* Later than its row, earlier, too early, and without one. */
	ck_corrected(RESOLVED("08:30", "Resolved", "09:00")
			 RESOLVED("08:40", "Resolved", "09:00")
			     RESOLVED("09:30", "Closed", "09:00"),
	    2, "it counts",
	    OPENED "09:00 acknowledge; 09:00 resolve; 09:30 close");
	ck_corrected(RESOLVED("08:20", "Active", "08:30")
			 RESOLVED("08:40", "Resolved", "08:30"),
	    3, "it counts", OPENED "08:20 acknowledge; 08:30 resolve");
	ck_corrected(RESOLVED("08:20", "Active", "08:10")
			 RESOLVED("08:40", "Resolved", "08:10"),
	    3, "before the row before",
	    OPENED "08:20 acknowledge; 08:20 resolve");
	ck_corrected(RESOLVED("08:20", "Active", "08:30")
			 RESOLVED("08:40", "Closed", "08:30"),
	    3, "it counts",
	    OPENED "08:20 acknowledge; 08:30 resolve; 08:40 close");
	/* Only the last time. */
	ck_steps(RESOLVED("08:10", "Resolved", "09:00") RESOLVED("08:20",
		     "Active", "09:00") RESOLVED("09:00", "Resolved", "09:00"),
	    OPENED "08:10 acknowledge; 08:10 resolve; 08:20 reopen; "
		   "09:00 resolve");
}
END_TEST

START_TEST(what_the_log_does_not_know_stays)
{
	ck_corrected(ROW("08:10", "Awaiting User Info", "G", "?")
			 ROW("08:20", "-100", "G", "?"),
	    3, "not known",
	    OPENED "08:10 acknowledge; 08:10 wait for the customer");
}
END_TEST

START_TEST(a_cut_log_is_played_to_its_end)
{
	struct incident_log *log;

	ck_corrected("A,true,Caller 1,1/3/2016 08:00,1/3/2016 08:10,red,Active,"
		     "3 - Moderate,G,?,1/3/2016 08:30,1/3/2016 09:30\n",
	    2, "ends before",
	    OPENED "08:10 acknowledge; 08:30 resolve; 09:30 close");
	log = log_of(ROW("08:10", "Active", "G", "?"));
	ck_assert(!log->incidents[0].cut);
	ck_assert_uint_eq(log->n_corrections, 0);
	incident_log_free(&log);
}
END_TEST

/* ------------------------------------------------------------------- faults */

static void
ck_fault(const char *rows, const char *what)
{
	struct incident_log *log = NULL;

	ck_assert_int_ne(parse(rows, &log), ERR_OK);
	ck_assert_ptr_null(log);
	ck_assert_msg(strstr(said, what) != NULL, "%s", said);
}

START_TEST(what_is_wrong_is_told_with_its_line)
{
	struct incident_log *log;
	static const char good[] = ROW("08:10", "New", "G", "?");

	ck_fault("A,true\n", "log:2: 2 columns, the heading has 12");
	ck_fault(ROW_OF("A", "30/2/2016 08:10", "New", "?", "G", "?", "?"),
	    "sys_updated_at is '30/2/2016 08:10'");
	ck_fault(ROW_OF("A", "1/3/2016 24:00", "New", "?", "G", "?", "?"),
	    "log:2: sys_updated_at");
	ck_fault(ROW_OF("A", "1/3/2016 08:1x", "New", "?", "G", "?", "?"),
	    "D/M/YYYY");
	ck_fault(ROW_OF("A", "?", "New", "6 - What", "G", "?", "?"),
	    "priority is '6 - What'");
	ck_fault(ROW_OF("A", "?", "New", "3rd", "G", "?", "?"), "priority");
	ck_fault(ROW_OF("?", "?", "New", "?", "G", "?", "?"), "no number");
	ck_fault(ROW_OF("A", "?", "New", "?", "G\x1b[2J", "?", "?"),
	    "assignment_group is not plain text");
	ck_fault("A,maybe,?,1/3/2016 08:00,?,?,New,?,?,?,?,?\n", "made_sla");
	ck_fault("A,true,?,?,?,?,New,?,?,?,?,?\n", "no opened_at");
	ck_fault(ROW("08:10", "New", "G", "?") ROW_OF("B", "?", "New", "?", "G",
		     "?", "?") ROW("08:20", "New", "G", "?"),
	    "log:4: A again");
	ck_assert_int_eq(parse_whole("", &log), ERR_BAD_FIELD);
	ck_assert_int_eq(parse_whole(good, &log), ERR_BAD_FIELD);
	ck_assert_ptr_nonnull(strstr(said, "no column 'number'"));
}
END_TEST

/* ------------------------------------------------------------------- report */

static struct incident
an_incident(bool made_sla)
{
	return (struct incident){ .number = STR_LIT("INC1"),
		.made_sla = made_sla,
		.first_priority = 3,
		.priority = 3,
		.opened_at = DAY,
		.resolved_at = 9 * DAY };
}

static struct incident_result
a_result(enum incident_verdict v)
{
	return (struct incident_result){ .ticket = 18,
		.counted = true,
		.verdict = v,
		.goal_us = 5 * DAY,
		.elapsed_us = DAY,
		.due_at = 6 * DAY };
}

static void
ck_why(
    struct incident i, struct incident_result r, bool pauses, const char *why)
{
	char out[INCIDENT_WHY_LEN];

	ck_assert_str_eq(incident_why(&i, &r, pauses, out), why);
	ck_assert_int_eq(incident_agrees(&i, &r), *why == '\0');
}

START_TEST(why_verdicts_differ)
{
	struct incident met = an_incident(true), missed = an_incident(false);
	struct incident_result ours_met = a_result(VERDICT_MET),
			       ours_missed = a_result(VERDICT_MISSED),
			       none = a_result(VERDICT_NONE);

	ck_why(met, ours_met, true, "");
	ck_why(missed, ours_missed, true, "");
	ck_why(met, none, true, "not resolved in the log");
	none.counted = false;
	ck_why(missed, none, true, "the daemon keeps no clock for it");
	none.refused = 2;
	ck_why(missed, none, true, "2 steps were refused");
	ck_why(met, ours_missed, true,
	    "over our target of 5 d 00:00; the log's own is not known");
	met.priority = 2;
	met.priority_at = DAY + 31 * MINUTE;
	ck_why(met, ours_missed, true, "raised from P3 to P2 after 0 d 00:31");
	met.cut = true;
	ck_why(met, ours_missed, true,
	    "the log ends before it, so its made_sla may not be the last");
	missed.reopened = 1;
	ck_why(missed, ours_met, true,
	    "was resolved and reopened, and our clock leaves out the time "
	    "between");
	missed.waited_customer_us = 7 * DAY + 20 * 60 * MINUTE;
	ck_why(missed, ours_met, true,
	    "waited 7 d 20:00 for the customer, which pauses our clock");
	missed.reopened = 0;
	ck_why(missed, ours_met, false,
	    "within our target of 5 d 00:00; the log's own is not known");
	/* It would have been in time without any wait. */
	missed.resolved_at = 3 * DAY;
	ck_why(missed, ours_met, true,
	    "within our target of 5 d 00:00; the log's own is not known");
}
END_TEST

START_TEST(the_report_ends_with_how_many_agree)
{
	struct incident i[] = { an_incident(true), an_incident(false),
		an_incident(true) };
	struct incident_result r[] = { a_result(VERDICT_MET),
		a_result(VERDICT_MET), a_result(VERDICT_MISSED) };
	struct incident_log log = { .incidents = i, .n_incidents = 3 };
	struct incident_report report = { &log, r, true };
	char *out = NULL, file[PATH_MAX];
	size_t len;
	FILE *f = open_memstream(&out, &len);
	json_t *o, *row;

	r[0].due_at = 0;
	incident_report_print(&report, f);
	fclose(f);
	ck_assert_str_eq(strstr(out, "agree 1 of"), "agree 1 of 3\n");
	ck_assert_ptr_nonnull(strstr(out,
	    "INC1         3  1970-01-02 00:00  1970-01-10 00:00  1 d 00:00"
	    "          -          -  paused            met     true     "
	    "yes\n"));
	ck_assert_ptr_nonnull(strstr(out, "1970-01-07 00:00  missed  true     "
					  "no: over our target"));
	snprintf(file, sizeof(file), "%s/incidents.json", test_dir());
	ck_ok(incident_report_json(&report, file));
	ck_assert_ptr_nonnull(o = json_load_file(file, 0, NULL));
	ck_assert_int_eq(json_integer_value(json_object_get(o, "agree")), 1);
	ck_assert_int_eq(json_integer_value(json_object_get(o, "of")), 3);
	row = json_array_get(json_object_get(o, "incidents"), 2);
	ck_assert_str_eq(
	    json_string_value(json_object_get(row, "verdict")), "missed");
	ck_assert_int_eq(
	    json_integer_value(json_object_get(row, "ticket")), 18);
	ck_assert(json_is_false(json_object_get(row, "agree")));
	json_decref(o);
	free(out);
}
END_TEST

Suite *
incident_suite(void)
{
	TCase *tc = tcase_create("log");
	TCase *report = tcase_create("report");
	Suite *s = suite_of(tc, "incident");

	tcase_add_test(tc, the_sample_is_read_whole);
	tcase_add_test(tc, a_life_in_steps);
	tcase_add_test(tc, whatever_comes_after_whatever);
	tcase_add_test(tc, waits_and_reopenings_are_counted);
	tcase_add_test(tc, priority_and_where_it_came_from);
	tcase_add_test(tc, incidents_side_by_side);
	tcase_add_test(tc, times_are_utc_whatever_ends_the_line);
	tcase_add_test(tc, times_are_pushed_forward);
	tcase_add_test(tc, resolved_at_counts);
	tcase_add_test(tc, what_the_log_does_not_know_stays);
	tcase_add_test(tc, a_cut_log_is_played_to_its_end);
	tcase_add_test(tc, what_is_wrong_is_told_with_its_line);
	tcase_add_test(report, why_verdicts_differ);
	tcase_add_test(report, the_report_ends_with_how_many_agree);
	suite_add_tcase(s, report);
	return s;
}
