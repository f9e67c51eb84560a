/*
 * apply_sla_test.c - calendars and policies by the wire: taken, checked again,
 * compared, tried out.
 */
#include <stdio.h>
#include <string.h>

#include "test/support/fake_ledger.h"
#include "test/support/house.h"
#include "test/support/support.h"

#define CODE(c) MASHANG__CODE__CODE_##c
#define ROLE(r) MASHANG__ROLE__ROLE_##r
#define BODY(b) MASHANG__ENVELOPE__BODY_##b

static struct house h;
static struct peer a;

/* One of everything, as a client would send it; a test bends it. */
static struct {
	Mashang__Apply apply;
	Mashang__CalendarSpec calendars[2], *calendar_list[2];
	Mashang__DayHours days[7], *week[7];
	Mashang__Hours hours, *hour_list[1];
	Mashang__OverrideSpec date, *dates[1];
	Mashang__QueueSpec queue, *queues[1];
	Mashang__PolicySpec policies[2], *policy_list[2];
	Mashang__ConditionSpec condition, *when[1];
	ProtobufCBinaryData kinds[1], notify[1];
	Mashang__TargetSpec target, *targets[1];
	Mashang__RungSpec rung, *rungs[1];
} m;

static void
make_calendars(void)
{
	mashang__hours__init(&m.hours);
	m.hours.from = 540;
	m.hours.to = 1080;
	m.hour_list[0] = &m.hours;
	for (int i = 0; i < 7; i++) {
		mashang__day_hours__init(&m.days[i]);
		m.week[i] = &m.days[i];
		m.days[i].n_hours = i < 5;
		m.days[i].hours = m.hour_list;
	}
	for (int i = 0; i < 2; i++) {
		mashang__calendar_spec__init(&m.calendars[i]);
		m.calendar_list[i] = &m.calendars[i];
	}
	m.calendars[0].name = data_of("cn");
	m.calendars[0].zone = data_of("Asia/Shanghai");
	mashang__override_spec__init(&m.date);
	m.date.year = 2026;
	m.date.month = 2;
	m.date.day = 17;
	m.date.kind = MASHANG__OVERRIDE_KIND__OVERRIDE_CLOSED;
	m.dates[0] = &m.date;
	m.calendars[0].n_overrides = 1;
	m.calendars[0].overrides = m.dates;
	m.calendars[1].name = data_of("office");
	m.calendars[1].stands_on = data_of("cn");
	m.calendars[1].n_week = 7;
	m.calendars[1].week = m.week;
	m.apply.n_calendars = 2;
	m.apply.calendars = m.calendar_list;
}

static void
make_policies(void)
{
	for (int i = 0; i < 2; i++) {
		mashang__policy_spec__init(&m.policies[i]);
		m.policy_list[i] = &m.policies[i];
		m.policies[i].agreement = data_of("sla");
		m.policies[i].on_rematch = data_of("carry");
	}
	m.policies[0].name = data_of("complaints");
	m.policies[0].calendar = data_of("office");
	mashang__condition_spec__init(&m.condition);
	m.kinds[0] = data_of("complaint");
	m.condition.attribute = data_of("kind");
	m.condition.n_values = 1;
	m.condition.values = m.kinds;
	m.when[0] = &m.condition;
	m.policies[0].n_when = 1;
	m.policies[0].when = m.when;
	mashang__rung_spec__init(&m.rung);
	m.rung.percent = 90;
	m.notify[0] = data_of("owner");
	m.rung.n_notify = 1;
	m.rung.notify = m.notify;
	m.rung.queue = data_of("q");
	m.rungs[0] = &m.rung;
	mashang__target_spec__init(&m.target);
	m.target.metric = data_of("resolution");
	m.target.type = data_of("business");
	m.target.goal_us = 3600000000;
	m.target.n_rungs = 1;
	m.target.rungs = m.rungs;
	m.targets[0] = &m.target;
	m.policies[0].n_targets = 1;
	m.policies[0].targets = m.targets;
	m.policies[1].name = data_of("rest");
	m.apply.n_policies = 2;
	m.apply.policies = m.policy_list;
}

