/*
 * dialling_test.c - dialling by the wire: asked for, ordered, refused with the
 * rule; who does not want it; whom the configuration allows.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "desk/desk.h"
#include "test/support/fake_ledger.h"
#include "test/support/house.h"
#include "test/support/support.h"

Suite *dialling_suite(void);

#define CODE(c) MASHANG__CODE__CODE_##c
#define ROLE(r) MASHANG__ROLE__ROLE_##r
#define BODY(b) MASHANG__ENVELOPE__BODY_##b
#define RELATION(r) MASHANG__RELATION__RELATION_##r
#define DAY INT64_C(86400000000)

static struct house h;
static struct peer a, b;

static void
setup(void)
{
	house_up(&h, false);
	fake_ledger_card(
	    h.ledger, LQ_DIAL, "done|1|+8613800000001|95519|||0|0");
	a.fd = b.fd = -1;
}

static void
teardown(void)
{
	if (a.fd >= 0)
		peer_close(&a);
	if (b.fd >= 0)
		peer_close(&b);
	house_down(&h);
}

static void
bridge_up(void)
{
	Mashang__Snapshot s = MASHANG__SNAPSHOT__INIT;

	peer_login(&b, &h, ROLE(BRIDGE), NULL, "sw");
	peer_request(&b, &ENVELOPE(SNAPSHOT, snapshot, &s));
	peer_reply(&b, BODY(SNAPSHOT_RESULT));
}

static void
agent_up(void)
{
	peer_login(&a, &h, ROLE(AGENT), "a1", "801");
}

static void
send_dial(const char *number, int relation)
{
	Mashang__Dial m = MASHANG__DIAL__INIT;

	m.ticket = desk_ticket_number(42);
	m.number = data_of(number);
	m.relation = (Mashang__Relation)relation;
	peer_request(&a, &ENVELOPE(DIAL, dial, &m));
}

static void
result(const Mashang__Order *o, Mashang__Code code)
{
	Mashang__OrderResult r = MASHANG__ORDER_RESULT__INIT;

	r.order_id = o->order_id;
	r.code = code;
	peer_send(&b, &ENVELOPE(ORDER_RESULT, order_result, &r));
}

static void
is_refused(struct peer *p, Mashang__Code code, const char *params)
{
	const Mashang__Error *e = peer_reply(p, BODY(ERROR))->error;
	char got[512] = "";

	for (size_t i = 0; i < e->n_params; i++)
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%.*s",
		    i > 0 ? "|" : "", (int)e->params[i].len,
		    (char *)e->params[i].data);
	ck_assert_int_eq(e->code, code);
	ck_assert_str_eq(got, params);
}

static void
is_text(ProtobufCBinaryData d, const char *want)
{
	char got[128];

	snprintf(got, sizeof(got), "%.*s", (int)d.len, (char *)d.data);
	ck_assert_str_eq(got, want);
}

START_TEST(the_order_says_all)
{
	const Mashang__Order *o;
	Mashang__CallEvent ev = MASHANG__CALL_EVENT__INIT;
	const Mashang__CallState *c;

	bridge_up();
	agent_up();
	send_dial("", RELATION(FOLLOW_UP));
	o = peer_wait(&b, BODY(ORDER))->order;
	ck_assert_int_eq(o->kind, MASHANG__ORDER_KIND__ORDER_MAKE_CALL);
	is_text(o->device, "801");
	is_text(o->number, "+8613800000001");
	is_text(o->show, "95519");
	ck_assert_int_eq(o->relation, RELATION(FOLLOW_UP));
	ck_assert_uint_eq(o->call.len, 0);
	ev.switch_ = data_of("sw");
	ev.epoch = 1;
	ev.stream_seq = ev.call_seq = 1;
	ev.call = data_of("out");
	ev.occurred_at = h.now;
	ev.kind = MASHANG__CALL_EVENT_KIND__OFFERED;
	ev.order_id = o->order_id;
	ev.relation = o->relation;
	ev.called = data_of("+8613800000001");
	result(o, CODE(OK));
	ck_assert_uint_eq(
	    peer_reply(&a, BODY(DONE))->done->number, desk_ticket_number(42));
	ck_assert_mem_eq(peer_wait(&a, BODY(SAVED))->saved->op_ids[0].data,
	    a.op, sizeof(a.op));
	peer_send(&b, &ENVELOPE(CALL_EVENT, call_event, &ev));
	c = peer_wait(&a, BODY(CALL_STATE))->call_state;
	ck_assert_int_eq(c->kind, MASHANG__CALL_EVENT_KIND__OFFERED);
	ck_assert_int_eq(c->relation, RELATION(FOLLOW_UP));
	is_text(c->number, "+8613800000001");
	ck_assert_uint_eq(c->ticket, desk_ticket_number(42));
}
END_TEST

/* clang-format off */
static const struct {
	const char *card;
	Mashang__Code code;
	const char *params;
} refusals[] = {
	{ "not_configured|0|+861|||||0", CODE(REFUSED),
	  "dial|not_configured|+861||" },
	{ "allow|0|+8610|||+8610||0", CODE(REFUSED),
	  "dial|allow|+8610||+8610" },
	{ "do_not_call|0|+861|||ill|0|1700000000000001", CODE(REFUSED),
	  "dial|do_not_call|+861|1700000000000001|ill" },
	{ "cap|0|+861||||3|1700000000000001", CODE(REFUSED),
	  "dial|cap|+861|1700000000000001|3" },
	{ "taken|0|+861|||a2||0", CODE(REFUSED), "dial|taken|+861||a2" },
	{ "status|0||||closed||0", CODE(REFUSED), "dial|status|||closed" },
	{ "repeat|1|+861|||unknown||0", CODE(REFUSED),
	  "dial|unknown|+861||unknown" },
	{ "missing|0||||||0", CODE(NOT_FOUND), "ticket|" },
	{ "nonsense", CODE(UNAVAILABLE), "ledger" },
};
/* clang-format on */

