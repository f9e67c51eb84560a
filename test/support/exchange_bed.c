/*
 * exchange_bed.c - see exchange_bed.h.
 */
#include "test/support/exchange_bed.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/log.h"
#include "desk/call_state.h"
#include "test/support/support.h"

#define CALLS 4096
#define JOINED 4
#define NOW INT64_C(1700000000000000)

struct exchange_bed xb_x;
const struct exchange_news *xb_also;

/* What the daemon knows of a call, by the events alone. */
struct seen_call {
	char name[65], device[65], joined[JOINED][65];
	enum call_state state;
	uint32_t seq;
	uint64_t version;
	bool queued, diverted;
};
static struct seen_call seen[CALLS];
static unsigned n_seen;
/* Everything that was ever given to the spool, as a restart reads it. */
static struct {
	void *p;
	size_t len;
} log_[1 << 16];
static unsigned n_log;
static bool after_leap;

/* ------------------------------------------------------------------- words */

static const char *
kind_word(Mashang__CallEventKind k)
{
	return protobuf_c_enum_descriptor_get_value(
	    &mashang__call_event_kind__descriptor, (int)k)
	    ->name;
}

static Mashang__CallEventKind
kind_of(const char *word)
{
	char upper[32] = "";
	const ProtobufCEnumValue *v;

	for (size_t i = 0; word[i] != '\0' && i < sizeof(upper) - 1; i++)
		upper[i] = (char)toupper((unsigned char)word[i]);
	if (strcmp(upper, "CLEARED") == 0)
		snprintf(upper, sizeof(upper), "CALL_CLEARED");
	if (strcmp(upper, "LEFT") == 0)
		snprintf(upper, sizeof(upper), "CONNECTION_CLEARED");
	v = protobuf_c_enum_descriptor_get_value_by_name(
	    &mashang__call_event_kind__descriptor, upper);
	ck_assert_msg(v != NULL, "no kind '%s'", word);
	return (Mashang__CallEventKind)v->value;
}

static void
copy(char *to, size_t room, ProtobufCBinaryData b)
{
	snprintf(to, room, "%.*s", (int)b.len,
	    b.data != NULL ? (const char *)b.data : "");
}

/* ---------------------------------------------------- what the daemon hears */

static struct seen_call *
find_seen(const char *name)
{
	for (unsigned i = 0; i < n_seen; i++)
		if (strcmp(seen[i].name, name) == 0)
			return &seen[i];
	ck_assert_uint_lt(n_seen, CALLS);
	snprintf(seen[n_seen].name, sizeof(seen[0].name), "%s", name);
	return &seen[n_seen++];
}

static char *
find_joined(struct seen_call *c, const char *device)
{
	for (unsigned i = 0; i < JOINED; i++)
		if (strcmp(c->joined[i], device) == 0)
			return c->joined[i];
	return NULL;
}

