/*
 * policy_test.c - words, matching, faults and where they are, policies as text,
 * and the book.
 */
#include <stdio.h>
#include <stdlib.h>

#include "test/support/sla_bed.h"
#include "test/support/support.h"

/* ---- words */

START_TEST(every_word_is_found_again)
{
	for (int i = 0; i < SLA_NMETRICS; i++)
		ck_assert_int_eq(
		    sla_metric_of(str_of(sla_metric_word((enum sla_metric)i))),
		    i);
	for (int i = 0; i < SLA_NAGREEMENTS; i++)
		ck_assert_int_eq(sla_agreement_of(str_of(sla_agreement_word(
				     (enum sla_agreement)i))),
		    i);
	for (int i = 0; i < TARGET_NTYPES; i++)
		ck_assert_int_eq(sla_target_of(str_of(
				     sla_target_word((enum sla_target_type)i))),
		    i);
	for (int i = 0; i < ATTR_NATTRIBUTES; i++)
		ck_assert_int_eq(sla_attribute_of(str_of(sla_attribute_word(
				     (enum sla_attribute)i))),
		    i);
	for (int i = 1; i <= 8; i <<= 1) {
		ck_assert_int_eq(
		    sla_wait_of(str_of(sla_wait_word((enum sla_wait)i))), i);
		ck_assert_int_eq(
		    sla_notify_of(str_of(sla_notify_word((enum sla_notify)i))),
		    i);
	}
	ck_assert_ptr_null(sla_metric_word(SLA_NMETRICS));
	ck_assert_ptr_null(sla_wait_word((enum sla_wait)3));
	ck_assert_int_eq(sla_metric_of(STR_LIT("resolutio")), -1);
	ck_assert_int_eq(sla_wait_of(STR_LIT("")), -1);
}
END_TEST

START_TEST(presets)
{
	struct sla_target t = { .metric = SLA_RESOLUTION };

	sla_default_rungs(&t);
	ck_assert_uint_eq(t.n_rungs, 7);
	ck_assert_uint_eq(t.rungs[0].percent, 50);
	ck_assert_uint_eq(t.rungs[3].percent, 100);
	ck_assert_uint_eq(t.rungs[6].percent, 200);
	ck_assert_uint_eq(sla_default_pauses(SLA_FIRST_RESPONSE), 0);
	ck_assert_uint_eq(sla_default_pauses(SLA_NEXT_RESPONSE), 0);
	ck_assert_uint_eq(sla_default_pauses(SLA_RESOLUTION),
	    WAIT_CUSTOMER | WAIT_APPOINTMENT | WAIT_RESOLVED);
	ck_assert_uint_eq(
	    sla_default_pauses(SLA_PERIODIC_UPDATE), WAIT_CUSTOMER);
}
END_TEST

/* ---- matching */

START_TEST(the_first_that_has_it_and_holds)
{
	struct sla_policy *p;
	struct sla_attributes a = { .value = { [ATTR_PRIORITY] = STR_LIT("2"),
					[ATTR_KIND] = STR_LIT("fault") } };
	struct sla_revision r = { .id = 1 };
	struct sla_match m;

	r.n_policies = bed_policies(
	    "none sla if=priority:1,2 target=callback:calendar goal=1h\n"
	    "both sla if=priority:1,2 if=kind:fault "
	    "target=resolution:calendar goal=1h\n"
	    "ours ola target=resolution:calendar goal=2h\n"
	    "rest sla target=resolution:calendar goal=3h",
	    &p);
	r.policies = p;
	m = sla_match(&r, SLA_RESOLUTION, SLA_SLA, &a);
	ck_assert_ptr_eq(m.policy, &p[1]);
	ck_assert_ptr_eq(m.target, &p[1].targets[0]);
	ck_assert_ptr_eq(
	    sla_match(&r, SLA_RESOLUTION, SLA_OLA, &a).policy, &p[2]);
	ck_assert_ptr_null(sla_match(&r, SLA_ACKNOWLEDGE, SLA_SLA, &a).target);
	ck_assert_int_eq(sla_first_failing(&p[1], &a), -1);
	a.value[ATTR_KIND] = STR_LIT("praise");
	ck_assert_int_eq(sla_first_failing(&p[1], &a), 1);
	ck_assert_ptr_eq(
	    sla_match(&r, SLA_RESOLUTION, SLA_SLA, &a).policy, &p[3]);
	a.value[ATTR_PRIORITY] = (struct str){ NULL, 0 };
	ck_assert_int_eq(sla_first_failing(&p[1], &a), 0);
}
END_TEST

