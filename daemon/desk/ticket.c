/*
 * ticket.c - every contact is a ticket.
 *
 * A call's ticket is named by the call: the ledger folds all rows of one call
 * into one ticket, so a restart that leases a new serial for it burns that
 * serial and nothing else.  The order of changes (rev) is the call's own
 * event count while the switch speaks, and above all of those when a person
 * does: what the agent writes at the end is the last word.
 */
#include "desk/state.h"

#include "base/log.h"
#include "base/text.h"
#include "desk/number.h"

#define REV_BY_PERSON (UINT32_C(1) << 20)

uint64_t
ticket_number(uint64_t serial)
{
	return serial != 0 ? number_of(serial) : 0;
}

void
ticket_of_call(struct desk *d, struct ledger_unit *u, struct call *c,
    uint32_t seq, int64_t at)
{
	struct ticket_row t = {
		.call_id = c->id,
		.rev = seq,
		.kind = "consultation",
		.status = "new",
		.caller = str_of(c->caller),
		.caller_e164 = str_of(c->e164),
		.queue_id = c->queue != NULL ? c->queue->id : 0,
		.opened_at = at,
	};
	struct ticket_event_row e = {
		.call_id = c->id,
		.key = record_key(&c->id, 0, "opened"),
		.at = at,
		.kind = "opened",
		.actor = STR_LIT("system"),
		.status = t.status,
		.ticket_kind = t.kind,
		.queue_id = t.queue_id,
	};

	/* What is said in a consult call belongs to the ticket that it is
	 * about. */
	if (c->relation == RELATION_CONSULT)
		return;
	/* While the ledger is asked, it may be there under another serial. */
	if (c->ticket != 0 || c->looking_up || call_is_dialled(c))
		return;
	if (d->ledger->ops->lease(d->ledger, LEASE_TICKET, &t.id) != ERR_OK) {
		log_error(LOG_DESK, "no ticket numbers left until PostgreSQL "
				    "is back; the call goes on without one");
		return;
	}
	c->ticket = t.id;
	record_ticket(u, &t);
	e.ticket_id = t.id;
	record_ticket_event(u, &e);
}

void
ticket_answered(
    struct ledger_unit *u, const struct call *c, uint32_t seq, int64_t at)
{
	struct ticket_row t = {
		.id = c->ticket,
		.call_id = c->id,
		.rev = seq,
		.status = "in_progress",
		.owner_id = c->agent != NULL ? c->agent->id : 0,
		.queue_id = c->queue != NULL ? c->queue->id : 0,
		.caller = str_of(c->caller),
		.caller_e164 = str_of(c->e164),
		.opened_at = at,
	};
	struct ticket_event_row e = {
		.ticket_id = c->ticket,
		.call_id = c->id,
		.key = record_key(&c->id, seq, "answered"),
		.at = at,
		.kind = "answered",
		.actor = str_of(c->agent != NULL ? c->agent->name : "system"),
		.status = t.status,
		.queue_id = t.queue_id,
		.owner_id = t.owner_id,
	};

	if (c->ticket == 0 || c->relation == RELATION_CONSULT)
		return;
	record_ticket(u, &t);
	record_ticket_event(u, &e);
}

/* The call whose ticket a wrap-up is about. */
static const struct id *
root_of(
    const struct desk *d, const struct desk_action *a, const struct id *call)
{
	const struct agent *agent = agent_find(d, a->agent);

	return agent != NULL && id_eq(&agent->last_call, call) &&
	               !id_is_none(&agent->last_root)
	           ? &agent->last_root
	           : call;
}

/* The serial to propose for a call's ticket: the ledger keeps the one that the
 * ticket has already. */
static enum err
propose_serial(struct desk *d, const struct desk_action *a,
    const struct id *call, uint64_t *serial)
{
	const struct agent *agent = agent_find(d, a->agent);

	if (agent != NULL && id_eq(&agent->last_call, call) &&
	    agent->last_ticket != 0) {
		*serial = agent->last_ticket;
		return ERR_OK;
	}
	return d->ledger->ops->lease(d->ledger, LEASE_TICKET, serial);
}

