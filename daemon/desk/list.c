/*
 * list.c - what can be looked at: tables of columns, each with its sentence.
 *
 * Rows come in the order of ids (queues, agents) or of arrival (calls); the
 * cursor is the number of the row after the last one given.
 */
#include "desk/state.h"

#include <stddef.h>
#include <stdio.h>

#include "desk/demand.h"

struct list {
	struct desk_list pub;
	/* The object behind `prev' (NULL: the first), NULL behind the last. */
	const void *(*next)(const struct desk *, const void *prev);
	void (*row)(struct desk *, const void *, int64_t now, struct cell *out);
};

#define TEXT(s) ((struct cell){ .text = str_of(s), .null = (s) == NULL })
#define NUMBER(n) ((struct cell){ .number = (int64_t)(n) })
#define NONE ((struct cell){ .null = true })

static struct cell
time_cell(int64_t at)
{
	return at != 0 ? NUMBER(at) : NONE;
}

static struct cell
text_or_none(const char *s)
{
	return s[0] != '\0' ? TEXT(s) : NONE;
}

static struct cell
yes_or_no(bool yes)
{
	return TEXT(yes ? "yes" : "no");
}

/* "hold transfer clear"; its text lives until the next one is made. */
static struct cell
can_cell(unsigned can)
{
	static char words[160];
	size_t n = 0;

	words[0] = '\0';
	for (int k = 1; k < ORDER_NKINDS && n < sizeof(words); k++)
		if ((can & ORDER_BIT(k)) != 0)
			n += (size_t)snprintf(words + n, sizeof(words) - n,
			    "%s%s", n > 0 ? " " : "",
			    word_order((enum order_kind)k));
	return text_or_none(words);
}

/* ---- queues */

static const struct column queue_columns[] = {
	{ "queue", CELL_TEXT, "Its name." },
	{ "waiting", CELL_NUMBER,
	    "Calls that wait and are offered to nobody." },
	{ "offered", CELL_NUMBER, "Calls that ring or are shown at an agent." },
	{ "talking", CELL_NUMBER, "Calls that an agent has." },
	{ "longest_wait", CELL_DURATION, "Of the calls that wait or ring." },
	{ "ready", CELL_NUMBER,
	    "Agents of this queue who could be offered "
	    "work now." },
	{ "busy", CELL_NUMBER,
	    "Agents of this queue in a call or offered "
	    "one." },
	{ "wrap_up", CELL_NUMBER,
	    "Agents of this queue working after a "
	    "call." },
	{ "not_ready", CELL_NUMBER,
	    "Agents of this queue logged in and not "
	    "ready." },
	{ "estimate_low", CELL_DURATION,
	    "Who calls now waits longer than this, in nine cases of ten." },
	{ "estimate_high", CELL_DURATION,
	    "Who calls now is answered within this, in nine cases of ten." },
	{ "calibration", CELL_RATIO,
	    "Of the callers who were promised a longest wait, those answered "
	    "within it; who gave up sooner is left out." },
	{ "door", CELL_TEXT,
	    "open; draining: takes nobody new; closed: and has sent on who "
	    "waited." },
	{ "version", CELL_NUMBER, "Of the door: what --expect names." },
};

static bool
serves(const struct agent *a, const struct queue *q)
{
	for (unsigned i = 0; i < a->profile.n_queues; i++)
		if (a->profile.queues[i] == q->id)
			return true;
	return false;
}

static void
count_calls(
    struct desk *d, const struct queue *q, int64_t now, struct cell *out)
{
	int64_t first = now;
	unsigned n[3] = { 0 };

	for (const struct call *c = d->calls; c != NULL; c = c->hh.next) {
		if (c->queue != q || c->queued_at == 0)
			continue;
		if (c->agent != NULL) {
			n[2]++;
			continue;
		}
		n[c->offers != NULL]++;
		if (c->enqueued_at < first)
			first = c->enqueued_at;
	}
	for (unsigned i = 0; i < NELEM(n); i++)
		out[1 + i] = NUMBER(n[i]);
	out[4] = NUMBER(now - first);
}

static const void *
queue_next(const struct desk *d, const void *prev)
{
	const struct queue *p = prev;

	p = p == NULL ? d->queues : p->hh.next;
	while (p != NULL && p->retired)
		p = p->hh.next;
	return p;
}

static void
room_cells(const struct queue *q, int64_t now, struct cell *out)
{
	int64_t share = calibration_share(&q->room.calibration);
	struct estimate e;
	bool known = room_expected(q, now, &e);

	out[0] = known ? NUMBER(e.low_us) : NONE;
	out[1] = known ? NUMBER(e.high_us) : NONE;
	out[2] = share >= 0 ? NUMBER(share) : NONE;
}

