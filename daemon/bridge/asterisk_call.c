/*
 * asterisk_call.c - calls, their legs, and what it means who is together.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/id.h"
#include "base/log.h"
#include "bridge/asterisk.h"

/* ------------------------------------------------------------------ calls */

struct ast_call *
ast_call_find(struct ast *a, struct str name)
{
	struct ast_call *c = NULL;

	if (name.len > 0 && name.len <= AST_DEVICE_MAX)
		HASH_FIND(hh, a->calls, name.p, name.len, c);
	return c;
}

struct ast_call *
ast_call_new(struct ast *a, struct str name)
{
	struct ast_call *c;

	if (!ast_is_token(name) || name.len > AST_DEVICE_MAX) {
		log_warn(LOG_BRIDGE,
		    "asterisk a call's name of %u bytes is more "
		    "than can be handled: shorten systemname in asterisk.conf",
		    name.len);
		return NULL;
	}
	if ((c = calloc(1, sizeof(*c))) == NULL)
		return NULL;
	TAILQ_INIT(&c->legs);
	ast_copy(c->name, sizeof(c->name), name);
	HASH_ADD_KEYPTR(hh, a->calls, c->name, name.len, c);
	if (HASH_ADD_OK(hh, c))
		return c;
	free(c);
	return NULL;
}

/* A channel has one part in one call. */
void
ast_chan_part(struct ast_chan *chan)
{
	if (chan->role == AST_CALLER)
		chan->call->caller = NULL;
	else if (chan->role == AST_LEG_OF)
		chan->leg->chan = NULL;
	chan->role = AST_NOBODY;
	chan->call = NULL;
	chan->leg = NULL;
}

void
ast_call_caller(struct ast_call *c, struct ast_chan *chan)
{
	if (c->caller == chan)
		return;
	if (c->caller != NULL)
		ast_chan_part(c->caller);
	if (chan == NULL)
		return;
	ast_chan_part(chan);
	c->caller = chan;
	chan->role = AST_CALLER;
	chan->call = c;
}

/* Its channels live on; nobody asks what becomes of them. */
void
ast_call_free(struct ast *a, struct ast_call *c)
{
	struct ast_leg *l;

	while ((l = TAILQ_FIRST(&c->legs)) != NULL)
		ast_leg_free(a, l);
	ast_call_caller(c, NULL);
	if (c->about != NULL && c->about->consult == c)
		c->about->consult = NULL;
	if (c->consult != NULL && c->consult->about == c)
		c->consult->about = NULL;
	HASH_DELETE(hh, a->calls, c);
	free(c);
}

void
ast_calls_clear(struct ast *a)
{
	struct ast_call *c, *next;

	HASH_ITER(hh, a->calls, c, next)
	{
		ast_call_free(a, c);
	}
}

/* ---------------------------------------------------------------- reports */

struct report
ast_report(const struct ast_call *c, Mashang__CallEventKind kind)
{
	return (struct report){ .call = str_of(c->name), .kind = kind };
}

void
ast_tell(struct ast *a, const struct report *r)
{
	exchange_report(a->exchange, r);
}

void
ast_tell_at(struct ast *a, struct ast_call *c, Mashang__CallEventKind kind,
    const struct ast_leg *l)
{
	struct report r = ast_report(c, kind);

	r.device = str_of(l->device);
	r.order_id = l->order_id;
	if (kind == AST_KIND(FAILED))
		r.cause = l->cause;
	ast_tell(a, &r);
}

/* ------------------------------------------------------------------- legs */

struct ast_leg *
ast_leg_find(struct ast *a, struct str uid)
{
	struct ast_leg *l = NULL;

	if (uid.len > 0 && uid.len < AST_CHAN_MAX)
		HASH_FIND(hh, a->legs, uid.p, uid.len, l);
	return l;
}

struct ast_leg *
ast_leg_new(struct ast *a, struct ast_call *c, enum ast_use use,
    struct str device, const char *uid)
{
	struct ast_leg *l = calloc(1, sizeof(*l));
	char hex[ID_TEXT_LEN + 1];
	struct id id;

	if (l == NULL)
		return NULL;
	if (uid != NULL) {
		ast_copy(l->uid, sizeof(l->uid), str_of(uid));
	} else {
		id = id_random();
		snprintf(
		    l->uid, sizeof(l->uid), AST_LEG "%s", id_text(&id, hex));
	}
	l->use = use;
	ast_copy(l->device, sizeof(l->device), device);
	HASH_ADD_KEYPTR(hh, a->legs, l->uid, strlen(l->uid), l);
	if (!HASH_ADD_OK(hh, l)) {
		free(l);
		return NULL;
	}
	l->call = c;
	TAILQ_INSERT_TAIL(&c->legs, l, of_call);
	return l;
}

