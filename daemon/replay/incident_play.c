/*
 * incident_play.c - drive, do, and in the end ask.
 */
#include "replay/incident_play.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "replay/incident_setup.h"

#define LOG_IN_S 30
#define LEAD_IN_US (2 * CLOCK_S) /* policies hold before the first ticket */
/* Longer than any clock needs to its first rung: no daemon goes so far before
 * it has written down what the last step did to its clocks. */
#define LEAD_OUT_US (INT64_C(86400) * CLOCK_S)
/* As long as one may wait at all; when the wait ended, the log says. */
#define UNTIL_US (INT64_C(366) * 86400 * CLOCK_S)

#define CHANGE(x) MASHANG__TICKET_CHANGE_KIND__TICKET_##x

/* STEP_OPEN makes the ticket and is not here. */
static const Mashang__TicketChangeKind changes[STEP_NKINDS] = {
	[STEP_PRIORITY] = CHANGE(CHANGE),
	[STEP_ASSIGN] = CHANGE(ASSIGN),
	[STEP_ACKNOWLEDGE] = CHANGE(ACKNOWLEDGE),
	[STEP_WAIT_CUSTOMER] = CHANGE(PEND_CUSTOMER),
	[STEP_WAIT_OTHERS] = CHANGE(PEND_THIRD_PARTY),
	[STEP_RESUME] = CHANGE(RESUME),
	[STEP_RESOLVE] = CHANGE(RESOLVE),
	[STEP_CLOSE] = CHANGE(CLOSE),
	[STEP_REOPEN] = CHANGE(REOPEN),
};

struct player {
	struct event_base *base;
	struct admin *admin;
	const struct incident_log *log;
	struct incident_result *results;
	int64_t now;
};

static ProtobufCBinaryData
bytes_of(struct str s)
{
	return (ProtobufCBinaryData){ s.len, (uint8_t *)(uintptr_t)s.p };
}

static bool
is(ProtobufCBinaryData b, const char *text)
{
	return b.len == strlen(text) && memcmp(b.data, text, b.len) == 0;
}

/* ------------------------------------------------------------------- clock */

/* With all that is due on the way. */
static enum err
drive(struct player *p, int64_t to)
{
	while (p->now < to) {
		int64_t at = p->now;

		admin_advance(p->admin, to);
		while (!admin_reached(p->admin, &at)) {
			if (admin_refused(p->admin) != NULL)
				return ERR_AUTH;
			event_base_loop(p->base, EVLOOP_ONCE);
		}
		p->now = at;
	}
	return ERR_OK;
}

static enum err
set_clock(struct player *p)
{
	int64_t from = p->log->steps[0].at, at = admin_server_at(p->admin);

	if (!admin_is_driven(p->admin)) {
		fputs("mashang-replay: this daemon runs by the system's clock; "
		      "for incidents start it with `clock: driven'\n",
		    stderr);
		return ERR_REFUSED;
	}
	if (at > from) {
		fputs("mashang-replay: the daemon's clock stands later than "
		      "the first incident; begin with a new database\n",
		    stderr);
		return ERR_REFUSED;
	}
	p->now = at > from - LEAD_IN_US ? at : from - LEAD_IN_US;
	return admin_set_clock(p->admin, p->now);
}

/* ------------------------------------------------------------------- steps */

static void
made(void *arg, const Mashang__Envelope *e)
{
	struct incident_result *r = arg;

	if (e->body_case == MASHANG__ENVELOPE__BODY_DONE)
		r->ticket = e->done->number;
}

static enum err
open_ticket(struct player *p, const struct incident_step *s)
{
	const struct incident *i = &p->log->incidents[s->incident];
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__TicketNew t = MASHANG__TICKET_NEW__INIT;

	t.kind = MASHANG__TICKET_KIND__INCIDENT;
	t.subject = bytes_of(i->number);
	t.caller = bytes_of(i->caller);
	t.queue = bytes_of(s->group);
	e.body_case = MASHANG__ENVELOPE__BODY_TICKET_NEW;
	e.ticket_new = &t;
	return admin_ask_saved(p->admin, &e, made, &p->results[s->incident]);
}

static enum err
change_ticket(struct player *p, const struct incident_step *s)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__TicketChange c = MASHANG__TICKET_CHANGE__INIT;

	c.number = p->results[s->incident].ticket;
	c.change = changes[s->kind];
	c.text = bytes_of(s->state);
	c.queue = bytes_of(s->group);
	c.owner = bytes_of(s->resolver);
	c.priority = s->priority;
	if (s->kind == STEP_WAIT_CUSTOMER || s->kind == STEP_WAIT_OTHERS)
		c.until_at = p->now + UNTIL_US;
	e.body_case = MASHANG__ENVELOPE__BODY_TICKET_CHANGE;
	e.ticket_change = &c;
	return admin_ask(p->admin, &e, NULL, NULL);
}

