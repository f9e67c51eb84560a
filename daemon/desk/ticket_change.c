/*
 * ticket_change.c - what people do to a ticket that has no call at hand.
 *
 * The rule says from which statuses a change may happen, the ledger whether the
 * ticket is in one of them: asked twice where the change leads elsewhere from
 * some and leaves others as they are.  It is asked behind all that this node has
 * given it: that the call was answered, say, and the ticket opened at all.
 * Nothing of a ticket is kept here.
 */
#include "desk/state.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "desk/number.h"
#include "desk/ticket_state.h"
#include "desk/work.h"

#define DAYS_US (INT64_C(86400) * 1000000)
#define UNTIL_MAX_US (366 * DAYS_US)
#define PRIORITIES 5
#define ARENA_SLACK 256 /* what five texts take beside their bytes */
#define STATUSES_LEN 256

struct changing {
	struct desk *desk;
	struct arena *arena; /* of the texts */
	struct ticket_change change;
	const struct ticket_rule *rule;
	uint64_t serial;
	struct id op;
	struct str actor;
	int64_t now;
	bool staying; /* asked for those that stay as they are */
	bool again;   /* a race was lost once */
	desk_change_fn *done;
	void *arg;
};

/* LQ_TICKET_CHANGE */
enum { C_OUTCOME, C_SEQ, C_STATUS, C_OWNER, C_NCOLS };

static enum err ask(struct changing *);

/* -------------------------------------------------------------- checking */

static enum err
fault(struct ticket_fault *f, const char *field, const char *wanted)
{
	*f = (struct ticket_fault){ field, wanted };
	return ERR_BAD_FIELD;
}

static enum err
check_until(const struct ticket_rule *r, const struct ticket_change *c,
    int64_t now, struct ticket_fault *f)
{
	if (!r->needs_until)
		return c->until == 0
		           ? ERR_OK
		           : fault(f, "until", "none, this takes no time");
	if (c->until == 0)
		return fault(f, "until", "missing");
	if (c->until <= now)
		return fault(f, "until", "in the past");
	if (c->until - now > UNTIL_MAX_US)
		return fault(f, "until", "at most 366 days ahead");
	return ERR_OK;
}

static enum err
check(const struct ticket_rule *r, const struct ticket_change *c, int64_t now,
    struct ticket_fault *f)
{
	bool handed = c->owner.len > 0 || c->queue.len > 0;
	bool described =
	    c->kind != TICKET_NONE || c->category.len > 0 || c->priority != 0;

	if (r->from == 0 && r->stays == 0 && !c->supervisor)
		return ERR_FORBIDDEN;
	if (r->needs_text && c->text.len == 0)
		return fault(f, "text", "missing");
	if (r->hands_over != handed)
		return handed ? fault(f, "owner, queue", "none, use assign")
		              : fault(f, "owner", "missing, or a queue");
	if (r->describes != described)
		return described ? fault(f, "kind, category, priority",
				       "none, use change")
		                 : fault(f, "kind",
				       "missing, or a category or "
				       "priority");
	if (c->priority > PRIORITIES)
		return fault(f, "priority", "1 to 5");
	return check_until(r, c, now, f);
}

/* ---------------------------------------------------------------- asking */

static void
finish(struct changing *g, enum err e, const struct ticket_changed *became)
{
	g->done(g->arg, e, became);
	arena_free(&g->arena);
	free(g);
}

static enum err
outcome_of(struct str word, const char **missing)
{
	static const struct {
		const char *word;
		enum err err;
		const char *missing;
	} outcomes[] = {
		{ "done", ERR_OK, NULL },
		{ "repeat", ERR_OK, NULL },
		{ "stale", ERR_STALE, NULL },
		{ "refused", ERR_REFUSED, NULL },
		{ "missing", ERR_NOT_FOUND, "ticket" },
		{ "no_owner", ERR_NOT_FOUND, "owner" },
		{ "no_queue", ERR_NOT_FOUND, "queue" },
	};

	for (unsigned i = 0; i < NELEM(outcomes); i++)
		if (str_eq(word, str_of(outcomes[i].word))) {
			*missing = outcomes[i].missing;
			return outcomes[i].err;
		}
	return ERR_IO; /* not an answer of ours */
}

/* Its clocks, and whose work it is. */
static void
ticket_changed(struct changing *g)
{
	clockwork_changed(g->desk->clockwork, g->now);
	work_look(g->desk);
}

static void
decided(struct changing *g, const struct str *cell)
{
	struct ticket_changed became = {
		.change = &g->change,
		.seq = (uint32_t)ledger_number(cell[C_SEQ]),
		.status = ticket_status_of(cell[C_STATUS]),
	};
	enum err e = outcome_of(cell[C_OUTCOME], &became.missing);

	if (e == ERR_REFUSED && !g->staying &&
	    (g->rule->stays & 1u << became.status) != 0) {
		g->staying = true;
		if (ask(g) == ERR_OK)
			return;
		e = ERR_IO;
	}
	if (e == ERR_OK)
		ticket_changed(g);
	finish(g, e, &became);
}

