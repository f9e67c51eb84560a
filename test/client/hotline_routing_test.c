/*
 * hotline_routing_test.c - how queues distribute their calls, as the file says
 * it: what each key comes to, and where what is wrong is found.
 */
#include "test/support/support.h"

#include <stdlib.h>
#include <string.h>

#include "client/hotline.h"

/* What stands around the keys of queue repair, which begin in line 12. */
#define HEAD                                   \
	"skills: [english, refrigerator]\n"    \
	"calendars:\n"                         \
	"  - name: office\n"                   \
	"    zone: Asia/Shanghai\n"            \
	"    week: {mon-fri: [09:00-18:00]}\n" \
	"queues:\n"                            \
	"  - name: sales\n"                    \
	"  - name: night\n"                    \
	"  - name: overflow\n"                 \
	"  - name: repair\n"                   \
	"    skills: {english: 5}\n"
#define KEY "    " /* column 5 */

static enum err
parse(const char *text, struct hotline *h, char **errors)
{
	size_t len;
	FILE *f = open_memstream(errors, &len);
	enum err e = hotline_parse("h.yaml", text, strlen(text), h, f);

	fclose(f);
	return e;
}

/* ---- what is written, what it comes to */

/* clang-format off */
static const struct {
	const char *key, *rules;
} good[] = {
	{ "strategy: longest_idle", "" },
	{ "strategy: round_robin", "strategy round_robin\n" },
	{ "strategy: fewest_calls", "strategy fewest_calls\n" },
	{ "strategy: least_talk", "strategy least_talk\n" },
	{ "strategy: top_down", "strategy top_down\n" },
	{ "strategy: random", "strategy random\n" },
	{ "strategy: weighted_random", "strategy weighted_random\n" },
	{ "strategy: ring_all", "strategy ring_all\n" },
	{ "strategy: most_skilled", "strategy most_skilled\n" },
	{ "strategy: least_skilled", "strategy least_skilled\n" },
	{ "strategy: ring_all\n" KEY "ring_at_once: 8",
	  "strategy ring_all\nring_at_once 8\n" },
	{ "relax: [{after: 30s, skill: english, level: 3}]",
	  "relax 30s skill english 3\n" },
	{ "relax: [{after: 30s, skill: english, level: 0}]",
	  "relax 30s skill english 0\n" },
	{ "relax: [{after: 60s, tier: 2}]", "relax 1m tier 2\n" },
	{ "relax: [{after: 90s, queue: sales}]", "relax 90s queue sales\n" },
	{ "first: {owner: 30s}", "first owner 30s\n" },
	{ "first: {last_agent: 20s}", "first last_agent 20s\n" },
	{ "first: {last_agent: 20s, last_agent_within: 1d}",
	  "first last_agent 20s within 1d\n" },
	{ "first: {account_manager: 60s}", "first account_manager 1m\n" },
	{ "credit: {grades: {A: 60s, C: 10s}}",
	  "credit grade A 1m\ncredit grade C 10s\n" },
	{ "credit: {breached: 2m}", "credit breached 2m\n" },
	{ "credit: {repeat: 60s}", "credit repeat 1m\n" },
	{ "credit: {words: {gas: 10m, gas leak: 15m}}",
	  "credit word gas 10m\ncredit word gas%20leak 15m\n" },
	{ "hours: office", "hours office closed refuse\n" },
	{ "hours: office\n" KEY "closed: {queue: night}",
	  "hours office closed queue night\n" },
	{ "full: 50", "full 50 refuse\n" },
	{ "full: 50\n" KEY "when_full: {queue: sales}",
	  "full 50 queue sales\n" },
	{ "max_wait: 10m", "max_wait 10m refuse\n" },
	{ "max_wait: 10m\n" KEY "after_max_wait: callback\n"
	  KEY "callback: {}", "max_wait 10m callback\n"
	  "callback agent_first retries 3 every 10m expires 8h\n" },
	{ "overflow: [{wait: 60s, then: {queue: sales}}]",
	  "overflow wait 1m queue sales\n" },
	{ "overflow: [{length: 20}, {estimate: 5m, then: {queue: sales}}]",
	  "overflow length 20 refuse\noverflow estimate 5m queue sales\n" },
	{ "callback: {first: agent, retries: 0, every: 5m, expires: 1d}",
	  "callback agent_first retries 0 every 5m expires 1d\n" },
	{ "follow_up_abandoned: 1m", "follow_up_abandoned 1m\n" },
	{ "return: 10m", "return 10m\n" },
	{ "announce: 30s", "announce 30s\n" },
	{ "delays: {no_answer: 10s, refused: 20s, device_busy: 30s}",
	  "delay no_answer 10s\ndelay refused 20s\ndelay device_busy 30s\n" },
	{ "unanswered: 3", "unanswered 3\n" },
	{ "again: 60s", "" },
	{ "again: 0s", "again 0s\n" },
	{ "extend: {by: 2m, times: 3}", "extend 2m 3\n" },
	{ "extend: {by: 2m}", "extend 2m 3\n" },
	{ "extend: {by: 2m, times: 5}", "extend 2m 5\n" },
	{ "direct: 5m", "direct 5m\n" },
	{ "work_credit: -5m", "work_credit -5m\n" },
};