void
ast_leg_free(struct ast *a, struct ast_leg *l)
{
	if (l->call->agent == l)
		l->call->agent = NULL;
	ast_leg_chan(l, NULL);
	TAILQ_REMOVE(&l->call->legs, l, of_call);
	HASH_DELETE(hh, a->legs, l);
	free(l);
}

void
ast_leg_chan(struct ast_leg *l, struct ast_chan *chan)
{
	if (l->chan == chan)
		return;
	if (l->chan != NULL)
		ast_chan_part(l->chan);
	if (chan == NULL)
		return;
	ast_chan_part(chan);
	l->chan = chan;
	chan->role = AST_LEG_OF;
	chan->leg = l;
	l->there = true;
}

void
ast_leg_move(struct ast_leg *l, struct ast_call *to)
{
	TAILQ_REMOVE(&l->call->legs, l, of_call);
	if (l->call->agent == l)
		l->call->agent = NULL;
	l->call = to;
	TAILQ_INSERT_TAIL(&to->legs, l, of_call);
}

/* One that is not there yet is ended when it comes. */
void
ast_leg_end(struct ast *a, struct ast_leg *l)
{
	l->stopped = true;
	if (l->chan != NULL)
		ast_hangup(a, l->chan, AST_CAUSE(NORMAL));
}

/* ---------------------------------------------------------------- its end */

/* The caller has gone while the agent asks somebody: they go on talking. */
static void
leave_consulting(struct ast_call *c)
{
	struct ast_chan *chan = c->agent != NULL ? c->agent->chan : NULL;

	if (chan == NULL)
		return;
	ast_leg_chan(c->agent, NULL);
	ast_call_caller(c->consult, chan);
}

void
ast_call_over(struct ast *a, struct ast_call *c, Mashang__Cause cause)
{
	struct report r = ast_report(c, AST_KIND(CALL_CLEARED));
	struct ast_leg *l;
	char name[AST_DEVICE_MAX + 1];

	memcpy(name, c->name, sizeof(name));
	if (c->consult != NULL)
		leave_consulting(c);
	TAILQ_FOREACH (l, &c->legs, of_call)
		if (l->chan != NULL && !c->queue)
			ast_hangup(a, l->chan, AST_CAUSE(NORMAL));
	r.call = str_of(name);
	r.cause = cause != AST_CAUSE(NONE) ? cause : AST_CAUSE(NORMAL);
	r.party = c->first != AST_PARTY(NONE) ? c->first : AST_PARTY(SWITCH);
	/* The exchange may ask us to forget it: then it is gone by now. */
	ast_tell(a, &r);
	if ((c = ast_call_find(a, str_of(name))) != NULL)
		ast_call_free(a, c);
}

/* ---------------------------------------------------------- who is together */

static bool
with(const struct ast_chan *one, const struct ast_chan *other)
{
	return one != NULL && other != NULL && one != other &&
	       one->bridge != NULL && one->bridge == other->bridge;
}

/* The agent talks to the caller: for the first time, or again. */
static void
agent_joined(struct ast *a, struct ast_call *c, struct ast_leg *l)
{
	struct report r;

	if (l->joined && c->at == AST_AT_HOLD) {
		r = ast_report(c, AST_KIND(RETRIEVED));
		r.order_id = c->order_id;
		c->order_id = 0;
		c->at = AST_AT_TALK;
		ast_tell(a, &r);
		return;
	}
	c->agent = l;
	c->at = AST_AT_TALK;
	if (l->joined)
		return;
	l->joined = true;
	ast_tell_at(a, c, AST_KIND(ESTABLISHED), l);
}

/* Somebody else has come in the agent's place. */
static void
replaced(struct ast *a, struct ast_call *c, struct ast_leg *l)
{
	struct xcall *x = exchange_find(a->exchange, str_of(c->name));
	Mashang__CallEventKind now = x != NULL ? xcall_kind(x) : 0;
	struct ast_leg *old = c->agent;

	l->use = AST_USE_AGENT;
	l->joined = true;
	c->agent = l;
	c->at = AST_AT_TALK;
	c->joining = false;
	if (now == AST_KIND(ESTABLISHED) || now == AST_KIND(HELD))
		ast_tell_at(a, c, AST_KIND(TRANSFERRED), l);
	else if (now == AST_KIND(QUEUED) && ast_is_number(str_of(l->device)) &&
		 !ast_is_device(a, str_of(l->device))) {
		struct report r = ast_report(c, AST_KIND(DIVERTED));

		/* Out of our hands; its end will be told. */
		r.order_id = l->order_id;
		ast_tell(a, &r);
	} else
		ast_tell_at(a, c, AST_KIND(ESTABLISHED), l);
	if (old != NULL && old != l)
		ast_leg_end(a, old);
}

