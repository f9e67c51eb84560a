/*
 * handler_clocks.c - Show: what stands behind a deadline, clocks by when they
 * are due, revisions of the policies and how they make their way.
 *
 * why, policies and shares are computed anew from the ticket's history each
 * time they are asked for; `why' ends with what is recorded, to be compared.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "net/cells.h"
#include "net/list.h"

#define VALUES_LEN 512
#define KEY_LEN 192

/* ------------------------------------------------ one ticket's, computed */

struct ticket_ask;
typedef void print_fn(struct ticket_ask *, const struct clock_answer *);

/* A clock's due, as the ledger has it. */
struct recorded {
	char key[KEY_LEN];
	int64_t due_at;
};

struct ticket_ask {
	struct ask ask;
	uint64_t number, serial;
	const struct column *columns;
	unsigned n_columns, limit;
	print_fn *print;
	struct recorded *recorded;
	unsigned n_recorded;
	/* The page: rows before the cursor are on an earlier one. */
	struct page page;
	uint64_t cursor, row, next;
};

static void
ask_free(struct ticket_ask *a)
{
	free(a->recorded);
	free(a);
}

static void
add_row(struct ticket_ask *a, const struct cell *cells)
{
	if (a->row++ >= a->cursor && a->next == 0 && !page_add(&a->page, cells))
		a->next = a->row - 1;
}

static void
evaluated(void *arg, enum err e, const struct clock_answer *answer)
{
	struct ticket_ask *a = arg;
	struct session *s = ask_end(&a->ask);
	char text[24];

	if (s != NULL && e == ERR_OK) {
		arena_reset(s->net->scratch);
		page_begin(&a->page, s, a->columns, a->n_columns, a->limit);
		a->print(a, answer);
		page_send(&a->page, s, &a->ask.op, list_cursor(a->next, text));
	} else if (s != NULL && e == ERR_NOT_FOUND) {
		snprintf(text, sizeof(text), "%" PRIu64, a->number);
		session_fail(s, &a->ask.op,
		    fault(&s->net->fault, e, "ticket", text, NULL));
	} else if (s != NULL) {
		session_fail(s, &a->ask.op,
		    fault(&s->net->fault, ERR_IO, "clocks", NULL));
	}
	ask_free(a);
}

/* where ticket=NUMBER, and nothing else. */
static enum err
read_ticket(struct request *r, uint64_t *number, uint64_t *serial)
{
	struct str value = list_where(r, "ticket");

	if (r->n_where != 1 || value.len == 0 || value.len > 18 ||
	    strspn(value.p, "0123456789") < value.len)
		return fault(&r->s->net->fault, ERR_BAD_FIELD, "where",
		    "ticket=NUMBER", NULL);
	*number = (uint64_t)cell_number(value);
	if (desk_ticket_serial(*number, serial) != ERR_OK)
		return ticket_misheard(r->s, *number);
	return ERR_OK;
}

static enum err
ticket_ask_new(struct request *r, const struct column *columns,
    unsigned n_columns, print_fn *print, struct ticket_ask **out)
{
	struct ticket_ask *a;
	uint64_t number = 0, serial = 0;
	enum err e = read_ticket(r, &number, &serial);

	if (e != ERR_OK)
		return e;
	if ((a = ask_new(r->s, &r->op, sizeof(*a))) == NULL)
		return ERR_BUSY;
	a->number = number;
	a->serial = serial;
	a->columns = columns;
	a->n_columns = n_columns;
	a->limit = r->limit;
	a->cursor = r->cursor;
	a->print = print;
	*out = a;
	return ERR_OK;
}

static enum err
show_computed(struct request *r, const struct column *columns,
    unsigned n_columns, print_fn *print)
{
	struct ticket_ask *a;
	enum err e = ticket_ask_new(r, columns, n_columns, print, &a);

	if (e != ERR_OK)
		return e;
	if (clocks_ask(r->s->net, a->serial, false, evaluated, a) == ERR_OK)
		return ERR_OK;
	ask_end(&a->ask);
	ask_free(a);
	return fault(&r->s->net->fault, ERR_IO, "clocks", NULL);
}

/* -------------------------------------------------------------------- why */

