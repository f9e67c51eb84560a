/*
 * dial.c - an attempt to call somebody about a ticket, up to its call.
 *
 * The agent is BUSY from the request on, so that no offer comes between.  The
 * ledger decides, behind all that this node has given it (the ticket may have
 * been opened a moment ago); what it has committed is ordered from the switch,
 * once.  There is no call to hang the order on yet: attempts are known by the
 * order's id, which no two processes give out, and which the call's first event
 * names.  An attempt without a call is closed with an outcome and the agent is
 * what they were.
 *
 * A connection that is lost while the ledger decides leaves it unknown whether
 * the attempt was committed; that it was not ordered is known, and recorded.
 */
#include "desk/dial.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/text.h"
#include "desk/number.h"
#include "desk/work.h"

/* The switch has to tell of the call within. */
#define CALL_WITHIN_US (30 * INT64_C(1000000))

struct dial_waiter {
	struct dial_waiter *next;
	desk_dial_fn *done;
	void *arg;
};

/* LQ_DIAL */
enum {
	D_OUTCOME,
	D_ATTEMPT,
	D_NUMBER,
	D_SHOW,
	D_QUEUE,
	D_DETAIL,
	D_N,
	D_UNTIL,
	D_NCOLS
};

static enum err ask(struct dial *);

/* -------------------------------------------------------------- answering */

static struct dial_answer
answer_of(const struct dial *dl, const char *rule)
{
	return (struct dial_answer){
		.ticket = number_of(dl->serial),
		.rule = str_of(rule),
		.number = str_of(dl->number),
		.device = str_of(dl->device->name),
	};
}

static void
tell(struct dial *dl, enum err e, const struct dial_answer *answer)
{
	struct dial_waiter *w;

	while ((w = dl->waiters) != NULL) {
		dl->waiters = w->next;
		w->done(w->arg, e, answer);
		free(w);
	}
}

static enum err
wait_for(struct dial *dl, desk_dial_fn *done, void *arg)
{
	struct dial_waiter *w = malloc(sizeof(*w));

	if (w == NULL)
		return ERR_NOMEM;
	*w = (struct dial_waiter){ dl->waiters, done, arg };
	dl->waiters = w;
	return ERR_OK;
}

/* --------------------------------------------------------------- lifetime */

static void
dial_free(struct desk *d, struct dial *dl)
{
	HASH_DELETE(hh, d->dials, dl);
	if (!id_is_none(&dl->call))
		HASH_DELETE(hh_call, d->dials_by_call, dl);
	timer_clear(d, &dl->timer);
	free(dl);
}

void
dial_fini(struct desk *d)
{
	struct dial *dl, *next;

	HASH_ITER(hh, d->dials, dl, next)
	{
		struct dial_answer answer = answer_of(dl, "");

		tell(dl, ERR_IO, &answer);
		dial_free(d, dl);
	}
}

struct dial *
dial_of_order(const struct desk *d, uint64_t order_id)
{
	struct dial *dl;

	HASH_FIND(hh, d->dials, &order_id, sizeof(order_id), dl);
	return dl;
}

uint64_t
dial_ticket(struct desk *d, const struct id *call)
{
	struct dial *dl;

	HASH_FIND(hh_call, d->dials_by_call, call, sizeof(*call), dl);
	return dl != NULL ? dl->serial : 0;
}

static void
let_go(struct desk *d, struct ledger_unit *u, struct dial *dl)
{
	struct agent *a = dl->agent;

	dl->agent = NULL;
	if (a == NULL)
		return;
	a->dial = NULL;
	/* A call of another kind may have come to the phone meanwhile. */
	if (a->call == NULL && a->state == AGENT_STATE_BUSY)
		agent_return(d, u, a, &dl->was);
}

/* The last so many are remembered. */
static void
end(struct desk *d, struct dial *dl)
{
	struct dial **place =
	    &d->dials_over[d->next_dial_over++ % DIALS_REMEMBERED];

	timer_clear(d, &dl->timer);
	dl->stage = DIAL_OVER;
	if (*place != NULL)
		dial_free(d, *place);
	*place = dl;
}

