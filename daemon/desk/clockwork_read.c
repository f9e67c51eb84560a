/*
 * clockwork_read.c - rows of the ledger as histories and stored clocks.
 */
#include <inttypes.h>
#include <stdio.h>

#include "desk/clockwork_state.h"
#include "desk/ticket_state.h"

enum {
	H_TICKET,
	H_EVAL,
	H_SEQ,
	H_AT,
	H_KIND,
	H_FOR_CUSTOMER,
	H_STATUS,
	H_OWNER,
	H_QUEUE,
	H_TICKET_KIND,
	H_CATEGORY,
	H_PRIORITY,
	H_UNTIL,
	H_REVISION,
	H_CONTACT_AT,
	H_CHANNEL,
	H_EVALUATED_AT
};
enum {
	C_TICKET,
	C_METRIC,
	C_AGREEMENT,
	C_HOLDER,
	C_CYCLE,
	C_GENERATION,
	C_REVISION,
	C_POLICY,
	C_CALENDAR,
	C_STAGE,
	C_OUTCOME,
	C_STARTED_AT,
	C_STOPPED_AT,
	C_GOAL,
	C_DUE_AT,
	C_BREACHED_AT
};
enum {
	E_TICKET,
	E_METRIC,
	E_AGREEMENT,
	E_HOLDER,
	E_CYCLE,
	E_GENERATION,
	E_KIND,
	E_PERCENT
};

struct str
read_ids(struct arena *a, const uint64_t *ids, unsigned n)
{
	size_t room = (size_t)n * 21 + 3, at = 1;
	char *out = arena_alloc(a, room);

	if (out == NULL)
		return (struct str){ NULL, 0 };
	out[0] = '{';
	for (unsigned i = 0; i < n; i++)
		at += (size_t)snprintf(out + at, room - at, "%s%" PRIu64,
		    i > 0 ? "," : "", ids[i]);
	out[at++] = '}';
	return (struct str){ out, (uint32_t)at };
}

uint64_t
read_ticket(const struct ledger_rows *rows, unsigned i)
{
	return (uint64_t)ledger_number(rows->cells[i * rows->n_columns]);
}

/* How many rows from i on are of one ticket. */
static unsigned
run_of(const struct ledger_rows *rows, unsigned i)
{
	uint64_t ticket = read_ticket(rows, i);
	unsigned n = 1;

	while (i + n < rows->n && read_ticket(rows, i + n) == ticket)
		n++;
	return n;
}

static bool
keep(struct arena *a, struct str cell, struct str *out)
{
	*out = arena_copy(a, cell);
	return cell.len == 0 || out->p != NULL;
}

/* ---- history */

static bool
keep_attributes(
    struct arena *a, const struct str *cell, struct sla_attributes *to)
{
	struct str kind = cell[H_TICKET_KIND];

	if (kind.len > 0)
		to->value[ATTR_COMPLAINT] = str_eq(kind, STR_LIT("complaint"))
		                                ? STR_LIT("yes")
		                                : STR_LIT("no");
	return keep(a, kind, &to->value[ATTR_KIND]) &&
	       keep(a, cell[H_CATEGORY], &to->value[ATTR_CATEGORY]) &&
	       keep(a, cell[H_QUEUE], &to->value[ATTR_QUEUE]) &&
	       keep(a, cell[H_PRIORITY], &to->value[ATTR_PRIORITY]);
}

static void
preset(struct sla_attributes *to, enum sla_attribute which, struct str value)
{
	if (to->value[which].p == NULL)
		to->value[which] = value;
}

/* The contact began when the switch offered it; what the row does not say is
 * as it always was. */
static bool
opens(struct arena *a, const struct str *cell, struct sla_fact *f)
{
	int64_t contact_at = ledger_number(cell[H_CONTACT_AT]);

	if (contact_at != 0)
		f->at = earlier(f->at, contact_at);
	preset(&f->set, ATTR_KIND, STR_LIT("consultation"));
	preset(&f->set, ATTR_PRIORITY, STR_LIT("3"));
	preset(&f->set, ATTR_COMPLAINT, STR_LIT("no"));
	return keep(a, cell[H_CHANNEL], &f->set.value[ATTR_CHANNEL]);
}

static bool
fact_of(struct arena *a, const struct str *cell, struct sla_fact *f)
{
	struct ticket_fact what = ticket_fact_of(cell[H_KIND], cell[H_STATUS],
	    str_eq(cell[H_FOR_CUSTOMER], STR_LIT("t")));

	*f = (struct sla_fact){
		.at = ledger_number(cell[H_AT]),
		.seq = (uint32_t)ledger_number(cell[H_SEQ]),
		.kind = what.fact,
		.sets_owner = cell[H_OWNER].p != NULL,
		.owner = (uint32_t)ledger_number(cell[H_OWNER]),
		.wait = what.wait,
		.until = ledger_number(cell[H_UNTIL]),
		.revision = (uint32_t)ledger_number(cell[H_REVISION]),
		.retroactive = what.retroactive,
	};
	if (!keep_attributes(a, cell, &f->set))
		return false;
	return f->kind != FACT_RECEIVED || opens(a, cell, f);
}

