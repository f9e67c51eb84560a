/*
 * agents.c - what an agent does is decided by what the daemon last said of
 * them, never by what was asked of it: so a lost connection, a refused request
 * or a restarted daemon leaves nobody stuck.
 */
#include "replay/agents.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "replay/note.h"
#include "replay/owed.h"

#define BACK_AFTER_US (5 * CLOCK_S) /* not ready by itself: ready again */

#define STATE(s) MASHANG__AGENT_STATE_KIND__##s

struct person {
	struct agents *of;
	const struct plan_agent *plan;
	struct link *link;
	size_t index;
	char device[PLAN_NAME_MAX];
	/* As the daemon said last. */
	Mashang__AgentStateKind state;
	int64_t since_at;
	bool own_will; /* not ready because we asked for it, or new */
	uint64_t offer;
	uint8_t call[16]; /* of the last offer */
	bool to_show, on_duty, dirty;
	bool owes_note; /* of the last call talked to */
	unsigned unanswered;
	struct owed owed; /* notes not told as saved */
	struct instant act, shift;
	size_t next_shift;
};

struct agents {
	const struct plan *plan;
	struct telephone_switch *sw;
	struct agenda *agenda;
	struct event_base *base;
	const char *addresses;
	void (*woken)(void *);
	void *arg;
	struct person *people;
	size_t n, n_links, n_up;
	size_t *dirty, n_dirty;
	size_t unanswered, n_owed;
	unsigned on_duty[PLAN_MAX_TYPES], ready[PLAN_MAX_TYPES];
	const char *refused;
	struct agents_counts counts;
	struct stat_hist latency;
};

static ProtobufCBinaryData
bytes(const char *s)
{
	return (ProtobufCBinaryData){ strlen(s), (uint8_t *)(uintptr_t)s };
}

static const char *
code_name(Mashang__Code code)
{
	const ProtobufCEnumValue *v = protobuf_c_enum_descriptor_get_value(
	    &mashang__code__descriptor, (int)code);

	return v != NULL ? v->name : "a code not known here";
}

static void
touch(struct person *p)
{
	struct agents *a = p->of;

	if (!p->dirty)
		a->dirty[a->n_dirty++] = p->index;
	p->dirty = true;
	a->woken(a->arg);
}

static void
count_types(unsigned count[PLAN_MAX_TYPES], uint32_t types, int by)
{
	for (unsigned t = 0; t < PLAN_MAX_TYPES; t++)
		if (types >> t & 1)
			count[t] += (unsigned)by;
}

static bool
is_ready(const struct person *p)
{
	return p->state == STATE(AGENT_READY);
}

static void
set_state(struct person *p, Mashang__AgentStateKind state)
{
	bool was = is_ready(p);

	p->state = state;
	if (was != is_ready(p))
		count_types(p->of->ready, p->plan->types, was ? -1 : 1);
}

/* --------------------------------------------------------------- requests */

/* Whatever the answer: the daemon's last word on the agent decides. */
static void
answered(void *arg, const Mashang__Envelope *reply)
{
	struct person *p = arg;

	p->unanswered--;
	p->of->unanswered--;
	if (reply == NULL)
		return;
	if (reply->body_case == MASHANG__ENVELOPE__BODY_ERROR &&
	    reply->error->code != MASHANG__CODE__CODE_OFFER_GONE) {
		p->of->counts.errors++;
		p->of->counts.last_error = code_name(reply->error->code);
	}
	touch(p);
}

/* `op' NULL: whatever the link makes; kept if all zero. */
static void
ask_op(struct person *p, Mashang__Envelope *e, uint8_t *op)
{
	if (!link_request(p->link, e, op, answered, p))
		return; /* no memory: asked again at the next news */
	p->unanswered++;
	p->of->unanswered++;
}

static void
ask(struct person *p, Mashang__Envelope *e)
{
	ask_op(p, e, NULL);
}

static void
ask_state(struct person *p, bool ready)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__SetState s = MASHANG__SET_STATE__INIT;

	s.state = ready ? STATE(AGENT_READY) : STATE(AGENT_NOT_READY);
	if (!ready)
		s.reason = bytes("off_duty");
	p->own_will = !ready;
	e.body_case = MASHANG__ENVELOPE__BODY_SET_STATE;
	e.set_state = &s;
	ask(p, &e);
}

