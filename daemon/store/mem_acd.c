/*
 * mem_acd.c - the ACD in this process: what each command does to the floor.
 *
 * A command is carried out when it is sent; only its `done' waits for the loop.
 * Whoever comes free is first put back where he belongs, then matched: calls
 * before agents.
 */
#include "store/acd.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/queue.h>

#include <event2/event.h>

#include "store/mem_floor.h"

struct pending {
	STAILQ_ENTRY(pending) entry;
	acd_done_fn *done;
	void *arg;
	struct acd_reply reply;
	struct acd_effect effects[ACD_MAX_EFFECTS];
};

struct mem_acd {
	struct acd acd;
	struct event *run; /* NULL: the owner calls mem_acd_run() */
	struct floor floor;
	STAILQ_HEAD(, pending) pending;
	unsigned n_pending;
	bool closing;
	struct acd_stats stats;
};

typedef enum err command_fn(
    struct floor *, const struct acd_cmd *, struct pending *);

static inline struct mem_acd *
mem(struct acd *a)
{
	return (struct mem_acd *)(void *)a;
}

/* -------------------------------------------------------------- commands */

static void
tell(struct pending *p, enum acd_effect_kind kind, const struct agent *a)
{
	assert(p->reply.n_effects < ACD_MAX_EFFECTS);
	p->effects[p->reply.n_effects++] = (struct acd_effect){
		.kind = kind,
		.offer = a->offer,
		.call = a->call->id,
		.agent = a->id,
	};
}

/* At as many agents as it may ring. */
static void
match_call(struct floor *f, struct call *c, struct pending *p)
{
	while (floor_match_call(f, c))
		tell(p, ACD_OFFERED, TAILQ_LAST(&c->offers, offered));
}

/* Ready from here, if there is no call for him: whoever gets one at once need
 * not sit down in all his lines before. */
static void
place_agent(struct floor *f, struct agent *a, struct pending *p)
{
	if (floor_match_agent(f, a))
		tell(p, ACD_OFFERED, a);
	else
		floor_set_state(f, a, FLOOR_READY);
}

/* He takes no work any more: what he was offered goes back and on. */
static void
stop_agent(
    struct floor *f, struct agent *a, enum floor_state to, struct pending *p)
{
	struct call *c;

	if (a->state != FLOOR_OFFERED) {
		floor_set_state(f, a, to);
		return;
	}
	tell(p, ACD_RESCINDED, a);
	c = floor_end_offer(f, a, to);
	floor_wait(f, c);
	match_call(f, c, p);
}

/* The call is gone; whom it rang is free, and matched on. */
static void
remove_call(struct floor *f, struct call *c, struct pending *p)
{
	struct agent *freed[ACD_MAX_RING], *a;
	unsigned n = 0;

	while ((a = TAILQ_FIRST(&c->offers)) != NULL) {
		tell(p, ACD_RESCINDED, a);
		(void)floor_end_offer(f, a, FLOOR_IDLE);
		freed[n++] = a;
	}
	floor_remove_call(f, c);
	for (unsigned i = 0; i < n; i++)
		place_agent(f, freed[i], p);
}

static enum err
enqueue(struct floor *f, const struct acd_cmd *cmd, struct pending *p)
{
	struct call *c = floor_call(f, &cmd->call);
	enum err e;

	assert(!id_is_none(&cmd->call));
	if (c == NULL) {
		if ((e = floor_add_call(f, cmd, &c)) != ERR_OK)
			return e;
		for (unsigned i = 0; i < cmd->n_excluded; i++)
			if (floor_exclude(c, cmd->excluded[i]) != ERR_OK)
				return ERR_NOMEM;
		match_call(f, c, p);
	}
	p->reply.staffed = c->line->staffed;
	return ERR_OK;
}

static enum err
dequeue(struct floor *f, const struct acd_cmd *cmd, struct pending *p)
{
	struct call *c = floor_call(f, &cmd->call);

	if (c != NULL)
		remove_call(f, c, p);
	return ERR_OK;
}

static enum err
move(struct floor *f, const struct acd_cmd *cmd, struct pending *p)
{
	struct call *c = floor_call(f, &cmd->call);
	enum err e;

	if (c == NULL)
		return ERR_NOT_FOUND;
	if ((e = floor_move_call(f, c, cmd)) != ERR_OK)
		return e;
	match_call(f, c, p);
	p->reply.staffed = c->line->staffed;
	return ERR_OK;
}

