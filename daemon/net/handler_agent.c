/*
 * handler_agent.c - an agent's session: what the agent does, and what the desk
 * tells the agent.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/conn.h"
#include "net/session.h"

#define AGENTS_MAX (1u << 20) /* ids are small numbers from a sequence */
#define STORY_MAX 8

/* ------------------------------------------------------ who is which agent */

struct session *
agent_session(const struct net *n, uint32_t agent)
{
	return agent > 0 && agent < n->n_agents ? n->agents[agent] : NULL;
}

enum err
agent_seat(
    struct net *n, uint32_t agent, struct session *s, struct session **before)
{
	size_t room = n->n_agents > 0 ? n->n_agents : 64;
	struct session **grown;

	if (agent >= AGENTS_MAX)
		return ERR_TOO_LARGE;
	while (room <= agent)
		room *= 2;
	if (room > n->n_agents) {
		grown = reallocarray(n->agents, room, sizeof(struct session *));
		if (grown == NULL)
			return ERR_NOMEM;
		memset(grown + n->n_agents, 0,
		    (room - n->n_agents) * sizeof(struct session *));
		n->agents = grown;
		n->n_agents = (uint32_t)room;
	}
	*before = n->agents[agent];
	n->agents[agent] = s;
	return ERR_OK;
}

/* --------------------------------------------------------------- requests */

static enum err
answer(struct session *s, const Mashang__Envelope *e, enum err why)
{
	struct id op = op_of(e);

	if (why == ERR_OK)
		session_done(s, &op, 0);
	return why;
}

/* A reason that is configured, or none. */
static enum err
check_reason(struct session *s, const char *field, struct str reason)
{
	char wanted[FAULT_PARAM_LEN], got[NAME_LEN + 1];

	if (desk_reason_is_good(s->net->desk, reason, wanted, sizeof(wanted)))
		return ERR_OK;
	snprintf(got, sizeof(got), "%.*s", STR_ARG(reason));
	return fault(&s->net->fault, ERR_BAD_FIELD, field, wanted, got, NULL);
}

enum err
on_set_state(struct session *s, const Mashang__Envelope *e)
{
	const Mashang__SetState *m = e->set_state;
	struct desk_action a = action_of(s, e);
	struct fields f = fields_of(s);
	struct str reason;
	enum err why;

	if ((why = field_range(&f, "state", m->state, AGENT_STATE_NULL,
		 AGENT_STATE_READY)) != ERR_OK ||
	    (why = field_text(&f, "reason", m->reason, NAME_LEN, &reason)) !=
		ERR_OK ||
	    (why = check_reason(s, "reason", reason)) != ERR_OK)
		return why;
	if (m->state == MASHANG__AGENT_STATE_KIND__AGENT_NULL) {
		answer(s, e, ERR_OK); /* logging off is closing */
		s->wants_off = true;
		session_end(s, MASHANG__CODE__CODE_OK, ERR_OK);
		return ERR_OK;
	}
	return answer(
	    s, e, desk_set_state(s->net->desk, &a, (int)m->state, reason));
}

enum err
on_shown(struct session *s, const Mashang__Envelope *e)
{
	struct desk_action a = action_of(s, e);
	enum err why = desk_offer_shown(s->net->desk, &a, e->shown->offer_id);

	if (e->op_id.len == 0) /* nobody asked for an answer */
		return ERR_OK;
	return answer(s, e, why);
}

enum err
on_accept(struct session *s, const Mashang__Envelope *e)
{
	struct desk_action a = action_of(s, e);

	return answer(
	    s, e, desk_offer_accept(s->net->desk, &a, e->accept->offer_id));
}

enum err
on_refuse(struct session *s, const Mashang__Envelope *e)
{
	struct desk_action a = action_of(s, e);
	struct fields f = fields_of(s);
	struct str reason;
	enum err why =
	    field_text(&f, "reason", e->refuse->reason, NAME_LEN, &reason);

	if (why != ERR_OK)
		return why;
	return answer(s, e,
	    desk_offer_refuse(s->net->desk, &a, e->refuse->offer_id, reason));
}

