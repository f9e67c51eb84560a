/*
 * freeswitch_end.c - what a leg's end means.
 */
#include "base/clock.h"
#include "bridge/freeswitch.h"

/* ----------------------------------------------------------------- waiting */

/* What follows is told by the dialplan: fs_queued(). */
void
fs_requeue(struct fs *f, struct fs_call *c, uint64_t order_id)
{
	c->back = false;
	if (c->caller == NULL)
		return;
	c->order_id = order_id;
	fs_send_to(f, c->caller, "wait");
	if (!fs_send(f, order_id != 0 ? FS_ORDER : FS_NOTHING, order_id,
		STR_LIT("")) &&
	    order_id != 0)
		exchange_answer(f->exchange, order_id, FS_CODE(UNAVAILABLE));
}

/* The caller waits, for the first time or again: nobody else is in the call. */
void
fs_queued(struct fs *f, struct fs_call *c, const struct esl_frame *m)
{
	struct report r = fs_report(c, FS_KIND(QUEUED));
	struct fs_leg *l, *next;

	if (c->consult != NULL)
		fs_call_over(f, c->consult, FS_CAUSE(NORMAL));
	for (l = TAILQ_FIRST(&c->legs); l != NULL; l = next) {
		next = TAILQ_NEXT(l, of_call);
		if (l != c->caller)
			fs_leg_drop(f, l);
	}
	c->at = FS_AT_WAIT;
	fs_brings(&r, m);
	/* An outgoing call is known by what was dialled. */
	if (c->made)
		r.caller = r.caller_name = r.called = STR_LIT("");
	r.at = esl_number(m, "Event-Date-Timestamp", 0);
	r.order_id = c->order_id;
	c->order_id = 0;
	fs_tell(f, &r);
}

/* --------------------------------------------------------------- not reached */

/* The caller is with whom they were. */
static void
move_failed(struct fs *f, struct fs_leg *l, Mashang__Cause cause)
{
	struct fs_call *c = l->call;

	fs_tell_held(f, c);
	fs_tell_at(f, c, FS_KIND(FAILED), l, cause);
	fs_leg_free(f, l);
	if (c->at != FS_AT_HOLD)
		return;
	if (!fs_leg_is_up(c->agent)) {
		fs_requeue(f, c, 0);
		return;
	}
	c->back = true;
	fs_go_on(f, c);
}

static void
agent_failed(struct fs *f, struct fs_leg *l, Mashang__Cause cause)
{
	Mashang__CallEventKind kind =
	    l->stopped ? FS_KIND(CONNECTION_CLEARED) : FS_KIND(FAILED);

	fs_tell_at(f, l->call, kind, l, cause);
	fs_leg_free(f, l);
}

/* -------------------------------------------------------------- consulting */

static void
asked_ended(struct fs *f, struct fs_leg *l, Mashang__Cause cause)
{
	struct fs_call *k = l->call, *c = k->about;
	struct fs_leg *asker = k->asker;

	if (c != NULL)
		fs_tell_held(f, c);
	if (!l->joined && fs_leg_is_up(asker)) {
		/* No more ringing in the agent's ear. */
		fs_begin(f, "uuid_break", asker);
		esl_add(&f->command, " all");
		fs_send_only(f);
	}
	if (!l->joined && !l->stopped)
		fs_tell_at(f, k, FS_KIND(FAILED), l, cause);
	if (l->joined)
		cause = FS_CAUSE(NORMAL);
	if (k->first == FS_PARTY(NONE) && l->joined)
		k->first = FS_PARTY(CALLER);
	fs_leg_free(f, l);
	k->asker = NULL;
	if (c == NULL && asker != NULL)
		fs_leg_drop(f, asker); /* its caller has gone before */
	fs_call_over(f, k, cause);
}

/* ------------------------------------------------------------------ talking */

static void
left_room(struct fs *f, struct fs_leg *l)
{
	struct fs_call *c = l->call;
	bool was_agent = c->agent == l;
	struct fs_leg *other;

	l->stopped = true; /* it is not among the others */
	if ((other = fs_leg_of(c, FS_AGENT)) != NULL) {
		fs_tell_at(
		    f, c, FS_KIND(CONNECTION_CLEARED), l, FS_CAUSE(NONE));
		fs_leg_free(f, l);
		if (was_agent)
			c->agent = other;
		return;
	}
	fs_leg_free(f, l);
	c->first = FS_PARTY(AGENT);
	if (c->caller != NULL)
		fs_kill(f, c->caller, "NORMAL_CLEARING");
}

