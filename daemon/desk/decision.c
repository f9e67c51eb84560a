/*
 * decision.c - decisions as JSON, and when they are told.
 */
#include "desk/decision.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "desk/state.h"

static const char *const kinds[DECISION_NKINDS] = { NULL, "enqueued",
	"relaxed", "first", "everybody", "forgiven", "moved", "reprioritised",
	"assigned", "withdrawn", "overflowed", "refused", "callback",
	"returned", "no_queue", "repaired" };

/* ------------------------------------------------------------------ JSON */

/* An object being written; what has no room is left out whole. */
struct json {
	char *p;
	size_t n;
};

static void PRINTF_LIKE(2, 3) put(struct json *j, const char *fmt, ...)
{
	const size_t room = DECISION_ROOM - 1; /* for the brace */
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(j->p + j->n, room - j->n, fmt, ap);
	va_end(ap);
	if (n > 0 && (size_t)n < room - j->n)
		j->n += (size_t)n;
	else
		j->p[j->n] = '\0';
}

static struct json
json_begin(char *out)
{
	struct json j = { out, 0 };

	put(&j, "{");
	return j;
}

static struct str
json_end(struct json *j)
{
	j->p[j->n++] = '}';
	j->p[j->n] = '\0';
	return (struct str){ j->p, (uint32_t)j->n };
}

static const char *
comma(const struct json *j)
{
	char last = j->p[j->n - 1];

	return last == '{' || last == '[' ? "" : ",";
}

static void
put_number(struct json *j, const char *key, int64_t n)
{
	put(j, "%s\"%s\":%" PRId64, comma(j), key, n);
}

static void
put_text(struct json *j, const char *key, struct str s)
{
	char clean[2 * TEXT_MAX_LEN + 1];
	size_t n = 0;

	if (s.len == 0)
		return;
	for (uint32_t i = 0; i < s.len && n + 2 < sizeof(clean); i++) {
		if ((unsigned char)s.p[i] < ' ')
			continue;
		if (s.p[i] == '"' || s.p[i] == '\\')
			clean[n++] = '\\';
		clean[n++] = s.p[i];
	}
	put(j, "%s\"%s\":\"%.*s\"", comma(j), key, (int)n, clean);
}

/* ------------------------------------------------------------- the details */

static void
put_line(struct json *j, const struct acd_line *line)
{
	put_number(j, "q", line->queue);
	if (line->agent != 0)
		put_number(j, "a", line->agent);
	if (line->tier != 0)
		put_number(j, "t", line->tier);
	if (line->n_neighbours > 0) {
		put(j, ",\"n\":[");
		for (unsigned i = 0; i < line->n_neighbours; i++)
			put(j, "%s%u", comma(j), line->neighbours[i]);
		put(j, "]");
	}
	if (line->n_skills > 0) {
		put(j, ",\"s\":{");
		for (unsigned i = 0; i < line->n_skills; i++)
			put(j, "%s\"%u\":%u", comma(j), line->skills[i].skill,
			    line->skills[i].level);
		put(j, "}");
	}
}

/* What it is put before others for. */
static void
put_terms(struct json *j, const struct call *c)
{
	int64_t priority = (int64_t)c->priority * c->queue->priority_credit_us;

	if (priority != 0)
		put(j, ",\"c\":{\"priority\":%" PRId64 "}", priority);
}

static void
put_place(struct json *j, const struct call *c)
{
	struct acd_line line;

	line_of(c->sw->desk, c, &line);
	put_line(j, &line);
	put_number(j, "since", c->enqueued_at);
	put_terms(j, c);
}

static struct str
detail(char *out, const struct call *c, const struct decision *what)
{
	struct json j = json_begin(out);

	if (what->in_line && c->queue != NULL)
		put_place(&j, c);
	else if (what->agent != NULL)
		put_number(&j, "a", what->agent->id);
	if (what->from != NULL)
		put_number(&j, "f", what->from->id);
	put_text(&j, "rule", what->rule);
	put_text(&j, "by", what->by);
	return json_end(&j);
}

