/*
 * freeswitch_ring.c - a leg is made, and what its answer leads to.
 *
 * Nobody is joined with a leg that still rings: the switch would end both.  So
 * each leg is parked when it has answered, and joined then.
 */
#include <stdio.h>

#include "base/clock.h"
#include "bridge/freeswitch.h"

#define JOIN_US (3 * CLOCK_S)

static const char *const roles[FS_NROLES] = {
	[FS_CALLER] = "caller",
	[FS_AGENT] = "agent",
	[FS_MOVE] = "move",
	[FS_ASKED] = "asked",
	[FS_ASKER] = "asker",
	[FS_SPY] = "spy",
	[FS_OUT] = "out",
	[FS_FAR] = "far",
};

enum fs_role
fs_role_of(struct str word)
{
	for (unsigned i = FS_CALLER; i < FS_NROLES; i++)
		if (str_eq(word, str_of(roles[i])))
			return (enum fs_role)i;
	return FS_NOBODY;
}

/* ------------------------------------------------------------------ ringing */

struct fs_leg *
fs_leg_to(struct fs *f, struct fs_call *c, enum fs_role role, struct str to,
    bool number, const struct driver_order *o)
{
	char dial[FS_TEXT_MAX + 1];
	struct fs_leg *l;

	if (number ? !fs_is_number(to) : !fs_dial_of(f, to, dial))
		return NULL;
	if ((l = fs_leg_new(f, c, role, to, STR_LIT(""))) == NULL)
		return NULL;
	l->number = number;
	l->order_id = o->id;
	l->ring_us = o->ring_us;
	l->auto_answer = o->auto_answer;
	return l;
}

static void
variable(struct esl_command *cmd, const char *name, struct str value)
{
	esl_add(cmd, ",");
	esl_add(cmd, name);
	esl_add(cmd, "=");
	esl_quoted(cmd, value);
}

/* Who it says is calling. */
static struct str
shown(const struct fs *f, const struct fs_leg *l)
{
	const struct fs_call *c = l->call;
	const struct xcall *x;

	if (l->role == FS_OUT)
		return str_of(c->number);
	if (l->role == FS_FAR || l->role == FS_ASKED)
		return str_of(c->show);
	x = exchange_find(f->exchange, str_of(c->name));
	return x != NULL ? xcall_caller(x) : STR_LIT("");
}

static void
say_variables(struct fs *f, const struct fs_leg *l)
{
	struct esl_command *cmd = &f->command;
	const struct fs_call *c = l->call;
	char text[FS_TEXT_MAX + 1];
	struct str show = fs_sayable(shown(f, l), text, sizeof(text));

	variable(cmd, "mashang_role", str_of(roles[l->role]));
	variable(cmd, "mashang_call", str_of(c->name));
	variable(cmd, "mashang_device", str_of(l->device));
	if (l->number)
		esl_add(cmd, ",mashang_outside=true,loopback_bowout=false");
	if (c->about != NULL)
		variable(cmd, "mashang_about", str_of(c->about->name));
	if (c->number[0] != '\0')
		variable(cmd, "mashang_number", str_of(c->number));
	if (c->show[0] != '\0')
		variable(cmd, "mashang_show", str_of(c->show));
	if (show.len > 0) {
		variable(cmd, "origination_caller_id_number", show);
		variable(cmd, "origination_caller_id_name", show);
	}
	if (l->auto_answer && f->options->auto_answer[0] != '\0') {
		esl_add(cmd, ",");
		esl_add(cmd, f->options->auto_answer);
	}
	if (l->role != FS_SPY)
		return;
	/* Nobody listens in louder than was allowed, by a key of the phone. */
	esl_add(cmd, ",eavesdrop_enable_dtmf=false");
	if (l->spies != FS_LISTENS)
		esl_add(cmd, ",eavesdrop_whisper_bleg=true");
	if (l->spies == FS_BARGES)
		esl_add(cmd, ",eavesdrop_whisper_aleg=true,mashang_barge=true");
}

static void
say_dial(struct fs *f, const struct fs_leg *l)
{
	struct esl_command *cmd = &f->command;
	char dial[FS_TEXT_MAX + 1];

	esl_add(cmd, "}");
	if (l->number) {
		esl_add(cmd, "loopback/");
		esl_part(cmd, str_of(l->device));
		esl_add(cmd, "/");
		esl_add(cmd, f->options->context);
		esl_add(cmd, "/XML");
	} else if (fs_dial_of(f, str_of(l->device), dial)) {
		esl_part(cmd, str_of(dial));
	} else {
		cmd->bad = true;
	}
	if (l->role == FS_SPY && l->call->agent != NULL) {
		esl_add(cmd, " &eavesdrop(");
		esl_part(cmd, str_of(l->call->agent->uuid));
		esl_add(cmd, ")");
	} else {
		esl_add(cmd, " &park");
	}
	esl_add(cmd, "\nJob-UUID: ");
	esl_part(cmd, str_of(l->uuid));
}

