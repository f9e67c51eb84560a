/*
 * switch.c - the table of a call's life, and the rules for orders.
 *
 * A row is a state, a cell is where an input leads and the event that says so;
 * a cell left out refuses.  step() is the only writer of a call's state.
 */
#include "replay/switch.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

struct cell {
	enum switch_state to;
	Mashang__CallEventKind event;
};

#define EVENT(kind) MASHANG__CALL_EVENT_KIND__##kind
#define END                                       \
	{                                         \
		SWITCH_ENDED, EVENT(CALL_CLEARED) \
	}

/* clang-format off */
static const struct cell table[SWITCH_NSTATES][SWITCH_NINPUTS] = {
	[SWITCH_NONE] = {
		[SWITCH_IN_ARRIVE]     = { SWITCH_MENU, EVENT(OFFERED) },
	},
	[SWITCH_MENU] = {
		[SWITCH_IN_QUEUE]      = { SWITCH_WAITING, EVENT(QUEUED) },
		[SWITCH_IN_HANG_UP]    = END,
		[SWITCH_IN_CLEAR]      = END,
	},
	[SWITCH_WAITING] = {
		[SWITCH_IN_CONNECT]    = { SWITCH_RINGING, EVENT(DELIVERED) },
		[SWITCH_IN_HANG_UP]    = END,
		[SWITCH_IN_CLEAR]      = END,
	},
	[SWITCH_RINGING] = {
		[SWITCH_IN_LIFT]       = { SWITCH_TALKING, EVENT(ESTABLISHED) },
		[SWITCH_IN_ANSWER]     = { SWITCH_TALKING, EVENT(ESTABLISHED) },
		[SWITCH_IN_DISCONNECT] = { SWITCH_WAITING, EVENT(CONNECTION_CLEARED) },
		[SWITCH_IN_HANG_UP]    = END,
		[SWITCH_IN_CLEAR]      = END,
	},
	[SWITCH_TALKING] = {
		[SWITCH_IN_HOLD]       = { SWITCH_HELD, EVENT(HELD) },
		[SWITCH_IN_HANG_UP]    = END,
		[SWITCH_IN_CLEAR]      = END,
	},
	[SWITCH_HELD] = {
		[SWITCH_IN_RETRIEVE]   = { SWITCH_TALKING, EVENT(RETRIEVED) },
		[SWITCH_IN_HANG_UP]    = END,
		[SWITCH_IN_CLEAR]      = END,
	},
};

static const enum switch_input input_of[] = {
	[MASHANG__ORDER_KIND__ORDER_CONNECT]    = SWITCH_IN_CONNECT,
	[MASHANG__ORDER_KIND__ORDER_ANSWER]     = SWITCH_IN_ANSWER,
	[MASHANG__ORDER_KIND__ORDER_DISCONNECT] = SWITCH_IN_DISCONNECT,
	[MASHANG__ORDER_KIND__ORDER_CLEAR]      = SWITCH_IN_CLEAR,
	[MASHANG__ORDER_KIND__ORDER_HOLD]       = SWITCH_IN_HOLD,
	[MASHANG__ORDER_KIND__ORDER_RETRIEVE]   = SWITCH_IN_RETRIEVE,
};

static const Mashang__CallEventKind kind_of[SWITCH_NSTATES] = {
	[SWITCH_MENU]    = EVENT(OFFERED),
	[SWITCH_WAITING] = EVENT(QUEUED),
	[SWITCH_RINGING] = EVENT(DELIVERED),
	[SWITCH_TALKING] = EVENT(ESTABLISHED),
	[SWITCH_HELD]    = EVENT(HELD),
	[SWITCH_ENDED]   = EVENT(CALL_CLEARED),
};
/* clang-format on */

Mashang__CallEventKind
switch_kind(const struct switch_call *c)
{
	return kind_of[c->state];
}

/* ---------------------------------------------------------------- a step */

static bool
is_live(enum switch_state s)
{
	return s >= SWITCH_MENU && s <= SWITCH_HELD;
}

