/*
 * decision.c - decisions as JSON, and when they are told.
 */
#include "desk/decision.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/conf.h"
#include "desk/state.h"

static const char *const kinds[DECISION_NKINDS] = { NULL, "enqueued", "relaxed",
	"first", "everybody", "forgiven", "reordered", "moved", "reprioritised",
	"assigned", "withdrawn", "overflowed", "refused", "callback",
	"returned", "no_queue", "repaired" };

/* ------------------------------------------------------------------ JSON */

/* What closes what is open has room always. */
#define CLOSERS 8

/* An object being written; what has no room is left out whole. */
struct json {
	char *p;
	size_t n;
};

/* False: no room. */
static bool PRINTF_LIKE(2, 3) put(struct json *j, const char *fmt, ...)
{
	const size_t room = DECISION_ROOM - CLOSERS;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(j->p + j->n, room - j->n, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= room - j->n) {
		j->p[j->n] = '\0';
		return false;
	}
	j->n += (size_t)n;
	return true;
}

static struct json
json_begin(char *out)
{
	struct json j = { out, 0 };

	(void)put(&j, "{");
	return j;
}

static void
close_with(struct json *j, char c)
{
	j->p[j->n++] = c;
	j->p[j->n] = '\0';
}

static struct str
json_end(struct json *j)
{
	close_with(j, '}');
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
	(void)put(j, "%s\"%s\":%" PRId64, comma(j), key, n);
}

struct clean {
	char s[2 * TEXT_MAX_LEN + 1];
};

/* As it may stand between quotes. */
static struct clean
clean(struct str s)
{
	struct clean out;
	size_t n = 0;

	for (uint32_t i = 0; i < s.len && n + 2 < sizeof(out.s); i++) {
		if ((unsigned char)s.p[i] < ' ')
			continue;
		if (s.p[i] == '"' || s.p[i] == '\\')
			out.s[n++] = '\\';
		out.s[n++] = s.p[i];
	}
	out.s[n] = '\0';
	return out;
}

static void
put_text(struct json *j, const char *key, struct str s)
{
	if (s.len > 0)
		(void)put(j, "%s\"%s\":\"%s\"", comma(j), key, clean(s).s);
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
	if (line->n_neighbours > 0 && put(j, ",\"n\":[")) {
		for (unsigned i = 0; i < line->n_neighbours; i++)
			(void)put(j, "%s%u", comma(j), line->neighbours[i]);
		close_with(j, ']');
	}
	if (line->n_skills > 0 && put(j, ",\"s\":{")) {
		for (unsigned i = 0; i < line->n_skills; i++)
			(void)put(j, "%s\"%u\":%u", comma(j),
			    line->skills[i].skill, line->skills[i].level);
		close_with(j, '}');
	}
}

/* What it is put before others for. */
static void
put_terms(struct json *j, const struct desk *d, const struct call *c)
{
	struct credit_term terms[CREDIT_TERMS_MAX];
	unsigned n = credit_terms(d, c, terms);

	if (n == 0 || !put(j, ",\"c\":{"))
		return;
	for (unsigned i = 0; i < n; i++)
		put_number(j, clean(str_of(terms[i].name)).s, terms[i].us);
	close_with(j, '}');
}

