/*
 * work_dial.c - an item that was taken: the call to the customer, what became
 * of it, and the agent who is done.
 *
 * What became of it is not what this process remembers: PostgreSQL looks at the
 * attempt that bears the taking's operation, so that the same is found after a
 * restart, or by another node.  We only know when to ask.
 */
#include "desk/work.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "desk/number.h"

/* Asked again of an attempt that is still open; of a ledger that was away. */
#define AGAIN_US (10 * INT64_C(1000000))

struct asked {
	struct desk *desk;
	struct id item;
};

/* LQ_WORK_OUTCOME, LQ_WORK_CLOSE */
enum { O_OUTCOME, O_REV, O_STATE, O_ATTEMPT, O_NOT_BEFORE, O_NCOLS };

static struct asked *
asked_new(struct desk *d, const struct work *w)
{
	struct asked *k = malloc(sizeof(*k));

	desk_must(k != NULL ? ERR_OK : ERR_NOMEM);
	*k = (struct asked){ d, w->id };
	return k;
}

static struct str
number_text(int64_t n, char out[24])
{
	snprintf(out, 24, "%" PRId64, n);
	return str_of(out);
}

/* The ledger is asked; if it is away, after a while. */
static void
send(struct desk *d, struct work *w, enum ledger_query q, unsigned n,
    const struct str *args, ledger_rows_fn *answered)
{
	struct asked *k = asked_new(d, w);

	if (d->ledger->ops->query(d->ledger, q, n, args, answered, k) !=
	    ERR_OK) {
		free(k);
		w->retry_at = d->now + AGAIN_US;
		return;
	}
	d->lookups_pending++;
	w->asking = true;
}

/* ------------------------------------------------------------------ dialled */

static const char *
rule_of(enum err e, const struct dial_answer *why)
{
	static char rule[32];

	snprintf(rule, sizeof(rule), "%.*s", STR_ARG(why->rule));
	switch (e) {
	case ERR_REFUSED:
		return rule;
	case ERR_NOT_FOUND:
		return "missing";
	case ERR_NO_DEVICE:
		return "no_device";
	default:
		return "store";
	}
}

static void
not_dialled(
    struct desk *d, struct work *w, enum err e, const struct dial_answer *why)
{
	struct agent *a = agent_find(d, w->agent);
	struct ledger_unit *u = record_begin(d);

	snprintf(w->rule, sizeof(w->rule), "%s", rule_of(e, why));
	w->rule_until = why->until;
	w->check_at = d->now;
	/* Still reserved by the offer, if nothing was begun. */
	if (a != NULL && a->state == AGENT_STATE_RESERVED && a->offer == NULL &&
	    agent_move(d, u, a, AGENT_EV_OFFER_ENDED, STR_LIT(""), "system"))
		route_agent(d, a, ACD_READY);
	record_commit(d, &u);
	work_wait(d, w);
}

static void
dialled(void *arg, enum err e, const struct dial_answer *answer)
{
	struct asked *k = arg;
	struct work *w = k->desk->works != NULL /* else it all ends */
	                     ? work_find(k->desk, &k->item)
	                     : NULL;

	if (w != NULL && w->state == WORK_TAKEN && e != ERR_OK)
		not_dialled(k->desk, w, e, answer);
	free(k);
}

void
work_dial(struct desk *d, struct work *w, struct agent *a)
{
	const struct desk_action action = {
		.op = w->op,
		.agent = a->id,
		.actor = str_of(a->name),
		.now = d->now,
	};
	const struct dial_request r = {
		.ticket = ticket_number(w->ticket),
		.number = str_of(w->e164),
		.relation = w->kind == WORK_FOLLOW_UP ? RELATION_FOLLOW_UP
		                                      : RELATION_CALLBACK,
	};
	struct asked *k = asked_new(d, w);
	struct dial_answer why;
	enum err e;

	w->rule[0] = '\0';
	w->rule_until = w->check_at = 0;
	e = desk_dial(d, &action, &r, &why, dialled, k);
	if (e != ERR_OK)
		dialled(k, e, &why);
}

void
work_dial_over(struct desk *d, const struct id *op)
{
	for (struct work *w = d->works->items; w != NULL; w = w->hh.next) {
		if (w->state != WORK_TAKEN || !id_eq(&w->op, op))
			continue;
		/* Behind the rows that say so, which are being written. */
		w->check_at = d->now;
		work_wait(d, w);
		return;
	}
}

/* -------------------------------------------------------------- the outcome */

static void
outcome_read(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct asked *k = arg;
	struct desk *d = k->desk;
	struct work *w = work_find(d, &k->item);
	const struct str *cell;

	d->lookups_pending--;
	free(k);
	if (w == NULL)
		return;
	w->asking = false;
	cell = e == ERR_OK ? rows->cells : NULL;
	if (e != ERR_OK || rows->n != 1 || rows->n_columns < O_NCOLS) {
		w->retry_at = d->now + AGAIN_US;
		work_wait(d, w);
	} else if (str_eq(cell[O_OUTCOME], STR_LIT("open"))) {
		w->check_at = d->now + AGAIN_US;
		work_wait(d, w);
	} else {
		const struct work_now now = {
			.rev = (uint32_t)ledger_number(cell[O_REV]),
			.attempt = (uint32_t)ledger_number(cell[O_ATTEMPT]),
			.agent = w->agent,
			.state = work_state_of(cell[O_STATE]),
			.not_before = ledger_number(cell[O_NOT_BEFORE]),
		};

		w->check_at = 0;
		if (now.state != WORK_STATE_NONE)
			work_became(d, w, &now);
		clockwork_changed(d->clockwork, d->now);
		work_look(d); /* given up, it may go on as a ticket */
	}
}