/* clang-format off */
static const struct column why_columns[] = {
	{ "metric",    CELL_TEXT, "What is promised." },
	{ "agreement", CELL_TEXT, "sla: the customer's; ola: a queue's; uc: a supplier's." },
	{ "holder",    CELL_TEXT, "Of an ola or uc: whose." },
	{ "cycle",     CELL_NUMBER, "The clock's how manieth, from 1." },
	{ "from",      CELL_TIME, "Where the stretch begins; of `due': the clock." },
	{ "to",        CELL_TIME, "Where it ends." },
	{ "what",      CELL_TEXT, "counted, closed, waiting, changed; due: the outcome, last." },
	{ "cause",     CELL_TEXT, "What it waits for; of `due': how the clock stands." },
	{ "counted",   CELL_DURATION, "What counts of the stretch." },
	{ "sum",       CELL_DURATION, "What has counted up to its end." },
	{ "goal",      CELL_DURATION, "What is promised then." },
	{ "policy",    CELL_TEXT, "Whose target it is." },
	{ "revision",  CELL_NUMBER, "Of the policies." },
	{ "calendar",  CELL_TEXT, "By which it counts; none: it never closes." },
	{ "due",       CELL_TIME, "The deadline, computed now." },
	{ "recorded",  CELL_TIME, "The deadline that the ledger has." },
};
/* clang-format on */

static void
clock_key(char out[KEY_LEN], struct str metric, struct str agreement,
    struct str holder, uint32_t cycle)
{
	snprintf(out, KEY_LEN, "%.*s|%.*s|%.*s|%" PRIu32, STR_ARG(metric),
	    STR_ARG(agreement), STR_ARG(holder), cycle);
}

static const struct recorded *
recorded_of(const struct ticket_ask *a, const struct sla_clock *c)
{
	char key[KEY_LEN];

	clock_key(key, str_of(sla_metric_word(c->metric)),
	    str_of(sla_agreement_word(c->agreement)), c->holder, c->cycle);
	for (unsigned i = 0; i < a->n_recorded; i++)
		if (strcmp(a->recorded[i].key, key) == 0)
			return &a->recorded[i];
	return NULL;
}

static struct str
policy_name(const struct sla_policy *p)
{
	return p != NULL ? p->name : (struct str){ NULL, 0 };
}

static void
add_span(
    struct ticket_ask *a, const struct sla_clock *c, const struct sla_span *s)
{
	char waits[80];
	const struct cell cells[NELEM(why_columns)] = {
		word_cell(sla_metric_word(c->metric)),
		word_cell(sla_agreement_word(c->agreement)),
		text_cell(c->holder),
		number_cell(c->cycle),
		time_cell(s->from),
		time_cell(s->to),
		word_cell(sla_span_word(s->kind)),
		text_cell(clocks_waits(s->waits, waits)),
		number_cell(s->kind == SPAN_COUNTED ? s->to - s->from : 0),
		number_cell(s->elapsed_us),
		number_cell(s->goal_us),
		text_cell(policy_name(s->policy)),
		number_cell(s->revision),
		text_cell(s->calendar),
		time_cell(0),
		time_cell(0),
	};

	add_row(a, cells);
}

static void
add_due(struct ticket_ask *a, const struct sla_clock *c)
{
	const struct recorded *there = recorded_of(a, c);
	const char *outcome = sla_outcome_word(c->outcome);
	const struct cell cells[NELEM(why_columns)] = {
		word_cell(sla_metric_word(c->metric)),
		word_cell(sla_agreement_word(c->agreement)),
		text_cell(c->holder),
		number_cell(c->cycle),
		time_cell(c->started_at),
		time_cell(c->stopped_at),
		word_cell("due"),
		word_cell(outcome != NULL ? outcome : sla_stage_word(c->stage)),
		number_cell(c->elapsed_us),
		number_cell(c->elapsed_us),
		number_cell(c->goal_us),
		text_cell(policy_name(c->policy)),
		number_cell(c->revision),
		text_cell(c->calendar),
		time_cell(c->due_at),
		/* Recorded as having none is not the same as not recorded. */
		{ .null = there == NULL,
		    .number = there != NULL ? there->due_at : 0 },
	};

	add_row(a, cells);
}

static void
print_why(struct ticket_ask *a, const struct clock_answer *w)
{
	const struct sla_result *r = w->result;

	for (unsigned c = 0; c < r->n_clocks; c++) {
		for (unsigned i = 0; i < r->n_spans; i++)
			if (r->spans[i].clock == c)
				add_span(a, &r->clocks[c], &r->spans[i]);
		add_due(a, &r->clocks[c]);
	}
}

/* LQ_SLA_CLOCKS */
enum {
	R_TICKET,
	R_METRIC,
	R_AGREEMENT,
	R_HOLDER,
	R_CYCLE,
	R_GENERATION,
	R_REVISION,
	R_POLICY,
	R_CALENDAR,
	R_STAGE,
	R_OUTCOME,
	R_STARTED,
	R_STOPPED,
	R_GOAL,
	R_DUE,
	R_NCOLS
};

