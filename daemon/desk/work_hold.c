/*
 * work_hold.c - which items this node holds: asked once a second.
 *
 * The question says which items we have heard of, and what our agents could
 * take ("queue/site"); the answer brings what is ours and new to us: claimed,
 * taken, withdrawn.  An item that nobody here could take is let go of.  A node
 * that PostgreSQL has not seen (revision.c) during so many of our questions is
 * dead, and what it held is claimed; sooner if its lease is over, too (the lease
 * alone does not do: who is cut off from Redis goes on with what it holds).  If
 * it was only slow, PostgreSQL refuses its agents.
 */
#include "desk/work.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"

#define PAGE 500
#define DEAD_AFTER 10 /* questions */
#define LAPSED_AFTER 3
#define SITES_MAX 16 /* of one queue, told; agents of more can wait */
#define PLACE_ROOM 24
#define ID_ROOM (ID_TEXT_LEN + 1)

struct work_node {
	char name[NAME_MAX_LEN + 1];
	uint64_t seen_at;
	unsigned still; /* for so many questions */
	bool dead;      /* as far as we know */
	struct work_node *next;
};

struct work_ack {
	struct id id;
	uint32_t rev;
};

/* Where somebody could take work. */
struct place {
	uint32_t queue, n;
	uint32_t sites[SITES_MAX];
	UT_hash_handle hh;
};

struct holding {
	struct desk *desk;
	unsigned n_acks; /* said */
	char *places;    /* told */
};

/* LQ_WORK_HOLD */
enum {
	H_ID,
	H_KIND,
	H_TICKET,
	H_CALL,
	H_QUEUE,
	H_SITE,
	H_E164,
	H_ENQUEUED,
	H_ARRIVAL,
	H_CREDIT,
	H_NOT_BEFORE,
	H_EXPIRES,
	H_ATTEMPT,
	H_STATE,
	H_AGENT,
	H_REV,
	H_SUBJECT,
	H_NCOLS
};

void
work_hold_fini(struct desk *d)
{
	struct work_node *n;

	while ((n = d->works->nodes) != NULL) {
		d->works->nodes = n->next;
		free(n);
	}
}

void
work_doubt(struct desk *d)
{
	d->works->fresh = true;
}

/* ---------------------------------------------------------------- arrays */

/* "{a,b}": texts of `size' bytes each. */
static char *
array_of(const char *texts, size_t size, unsigned n)
{
	struct str *list = calloc(n + 1, sizeof(*list));
	char *out;

	if (list == NULL)
		desk_stop(ERR_NOMEM);
	for (unsigned i = 0; i < n; i++)
		list[i] = str_of(texts + i * size);
	out = ledger_names(list, n);
	desk_must(out != NULL ? ERR_OK : ERR_NOMEM);
	free(list);
	return out;
}

static char *
texts_new(unsigned n, size_t size)
{
	char *p = calloc(n + 1, size);

	desk_must(p != NULL ? ERR_OK : ERR_NOMEM);
	return p;
}

static void
add_site(struct place *p, uint32_t site)
{
	unsigned i = 0;

	while (i < p->n && p->sites[i] != site)
		i++;
	if (i == p->n && p->n < SITES_MAX)
		p->sites[p->n++] = site;
}

static void
add_place(struct place **all, uint32_t queue, uint32_t site)
{
	struct place *p;

	HASH_FIND(hh, *all, &queue, sizeof(queue), p);
	if (p == NULL) {
		p = calloc(1, sizeof(*p));
		desk_must(p != NULL ? ERR_OK : ERR_NOMEM);
		p->queue = queue;
		add_site(p, 0);
		HASH_ADD(hh, *all, queue, sizeof(p->queue), p);
	}
	add_site(p, site);
}

static bool
takes_work(const struct agent *a)
{
	return a->state != AGENT_STATE_NULL && a->profile.items > 0;
}

static char *
places_now(const struct desk *d)
{
	struct place *all = NULL, *p, *next;
	unsigned n = 0;
	char *texts, *out;

	for (const struct agent *a = d->agents; a != NULL; a = a->hh.next)
		for (unsigned i = 0; takes_work(a) && i < a->profile.n_queues;
		     i++)
			add_place(&all, a->profile.queues[i],
			    a->device != NULL ? a->device->switch_id : 0);
	texts = texts_new(HASH_COUNT(all) * SITES_MAX, PLACE_ROOM);
	HASH_ITER(hh, all, p, next)
	{
		for (unsigned i = 0; i < p->n; i++)
			snprintf(texts + (size_t)n++ * PLACE_ROOM, PLACE_ROOM,
			    "%u/%u", p->queue, p->sites[i]);
		HASH_DELETE(hh, all, p);
		free(p);
	}
	out = array_of(texts, PLACE_ROOM, n);
	free(texts);
	return out;
}

