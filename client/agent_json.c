/*
 * agent_json.c - line mode for scripts: an object a line.
 */
#include <stdlib.h>
#include <string.h>

#include "client/agent_print.h"
#include "client/clock_text.h"
#include "client/fmt.h"
#include "client/json.h"
#include "client/ticket_text.h"
#include "client/words.h"
#include "client/words_work.h"

static json_t *
event(const char *name)
{
	return json_pack("{s:s}", "event", name);
}

static void
set(json_t *o, const char *key, json_t *value)
{
	json_object_set_new(o, key, value);
}

static void
set_time(json_t *o, const char *key, int64_t at)
{
	set(o, key, at != 0 ? json_integer(at) : json_null());
}

static void
set_error(json_t *o, const Mashang__Error *e)
{
	json_t *params = json_array();
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	for (size_t i = 0; i < e->n_params; i++)
		json_array_append_new(params, json_text(e->params[i]));
	set(o, "code", json_string(words_code(e->code)));
	set(o, "params", params);
	if (f == NULL)
		return;
	words_error(f, e);
	fclose(f);
	set(o, "text", json_string(text));
	free(text);
}

static void
json_up(FILE *f, const Mashang__Welcome *w, unsigned again)
{
	json_t *o = event("up");

	set(o, "name", json_text(w->name));
	set(o, "node", json_text(w->node));
	set(o, "again", json_integer(again));
	set_time(o, "server_at", w->server_at);
	json_line(f, o);
}

static void
json_down(FILE *f, const char *why)
{
	json_t *o = event("down");

	set(o, "why", json_text(fmt_data(why)));
	json_line(f, o);
}

static void
json_refused(FILE *f, const Mashang__Error *e)
{
	json_t *o = event("refused");

	set_error(o, e);
	json_line(f, o);
}

static json_t *
facts(const char *name, const struct seat_facts *s)
{
	json_t *o = event(name);

	set(o, "state", json_string(word_name(words_state, (int)s->state)));
	set(o, "reason", json_string(s->reason));
	set(o, "pending",
	    s->pending != 0
		? json_string(word_name(words_state, (int)s->pending))
		: json_null());
	set_time(o, "since_at", s->since_at);
	set(o, "pending_reason", json_string(s->pending_reason));
	set_time(o, "until_at", s->until_at);
	set_time(o, "limit_at", s->limit_at);
	set(o, "unsaved", json_integer(s->unsaved));
	return o;
}

static void
json_state(FILE *f, const struct seat *s, const struct seat_facts *before)
{
	json_t *o = facts("state", seat_facts(s));

	set(o, "before",
	    json_string(word_name(words_state, (int)before->state)));
	json_line(f, o);
}

static void
json_now(FILE *f, const struct seat *s)
{
	const struct seat_facts *now = seat_facts(s);
	json_t *o = facts("now", now);

	set(o, "up", json_boolean(now->up));
	set(o, "offer_id",
	    now->offer_id != 0 ? json_integer((json_int_t)now->offer_id)
			       : json_null());
	set(o, "ticket",
	    now->ticket != 0 ? json_integer((json_int_t)now->ticket)
			     : json_null());
	json_line(f, o);
}

static json_t *
pairs(const Mashang__Offer *m)
{
	json_t *o = json_object();

	for (size_t i = 0; i < m->n_data; i++) {
		char *key = fmt_clean(fmt_str(m->data[i]->key), false);

		if (key != NULL)
			set(o, key, json_text(m->data[i]->value));
		free(key);
	}
	return o;
}

static void
json_offer(FILE *f, const Mashang__Offer *m)
{
	json_t *o = event("offer");

	set(o, "offer_id", json_integer((json_int_t)m->offer_id));
	if (m->work_kind != MASHANG__WORK_KIND__WORK_KIND_NONE) {
		set(o, "work",
		    json_string(word_name(words_work_kind, (int)m->work_kind)));
		set(o, "work_id", json_id(m->work_id));
		set(o, "number", json_text(m->number));
		set(o, "subject", json_text(m->subject));
	}
	set(o, "call_id", json_id(m->call_id));
	set(o, "queue", json_text(m->queue));
	set(o, "caller", json_text(m->caller));
	set(o, "caller_name", json_text(m->caller_name));
	set(o, "called", json_text(m->called));
	set(o, "menu", json_text(m->menu));
	set(o, "priority", json_integer(m->priority));
	set_time(o, "enqueued_at", m->enqueued_at);
	set_time(o, "offered_at", m->offered_at);
	set_time(o, "deadline_at", m->deadline_at);
	set(o, "ticket", json_integer((json_int_t)m->ticket));
	set(o, "screen_first", json_boolean(m->screen_first));
	set(o, "why", json_text(m->why));
	set(o, "can_answer", json_boolean(m->can_answer));
	set(o, "data", pairs(m));
	set(o, "attempt", json_integer(m->attempt));
	json_line(f, o);
}

static json_t *
contact(const Mashang__Contact *c)
{
	json_t *o = json_object();

	set_time(o, "at", c->at);
	set(o, "channel", json_text(c->channel));
	set(o, "summary", json_text(c->summary));
	set(o, "ticket", json_integer((json_int_t)c->ticket));
	set(o, "agent", json_text(c->agent));
	return o;
}

static json_t *
brief(const Mashang__TicketBrief *t)
{
	json_t *o = json_object();

	set(o, "number", json_integer((json_int_t)t->number));
	set(o, "kind", json_string(word_name(words_kind, (int)t->kind)));
	set(o, "status", json_text(t->status));
	set(o, "subject", json_text(t->subject));
	set_time(o, "opened_at", t->opened_at);
	set(o, "owner", json_text(t->owner));
	return o;
}

