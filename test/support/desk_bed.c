/*
 * desk_bed.c - see desk_bed.h.
 */
#include "test/support/desk_bed.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "desk/state.h"
#include "store/acd.h"
#include "store/ledger.h"
#include "test/support/fake_ledger.h"
#include "test/support/support.h"

#define NOON (INT64_C(1790000000) * S)

struct desk_bed bench;
static struct acd *local;
static uint64_t stream;
static char told[8192];
static struct arena *rules_texts;

/* ---- what is told, in words */

static void tell(const char *fmt, ...) PRINTF_LIKE(1, 2);

static void
tell(const char *fmt, ...)
{
	size_t len = strlen(told);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(told + len, sizeof(told) - len, fmt, ap);
	va_end(ap);
}

static void
on_offer(void *arg, uint32_t agent, const struct offer_news *n)
{
	(void)arg;
	bench.offer = n->offer;
	bench.offered_to = agent;
	snprintf(bench.why, sizeof(bench.why), "%.*s", STR_ARG(n->why));
	bench.data[0] = '\0';
	for (unsigned i = 0; i < n->n_data; i++) {
		size_t len = strlen(bench.data);

		snprintf(bench.data + len, sizeof(bench.data) - len,
		    "%.*s=%.*s ", STR_ARG(n->data[i].key),
		    STR_ARG(n->data[i].value));
	}
	tell("offer:%u/%.*s%s%s%s ", agent, STR_ARG(n->queue),
	    n->work_kind != WORK_NONE ? "/" : "",
	    n->work_kind != WORK_NONE ? word_work_kind(n->work_kind) : "",
	    n->can_answer ? "" : "/by_hand");
}

static void
on_story(void *arg, uint32_t agent, const struct story_news *n)
{
	(void)arg, (void)n;
	tell("story:%u ", agent);
}

static void
on_offer_ended(void *arg, uint32_t agent, uint64_t offer, enum offer_end e)
{
	(void)arg, (void)offer;
	tell("%s:%u ", word_offer_end(e), agent);
}

static void
on_agent(void *arg, uint32_t agent, const struct agent_news *n)
{
	(void)arg;
	tell("%u=%s", agent, word_agent_state(n->state));
	if (n->reason.len > 0)
		tell("(%.*s)", STR_ARG(n->reason));
	if (n->pending != AGENT_STATE_NONE)
		tell(",%s(%.*s)", word_agent_state(n->pending),
		    STR_ARG(n->pending_reason));
	tell(" ");
}

static void
on_call(void *arg, uint32_t agent, const struct call_news *n)
{
	(void)arg;
	if (agent < NELEM(bench.can) && n->relation != RELATION_CONSULT)
		bench.can[agent] = n->can;
	if (n->relation == RELATION_CONSULT)
		bench.consult_ticket = n->ticket;
	else
		bench.ticket = n->ticket;
	tell("%s%s:%u", n->relation == RELATION_CONSULT ? "~" : "",
	    word_call_event(n->kind), agent);
	if (n->number.len > 0)
		tell("<%.*s>", STR_ARG(n->number));
	tell(" ");
}

static void
on_work(void *arg, uint32_t agent, const struct work_news *n)
{
	(void)arg;
	tell("%s_%s:%u ", word_work_kind(n->kind), word_work_state(n->state),
	    agent);
}

static void
on_taken_over(void *arg, uint32_t agent)
{
	(void)arg, (void)agent;
}

static void
on_saved(void *arg, void *peer, const struct id *op)
{
	(void)arg, (void)peer, (void)op;
}

static void
on_order(void *arg, struct desk_switch *h, const struct order *o)
{
	(void)arg, (void)h;
	bench.order = o->order_id;
	tell("%s:%.*s", desk_order_word(o->kind), STR_ARG(o->call));
	if (o->device.len > 0)
		tell("/%.*s", STR_ARG(o->device));
	if (o->number.len > 0)
		tell("%s%.*s", o->to_device ? ">device " : ">",
		    STR_ARG(o->number));
	if (o->related_call.len > 0)
		tell("+%.*s", STR_ARG(o->related_call));
	if (o->cause > CAUSE_NORMAL)
		tell("!%s", word_cause(o->cause));
	if (o->kind == ORDER_ANNOUNCE) {
		bench.wait_low_us = o->wait_low_us;
		bench.wait_high_us = o->wait_high_us;
		tell("#%u%s", o->position, o->wait_high_us > 0 ? "" : "?");
	}
	tell(" ");
}

static void
on_committed(void *arg, struct desk_switch *h, uint64_t up_to)
{
	(void)arg, (void)h, (void)up_to;
}

