/*
 * exchange_order.c - which orders still apply, whose device is free, and what
 * is an order's doing.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "bridge/exchange_own.h"

#define ANSWER_US (5 * CLOCK_S)
#define TAKEN_BACK_US (3 * CLOCK_S)
#define EFFECT_US (10 * CLOCK_S) /* longer than the ringing that was ordered */

typedef Mashang__Code code;
#define CODE(c) MASHANG__CODE__CODE_##c
#define ORDER(k) MASHANG__ORDER_KIND__ORDER_##k

static struct xorder *
order_find(struct exchange *x, uint64_t id)
{
	struct xorder *o = NULL;

	if (id != 0)
		HASH_FIND(hh, x->orders, &id, sizeof(id), o);
	return o;
}

static void
release(struct exchange *x, struct xdevice **claim)
{
	struct xdevice *d = *claim;

	if (d == NULL)
		return;
	*claim = NULL;
	d->claims--;
	xdevice_put(x, d);
}

static void
release_all(struct exchange *x, struct xorder *o)
{
	for (unsigned i = 0; i < XCLAIMS; i++)
		release(x, &o->claims[i]);
}

static void
order_free(struct exchange *x, struct xorder *o)
{
	release_all(x, o);
	if (o->call != NULL)
		TAILQ_REMOVE(&o->call->orders, o, of_call);
	HASH_DELETE(hh, x->orders, o);
	free(o);
}

static void answered(struct exchange *, struct xorder *, code);

/* Nothing more comes of it; it may still have to be answered. */
static void
order_over(struct exchange *x, struct xorder *o)
{
	o->over = true;
	release_all(x, o);
	if (o->answered)
		order_free(x, o);
	else if (o->taken)
		answered(x, o, CODE(OK));
}

/* ------------------------------------------------------------ whose doing */

static bool
at_device(const struct xorder *o, struct str device)
{
	return o->bound || device.len == 0 || o->device.len == 0 ||
	       str_eq(device, xname_str(&o->device));
}

struct xorder *
xorder_of(struct xcall *c, Mashang__CallEventKind kind, struct str device,
    uint64_t id)
{
	struct xorder *o = order_find(c->of, id);

	/* A consultation's caller is held by the order that makes the other
	 * call. */
	if (o != NULL && (o->call == c || o->row->rings == RINGS_OWN))
		return o;
	TAILQ_FOREACH_REVERSE(o, &c->orders, xorders, of_call)
	if (!o->over && (o->row->causes & KIND_BIT(kind)) != 0 &&
	    (at_device(o, device) || o->row->rings == RINGS_TARGET))
		return o;
	return NULL;
}

/* A device that is at the call now is guarded by that. */
static void
release_seated(struct exchange *x, struct xorder *o, struct xcall *c)
{
	for (unsigned i = 0; i < XCLAIMS; i++)
		if (o->claims[i] != NULL &&
		    xcall_seat_at(c, xname_str(&o->claims[i]->name)) != NULL)
			release(x, &o->claims[i]);
}

void
xorders_see(struct xcall *c, Mashang__CallEventKind kind, struct str device)
{
	struct xorder *o, *next;

	for (o = TAILQ_FIRST(&c->orders); o != NULL; o = next) {
		next = TAILQ_NEXT(o, of_call);
		if (o->over)
			continue;
		if ((o->row->ends & KIND_BIT(kind)) != 0 &&
		    (at_device(o, device) || o->row->rings == RINGS_TARGET))
			order_over(c->of, o);
		else if (o->row->rings != RINGS_OWN || o->bound)
			release_seated(c->of, o, c);
	}
}

/* These make a call: it is theirs from its first event on. */
void
xorder_bind(struct xcall *c, uint64_t id)
{
	struct xorder *o = order_find(c->of, id);

	if (o == NULL || o->call == c || c->told.kind != KIND_NONE ||
	    (!xorder_makes(o->row->kind) && o->row->kind != ORDER(CONSULT)))
		return;
	if (o->call != NULL) {
		o->version = o->call->version;
		if (c->related.len == 0)
			c->related = o->call->name;
		TAILQ_REMOVE(&o->call->orders, o, of_call);
	}
	o->call = c;
	o->bound = true;
	TAILQ_INSERT_TAIL(&c->orders, o, of_call);
	if (c->related.len == 0)
		c->related = o->related;
	if (c->relation == MASHANG__RELATION__RELATION_NONE)
		c->relation = o->relation;
}

