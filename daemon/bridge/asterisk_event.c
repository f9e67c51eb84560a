/*
 * asterisk_event.c - events into the mirror, and to what follows from them.
 */
#include "base/log.h"
#include "bridge/asterisk.h"

static struct ast_chan *
chan_of(struct ast *a, const struct ami_message *m)
{
	return ast_chan_find(a, ami_get(m, "Uniqueid"));
}

/* --------------------------------------------------------------- channels */

static void
rings(struct ast *a, struct ast_leg *l)
{
	bool told = l->use == AST_USE_AGENT || l->use == AST_USE_CONSULT ||
	            l->use == AST_USE_OUT;
	struct xcall *x = exchange_find(a->exchange, str_of(l->call->name));

	if (l->use == AST_USE_TRANSFER && x != NULL &&
	    xcall_kind(x) == AST_KIND(QUEUED) &&
	    ast_is_device(a, str_of(l->device)))
		told = true;
	if (told && !l->stopped && !l->joined)
		ast_tell_at(a, l->call, AST_KIND(DELIVERED), l);
}

static void
answers(struct ast *a, struct ast_leg *l)
{
	l->answered = true;
	if (l->use != AST_USE_SPY || l->joined)
		return;
	l->joined = true;
	if (l->barge)
		ast_tell_at(a, l->call, AST_KIND(CONFERENCED), l);
}

static void
take_state(struct ast *a, struct ast_chan *c, const struct ami_message *m)
{
	int64_t state = ami_number(m, "ChannelState", c->state);
	bool news = state != c->state;

	c->state = state;
	if (c->leg == NULL || !news || c->leg->call->queue)
		return;
	if (state == AST_RINGING)
		rings(a, c->leg);
	else if (state == AST_UP)
		answers(a, c->leg);
}

static void
on_newchannel(struct ast *a, const struct ami_message *m)
{
	static const struct str ours = { AST_LEG, sizeof(AST_LEG) - 1 };
	struct str uid = ami_get(m, "Uniqueid");
	struct ast_chan *c = ast_chan_get(a, uid, ami_get(m, "Channel"));
	struct ast_leg *l;

	if (c == NULL)
		return;
	ast_copy(c->exten, sizeof(c->exten), ami_get(m, "Exten"));
	l = ast_leg_find(a, uid);
	if (l != NULL) {
		ast_leg_chan(l, c);
		if (l->stopped)
			ast_hangup(a, c, AST_CAUSE(NORMAL));
	} else if (uid.len == ours.len + 32 &&
		   memcmp(uid.p, ours.p, ours.len) == 0) {
		/* What it was rung for is over. */
		ast_hangup(a, c, AST_CAUSE(NORMAL));
	}
	take_state(a, c, m);
}

static void
on_newstate(struct ast *a, const struct ami_message *m)
{
	struct ast_chan *c = chan_of(a, m);

	if (c != NULL)
		take_state(a, c, m);
}

static void
on_rename(struct ast *a, const struct ami_message *m)
{
	struct ast_chan *c = chan_of(a, m);

	if (c != NULL)
		ast_copy(c->name, sizeof(c->name), ami_get(m, "Newname"));
}

/* The far end of a channel has hung up; of two that talk, this one was first. */
static void
on_hangup_request(struct ast *a, const struct ami_message *m)
{
	struct ast_chan *c = chan_of(a, m);
	struct ast_call *call;
	int64_t q850 = ami_number(m, "Cause", 0);

	if (c == NULL)
		return;
	c->asked_to_end = true;
	call = c->role == AST_LEG_OF ? c->leg->call : c->call;
	if (call == NULL)
		return;
	if (c->role == AST_LEG_OF && !c->leg->joined && !c->leg->answered)
		c->leg->cause =
		    q850 != 0 ? ast_cause_of(q850) : AST_CAUSE(NONE);
	else if (call->first == AST_PARTY(NONE) &&
		 (c->role == AST_CALLER || call->agent == c->leg ||
		     c->leg->use == AST_USE_OUT))
		call->first = c->role == AST_CALLER ? AST_PARTY(CALLER)
		                                    : AST_PARTY(AGENT);
}

/* Of a number outside only this says why: its own channel is a Local one, whose
 * end has no cause. */
static void
on_dial_end(struct ast *a, const struct ami_message *m)
{
	struct ast_leg *l = ast_leg_find(a, ami_get(m, "DestUniqueid"));
	Mashang__Cause cause = ast_cause_of_status(ami_get(m, "DialStatus"));

	if (l != NULL && !l->answered && l->cause == AST_CAUSE(NONE) &&
	    cause != AST_CAUSE(NORMAL))
		l->cause = cause;
}

static void
on_hangup(struct ast *a, const struct ami_message *m)
{
	struct ast_chan *c = chan_of(a, m);

	if (c == NULL)
		return;
	ast_chan_leave(a, c);
	ast_chan_ended(a, c, m);
	ast_chan_free(a, c);
}

/* Only failures are of interest, and only of what has no channel to tell of
 * its end. */