static void
on_nack(void *arg, struct desk_switch *h, uint64_t seq, enum err e)
{
	(void)arg, (void)h, (void)seq;
	tell("nack:%s ", err_name(e));
}

static const struct desk_news news = { on_offer, on_story, on_offer_ended,
	on_agent, on_call, on_work, on_taken_over, on_saved, on_order,
	on_committed, on_nack, on_committed, NULL };

/* ---- the set-up */

void
bed_run(void)
{
	do
		mem_acd_run(local);
	while (
	    fake_ledger_run(bench.ledger) > 0 || !desk_is_settled(bench.desk));
}

static void
no_snapshot(void *arg, enum err e, const struct snapshot_result *r)
{
	(void)arg, (void)r;
	ck_ok(e);
}

static void
on_acd(void *arg, const struct acd_reply *r)
{
	(void)arg, (void)r;
}

void
bed_acd(const struct acd_cmd *cmd)
{
	ck_ok(acd_send(local, cmd, on_acd, NULL));
	mem_acd_run(local);
}

void
bed_attach(unsigned able, const struct live_call *live, unsigned n)
{
	ck_ok(desk_switch_attach(
	    bench.desk, STR_LIT("sw"), 1, 9, bench.now, &bench.sw));
	desk_switch_describe(bench.sw, able, STR_LIT("test"), bench.now);
	desk_switch_spooled(bench.sw, stream + 1, stream);
	desk_switch_snapshot(
	    bench.sw, live, n, NULL, 0, true, bench.now, no_snapshot, NULL);
	bed_run();
}

void
bed_log_in(uint32_t a, const char *device, enum agent_state state)
{
	ck_ok(desk_agent_login(
	    bench.desk, a, str_of(device), state, STR_LIT(""), bench.now++));
	bed_run();
}

void
bed_open(const struct bed_house *h)
{
	static const struct desk_options o = { .country = "86",
		.shown_us = S / 2,
		.backlog_bytes = 1 << 20,
		.live_calls_max = 100,
		.seed = 1 };

	ck_assert_int_ge(sodium_init(), 0);
	bench.now = NOON;
	stream = bench.version = bench.offer = bench.order = 0;
	bench.offered_to = 0;
	memset(bench.can, 0, sizeof(bench.can));
	rules_texts = arena_new(4096, 1024 * 1024);
	bench.ledger = fake_ledger_new(NULL);
	fake_ledger_card(bench.ledger, LQ_CONFIG_SKILLS, h->skills);
	fake_ledger_card(bench.ledger, LQ_CONFIG_QUEUES, h->queues);
	fake_ledger_card(bench.ledger, LQ_CONFIG_AGENTS, h->agents);
	fake_ledger_card(bench.ledger, LQ_CONFIG_DEVICES, h->devices);
	fake_ledger_card(bench.ledger, LQ_CONFIG_NUMBERS, h->numbers);
	fake_ledger_card(bench.ledger, LQ_CONFIG_SWITCHES, "1|sw\n2|other");
	fake_ledger_card(bench.ledger, LQ_CONFIG_DIALLING,
	    "+86 +861068888|+861068 +8616|3|");
	ck_ok(mem_acd_new(NULL, &local));
	ck_ok(desk_new(&o, &news, bench.ledger, NULL, local, &bench.desk));
	desk_ledger_up(bench.desk, bench.now);
	bed_run();
	bed_attach(ALL, NULL, 0);
	told[0] = '\0';
}

void
bed_up(void)
{
	static const struct bed_house house = {
		.queues = "1|q||20000000|30000000|0|f|5000000\n"
			  "2|p||20000000|30000000|0|f|5000000",
		.agents = "1|a1|One|f|1|\n2|a2|Two|f|2|\n3|a3|Three|f|2|",
		.devices = "801|1\n802|1\n803|1\n900|1\n700|2",
		.numbers = "4001||1\n4002||2",
	};

	bed_open(&house);
	bed_log_in(1, "801", AGENT_STATE_READY);
	bed_log_in(2, "802", AGENT_STATE_READY);
	told[0] = '\0';
}

void
bed_down(void)
{
	fake_ledger_run(bench.ledger); /* what is asked is answered first */
	desk_switch_detach(bench.desk, &bench.sw, bench.now);
	acd_free(&local); /* answers what waits */
	desk_free(&bench.desk);
	fake_ledger_free(&bench.ledger);
	arena_free(&rules_texts);
}