/* ---- faults */

#define BAD_DATES "p sla calendar=qd8 target=resolution:"

/* clang-format off */
static const struct {
	const char *policies, *what;
	int policy, target, rung, condition;
} faults[] = {
	{ "p sla\np ola", "policy p: twice", 1, -1, -1, -1 },
	{ "p sla\nq ola if=tier:gold", "the last policy of an agreement (ola)",
	  1, -1, -1, -1 },
	{ "p sla calendar=xx", "xx: no such calendar", 0, -1, -1, -1 },
	{ "p sla grace=4000d", "change_grace", 0, -1, -1, -1 },
	{ "p sla if=tier:a if=tier:b", "tier: twice", 0, -1, -1, 1 },
	{ "p sla target=resolution:business goal=1h calendar=xx",
	  "xx: no such calendar", 0, 0, -1, -1 },
	{ "p sla target=callback:calendar goal=1h target=callback:calendar "
	  "goal=1h", "callback: twice", 0, 1, -1, -1 },
	{ "p sla target=resolution:business", "resolution: no goal", 0, 0, -1,
	  -1 },
	{ "p sla target=resolution:business goal=3661d", "goal: between", 0, 0,
	  -1, -1 },
	{ "p sla target=resolution:fixed", "fixed is for promises", 0, 0, -1,
	  -1 },
	{ "p sla target=promise:calendar goal=1h", "a promise's time", 0, 0,
	  -1, -1 },
	{ "p sla calendar=qd8 target=periodic_update:business_days n=1",
	  "periodic_update comes again", 0, 0, -1, -1 },
	{ "p sla target=resolution:business_days n=1", "counts dates", 0, 0,
	  -1, -1 },
	{ BAD_DATES "business_days", "n: between 1 and 3660", 0, 0, -1, -1 },
	{ BAD_DATES "months n=121", "n: between 1 and 120", 0, 0, -1, -1 },
	{ "p sla target=resolution:cutoff minute=1080", "local time", 0, 0, -1,
	  -1 },
	{ BAD_DATES "cutoff minute=1441", "24:00", 0, 0, -1, -1 },
	{ BAD_DATES "cutoff minute=900 latest_intake=901", "latest_intake", 0,
	  0, -1, -1 },
	{ BAD_DATES "cutoff minute=900 day_offset=9999", "day_offset", 0, 0,
	  -1, -1 },
	{ "p sla target=resolution:calendar goal=1h rung=50 rung=50",
	  "rungs must rise", 0, 0, 1, -1 },
	{ "p sla target=resolution:calendar goal=1h rung=0", "1 and 1000", 0,
	  0, 0, -1 },
	{ "p sla target=resolution:calendar goal=1h rung=1001", "1 and 1000",
	  0, 0, 0, -1 },
	{ "p sla target=resolution:calendar goal=1h rung=50 raise=10",
	  "raise", 0, 0, 0, -1 },
};
/* clang-format on */

START_TEST(fault)
{
	struct sla_policy *p;
	struct sla_revision r = { .id = 1 };
	struct sla_fault f;

	r.n_policies = bed_policies(faults[_i].policies, &p);
	r.policies = p;
	r.n_calendars = bed_calendars(&r.calendars);
	ck_err(sla_revision_check(&r, NULL, &f), ERR_CONFIG);
	ck_assert_msg(strstr(f.what, faults[_i].what) != NULL, "%s", f.what);
	ck_assert_int_eq(f.policy, faults[_i].policy);
	ck_assert_int_eq(f.target, faults[_i].target);
	ck_assert_int_eq(f.rung, faults[_i].rung);
	ck_assert_int_eq(f.condition, faults[_i].condition);
	ck_assert_int_eq(f.calendar, -1);
	ck_err(sla_book_add(bed.book, &r), ERR_CONFIG);
}
END_TEST

