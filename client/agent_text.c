/*
 * agent_text.c - line mode for people.
 *
 * Lines are read aloud by screen readers: what matters most comes first in
 * each, and nothing is drawn.
 */
#include <stdlib.h>

#include "base/text.h"
#include "client/agent_print.h"
#include "client/clock_text.h"
#include "client/fmt.h"
#include "client/i18n.h"
#include "client/ticket_text.h"
#include "client/words.h"
#include "client/work_text.h"

#define STATE(x) MASHANG__AGENT_STATE_KIND__AGENT_##x

static void
text_up(FILE *f, const Mashang__Welcome *w, unsigned again)
{
	fputs(_("Logged in as "), f);
	fmt_bytes(f, w->name);
	fputs(_(", at "), f);
	fmt_bytes(f, w->node);
	fputs(".\n", f);
	if (again > 0)
		fprintf(f,
		    ngettext(
			"Sending again %u action that was not yet saved.\n",
			"Sending again %u actions that were not yet saved.\n",
			again),
		    again);
}

static void
text_down(FILE *f, const char *why)
{
	char *clean = fmt_clean(str_of(why), false);

	fprintf(f,
	    _("Connection lost (%s). It is tried again by itself; what you do "
	      "is kept.\n"),
	    clean != NULL ? clean : "");
	free(clean);
}

static void
text_refused(FILE *f, const Mashang__Error *e)
{
	words_error(f, e);
	fputc('\n', f);
}

static void
text_reason(FILE *f, const char *reason)
{
	if (*reason != '\0')
		fprintf(f, " (%s)", words_reason(reason));
}

static void
text_until(FILE *f, const struct seat *s)
{
	const struct seat_facts *now = seat_facts(s);
	char buf[FMT_ROOM];

	if (now->until_at > seat_now(s))
		fprintf(f, _(", ends by itself in %s"),
		    fmt_duration(now->until_at - seat_now(s), buf));
	if (now->limit_at != 0 && now->limit_at <= seat_now(s))
		fprintf(f, _(", too long by %s"),
		    fmt_duration(seat_now(s) - now->limit_at, buf));
	else if (now->limit_at != 0)
		fprintf(f, _(", at most %s more"),
		    fmt_duration(now->limit_at - seat_now(s), buf));
	if (now->pending != STATE(STATE_NONE)) {
		fprintf(f, _(", then %s"),
		    word_text(words_state, (int)now->pending));
		text_reason(f, now->pending_reason);
	}
}

static void
text_state(FILE *f, const struct seat *s, const struct seat_facts *before)
{
	const struct seat_facts *now = seat_facts(s);
	char buf[FMT_ROOM];

	fputs(word_text(words_state, (int)now->state), f);
	text_reason(f, now->reason);
	text_until(f, s);
	if (before->since_at != 0 && before->state != now->state) {
		fputs("  [", f);
		fprintf(f, _("before: %s"),
		    word_text(words_state, (int)before->state));
		text_reason(f, before->reason);
		fprintf(f, " %s]",
		    fmt_duration(now->since_at - before->since_at, buf));
	}
	fputc('\n', f);
}

static void
text_row(FILE *f, const char *name, ProtobufCBinaryData value)
{
	if (value.len == 0)
		return;
	fputs("  ", f);
	fmt_field(f, name, 10, false);
	fmt_bytes(f, value);
	fputc('\n', f);
}

/* What the switch collected: "account=42 language=zh". */
static void
text_data(FILE *f, const Mashang__Offer *o)
{
	if (o->n_data == 0)
		return;
	fputs("  ", f);
	fmt_field(f, _("Entered"), 10, false);
	for (size_t i = 0; i < o->n_data; i++) {
		if (i > 0)
			fputs("  ", f);
		fmt_bytes(f, o->data[i]->key);
		fputc('=', f);
		fmt_bytes(f, o->data[i]->value);
	}
	fputc('\n', f);
}