/* A channel that nobody here has rung is with our caller: a transfer by the
 * phone, a pick-up. */
static void
stranger_joined(struct ast *a, struct ast_call *c, struct ast_chan *chan)
{
	struct str device = ast_device_of_chan(a, str_of(chan->name));
	struct ast_leg *l;

	if (device.len == 0)
		device = str_of(chan->exten[0] != '\0' ? chan->exten : "?");
	l = ast_leg_new(a, c, AST_USE_AGENT, device, chan->uid);
	if (l == NULL)
		return;
	ast_leg_chan(l, chan);
	replaced(a, c, l);
}

static void
leg_with_caller(struct ast *a, struct ast_call *c, struct ast_leg *l)
{
	if (l->use == AST_USE_TRANSFER)
		replaced(a, c, l);
	else if (l->use != AST_USE_SPY)
		agent_joined(a, c, l);
}

/* Caller and consulted are together, by an order or by the agent's phone: the
 * agent is out. */
static void
consulted_with_caller(struct ast *a, struct ast_call *c, struct ast_leg *l)
{
	struct ast_call *k = l->call;

	ast_leg_move(l, c);
	l->order_id = c->order_id;
	l->use = AST_USE_TRANSFER;
	if (l->chan != NULL) {
		ast_setvar(a, l->chan, "MASHANG_OF", str_of(c->name));
		ast_setvar(a, l->chan, "MASHANG_ROLE", STR_LIT("agent"));
	}
	replaced(a, c, l);
	ast_call_over(a, k, AST_CAUSE(NORMAL));
}

static void
caller_together(struct ast *a, struct ast_call *c)
{
	struct ast_chan *other;
	struct ast_leg *known = NULL;
	struct ast_chan *stranger = NULL;

	TAILQ_FOREACH (other, &c->caller->bridge->in, of_bridge) {
		if (other == c->caller)
			continue;
		if (other->role == AST_LEG_OF)
			known = other->leg;
		else if (other->role == AST_NOBODY)
			stranger = other;
	}
	if (known != NULL && known->call == c)
		leg_with_caller(a, c, known);
	else if (known != NULL && known->call->about == c)
		consulted_with_caller(a, c, known);
	else if (known == NULL && stranger != NULL)
		stranger_joined(a, c, stranger);
}

/* Whom an agent of ours has called: they are the call's customer. */
static void
customer_joined(struct ast *a, struct ast_leg *l)
{
	struct ast_chan *other;

	TAILQ_FOREACH (other, &l->chan->bridge->in, of_bridge)
		if (other != l->chan && other->role == AST_NOBODY) {
			ast_call_caller(l->call, other);
			agent_joined(a, l->call, l);
			return;
		}
}

/* The consulted talks to the agent. */
static void
consulted_joined(struct ast *a, struct ast_leg *l)
{
	const struct ast_call *c = l->call->about;

	if (c == NULL || c->agent == NULL || l->joined ||
	    !with(l->chan, c->agent->chan))
		return;
	l->joined = true;
	l->call->agent = l;
	l->call->at = AST_AT_TALK;
	ast_tell_at(a, l->call, AST_KIND(ESTABLISHED), l);
}

void
ast_together(struct ast *a, struct ast_chan *chan)
{
	struct ast_chan *other;
	struct ast_call *c = chan->role == AST_CALLER ? chan->call : NULL;

	if (chan->bridge == NULL)
		return;
	TAILQ_FOREACH (other, &chan->bridge->in, of_bridge)
		if (c == NULL && other->role == AST_CALLER)
			c = other->call;
	if (c != NULL && c->caller->bridge == chan->bridge) {
		if (c->at != AST_AT_ROOM && !c->queue)
			caller_together(a, c);
		return;
	}
	TAILQ_FOREACH (other, &chan->bridge->in, of_bridge)
		if (other->role == AST_LEG_OF &&
		    other->leg->use == AST_USE_OUT &&
		    other->leg->call->caller == NULL) {
			customer_joined(a, other->leg);
			return;
		}
	TAILQ_FOREACH (other, &chan->bridge->in, of_bridge)
		if (other->role == AST_LEG_OF &&
		    other->leg->use == AST_USE_CONSULT) {
			consulted_joined(a, other->leg);
			return;
		}
}