/* Leaving and entering the states that are counted or listed. */
static void
count(struct switch_call *c, enum switch_state from, enum switch_state to)
{
	struct telephone_switch *s = c->of;
	struct switch_counts *n = &s->counts;
	bool patient = c->plan->patience_us == PLAN_FOR_EVER;

	if (!is_live(from) && is_live(to))
		TAILQ_INSERT_TAIL(&s->live, c, live);
	if (is_live(from) && !is_live(to))
		TAILQ_REMOVE(&s->live, c, live);
	n->waiting += (to == SWITCH_WAITING) - (from == SWITCH_WAITING);
	s->patient[c->plan->type] +=
	    patient * ((to == SWITCH_WAITING) - (from == SWITCH_WAITING));
	n->talking += (to == SWITCH_TALKING || to == SWITCH_HELD) -
	              (from == SWITCH_TALKING || from == SWITCH_HELD);
	n->arrived += to == SWITCH_MENU;
	n->queued += from == SWITCH_MENU && to == SWITCH_WAITING;
	n->answered += to == SWITCH_TALKING && c->established_at == 0;
	if (to != SWITCH_ENDED)
		return;
	n->ended++;
	n->menu_ended += c->queued_at == 0;
	n->abandoned += c->queued_at != 0 && c->established_at == 0;
}

static void
set_once(int64_t *at, int64_t now)
{
	if (*at == 0)
		*at = now;
}

static void
leave_device(struct switch_call *c)
{
	if (c->device != NULL)
		c->device->call = NULL;
	c->device = NULL;
}

/* What follows by itself from being in a state.  Patience runs on while it
 * rings; a call that comes back from an agent waits anew. */
static void
plan_next(
    struct switch_call *c, enum switch_state from, int64_t now, bool lifts)
{
	const struct plan_call *p = c->plan;
	struct agenda *a = c->of->agenda;

	switch (c->state) {
	case SWITCH_MENU:
		set_once(&c->offered_at, now);
		agenda_set(a, &c->step, now + p->menu_us);
		break;
	case SWITCH_WAITING:
		if (p->patience_us != PLAN_FOR_EVER &&
		    !heap_has(&c->patience.node))
			agenda_set(a, &c->patience, now + p->patience_us);
		set_once(&c->queued_at, now);
		agenda_clear(a, &c->step);
		break;
	case SWITCH_RINGING:
		set_once(&c->delivered_at, now);
		agenda_set(a, &c->step, now + (lifts ? 0 : p->ring_us));
		break;
	case SWITCH_TALKING:
		agenda_clear(a, &c->patience);
		if (from == SWITCH_RINGING)
			agenda_set(a, &c->step, now + p->service_us);
		set_once(&c->established_at, now);
		break;
	case SWITCH_ENDED:
		set_once(&c->ended_at, now);
		agenda_clear(a, &c->step);
		agenda_clear(a, &c->patience);
		break;
	default:
		break;
	}
}

/* Who ends a call: the caller, unless it is an order. */
static Mashang__Party
who_ends(enum switch_input in)
{
	return in == SWITCH_IN_CLEAR ? MASHANG__PARTY__PARTY_SWITCH
	                             : MASHANG__PARTY__PARTY_CALLER;
}

/* False: the table does not allow it, nothing has changed.  `e' comes with
 * what an order adds. */
static bool
step(struct switch_call *c, enum switch_input in, struct switch_event *e,
    bool auto_answer)
{
	const struct cell *cell = &table[c->state][in];
	enum switch_state from = c->state;
	bool lifts;

	if (cell->to == SWITCH_NONE)
		return false;
	e->kind = cell->event;
	if (e->device == NULL)
		e->device = c->device;
	if (cell->to == SWITCH_ENDED) {
		e->party = who_ends(in);
		if (e->cause == MASHANG__CAUSE__CAUSE_NONE)
			e->cause = MASHANG__CAUSE__CAUSE_NORMAL;
		c->end_cause = e->cause;
	}
	if (cell->to == SWITCH_ENDED || cell->to == SWITCH_WAITING)
		leave_device(c);
	lifts = auto_answer || (c->device != NULL && c->device->lifts);
	c->state = cell->to;
	c->seq++;
	count(c, from, c->state);
	plan_next(c, from, e->at, lifts);
	c->of->news.event(c->of->news.arg, c, e);
	return true;
}

