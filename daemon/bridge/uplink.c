/*
 * uplink.c - the spool goes out, what is said of it comes back.
 *
 * `next' is the next event to send.  It goes back to the first uncommitted one
 * when the connection is new, or to where the daemon asks.
 */
#include "bridge/uplink.h"

#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/log.h"
#include "bridge/exchange.h"
#include "link.h"

#define LIVE_PER_FRAME 100 /* of at most some 1,400 bytes with the texts */
#define FRAMES_AT_ONCE 16
#define FRAME_ROOM 60000 /* for the live calls of one frame */
#define RETRY_US (30 * CLOCK_S)
#define STATUS_US (5 * CLOCK_S)
#define STATUS_GAP_US (CLOCK_S / 5)
#define NACKS 64 /* told, so as not to be told again */

struct uplink {
	struct uplink_options options;
	char *addresses, *login, *switch_name, *driver;
	char *secret; /* password or token */
	struct exchange *exchange;
	struct spool *spool;
	struct link *link;
	struct event *retry, *status;
	uint32_t credit;
	uint64_t next, received;
	uint64_t sent_high; /* up to here it was, or may have been, sent */
	/* The snapshot: how far it is told, frames that are not answered. */
	uint64_t cursor, snapshot_up_to;
	unsigned unanswered;
	bool more, told;
	uint64_t ahead; /* not 0: the daemon has committed more than we have */
	uint64_t torn;
	int64_t status_at; /* loop time of the last */
	uint64_t nacks[NACKS];
	unsigned n_nacks;
};

static ProtobufCBinaryData
bytes(struct str s)
{
	return (ProtobufCBinaryData){ s.len, (uint8_t *)(uintptr_t)s.p };
}

/* --------------------------------------------------------------- snapshot */

/* As many as fit: texts may be long. */
static size_t
take_live(struct uplink *u, Mashang__LiveCall *store, Mashang__LiveCall **list)
{
	size_t n = 0, used = 0;

	while (n < LIVE_PER_FRAME) {
		uint64_t cursor = u->cursor;

		if (exchange_live(u->exchange, &cursor, 1, &store[n]) == 0)
			break;
		used += mashang__live_call__get_packed_size(&store[n]) + 4;
		if (used > FRAME_ROOM)
			break;
		u->cursor = cursor;
		list[n] = &store[n];
		n++;
	}
	return n;
}

static bool
is_all_told(struct uplink *u)
{
	Mashang__LiveCall one;
	uint64_t cursor = u->cursor;

	return exchange_live(u->exchange, &cursor, 1, &one) == 0;
}

/* As many frames as may be unanswered. */
static void
go_on_telling(struct uplink *u)
{
	Mashang__LiveCall store[LIVE_PER_FRAME], *list[LIVE_PER_FRAME];
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;

	e.body_case = MASHANG__ENVELOPE__BODY_SNAPSHOT;
	while (u->more && u->unanswered < FRAMES_AT_ONCE) {
		Mashang__Snapshot s = MASHANG__SNAPSHOT__INIT;

		s.n_calls = take_live(u, store, list);
		s.calls = list;
		s.more = u->more = !is_all_told(u);
		s.first_stream_seq = spool_first(u->spool);
		s.last_stream_seq = u->snapshot_up_to;
		e.snapshot = &s;
		if (link_push(u->link, &e))
			u->unanswered++;
	}
}

static void
send_snapshot(struct uplink *u)
{
	u->unanswered = 0;
	u->told = false;
	u->cursor = 0;
	u->snapshot_up_to = spool_last(u->spool);
	u->more = true;
	go_on_telling(u);
}

/* ----------------------------------------------------------------- events */

static bool
push_event(struct uplink *u, Mashang__CallEvent *event, uint64_t seq)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;

	e.body_case = MASHANG__ENVELOPE__BODY_CALL_EVENT;
	e.call_event = event;
	event->stream_seq = seq;
	event->resent = seq <= u->sent_high;
	return link_push(u->link, &e);
}

