/*
 * conn.c - sockets and evbuffers, by hand: a bufferevent would ask the kernel
 * about readiness before each write and hold twice the memory.
 */
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "frame.h"
#include "net/conn_own.h"

#define WRITE_PIECES 16

static void read_cb(evutil_socket_t, short, void *);
static void write_cb(evutil_socket_t, short, void *);

/* ------------------------------------------------------------- deadlines */

static void
set_due(struct conn *c, enum due kind)
{
	struct conns *all = c->all;
	/* clang-format off */
	const unsigned ms[DUE_NKINDS] = {
		[DUE_LOGIN]  = all->limits.login_ms,
		[DUE_FRAME]  = all->limits.frame_ms,
		[DUE_LINGER] = all->limits.linger_ms,
	};
	/* clang-format on */

	if (c->due != DUE_NONE)
		TAILQ_REMOVE(&all->due[c->due], c, due_entry);
	c->due = kind;
	if (kind == DUE_NONE)
		return;
	c->due_at = clock_loop() + (int64_t)ms[kind] * 1000;
	TAILQ_INSERT_TAIL(&all->due[kind], c, due_entry);
}

static void
set_heard(struct conn *c)
{
	c->heard_at = clock_loop();
	if (c->state != CONN_KNOWN)
		return;
	TAILQ_REMOVE(&c->all->heard, c, heard_entry);
	TAILQ_INSERT_TAIL(&c->all->heard, c, heard_entry);
}

void
conn_set_sent(struct conn *c)
{
	c->sent_at = clock_loop();
	if (c->state != CONN_KNOWN)
		return;
	TAILQ_REMOVE(&c->all->sent, c, sent_entry);
	TAILQ_INSERT_TAIL(&c->all->sent, c, sent_entry);
}

/* ------------------------------------------------------------ the way out */

void
conn_destroy(struct conn *c)
{
	struct conns *all = c->all;

	set_due(c, DUE_NONE);
	if (c->dirty)
		TAILQ_REMOVE(&all->dirty, c, dirty_entry);
	if (c->busy)
		TAILQ_REMOVE(&all->busy, c, busy_entry);
	if (c->unread)
		all->n_unread--;
	if (c->state == CONN_KNOWN) {
		TAILQ_REMOVE(&all->heard, c, heard_entry);
		TAILQ_REMOVE(&all->sent, c, sent_entry);
	}
	if (c->fd >= 0) {
		event_del(&c->ev_read);
		event_del(&c->ev_write);
		close(c->fd);
	}
	if (c->in != NULL)
		evbuffer_free(c->in);
	if (c->out != NULL)
		evbuffer_free(c->out);
	TAILQ_REMOVE(&all->list, c, entry);
	all->stats.open--;
	if (c->stranger)
		all->stats.strangers--;
	free(c);
	conns_tell_room(all);
}

void
conn_close(struct conn *c, enum err why)
{
	struct conns *all = c->all;

	if (c->ending)
		return;
	c->ending = true;
	if (c->peer != NULL)
		all->events.closing(c->peer, why);
	if (c->state == CONN_KNOWN) {
		TAILQ_REMOVE(&all->heard, c, heard_entry);
		TAILQ_REMOVE(&all->sent, c, sent_entry);
	}
	set_due(c, DUE_NONE);
	c->state = CONN_CLOSING;
	c->why = why;
	event_del(&c->ev_read);
	log_info(LOG_NET, "closed peer=%s why=%s", c->name, err_name(why));
	TAILQ_INSERT_TAIL(&all->closing, c, closing_entry);
	conns_wake(all);
}

/* Everything from here on is thrown away. */
void
conn_linger(struct conn *c)
{
	c->state = CONN_LINGERING;
	evbuffer_drain(c->in, evbuffer_get_length(c->in));
	if (c->why == ERR_IO) { /* nobody reads it any more */
		conn_destroy(c);
		return;
	}
	if (evbuffer_get_length(c->out) == 0)
		shutdown(c->fd, SHUT_WR);
	event_add(&c->ev_read, NULL);
	set_due(c, DUE_LINGER);
}

static void
read_away(struct conn *c)
{
	char waste[4096];
	ssize_t n = read(c->fd, waste, sizeof(waste));

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		conn_destroy(c);
}

/* ---------------------------------------------------------------- output */

static void
set_unread(struct conn *c)
{
	bool unread = evbuffer_get_length(c->out) > 0;

	if (unread && !c->unread)
		c->all->n_unread++;
	if (!unread && c->unread)
		c->all->n_unread--;
	c->unread = unread;
}