bool
xcall_is_being_rung(const struct xcall *c, struct str device)
{
	struct xorder *o;

	TAILQ_FOREACH (o, &c->orders, of_call)
		if (!o->over && o->row->rings == RINGS_DEVICE &&
		    at_device(o, device))
			return true;
	return false;
}

void
xorders_end(struct xcall *c)
{
	struct xorder *o;

	while ((o = TAILQ_FIRST(&c->orders)) != NULL) {
		o->version = c->version;
		TAILQ_REMOVE(&c->orders, o, of_call);
		o->call = NULL;
		order_over(c->of, o);
	}
}

/* -------------------------------------------------------------- judging */

struct asked {
	const Mashang__Order *m;
	const struct order_row *row;
	struct xcall *call, *other;
	struct str device, number, show;
	int64_t ring_us;
};

static struct str
str_in(ProtobufCBinaryData b)
{
	return (struct str){ (const char *)b.data, (uint32_t)b.len };
}

/* Printable, short, and no more than one line. */
static bool
is_dialable(struct str s)
{
	char clean[XNAME_MAX * 4];

	if (s.len > XNAME_MAX || text_check(s, XNAME_MAX) != ERR_OK)
		return false;
	return text_clean(s, false, clean, sizeof(clean)) == s.len &&
	       (s.len == 0 || memcmp(clean, s.p, s.len) == 0);
}

static code
judge_fields(struct exchange *x, struct asked *a)
{
	struct str related = str_in(a->m->related_call);
	bool made = xorder_makes(a->m->kind);

	a->device = str_in(a->m->device);
	a->number = str_in(a->m->number);
	a->show = str_in(a->m->show);
	if (!is_dialable(a->device) || !is_dialable(a->number) ||
	    !is_dialable(a->show))
		return CODE(BAD_FIELD);
	if (a->row->rings == RINGS_DEVICE && a->device.len == 0)
		return CODE(BAD_FIELD);
	if (made && a->number.len == 0)
		return CODE(BAD_FIELD);
	a->other = exchange_find(x, related);
	if (related.len > 0 && a->other == NULL && !made)
		return CODE(NOT_FOUND);
	if (a->m->kind == ORDER(TRANSFER) && a->device.len == 0 &&
	    a->number.len == 0 && a->other == NULL)
		return CODE(BAD_FIELD);
	return CODE(OK);
}

static bool
is_stale(const Mashang__Order *m, const struct xcall *c)
{
	return m->version != c->version && !xorder_is_advice(m->kind);
}

/* Does it apply to the call as it is? */
static code
judge_call(const struct exchange *x, const struct asked *a)
{
	const struct xcall *c = a->call;
	struct str at = xname_str(&c->told.device);
	bool rung;

	if (is_stale(a->m, c) ||
	    (a->m->epoch != 0 && a->m->epoch != x->options.epoch))
		return CODE(STALE_VERSION);
	rung = xcall_is_being_rung(
	    c, a->m->kind == ORDER(DISCONNECT) ? a->device : STR_LIT(""));
	if ((a->row->states & KIND_BIT(c->told.kind)) == 0 ||
	    (a->row->at_device && at.len > 0 && a->device.len > 0 &&
		!str_eq(at, a->device)) ||
	    /* One at a time: another may be about to ring. */
	    (a->m->kind == ORDER(CONNECT) && rung) ||
	    /* It rings, or is about to. */
	    (a->m->kind == ORDER(DISCONNECT) && at.len == 0 && !rung))
		return CODE(REFUSED);
	return CODE(OK);
}

/* The device at the far end, if it is one that we know. */
static struct xdevice *
target(struct exchange *x, const struct asked *a)
{
	if (a->row->rings == RINGS_TARGET && a->other != NULL)
		return NULL; /* it is in that call already */
	if (a->row->rings == RINGS_TARGET && a->device.len > 0)
		return xdevice_find(x, a->device);
	return a->row->rings == RINGS_TARGET || a->row->rings == RINGS_OWN
	           ? xdevice_find(x, a->number)
	           : NULL;
}

static code
judge_devices(struct exchange *x, const struct asked *a)
{
	enum order_rings rings = a->row->rings;
	const struct xcall *but = rings == RINGS_OWN ? a->call : NULL;
	const struct xdevice *d = rings == RINGS_DEVICE || rings == RINGS_OWN
	                              ? xdevice_find(x, a->device)
	                              : NULL;

	if (d != NULL && xdevice_is_taken(d, but))
		return CODE(BUSY);
	d = target(x, a);
	return d != NULL && xdevice_is_taken(d, NULL) ? CODE(BUSY) : CODE(OK);
}