static void
must_step(struct switch_call *c, enum switch_input in, int64_t now)
{
	struct switch_event e = { .at = now };
	bool ok = step(c, in, &e, false);

	assert(ok);
}

/* The end of what the state lasts by itself. */
static void
step_due(void *arg, int64_t now)
{
	static const enum switch_input next[SWITCH_NSTATES] = {
		[SWITCH_NONE] = SWITCH_IN_ARRIVE,
		[SWITCH_MENU] = SWITCH_IN_QUEUE,
		[SWITCH_RINGING] = SWITCH_IN_LIFT,
		[SWITCH_TALKING] = SWITCH_IN_HANG_UP,
		[SWITCH_HELD] = SWITCH_IN_HANG_UP,
	};
	struct switch_call *c = arg;
	enum switch_input in = next[c->state];

	if (c->state == SWITCH_MENU && !c->plan->queues)
		in = SWITCH_IN_HANG_UP;
	must_step(c, in, now);
}

static void
patience_due(void *arg, int64_t now)
{
	must_step(arg, SWITCH_IN_HANG_UP, now);
}

/* ---------------------------------------------------------------- orders */

static struct switch_call *
find_live(struct telephone_switch *s, struct str name)
{
	struct id id = id_of_call(str_of(s->name), s->epoch, name);
	struct switch_call *c = switch_call_by_id(s, id.b);

	return c != NULL && is_live(c->state) ? c : NULL;
}

static struct switch_device *
find_device(struct telephone_switch *s, struct str name)
{
	struct switch_device *d = NULL;

	HASH_FIND(hh, s->devices, name.p, name.len, d);
	return d;
}

/* OK: it may be carried out.  Who asks for a device other than the call's is
 * out of date, whatever the version says. */
static Mashang__Code
judge(struct telephone_switch *s, const struct switch_order *o,
    const struct switch_call *c, enum switch_input in)
{
	const struct switch_device *d;

	if (o->call.len == 0) /* to make one: nobody here is called */
		return MASHANG__CODE__CODE_REFUSED;
	if (c == NULL)
		return MASHANG__CODE__CODE_NOT_FOUND;
	if (o->version != c->version)
		return MASHANG__CODE__CODE_STALE_VERSION;
	if (in == SWITCH_IN_NONE || table[c->state][in].to == SWITCH_NONE)
		return MASHANG__CODE__CODE_REFUSED;
	if (in == SWITCH_IN_CONNECT) {
		if ((d = find_device(s, o->device)) == NULL)
			return MASHANG__CODE__CODE_NO_DEVICE;
		return d->call != NULL ? MASHANG__CODE__CODE_BUSY
		                       : MASHANG__CODE__CODE_OK;
	}
	if (o->device.len > 0 && c->device != NULL &&
	    !str_eq(o->device, str_of(c->device->name)))
		return MASHANG__CODE__CODE_REFUSED;
	return MASHANG__CODE__CODE_OK;
}

void
switch_order(
    struct telephone_switch *s, const struct switch_order *o, int64_t now)
{
	struct switch_call *c = find_live(s, o->call);
	struct switch_event e = {
		.at = now, .cause = o->cause, .order_id = o->order_id
	};
	struct switch_result r = { .order_id = o->order_id };
	enum switch_input in = SWITCH_IN_NONE;
	bool ok;

	if ((size_t)o->kind < NELEM(input_of))
		in = input_of[o->kind];
	r.code = judge(s, o, c, in);
	if (r.code == MASHANG__CODE__CODE_OK)
		c->version++;
	r.version = c != NULL ? c->version : 0;
	if (c != NULL)
		r.kind = r.code == MASHANG__CODE__CODE_OK
		             ? kind_of[table[c->state][in].to]
		             : switch_kind(c);
	s->news.result(s->news.arg, &r);
	if (r.code != MASHANG__CODE__CODE_OK)
		return;
	if (in == SWITCH_IN_CONNECT) {
		c->device = find_device(s, o->device);
		c->device->call = c;
	}
	ok = step(c, in, &e, o->auto_answer);
	assert(ok);
}

/* --------------------------------------------------------------- the rest */

