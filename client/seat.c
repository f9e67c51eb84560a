/*
 * seat.c - what arrives changes the facts, then the view is told.
 */
#include "client/seat.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "client/fmt.h"
#include "client/outbox.h"
#include "client/unsaved.h"
#include "link.h"

#define STATE(x) MASHANG__AGENT_STATE_KIND__AGENT_##x
#define BODY(x) MASHANG__ENVELOPE__BODY_##x

struct seat {
	struct link *link;
	struct outbox *outbox;
	struct seat_view view;
	struct seat_facts facts;
	/* Of the offer, until it is the call in hand. */
	uint8_t offer_call[16];
	bool offer_is_work;
	uint64_t offer_ticket;
	uint64_t clocks_of; /* asked for by ourselves; 0: not */
	Mashang__Story *story;
	int64_t server_at, server_mono; /* domain time, and when it was that */
	bool driven;
};

static int64_t
mono_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* A driven clock stands still between the messages that tell it. */
static void
note_time(struct seat *s, int64_t at)
{
	if (s->driven && at > s->server_at)
		s->server_at = at;
}

static bool
take_call(struct seat *s, ProtobufCBinaryData id)
{
	if (id.len != sizeof(s->facts.call_id))
		return false;
	if (!s->facts.has_call || memcmp(s->facts.call_id, id.data, 16) != 0)
		s->facts.ticket = 0;
	memcpy(s->facts.call_id, id.data, 16);
	return s->facts.has_call = true;
}

/* ----------------------------------------------------------------- news */

/* What the next log-in asks for, should the connection be lost. */
static void
set_resume(struct seat *s)
{
	Mashang__AgentStateKind to = STATE(NOT_READY);
	const char *reason = "";

	switch (s->facts.state) {
	case STATE(READY):
	case STATE(RESERVED):
		to = STATE(READY);
		break;
	case STATE(NOT_READY):
		if (s->facts.until_at != 0) /* would be ready by itself */
			to = STATE(READY);
		else
			reason = s->facts.reason;
		break;
	default: /* after a call there is something to write up */
		break;
	}
	link_set_resume(s->link, to, reason);
	outbox_set_resume(s->outbox, to, reason);
}

static void
on_state(struct seat *s, const Mashang__AgentState *m)
{
	struct seat_facts before = s->facts;

	s->facts.state = m->state;
	s->facts.pending = m->pending;
	s->facts.since_at = m->since_at;
	s->facts.until_at = m->until_at;
	s->facts.limit_at = m->limit_at;
	text_clean(fmt_str(m->reason), false, s->facts.reason,
	    sizeof(s->facts.reason));
	text_clean(fmt_str(m->pending_reason), false, s->facts.pending_reason,
	    sizeof(s->facts.pending_reason));
	note_time(s, m->since_at);
	set_resume(s);
	s->view.state(s->view.arg, &before);
}

static void
on_offer(struct seat *s, const Mashang__Offer *m)
{
	s->offer_is_work =
	    m->work_kind != MASHANG__WORK_KIND__WORK_KIND_NONE;
	if (!s->offer_is_work && m->call_id.len != sizeof(s->offer_call))
		return;
	if (!s->offer_is_work)
		memcpy(s->offer_call, m->call_id.data, sizeof(s->offer_call));
	s->offer_ticket = m->ticket;
	s->facts.offer_id = m->offer_id;
	s->facts.shown = false;
	note_time(s, m->offered_at);
	s->view.offer(s->view.arg, m);
}

static void
on_story(struct seat *s, const Mashang__Story *m)
{
	size_t len = mashang__story__get_packed_size(m);
	uint8_t *bytes = malloc(len);
	Mashang__Story *copy = NULL;

	if (bytes != NULL) {
		mashang__story__pack(m, bytes);
		copy = mashang__story__unpack(NULL, len, bytes);
		free(bytes);
	}
	if (copy != NULL) {
		if (s->story != NULL)
			mashang__story__free_unpacked(s->story, NULL);
		s->story = copy;
	}
	if (m->ticket != 0 && m->offer_id == s->facts.offer_id)
		s->offer_ticket = m->ticket;
	if (m->ticket != 0 && s->facts.has_call && m->call_id.len == 16 &&
	    memcmp(m->call_id.data, s->facts.call_id, 16) == 0)
		s->facts.ticket = m->ticket;
	s->view.story(s->view.arg, m);
}