/* The key begins in line 12, column 5. */
static const struct {
	const char *name, *key, *want;
} bad[] = {
	{ "a misspelt strategy", "strategy: longest_idel",
	  "h.yaml:12:15: strategy is 'longest_idel'; write one of longest_idle,"
	  },
	{ "a misspelt strategy's near word", "strategy: longest_idel",
	  "; did you mean 'longest_idle'?\n" },
	{ "a misspelt rule", "overflows: []",
	  "h.yaml:12:5: 'overflows' is not known; did you mean 'overflow'?\n" },
	{ "one key twice", "full: 5\n" KEY "full: 6",
	  "h.yaml:13:5: 'full' is given twice, first in line 12" },
	{ "an unknown skill in a step",
	  "relax: [{after: 30s, skill: englsh, level: 3}]",
	  "h.yaml:12:33: there is no skill 'englsh'; "
	  "did you mean 'english'?\n" },
	{ "a skill that the queue does not ask for",
	  "relax: [{after: 30s, skill: refrigerator, level: 3}]",
	  "h.yaml:12:54: the queue does not ask for 'refrigerator'" },
	{ "a minimum that rises",
	  "relax: [{after: 30s, skill: english, level: 5}]",
	  "h.yaml:12:49: level 5 of 'english' is no less than the queue's 5" },
	{ "level 10 in a step",
	  "relax: [{after: 30s, skill: english, level: 10}]",
	  "h.yaml:12:49: level is '10'; write a whole number from 0 to 9" },
	{ "a skill without a level", "relax: [{after: 30s, skill: english}]",
	  "h.yaml:12:33: a skill falls to a level; write `level'" },
	{ "a level without a skill", "relax: [{after: 30s, tier: 2, level: 3}]",
	  "h.yaml:12:42: a level is a skill's; take it away\n" },
	{ "a step of two kinds", "relax: [{after: 30s, tier: 2, queue: sales}]",
	  "h.yaml:12:21: a step has one of skill, tier and queue" },
	{ "a step of no kind", "relax: [{after: 30s}]",
	  "h.yaml:12:21: a step has one of skill, tier and queue" },
	{ "a step without a time", "relax: [{tier: 2}]",
	  "h.yaml:12:13: after is missing; write a time like" },
	{ "tier 11", "relax: [{after: 30s, tier: 11}]",
	  "h.yaml:12:32: tier is '11'; write a whole number from 2 to 10" },
	{ "steps at one time",
	  "relax: [{after: 30s, tier: 2}, {after: 30s, queue: sales}]",
	  "h.yaml:12:44: a step after 30s comes behind one after 30s" },
	{ "steps that do not rise",
	  "relax: [{after: 60s, tier: 2}, {after: 30s, queue: sales}]",
	  "h.yaml:12:44: a step after 30s comes behind one after 1m" },
	{ "tiers that do not rise",
	  "relax: [{after: 30s, tier: 3}, {after: 60s, tier: 2}]",
	  "h.yaml:12:55: tier 2 comes behind tier 3" },
	{ "a queue that relaxes into itself",
	  "relax: [{after: 30s, queue: repair}]",
	  "h.yaml:12:33: queue 'repair' relaxes into itself" },
	{ "an unknown queue in a step", "relax: [{after: 30s, queue: sale}]",
	  "h.yaml:12:33: there is no queue 'sale'; did you mean 'sales'?\n" },
	{ "an unknown first", "first: {owners: 30s}",
	  "h.yaml:12:13: 'owners' is not known; did you mean 'owner'?\n" },
	{ "within without last_agent", "first: {last_agent_within: 7d}",
	  "h.yaml:12:32: `last_agent_within' without `last_agent'" },
	{ "a grade that there is not", "credit: {grades: {F: 60s}}",
	  "h.yaml:12:23: 'F' is not known; " },
	{ "a word's credit without its unit", "credit: {words: {gas: 10}}",
	  "h.yaml:12:27: gas is '10'; write a time like" },
	{ "a word that cannot be seen",
	  "credit: {words: {\"ga\\u202Es\": 10s}}",
	  "h.yaml:12:22: a word has 1 to 64 bytes" },
	{ "an unknown calendar", "hours: offce",
	  "h.yaml:12:12: there is no calendar 'offce'; "
	  "did you mean 'office'?\n" },
	{ "closed without hours", "closed: {queue: night}",
	  "h.yaml:12:21: `closed' without `hours'; write that, too\n" },
	{ "when_full without full", "when_full: refuse",
	  "h.yaml:12:16: `when_full' without `full'" },
	{ "after_max_wait without max_wait", "after_max_wait: refuse",
	  "h.yaml:12:21: `after_max_wait' without `max_wait'" },
	{ "a misspelt action", "full: 5\n" KEY "when_full: refsue",
	  "h.yaml:13:16: when_full is 'refsue'; write one of refuse, callback, "
	  "{queue: NAME}; did you mean 'refuse'?\n" },
	{ "an unknown queue as an action",
	  "full: 5\n" KEY "when_full: {queue: salse}",
	  "h.yaml:13:24: there is no queue 'salse'; did you mean 'sales'?\n" },
	{ "callback without a rule", "max_wait: 5m\n"
	  KEY "after_max_wait: callback",
	  "h.yaml:13:21: callers are to be called back, and the queue has no "
	  "rule 'callback'" },
	{ "a queue that overflows into itself",
	  "overflow: [{wait: 60s, then: {queue: repair}}]",
	  "h.yaml:12:42: queue 'repair' sends calls to itself" },
	{ "a queue that sends to itself when closed",
	  "hours: office\n" KEY "closed: {queue: repair}",
	  "h.yaml:13:21: queue 'repair' sends calls to itself" },
	{ "an overflow of two kinds", "overflow: [{wait: 60s, length: 5}]",
	  "h.yaml:12:36: an overflow has one of wait, length and estimate" },
	{ "an overflow of no kind", "overflow: [{then: refuse}]",
	  "h.yaml:12:15: an overflow has one of wait, length and estimate" },
	{ "two overflows of a kind",
	  "overflow: [{wait: 60s}, {wait: 90s, then: {queue: sales}}]",
	  "h.yaml:12:55: overflow by wait comes twice" },
	{ "ring_at_once without ring_all", "ring_at_once: 4",
	  "h.yaml:12:19: only strategy ring_all rings several at once" },
	{ "a customer who is called first",
	  "callback: {first: customer}",
	  "h.yaml:12:15: no switch's bridge can call the customer first" },
	{ "announcements too often", "announce: 10ms",
	  "h.yaml:12:15: announcements follow each other after 1s" },
	{ "more wrap-up without how much", "extend: {times: 5}",
	  "h.yaml:12:13: `extend' without `by'; write that, too\n" },
	{ "a credit of more than a day", "work_credit: -2d",
	  "h.yaml:12:18: work_credit is '-2d'; write a time like" },
	{ "a ring over two queues",
	  "overflow: [{wait: 60s, then: {queue: overflow}}]\n"
	  "  - name: x\n"
	  KEY "max_wait: 5m\n"
	  KEY "after_max_wait: {queue: repair}\n"
	  "  - name: y\n"
	  KEY "full: 9\n"
	  KEY "when_full: {queue: repair}\n", NULL },
	{ "a ring through closed hours",
	  "overflow: [{wait: 60s, then: {queue: x}}]\n"
	  "  - name: x\n"
	  KEY "hours: office\n"
	  KEY "closed: {queue: repair}",
	  "h.yaml:12:42: calls go round in a ring: repair -> x -> repair\n" },
};
/* clang-format on */

