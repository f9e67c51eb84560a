/*
 * due.c - see due.h.
 */
#include "conform/due.h"

enum err
due_find(const struct cal_spec *calendar, int64_t start, int64_t goal_us,
    size_t n, struct pause *pauses, int64_t *due)
{
	struct calendar *c;
	int64_t at = start, left = goal_us;
	enum err e = calendar_new(&calendar, 1, NULL, &c);

	if (e != ERR_OK)
		return e;
	/* In order: what has been passed over once is never come back to. */
	for (size_t i = 0; i < n; i++) {
		if (pauses[i].to <= at || pauses[i].to == pauses[i].from)
			continue;
		if (pauses[i].from > at) {
			if (calendar_add(c, at, left) < pauses[i].from)
				break;
			left -= calendar_elapsed(c, at, pauses[i].from);
		}
		at = pauses[i].to;
	}
	*due = calendar_add(c, at, left);
	calendar_free(&c);
	return ERR_OK;
}