/* False: not connected, or the disk does not give it; tried again later. */
static bool
send_event(struct uplink *u, uint64_t seq)
{
	Mashang__CallEvent hollow = MASHANG__CALL_EVENT__INIT, *e;
	const void *p;
	size_t len;
	bool sent;

	if (spool_get(u->spool, seq, &p, &len) != ERR_OK)
		return false;
	if ((e = mashang__call_event__unpack(NULL, len, p)) != NULL) {
		sent = push_event(u, e, seq);
		mashang__call_event__free_unpacked(e, NULL);
		return sent;
	}
	/* Its number must be seen, or all behind it would wait for it. */
	log_error(LOG_BRIDGE,
	    "event %llu of the spool makes no sense: it is lost",
	    (unsigned long long)seq);
	hollow.switch_ = bytes(str_of(u->switch_name));
	hollow.epoch = u->options.epoch;
	return push_event(u, &hollow, seq);
}

/* As many as the credit allows. */
static void
pump(struct uplink *u)
{
	if (!u->told)
		return;
	if (u->next < spool_first(u->spool))
		u->next = spool_first(u->spool);
	while (u->next <= spool_last(u->spool) &&
	       u->next - u->received <= u->credit) {
		if (!send_event(u, u->next))
			return;
		if (u->next > u->sent_high)
			u->sent_high = u->next;
		u->next++;
	}
}

/* ----------------------------------------------------------- how we are */

static void
push_status(struct uplink *u)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__SwitchStatus s;

	if (!u->told)
		return;
	exchange_status(u->exchange, &s);
	s.torn = u->torn;
	e.body_case = MASHANG__ENVELOPE__BODY_SWITCH_STATUS;
	e.switch_status = &s;
	link_push(u->link, &e);
	u->status_at = clock_loop();
}

static void
set_timer(struct event *ev, int64_t us)
{
	struct timeval tv = { (time_t)(us / CLOCK_S),
		(suseconds_t)(us % CLOCK_S) };

	event_add(ev, &tv);
}

static void
status_cb(evutil_socket_t fd, short what, void *arg)
{
	struct uplink *u = arg;

	(void)fd;
	(void)what;
	push_status(u);
	pump(u); /* what the disk did not give */
	set_timer(u->status, STATUS_US);
}

/* ------------------------------------------------------ from the exchange */

static void
on_event(void *arg, uint64_t stream_seq)
{
	(void)stream_seq;
	pump(arg);
}

static void
on_result(void *arg, const Mashang__OrderResult *r)
{
	struct uplink *u = arg;
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__OrderResult copy = *r;

	e.body_case = MASHANG__ENVELOPE__BODY_ORDER_RESULT;
	e.order_result = &copy;
	link_push(u->link, &e);
}

/* Soon, but not with each of many changes. */
static void
on_status(void *arg)
{
	struct uplink *u = arg;
	int64_t since = clock_loop() - u->status_at;

	if (u->link != NULL)
		set_timer(u->status,
		    since < STATUS_GAP_US ? STATUS_GAP_US - since : 0);
}

static void
on_devices(void *arg, const Mashang__DeviceStates *d)
{
	struct uplink *u = arg;
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__DeviceStates copy = *d;

	if (!u->told)
		return; /* all of them are told then */
	e.body_case = MASHANG__ENVELOPE__BODY_DEVICE_STATES;
	e.device_states = &copy;
	link_push(u->link, &e);
}

struct exchange_news
uplink_news(struct uplink *u)
{
	return (struct exchange_news){ on_event, on_result, on_status,
		on_devices, u };
}

/* ----------------------------------------------------------- from the wire */

static void
agreed(struct uplink *u, const Mashang__SnapshotResult *r)
{
	log_info(LOG_BRIDGE,
	    "the daemon knows our calls: kept=%llu gone=%llu adopted=%llu",
	    (unsigned long long)r->kept, (unsigned long long)r->gone,
	    (unsigned long long)r->adopted);
	u->told = true;
	exchange_daemon_up(u->exchange);
	push_status(u);
	set_timer(u->status, STATUS_US);
	exchange_tell_devices(u->exchange);
	pump(u);
}

static void
on_snapshot_result(struct uplink *u, const Mashang__SnapshotResult *r)
{
	for (size_t i = 0; i < r->n_known; i++)
		exchange_known(u->exchange, r->known[i]);
	if (u->told || u->unanswered == 0)
		return;
	u->unanswered--;
	go_on_telling(u);
	if (u->unanswered == 0 && !u->more)
		agreed(u, r);
}

static void
on_received(struct uplink *u, uint64_t up_to)
{
	if (up_to > u->received && up_to < u->next)
		u->received = up_to;
	pump(u);
}

static void
on_committed(struct uplink *u, uint64_t up_to)
{
	spool_forget(u->spool, up_to);
	if (u->next < spool_first(u->spool))
		u->next = spool_first(u->spool);
	on_received(u, up_to);
}