static void
on_originate_response(struct ast *a, const struct ami_message *m)
{
	struct ast_leg *l = ast_leg_find(a, ami_get(m, "Uniqueid"));
	int64_t reason = ami_number(m, "Reason", 0);

	if (l == NULL || l->chan != NULL || ami_is(m, "Response", "Success"))
		return;
	ast_leg_failed(a, l,
	    reason == 5   ? AST_CAUSE(BUSY)
	    : reason == 3 ? AST_CAUSE(NO_ANSWER)
			  : AST_CAUSE(UNREACHABLE));
}

/* ---------------------------------------------------------------- bridges */

/* A Local channel is taken out of the way: who was behind it comes in its
 * place. */
static void
take_place(struct ast *a, struct ast_chan *in, struct ast_chan *out)
{
	struct ast_leg *l = out->leg;
	struct ast_call *c = out->call;

	if (in == out || in->role != AST_NOBODY)
		return;
	if (l != NULL)
		ast_leg_chan(l, in);
	else if (c != NULL)
		ast_call_caller(c, in);
	ast_chan_leave(a, out);
}

static void
on_bridge_enter(struct ast *a, const struct ami_message *m)
{
	struct ast_chan *c =
	    ast_chan_get(a, ami_get(m, "Uniqueid"), ami_get(m, "Channel"));
	struct ast_chan *out = ast_chan_find(a, ami_get(m, "SwapUniqueid"));

	if (c == NULL)
		return;
	if (out != NULL)
		take_place(a, c, out);
	ast_chan_enter(a, c, ami_get(m, "BridgeUniqueid"));
	if (c->bridge != NULL)
		ast_together(a, c);
}

static void
on_bridge_leave(struct ast *a, const struct ami_message *m)
{
	struct ast_chan *c = chan_of(a, m);

	if (c != NULL && c->bridge != NULL &&
	    str_eq(str_of(c->bridge->id), ami_get(m, "BridgeUniqueid")))
		ast_chan_leave(a, c);
}

/* ------------------------------------------------------ what phones do */

static void
phone_holds(struct ast *a, const struct ami_message *m, bool hold)
{
	struct ast_chan *c = chan_of(a, m);
	struct ast_leg *l = c != NULL ? c->leg : NULL;
	struct report r;

	if (l == NULL || l->call->agent != l || l->call->at != AST_AT_TALK ||
	    l->call->phone_held == hold)
		return;
	l->call->phone_held = hold;
	r = ast_report(l->call, hold ? AST_KIND(HELD) : AST_KIND(RETRIEVED));
	r.at = ast_time_of(m);
	ast_tell(a, &r);
}

static void
on_hold(struct ast *a, const struct ami_message *m)
{
	phone_holds(a, m, true);
}

static void
on_unhold(struct ast *a, const struct ami_message *m)
{
	phone_holds(a, m, false);
}

/* The agent is out; who answers there, if it is a phone, will be seen. */
static void
on_blind_transfer(struct ast *a, const struct ami_message *m)
{
	struct ast_chan *chan =
	    ast_chan_find(a, ami_get(m, "TransfererUniqueid"));
	struct ast_call *c =
	    chan != NULL && chan->leg != NULL ? chan->leg->call : NULL;
	struct report r;

	if (c == NULL || c->agent != chan->leg || c->queue ||
	    !ami_is(m, "Result", "Success"))
		return;
	c->agent = NULL;
	c->at = AST_AT_AWAY;
	c->phone_held = false;
	c->first = AST_PARTY(NONE);
	r = ast_report(c, AST_KIND(DIVERTED));
	r.at = ast_time_of(m);
	ast_tell(a, &r);
}

/* ------------------------------------------------- what the dialplan says */

static void
said_call(struct ast *a, struct ast_chan *chan, const struct ami_message *m)
{
	struct ast_call *c = ast_call_new(a, str_of(chan->uid));
	struct report r;

	if (c == NULL)
		return;
	ast_call_caller(c, chan);
	r = ast_report(c, AST_KIND(OFFERED));
	ast_caller_of(&r, m);
	ast_brings(&r, ami_get(m, "Call"));
	ast_copy(c->number, sizeof(c->number), r.caller);
	ast_copy(c->show, sizeof(c->show), r.caller_name);
	ast_tell(a, &r);
	r.kind = AST_KIND(QUEUED);
	r.n_data = 0;
	ast_tell(a, &r);
}

static void
waits(struct ast *a, struct ast_call *c, const struct ami_message *m)
{
	struct report r = ast_report(c, AST_KIND(QUEUED));
	struct ast_leg *l;

	if (c->at == AST_AT_WAIT && !c->requeued)
		return; /* it has been told with the call */
	TAILQ_FOREACH (l, &c->legs, of_call)
		if (l->use == AST_USE_TRANSFER)
			return; /* only the agent has not stayed */
	c->requeued = false;
	if ((l = c->agent) != NULL) {
		c->agent = NULL;
		ast_leg_end(a, l);
	}
	c->at = AST_AT_WAIT;
	c->phone_held = false;
	c->first = AST_PARTY(NONE);
	r.order_id = c->order_id;
	r.at = ast_time_of(m);
	c->order_id = 0;
	ast_tell(a, &r);
}

