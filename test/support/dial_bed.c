/*
 * dial_bed.c - see dial_bed.h.
 */
#include "test/support/dial_bed.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "desk/words.h"
#include "store/acd.h"
#include "test/support/fake_ledger.h"
#include "test/support/support.h"

#define NOON (INT64_C(1790000000) * S)
#define DONE "done|1|+8613800000001|95519|1||0|0"

struct dial_bed db;
static char told[4096];

/* ------------------------------------------------- what is told, in words */

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
	(void)arg, (void)n;
	tell("offer:%u ", agent);
}

static void
on_story(void *arg, uint32_t agent, const struct story_news *n)
{
	(void)arg, (void)agent, (void)n;
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
	tell("%u=%s%s%.*s ", agent, word_agent_state(n->state),
	    n->reason.len > 0 ? "/" : "", STR_ARG(n->reason));
}

static void
on_call(void *arg, uint32_t agent, const struct call_news *n)
{
	(void)arg;
	db.call = n->call;
	db.ticket = n->ticket;
	tell("%s:%u%s%.*s ", word_call_event(n->kind), agent,
	    n->number.len > 0 ? "@" : "", STR_ARG(n->number));
}

static void
on_work(void *arg, uint32_t agent, const struct work_news *n)
{
	(void)arg, (void)agent, (void)n;
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
	tell("saved ");
}