static enum err
logout(struct floor *f, const struct acd_cmd *cmd, struct pending *p)
{
	struct agent *a = floor_agent(f, cmd->agent);

	if (a == NULL)
		return ERR_NOT_FOUND;
	stop_agent(f, a, FLOOR_IDLE, p);
	floor_remove_agent(f, a);
	return ERR_OK;
}

/* Whoever is logged in already starts afresh. */
static enum err
login(struct floor *f, const struct acd_cmd *cmd, struct pending *p)
{
	assert(cmd->agent != 0);
	(void)logout(f, cmd, p);
	return floor_add_agent(f, cmd->agent, cmd->profile);
}

static enum err
ready(struct floor *f, const struct acd_cmd *cmd, struct pending *p)
{
	struct agent *a = floor_agent(f, cmd->agent);

	if (a == NULL)
		return ERR_NOT_FOUND;
	if (a->state == FLOOR_OFFERED)
		return ERR_REFUSED;
	if (a->state == FLOOR_READY)
		return ERR_OK;
	floor_set_scores(a, cmd);
	place_agent(f, a, p);
	return ERR_OK;
}

/* NOT_READY and WRAP_UP: the desk knows the difference, nobody is matched. */
static enum err
idle(struct floor *f, const struct acd_cmd *cmd, struct pending *p)
{
	struct agent *a = floor_agent(f, cmd->agent);

	if (a == NULL)
		return ERR_NOT_FOUND;
	stop_agent(f, a, FLOOR_IDLE, p);
	return ERR_OK;
}

static enum err
busy(struct floor *f, const struct acd_cmd *cmd, struct pending *p)
{
	struct agent *a = floor_agent(f, cmd->agent);

	if (a == NULL)
		return ERR_NOT_FOUND;
	stop_agent(f, a, FLOOR_BUSY, p);
	return ERR_OK;
}

/* Only a live offer can be seen; the desk keeps the time. */
static enum err
shown(struct floor *f, const struct acd_cmd *cmd, struct pending *p)
{
	(void)p;
	return floor_offered(f, cmd->offer) ? ERR_OK : ERR_OFFER_GONE;
}

/* Who took a call is busy with it; who took a work item has it in hand. */
static enum err
accepted(struct floor *f, const struct acd_cmd *cmd, struct pending *p)
{
	struct agent *a = floor_offered(f, cmd->offer);
	struct call *c;
	bool work;

	if (a == NULL)
		return ERR_OFFER_GONE;
	work = a->call->line->key.media == ACD_WORK;
	if (work)
		floor_set_in_hand(a, a->in_hand + 1);
	c = floor_end_offer(f, a, FLOOR_BUSY);
	remove_call(f, c, p);
	if (work)
		place_agent(f, a, p);
	return ERR_OK;
}

static enum err
item_done(struct floor *f, const struct acd_cmd *cmd, struct pending *p)
{
	struct agent *a = floor_agent(f, cmd->agent);

	if (a == NULL)
		return ERR_NOT_FOUND;
	if (a->in_hand == 0)
		return ERR_OK;
	floor_set_in_hand(a, a->in_hand - 1);
	if (a->state == FLOOR_READY)
		place_agent(f, a, p);
	return ERR_OK;
}

static enum acd_seen
seen_call(const struct call *c)
{
	if (c == NULL)
		return ACD_SEEN_NONE;
	return c->n_offers > 0 ? ACD_SEEN_OFFERED : ACD_SEEN_WAITING;
}

static enum acd_seen
seen_agent(const struct agent *a)
{
	static const enum acd_seen seen[] = {
		[FLOOR_IDLE] = ACD_SEEN_IDLE,
		[FLOOR_READY] = ACD_SEEN_READY,
		[FLOOR_OFFERED] = ACD_SEEN_OFFERED,
		[FLOOR_BUSY] = ACD_SEEN_BUSY,
	};

	return a == NULL ? ACD_SEEN_NONE : seen[a->state];
}

static enum err
look(struct floor *f, const struct acd_cmd *cmd, struct pending *p)
{
	p->reply.seen = id_is_none(&cmd->call)
	                    ? seen_agent(floor_agent(f, cmd->agent))
	                    : seen_call(floor_call(f, &cmd->call));
	return ERR_OK;
}