static void
setup(void)
{
	house_up(&h, false);
	memset(&m, 0, sizeof(m));
	mashang__apply__init(&m.apply);
	make_calendars();
	make_policies();
	mashang__queue_spec__init(&m.queue);
	m.queue.name = data_of("q");
	m.queue.ring_us = 20000000;
	m.queue.calendar = data_of("office");
	m.queues[0] = &m.queue;
	m.apply.n_queues = 1;
	m.apply.queues = m.queues;
	peer_login(&a, &h, ROLE(ADMINISTRATOR), NULL, NULL);
}

static void
teardown(void)
{
	peer_close(&a);
	house_down(&h);
}

static void
apply(void)
{
	peer_request(&a, &ENVELOPE(APPLY, apply, &m.apply));
}

/* The text of a row's column, of the row of that kind and name. */
static const char *
cell(const Mashang__Page *p, const char *kind, const char *name, int column)
{
	static char text[1024];

	for (size_t i = 0; i < p->n_rows; i++) {
		Mashang__Cell **c = p->rows[i]->cells;

		if (c[0]->text.len != strlen(kind) ||
		    memcmp(c[0]->text.data, kind, strlen(kind)) != 0 ||
		    c[1]->text.len != strlen(name) ||
		    memcmp(c[1]->text.data, name, strlen(name)) != 0)
			continue;
		snprintf(text, sizeof(text), "%.*s", (int)c[column]->text.len,
		    (char *)c[column]->text.data);
		return text;
	}
	return "no row";
}

#define OFFICE                                                    \
	"base=cn mon=09:00-18:00 tue=09:00-18:00 wed=09:00-18:00" \
	" thu=09:00-18:00 fri=09:00-18:00 sat= sun="
#define COMPLAINTS                                    \
	"sla calendar=office if=kind:complaint"       \
	" target=resolution:business goal=3600000000" \
	" pauses=pending_customer,scheduled,resolved" \
	" rung=90 notify=owner queue=q"

START_TEST(what_comes_is_shown_as_text)
{
	const Mashang__Page *p;

	apply();
	p = peer_reply(&a, BODY(PAGE))->page;
	ck_assert_str_eq(cell(p, "calendar", "cn", 2), "added");
	ck_assert_str_eq(cell(p, "calendar", "cn", 4),
	    "zone=Asia/Shanghai 2026-02-17=closed");
	ck_assert_str_eq(cell(p, "calendar", "office", 4), OFFICE);
	ck_assert_str_eq(cell(p, "policy", "complaints", 4), COMPLAINTS);
	ck_assert_str_eq(
	    cell(p, "policy_order", "policies", 4), "complaints, rest");
	ck_assert_ptr_nonnull(
	    strstr(cell(p, "queue", "q", 4), " calendar office"));
	ck_assert_uint_eq(fake_ledger_applied(h.ledger), 1);
}
END_TEST

static void
have_all_of_it(void)
{
	fake_ledger_card(
	    h.ledger, LQ_SLA_REVISIONS, "1|5|new|boss\n7|9|new|boss");
	fake_ledger_card(h.ledger, LQ_SLA_QUEUES, "7|q|office");
	fake_ledger_card(h.ledger, LQ_SLA_CALENDARS,
	    "7|cn|zone=Asia/Shanghai 2026-02-17=closed\n7|office|" OFFICE);
	fake_ledger_card(h.ledger, LQ_SLA_POLICIES,
	    "7|complaints|" COMPLAINTS "\n7|rest|sla");
}