/* The job has the leg's own name: its result finds the leg. */
bool
fs_ring(struct fs *f, struct fs_leg *l)
{
	struct esl_command *cmd = &f->command;
	uint64_t s = (uint64_t)((l->ring_us + CLOCK_S - 1) / CLOCK_S);

	esl_begin(cmd, "bgapi originate {origination_uuid=");
	esl_part(cmd, str_of(l->uuid));
	/* It compares whole seconds, and so rings up to one less. */
	esl_add(cmd, ",originate_timeout=");
	esl_counted(cmd, s + 1);
	esl_add(cmd, ",ignore_early_media=true,presence_data=" FS_MARK);
	say_variables(f, l);
	say_dial(f, l);
	return fs_send(f, FS_RINGS, l->order_id, str_of(l->uuid));
}

void
fs_leg_rings(struct fs *f, struct fs_leg *l)
{
	bool told = l->role == FS_AGENT || l->role == FS_OUT ||
	            l->role == FS_ASKED ||
	            (l->role == FS_MOVE && l->call->at == FS_AT_WAIT);

	if (l->stopped) {
		fs_kill(f, l, "ORIGINATOR_CANCEL");
		return;
	}
	if (l->rung || l->answered)
		return;
	l->rung = true;
	if (told)
		fs_tell_at(f, l->call, FS_KIND(DELIVERED), l, FS_CAUSE(NONE));
}

/* ---------------------------------------------------------------- answering */

void
fs_leg_answers(struct fs *f, struct fs_leg *l)
{
	if (l->stopped) {
		fs_kill(f, l, "NORMAL_CLEARING");
		return;
	}
	if (l->answered)
		return;
	l->answered = true;
	if (l->role != FS_SPY)
		return;
	l->joined = true;
	if (l->spies == FS_BARGES)
		fs_tell_at(f, l->call, FS_KIND(CONFERENCED), l, FS_CAUSE(NONE));
}

void
fs_join(struct fs *f, struct fs_leg *a, struct fs_leg *b, uint64_t order_id)
{
	if (b->join_until != 0)
		return;
	b->join_until = clock_loop() + JOIN_US;
	fs_begin(f, "uuid_bridge", a);
	esl_word(&f->command, str_of(b->uuid));
	if (!fs_send(f, FS_JOINS, order_id, str_of(b->uuid)) && order_id != 0)
		exchange_answer(f->exchange, order_id, FS_CODE(UNAVAILABLE));
}

/* The phone has been lifted: now who is called. */
static void
ring_far(struct fs *f, struct fs_leg *out)
{
	struct fs_call *c = out->call;
	struct fs_leg *far;

	if (fs_leg_of(c, FS_FAR) != NULL)
		return;
	far = fs_leg_new(f, c, FS_FAR, str_of(c->number), STR_LIT(""));
	if (far != NULL) {
		far->number = true;
		far->ring_us = out->ring_us;
	}
	if (far == NULL || !fs_ring(f, far)) {
		fs_call_over(f, c, FS_CAUSE(UNREACHABLE));
		return;
	}
	fs_begin(f, "uuid_broadcast", out);
	esl_add(
	    &f->command, " tone_stream://%(1000,3000,440,480);loops=-1 aleg");
	fs_send_only(f);
}

/* A leg of that role that has answered and is free. */
static struct fs_leg *
ready(struct fs_call *c, enum fs_role role)
{
	struct fs_leg *l = fs_leg_of(c, role);

	return l != NULL && l->answered && l->parked && !l->joined ? l : NULL;
}

/* Waiting or held, and arrived there: on the way it could be lost. */
static bool
caller_is_free(const struct fs_call *c)
{
	return c->caller != NULL && c->caller->peer[0] == '\0' &&
	       ((c->at == FS_AT_WAIT && c->caller->place == FS_WAITS) ||
		   (c->at == FS_AT_HOLD && c->caller->place == FS_HOLDS));
}

static void
join_caller(struct fs *f, struct fs_call *c)
{
	struct fs_leg *l = ready(c, FS_MOVE);

	if (l == NULL && c->at == FS_AT_WAIT)
		l = ready(c, FS_AGENT);
	if (l == NULL && c->back && c->agent != NULL && c->agent->parked)
		l = c->agent;
	if (l != NULL)
		fs_join(f, c->caller, l, 0);
}

static void
join_asked(struct fs *f, struct fs_call *k)
{
	struct fs_leg *l = ready(k, FS_ASKED);

	if (l != NULL && fs_leg_is_up(k->asker) && k->asker->parked)
		fs_join(f, k->asker, l, 0);
}

