/*
 * supervise.c - see supervise.h.
 *
 * Agents and calls are changed here, since they live on this node; a door is
 * every node's, so PostgreSQL decides it (door.c).
 */
#include "desk/supervise.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "desk/direct.h"
#include "desk/state.h"

static const char *const words[SUPERVISE_NKINDS] = { NULL, "agent_state",
	"move", "priority", "assign", "withdraw", "door" };

const char *
supervise_word(enum supervise_kind k)
{
	return (unsigned)k < SUPERVISE_NKINDS ? words[k] : NULL;
}

struct command {
	struct desk *desk;
	const struct desk_action *action;
	const struct supervise *ask;
	struct call *call;
	struct agent *agent;
	struct queue *queue;
	struct supervised answer;
	struct supervise_effect effects[SUPERVISE_EFFECTS_MAX];
	char object[NAME_MAX_LEN + 1], before[TEXT_MAX_LEN + 1],
	    after[TEXT_MAX_LEN + 1];
};

static enum err
wrong(struct command *k, enum err e, const char *why, struct str detail)
{
	k->answer.why = why;
	k->answer.detail = detail;
	return e;
}

/* ----------------------------------------------------------------- places */

struct place {
	int64_t score;
	uint64_t arrival;
};

static struct place
place_of(const struct call *c)
{
	return (struct place){ c->stand.score, c->arrival };
}

static bool
is_before(struct place a, struct place b)
{
	return a.score != b.score ? a.score < b.score : a.arrival < b.arrival;
}

/* Of those who wait in the queue, this call aside: before and behind that. */
static void
around(const struct desk *d, const struct queue *q, const struct call *but,
    struct place at, uint32_t *before, uint32_t *behind)
{
	*before = *behind = 0;
	for (const struct call *c = d->calls; c != NULL; c = c->hh.next) {
		if (c == but || c->queue != q || !call_is_waiting(c))
			continue;
		if (is_before(place_of(c), at))
			++*before;
		else
			++*behind;
	}
}

static struct supervise_effect *
effect(struct command *k, const struct queue *q, uint32_t waiting)
{
	struct supervise_effect *e = &k->effects[k->answer.n_effects++];

	*e = (struct supervise_effect){ .queue = str_of(q->name),
		.waiting = waiting };
	return e;
}

/* It is out of its queue's common line: who is behind it moves up. */
static void
leaves(struct command *k)
{
	const struct call *c = k->call;
	uint32_t before, behind;

	around(k->desk, c->queue, c, place_of(c), &before, &behind);
	k->answer.place_before = before + 1;
	effect(k, c->queue, before + behind)->shorter = behind;
}

static void
comes(struct command *k, const struct queue *q, int64_t score)
{
	const struct place at = { score, k->call->arrival };
	uint32_t before, behind;

	around(k->desk, q, k->call, at, &before, &behind);
	k->answer.place_after = before + 1;
	effect(k, q, before + behind)->longer = behind;
}

/* Within its queue: whom it passes, or lets pass. */
static void
passes(struct command *k, int64_t score)
{
	const struct call *c = k->call;
	uint32_t before, behind, before_then, behind_then;
	struct supervise_effect *e;

	around(k->desk, c->queue, c, place_of(c), &before, &behind);
	around(k->desk, c->queue, c, (struct place){ score, c->arrival },
	    &before_then, &behind_then);
	k->answer.place_before = before + 1;
	k->answer.place_after = before_then + 1;
	e = effect(k, c->queue, before + behind);
	if (before_then < before)
		e->longer = before - before_then;
	else
		e->shorter = before_then - before;
}

/* ---------------------------------------------------------------- agents */

static void
say_agent(const struct agent *a, char out[TEXT_MAX_LEN + 1])
{
	size_t n = (size_t)snprintf(out, TEXT_MAX_LEN + 1, "%s%s%s",
	    word_agent_state(a->state), a->reason[0] != '\0' ? " " : "",
	    a->reason);

	if (a->pending != AGENT_STATE_NONE && n < TEXT_MAX_LEN)
		snprintf(out + n, TEXT_MAX_LEN + 1 - n, ", then %s%s%s",
		    word_agent_state(a->pending),
		    a->pending_reason[0] != '\0' ? " " : "", a->pending_reason);
}

static enum err
find_agent(struct command *k)
{
	uint32_t id;

	k->answer.what = "agent";
	if (desk_agent_find(k->desk, k->ask->agent, &id) != ERR_OK)
		return wrong(k, ERR_NOT_FOUND, "agent", k->ask->agent);
	k->agent = agent_find(k->desk, id);
	snprintf(k->object, sizeof(k->object), "%s", k->agent->name);
	k->answer.version =
	    version_of(k->desk->generation, k->agent->state_seq);
	say_agent(k->agent, k->before);
	return ERR_OK;
}

