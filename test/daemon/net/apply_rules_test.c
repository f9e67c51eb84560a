/*
 * apply_rules_test.c - rules, tiers, weights and reasons by the wire: taken from
 * whoever sends them, checked again, and shown line by line.
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

/* Two queues of a centre, two agents, two reasons; a test bends it. */
static struct {
	Mashang__Apply apply;
	Mashang__QueueSpec queue[2], *queues[2];
	Mashang__SkillLevel skill, *skills[1];
	Mashang__AgentSpec agent[2], *agents[2];
	Mashang__QueueNumber tier, *tiers[1], weight, *weights[1];
	Mashang__ReasonSpec reason[2], *reasons[2];
	Mashang__CalendarSpec office, *calendars[1];
	ProtobufCBinaryData skill_names[1], queue_names[1];
} m;

static void
make_queues(void)
{
	for (int i = 0; i < 2; i++) {
		mashang__queue_spec__init(&m.queue[i]);
		m.queues[i] = &m.queue[i];
		m.queue[i].ring_us = 20000000;
	}
	m.queue[0].name = data_of("q");
	m.queue[1].name = data_of("sales");
	mashang__skill_level__init(&m.skill);
	m.skill.skill = data_of("zh");
	m.skill.level = 5;
	m.skills[0] = &m.skill;
	m.queue[0].n_skills = 1;
	m.queue[0].skills = m.skills;
	m.apply.n_queues = 2;
	m.apply.queues = m.queues;
	m.skill_names[0] = data_of("zh");
	m.apply.n_skills = 1;
	m.apply.skills = m.skill_names;
	mashang__calendar_spec__init(&m.office);
	m.office.name = data_of("office");
	m.office.zone = data_of("Asia/Shanghai");
	m.calendars[0] = &m.office;
	m.apply.n_calendars = 1;
	m.apply.calendars = m.calendars;
}

static void
make_agents(void)
{
	mashang__queue_number__init(&m.tier);
	mashang__queue_number__init(&m.weight);
	for (int i = 0; i < 2; i++) {
		mashang__agent_spec__init(&m.agent[i]);
		m.agents[i] = &m.agent[i];
		m.agent[i].n_queues = 1;
		m.agent[i].queues = m.queue_names;
	}
	m.queue_names[0] = data_of("q");
	m.agent[0].name = data_of("a1");
	m.agent[1].name = data_of("a2");
	m.tier.queue = m.weight.queue = data_of("q");
	m.tier.n = 2;
	m.weight.n = 3;
	m.tiers[0] = &m.tier;
	m.weights[0] = &m.weight;
	m.agent[0].n_tiers = m.agent[0].n_weights = 1;
	m.agent[0].tiers = m.tiers;
	m.agent[0].weights = m.weights;
	m.agent[0].work_items = 4;
	m.apply.n_agents = 2;
	m.apply.agents = m.agents;
	for (int i = 0; i < 2; i++) {
		mashang__reason_spec__init(&m.reason[i]);
		m.reasons[i] = &m.reason[i];
	}
	m.reason[0].name = data_of("lunch");
	m.reason[0].limit_us = 2700000000;
	m.reason[1].name = data_of("training");
	m.reason[1].paid = 1;
	m.apply.n_reasons = 2;
	m.apply.reasons = m.reasons;
}

static void
setup(void)
{
	house_up(&h, false);
	memset(&m, 0, sizeof(m));
	mashang__apply__init(&m.apply);
	make_queues();
	make_agents();
	peer_login(&a, &h, ROLE(ADMINISTRATOR), NULL, NULL);
}

static void
teardown(void)
{
	peer_close(&a);
	house_down(&h);
}

static const Mashang__Page *
apply(void)
{
	peer_request(&a, &ENVELOPE(APPLY, apply, &m.apply));
	return peer_reply(&a, BODY(PAGE))->page;
}

/* "changed: before > after" of the row of that kind and name. */
static const char *
row(const Mashang__Page *p, const char *kind, const char *name)
{
	static char text[2048];

	for (size_t i = 0; i < p->n_rows; i++) {
		Mashang__Cell **c = p->rows[i]->cells;

		if (c[0]->text.len != strlen(kind) ||
		    memcmp(c[0]->text.data, kind, strlen(kind)) != 0 ||
		    c[1]->text.len != strlen(name) ||
		    memcmp(c[1]->text.data, name, strlen(name)) != 0)
			continue;
		snprintf(text, sizeof(text), "%.*s: %.*s > %.*s",
		    (int)c[2]->text.len, (char *)c[2]->text.data,
		    (int)c[3]->text.len, (char *)c[3]->text.data,
		    (int)c[4]->text.len, (char *)c[4]->text.data);
		return text;
	}
	return "no row";
}
#define ck_row(p, kind, name, want) \
	ck_assert_str_eq(row(p, kind, name), want)

/* ---- shown */

