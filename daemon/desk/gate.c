/*
 * gate.c - who may wait in a queue, and how long.
 */
#include "desk/state.h"

int64_t
gate_next_at(const struct desk *d, const struct call *c)
{
	(void)d;
	(void)c;
	return INT64_MAX;
}

bool
gate_due(struct desk *d, struct call *c)
{
	(void)d;
	(void)c;
	return true;
}
