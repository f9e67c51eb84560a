/*
 * detector.c - see detector.h.
 */
#include "desk/detector.h"

#include "base/log.h"
#include "desk/state.h"

#define SLICE 500           /* calls, and agents, in one sweep */
#define OFFERS_A_SWEEP 1000 /* the oldest */
#define PAIRS_A_SWEEP 5000  /* looked at, whether they ought to be matched */
#define GRACE_US INT64_C(2000000)
#define LOG_EVERY_US INT64_C(60000000)

static const char *const words[NDETECTED] = { "call_unknown", "call_offered",
	"agent_unknown", "agent_idle", "agent_offered", "agent_ready",
	"agent_differs", "agent_reserved", "offer_orphaned", "offer_late",
	"unmatched" };

const char *
detected_word(enum detected k)
{
	return (unsigned)k < NDETECTED ? words[k] : NULL;
}

static void
count(struct desk *d, enum detected k, const char *what, const char *which)
{
	struct detector *t = &d->detector;

	t->counts[k]++;
	if (t->logged_at[k] != 0 && d->now - t->logged_at[k] < LOG_EVERY_US)
		return;
	t->logged_at[k] = d->now;
	log_error(LOG_DESK, "repaired: %s %s=%s, %llu so far", words[k], what,
	    which, (unsigned long long)t->counts[k]);
}

/* All that the ACD is to know of the agent. */
static void
tell_again(struct desk *d, struct agent *a)
{
	if (a->state == AGENT_STATE_NULL)
		route_agent(d, a, ACD_LOGOUT);
	else
		route_tell_agent(d, a);
}

static void
count_call(struct desk *d, enum detected k, const struct call *c)
{
	char id[ID_TEXT_LEN + 1];

	count(d, k, "call", id_text(&c->id, id));
}

/* Another one: it has changed meanwhile. */
static uint32_t
call_stamp(const struct call *c)
{
	return c->decisions + c->n_offers + ((uint32_t)c->state << 24) +
	       (c->stand.epoch << 27);
}

/* ------------------------------------------------------------------ answers */

/* It waits, and the ACD was told that it does. */
static bool
ought_to_wait(const struct desk *d, const struct call *c)
{
	return call_is_waiting(c) && c->offers == NULL &&
	       c->stand.epoch == d->acd_epoch;
}

static void
call_seen(struct desk *d, const struct look *l, enum acd_seen seen)
{
	struct call *c = call_find(d, &l->call);
	struct decision what = { .kind = DECISION_REPAIRED, .in_line = true };

	if (c == NULL || call_stamp(c) != l->stamp || !ought_to_wait(d, c) ||
	    seen == ACD_SEEN_WAITING)
		return;
	if (!l->again) {
		route_look(d, &(struct look){ l->call, 0, l->stamp, true });
		return;
	}
	count_call(d,
	    seen == ACD_SEEN_NONE ? DETECTED_CALL_UNKNOWN
				  : DETECTED_CALL_OFFERED,
	    c);
	route_dequeue(d, c); /* with the offer that nobody knows of */
	route_stand(d, c, false);
	decision_put(d, NULL, c, &what);
}

/* What the ACD may say of an agent in this state. */
#define SEEN(x) (1u << ACD_SEEN_##x)
static const unsigned agrees[AGENT_NSTATES] = {
	[AGENT_STATE_NULL] = SEEN(NONE),
	[AGENT_STATE_NOT_READY] = SEEN(IDLE),
	[AGENT_STATE_READY] = SEEN(READY),
	[AGENT_STATE_RESERVED] = SEEN(OFFERED) | SEEN(BUSY),
	[AGENT_STATE_BUSY] = SEEN(BUSY) | SEEN(IDLE),
	[AGENT_STATE_WORKING_AFTER_CALL] = SEEN(IDLE),
};

static enum detected
difference(const struct agent *a, enum acd_seen seen)
{
	if (seen == ACD_SEEN_READY)
		return DETECTED_AGENT_READY;
	if (seen == ACD_SEEN_NONE)
		return DETECTED_AGENT_UNKNOWN;
	if (a->state != AGENT_STATE_READY)
		return DETECTED_AGENT_DIFFERS;
	return seen == ACD_SEEN_OFFERED ? DETECTED_AGENT_OFFERED
	                                : DETECTED_AGENT_IDLE;
}