/* What the call's ticket has promised already.  It may not be there yet: then
 * there is nothing to tell. */
static void
ask_clocks(struct seat *s)
{
	if (s->facts.ticket != 0 &&
	    seat_ask_ticket(s, s->facts.ticket) == ERR_OK)
		s->clocks_of = s->facts.ticket;
}

static void
on_offer_ended(struct seat *s, const Mashang__OfferEnded *m)
{
	bool call = m->reason == MASHANG__OFFER_END_REASON__OFFER_ACCEPTED &&
	            !s->offer_is_work;

	if (m->offer_id != s->facts.offer_id)
		return;
	s->facts.offer_id = 0;
	s->facts.shown = false;
	if (call) {
		take_call(s, (ProtobufCBinaryData){ 16, s->offer_call });
		if (s->offer_ticket != 0)
			s->facts.ticket = s->offer_ticket;
	}
	s->view.offer_ended(s->view.arg, m);
	if (call)
		ask_clocks(s);
}

/* A ticket that was taken is the one in hand, unless a call is. */
static void
on_work(struct seat *s, const Mashang__WorkState *m)
{
	hand_told(&s->facts.hand, m);
	note_time(s, m->at);
	if (m->state == MASHANG__WORK_STATE_KIND__WORK_TAKEN &&
	    !s->facts.call_live)
		s->facts.ticket = m->ticket;
	s->view.work(s->view.arg, m);
}

static unsigned
can_of(const Mashang__CallState *m)
{
	unsigned can = 0;

	for (size_t i = 0; i < m->n_can; i++)
		if (m->can[i] > 0 && m->can[i] < 32)
			can |= 1u << m->can[i];
	return can;
}

static bool
is_id(ProtobufCBinaryData b, const uint8_t id[16])
{
	return b.len == 16 && memcmp(b.data, id, 16) == 0;
}

/* The consult call about the call in hand; who is consulted has it in hand. */
static bool
is_consult(const struct seat *s, const Mashang__CallState *m)
{
	const struct seat_facts *f = &s->facts;

	if (m->relation != MASHANG__RELATION__RELATION_CONSULT ||
	    m->call_id.len != 16 || !f->has_call)
		return false;
	return is_id(m->related_call_id, f->call_id) ||
	       (f->has_consult && is_id(m->call_id, f->consult_id));
}

static void
on_consult(struct seat *s, const Mashang__CallState *m)
{
	struct seat_facts *f = &s->facts;

	f->has_consult = m->kind != MASHANG__CALL_EVENT_KIND__CALL_CLEARED;
	memcpy(f->consult_id, m->call_id.data, 16);
	f->consult_can = f->has_consult ? can_of(m) : 0;
	s->view.call(s->view.arg, m, true, false);
}

static void
on_call(struct seat *s, const Mashang__CallState *m)
{
	struct seat_facts *f = &s->facts;
	bool again;

	note_time(s, m->at);
	if (is_consult(s, m)) {
		on_consult(s, m);
		return;
	}
	again = f->call_live && is_id(m->call_id, f->call_id) &&
	        f->call == m->kind && m->cause == 0;
	if (take_call(s, m->call_id) && m->ticket != 0)
		f->ticket = m->ticket;
	f->call = m->kind;
	f->can = can_of(m);
	f->call_live = m->kind != MASHANG__CALL_EVENT_KIND__CALL_CLEARED;
	s->view.call(s->view.arg, m, false, again);
}

static void
on_saved(struct seat *s, const Mashang__Saved *m)
{
	for (size_t i = 0; i < m->n_op_ids; i++)
		if (m->op_ids[i].len == 16)
			outbox_saved(s->outbox, m->op_ids[i].data);
	s->facts.unsaved = outbox_count(s->outbox);
	s->view.saved(s->view.arg);
}

