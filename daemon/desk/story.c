/*
 * story.c - the screen pop: who calls, read while the phone already rings.
 *
 * The offer never waits for it; it follows when the ledger has answered, and
 * is dropped if the offer has ended by then, unless the agent took the call.
 *
 * Few are asked at once and the rest wait here, where those that nobody wants
 * any more cost nothing: a slow ledger must not answer for the gone first, and
 * whatever else is asked of it (a switch that attaches) must not stand behind
 * ten thousand stories.
 */
#include "desk/state.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/text.h"
#include "desk/number.h"

#define STORY_ROWS 8
#define STORIES_ASKED 8

struct story_ask {
	STAILQ_ENTRY(story_ask) next;
	struct desk *desk;
	uint64_t offer, ticket;
	struct id call;
	uint32_t agent;
};

enum { WHAT, AT, TEXT, TICKET_ID, KIND, STATUS, AGENT, N, N_COLUMNS };

static void ask_next(struct desk *);

static void
add_customer(struct story_news *n, const struct str *cell)
{
	n->customer = cell[TEXT];
	n->grade = cell[KIND];
	n->n_total = (unsigned)ledger_number(cell[N]);
}

static void
add_contact(
    struct story_news *n, struct story_contact *c, const struct str *cell)
{
	if (n->n_contacts == STORY_ROWS)
		return;
	c[n->n_contacts++] = (struct story_contact){
		.at = ledger_number(cell[AT]),
		.summary = cell[TEXT],
		.agent = cell[AGENT],
		.ticket =
		    ticket_number((uint64_t)ledger_number(cell[TICKET_ID])),
	};
}

static void
add_ticket(struct story_news *n, struct story_ticket *t, const struct str *cell)
{
	if (n->n_open == STORY_ROWS)
		return;
	t[n->n_open++] = (struct story_ticket){
		.number =
		    ticket_number((uint64_t)ledger_number(cell[TICKET_ID])),
		.kind = ticket_kind_of(cell[KIND]),
		.status = cell[STATUS],
		.subject = cell[TEXT],
		.owner = cell[AGENT],
		.opened_at = ledger_number(cell[AT]),
	};
}

static bool
still_wanted(struct desk *d, const struct story_ask *s)
{
	const struct agent *a = agent_find(d, s->agent);

	return a != NULL && a->present &&
	       (offer_find(d, s->offer) != NULL ||
		   id_eq(&a->last_call, &s->call));
}

static void
story_done(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct story_ask *s = arg;
	struct story_contact contacts[STORY_ROWS];
	struct story_ticket open[STORY_ROWS];
	struct story_news n = {
		.offer = s->offer,
		.call = s->call,
		.contacts = contacts,
		.open = open,
		.ticket = ticket_number(s->ticket),
	};

	if (e == ERR_OK && still_wanted(s->desk, s)) {
		for (unsigned i = 0; i < rows->n; i++) {
			const struct str *cell =
			    rows->cells + i * rows->n_columns;

			if (str_eq(cell[WHAT], STR_LIT("customer")))
				add_customer(&n, cell);
			else if (str_eq(cell[WHAT], STR_LIT("contact")))
				add_contact(&n, contacts, cell);
			else if ((uint64_t)ledger_number(cell[TICKET_ID]) !=
				 s->ticket)
				add_ticket(&n, open, cell);
		}
		s->desk->news->story(s->desk->news->arg, s->agent, &n);
	}
	s->desk->n_stories--;
	ask_next(s->desk);
	free(s);
}

/* PostgreSQL is away: the calls go on without. */
static void
ask_next(struct desk *d)
{
	while (d->n_stories < STORIES_ASKED && !STAILQ_EMPTY(&d->stories)) {
		struct story_ask *s = STAILQ_FIRST(&d->stories);
		const struct call *c = call_find(d, &s->call);
		struct str args[2];

		STAILQ_REMOVE_HEAD(&d->stories, next);
		if (c == NULL || !still_wanted(d, s)) {
			free(s);
			continue;
		}
		args[0] = str_of(c->e164);
		args[1] = str_of(c->caller);
		if (d->ledger->ops->query(
			d->ledger, LQ_STORY, 2, args, story_done, s) == ERR_OK)
			d->n_stories++;
		else
			free(s);
	}
}

void
story_ask(
    struct desk *d, const struct call *c, const struct agent *a, uint64_t offer)
{
	struct story_ask *s;

	if (c->e164[0] == '\0' && text_is_withheld(str_of(c->caller)))
		return; /* withheld: nothing to look up */
	s = malloc(sizeof(*s));
	desk_must(s != NULL ? ERR_OK : ERR_NOMEM);
	*s = (struct story_ask){ .desk = d,
		.offer = offer,
		.ticket = c->ticket,
		.call = c->id,
		.agent = a->id };
	STAILQ_INSERT_TAIL(&d->stories, s, next);
	ask_next(d);
}

void
stories_fini(struct desk *d)
{
	struct story_ask *s;

	while ((s = STAILQ_FIRST(&d->stories)) != NULL) {
		STAILQ_REMOVE_HEAD(&d->stories, next);
		free(s);
	}
}
