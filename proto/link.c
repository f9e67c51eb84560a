/*
 * link.c - one session with whichever daemon answers.
 *
 * One bufferevent at a time; one timer, whose meaning is the state's: when to
 * try again, how long a log-in may take, when to look at the heart-beat.
 * Requests without a reply are kept packed, in order, so that a new connection
 * gets the same bytes again.
 *
 * A callback may free the link: `depth' counts the callbacks that are running,
 * and the last one to return frees.
 */
#include "link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/util.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>

#include "address.h"

#define DECODE_CAP (1024 * 1024)
#define RETRY_MIN_MS 50
#define RETRY_MAX_MS 2000
#define PASSWORD_MS 15000 /* a log-in may wait for a slow hash */
#define TOKEN_MS 2000     /* this one does not */
#define SILENCE 3         /* heart-beats without a byte: lost */

enum link_state {
	LINK_NONE,
	LINK_WAITING, /* until the timer: then the next address */
	LINK_LOGGING_IN,
	LINK_UP,
	LINK_REFUSED /* idle for good */
};

struct request {
	TAILQ_ENTRY(request) entry;
	link_done_fn *done;
	void *arg;
	uint8_t op[16];
	bool sent;  /* on the present connection */
	size_t len; /* of the frame, head included */
	unsigned char frame[];
};

TAILQ_HEAD(requests, request);

struct link {
	struct event_base *base;
	struct event *timer;
	struct bufferevent *bev; /* NULL: not connected */
	enum link_state state;
	struct link_events events;
	struct address addresses[ADDRESS_MAX];
	unsigned n_addresses, at, tried; /* tried since the last Welcome */
	unsigned retry_ms, heartbeat_ms;
	Mashang__Hello *hello; /* with the password */
	ProtobufCBinaryData token;
	int64_t sent_at, heard_at; /* loop time, ms */
	struct requests requests;
	unsigned depth;
	bool freed;
};

/* One decoder serves all links of a thread: one message at a time. */
static _Thread_local struct frame_memory *decoder;
static _Thread_local unsigned decoder_users;

static int64_t
loop_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
random_bytes(void *p, size_t n)
{
	/* At most 256 bytes: never short, never interrupted. */
	if (getrandom(p, n, 0) != (ssize_t)n)
		abort();
}

static void
set_timer(struct link *l, unsigned ms)
{
	struct timeval tv = { ms / 1000, (ms % 1000) * 1000 };

	event_add(l->timer, &tv);
}

static void
destroy(struct link *l)
{
	if (l->bev != NULL)
		bufferevent_free(l->bev);
	if (l->timer != NULL)
		event_free(l->timer);
	if (l->hello != NULL) {
		if (l->hello->password.len > 0)
			explicit_bzero(
			    l->hello->password.data, l->hello->password.len);
		mashang__hello__free_unpacked(l->hello, NULL);
	}
	free(l->token.data);
	if (--decoder_users == 0)
		frame_memory_free(&decoder);
	free(l);
}

/* False: a callback has freed the link, and it is gone now. */
static bool
leave(struct link *l)
{
	if (--l->depth > 0 || !l->freed)
		return !l->freed;
	destroy(l);
	return false;
}

/* ------------------------------------------------------ losing and trying */

static void
disconnect(struct link *l)
{
	struct request *r;

	if (l->bev != NULL)
		bufferevent_free(l->bev);
	l->bev = NULL;
	TAILQ_FOREACH (r, &l->requests, entry)
		r->sent = false;
	event_del(l->timer);
}

/* Try the next address soon; after each full round wait twice as long. */
static void
try_again(struct link *l)
{
	uint32_t random;
	unsigned ms;

	l->state = LINK_WAITING;
	l->at = (l->at + 1) % l->n_addresses;
	if (++l->tried % l->n_addresses == 0 && l->tried > l->n_addresses)
		l->retry_ms *= 2;
	if (l->retry_ms > RETRY_MAX_MS)
		l->retry_ms = RETRY_MAX_MS;
	random_bytes(&random, sizeof(random));
	ms = l->retry_ms;
	set_timer(l, ms / 2 + random % (ms / 2 + 1));
}