static void
say_shown(struct person *p)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__Shown s = MASHANG__SHOWN__INIT;

	p->to_show = false;
	s.offer_id = p->offer;
	e.body_case = MASHANG__ENVELOPE__BODY_SHOWN;
	e.shown = &s;
	ask(p, &e);
}

/* The last one on duty stays while somebody waits who will not give up. */
static bool
is_wanted(const struct person *p)
{
	const struct agents *a = p->of;

	if (p->on_duty)
		return true;
	for (unsigned t = 0; t < a->plan->n_types; t++)
		if (p->plan->types >> t & 1 && a->on_duty[t] == 0 &&
		    a->sw->patient[t] > 0)
			return true;
	return false;
}

/* The note of a call; `op' is its operation's id, made here if all zero. */
static void
send_note(struct person *p, const uint8_t call[16], uint8_t op[16], bool ready)
{
	static const uint8_t none[16];
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__WrapUp w = MASHANG__WRAP_UP__INIT;
	const struct switch_call *c = switch_call_by_id(p->of->sw, call);
	struct note n;

	assert(c != NULL);
	n = note_for(p->of->plan->seed, c->plan->name);
	w.call_id = (ProtobufCBinaryData){ 16, (uint8_t *)(uintptr_t)call };
	w.note = bytes(n.text);
	w.kind = n.kind;
	w.solved = n.solved;
	w.category = bytes(n.category);
	w.dissatisfied = n.dissatisfied;
	w.next = ready ? STATE(AGENT_READY) : STATE(AGENT_NOT_READY);
	if (!ready)
		w.next_reason = bytes("off_duty");
	e.body_case = MASHANG__ENVELOPE__BODY_WRAP_UP;
	e.wrap_up = &w;
	if (memcmp(op, none, sizeof(none)) != 0)
		e.op_id = (ProtobufCBinaryData){ 16, op };
	ask_op(p, &e, op);
}

static void
wrap_up(struct person *p)
{
	uint8_t op[16] = { 0 };
	bool ready = is_wanted(p);

	p->owes_note = false;
	p->own_will = !ready;
	p->of->counts.wrap_ups++;
	send_note(p, p->call, op, ready);
	if (owed_add(&p->owed, op, p->call) == ERR_OK)
		p->of->n_owed++;
}

/* A daemon that was killed may have answered and not committed. */
static void
send_owed(struct person *p)
{
	for (size_t i = 0; i < p->owed.n; i++)
		send_note(p, p->owed.notes[i].call, p->owed.notes[i].op,
		    is_wanted(p));
}

static void
on_saved(struct person *p, const Mashang__Saved *s)
{
	size_t before = p->owed.n;

	for (size_t i = 0; i < s->n_op_ids; i++)
		if (s->op_ids[i].len == 16)
			owed_remove(&p->owed, s->op_ids[i].data);
	p->of->n_owed -= before - p->owed.n;
}

/* ---------------------------------------------------------------- deciding */

/* The note is due some time after the call, whatever became of the state: a
 * restarted daemon takes who was wrapping up for not ready. */
static int64_t
note_at(const struct person *p)
{
	const struct switch_call *c = switch_call_by_id(p->of->sw, p->call);

	assert(c != NULL);
	return c->ended_at != 0 ? c->ended_at + c->plan->wrap_up_us
	                        : AGENDA_NEVER;
}

/* When there is something to do for the state that the daemon has told. */
static int64_t
next_act(const struct person *p, int64_t now)
{
	if (p->unanswered > 0 || p->state == STATE(AGENT_STATE_NONE))
		return AGENDA_NEVER;
	if (p->to_show)
		return now;
	if (p->state == STATE(AGENT_BUSY) || p->state == STATE(AGENT_RESERVED))
		return AGENDA_NEVER;
	if (p->owes_note)
		return note_at(p);
	if (p->state == STATE(AGENT_WORKING_AFTER_CALL))
		return now;
	if (p->state == STATE(AGENT_READY))
		return is_wanted(p) ? AGENDA_NEVER : now;
	if (!is_wanted(p))
		return AGENDA_NEVER;
	return p->own_will ? now : p->since_at + BACK_AFTER_US;
}

