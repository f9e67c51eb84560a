/*
 * freeswitch_event.c - events into what they mean for a leg.
 *
 * Of one leg they come in order, except that a leg may be told parked before
 * its bridge is told over, and unparked before or after its end.  Legs that are
 * not ours are none of our business.
 */
#include <string.h>

#include "base/log.h"
#include "bridge/freeswitch.h"

typedef void leg_fn(struct fs *, struct fs_leg *, const struct esl_frame *);

/* ------------------------------------------------------- the callers' places */

/* A caller is known by the leg; one who was called, by the call that it has. */
static struct fs_call *
call_of(struct fs *f, const struct esl_frame *m)
{
	struct str uuid = esl_get(m, "Unique-ID");
	struct fs_leg *l = fs_leg_find(f, uuid);
	struct report r;
	struct fs_call *c;

	if (l != NULL && l->role == FS_BACK && !l->stopped)
		fs_back_waits(f, l);
	if (l != NULL && l->role == FS_CALLER)
		return l->call;
	if (l != NULL && l->call == NULL)
		return NULL; /* it is about to end */
	if (l != NULL)
		return NULL; /* a phone that dials the waiting room */
	if ((c = fs_call_new(f, uuid)) == NULL)
		return NULL;
	l = fs_leg_new(f, c, FS_CALLER, STR_LIT(""), uuid);
	if (l == NULL) {
		fs_call_free(f, c);
		return NULL;
	}
	l->answered = true;
	c->caller = l;
	r = fs_report(c, FS_KIND(OFFERED));
	fs_brings(&r, m);
	r.n_data = 0; /* with what follows at once */
	r.at = esl_number(m, "Caller-Channel-Created-Time", 0);
	fs_tell(f, &r);
	return c;
}

static void
on_queued(struct fs *f, struct fs_leg *l, const struct esl_frame *m)
{
	struct fs_call *c = call_of(f, m);

	(void)l;
	if (c == NULL)
		return;
	c->caller->place = FS_WAITS;
	fs_queued(f, c, m);
}

static void
on_held(struct fs *f, struct fs_leg *l, const struct esl_frame *m)
{
	struct fs_call *c;

	(void)m;
	if (l == NULL || l->role != FS_CALLER)
		return;
	c = l->call;
	c->at = FS_AT_HOLD;
	l->place = FS_HOLDS;
	if (c->agent == NULL)
		return;
	fs_tell_held(f, c);
	fs_go_on(f, c);
}

static void
on_away(struct fs *f, struct fs_leg *l, const struct esl_frame *m)
{
	struct fs_call *c;
	struct report r;
	struct fs_leg *other, *next;

	(void)m;
	if (l == NULL || l->role != FS_CALLER)
		return;
	c = l->call;
	c->at = FS_AT_AWAY;
	l->place = FS_ELSEWHERE;
	for (other = TAILQ_FIRST(&c->legs); other != NULL; other = next) {
		next = TAILQ_NEXT(other, of_call);
		if (other != c->caller)
			fs_leg_drop(f, other);
	}
	r = fs_report(c, FS_KIND(DIVERTED));
	r.cause = FS_CAUSE(OVERFLOW);
	fs_tell(f, &r);
}

/* --------------------------------------------------------------------- legs */

static void
on_progress(struct fs *f, struct fs_leg *l, const struct esl_frame *m)
{
	(void)m;
	if (l != NULL)
		fs_leg_rings(f, l);
}

static void
on_answer(struct fs *f, struct fs_leg *l, const struct esl_frame *m)
{
	(void)m;
	if (l != NULL)
		fs_leg_answers(f, l);
}

static void
on_park(struct fs *f, struct fs_leg *l, const struct esl_frame *m)
{
	if (l == NULL ||
	    !str_eq(esl_get(m, "Answer-State"), STR_LIT("answered")))
		return;
	fs_leg_answers(f, l);
	if (l->stopped)
		return;
	l->parked = true;
	l->peer[0] = '\0';
	l->join_until = 0;
	if (l->call != NULL)
		fs_go_on(f, l->call);
}