static enum err
end_offer(struct floor *f, const struct acd_cmd *cmd, struct pending *p)
{
	struct agent *a = floor_offered(f, cmd->offer);
	struct call *c;

	if (a == NULL)
		return ERR_OFFER_GONE;
	if (cmd->exclude && floor_exclude(a->call, a->id) != ERR_OK)
		return ERR_NOMEM;
	c = floor_end_offer(f, a, cmd->stay_ready ? FLOOR_READY : FLOOR_IDLE);
	floor_wait(f, c);
	match_call(f, c, p);
	if (a->state == FLOOR_READY)
		place_agent(f, a, p);
	return ERR_OK;
}

/* clang-format off */
static command_fn *const commands[ACD_NOPS] = {
	[ACD_ENQUEUE]   = enqueue,
	[ACD_DEQUEUE]   = dequeue,
	[ACD_LOGIN]     = login,
	[ACD_LOGOUT]    = logout,
	[ACD_READY]     = ready,
	[ACD_NOT_READY] = idle,
	[ACD_WRAP_UP]   = idle,
	[ACD_SHOWN]     = shown,
	[ACD_ACCEPT]    = accepted,
	[ACD_END_OFFER] = end_offer,
	[ACD_BUSY]      = busy,
	[ACD_MOVE]      = move,
	[ACD_ITEM_DONE] = item_done,
	[ACD_LOOK]      = look,
};
/* clang-format on */

/* --------------------------------------------------------------- the ACD */

static enum err
mem_send(
    struct acd *acd, const struct acd_cmd *cmd, acd_done_fn *done, void *arg)
{
	struct mem_acd *m = mem(acd);
	struct pending *p;

	assert(cmd->op > ACD_NONE && cmd->op < ACD_NOPS);
	if (m->closing)
		return ERR_IO;
	if ((p = calloc(1, sizeof(*p))) == NULL)
		return ERR_NOMEM;
	p->done = done;
	p->arg = arg;
	p->reply.err = commands[cmd->op](&m->floor, cmd, p);
	p->reply.effects = p->effects;
	m->stats.commands++;
	m->stats.effects += p->reply.n_effects;
	m->stats.failures += p->reply.err == ERR_NOMEM;
	STAILQ_INSERT_TAIL(&m->pending, p, entry);
	m->n_pending++;
	if (m->run != NULL)
		event_active(m->run, 0, 0);
	return ERR_OK;
}

void
mem_acd_run(struct acd *acd)
{
	struct mem_acd *m = mem(acd);
	struct pending *p;

	while ((p = STAILQ_FIRST(&m->pending)) != NULL) {
		STAILQ_REMOVE_HEAD(&m->pending, entry);
		m->n_pending--;
		p->done(p->arg, &p->reply);
		free(p);
	}
}

static void
run_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	mem_acd_run(arg);
}

static unsigned
mem_in_flight(const struct acd *acd)
{
	return ((const struct mem_acd *)(const void *)acd)->n_pending;
}

static enum err
mem_reset(struct acd *acd, uint32_t generation)
{
	struct mem_acd *m = mem(acd);

	floor_clear(&m->floor);
	m->floor.generation = generation;
	m->stats.rebuilds++;
	return ERR_OK;
}

static void
mem_stats(const struct acd *acd, struct acd_stats *out)
{
	const struct mem_acd *m = (const struct mem_acd *)(const void *)acd;

	*out = m->stats;
	out->waiting = m->floor.n_waiting;
	out->ready = m->floor.n_ready;
}

static void
mem_free(struct acd *acd)
{
	struct mem_acd *m = mem(acd);
	struct pending *p;

	m->closing = true;
	STAILQ_FOREACH (p, &m->pending, entry)
		p->reply = (struct acd_reply){ .err = ERR_IO };
	mem_acd_run(acd);
	floor_clear(&m->floor);
	if (m->run != NULL)
		event_free(m->run);
	free(m);
}

static const struct acd_ops mem_ops = {
	.name = "memory",
	.send = mem_send,
	.in_flight = mem_in_flight,
	.reset = mem_reset,
	.stats = mem_stats,
	.free = mem_free,
};

enum err
mem_acd_new(struct event_base *base, struct acd **out)
{
	struct mem_acd *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return ERR_NOMEM;
	m->acd.ops = &mem_ops;
	STAILQ_INIT(&m->pending);
	if (base != NULL) {
		m->run = event_new(base, -1, 0, run_cb, &m->acd);
		if (m->run == NULL) {
			free(m);
			return ERR_NOMEM;
		}
	}
	*out = &m->acd;
	return ERR_OK;
}
