/*
 * freeswitch_order.c - orders into commands.
 *
 * Whoever is sent on keeps the agent until the other end has answered: the
 * caller hears music, the agent is parked, and a transfer that comes to nothing
 * joins them again.
 */
#include <inttypes.h>
#include <stdio.h>

#include "bridge/exchange_table.h"
#include "bridge/freeswitch.h"

typedef Mashang__Code order_fn(
    struct fs *, struct fs_call *, const struct driver_order *);

/* The response answers the order. */
static Mashang__Code
sent(struct fs *f, const struct driver_order *o)
{
	return fs_send(f, FS_ORDER, o->id, STR_LIT("")) ? FS_LATER
	                                                : FS_CODE(UNAVAILABLE);
}

/* So does that of its originate. */
static Mashang__Code
ring(struct fs *f, struct fs_leg *l)
{
	if (fs_ring(f, l))
		return FS_LATER;
	fs_leg_free(f, l);
	return FS_CODE(BAD_FIELD);
}

static bool
has_agent(const struct fs_call *c)
{
	return c->caller != NULL && fs_leg_is_up(c->agent);
}

/* ------------------------------------------------------------ offers and ends */

static Mashang__Code
on_connect(struct fs *f, struct fs_call *c, const struct driver_order *o)
{
	struct fs_leg *l;

	if (c->caller == NULL || c->at != FS_AT_WAIT ||
	    fs_leg_of(c, FS_AGENT) != NULL || fs_leg_of(c, FS_MOVE) != NULL)
		return FS_CODE(REFUSED);
	l = fs_leg_to(f, c, FS_AGENT, o->device, false, o);
	return l != NULL ? ring(f, l) : FS_CODE(BAD_FIELD);
}

/* The phone is asked to lift itself, as Event: talk says. */
static Mashang__Code
on_answer(struct fs *f, struct fs_call *c, const struct driver_order *o)
{
	struct fs_leg *l = fs_leg_of(c, FS_AGENT);

	if (l == NULL || !l->rung || l->answered ||
	    !str_eq(str_of(l->device), o->device))
		return FS_CODE(REFUSED);
	fs_begin(f, "uuid_phone_event", l);
	esl_add(&f->command, " talk");
	return sent(f, o);
}

static struct fs_leg *
ringing(struct fs_call *c, struct str device)
{
	struct fs_leg *l;

	TAILQ_FOREACH (l, &c->legs, of_call)
		if ((l->role == FS_AGENT || l->role == FS_MOVE) && !l->joined &&
		    !l->stopped &&
		    (device.len == 0 || str_eq(str_of(l->device), device)))
			return l;
	return NULL;
}

/* It may not be there to be ended yet: then it is as soon as it rings. */
static Mashang__Code
on_disconnect(struct fs *f, struct fs_call *c, const struct driver_order *o)
{
	struct fs_leg *l = ringing(c, o->device);

	if (l == NULL || l->answered)
		return FS_CODE(REFUSED);
	l->order_id = o->id;
	l->stopped = true;
	fs_kill(f, l, "ORIGINATOR_CANCEL");
	return FS_CODE(OK);
}

static Mashang__Code
on_clear(struct fs *f, struct fs_call *c, const struct driver_order *o)
{
	struct fs_leg *l = c->caller;

	if (l == NULL)
		l = fs_leg_of(c, FS_ASKED);
	if (l == NULL)
		l = fs_leg_of(c, FS_OUT);
	if (l == NULL)
		l = fs_leg_of(c, FS_BACK);
	if (l == NULL)
		return FS_CODE(NOT_FOUND);
	c->first = c->agent != NULL || c->asker != NULL ? FS_PARTY(AGENT)
	                                                : FS_PARTY(SWITCH);
	c->cause = o->cause;
	l->stopped = l != c->caller && !l->answered;
	fs_begin(f, "uuid_kill", l);
	esl_add(&f->command, " ");
	esl_add(&f->command, fs_word_of(o->cause));
	return sent(f, o);
}

/* ------------------------------------------------------------ hold, retrieve */

/* Who asks holds whom they ask; else the agent the caller. */
static struct fs_leg *
holder(const struct fs_call *c)
{
	return c->caller == NULL ? c->asker : c->agent;
}

static Mashang__Code
on_hold(struct fs *f, struct fs_call *c, const struct driver_order *o)
{
	struct fs_leg *l = holder(c);

	if (!fs_leg_is_up(l) || l->peer[0] == '\0' || c->phone_held)
		return FS_CODE(REFUSED);
	fs_begin(f, "uuid_hold", l);
	return sent(f, o);
}

/* After a consultation: who was asked goes, then the two are joined. */
static Mashang__Code
take_back(struct fs *f, struct fs_call *c, const struct driver_order *o)
{
	if (!has_agent(c))
		return FS_CODE(REFUSED);
	c->back = true;
	c->order_id = o->id;
	if (c->consult != NULL) {
		c->consult->first = FS_PARTY(AGENT);
		fs_call_over(f, c->consult, FS_CAUSE(NORMAL));
	}
	fs_go_on(f, c);
	return FS_CODE(OK);
}