static char *
agents_here(const struct desk *d)
{
	char *texts = texts_new(HASH_COUNT(d->agents), PLACE_ROOM), *out;
	unsigned n = 0;

	for (const struct agent *a = d->agents; a != NULL; a = a->hh.next)
		if (takes_work(a))
			snprintf(texts + (size_t)n++ * PLACE_ROOM, PLACE_ROOM,
			    "%u", a->id);
	out = array_of(texts, PLACE_ROOM, n);
	free(texts);
	return out;
}

static char *
dead_nodes(const struct desk *d)
{
	char *texts, *out;
	unsigned n = 0;

	for (const struct work_node *k = d->works->nodes; k; k = k->next)
		n++;
	texts = texts_new(n, NAME_MAX_LEN + 1);
	n = 0;
	for (const struct work_node *k = d->works->nodes; k; k = k->next)
		if (k->dead)
			memcpy(texts + (size_t)n++ * (NAME_MAX_LEN + 1),
			    k->name, NAME_MAX_LEN + 1);
	out = array_of(texts, NAME_MAX_LEN + 1, n);
	free(texts);
	return out;
}

/* Ids and revisions of what we have heard. */
static void
acks_of(const struct works *k, char **ids, char **revs)
{
	char *id = texts_new(k->n_acks, ID_ROOM);
	char *rev = texts_new(k->n_acks, PLACE_ROOM);

	for (unsigned i = 0; i < k->n_acks; i++) {
		id_text(&k->acks[i].id, id + (size_t)i * ID_ROOM);
		snprintf(rev + (size_t)i * PLACE_ROOM, PLACE_ROOM, "%u",
		    k->acks[i].rev);
	}
	*ids = array_of(id, ID_ROOM, k->n_acks);
	*revs = array_of(rev, PLACE_ROOM, k->n_acks);
	free(id);
	free(rev);
}

/* --------------------------------------------------------------- the answer */

static void
heard(struct works *k, const struct id *id, uint32_t rev)
{
	k->acks = reallocarray(k->acks, k->n_acks + 1, sizeof(*k->acks));
	desk_must(k->acks != NULL ? ERR_OK : ERR_NOMEM);
	k->acks[k->n_acks++] = (struct work_ack){ *id, rev };
}

static void
fill(struct desk *d, struct work *w, const struct str *cell)
{
	w->kind = work_kind_of(cell[H_KIND]);
	w->ticket = (uint64_t)ledger_number(cell[H_TICKET]);
	if (cell[H_CALL].len == ID_TEXT_LEN)
		(void)id_parse(cell[H_CALL], &w->call);
	w->queue = queue_find(d, (uint32_t)ledger_number(cell[H_QUEUE]));
	w->site = (uint32_t)ledger_number(cell[H_SITE]);
	snprintf(w->e164, sizeof(w->e164), "%.*s", STR_ARG(cell[H_E164]));
	w->enqueued_at = ledger_number(cell[H_ENQUEUED]);
	w->credit_us = ledger_number(cell[H_CREDIT]);
	w->expires_at = ledger_number(cell[H_EXPIRES]);
	w->arrival = (uint64_t)ledger_number(cell[H_ARRIVAL]);
	if (w->arrival == 0)
		w->arrival = ++d->next_arrival;
}

static void
set_subject(struct work *w, struct str s)
{
	uint32_t n = s.len < WORK_SUBJECT_LEN ? s.len : WORK_SUBJECT_LEN;

	while (n > 0 && n < s.len && ((uint8_t)s.p[n] & 0xC0) == 0x80)
		n--; /* no half of a character */
	snprintf(w->subject, sizeof(w->subject), "%.*s", (int)n,
	    s.p != NULL ? s.p : "");
}

static void
hold_row(struct desk *d, const struct str *cell)
{
	struct work_now now = {
		.rev = (uint32_t)ledger_number(cell[H_REV]),
		.attempt = (uint32_t)ledger_number(cell[H_ATTEMPT]),
		.agent = (uint32_t)ledger_number(cell[H_AGENT]),
		.state = work_state_of(cell[H_STATE]),
		.not_before = ledger_number(cell[H_NOT_BEFORE]),
	};
	struct work *w;
	struct id id;

	if (!id_parse(cell[H_ID], &id) || now.state == WORK_STATE_NONE ||
	    queue_find(d, (uint32_t)ledger_number(cell[H_QUEUE])) == NULL)
		return;
	heard(d->works, &id, now.rev);
	if ((w = work_find(d, &id)) == NULL) {
		if (now.state != WORK_WAITING && now.state != WORK_TAKEN)
			return; /* over, and nobody here knew it */
		w = work_new(d, &id);
		fill(d, w, cell);
	}
	set_subject(w, cell[H_SUBJECT]);
	if (!w->deciding) /* else its answer will say so */
		work_became(d, w, &now);
}