static char *
file_of(const char *key)
{
	char *text = NULL;

	ck_assert_int_gt(asprintf(&text, "%s%s%s\n", HEAD, KEY, key), 0);
	return text;
}

START_TEST(a_key_comes_to_its_rule)
{
	const struct hotline_queue *q;
	char *text = file_of(good[_i].key), *errors = NULL;
	struct hotline h;
	enum err e = parse(text, &h, &errors);

	ck_assert_msg(e == ERR_OK, "%s: %s", good[_i].key, errors);
	q = (const struct hotline_queue *)h.queues.items + 3;
	ck_assert_msg(str_eq(q->routing.text, str_of(good[_i].rules)),
	    "%s: %.*s", good[_i].key, STR_ARG(q->routing.text));
	hotline_free(&h);
	free(errors);
	free(text);
}
END_TEST

START_TEST(a_fault_has_its_place)
{
	char *text = file_of(bad[_i].key), *errors = NULL;
	struct hotline h;
	enum err e = parse(text, &h, &errors);

	if (bad[_i].want == NULL) {
		ck_assert_msg(e == ERR_OK, "%s: %s", bad[_i].name, errors);
		hotline_free(&h);
	} else {
		ck_err(e, ERR_CONFIG);
		ck_assert_msg(strstr(errors, bad[_i].want) != NULL, "%s: %s",
		    bad[_i].name, errors);
	}
	free(errors);
	free(text);
}
END_TEST