static bool
add_call(struct telephone_switch *s, size_t i)
{
	struct switch_call *c = &s->calls[i];

	c->plan = &s->plan->calls[i];
	c->of = s;
	c->version = s->incarnation << 32;
	c->id = id_of_call(str_of(s->name), s->epoch, str_of(c->plan->name));
	c->step = (struct instant){ .fire = step_due, .arg = c };
	c->patience = (struct instant){ .fire = patience_due, .arg = c };
	HASH_ADD(hh, s->by_id, id, sizeof(c->id), c);
	return HASH_ADD_OK(hh, c);
}

enum err
switch_new(const struct plan *plan, const char *name, uint64_t epoch,
    uint32_t incarnation, struct agenda *agenda, const struct switch_news *news,
    struct telephone_switch **out)
{
	struct telephone_switch *s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return ERR_NOMEM;
	s->plan = plan;
	s->name = name;
	s->epoch = epoch;
	s->incarnation = incarnation;
	s->agenda = agenda;
	s->news = *news;
	TAILQ_INIT(&s->live);
	s->calls = calloc(plan->n_calls + 1, sizeof(*s->calls));
	if (s->calls == NULL)
		goto fail;
	for (size_t i = 0; i < plan->n_calls; i++)
		if (!add_call(s, i))
			goto fail;
	*out = s;
	return ERR_OK;
fail:
	switch_free(&s);
	return ERR_NOMEM;
}

void
switch_free(struct telephone_switch **sw)
{
	struct telephone_switch *s = *sw;
	struct switch_device *d, *next;

	if (s == NULL)
		return;
	for (size_t i = 0; s->calls != NULL && i < s->plan->n_calls; i++) {
		agenda_clear(s->agenda, &s->calls[i].step);
		agenda_clear(s->agenda, &s->calls[i].patience);
	}
	HASH_CLEAR(hh, s->by_id);
	HASH_ITER(hh, s->devices, d, next)
	{
		HASH_DELETE(hh, s->devices, d);
		free(d->name);
		free(d);
	}
	free(s->calls);
	free(s);
	*sw = NULL;
}

enum err
switch_add_device(struct telephone_switch *s, const char *name, bool lifts)
{
	struct switch_device *d;

	if (find_device(s, str_of(name)) != NULL)
		return ERR_CONFLICT;
	if ((d = calloc(1, sizeof(*d))) == NULL)
		return ERR_NOMEM;
	d->lifts = lifts;
	if ((d->name = strdup(name)) != NULL) {
		HASH_ADD_KEYPTR(hh, s->devices, d->name, strlen(name), d);
		if (HASH_ADD_OK(hh, d))
			return ERR_OK;
	}
	free(d->name);
	free(d);
	return ERR_NOMEM;
}

void
switch_known(struct telephone_switch *s, struct str call, bool ended)
{
	struct id id = id_of_call(str_of(s->name), s->epoch, call);
	struct switch_call *c = switch_call_by_id(s, id.b);

	if (c == NULL || c->state != SWITCH_NONE)
		return;
	c->state = ended ? SWITCH_REPEATED : SWITCH_LOST;
	s->counts.repeated += ended;
	s->counts.lost += !ended;
}

void
switch_start(struct telephone_switch *s)
{
	for (size_t i = 0; i < s->plan->n_calls; i++) {
		struct switch_call *c = &s->calls[i];

		if (c->state == SWITCH_NONE)
			agenda_set(s->agenda, &c->step, c->plan->offered_at);
	}
}

void
switch_give_up(struct telephone_switch *s, int64_t now)
{
	struct switch_call *c, *next;

	for (c = TAILQ_FIRST(&s->live); c != NULL; c = next) {
		next = TAILQ_NEXT(c, live);
		if (c->state == SWITCH_WAITING)
			must_step(c, SWITCH_IN_HANG_UP, now);
	}
}

bool
switch_is_live(const struct switch_call *c)
{
	return is_live(c->state);
}

bool
switch_is_over(const struct telephone_switch *s)
{
	const struct switch_counts *n = &s->counts;

	return n->ended + n->repeated + n->lost == s->plan->n_calls;
}

struct switch_call *
switch_call_by_id(struct telephone_switch *s, const uint8_t id[16])
{
	struct switch_call *c = NULL;

	HASH_FIND(hh, s->by_id, id, sizeof(c->id), c);
	return c;
}