/* Again from there; what is received counts from there, too. */
static void
on_resend(struct uplink *u, uint64_t from)
{
	if (from >= u->next)
		return;
	u->next = from > spool_first(u->spool) ? from : spool_first(u->spool);
	u->received = u->next - 1;
	pump(u);
}

static const char *
code_word(Mashang__Code code)
{
	const ProtobufCEnumValue *v = protobuf_c_enum_descriptor_get_value(
	    &mashang__code__descriptor, (int)code);

	return v != NULL ? v->name : "for a reason not known here";
}

/* An event that is sent again is refused again: said once. */
static void
on_nack(struct uplink *u, const Mashang__Nack *n)
{
	for (unsigned i = 0; i < NACKS; i++)
		if (u->nacks[i] == n->stream_seq)
			return;
	u->nacks[u->n_nacks++ % NACKS] = n->stream_seq;
	log_warn(LOG_BRIDGE, "event %llu is refused for ever: %s %.*s %.*s",
	    (unsigned long long)n->stream_seq, code_word(n->code),
	    n->n_params > 0 ? (int)n->params[0].len : 0,
	    n->n_params > 0 ? (const char *)n->params[0].data : "",
	    n->n_params > 1 ? (int)n->params[1].len : 0,
	    n->n_params > 1 ? (const char *)n->params[1].data : "");
}

static void
message(void *arg, const Mashang__Envelope *e)
{
	struct uplink *u = arg;

	switch (e->body_case) {
	case MASHANG__ENVELOPE__BODY_SNAPSHOT_RESULT:
		on_snapshot_result(u, e->snapshot_result);
		break;
	case MASHANG__ENVELOPE__BODY_RECEIVED:
		on_received(u, e->received->up_to);
		break;
	case MASHANG__ENVELOPE__BODY_COMMITTED:
		on_committed(u, e->committed->up_to);
		break;
	case MASHANG__ENVELOPE__BODY_NACK:
		on_nack(u, e->nack);
		break;
	case MASHANG__ENVELOPE__BODY_RESEND:
		on_resend(u, e->resend->from);
		break;
	case MASHANG__ENVELOPE__BODY_ORDER:
		exchange_order(u->exchange, e->order);
		break;
	case MASHANG__ENVELOPE__BODY_ERROR:
		log_debug(LOG_BRIDGE, "the daemon says %s",
		    code_word(e->error->code));
		break;
	default:
		break;
	}
}

/* ------------------------------------------------------- coming and going */

/* Its numbers are behind those that the daemon has: new events would be taken
 * for repeats, and be lost. */
static void
give_up(struct uplink *u)
{
	log_error(LOG_BRIDGE,
	    "the spool ends at %llu, but the daemon has committed up to %llu: "
	    "it is an old copy, or was made when the clock was wrong; set the "
	    "clock right, move the spool's directory away and start again. "
	    "Nothing is sent",
	    (unsigned long long)spool_last(u->spool),
	    (unsigned long long)u->ahead);
	exchange_trouble(u->exchange, "the spool is older than what the "
				      "daemon has committed");
}

static void
up(void *arg, const Mashang__Welcome *w)
{
	struct uplink *u = arg;

	log_info(LOG_BRIDGE, "node %.*s welcomes us, credit %u",
	    (int)w->node.len, (const char *)w->node.data, w->credit);
	if (w->resume_stream_seq > spool_last(u->spool)) {
		u->ahead = w->resume_stream_seq;
		set_timer(u->retry, 0); /* not from inside the link */
		return;
	}
	u->credit = w->credit > 0 ? w->credit : 1;
	u->next = spool_first(u->spool);
	u->received = u->next - 1;
	send_snapshot(u);
}

static void
down(void *arg, const char *why)
{
	struct uplink *u = arg;

	log_warn(LOG_BRIDGE, "the daemon is away: %s; events are kept", why);
	u->told = u->more = false;
	exchange_daemon_down(u->exchange);
}

static void
refused(void *arg, const Mashang__Error *e)
{
	struct uplink *u = arg;

	u->told = u->more = false;
	exchange_daemon_down(u->exchange);
	log_error(LOG_BRIDGE, "the daemon refuses us: %s %.*s",
	    code_word(e->code), e->n_params > 0 ? (int)e->params[0].len : 0,
	    e->n_params > 0 ? (const char *)e->params[0].data : "");
	if (e->code == MASHANG__CODE__CODE_TAKEN_OVER) {
		if (u->options.taken_over != NULL)
			u->options.taken_over(u->options.arg);
		return;
	}
	set_timer(
	    u->retry, u->options.retry_us > 0 ? u->options.retry_us : RETRY_US);
}