/* Whom the caller talked to, or who had the caller held. */
static void
agent_left(struct fs *f, struct fs_leg *l)
{
	struct fs_call *c = l->call, *k = c->consult;
	enum fs_at at = c->at;

	if (k != NULL)
		fs_call_over(f, k, FS_CAUSE(NORMAL));
	fs_copy(c->left, sizeof(c->left), str_of(l->uuid));
	c->left_behind = false;
	fs_leg_free(f, l);
	if (at == FS_AT_HOLD && fs_leg_of(c, FS_MOVE) == NULL) {
		fs_requeue(f, c, 0);
		return;
	}
	/* The caller's own end follows at once, unless the phone has sent the
	 * caller elsewhere: then that is seen by asking. */
	if (c->first == FS_PARTY(NONE))
		c->first = FS_PARTY(AGENT);
	c->look_at = clock_loop() + FS_LOOK_US;
}

/* It called, and hangs up or cannot be reached. */
static void
out_ended(struct fs *f, struct fs_leg *l, Mashang__Cause cause)
{
	struct fs_call *c = l->call;

	if (l->answered) {
		c->first = FS_PARTY(AGENT);
		cause = FS_CAUSE(NORMAL);
	} else if (!l->stopped) {
		fs_tell_at(f, c, FS_KIND(FAILED), l, cause);
	}
	fs_leg_free(f, l);
	fs_call_over(f, c, cause);
}

static void
caller_ended(struct fs *f, struct fs_leg *l, Mashang__Cause cause)
{
	struct fs_call *c = l->call;

	if (c->first == FS_PARTY(NONE))
		c->first = cause == FS_CAUSE(NORMAL) ? FS_PARTY(CALLER)
		                                     : FS_PARTY(SWITCH);
	if (c->cause != FS_CAUSE(NONE))
		cause = c->cause;
	else if (cause != FS_CAUSE(SWITCH_LOST))
		cause = FS_CAUSE(NORMAL);
	fs_leg_free(f, l);
	fs_call_over(f, c, cause);
}

static void
agent_ended(struct fs *f, struct fs_leg *l, Mashang__Cause cause)
{
	struct fs_call *c = l->call;

	if (c->at == FS_AT_ROOM && l->joined)
		left_room(f, l);
	else if (c->agent == l)
		agent_left(f, l);
	else
		agent_failed(f, l, cause);
}

static void
spy_ended(struct fs *f, struct fs_leg *l, Mashang__Cause cause)
{
	if (l->spies == FS_BARGES)
		fs_tell_at(f, l->call,
		    l->joined ? FS_KIND(CONNECTION_CLEARED) : FS_KIND(FAILED),
		    l, cause);
	fs_leg_free(f, l);
}

/* Who was called did not come; the phone that called is told by silence. */
static void
far_ended(struct fs *f, struct fs_leg *l, Mashang__Cause cause)
{
	struct fs_call *c = l->call;

	fs_leg_free(f, l);
	fs_call_over(f, c, c->cause != FS_CAUSE(NONE) ? c->cause : cause);
}

/* Who was to be called back, and does not wait yet. */
static void
back_ended(struct fs *f, struct fs_leg *l, Mashang__Cause cause)
{
	struct fs_call *c = l->call;
	struct report r = fs_report(c, FS_KIND(FAILED));

	if (l->answered) {
		c->first = FS_PARTY(CALLER);
		cause = FS_CAUSE(NORMAL);
	} else if (!l->stopped) {
		r.order_id = l->order_id;
		r.cause = cause;
		fs_tell(f, &r);
	}
	fs_leg_free(f, l);
	fs_call_over(f, c, c->cause != FS_CAUSE(NONE) ? c->cause : cause);
}

static void
asker_ended(struct fs *f, struct fs_leg *l, Mashang__Cause cause)
{
	struct fs_call *k = l->call;

	(void)cause;
	k->first = FS_PARTY(AGENT);
	fs_leg_free(f, l);
	fs_call_over(f, k, FS_CAUSE(NORMAL));
}

void
fs_leg_ended(struct fs *f, struct fs_leg *l, Mashang__Cause cause)
{
	static void (*const ends[FS_NROLES])(
	    struct fs *, struct fs_leg *, Mashang__Cause) = {
		[FS_CALLER] = caller_ended,
		[FS_AGENT] = agent_ended,
		[FS_MOVE] = move_failed,
		[FS_ASKED] = asked_ended,
		[FS_ASKER] = asker_ended,
		[FS_SPY] = spy_ended,
		[FS_OUT] = out_ended,
		[FS_FAR] = far_ended,
		[FS_BACK] = back_ended,
	};

	if (l->call == NULL || ends[l->role] == NULL)
		fs_leg_free(f, l);
	else
		ends[l->role](f, l, cause);
}

void
fs_leg_lost(struct fs *f, struct fs_leg *l)
{
	fs_leg_ended(f, l,
	    l->role == FS_CALLER ? FS_CAUSE(SWITCH_LOST)
				 : FS_CAUSE(UNREACHABLE));
}
