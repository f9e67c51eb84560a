/*
 * seat_act.c - what an agent does, as requests: kept in the journal, or asked
 * only.
 */
#include <string.h>

#include "client/fmt.h"
#include "client/outbox.h"
#include "client/seat_own.h"

#define STATE(x) MASHANG__AGENT_STATE_KIND__AGENT_##x
#define BODY(x) MASHANG__ENVELOPE__BODY_##x

static enum err
act(struct seat *s, Mashang__Envelope *e, bool keep)
{
	enum err result =
	    keep ? outbox_act(s->outbox, e) : outbox_ask(s->outbox, e);

	s->facts.unsaved = outbox_count(s->outbox);
	return result;
}

void
seat_shown(struct seat *s, uint64_t offer_id)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__Shown m = MASHANG__SHOWN__INIT;

	if (offer_id != s->facts.offer_id)
		return;
	m.offer_id = offer_id;
	e.body_case = BODY(SHOWN);
	e.shown = &m;
	s->facts.shown = act(s, &e, false) == ERR_OK;
}

enum err
seat_set_state(
    struct seat *s, Mashang__AgentStateKind state, const char *reason)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__SetState m = MASHANG__SET_STATE__INIT;

	m.state = state;
	m.reason = fmt_data(reason);
	e.body_case = BODY(SET_STATE);
	e.set_state = &m;
	return act(s, &e, true);
}

enum err
seat_log_off(struct seat *s)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__SetState m = MASHANG__SET_STATE__INIT;

	m.state = STATE(NULL);
	e.body_case = BODY(SET_STATE);
	e.set_state = &m;
	return act(s, &e, false);
}

enum err
seat_accept(struct seat *s)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__Accept m = MASHANG__ACCEPT__INIT;

	if (!s->facts.shown)
		return ERR_REFUSED;
	m.offer_id = s->facts.offer_id;
	e.body_case = BODY(ACCEPT);
	e.accept = &m;
	return act(s, &e, true);
}

enum err
seat_refuse(struct seat *s, const char *reason)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__Refuse m = MASHANG__REFUSE__INIT;

	if (!s->facts.shown)
		return ERR_REFUSED;
	m.offer_id = s->facts.offer_id;
	m.reason = fmt_data(reason);
	e.body_case = BODY(REFUSE);
	e.refuse = &m;
	return act(s, &e, true);
}

enum err
seat_note(struct seat *s, const char *text)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__TicketNote m = MASHANG__TICKET_NOTE__INIT;

	if (s->facts.ticket == 0)
		return ERR_NOT_FOUND;
	m.number = s->facts.ticket;
	m.text = fmt_data(text);
	e.body_case = BODY(TICKET_NOTE);
	e.ticket_note = &m;
	return act(s, &e, true);
}

enum err
seat_change(struct seat *s, Mashang__TicketChange *m)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;

	if (s->facts.ticket == 0)
		return ERR_NOT_FOUND;
	m->number = s->facts.ticket;
	e.body_case = BODY(TICKET_CHANGE);
	e.ticket_change = m;
	return act(s, &e, true);
}

enum err
seat_wrap_up(struct seat *s, Mashang__WrapUp *m)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;

	if (!s->facts.has_call)
		return ERR_NOT_FOUND;
	m->call_id = (ProtobufCBinaryData){ 16, s->facts.call_id };
	e.body_case = BODY(WRAP_UP);
	e.wrap_up = m;
	return act(s, &e, true);
}

enum err
seat_more(struct seat *s)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__ExtendWrapUp m = MASHANG__EXTEND_WRAP_UP__INIT;

	e.body_case = BODY(EXTEND_WRAP_UP);
	e.extend_wrap_up = &m;
	return act(s, &e, false);
}

enum err
seat_dial(struct seat *s, uint64_t number, const char *to, bool follow_up)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__Dial m = MASHANG__DIAL__INIT;

	m.ticket = number != 0 ? number : s->facts.ticket;
	if (m.ticket == 0)
		return ERR_NOT_FOUND;
	m.number = fmt_data(to);
	m.relation = follow_up ? MASHANG__RELATION__RELATION_FOLLOW_UP
	                       : MASHANG__RELATION__RELATION_CALLBACK;
	e.body_case = BODY(DIAL);
	e.dial = &m;
	return act(s, &e, false);
}

enum err
seat_ask_ticket(struct seat *s, uint64_t number)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__TicketShow m = MASHANG__TICKET_SHOW__INIT;

	m.number = number;
	e.body_case = BODY(TICKET_SHOW);
	e.ticket_show = &m;
	return act(s, &e, false);
}

enum err
seat_work_done(struct seat *s, uint64_t number)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__WorkDone m = MASHANG__WORK_DONE__INIT;
	int i = hand_find(&s->facts.hand, number);

	if (i < 0)
		return ERR_NOT_FOUND;
	m.work_id = (ProtobufCBinaryData){ 16, s->facts.hand.items[i].work };
	e.body_case = BODY(WORK_DONE);
	e.work_done = &m;
	return act(s, &e, false);
}

unsigned
seat_can(const struct seat *s)
{
	return s->facts.can | s->facts.consult_can;
}

/* A number begins with a digit, a plus, or a star; an agent may be named so,
 * too: then @ stands in front. */
static void
fill_to(Mashang__CallControl *m, const char *to)
{
	static const char *const wide = "\xEF\xBC"; /* full-width forms */

	if (*to == '@')
		m->agent = fmt_data(to + 1);
	else if (m->kind == MASHANG__ORDER_KIND__ORDER_REQUEUE)
		m->queue = fmt_data(to);
	else if (strchr("0123456789+*#", *to) != NULL ||
		 strncmp(to, wide, 2) == 0)
		m->number = fmt_data(to);
	else
		m->agent = fmt_data(to);
}

enum err
seat_control(struct seat *s, Mashang__OrderKind kind, const char *to)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__CallControl m = MASHANG__CALL_CONTROL__INIT;
	struct seat_facts *f = &s->facts;
	bool of_consult;

	if (!f->up || (seat_can(s) & 1u << kind) == 0)
		return ERR_REFUSED;
	/* Who consults hangs up on that one first. */
	of_consult = (f->consult_can & 1u << kind) != 0 &&
	             (kind == MASHANG__ORDER_KIND__ORDER_CLEAR ||
			 (f->can & 1u << kind) == 0);
	m.kind = kind;
	m.call_id = (ProtobufCBinaryData){ 16,
		of_consult ? f->consult_id : f->call_id };
	if (*to != '\0')
		fill_to(&m, to);
	e.body_case = BODY(CALL_CONTROL);
	e.call_control = &m;
	return act(s, &e, false);
}