/* clang-format off */
static const struct {
	const char *second, *third, *what;
	int at;
} calendar_faults[] = {
	{ "base=nobody", "base=one", "base nobody: no such", 1 },
	{ "base=three", "base=two", "base two: it stands on itself", 1 },
	/* good as a layer, not for a queue */
	{ "mon=09:00-12:00 tue= wed= thu= fri= sat= sun=", "base=one",
	  "two: has no zone", -1 },
	{ "zone=Asia/Shanghai", "base=one", "two: has no week", -1 },
	{ "zone=Nowhere/Town mon= tue= wed= thu= fri= sat= sun=", "base=one",
	  "", 1 },
};
/* clang-format on */

static void
spec(struct cal_spec *c, const char *name, const char *text)
{
	ck_ok(cal_parse(str_of(name), str_of(text), bed.arena, c));
}

START_TEST(fault_of_a_calendar)
{
	struct cal_spec c[3];
	const struct sla_queue_calendar q = { STR_LIT("repair"), STR_LIT("two") };
	struct sla_revision r = { .id = 1,
		.n_calendars = 3,
		.calendars = c,
		.n_queues = 1,
		.queues = &q };
	struct sla_fault f;

	spec(&c[0], "one",
	    "zone=Asia/Shanghai mon=09:00-12:00 tue= wed= thu= fri= sat= sun=");
	spec(&c[1], "two", calendar_faults[_i].second);
	spec(&c[2], "three", calendar_faults[_i].third);
	ck_err(sla_revision_check(&r, NULL, &f), ERR_CONFIG);
	ck_assert_int_eq(f.calendar, calendar_faults[_i].at);
	ck_assert_int_eq(f.policy, -1);
	if (_i != 1) /* a ring is told of whichever is seen first */
		ck_assert_msg(strstr(f.what, calendar_faults[_i].what) != NULL,
		    "%s", f.what);
	c[1] = c[0];
	ck_err(sla_revision_check(&r, NULL, &f), ERR_CONFIG);
	ck_assert_str_eq(f.what, "calendar one: twice");
}
END_TEST

START_TEST(fault_of_a_queue)
{
	struct sla_queue_calendar q[2] = { { STR_LIT("a"), STR_LIT("qd8") },
		{ STR_LIT("a"), STR_LIT("qd8") } };
	struct sla_revision r = { .id = 1, .n_queues = 2, .queues = q };
	struct sla_fault f;

	r.n_calendars = bed_calendars(&r.calendars);
	ck_err(sla_revision_check(&r, NULL, &f), ERR_CONFIG);
	ck_assert_str_eq(f.what, "queue a: twice");
	q[1] = (struct sla_queue_calendar){ STR_LIT("b"), STR_LIT("zz") };
	ck_err(sla_revision_check(&r, NULL, &f), ERR_CONFIG);
	ck_assert_str_eq(f.what, "zz: no such calendar");
}
END_TEST

/* ---- text */

static const char *const texts[] = {
	"sla",
	"ola rematch=restart grace=60000000 max_pause=5 reopen=7 new_cycle=1 "
	"calendar=caf%C3%A9%20%25%3D%2C%3A%09 if=priority:1,2 if=tier:",
	"uc target=third_party:calendar goal=7200000000",
	"sla target=resolution:business_days n=7 count_start=1 calendar=qd8 "
	"pauses=pending_customer,scheduled,resolved rung=50 notify=owner "
	"rung=100 notify=supervisor,manager raise=2 queue=second%20line "
	"target=daily_clear:cutoff minute=1080 day_offset=1 latest_intake=900",
};