static void
json_story(FILE *f, const Mashang__Story *m)
{
	json_t *o = event("story"), *contacts = json_array(),
	       *open = json_array();

	for (size_t i = 0; i < m->n_contacts; i++)
		json_array_append_new(contacts, contact(m->contacts[i]));
	for (size_t i = 0; i < m->n_open; i++)
		json_array_append_new(open, brief(m->open[i]));
	set(o, "offer_id", json_integer((json_int_t)m->offer_id));
	set(o, "call_id", json_id(m->call_id));
	set(o, "customer", json_text(m->customer));
	set(o, "grade", json_text(m->grade));
	set(o, "contacts_total", json_integer(m->contacts_total));
	set(o, "contacts", contacts);
	set(o, "open", open);
	set(o, "ticket", json_integer((json_int_t)m->ticket));
	json_line(f, o);
}

static void
json_offer_ended(FILE *f, const Mashang__OfferEnded *m)
{
	json_t *o = event("offer_ended");

	set(o, "offer_id", json_integer((json_int_t)m->offer_id));
	set(o, "reason",
	    json_string(word_name(words_offer_end, (int)m->reason)));
	json_line(f, o);
}

static void
json_work(FILE *f, const Mashang__WorkState *m)
{
	json_t *o = event("work");

	set(o, "work_id", json_id(m->work_id));
	set(o, "kind", json_string(word_name(words_work_kind, (int)m->kind)));
	set(o, "state",
	    json_string(word_name(words_work_state, (int)m->state)));
	set(o, "queue", json_text(m->queue));
	set(o, "number", json_text(m->number));
	set(o, "ticket", json_integer((json_int_t)m->ticket));
	set_time(o, "at", m->at);
	json_line(f, o);
}

static void
json_call(FILE *f, const struct seat *s, const Mashang__CallState *m,
    bool consult, bool again)
{
	json_t *o = event("call"), *can = json_array();

	for (size_t i = 0; i < m->n_can; i++)
		json_array_append_new(
		    can, json_string(word_name(words_order, (int)m->can[i])));
	set(o, "can", can);
	set(o, "consult", json_boolean(consult));
	set(o, "again", json_boolean(again));
	set(o, "number", json_text(m->number));
	set(o, "related_call_id",
	    m->related_call_id.len == 16 ? json_id(m->related_call_id)
					 : json_null());

	set(o, "call_id", json_id(m->call_id));
	set(o, "kind", json_string(word_name(words_call, (int)m->kind)));
	set(o, "cause",
	    m->cause != 0 ? json_string(word_name(words_cause, (int)m->cause))
			  : json_null());
	set_time(o, "at", m->at);
	set(o, "ticket", json_integer((json_int_t)seat_facts(s)->ticket));
	set(o, "number", json_text(m->number));
	json_line(f, o);
}

static void
json_ticket(FILE *f, const Mashang__Ticket *m)
{
	json_t *o = ticket_json(m);

	set(o, "event", json_string("ticket"));
	json_line(f, o);
}

static void
json_clocks(FILE *f, const Mashang__Ticket *m)
{
	json_t *o = event("clocks"), *clocks = json_array();

	for (size_t i = 0; i < m->n_clocks; i++)
		json_array_append_new(clocks, clock_json(m->clocks[i]));
	set(o, "ticket", json_integer((json_int_t)m->number));
	set(o, "clocks", clocks);
	json_line(f, o);
}

static void
json_notice(FILE *f, const Mashang__ClockNotice *m)
{
	json_t *o = notice_json(m);

	set(o, "event", json_string("notice"));
	json_line(f, o);
}

static const char *
request_name(Mashang__Envelope__BodyCase body)
{
	const ProtobufCFieldDescriptor *d =
	    protobuf_c_message_descriptor_get_field(
		&mashang__envelope__descriptor, body);

	return d != NULL ? d->name : "unknown";
}

static void
json_failed(FILE *f, Mashang__Envelope__BodyCase body,
    const Mashang__Envelope *kept, const Mashang__Error *e)
{
	json_t *o = event("failed");

	set(o, "request", json_string(request_name(body)));
	set_error(o, e);
	if (kept != NULL && body == MASHANG__ENVELOPE__BODY_TICKET_NOTE)
		set(o, "note", json_text(kept->ticket_note->text));
	if (kept != NULL && body == MASHANG__ENVELOPE__BODY_WRAP_UP)
		set(o, "note", json_text(kept->wrap_up->note));
	if (kept != NULL && body == MASHANG__ENVELOPE__BODY_TICKET_CHANGE)
		set(o, "note", json_text(kept->ticket_change->text));
	json_line(f, o);
}

static void
json_saved(FILE *f, const struct seat *s)
{
	json_t *o = event("saved");

	set(o, "unsaved", json_integer(seat_facts(s)->unsaved));
	json_line(f, o);
}

static void
json_say(FILE *f, const char *text)
{
	json_t *o = event("said");
	size_t len = strlen(text);

	while (len > 0 && text[len - 1] == '\n')
		len--;
	set(o, "text", json_stringn(text, len));
	json_line(f, o);
}

const struct agent_print agent_print_json = { json_up, json_down, json_refused,
	json_state, json_offer, json_story, json_offer_ended, json_call, json_work,
	json_ticket, json_clocks, json_notice, json_failed, json_saved,
	json_now, json_say };
