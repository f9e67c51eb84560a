/*
 * clockwork_write.c - an evaluation beside what is stored, as the rows that
 * differ.
 *
 * A rung is told when more was told of it than taken back; it is told again
 * only after that, under a higher generation, so no key ever comes twice.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "desk/clockwork_state.h"

#define BREACH 100
#define ROW_BYTES 64 /* of a row in a unit, besides itself */

/* One ticket's rows being made. */
struct making {
	struct clockwork *w;
	struct ticket_read *read;
	const struct sla_result *result;
	int64_t now;
	struct arena *arena;
	struct ticket_rows *rows;
};

/* ---- what was told */

/* More often than taken back? */
static bool
is_told(
    const struct ticket_read *t, const struct clock_key *k, unsigned percent)
{
	int n = 0;

	for (unsigned i = 0; i < t->n_events; i++)
		if (t->events[i].percent == percent &&
		    key_eq(&t->events[i].key, k))
			n += t->events[i].retracted ? -1 : 1;
	return n > 0;
}

static bool
is_reached(const struct sla_clock *c, unsigned percent)
{
	for (unsigned i = 0; c != NULL && i < c->n_reached; i++)
		if (c->reached[i].percent == percent)
			return true;
	return false;
}

/* The first row of its key and percent? */
static bool
is_first(const struct ticket_read *t, unsigned i)
{
	for (unsigned k = 0; k < i; k++)
		if (t->events[k].percent == t->events[i].percent &&
		    key_eq(&t->events[k].key, &t->events[i].key))
			return false;
	return true;
}

/* Told, and true no longer; `c' NULL: the clock is not there any more. */
static bool
is_retracted(const struct making *m, unsigned i, const struct clock_key *k,
    const struct sla_clock *c)
{
	const struct stored_event *e = &m->read->events[i];

	return key_eq(&e->key, k) && is_first(m->read, i) &&
	       !is_reached(c, e->percent) && is_told(m->read, k, e->percent);
}

/* ---- events */

static struct str
notify_text(struct arena *a, unsigned mask)
{
	static const enum sla_notify all[] = { NOTIFY_OWNER, NOTIFY_SUPERVISOR,
		NOTIFY_SECOND_LINE, NOTIFY_MANAGER };
	char out[96];
	size_t n = 0;

	for (unsigned i = 0; i < NELEM(all); i++)
		if (mask & all[i])
			n += (size_t)snprintf(out + n, sizeof(out) - n, "%s%s",
			    n > 0 ? "," : "", sla_notify_word(all[i]));
	return arena_copy(a, (struct str){ out, (uint32_t)n });
}

static unsigned
notify_of(const struct sla_clock *c, unsigned percent)
{
	for (unsigned i = 0;
	     c != NULL && c->target != NULL && i < c->target->n_rungs; i++)
		if (c->target->rungs[i].percent == percent)
			return c->target->rungs[i].notify;
	return 0;
}

/* With its notice; all but what only one of the two kinds has. */
static struct sla_event_row *
event_add(struct making *m, const struct clock_key *k, unsigned percent,
    int64_t at, int64_t due_at, unsigned notify, bool retracted)
{
	struct ticket_rows *r = m->rows;
	struct sla_event_row *e = &r->events[r->n_events];
	bool breach = percent == BREACH;

	r->notices[r->n_events++] = (struct clock_notice){
		.ticket = m->read->history.ticket,
		.metric = sla_metric_word(k->metric),
		.percent = percent,
		.retracted = retracted,
		.notify = notify,
		.owner = m->result->owner,
		.at = at,
		.due_at = due_at,
	};
	*e = (struct sla_event_row){
		.ticket_id = m->read->history.ticket,
		.eval = m->read->eval + 1,
		.writer = m->w->writer,
		.metric = sla_metric_word(k->metric),
		.agreement = sla_agreement_word(k->agreement),
		.holder = k->holder,
		.cycle = k->cycle,
		.percent = percent,
		.at = at,
		.detected_at = m->now,
		.due_at = due_at,
		.notify = notify_text(m->arena, notify),
	};
	if (retracted)
		e->kind = breach ? "breach_retracted" : "threshold_retracted";
	else
		e->kind = breach ? "breach" : "threshold";
	return e;
}

/* Whether anything was: then the generation has to rise. */
static bool
retracts(struct making *m, const struct clock_key *k, const struct sla_clock *c)
{
	for (unsigned i = 0; i < m->read->n_events; i++)
		if (is_retracted(m, i, k, c))
			return true;
	return false;
}

