/*
 * asterisk_order.c - orders into actions.
 *
 * Whoever is sent on keeps the agent until the other end has answered: caller
 * and agent are parked, the caller with music, and a transfer that comes to
 * nothing puts them together again.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/id.h"
#include "bridge/asterisk.h"

typedef Mashang__Code order_fn(
    struct ast *, struct ast_call *, const struct driver_order *);

/* These answer later, by the response; all else is answered at once. */
#define LATER ((Mashang__Code)-1)

static bool
is_up(const struct ast_leg *l)
{
	return l != NULL && l->chan != NULL && l->chan->state == AST_UP;
}

static bool
sent(struct ast *a, struct ast_call *c, enum ast_asked asked,
    const struct ast_leg *l, uint64_t order_id)
{
	struct ast_ask ask = { .asked = asked, .order_id = order_id };

	ast_copy(ask.call, sizeof(ask.call), str_of(c->name));
	if (l != NULL)
		ast_copy(ask.leg, sizeof(ask.leg), str_of(l->uid));
	return ast_send(a, &ask);
}

static Mashang__Code
later(bool sent_out)
{
	return sent_out ? LATER : AST_CODE(UNAVAILABLE);
}

/* ------------------------------------------------------------------- legs */

static struct ast_leg *
leg_of_use(struct ast_call *c, enum ast_use use)
{
	struct ast_leg *l;

	TAILQ_FOREACH (l, &c->legs, of_call)
		if (l->use == use && !l->stopped && !l->joined)
			return l;
	return NULL;
}

/* To a phone of this switch, or to a number through [mashang-dial].  NULL:
 * neither. */
static struct ast_leg *
leg_to(struct ast *a, struct ast_call *c, enum ast_use use, struct str to,
    const struct driver_order *o, const char *uid)
{
	char dial[AST_CHAN_MAX] = "";
	struct ast_leg *l;

	if (use == AST_USE_BACK ||
	    ((use == AST_USE_CONSULT || use == AST_USE_TRANSFER) &&
		!ast_is_device(a, to) && ast_is_number(to)))
		snprintf(dial, sizeof(dial), "Local/%.*s@mashang-dial/n",
		    STR_ARG(to));
	else if (!ast_dial_of(a, to, dial))
		return NULL;
	l = ast_leg_new(a, c, use, to, uid);
	if (l == NULL)
		return NULL;
	memcpy(l->dial, dial, sizeof(dial));
	ast_copy(l->exten, sizeof(l->exten),
	    use == AST_USE_OUT       ? o->number
	    : use == AST_USE_BACK    ? STR_LIT("back")
	    : use == AST_USE_CONSULT ? STR_LIT("ask")
				     : STR_LIT("join"));
	l->order_id = o->id;
	l->ring_us = o->ring_us;
	l->auto_answer = o->auto_answer;
	return l;
}

static Mashang__Code
ring(struct ast *a, struct ast_leg *l)
{
	if (ast_originate(a, l))
		return LATER;
	ast_leg_free(a, l);
	return AST_CODE(BAD_FIELD);
}

/* ----------------------------------------------------------------- orders */

static Mashang__Code
on_connect(struct ast *a, struct ast_call *c, const struct driver_order *o)
{
	struct ast_leg *l;

	if (c->caller == NULL || c->at != AST_AT_WAIT ||
	    leg_of_use(c, AST_USE_AGENT) != NULL)
		return AST_CODE(REFUSED);
	l = leg_to(a, c, AST_USE_AGENT, o->device, o, NULL);
	return l != NULL ? ring(a, l) : AST_CODE(BAD_FIELD);
}

static Mashang__Code
on_answer(struct ast *a, struct ast_call *c, const struct driver_order *o)
{
	struct ast_leg *l = leg_of_use(c, AST_USE_AGENT);

	if (l == NULL || l->chan == NULL || l->answered ||
	    !str_eq(str_of(l->device), o->device))
		return AST_CODE(REFUSED);
	l->again = true;
	l->order_id = o->id;
	ast_hangup(a, l->chan, AST_CAUSE(NORMAL));
	return AST_CODE(OK);
}

static Mashang__Code
on_disconnect(struct ast *a, struct ast_call *c, const struct driver_order *o)
{
	struct ast_leg *l;

	TAILQ_FOREACH (l, &c->legs, of_call)
		if (!l->joined && (o->device.len == 0 ||
				      str_eq(str_of(l->device), o->device)))
			break;
	if (l == NULL || l->answered)
		return AST_CODE(REFUSED);
	l->order_id = o->id;
	ast_leg_end(a, l);
	return AST_CODE(OK);
}