START_TEST(text_and_back)
{
	struct sla_policy p;
	struct str name = STR_LIT("p");
	char *text;

	ck_ok(sla_policy_parse(name, str_of(texts[_i]), bed.arena, &p));
	text = sla_policy_print(&p);
	/* Bytes of other scripts need no escape. */
	if (_i == 1) {
		ck_assert(str_eq(p.calendar, STR_LIT("caf\xc3\xa9 %=,:\t")));
		ck_assert_ptr_nonnull(strstr(text, "caf\xc3\xa9%20%25%3D%2C"));
		ck_assert_uint_eq(p.conditions[1].n, 1);
	} else {
		ck_assert_str_eq(text, texts[_i]);
	}
	free(text);
}
END_TEST

static const char *const garbage[] = { "", " ", "slb", "sla x",
	"sla =", "sla goal=1", "sla grace=", "sla grace=-1", "sla grace=1x",
	"sla grace=9223372036854775808", "sla new_cycle=2",
	"sla rematch=", "sla if=", "sla if=nothing:1", "sla target=resolution",
	"sla target=:business", "sla target=resolution:fixed notify=owner",
	"sla target=resolution:fixed rung=4294967296",
	"sla target=resolution:fixed pauses=sleep",
	"sla target=resolution:fixed pauses=resolved,,", "sla calendar=%",
	"sla calendar=%2", "sla calendar=%zz", "sla calendar=%00",
	"sla calendar=a%c3", "sla calendar=a=b", "sla  grace=1",
	"sla if=tier:1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17" };

START_TEST(garbage_is_refused)
{
	struct sla_policy p;

	ck_assert_msg(sla_policy_parse(STR_LIT("p"), str_of(garbage[_i]),
			  bed.arena, &p) == ERR_BAD_FIELD,
	    "%s", garbage[_i]);
}
END_TEST

/* Broken anywhere, it is refused, or is a policy that prints. */
START_TEST(broken_text)
{
	uint32_t state = 7;
	struct sla_policy p;

	for (unsigned n = 0; n < 20000; n++) {
		char text[512];
		size_t len;

		snprintf(text, sizeof(text), "%s", texts[n % NELEM(texts)]);
		len = strlen(text);
		for (unsigned k = 0; k < 1 + n % 3; k++) {
			state = state * 1664525 + 1013904223;
			text[(state >> 8) % len] =
			    "\0 %=,:;a1\xff"[(state >> 24) % 10];
		}
		arena_reset(bed.arena);
		if (sla_policy_parse(STR_LIT("p"),
			(struct str){ text, (uint32_t)len }, bed.arena,
			&p) == ERR_OK) {
			char *out = sla_policy_print(&p);

			ck_ok(sla_policy_parse(
			    STR_LIT("p"), str_of(out), bed.arena, &p));
			free(out);
		}
	}
}
END_TEST

/* ---- the book */

START_TEST(the_book)
{
	struct sla_policy *p;
	struct sla_revision r = { .id = 3, .at = 100 };
	const struct sla_revision *kept;

	ck_assert_uint_eq(sla_book_last(bed.book), 0);
	ck_assert_ptr_null(sla_book_at(bed.book, INT64_MAX));
	ck_assert_int_eq(sla_book_lead(bed.book), INT64_MAX);
	r.n_policies = bed_policies(
	    "p sla target=callback:calendar goal=1h rung=50 queue=x", &p);
	r.policies = p;
	ck_ok(sla_book_add(bed.book, &r));
	ck_err(sla_book_add(bed.book, &r), ERR_STALE);
	r.id = 7;
	r.at = 99;
	ck_err(sla_book_add(bed.book, &r), ERR_STALE);
	for (r.at = 200; r.at < 3000; r.at += 100, r.id++)
		ck_ok(sla_book_add(bed.book, &r));
	ck_assert_ptr_null(sla_book_at(bed.book, 99));
	ck_assert_uint_eq(sla_book_at(bed.book, 100)->id, 3);
	ck_assert_uint_eq(sla_book_at(bed.book, 199)->id, 3);
	ck_assert_uint_eq(sla_book_at(bed.book, 200)->id, 7);
	ck_assert_uint_eq(
	    sla_book_at(bed.book, INT64_MAX)->id, sla_book_last(bed.book));
	ck_assert_ptr_null(sla_book_find(bed.book, 5));
	kept = sla_book_find(bed.book, 3);
	memset(p, 0xee, sizeof(*p)); /* it has its own copy */
	ck_assert(
	    str_eq(kept->policies[0].targets[0].rungs[0].queue, STR_LIT("x")));
}
END_TEST

