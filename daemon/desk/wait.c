/*
 * wait.c - what becomes of a call only because it waits: one timer for all of
 * it, set to whatever comes next.
 */
#include "desk/state.h"

#include "desk/direct.h"

void
wait_begin(struct desk *d, struct call *c)
{
	int64_t line = line_next_at(d, c), gate = gate_next_at(d, c);
	int64_t at = direct_next_at(c);

	at = line < at ? line : at;
	at = gate < at ? gate : at;

	if (at == INT64_MAX)
		timer_clear(d, &c->wait);
	else
		desk_must(timer_set(d, &c->wait, at));
}

void
wait_end(struct desk *d, struct call *c)
{
	timer_clear(d, &c->wait);
}

void
wait_due(struct desk *d, struct call *c)
{
	if (!gate_due(d, c))
		return;
	direct_due(d, c);
	line_due(d, c);
	wait_begin(d, c);
}
