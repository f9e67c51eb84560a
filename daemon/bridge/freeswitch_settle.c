/*
 * freeswitch_settle.c - what the dumps of all legs come to: the calls, told to
 * the exchange, and what is still to be done for them.
 */
#include "bridge/freeswitch.h"

/* ------------------------------------------------------------ who is whose */

static bool
with(const struct fs_leg *a, const struct fs_leg *b)
{
	return a != NULL && b != NULL &&
	       str_eq(str_of(a->peer), str_of(b->uuid));
}

/* Whom the caller talks to, whatever it was rung for. */
static struct fs_leg *
partner(struct fs *f, const struct fs_call *c)
{
	struct fs_leg *l = fs_leg_find(f, str_of(c->caller->peer));

	return l != NULL && l->call != NULL &&
	               (l->call == c || l->call->about == c)
	           ? l
	           : NULL;
}

static void
find_caller(struct fs *f, struct fs_call *c)
{
	struct fs_leg *far = fs_leg_of(c, FS_FAR);
	struct fs_leg *back = fs_leg_of(c, FS_BACK);

	if (c->caller == NULL)
		c->caller = fs_leg_of(c, FS_CALLER);
	if (c->caller == NULL && far != NULL && far->peer[0] != '\0') {
		far->role = FS_CALLER;
		c->caller = far;
	}
	if (back != NULL && back->place == FS_WAITS)
		fs_back_waits(f, back);
}

static void
find_about(struct fs *f, struct fs_call *k)
{
	struct fs_call *c = fs_call_find(f, str_of(k->about_name));

	if (c == NULL || k->about != NULL || c == k ||
	    fs_leg_of(k, FS_ASKED) == NULL)
		return;
	k->about = c;
	c->consult = k;
}

/* The agent is in the call; one that only rings for it is not yet. */
static void
find_agent(struct fs *f, struct fs_call *c)
{
	struct fs_leg *l, *p = c->caller != NULL ? partner(f, c) : NULL;

	if (p != NULL) {
		if (p->call != c || p->role != FS_AGENT)
			fs_leg_move(p, c, FS_AGENT);
		c->agent = p;
		p->joined = true;
		return;
	}
	TAILQ_FOREACH (l, &c->legs, of_call)
		if (l->role == FS_OUT ||
		    (l->role == FS_AGENT && l->answered &&
			(l->joined || c->caller == NULL ||
			    c->caller->place != FS_WAITS))) {
			c->agent = l;
			l->joined |= l->role == FS_AGENT;
			return;
		}
}

static void
find_asker(struct fs_call *k)
{
	struct fs_leg *l = fs_leg_of(k, FS_ASKED);

	if (l == NULL)
		return;
	if (k->asker == NULL)
		k->asker =
		    k->about != NULL ? k->about->agent : fs_leg_of(k, FS_ASKER);
	l->joined = with(l, k->asker);
}

static void
find_place(struct fs_call *c)
{
	static const enum fs_at at[] = { [FS_ELSEWHERE] = FS_AT_AWAY,
		[FS_WAITS] = FS_AT_WAIT,
		[FS_HOLDS] = FS_AT_HOLD,
		[FS_IN_ROOM] = FS_AT_ROOM };

	if (c->caller == NULL)
		return;
	if (with(c->caller, c->agent))
		c->at = FS_AT_TALK;
	else if (c->caller->peer[0] != '\0')
		c->at = FS_AT_AWAY;
	else
		c->at = at[c->caller->place];
	c->phone_held =
	    c->at == FS_AT_TALK && c->agent != NULL && c->agent->held;
}

/* ------------------------------------------------------------------ telling */

static void
see(struct fs *f, const struct fs_call *c, Mashang__CallEventKind kind,
    const struct fs_leg *at)
{
	struct report r =
	    c->called_back ? fs_report_made(c, kind) : fs_report(c, kind);

	if (at != NULL)
		r.device = str_of(at->device);
	if (c->about != NULL) {
		r.related_call = str_of(c->about->name);
		r.relation = MASHANG__RELATION__RELATION_CONSULT;
	}
	exchange_seen(f->exchange, &r);
}