static uint32_t
count_waiting(const struct desk *d, const struct queue *q)
{
	const struct place first = { INT64_MIN, 0 };
	uint32_t none, all;

	around(d, q, NULL, first, &none, &all);
	return all;
}

/* Those who wait for the agent's queues have one more, or one less. */
static void
agent_effects(struct command *k)
{
	const struct agent *a = k->agent;
	int was = a->state == AGENT_STATE_READY;
	int is =
	    k->ask->state == AGENT_STATE_READY && a->state != AGENT_STATE_BUSY;

	for (unsigned i = 0; i < a->profile.n_queues && is != was; i++) {
		const struct queue *q =
		    queue_find(k->desk, a->profile.queues[i]);
		uint32_t waiting = q != NULL ? count_waiting(k->desk, q) : 0;

		if (waiting > 0)
			effect(k, q, waiting)->agents = is - was;
	}
}

static enum err
check_agent(struct command *k)
{
	enum agent_state to = k->ask->state;

	if (to != AGENT_STATE_READY && to != AGENT_STATE_NOT_READY &&
	    to != AGENT_STATE_NULL)
		return wrong(k, ERR_BAD_FIELD, "state",
		    STR_LIT("ready, not_ready or null"));
	if (!reason_is_good(k->desk, k->ask->reason))
		return wrong(k, ERR_BAD_FIELD, "reason", k->ask->reason);
	if (k->agent->state == AGENT_STATE_NULL)
		return wrong(
		    k, ERR_REFUSED, "not_logged_in", str_of(k->agent->name));
	agent_effects(k);
	snprintf(k->after, sizeof(k->after), "%s%s%.*s", word_agent_state(to),
	    k->ask->reason.len > 0 ? " " : "", STR_ARG(k->ask->reason));
	return ERR_OK;
}

static enum err
do_agent(struct command *k, struct ledger_unit *u)
{
	enum err e = agent_force(
	    k->desk, u, k->agent, k->ask->state, k->ask->reason, "supervisor");

	say_agent(k->agent, k->after);
	k->answer.version =
	    version_of(k->desk->generation, k->agent->state_seq);
	return e == ERR_REFUSED
	           ? wrong(k, e, "not_logged_in", str_of(k->agent->name))
	           : e;
}

/* ------------------------------------------------------------------ calls */

/* By its id, or of those that live the one of that name. */
static struct call *
named_call(const struct command *k)
{
	const struct supervise *s = k->ask;
	struct call *c = call_find(k->desk, &s->call);

	if (c != NULL || s->call_name.len == 0)
		return c;
	for (c = k->desk->calls; c != NULL; c = c->hh.next)
		if (str_eq((struct str){ c->name, c->name_len }, s->call_name))
			return c;
	return NULL;
}

static enum err
find_call(struct command *k)
{
	k->answer.what = "call";
	k->call = named_call(k);
	if (k->call == NULL)
		return wrong(k, ERR_NOT_FOUND, "call", k->ask->call_name);
	id_text(&k->call->id, k->object);
	k->answer.version = decision_version(k->desk, k->call);
	snprintf(k->before, sizeof(k->before), "%s",
	    k->call->queue != NULL ? k->call->queue->name : "");
	return ERR_OK;
}

static enum err
must_wait(struct command *k)
{
	return call_is_open(k->call)
	           ? ERR_OK
	           : wrong(k, ERR_REFUSED, "not_waiting",
			 str_of(call_state_word(k->call->state)));
}

/* What it would stand by there. */
static int64_t
score_in(struct desk *d, struct call *c, struct queue *q)
{
	struct queue *own = c->queue;
	int64_t score;

	c->queue = q;
	score = acd_score(c->enqueued_at - credit_of(d, c));
	c->queue = own;
	return score;
}

static enum err
check_move(struct command *k)
{
	enum err e = must_wait(k);

	if (e != ERR_OK)
		return e;
	k->queue = queue_by_name(k->desk, k->ask->queue);
	if (k->queue == NULL)
		return wrong(k, ERR_NOT_FOUND, "queue", k->ask->queue);
	if (k->queue == k->call->queue)
		return wrong(
		    k, ERR_REFUSED, "same", str_of(k->call->queue->name));
	leaves(k);
	comes(k, k->queue, score_in(k->desk, k->call, k->queue));
	snprintf(k->after, sizeof(k->after), "%s", k->queue->name);
	return ERR_OK;
}