static void
outcome_ask(void *arg, enum err e)
{
	struct asked *k = arg;
	struct desk *d = k->desk;
	struct work *w = work_find(d, &k->item);
	char id[ID_TEXT_LEN + 1], attempt[24], until[24], now[24];

	(void)e; /* nothing of ours was in it */
	free(k);
	if (w == NULL || w->state != WORK_TAKEN)
		return;
	const struct str args[] = { str_of(id_text(&w->id, id)),
		number_text(w->attempt, attempt), str_of(w->rule),
		number_text(w->rule_until, until), number_text(d->now, now) };
	w->asking = false;
	send(d, w, LQ_WORK_OUTCOME, NELEM(args), args, outcome_read);
	work_wait(d, w);
}

void
work_ask_outcome(struct desk *d, struct work *w)
{
	struct ledger_unit *nothing = record_begin(d);

	w->asking = true;
	ledger_commit(d->ledger, &nothing, outcome_ask, asked_new(d, w));
}

/* ------------------------------------------------------------------ closed */

static void
expired_read(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct asked *k = arg;
	struct desk *d = k->desk;
	struct work *w = work_find(d, &k->item);

	d->lookups_pending--;
	free(k);
	if (w == NULL)
		return;
	w->asking = false;
	w->retry_at = d->now + AGAIN_US; /* unless it is over now */
	if (e == ERR_OK && rows->n == 1 && rows->n_columns > O_STATE) {
		const struct work_now now = {
			.rev = (uint32_t)ledger_number(rows->cells[O_REV]),
			.attempt = w->attempt,
			.agent = w->agent,
			.state = work_state_of(rows->cells[O_STATE]),
			.not_before = w->not_before,
		};

		if (now.state != WORK_STATE_NONE)
			work_became(d, w, &now);
		work_look(d);
		return;
	}
	work_wait(d, w);
}

void
work_ask_expired(struct desk *d, struct work *w)
{
	char id[ID_TEXT_LEN + 1], now[24];
	const struct str args[] = { str_of(id_text(&w->id, id)), STR_LIT("0"),
		number_text(d->now, now) };

	send(d, w, LQ_WORK_CLOSE, NELEM(args), args, expired_read);
}

/* By its agent. */
struct closing {
	struct desk *desk;
	struct id item;
	desk_done_fn *done;
	void *arg;
};

static enum err
err_of(struct str outcome)
{
	static const struct {
		const char *word;
		enum err err;
	} outcomes[] = {
		{ "done", ERR_OK },
		{ "repeat", ERR_OK },
		{ "missing", ERR_NOT_FOUND },
		{ "not_yours", ERR_FORBIDDEN },
		{ "refused", ERR_REFUSED },
	};

	for (unsigned i = 0; i < NELEM(outcomes); i++)
		if (str_eq(outcome, str_of(outcomes[i].word)))
			return outcomes[i].err;
	return ERR_IO; /* not an answer of ours */
}

static void
closed_read(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct closing *c = arg;
	struct desk *d = c->desk;
	struct work *w = work_find(d, &c->item);

	d->lookups_pending--;
	if (e == ERR_OK && rows->n == 1 && rows->n_columns > O_STATE) {
		e = err_of(rows->cells[O_OUTCOME]);
		if (e == ERR_OK && w != NULL && !w->deciding) {
			const struct work_now now = {
				.rev =
				    (uint32_t)ledger_number(rows->cells[O_REV]),
				.attempt = w->attempt,
				.agent = w->agent,
				.state = work_state_of(rows->cells[O_STATE]),
			};

			work_became(d, w, &now);
		}
	} else if (e != ERR_BUSY) {
		e = ERR_IO;
	}
	c->done(c->arg, e);
	free(c);
}

enum err
desk_work_done(struct desk *d, const struct desk_action *a,
    const struct id *item, desk_done_fn *done, void *arg)
{
	struct closing *c = malloc(sizeof(*c));
	char id[ID_TEXT_LEN + 1], agent[24], now[24];
	const struct str args[] = { str_of(id_text(item, id)),
		number_text(a->agent, agent), number_text(a->now, now) };

	d->now = a->now;
	if (c == NULL)
		return ERR_NOMEM;
	*c = (struct closing){ d, *item, done, arg };
	if (d->ledger->ops->query(d->ledger, LQ_WORK_CLOSE, NELEM(args), args,
		closed_read, c) != ERR_OK) {
		free(c);
		return ERR_IO;
	}
	d->lookups_pending++;
	return ERR_OK;
}