static void
put_retractions(struct making *m, const struct clock_key *k,
    const struct sla_clock *c, uint32_t generation)
{
	for (unsigned i = 0; i < m->read->n_events; i++) {
		unsigned percent = m->read->events[i].percent;
		struct sla_event_row *e;

		if (!is_retracted(m, i, k, c))
			continue;
		e = event_add(m, k, percent, m->now, c != NULL ? c->due_at : 0,
		    notify_of(c, percent), true);
		e->generation = generation;
		e->by_change = true;
		if (c != NULL && c->policy != NULL)
			e->policy = c->policy->name;
	}
}

/* What has ended is told of, but no longer escalated. */
static void
put_reached(struct making *m, const struct clock_key *k,
    const struct sla_clock *c, uint32_t generation)
{
	bool runs = c->stage == STAGE_RUNNING || c->stage == STAGE_PAUSED;
	int32_t risk = clock_risk(m->w, m->result, c);

	for (unsigned i = 0; i < c->n_reached; i++) {
		const struct sla_reached *r = &c->reached[i];
		struct sla_event_row *e;

		if (is_told(m->read, k, r->percent))
			continue;
		e = event_add(m, k, r->percent, r->at, c->due_at,
		    r->rung != NULL ? r->rung->notify : 0, false);
		e->generation = generation;
		e->by_change = r->by_change;
		e->policy = c->policy != NULL ? c->policy->name
		                              : (struct str){ NULL, 0 };
		e->risk = risk > 0 ? (uint32_t)risk : 0;
		if (runs && r->rung != NULL) {
			e->raise = r->rung->raise;
			e->to_queue = r->rung->queue;
		}
		if (!r->by_change)
			m->rows->lateness_us = m->now - r->at;
	}
}

/* ---- clocks */

static struct clock_key
key_of(const struct sla_clock *c)
{
	return (
	    struct clock_key){ c->metric, c->agreement, c->holder, c->cycle };
}

static struct stored_clock *
stored_find(const struct ticket_read *t, const struct clock_key *k)
{
	for (unsigned i = 0; i < t->n_clocks; i++)
		if (key_eq(&t->clocks[i].key, k))
			return &t->clocks[i];
	return NULL;
}

/* All but the time counted, which is known at any time. */
static bool
is_stored(const struct sla_clock_row *r, const struct sla_clock *c,
    const struct stored_clock *s)
{
	return s->generation == r->generation && s->revision == r->revision &&
	       s->stage == c->stage && s->outcome == c->outcome &&
	       s->started_at == r->started_at &&
	       s->stopped_at == r->stopped_at && s->goal_us == c->goal_us &&
	       s->due_at == r->due_at && s->breached_at == r->breached_at &&
	       str_eq(s->policy, r->policy) && str_eq(s->calendar, r->calendar);
}

static struct sla_clock_row
clock_row(
    const struct making *m, const struct clock_key *k, uint32_t generation)
{
	return (struct sla_clock_row){
		.ticket_id = m->read->history.ticket,
		.eval = m->read->eval + 1,
		.writer = m->w->writer,
		.metric = sla_metric_word(k->metric),
		.agreement = sla_agreement_word(k->agreement),
		.holder = k->holder,
		.cycle = k->cycle,
		.generation = generation,
	};
}

static void
put_clock(struct making *m, const struct sla_clock *c)
{
	struct clock_key k = key_of(c);
	struct stored_clock *s = stored_find(m->read, &k);
	uint32_t generation = s != NULL ? s->generation : 1;
	struct sla_clock_row row;

	if (s != NULL && (s->due_at != c->due_at || s->stage != c->stage ||
			     retracts(m, &k, c)))
		generation++;
	row = clock_row(m, &k, generation);
	row.revision = c->revision;
	row.policy =
	    c->policy != NULL ? c->policy->name : (struct str){ NULL, 0 };
	row.calendar = c->calendar;
	row.stage = sla_stage_word(c->stage);
	row.outcome = sla_outcome_word(c->outcome);
	row.started_at = c->started_at;
	row.stopped_at = c->stopped_at;
	row.goal_us = (uint64_t)c->goal_us;
	row.elapsed_us = (uint64_t)c->elapsed_us;
	row.due_at = c->due_at;
	row.breached_at = c->breached ? c->breached_at : 0;
	if (s != NULL)
		s->found = true;
	if (s == NULL || !is_stored(&row, c, s))
		m->rows->clocks[m->rows->n_clocks++] = row;
	put_retractions(m, &k, c, generation);
	put_reached(m, &k, c, generation);
}

