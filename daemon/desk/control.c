/*
 * control.c - what people may ask of a call, and what becomes of it.
 *
 * One table says which order an agent may ask of the own call and a supervisor
 * of any, by the call's state; the switch's abilities are cut out of it.  The
 * same set is told with each change of a call, so nothing is offered that
 * would be refused here.
 *
 * What is asked becomes a demand (demand.c).  A call that waits is moved to
 * another queue by ourselves.
 */
#include "desk/state.h"

#include <stdio.h>
#include <stdlib.h>

#include "desk/demand.h"
#include "desk/direct.h"
#include "desk/party.h"

#define DEADLINE_US (6 * INT64_C(1000000))

#define BIT(kind) ORDER_BIT(ORDER_##kind)
#define TALK                                                           \
	(BIT(TRANSFER) | BIT(CONSULT) | BIT(CONFERENCE) | BIT(CLEAR) | \
	    BIT(REQUEUE))
#define LISTEN (BIT(MONITOR) | BIT(WHISPER) | BIT(BARGE))

/* clang-format off */
static const struct {
	unsigned agent, supervisor;
} rules[CALL_NSTATES] = {
	[CALL_OFFERED]     = { BIT(CLEAR),           BIT(CLEAR) },
	[CALL_QUEUED]      = { 0,                    BIT(CLEAR) | BIT(REQUEUE) },
	[CALL_DELIVERED]   = { BIT(CLEAR),           BIT(CLEAR) | BIT(REQUEUE) },
	[CALL_ESTABLISHED] = { BIT(HOLD) | TALK,     LISTEN | BIT(CLEAR) | BIT(REQUEUE) },
	[CALL_HELD]        = { BIT(RETRIEVE) | TALK, LISTEN | BIT(CLEAR) | BIT(REQUEUE) },
};
/* clang-format on */

/* Of a consult call, or in one. */
#define CONSULTING (BIT(HOLD) | BIT(RETRIEVE) | BIT(CLEAR))

static unsigned
agent_can(const struct call *c, const struct agent *a)
{
	const struct call *k = party_consult_of(c);
	unsigned can = rules[c->state].agent;

	if (c->relation == RELATION_CONSULT)
		return can & CONSULTING;
	if (c->agent != a)
		return 0; /* a party of somebody else's */
	if (a->second != NULL)
		can &= ~BIT(CONSULT);
	if (k == NULL ||
	    (k->state != CALL_ESTABLISHED && k->state != CALL_HELD))
		can &= ~BIT(CONFERENCE);
	return can;
}

static unsigned
supervisor_can(const struct call *c)
{
	unsigned can = rules[c->state].supervisor;

	if (c->agent == NULL)
		can &= ~BIT(WHISPER);
	if (c->relation == RELATION_CONSULT)
		can &= ~BIT(REQUEUE);
	/* In the hands of who has accepted it on the screen. */
	if (c->agent != NULL &&
	    (c->state == CALL_QUEUED || c->state == CALL_DELIVERED))
		can &= ~BIT(REQUEUE);
	return can;
}

/* To let a call that waits wait elsewhere needs no order. */
static bool
is_ours(const struct call *c, enum order_kind kind)
{
	return kind == ORDER_REQUEUE && c->queued_at != 0 &&
	       (c->state == CALL_QUEUED || c->state == CALL_DELIVERED);
}

unsigned
control_can(const struct call *c, const struct agent *a)
{
	unsigned can = a != NULL ? agent_can(c, a) : supervisor_can(c);
	unsigned able = c->sw->can;

	if (c->sw->attached == NULL || c->absent)
		return 0;
	if (is_ours(c, ORDER_REQUEUE))
		able |= BIT(REQUEUE);
	if (!call_is_routed(c))
		able &= ~BIT(REQUEUE); /* nobody would take it from there */
	return can & able;
}

/* ---------------------------------------------------------------- asking */

struct asking {
	struct desk *desk;
	const struct desk_action *action;
	const struct control *ask;
	struct agent *agent; /* who asks; NULL: a supervisor */
	struct call *call;
	struct device *device; /* of the order */
	struct demand *demand;
	struct control_answer answer;
};

static enum err
wrong(struct asking *k, enum err e, const char *field, struct str which)
{
	k->answer.field = field;
	k->answer.which = which;
	return e;
}