START_TEST(what_is_there_already_is_no_change)
{
	const Mashang__Page *p;

	have_all_of_it();
	m.apply.dry_run = 1;
	apply();
	p = peer_reply(&a, BODY(PAGE))->page;
	ck_assert_str_eq(
	    fake_ledger_args(h.ledger, LQ_SLA_POLICIES), "6"); /* behind 6 */
	ck_assert_str_eq(cell(p, "calendar", "cn", 2), "no row");
	ck_assert_str_eq(cell(p, "calendar", "office", 2), "no row");
	ck_assert_str_eq(cell(p, "policy", "complaints", 2), "no row");
	ck_assert_str_eq(cell(p, "policy_order", "policies", 2), "no row");
	/* their order alone is one */
	m.policies[0].n_when = 0;
	m.policy_list[0] = &m.policies[1];
	m.policy_list[1] = &m.policies[0];
	apply();
	p = peer_reply(&a, BODY(PAGE))->page;
	ck_assert_str_eq(cell(p, "policy_order", "policies", 2), "changed");
	ck_assert_str_eq(
	    cell(p, "policy_order", "policies", 4), "rest, complaints");
}
END_TEST

START_TEST(a_calendar_goes_on_in_the_next_message)
{
	Mashang__CalendarSpec rest = MASHANG__CALENDAR_SPEC__INIT,
			      *list[] = { &rest }, *both[] = { NULL, &rest };
	const Mashang__Page *p;

	m.calendar_list[0] = &m.calendars[1];
	m.calendar_list[1] = &m.calendars[0];
	m.calendars[0].goes_on = 1;
	m.apply.more = 1;
	m.apply.part = 1;
	apply();
	peer_reply(&a, BODY(DONE));
	rest.name = data_of("cn");
	m.date.day = 18;
	rest.n_overrides = 1;
	rest.overrides = m.dates;
	mashang__apply__init(&m.apply);
	m.apply.part = 2;
	m.apply.n_calendars = 1;
	m.apply.calendars = list;
	apply();
	p = peer_reply(&a, BODY(PAGE))->page;
	ck_assert_str_eq(cell(p, "calendar", "cn", 4),
	    "zone=Asia/Shanghai 2026-02-17=closed 2026-02-18=closed");
	/* but only under its name, and only dates */
	rest.name = data_of("nc");
	m.calendars[0].goes_on = 1;
	list[0] = &m.calendars[0];
	apply();
	ck_assert_int_eq(
	    peer_reply(&a, BODY(ERROR))->error->code, CODE(REFUSED));
	m.apply.part = 1;
	apply(); /* nothing follows */
	ck_assert_int_eq(
	    peer_reply(&a, BODY(ERROR))->error->code, CODE(BAD_FIELD));
	m.apply.n_calendars = 2;
	both[0] = &m.calendars[0];
	m.apply.calendars = both;
	apply(); /* another follows */
	ck_assert_int_eq(
	    peer_reply(&a, BODY(ERROR))->error->code, CODE(BAD_FIELD));
}
END_TEST

/* What a person looks for is not lost in 700 dates that stay. */
START_TEST(of_a_long_text_only_what_differs_is_shown)
{
	static char card[16000];
	static Mashang__OverrideSpec date[400], *dates[400];
	const Mashang__Page *p;
	size_t n = (size_t)snprintf(card, sizeof(card), "7|cn|zone=UTC");

	for (int i = 0; i < 400; i++)
		n += (size_t)snprintf(card + n, sizeof(card) - n,
		    " 20%02d-%02d-%02d=closed", i / 100, i / 25 % 4 + 1,
		    i % 25 + 1);
	have_all_of_it();
	fake_ledger_card(h.ledger, LQ_SLA_CALENDARS, card);
	m.apply.dry_run = 1;
	for (int i = 0; i < 400; i++) {
		mashang__override_spec__init(&date[i]);
		date[i].year = (uint32_t)(2000 + i / 100);
		date[i].month = (uint32_t)(i / 25 % 4 + 1);
		date[i].day = (uint32_t)(i % 25 + 1);
		date[i].kind = i == 200
		                   ? MASHANG__OVERRIDE_KIND__OVERRIDE_LIKE
		                   : MASHANG__OVERRIDE_KIND__OVERRIDE_CLOSED;
		dates[i] = &date[i];
	}
	m.calendars[0].zone = data_of("UTC");
	m.calendars[0].n_overrides = 400;
	m.calendars[0].overrides = dates;
	apply();
	p = peer_reply(&a, BODY(PAGE))->page;
	ck_assert_str_eq(
	    cell(p, "calendar", "cn", 3), "\u2026 2002-01-01=closed \u2026");
	ck_assert_str_eq(
	    cell(p, "calendar", "cn", 4), "\u2026 2002-01-01=like:mon \u2026");
}
END_TEST