static void
text_how_to_take(FILE *f, const Mashang__Offer *o)
{
	if (o->screen_first)
		fputs(
		    _("  To take it type `accept'; else `refuse REASON'\n"), f);
	else if (o->can_answer)
		fputs(_("  To take it lift the phone, or type `accept'; else "
			"`refuse REASON'\n"),
		    f);
	else
		fputs(_("  To take it lift the phone; else `refuse "
			"REASON'\n"),
		    f);
}

static void
text_offer(FILE *f, const Mashang__Offer *o)
{
	char wait[FMT_ROOM], left[FMT_ROOM], number[FMT_ROOM];

	if (o->work_kind != MASHANG__WORK_KIND__WORK_KIND_NONE) {
		work_text_offer(f, o);
		return;
	}
	fputs(_("*** A call for you: "), f);
	fmt_bytes(f, o->queue);
	if (o->ticket != 0)
		fprintf(f, _(", ticket %s"), fmt_ticket(o->ticket, number));
	fprintf(f, _(", waited %s, answer within %s\n"),
	    fmt_duration(o->offered_at - o->enqueued_at, wait),
	    fmt_duration(o->deadline_at - o->offered_at, left));
	fputs("  ", f);
	fmt_field(f, _("From"), 10, false);
	if (text_is_withheld(fmt_str(o->caller)))
		fputs(_("number withheld"), f);
	else
		fmt_bytes(f, o->caller);
	if (o->caller_name.len > 0)
		fputs("  ", f);
	fmt_bytes(f, o->caller_name);
	fputc('\n', f);
	text_row(f, _("Dialled"), o->called);
	text_row(f, _("Menu"), o->menu);
	text_data(f, o);
	text_row(f, _("Why you"), o->why);
	if (o->priority > 0)
		fprintf(f, _("  Priority class %u\n"), o->priority);
	if (o->attempt > 1)
		fprintf(f,
		    ngettext("  Offered before %u time: not taken\n",
			"  Offered before %u times: not taken\n",
			o->attempt - 1),
		    o->attempt - 1);
	text_how_to_take(f, o);
}

static void
text_contact(FILE *f, const Mashang__Contact *c)
{
	char buf[FMT_ROOM];

	fprintf(f, "    %s  ", fmt_time(c->at, buf));
	fmt_bytes(f, c->channel);
	if (c->ticket != 0)
		fprintf(f, _("  ticket %s"), fmt_ticket(c->ticket, buf));
	if (c->agent.len > 0)
		fputs("  ", f);
	fmt_bytes(f, c->agent);
	if (c->summary.len > 0)
		fputs("  ", f);
	fmt_bytes(f, c->summary);
	fputc('\n', f);
}

static void
text_brief(FILE *f, const Mashang__TicketBrief *t)
{
	char buf[FMT_ROOM], *status;

	fprintf(f, "    %s  %s  ", fmt_ticket(t->number, buf),
	    word_text(words_kind, (int)t->kind));
	status = fmt_clean(fmt_str(t->status), false);
	fputs(status != NULL ? word_of_name(words_status, status) : "", f);
	free(status);
	fprintf(f, "  %s", fmt_time(t->opened_at, buf));
	if (t->owner.len > 0)
		fputs("  ", f);
	fmt_bytes(f, t->owner);
	if (t->subject.len > 0)
		fputs("  ", f);
	fmt_bytes(f, t->subject);
	fputc('\n', f);
}

static void
text_story(FILE *f, const Mashang__Story *s)
{
	fputs(_("The caller: "), f);
	if (s->customer.len == 0)
		fputs(_("not known yet"), f);
	fmt_bytes(f, s->customer);
	if (s->grade.len > 0)
		fputs(", ", f);
	fmt_bytes(f, s->grade);
	fprintf(f,
	    ngettext(", %u contact before\n", ", %u contacts before\n",
		s->contacts_total),
	    s->contacts_total);
	if (s->n_contacts > 0)
		fputs(_("  Last contacts\n"), f);
	for (size_t i = 0; i < s->n_contacts; i++)
		text_contact(f, s->contacts[i]);
	if (s->n_open > 0)
		fputs(_("  Open tickets\n"), f);
	for (size_t i = 0; i < s->n_open; i++)
		text_brief(f, s->open[i]);
}

