/*
 * dial_back.c - the customer is called first, without an agent: who answers
 * waits, as a call of its own (work_back.c says when, and in which place).
 *
 * The attempt is agent 0's, from no device; all else is as with any: the ledger
 * decides first, the switch is ordered once, the first event names the order.
 */
#include "desk/dial.h"

#include <stdio.h>
#include <stdlib.h>

enum err
dial_back(struct desk *d, const struct id *op, struct swtch *sw,
    uint64_t serial, struct str e164, desk_dial_fn *done, void *arg)
{
	struct dial *dl = calloc(1, sizeof(*dl));
	struct ledger_unit *u;

	if (dl == NULL)
		return ERR_NOMEM;
	dl->desk = d;
	dl->op = *op;
	dl->order_id = order_id_next(d);
	dl->relation = RELATION_CALLBACK;
	dl->stage = DIAL_ASKED;
	dl->back = true;
	dl->sw = sw;
	dl->serial = serial;
	dl->asked_at = d->now;
	dl->timer = (struct timer){ .kind = TIMER_DIAL, .owner = dl };
	snprintf(dl->actor, sizeof(dl->actor), "system");
	snprintf(dl->number, sizeof(dl->number), "%.*s", STR_ARG(e164));
	if (dial_wait_for(dl, done, arg) != ERR_OK) {
		free(dl);
		return ERR_NOMEM;
	}
	HASH_ADD(hh, d->dials, order_id, sizeof(dl->order_id), dl);
	u = record_begin(d);
	dial_ask(dl, &u);
	return ERR_OK;
}