/* The caller is inside enter() and leave(). */
static void
lose(struct link *l, const char *why)
{
	bool was_up = l->state == LINK_UP;

	disconnect(l);
	try_again(l);
	if (was_up && l->events.down != NULL)
		l->events.down(l->events.arg, why);
}

/* What another try, perhaps elsewhere, can mend. */
static bool
is_passing(Mashang__Code code)
{
	switch (code) {
	case MASHANG__CODE__CODE_BUSY:
	case MASHANG__CODE__CODE_TIMEOUT:
	case MASHANG__CODE__CODE_UNAVAILABLE:
	case MASHANG__CODE__CODE_INTERNAL:
	case MASHANG__CODE__CODE_SHUTDOWN:
		return true;
	default:
		return false;
	}
}

static void
turn_away(struct link *l, const Mashang__Error *e)
{
	static const Mashang__Error none = MASHANG__ERROR__INIT;

	if (e == NULL)
		e = &none;
	if (e->code == MASHANG__CODE__CODE_TOKEN_STALE && l->token.len > 0) {
		l->token.len = 0; /* then by password again */
		lose(l, "the token is stale");
		return;
	}
	if (is_passing(e->code)) {
		lose(l, "the daemon said goodbye");
		return;
	}
	disconnect(l);
	l->state = LINK_REFUSED;
	if (l->events.refused != NULL)
		l->events.refused(l->events.arg, e);
}

/* --------------------------------------------------------------- sending */

static bool
push(struct link *l, const Mashang__Envelope *e)
{
	l->sent_at = loop_ms();
	return frame_push(bufferevent_get_output(l->bev), e) == FRAME_OK;
}

static void
say_hello(struct link *l)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__Hello h = *l->hello;

	if (l->token.len > 0) {
		h.token = l->token;
		h.password.len = 0;
	}
	e.body_case = MASHANG__ENVELOPE__BODY_HELLO;
	e.hello = &h;
	push(l, &e);
}

static void
say_number(struct link *l, bool ping, uint64_t number)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__Ping p = MASHANG__PING__INIT;
	Mashang__Pong q = MASHANG__PONG__INIT;

	p.number = q.number = number;
	e.body_case =
	    ping ? MASHANG__ENVELOPE__BODY_PING : MASHANG__ENVELOPE__BODY_PONG;
	if (ping)
		e.ping = &p;
	else
		e.pong = &q;
	push(l, &e);
}

static void
send_request(struct link *l, struct request *r)
{
	r->sent = bufferevent_write(l->bev, r->frame, r->len) == 0;
	l->sent_at = loop_ms();
}

/* ------------------------------------------------------------- receiving */

static void
on_welcome(struct link *l, const Mashang__Welcome *w)
{
	struct request *r;
	uint8_t *t;

	if (w->token.len > 0 && (t = malloc(w->token.len)) != NULL) {
		memcpy(t, w->token.data, w->token.len);
		free(l->token.data);
		l->token = (ProtobufCBinaryData){ w->token.len, t };
	}
	l->state = LINK_UP;
	l->tried = 0;
	l->retry_ms = RETRY_MIN_MS;
	l->heartbeat_ms = w->heartbeat_ms > 0 ? w->heartbeat_ms : 5000;
	event_del(l->timer);
	set_timer(l, l->heartbeat_ms / 2);
	if (l->events.up != NULL)
		l->events.up(l->events.arg, w);
	if (l->freed || l->state != LINK_UP)
		return;
	TAILQ_FOREACH (r, &l->requests, entry)
		if (!r->sent)
			send_request(l, r);
}

static void
before_welcome(struct link *l, const Mashang__Envelope *e)
{
	switch (e->body_case) {
	case MASHANG__ENVELOPE__BODY_WELCOME:
		on_welcome(l, e->welcome);
		break;
	case MASHANG__ENVELOPE__BODY_ERROR:
		turn_away(l, e->error);
		break;
	case MASHANG__ENVELOPE__BODY_GOODBYE:
		turn_away(l, e->goodbye->why);
		break;
	default:
		lose(l, "no log-in reply");
	}
}