static Mashang__Code
on_retrieve(struct fs *f, struct fs_call *c, const struct driver_order *o)
{
	struct fs_leg *l = holder(c);

	if (c->at == FS_AT_HOLD && c->caller != NULL)
		return take_back(f, c, o);
	if (!fs_leg_is_up(l) || !c->phone_held)
		return FS_CODE(REFUSED);
	esl_begin(&f->command, "api uuid_hold off");
	esl_word(&f->command, str_of(l->uuid));
	return sent(f, o);
}

/* ------------------------------------------------------------- elsewhere */

/* Past our routing: the switch's own dialplan takes the caller. */
static Mashang__Code
divert(struct fs *f, struct fs_call *c, const struct driver_order *o)
{
	struct report r = fs_report(c, FS_KIND(DIVERTED));

	if (!fs_is_number(o->number) && !fs_is_device(o->number))
		return FS_CODE(BAD_FIELD);
	fs_begin(f, "uuid_transfer", c->caller);
	esl_word(&f->command, o->number);
	esl_add(&f->command, " XML ");
	esl_add(&f->command, f->options->context);
	if (!fs_send(f, FS_ORDER, o->id, STR_LIT("")))
		return FS_CODE(UNAVAILABLE);
	c->at = FS_AT_AWAY;
	r.order_id = o->id;
	r.cause = o->cause;
	fs_tell(f, &r);
	return FS_LATER;
}

static Mashang__Code
on_transfer(struct fs *f, struct fs_call *c, const struct driver_order *o)
{
	bool number = o->device.len == 0;
	struct fs_leg *l;

	if (o->other != NULL)
		return fs_order_complete(f, c, o);
	if (c->caller == NULL || fs_leg_of(c, FS_MOVE) != NULL ||
	    c->consult != NULL)
		return FS_CODE(REFUSED);
	if (c->at == FS_AT_WAIT && fs_leg_of(c, FS_AGENT) == NULL && number)
		return divert(f, c, o);
	if (c->at != FS_AT_WAIT && (c->at == FS_AT_ROOM || !has_agent(c)))
		return FS_CODE(REFUSED);
	l = fs_leg_to(f, c, FS_MOVE, number ? o->number : o->device, number, o);
	if (l == NULL)
		return FS_CODE(BAD_FIELD);
	if (!fs_ring(f, l)) {
		fs_leg_free(f, l);
		return FS_CODE(BAD_FIELD);
	}
	if (c->at == FS_AT_TALK)
		fs_aside(f, c);
	return FS_LATER;
}

static Mashang__Code
on_requeue(struct fs *f, struct fs_call *c, const struct driver_order *o)
{
	if (c->caller == NULL || c->at == FS_AT_AWAY)
		return FS_CODE(REFUSED);
	fs_requeue(f, c, o->id);
	return FS_LATER;
}

/* Seconds, upwards; empty: not known. */
static void
add_wait(struct fs *f, const char *variable, int64_t us)
{
	char s[24];

	esl_add(&f->command, variable);
	snprintf(s, sizeof(s), "%" PRId64, (us + 999999) / 1000000);
	if (us > 0)
		esl_add(&f->command, s);
}

/* For the dialplan to play, all at once; mashang_announce is another each
 * time. */
static Mashang__Code
on_announce(struct fs *f, struct fs_call *c, const struct driver_order *o)
{
	char s[80];

	if (c->caller == NULL || c->at != FS_AT_WAIT)
		return FS_CODE(REFUSED);
	fs_begin(f, "uuid_setvar_multi", c->caller);
	snprintf(s, sizeof(s), " mashang_position=%" PRIu32, o->position);
	esl_add(&f->command, s);
	add_wait(
	    f, ";mashang_wait_low=", o->wait_high_us > 0 ? o->wait_low_us : 0);
	add_wait(f, ";mashang_wait_high=", o->wait_high_us);
	snprintf(s, sizeof(s), ";mashang_announce=%" PRIu64, o->id);
	esl_add(&f->command, s);
	return sent(f, o);
}

/* --------------------------------------------------------------- supervisors */

static Mashang__Code
on_spy(struct fs *f, struct fs_call *c, const struct driver_order *o)
{
	struct fs_leg *l;

	if (!fs_leg_is_up(c->agent))
		return FS_CODE(REFUSED);
	if ((l = fs_leg_to(f, c, FS_SPY, o->device, false, o)) == NULL)
		return FS_CODE(BAD_FIELD);
	l->spies = o->kind == MASHANG__ORDER_KIND__ORDER_BARGE     ? FS_BARGES
	           : o->kind == MASHANG__ORDER_KIND__ORDER_WHISPER ? FS_WHISPERS
	                                                           : FS_LISTENS;
	return ring(f, l);
}

/* ------------------------------------------------------------- calls of ours */