/* By its id, or, for a supervisor, the one that an agent has. */
static enum err
find_call(struct asking *k)
{
	const struct control *ask = k->ask;
	struct agent *a = NULL;
	uint32_t id;

	k->call = call_find(k->desk, &ask->call);
	if (k->call == NULL && id_is_none(&ask->call) && k->agent == NULL) {
		if (desk_agent_find(k->desk, ask->agent, &id) == ERR_OK)
			a = agent_find(k->desk, id);
		if (a == NULL)
			return wrong(k, ERR_NOT_FOUND, "agent", ask->agent);
		k->call = a->call;
	}
	if (k->call == NULL)
		return wrong(k, ERR_NOT_FOUND, "call", ask->agent);
	if (k->agent != NULL && k->call->agent != k->agent &&
	    k->agent->second != k->call)
		return ERR_FORBIDDEN;
	k->answer.state = call_state_word(k->call->state);
	k->answer.can = control_can(k->call, k->agent);
	return ERR_OK;
}

static enum err
check_state(struct asking *k)
{
	if (k->call->sw->attached == NULL)
		return wrong(k, ERR_IO, "switch", str_of(k->call->sw->name));
	return (k->answer.can & ORDER_BIT(k->ask->kind)) != 0 ? ERR_OK
	                                                      : ERR_REFUSED;
}

/* A phone of the call's own switch, that is there. */
static enum err
check_phone(struct asking *k, struct device *dev, struct str name)
{
	if (dev == NULL || dev->retired || dev->gone ||
	    dev->switch_id != k->call->sw->id)
		return wrong(k, ERR_NO_DEVICE, "device", name);
	return ERR_OK;
}

/* ---- what the orders need */

static enum err
need_nothing(struct asking *k)
{
	k->device = k->agent != NULL ? k->agent->device : NULL;
	return ERR_OK;
}

static enum err
need_colleague(struct asking *k, struct agent **out)
{
	struct str name = k->ask->agent;
	struct agent *a = NULL;
	uint32_t id;

	if (desk_agent_find(k->desk, name, &id) == ERR_OK)
		a = agent_find(k->desk, id);
	if (a == NULL)
		return wrong(k, ERR_NOT_FOUND, "agent", name);
	if (a == k->agent)
		return wrong(
		    k, ERR_BAD_FIELD, "agent", STR_LIT("somebody else"));
	if (a->device == NULL || a->state == AGENT_STATE_BUSY ||
	    a->state == AGENT_STATE_RESERVED || a->device->call != NULL)
		return wrong(k, ERR_BUSY, "agent", name);
	*out = a;
	return check_phone(k, a->device, str_of(a->device->name));
}

static enum err
need_consult(struct asking *k)
{
	struct call *consult = party_consult_of(k->call);

	if (consult == NULL || (!id_is_none(&k->ask->related) &&
				   !id_eq(&k->ask->related, &consult->id)))
		return wrong(k, ERR_NOT_FOUND, "consult call", STR_LIT(""));
	k->demand->related = consult->id;
	k->device = k->agent->device;
	return ERR_OK;
}

static void
set_number(struct asking *k, struct str s)
{
	snprintf(
	    k->demand->number, sizeof(k->demand->number), "%.*s", STR_ARG(s));
}

/* Whoever sits at a phone of the house may be rung; numbers outside are asked
 * of the dialling rules. */
static enum err
need_number(struct asking *k)
{
	struct str number = k->ask->number;
	struct device *dev = device_find(k->desk, number);

	if (number.len > DIALLED_MAX_LEN)
		return wrong(
		    k, ERR_BAD_FIELD, "number", STR_LIT("at most 32 digits"));
	if (dev != NULL && dev->call != NULL)
		return wrong(k, ERR_BUSY, "device", number);
	if (dev != NULL)
		return check_phone(k, dev, number);
	k->answer.rule = dialling_rule(k->desk, number);
	return k->answer.rule != NULL ? wrong(k, ERR_REFUSED, NULL, number)
	                              : ERR_OK;
}