static const char rules[] = "credit word gas%20leak 10m\n"
			    "strategy most_skilled\n"
			    "relax 30s skill zh 3\n"
			    "relax 60s queue sales\n"
			    "hours office closed queue sales\n"
			    "again 60s\n";

START_TEST(each_rule_is_a_line)
{
	const Mashang__Page *p;

	m.queue[0].rules = data_of(rules);
	p = apply();
	ck_row(p, "rule", "q strategy", "added:  > most_skilled");
	ck_row(p, "rule", "q relax 30s", "added:  > skill zh 3");
	ck_row(p, "rule", "q relax 1m", "added:  > queue sales");
	ck_row(p, "rule", "q credit word gas%20leak", "added:  > 10m");
	ck_row(p, "rule", "q hours", "added:  > office closed queue sales");
	ck_row(p, "rule", "q again", "no row"); /* it is the preset */
	ck_row(p, "reason", "lunch", "added:  > paid no limit 2700s");
	ck_row(p, "reason", "training", "added:  > paid yes");
	ck_assert_ptr_nonnull(strstr(row(p, "agent", "a1"),
	    "> '' queues [q] tiers {q: 2} weights {q: 3} skills {} "
	    "screen_first no work_items 4"));
	ck_assert_uint_eq(fake_ledger_applied(h.ledger), 1);
}
END_TEST

/* As the ledger has it once that was applied. */
static void
have_all_of_it(const char *rule)
{
	static char queues[256];

	snprintf(queues, sizeof(queues),
	    "1|q|1=5|20000000|0|0|f|0|%s\n2|sales||20000000|0|0|f|0|", rule);
	fake_ledger_card(h.ledger, LQ_CONFIG_QUEUES, queues);
	fake_ledger_card(h.ledger, LQ_CONFIG_AGENTS,
	    "1|a1||f|1||1=2|1=3|1|4\n2|a2||f|1||||2|0");
	fake_ledger_card(
	    h.ledger, LQ_CONFIG_REASONS, "lunch|f|2700000000\ntraining|t|0");
	fake_ledger_card(h.ledger, LQ_CONFIG_DEVICES, "");
	fake_ledger_card(h.ledger, LQ_CONFIG_NUMBERS, "");
	fake_ledger_card(h.ledger, LQ_SLA_REVISIONS, "1|5|new|boss");
	fake_ledger_card(
	    h.ledger, LQ_SLA_CALENDARS, "1|office|zone=Asia/Shanghai");
}

START_TEST(what_is_there_already_is_no_change)
{
	const Mashang__Page *p;

	have_all_of_it("full 50 refuse");
	m.queue[0].rules = data_of("full 50 refuse\n");
	m.apply.dry_run = 1;
	p = apply();
	ck_assert_msg(p->n_rows == 0, "%.*s", (int)p->rows[0]->cells[1]->text.len,
	    (char *)p->rows[0]->cells[1]->text.data);
}
END_TEST

START_TEST(what_differs_is_shown_alone)
{
	const Mashang__Page *p;

	have_all_of_it("full 50 refuse");
	m.queue[0].rules = data_of("full 60 queue sales\n");
	p = apply();
	ck_assert_uint_eq(p->n_rows, 1);
	ck_row(p, "rule", "q full", "changed: 50 refuse > 60 queue sales");
	m.queue[0].rules = data_of("");
	p = apply();
	ck_assert_uint_eq(p->n_rows, 1);
	ck_row(p, "rule", "q full", "removed: 50 refuse > ");
	m.queue[0].rules = data_of("full 50 refuse");
	m.apply.n_reasons = 1;
	p = apply();
	ck_assert_uint_eq(p->n_rows, 1);
	ck_row(p, "reason", "training", "removed: paid yes > ");
}
END_TEST

START_TEST(the_order_of_agents_is_one_item)
{
	const Mashang__Page *p;

	have_all_of_it("");
	m.agents[0] = &m.agent[1];
	m.agents[1] = &m.agent[0];
	p = apply();
	ck_assert_uint_eq(p->n_rows, 1);
	ck_row(p, "agent_order", "agents", "changed: a1, a2 > a2, a1");
	/* Where others stay, everybody keeps the own place. */
	m.apply.keep_others = 1;
	ck_assert_uint_eq(apply()->n_rows, 0);
}
END_TEST

/* A queue that is named is said whole, its rules too. */
START_TEST(rules_of_queues_that_stay_stay)
{
	const Mashang__Page *p;

	have_all_of_it("full 50 refuse");
	m.apply.keep_others = 1;
	p = apply();
	ck_assert_uint_eq(p->n_rows, 1);
	ck_row(p, "rule", "q full", "removed: 50 refuse > ");
	m.queues[0] = &m.queue[1];
	m.apply.n_queues = 1;
	ck_assert_uint_eq(apply()->n_rows, 0);
}
END_TEST

/* ---- refused */

