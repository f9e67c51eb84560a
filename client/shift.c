/*
 * shift.c - what an agent types is done: a verb, a function.
 */
#include "client/shift.h"

#include <stdio.h>
#include <stdlib.h>

#include "client/agent_print.h"
#include "client/fmt.h"
#include "client/i18n.h"
#include "client/seat.h"
#include "client/term.h"
#include "client/typed.h"
#include "client/when.h"

#define STATE(x) MASHANG__AGENT_STATE_KIND__AGENT_##x
#define CHANGE(x) MASHANG__TICKET_CHANGE_KIND__TICKET_##x
#define ORDER(x) MASHANG__ORDER_KIND__ORDER_##x

static enum err
do_ready(struct shift *s, const struct typed *t)
{
	(void)t;
	return seat_set_state(s->seat, STATE(READY), "");
}

static enum err
do_not_ready(struct shift *s, const struct typed *t)
{
	return seat_set_state(s->seat, STATE(NOT_READY), t->text);
}

static enum err
do_accept(struct shift *s, const struct typed *t)
{
	(void)t;
	return seat_accept(s->seat);
}

static enum err
do_refuse(struct shift *s, const struct typed *t)
{
	return seat_refuse(s->seat, t->text);
}

static enum err
do_note(struct shift *s, const struct typed *t)
{
	return seat_note(s->seat, t->text);
}

/* "17:00 the spare part": a time, then the text. */
static enum err
change(struct shift *s, const struct typed *t, Mashang__TicketChangeKind kind)
{
	Mashang__TicketChange m = MASHANG__TICKET_CHANGE__INIT;
	const char *rest = "";
	char *text = NULL;
	size_t len;
	enum err e = when_take(t->text, seat_now(s->seat), &m.until_at, &rest);
	FILE *f;

	if (e == ERR_OK && *rest != '\0') {
		m.change = kind;
		m.text = fmt_data(rest);
		return seat_change(s->seat, &m);
	}
	if ((f = open_memstream(&text, &len)) == NULL)
		return ERR_NOMEM;
	if (e == ERR_OK)
		fputs(_("Behind the time stands what it is about.\n"), f);
	else
		when_complain(f, e, t->text, m.until_at);
	fclose(f);
	shift_say(s, text);
	free(text);
	return ERR_OK;
}

static enum err
do_promise(struct shift *s, const struct typed *t)
{
	return change(s, t, CHANGE(PROMISE));
}

static enum err
do_pend(struct shift *s, const struct typed *t)
{
	return change(s, t, CHANGE(PEND_CUSTOMER));
}

static enum err
do_pend_others(struct shift *s, const struct typed *t)
{
	return change(s, t, CHANGE(PEND_THIRD_PARTY));
}

static enum err
do_wrap_up(struct shift *s, const struct typed *t)
{
	Mashang__WrapUp m = MASHANG__WRAP_UP__INIT;

	m.note = fmt_data(t->text);
	m.kind = t->kind;
	m.solved = t->solved;
	m.category = fmt_data(t->category);
	m.dissatisfied = t->dissatisfied;
	m.next = t->not_ready ? STATE(NOT_READY) : STATE(READY);
	return seat_wrap_up(s->seat, &m);
}

static enum err
do_more(struct shift *s, const struct typed *t)
{
	(void)t;
	return seat_more(s->seat);
}

static enum err
do_dial(struct shift *s, const struct typed *t)
{
	enum err e = seat_dial(s->seat, t->number, t->to, t->follow_up);

	if (e != ERR_NOT_FOUND)
		return e;
	shift_say(s, _("About which ticket? Type its number behind it.\n"));
	return ERR_OK;
}

static enum err
do_ticket(struct shift *s, const struct typed *t)
{
	return seat_ask_ticket(s->seat, t->number);
}

static enum err
do_done(struct shift *s, const struct typed *t)
{
	enum err e = seat_work_done(s->seat, t->number);

	if (e != ERR_NOT_FOUND)
		return e;
	shift_say(s, seat_facts(s->seat)->hand.n > 0
	        ? _("Which one? Type its ticket's number behind it.\n")
	        : _("You have no ticket in hand that came as work.\n"));
	return ERR_OK;
}

static enum err
do_history(struct shift *s, const struct typed *t)
{
	(void)t;
	if (seat_story(s->seat) == NULL) {
		shift_say(s, _("There is no story yet.\n"));
		return ERR_OK;
	}
	s->print->story(term_open(s->term), seat_story(s->seat));
	term_close(s->term);
	return ERR_OK;
}

static enum err
do_state(struct shift *s, const struct typed *t)
{
	(void)t;
	s->print->now(term_open(s->term), s->seat);
	term_close(s->term);
	return ERR_OK;
}

/* "hold transfer": what may be asked of the call now, as it is typed. */
static const struct {
	enum typed_verb verb;
	Mashang__OrderKind kind;
} controls[] = {
	{ TYPED_HOLD, ORDER(HOLD) },
	{ TYPED_RETRIEVE, ORDER(RETRIEVE) },
	{ TYPED_TRANSFER, ORDER(TRANSFER) },
	{ TYPED_CONSULT, ORDER(CONSULT) },
	{ TYPED_CONFERENCE, ORDER(CONFERENCE) },
	{ TYPED_HANG_UP, ORDER(CLEAR) },
	{ TYPED_REQUEUE, ORDER(REQUEUE) },
};