static Mashang__Code
on_clear(struct ast *a, struct ast_call *c, const struct driver_order *o)
{
	struct ast_leg *first = TAILQ_FIRST(&c->legs);
	struct ast_chan *chan = c->caller;

	if (c->about != NULL || chan == NULL)
		chan = first != NULL ? first->chan : NULL;
	if (c->first == AST_PARTY(NONE))
		c->first =
		    c->agent != NULL ? AST_PARTY(AGENT) : AST_PARTY(SWITCH);
	c->cause = o->cause;
	if (chan == NULL) { /* on its way: ended when it comes */
		if (first == NULL)
			return AST_CODE(NOT_FOUND);
		ast_leg_end(a, first);
		return AST_CODE(OK);
	}
	ast_begin(a, "Hangup");
	ami_add(&a->action, "Channel", str_of(chan->uid));
	ami_addf(&a->action, "Cause", "%d", ast_q850_of(o->cause));
	return later(sent(a, c, AST_ORDER, NULL, o->id));
}

static Mashang__Code
on_hold(struct ast *a, struct ast_call *c, const struct driver_order *o)
{
	if (c->caller == NULL || c->at != AST_AT_TALK || !is_up(c->agent))
		return AST_CODE(REFUSED);
	return later(ast_park(a, c, "wait", NULL, o->id, true));
}

static Mashang__Code
on_retrieve(struct ast *a, struct ast_call *c, const struct driver_order *o)
{
	if (c->caller == NULL || c->at != AST_AT_HOLD || !is_up(c->agent))
		return AST_CODE(REFUSED);
	ast_retrieve(a, c, o->id);
	return LATER;
}

/* Caller and consulted together, the agent out. */
static Mashang__Code
join_consulted(struct ast *a, struct ast_call *c, const struct driver_order *o)
{
	struct ast_call *k = ast_call_find(a, xcall_name(o->other));
	struct ast_leg *l = k != NULL ? k->agent : NULL;

	if (c->caller == NULL || c->at != AST_AT_HOLD || k == NULL ||
	    k->about != c || !is_up(l))
		return AST_CODE(REFUSED);
	c->order_id = o->id;
	c->joining = true;
	ast_setvar(a, l->chan, "MASHANG_PEER", str_of(c->caller->name));
	ast_redirect(a, l->chan, "mashang-agent", "join");
	return later(sent(a, c, AST_ORDER, NULL, o->id));
}

static Mashang__Code
on_transfer(struct ast *a, struct ast_call *c, const struct driver_order *o)
{
	struct str to = o->device.len > 0 ? o->device : o->number;
	struct ast_leg *l;

	if (o->other != NULL)
		return join_consulted(a, c, o);
	if (c->caller == NULL || leg_of_use(c, AST_USE_TRANSFER) != NULL)
		return AST_CODE(REFUSED);
	if (c->at != AST_AT_WAIT && c->at != AST_AT_HOLD &&
	    (c->at != AST_AT_TALK || !is_up(c->agent)))
		return AST_CODE(REFUSED);
	if ((l = leg_to(a, c, AST_USE_TRANSFER, to, o, NULL)) == NULL)
		return AST_CODE(BAD_FIELD);
	if (c->at != AST_AT_TALK)
		return ring(a, l);
	if (ast_park(a, c, "wait", l, o->id, false))
		return LATER;
	ast_leg_free(a, l);
	return AST_CODE(UNAVAILABLE);
}

/* The new call has the name of the consulted's channel. */
static Mashang__Code
on_consult(struct ast *a, struct ast_call *c, const struct driver_order *o)
{
	struct ast_call *k;
	struct ast_leg *l;
	struct report r;
	bool parked = c->at == AST_AT_HOLD;

	if (c->caller == NULL || !is_up(c->agent) || c->consult != NULL ||
	    (c->at != AST_AT_TALK && !parked))
		return AST_CODE(REFUSED);
	if ((l = leg_to(a, c, AST_USE_CONSULT, o->number, o, NULL)) == NULL)
		return AST_CODE(BAD_FIELD);
	if ((k = ast_call_new(a, str_of(l->uid))) == NULL) {
		ast_leg_free(a, l);
		return AST_CODE(INTERNAL);
	}
	ast_leg_move(l, k);
	k->about = c;
	c->consult = k;
	ast_copy(k->number, sizeof(k->number), o->device);
	if (!ast_park(a, c, "ring", l, o->id, !parked)) {
		ast_call_free(a, k);
		return AST_CODE(UNAVAILABLE);
	}
	r = ast_report(k, AST_KIND(OFFERED));
	r.caller = o->device;
	r.called = o->number;
	r.order_id = o->id;
	r.related_call = str_of(c->name);
	r.relation = MASHANG__RELATION__RELATION_CONSULT;
	ast_tell(a, &r);
	return LATER;
}