static void
queue_row(struct desk *d, const void *obj, int64_t now, struct cell *out)
{
	const struct queue *q = obj;
	unsigned count[AGENT_NSTATES] = { 0 };

	for (const struct agent *a = d->agents; a != NULL; a = a->hh.next)
		if (serves(a, q))
			count[a->state]++;
	out[0] = TEXT(q->name);
	count_calls(d, q, now, out);
	out[5] = NUMBER(count[AGENT_STATE_READY]);
	out[6] = NUMBER(count[AGENT_STATE_BUSY] + count[AGENT_STATE_RESERVED]);
	out[7] = NUMBER(count[AGENT_STATE_WORKING_AFTER_CALL]);
	out[8] = NUMBER(count[AGENT_STATE_NOT_READY]);
	room_cells(q, now, out + 9);
	out[12] = TEXT(word_queue_door(q->room.door));
	out[13] = NUMBER(q->door_seq);
}

/* ---- agents */

static const struct column agent_columns[] = {
	{ "agent", CELL_TEXT, "The log-in's name." },
	{ "name", CELL_TEXT, "The person's name." },
	{ "state", CELL_TEXT,
	    "null (logged off), not_ready, ready, reserved, "
	    "busy or working_after_call (ECMA-269)." },
	{ "reason", CELL_TEXT, "Why not ready." },
	{ "pending", CELL_TEXT, "The state asked for while busy." },
	{ "for", CELL_DURATION, "Time in this state." },
	{ "device", CELL_TEXT, "The phone." },
	{ "queue", CELL_TEXT, "Of the call they have or are offered." },
	{ "pending_reason", CELL_TEXT, "Why not ready then." },
	{ "left", CELL_DURATION,
	    "Until the state ends by itself: wrap-up, or the delay after an "
	    "offer." },
	{ "over", CELL_DURATION,
	    "Not ready for so much longer than the reason allows." },
	{ "overs", CELL_NUMBER,
	    "How often that has been so since the daemon was started." },
	{ "version", CELL_NUMBER, "Of the state: what --expect names." },
};

static const void *
agent_next(const struct desk *d, const void *prev)
{
	const struct agent *p = prev;

	p = p == NULL ? d->agents : p->hh.next;
	while (p != NULL && p->retired)
		p = p->hh.next;
	return p;
}

static void
agent_row(struct desk *d, const void *obj, int64_t now, struct cell *out)
{
	const struct agent *a = obj;
	const struct call *c;

	c = a->call != NULL    ? a->call
	    : a->offer != NULL ? a->offer->call
	                       : NULL;
	out[0] = TEXT(a->name);
	out[1] = TEXT(a->display_name);
	out[2] = TEXT(word_agent_state(a->state));
	out[3] = TEXT(a->reason[0] != '\0' ? a->reason : NULL);
	out[4] = TEXT(word_agent_state(a->pending));
	out[5] = a->since != 0 ? NUMBER(now - a->since) : NONE;
	out[6] = TEXT(a->device != NULL ? a->device->name : NULL);
	out[7] = TEXT(c != NULL && c->queue != NULL ? c->queue->name : NULL);
	out[8] = text_or_none(a->pending_reason);
	out[9] = a->until != 0 ? NUMBER(a->until - now) : NONE;
	out[10] = a->limit_at != 0 && a->limit_at < now
	              ? NUMBER(now - a->limit_at)
	              : NONE;
	out[11] = NUMBER(a->n_over);
	out[12] = NUMBER(version_of(d->generation, a->state_seq));
}

/* ---- calls */

static const struct column call_columns[] = {
	{ "call", CELL_TEXT, "Our id, 32 digits." },
	{ "switch", CELL_TEXT, "Where it lives." },
	{ "name", CELL_TEXT, "The switch's name for it." },
	{ "state", CELL_TEXT,
	    "offered (menu), queued, delivered (rings), "
	    "established or held." },
	{ "queue", CELL_TEXT, "Its queue." },
	{ "caller", CELL_TEXT, "The caller's number, as it came." },
	{ "queued", CELL_TIME, "When it entered the queue." },
	{ "attempts", CELL_NUMBER, "Offers made for it." },
	{ "agent", CELL_TEXT,
	    "Who has it or is offered it; several where it rings at all." },
	{ "ticket", CELL_NUMBER, "Its ticket's number." },
	{ "relation", CELL_TEXT,
	    "What it is to another call: consult, transfer, callback or "
	    "follow_up." },
	{ "can", CELL_TEXT, "What a supervisor may ask of it now." },
	{ "version", CELL_NUMBER, "Of its place: what --expect names." },
};