START_TEST(refused_by_a_rule)
{
	char want[96];

	bridge_up();
	agent_up();
	fake_ledger_card(h.ledger, LQ_DIAL, refusals[_i].card);
	send_dial("", RELATION(CALLBACK));
	snprintf(want, sizeof(want), "%s", refusals[_i].params);
	if (refusals[_i].code == CODE(NOT_FOUND))
		snprintf(want, sizeof(want), "ticket|%" PRIu64,
		    desk_ticket_number(42));
	is_refused(&a, refusals[_i].code, want);
}
END_TEST

/* clang-format off */
static const struct {
	Mashang__Code result, code;
	const char *params;
} results[] = {
	{ CODE(BUSY),      CODE(REFUSED),   "dial|device_busy|801||" },
	{ CODE(NO_DEVICE), CODE(NO_DEVICE), "801" },
	{ CODE(NOT_FOUND), CODE(NO_DEVICE), "801" },
	{ CODE(REFUSED),   CODE(REFUSED),   "dial|refused|801||" },
	{ CODE(UNKNOWN_MESSAGE), CODE(REFUSED), "dial|refused|801||" },
};
/* clang-format on */

START_TEST(refused_by_the_switch)
{
	bridge_up();
	agent_up();
	send_dial("", RELATION(CALLBACK));
	result(peer_wait(&b, BODY(ORDER))->order, results[_i].result);
	is_refused(&a, results[_i].code, results[_i].params);
}
END_TEST

START_TEST(refused_at_once)
{
	Mashang__Dial m = MASHANG__DIAL__INIT;
	char want[32];

	agent_up();
	send_dial("", RELATION(CALLBACK));
	is_refused(&a, CODE(REFUSED), "dial|not_connected|801||");
	bridge_up();
	send_dial("110", RELATION(CALLBACK));
	is_refused(&a, CODE(REFUSED), "dial|number|110||");
	send_dial("", RELATION(CONSULT));
	is_refused(&a, CODE(BAD_FIELD), "relation|callback or follow_up");
	send_dial("\xff", RELATION(CALLBACK));
	is_refused(&a, CODE(BAD_TEXT), "number");
	m.ticket = 12345;
	peer_request(&a, &ENVELOPE(DIAL, dial, &m));
	is_refused(&a, CODE(BAD_FIELD), "relation|callback or follow_up");
	m.relation = RELATION(CALLBACK);
	peer_request(&a, &ENVELOPE(DIAL, dial, &m));
	snprintf(want, sizeof(want), "12345");
	is_refused(&a, CODE(MISHEARD), want);
	fake_ledger_away(h.ledger, true);
	send_dial("", RELATION(CALLBACK));
	is_refused(&a, CODE(UNAVAILABLE), "ledger");
}
END_TEST