/* As the ACD was told; before that, as it will be. */
static void
put_place(struct json *j, const struct call *c)
{
	const struct desk *d = c->sw->desk;
	struct acd_line line;

	if (c->stand.line != NULL && c->stand.epoch == d->acd_epoch &&
	    c->stand.line->queue == c->queue->id)
		line = *c->stand.line;
	else
		line_of(d, c, &line);
	put_line(j, &line);
	put_number(j, "since", c->enqueued_at);
	put_terms(j, d, c);
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

#define RULE_ROOM 256

static struct str
first_by(const struct call *c, char out[RULE_ROOM])
{
	unsigned k = c->stand.first;
	char during[CONF_VALUE_LEN];

	if (k >= NFIRSTS)
		return (struct str){ NULL, 0 };
	snprintf(out, RULE_ROOM, "first %s %s", first_word((enum first_kind)k),
	    conf_show_duration(c->queue->rules.first_us[k], during));
	return str_of(out);
}

struct str
decision_place(const struct call *c, char *out)
{
	char rule[RULE_ROOM];
	struct json j;

	if (!c->place_owed || c->queue == NULL)
		return (struct str){ NULL, 0 };
	j = json_begin(out);
	put_place(&j, c);
	if (c->direct == 0 && c->stand.first_agent != 0)
		put_text(&j, "rule", first_by(c, rule));
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
	struct ledger_unit *own = NULL;

	if (s.len == 0)
		return;
	if (u == NULL)
		own = record_begin(d);
	put_row(d, u != NULL ? u : own, c, DECISION_ENQUEUED, s);
	decision_place_told(c);
	if (own != NULL)
		record_commit(d, &own);
}

/* ------------------------------------------------------------------- offers */

/* What the queue's strategy looked at, as a figure of its own unit. */
static int64_t
looked_at(const struct queue *q, const struct agent *a)
{
	const struct agent_figures *f = &a->figures;

	switch (q->rules.strategy) {
	case STRATEGY_LONGEST_IDLE:
	case STRATEGY_RING_ALL:
		return a->ready_since;
	case STRATEGY_ROUND_ROBIN:
		for (unsigned i = 0; i < f->n; i++)
			if (f->queues[i].queue == q->id)
				return f->queues[i].offered_before;
		return 0;
	case STRATEGY_FEWEST_CALLS:
		return (int64_t)f->calls;
	case STRATEGY_LEAST_TALK:
		return f->talk_us;
	case STRATEGY_TOP_DOWN:
		return a->rank;
	default:
		return 0; /* nothing that people can compare */
	}
}

struct str
decision_offer(const struct offer *o, char *out)
{
	const struct desk *d = o->call->sw->desk;
	const struct acd_line *line = o->call->stand.line;
	const struct queue *own = o->call->queue, *q = NULL;
	struct json j = json_begin(out);
	int64_t figure;

	if (line != NULL && line->agent == 0)
		q = strategy_queue(d, line, o->agent);
	if (q == NULL) {
		put_text(&j, "st", STR_LIT("direct"));
		return json_end(&j);
	}
	put_text(&j, "st", str_of(strategy_word(q->rules.strategy)));
	if ((figure = looked_at(q, o->agent)) != 0)
		put_number(&j, "sc", figure);
	/* The agent is not among the ready any more, and was. */
	put_number(&j, "r", q->room.ready + 1);
	put_number(&j, "l", q->room.staff);
	if (q != own)
		put_number(&j, "via", q->id);
	return json_end(&j);
}

/* ---------------------------------------------------- a line that changes */

static struct str
relaxed_by(const struct desk *d, const struct call *c, char out[RULE_ROOM])
{
	unsigned n = line_steps(d, c);
	const struct relax *r;
	char after[CONF_VALUE_LEN], level[16] = "";

	if (n == 0)
		return (struct str){ NULL, 0 };
	r = &c->queue->rules.relax[n - 1];
	if (r->kind != RELAX_QUEUE)
		snprintf(level, sizeof(level), " %u", r->n);
	snprintf(out, RULE_ROOM, "relax %s %s%s%.*s%s",
	    conf_show_duration(r->after_us, after), relax_word(r->kind),
	    r->name.len > 0 ? " " : "", STR_ARG(r->name), level);
	return str_of(out);
}

void
decision_stands(
    struct desk *d, struct call *c, const struct acd_line *was, bool forgive)
{
	const struct acd_line *is = c->stand.line;
	struct decision what = { .kind = DECISION_RELAXED, .in_line = true };
	char rule[RULE_ROOM];

	/* Whoever has moved it tells; one agent's line is of no queue. */
	if (d->deciding ||
	    (was->queue != is->queue && was->agent == 0 && is->agent == 0))
		return;
	if (forgive)
		what.kind = DECISION_FORGIVEN;
	else if (is->agent != 0 && is->agent != was->agent)
		what.kind = DECISION_FIRST;
	else if (is->agent == 0 && was->agent != 0)
		what.kind = DECISION_EVERYBODY;
	/* Both in their normal form, which is made for this. */
	else if (memcmp(is, was, sizeof(*is)) == 0) /* NOLINT */
		what.kind = DECISION_REORDERED;
	if (what.kind == DECISION_RELAXED)
		what.rule = relaxed_by(d, c, rule);
	if (what.kind == DECISION_FIRST && c->direct == 0)
		what.rule = first_by(c, rule);
	decision_put(d, NULL, c, &what);
}

/* ------------------------------------------------------------------ gates */

/* The line of the queue's rules, as far as the cause tells which. */
static struct str
gate_rule(const struct queue *q, enum cause cause, char out[RULE_ROOM])
{
	const struct route_rules *r = &q->rules;
	char time[CONF_VALUE_LEN];

	if (cause == CAUSE_TIMED_OUT)
		snprintf(out, RULE_ROOM, "max_wait %s",
		    conf_show_duration(r->max_wait_us, time));
	else if (cause == CAUSE_OVERFLOW)
		snprintf(out, RULE_ROOM, "overflow");
	else if (q->room.door != QUEUE_OPEN)
		snprintf(
		    out, RULE_ROOM, "door %s", word_queue_door(q->room.door));
	else if (r->full != 0 && q->room.calls.n >= r->full)
		snprintf(out, RULE_ROOM, "full %u", r->full);
	else
		snprintf(out, RULE_ROOM, "hours %.*s", STR_ARG(r->hours));
	return str_of(out);
}

void
decision_gate(struct desk *d, struct call *c, const struct queue *from,
    enum cause cause, bool back)
{
	char rule[RULE_ROOM];
	const struct decision what = {
		.kind = c->queue != from ? DECISION_OVERFLOWED
		        : back           ? DECISION_CALLBACK
		                         : DECISION_REFUSED,
		.rule = gate_rule(from, cause, rule),
		.from = from,
		.in_line = c->queue != from,
	};

	decision_put(d, NULL, c, &what);
}