enum err
ticket_wrapped_up(struct desk *d, struct ledger_unit *u,
    const struct desk_action *a, const struct wrap_up *w, uint64_t dialled)
{
	const struct id root = *root_of(d, a, &w->call);
	struct ticket_row t = {
		.call_id = root,
		.rev = REV_BY_PERSON,
		.kind = word_ticket_kind(
		    w->dissatisfied ? TICKET_COMPLAINT : w->kind),
		/* Unsolved it stays as it is: perhaps pended in the call. */
		.status = w->solved ? "closed" : NULL,
		.category = w->category,
		.owner_id = a->agent,
		.resolved_at = w->solved ? a->now : 0,
		.closed_at = w->solved ? a->now : 0,
		.dissatisfied = w->dissatisfied,
	};
	struct ticket_event_row e = {
		.call_id = root,
		.key = a->op,
		.at = a->now,
		.kind = w->solved ? "closed" : "wrapped_up",
		.actor = a->actor,
		.text = w->note,
		.status = t.status,
		.ticket_kind = t.kind,
		.category = t.category,
		.owner_id = t.owner_id,
	};
	enum err err = ERR_OK;

	if (dialled != 0) { /* by its own id: the call is not what opened it */
		t.id = e.ticket_id = dialled;
		t.call_id = e.call_id = (struct id){ { 0 } };
	} else {
		err = propose_serial(d, a, &w->call, &t.id);
	}
	if (err != ERR_OK)
		return err;
	record_ticket(u, &t);
	record_ticket_event(u, &e);
	return ERR_OK;
}

/* ---- by hand: asked for twice under one operation, it is one ticket */

void
desk_ticket_known(struct desk *d, const struct desk_action *a, uint64_t serial)
{
	d->made[d->next_made++ % MADE_TICKETS] =
	    (struct made_ticket){ a->op, serial };
}

uint64_t
desk_ticket_again(struct desk *d, const struct desk_action *a)
{
	struct ledger_unit *u;
	const struct made_ticket *m = d->made;

	if (id_is_none(&a->op))
		return 0;
	while (m < d->made + MADE_TICKETS && !id_eq(&m->op, &a->op))
		m++;
	if (m == d->made + MADE_TICKETS)
		return 0;
	/* Behind the first one's rows, so saved when they are. */
	u = record_begin(d);
	record_commit_op(d, &u, a);
	return number_of(m->serial);
}

enum err
desk_ticket_new(struct desk *d, const struct desk_action *a,
    const struct ticket_new *n, uint64_t *number)
{
	char e164[17];
	struct queue *q = n->queue.len > 0 ? queue_by_name(d, n->queue) : NULL;
	struct ticket_row t = {
		.rev = 1,
		.kind = word_ticket_kind(
		    n->kind != TICKET_NONE ? n->kind : TICKET_CONSULTATION),
		.status = a->agent != 0 ? "assigned" : "new",
		.subject = n->subject,
		.caller = n->caller,
		.queue_id = q != NULL ? q->id : 0,
		.owner_id = a->agent,
		.opened_at = a->now,
	};
	struct ticket_event_row e = {
		.key = a->op,
		.at = a->now,
		.kind = "opened",
		.actor = a->actor,
		.text = n->note,
		.status = t.status,
		.ticket_kind = t.kind,
		.queue_id = t.queue_id,
		.owner_id = t.owner_id,
	};
	struct ledger_unit *u;
	enum err err;

	if (n->queue.len > 0 && q == NULL)
		return ERR_NOT_FOUND;
	if (text_e164(n->caller, d->options.country, e164))
		t.caller_e164 = str_of(e164);
	err = d->ledger->ops->lease(d->ledger, LEASE_TICKET, &t.id);
	if (err != ERR_OK)
		return err;
	e.ticket_id = t.id;
	u = record_begin(d);
	record_ticket(u, &t);
	record_ticket_event(u, &e);
	record_commit_op(d, &u, a);
	desk_ticket_known(d, a, t.id);
	*number = number_of(t.id);
	return ERR_OK;
}

enum err
desk_ticket_note(struct desk *d, const struct desk_action *a, uint64_t number,
    struct str text, bool for_customer)
{
	struct ticket_event_row e = {
		.key = a->op,
		.at = a->now,
		.kind = "note",
		.actor = a->actor,
		.text = text,
		.for_customer = for_customer,
	};
	struct ledger_unit *u;
	enum err err = number_parse(number, &e.ticket_id);

	if (err != ERR_OK)
		return err;
	u = record_begin(d);
	record_ticket_event(u, &e);
	record_commit_op(d, &u, a);
	return ERR_OK;
}

uint64_t
desk_ticket_number(uint64_t serial)
{
	return ticket_number(serial);
}

enum err
desk_ticket_serial(uint64_t number, uint64_t *serial)
{
	return number_parse(number, serial);
}