static void
on_unpark(struct fs *f, struct fs_leg *l, const struct esl_frame *m)
{
	(void)f;
	(void)m;
	if (l != NULL)
		l->parked = false;
}

static void
bridged(struct fs_leg *l, struct str with)
{
	if (l == NULL)
		return;
	fs_copy(l->peer, sizeof(l->peer), with);
	l->parked = l->in_room = false;
	l->answered = true;
	l->join_until = 0;
}

static void
on_bridge(struct fs *f, struct fs_leg *l, const struct esl_frame *m)
{
	struct str a = esl_get(m, "Bridge-A-Unique-ID");
	struct str b = esl_get(m, "Bridge-B-Unique-ID");
	struct fs_leg *la = fs_leg_find(f, a), *lb = fs_leg_find(f, b);

	(void)l;
	bridged(la, b);
	bridged(lb, a);
	if (la != NULL && lb != NULL)
		fs_together(f, la, lb);
}

static void
unbridged(struct fs_leg *l, struct str from)
{
	if (l != NULL && str_eq(str_of(l->peer), from))
		l->peer[0] = '\0';
}

static void
on_unbridge(struct fs *f, struct fs_leg *l, const struct esl_frame *m)
{
	struct str a = esl_get(m, "Bridge-A-Unique-ID");
	struct str b = esl_get(m, "Bridge-B-Unique-ID");

	(void)l;
	unbridged(fs_leg_find(f, a), b);
	unbridged(fs_leg_find(f, b), a);
}

/* Whose partner it puts on hold: the caller, or who is asked. */
static void
tell_hold(struct fs *f, const struct fs_leg *l, bool hold)
{
	struct fs_leg *peer = fs_leg_find(f, str_of(l->peer));
	struct fs_call *c = l->call;
	struct report r;

	if (peer != NULL && peer->role == FS_ASKED && peer->call->asker == l)
		c = peer->call;
	else if (c == NULL || c->agent != l || c->at != FS_AT_TALK)
		return;
	if (c->phone_held == hold)
		return;
	c->phone_held = hold;
	r = fs_report(c, hold ? FS_KIND(HELD) : FS_KIND(RETRIEVED));
	r.device = str_of(c->agent != NULL ? l->device : peer->device);
	fs_tell(f, &r);
}

static void
on_hold(struct fs *f, struct fs_leg *l, const struct esl_frame *m)
{
	(void)m;
	if (l != NULL)
		tell_hold(f, l, true);
}

static void
on_unhold(struct fs *f, struct fs_leg *l, const struct esl_frame *m)
{
	(void)m;
	if (l != NULL)
		tell_hold(f, l, false);
}

/* Of two who talked either end may be told first, the one that the switch ended
 * with the other, too.  A SIP leg whose own BYE it was has its status. */
static bool
was_ended_with_its_partner(const struct fs_leg *l, const struct esl_frame *m)
{
	struct str name = esl_get(m, "Channel-Name");

	return l->role == FS_CALLER && l->call->at == FS_AT_TALK &&
	       l->call->agent != NULL && name.len > 6 &&
	       memcmp(name.p, "sofia/", 6) == 0 &&
	       esl_get(m, "variable_sip_term_status").len == 0;
}

static void
on_hangup(struct fs *f, struct fs_leg *l, const struct esl_frame *m)
{
	if (l == NULL)
		return;
	if (was_ended_with_its_partner(l, m) &&
	    l->call->first == FS_PARTY(NONE))
		l->call->first = FS_PARTY(AGENT);
	fs_leg_ended(f, l, fs_cause_of(esl_get(m, "Hangup-Cause")));
}

/* An originate is over.  It may be told failed although the leg is with
 * somebody: then the leg's own events are right. */