static void
agent_seen(struct desk *d, const struct look *l, enum acd_seen seen)
{
	struct agent *a = agent_find(d, l->agent);

	if (a == NULL || a->state_seq != l->stamp ||
	    (agrees[a->state] & 1u << seen) != 0)
		return;
	if (!l->again) {
		route_look(
		    d, &(struct look){
			   .agent = a->id, .stamp = l->stamp, .again = true });
		return;
	}
	count(d, difference(a, seen), "agent", a->name);
	tell_again(d, a);
}

void
detector_seen(struct desk *d, const struct look *l, enum acd_seen seen)
{
	if (l->agent != 0)
		agent_seen(d, l, seen);
	else
		call_seen(d, l, seen);
}

/* ------------------------------------------------------------------- offers */

static void
free_agent(struct desk *d, struct ledger_unit *u, struct agent *a)
{
	if (a->state == AGENT_STATE_RESERVED)
		(void)agent_move(
		    d, u, a, AGENT_EV_OFFER_ENDED, STR_LIT(""), "system");
	tell_again(d, a);
}

/* Where its call has it; NULL: there is no call, or it does not know it. */
static struct offer **
in_its_call(struct desk *d, const struct offer *o)
{
	struct call *c = call_find(d, &o->call_id);
	struct offer **p = c != NULL ? &c->offers : NULL;

	while (p != NULL && *p != o)
		p = *p != NULL ? &(*p)->next : NULL;
	return p;
}

/* Its call is gone, or one of the two does not know of it. */
static void
drop_orphan(struct desk *d, struct offer *o)
{
	struct ledger_unit *u = record_begin(d);
	struct offer_row r = { .id = o->id,
		.ended_at = d->now,
		.reason = word_offer_end(OFFER_END_RESCINDED) };
	struct agent *a = o->agent;
	struct offer **in = in_its_call(d, o);

	if (in != NULL) {
		*in = o->next;
		o->call->n_offered--;
	}
	desk_must(ledger_put_offer(u, &r));
	timer_clear(d, &o->timer);
	HASH_DELETE(hh, d->offers, o);
	if (a->offer == o) {
		a->offer = NULL;
		if (a->present)
			d->news->offer_ended(
			    d->news->arg, a->id, o->id, OFFER_END_RESCINDED);
		free_agent(d, u, a);
	}
	record_commit(d, &u);
	free(o);
}

static void
look_at_offers(struct desk *d)
{
	struct offer *o = d->offers, *next;

	for (unsigned n = 0; o != NULL && n < OFFERS_A_SWEEP; n++, o = next) {
		next = o->hh.next;
		if (o->work == NULL &&
		    (o->agent->offer != o || in_its_call(d, o) == NULL)) {
			count(d, DETECTED_OFFER_ORPHANED, "agent",
			    o->agent->name);
			drop_orphan(d, o);
		} else if (o->deadline_at + GRACE_US < d->now) {
			count(d, DETECTED_OFFER_LATE, "agent", o->agent->name);
			offer_due(d, o);
			return; /* which may have ended others, too */
		}
	}
}

/* ---------------------------------------------------- who ought to be matched */

static bool
has_skills(const struct acd_line *l, const struct acd_profile *p)
{
	for (unsigned i = 0; i < l->n_skills; i++) {
		unsigned k = 0;

		while (k < p->n_skills &&
		       (p->skills[k].skill != l->skills[i].skill ||
			   p->skills[k].level < l->skills[i].level))
			k++;
		if (k == p->n_skills)
			return false;
	}
	return true;
}

static bool
is_let_in(const struct acd_line *l, const struct acd_profile *p)
{
	for (unsigned i = 0; i < p->n_queues; i++) {
		unsigned tier = p->tiers[i] == 0 ? 1 : p->tiers[i];
		bool mine = p->queues[i] == l->queue;

		for (unsigned k = 0; k < l->n_neighbours; k++)
			mine |= p->queues[i] == l->neighbours[k];
		if (mine && (l->tier == 0 || tier <= l->tier))
			return true;
	}
	return false;
}

static bool
was_excluded(const struct call *c, const struct agent *a)
{
	const struct call_stand *s = &c->stand;

	for (unsigned i = 0; i < s->n_excluded && i < ACD_MAX_EXCLUDED; i++)
		if (s->excluded[i] == a->id)
			return true;
	return s->n_excluded > ACD_MAX_EXCLUDED; /* perhaps */
}