/* The daemon's table says whether it is possible. */
static void
step(struct seen_call *c, Mashang__CallEventKind kind, const char *device)
{
	enum call_state before = c->state;
	bool same = strcmp(device, c->device) == 0;
	char *joined = device[0] != '\0' ? find_joined(c, device) : NULL;

	if (kind == MASHANG__CALL_EVENT_KIND__CONNECTION_CLEARED && !same &&
	    joined != NULL) {
		joined[0] = '\0';
		return;
	}
	ck_assert_msg(call_step(&c->state, (enum call_event_kind)kind,
			  c->queued && !c->diverted) == ERR_OK,
	    "%s of %s in state %s", kind_word(kind), c->name,
	    before != CALL_NONE ? call_state_word(before) : "none");
	switch (kind) {
	case MASHANG__CALL_EVENT_KIND__QUEUED:
		c->queued = true;
		c->diverted = false;
		break;
	case MASHANG__CALL_EVENT_KIND__DIVERTED:
		ck_assert_msg(
		    before != CALL_OFFERED || !c->diverted, "diverted twice");
		c->diverted = true;
		break;
	case MASHANG__CALL_EVENT_KIND__DELIVERED:
		ck_assert_msg(before != CALL_DELIVERED || !same,
		    "%s rings twice at %s", c->name, device);
		break;
	case MASHANG__CALL_EVENT_KIND__TRANSFERRED:
		ck_assert_msg(before != CALL_ESTABLISHED || !same,
		    "%s is transferred to where it is", c->name);
		break;
	case MASHANG__CALL_EVENT_KIND__CONFERENCED:
		ck_assert_msg(
		    !same && joined == NULL, "%s joins twice", device);
		snprintf(find_joined(c, ""), 65, "%s", device);
		return;
	default:
		break;
	}
	if (c->state == CALL_OFFERED || c->state == CALL_QUEUED ||
	    c->state == CALL_ENDED) {
		c->device[0] = '\0';
		memset(c->joined, 0, sizeof(c->joined));
	} else if (device[0] != '\0' &&
		   kind != MASHANG__CALL_EVENT_KIND__HELD &&
		   kind != MASHANG__CALL_EVENT_KIND__RETRIEVED) {
		if (joined != NULL)
			joined[0] = '\0';
		snprintf(c->device, sizeof(c->device), "%s", device);
	}
}

static void
check_numbers(struct seen_call *c, const Mashang__CallEvent *e)
{
	uint32_t want = c->seq + 1;

	if (after_leap && e->call_seq != want)
		ck_assert_uint_gt(e->call_seq, want);
	else
		ck_assert_msg(e->call_seq == want, "%s has call_seq %u, not %u",
		    c->name, e->call_seq, want);
	ck_assert_uint_ge(e->version, c->version);
	ck_assert_uint_ge(e->version, xb_x.incarnation << 32);
	ck_assert_int_ne(c->state, CALL_ENDED);
	c->seq = e->call_seq;
	c->version = e->version;
}

static void
tell(const Mashang__CallEvent *e)
{
	size_t n = strlen(xb_x.told);
	char device[65], call[65];

	copy(call, sizeof(call), e->call);
	copy(device, sizeof(device), e->device);
	n += (size_t)snprintf(xb_x.told + n, sizeof(xb_x.told) - n, "%s%s %s",
	    n > 0 ? "; " : "", kind_word(e->kind), call);
	ck_assert_uint_lt(n, sizeof(xb_x.told) - 100);
	if (device[0] != '\0')
		n += (size_t)snprintf(
		    xb_x.told + n, sizeof(xb_x.told) - n, "@%s", device);
	if (e->order_id != 0)
		snprintf(xb_x.told + n, sizeof(xb_x.told) - n, " #%" PRIu64,
		    e->order_id);
	if (e->cause == MASHANG__CAUSE__CAUSE_OVERFLOW)
		strncat(xb_x.told, " overflow",
		    sizeof(xb_x.told) - strlen(xb_x.told) - 1);
	if (e->cause == MASHANG__CAUSE__CAUSE_SWITCH_LOST)
		strncat(xb_x.told, " lost",
		    sizeof(xb_x.told) - strlen(xb_x.told) - 1);
}

static void
on_event(void *arg, uint64_t seq)
{
	Mashang__CallEvent *e;
	struct seen_call *c;
	const void *p;
	char device[65], call[65];
	size_t len;

	(void)arg;
	ck_assert_uint_eq(seq, xb_x.stream_seq + 1);
	xb_x.stream_seq = seq;
	ck_ok(spool_get(xb_x.spool, seq, &p, &len));
	ck_assert_uint_lt(n_log, NELEM(log_));
	log_[n_log].p = malloc(len + 1);
	memcpy(log_[n_log].p, p, len);
	log_[n_log++].len = len;
	e = mashang__call_event__unpack(NULL, len, p);
	ck_assert_ptr_nonnull(e);
	ck_assert_uint_eq(e->stream_seq, 0); /* the uplink's to say */
	ck_assert_int_gt(e->occurred_at, 0);
	copy(call, sizeof(call), e->call);
	copy(device, sizeof(device), e->device);
	c = find_seen(call);
	check_numbers(c, e);
	tell(e);
	step(c, e->kind, device);
	mashang__call_event__free_unpacked(e, NULL);
	if (xb_also != NULL)
		xb_also->event(xb_also->arg, seq);
}

