/*
 * redis_conn.h - one connection to a Redis that is master and has our library.
 *
 * Connects, logs in, looks at the role, loads the library unless the very same
 * text is there, and is up.  Commands go out in order, replies come back in
 * order, each within a time; whatever is not as expected makes the connection
 * lost, and it connects again by itself, backing off from 50 ms to 2 s.
 *
 * Ownership: options' strings are copied.  The connection must not be freed
 * from inside its own callbacks.
 */
#ifndef STORE_REDIS_CONN_H
#define STORE_REDIS_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct event_base;
struct redisReply;
struct redis_conn;

struct redis_conn_options {
	const char *address; /* unix:/path, tcp:host:port, tcp:[v6]:port */
	const char *user, *password; /* NULL: none */
	const char *library;         /* its name */
	const void *code;            /* its text, which must outlive us */
	size_t code_len;
	int64_t timeout_us; /* of connecting and of each command */
};

struct redis_conn_events {
	void (*up)(void *arg);
	/* Was up; every reply in flight has been told. */
	void (*lost)(void *arg, const char *why);
	void *arg;
};

/* Runs once for each command sent: with the reply, or with NULL when the
 * connection is lost.  NULL: as it should be; else what is wrong with it, and
 * the connection is lost for that. */
typedef const char *redis_reply_fn(void *arg, const struct redisReply *);

/* ERR_BAD_FIELD: the address.  A host's name is looked up here, once. */
enum err redis_conn_new(struct event_base *, const struct redis_conn_options *,
    const struct redis_conn_events *, struct redis_conn **out) MUST_USE;

/* What is in flight is told NULL; `lost' is not called. */
void redis_conn_free(struct redis_conn **);

bool redis_conn_is_up(const struct redis_conn *);

/* ERR_IO: not up.  What is sent within one pass of the loop leaves together.
 * The caller bounds how much is in flight. */
enum err redis_conn_send(struct redis_conn *, int argc, const char *const *argv,
    const size_t *lens, redis_reply_fn *, void *arg) MUST_USE;

/* Of all attempts so far, the first excepted. */
uint64_t redis_conn_reconnects(const struct redis_conn *);

#endif