/* The history has it no longer. */
static void
put_gone(struct making *m, const struct stored_clock *s)
{
	struct sla_clock_row row = clock_row(m, &s->key, s->generation + 1);

	if (s->stage == STAGE_CANCELLED && !retracts(m, &s->key, NULL))
		return;
	row.revision = s->revision;
	row.policy = s->policy;
	row.calendar = s->calendar;
	row.stage = sla_stage_word(STAGE_CANCELLED);
	row.outcome = sla_outcome_word(OUTCOME_EXCLUDED);
	row.started_at = s->started_at;
	row.stopped_at = m->now;
	row.goal_us = (uint64_t)s->goal_us;
	m->rows->clocks[m->rows->n_clocks++] = row;
	put_retractions(m, &s->key, NULL, row.generation);
}

/* ---- the ticket */

/* As a JSON string; what `out' has no room for is left out. */
static size_t
put_json(char *out, size_t room, struct str s)
{
	size_t n = 0;

	for (uint32_t i = 0; i < s.len && n + 7 < room; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c < 0x20 || c == 0x7f)
			n += (size_t)snprintf(out + n, room - n, "\\u%04x", c);
		else if (c == '"' || c == '\\')
			n += (size_t)snprintf(out + n, room - n, "\\%c", c);
		else
			out[n++] = (char)c;
	}
	out[n] = '\0';
	return n;
}

static size_t
put_share(
    const struct making *m, const struct sla_share *s, char *out, size_t room)
{
	const struct clockwork_options *o = &m->w->options;
	struct str name = { NULL, 0 };
	size_t n = (size_t)snprintf(
	    out, room, "{\"holder\":\"%s\"", sla_holder_word(s->holder));

	if (s->holder == HOLDER_AGENT && o->agent != NULL)
		name = o->agent(o->agent_arg, s->agent);
	else if (s->holder == HOLDER_GROUP)
		name = s->queue;
	if (name.len > 0) {
		n += (size_t)snprintf(out + n, room - n, ",\"name\":\"");
		n += put_json(out + n, room - n, name);
		n += (size_t)snprintf(out + n, room - n, "\"");
	} else if (s->holder == HOLDER_AGENT) {
		n += (size_t)snprintf(
		    out + n, room - n, ",\"id\":%" PRIu32, s->agent);
	}
	n += (size_t)snprintf(out + n, room - n, ",\"us\":%" PRId64 "}", s->us);
	return n;
}

/* Names in the ledger are far shorter than what a share has room for. */
#define SHARE_ROOM 2048

static struct str
shares_text(const struct making *m)
{
	const struct sla_result *r = m->result;
	size_t n = 0, room = (size_t)r->n_shares * SHARE_ROOM + 3;
	char *out = arena_alloc(m->arena, room);

	if (out == NULL)
		return (struct str){ NULL, 0 };
	out[n++] = '[';
	for (unsigned i = 0; i < r->n_shares; i++) {
		if (i > 0)
			out[n++] = ',';
		n += put_share(m, &r->shares[i], out + n, SHARE_ROOM);
	}
	out[n++] = ']';
	return (struct str){ out, (uint32_t)n };
}

static bool
ends_it(enum sla_fact_kind k)
{
	return k == FACT_RESOLVED || k == FACT_CLOSED || k == FACT_CANCELLED ||
	       k == FACT_MERGED;
}

/* Something still runs or may, or nobody has ended it yet. */
static bool
is_open(const struct making *m)
{
	const struct sla_history *h = &m->read->history;
	const struct sla_fact *last = NULL;

	for (unsigned i = 0; i < m->result->n_clocks; i++)
		if (m->result->clocks[i].stage == STAGE_RUNNING ||
		    m->result->clocks[i].stage == STAGE_PAUSED)
			return true;
	for (unsigned i = 0; i < h->n; i++) {
		const struct sla_fact *f = &h->facts[i];

		if ((ends_it(f->kind) || f->kind == FACT_REOPENED) &&
		    f->at <= m->now &&
		    (last == NULL || f->at > last->at ||
			(f->at == last->at && f->seq > last->seq)))
			last = f;
	}
	return last == NULL || !ends_it(last->kind);
}

