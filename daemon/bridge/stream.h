/*
 * stream.h - the connection to a switch: TCP or TLS, kept up.
 *
 * It connects, tells `up', hands over bytes as they come, and when the
 * connection is lost tells `down' and tries again, after 50 ms at first, then
 * twice as long up to 2 s, with jitter.  A try that fails is told by `down',
 * too, so that it can be seen why; connecting may take 5 s.  TCP_NODELAY is set; TCP_QUICKACK
 * again after each read, since a switch without NODELAY would hold its next
 * event back for our delayed acknowledgement (40 ms with Kamailio's evapi).
 *
 * Callbacks run from the loop, never from inside a call here; each may free
 * the stream.  `why' lives until the callback returns.
 */
#ifndef BRIDGE_STREAM_H
#define BRIDGE_STREAM_H

#include <stdbool.h>
#include <stddef.h>

struct event_base;
struct evbuffer;
struct stream;

struct stream_options {
	const char *address; /* tcp:host:port or tls:host:port */
	/* TLS: whom to trust (a PEM file; "": the system's), the name to be
	 * found in the certificate ("": the address' host), and our own
	 * certificate and key where the switch wants one ("": none). */
	const char *tls_ca, *tls_name, *tls_certificate, *tls_key;
};

struct stream_events {
	void (*up)(void *arg);
	/* Take what is whole, leave the rest. */
	void (*read)(void *arg, struct evbuffer *);
	void (*down)(void *arg, const char *why);
	void *arg;
};

/* NULL: *why says what is wrong with the options, or no memory. */
struct stream *stream_new(struct event_base *, const struct stream_options *,
    const struct stream_events *, const char **why);
void stream_free(struct stream **);

bool stream_is_up(const struct stream *);
/* One write, so that short messages are not split; false: not connected. */
bool stream_write(struct stream *, const void *, size_t);
/* Bytes not yet taken by the kernel. */
size_t stream_pending(const struct stream *);
/* What came makes no sense, or nothing came: close, tell down, try again. */
void stream_fail(struct stream *, const char *why);

#endif