static void
on_result(void *arg, const Mashang__OrderResult *r)
{
	(void)arg;
	ck_assert_uint_lt(xb_x.n_results, BED_ORDERS);
	ck_assert_msg(xb_result(r->order_id) == NULL,
	    "order %" PRIu64 " has two results", r->order_id);
	xb_x.results[xb_x.n_results++] =
	    (struct xb_result){ r->order_id, r->code, r->version, r->kind };
	if (xb_also != NULL)
		xb_also->result(xb_also->arg, r);
}

static void
on_status(void *arg)
{
	(void)arg;
	xb_x.n_status++;
	if (xb_also != NULL)
		xb_also->status(xb_also->arg);
}

static void
on_devices(void *arg, const Mashang__DeviceStates *d)
{
	size_t n;
	char name[65];

	(void)arg;
	if (d->whole)
		strncat(xb_x.devices, "*",
		    sizeof(xb_x.devices) - strlen(xb_x.devices) - 1);
	for (size_t i = 0; i < d->n_devices; i++) {
		copy(name, sizeof(name), d->devices[i]->device);
		n = strlen(xb_x.devices);
		snprintf(xb_x.devices + n, sizeof(xb_x.devices) - n, "%s%s ",
		    d->devices[i]->reach == MASHANG__DEVICE_REACH__DEVICE_GONE
			? "-"
			: "",
		    name);
	}
	if (xb_also != NULL)
		xb_also->devices(xb_also->arg, d);
}

unsigned
xb_live(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < n_seen; i++)
		n += seen[i].state != CALL_NONE && seen[i].state != CALL_ENDED;
	return n;
}

const char *
xb_daemon_sees(const char *call)
{
	static char text[160];
	struct seen_call *c = find_seen(call);

	if (c->state == CALL_NONE || c->state == CALL_ENDED)
		return NULL;
	snprintf(text, sizeof(text), "%s%s%s", call_state_word(c->state),
	    c->device[0] != '\0' ? "@" : "", c->device);
	return text;
}

/* -------------------------------------------------------------- the driver */

static unsigned
fake_can(const void *options, bool listen_only)
{
	(void)options;
	return listen_only ? 0 : xb_x.options.can;
}

static void
fake_order(void *self, const struct driver_order *o)
{
	struct xb_order *b = &xb_x.orders[xb_x.n_orders++];

	(void)self;
	ck_assert_uint_lt(xb_x.n_orders, BED_ORDERS);
	memset(b, 0, sizeof(*b));
	b->id = o->id;
	b->kind = o->kind;
	if (o->call != NULL)
		snprintf(b->call, sizeof(b->call), "%.*s",
		    STR_ARG(xcall_name(o->call)));
	if (o->other != NULL)
		snprintf(b->other, sizeof(b->other), "%.*s",
		    STR_ARG(xcall_name(o->other)));
	snprintf(b->device, sizeof(b->device), "%.*s", STR_ARG(o->device));
	snprintf(b->number, sizeof(b->number), "%.*s", STR_ARG(o->number));
	ck_assert_int_gt(o->ring_us, 0);
	if (xb_x.answer >= 0)
		xb_answer(xb_x.n_orders, (Mashang__Code)xb_x.answer);
}

static void
fake_forget(void *self, struct xcall *c)
{
	(void)self;
	xb_x.n_forgotten++;
	if (xb_x.beside != NULL)
		xb_x.beside->forget(xb_x.beside_self, c);
	*xcall_mine(c) = NULL;
}

static void
fake_resync(void *self)
{
	(void)self;
	xb_x.n_resyncs++;
}