static code
judge(struct exchange *x, struct asked *a)
{
	code c;

	a->row = xorder_row(a->m->kind);
	a->call = exchange_find(x, str_in(a->m->call));
	if (xorder_makes(a->m->kind))
		a->call = NULL;
	else if (a->call == NULL)
		return CODE(NOT_FOUND);
	if (a->call != NULL && is_stale(a->m, a->call))
		return CODE(STALE_VERSION);
	if (a->row == NULL || (x->options.can & (1u << a->m->kind)) == 0 ||
	    !x->connected)
		return CODE(REFUSED);
	if ((c = judge_fields(x, a)) != CODE(OK))
		return c;
	if (a->call != NULL && (c = judge_call(x, a)) != CODE(OK))
		return c;
	return judge_devices(x, a);
}

/* -------------------------------------------------------------- giving it */

static void
answer(struct exchange *x, uint64_t told_id, code what, uint64_t version,
    Mashang__CallEventKind kind)
{
	Mashang__OrderResult r = MASHANG__ORDER_RESULT__INIT;

	r.order_id = told_id;
	r.code = what;
	r.version = version;
	r.kind = kind;
	x->news.result(x->news.arg, &r);
}

static void
claim(struct exchange *x, struct xorder *o, unsigned i, struct str device)
{
	if ((o->claims[i] = xdevice_get(x, device)) != NULL)
		o->claims[i]->claims++;
}

static void
claim_devices(struct exchange *x, struct xorder *o, const struct asked *a)
{
	struct xdevice *d = target(x, a);
	bool attended = o->row->rings == RINGS_TARGET && a->other != NULL;

	if (o->row->rings != RINGS_NOTHING && !attended && a->device.len > 0)
		claim(x, o, 0, a->device);
	if (d != NULL && d != o->claims[0])
		claim(x, o, 1, xname_str(&d->name));
}

static struct xorder *
order_new(struct exchange *x, const struct asked *a)
{
	struct xorder *o = calloc(1, sizeof(*o));
	int64_t answer_us = x->options.answer_us;

	if (o == NULL)
		return NULL;
	o->id = (x->incarnation << 32) + ++x->next_order;
	o->told_id = a->m->order_id;
	o->row = a->row;
	xname_set(&o->device, a->device);
	o->relation = a->m->relation;
	if (a->row->kind == ORDER(CONSULT))
		o->relation = MASHANG__RELATION__RELATION_CONSULT;
	xname_set(&o->related, str_in(a->m->related_call));
	o->ring_us = a->ring_us;
	o->until = clock_loop() + (answer_us > 0 ? answer_us : ANSWER_US);
	HASH_ADD(hh, x->orders, id, sizeof(o->id), o);
	if (!HASH_ADD_OK(hh, o)) {
		free(o);
		return NULL;
	}
	if ((o->call = a->call) != NULL)
		TAILQ_INSERT_TAIL(&a->call->orders, o, of_call);
	claim_devices(x, o, a);
	return o;
}

/* Judged, and true: the driver has it, and may have answered it already. */
static bool
give(struct exchange *x, struct asked *a)
{
	struct xorder *o;
	struct driver_order d;

	a->ring_us = a->m->ring_us > 0 ? a->m->ring_us : x->options.ring_us;
	if ((o = order_new(x, a)) == NULL)
		return false;
	if (a->call != NULL && !xorder_is_advice(a->m->kind))
		a->call->version++;
	d = (struct driver_order){
		.id = o->id,
		.kind = a->m->kind,
		.call = a->call,
		.other = a->other,
		.device = a->device,
		.number = a->number,
		.show = a->show,
		.to_device = a->m->to_device != 0,
		.auto_answer = a->m->auto_answer != 0,
		.cause = a->m->cause,
		.relation = o->relation,
		.ring_us = a->ring_us,
		.position = a->m->position,
		.wait_low_us = a->m->wait_low_us,
		.wait_high_us = a->m->wait_high_us,
	};
	x->options.driver->order(x->driver_self, &d);
	return true;
}

void
exchange_order(struct exchange *x, const Mashang__Order *m)
{
	struct asked a = { .m = m };
	code c = judge(x, &a);

	if (c == CODE(OK) && !give(x, &a))
		c = CODE(INTERNAL);
	if (c == CODE(OK))
		return;
	log_debug(LOG_BRIDGE, "order=%llu kind=%d refused: %d",
	    (unsigned long long)m->order_id, (int)m->kind, (int)c);
	answer(x, m->order_id, c, a.call != NULL ? a.call->version : 0,
	    a.call != NULL ? a.call->told.kind : KIND_NONE);
}

