/*
 * sock.h - one connection of the load: frames out at once, frames in by
 * callback.
 *
 * A bufferevent would write a pass of the loop later than it is told to; what
 * is measured from "written" must be written.  So frames gather in `out' and
 * socks_flush() gives them to the kernel; every callback of the load ends with
 * it.
 */
#ifndef BENCH_SOCK_H
#define BENCH_SOCK_H

#include <stdbool.h>
#include <sys/queue.h>

#include <event2/event.h>

#include "frame.h"

struct sock;

TAILQ_HEAD(sock_list, sock);

/* What all sockets of one load share. */
struct socks {
	struct event_base *base;
	struct frame_memory *mem;
	struct sock_list dirty; /* with something to write */
};

typedef void sock_frame_fn(void *arg, const Mashang__Envelope *);

struct sock {
	struct socks *all;
	int fd;
	struct evbuffer *in, *out;
	struct event *read, *write;
	sock_frame_fn *frame;
	void *arg;
	bool dirty;
	TAILQ_ENTRY(sock) entry;
};

/* To a unix socket's path.  Whatever fails ends the program, with a word on
 * stderr: a bench without its daemon has nothing to measure. */
void sock_dial(struct sock *, struct socks *, const char *path, sock_frame_fn *,
    void *arg);
void sock_close(struct sock *);

void sock_hello(struct sock *, Mashang__Hello *);
void sock_push(struct sock *, const Mashang__Envelope *);
/* The same, with an operation id of its own. */
void sock_request(struct sock *, Mashang__Envelope *);
void socks_flush(struct socks *);

#define ENVELOPE(name, member, case_, body)               \
	Mashang__Envelope name = MASHANG__ENVELOPE__INIT; \
	name.body_case = MASHANG__ENVELOPE__BODY_##case_; \
	name.member = &(body)

#define BYTES(s)                                     \
	{                                            \
		strlen(s), (uint8_t *)(uintptr_t)(s) \
	}

#endif