static void
on_order(void *arg, struct desk_switch *h, const struct order *o)
{
	(void)arg, (void)h;
	db.order = o->order_id;
	if (o->kind != ORDER_MAKE_CALL) {
		tell("order:%d ", (int)o->kind);
		return;
	}
	tell("make_call:%.*s>%.*s as %.*s %s ", STR_ARG(o->device),
	    STR_ARG(o->number), STR_ARG(o->show), word_relation(o->relation));
	ck_assert_uint_eq(o->call.len, 0);
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

static void
on_resend(void *arg, struct desk_switch *h, uint64_t from)
{
	(void)arg, (void)h, (void)from;
}

static const struct desk_news news = { on_offer, on_story, on_offer_ended,
	on_agent, on_call, on_work, on_taken_over, on_saved, on_order, on_committed,
	on_nack, on_resend, NULL };

/* ------------------------------------------------------------- the set-up */

void
db_run(void)
{
	do
		mem_acd_run(db.acd);
	while (fake_ledger_run(db.ledger) > 0 || !desk_is_settled(db.desk));
}

const char *
db_page(void)
{
	static char copy[sizeof(told)];

	memcpy(copy, told, sizeof(told));
	told[0] = '\0';
	return copy;
}

static void
on_snapshot(void *arg, enum err e, const struct snapshot_result *r)
{
	(void)arg, (void)r;
	ck_ok(e);
}

/* The spool holds what is behind `from'. */
void
db_attach(const struct live_call *live, unsigned n, uint64_t spooled)
{
	ck_ok(desk_switch_attach(db.desk, STR_LIT("sw"), 1, 9, db.now, &db.sw));
	desk_switch_describe(db.sw, UINT32_MAX, STR_LIT("test"), db.now);
	desk_switch_spooled(db.sw, db.stream + 1, db.stream + spooled);
	desk_switch_snapshot(
	    db.sw, live, n, NULL, 0, true, db.now, on_snapshot, NULL);
	db_run();
}

void
db_open(void)
{
	static const struct desk_options o = { .country = "86",
		.shown_us = S / 2,
		.backlog_bytes = 1 << 20,
		.live_calls_max = 100 };

	db.ledger = fake_ledger_new(NULL);
	fake_ledger_card(
	    db.ledger, LQ_CONFIG_QUEUES, "1|q||20000000|60000000|0|f|5000000");
	fake_ledger_card(db.ledger, LQ_CONFIG_AGENTS, "1|a1|One|f|1|");
	fake_ledger_card(db.ledger, LQ_CONFIG_DEVICES, "801|1\n802|1");
	fake_ledger_card(db.ledger, LQ_CONFIG_NUMBERS, "4001||1");
	fake_ledger_card(db.ledger, LQ_CONFIG_SWITCHES, "1|sw");
	fake_ledger_card(db.ledger, LQ_DIAL, DONE);
	ck_ok(mem_acd_new(NULL, &db.acd));
	ck_ok(desk_new(&o, &news, db.ledger, NULL, db.acd, &db.desk));
	desk_ledger_up(db.desk, db.now);
	db_run();
}

void
db_log_in(enum agent_state as)
{
	ck_ok(desk_agent_login(
	    db.desk, 1, STR_LIT("801"), as, STR_LIT("lunch"), db.now));
	db_run();
	db_page();
}

void
db_up(void)
{
	ck_assert_int_ge(sodium_init(), 0);
	db.now = NOON;
	db.stream = db.order = db.ticket = 0;
	db_open();
	db_attach(NULL, 0, 0);
	db_log_in(AGENT_STATE_READY);
}

void
db_down(void)
{
	desk_switch_detach(db.desk, &db.sw, db.now);
	acd_free(&db.acd);
	desk_free(&db.desk);
	fake_ledger_free(&db.ledger);
}

void
db_heard(void *arg, enum err e, const struct dial_answer *a)
{
	tell("[%s%s%.*s%s%.*s] ", err_name(e), a->rule.len > 0 ? " " : "",
	    STR_ARG(a->rule), a->detail.len > 0 ? " " : "", STR_ARG(a->detail));
	(void)arg;
}

enum err
db_ask(const struct id *op, enum relation relation, const char *number)
{
	const struct desk_action a = { *op, &db.now, 1, STR_LIT("a1"), db.now };
	const struct dial_request r = { .ticket = desk_ticket_number(42),
		.number = str_of(number),
		.relation = relation };

	return desk_dial(db.desk, &a, &r, &db.why, db_heard, NULL);
}

void
db_dial(enum relation relation)
{
	struct id op = id_random();

	ck_ok(db_ask(&op, relation, ""));
	db_run();
}

void
db_result(enum err e)
{
	struct order_result r = { .order_id = db.order, .err = e };

	desk_order_result(db.sw, &r, db.now);
	db_run();
}

struct call_event
db_make_event(uint32_t seq, enum call_event_kind k, const char *device)
{
	return (struct call_event){ .call = STR_LIT("out"),
		.stream_seq = ++db.stream,
		.version = seq,
		.call_seq = seq,
		.occurred_at = db.now,
		.kind = k,
		.called = STR_LIT("+8613800000001"),
		.device = str_of(device),
		.relation = RELATION_CALLBACK,
		.order_id = db.order };
}

void
db_give(const struct call_event *ev)
{
	ck_ok(desk_call_event(db.sw, ev, db.now));
	db_run();
}

void
db_event(uint32_t seq, enum call_event_kind k, const char *device)
{
	struct call_event ev = db_make_event(seq, k, device);

	db_give(&ev);
}

void
db_event_because(uint32_t seq, enum call_event_kind k, enum cause cause)
{
	struct call_event ev = db_make_event(seq, k, "");

	ev.cause = cause;
	db_give(&ev);
}

/* The last event of tickets. */
const char *
db_history(void)
{
	static char line[160];
	const struct ticket_event_row *r = fake_ledger_row(db.ledger,
	    ROW_TICKET_EVENT, fake_ledger_n(db.ledger, ROW_TICKET_EVENT) - 1);

	if (r == NULL)
		return "";
	snprintf(line, sizeof(line), "%s by %.*s: %.*s (%" PRIu64 "%s)",
	    r->kind, STR_ARG(r->actor), STR_ARG(r->text), r->ticket_id,
	    id_is_none(&r->call_id) ? "" : " of a call");
	return line;
}

/* What became of the attempt, as the ledger is told. */
const char *
db_outcome(void)
{
	static char line[64];
	const struct dial_row *r = fake_ledger_row(
	    db.ledger, ROW_DIAL, fake_ledger_n(db.ledger, ROW_DIAL) - 1);

	if (r == NULL)
		return "";
	ck_assert_uint_eq(r->order_id, db.order);
	snprintf(line, sizeof(line), "%s%s",
	    id_is_none(&r->call_id) ? "" : "call ",
	    r->outcome != NULL ? r->outcome : "");
	return line;
}