/* What nobody here can take any more is somebody else's. */
static void
let_go(struct desk *d, const char *places)
{
	struct work *w, *next;
	char place[PLACE_ROOM + 2];

	HASH_ITER(hh, d->works->items, w, next)
	{
		struct ledger_unit *u;

		snprintf(
		    place, sizeof(place), "\"%u/%u\"", w->queue->id, w->site);
		if (w->state != WORK_WAITING || w->deciding ||
		    w->offer != NULL || strstr(places, place) != NULL)
			continue;
		u = record_begin(d);
		work_leave(d, u, w, OFFER_END_RESCINDED);
		record_commit(d, &u);
		work_free(d, w);
	}
}

static void ask_nodes(struct desk *);

static void
held(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct holding *h = arg;
	struct desk *d = h->desk;
	struct works *k = d->works;

	d->lookups_pending--;
	k->holding = false;
	if (e == ERR_OK) {
		k->n_acks -= h->n_acks;
		if (k->n_acks > 0)
			memmove(k->acks, k->acks + h->n_acks,
			    k->n_acks * sizeof(*k->acks));
		if (k->places == NULL || strcmp(k->places, h->places) != 0)
			let_go(d, h->places);
		free(k->places);
		k->places = h->places;
		for (unsigned i = 0; i < rows->n; i++)
			if (rows->n_columns >= H_NCOLS)
				hold_row(d,
				    rows->cells + (size_t)i * rows->n_columns);
		k->again |= rows->n == PAGE;
		ask_nodes(d);
	} else {
		free(h->places);
		k->fresh = true; /* what was let go of, claimed? */
	}
	free(h);
	if (e == ERR_OK && k->again)
		work_look(d);
}

static void
send(struct desk *d, struct holding *h)
{
	struct works *k = d->works;
	char *dead = dead_nodes(d), *here = agents_here(d), *ids, *revs;
	bool changed = k->places == NULL || strcmp(k->places, h->places) != 0;
	char page[16];

	snprintf(page, sizeof(page), "%u", PAGE);
	acks_of(k, &ids, &revs);
	const struct str args[] = { str_of(d->options.node), str_of(dead),
		str_of(ids), str_of(revs), str_of(h->places), str_of(here),
		str_of(changed || k->fresh ? "t" : "f"),
		str_of(k->fresh ? "t" : "f"), str_of(page) };
	h->n_acks = k->n_acks;
	if (d->ledger->ops->query(d->ledger, LQ_WORK_HOLD, NELEM(args), args,
		held, h) == ERR_OK) {
		d->lookups_pending++;
		k->holding = true;
		k->fresh = k->again = false;
	} else {
		free(h->places);
		free(h);
	}
	free(dead);
	free(here);
	free(ids);
	free(revs);
}

void
work_look(struct desk *d)
{
	struct works *k = d->works;
	struct holding *h;
	char *places;

	if (!d->configured)
		return;
	if (k->holding) {
		k->again = true;
		return;
	}
	places = places_now(d);
	if (strcmp(places, "{}") == 0 && k->items == NULL && k->n_acks == 0) {
		free(places); /* no work, and nobody who would do it */
		return;
	}
	h = calloc(1, sizeof(*h));
	desk_must(h != NULL ? ERR_OK : ERR_NOMEM);
	*h = (struct holding){ .desk = d, .places = places };
	send(d, h);
}

/* ------------------------------------------------------------- other nodes */

static bool
is_dead(const struct desk *d, const struct work_node *n)
{
	if (n->still >= DEAD_AFTER)
		return true;
	return n->still >= LAPSED_AFTER && d->options.lapsed != NULL &&
	       d->options.lapsed(d->options.lapsed_arg, n->name);
}

static void
node_row(const struct desk *d, struct str name, uint64_t seen_at)
{
	struct works *k = d->works;
	struct work_node *n = k->nodes;
	bool was_dead;

	while (n != NULL && !str_eq(str_of(n->name), name))
		n = n->next;
	if (n == NULL) {
		n = calloc(1, sizeof(*n));
		desk_must(n != NULL ? ERR_OK : ERR_NOMEM);
		snprintf(n->name, sizeof(n->name), "%.*s", STR_ARG(name));
		n->seen_at = seen_at;
		n->next = k->nodes;
		k->nodes = n;
	}
	if (n->seen_at != seen_at)
		n->still = 0;
	else if (n->still < DEAD_AFTER)
		n->still++;
	n->seen_at = seen_at;
	was_dead = n->dead;
	n->dead = is_dead(d, n);
	if (n->dead && !was_dead)
		log_warn(LOG_DESK, "node=%s is silent: its work is claimed",
		    n->name);
}

static void
nodes_read(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct desk *d = arg;

	d->lookups_pending--;
	for (unsigned i = 0; e == ERR_OK && i < rows->n; i++) {
		const struct str *cell =
		    rows->cells + (size_t)i * rows->n_columns;

		node_row(d, cell[0], (uint64_t)ledger_number(cell[1]));
	}
}

static void
ask_nodes(struct desk *d)
{
	const struct str me = str_of(d->options.node);

	if (d->ledger->ops->query(
		d->ledger, LQ_WORK_NODES, 1, &me, nodes_read, d) == ERR_OK)
		d->lookups_pending++;
}