/* To whom: a number, or an agent's phone. */
static enum err
need_somebody(struct asking *k, bool their_device)
{
	const struct control *ask = k->ask;
	struct agent *to;
	enum err e;

	if ((ask->number.len > 0) == (ask->agent.len > 0))
		return wrong(k, ERR_BAD_FIELD, "number",
		    STR_LIT("a number or an agent"));
	if (ask->number.len > 0) {
		set_number(k, ask->number);
		k->demand->to_device =
		    !their_device && device_find(k->desk, ask->number) != NULL;
		return need_number(k);
	}
	if ((e = need_colleague(k, &to)) != ERR_OK)
		return e;
	if (their_device)
		k->device = to->device;
	else
		set_number(k, str_of(to->device->name));
	k->demand->to_device = !their_device;
	return ERR_OK;
}

static enum err
need_target(struct asking *k)
{
	if (!id_is_none(&k->ask->related) ||
	    (k->ask->number.len == 0 && k->ask->agent.len == 0))
		return need_consult(k);
	return need_somebody(k, true);
}

static enum err
need_partner(struct asking *k)
{
	k->device = k->agent->device;
	k->demand->relation = RELATION_CONSULT;
	return need_somebody(k, false);
}

/* The supervisor's: nothing else may come to it meanwhile. */
static enum err
need_own_phone(struct asking *k)
{
	struct str name = k->ask->device;
	struct device *dev = device_find(k->desk, name);
	enum err e;

	if (name.len == 0)
		return wrong(k, ERR_BAD_FIELD, "device", STR_LIT("missing"));
	if ((e = check_phone(k, dev, name)) != ERR_OK)
		return e;
	k->device = dev;
	if (dev->call != NULL)
		return wrong(k, ERR_DEVICE_TAKEN, "a call", name);
	if (dev->agent != NULL && dev->agent->state != AGENT_STATE_NOT_READY)
		return wrong(k, ERR_DEVICE_TAKEN, dev->agent->name, name);
	return ERR_OK;
}

/* Whoever has to wait for a colleague who is busy: who is logged in, and has a
 * phone of the call's switch. */
static enum err
need_direct(struct asking *k, struct agent **out)
{
	struct str name = k->ask->agent;
	uint32_t id;

	if (desk_agent_find(k->desk, name, &id) != ERR_OK)
		return wrong(k, ERR_NOT_FOUND, "agent", name);
	*out = agent_find(k->desk, id);
	if ((*out)->device == NULL)
		return wrong(k, ERR_BUSY, "agent", name);
	return check_phone(k, (*out)->device, str_of((*out)->device->name));
}

/* A queue, or one agent; a call of no queue is then of that agent's first. */
static enum err
need_queue(struct asking *k)
{
	struct str name = k->ask->queue;
	struct queue *q =
	    name.len > 0 ? queue_by_name(k->desk, name) : k->call->queue;
	struct agent *to = NULL;
	enum err e;

	/* To a supervisor who names no call, `agent' is whose it is. */
	if (k->ask->agent.len > 0 && !id_is_none(&k->ask->call) &&
	    (e = need_direct(k, &to)) != ERR_OK)
		return e;
	if (q == NULL && name.len == 0 && to != NULL &&
	    to->profile.n_queues > 0)
		q = queue_find(k->desk, to->profile.queues[0]);
	if (q == NULL)
		return wrong(k, ERR_NOT_FOUND, "queue", name);
	k->call->requeue = q;
	k->call->requeue_direct = to != NULL ? to->id : 0;
	return need_nothing(k);
}

static enum err (*const needs[ORDER_NKINDS])(struct asking *) = {
	[ORDER_CLEAR] = need_nothing,
	[ORDER_HOLD] = need_nothing,
	[ORDER_RETRIEVE] = need_nothing,
	[ORDER_TRANSFER] = need_target,
	[ORDER_CONSULT] = need_partner,
	[ORDER_CONFERENCE] = need_consult,
	[ORDER_MONITOR] = need_own_phone,
	[ORDER_WHISPER] = need_own_phone,
	[ORDER_BARGE] = need_own_phone,
	[ORDER_REQUEUE] = need_queue,
};

/* ---- doing it */

/* Who is listened to, by which phone; to whom it went. */
static void
describe(const struct asking *k, struct demand *m)
{
	const struct call *c = k->call;
	const struct agent *of = c->agent;

	snprintf(m->detail, sizeof(m->detail), "%s%s%s%s%s%s%s%s",
	    of != NULL ? "agent=" : "", of != NULL ? of->name : "",
	    of != NULL ? " " : "", m->device[0] != '\0' ? "device=" : "",
	    m->device, m->device[0] != '\0' ? " " : "",
	    c->requeue != NULL ? c->requeue->name : m->number,
	    c->requeue != NULL || m->number[0] != '\0' ? " " : "");
}