void
xorder_transfer(struct xcall *c, const char *number)
{
	Mashang__Order m = MASHANG__ORDER__INIT;
	struct asked a = { .m = &m };
	struct str name = xname_str(&c->name), to = str_of(number);

	m.kind = ORDER(TRANSFER);
	m.call =
	    (ProtobufCBinaryData){ name.len, (uint8_t *)(uintptr_t)name.p };
	m.version = c->version;
	m.number = (ProtobufCBinaryData){ to.len, (uint8_t *)(uintptr_t)to.p };
	if (judge(c->of, &a) == CODE(OK))
		give(c->of, &a);
}

/* ------------------------------------------------------------- its answer */

/* What was about to ring is taken back: the switch may have nothing more to
 * say of it. */
static void
taken_back(struct xcall *c)
{
	int64_t soon = clock_loop() + TAKEN_BACK_US;
	struct xorder *o;

	TAILQ_FOREACH (o, &c->orders, of_call)
		if (o->answered && o->row->rings == RINGS_DEVICE &&
		    c->told.device.len == 0 && o->until > soon)
			o->until = soon;
}

/* A phone that is to stop ringing: the daemon rings the next as soon as it
 * hears that this one does no more. */
static bool
still_rings(const struct xorder *o)
{
	const struct xcall *c = o->call;

	return o->row->kind == ORDER(DISCONNECT) && !o->over && !o->taken &&
	       c != NULL &&
	       (c->told.kind == KIND(DELIVERED) ||
		   xcall_is_being_rung(c, xname_str(&o->device)));
}

static void
answered(struct exchange *x, struct xorder *o, code what)
{
	struct xcall *c = o->call;
	bool gone = c == NULL && o->version != 0;

	if (what == CODE(OK) && still_rings(o)) {
		o->taken = true;
		o->until = clock_loop() + TAKEN_BACK_US;
		taken_back(c);
		return;
	}
	o->answered = true;
	if (gone && o->row->kind != ORDER(CLEAR))
		what = CODE(NOT_FOUND);
	if (o->told_id != 0 && !o->voided)
		answer(x, o->told_id, what, c != NULL ? c->version : o->version,
		    c != NULL ? c->told.kind
		    : gone    ? KIND(CALL_CLEARED)
			      : KIND_NONE);
	o->answered_at = clock_loop();
	o->until = o->answered_at + o->ring_us + EFFECT_US;
	if (what != CODE(OK) || o->over || xorder_is_advice(o->row->kind))
		order_free(x, o);
}

void
exchange_answer(struct exchange *x, uint64_t id, Mashang__Code what)
{
	struct xorder *o = order_find(x, id);

	if (o != NULL && !o->answered)
		answered(x, o, what);
}

void
xorders_tick(struct exchange *x)
{
	int64_t now = clock_loop();
	bool silent = false, vain = false;
	struct xorder *o, *next;

	HASH_ITER(hh, x->orders, o, next)
	{
		if (o->until > now)
			continue;
		if (o->answered) {
			vain |= o->claims[0] != NULL || o->claims[1] != NULL;
			order_free(x, o);
		} else if (o->taken) {
			answered(x, o, CODE(OK));
		} else {
			silent |= !xorder_is_advice(o->row->kind);
			answered(x, o, CODE(REFUSED));
		}
	}
	if (silent || vain)
		xresync_want(x, silent ? "an order was not answered"
				       : "nothing came of an order");
}

void
exchange_still(struct exchange *x, uint64_t order_id)
{
	struct xorder *o = order_find(x, order_id);

	if (o != NULL && o->answered)
		o->answered_at = clock_loop();
}

/* What the switch had taken when the listing began has shown in it. */
void
xorders_resynced(struct exchange *x, int64_t began_at)
{
	struct xorder *o, *next;

	HASH_ITER(hh, x->orders, o, next)
	{
		if (o->answered && o->row->rings == RINGS_DEVICE &&
		    o->call != NULL && o->call->told.device.len == 0 &&
		    o->answered_at < began_at)
			order_over(x, o);
	}
}

/* The results have nowhere to go any more. */
void
xorders_void(struct exchange *x)
{
	for (struct xorder *o = x->orders; o != NULL; o = o->hh.next)
		o->voided = true;
}

void
xorders_free(struct exchange *x)
{
	struct xorder *o, *next;

	HASH_ITER(hh, x->orders, o, next)
	{
		order_free(x, o);
	}
}