static void
recorded_read(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct ticket_ask *a = arg;

	if (e == ERR_OK && rows->n_columns >= R_NCOLS)
		a->recorded = calloc(rows->n + 1, sizeof(*a->recorded));
	for (unsigned i = 0; a->recorded != NULL && i < rows->n; i++) {
		const struct str *c = rows->cells + (size_t)i * rows->n_columns;

		clock_key(a->recorded[i].key, c[R_METRIC], c[R_AGREEMENT],
		    c[R_HOLDER], (uint32_t)cell_number(c[R_CYCLE]));
		a->recorded[i].due_at = cell_number(c[R_DUE]);
		a->n_recorded++;
	}
	if (a->recorded == NULL ||
	    clocks_ask(a->ask.net, a->serial, true, evaluated, a) != ERR_OK)
		evaluated(a, ERR_IO, NULL);
}

enum err
show_why(struct request *r)
{
	struct ledger *l = r->s->net->env.ledger;
	struct ticket_ask *a;
	char ids[32];
	struct str arg;
	enum err e =
	    ticket_ask_new(r, why_columns, NELEM(why_columns), print_why, &a);

	if (e != ERR_OK)
		return e;
	snprintf(ids, sizeof(ids), "{%" PRIu64 "}", a->serial);
	arg = str_of(ids);
	if (l->ops->query(l, LQ_SLA_CLOCKS, 1, &arg, recorded_read, a) ==
	    ERR_OK)
		return ERR_OK;
	ask_end(&a->ask);
	ask_free(a);
	return fault(&r->s->net->fault, ERR_IO, "ledger", NULL);
}

/* --------------------------------------------------------------- policies */

/* clang-format off */
static const struct column policy_columns[] = {
	{ "position",  CELL_NUMBER, "In the order in which they are tried." },
	{ "policy",    CELL_TEXT,   "Its name." },
	{ "agreement", CELL_TEXT,   "With whom." },
	{ "metrics",   CELL_TEXT,   "What it has targets for." },
	{ "holds",     CELL_TEXT,   "yes: all its conditions hold." },
	{ "attribute", CELL_TEXT,   "The first condition that does not." },
	{ "value",     CELL_TEXT,   "What the ticket has there." },
	{ "wanted",    CELL_TEXT,   "What it would have to have." },
};
/* clang-format on */

/* A list between commas, as much as fits. */
static void
add_word(char out[VALUES_LEN], struct str word)
{
	size_t n = strlen(out);

	snprintf(
	    out + n, VALUES_LEN - n, "%s%.*s", n > 0 ? "," : "", STR_ARG(word));
}

static void
add_policy(struct ticket_ask *a, unsigned position, const struct sla_policy *p,
    const struct sla_attributes *now)
{
	char metrics[VALUES_LEN] = "", wanted[VALUES_LEN] = "";
	int failing = sla_first_failing(p, now);
	const struct sla_condition *c =
	    failing >= 0 ? &p->conditions[failing] : NULL;

	for (unsigned i = 0; i < p->n_targets; i++)
		add_word(
		    metrics, str_of(sla_metric_word(p->targets[i].metric)));
	for (unsigned i = 0; c != NULL && i < c->n; i++)
		add_word(wanted, c->values[i]);
	const struct cell cells[NELEM(policy_columns)] = {
		number_cell(position),
		text_cell(p->name),
		word_cell(sla_agreement_word(p->agreement)),
		word_cell(metrics),
		word_cell(c == NULL ? "yes" : "no"),
		word_cell(c != NULL ? sla_attribute_word(c->attribute) : NULL),
		text_cell(c != NULL ? now->value[c->attribute]
				    : (struct str){ NULL, 0 }),
		word_cell(wanted),
	};
	add_row(a, cells);
}

static void
print_policies(struct ticket_ask *a, const struct clock_answer *w)
{
	const struct sla_revision *r = w->revision;

	for (unsigned i = 0; r != NULL && i < r->n_policies; i++)
		add_policy(a, i + 1, &r->policies[i], &w->result->attributes);
}

enum err
show_policies(struct request *r)
{
	return show_computed(
	    r, policy_columns, NELEM(policy_columns), print_policies);
}

/* ----------------------------------------------------------------- shares */

/* clang-format off */
static const struct column share_columns[] = {
	{ "holder", CELL_TEXT,     "agent, group, supplier, customer; closed: nobody." },
	{ "name",   CELL_TEXT,     "Which agent or queue." },
	{ "held",   CELL_DURATION, "How long it was theirs, from received to resolved." },
};
/* clang-format on */

static void
print_shares(struct ticket_ask *a, const struct clock_answer *w)
{
	const struct desk *desk = a->ask.net->desk;

	for (unsigned i = 0; i < w->result->n_shares; i++) {
		const struct sla_share *s = &w->result->shares[i];
		const struct cell cells[NELEM(share_columns)] = {
			word_cell(sla_holder_word(s->holder)),
			text_cell(s->holder == HOLDER_AGENT
				      ? desk_agent_name(desk, s->agent)
				      : s->queue),
			number_cell(s->us),
		};

		add_row(a, cells);
	}
}