static void
message_cb(void *arg, const Mashang__Envelope *e)
{
	struct seat *s = arg;

	switch (e->body_case) {
	case BODY(AGENT_STATE):
		on_state(s, e->agent_state);
		break;
	case BODY(OFFER):
		on_offer(s, e->offer);
		break;
	case BODY(STORY):
		on_story(s, e->story);
		break;
	case BODY(OFFER_ENDED):
		on_offer_ended(s, e->offer_ended);
		break;
	case BODY(CALL_STATE):
		on_call(s, e->call_state);
		break;
	case BODY(WORK_STATE):
		on_work(s, e->work_state);
		break;
	case BODY(SAVED):
		on_saved(s, e->saved);
		break;
	case BODY(CLOCK_NOTICE):
		note_time(s, e->clock_notice->at);
		s->view.notice(s->view.arg, e->clock_notice);
		break;
	default: /* a newer daemon's news */
		break;
	}
}

/* ------------------------------------------------------------ connection */

static void
up_cb(void *arg, const Mashang__Welcome *w)
{
	struct seat *s = arg;
	unsigned again;

	s->facts.up = true;
	s->driven = w->driven;
	s->server_at = w->server_at;
	s->server_mono = mono_us();
	again = outbox_send_again(s->outbox);
	s->facts.unsaved = outbox_count(s->outbox);
	s->view.up(s->view.arg, w, again);
}

static void
down_cb(void *arg, const char *why)
{
	struct seat *s = arg;

	s->facts.up = false;
	s->facts.offer_id = 0;
	s->facts.shown = false;
	s->facts.can = s->facts.consult_can = 0;
	s->facts.hand.n = 0; /* told again at the log-in */
	s->clocks_of = 0;
	s->view.down(s->view.arg, why);
}

static void
refused_cb(void *arg, const Mashang__Error *e)
{
	struct seat *s = arg;

	s->facts.up = false;
	s->facts.offer_id = 0;
	s->view.refused(s->view.arg, e);
}

/* Replies come in order: the first about a ticket is to what was asked first. */
static bool
is_of_clocks(struct seat *s, const struct outbox_reply *r)
{
	if (s->clocks_of == 0 || r->request != BODY(TICKET_SHOW) ||
	    (r->error == NULL && r->reply->body_case == BODY(TICKET) &&
		r->reply->ticket->number != s->clocks_of))
		return false;
	s->clocks_of = 0;
	return true;
}

static void
reply_cb(void *arg, const struct outbox_reply *r)
{
	struct seat *s = arg;
	bool clocks = is_of_clocks(s, r);

	/* A refused action leaves the journal when we return. */
	s->facts.unsaved = outbox_count(s->outbox) - (r->kept != NULL);
	if (clocks && r->error != NULL)
		return;
	if (r->error != NULL)
		s->view.failed(s->view.arg, r->request, r->kept, r->error);
	else if (clocks)
		s->view.clocks(s->view.arg, r->reply->ticket);
	else if (r->reply->body_case == BODY(TICKET))
		s->view.ticket(s->view.arg, r->reply->ticket);
	else
		s->view.done(s->view.arg, r->request);
}

struct seat *
seat_new(struct event_base *base, const char *addresses,
    const Mashang__Hello *hello, struct unsaved *journal,
    const struct seat_view *view, const char **why)
{
	struct seat *s = calloc(1, sizeof(*s));
	struct link_events events = { up_cb, down_cb, refused_cb, message_cb,
		s };

	*why = "no memory";
	if (s == NULL)
		return NULL;
	s->view = *view;
	s->facts.state = STATE(NULL);
	s->link = link_new(base, addresses, hello, &events, why);
	if (s->link != NULL)
		s->outbox = outbox_new(base, s->link, journal, reply_cb, s);
	if (s->outbox == NULL)
		seat_free(&s);
	else
		s->facts.unsaved = outbox_count(s->outbox);
	return s;
}

void
seat_free(struct seat **sp)
{
	struct seat *s = *sp;

	*sp = NULL;
	if (s == NULL)
		return;
	link_free(&s->link); /* drops its requests, tells the outbox */
	outbox_free(&s->outbox);
	if (s->story != NULL)
		mashang__story__free_unpacked(s->story, NULL);
	free(s);
}

const struct seat_facts *
seat_facts(const struct seat *s)
{
	return &s->facts;
}

const Mashang__Story *
seat_story(const struct seat *s)
{
	return s->story;
}

int64_t
seat_now(const struct seat *s)
{
	return s->driven ? s->server_at
	                 : s->server_at + mono_us() - s->server_mono;
}

/* --------------------------------------------------------------- actions */

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