/* The session that asked has gone: nobody is told, nothing breaks. */
START_TEST(who_asked_has_gone)
{
	bridge_up();
	agent_up();
	fake_ledger_hold(h.ledger, true);
	send_dial("", RELATION(CALLBACK));
	peer_wait(&a, BODY(AGENT_STATE));
	peer_close(&a);
	house_turn(&h);
	house_turn(&h);
	fake_ledger_hold(h.ledger, false);
	house_turn(&h);
	agent_up();
	send_dial("", RELATION(CALLBACK));
	peer_wait(&b, BODY(ORDER));
}
END_TEST

/* ------------------------------------------------------------ do not call */

static void
wish(struct peer *p, const char *number, int64_t until, bool remove)
{
	Mashang__DoNotCall m = MASHANG__DO_NOT_CALL__INIT;

	m.number = data_of(number);
	m.reason = data_of("asked so");
	m.until_at = until;
	m.remove = remove;
	peer_request(p, &ENVELOPE(DO_NOT_CALL, do_not_call, &m));
}

START_TEST(a_wish_is_written_down)
{
	char want[128];

	agent_up();
	fake_ledger_card(h.ledger, LQ_DO_NOT_CALL_SET, "done");
	wish(&a, "010-88880000", h.now + DAY, false);
	peer_reply(&a, BODY(DONE));
	peer_wait(&a, BODY(SAVED));
	snprintf(want, sizeof(want),
	    "|+861088880000|asked so|%" PRId64 "|f|a1|%" PRId64, h.now + DAY,
	    h.now);
	ck_assert_str_eq(
	    fake_ledger_args(h.ledger, LQ_DO_NOT_CALL_SET) + 32, want);
	wish(&a, "wang", 0, false);
	is_refused(&a, CODE(BAD_FIELD), "number|not a telephone number");
	wish(&a, "01088880000", h.now, false);
	is_refused(&a, CODE(BAD_FIELD), "until|in the past");
	wish(&a, "01088880000", 0, true);
	is_refused(&a, CODE(FORBIDDEN), "agent|do_not_call remove");
	peer_login(&b, &h, ROLE(SUPERVISOR), NULL, NULL);
	fake_ledger_card(h.ledger, LQ_DO_NOT_CALL_SET, "missing");
	wish(&b, "01088880000", 0, true);
	is_refused(&b, CODE(NOT_FOUND), "number|+861088880000");
	fake_ledger_away(h.ledger, true);
	wish(&b, "01088880000", 0, true);
	is_refused(&b, CODE(UNAVAILABLE), "ledger");
}
END_TEST

/* ------------------------------------------------------------------ lists */

static const Mashang__Page *
show(const char *what, const char *key, const char *value)
{
	Mashang__Show m = MASHANG__SHOW__INIT;
	Mashang__KeyValue kv = MASHANG__KEY_VALUE__INIT, *list[] = { &kv };

	kv.key = data_of(key);
	kv.value = data_of(value);
	m.what = data_of(what);
	m.n_where = key != NULL;
	m.where = list;
	peer_request(&a, &ENVELOPE(SHOW, show, &m));
	return key != NULL && value == NULL ? NULL
	                                    : peer_reply(&a, BODY(PAGE))->page;
}

START_TEST(lists)
{
	const Mashang__Page *p;
	char number[24], args[64];

	agent_up();
	snprintf(number, sizeof(number), "%" PRIu64, desk_ticket_number(42));
	fake_ledger_card(h.ledger, LQ_DIALS,
	    "7|1700000000000000|42|2|+861|a1|callback|busy||5");
	p = show("dials", "ticket", number);
	ck_assert_uint_eq(p->n_rows, 1);
	ck_assert_int_eq(
	    p->rows[0]->cells[1]->number, (int64_t)desk_ticket_number(42));
	is_text(p->rows[0]->cells[6]->text, "busy");
	ck_assert(p->rows[0]->cells[7]->null);
	ck_assert_uint_eq(p->cursor.len, 0);
	snprintf(args, sizeof(args), "42|0|4102444800000000|0|400");
	ck_assert_str_eq(fake_ledger_args(h.ledger, LQ_DIALS), args);
	fake_ledger_card(h.ledger, LQ_DO_NOT_CALL, "9|+861|ill||5|boss");
	p = show("do_not_call", "number", "01088880000");
	is_text(p->rows[0]->cells[0]->text, "+861");
	ck_assert(p->rows[0]->cells[2]->null);
	snprintf(args, sizeof(args), "+861088880000|%" PRId64 "|0|400", h.now);
	ck_assert_str_eq(fake_ledger_args(h.ledger, LQ_DO_NOT_CALL), args);
	show("dials", "ticket", NULL);
	is_refused(&a, CODE(BAD_FIELD), "where|ticket, from or to: a number");
}
END_TEST

