/*
 * asterisk_listen.c - beside app_queue: it routes, we tell.
 *
 * A call begins when it joins a queue.  QueueCallerAbandon is told of everybody
 * who leaves without having been connected, also by the queue's own rules; so
 * that alone says nothing.  Who has hung up is known by a HangupRequest before
 * it; of all others the dialplan's QUEUESTATUS is asked for, and what their
 * channel does next is seen.
 */
#include "base/log.h"
#include "bridge/asterisk.h"

#define ASK_STATUS_MAX 20 /* it is set a moment after the caller has left */

static struct ast_call *
call_of(struct ast *a, const struct ami_message *m)
{
	struct ast_call *c = ast_call_find(a, ami_get(m, "Uniqueid"));

	return c != NULL && c->queue ? c : NULL;
}

/* The member's phone; else how the queue calls the member. */
static struct str
member_of(const struct ast *a, const struct ami_message *m)
{
	struct str device = ast_device_of(a, ami_get(m, "Interface"));

	if (device.len == 0)
		device = ast_device_of_chan(a, ami_get(m, "DestChannel"));
	if (device.len == 0)
		device = ami_get(m, "MemberName");
	return device;
}

static void
tell(struct ast *a, const struct ast_call *c, Mashang__CallEventKind kind,
    Mashang__Cause cause, const struct ami_message *m)
{
	struct report r = ast_report(c, kind);

	r.cause = cause;
	r.at = ast_time_of(m);
	if (kind != AST_KIND(QUEUED) && kind != AST_KIND(DIVERTED))
		r.device = member_of(a, m);
	ast_tell(a, &r);
}

static void
on_join(struct ast *a, const struct ami_message *m)
{
	struct str uid = ami_get(m, "Uniqueid");
	struct ast_chan *chan = ast_chan_get(a, uid, ami_get(m, "Channel"));
	struct ast_call *c = ast_call_find(a, uid);
	struct report r;

	if (chan == NULL || (c == NULL && (c = ast_call_new(a, uid)) == NULL))
		return;
	ast_call_caller(c, chan);
	c->queue = true;
	c->at = AST_AT_WAIT;
	c->asked_status = 0;
	c->cause = AST_CAUSE(NONE);
	r = ast_report(c, AST_KIND(OFFERED));
	ast_caller_of(&r, m);
	r.called =
	    chan->exten[0] != '\0' ? str_of(chan->exten) : ami_get(m, "Exten");
	r.menu = ami_get(m, "Queue");
	ast_copy(c->number, sizeof(c->number), r.caller);
	ast_copy(c->show, sizeof(c->show), r.caller_name);
	ast_tell(a, &r);
	r.kind = AST_KIND(QUEUED);
	ast_tell(a, &r);
}

static void
ask_why(struct ast *a, struct ast_call *c)
{
	struct ast_ask ask = { .asked = AST_QUEUE_WHY };

	ast_copy(ask.call, sizeof(ask.call), str_of(c->name));
	ast_begin(a, "Getvar");
	ami_addf(&a->action, "Channel", "%s", c->name);
	ami_addf(&a->action, "Variable", "QUEUESTATUS");
	c->asked_status++;
	if (!ast_send(a, &ask))
		log_debug(LOG_BRIDGE, "asterisk QUEUESTATUS was not asked for");
}

/* The answer: connected meanwhile, or why not. */
void
ast_listen_why(struct ast *a, struct ast_call *c, const struct ami_message *m)
{
	struct str status = ami_get(m, "Value");

	if (c->at != AST_AT_WAIT || c->asked_status == 0)
		return;
	if (!ami_is(m, "Response", "Success")) {
		if (c->caller != NULL)
			log_info(LOG_BRIDGE,
			    "asterisk does not tell QUEUESTATUS: %.*s",
			    STR_ARG(ami_get(m, "Message")));
		return;
	}
	if (status.len == 0 && c->asked_status < ASK_STATUS_MAX) {
		ask_why(a, c);
		return;
	}
	c->at = AST_AT_AWAY;
	c->cause = ast_cause_of_status(status);
	tell(a, c, AST_KIND(DIVERTED), c->cause, m);
}

static void
on_leave(struct ast *a, const struct ami_message *m)
{
	struct ast_call *c = call_of(a, m);

	if (c != NULL && c->at == AST_AT_WAIT && c->caller != NULL &&
	    !c->caller->asked_to_end)
		ask_why(a, c);
}

static void
on_called(struct ast *a, const struct ami_message *m)
{
	struct ast_call *c = call_of(a, m);

	if (c != NULL && c->at == AST_AT_WAIT)
		tell(a, c, AST_KIND(DELIVERED), AST_CAUSE(NONE), m);
}

static void
on_no_answer(struct ast *a, const struct ami_message *m)
{
	struct ast_call *c = call_of(a, m);

	if (c != NULL && c->at == AST_AT_WAIT)
		tell(a, c, AST_KIND(FAILED), AST_CAUSE(NO_ANSWER), m);
}

static void
on_dump(struct ast *a, const struct ami_message *m)
{
	struct ast_call *c = call_of(a, m);

	if (c != NULL)
		tell(a, c, AST_KIND(FAILED), AST_CAUSE(REJECTED), m);
}

static void
on_agent_connect(struct ast *a, const struct ami_message *m)
{
	struct ast_call *c = call_of(a, m);
	struct str uid = ami_get(m, "DestUniqueid");
	struct ast_chan *chan;
	struct ast_leg *l;

	if (c == NULL)
		return;
	c->at = AST_AT_TALK;
	tell(a, c, AST_KIND(ESTABLISHED), AST_CAUSE(NONE), m);
	chan = ast_chan_get(a, uid, ami_get(m, "DestChannel"));
	if (chan == NULL || chan->role != AST_NOBODY ||
	    ast_leg_find(a, uid) != NULL)
		return;
	l = ast_leg_new(a, c, AST_USE_AGENT, member_of(a, m), chan->uid);
	if (l == NULL)
		return;
	ast_leg_chan(l, chan);
	l->joined = true;
	c->agent = l;
}

/* It may go on in the dialplan, to a survey. */
static void
on_complete(struct ast *a, const struct ami_message *m)
{
	struct ast_call *c = call_of(a, m);
	bool caller = ami_is(m, "Reason", "caller");

	if (c == NULL || c->at != AST_AT_TALK)
		return;
	c->at = AST_AT_AWAY;
	c->first = caller ? AST_PARTY(CALLER) : AST_PARTY(AGENT);
	if (!caller)
		tell(a, c, AST_KIND(CONNECTION_CLEARED), AST_CAUSE(NONE), m);
}

void
ast_listen_event(struct ast *a, const struct ami_message *m)
{
	static const struct {
		const char *word;
		void (*run)(struct ast *, const struct ami_message *);
	} rows[] = {
		{ "QueueCallerJoin", on_join },
		{ "QueueCallerLeave", on_leave },
		{ "AgentCalled", on_called },
		{ "AgentRingNoAnswer", on_no_answer },
		{ "AgentConnect", on_agent_connect },
		{ "AgentComplete", on_complete },
		{ "AgentDump", on_dump },
	};

	for (size_t i = 0; i < NELEM(rows); i++)
		if (ami_is(m, "Event", rows[i].word)) {
			rows[i].run(a, m);
			return;
		}
}
