/*
 * ticket_text.c - see ticket_text.h.
 */
#include "client/ticket_text.h"

#include <stdlib.h>

#include "client/clock_text.h"
#include "client/fmt.h"
#include "client/i18n.h"
#include "client/json.h"
#include "client/words.h"

static void
label(FILE *f, const char *name)
{
	fputs("  ", f);
	fmt_field(f, name, 14, false);
}

static void
text_row(FILE *f, const char *name, ProtobufCBinaryData value)
{
	if (value.len == 0)
		return;
	label(f, name);
	fmt_bytes(f, value);
	fputc('\n', f);
}

/* A word of the daemon's, in the reader's language. */
static void
put_word(FILE *f, const struct word *words, ProtobufCBinaryData name)
{
	char *clean = fmt_clean(fmt_str(name), false);

	fputs(clean != NULL ? word_of_name(words, clean) : "", f);
	free(clean);
}

static void
time_row(FILE *f, const char *name, int64_t at)
{
	char buf[FMT_ROOM];

	if (at == 0)
		return;
	label(f, name);
	fprintf(f, "%s\n", fmt_time(at, buf));
}

static void
event_row(FILE *f, const Mashang__TicketEvent *e)
{
	char buf[FMT_ROOM];

	fprintf(f, "  %s  ", fmt_time(e->at, buf));
	put_word(f, words_ticket_event, e->kind);
	if (e->actor.len > 0)
		fputs(", ", f);
	fmt_bytes(f, e->actor);
	fputc('\n', f);
	fmt_lines(f, e->text, 6);
}

void
ticket_text(FILE *f, const Mashang__Ticket *t)
{
	char buf[FMT_ROOM];

	fprintf(f, _("Ticket %s"), fmt_ticket(t->number, buf));
	if (t->subject.len > 0)
		fputs(": ", f);
	fmt_bytes(f, t->subject);
	fputc('\n', f);
	label(f, _("Kind"));
	fprintf(f, "%s\n", word_text(words_kind, (int)t->kind));
	label(f, _("Status"));
	put_word(f, words_status, t->status);
	fputc('\n', f);
	text_row(f, _("Category"), t->category);
	text_row(f, _("Customer"), t->customer);
	text_row(f, _("Caller"), t->caller);
	text_row(f, _("Queue"), t->queue);
	text_row(f, _("Owner"), t->owner);
	if (t->priority != 0) {
		label(f, _("Priority"));
		fprintf(f, "%u\n", t->priority);
	}
	if (t->escalation != 0) {
		label(f, _("Escalated"));
		fprintf(f, ngettext("%u step\n", "%u steps\n", t->escalation),
		    t->escalation);
	}
	time_row(f, _("Opened"), t->opened_at);
	time_row(f, _("Resolved"), t->resolved_at);
	time_row(f, _("Closed"), t->closed_at);
	if (t->dissatisfied)
		fprintf(f, "  %s\n", _("The customer was dissatisfied."));
	clocks_text(f, t);
	for (size_t i = 0; i < t->n_events; i++)
		event_row(f, t->events[i]);
	if (t->more_events)
		fprintf(f, "  %s\n", _("... and more."));
}

static json_t *
event_json(const Mashang__TicketEvent *e)
{
	return json_pack("{s:i, s:I, s:o, s:o, s:o}", "seq", (int)e->seq, "at",
	    (json_int_t)e->at, "kind", json_text(e->kind), "actor",
	    json_text(e->actor), "text", json_text(e->text));
}

json_t *
ticket_json(const Mashang__Ticket *t)
{
	json_t *events = json_array(), *clocks = json_array(), *o;

	for (size_t i = 0; i < t->n_clocks; i++)
		json_array_append_new(clocks, clock_json(t->clocks[i]));
	for (size_t i = 0; i < t->n_events; i++)
		json_array_append_new(events, event_json(t->events[i]));
	o = json_pack("{s:I, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "number",
	    (json_int_t)t->number, "kind", word_name(words_kind, (int)t->kind),
	    "status", json_text(t->status), "subject", json_text(t->subject),
	    "customer", json_text(t->customer), "caller", json_text(t->caller),
	    "queue", json_text(t->queue), "owner", json_text(t->owner),
	    "events", events);
	json_object_set_new(o, "opened_at", json_integer(t->opened_at));
	json_object_set_new(o, "resolved_at", json_integer(t->resolved_at));
	json_object_set_new(o, "closed_at", json_integer(t->closed_at));
	json_object_set_new(o, "category", json_text(t->category));
	json_object_set_new(o, "dissatisfied", json_boolean(t->dissatisfied));
	json_object_set_new(o, "more_events", json_boolean(t->more_events));
	json_object_set_new(o, "call_id", json_id(t->call_id));
	json_object_set_new(o, "priority", json_integer(t->priority));
	json_object_set_new(o, "escalation", json_integer(t->escalation));
	json_object_set_new(o, "seq", json_integer(t->seq));
	json_object_set_new(o, "clocks", clocks);
	return o;
}