/* ------------------------------------------------------------------ refused */

static void
unknown_base(void)
{
	m.calendars[1].stands_on = data_of("nc");
}

static void
unknown_zone(void)
{
	m.calendars[0].zone = data_of("Asia/Shangai");
}

static void
unknown_calendar(void)
{
	m.queue.calendar = data_of("ofice");
}

static void
unknown_policy_calendar(void)
{
	m.policies[0].calendar = data_of("ofice");
}

static void
unknown_queue(void)
{
	m.rung.queue = data_of("p");
}

static void
no_catch_all(void)
{
	m.apply.n_policies = 1;
}

static void
no_goal(void)
{
	m.target.goal_us = 0;
}

static void
backwards(void)
{
	m.hours.to = 60;
}

static void
calendar_twice(void)
{
	m.calendars[1].name = data_of("cn");
	m.calendars[1].stands_on = data_of("");
	m.calendars[1].zone = data_of("UTC");
}

static void
unknown_metric(void)
{
	m.target.metric = data_of("resolutoin");
}

static void
unknown_wait(void)
{
	static ProtobufCBinaryData pauses[1];

	pauses[0] = data_of("tea");
	m.target.n_pauses = 1;
	m.target.pauses = pauses;
}

static void
late_hours(void)
{
	m.hours.to = 70000;
}

static void
no_such_scope(void)
{
	m.apply.apply_to = 3;
}

/* clang-format off */
static const struct {
	void (*bend)(void);
	Mashang__Code code;
	const char *says; /* in one of the parameters */
} refused[] = {
	{ unknown_base, CODE(CONFIG), "calendar 'office': base nc" },
	{ unknown_zone, CODE(CONFIG), "calendar 'cn': this system has no" },
	{ unknown_calendar, CODE(CONFIG), "did you mean 'office'?" },
	{ unknown_policy_calendar, CODE(CONFIG), "policy 'complaints': ofice" },
	{ unknown_queue, CODE(CONFIG), "policy 'complaints' names queue 'p'" },
	{ no_catch_all, CODE(CONFIG), "policy 'complaints': the last policy" },
	{ no_goal, CODE(CONFIG), "policy 'complaints': resolution: " },
	{ backwards, CODE(CONFIG), "calendar 'office': 09:00-01:00 ends" },
	{ calendar_twice, CODE(CONFIG), "calendar 'cn' comes twice" },
	{ unknown_metric, CODE(BAD_FIELD), "resolutoin" },
	{ unknown_wait, CODE(BAD_FIELD), "tea" },
	{ late_hours, CODE(BAD_FIELD), "0 to 2880" },
	{ no_such_scope, CODE(BAD_FIELD), "apply_to" },
};
/* clang-format on */

static bool
one_says(const Mashang__Error *e, const char *what)
{
	for (size_t i = 0; i < e->n_params; i++)
		if (memmem(e->params[i].data, e->params[i].len, what,
			strlen(what)) != NULL)
			return true;
	return false;
}

START_TEST(what_is_wrong_is_refused)
{
	const Mashang__Error *e;

	refused[_i].bend();
	apply();
	e = peer_reply(&a, BODY(ERROR))->error;
	ck_assert_int_eq(e->code, refused[_i].code);
	ck_assert_msg(one_says(e, refused[_i].says), "%s: %.*s",
	    refused[_i].says, e->n_params > 2 ? (int)e->params[2].len : 0,
	    e->n_params > 2 ? (char *)e->params[2].data : "");
	ck_assert_uint_eq(fake_ledger_applied(h.ledger), 0);
}
END_TEST

/* -------------------------------------------------------------- keep_others */