static const struct conf_field no_fields[] = { { NULL } };
static const struct driver fake = {
	.name = "fake",
	.sentence = "Made of words.",
	.fields = no_fields,
	.can = fake_can,
	.order = fake_order,
	.resync = fake_resync,
	.forget = fake_forget,
};

/* ------------------------------------------------------------ up and down */

static enum err
no_checkpoint(void *arg, void **out, size_t *len)
{
	return exchange_checkpoint(*(struct exchange **)arg, out, len);
}

static enum err
no_event(void *arg, uint64_t seq, const void *p, size_t len)
{
	(void)arg;
	(void)seq;
	(void)p;
	(void)len;
	return ERR_OK;
}

static enum err
no_calls(void *arg, const void *p, size_t len)
{
	return no_event(arg, 0, p, len);
}

static void
open_spool(void)
{
	struct spool_options o = { .directory = test_dir(),
		.sync_us = 10000,
		.segment_bytes = 1 << 20,
		.limit_bytes = 1 << 30,
		.memory_bytes = 1 << 20,
		.now = NOW,
		.base = xb_x.base,
		.checkpoint = no_checkpoint,
		.arg = &xb_x.x };
	const struct spool_reader r = { no_event, no_calls, NULL };
	struct spool_opened opened;

	ck_ok(spool_open(&o, &r, &opened, &xb_x.spool));
	xb_x.stream_seq = spool_last(xb_x.spool);
}

static void
make_exchange(void)
{
	const struct exchange_news news = { on_event, on_result, on_status,
		on_devices, NULL };

	ck_ok(exchange_new(&xb_x.options, &news, &xb_x.x));
}

static void
begin(bool lost_tail)
{
	after_leap = lost_tail;
	exchange_restored(xb_x.x, xb_x.spool, ++xb_x.incarnation, lost_tail);
	exchange_attach(xb_x.x, &xb_x);
}

void
exchange_bed_setup_with(const struct exchange_options *o)
{
	memset(&xb_x, 0, sizeof(xb_x));
	memset(seen, 0, sizeof(seen));
	n_seen = n_log = 0;
	xb_also = NULL;
	log_levels[LOG_BRIDGE] = LOG_ERROR;
	xb_x.answer = -1;
	xb_x.options = *o;
	if (o->driver == NULL)
		xb_x.options.driver = &fake;
	xb_x.options.base = xb_x.base = event_base_new();
	open_spool();
	make_exchange();
	begin(false);
	exchange_daemon_up(xb_x.x);
	if (xb_x.options.driver != &fake)
		return; /* it says so itself */
	exchange_up(xb_x.x, "words 1");
	exchange_resync(xb_x.x);
	exchange_resynced(xb_x.x);
}

void
exchange_bed_setup(unsigned can)
{
	const struct exchange_options o = { .switch_name = "pbx1",
		.epoch = 1,
		.can = can,
		.ring_us = 20 * CLOCK_S,
		.fallback = "" };

	exchange_bed_setup_with(&o);
}

void
exchange_bed_teardown(void)
{
	exchange_attach(xb_x.x, NULL);
	spool_close(&xb_x.spool);
	exchange_free(&xb_x.x);
	event_base_free(xb_x.base);
	for (unsigned i = 0; i < n_log; i++)
		free(log_[i].p);
}

static void
restore(unsigned from)
{
	for (unsigned i = from; i < n_log; i++)
		ck_ok(exchange_restore_event(
		    xb_x.x, i + 1, log_[i].p, log_[i].len));
}

void
exchange_bed_restart(bool lost_tail)
{
	exchange_attach(xb_x.x, NULL);
	exchange_free(&xb_x.x);
	make_exchange();
	restore(0);
	begin(lost_tail);
}

void
exchange_bed_restart_behind(unsigned tail)
{
	void *calls;
	size_t len;

	/* The state of now, and behind it events that it has already. */
	ck_ok(exchange_checkpoint(xb_x.x, &calls, &len));
	exchange_attach(xb_x.x, NULL);
	exchange_free(&xb_x.x);
	make_exchange();
	ck_ok(exchange_restore_calls(xb_x.x, calls, len));
	restore(n_log > tail ? n_log - tail : 0);
	free(calls);
	begin(false);
}