static void
put_possible(FILE *f, const struct shift *s)
{
	unsigned can = seat_can(s->seat);

	if (can == 0) {
		fputs(_("With a call nothing can be done just now.\n"), f);
		return;
	}
	fputs(_("Possible with the call now:"), f);
	for (size_t i = 0; i < NELEM(controls); i++)
		if ((can & 1u << controls[i].kind) != 0)
			fprintf(f, " %s", typed_name(controls[i].verb));
	fputc('\n', f);
}

/* What the switch, or the call's state, does not allow is not sent. */
static void
say_possible(struct shift *s, const char *first)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (f == NULL)
		return;
	fputs(first, f);
	put_possible(f, s);
	fclose(f);
	shift_say(s, text);
	free(text);
}

static enum err
do_control(struct shift *s, const struct typed *t)
{
	size_t i = 0;
	enum err e;

	while (controls[i].verb != t->verb)
		i++;
	e = seat_control(s->seat, controls[i].kind, t->text);
	if (e == ERR_REFUSED)
		say_possible(s, _("That cannot be done now.\n"));
	return e == ERR_REFUSED ? ERR_OK : e;
}

static enum err
do_help(struct shift *s, const struct typed *t)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	(void)t;
	if (f == NULL)
		return ERR_NOMEM;
	typed_help(f);
	put_possible(f, s);
	fclose(f);
	shift_say(s, text);
	free(text);
	return ERR_OK;
}

static enum err
do_quit(struct shift *s, const struct typed *t)
{
	Mashang__AgentStateKind now = seat_facts(s->seat)->state;

	(void)t;
	if (s->leaving == STAYING &&
	    (now == STATE(BUSY) || now == STATE(RESERVED))) {
		s->leaving = ASKED;
		shift_say(
		    s, _("A caller is with you. Type `quit' once more to leave "
			 "all the same.\n"));
	} else {
		shift_leave(s);
	}
	return ERR_OK;
}

static enum err (*const verbs[TYPED_NVERBS])(
    struct shift *, const struct typed *) = {
	[TYPED_READY] = do_ready,
	[TYPED_NOT_READY] = do_not_ready,
	[TYPED_ACCEPT] = do_accept,
	[TYPED_REFUSE] = do_refuse,
	[TYPED_HOLD] = do_control,
	[TYPED_RETRIEVE] = do_control,
	[TYPED_TRANSFER] = do_control,
	[TYPED_CONSULT] = do_control,
	[TYPED_CONFERENCE] = do_control,
	[TYPED_HANG_UP] = do_control,
	[TYPED_REQUEUE] = do_control,
	[TYPED_NOTE] = do_note,
	[TYPED_PROMISE] = do_promise,
	[TYPED_PEND] = do_pend,
	[TYPED_PEND_OTHERS] = do_pend_others,
	[TYPED_WRAP_UP] = do_wrap_up,
	[TYPED_MORE] = do_more,
	[TYPED_DIAL] = do_dial,
	[TYPED_DONE] = do_done,
	[TYPED_TICKET] = do_ticket,
	[TYPED_HISTORY] = do_history,
	[TYPED_STATE] = do_state,
	[TYPED_HELP] = do_help,
	[TYPED_QUIT] = do_quit,
};

static const char *
why_not(enum err e)
{
	switch (e) {
	case ERR_REFUSED:
		return _("No call is offered to you.\n");
	case ERR_NOT_FOUND:
		return _("There is no call to do this with.\n");
	case ERR_TOO_LARGE:
		return _("Too much is waiting to be saved; wait for the daemon "
			 "before you go on.\n");
	default:
		return _("Not done: it could not be kept on this machine's "
			 "disk. Is it full?\n");
	}
}

static void
complain(struct shift *s, enum typed_fault fault, const struct typed *t)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (f == NULL)
		return;
	typed_complain(f, fault, t);
	fclose(f);
	shift_say(s, text);
	free(text);
}

/* A line that is in order. */
static void
obey(struct shift *s, const struct typed *t, bool before)
{
	enum err e;

	if (t->verb == TYPED_NOTHING)
		return;
	if (before && (t->verb == TYPED_ACCEPT || t->verb == TYPED_REFUSE)) {
		shift_say(
		    s, _("You began this line before the call was offered: it "
			 "does not count. Type it again.\n"));
		return;
	}
	if (t->verb != TYPED_QUIT && s->leaving == ASKED)
		s->leaving = STAYING;
	if ((e = verbs[t->verb](s, t)) != ERR_OK)
		shift_say(s, why_not(e));
}

void
shift_line_cb(void *arg, char *line, bool before)
{
	struct shift *s = arg;
	struct typed t;
	enum typed_fault fault = typed_parse(line, &t);

	if (fault == TYPED_OK)
		obey(s, &t, before);
	else
		complain(s, fault, &t);
	shift_prompt(s);
}