/* ---- agents, reasons, and calendars that queues' hours rest on */

/* clang-format off */
static const struct {
	const char *name, *text, *want;
} others[] = {
	{ "a tier in a queue that the agent is not in",
	  "queues: [{name: sales}, {name: repair}]\n"
	  "agents:\n"
	  "  - name: wang\n"
	  "    queues: [sales]\n"
	  "    tiers: {slaes: 2}\n",
	  "h.yaml:5:13: the agent is not in queue 'slaes'; "
	  "did you mean 'sales'?\n" },
	{ "a weight likewise",
	  "queues: [{name: sales}, {name: repair}]\n"
	  "agents:\n"
	  "  - name: wang\n"
	  "    queues: [sales]\n"
	  "    weights: {repair: 2}\n",
	  "h.yaml:5:15: the agent is not in queue 'repair'; "
	  "write one of sales\n" },
	{ "weight 0",
	  "queues: [{name: sales}]\n"
	  "agents: [{name: wang, queues: [sales], weights: {sales: 0}}]\n",
	  "h.yaml:2:57: sales is '0'; write a whole number from 1 to 10\n" },
	{ "tier 11",
	  "queues: [{name: sales}]\n"
	  "agents: [{name: wang, queues: [sales], tiers: {sales: 11}}]\n",
	  "h.yaml:2:55: sales is '11'; write a whole number from 1 to 10\n" },
	{ "proficiency 11",
	  "skills: [english]\n"
	  "agents: [{name: wang, skills: {english: 11}}]\n",
	  "h.yaml:2:41: english is '11'; write a whole number from 1 to 10\n" },
	{ "too many work items",
	  "agents: [{name: wang, work_items: 51}]\n",
	  "h.yaml:1:35: work_items is '51'; "
	  "write a whole number from 0 to 50\n" },
	{ "a reason twice",
	  "reasons:\n"
	  "  - name: lunch\n"
	  "  - {name: lunch, paid: yes}\n",
	  "h.yaml:3:12: reason 'lunch' was already given in line 2; "
	  "take one away\n" },
	{ "a reason's limit without its unit",
	  "reasons: [{name: lunch, limit: 45}]\n",
	  "h.yaml:1:32: limit is '45'; write a time like" },
	{ "overlapping hours",
	  "queues: [{name: q, hours: office}]\n"
	  "calendars:\n"
	  "  - name: office\n"
	  "    zone: Asia/Shanghai\n"
	  "    week: {mon-fri: [09:00-12:00, 11:00-18:00]}\n",
	  "h.yaml:5:35: " },
};
/* clang-format on */