/* Who was called back has answered, and waits: the call's caller from now on. */
static void
back_waits(struct ast *a, struct ast_chan *chan, const struct ami_message *m)
{
	struct ast_call *c = chan->leg->call;
	struct report r = ast_report(c, AST_KIND(QUEUED));

	r.order_id = chan->leg->order_id;
	r.at = ast_time_of(m);
	ast_leg_free(a, chan->leg);
	ast_call_caller(c, chan);
	c->show[0] = '\0'; /* that was what they have been shown */
	ast_tell(a, &r);
}

static void
said_here(struct ast *a, struct ast_chan *chan, const struct ami_message *m)
{
	if (chan->role == AST_CALLER && !chan->call->queue)
		waits(a, chan->call, m);
	else if (chan->role == AST_LEG_OF && chan->leg->use == AST_USE_BACK)
		back_waits(a, chan, m);
	else if (chan->role == AST_NOBODY)
		said_call(a, chan, m);
}

static void
said_away(struct ast *a, struct ast_chan *chan, const struct ami_message *m)
{
	struct report r;

	if (chan->role != AST_CALLER)
		return;
	chan->call->at = AST_AT_AWAY;
	r = ast_report(chan->call, AST_KIND(DIVERTED));
	r.cause = AST_CAUSE(OVERFLOW);
	r.at = ast_time_of(m);
	ast_tell(a, &r);
}

static void
said_dialled(struct ast *a, struct ast_chan *chan, const struct ami_message *m)
{
	struct ast_leg *l = chan->leg;

	(void)a;
	if (l != NULL && l->use == AST_USE_OUT && !l->joined)
		l->call->cause = ast_cause_of_status(ami_get(m, "Status"));
}

static void
said_arrived(struct ast *a, struct ast_chan *chan, const struct ami_message *m)
{
	struct ast_leg *l = chan->leg;
	struct ast_call *c = chan->role == AST_CALLER ? chan->call
	                     : l != NULL              ? l->call
	                                              : NULL;

	(void)m;
	if (c != NULL && (l == NULL || c->agent == l))
		ast_arrived(a, c, l != NULL);
}

static void
on_user_event(struct ast *a, const struct ami_message *m)
{
	static const struct {
		const char *word;
		void (*run)(struct ast *, struct ast_chan *,
		    const struct ami_message *);
	} rows[] = {
		{ "MashangCall", said_here },
		{ "MashangWait", said_here },
		{ "MashangAway", said_away },
		{ "MashangDialled", said_dialled },
		{ "MashangHold", said_arrived },
		{ "MashangAside", said_arrived },
	};
	struct str uid = ami_get(m, "Uniqueid");
	struct ast_chan *c;

	for (size_t i = 0; i < NELEM(rows); i++)
		if (ami_is(m, "UserEvent", rows[i].word)) {
			/* Its channel may be older than our mirror. */
			c = ast_chan_get(a, uid, ami_get(m, "Channel"));
			if (c != NULL && !a->listen_only)
				rows[i].run(a, c, m);
			return;
		}
}

/* ------------------------------------------------------------- the switch */

static void
on_booted(struct ast *a, const struct ami_message *m)
{
	(void)m;
	if (a->stage == AST_LIVE)
		ast_list(a);
}

static void
on_device(struct ast *a, const struct ami_message *m)
{
	ast_device_state(a, m);
}

static void
on_devices_end(struct ast *a, const struct ami_message *m)
{
	(void)m;
	if (!a->listing_devices)
		return;
	a->listing_devices = false;
	exchange_devices_end(a->exchange);
}

static void
on_list_end(struct ast *a, const struct ami_message *m)
{
	(void)m;
	ast_list_done(a);
}

void
ast_event(struct ast *a, const struct ami_message *m)
{
	static const struct {
		const char *word;
		void (*run)(struct ast *, const struct ami_message *);
	} rows[] = {
		{ "Newchannel", on_newchannel },
		{ "Newstate", on_newstate },
		{ "BridgeEnter", on_bridge_enter },
		{ "BridgeLeave", on_bridge_leave },
		{ "HangupRequest", on_hangup_request },
		{ "DialEnd", on_dial_end },
		{ "Hangup", on_hangup },
		{ "DeviceStateChange", on_device },
		{ "OriginateResponse", on_originate_response },
		{ "UserEvent", on_user_event },
		{ "Hold", on_hold },
		{ "Unhold", on_unhold },
		{ "BlindTransfer", on_blind_transfer },
		{ "Rename", on_rename },
		{ "Status", ast_list_row },
		{ "StatusComplete", on_list_end },
		{ "DeviceStateListComplete", on_devices_end },
		{ "FullyBooted", on_booted },
	};

	if (a->stage != AST_LIVE && a->stage != AST_LISTING)
		return;
	for (size_t i = 0; i < NELEM(rows); i++)
		if (ami_is(m, "Event", rows[i].word)) {
			rows[i].run(a, m);
			return;
		}
	if (a->listen_only)
		ast_listen_event(a, m);
}