void
bed_rules(const char *queue, const char *text)
{
	struct queue *q = queue_by_name(bench.desk, str_of(queue));
	char fault[256] = "";

	ck_assert(q != NULL);
	ck_assert_msg(rules_parse(str_of(text), rules_texts, &q->rules, fault,
			  sizeof(fault)) == ERR_OK,
	    "%s", fault);
	line_rules_changed(bench.desk);
	bed_run();
}

void
bed_until(int64_t at)
{
	while (desk_next_at(bench.desk) <= at) {
		if (desk_next_at(bench.desk) > bench.now)
			bench.now = desk_next_at(bench.desk);
		desk_tick(bench.desk, bench.now);
		bed_run();
	}
	bench.now = at;
	desk_tick(bench.desk, at);
	bed_run();
}

const char *
bed_page(void)
{
	static char copy[sizeof(told)];

	memcpy(copy, told, sizeof(told));
	told[0] = '\0';
	return copy;
}

struct call_event
bed_an_event(
    const char *call, uint32_t seq, enum call_event_kind k, const char *device)
{
	return (struct call_event){
		.call = str_of(call),
		.stream_seq = ++stream,
		.version = ++bench.version,
		.call_seq = seq,
		.occurred_at = bench.now,
		.kind = k,
		.caller = STR_LIT("13812345678"),
		.called = STR_LIT("4001"),
		.device = str_of(device),
	};
}

void
bed_say(struct call_event ev)
{
	ck_ok(desk_call_event(bench.sw, &ev, bench.now));
	bed_run();
}

void
bed_event(
    const char *call, uint32_t seq, enum call_event_kind k, const char *device)
{
	bed_say(bed_an_event(call, seq, k, device));
}

/* Of the consult call k about c. */
void
bed_consult(uint32_t seq, enum call_event_kind kind, const char *device)
{
	struct call_event ev = bed_an_event("k", seq, kind, device);

	ev.caller = STR_LIT("801");
	ev.called = STR_LIT("802");
	ev.related_call = STR_LIT("c");
	ev.relation = RELATION_CONSULT;
	bed_say(ev);
}

void
bed_result(enum err e)
{
	struct order_result r = {
		.order_id = bench.order, .version = ++bench.version, .err = e
	};

	desk_order_result(bench.sw, &r, bench.now);
	bed_run();
}

struct id
bed_id_of(const char *call)
{
	return id_of_call(STR_LIT("sw"), 9, str_of(call));
}

struct desk_action
bed_by(uint32_t agent)
{
	return (struct desk_action){ id_random(), &bench.now, agent,
		agent == 0 ? STR_LIT("boss") : STR_LIT("agent"), bench.now };
}

void
bed_answer(void *arg, enum err e, const struct control_answer *a)
{
	(void)arg;
	tell("!%s", err_name(e));
	if (a->rule != NULL)
		tell("/%s", a->rule);
	if (a->field != NULL)
		tell("/%s", a->field);
	if (a->field != NULL && a->which.len > 0)
		tell("/%.*s", STR_ARG(a->which));
	tell(" ");
}

void
bed_ask(uint32_t agent, struct control c)
{
	struct desk_action a = bed_by(agent);

	desk_control(bench.desk, &a, &c, bed_answer, NULL);
	bed_run();
}

/* Agent 1 talks to the caller of c. */
void
bed_talking(void)
{
	struct desk_action a = bed_by(1);

	bed_event("c", 1, CALL_EV_QUEUED, "");
	ck_ok(desk_offer_shown(bench.desk, &a, bench.offer));
	bed_run();
	bed_result(ERR_OK);
	bed_event("c", 2, CALL_EV_DELIVERED, "801");
	bed_event("c", 3, CALL_EV_ESTABLISHED, "801");
	ck_assert_uint_eq(bench.can[1], TALKING);
	told[0] = '\0';
}

/* ... who is held, and agent 1 consults agent 2. */
void
bed_consulting(void)
{
	bed_talking();
	ASK(1, "c", CONSULT, .agent = STR_LIT("a2"));
	ck_told("consult:c/801>device 802 ");
	bed_result(ERR_OK);
	ck_told("!ok ");
	bed_event("c", 4, CALL_EV_HELD, "");
	ck_told("held:1 ");
	bed_consult(1, CALL_EV_DELIVERED, "802");
	ck_told("held:1 ~delivered:1<802> ");
	bed_consult(2, CALL_EV_ESTABLISHED, "802");
	ck_told("2=busy ~established:2<801> ~established:1<802> held:1 ");
	ck_assert_uint_eq(bench.can[1], (ON_HOLD & ~ORDER_BIT(ORDER_CONSULT)) |
					    ORDER_BIT(ORDER_CONFERENCE));
}