/* Two that write one ticket's history at once collide on its next seq, which
 * comes as a bad row; or the one waits for the other in vain. */
static bool
is_race(enum err e)
{
	return e == ERR_BAD_FIELD || e == ERR_BUSY;
}

static void
answered(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct changing *g = arg;
	const struct ticket_changed nothing = { .change = &g->change };

	if (e == ERR_OK && rows->n == 1 && rows->n_columns >= C_NCOLS) {
		decided(g, rows->cells);
		return;
	}
	if (is_race(e) && !g->again) {
		g->again = true;
		if (ask(g) == ERR_OK)
			return;
		e = ERR_IO;
	}
	finish(g, is_race(e) ? ERR_BUSY : ERR_IO, &nothing);
}

/* As PostgreSQL writes arrays. */
static struct str
statuses(unsigned mask, char out[STATUSES_LEN])
{
	size_t n = 0;

	out[n++] = '{';
	for (unsigned s = TICKET_NEW; s < TICKET_NSTATUSES; s++)
		if ((mask & 1u << s) != 0)
			n += (size_t)snprintf(out + n, STATUSES_LEN - n, "%s%s",
			    n > 1 ? "," : "",
			    ticket_status_word((enum ticket_status)s));
	snprintf(out + n, STATUSES_LEN - n, "}");
	return str_of(out);
}

static struct str
number_text(int64_t n, char out[24])
{
	snprintf(out, 24, "%" PRId64, n);
	return str_of(out);
}

static enum err
ask(struct changing *g)
{
	const struct ticket_change *c = &g->change;
	const struct ticket_rule *r = g->rule;
	unsigned from = r->from | (c->supervisor ? r->supervisor : 0);
	/* With nowhere to lead, it is those that stay from the start. */
	bool staying = g->staying || from == 0;
	char hex[ID_TEXT_LEN + 1], set[STATUSES_LEN];
	char serial[24], expect[24], now[24], priority[24], until[24];
	struct ledger *l = g->desk->ledger;
	const struct str args[] = {
		str_of(id_text(&g->op, hex)),
		number_text((int64_t)g->serial, serial),
		number_text(c->expect, expect),
		statuses(staying ? r->stays : from, set),
		str_of(r->kind),
		number_text(g->now, now),
		g->actor,
		c->text,
		str_of(c->for_customer ? "t" : "f"),
		str_of(staying ? "" : ticket_status_word(r->to)),
		str_of(word_ticket_kind(c->kind)),
		c->category,
		number_text(c->priority, priority),
		c->queue,
		c->owner,
		number_text(c->until, until),
	};

	g->staying = staying;
	return l->ops->query(
	    l, LQ_TICKET_CHANGE, NELEM(args), args, answered, g);
}

static void
all_is_there(void *arg, enum err e)
{
	struct changing *g = arg;
	const struct ticket_changed nothing = { .change = &g->change };

	(void)e; /* nothing of ours was in it */
	if (ask(g) != ERR_OK)
		finish(g, ERR_IO, &nothing);
}

static bool
is_away(struct ledger *l)
{
	struct ledger_stats s;

	l->ops->stats(l, &s);
	return !s.connected;
}

static struct changing *
changing_new(const struct desk_action *a, const struct ticket_change *c)
{
	size_t room = ARENA_SLACK + a->actor.len + c->text.len + c->queue.len +
	              c->owner.len + c->category.len;
	struct changing *g = calloc(1, sizeof(*g));

	if (g == NULL || (g->arena = arena_new(room, room)) == NULL) {
		free(g);
		return NULL;
	}
	g->change = *c;
	g->change.text = arena_copy(g->arena, c->text);
	g->change.queue = arena_copy(g->arena, c->queue);
	g->change.owner = arena_copy(g->arena, c->owner);
	g->change.category = arena_copy(g->arena, c->category);
	g->actor = arena_copy(g->arena, a->actor);
	g->op = a->op;
	g->now = a->now;
	return g;
}

enum err
desk_ticket_change(struct desk *d, const struct desk_action *a,
    const struct ticket_change *c, struct ticket_fault *f, desk_change_fn *done,
    void *arg)
{
	struct ledger_unit *nothing;
	struct changing *g;
	uint64_t serial;
	enum err e;

	if (c->change <= TICKET_CHANGE_NONE || c->change >= TICKET_NCHANGES)
		return fault(f, "change", "missing");
	if ((e = number_parse(c->number, &serial)) != ERR_OK ||
	    (e = check(ticket_rule(c->change), c, a->now, f)) != ERR_OK)
		return e;
	if (is_away(d->ledger))
		return ERR_IO;
	if ((g = changing_new(a, c)) == NULL)
		return ERR_NOMEM;
	g->desk = d;
	g->rule = ticket_rule(c->change);
	g->serial = serial;
	g->done = done;
	g->arg = arg;
	nothing = record_begin(d);
	ledger_commit(d->ledger, &nothing, all_is_there, g);
	return ERR_OK;
}