/* It was not committed: there is nothing to remember. */
static void
drop(struct dial *dl, enum err e, const struct dial_answer *answer)
{
	struct desk *d = dl->desk;
	struct ledger_unit *u = record_begin(d);

	if (e == ERR_IO) /* or was it?  It was not ordered. */
		record_dial(u, dl->order_id, NULL, "not_connected");
	let_go(d, u, dl);
	record_commit(d, &u);
	tell(dl, e, answer);
	dial_free(d, dl);
}

void
dial_close(struct desk *d, struct dial *dl, const char *outcome, enum err e)
{
	struct ledger_unit *u = record_begin(d);
	struct dial_answer answer = answer_of(dl, outcome);

	log_info(LOG_DESK,
	    "switch=%s device=%s ticket=%" PRIu64 " not dialled: %s",
	    dl->sw->name, dl->device->name, number_of(dl->serial), outcome);
	record_dial(u, dl->order_id, NULL, outcome);
	let_go(d, u, dl);
	record_commit(d, &u);
	tell(dl, e, &answer);
	work_dial_over(d, &dl->op);
	end(d, dl);
}

void
dial_over(struct desk *d, struct dial *dl, const struct id *call)
{
	struct dial_answer answer = answer_of(dl, "");

	dl->call = *call;
	HASH_ADD(hh_call, d->dials_by_call, call, sizeof(dl->call), dl);
	if (dl->agent != NULL)
		dl->agent->dial = NULL;
	dl->agent = NULL;
	tell(dl, ERR_OK, &answer);
	if (dl->stage != DIAL_OVER)
		end(d, dl);
}

void
dial_due(struct desk *d, struct dial *dl)
{
	dial_close(d, dl, "unknown", ERR_REFUSED);
}

/* --------------------------------------------------------------- ordering */

static void
order(struct dial *dl)
{
	struct desk *d = dl->desk;
	struct order o = {
		.order_id = dl->order_id,
		.kind = ORDER_MAKE_CALL,
		.device = str_of(dl->device->name),
		.number = str_of(dl->number),
		.show = str_of(dl->show),
		.relation = dl->relation,
	};

	if (!dl->agent->present) {
		dial_close(d, dl, "agent_gone", ERR_REFUSED);
		return;
	}
	if (dl->sw->attached == NULL) {
		dial_close(d, dl, "not_connected", ERR_REFUSED);
		return;
	}
	dl->stage = DIAL_ORDERED;
	dl->attach_no = dl->sw->attach_no;
	desk_must(timer_set(d, &dl->timer, d->now + CALL_WITHIN_US));
	d->news->order(d->news->arg, dl->sw->attached, &o);
}

bool
dial_result(struct desk *d, struct swtch *sw, const struct order_result *r)
{
	struct dial *dl = dial_of_order(d, r->order_id);
	struct dial_answer answer;

	if (dl == NULL)
		return false;
	if (dl->sw != sw || dl->stage != DIAL_ORDERED)
		return true; /* it has its call already, or was given up */
	switch (r->err) {
	case ERR_OK:
		dl->stage = DIAL_TAKEN;
		answer = answer_of(dl, "");
		tell(dl, ERR_OK, &answer);
		break;
	case ERR_BUSY:
		dial_close(d, dl, "device_busy", ERR_REFUSED);
		break;
	case ERR_NOT_FOUND:
	case ERR_NO_DEVICE:
		dial_close(d, dl, "no_device", ERR_NO_DEVICE);
		break;
	default:
		dial_close(d, dl, "refused", ERR_REFUSED);
		break;
	}
	return true;
}

/* --------------------------------------------------------------- deciding */