static void
set_busy(struct conn *c)
{
	static const struct timeval soon = { 0, 0 };

	if (c->busy)
		return;
	c->busy = true;
	TAILQ_INSERT_TAIL(&c->all->busy, c, busy_entry);
	event_add(c->all->ev_busy, &soon);
}

/* A peer that has gone is an error, never a signal. */
static ssize_t
write_some(struct conn *c)
{
	struct evbuffer_iovec v[WRITE_PIECES];
	int n = evbuffer_peek(c->out, -1, NULL, v, WRITE_PIECES);
	struct msghdr m = {
		.msg_iov = v,
		.msg_iovlen = n < WRITE_PIECES ? (size_t)n : WRITE_PIECES,
	};

	return sendmsg(c->fd, &m, MSG_NOSIGNAL);
}

/* Write what the kernel takes; wait for room only when it takes no more. */
void
conn_flush(struct conn *c)
{
	bool was_lingering = c->state == CONN_LINGERING;

	while (evbuffer_get_length(c->out) > 0) {
		ssize_t n = write_some(c);

		if (n > 0) {
			evbuffer_drain(c->out, (size_t)n);
			conn_set_sent(c);
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			event_add(&c->ev_write, NULL);
			break;
		}
		evbuffer_drain(c->out, evbuffer_get_length(c->out));
		conn_close(c, ERR_IO);
	}
	set_unread(c);
	if (was_lingering && !c->unread)
		shutdown(c->fd, SHUT_WR);
	if (c->paused && !c->ending &&
	    evbuffer_get_length(c->out) <= c->all->limits.out_pause) {
		c->paused = false;
		event_add(&c->ev_read, NULL);
		set_busy(c);
	}
}

static void
soil(struct conn *c)
{
	struct conns *all = c->all;

	set_unread(c);
	if (!c->dirty) {
		c->dirty = true;
		TAILQ_INSERT_TAIL(&all->dirty, c, dirty_entry);
	}
	conns_wake(all);
}

void
conn_push(struct conn *c, const Mashang__Envelope *e)
{
	enum frame_result f;

	if (c->state >= CONN_CLOSING)
		return;
	f = frame_push(c->out, e);
	assert(f != FRAME_LENGTH); /* our own messages are made to fit */
	if (f != FRAME_OK) {
		conn_close(c, ERR_NOMEM);
		return;
	}
	c->all->stats.frames_out++;
	soil(c);
	if (evbuffer_get_length(c->out) > c->all->limits.out_max) {
		evbuffer_drain(c->out, evbuffer_get_length(c->out));
		conn_close(c, ERR_TIMEOUT);
	}
}

void
conn_push_first(struct conn *c, const Mashang__Envelope *e)
{
	struct evbuffer *later = evbuffer_new();

	if (later == NULL || evbuffer_add_buffer(later, c->out) != 0) {
		conn_close(c, ERR_NOMEM);
	} else {
		conn_push(c, e);
		evbuffer_add_buffer(c->out, later);
	}
	if (later != NULL)
		evbuffer_free(later);
}

/* ----------------------------------------------------------------- input */

static bool
is_open(const struct conn *c)
{
	return c->state < CONN_CLOSING;
}

/* False: no whole frame is left, or the connection is. */
static bool
take_frame(struct conn *c)
{
	struct conns *all = c->all;
	size_t max = c->state == CONN_KNOWN ? FRAME_MAX : FRAME_MAX_LOGIN;
	Mashang__Envelope *e;

	switch (frame_pull(c->in, max, all->decoder, &e)) {
	case FRAME_AGAIN:
		return false;
	case FRAME_OK:
	case FRAME_UNKNOWN:
		all->stats.frames_in++;
		if (c->due == DUE_FRAME)
			set_due(c, DUE_NONE);
		all->events.frame(c->peer, e);
		return is_open(c);
	case FRAME_LENGTH:
	case FRAME_CONTENT:
	case FRAME_MEMORY:
		break;
	}
	all->stats.frames_rejected++;
	conn_close(c, ERR_BAD_FRAME);
	return false;
}

/* A peer's turn: some frames, then others'. */
void
conn_take_turn(struct conn *c)
{
	unsigned left = c->all->limits.frames_a_pass;
	size_t pause = c->all->limits.out_pause;

	while (left > 0 && evbuffer_get_length(c->out) <= pause) {
		if (!take_frame(c))
			break;
		left--;
	}
	if (!is_open(c))
		return;
	if (evbuffer_get_length(c->out) > pause) {
		event_del(&c->ev_read); /* conn_flush() resumes */
		c->paused = true;
		return;
	}
	if (left == 0)
		set_busy(c);
	if (left > 0 && c->due == DUE_NONE && evbuffer_get_length(c->in) > 0)
		set_due(c, DUE_FRAME);
}