static void
on_job(struct fs *f, struct fs_leg *l, const struct esl_frame *m)
{
	struct str said = m->body;

	l = fs_leg_find(f, esl_get(m, "Job-UUID"));
	if (l == NULL)
		return;
	if (fs_is_ok(m)) {
		fs_leg_answers(f, l); /* that it is parked is told, too */
		return;
	}
	if (l->answered)
		return;
	while (said.len > 0 && said.p[said.len - 1] <= ' ')
		said.len--;
	if (said.len > 5) {
		said.p += 5; /* -ERR */
		said.len -= 5;
	}
	fs_leg_ended(f, l, fs_cause_of(said));
}

/* ------------------------------------------------------------------- others */

static void
on_conference(struct fs *f, struct fs_leg *l, const struct esl_frame *m)
{
	if (l != NULL && l->call != NULL &&
	    str_eq(esl_get(m, "Action"), STR_LIT("add-member")))
		fs_entered(f, l);
}

static void
on_register(struct fs *f, struct fs_leg *l, const struct esl_frame *m)
{
	struct str name = esl_get(m, "from-user");

	(void)l;
	fs_device_learn(f, name);
	if (f->options->registrations)
		exchange_device(
		    f->exchange, name, MASHANG__DEVICE_REACH__DEVICE_REACHABLE);
}

/* One of its registrations; there may be others. */
static void
on_unregister(struct fs *f, struct fs_leg *l, const struct esl_frame *m)
{
	(void)l;
	(void)m;
	if (f->options->registrations)
		fs_phones(f);
}

static void
on_callcenter(struct fs *f, struct fs_leg *l, const struct esl_frame *m)
{
	(void)l;
	if (f->listen_only)
		fs_listen_event(f, m);
}

static void
on_shutdown(struct fs *f, struct fs_leg *l, const struct esl_frame *m)
{
	(void)f;
	(void)l;
	(void)m;
	log_warn(LOG_MAIN, "freeswitch shuts down");
}

static const struct {
	const char *name; /* of a CUSTOM event its subclass */
	leg_fn *run;
	bool any_time; /* true whatever a listing has told since */
} rows[] = {
	{ "CHANNEL_PROGRESS", on_progress, false },
	{ "CHANNEL_PROGRESS_MEDIA", on_progress, false },
	{ "CHANNEL_ANSWER", on_answer, false },
	{ "CHANNEL_PARK", on_park, false },
	{ "CHANNEL_UNPARK", on_unpark, false },
	{ "CHANNEL_BRIDGE", on_bridge, false },
	{ "CHANNEL_UNBRIDGE", on_unbridge, false },
	{ "CHANNEL_HOLD", on_hold, false },
	{ "CHANNEL_UNHOLD", on_unhold, false },
	{ "CHANNEL_HANGUP", on_hangup, true },
	{ "BACKGROUND_JOB", on_job, true },
	{ "SHUTDOWN", on_shutdown, true },
	{ "mashang::queued", on_queued, false },
	{ "mashang::held", on_held, false },
	{ "mashang::away", on_away, false },
	{ "conference::maintenance", on_conference, false },
	{ "sofia::register", on_register, true },
	{ "sofia::unregister", on_unregister, true },
	{ "sofia::expire", on_unregister, true },
	{ "callcenter::info", on_callcenter, true },
};

void
fs_event(struct fs *f, const struct esl_frame *m)
{
	struct str name = esl_get(m, "Event-Name");
	struct fs_leg *l = fs_leg_find(f, esl_get(m, "Unique-ID"));
	int64_t seq = esl_number(m, "Event-Sequence", 0);

	if (str_eq(name, STR_LIT("CUSTOM")))
		name = esl_get(m, "Event-Subclass");
	for (size_t i = 0; i < NELEM(rows); i++)
		if (str_eq(name, str_of(rows[i].name))) {
			if (rows[i].any_time || l == NULL || seq > l->as_of)
				rows[i].run(f, l, m);
			return;
		}
}