static void
decided(struct dial *dl, const struct str *cell)
{
	struct dial_answer answer = answer_of(dl, "");

	answer.rule = cell[D_OUTCOME];
	answer.detail = cell[D_DETAIL];
	if (cell[D_NUMBER].len > 0)
		snprintf(dl->number, sizeof(dl->number), "%.*s",
		    STR_ARG(cell[D_NUMBER]));
	answer.number = str_of(dl->number);
	answer.n = (unsigned)ledger_number(cell[D_N]);
	answer.until = ledger_number(cell[D_UNTIL]);
	if (str_eq(cell[D_OUTCOME], STR_LIT("done"))) {
		snprintf(
		    dl->show, sizeof(dl->show), "%.*s", STR_ARG(cell[D_SHOW]));
		dl->queue = queue_find(
		    dl->desk, (uint32_t)ledger_number(cell[D_QUEUE]));
		clockwork_changed(dl->desk->clockwork, dl->asked_at);
		order(dl);
	} else if (str_eq(cell[D_OUTCOME], STR_LIT("repeat"))) {
		answer.rule = dial_state_rule(cell[D_DETAIL]);
		drop(dl, dial_state_err(cell[D_DETAIL]), &answer);
	} else if (str_eq(cell[D_OUTCOME], STR_LIT("missing"))) {
		drop(dl, ERR_NOT_FOUND, &answer);
	} else {
		drop(dl, ERR_REFUSED, &answer);
	}
}

/* As in ticket_change.c. */
static bool
is_race(enum err e)
{
	return e == ERR_BAD_FIELD || e == ERR_BUSY;
}

static void
answered(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct dial *dl = arg;
	struct dial_answer answer = answer_of(dl, "");

	dl->desk->lookups_pending--;
	if (e == ERR_OK && rows->n == 1 && rows->n_columns >= D_NCOLS) {
		decided(dl, rows->cells);
		return;
	}
	if (is_race(e) && !dl->again) {
		dl->again = true;
		if (ask(dl) == ERR_OK)
			return;
		e = ERR_IO;
	}
	drop(dl, is_race(e) ? ERR_BUSY : ERR_IO, &answer);
}

static struct str
number_text(int64_t n, char out[24])
{
	snprintf(out, 24, "%" PRId64, n);
	return str_of(out);
}

static enum err
ask(struct dial *dl)
{
	struct ledger *l = dl->desk->ledger;
	char hex[ID_TEXT_LEN + 1], serial[24], agent[24], id[24], sw[24],
	    at[24];
	const struct str args[] = {
		str_of(id_text(&dl->op, hex)),
		number_text((int64_t)dl->serial, serial),
		str_of(dl->number),
		str_of(word_relation(dl->relation)),
		number_text(dl->agent->id, agent),
		str_of(dl->actor),
		number_text((int64_t)dl->order_id, id),
		number_text(dl->sw->id, sw),
		str_of(dl->device->name),
		number_text(dl->asked_at, at),
	};
	enum err e = l->ops->query(l, LQ_DIAL, NELEM(args), args, answered, dl);

	if (e == ERR_OK)
		dl->desk->lookups_pending++;
	return e;
}

static void
all_is_there(void *arg, enum err e)
{
	struct dial *dl = arg;
	struct dial_answer answer = answer_of(dl, "");

	(void)e; /* the agent's state; it makes no difference */
	if (ask(dl) != ERR_OK)
		drop(dl, ERR_IO, &answer);
}

/* ---------------------------------------------------------------- asking */

static struct swtch *
switch_of(const struct desk *d, const struct device *dev)
{
	for (struct swtch *sw = d->switches; sw != NULL; sw = sw->hh.next)
		if (sw->id == dev->switch_id)
			return sw;
	return NULL;
}

static struct dial *
dial_of_op(const struct desk *d, const struct id *op)
{
	for (struct dial *dl = d->dials; dl != NULL; dl = dl->hh.next)
		if (id_eq(&dl->op, op))
			return dl;
	return NULL;
}

/* Not in a call, nor about to be; reserved, no offer: has just taken work. */
static bool
may_dial(const struct agent *a)
{
	return (a->state == AGENT_STATE_READY ||
		   a->state == AGENT_STATE_NOT_READY ||
		   a->state == AGENT_STATE_RESERVED ||
		   a->state == AGENT_STATE_WORKING_AFTER_CALL) &&
	       a->call == NULL && a->second == NULL && a->offer == NULL &&
	       a->dial == NULL && a->device != NULL && a->device->call == NULL;
}