static void
to_room(struct ast *a, struct ast_chan *chan, const char *exten,
    const struct ast_call *c)
{
	ast_setvar(a, chan, "MASHANG_ROOM", str_of(c->name));
	ast_redirect(a, chan, "mashang-room", exten);
}

/* All three into one room; the consult call is over by that. */
static Mashang__Code
on_conference(struct ast *a, struct ast_call *c, const struct driver_order *o)
{
	struct ast_call *k =
	    o->other != NULL ? ast_call_find(a, xcall_name(o->other)) : NULL;
	struct ast_leg *l = k != NULL ? k->agent : NULL;

	if (c->caller == NULL || c->at != AST_AT_HOLD || !is_up(c->agent) ||
	    k == NULL || k->about != c || !is_up(l))
		return AST_CODE(REFUSED);
	ast_setvar(a, c->agent->chan, "MASHANG_ROOM", str_of(c->name));
	to_room(a, l->chan, "other", c);
	ami_add(&a->action, "ExtraChannel", str_of(c->agent->chan->uid));
	ami_addf(&a->action, "ExtraContext", "mashang-room");
	ami_addf(&a->action, "ExtraExten", "other");
	ami_addf(&a->action, "ExtraPriority", "1");
	ast_send_only(a);
	ast_setvar(a, l->chan, "MASHANG_OF", str_of(c->name));
	ast_setvar(a, l->chan, "MASHANG_ROLE", STR_LIT("agent"));
	c->at = AST_AT_ROOM;
	to_room(a, c->caller, "caller", c);
	if (!sent(a, c, AST_ORDER, NULL, o->id))
		return AST_CODE(UNAVAILABLE);
	ast_leg_move(l, c);
	l->use = AST_USE_AGENT;
	l->order_id = o->id;
	ast_tell_at(a, c, AST_KIND(CONFERENCED), l);
	ast_call_over(a, k, AST_CAUSE(NORMAL));
	return LATER;
}

static Mashang__Code
spy(struct ast *a, struct ast_call *c, const struct driver_order *o,
    const char *exten)
{
	struct ast_leg *l;

	if (!is_up(c->agent))
		return AST_CODE(REFUSED);
	if ((l = leg_to(a, c, AST_USE_SPY, o->device, o, NULL)) == NULL)
		return AST_CODE(BAD_FIELD);
	ast_copy(l->exten, sizeof(l->exten), str_of(exten));
	l->barge = o->kind == MASHANG__ORDER_KIND__ORDER_BARGE;
	return ring(a, l);
}

static Mashang__Code
on_monitor(struct ast *a, struct ast_call *c, const struct driver_order *o)
{
	return spy(a, c, o, "monitor");
}

static Mashang__Code
on_whisper(struct ast *a, struct ast_call *c, const struct driver_order *o)
{
	return spy(a, c, o, "whisper");
}

static Mashang__Code
on_barge(struct ast *a, struct ast_call *c, const struct driver_order *o)
{
	return spy(a, c, o, "barge");
}

static Mashang__Code
on_requeue(struct ast *a, struct ast_call *c, const struct driver_order *o)
{
	struct ast_leg *l = leg_of_use(c, AST_USE_AGENT);

	if (c->caller == NULL || c->at == AST_AT_AWAY)
		return AST_CODE(REFUSED);
	if (l != NULL)
		ast_leg_end(a, l);
	ast_requeue(a, c, o->id);
	return LATER;
}

/* Seconds, upwards; empty: not known. */
static void
set_wait(
    struct ast *a, const struct ast_call *c, const char *variable, int64_t us)
{
	char s[24] = "";

	if (us > 0)
		snprintf(s, sizeof(s), "%" PRId64, (us + 999999) / 1000000);
	ast_setvar(a, c->caller, variable, str_of(s));
}

/* For the dialplan to play: what changes each time is set last. */
static Mashang__Code
on_announce(struct ast *a, struct ast_call *c, const struct driver_order *o)
{
	char position[16];

	if (c->caller == NULL || c->at != AST_AT_WAIT)
		return AST_CODE(REFUSED);
	snprintf(position, sizeof(position), "%" PRIu32, o->position);
	ast_setvar(a, c->caller, "MASHANG_POSITION", str_of(position));
	set_wait(
	    a, c, "MASHANG_WAIT_LOW", o->wait_high_us > 0 ? o->wait_low_us : 0);
	set_wait(a, c, "MASHANG_WAIT_HIGH", o->wait_high_us);
	ast_begin(a, "Setvar");
	ami_add(&a->action, "Channel", str_of(c->caller->uid));
	ami_addf(&a->action, "Variable", "MASHANG_ANNOUNCE");
	ami_addf(&a->action, "Value", "%" PRIu64, o->id);
	return later(sent(a, c, AST_ORDER, NULL, o->id));
}

