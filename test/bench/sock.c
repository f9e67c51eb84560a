/*
 * peer.c - see sock.h.
 */
#include "test/bench/sock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/buffer.h>

#include "base/id.h"

#define READ_MAX (64 * 1024)

static void
give_up(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void
write_out(struct sock *p)
{
	while (evbuffer_get_length(p->out) > 0) {
		if (evbuffer_write(p->out, p->fd) > 0)
			continue;
		if (errno != EAGAIN && errno != EINTR)
			give_up("the daemon takes no more");
		event_add(p->write, NULL);
		return;
	}
}

static void
write_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	write_out(arg);
}

static void
read_cb(evutil_socket_t fd, short what, void *arg)
{
	struct sock *p = arg;
	struct socks *all = p->all;
	Mashang__Envelope *e;
	int n = evbuffer_read(p->in, fd, READ_MAX);

	(void)what;
	if (n == 0)
		errno = ECONNRESET;
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		give_up("the daemon has closed a connection");
	while (p->frame != NULL &&
	       frame_pull(p->in, FRAME_MAX, all->mem, &e) == FRAME_OK)
		p->frame(p->arg, e);
	socks_flush(all);
}

void
sock_dial(struct sock *p, struct socks *all, const char *path,
    sock_frame_fn *frame, void *arg)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	*p = (struct sock){ .all = all, .frame = frame, .arg = arg };
	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	p->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (p->fd == -1 ||
	    connect(p->fd, (struct sockaddr *)&sun, sizeof(sun)) != 0)
		give_up(path);
	evutil_make_socket_nonblocking(p->fd);
	p->in = evbuffer_new();
	p->out = evbuffer_new();
	p->read = event_new(all->base, p->fd, EV_READ | EV_PERSIST, read_cb, p);
	p->write = event_new(all->base, p->fd, EV_WRITE, write_cb, p);
	if (p->in == NULL || p->out == NULL || p->read == NULL ||
	    p->write == NULL || event_add(p->read, NULL) != 0)
		give_up("a connection");
}

void
sock_close(struct sock *p)
{
	if (p->all == NULL) /* it was never dialled */
		return;
	if (p->dirty)
		TAILQ_REMOVE(&p->all->dirty, p, entry);
	event_free(p->read);
	event_free(p->write);
	evbuffer_free(p->in);
	evbuffer_free(p->out);
	close(p->fd);
	*p = (struct sock){ .fd = -1 };
}

void
sock_push(struct sock *p, const Mashang__Envelope *e)
{
	if (frame_push(p->out, e) != FRAME_OK)
		abort();
	if (p->dirty)
		return;
	p->dirty = true;
	TAILQ_INSERT_TAIL(&p->all->dirty, p, entry);
}

void
sock_request(struct sock *p, Mashang__Envelope *e)
{
	struct id op = id_random();

	e->op_id.data = op.b;
	e->op_id.len = sizeof(op.b);
	sock_push(p, e);
	e->op_id.data = NULL; /* it was packed; `op' ends here */
}

void
sock_hello(struct sock *p, Mashang__Hello *h)
{
	ENVELOPE(e, hello, HELLO, *h);

	h->magic = FRAME_MAGIC;
	h->protocol = FRAME_PROTOCOL;
	sock_request(p, &e);
}

void
socks_flush(struct socks *all)
{
	struct sock *p;

	while ((p = TAILQ_FIRST(&all->dirty)) != NULL) {
		TAILQ_REMOVE(&all->dirty, p, entry);
		p->dirty = false;
		write_out(p);
	}
}
