/*
 * due.c - see due.h.
 */
#include "conform/due.h"

#include <stdlib.h>

#include "sla/clock.h"

#define MEMORY_MAX ((size_t)64 << 20)

/*
 * Only what is behind `start', and united: two that touch are one, or the
 * clock would be taken up between them, where the second has begun.
 */
static size_t
unite(int64_t start, size_t n, struct pause *p)
{
	size_t out = 0;

	for (size_t i = 0; i < n; i++) {
		struct pause next = p[i];

		if (next.from < start)
			next.from = start;
		if (next.to <= next.from)
			continue;
		if (out > 0 && next.from <= p[out - 1].to) {
			if (next.to > p[out - 1].to)
				p[out - 1].to = next.to;
		} else {
			p[out++] = next;
		}
	}
	return out;
}

static struct sla_fact *
tell_history(int64_t start, size_t n, const struct pause *p)
{
	struct sla_fact *facts = calloc(2 * n + 1, sizeof(*facts)), *f = facts;

	if (facts == NULL)
		return NULL;
	*f++ = (struct sla_fact){ .at = start, .kind = FACT_RECEIVED };
	for (size_t i = 0; i < n; i++) {
		*f++ = (struct sla_fact){ .at = p[i].from,
			.kind = FACT_PENDED,
			.wait = WAIT_CUSTOMER };
		*f++ = (struct sla_fact){ .at = p[i].to, .kind = FACT_RESUMED };
	}
	for (size_t i = 0; i < 2 * n + 1; i++)
		facts[i].seq = (uint32_t)i;
	return facts;
}

/* One policy for everything: this goal by this calendar. */
static enum err
make_book(const struct due_calendars *calendars, int64_t start, int64_t goal_us,
    struct sla_book **out)
{
	struct sla_target target = { .metric = SLA_RESOLUTION,
		.type = TARGET_BUSINESS,
		.goal_us = goal_us,
		.calendar = calendars->specs[0].name,
		.pauses = WAIT_CUSTOMER };
	struct sla_policy policy = { .name = STR_LIT("conform"),
		.agreement = SLA_SLA,
		.n_targets = 1,
		.targets = &target };
	struct sla_revision revision = { .id = 1,
		.at = start,
		.n_calendars = calendars->n,
		.n_policies = 1,
		.calendars = calendars->specs,
		.policies = &policy };
	enum err e = sla_book_new(NULL, out);

	if (e == ERR_OK && (e = sla_book_add(*out, &revision)) != ERR_OK)
		sla_book_free(out);
	return e;
}

enum err
due_find(const struct due_calendars *calendars, int64_t start, int64_t goal_us,
    size_t n, struct pause *pauses, int64_t *due)
{
	size_t left = unite(start, n, pauses);
	struct sla_history history = { .ticket = 1,
		.n = (unsigned)(2 * left + 1) };
	struct arena *arena = arena_new(4096, MEMORY_MAX);
	struct sla_fact *facts = tell_history(start, left, pauses);
	struct sla_book *book = NULL;
	struct sla_result result;
	enum err e = ERR_NOMEM;

	history.facts = facts;
	if (arena != NULL && facts != NULL)
		e = make_book(calendars, start, goal_us, &book);
	if (e == ERR_OK)
		e = sla_evaluate(book, &history, facts[history.n - 1].at, false,
		    arena, &result);
	if (e == ERR_OK && result.n_clocks == 1)
		*due = result.clocks[0].due_at;
	else if (e == ERR_OK)
		e = ERR_CONFIG; /* the policy has one clock for every ticket */
	if (book != NULL)
		sla_book_free(&book);
	free(facts);
	arena_free(&arena);
	return e;
}
