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

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/util.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "daemons.h"
#include "requests.h"

#define DECODE_CAP (1024 * 1024)
#define PASSWORD_MS 15000 /* a log-in may wait for a slow hash */
#define TOKEN_MS 2000     /* this one does not */
#define ELSEWHERE_MS 1000 /* the same, where there are other daemons */
#define SILENCE 3         /* heart-beats without a byte: lost */
#define SETTLED_MS 5000   /* logged in for so long: at home */

enum link_state {
	LINK_NONE,
	LINK_WAITING, /* until the timer: then the next address */
	LINK_LOGGING_IN,
	LINK_UP,
	LINK_REFUSED /* idle for good */
};

struct link {
	struct event_base *base;
	struct event *timer;
	struct bufferevent *bev; /* NULL: not connected */
	enum link_state state;
	struct link_events events;
	struct daemons daemons;
	unsigned heartbeat_ms, silence_ms;
	Mashang__Hello *hello; /* with the password */
	ProtobufCBinaryData token;
	int64_t sent_at, heard_at, up_at; /* loop time, ms */
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

/* The caller is inside enter() and leave(). */
static void
leave_it(struct link *l, unsigned ms, const char *why)
{
	bool was_up = l->state == LINK_UP;

	disconnect(l);
	l->state = LINK_WAITING;
	set_timer(l, ms);
	if (was_up && l->events.down != NULL)
		l->events.down(l->events.arg, why);
}

static void
lose(struct link *l, const char *why)
{
	leave_it(l, daemons_next(&l->daemons), why);
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
take_token(struct link *l, ProtobufCBinaryData token)
{
	uint8_t *t = token.len > 0 ? malloc(token.len) : NULL;

	if (t == NULL)
		return;
	memcpy(t, token.data, token.len);
	free(l->token.data);
	l->token = (ProtobufCBinaryData){ token.len, t };
}

/* Sent to where our switch is.  False: sent to and fro, or nowhere. */
static bool
move(struct link *l, const Mashang__Goodbye *bye)
{
	const Mashang__Error *e = bye->why;
	char list[FRAME_MAX_LOGIN];
	size_t n = 0;
	unsigned ms;

	for (size_t i = 0; i < e->n_params; i++)
		if (n + e->params[i].len + 2 < sizeof(list))
			n += (size_t)snprintf(list + n, sizeof(list) - n,
			    "%s%.*s", n > 0 ? "," : "", (int)e->params[i].len,
			    (const char *)e->params[i].data);
	if (n == 0 || !daemons_sent(&l->daemons, list, &ms))
		return false;
	take_token(l, bye->token);
	leave_it(l, ms, "our switch is at another node");
	return true;
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

	take_token(l, w->token);
	l->state = LINK_UP;
	daemons_welcome(&l->daemons);
	l->up_at = loop_ms();
	l->heartbeat_ms = w->heartbeat_ms > 0 ? w->heartbeat_ms : 5000;
	l->silence_ms = SILENCE * l->heartbeat_ms;
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
goodbye(struct link *l, const Mashang__Goodbye *bye)
{
	if (bye->why == NULL || bye->why->code != MASHANG__CODE__CODE_MOVED ||
	    !move(l, bye))
		turn_away(l, bye->why);
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
		goodbye(l, e->goodbye);
		break;
	default:
		lose(l, "no log-in reply");
	}
}

/* Until when to look next: something to say, or somebody to miss. */
static void
set_look(struct link *l, int64_t now)
{
	int64_t talk = l->heartbeat_ms / 2;
	int64_t miss = l->heard_at + l->silence_ms - now;

	set_timer(l, (unsigned)(miss > 0 && miss < talk ? miss : talk));
}

static void
take_beat(struct link *l, const Mashang__Beat *b)
{
	unsigned was = l->silence_ms;

	if (b->within_ms == 0)
		return;
	l->silence_ms = b->within_ms;
	if (l->silence_ms < was) /* the look that is set may be too late */
		set_look(l, l->heard_at);
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
	case MASHANG__ENVELOPE__BODY_BEAT:
		take_beat(l, e->beat);
		return;
	case MASHANG__ENVELOPE__BODY_GOODBYE:
		goodbye(l, e->goodbye);
		return;
	case MASHANG__ENVELOPE__BODY_PROGRESS: /* its reply is yet to come */
		break;
	default:
		r = requests_find(&l->requests, &e->op_id);
	}
	if (r != NULL)
		requests_done(&l->requests, r, e);
	else if (l->events.message != NULL)
		l->events.message(l->events.arg, e);
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
	const struct address *a = daemons_here(&l->daemons);
	bool alone = daemons_n(&l->daemons) == 1;

	l->state = LINK_LOGGING_IN;
	l->bev = bufferevent_socket_new(l->base, -1, BEV_OPT_CLOSE_ON_FREE);
	if (l->bev == NULL) {
		lose(l, "no memory");
		return;
	}
	bufferevent_setcb(l->bev, read_cb, NULL, event_cb, l);
	bufferevent_enable(l->bev, EV_READ | EV_WRITE);
	if (bufferevent_socket_connect(l->bev,
		(struct sockaddr *)(uintptr_t)&a->sa, (int)a->len) != 0) {
		lose(l, "cannot connect");
		return;
	}
	say_hello(l);
	set_timer(l, l->token.len == 0 ? PASSWORD_MS
		     : alone           ? TOKEN_MS
				       : ELSEWHERE_MS);
}

/* Twice a heart-beat: say something if we did not, and listen for silence. */
static void
look_at_heartbeat(struct link *l)
{
	int64_t now = loop_ms();

	if (now - l->heard_at >= l->silence_ms) {
		lose(l, "silent");
		return;
	}
	if (now - l->up_at >= SETTLED_MS)
		daemons_settled(&l->daemons);
	if (now - l->sent_at >= l->heartbeat_ms / 2)
		say_number(l, true, (uint64_t)now);
	set_look(l, now);
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
	l->state = LINK_WAITING;
	if (decoder_users++ == 0)
		decoder = frame_memory_new(DECODE_CAP);
	l->hello = copy_hello(hello);
	l->timer = evtimer_new(base, timer_cb, l);
	if (decoder == NULL || l->hello == NULL || l->timer == NULL)
		goto fail;
	if ((*why = daemons_init(&l->daemons, addresses)) != NULL)
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
	while ((r = TAILQ_FIRST(&l->requests)) != NULL)
		requests_done(&l->requests, r, NULL);
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

bool
link_push(struct link *l, const Mashang__Envelope *e)
{
	return l->state == LINK_UP && push(l, e);
}

bool
link_request(struct link *l, Mashang__Envelope *e, uint8_t op[16],
    link_done_fn *done, void *arg)
{
	struct request *r = requests_add(&l->requests, e, done, arg);

	if (r == NULL)
		return false;
	if (op != NULL)
		memcpy(op, r->op, sizeof(r->op));
	if (l->state == LINK_UP)
		send_request(l, r);
	return true;
}
