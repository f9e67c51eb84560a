/*
 * line.c - where a call stands: the line of the ACD that its queue's rules
 * give it at a time.
 */
#include "desk/state.h"

void
line_of(const struct desk *d, const struct call *c, struct acd_line *out)
{
	(void)d;
	*out = c->queue->line;
	if (c->direct != 0)
		*out = (struct acd_line){ .queue = c->queue->id,
			.agent = c->direct };
}

int64_t
line_next_at(const struct desk *d, const struct call *c)
{
	(void)d;
	(void)c;
	return INT64_MAX;
}

void
line_due(struct desk *d, struct call *c)
{
	(void)d;
	(void)c;
}