static struct demand *
demand_new(struct asking *k, desk_control_fn *done, void *arg)
{
	struct desk *d = k->desk;
	struct demand *m = calloc(1, sizeof(*m));

	desk_must(m != NULL ? ERR_OK : ERR_NOMEM);
	m->desk = d;
	m->call = k->call;
	m->call_id = k->call->id;
	m->op = k->action->op;
	m->kind = k->ask->kind;
	m->agent = k->action->agent;
	m->supervisor = k->agent == NULL;
	snprintf(m->actor, sizeof(m->actor), "%.*s", STR_ARG(k->action->actor));
	m->done = done;
	m->arg = arg;
	m->timer = (struct timer){ .kind = TIMER_DEMAND, .owner = m };
	m->next = d->demands;
	if (m->next != NULL)
		m->next->prev = m;
	d->demands = m;
	return m;
}

/* A call that waits goes on waiting, elsewhere. */
static void
move(struct desk *d, struct call *c, struct str by)
{
	struct ledger_unit *u = record_begin(d);
	struct decision what = { .kind = DECISION_MOVED,
		.by = by,
		.from = c->queue,
		.in_line = true };

	if (c->offers != NULL) /* else it is moved as it stands */
		call_unqueue(d, u, c, OFFER_END_WITHDRAWN);
	call_take_requeue(d, c);
	d->deciding = true;
	call_requeue(d, c);
	d->deciding = false;
	decision_put(d, u, c, &what);
	record_call(u, c, c->seq);
	record_commit(d, &u);
}

static void
carry_out(struct asking *k)
{
	struct desk *d = k->desk;
	struct demand *m = k->demand;
	enum err e;

	if (k->device != NULL)
		snprintf(m->device, sizeof(m->device), "%s", k->device->name);
	describe(k, m);
	if (is_ours(k->call, m->kind)) {
		move(d, k->call, str_of(m->actor));
		demand_end(d, m, ERR_OK);
		demand_free(d, m);
		return;
	}
	desk_must(timer_set(d, &m->timer, d->now + DEADLINE_US));
	e = call_order_for(d, k->call, k->device, m);
	if (e == ERR_OK)
		return;
	demand_end(d, m, e);
	demand_free(d, m);
}

/* Asked before: answered as then, or not yet. */
static bool
is_repeat(struct asking *k, enum err *e)
{
	const struct desk *d = k->desk;
	const struct id *op = &k->action->op;

	if (id_is_none(op))
		return false;
	for (const struct demand *m = d->demands; m != NULL; m = m->next)
		if (!m->answered && id_eq(&m->op, op)) {
			*e = ERR_BUSY;
			return true;
		}
	for (unsigned i = 0; i < CONTROLS_REMEMBERED; i++)
		if (id_eq(&d->controls[i].op, op)) {
			*e = d->controls[i].err;
			return true;
		}
	return false;
}

static enum err
check(struct asking *k, desk_control_fn *done, void *arg)
{
	enum order_kind kind = k->ask->kind;
	enum err e;

	if (kind >= ORDER_NKINDS || needs[kind] == NULL)
		return wrong(
		    k, ERR_BAD_FIELD, "kind", STR_LIT("none to ask for"));
	if ((e = find_call(k)) != ERR_OK || (e = check_state(k)) != ERR_OK)
		return e;
	k->demand = demand_new(k, done, arg);
	if ((e = needs[kind](k)) == ERR_OK)
		return ERR_OK;
	demand_free(k->desk, k->demand);
	return e;
}

void
desk_control(struct desk *d, const struct desk_action *action,
    const struct control *ask, desk_control_fn *done, void *arg)
{
	struct asking k = {
		.desk = d,
		.action = action,
		.ask = ask,
		.agent = agent_find(d, action->agent),
		.answer = { .kind = ask->kind },
	};
	enum err e;

	d->now = action->now;
	if (is_repeat(&k, &e)) {
		(void)find_call(&k); /* for how it stands */
		done(arg, e, &k.answer);
		return;
	}
	if ((e = check(&k, done, arg)) == ERR_OK) {
		carry_out(&k);
		return;
	}
	demand_remember(d, &action->op, e);
	done(arg, e, &k.answer);
}