static void
act_due(void *arg, int64_t now)
{
	struct person *p = arg;

	(void)now;
	if (p->unanswered > 0 || !link_is_up(p->link))
		return; /* the answer, or the log-in, comes back here */
	if (p->to_show)
		say_shown(p);
	else if (p->owes_note)
		wrap_up(p);
	else
		ask_state(p, is_wanted(p));
}

static void
review(struct person *p, int64_t now)
{
	agenda_set(p->of->agenda, &p->act, next_act(p, now));
}

/* Begins and ends turn by turn. */
static void
shift_due(void *arg, int64_t now)
{
	struct person *p = arg;
	const struct plan_shift *s = &p->plan->shifts[p->next_shift];

	p->on_duty = !p->on_duty;
	count_types(p->of->on_duty, p->plan->types, p->on_duty ? 1 : -1);
	if (p->on_duty)
		agenda_set(p->of->agenda, &p->shift, s->to);
	else if (++p->next_shift < p->plan->n_shifts)
		agenda_set(p->of->agenda, &p->shift, s[1].from);
	review(p, now);
}

static int
index_order(const void *a, const void *b)
{
	const size_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

bool
agents_react(struct agents *a, int64_t now)
{
	size_t n = a->n_dirty;

	qsort(a->dirty, n, sizeof(*a->dirty), index_order);
	for (size_t i = 0; i < n; i++) {
		struct person *p = &a->people[a->dirty[i]];

		p->dirty = false;
		review(p, now);
	}
	a->n_dirty = 0;
	return n > 0;
}

/* ----------------------------------------------------------- from the wire */

static void
on_offer(struct person *p, const Mashang__Offer *o)
{
	struct switch_call *c;

	if (o->call_id.len != sizeof(p->call))
		return;
	c = switch_call_by_id(p->of->sw, o->call_id.data);
	p->of->counts.offers++;
	if (c == NULL)
		return; /* another switch's: it will be taken back */
	p->offer = o->offer_id;
	p->to_show = true;
	memcpy(p->call, o->call_id.data, sizeof(p->call));
	if (o->attempt <= 1 && c->queued_loop_at != 0)
		stat_add(&p->of->latency, clock_loop() - c->queued_loop_at);
}

static void
on_state(struct person *p, const Mashang__AgentState *s)
{
	char reason[PLAN_NAME_MAX + 1];

	snprintf(reason, sizeof(reason), "%.*s",
	    (int)(s->reason.len < PLAN_NAME_MAX ? s->reason.len
						: PLAN_NAME_MAX),
	    s->reason.len > 0 ? (const char *)s->reason.data : "");
	if (s->state != p->state)
		p->since_at = s->since_at;
	set_state(p, s->state);
	/* Somebody else's call, past our offers, needs no note of ours. */
	if (s->state == STATE(AGENT_BUSY) && p->offer != 0)
		p->owes_note = true;
	link_set_resume(p->link, s->state, reason);
}

static void
message(void *arg, const Mashang__Envelope *e)
{
	struct person *p = arg;

	switch (e->body_case) {
	case MASHANG__ENVELOPE__BODY_OFFER:
		on_offer(p, e->offer);
		break;
	case MASHANG__ENVELOPE__BODY_OFFER_ENDED:
		if (e->offer_ended->offer_id == p->offer)
			p->to_show = false;
		break;
	case MASHANG__ENVELOPE__BODY_AGENT_STATE:
		on_state(p, e->agent_state);
		break;
	case MASHANG__ENVELOPE__BODY_SAVED:
		on_saved(p, e->saved);
		return;
	default:
		return;
	}
	touch(p);
}

/* New here, or back: the state that follows is the daemon's first word. */
static void
up(void *arg, const Mashang__Welcome *w)
{
	struct person *p = arg;

	(void)w;
	p->of->n_up++;
	p->own_will = true;
	p->to_show = false;
	send_owed(p);
	touch(p);
}

static void
down(void *arg, const char *why)
{
	struct person *p = arg;

	(void)why;
	p->of->n_up--;
	set_state(p, STATE(AGENT_STATE_NONE));
	agenda_clear(p->of->agenda, &p->act);
}

static void
refused(void *arg, const Mashang__Error *e)
{
	struct person *p = arg;

	p->of->refused = code_name(e->code);
}

/* --------------------------------------------------------------- the rest */

enum err
agents_new(struct event_base *base, const struct agents_options *o,
    struct agents **out)
{
	struct agents *a;

	if ((a = calloc(1, sizeof(*a))) == NULL)
		return ERR_NOMEM;
	*a = (struct agents){ .plan = o->plan,
		.sw = o->sw,
		.agenda = o->agenda,
		.base = base,
		.addresses = o->addresses,
		.woken = o->woken,
		.arg = o->arg,
		.n = o->plan->n_agents };
	stat_init(&a->latency);
	a->people = calloc(a->n + 1, sizeof(*a->people));
	a->dirty = calloc(a->n + 1, sizeof(*a->dirty));
	if (a->people == NULL || a->dirty == NULL) {
		a->n = 0;
		agents_free(&a);
		return ERR_NOMEM;
	}
	for (size_t i = 0; i < a->n; i++) {
		struct person *p = &a->people[i];

		p->of = a;
		p->index = i;
		p->plan = &o->plan->agents[i];
		p->act = (struct instant){ .fire = act_due, .arg = p };
		p->shift = (struct instant){ .fire = shift_due, .arg = p };
		snprintf(
		    p->device, sizeof(p->device), "phone-%s", p->plan->name);
	}
	*out = a;
	return ERR_OK;
}

void
agents_free(struct agents **agents)
{
	struct agents *a = *agents;

	if (a == NULL)
		return;
	for (size_t i = 0; i < a->n; i++) {
		agenda_clear(a->agenda, &a->people[i].act);
		agenda_clear(a->agenda, &a->people[i].shift);
		link_free(&a->people[i].link);
		owed_fini(&a->people[i].owed);
	}
	free(a->people);
	free(a->dirty);
	free(a);
	*agents = NULL;
}

const char *
agents_device(const struct agents *a, size_t n)
{
	assert(n < a->n);
	return a->people[n].device;
}

enum err
agents_log_in(struct agents *a, size_t n, ProtobufCBinaryData token)
{
	Mashang__Hello h = MASHANG__HELLO__INIT;
	struct person *p = &a->people[n];
	const char *why;

	assert(n < a->n && p->link == NULL);
	h.role = MASHANG__ROLE__ROLE_AGENT;
	h.token = token;
	h.login = bytes(token.len > 0 ? "" : p->plan->name);
	h.client = bytes("mashang-replay " VERSION);
	h.device = bytes(p->device);
	p->link = link_new(a->base, a->addresses, &h,
	    &(struct link_events){ up, down, refused, message, p }, &why);
	if (p->link == NULL)
		return ERR_NOMEM;
	a->n_links++;
	return ERR_OK;
}

void
agents_start(struct agents *a)
{
	for (size_t i = 0; i < a->n; i++) {
		struct person *p = &a->people[i];

		if (p->plan->n_shifts > 0)
			agenda_set(
			    a->agenda, &p->shift, p->plan->shifts[0].from);
	}
}

bool
agents_are_ready(const struct agents *a)
{
	return a->n_up == a->n_links;
}

size_t
agents_unsaved(const struct agents *a)
{
	return a->n_owed;
}

bool
agents_are_settled(const struct agents *a)
{
	return agents_are_ready(a) && a->unanswered == 0;
}

bool
agents_are_idle(const struct agents *a)
{
	for (size_t i = 0; i < a->n; i++) {
		const struct person *p = &a->people[i];

		if (p->owes_note || p->to_show ||
		    p->state == STATE(AGENT_RESERVED) ||
		    p->state == STATE(AGENT_BUSY) ||
		    p->state == STATE(AGENT_WORKING_AFTER_CALL))
			return false;
	}
	return true;
}

const char *
agents_refused(const struct agents *a)
{
	return a->refused;
}

bool
agents_are_free(const struct agents *a, unsigned type)
{
	return a->ready[type] >= a->sw->counts.waiting;
}

const struct agents_counts *
agents_counts(const struct agents *a)
{
	return &a->counts;
}

const struct stat_hist *
agents_latency(const struct agents *a)
{
	return &a->latency;
}