/* As it stands from now on: told to the ACD, and as what to the ledger. */
static void
stands(struct command *k, struct ledger_unit *u, const struct decision *what)
{
	struct desk *d = k->desk;
	struct call *c = k->call;

	d->deciding = true;
	call_requeue(d, c);
	d->deciding = false;
	decision_put(d, u, c, what);
	record_call(u, c, c->seq);
	k->answer.version = decision_version(d, c);
}

static enum err
do_move(struct command *k, struct ledger_unit *u)
{
	struct call *c = k->call;
	struct decision what = { .kind = DECISION_MOVED,
		.by = k->action->actor,
		.from = c->queue,
		.in_line = true };

	if (c->offers != NULL)
		call_unqueue(k->desk, u, c, OFFER_END_WITHDRAWN);
	c->requeue = k->queue;
	c->requeue_direct = 0;
	call_take_requeue(k->desk, c);
	stands(k, u, &what);
	return ERR_OK;
}

static enum err
check_priority(struct command *k)
{
	const struct supervise *s = k->ask;
	const struct call was = *k->call;
	enum err e = must_wait(k);
	int64_t score;

	if (e != ERR_OK)
		return e;
	snprintf(k->before, sizeof(k->before), "class %u, %lld s",
	    k->call->priority, (long long)(k->call->granted_us / 1000000));
	if (s->by_class)
		k->call->priority = s->class;
	else
		k->call->granted_us = s->credit_us;
	snprintf(k->after, sizeof(k->after), "class %u, %lld s",
	    k->call->priority, (long long)(k->call->granted_us / 1000000));
	score = score_in(k->desk, k->call, k->call->queue);
	k->call->priority = was.priority;
	k->call->granted_us = was.granted_us;
	passes(k, score);
	return ERR_OK;
}

static enum err
do_priority(struct command *k, struct ledger_unit *u)
{
	const struct decision what = { .kind = DECISION_REPRIORITISED,
		.by = k->action->actor,
		.in_line = true };

	if (k->ask->by_class)
		k->call->priority = k->ask->class;
	else
		k->call->granted_us = k->ask->credit_us;
	stands(k, u, &what);
	return ERR_OK;
}

static const char *
whose(const struct command *k)
{
	const struct agent *a = agent_find(k->desk, k->call->direct);

	return a != NULL ? a->name : "";
}

/* Somebody who can take it: logged in, at a phone of its switch. */
static enum err
check_assign(struct command *k)
{
	struct str name = k->ask->agent;
	enum err e = must_wait(k);
	uint32_t id;

	if (e != ERR_OK)
		return e;
	snprintf(k->before, sizeof(k->before), "%s", whose(k));
	if (name.len == 0) {
		if (k->call->direct == 0)
			return wrong(k, ERR_REFUSED, "same", name);
		comes(k, k->call->queue,
		    score_in(k->desk, k->call, k->call->queue));
		return ERR_OK;
	}
	if (desk_agent_find(k->desk, name, &id) != ERR_OK)
		return wrong(k, ERR_NOT_FOUND, "agent", name);
	k->agent = agent_find(k->desk, id);
	if (k->agent->device == NULL || k->agent->state == AGENT_STATE_NULL)
		return wrong(k, ERR_REFUSED, "not_logged_in", name);
	if (k->agent->device->switch_id != k->call->sw->id)
		return wrong(k, ERR_REFUSED, "other_switch", name);
	leaves(k);
	snprintf(k->after, sizeof(k->after), "%s", k->agent->name);
	return ERR_OK;
}

static enum err
do_assign(struct command *k, struct ledger_unit *u)
{
	struct call *c = k->call;
	struct decision what = { .kind = k->agent != NULL ? DECISION_ASSIGNED
		                                          : DECISION_EVERYBODY,
		.by = k->action->actor,
		.agent = k->agent,
		.in_line = true };

	if (c->offers != NULL)
		call_unqueue(k->desk, u, c, OFFER_END_WITHDRAWN);
	call_set_direct(k->desk, c, k->agent != NULL ? k->agent->id : 0);
	stands(k, u, &what);
	return ERR_OK;
}

static enum err
check_withdraw(struct command *k)
{
	enum err e = must_wait(k);

	if (e != ERR_OK)
		return e;
	if (k->call->sw->attached == NULL ||
	    (k->call->sw->can & ORDER_BIT(ORDER_CLEAR)) == 0)
		return wrong(
		    k, ERR_REFUSED, "listens", str_of(k->call->sw->name));
	leaves(k);
	snprintf(k->after, sizeof(k->after), "withdrawn");
	return ERR_OK;
}