static enum err
check_wrap_up(
    const struct fields *f, const Mashang__WrapUp *m, struct wrap_up *w)
{
	enum err e;

	if (m->call_id.len != sizeof(w->call.b))
		return fault(
		    f->fault, ERR_BAD_FIELD, "call_id", "16 bytes", NULL);
	memcpy(w->call.b, m->call_id.data, sizeof(w->call.b));
	if ((e = field_lines(f, "note", m->note, NOTE_LEN, &w->note)) !=
		ERR_OK ||
	    (e = field_text(f, "category", m->category, NAME_LEN,
		 &w->category)) != ERR_OK ||
	    (e = field_text(f, "next_reason", m->next_reason, NAME_LEN,
		 &w->next_reason)) != ERR_OK ||
	    (e = field_range(f, "kind", m->kind, 0, TICKET_NKINDS - 1)) !=
		ERR_OK)
		return e;
	w->kind = (enum ticket_kind)m->kind;
	w->solved = m->solved;
	w->dissatisfied = m->dissatisfied;
	w->next = m->next == 0 ? AGENT_STATE_READY : (enum agent_state)m->next;
	if (w->next != AGENT_STATE_READY && w->next != AGENT_STATE_NOT_READY)
		return fault(f->fault, ERR_BAD_FIELD, "next",
		    "ready or not ready", NULL);
	return ERR_OK;
}

enum err
on_wrap_up(struct session *s, const Mashang__Envelope *e)
{
	struct desk_action a = action_of(s, e);
	struct fields f = fields_of(s);
	struct wrap_up w = { 0 };
	enum err why = check_wrap_up(&f, e->wrap_up, &w);

	if (why != ERR_OK ||
	    (why = check_reason(s, "next_reason", w.next_reason)) != ERR_OK)
		return why;
	return answer(s, e, desk_wrap_up(s->net->desk, &a, &w));
}

enum err
on_extend_wrap_up(struct session *s, const Mashang__Envelope *e)
{
	struct desk_action a = action_of(s, e);
	const char *rule;
	enum err why = desk_extend_wrap_up(s->net->desk, &a, &rule);

	if (rule != NULL)
		return fault(&s->net->fault, why, "wrap_up", rule, NULL);
	return answer(s, e, why);
}

/* ------------------------------------------------------------------- news */

static ProtobufCBinaryData
id_bytes(const struct id *id)
{
	return (
	    ProtobufCBinaryData){ sizeof(id->b), (uint8_t *)(uintptr_t)id->b };
}

static void
tell_offer(void *arg, uint32_t agent, const struct offer_news *o)
{
	struct session *s = agent_session(arg, agent);
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__Offer m = MASHANG__OFFER__INIT;
	Mashang__KeyValue pairs[CALL_PAIRS_MAX], *list[CALL_PAIRS_MAX];

	if (s == NULL)
		return;
	for (unsigned i = 0; i < o->n_data; i++) {
		mashang__key_value__init(&pairs[i]);
		pairs[i].key = bytes_of(o->data[i].key);
		pairs[i].value = bytes_of(o->data[i].value);
		list[i] = &pairs[i];
	}
	m.n_data = o->n_data;
	m.data = list;
	m.offer_id = o->offer;
	m.call_id = id_bytes(&o->call);
	m.queue = bytes_of(o->queue);
	m.caller = bytes_of(o->caller);
	m.caller_name = bytes_of(o->caller_name);
	m.called = bytes_of(o->called);
	m.menu = bytes_of(o->menu);
	m.priority = o->priority;
	m.enqueued_at = o->enqueued_at;
	m.offered_at = o->offered_at;
	m.deadline_at = o->deadline_at;
	m.ticket = o->ticket;
	m.screen_first = o->screen_first;
	m.can_answer = o->can_answer;
	work_offer_fill(o, &m);
	m.why = bytes_of(o->why);
	m.attempt = o->attempt;
	e.body_case = MASHANG__ENVELOPE__BODY_OFFER;
	e.offer = &m;
	session_push(s, &e);
}

static unsigned
fill_contacts(
    const struct story_news *n, Mashang__Contact *to, Mashang__Contact **list)
{
	unsigned i;

	for (i = 0; i < n->n_contacts && i < STORY_MAX; i++) {
		const struct story_contact *c = &n->contacts[i];

		mashang__contact__init(&to[i]);
		to[i].at = c->at;
		to[i].channel = bytes_of(STR_LIT("phone"));
		to[i].summary = bytes_of(c->summary);
		to[i].ticket = c->ticket;
		to[i].agent = bytes_of(c->agent);
		list[i] = &to[i];
	}
	return i;
}

static unsigned
fill_open(const struct story_news *n, Mashang__TicketBrief *to,
    Mashang__TicketBrief **list)
{
	unsigned i;

	for (i = 0; i < n->n_open && i < STORY_MAX; i++) {
		const struct story_ticket *t = &n->open[i];

		mashang__ticket_brief__init(&to[i]);
		to[i].number = t->number;
		to[i].kind = (Mashang__TicketKind)t->kind;
		to[i].status = bytes_of(t->status);
		to[i].subject = bytes_of(t->subject);
		to[i].opened_at = t->opened_at;
		to[i].owner = bytes_of(t->owner);
		list[i] = &to[i];
	}
	return i;
}