/* What is written for later than now counts when it comes. */
static int64_t
next_at(const struct making *m)
{
	const struct sla_history *h = &m->read->history;
	int64_t at = m->result->next_at;

	for (unsigned i = 0; i < h->n; i++)
		if (h->facts[i].at > m->now)
			at = earlier(at, h->facts[i].at);
	return at != INT64_MAX ? at : 0;
}

static uint32_t
ticket_risk(const struct making *m)
{
	for (unsigned i = 0; i < m->result->n_clocks; i++) {
		int32_t risk =
		    clock_risk(m->w, m->result, &m->result->clocks[i]);

		if (risk >= 0)
			return (uint32_t)risk;
	}
	return 0;
}

static enum err
put_ticket(struct making *m)
{
	struct sla_ticket_row *r = &m->rows->ticket;

	*r = (struct sla_ticket_row){
		.ticket_id = m->read->history.ticket,
		.eval = m->read->eval + 1,
		.writer = m->w->writer,
		.as_of = m->read->as_of,
		.seen = m->w->revision_seen,
		.evaluated_at = m->now,
		.next_at = next_at(m),
		.open = is_open(m),
		.risk = ticket_risk(m),
		.shares = shares_text(m),
	};
	return r->shares.p != NULL ? ERR_OK : ERR_NOMEM;
}

/* ---- all of it */

static enum err
make_room(struct making *m)
{
	unsigned n_clocks = m->result->n_clocks + m->read->n_clocks;
	unsigned n_events = m->read->n_events;
	struct ticket_rows *r = m->rows;

	for (unsigned i = 0; i < m->result->n_clocks; i++)
		n_events += m->result->clocks[i].n_reached;
	r->clocks = arena_alloc(m->arena, n_clocks * sizeof(*r->clocks) + 1);
	r->events = arena_alloc(m->arena, n_events * sizeof(*r->events) + 1);
	r->notices = arena_alloc(m->arena, n_events * sizeof(*r->notices) + 1);
	return r->clocks != NULL && r->events != NULL && r->notices != NULL
	           ? ERR_OK
	           : ERR_NOMEM;
}

static size_t
bytes_of(const struct ticket_rows *r)
{
	size_t n = sizeof(r->ticket) + ROW_BYTES + r->ticket.shares.len;

	for (unsigned i = 0; i < r->n_clocks; i++)
		n += sizeof(r->clocks[i]) + ROW_BYTES +
		     r->clocks[i].holder.len + r->clocks[i].policy.len +
		     r->clocks[i].calendar.len;
	for (unsigned i = 0; i < r->n_events; i++)
		n += sizeof(r->events[i]) + ROW_BYTES +
		     r->events[i].holder.len + r->events[i].policy.len +
		     r->events[i].notify.len + r->events[i].to_queue.len;
	return n;
}

enum err
write_rows(struct clockwork *w, struct ticket_read *read,
    const struct sla_result *result, int64_t now, struct arena *a,
    struct ticket_rows *out)
{
	struct making m = { w, read, result, now, a, out };
	enum err e;

	*out = (struct ticket_rows){ .lateness_us = -1 };
	if ((e = make_room(&m)) != ERR_OK || (e = put_ticket(&m)) != ERR_OK)
		return e;
	for (unsigned i = 0; i < result->n_clocks; i++)
		put_clock(&m, &result->clocks[i]);
	for (unsigned i = 0; i < read->n_clocks; i++)
		if (!read->clocks[i].found)
			put_gone(&m, &read->clocks[i]);
	out->bytes = bytes_of(out);
	return ERR_OK;
}

enum err
write_put(struct ledger_unit *u, const struct ticket_rows *r,
    const struct page_mark *marks, unsigned n_marks)
{
	enum err e = ledger_put_sla_ticket(u, &r->ticket);

	for (unsigned i = 0; e == ERR_OK && i < r->n_clocks; i++)
		e = ledger_put_sla_clock(u, &r->clocks[i]);
	for (unsigned i = 0; e == ERR_OK && i < r->n_events; i++)
		e = ledger_put_sla_event(u, &r->events[i]);
	for (unsigned i = 0; e == ERR_OK && i < n_marks; i++) {
		const struct sla_done_row done = { marks[i].todo,
			r->ticket.ticket_id, r->ticket.eval, r->ticket.writer };

		if (marks[i].todo != 0)
			e = ledger_put_sla_done(u, &done);
	}
	return e;
}