static void
bad_places(int i)
{
	switch (i) {
	case 0:
		m.tier.n = 0;
		break;
	case 1:
		m.weight.n = 11;
		break;
	case 2:
		m.tier.queue = data_of("sales");
		break;
	case 3:
		m.agent[0].work_items = 51;
		break;
	case 4:
		m.reason[1].name = data_of("lunch");
		break;
	case 5:
		m.reason[0].limit_us = -1;
		break;
	case 6:
		m.skill.level = 11;
		break;
	default:
		m.skill.level = 0;
	}
}

/* clang-format off */
static const struct {
	Mashang__Code code;
	const char *says;
} places[] = {
	{ CODE(BAD_FIELD), "tier" },
	{ CODE(BAD_FIELD), "weight" },
	{ CODE(CONFIG), "agent 'a1' has a tier in queue 'sales' and is not in" },
	{ CODE(BAD_FIELD), "work_items" },
	{ CODE(CONFIG), "reason 'lunch' comes twice" },
	{ CODE(BAD_FIELD), "limit_us" },
	{ CODE(BAD_FIELD), "level" },
	{ CODE(BAD_FIELD), "level" },
};

/* Of q, and of sales. */
static const struct {
	const char *rules, *of_sales, *says;
} refused[] = {
	{ "strategi random", "",
	  "queue 'q': line 1: 'strategi' is unknown; did you mean 'strategy'?" },
	{ "strategy longest_idel", "", "did you mean 'longest_idle'?" },
	{ "relax 30s skill english 3", "",
	  "queue 'q': relax: the queue does not ask for 'english'" },
	{ "relax 30s skill zh 7", "", "is no less than the queue's 5" },
	{ "relax 30s queue salse", "",
	  "queue 'q' names queue 'salse', which is not configured" },
	{ "relax 30s queue salse", "", "did you mean 'sales'?" },
	{ "relax 30s queue q", "", "queue 'q' relaxes into itself" },
	{ "relax 30s tier 2\nrelax 30s tier 3", "", "a step after 30s comes" },
	{ "hours ofice closed refuse", "", "names calendar 'ofice'" },
	{ "full 5 queue nowhere", "", "names queue 'nowhere'" },
	{ "overflow wait 1m queue q", "", "sends calls to itself" },
	{ "overflow wait 1m queue sales", "full 5 queue q",
	  "calls go round in a ring: q -> sales -> q" },
	{ "full 5 refuse\nfull 6 refuse", "", "'full' was said before" },
	{ "max_wait 1m callback", "", "no rule 'callback'" },
	{ "credit word %1B%5B2J 10m", "", "is no word's name" },
	{ "\xff\xfe", "", "is unknown" },
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

static void
is_refused(Mashang__Code code, const char *says)
{
	const Mashang__Error *e;

	peer_request(&a, &ENVELOPE(APPLY, apply, &m.apply));
	e = peer_reply(&a, BODY(ERROR))->error;
	ck_assert_int_eq(e->code, code);
	ck_assert_msg(one_says(e, says), "%s: %.*s", says,
	    e->n_params > 2 ? (int)e->params[2].len : 0,
	    e->n_params > 2 ? (char *)e->params[2].data : "");
	ck_assert_uint_eq(fake_ledger_applied(h.ledger), 0);
}

START_TEST(wrong_rules_are_refused)
{
	m.queue[0].rules = data_of(refused[_i].rules);
	m.queue[1].rules = data_of(refused[_i].of_sales);
	is_refused(CODE(CONFIG), refused[_i].says);
}
END_TEST

START_TEST(wrong_places_are_refused)
{
	bad_places(_i);
	is_refused(places[_i].code, places[_i].says);
}
END_TEST

START_TEST(rings_over_what_stays_are_refused)
{
	have_all_of_it("overflow wait 1m queue sales");
	m.apply.keep_others = 1;
	m.apply.n_queues = 1;
	m.queues[0] = &m.queue[1];
	m.queue[1].rules = data_of("full 5 queue q");
	is_refused(CODE(CONFIG), "calls go round in a ring: ");
}
END_TEST

START_TEST(too_many_rules_are_refused)
{
	static uint8_t text[20000];

	memset(text, 'x', sizeof(text));
	m.queue[0].rules.data = text;
	m.queue[0].rules.len = sizeof(text);
	is_refused(CODE(CONFIG), "rules of more than 12288 bytes");
}
END_TEST

Suite *
apply_rules_suite(void)
{
	TCase *tc = tcase_create("apply_rules");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, each_rule_is_a_line);
	tcase_add_test(tc, what_is_there_already_is_no_change);
	tcase_add_test(tc, what_differs_is_shown_alone);
	tcase_add_test(tc, the_order_of_agents_is_one_item);
	tcase_add_test(tc, rules_of_queues_that_stay_stay);
	tcase_add_loop_test(tc, wrong_rules_are_refused, 0, NELEM(refused));
	tcase_add_loop_test(tc, wrong_places_are_refused, 0, NELEM(places));
	tcase_add_test(tc, rings_over_what_stays_are_refused);
	tcase_add_test(tc, too_many_rules_are_refused);
	return suite_of(tc, "apply_rules");
}