static enum err
do_withdraw(struct command *k, struct ledger_unit *u)
{
	struct desk *d = k->desk;
	struct call *c = k->call;
	const struct decision what = { .kind = DECISION_WITHDRAWN,
		.by = k->action->actor };

	call_unqueue(d, u, c, OFFER_END_WITHDRAWN);
	wait_end(d, c);
	decision_put(d, u, c, &what);
	k->answer.version = decision_version(d, c);
	return gate_turn_away(
		   d, c, (struct gate_way){ NULL, false }, CAUSE_WITHDRAWN)
	           ? ERR_OK
	           : wrong(k, ERR_REFUSED, "listens", str_of(c->sw->name));
}

/* ------------------------------------------------------------- the commands */

static const struct {
	enum err (*find)(struct command *);
	/* May it be done?  What it would do is in the answer then. */
	enum err (*check)(struct command *);
	enum err (*act)(struct command *, struct ledger_unit *);
} commands[SUPERVISE_NKINDS] = {
	[SUPERVISE_AGENT_STATE] = { find_agent, check_agent, do_agent },
	[SUPERVISE_MOVE] = { find_call, check_move, do_move },
	[SUPERVISE_PRIORITY] = { find_call, check_priority, do_priority },
	[SUPERVISE_ASSIGN] = { find_call, check_assign, do_assign },
	[SUPERVISE_WITHDRAW] = { find_call, check_withdraw, do_withdraw },
};

static void
answer(struct command *k, enum err e, desk_supervise_fn *done, void *arg)
{
	k->answer.object = str_of(k->object);
	k->answer.before = str_of(k->before);
	k->answer.after = str_of(k->after);
	k->answer.effects = k->effects;
	done(arg, e, &k->answer);
}

static void
record_command(struct command *k, struct ledger_unit *u)
{
	char detail[2 * TEXT_MAX_LEN + 8];
	struct audit_row r = {
		.key = k->action->op,
		.at = k->desk->now,
		.actor = k->action->actor,
		.action = str_of(words[k->ask->kind]),
		.object = str_of(k->object),
		.detail = { detail, (uint32_t)snprintf(detail, sizeof(detail),
					"%s -> %s", k->before, k->after) },
	};

	log_info(LOG_DESK, "%s=%s %s by=%.*s %s", k->answer.what, k->object,
	    words[k->ask->kind], STR_ARG(k->action->actor), detail);
	desk_must(ledger_put_audit(u, &r));
}

/* Done before: not again, and answered with how it is now. */
static bool
was_done(const struct desk *d, const struct id *op)
{
	for (unsigned i = 0; i < SUPERVISED_REMEMBERED; i++)
		if (!id_is_none(op) && id_eq(&d->supervision.done[i], op))
			return true;
	return false;
}

static enum err
carry_out(struct command *k)
{
	struct desk *d = k->desk;
	const struct supervise *s = k->ask;
	struct ledger_unit *u;
	enum err e = commands[s->kind].find(k);

	if (e != ERR_OK)
		return e;
	if (was_done(d, &k->action->op)) {
		snprintf(k->after, sizeof(k->after), "%s", k->before);
		u = record_begin(d);
		record_commit_op(d, &u, k->action);
		return ERR_OK;
	}
	if (s->expect != 0 && s->expect != k->answer.version)
		return ERR_STALE;
	if ((e = commands[s->kind].check(k)) != ERR_OK || s->dry_run)
		return e;
	u = record_begin(d);
	e = commands[s->kind].act(k, u);
	if (e == ERR_OK) {
		d->supervision
		    .done[d->supervision.next++ % SUPERVISED_REMEMBERED] =
		    k->action->op;
		record_command(k, u);
	}
	record_commit_op(d, &u, k->action);
	return e;
}

void
desk_supervise(struct desk *d, const struct desk_action *action,
    const struct supervise *ask, desk_supervise_fn *done, void *arg)
{
	struct command *k = calloc(1, sizeof(*k));
	enum err e;

	desk_must(k != NULL ? ERR_OK : ERR_NOMEM);
	d->now = action->now;
	k->desk = d;
	k->action = action;
	k->ask = ask;
	k->answer.what = "command";
	if (ask->kind == SUPERVISE_DOOR) {
		door_ask(d, action, ask, done, arg);
	} else {
		e = ask->kind >= SUPERVISE_NKINDS ||
		            commands[ask->kind].find == NULL
		        ? wrong(k, ERR_BAD_FIELD, "kind",
			      STR_LIT("none of the commands"))
		        : carry_out(k);
		answer(k, e, done, arg);
	}
	free(k);
}