static void
text_offer_ended(FILE *f, const Mashang__OfferEnded *m)
{
	fprintf(f, _("The offer has ended: %s.\n"),
	    word_text(words_offer_end, (int)m->reason));
}

static void
text_call(FILE *f, const struct seat *s, const Mashang__CallState *m,
    bool consult, bool again)
{
	bool dialled = m->relation == MASHANG__RELATION__RELATION_CALLBACK ||
	               m->relation == MASHANG__RELATION__RELATION_FOLLOW_UP;
	char buf[FMT_ROOM];

	if (again) /* `help' tells what can be done with it now */
		return;
	if (consult)
		fputs(word_text(words_consult, (int)m->kind), f);
	else if (m->kind == MASHANG__CALL_EVENT_KIND__TRANSFERRED &&
		 m->n_can > 0)
		fputs(_("A call was transferred to you"), f);
	else if (dialled && m->kind == MASHANG__CALL_EVENT_KIND__OFFERED)
		fputs(_("Calling"), f);
	else if (dialled && m->kind == MASHANG__CALL_EVENT_KIND__FAILED)
		fputs(_("Not reached"), f);
	else
		fputs(word_text(words_call, (int)m->kind), f);
	if (m->number.len > 0) {
		fputs(": ", f);
		fmt_bytes(f, m->number);
	}
	if (m->cause > MASHANG__CAUSE__CAUSE_NORMAL)
		fprintf(f, " (%s)", word_text(words_cause, (int)m->cause));
	if (seat_facts(s)->ticket != 0)
		fprintf(f, _("; ticket %s"),
		    fmt_ticket(seat_facts(s)->ticket, buf));
	fputc('\n', f);
}

/* Words that the daemon did not take are given back to be used again. */
static void
text_failed(FILE *f, Mashang__Envelope__BodyCase body,
    const Mashang__Envelope *kept, const Mashang__Error *e)
{
	ProtobufCBinaryData text = { 0, NULL };

	(void)body;
	words_error(f, e);
	fputc('\n', f);
	if (kept == NULL)
		return;
	if (kept->body_case == MASHANG__ENVELOPE__BODY_TICKET_NOTE)
		text = kept->ticket_note->text;
	else if (kept->body_case == MASHANG__ENVELOPE__BODY_WRAP_UP)
		text = kept->wrap_up->note;
	else if (kept->body_case == MASHANG__ENVELOPE__BODY_TICKET_CHANGE)
		text = kept->ticket_change->text;
	if (text.len == 0)
		return;
	fputs(_("Not stored; this is what you wrote:\n"), f);
	fmt_lines(f, text, 4);
}

static void
text_saved(FILE *f, const struct seat *s)
{
	(void)f; /* the prompt tells */
	(void)s;
}

static void
text_now(FILE *f, const struct seat *s)
{
	const struct seat_facts *now = seat_facts(s);
	char buf[FMT_ROOM];

	fputs(word_text(words_state, (int)now->state), f);
	text_reason(f, now->reason);
	if (now->since_at != 0)
		fprintf(
		    f, " %s", fmt_duration(seat_now(s) - now->since_at, buf));
	text_until(f, s);
	fputc('\n', f);
	if (!now->up)
		fputs(_("Not connected; it is being tried.\n"), f);
	if (now->ticket != 0)
		fprintf(
		    f, _("Ticket in hand: %s\n"), fmt_ticket(now->ticket, buf));
	work_text_hand(f, &now->hand);
	if (now->unsaved == 0)
		fputs(_("Everything is saved.\n"), f);
	else
		fprintf(f,
		    ngettext("%u action not yet saved\n",
			"%u actions not yet saved\n", now->unsaved),
		    now->unsaved);
}

static void
text_say(FILE *f, const char *text)
{
	fputs(text, f);
}

const struct agent_print agent_print_text = { text_up, text_down, text_refused,
	text_state, text_offer, text_story, text_offer_ended, text_call,
	work_text_state, ticket_text, clocks_text, notice_text, text_failed, text_saved,
	text_now, text_say };