enum err
read_history(const struct ledger_rows *rows, unsigned *i, struct arena *a,
    struct ticket_read *out)
{
	const struct str *cell = &rows->cells[*i * rows->n_columns];
	unsigned n = run_of(rows, *i);
	struct sla_fact *facts = arena_alloc(a, n * sizeof(*facts));

	if (facts == NULL)
		return ERR_NOMEM;
	*out = (struct ticket_read){
		.history = { read_ticket(rows, *i), n, facts },
		.eval = (uint32_t)ledger_number(cell[H_EVAL]),
		.evaluated_at = ledger_number(cell[H_EVALUATED_AT]),
	};
	for (unsigned k = 0; k < n; k++, cell += rows->n_columns) {
		if (!fact_of(a, cell, &facts[k]))
			return ERR_NOMEM;
		if (facts[k].seq > out->as_of)
			out->as_of = facts[k].seq;
	}
	*i += n;
	return ERR_OK;
}

/* ---- what is stored */

static enum sla_stage
stage_of(struct str word)
{
	unsigned s = 0;

	while (s < STAGE_CANCELLED &&
	       !str_eq(word, str_of(sla_stage_word((enum sla_stage)s))))
		s++;
	return (enum sla_stage)s;
}

static enum sla_outcome
outcome_of(struct str word)
{
	unsigned o = OUTCOME_EXCLUDED;

	while (o > OUTCOME_NONE &&
	       !str_eq(word, str_of(sla_outcome_word((enum sla_outcome)o))))
		o--;
	return (enum sla_outcome)o;
}

/* The cells of a key follow each other. */
static bool
keep_key(struct arena *a, const struct str *cell, struct clock_key *out)
{
	int metric = sla_metric_of(cell[0]);
	int agreement = sla_agreement_of(cell[1]);

	if (metric < 0 || agreement < 0)
		return false;
	out->metric = (enum sla_metric)metric;
	out->agreement = (enum sla_agreement)agreement;
	out->cycle = (uint32_t)ledger_number(cell[3]);
	return keep(a, cell[2], &out->holder);
}

enum err
read_clocks(const struct ledger_rows *rows, unsigned *i, struct arena *a,
    struct ticket_read *t)
{
	const struct str *cell = &rows->cells[*i * rows->n_columns];
	struct stored_clock *c;

	t->n_clocks = run_of(rows, *i);
	*i += t->n_clocks;
	t->clocks = c = arena_alloc(a, t->n_clocks * sizeof(*c));
	if (c == NULL)
		return ERR_NOMEM;
	for (; c < t->clocks + t->n_clocks; c++, cell += rows->n_columns) {
		c->generation = (uint32_t)ledger_number(cell[C_GENERATION]);
		c->revision = (uint32_t)ledger_number(cell[C_REVISION]);
		c->stage = stage_of(cell[C_STAGE]);
		c->outcome = outcome_of(cell[C_OUTCOME]);
		c->started_at = ledger_number(cell[C_STARTED_AT]);
		c->stopped_at = ledger_number(cell[C_STOPPED_AT]);
		c->goal_us = ledger_number(cell[C_GOAL]);
		c->due_at = ledger_number(cell[C_DUE_AT]);
		c->breached_at = ledger_number(cell[C_BREACHED_AT]);
		if (!keep_key(a, &cell[C_METRIC], &c->key) ||
		    !keep(a, cell[C_POLICY], &c->policy) ||
		    !keep(a, cell[C_CALENDAR], &c->calendar))
			return ERR_NOMEM;
	}
	return ERR_OK;
}

enum err
read_events(const struct ledger_rows *rows, unsigned *i, struct arena *a,
    struct ticket_read *t)
{
	const struct str *cell = &rows->cells[*i * rows->n_columns];
	struct stored_event *e;

	t->n_events = run_of(rows, *i);
	*i += t->n_events;
	t->events = e = arena_alloc(a, t->n_events * sizeof(*e));
	if (e == NULL)
		return ERR_NOMEM;
	for (; e < t->events + t->n_events; e++, cell += rows->n_columns) {
		struct str kind = cell[E_KIND];

		e->percent = (unsigned)ledger_number(cell[E_PERCENT]);
		e->retracted = str_eq(kind, STR_LIT("threshold_retracted")) ||
		               str_eq(kind, STR_LIT("breach_retracted"));
		if (!keep_key(a, &cell[E_METRIC], &e->key))
			return ERR_NOMEM;
	}
	return ERR_OK;
}
