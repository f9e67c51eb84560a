/*
 * handler_why.c - Show: why a call went where it went, and why it did not go
 * to somebody: one call's head, its decisions, an agent's stretches beside its
 * wait, an agent's states.  All from the ledger, which works it out (sql/0006).
 *
 * The cursor is how many rows were sent.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/cells.h"
#include "net/list.h"

#define COLUMNS_MAX 24

/* clang-format off */
static const struct column call_columns[] = {
	{ "call",      CELL_TEXT,   "Our id, 32 digits." },
	{ "switch",    CELL_TEXT,   "Where it lives, or lived." },
	{ "name",      CELL_TEXT,   "The switch's name for it." },
	{ "state",     CELL_TEXT,   "How it stands; ended." },
	{ "queue",     CELL_TEXT,   "Its queue, the last one." },
	{ "agent",     CELL_TEXT,   "Who has it, or had it last." },
	{ "caller",    CELL_TEXT,   "The caller's number, as it came." },
	{ "priority",  CELL_NUMBER, "The class that the switch gave it." },
	{ "offered_at", CELL_TIME,  "When it reached the switch." },
	{ "queued_at", CELL_TIME,   "When it entered the queue." },
	{ "delivered_at", CELL_TIME, "When a phone first rang for it." },
	{ "established_at", CELL_TIME, "When somebody first talked to it." },
	{ "ended_at",  CELL_TIME,   "When it was over." },
	{ "cause",     CELL_TEXT,   "Why it was over." },
	{ "party",     CELL_TEXT,   "Who ended it." },
};
static const struct column decision_columns[] = {
	{ "at",        CELL_TIME,   "When it was decided." },
	{ "kind",      CELL_TEXT,   "enqueued, offered, relaxed, first, everybody, moved, overflowed ..." },
	{ "queue",     CELL_TEXT,   "Where it waits from then on." },
	{ "from_queue", CELL_TEXT,  "Where it waited before." },
	{ "agent",     CELL_TEXT,   "Who was offered it, or for whom alone it waits." },
	{ "skills",    CELL_TEXT,   "The least that is asked for." },
	{ "tier",      CELL_NUMBER, "Agents of tiers up to this; none: of all." },
	{ "neighbours", CELL_TEXT,  "Queues whose agents may take it, too." },
	{ "terms",     CELL_TEXT,   "Credit in microseconds: what it is put before others for." },
	{ "strategy",  CELL_TEXT,   "By which the agent was the first of the ready." },
	{ "score",     CELL_NUMBER, "The agent's by that; the lowest is first." },
	{ "via",       CELL_TEXT,   "The agent's queue, where it is not the call's own." },
	{ "ready",     CELL_NUMBER, "Agents of that queue who were ready then." },
	{ "staff",     CELL_NUMBER, "Agents of that queue who were at work then." },
	{ "rule",      CELL_TEXT,   "The line of the queue's rules that said so." },
	{ "actor",     CELL_TEXT,   "Who asked for it." },
	{ "ended_at",  CELL_TIME,   "When the offer was over." },
	{ "reason",    CELL_TEXT,   "How the offer ended." },
	{ "version",   CELL_NUMBER, "Rises with each decision about the call." },
};
static const struct column why_not_columns[] = {
	{ "from_at", CELL_TIME,   "From when on." },
	{ "to_at",   CELL_TIME,   "Until when." },
	{ "rule",    CELL_TEXT,   "The first that kept the agent from the call." },
	{ "what",    CELL_TEXT,   "The reason, queue, skill, phone or strategy that it is about." },
	{ "who",     CELL_TEXT,   "The agent who came first, or the phone's switch." },
	{ "has",     CELL_NUMBER, "The agent's level, tier or score." },
	{ "needs",   CELL_NUMBER, "The one asked for, or the one that won." },
};
static const struct column state_columns[] = {
	{ "since",   CELL_TIME,   "From when on." },
	{ "state",   CELL_TEXT,   "null (logged off), not_ready, ready, reserved, busy or working_after_call." },
	{ "reason",  CELL_TEXT,   "Why not ready." },
	{ "call",    CELL_TEXT,   "The call that it was about." },
	{ "device",  CELL_TEXT,   "The phone." },
	{ "source",  CELL_TEXT,   "agent, supervisor, timer, connection or system." },
	{ "seq",     CELL_NUMBER, "Orders what happened at once." },
};
/* clang-format on */

/* A list whose columns are the query's cells, one for one. */
struct plain_ask {
	struct list_ask list;
	uint64_t sent;
	const struct column *columns;
	unsigned n;
};

static void
plain_read(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct plain_ask *a = arg;
	struct session *s = list_answered(&a->list, e, rows, a->n);
	struct cell cells[COLUMNS_MAX];
	struct page page;
	char text[24];
	unsigned i;

	if (s != NULL) {
		page_begin(&page, s, a->columns, a->n, 0);
		for (i = 0; i < rows->n; i++) {
			const struct str *c =
			    rows->cells + (size_t)i * rows->n_columns;

			for (unsigned k = 0; k < a->n; k++)
				cells[k] = (struct cell){
					.null = c[k].p == NULL,
					.text = c[k],
					.number = cell_number(c[k]),
				};
			if (!page_add(&page, cells))
				break;
		}
		a->sent += i;
		if (i == rows->n && rows->n < a->list.limit)
			a->sent = 0;
		page_send(
		    &page, s, &a->list.ask.op, list_cursor(a->sent, text));
	}
	free(a);
}

static unsigned
limit_of(const struct request *r)
{
	return r->limit == 0 || r->limit > LIST_ROWS_MAX ? LIST_ROWS_MAX
	                                                 : r->limit;
}

