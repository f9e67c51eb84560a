/*
 * freeswitch_consult.c - the orders about a second call.
 *
 * The consult call has the name of the leg of who is asked.  The agent's leg
 * stays the caller's call's, and is bridged with one or the other.
 */
#include <stdio.h>

#include "bridge/freeswitch.h"

/* The caller hears music; the agent's leg stays, by itself.  Both are sent, each
 * to its place: two that have only just been joined may not be in step yet, and
 * the switch ends the one that it finds left behind. */
void
fs_aside(struct fs *f, struct fs_call *c)
{
	fs_set(f, c->agent, "park_after_bridge", STR_LIT("true"));
	if (c->phone_held) {
		c->phone_held = false; /* held all the same: no news */
		esl_begin(&f->command, "api uuid_hold off");
		esl_word(&f->command, str_of(c->agent->uuid));
		fs_send_only(f);
	}
	fs_begin(f, "uuid_dual_transfer", c->caller);
	esl_add(&f->command, " hold/XML/mashang park:/inline");
	fs_send_only(f);
	c->at = FS_AT_HOLD;
	c->caller->place = FS_ELSEWHERE; /* until it says that it is there */
}

/* The extension that plays the music says so, too; who is asked may have failed
 * before that, and nobody takes back a caller who is not told held. */
void
fs_tell_held(struct fs *f, struct fs_call *c)
{
	const struct xcall *x = exchange_find(f->exchange, str_of(c->name));
	struct report r = fs_report(c, FS_KIND(HELD));
	struct fs_leg *asked;

	if (c->at != FS_AT_HOLD || c->agent == NULL || x == NULL ||
	    xcall_kind(x) == FS_KIND(HELD))
		return;
	asked = c->consult != NULL ? fs_leg_of(c->consult, FS_ASKED) : NULL;
	r.device = str_of(c->agent->device);
	r.order_id = asked != NULL ? asked->order_id : 0;
	fs_tell(f, &r);
}

static void
tell_offered(struct fs *f, struct fs_call *k, struct fs_call *about,
    const struct driver_order *o)
{
	struct report r = fs_report(k, FS_KIND(OFFERED));

	r.caller = o->device;
	r.called = o->number;
	r.order_id = o->id;
	r.related_call = str_of(about->name);
	r.relation = MASHANG__RELATION__RELATION_CONSULT;
	fs_tell(f, &r);
}

/* `number' may be that of a phone of this switch: what our own dialplan cannot
 * know, its context does. */
static struct fs_call *
consult_new(struct fs *f, struct fs_call *c, const struct driver_order *o)
{
	char uuid[FS_NAME_MAX + 1];
	struct fs_call *k;
	struct fs_leg *l;

	fs_uuid(uuid);
	if (!fs_is_number(o->number) && !fs_is_device(o->number))
		return NULL;
	if ((k = fs_call_new(f, str_of(uuid))) == NULL)
		return NULL;
	l = fs_leg_new(f, k, FS_ASKED, o->number, str_of(uuid));
	if (l == NULL) {
		fs_call_free(f, k);
		return NULL;
	}
	l->number = fs_is_outside(f, o->number);
	l->order_id = o->id;
	l->ring_us = o->ring_us;
	k->about = c;
	k->asker = c->agent;
	c->consult = k;
	fs_copy(k->show, sizeof(k->show), o->device);
	return k;
}

Mashang__Code
fs_order_consult(struct fs *f, struct fs_call *c, const struct driver_order *o)
{
	struct fs_call *k;
	struct fs_leg *l;

	if (c->caller == NULL || !fs_leg_is_up(c->agent) ||
	    c->consult != NULL || fs_leg_of(c, FS_MOVE) != NULL ||
	    (c->at != FS_AT_TALK && c->at != FS_AT_HOLD))
		return FS_CODE(REFUSED);
	if ((k = consult_new(f, c, o)) == NULL)
		return FS_CODE(BAD_FIELD);
	l = fs_leg_of(k, FS_ASKED);
	if (!fs_ring(f, l)) {
		fs_call_free(f, k);
		fs_leg_free(f, l);
		return FS_CODE(BAD_FIELD);
	}
	if (c->at == FS_AT_TALK)
		fs_aside(f, c);
	fs_begin(f, "uuid_broadcast", c->agent);
	esl_add(
	    &f->command, " tone_stream://%(1000,3000,440,480);loops=-1 aleg");
	fs_send_only(f);
	tell_offered(f, k, c, o);
	return FS_LATER;
}

/* Who is consulted about that call and talks to the agent. */
static struct fs_leg *
consulted(struct fs *f, struct fs_call *c, const struct driver_order *o)
{
	struct fs_call *k =
	    o->other != NULL ? fs_call_find(f, xcall_name(o->other)) : NULL;
	struct fs_leg *l = k != NULL ? fs_leg_of(k, FS_ASKED) : NULL;

	return k != NULL && k->about == c && c->caller != NULL &&
	               c->at == FS_AT_HOLD && fs_leg_is_up(l) && l->joined
	           ? l
	           : NULL;
}

/* Caller and consulted together, the agent out. */
Mashang__Code
fs_order_complete(struct fs *f, struct fs_call *c, const struct driver_order *o)
{
	struct fs_leg *l = consulted(f, c, o);

	if (l == NULL)
		return FS_CODE(REFUSED);
	c->order_id = o->id;
	fs_join(f, c->caller, l, o->id);
	return FS_LATER;
}

static void
say_room(struct fs *f, const struct fs_call *c)
{
	esl_add(&f->command, " conference:mashang-");
	esl_part(&f->command, str_of(c->name));
	esl_add(&f->command, "@default inline");
}

/* All three into one room; the consult call is over by that. */
Mashang__Code
fs_order_conference(
    struct fs *f, struct fs_call *c, const struct driver_order *o)
{
	struct fs_leg *l = consulted(f, c, o);

	if (l == NULL || !fs_leg_is_up(c->agent))
		return FS_CODE(REFUSED);
	fs_set(f, c->agent, "park_after_bridge", STR_LIT("false"));
	fs_begin(f, "uuid_transfer", c->agent);
	esl_add(&f->command, " -both");
	say_room(f, c);
	fs_send_only(f);
	fs_begin(f, "uuid_transfer", c->caller);
	say_room(f, c);
	if (!fs_send(f, FS_ORDER, o->id, STR_LIT("")))
		return FS_CODE(UNAVAILABLE);
	c->at = FS_AT_ROOM;
	c->order_id = o->id;
	return FS_LATER;
}