/* ---------------------------------------------------------- configuration */

static void
apply(Mashang__DiallingSpec *d, bool more)
{
	Mashang__Apply m = MASHANG__APPLY__INIT;

	m.dialling = d;
	m.more = more;
	m.keep_others = true;
	peer_request(&a, &ENVELOPE(APPLY, apply, &m));
}

static void
change_is(const char *before, const char *after)
{
	const Mashang__Page *p = peer_reply(&a, BODY(PAGE))->page;

	ck_assert_uint_eq(p->n_rows, 1);
	is_text(p->rows[0]->cells[0]->text, "dialling");
	is_text(p->rows[0]->cells[3]->text, before);
	is_text(p->rows[0]->cells[4]->text, after);
}

START_TEST(configured)
{
	Mashang__DiallingSpec d = MASHANG__DIALLING_SPEC__INIT;
	ProtobufCBinaryData allow[] = { data_of("+86"), data_of("+852") };
	ProtobufCBinaryData refuse[] = { data_of("+8610") };

	peer_login(&a, &h, ROLE(ADMINISTRATOR), NULL, NULL);
	d.n_allow = 2;
	d.allow = allow;
	d.n_refuse = 1;
	d.refuse = refuse;
	d.per_day = 3;
	d.show = data_of("95519");
	apply(&d, false);
	change_is("", "allow [+852, +86] refuse [+8610] per_day 3 show 95519");
	ck_assert_uint_eq(fake_ledger_applied(h.ledger), 1);
	/* The same is no change. */
	fake_ledger_card(
	    h.ledger, LQ_CONFIG_DIALLING, "+86 +852|+8610|3|95519");
	apply(&d, false);
	ck_assert_uint_eq(peer_reply(&a, BODY(PAGE))->page->n_rows, 0);
	ck_assert_uint_eq(fake_ledger_applied(h.ledger), 1);
	d.per_day = 2;
	apply(&d, false);
	change_is("allow [+852, +86] refuse [+8610] per_day 3 show 95519",
	    "allow [+852, +86] refuse [+8610] per_day 2 show 95519");
}
END_TEST

START_TEST(a_wrong_configuration)
{
	Mashang__DiallingSpec d = MASHANG__DIALLING_SPEC__INIT;
	ProtobufCBinaryData allow[] = { data_of("+86") };
	ProtobufCBinaryData refuse[] = { data_of("+86") };

	peer_login(&a, &h, ROLE(ADMINISTRATOR), NULL, NULL);
	d.n_allow = d.n_refuse = 1;
	d.allow = allow;
	d.refuse = refuse;
	apply(&d, false);
	is_refused(&a, CODE(CONFIG),
	    "0|0|dialling names twice the prefix '+86'|"
	    "allow it or refuse it, once");
	refuse[0] = data_of("86");
	apply(&d, false);
	is_refused(&a, CODE(CONFIG),
	    "0|0|dialling names a prefix '86'|"
	    "write a plus and 1 to 15 digits: +86138");
	d.n_refuse = 0;
	d.show = data_of("x");
	apply(&d, false);
	is_refused(&a, CODE(CONFIG),
	    "0|0|dialling shows 'x'|"
	    "write a number: digits, + * #, at most 32");
	d.show = data_of("");
	apply(&d, true);
	peer_reply(&a, BODY(DONE));
	apply(&d, false);
	is_refused(
	    &a, CODE(CONFIG), "0|0|there is twice a 'dialling'|name it once");
	ck_assert_uint_eq(fake_ledger_applied(h.ledger), 0);
}
END_TEST

Suite *
dialling_suite(void)
{
	TCase *tc = tcase_create("dialling");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, the_order_says_all);
	tcase_add_loop_test(tc, refused_by_a_rule, 0, NELEM(refusals));
	tcase_add_loop_test(tc, refused_by_the_switch, 0, NELEM(results));
	tcase_add_test(tc, refused_at_once);
	tcase_add_test(tc, who_asked_has_gone);
	tcase_add_test(tc, a_wish_is_written_down);
	tcase_add_test(tc, lists);
	tcase_add_test(tc, configured);
	tcase_add_test(tc, a_wrong_configuration);
	return suite_of(tc, "dialling");
}