static const void *
call_next(const struct desk *d, const void *prev)
{
	const struct call *p = prev;

	p = p == NULL ? d->calls : p->hh.next;
	return p;
}

/* "a1", or "a1 a2 a3" while it rings at all; it lives as can_cell()'s. */
static struct cell
agents_cell(const struct call *c)
{
	static char names[ACD_MAX_RING * (NAME_MAX_LEN + 1)];
	size_t n = 0;

	if (c->agent != NULL)
		return TEXT(c->agent->name);
	names[0] = '\0';
	for (const struct offer *o = c->offers; o != NULL && n < sizeof(names);
	     o = o->next)
		n += (size_t)snprintf(names + n, sizeof(names) - n, "%s%s",
		    n > 0 ? " " : "", o->agent->name);
	return text_or_none(names);
}

static void
call_row(struct desk *d, const void *obj, int64_t now, struct cell *out)
{
	static char id[ID_TEXT_LEN + 1];
	const struct call *c = obj;

	(void)d, (void)now;
	out[0] = TEXT(id_text(&c->id, id));
	out[1] = TEXT(c->sw->name);
	out[2] = (struct cell){ .text = { c->name, c->name_len } };
	out[3] = TEXT(call_state_word(c->state));
	out[4] = TEXT(c->queue != NULL ? c->queue->name : NULL);
	out[5] = TEXT(c->caller);
	out[6] = time_cell(c->queued_at);
	out[7] = NUMBER(c->n_offers);
	out[8] = agents_cell(c);
	out[9] = c->ticket != 0 ? NUMBER(ticket_number(c->ticket)) : NONE;
	out[10] = TEXT(word_relation(c->relation));
	out[11] = can_cell(control_can(c, NULL));
	out[12] = NUMBER(decision_version(d, c));
}

/* ---- devices */

static const struct column device_columns[] = {
	{ "device", CELL_TEXT, "The phone, as its switch calls it." },
	{ "switch", CELL_TEXT, "Whose it is." },
	{ "reach", CELL_TEXT,
	    "reachable, or gone: the switch says that it is not registered." },
	{ "agent", CELL_TEXT, "Who sits there." },
	{ "call", CELL_TEXT, "The call that rings or talks there." },
};

static const void *
device_next(const struct desk *d, const void *prev)
{
	const struct device *p = prev;

	p = p == NULL ? d->devices : p->hh.next;
	while (p != NULL && p->retired)
		p = p->hh.next;
	return p;
}

static const char *
switch_name(const struct desk *d, uint32_t id)
{
	const struct swtch *sw = d->switches;

	while (sw != NULL && sw->id != id)
		sw = sw->hh.next;
	return sw != NULL ? sw->name : NULL;
}

static void
device_row(struct desk *d, const void *obj, int64_t now, struct cell *out)
{
	static char id[ID_TEXT_LEN + 1];
	const struct device *v = obj;

	(void)now;
	out[0] = TEXT(v->name);
	out[1] = TEXT(switch_name(d, v->switch_id));
	out[2] = TEXT(v->gone ? "gone" : "reachable");
	out[3] = TEXT(v->agent != NULL ? v->agent->name : NULL);
	out[4] = TEXT(v->call != NULL ? id_text(&v->call->id, id) : NULL);
}

/* ---- switches */

static const struct column switch_columns[] = {
	{ "switch", CELL_TEXT, "Its name." },
	{ "attached", CELL_TEXT, "yes when its bridge is connected here." },
	{ "epoch", CELL_NUMBER, "Raised when call names may repeat." },
	{ "calls", CELL_NUMBER, "Live calls." },
	{ "absent", CELL_NUMBER, "Calls that the switch no longer told of." },
	{ "stream_seq", CELL_NUMBER, "Highest number of an event received." },
	{ "uncommitted", CELL_NUMBER, "Events received and not committed." },
	{ "to_resend", CELL_NUMBER,
	    "First event to be asked for again, while "
	    "the ledger is full." },
	{ "driver", CELL_TEXT, "What its bridge speaks with it." },
	{ "version", CELL_TEXT, "What it says that it is." },
	{ "connected", CELL_TEXT, "yes when its bridge hears it." },
	{ "since", CELL_TIME, "Since when it does, or does not." },
	{ "listen_only", CELL_TEXT,
	    "yes: its calls are recorded, and routed by itself." },
	{ "can", CELL_TEXT, "The orders that it carries out." },
	{ "spool", CELL_NUMBER,
	    "Events that its bridge keeps: not committed." },
	{ "spool_bytes", CELL_NUMBER, "Their size on the bridge's disk." },
	{ "last_event_at", CELL_TIME, "When it last told something." },
	{ "gaps", CELL_NUMBER, "Times that its bridge missed events of it." },
	{ "torn", CELL_NUMBER,
	    "Times that the end of the spool was lost with power or disk." },
	{ "unsaved", CELL_NUMBER,
	    "Events that the bridge's disk would not take: in memory only." },
	{ "trouble", CELL_TEXT, "What is wrong there." },
};

