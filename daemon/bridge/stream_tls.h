/*
 * stream_tls.h - the TLS of a stream: whom we trust, as whom we speak.
 *
 * TLS 1.2 or newer; the peer's certificate is always checked, its chain and
 * its name.
 */
#ifndef BRIDGE_STREAM_TLS_H
#define BRIDGE_STREAM_TLS_H

#include <stddef.h>

struct bufferevent;
struct event_base;
struct stream_options;
struct stream_tls;

/* `host' is the address' own.  NULL: *why says what is wrong. */
struct stream_tls *stream_tls_new(
    const struct stream_options *, const char *host, const char **why);
void stream_tls_free(struct stream_tls **);

/* Not connected yet; NULL: no memory. */
struct bufferevent *stream_tls_open(struct stream_tls *, struct event_base *);

/* What went wrong with it, for people; "" if it was not TLS' fault. */
void stream_tls_fault(struct bufferevent *, char *out, size_t room);

#endif
