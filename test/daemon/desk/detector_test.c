/*
 * detector_test.c - each invariant is broken behind the desk's back, seen,
 * repaired and counted; a sound desk is left alone.
 */
#include "test/support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk/state.h"
#include "test/support/desk_bed.h"
#include "test/support/fake_ledger.h"

static struct agent *
agent(uint32_t id)
{
	return agent_find(bench.desk, id);
}

static struct call *
call(const char *name)
{
	struct id id = bed_id_of(name);

	return call_find(bench.desk, &id);
}

static void
state(uint32_t id, enum agent_state s)
{
	struct desk_action a = bed_by(id);

	ck_ok(desk_set_state(bench.desk, &a, s, STR_LIT("")));
	bed_run();
}

static void
sweep(void)
{
	desk_sweep(bench.desk, bench.now);
	bed_run();
}

/* "call_unknown=1 " of all that were counted. */
static const char *
counts(void)
{
	static char out[512];

	out[0] = '\0';
	for (unsigned k = 0; k < NDETECTED; k++) {
		size_t n = strlen(out);

		if (bench.desk->detector.counts[k] > 0)
			snprintf(out + n, sizeof(out) - n, "%s=%u ",
			    detected_word((enum detected)k),
			    (unsigned)bench.desk->detector.counts[k]);
	}
	return out;
}

/* The ACD's word for it. */
static enum acd_seen seen;

static void
on_look(void *arg, const struct acd_reply *r)
{
	(void)arg;
	seen = r->seen;
}

static enum acd_seen
look(const char *name, uint32_t id)
{
	struct acd_cmd cmd = { .op = ACD_LOOK, .agent = id };

	if (name != NULL)
		cmd.call = bed_id_of(name);
	ck_ok(acd_send(bench.desk->acd, &cmd, on_look, NULL));
	bed_run();
	return seen;
}

/* ---- what is broken, and what becomes of it */

static void
call_lost(void)
{
	state(1, AGENT_STATE_NOT_READY);
	bed_event("c", 1, CALL_EV_QUEUED, "");
	bed_acd(&(struct acd_cmd){ .op = ACD_DEQUEUE, .call = bed_id_of("c") });
	ck_assert_int_eq(look("c", 0), ACD_SEEN_NONE);
}

static void
call_waits_again(void)
{
	ck_assert_int_eq(look("c", 0), ACD_SEEN_WAITING);
	state(1, AGENT_STATE_READY);
	ck_assert_ptr_nonnull(agent(1)->offer);
}

/* The ACD has it in an offer that the desk was never told of. */
static void
call_offered(void)
{
	state(1, AGENT_STATE_NOT_READY);
	bed_event("c", 1, CALL_EV_QUEUED, "");
	bed_acd(&(struct acd_cmd){ .op = ACD_READY, .agent = 1 });
	ck_assert_int_eq(look("c", 0), ACD_SEEN_OFFERED);
}

static void
call_offered_after(void)
{
	ck_assert_int_eq(look("c", 0), ACD_SEEN_WAITING);
	ck_assert_int_eq(look(NULL, 1), ACD_SEEN_IDLE);
}

static void
agent_unknown(void)
{
	bed_acd(&(struct acd_cmd){ .op = ACD_LOGOUT, .agent = 1 });
}

static void
agent_idle(void)
{
	bed_acd(&(struct acd_cmd){ .op = ACD_NOT_READY, .agent = 1 });
}

static void
agent_takes_work(void)
{
	ck_assert_int_eq(look(NULL, 1), ACD_SEEN_READY);
	bed_event("c", 1, CALL_EV_QUEUED, "");
	ck_assert_ptr_nonnull(agent(1)->offer);
}

static void
agent_ready_there(void)
{
	state(1, AGENT_STATE_NOT_READY);
	bed_acd(&(struct acd_cmd){ .op = ACD_READY, .agent = 1 });
}

static void
agent_is_left_alone(void)
{
	ck_assert_int_eq(look(NULL, 1), ACD_SEEN_IDLE);
	bed_event("c", 1, CALL_EV_QUEUED, "");
	ck_assert_int_eq(look("c", 0), ACD_SEEN_WAITING);
}