START_TEST(what_stays_is_checked_with_what_comes)
{
	const Mashang__Page *p;
	const Mashang__Error *e;

	have_all_of_it();
	m.apply.keep_others = 1;
	m.apply.n_queues = m.apply.n_policies = 0;
	m.apply.n_calendars = 1;
	m.date.day = 18;
	apply(); /* cn alone: office stands on it still */
	p = peer_reply(&a, BODY(PAGE))->page;
	ck_assert_uint_eq(p->n_rows, 1);
	ck_assert_str_eq(cell(p, "calendar", "cn", 2), "changed");
	/* not all policies: where would the other stand? */
	m.apply.n_policies = 1;
	m.policy_list[0] = &m.policies[1];
	apply();
	e = peer_reply(&a, BODY(ERROR))->error;
	ck_assert_int_eq(e->code, CODE(CONFIG));
	ck_assert(one_says(e, "policy 'complaints': is to stay, but where?"));
	/* a new one in front of all others */
	m.policies[1].name = data_of("new");
	m.apply.n_policies = 2;
	m.policy_list[1] = &m.policies[0];
	apply();
	ck_assert(one_says(peer_reply(&a, BODY(ERROR))->error, "'rest'"));
}
END_TEST

/* ---------------------------------------------------------------- tried out */

START_TEST(a_dry_run_counts_what_would_happen_to_clocks)
{
	const Mashang__Page *p;

	fake_ledger_card(h.ledger, LQ_SLA_OPEN, "");
	m.apply.dry_run = 1;
	m.apply.apply_to = MASHANG__APPLY_TO__APPLY_TO_NEW;
	apply();
	p = peer_reply(&a, BODY(PAGE))->page;
	ck_assert_str_eq(
	    cell(p, "clocks", "tickets that are open", 4), "no row");
	m.apply.apply_to = MASHANG__APPLY_TO__APPLY_TO_RETROACTIVE;
	fake_ledger_once(h.ledger, LQ_SLA_OPEN, "4711"); /* how many */
	apply();
	p = peer_reply(&a, BODY(PAGE))->page;
	ck_assert_str_eq(cell(p, "clocks", "tickets that are open", 4), "4711");
	ck_assert_str_eq(cell(p, "clocks", "clocks that run or wait", 4), "0");
	ck_assert_str_eq(cell(p, "clocks", "would be broken now", 4), "0");
	ck_assert_str_eq(cell(p, "calendar", "cn", 2), "added");
	ck_assert_uint_eq(fake_ledger_applied(h.ledger), 0);
	/* nothing about clocks differs: nothing is counted */
	have_all_of_it();
	apply();
	p = peer_reply(&a, BODY(PAGE))->page;
	ck_assert_str_eq(
	    cell(p, "clocks", "tickets that are open", 4), "no row");
}
END_TEST

START_TEST(the_clocks_read_the_new_revision_at_once)
{
	unsigned before = fake_ledger_asked(h.ledger, LQ_SLA_REVISIONS);

	apply();
	peer_reply(&a, BODY(PAGE));
	house_turn(&h);
	/* once for the comparison, once by the clockwork */
	ck_assert_uint_ge(
	    fake_ledger_asked(h.ledger, LQ_SLA_REVISIONS), before + 2);
}
END_TEST

Suite *
apply_sla_suite(void)
{
	TCase *tc = tcase_create("apply_sla");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, what_comes_is_shown_as_text);
	tcase_add_test(tc, what_is_there_already_is_no_change);
	tcase_add_test(tc, a_calendar_goes_on_in_the_next_message);
	tcase_add_test(tc, of_a_long_text_only_what_differs_is_shown);
	tcase_add_loop_test(tc, what_is_wrong_is_refused, 0, NELEM(refused));
	tcase_add_test(tc, what_stays_is_checked_with_what_comes);
	tcase_add_test(tc, a_dry_run_counts_what_would_happen_to_clocks);
	tcase_add_test(tc, the_clocks_read_the_new_revision_at_once);
	return suite_of(tc, "apply_sla");
}