static const void *
switch_next(const struct desk *d, const void *prev)
{
	const struct swtch *p = prev;

	p = p == NULL ? d->switches : p->hh.next;
	return p;
}

/* As its bridge told last. */
static void
status_cells(const struct swtch *sw, struct cell *out)
{
	const struct switch_status *s = &sw->status.is;

	*out++ = text_or_none(sw->driver);
	*out++ = text_or_none(sw->status.version);
	*out++ = yes_or_no(s->connected && sw->attached != NULL);
	*out++ = time_cell(s->since_at);
	*out++ = yes_or_no(s->listen_only);
	*out++ = can_cell(sw->can);
	*out++ = NUMBER(s->spool_events);
	*out++ = NUMBER(s->spool_bytes);
	*out++ = time_cell(s->last_event_at);
	*out++ = NUMBER(s->gaps);
	*out++ = NUMBER(s->torn);
	*out++ = NUMBER(s->unsaved);
	*out = text_or_none(sw->status.trouble);
}

static void
switch_row(struct desk *d, const void *obj, int64_t now, struct cell *out)
{
	const struct swtch *sw = obj;
	unsigned live = 0, absent = 0;

	(void)now;
	for (const struct call *c = d->calls; c != NULL; c = c->hh.next) {
		live += c->sw == sw;
		absent += c->sw == sw && c->absent;
	}
	out[0] = TEXT(sw->name);
	out[1] = yes_or_no(sw->attached != NULL);
	out[2] = NUMBER(sw->epoch);
	out[3] = NUMBER(live);
	out[4] = NUMBER(absent);
	out[5] = NUMBER(sw->stream_high);
	out[6] = NUMBER(sw->ring_n);
	out[7] = sw->skipped_from != 0 ? NUMBER(sw->skipped_from) : NONE;
	status_cells(sw, out + 8);
}

/* ---- stores */

static const struct column store_columns[] = {
	{ "figure", CELL_TEXT, "What is counted, since the start." },
	{ "value", CELL_NUMBER, "How many." },
};

/* One row each; the object is the figure. */
static const struct figure {
	const char *name;
	enum { LEDGER, ACD, DESK, PROMISED, KEPT, REPAIRS } of;
	size_t offset; /* LEDGER, ACD: of a uint64_t; PROMISED: the bin;
	                  REPAIRS: the kind */
} figures[] = {
	{ "postgresql_connected", DESK, 0 },
	{ "redis_in_use", DESK, 1 },
	{ "configured", DESK, 2 },
	{ "live_calls", DESK, 3 },
	{ "live_offers", DESK, 4 },
	{ "ledger_units", LEDGER, offsetof(struct ledger_stats, units) },
	{ "ledger_rows", LEDGER, offsetof(struct ledger_stats, rows) },
	{ "ledger_commits", LEDGER, offsetof(struct ledger_stats, commits) },
	{ "ledger_retries", LEDGER, offsetof(struct ledger_stats, retries) },
	{ "ledger_quarantined", LEDGER,
	    offsetof(struct ledger_stats, quarantined) },
	{ "ledger_reconnects", LEDGER,
	    offsetof(struct ledger_stats, reconnects) },
	{ "ledger_backlog_units", LEDGER,
	    offsetof(struct ledger_stats, backlog_units) },
	{ "ledger_backlog_bytes", LEDGER,
	    offsetof(struct ledger_stats, backlog_bytes) },
	{ "acd_commands", ACD, offsetof(struct acd_stats, commands) },
	{ "acd_effects", ACD, offsetof(struct acd_stats, effects) },
	{ "acd_failures", ACD, offsetof(struct acd_stats, failures) },
	{ "acd_reconnects", ACD, offsetof(struct acd_stats, reconnects) },
	{ "acd_rebuilds", ACD, offsetof(struct acd_stats, rebuilds) },
	{ "repaired_call_unknown", REPAIRS, DETECTED_CALL_UNKNOWN },
	{ "repaired_call_offered", REPAIRS, DETECTED_CALL_OFFERED },
	{ "repaired_agent_unknown", REPAIRS, DETECTED_AGENT_UNKNOWN },
	{ "repaired_agent_idle", REPAIRS, DETECTED_AGENT_IDLE },
	{ "repaired_agent_offered", REPAIRS, DETECTED_AGENT_OFFERED },
	{ "repaired_agent_ready", REPAIRS, DETECTED_AGENT_READY },
	{ "repaired_agent_differs", REPAIRS, DETECTED_AGENT_DIFFERS },
	{ "repaired_agent_reserved", REPAIRS, DETECTED_AGENT_RESERVED },
	{ "repaired_offer_orphaned", REPAIRS, DETECTED_OFFER_ORPHANED },
	{ "repaired_offer_late", REPAIRS, DETECTED_OFFER_LATE },
	{ "repaired_unmatched", REPAIRS, DETECTED_UNMATCHED },
	/* Longest waits that callers were promised, by length, and how many
	 * were answered within them. */
	{ "promised_30s", PROMISED, 0 },
	{ "kept_30s", KEPT, 0 },
	{ "promised_1m", PROMISED, 1 },
	{ "kept_1m", KEPT, 1 },
	{ "promised_2m", PROMISED, 2 },
	{ "kept_2m", KEPT, 2 },
	{ "promised_5m", PROMISED, 3 },
	{ "kept_5m", KEPT, 3 },
	{ "promised_10m", PROMISED, 4 },
	{ "kept_10m", KEPT, 4 },
	{ "promised_longer", PROMISED, 5 },
	{ "kept_longer", KEPT, 5 },
};