/* ------------------------------------------------------------------- telling */

uint64_t
decision_version(const struct desk *d, const struct call *c)
{
	return version_of(d->generation, c->decisions + c->n_offers);
}

static void
put_row(struct desk *d, struct ledger_unit *u, struct call *c,
    enum decision_kind kind, struct str text)
{
	struct decision_row r = {
		.call_id = c->id,
		.seq = decision_version(d, c),
		.at = d->now,
		.kind = kinds[kind],
		.detail = text,
	};

	desk_must(ledger_put_decision(u, &r));
}

void
decision_put(struct desk *d, struct ledger_unit *u, struct call *c,
    const struct decision *what)
{
	struct ledger_unit *own = u == NULL ? record_begin(d) : NULL;
	char text[DECISION_ROOM];

	decision_place_put(d, u != NULL ? u : own, c);
	c->decisions++;
	put_row(d, u != NULL ? u : own, c, what->kind, detail(text, c, what));
	if (own != NULL)
		record_commit(d, &own);
}

void
decision_placed(struct call *c)
{
	if (c->decisions > 0)
		return;
	c->decisions = 1;
	c->place_owed = true;
}

struct str
decision_place(const struct call *c, char *out)
{
	struct json j;

	if (!c->place_owed || c->queue == NULL)
		return (struct str){ NULL, 0 };
	j = json_begin(out);
	put_place(&j, c);
	return json_end(&j);
}

void
decision_place_told(struct call *c)
{
	c->place_owed = false;
}

void
decision_place_put(struct desk *d, struct ledger_unit *u, struct call *c)
{
	char text[DECISION_ROOM];
	struct str s = decision_place(c, text);

	if (s.len == 0)
		return;
	put_row(d, u, c, DECISION_ENQUEUED, s);
	decision_place_told(c);
}

/* ------------------------------------------------------------------- offers */

/* The queue that let this agent into the call's line: its own, or the first
 * neighbour that is the agent's. */
static struct queue *
let_in_by(const struct offer *o)
{
	struct desk *d = o->call->sw->desk;
	const struct acd_profile *p = &o->agent->profile;
	struct acd_line line;

	line_of(d, o->call, &line);
	for (unsigned k = 0; k <= line.n_neighbours; k++) {
		uint32_t id = k == 0 ? line.queue : line.neighbours[k - 1];

		for (unsigned i = 0; i < p->n_queues; i++)
			if (p->queues[i] == id)
				return queue_find(d, id);
	}
	return NULL; /* a line of this agent alone */
}

struct str
decision_offer(const struct offer *o, char *out)
{
	struct queue *own = o->call->queue, *q = let_in_by(o);
	struct json j = json_begin(out);

	if (q == NULL) {
		put_text(&j, "st", STR_LIT("direct"));
		return json_end(&j);
	}
	put_text(&j, "st", str_of(strategy_word(q->rules.strategy)));
	put_number(&j, "sc", o->agent->ready_since);
	/* The agent is not among the ready any more, and was. */
	put_number(&j, "r", q->n_ready + 1);
	put_number(&j, "l", q->n_logged_in);
	if (q != own)
		put_number(&j, "via", q->id);
	return json_end(&j);
}

static int
is_ready(int state)
{
	return state == AGENT_STATE_READY;
}

static int
is_logged_in(int state)
{
	return state != AGENT_STATE_NONE && state != AGENT_STATE_NULL;
}

void
decision_count(struct desk *d, const struct agent *a, int before, int after)
{
	int ready = is_ready(after) - is_ready(before);
	int logged_in = is_logged_in(after) - is_logged_in(before);
	struct queue *q;

	if (ready == 0 && logged_in == 0)
		return;
	for (unsigned i = 0; i < a->profile.n_queues; i++) {
		if ((q = queue_find(d, a->profile.queues[i])) == NULL)
			continue;
		q->n_ready += (uint32_t)ready;
		q->n_logged_in += (uint32_t)logged_in;
	}
}
