/*
 * clocks.c - a ticket's clocks as messages: asked for, and told unasked.
 */
#include <stdio.h>

#include "base/arena.h"
#include "net/session.h"

/* What supervisors hear of: whoever is above the owner stands behind them. */
#define NOTIFY_ABOVE (NOTIFY_SUPERVISOR | NOTIFY_SECOND_LINE | NOTIFY_MANAGER)

enum err
clocks_ask(
    struct net *n, uint64_t serial, bool spans, clock_answer_fn *fn, void *arg)
{
	if (n->desk == NULL)
		return ERR_IO;
	return clockwork_ask(
	    desk_clockwork(n->desk), serial, net_now(n), spans, fn, arg);
}

struct str
clocks_waits(unsigned mask, char out[80])
{
	size_t n = 0;

	out[0] = '\0';
	for (unsigned bit = 1; bit <= SLA_WAITS; bit <<= 1)
		if ((mask & bit) != 0)
			n += (size_t)snprintf(out + n, 80 - n, "%s%s",
			    n > 0 ? "," : "",
			    sla_wait_word((enum sla_wait)bit));
	return str_of(out);
}

static ProtobufCBinaryData
keep(struct arena *arena, struct str s)
{
	return bytes_of(arena_copy(arena, s));
}

static Mashang__Clock *
clock_message(struct arena *arena, const struct sla_clock *c, int32_t risk)
{
	Mashang__Clock *m = arena_alloc(arena, sizeof(*m));
	char waits[80];

	if (m == NULL)
		return NULL;
	mashang__clock__init(m);
	m->metric = bytes_of(str_of(sla_metric_word(c->metric)));
	m->agreement = bytes_of(str_of(sla_agreement_word(c->agreement)));
	m->holder = keep(arena, c->holder);
	m->cycle = c->cycle;
	m->stage = bytes_of(str_of(sla_stage_word(c->stage)));
	m->outcome = bytes_of(str_of(sla_outcome_word(c->outcome)));
	m->started_at = c->started_at;
	m->stopped_at = c->stopped_at;
	m->goal_us = c->goal_us;
	m->elapsed_us = c->elapsed_us;
	m->due_at = c->due_at;
	m->breached_at = c->breached ? c->breached_at : 0;
	if (c->policy != NULL)
		m->policy = keep(arena, c->policy->name);
	m->revision = c->revision;
	m->calendar = keep(arena, c->calendar);
	m->waits = keep(arena, clocks_waits(c->waits, waits));
	m->risk_ppm = risk;
	m->next_at = c->next_at != INT64_MAX ? c->next_at : 0;
	m->next_percent = c->next_percent;
	return m;
}

static bool
is_over(const struct sla_clock *c)
{
	return c->stage == STAGE_COMPLETED || c->stage == STAGE_CANCELLED;
}

void
clocks_fill(
    struct arena *arena, const struct clock_answer *a, Mashang__Ticket *t)
{
	const struct sla_result *r = a->result;
	unsigned out = r->n_clocks > CLOCKS_MAX ? r->n_clocks - CLOCKS_MAX : 0;

	t->at = a->now;
	t->clocks = arena_alloc(arena, CLOCKS_MAX * sizeof(*t->clocks));
	for (unsigned i = 0; t->clocks != NULL && i < r->n_clocks; i++) {
		Mashang__Clock *m;

		if (out > 0 && is_over(&r->clocks[i])) {
			out--;
			continue;
		}
		if (t->n_clocks == CLOCKS_MAX ||
		    (m = clock_message(arena, &r->clocks[i],
			 a->risk != NULL ? a->risk[i] : -1)) == NULL)
			break;
		t->clocks[t->n_clocks++] = m;
	}
}

/* ---------------------------------------------------------------- notices */

static bool
concerns(const struct session *s, const struct clock_notice *c)
{
	if (s->state != SESSION_LIVE)
		return false;
	if (s->role == MASHANG__ROLE__ROLE_SUPERVISOR)
		return (c->notify & NOTIFY_ABOVE) != 0;
	return (c->notify & NOTIFY_OWNER) != 0 && c->owner != 0 &&
	       agent_session(s->net, c->owner) == s;
}

void
net_clock_notice(void *arg, const struct clock_notice *c)
{
	struct net *n = arg;
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__ClockNotice m = MASHANG__CLOCK_NOTICE__INIT;
	struct session *s;

	m.number = desk_ticket_number(c->ticket);
	m.metric = bytes_of(str_of(c->metric));
	m.percent = c->percent;
	m.retracted = c->retracted;
	m.at = c->at;
	m.due_at = c->due_at;
	if (c->owner != 0 && n->desk != NULL)
		m.owner = bytes_of(desk_agent_name(n->desk, c->owner));
	e.body_case = MASHANG__ENVELOPE__BODY_CLOCK_NOTICE;
	e.clock_notice = &m;
	TAILQ_FOREACH (s, &n->sessions, entry)
		if (concerns(s, c))
			session_push(s, &e);
}