static void
read_cb(evutil_socket_t fd, short what, void *arg)
{
	struct conn *c = arg;
	ssize_t n;

	(void)what;
	if (c->state == CONN_LINGERING) {
		read_away(c);
		return;
	}
	if (c->busy || !conns_awake(c->all)) /* its turn comes by busy_cb */
		return;
	n = read(fd, c->all->bytes, sizeof(c->all->bytes));
	if (n > 0 && evbuffer_add(c->in, c->all->bytes, (size_t)n) != 0) {
		conn_close(c, ERR_NOMEM);
		return;
	}
	if (n > 0) {
		set_heard(c);
		conn_take_turn(c);
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		conn_close(c, ERR_IO);
	}
}

static void
write_cb(evutil_socket_t fd, short what, void *arg)
{
	struct conn *c = arg;

	(void)fd;
	(void)what;
	if (conns_awake(c->all))
		conn_flush(c);
}

/* Who is there, by what the kernel says. */
static void
look_at_peer(struct conn *c)
{
	struct sockaddr_storage sa = { .ss_family = AF_UNSPEC };
	socklen_t len = sizeof(sa);
	struct ucred cred;
	char host[INET6_ADDRSTRLEN] = "?";
	unsigned port = 0;
	int on = 1;

	(void)getpeername(c->fd, (struct sockaddr *)&sa, &len);
	if (sa.ss_family == AF_UNIX) {
		len = sizeof(cred);
		if (getsockopt(c->fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) !=
		    0)
			cred.uid = (uid_t)-1;
		c->trusted = cred.uid == 0 || cred.uid == geteuid();
		snprintf(
		    c->name, sizeof(c->name), "unix:uid=%d", (int)cred.uid);
		return;
	}
	if (sa.ss_family == AF_INET) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)&sa;

		inet_ntop(AF_INET, &in->sin_addr, host, sizeof(host));
		port = ntohs(in->sin_port);
	} else if (sa.ss_family == AF_INET6) {
		const struct sockaddr_in6 *in =
		    (const struct sockaddr_in6 *)&sa;

		inet_ntop(AF_INET6, &in->sin6_addr, host, sizeof(host));
		port = ntohs(in->sin6_port);
	}
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	snprintf(c->name, sizeof(c->name), "tcp:%s:%u", host, port);
}

void
conn_open(struct conns *all, int fd)
{
	struct conn *c;

	if ((c = calloc(1, sizeof(*c))) == NULL) {
		close(fd);
		return;
	}
	c->all = all;
	c->fd = -1;
	c->state = CONN_STRANGER;
	c->stranger = true;
	TAILQ_INSERT_TAIL(&all->list, c, entry);
	all->stats.open++;
	all->stats.strangers++;
	all->stats.opened++;
	c->in = evbuffer_new();
	c->out = evbuffer_new();
	c->fd = fd;
	look_at_peer(c);
	event_assign(
	    &c->ev_read, all->base, fd, EV_READ | EV_PERSIST, read_cb, c);
	event_assign(&c->ev_write, all->base, fd, EV_WRITE, write_cb, c);
	if (c->in == NULL || c->out == NULL ||
	    event_add(&c->ev_read, NULL) != 0 ||
	    (c->peer = all->events.opened(all->events.arg, c)) == NULL) {
		conn_destroy(c);
		return;
	}
	set_due(c, DUE_LOGIN);
	conns_tell_room(all);
	log_debug(LOG_NET, "opened peer=%s", c->name);
}

void
conn_said_hello(struct conn *c)
{
	if (c->state != CONN_STRANGER)
		return;
	c->state = CONN_LOGGING_IN;
	set_due(c, DUE_NONE);
}

void
conn_is_known(struct conn *c)
{
	if (c->state != CONN_LOGGING_IN)
		return;
	c->state = CONN_KNOWN;
	c->heard_at = c->sent_at = clock_loop();
	TAILQ_INSERT_TAIL(&c->all->heard, c, heard_entry);
	TAILQ_INSERT_TAIL(&c->all->sent, c, sent_entry);
	c->stranger = false;
	c->all->stats.strangers--;
	conns_tell_room(c->all);
}

bool
conn_is_trusted(const struct conn *c)
{
	return c->trusted;
}

const char *
conn_name(const struct conn *c)
{
	return c->name;
}