static void
begin(struct desk *d, struct dial *dl, struct agent *a)
{
	struct ledger_unit *u = record_begin(d);

	dl->agent = a;
	a->dial = dl;
	dl->was = (struct agent_was){ .state = a->state, .until = a->until };
	if (a->state == AGENT_STATE_RESERVED)
		dl->was.state = AGENT_STATE_READY;
	memcpy(dl->was.reason, a->reason, sizeof(a->reason));
	(void)agent_move(
	    d, u, a, AGENT_EV_CONNECT, STR_LIT("dialling"), "agent");
	route_agent(d, a, ACD_BUSY);
	ledger_commit(d->ledger, &u, all_is_there, dl);
}

static struct dial *
dial_new(struct desk *d, const struct desk_action *action, struct agent *a,
    struct swtch *sw, enum relation relation)
{
	struct dial *dl = calloc(1, sizeof(*dl));

	if (dl == NULL)
		return NULL;
	dl->desk = d;
	dl->op = action->op;
	dl->order_id = order_id_next(d);
	dl->relation = relation;
	dl->stage = DIAL_ASKED;
	dl->device = a->device;
	dl->sw = sw;
	dl->asked_at = action->now;
	dl->timer = (struct timer){ .kind = TIMER_DIAL, .owner = dl };
	snprintf(dl->actor, sizeof(dl->actor), "%.*s", STR_ARG(action->actor));
	return dl;
}

/* What of agent, phone and switch is in the way, if anything: `why' says it. */
static bool
is_hindered(
    const struct desk *d, const struct agent *a, struct dial_answer *why)
{
	const struct swtch *sw =
	    a->device != NULL ? switch_of(d, a->device) : NULL;

	if (a->device != NULL)
		why->device = str_of(a->device->name);
	if (!may_dial(a)) {
		why->rule = STR_LIT("agent_state");
		why->detail = str_of(word_agent_state(a->state));
	} else if (sw == NULL || sw->attached == NULL) {
		why->rule = STR_LIT("not_connected");
	} else if ((sw->can & ORDER_BIT(ORDER_MAKE_CALL)) == 0) {
		why->rule = STR_LIT("cannot");
	} else if (a->device->gone) {
		why->rule = STR_LIT("device_gone");
	}
	return why->rule.len > 0;
}

/* What is asked for, as far as it can be judged without the ledger. */
static enum err
check(struct desk *d, const struct dial_request *r, struct dial_answer *why,
    uint64_t *serial, char e164[17])
{
	struct ledger_stats s;

	e164[0] = '\0';
	if (r->relation != RELATION_CALLBACK &&
	    r->relation != RELATION_FOLLOW_UP)
		return ERR_BAD_FIELD;
	if (number_parse(r->ticket, serial) != ERR_OK)
		return ERR_MISHEARD;
	if (r->number.len > 0 &&
	    !text_e164(r->number, d->options.country, e164)) {
		why->rule = STR_LIT("number");
		return ERR_REFUSED;
	}
	d->ledger->ops->stats(d->ledger, &s);
	return s.connected ? ERR_OK : ERR_IO;
}

enum err
desk_dial(struct desk *d, const struct desk_action *action,
    const struct dial_request *r, struct dial_answer *why, desk_dial_fn *done,
    void *arg)
{
	struct agent *a = agent_find(d, action->agent);
	struct dial *dl = dial_of_op(d, &action->op);
	uint64_t serial;
	char e164[17];
	enum err e;

	d->now = action->now;
	*why = (struct dial_answer){ .ticket = r->ticket, .number = r->number };
	if (a == NULL)
		return ERR_NOT_FOUND;
	if ((e = check(d, r, why, &serial, e164)) != ERR_OK)
		return e;
	if (dl != NULL && dl->stage <= DIAL_ORDERED)
		return wait_for(dl, done, arg);
	/* Perhaps it is this very dial that is in the way, or it was made by a
	 * process before this one. */
	if (dl != NULL || is_hindered(d, a, why))
		return dial_ask_again(d, action, why, done, arg);
	dl = dial_new(d, action, a, switch_of(d, a->device), r->relation);
	if (dl == NULL || wait_for(dl, done, arg) != ERR_OK) {
		free(dl);
		return ERR_NOMEM;
	}
	dl->serial = serial;
	memcpy(dl->number, e164, sizeof(e164));
	HASH_ADD(hh, d->dials, order_id, sizeof(dl->order_id), dl);
	begin(d, dl, a);
	return ERR_OK;
}
