/*
 * clockwork_bad.c - tickets that cannot be evaluated or written.
 *
 * Each is told once and left alone, longer each time, so that it neither keeps
 * the others waiting nor is forgotten.  Time is counted in sweeps.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/log.h"
#include "desk/clockwork_state.h"

#define FIRST_SWEEPS 60
#define MOST_DOUBLINGS 6

static struct bad_ticket *
bad_find(const struct clockwork *w, uint64_t ticket)
{
	struct bad_ticket *b;

	HASH_FIND(hh, w->bad, &ticket, sizeof(ticket), b);
	return b;
}

static struct bad_ticket *
bad_get(struct clockwork *w, uint64_t ticket)
{
	struct bad_ticket *b = bad_find(w, ticket);

	if (b != NULL || (b = calloc(1, sizeof(*b))) == NULL)
		return b;
	b->ticket = ticket;
	HASH_ADD(hh, w->bad, ticket, sizeof(b->ticket), b);
	if (HASH_ADD_OK(hh, b))
		return b;
	free(b);
	return NULL;
}

bool
bad_is(const struct clockwork *w, uint64_t ticket)
{
	const struct bad_ticket *b = bad_find(w, ticket);

	return b != NULL && w->sweeps < b->until;
}

bool
bad_is_alone(const struct clockwork *w, uint64_t ticket)
{
	const struct bad_ticket *b = bad_find(w, ticket);

	return b != NULL && b->alone;
}

void
bad_add(struct clockwork *w, uint64_t ticket, const char *why)
{
	struct bad_ticket *b = bad_get(w, ticket);
	unsigned doublings;

	if (b == NULL)
		return; /* no memory: it is tried again too soon */
	if (b->tries == 0)
		log_error(LOG_DESK,
		    "clocks: ticket=%" PRIu64 " left alone for a while: %s",
		    ticket, why);
	doublings = b->tries < MOST_DOUBLINGS ? b->tries : MOST_DOUBLINGS;
	b->until = w->sweeps + (FIRST_SWEEPS << doublings);
	b->tries++;
	b->alone = true;
}

void
bad_suspect(struct clockwork *w, uint64_t ticket)
{
	struct bad_ticket *b = bad_get(w, ticket);

	if (b != NULL)
		b->alone = true;
}

void
bad_clear(struct clockwork *w, uint64_t ticket)
{
	struct bad_ticket *b = bad_find(w, ticket);

	if (b == NULL)
		return;
	HASH_DELETE(hh, w->bad, b);
	free(b);
}

void
bad_fini(struct clockwork *w)
{
	struct bad_ticket *b, *next;

	HASH_ITER(hh, w->bad, b, next)
	{
		HASH_DELETE(hh, w->bad, b);
		free(b);
	}
}
