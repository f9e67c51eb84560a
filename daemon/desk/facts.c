/*
 * facts.c - see facts.h.
 */
#include "desk/state.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"

#define REPEAT_US (INT64_C(24) * 3600 * 1000000)

enum {
	GRADE,
	ACCOUNT_MANAGER,
	OWNER,
	OWNER_TICKET,
	LAST_AGENT,
	LAST_AGENT_AT,
	BREACHED,
	LAST_CALL_AT,
	GONE_QUEUE,
	GONE_QUEUED_AT,
	GONE_ENDED_AT,
	NCOLUMNS
};

static bool
needs(const struct route_rules *r)
{
	int64_t sum = r->breached_us | r->repeat_us | r->return_us;

	for (unsigned i = 0; i < NFIRSTS; i++)
		sum |= r->first_us[i];
	for (unsigned i = 0; i < RULES_GRADES; i++)
		sum |= r->grade_us[i];
	return sum != 0;
}

void
facts_rules_changed(struct desk *d)
{
	d->facts_needed = false;
	for (struct queue *q = d->queues; q != NULL; q = q->hh.next)
		d->facts_needed |= !q->retired && needs(&q->rules);
}

bool
facts_are_pending(const struct call *c)
{
	return c->stand.facts != NULL && c->stand.facts->pending;
}

const struct facts *
facts_of(const struct call *c)
{
	return facts_are_pending(c) ? NULL : c->stand.facts;
}

bool
facts_repeat(const struct call *c)
{
	const struct facts *f = facts_of(c);

	return f != NULL && f->last_call_at != 0 &&
	       c->enqueued_at - f->last_call_at <= REPEAT_US;
}

uint32_t
facts_first(const struct call *c, enum first_kind k)
{
	const struct route_rules *r = &c->queue->rules;
	const struct facts *f = facts_of(c);

	if (f == NULL || r->first_us[k] == 0)
		return 0;
	if (k == FIRST_LAST_AGENT &&
	    c->enqueued_at - f->last_agent_at > r->last_agent_within_us)
		return 0;
	return f->first[k];
}

struct asking {
	struct desk *desk;
	struct id call;
};

static void
read_facts(struct facts *f, const struct str *cell)
{
	*f = (struct facts){
		.owner_ticket = (uint64_t)ledger_number(cell[OWNER_TICKET]),
		.first = {
			[FIRST_OWNER] = (uint32_t)ledger_number(cell[OWNER]),
			[FIRST_LAST_AGENT] =
			    (uint32_t)ledger_number(cell[LAST_AGENT]),
			[FIRST_ACCOUNT_MANAGER] =
			    (uint32_t)ledger_number(cell[ACCOUNT_MANAGER]),
		},
		.last_agent_at = ledger_number(cell[LAST_AGENT_AT]),
		.breached = cell[BREACHED].len > 0 && cell[BREACHED].p[0] == 't',
		.last_call_at = ledger_number(cell[LAST_CALL_AT]),
		.abandoned = {
			.queue = (uint32_t)ledger_number(cell[GONE_QUEUE]),
			.queued_at = ledger_number(cell[GONE_QUEUED_AT]),
			.ended_at = ledger_number(cell[GONE_ENDED_AT]),
		},
	};
	if (cell[GRADE].len == 1 && cell[GRADE].p[0] >= 'A' &&
	    cell[GRADE].p[0] < 'A' + RULES_GRADES)
		f->grade = cell[GRADE].p[0];
}

static void
facts_done(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct asking *k = arg;
	struct desk *d = k->desk;
	struct call *c = call_find(d, &k->call);

	d->lookups_pending--;
	free(k);
	if (c == NULL)
		return;
	c->stand.facts->pending = false;
	if (e == ERR_OK && rows->n > 0 && rows->n_columns >= NCOLUMNS)
		read_facts(c->stand.facts, rows->cells);
	c->stand.held_until = 0;
	if (!call_is_open(c))
		return;
	(void)returns_give(d, c);
	line_due(d, c);
	wait_begin(d, c);
}

void
facts_ask(struct desk *d, struct call *c)
{
	char call[ID_TEXT_LEN + 1], now[24];
	struct str caller = str_of(c->caller);
	const struct str args[] = {
		str_of(c->e164),
		caller,
		str_of(id_text(&c->id, call)),
		{ now, (uint32_t)snprintf(
			   now, sizeof(now), "%lld", (long long)d->now) },
	};
	struct asking *k;

	if (!d->facts_needed || c->stand.facts != NULL ||
	    c->relation != RELATION_NONE ||
	    (args[0].len == 0 && text_is_withheld(caller)))
		return;
	k = malloc(sizeof(*k));
	c->stand.facts = calloc(1, sizeof(*c->stand.facts));
	desk_must(k != NULL && c->stand.facts != NULL ? ERR_OK : ERR_NOMEM);
	*k = (struct asking){ d, c->id };
	if (d->ledger->ops->query(d->ledger, LQ_CALLER_FACTS, NELEM(args), args,
		facts_done, k) != ERR_OK) {
		free(k); /* away: the call goes on without */
		return;
	}
	c->stand.facts->pending = true;
	d->lookups_pending++;
}