/* Replies mostly come in the order of the requests: the first is ours. */
static struct request *
request_find(struct link *l, const ProtobufCBinaryData *op)
{
	struct request *r;

	if (op->len != sizeof(r->op))
		return NULL;
	TAILQ_FOREACH (r, &l->requests, entry)
		if (memcmp(r->op, op->data, sizeof(r->op)) == 0)
			return r;
	return NULL;
}

static void
while_up(struct link *l, const Mashang__Envelope *e)
{
	struct request *r = NULL;

	switch (e->body_case) {
	case MASHANG__ENVELOPE__BODY_PING:
		say_number(l, false, e->ping->number);
		return;
	case MASHANG__ENVELOPE__BODY_PONG:
		return;
	case MASHANG__ENVELOPE__BODY_GOODBYE:
		turn_away(l, e->goodbye->why);
		return;
	case MASHANG__ENVELOPE__BODY_PROGRESS: /* its reply is yet to come */
		break;
	default:
		r = request_find(l, &e->op_id);
	}
	if (r != NULL) {
		TAILQ_REMOVE(&l->requests, r, entry);
		r->done(r->arg, e);
		free(r);
	} else if (l->events.message != NULL) {
		l->events.message(l->events.arg, e);
	}
}

static void
read_cb(struct bufferevent *bev, void *arg)
{
	struct link *l = arg;
	enum frame_result f;
	Mashang__Envelope *e;

	l->depth++;
	l->heard_at = loop_ms();
	/* Callbacks may end this connection, or the link. */
	while (!l->freed && l->bev == bev) {
		f = frame_pull(
		    bufferevent_get_input(bev), FRAME_MAX, decoder, &e);
		if (f == FRAME_AGAIN)
			break;
		if (f == FRAME_OK && l->state == LINK_UP)
			while_up(l, e);
		else if (f == FRAME_OK)
			before_welcome(l, e);
		else if (f != FRAME_UNKNOWN) /* a newer daemon's news */
			lose(l, frame_result_text(f));
	}
	leave(l);
}

static void
event_cb(struct bufferevent *bev, short what, void *arg)
{
	struct link *l = arg;
	int on = 1;

	if (what & BEV_EVENT_CONNECTED) {
		/* Refused on a unix socket, and harmless there. */
		setsockopt(bufferevent_getfd(bev), IPPROTO_TCP, TCP_NODELAY,
		    &on, sizeof(on));
		return;
	}
	l->depth++;
	lose(l, what & BEV_EVENT_EOF ? "closed by the daemon"
				     : strerror(EVUTIL_SOCKET_ERROR()));
	leave(l);
}

/* ------------------------------------------------------------------ time */

static void
connect_next(struct link *l)
{
	struct address *a = &l->addresses[l->at];

	l->state = LINK_LOGGING_IN;
	l->bev = bufferevent_socket_new(l->base, -1, BEV_OPT_CLOSE_ON_FREE);
	if (l->bev == NULL) {
		lose(l, "no memory");
		return;
	}
	bufferevent_setcb(l->bev, read_cb, NULL, event_cb, l);
	bufferevent_enable(l->bev, EV_READ | EV_WRITE);
	if (bufferevent_socket_connect(
		l->bev, (struct sockaddr *)&a->sa, (int)a->len) != 0) {
		lose(l, "cannot connect");
		return;
	}
	say_hello(l);
	set_timer(l, l->token.len > 0 ? TOKEN_MS : PASSWORD_MS);
}

/* Twice a heart-beat: say something if we did not, and listen for silence. */
static void
look_at_heartbeat(struct link *l)
{
	int64_t now = loop_ms();

	if (now - l->heard_at >= (int64_t)SILENCE * l->heartbeat_ms) {
		lose(l, "silent");
		return;
	}
	if (now - l->sent_at >= l->heartbeat_ms / 2)
		say_number(l, true, (uint64_t)now);
	set_timer(l, l->heartbeat_ms / 2);
}

static void
timer_cb(evutil_socket_t fd, short what, void *arg)
{
	struct link *l = arg;

	(void)fd;
	(void)what;
	l->depth++;
	switch (l->state) {
	case LINK_WAITING:
		connect_next(l);
		break;
	case LINK_LOGGING_IN:
		lose(l, "no answer to the log-in");
		break;
	case LINK_UP:
		look_at_heartbeat(l);
		break;
	default:
		break;
	}
	leave(l);
}