static enum err
plain_ask(struct request *r, enum ledger_query q, unsigned n_args,
    const struct str *args, const struct column *columns, unsigned n)
{
	struct ledger *l = r->s->net->env.ledger;
	struct plain_ask *a = ask_new(r->s, &r->op, sizeof(*a));

	if (a == NULL)
		return ERR_BUSY;
	a->list.limit = limit_of(r);
	a->sent = r->cursor;
	a->columns = columns;
	a->n = n;
	if (l->ops->query(l, q, n_args, args, plain_read, a) == ERR_OK)
		return ERR_OK;
	ask_end(&a->list.ask);
	free(a);
	return fault(&r->s->net->fault, ERR_IO, "ledger", NULL);
}

/* ERR_BAD_FIELD: another key than these. */
static enum err
only(struct request *r, const char *wanted, const char *a, const char *b,
    const char *c)
{
	for (unsigned i = 0; i < r->n_where; i++) {
		struct str key = r->where[i].key;

		if (!str_eq(key, str_of(a)) && !str_eq(key, str_of(b)) &&
		    !str_eq(key, str_of(c)))
			return fault(&r->s->net->fault, ERR_BAD_FIELD, "where",
			    wanted, NULL);
	}
	return ERR_OK;
}

/* where call= (its id, or the switch's name for it) or agent= (whose last). */
enum err
show_why_call(struct request *r)
{
	const struct str args[] = { list_where(r, "call"),
		list_where(r, "agent") };
	enum err e = only(r, "call or agent", "call", "agent", "agent");

	if (e == ERR_OK && (args[0].len > 0) == (args[1].len > 0))
		e = fault(&r->s->net->fault, ERR_BAD_FIELD, "where",
		    "call or agent", NULL);
	return e != ERR_OK ? e
	                   : plain_ask(r, LQ_WHY_CALL, NELEM(args), args,
				 call_columns, NELEM(call_columns));
}

static enum err
take_call(struct request *r, struct str *out)
{
	struct id id;

	*out = list_where(r, "call");
	if (!id_parse(*out, &id))
		return fault(&r->s->net->fault, ERR_BAD_FIELD, "call",
		    "32 digits, as in the list of calls", NULL);
	return ERR_OK;
}

/* where call=ID. */
enum err
show_decisions(struct request *r)
{
	char offset[24], rows[16];
	struct str call;
	enum err e = only(r, "call", "call", "call", "call");

	if (e != ERR_OK || (e = take_call(r, &call)) != ERR_OK)
		return e;
	snprintf(offset, sizeof(offset), "%" PRIu64, r->cursor);
	snprintf(rows, sizeof(rows), "%u", limit_of(r));
	const struct str args[] = { call, str_of(offset), str_of(rows) };
	return plain_ask(r, LQ_DECISIONS, NELEM(args), args, decision_columns,
	    NELEM(decision_columns));
}

static enum err
take_agent(struct request *r, struct str *out)
{
	char name[NAME_LEN + 1];
	uint32_t id;

	*out = list_where(r, "agent");
	if (r->s->net->desk == NULL)
		return fault(&r->s->net->fault, ERR_IO, "desk", NULL);
	if (out->len > 0 &&
	    desk_agent_find(r->s->net->desk, *out, &id) == ERR_OK)
		return ERR_OK;
	snprintf(name, sizeof(name), "%.*s", STR_ARG(*out));
	return fault(&r->s->net->fault, ERR_NOT_FOUND, "agent", name, NULL);
}

/* where call=ID, agent=NAME. */
enum err
show_why_not(struct request *r)
{
	char now[24], offset[24], rows[16];
	struct str call, agent;
	enum err e = only(r, "call and agent", "call", "agent", "agent");

	if (e != ERR_OK || (e = take_call(r, &call)) != ERR_OK ||
	    (e = take_agent(r, &agent)) != ERR_OK)
		return e;
	snprintf(now, sizeof(now), "%" PRId64, net_now(r->s->net));
	snprintf(offset, sizeof(offset), "%" PRIu64, r->cursor);
	snprintf(rows, sizeof(rows), "%u", limit_of(r));
	const struct str args[] = { call, agent, str_of(now), str_of(offset),
		str_of(rows) };
	return plain_ask(r, LQ_WHY_NOT, NELEM(args), args, why_not_columns,
	    NELEM(why_not_columns));
}

static bool
is_time(struct str s)
{
	return s.len <= 17 && strspn(s.p, "0123456789") >= s.len;
}

/* where agent=NAME, from=, to=: microseconds; without: all there is. */
enum err
show_agent_states(struct request *r)
{
	struct str from = list_where(r, "from"), to = list_where(r, "to");
	char offset[24], rows[16];
	struct str agent;
	enum err e = only(r, "agent, from or to", "agent", "from", "to");

	if (e != ERR_OK || (e = take_agent(r, &agent)) != ERR_OK)
		return e;
	if (!is_time(from) || !is_time(to))
		return fault(&r->s->net->fault, ERR_BAD_FIELD, "where",
		    "from and to are microseconds", NULL);
	snprintf(offset, sizeof(offset), "%" PRIu64, r->cursor);
	snprintf(rows, sizeof(rows), "%u", limit_of(r));
	const struct str args[] = { agent, from.len > 0 ? from : STR_LIT("0"),
		to.len > 0 ? to : STR_LIT("4102444800000000"), str_of(offset),
		str_of(rows) };
	return plain_ask(r, LQ_AGENT_STATES, NELEM(args), args, state_columns,
	    NELEM(state_columns));
}
