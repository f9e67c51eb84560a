/*
 * door.c - see door.h.
 */
#include "desk/door.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "desk/state.h"

#define SWEEPS_A_READ 2

static enum queue_door
door_of(struct str word)
{
	enum queue_door door = QUEUE_CLOSED;

	while (
	    door != QUEUE_OPEN && !str_eq(word, str_of(word_queue_door(door))))
		door--;
	return door;
}

/* What is older than what is known is late. */
static void
take(struct desk *d, struct queue *q, enum queue_door is, uint32_t seq)
{
	if (seq <= q->door_seq)
		return;
	q->door_seq = seq;
	if (is == q->room.door)
		return;
	log_info(LOG_DESK, "queue=%s is %s, was %s", q->name,
	    word_queue_door(is), word_queue_door(q->room.door));
	gate_set_door(d, q, is);
}

void
door_row(struct desk *d, const struct str *cells)
{
	struct queue *q = queue_find(d, (uint32_t)ledger_number(cells[0]));

	if (q != NULL)
		take(
		    d, q, door_of(cells[2]), (uint32_t)ledger_number(cells[1]));
}

static void
doors_read(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct desk *d = arg;

	d->supervision.reading_doors = false;
	for (unsigned i = 0; e == ERR_OK && i < rows->n; i++)
		door_row(d, rows->cells + (size_t)i * rows->n_columns);
}

void
door_sweep(struct desk *d)
{
	struct ledger *l = d->ledger;

	if (!d->configured || d->supervision.reading_doors ||
	    ++d->supervision.sweeps % SWEEPS_A_READ != 0)
		return;
	d->supervision.reading_doors =
	    l->ops->query(l, LQ_QUEUE_DOORS, 0, NULL, doors_read, d) == ERR_OK;
}

/* --------------------------------------------------------------- commands */

struct door_ask {
	struct desk *desk;
	uint32_t queue;
	struct supervised answer;
	struct supervise_effect effect;
	char name[NAME_MAX_LEN + 1], was[16], is[16];
	desk_supervise_fn *done;
	void *arg;
};

static void
answer(struct door_ask *k, enum err e)
{
	k->answer.what = "queue";
	k->answer.object = str_of(k->name);
	k->answer.before = str_of(k->was);
	k->answer.after = str_of(k->is);
	k->effect.queue = k->answer.object;
	k->answer.effects = &k->effect;
	k->done(k->arg, e, &k->answer);
	free(k);
}

/* Those who wait are sent on when it closes. */
static void
count(const struct desk *d, const struct queue *q, struct door_ask *k)
{
	for (const struct call *c = d->calls; c != NULL; c = c->hh.next)
		k->effect.waiting += c->queue == q && call_is_waiting(c);
	k->answer.n_effects = 1;
}

static void
decided(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct door_ask *k = arg;
	struct desk *d = k->desk;
	struct queue *q = queue_find(d, k->queue);
	struct str outcome;

	if (e != ERR_OK || rows->n != 1 || rows->n_columns < 4 || q == NULL) {
		answer(k, ERR_IO);
		return;
	}
	outcome = rows->cells[0];
	k->answer.version = (uint64_t)ledger_number(rows->cells[1]);
	snprintf(k->was, sizeof(k->was), "%.*s", STR_ARG(rows->cells[2]));
	snprintf(k->is, sizeof(k->is), "%.*s", STR_ARG(rows->cells[3]));
	take(d, q, door_of(rows->cells[3]), (uint32_t)k->answer.version);
	if (str_eq(outcome, STR_LIT("stale"))) {
		answer(k, ERR_STALE);
	} else if (str_eq(outcome, STR_LIT("missing"))) {
		k->answer.why = "queue";
		k->answer.detail = str_of(k->name);
		answer(k, ERR_NOT_FOUND);
	} else {
		answer(k, ERR_OK);
	}
}

static void
decide(struct door_ask *k, const struct desk_action *action,
    const struct supervise *ask)
{
	struct ledger *l = k->desk->ledger;
	char op[ID_TEXT_LEN + 1], expect[24], now[24];

	snprintf(expect, sizeof(expect), "%" PRIu64, ask->expect);
	snprintf(now, sizeof(now), "%" PRId64, action->now);
	const struct str args[] = { str_of(id_text(&action->op, op)),
		str_of(k->name), str_of(word_queue_door(ask->door)),
		str_of(expect), action->actor, str_of(now) };

	if (l->ops->query(
		l, LQ_QUEUE_DOOR_SET, NELEM(args), args, decided, k) != ERR_OK)
		answer(k, ERR_IO);
}

void
door_ask(struct desk *d, const struct desk_action *action,
    const struct supervise *ask, desk_supervise_fn *done, void *arg)
{
	struct queue *q = queue_by_name(d, ask->queue);
	struct door_ask *k = calloc(1, sizeof(*k));

	desk_must(k != NULL ? ERR_OK : ERR_NOMEM);
	k->desk = d;
	k->done = done;
	k->arg = arg;
	snprintf(k->name, sizeof(k->name), "%.*s", STR_ARG(ask->queue));
	if (q == NULL) {
		k->answer.why = "queue";
		k->answer.detail = str_of(k->name);
		answer(k, ERR_NOT_FOUND);
		return;
	}
	k->queue = q->id;
	k->answer.version = q->door_seq;
	snprintf(k->was, sizeof(k->was), "%s", word_queue_door(q->room.door));
	snprintf(k->is, sizeof(k->is), "%s", word_queue_door(ask->door));
	count(d, q, k);
	if (ask->expect > UINT32_MAX >> 1 ||
	    (ask->dry_run && ask->expect != 0 && ask->expect != q->door_seq))
		answer(k, ERR_STALE);
	else if (ask->dry_run)
		answer(k, ERR_OK);
	else
		decide(k, action, ask);
}