static void
tell_story(void *arg, uint32_t agent, const struct story_news *n)
{
	struct session *s = agent_session(arg, agent);
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__Story m = MASHANG__STORY__INIT;
	Mashang__Contact contacts[STORY_MAX], *contact_list[STORY_MAX];
	Mashang__TicketBrief open[STORY_MAX], *open_list[STORY_MAX];

	if (s == NULL)
		return;
	m.offer_id = n->offer;
	m.call_id = id_bytes(&n->call);
	m.customer = bytes_of(n->customer);
	m.grade = bytes_of(n->grade);
	m.contacts_total = n->n_total;
	m.n_contacts = fill_contacts(n, contacts, contact_list);
	m.contacts = contact_list;
	m.n_open = fill_open(n, open, open_list);
	m.open = open_list;
	m.ticket = n->ticket;
	e.body_case = MASHANG__ENVELOPE__BODY_STORY;
	e.story = &m;
	session_push(s, &e);
}

static void
tell_offer_ended(
    void *arg, uint32_t agent, uint64_t offer, enum offer_end reason)
{
	struct session *s = agent_session(arg, agent);
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__OfferEnded m = MASHANG__OFFER_ENDED__INIT;

	if (s == NULL)
		return;
	m.offer_id = offer;
	m.reason = (Mashang__OfferEndReason)reason;
	e.body_case = MASHANG__ENVELOPE__BODY_OFFER_ENDED;
	e.offer_ended = &m;
	session_push(s, &e);
}

/* By a supervisor: their client must not come back by itself. */
static void
log_off(struct session *s, struct str why)
{
	char reason[NAME_LEN + 1];

	snprintf(reason, sizeof(reason), "%.*s", STR_ARG(why));
	session_end_fault(s, fault_code(&s->net->fault,
				 MASHANG__CODE__CODE_LOGGED_OFF, reason, NULL));
	fault_clear(&s->net->fault);
}

static void
tell_agent(void *arg, uint32_t agent, const struct agent_news *n)
{
	struct session *s = agent_session(arg, agent);
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__AgentState m = MASHANG__AGENT_STATE__INIT;

	if (s == NULL)
		return;
	m.state = (Mashang__AgentStateKind)n->state;
	m.reason = bytes_of(n->reason);
	m.since_at = n->since;
	m.pending = (Mashang__AgentStateKind)n->pending;
	m.pending_reason = bytes_of(n->pending_reason);
	m.until_at = n->until;
	m.limit_at = n->limit_at;
	e.body_case = MASHANG__ENVELOPE__BODY_AGENT_STATE;
	e.agent_state = &m;
	session_push(s, &e);
	if (n->state == AGENT_STATE_NULL)
		log_off(s, n->reason);
}

static void
tell_call(void *arg, uint32_t agent, const struct call_news *n)
{
	struct session *s = agent_session(arg, agent);
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__CallState m = MASHANG__CALL_STATE__INIT;
	Mashang__OrderKind can[ORDER_NKINDS];

	if (s == NULL)
		return;
	m.call_id = id_bytes(&n->call);
	m.kind = (Mashang__CallEventKind)n->kind;
	m.at = n->at;
	m.cause = (Mashang__Cause)n->cause;
	m.ticket = n->ticket;
	for (int k = 1; k < ORDER_NKINDS; k++)
		if ((n->can & ORDER_BIT(k)) != 0)
			can[m.n_can++] = (Mashang__OrderKind)k;
	m.can = can;
	if (!id_is_none(&n->related))
		m.related_call_id = id_bytes(&n->related);
	m.relation = (Mashang__Relation)n->relation;
	m.number = bytes_of(n->number);
	e.body_case = MASHANG__ENVELOPE__BODY_CALL_STATE;
	e.call_state = &m;
	session_push(s, &e);
}

/* While a newer session of the agent comes in, login.c ends the older one. */
static void
on_taken_over(void *arg, uint32_t agent)
{
	struct net *n = arg;
	struct session *s = agent_session(n, agent);

	if (s == NULL || s == n->joining)
		return;
	n->agents[agent] = NULL;
	session_end(s, MASHANG__CODE__CODE_TAKEN_OVER, ERR_REFUSED);
}

void
agent_news_fill(struct desk_news *n)
{
	n->offer = tell_offer;
	n->story = tell_story;
	n->offer_ended = tell_offer_ended;
	n->agent = tell_agent;
	n->call = tell_call;
	n->work = work_tell_state;
	n->taken_over = on_taken_over;
}