/* -------------------------------------------------------------- the switch */

/* "kind call device =order" */
static void
parse(char *text, struct report *r)
{
	char *save, *word = strtok_r(text, " ", &save);

	memset(r, 0, sizeof(*r));
	r->kind = kind_of(word);
	r->call = str_of(strtok_r(NULL, " ", &save));
	while ((word = strtok_r(NULL, " ", &save)) != NULL) {
		if (word[0] == '=')
			r->order_id = xb_x.orders[atoi(word + 1) - 1].id;
		else
			r->device = str_of(word);
	}
	r->caller = STR_LIT("13812348000");
	r->called = STR_LIT("4001");
}

static void
each(const char *words, void (*does)(struct exchange *, const struct report *))
{
	char *copied = strdup(words), *rest = copied, *one;
	struct report r;

	while ((one = strsep(&rest, ";")) != NULL) {
		if (strspn(one, " ") == strlen(one))
			continue;
		parse(one, &r);
		does(xb_x.x, &r);
	}
	free(copied);
}

void
xb_say(const char *words)
{
	each(words, exchange_report);
}

void
xb_resync(const char *words)
{
	exchange_resync(xb_x.x);
	each(words, exchange_seen);
	exchange_resynced(xb_x.x);
}

void
xb_told(const char *want)
{
	ck_assert_str_eq(xb_x.told, want);
	xb_x.told[0] = '\0';
}

/* -------------------------------------------------------------- the daemon */

static ProtobufCBinaryData
bytes(const char *s)
{
	return (ProtobufCBinaryData){ s != NULL ? strlen(s) : 0,
		(uint8_t *)(uintptr_t)s };
}

/* As the daemon learns it, by the snapshot. */
uint64_t
xb_version(const char *call)
{
	Mashang__LiveCall l;
	uint64_t cursor = 0;

	while (exchange_live(xb_x.x, &cursor, 1, &l) == 1)
		if (l.call.len == strlen(call) &&
		    memcmp(l.call.data, call, l.call.len) == 0)
			return l.version;
	return 0;
}

const struct xb_result *
xb_result(uint64_t order_id)
{
	for (unsigned i = 0; i < xb_x.n_results; i++)
		if (xb_x.results[i].order_id == order_id)
			return &xb_x.results[i];
	return NULL;
}

bool xb_to_device;

int
xb_order_on(uint64_t id, Mashang__OrderKind kind, const char *call,
    const char *device, const char *number, uint64_t version)
{
	Mashang__Order o = MASHANG__ORDER__INIT;
	const struct xb_result *r;

	o.order_id = id;
	o.kind = kind;
	o.call = bytes(call);
	o.device = bytes(device);
	o.number = bytes(number);
	o.to_device = xb_to_device;
	o.version = version;
	exchange_order(xb_x.x, &o);
	r = xb_result(id);
	return r != NULL ? (int)r->code : -1;
}

int
xb_order(uint64_t id, Mashang__OrderKind kind, const char *call,
    const char *device, const char *number)
{
	return xb_order_on(id, kind, call, device, number,
	    call != NULL ? xb_version(call) : 0);
}

void
xb_answer(unsigned nth, Mashang__Code code)
{
	ck_assert_uint_le(nth, xb_x.n_orders);
	xb_x.orders[nth - 1].answered = true;
	exchange_answer(xb_x.x, xb_x.orders[nth - 1].id, code);
}

static void
late_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	*(bool *)arg = true;
}

void
xb_until(bool (*holds)(void))
{
	static const struct timeval deadline = { 20, 0 };
	bool late = false;
	struct event *t = evtimer_new(xb_x.base, late_cb, &late);

	event_add(t, &deadline);
	while (!holds() && !late)
		event_base_loop(xb_x.base, EVLOOP_ONCE);
	event_free(t);
	ck_assert_msg(!late, "it never came to pass; told: %s", xb_x.told);
}