/* The call has the name of its first leg.  NULL: no memory. */
static struct fs_leg *
make(struct fs *f, enum fs_role role, struct str to,
    const struct driver_order *o)
{
	char uuid[FS_NAME_MAX + 1];
	struct fs_call *c;
	struct fs_leg *l;

	fs_uuid(uuid);
	if ((c = fs_call_new(f, str_of(uuid))) == NULL)
		return NULL;
	c->made = true;
	fs_copy(c->number, sizeof(c->number), o->number);
	fs_copy(c->show, sizeof(c->show), o->show);
	l = fs_leg_new(f, c, role, to, str_of(uuid));
	if (l == NULL) {
		fs_call_free(f, c);
		return NULL;
	}
	l->order_id = o->id;
	l->ring_us = o->ring_us;
	l->auto_answer = o->auto_answer;
	return l;
}

static Mashang__Code
ring_made(struct fs *f, struct fs_leg *l, const struct driver_order *o)
{
	struct fs_call *c = l->call;
	struct report r;

	if (!fs_ring(f, l)) {
		fs_call_free(f, c);
		fs_leg_free(f, l);
		return FS_CODE(BAD_FIELD);
	}
	r = fs_report_made(c, FS_KIND(OFFERED));
	r.order_id = o->id;
	r.relation = o->relation;
	fs_tell(f, &r);
	return FS_LATER;
}

/* The agent's own leg first. */
static Mashang__Code
on_make_call(struct fs *f, struct fs_call *none, const struct driver_order *o)
{
	struct fs_leg *l;

	(void)none;
	if (!fs_is_number(o->number) || o->show.len > FS_TEXT_MAX)
		return FS_CODE(BAD_FIELD);
	if ((l = make(f, FS_OUT, o->device, o)) == NULL)
		return FS_CODE(INTERNAL);
	l->call->agent = l;
	return ring_made(f, l, o);
}

/* Who answers goes to the waiting room at once, without asking us. */
static Mashang__Code
on_call_back(struct fs *f, struct fs_call *none, const struct driver_order *o)
{
	struct fs_leg *l;

	(void)none;
	if (!fs_is_number(o->number) || o->show.len > FS_TEXT_MAX)
		return FS_CODE(BAD_FIELD);
	if ((l = make(f, FS_BACK, o->number, o)) == NULL)
		return FS_CODE(INTERNAL);
	l->number = true;
	l->call->called_back = true;
	return ring_made(f, l, o);
}

static const struct {
	Mashang__OrderKind kind;
	order_fn *run;
} orders[] = {
	{ MASHANG__ORDER_KIND__ORDER_CONNECT, on_connect },
	{ MASHANG__ORDER_KIND__ORDER_ANSWER, on_answer },
	{ MASHANG__ORDER_KIND__ORDER_DISCONNECT, on_disconnect },
	{ MASHANG__ORDER_KIND__ORDER_CLEAR, on_clear },
	{ MASHANG__ORDER_KIND__ORDER_HOLD, on_hold },
	{ MASHANG__ORDER_KIND__ORDER_RETRIEVE, on_retrieve },
	{ MASHANG__ORDER_KIND__ORDER_TRANSFER, on_transfer },
	{ MASHANG__ORDER_KIND__ORDER_CONFERENCE, fs_order_conference },
	{ MASHANG__ORDER_KIND__ORDER_MONITOR, on_spy },
	{ MASHANG__ORDER_KIND__ORDER_WHISPER, on_spy },
	{ MASHANG__ORDER_KIND__ORDER_BARGE, on_spy },
	{ MASHANG__ORDER_KIND__ORDER_MAKE_CALL, on_make_call },
	{ MASHANG__ORDER_KIND__ORDER_CALL_BACK, on_call_back },
	{ MASHANG__ORDER_KIND__ORDER_CONSULT, fs_order_consult },
	{ MASHANG__ORDER_KIND__ORDER_REQUEUE, on_requeue },
	{ MASHANG__ORDER_KIND__ORDER_ANNOUNCE, on_announce },
};

unsigned
fs_can(const void *options, bool listen_only)
{
	const struct fs_options *o = options;
	unsigned can = 0;

	if (listen_only)
		return 0;
	for (size_t i = 0; i < NELEM(orders); i++)
		can |= 1u << orders[i].kind;
	return o->answer ? can : can & ~CAN(ANSWER);
}

void
fs_order(void *self, const struct driver_order *o)
{
	struct fs *f = self;
	bool makes = xorder_makes(o->kind);
	struct fs_call *c =
	    o->call != NULL ? fs_call_find(f, xcall_name(o->call)) : NULL;
	Mashang__Code code = FS_CODE(REFUSED);
	uint64_t id = o->id;

	fs_device_learn(f, o->device);
	if (o->to_device)
		fs_device_learn(f, o->number);
	if (f->stage != FS_LIVE)
		code = FS_CODE(UNAVAILABLE);
	else if (c == NULL && !makes)
		code = FS_CODE(NOT_FOUND);
	else
		for (size_t i = 0; i < NELEM(orders); i++)
			if (orders[i].kind == o->kind) {
				code = orders[i].run(f, c, o);
				break;
			}
	if (code != FS_LATER)
		exchange_answer(f->exchange, id, code);
}