static void
see_waiting(struct fs *f, struct fs_call *c)
{
	struct fs_leg *l = fs_leg_of(c, FS_AGENT);

	if (l != NULL && l->rung && !l->joined)
		see(f, c, FS_KIND(DELIVERED), l);
	else
		see(f, c, FS_KIND(QUEUED), NULL);
}

static void
see_caller(struct fs *f, struct fs_call *c)
{
	switch (c->at) {
	case FS_AT_WAIT:
		see_waiting(f, c);
		break;
	case FS_AT_TALK:
		see(f, c, c->phone_held ? FS_KIND(HELD) : FS_KIND(ESTABLISHED),
		    c->agent);
		break;
	case FS_AT_HOLD:
		see(f, c, c->agent != NULL ? FS_KIND(HELD) : FS_KIND(QUEUED),
		    c->agent);
		break;
	case FS_AT_ROOM:
		see(f, c, FS_KIND(ESTABLISHED), c->agent);
		break;
	case FS_AT_AWAY:
		see(f, c, FS_KIND(OFFERED), NULL);
		break;
	}
}

static void
see_call(struct fs *f, struct fs_call *c)
{
	struct fs_leg *l = fs_leg_of(c, FS_ASKED);

	if (c->caller != NULL) {
		see_caller(f, c);
		return;
	}
	if (l == NULL)
		l = fs_leg_of(c, FS_OUT);
	if (l == NULL && fs_leg_of(c, FS_BACK) != NULL)
		see(f, c, FS_KIND(OFFERED), NULL);
	if (l == NULL)
		return;
	if (l->role == FS_ASKED && l->joined)
		see(f, c, FS_KIND(ESTABLISHED), l);
	else
		see(f, c, l->rung ? FS_KIND(DELIVERED) : FS_KIND(OFFERED), l);
}

/* ------------------------------------------------------------ what is left */

/* Legs without anybody whom they are for. */
static bool
is_lost(struct fs_call *c)
{
	return c->caller == NULL && fs_leg_of(c, FS_ASKED) == NULL &&
	       fs_leg_of(c, FS_OUT) == NULL && fs_leg_of(c, FS_BACK) == NULL;
}

static void
go_on(struct fs *f, struct fs_call *c)
{
	if (c->at == FS_AT_HOLD && c->caller != NULL && c->agent == NULL &&
	    fs_leg_of(c, FS_MOVE) == NULL)
		fs_requeue(f, c, 0);
	else
		fs_go_on(f, c);
}

/* An originate may begin to ring a moment after it was taken. */
static void
still(struct fs *f)
{
	for (struct fs_leg *l = f->legs; l != NULL; l = l->hh.next)
		if (l->order_id != 0 && l->call != NULL && !l->joined)
			exchange_still(f->exchange, l->order_id);
}

void
fs_settle(struct fs *f)
{
	struct fs_call *c, *next;

	for (c = f->calls; c != NULL; c = c->hh.next) {
		find_caller(f, c);
		find_about(f, c);
	}
	for (c = f->calls; c != NULL; c = c->hh.next)
		find_agent(f, c);
	for (c = f->calls; c != NULL; c = c->hh.next) {
		find_asker(c);
		find_place(c);
	}
	for (c = f->calls; c != NULL; c = c->hh.next)
		if (!is_lost(c))
			see_call(f, c);
	still(f);
	exchange_resynced(f->exchange);
	HASH_ITER(hh, f->calls, c, next)
	{
		if (!is_lost(c)) {
			go_on(f, c);
			continue;
		}
		while (TAILQ_FIRST(&c->legs) != NULL)
			fs_leg_drop(f, TAILQ_FIRST(&c->legs));
		fs_call_free(f, c);
	}
}