START_TEST(whose_calendar)
{
	struct sla_policy *p;
	struct sla_queue_calendar q = { STR_LIT("night"), STR_LIT("cn24") };
	struct sla_revision r = { .id = 1, .n_queues = 1, .queues = &q };
	const struct sla_revision *k;
	const struct calendar *plain, *always;

	r.n_policies = bed_policies(
	    "p sla calendar=plain target=resolution:business goal=1h "
	    "target=callback:business goal=1h calendar=qd8 "
	    "target=acknowledge:calendar goal=1h",
	    &p);
	r.policies = p;
	r.n_calendars = bed_calendars(&r.calendars);
	ck_ok(sla_book_add(bed.book, &r));
	k = sla_book_find(bed.book, 1);
#define OF(target, queue)                           \
	sla_book_calendar(bed.book, k, k->policies, \
	    &k->policies[0].targets[target], STR_LIT(queue))
	plain = OF(0, "");
	always = OF(0, "night");
	ck_assert(plain != NULL && always != NULL && plain != always);
	ck_assert_ptr_eq(OF(0, "day"), plain);
	ck_assert(calendar_is_open(always, bed_time("23:00")));
	ck_assert(!calendar_is_open(plain, bed_time("23:00")));
	ck_assert_ptr_eq(OF(1, ""), OF(1, "night"));
	ck_assert_ptr_null(OF(2, "night"));
#undef OF
}
END_TEST

/* clang-format off */
static const struct {
	const char *policy;
	int64_t lead;
} leads[] = {
	{ "p sla target=callback:calendar goal=1h", HOUR },
	{ "p sla target=callback:business goal=1h rung=10", 6 * MINUTE },
	{ "p sla target=callback:calendar goal=1h rung=150", HOUR },
	{ "p sla calendar=qd8 target=callback:business_days n=3 rung=50",
	  90 * SECOND },
	{ "p sla calendar=qd8 target=callback:months n=2", 55 * DAY },
	{ "p sla calendar=qd8 target=daily_clear:cutoff minute=1080 "
	  "latest_intake=900", 119 * MINUTE },
	{ "p sla target=promise:fixed rung=1", INT64_MAX },
	{ "p sla target=callback:calendar goal=1h target=resolution:calendar "
	  "goal=3m", 3 * MINUTE },
};
/* clang-format on */

START_TEST(lead)
{
	bed_revision(1, NULL, leads[_i].policy);
	ck_assert_int_eq(sla_book_lead(bed.book), leads[_i].lead);
}
END_TEST

Suite *
policy_suite(void)
{
	TCase *tc = tcase_create("policies");

	tcase_add_checked_fixture(tc, bed_setup, bed_teardown);
	tcase_add_test(tc, every_word_is_found_again);
	tcase_add_test(tc, presets);
	tcase_add_test(tc, the_first_that_has_it_and_holds);
	tcase_add_loop_test(tc, fault, 0, NELEM(faults));
	tcase_add_loop_test(tc, fault_of_a_calendar, 0, NELEM(calendar_faults));
	tcase_add_test(tc, fault_of_a_queue);
	tcase_add_loop_test(tc, text_and_back, 0, NELEM(texts));
	tcase_add_loop_test(tc, garbage_is_refused, 0, NELEM(garbage));
	tcase_add_test(tc, broken_text);
	tcase_add_test(tc, the_book);
	tcase_add_test(tc, whose_calendar);
	tcase_add_loop_test(tc, lead, 0, NELEM(leads));
	return suite_of(tc, "policy");
}