enum err
show_shares(struct request *r)
{
	return show_computed(
	    r, share_columns, NELEM(share_columns), print_shares);
}

/* ------------------------------------------------------- from the ledger */

/* A number's kind says how a cell is read; the first of `clocks' is a serial
 * in the ledger and a number for people. */
static void
ledger_page(struct list_ask *a, enum err e, const struct ledger_rows *rows,
    const struct column *columns, unsigned n_columns, bool serial)
{
	struct session *s = list_answered(a, e, rows, n_columns);
	struct cell cells[16];
	struct page page;

	if (s != NULL) {
		page_begin(&page, s, columns, n_columns, 0);
		for (unsigned i = 0; i < rows->n; i++) {
			const struct str *c =
			    rows->cells + (size_t)i * rows->n_columns;

			for (unsigned k = 0; k < n_columns; k++)
				cells[k] = (struct cell){ .null = c[k].len == 0,
					.text = c[k],
					.number = cell_number(c[k]) };
			if (serial)
				cells[0].number = (int64_t)desk_ticket_number(
				    (uint64_t)cells[0].number);
			if (!page_add(&page, cells))
				break;
		}
		page_send(&page, s, &a->ask.op, (struct str){ NULL, 0 });
	}
	free(a);
}

/* clang-format off */
static const struct column clock_columns[] = {
	{ "number",      CELL_NUMBER, "The ticket's." },
	{ "metric",      CELL_TEXT,   "What is promised." },
	{ "agreement",   CELL_TEXT,   "With whom." },
	{ "stage",       CELL_TEXT,   "running, or paused: then nothing is due." },
	{ "due_at",      CELL_TIME,   "The deadline." },
	{ "breached_at", CELL_TIME,   "Broken since." },
	{ "policy",      CELL_TEXT,   "Whose target it is." },
	{ "queue",       CELL_TEXT,   "The ticket's." },
	{ "owner",       CELL_TEXT,   "The agent who has it." },
	{ "subject",     CELL_TEXT,   "What it is about." },
};
static const struct column revision_columns[] = {
	{ "revision", CELL_NUMBER, "Of calendars and policies." },
	{ "apply_to", CELL_TEXT,   "new, forward, retroactive: to which tickets." },
	{ "at",       CELL_TIME,   "In force from." },
	{ "actor",    CELL_TEXT,   "Who made it." },
	{ "done",     CELL_NUMBER, "Open tickets that it has reached." },
	{ "total",    CELL_NUMBER, "Of so many." },
	{ "ended_at", CELL_TIME,   "When it had reached all." },
};
static const struct column calibration_columns[] = {
	{ "tenth",   CELL_NUMBER, "Told chance of breach: from so many tenths." },
	{ "clocks",  CELL_NUMBER, "So many were told it." },
	{ "told",    CELL_RATIO,  "What they were told on the average." },
	{ "seen",    CELL_RATIO,  "How many of them breached." },
};
/* clang-format on */

static void
clocks_read(void *arg, enum err e, const struct ledger_rows *rows)
{
	ledger_page(arg, e, rows, clock_columns, NELEM(clock_columns), true);
}

/* The first that are due: what comes behind is for a report, not a screen. */
enum err
show_clocks(struct request *r)
{
	unsigned limit = r->limit == 0 || r->limit > LIST_ROWS_MAX
	                     ? LIST_ROWS_MAX
	                     : r->limit;
	char rows[16];
	struct str arg;
	enum err e = list_no_where(r);

	snprintf(rows, sizeof(rows), "%u", limit);
	arg = str_of(rows);
	return e == ERR_OK ? list_ask(r, LQ_CLOCKS, 1, &arg, limit, clocks_read)
	                   : e;
}

static void
revisions_read(void *arg, enum err e, const struct ledger_rows *rows)
{
	ledger_page(
	    arg, e, rows, revision_columns, NELEM(revision_columns), false);
}

enum err
show_revisions(struct request *r)
{
	enum err e = list_no_where(r);

	return e == ERR_OK
	           ? list_ask(r, LQ_SLA_JOBS, 0, NULL, 0, revisions_read)
	           : e;
}

static void
calibration_read(void *arg, enum err e, const struct ledger_rows *rows)
{
	ledger_page(arg, e, rows, calibration_columns,
	    NELEM(calibration_columns), false);
}

enum err
show_calibration(struct request *r)
{
	enum err e = list_no_where(r);

	return e == ERR_OK
	           ? list_ask(r, LQ_CALIBRATION, 0, NULL, 0, calibration_read)
	           : e;
}
