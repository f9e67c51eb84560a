/*
 * wrap_late.c - the wrap-up of a call that this process has never seen.
 *
 * A client sends what was not saved again, perhaps to another node, or to one
 * that has started anew.  Which ticket it belongs to depends on whether the call
 * was dialled, and only the ledger knows: it is asked first.  Until that is
 * written the operation is not told as saved, so nothing is lost if we go, too.
 */
#include "desk/wrap_late.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/log.h"
#include "desk/state.h"

#define ARENA_SLACK 256 /* what four texts take beside their bytes */

struct late_wrap {
	struct late_wrap *next;
	struct desk *desk;
	struct arena *arena;
	struct desk_action action;
	struct wrap_up wrap_up;
	bool asked; /* an answer will come */
};

static void
late_free(struct late_wrap *l)
{
	struct late_wrap **p = &l->desk->late_wraps;

	while (*p != l)
		p = &(*p)->next;
	*p = l->next;
	arena_free(&l->arena);
	free(l);
}

static void
write_down(struct late_wrap *l, uint64_t dialled)
{
	struct desk *d = l->desk;
	struct ledger_unit *u = record_begin(d);

	if (ticket_wrapped_up(d, u, &l->action, &l->wrap_up, dialled) !=
	    ERR_OK) {
		ledger_unit_free(&u); /* no numbers left: at the next try */
		return;
	}
	agent_op_done(d, &l->action);
	record_commit_op(d, &u, &l->action);
	late_free(l);
}

static void
answered(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct late_wrap *l = arg;

	l->desk->lookups_pending--;
	l->asked = false;
	if (e == ERR_OK) /* else it was lost, and is asked when it is back */
		write_down(l,
		    rows->n > 0 ? (uint64_t)ledger_number(rows->cells[0]) : 0);
}

static void
ask(struct late_wrap *l)
{
	struct ledger *g = l->desk->ledger;
	char hex[ID_TEXT_LEN + 1];
	struct str call = str_of(id_text(&l->wrap_up.call, hex));

	if (g->ops->query(g, LQ_DIAL_OF_CALL, 1, &call, answered, l) != ERR_OK)
		return;
	l->asked = true;
	l->desk->lookups_pending++;
}

void
wrap_late_ask(struct desk *d)
{
	for (struct late_wrap *l = d->late_wraps; l != NULL; l = l->next)
		if (!l->asked)
			ask(l);
}

/* Sent again before it was written: told as saved to who sent it last. */
static bool
is_there(struct desk *d, const struct desk_action *a)
{
	for (struct late_wrap *l = d->late_wraps; l != NULL; l = l->next)
		if (id_eq(&l->action.op, &a->op)) {
			l->action.peer = a->peer;
			return true;
		}
	return false;
}

enum err
wrap_late(struct desk *d, const struct desk_action *a, const struct wrap_up *w)
{
	size_t room = ARENA_SLACK + a->actor.len + w->note.len +
	              w->category.len + w->next_reason.len;
	struct late_wrap *l;

	if (is_there(d, a))
		return ERR_OK;
	l = calloc(1, sizeof(*l));
	if (l == NULL || (l->arena = arena_new(room, room)) == NULL) {
		free(l);
		return ERR_NOMEM;
	}
	l->desk = d;
	l->action = *a;
	l->action.actor = arena_copy(l->arena, a->actor);
	l->wrap_up = *w;
	l->wrap_up.note = arena_copy(l->arena, w->note);
	l->wrap_up.category = arena_copy(l->arena, w->category);
	l->wrap_up.next_reason = arena_copy(l->arena, w->next_reason);
	l->next = d->late_wraps;
	d->late_wraps = l;
	ask(l);
	return ERR_OK;
}

void
wrap_late_forget_peer(struct desk *d, void *peer)
{
	for (struct late_wrap *l = d->late_wraps; l != NULL; l = l->next)
		if (l->action.peer == peer)
			l->action.peer = NULL;
}

void
wrap_late_fini(struct desk *d)
{
	struct late_wrap *l = d->late_wraps, *next;

	for (; l != NULL; l = next) {
		next = l->next;
		if (!l->asked) /* else its answer frees it */
			late_free(l);
	}
}
