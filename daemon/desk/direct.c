/*
 * direct.c - calls that wait for one agent alone.
 *
 * Such a call stands in the agent's own line, in its place by the same order as
 * all others.  It waits for everybody of its queue, with the time that it has
 * waited, once the queue's time for it is up (`direct'), the agent has logged
 * off, or has refused it.
 */
#include "desk/direct.h"

#include "desk/state.h"

void
call_set_direct(struct desk *d, struct call *c, uint32_t agent)
{
	int64_t longest = c->queue->rules.direct_us;

	c->direct = agent;
	c->direct_until = agent != 0 && longest > 0 ? d->now + longest : 0;
}

void
call_take_requeue(struct desk *d, struct call *c)
{
	const struct agent *a = agent_find(d, c->requeue_direct);
	bool there = a != NULL && a->state != AGENT_STATE_NULL;

	if (c->queue != c->requeue)
		line_restart(d, c);
	c->moved_to = c->queue = c->requeue;
	call_set_direct(d, c, there ? a->id : 0);
	c->requeue = NULL;
	c->requeue_direct = 0;
}

int64_t
direct_next_at(const struct call *c)
{
	return c->direct_until != 0 ? c->direct_until : INT64_MAX;
}

void
direct_due(struct desk *d, struct call *c)
{
	if (c->direct_until != 0 && c->direct_until <= d->now)
		direct_end(d, c);
}

void
direct_end(struct desk *d, struct call *c)
{
	c->direct = 0;
	c->direct_until = 0;
	if (!call_is_open(c))
		return;
	line_due(d, c);
	wait_begin(d, c);
}

void
direct_forget(struct desk *d, const struct agent *a)
{
	for (struct call *c = d->calls; c != NULL; c = c->hh.next)
		if (c->direct == a->id)
			direct_end(d, c);
}