void
fs_go_on(struct fs *f, struct fs_call *c)
{
	struct fs_leg *l;

	if (caller_is_free(c))
		join_caller(f, c);
	join_asked(f, c);
	if (c->consult != NULL)
		join_asked(f, c->consult);
	if ((l = ready(c, FS_FAR)) != NULL && fs_leg_is_up(c->agent))
		fs_join(f, c->agent, l, 0);
	else if ((l = ready(c, FS_OUT)) != NULL)
		ring_far(f, l); /* c may be gone */
}

/* ----------------------------------------------------------------- together */

static Mashang__CallEventKind
kind_of(struct fs *f, const struct fs_call *c, const struct fs_leg *l)
{
	const struct xcall *x = exchange_find(f->exchange, str_of(c->name));
	bool held = x != NULL && xcall_kind(x) == FS_KIND(HELD);

	if (c->agent != NULL && c->agent != l && c->agent->joined)
		return FS_KIND(TRANSFERRED);
	return held && c->agent == l ? FS_KIND(RETRIEVED)
	                             : FS_KIND(ESTABLISHED);
}

/* It is the call's agent from now on, also for who reads its variables. */
static void
become_agent(struct fs *f, struct fs_call *c, struct fs_leg *l)
{
	if (l->role != FS_AGENT || l->call != c) {
		fs_leg_move(l, c, FS_AGENT);
		fs_set(f, l, "mashang_role", str_of(roles[FS_AGENT]));
		fs_set(f, l, "mashang_call", str_of(c->name));
	}
	if (c->at == FS_AT_HOLD)
		fs_set(f, l, "park_after_bridge", STR_LIT("false"));
	c->agent = l;
	l->joined = true;
}

static void
talk(struct fs *f, struct fs_call *c, struct fs_leg *l)
{
	struct report r = fs_report(c, kind_of(f, c, l));
	struct fs_leg *old = c->agent;
	struct fs_call *k = l->role == FS_ASKED ? l->call : NULL;

	r.device = str_of(l->device);
	r.order_id = c->order_id != 0 ? c->order_id : l->order_id;
	c->order_id = 0;
	c->back = c->phone_held = false;
	become_agent(f, c, l);
	c->at = FS_AT_TALK;
	fs_tell(f, &r);
	if (k != NULL) {
		k->asker = NULL;
		k->first = FS_PARTY(AGENT);
		fs_call_over(f, k, FS_CAUSE(NORMAL));
	}
	if (old != NULL && old != l)
		fs_leg_drop(f, old);
}

/* Of an outgoing call: who was called is the caller from now on. */
static void
far_talks(struct fs *f, struct fs_call *c, struct fs_leg *far)
{
	far->role = FS_CALLER;
	far->joined = true;
	c->caller = far;
	fs_set(f, far, "mashang_role", str_of(roles[FS_CALLER]));
}

static void
ask_talks(struct fs *f, struct fs_leg *l)
{
	if (l->joined)
		return;
	l->joined = true;
	fs_tell_at(f, l->call, FS_KIND(ESTABLISHED), l, FS_CAUSE(NONE));
}

void
fs_together(struct fs *f, struct fs_leg *a, struct fs_leg *b)
{
	struct fs_call *c = a->call, *d = b->call;

	if (a->role != FS_CALLER && a->role != FS_FAR &&
	    (b->role == FS_CALLER || b->role == FS_FAR)) {
		fs_together(f, b, a);
		return;
	}
	if (c == NULL || d == NULL)
		return;
	if (a->role == FS_FAR && b->role == FS_OUT && c == d)
		far_talks(f, c, a);
	if (a->role == FS_CALLER && (c == d || d->about == c))
		talk(f, c, b);
	else if (a->role == FS_ASKED && c->asker == b)
		ask_talks(f, a);
	else if (b->role == FS_ASKED && d->asker == a)
		ask_talks(f, b);
}

/* Somebody is in the room.  Who was asked brings the three together. */
void
fs_entered(struct fs *f, struct fs_leg *l)
{
	struct fs_call *k = l->call, *c = k->about;

	l->in_room = true;
	l->parked = false;
	if (l->role != FS_ASKED || c == NULL || c->at != FS_AT_ROOM)
		return;
	fs_leg_move(l, c, FS_AGENT);
	fs_set(f, l, "mashang_role", str_of(roles[FS_AGENT]));
	fs_set(f, l, "mashang_call", str_of(c->name));
	l->joined = true;
	l->order_id = c->order_id;
	c->order_id = 0;
	fs_tell_at(f, c, FS_KIND(CONFERENCED), l, FS_CAUSE(NONE));
	k->asker = NULL;
	k->first = FS_PARTY(AGENT);
	fs_call_over(f, k, FS_CAUSE(NORMAL));
}