/* An offer to agent 1 of a call that the desk has not. */
static void
agent_offered(void)
{
	struct acd_line line = { .queue = 1, .site = 1 };

	bed_acd(&(struct acd_cmd){
	    .op = ACD_ENQUEUE, .call = bed_id_of("ghost"), .line = &line });
	ck_assert_int_eq(look(NULL, 1), ACD_SEEN_OFFERED);
}

static void
reserved_for_nothing(void)
{
	struct offer *o;

	bed_event("c", 1, CALL_EV_QUEUED, "");
	o = agent(1)->offer;
	ck_assert_ptr_nonnull(o);
	agent(1)->offer = NULL; /* and the offer is an orphan */
}

static void
offer_of_no_call(void)
{
	bed_event("c", 1, CALL_EV_QUEUED, "");
	agent(1)->offer->call_id = bed_id_of("ghost");
	call("c")->offers = NULL;
	call("c")->n_offered = 0;
}

static void
offer_forgotten(void)
{
	bed_event("c", 1, CALL_EV_QUEUED, "");
	timer_clear(bench.desk, &agent(1)->offer->timer);
	bench.now += 23 * S; /* it rings for 20 s */
}

static void
offer_is_over(void)
{
	ck_assert_ptr_null(agent(1)->offer);
	ck_assert_ptr_null(bench.desk->offers);
}

/* The ACD has both, with a profile that is not the agent's. */
static void
not_matched(void)
{
	static const struct acd_profile other = {
		.n_queues = 1, .queues = { 2 }, .site = 1
	};

	bed_acd(&(struct acd_cmd){
	    .op = ACD_LOGIN, .agent = 1, .profile = &other });
	bed_acd(&(struct acd_cmd){ .op = ACD_READY, .agent = 1 });
	bed_event("c", 1, CALL_EV_QUEUED, "");
	ck_assert_ptr_null(agent(1)->offer);
	bench.now += 3 * S;
	sweep();
	ck_assert_str_eq(counts(), "");
	bench.now += 3 * S;
}

static void
is_matched(void)
{
	ck_assert_ptr_nonnull(agent(1)->offer);
}

/* clang-format off */
static const struct {
	const char *what;
	void (*break_it)(void);
	const char *want;
	void (*after)(void);
} rows[] = {
	{ "a call that the ACD has lost", call_lost, "call_unknown=1 ",
	  call_waits_again },
	{ "a call in an offer that nobody was told of", call_offered,
	  "call_offered=1 ", call_offered_after },
	{ "an agent whom the ACD does not know", agent_unknown,
	  "agent_unknown=1 ", agent_takes_work },
	{ "a ready agent who is given nothing", agent_idle, "agent_idle=1 ",
	  agent_takes_work },
	{ "a ready agent in an offer that nobody was told of", agent_offered,
	  "agent_offered=1 ", agent_takes_work },
	{ "an agent who is not ready, and is given work", agent_ready_there,
	  "agent_ready=1 ", agent_is_left_alone },
	{ "reserved without an offer", reserved_for_nothing,
	  "offer_orphaned=1 agent_reserved=1 ", is_matched },
	{ "an offer of a call that is not there", offer_of_no_call,
	  "offer_orphaned=1 ", is_matched },
	{ "an offer whose time was forgotten", offer_forgotten,
	  "offer_late=1 ", offer_is_over },
	{ "a ready agent, and a call for them", not_matched, "unmatched=1 ",
	  is_matched },
};
/* clang-format on */

static unsigned
count_of(const char *word)
{
	for (unsigned k = 0; k < NDETECTED; k++)
		if (strcmp(word, detected_word((enum detected)k)) == 0)
			return (unsigned)bench.desk->detector.counts[k];
	ck_abort_msg("no kind %s", word);
	return 0;
}

START_TEST(it_is_seen_repaired_and_counted)
{
	char want[128], *rest = want, *one;
	unsigned total = 0, n = 0;

	rows[_i].break_it();
	sweep();
	sweep(); /* what was broken is sound now */
	snprintf(want, sizeof(want), "%s", rows[_i].want);
	while ((one = strsep(&rest, " ")) != NULL && *one != '\0') {
		char *equals = strchr(one, '=');

		*equals = '\0';
		n = (unsigned)atoi(equals + 1);
		ck_assert_msg(
		    count_of(one) == n, "%s: %s", rows[_i].what, counts());
		total += n;
	}
	ck_assert_msg(total > 0, "%s", rows[_i].what);
	if (rows[_i].after != NULL)
		rows[_i].after();
}
END_TEST