/* ------------------------------------------------------------- interface */

/* A deep copy, by way of its bytes. */
static Mashang__Hello *
copy_hello(const Mashang__Hello *from)
{
	Mashang__Hello h = *from, *to;
	uint8_t *bytes;
	size_t n;

	h.magic = FRAME_MAGIC;
	h.protocol = FRAME_PROTOCOL;
	n = mashang__hello__get_packed_size(&h);
	if ((bytes = malloc(n)) == NULL)
		return NULL;
	mashang__hello__pack(&h, bytes);
	to = mashang__hello__unpack(NULL, n, bytes);
	explicit_bzero(bytes, n);
	free(bytes);
	return to;
}

struct link *
link_new(struct event_base *base, const char *addresses,
    const Mashang__Hello *hello, const struct link_events *events,
    const char **why)
{
	struct link *l;

	*why = "no memory";
	if ((l = calloc(1, sizeof(*l))) == NULL)
		return NULL;
	TAILQ_INIT(&l->requests);
	l->base = base;
	l->events = *events;
	l->retry_ms = RETRY_MIN_MS;
	l->state = LINK_WAITING;
	if (decoder_users++ == 0)
		decoder = frame_memory_new(DECODE_CAP);
	l->hello = copy_hello(hello);
	l->timer = evtimer_new(base, timer_cb, l);
	if (decoder == NULL || l->hello == NULL || l->timer == NULL)
		goto fail;
	if ((*why = address_parse(addresses, l->addresses, &l->n_addresses)) !=
	    NULL)
		goto fail;
	set_timer(l, 0);
	return l;
fail:
	link_free(&l);
	return NULL;
}

void
link_free(struct link **p)
{
	struct link *l = *p;
	struct request *r;

	if (l == NULL)
		return;
	*p = NULL;
	l->freed = true;
	while ((r = TAILQ_FIRST(&l->requests)) != NULL) {
		TAILQ_REMOVE(&l->requests, r, entry);
		r->done(r->arg, NULL);
		free(r);
	}
	if (l->depth == 0)
		destroy(l);
}

void
link_set_resume(
    struct link *l, Mashang__AgentStateKind state, const char *reason)
{
	ProtobufCBinaryData *to = &l->hello->resume_reason;

	l->hello->resume = state;
	free(to->data);
	to->data = (uint8_t *)(reason != NULL ? strdup(reason) : NULL);
	to->len = to->data != NULL ? strlen(reason) : 0;
}

bool
link_is_up(const struct link *l)
{
	return l->state == LINK_UP;
}

size_t
link_pending(const struct link *l)
{
	return l->bev == NULL
	           ? 0
	           : evbuffer_get_length(bufferevent_get_output(l->bev));
}

bool
link_push(struct link *l, const Mashang__Envelope *e)
{
	return l->state == LINK_UP && push(l, e);
}

bool
link_request(struct link *l, Mashang__Envelope *e, uint8_t op[16],
    link_done_fn *done, void *arg)
{
	ProtobufCBinaryData given = e->op_id;
	struct request *r;
	uint32_t len;
	uint8_t id[16];

	if (given.len == sizeof(id))
		memcpy(id, given.data, sizeof(id));
	else
		random_bytes(id, sizeof(id));
	e->op_id = (ProtobufCBinaryData){ sizeof(id), id };
	len = (uint32_t)mashang__envelope__get_packed_size(e);
	r = len <= FRAME_MAX ? malloc(sizeof(*r) + 4 + len) : NULL;
	if (r != NULL)
		mashang__envelope__pack(e, r->frame + 4);
	e->op_id = given;
	if (r == NULL)
		return false;
	r->len = 4 + len;
	len = htonl(len);
	memcpy(r->frame, &len, 4);
	memcpy(r->op, id, sizeof(id));
	if (op != NULL)
		memcpy(op, id, sizeof(id));
	r->done = done;
	r->arg = arg;
	r->sent = false;
	TAILQ_INSERT_TAIL(&l->requests, r, entry);
	if (l->state == LINK_UP)
		send_request(l, r);
	return true;
}