static const void *
store_next(const struct desk *d, const void *prev)
{
	const struct figure *f = prev;

	(void)d;
	f = f == NULL ? figures : f + 1;
	return f < figures + NELEM(figures) ? f : NULL;
}

static uint64_t
desk_figure(const struct desk *d, const struct ledger_stats *l, size_t which)
{
	switch (which) {
	case 0:
		return l->connected;
	case 1:
		return d->remote != NULL && d->acd == d->remote;
	case 2:
		return d->configured;
	case 3:
		return HASH_COUNT(d->calls);
	default:
		return HASH_COUNT(d->offers);
	}
}

/* Of all queues together. */
static uint64_t
promises(const struct desk *d, const struct figure *f)
{
	uint64_t n = 0;

	for (const struct queue *q = d->queues; q != NULL; q = q->hh.next)
		n += f->of == PROMISED
		         ? q->room.calibration.bins[f->offset].made
		         : q->room.calibration.bins[f->offset].kept;
	return n;
}

static void
store_row(struct desk *d, const void *obj, int64_t now, struct cell *out)
{
	const struct figure *f = obj;
	struct ledger_stats l;
	struct acd_stats a = { 0 };
	uint64_t value;

	(void)now;
	d->ledger->ops->stats(d->ledger, &l);
	d->acd->ops->stats(d->acd, &a);
	if (f->of == DESK)
		value = desk_figure(d, &l, f->offset);
	else if (f->of == REPAIRS)
		value = d->detector.counts[f->offset];
	else if (f->of == PROMISED || f->of == KEPT)
		value = promises(d, f);
	else
		memcpy(&value,
		    (f->of == LEDGER ? (const char *)&l : (const char *)&a) +
			f->offset,
		    sizeof(value));
	out[0] = TEXT(f->name);
	out[1] = NUMBER(value);
}

/* ---- the table of tables */

#define LIST(name, one)                                                    \
	{                                                                  \
		{ name, one##_columns, NELEM(one##_columns) }, one##_next, \
		    one##_row                                              \
	}
static const struct list lists[] = {
	LIST("queues", queue),
	LIST("agents", agent),
	LIST("calls", call),
	LIST("switches", switch),
	LIST("devices", device),
	LIST("store", store),
};

const struct desk_list *
desk_list_find(struct str what)
{
	for (unsigned i = 0; i < NELEM(lists); i++)
		if (str_eq(what, str_of(lists[i].pub.what)))
			return &lists[i].pub;
	return NULL;
}

uint64_t
desk_list_rows(struct desk *d, const struct desk_list *l, uint64_t cursor,
    int64_t now, desk_row_fn *row, void *arg)
{
	const struct list *list = (const struct list *)(const void *)l;
	const void *at = list->next(d, NULL);
	struct cell cells[32];

	for (uint64_t n = 0; at != NULL; n++, at = list->next(d, at)) {
		if (n < cursor)
			continue;
		list->row(d, at, now, cells);
		if (!row(arg, cells))
			return n;
	}
	return 0;
}