static void
tell_refused(const struct player *p, const struct incident_step *s)
{
	time_t at = (time_t)(s->at / CLOCK_S);
	char when[32] = "";
	struct tm tm;

	if (gmtime_r(&at, &tm) != NULL)
		strftime(when, sizeof(when), "%Y-%m-%d %H:%M", &tm);
	fprintf(stderr, "mashang-replay: %.*s, %s: refused: %s\n",
	    STR_ARG(p->log->incidents[s->incident].number), when,
	    incident_step_word(s->kind));
}

static enum err
do_step(struct player *p, const struct incident_step *s)
{
	struct incident_result *r = &p->results[s->incident];
	enum err e = drive(p, s->at);

	if (e != ERR_OK)
		return e;
	e = s->kind == STEP_OPEN ? open_ticket(p, s) : change_ticket(p, s);
	if (e != ERR_REFUSED && e != ERR_NOT_FOUND)
		return e;
	r->refused++;
	tell_refused(p, s);
	return ERR_OK;
}

/* ----------------------------------------------------------------- verdicts */

static enum incident_verdict
verdict_of(ProtobufCBinaryData outcome)
{
	if (is(outcome, "met"))
		return VERDICT_MET;
	return is(outcome, "missed") ? VERDICT_MISSED : VERDICT_NONE;
}

/* The last cycle counts. */
static void
told(void *arg, const Mashang__Envelope *e)
{
	struct incident_result *r = arg;
	uint32_t cycle = 0;

	if (e->body_case != MASHANG__ENVELOPE__BODY_TICKET)
		return;
	for (size_t i = 0; i < e->ticket->n_clocks; i++) {
		const Mashang__Clock *c = e->ticket->clocks[i];

		if (!is(c->metric, "resolution") || !is(c->agreement, "sla") ||
		    c->cycle < cycle)
			continue;
		cycle = c->cycle;
		r->counted = true;
		r->verdict = verdict_of(c->outcome);
		r->goal_us = c->goal_us;
		r->elapsed_us = c->elapsed_us;
		r->due_at = c->due_at;
	}
}

static enum err
ask_all(struct player *p)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__TicketShow s = MASHANG__TICKET_SHOW__INIT;
	enum err err = ERR_OK;

	e.body_case = MASHANG__ENVELOPE__BODY_TICKET_SHOW;
	e.ticket_show = &s;
	for (size_t i = 0; i < p->log->n_incidents && err == ERR_OK; i++) {
		s.number = p->results[i].ticket;
		e.op_id.len = 0; /* another request */
		if (s.number != 0)
			err = admin_ask(p->admin, &e, told, &p->results[i]);
	}
	return err;
}

/* -------------------------------------------------------------------- play */

static enum err
send_apply(void *arg, Mashang__Apply *a)
{
	struct player *p = arg;
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;

	e.body_case = MASHANG__ENVELOPE__BODY_APPLY;
	e.apply = a;
	return admin_ask(p->admin, &e, NULL, NULL);
}

static enum err
play(struct player *p, bool pauses)
{
	struct incident_setup s = { p->log, pauses, send_apply, p };
	enum err e;

	if ((e = admin_log_in(p->admin, LOG_IN_S)) != ERR_OK ||
	    (e = set_clock(p)) != ERR_OK ||
	    (e = incident_setup_send(&s)) != ERR_OK)
		return e;
	for (size_t i = 0; i < p->log->n_steps && e == ERR_OK; i++)
		e = do_step(p, &p->log->steps[i]);
	if (e == ERR_OK)
		e = drive(p, p->now + LEAD_OUT_US);
	return e == ERR_OK ? ask_all(p) : e;
}

enum err
incident_play(const struct incident_log *log, const struct admin_options *o,
    bool pauses, struct incident_result *results)
{
	struct player p = { .log = log, .results = results };
	enum err e = ERR_OK;

	if (log->n_steps == 0)
		return ERR_OK;
	if ((p.base = event_base_new()) == NULL)
		return ERR_NOMEM;
	if ((e = admin_new(p.base, o, &p.admin)) == ERR_OK)
		e = play(&p, pauses);
	admin_free(&p.admin);
	event_base_free(p.base);
	return e;
}
