/*
 * stream.c - one bufferevent at a time; one timer, whose meaning is the
 * state's: when to try again, how long connecting may take, to fail.
 *
 * A callback may free the stream: `depth' counts the callbacks that are
 * running, and the last one to return frees.
 */
#include "bridge/stream.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "address.h"
#include "base/clock.h"
#include "base/err.h"
#include "bridge/stream_tls.h"

#define CONNECT_MS 5000 /* the handshake included */
#define RETRY_MIN_MS 50
#define RETRY_MAX_MS 2000
#define WELL_US (2 * CLOCK_S) /* up for so long: begin at the minimum again */

enum stream_state {
	STREAM_NONE,
	STREAM_WAITING, /* until the timer: then connect */
	STREAM_CONNECTING,
	STREAM_UP,
	STREAM_FAILED /* until the timer: then tell, and wait */
};

struct stream {
	struct event_base *base;
	struct event *timer;
	struct bufferevent *bev; /* NULL: not connected */
	struct stream_tls *tls;  /* NULL: TCP */
	enum stream_state state;
	struct stream_events events;
	struct address address;
	unsigned retry_ms;
	int64_t up_at; /* loop time */
	char why[160];
	unsigned depth;
	bool freed;
};

static void
set_timer(struct stream *s, unsigned ms)
{
	struct timeval tv = { ms / 1000, (ms % 1000) * 1000 };

	event_add(s->timer, &tv);
}

static void
destroy(struct stream *s)
{
	if (s->bev != NULL)
		bufferevent_free(s->bev);
	if (s->timer != NULL)
		event_free(s->timer);
	stream_tls_free(&s->tls);
	free(s);
}

static void
leave(struct stream *s)
{
	if (--s->depth == 0 && s->freed)
		destroy(s);
}

/* ------------------------------------------------------ losing and trying */

/* Between half of the wait and all of it, so that many do not come at once. */
static void
try_again(struct stream *s)
{
	uint32_t random = 0;

	if (s->state == STREAM_UP && clock_loop() - s->up_at >= WELL_US)
		s->retry_ms = RETRY_MIN_MS;
	s->state = STREAM_WAITING;
	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		random = 0;
	set_timer(s, s->retry_ms / 2 + random % (s->retry_ms / 2 + 1));
	s->retry_ms *= 2;
	if (s->retry_ms > RETRY_MAX_MS)
		s->retry_ms = RETRY_MAX_MS;
}

/* The caller is between depth++ and leave(). */
static void
lose(struct stream *s, const char *why)
{
	if (s->bev != NULL)
		bufferevent_free(s->bev);
	s->bev = NULL;
	try_again(s);
	if (s->events.down != NULL)
		s->events.down(s->events.arg, why);
}

/* ------------------------------------------------------------- libevent */