static bool
ought_to_match(
    const struct desk *d, const struct call *c, const struct agent *a)
{
	const struct acd_line *l = c->stand.line;

	if (a->state != AGENT_STATE_READY || d->now - a->since < GRACE_US ||
	    !ought_to_wait(d, c) || was_excluded(c, a) ||
	    (l->site != 0 && l->site != a->profile.site))
		return false;
	if (l->agent != 0)
		return l->agent == a->id;
	return is_let_in(l, &a->profile) && has_skills(l, &a->profile);
}

static void
suspect(struct desk *d, const struct call *c, const struct agent *a)
{
	struct detector *t = &d->detector;

	for (unsigned i = 0; i < t->n_suspects; i++)
		if (id_eq(&t->suspects[i].call, &c->id))
			return;
	if (t->n_suspects < DETECTOR_SUSPECTS)
		t->suspects[t->n_suspects++] = (struct suspect){ c->id, a->id,
			call_stamp(c), a->state_seq, d->now };
}

/* Both are as they were 2 s ago: the ACD is told all of both again. */
static void
look_at_suspects(struct desk *d)
{
	struct detector *t = &d->detector;
	unsigned n = 0;

	for (unsigned i = 0; i < t->n_suspects; i++) {
		const struct suspect s = t->suspects[i];
		struct call *c = call_find(d, &s.call);
		struct agent *a = agent_find(d, s.agent);

		if (c == NULL || a == NULL || call_stamp(c) != s.call_stamp ||
		    a->state_seq != s.agent_stamp || !ought_to_match(d, c, a))
			continue;
		if (d->now - s.since < GRACE_US) {
			t->suspects[n++] = s;
			continue;
		}
		count_call(d, DETECTED_UNMATCHED, c);
		route_dequeue(d, c);
		route_stand(d, c, false);
		tell_again(d, a);
	}
	t->n_suspects = n;
}

/* Somebody who could take it, by the queues' counts. */
static bool
is_anybody_ready(const struct desk *d, const struct acd_line *l)
{
	const struct queue *q;

	if (l->agent != 0)
		return true;
	for (unsigned k = 0; k <= l->n_neighbours; k++) {
		q = queue_find(d, k == 0 ? l->queue : l->neighbours[k - 1]);
		if (q != NULL && q->room.ready > 0)
			return true;
	}
	return false;
}

static void
find_match(struct desk *d, const struct call *c, unsigned *left)
{
	if (!is_anybody_ready(d, c->stand.line))
		return;
	for (const struct agent *a = d->agents; a != NULL && *left > 0;
	     a = a->hh.next, --*left)
		if (ought_to_match(d, c, a)) {
			suspect(d, c, a);
			return;
		}
}

/* ------------------------------------------------------------------- slices */

static void
look_at_calls(struct desk *d)
{
	struct detector *t = &d->detector;
	unsigned pairs = PAIRS_A_SWEEP;
	struct call *c = t->call != NULL ? t->call : d->calls;

	for (unsigned n = 0; c != NULL && n < SLICE; n++, c = c->hh.next) {
		if (!ought_to_wait(d, c))
			continue;
		route_look(d, &(struct look){ c->id, 0, call_stamp(c), false });
		find_match(d, c, &pairs);
	}
	t->call = c;
}

static void
look_at_agents(struct desk *d)
{
	struct detector *t = &d->detector;
	struct agent *a = t->agent != NULL ? t->agent : d->agents;
	struct ledger_unit *u;

	for (unsigned n = 0; a != NULL && n < SLICE; n++, a = a->hh.next) {
		if (a->state == AGENT_STATE_RESERVED && a->offer == NULL) {
			count(d, DETECTED_AGENT_RESERVED, "agent", a->name);
			u = record_begin(d);
			free_agent(d, u, a);
			record_commit(d, &u);
			continue;
		}
		route_look(
		    d, &(struct look){ .agent = a->id, .stamp = a->state_seq });
	}
	t->agent = a;
}

void
detector_sweep(struct desk *d)
{
	if (!d->configured || d->acd_missed)
		return;
	look_at_offers(d);
	look_at_suspects(d);
	look_at_calls(d);
	look_at_agents(d);
}

void
detector_forget(struct desk *d, const struct call *c)
{
	if (d->detector.call == c)
		d->detector.call = c->hh.next;
}
