/*
 * demand.c - an order with somebody who waits for it: answered once, by the
 * bridge's result, by its deadline, or by what makes it void.
 *
 * What supervisors do is recorded: who listened to whom.
 */
#include "desk/demand.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"

static void
answer(const struct desk *d, const struct demand *m, enum err e)
{
	struct control_answer a = { .kind = m->kind,
		.state = call_state_word(CALL_ENDED),
		.which = str_of(m->device) };

	if (m->done == NULL)
		return;
	if (m->call != NULL) {
		a.state = call_state_word(m->call->state);
		a.can = control_can(
		    m->call, m->agent != 0 ? agent_find(d, m->agent) : NULL);
	}
	m->done(m->arg, e, &a);
}

/* What a supervisor did, whatever became of it. */
static void
record_demand(struct desk *d, const struct demand *m, enum err e)
{
	char call[ID_TEXT_LEN + 1], detail[TEXT_MAX_LEN + 32];
	struct audit_row r = {
		.key = m->op,
		.at = d->now,
		.actor = str_of(m->actor),
		.action = str_of(word_order(m->kind)),
		.object = str_of(id_text(&m->call_id, call)),
		.detail = { detail, (uint32_t)snprintf(detail, sizeof(detail),
					"%s%s", m->detail, err_name(e)) },
	};
	struct ledger_unit *u;

	log_info(LOG_DESK, "call=%s %s by=%s %s%s", call, word_order(m->kind),
	    m->actor, m->detail, err_name(e));
	if (!m->supervisor)
		return;
	u = record_begin(d);
	desk_must(ledger_put_audit(u, &r));
	record_commit(d, &u);
}

void
demand_remember(struct desk *d, const struct id *op, enum err e)
{
	d->controls[d->next_control++ % CONTROLS_REMEMBERED] =
	    (struct made_control){ *op, e };
}

void
demand_end(struct desk *d, struct demand *m, enum err e)
{
	if (m->answered)
		return;
	m->answered = true;
	timer_clear(d, &m->timer);
	if (e != ERR_OK && m->call != NULL && m->kind == ORDER_REQUEUE)
		m->call->requeue = NULL;
	if (e == ERR_STALE) /* it has moved on once too often */
		e = ERR_BUSY;
	demand_remember(d, &m->op, e);
	record_demand(d, m, e);
	answer(d, m, e);
}

void
demand_free(struct desk *d, struct demand *m)
{
	timer_clear(d, &m->timer);
	if (m->next != NULL)
		m->next->prev = m->prev;
	if (m->prev != NULL)
		m->prev->next = m->next;
	else
		d->demands = m->next;
	free(m);
}

/* Nobody waits any longer; the order may still be with the bridge. */
void
demand_due(struct desk *d, struct demand *m)
{
	demand_end(d, m, ERR_TIMEOUT);
	if (m->call == NULL)
		demand_free(d, m);
}

/* To end a call that has ended is no failure. */
void
demand_result(struct desk *d, const struct order_result *r)
{
	struct demand *m = d->demands;
	enum err e = r->err;

	while (m != NULL && (m->call != NULL || m->order_id != r->order_id))
		m = m->next;
	if (m == NULL)
		return;
	if (e != ERR_OK)
		e = m->kind == ORDER_CLEAR ? ERR_OK : ERR_REFUSED;
	demand_end(d, m, e);
	demand_free(d, m);
}

void
control_fini(struct desk *d)
{
	for (struct call *c = d->calls; c != NULL; c = c->hh.next)
		c->n_orders = 0;
	while (d->demands != NULL) {
		struct demand *m = d->demands;

		m->call = NULL;
		if (!m->answered)
			answer(d, m, ERR_IO);
		demand_free(d, m);
	}
}