static void
read_cb(struct bufferevent *bev, void *arg)
{
	struct stream *s = arg;
	int on = 1;

	if (s->state != STREAM_UP)
		return;
	setsockopt(
	    bufferevent_getfd(bev), IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
	s->depth++;
	if (s->events.read != NULL)
		s->events.read(s->events.arg, bufferevent_get_input(bev));
	leave(s);
}

static void
connected(struct stream *s)
{
	int on = 1;
	evutil_socket_t fd = bufferevent_getfd(s->bev);

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
	event_del(s->timer);
	s->state = STREAM_UP;
	s->up_at = clock_loop();
	if (s->events.up != NULL)
		s->events.up(s->events.arg);
}

static void
event_cb(struct bufferevent *bev, short what, void *arg)
{
	struct stream *s = arg;
	int e = EVUTIL_SOCKET_ERROR();

	s->depth++;
	if (what & BEV_EVENT_CONNECTED) {
		if (s->state == STREAM_CONNECTING)
			connected(s);
		leave(s);
		return;
	}
	if (e == 0 || e == EAGAIN || e == EINPROGRESS)
		e = ECONNRESET; /* TLS leaves none of its own */
	s->why[0] = '\0';
	if (s->tls != NULL)
		stream_tls_fault(bev, s->why, sizeof(s->why));
	if (s->why[0] == '\0')
		snprintf(s->why, sizeof(s->why), "%s",
		    what & BEV_EVENT_EOF ? "closed by the switch"
					 : strerror(e));
	lose(s, s->why);
	leave(s);
}

static void
connect_now(struct stream *s)
{
	struct sockaddr *sa = (struct sockaddr *)&s->address.sa;

	s->state = STREAM_CONNECTING;
	s->bev = s->tls != NULL
	             ? stream_tls_open(s->tls, s->base)
	             : bufferevent_socket_new(s->base, -1,
			   BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
	if (s->bev == NULL) {
		lose(s, "no memory");
		return;
	}
	bufferevent_setcb(s->bev, read_cb, NULL, event_cb, s);
	bufferevent_enable(s->bev, EV_READ | EV_WRITE);
	set_timer(s, CONNECT_MS);
	if (bufferevent_socket_connect(s->bev, sa, (int)s->address.len) != 0)
		lose(s, strerror(EVUTIL_SOCKET_ERROR()));
}

static void
timer_cb(evutil_socket_t fd, short what, void *arg)
{
	struct stream *s = arg;

	(void)fd;
	(void)what;
	s->depth++;
	switch (s->state) {
	case STREAM_WAITING:
		connect_now(s);
		break;
	case STREAM_CONNECTING:
		lose(s, "no answer to connecting");
		break;
	case STREAM_FAILED:
		lose(s, s->why);
		break;
	default:
		break;
	}
	leave(s);
}

/* ------------------------------------------------------------- interface */

/* "tls:[::1]:5039" to "::1" */
static char *
host_of(const char *address)
{
	const char *from = strchr(address, ':') + 1,
		   *to = strrchr(address, ':');

	if (to <= from)
		to = from + strlen(from);
	if (*from == '[' && to > from + 1 && to[-1] == ']') {
		from++;
		to--;
	}
	return strndup(from, (size_t)(to - from));
}

static const char *
parse(struct stream *s, const struct stream_options *o)
{
	bool tls = strncmp(o->address, "tls:", 4) == 0;
	struct address found[ADDRESS_MAX];
	char *host, *plain;
	const char *why;
	unsigned n;

	if ((!tls && strncmp(o->address, "tcp:", 4) != 0) ||
	    strchr(o->address, ',') != NULL)
		return "the address is tcp:host:port or tls:host:port";
	if (asprintf(&plain, "tcp%s", o->address + strlen("tcp")) == -1)
		return "no memory";
	why = address_parse(plain, found, &n);
	free(plain);
	if (why != NULL)
		return why;
	s->address = found[0];
	if (!tls)
		return NULL;
	if ((host = host_of(o->address)) == NULL)
		return "no memory";
	s->tls = stream_tls_new(o, host, &why);
	free(host);
	return why;
}

struct stream *
stream_new(struct event_base *base, const struct stream_options *o,
    const struct stream_events *events, const char **why)
{
	struct stream *s = calloc(1, sizeof(*s));

	*why = "no memory";
	if (s == NULL)
		return NULL;
	s->base = base;
	s->events = *events;
	s->retry_ms = RETRY_MIN_MS;
	s->state = STREAM_WAITING;
	s->timer = evtimer_new(base, timer_cb, s);
	if (s->timer != NULL)
		*why = parse(s, o);
	if (*why != NULL) {
		stream_free(&s);
		return NULL;
	}
	set_timer(s, 0);
	return s;
}

void
stream_free(struct stream **stream)
{
	struct stream *s = *stream;

	if (s == NULL)
		return;
	*stream = NULL;
	s->events = (struct stream_events){ 0 };
	s->freed = true;
	if (s->depth == 0)
		destroy(s);
}

bool
stream_is_up(const struct stream *s)
{
	return s->state == STREAM_UP;
}

bool
stream_write(struct stream *s, const void *p, size_t len)
{
	return s->state == STREAM_UP && bufferevent_write(s->bev, p, len) == 0;
}

size_t
stream_pending(const struct stream *s)
{
	return s->state != STREAM_UP
	           ? 0
	           : evbuffer_get_length(bufferevent_get_output(s->bev));
}

void
stream_fail(struct stream *s, const char *why)
{
	if (s->state != STREAM_UP && s->state != STREAM_CONNECTING)
		return;
	if (s->state == STREAM_UP && clock_loop() - s->up_at >= WELL_US)
		s->retry_ms = RETRY_MIN_MS;
	snprintf(s->why, sizeof(s->why), "%s", why);
	s->state = STREAM_FAILED;
	bufferevent_disable(s->bev, EV_READ | EV_WRITE);
	set_timer(s, 0);
}