START_TEST(a_sound_desk_is_left_alone)
{
	static const char *const path[] = { "", "801", "801" };
	static const enum call_event_kind kinds[] = { CALL_EV_QUEUED,
		CALL_EV_DELIVERED, CALL_EV_ESTABLISHED };
	struct desk_action a = bed_by(1);

	for (unsigned i = 0; i < 3; i++) {
		bed_event("c", i + 1, kinds[i], path[i]);
		if (i == 0)
			ck_ok(desk_offer_shown(bench.desk, &a, bench.offer));
		bed_run();
		sweep();
	}
	bed_event("d", 1, CALL_EV_QUEUED, "");
	sweep();
	bench.now += 5 * S;
	sweep();
	bed_event("c", 4, CALL_EV_CALL_CLEARED, "");
	sweep();
	desk_agent_gone(bench.desk, 2, true, bench.now);
	bed_run();
	sweep();
	ck_assert_str_eq(counts(), "");
}
END_TEST

START_TEST(what_is_under_way_is_not_wrong)
{
	agent_idle();
	desk_sweep(bench.desk, bench.now); /* is asked, and not answered yet */
	bed_acd(&(struct acd_cmd){ .op = ACD_READY, .agent = 1 });
	bed_run();
	ck_assert_str_eq(counts(), "");
}
END_TEST

START_TEST(who_refused_a_call_is_not_missing_from_it)
{
	struct desk_action a = bed_by(1);

	queue_by_name(bench.desk, STR_LIT("q"))->stay_ready = true;
	bed_event("c", 1, CALL_EV_QUEUED, "");
	ck_ok(desk_offer_refuse(
	    bench.desk, &a, bench.offer, STR_LIT("not mine")));
	bed_run();
	ck_assert_int_eq(agent(1)->state, AGENT_STATE_READY);
	for (unsigned i = 0; i < 5; i++) {
		bench.now += 3 * S;
		sweep();
	}
	ck_assert_str_eq(counts(), "");
}
END_TEST

static bool
on_row(void *arg, const struct cell *cells)
{
	unsigned *sum = arg;

	if (str_eq(cells[0].text, STR_LIT("repaired_agent_idle")))
		*sum += (unsigned)cells[1].number;
	return true;
}

START_TEST(operators_see_the_counts)
{
	const struct desk_list *l = desk_list_find(STR_LIT("store"));
	unsigned sum = 0;

	agent_idle();
	sweep();
	desk_list_rows(bench.desk, l, 0, bench.now, on_row, &sum);
	ck_assert_uint_eq(sum, 1);
}
END_TEST

/* More than one sweep looks at, while they come and go. */
START_TEST(all_are_looked_at_in_turn)
{
	char name[16];

	state(1, AGENT_STATE_NOT_READY);
	for (unsigned i = 0; i < 90; i++) {
		snprintf(name, sizeof(name), "c%u", i);
		bed_event(name, 1, CALL_EV_QUEUED, "");
	}
	sweep();
	bed_event("c5", 2, CALL_EV_CALL_CLEARED, "");
	bed_acd(
	    &(struct acd_cmd){ .op = ACD_DEQUEUE, .call = bed_id_of("c89") });
	sweep();
	ck_assert_str_eq(counts(), "call_unknown=1 ");
}
END_TEST

Suite *detector_suite(void);

Suite *
detector_suite(void)
{
	TCase *tc = tcase_create("detector");

	tcase_add_checked_fixture(tc, bed_up, bed_down);
	tcase_add_loop_test(
	    tc, it_is_seen_repaired_and_counted, 0, NELEM(rows));
	tcase_add_test(tc, a_sound_desk_is_left_alone);
	tcase_add_test(tc, what_is_under_way_is_not_wrong);
	tcase_add_test(tc, who_refused_a_call_is_not_missing_from_it);
	tcase_add_test(tc, operators_see_the_counts);
	tcase_add_test(tc, all_are_looked_at_in_turn);
	return suite_of(tc, "detector");
}