START_TEST(other_faults_have_their_place)
{
	char *errors = NULL;
	struct hotline h;

	ck_err(parse(others[_i].text, &h, &errors), ERR_CONFIG);
	ck_assert_msg(strstr(errors, others[_i].want) != NULL, "%s: %s",
	    others[_i].name, errors);
	free(errors);
}
END_TEST

/* ---- sent */

static int
take_part(void *arg, Mashang__Apply *a)
{
	Mashang__Apply **out = arg;
	size_t n = mashang__apply__get_packed_size(a);
	uint8_t *bytes = malloc(n + 1);

	mashang__apply__pack(a, bytes);
	*out = mashang__apply__unpack(NULL, n, bytes);
	free(bytes);
	return 0;
}

static bool
is(ProtobufCBinaryData d, const char *want)
{
	return str_eq(
	    (struct str){ (const char *)d.data, d.len }, str_of(want));
}

START_TEST(all_of_it_is_sent)
{
	static const char text[] =
	    "queues:\n"
	    "  - {name: sales, strategy: random, full: 9}\n"
	    "  - {name: repair}\n"
	    "agents:\n"
	    "  - name: wang\n"
	    "    queues: [sales, repair]\n"
	    "    tiers: {repair: 2}\n"
	    "    weights: {sales: 3}\n"
	    "    work_items: 4\n"
	    "  - name: li\n"
	    "reasons:\n"
	    "  - {name: lunch, limit: 45m}\n"
	    "  - {name: training, paid: yes}\n";
	Mashang__Apply *a = NULL;
	char *errors = NULL;
	struct hotline h;

	ck_ok(parse(text, &h, &errors));
	ck_assert_int_eq(hotline_send(&h, take_part, &a), 0);
	ck_assert(is(a->queues[0]->rules, "strategy random\nfull 9 refuse\n"));
	ck_assert(is(a->queues[1]->rules, ""));
	ck_assert_uint_eq(a->agents[0]->n_tiers, 1);
	ck_assert(is(a->agents[0]->tiers[0]->queue, "repair"));
	ck_assert_uint_eq(a->agents[0]->tiers[0]->n, 2);
	ck_assert(is(a->agents[0]->weights[0]->queue, "sales"));
	ck_assert_uint_eq(a->agents[0]->weights[0]->n, 3);
	ck_assert_uint_eq(a->agents[0]->work_items, 4);
	ck_assert_uint_eq(a->agents[1]->work_items, 1);
	ck_assert_uint_eq(a->n_reasons, 2);
	ck_assert(is(a->reasons[0]->name, "lunch"));
	ck_assert(!a->reasons[0]->paid);
	ck_assert_int_eq(a->reasons[0]->limit_us, 2700000000);
	ck_assert(a->reasons[1]->paid);
	mashang__apply__free_unpacked(a, NULL);
	hotline_free(&h);
	free(errors);
}
END_TEST

Suite *
hotline_routing_suite(void)
{
	TCase *tc = tcase_create("hotline_routing");

	tcase_add_loop_test(tc, a_key_comes_to_its_rule, 0, NELEM(good));
	tcase_add_loop_test(tc, a_fault_has_its_place, 0, NELEM(bad));
	tcase_add_loop_test(
	    tc, other_faults_have_their_place, 0, NELEM(others));
	tcase_add_test(tc, all_of_it_is_sent);
	return suite_of(tc, "hotline_routing");
}