/* The call's name is that of its first channel: the agent's own, or that of who
 * is called back, who answers into the waiting context without asking us. */
static Mashang__Code
make_call(struct ast *a, enum ast_use use, const struct driver_order *o)
{
	struct ast_call *c;
	struct ast_leg *l;
	struct report r;
	char name[AST_DEVICE_MAX + 1];
	struct id id = id_random();
	char hex[ID_TEXT_LEN + 1];

	if (!ast_is_number(o->number) ||
	    (o->show.len > 0 && !ast_is_number(o->show)))
		return AST_CODE(BAD_FIELD);
	snprintf(name, sizeof(name), AST_LEG "%s", id_text(&id, hex));
	if ((c = ast_call_new(a, str_of(name))) == NULL)
		return AST_CODE(INTERNAL);
	l = leg_to(
	    a, c, use, use == AST_USE_BACK ? o->number : o->device, o, name);
	if (l == NULL) {
		ast_call_free(a, c);
		return AST_CODE(BAD_FIELD);
	}
	ast_copy(c->number, sizeof(c->number), o->number);
	ast_copy(c->show, sizeof(c->show), o->show);
	c->called_back = use == AST_USE_BACK;
	if (!ast_originate(a, l)) {
		ast_call_free(a, c);
		return AST_CODE(UNAVAILABLE);
	}
	r = ast_report(c, AST_KIND(OFFERED));
	r.caller = o->number;
	r.order_id = o->id;
	r.relation = o->relation;
	ast_tell(a, &r);
	return LATER;
}

static const struct {
	Mashang__OrderKind kind;
	order_fn *run;
} orders[] = {
	{ MASHANG__ORDER_KIND__ORDER_CONNECT, on_connect },
	{ MASHANG__ORDER_KIND__ORDER_ANSWER, on_answer },
	{ MASHANG__ORDER_KIND__ORDER_DISCONNECT, on_disconnect },
	{ MASHANG__ORDER_KIND__ORDER_CLEAR, on_clear },
	{ MASHANG__ORDER_KIND__ORDER_HOLD, on_hold },
	{ MASHANG__ORDER_KIND__ORDER_RETRIEVE, on_retrieve },
	{ MASHANG__ORDER_KIND__ORDER_TRANSFER, on_transfer },
	{ MASHANG__ORDER_KIND__ORDER_CONFERENCE, on_conference },
	{ MASHANG__ORDER_KIND__ORDER_MONITOR, on_monitor },
	{ MASHANG__ORDER_KIND__ORDER_WHISPER, on_whisper },
	{ MASHANG__ORDER_KIND__ORDER_BARGE, on_barge },
	{ MASHANG__ORDER_KIND__ORDER_CONSULT, on_consult },
	{ MASHANG__ORDER_KIND__ORDER_REQUEUE, on_requeue },
	{ MASHANG__ORDER_KIND__ORDER_ANNOUNCE, on_announce },
};

unsigned
ast_can(const void *options, bool listen_only)
{
	const struct ast_options *o = options;
	unsigned can = CAN(MAKE_CALL) | CAN(CALL_BACK);

	if (listen_only)
		return 0;
	for (size_t i = 0; i < NELEM(orders); i++)
		can |= 1u << orders[i].kind;
	return o->auto_answer.n > 0 ? can : can & ~CAN(ANSWER);
}

void
ast_order(void *self, const struct driver_order *o)
{
	struct ast *a = self;
	struct ast_call *c =
	    o->call != NULL ? ast_call_find(a, xcall_name(o->call)) : NULL;
	Mashang__Code code = AST_CODE(REFUSED);
	uint64_t id = o->id;

	if (o->to_device)
		ast_device_learn(a, o->number);
	if (a->stage != AST_LIVE)
		code = AST_CODE(UNAVAILABLE);
	else if (o->kind == MASHANG__ORDER_KIND__ORDER_MAKE_CALL)
		code = make_call(a, AST_USE_OUT, o);
	else if (o->kind == MASHANG__ORDER_KIND__ORDER_CALL_BACK)
		code = make_call(a, AST_USE_BACK, o);
	else if (c == NULL)
		code = AST_CODE(NOT_FOUND);
	else
		for (size_t i = 0; i < NELEM(orders); i++)
			if (orders[i].kind == o->kind) {
				code = orders[i].run(a, c, o);
				break;
			}
	if (code != LATER)
		exchange_answer(a->exchange, id, code);
}