static enum err
connect_now(struct uplink *u, const char **why)
{
	const struct uplink_options *o = &u->options;
	const struct link_events ev = { up, down, refused, message, u };
	Mashang__Hello h = MASHANG__HELLO__INIT;
	Mashang__OrderKind can[32];

	for (unsigned k = 1; k < 32; k++)
		if ((o->can & (1u << k)) != 0)
			can[h.n_can++] = (Mashang__OrderKind)k;
	h.can = can;
	h.role = MASHANG__ROLE__ROLE_BRIDGE;
	h.token = bytes(o->token);
	h.password = bytes(o->password);
	h.login = bytes(str_of(o->token.len > 0      ? ""
			       : u->login[0] != '\0' ? u->login
						     : u->switch_name));
	h.client = bytes(str_of("mashang-bridge " VERSION));
	h.switch_ = bytes(str_of(u->switch_name));
	h.driver = bytes(str_of(u->driver));
	h.epoch = o->epoch;
	u->link = link_new(o->base, u->addresses, &h, &ev, why);
	return u->link != NULL ? ERR_OK : ERR_CONFIG;
}

static void
retry_cb(evutil_socket_t fd, short what, void *arg)
{
	struct uplink *u = arg;
	const char *why;

	(void)fd;
	(void)what;
	link_free(&u->link);
	u->told = false;
	if (u->ahead != 0) {
		give_up(u);
		set_timer(u->retry, RETRY_US);
	} else if (connect_now(u, &why) != ERR_OK) {
		log_error(LOG_BRIDGE, "cannot connect: %s", why);
		set_timer(u->retry, RETRY_US);
	}
}

/* ------------------------------------------------------------------ making */

static enum err
copy_texts(struct uplink *u, const struct uplink_options *o)
{
	struct str secret = o->token.len > 0 ? o->token : o->password;

	u->addresses = strdup(o->addresses);
	u->login = strdup(o->login);
	u->switch_name = strdup(o->switch_name);
	u->driver = strdup(o->driver);
	u->secret = strndup(secret.p != NULL ? secret.p : "", secret.len);
	if (u->addresses == NULL || u->login == NULL ||
	    u->switch_name == NULL || u->driver == NULL || u->secret == NULL)
		return ERR_NOMEM;
	if (o->token.len > 0)
		u->options.token.p = u->secret;
	u->options.password = (struct str){ NULL, 0 };
	if (o->token.len == 0)
		u->options.password = (struct str){ u->secret, secret.len };
	return ERR_OK;
}

enum err
uplink_new(const struct uplink_options *o, struct uplink **out)
{
	struct uplink *u = calloc(1, sizeof(*u));

	if (u == NULL)
		return ERR_NOMEM;
	u->options = *o;
	u->retry = evtimer_new(o->base, retry_cb, u);
	u->status = evtimer_new(o->base, status_cb, u);
	if (copy_texts(u, o) != ERR_OK || u->retry == NULL ||
	    u->status == NULL) {
		uplink_free(&u);
		return ERR_NOMEM;
	}
	*out = u;
	return ERR_OK;
}

void
uplink_free(struct uplink **uplink)
{
	struct uplink *u = *uplink;

	if (u == NULL)
		return;
	link_free(&u->link);
	if (u->retry != NULL)
		event_free(u->retry);
	if (u->status != NULL)
		event_free(u->status);
	if (u->secret != NULL)
		explicit_bzero(u->secret, strlen(u->secret));
	free(u->secret);
	free(u->addresses);
	free(u->login);
	free(u->switch_name);
	free(u->driver);
	free(u);
	*uplink = NULL;
}

enum err
uplink_start(
    struct uplink *u, struct exchange *x, struct spool *spool, const char **why)
{
	u->exchange = x;
	u->spool = spool;
	u->sent_high = spool_last(spool); /* by an earlier life, perhaps */
	return connect_now(u, why);
}

void
uplink_set_torn(struct uplink *u, uint64_t n)
{
	u->torn = n;
}

bool
uplink_is_up(const struct uplink *u)
{
	return u->told;
}
