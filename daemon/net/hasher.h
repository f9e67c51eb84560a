/*
 * hasher.h - passwords, hashed in threads of their own: each takes 80 ms and
 * 64 MiB, which the loop has not.
 *
 * The queue is bounded; a full one refuses at once.  `done' runs exactly once
 * for each job taken, from the loop, never from inside the call.
 */
#ifndef NET_HASHER_H
#define NET_HASHER_H

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

#define PASSWORD_MAX 1024

struct event_base;
struct hasher;

enum err hasher_new(
    struct event_base *, unsigned queue, struct hasher **out) MUST_USE;
/* Waits for the hashes under way; the jobs' `done' get ERR_IO. */
void hasher_free(struct hasher **);

/* ERR_OK: it is the password; ERR_AUTH: it is not.  `secret' empty: nobody's
 * password, found out in the same time. */
typedef void hasher_verified_fn(void *arg, enum err);
enum err hasher_verify(struct hasher *, struct str secret, struct str password,
    hasher_verified_fn *, void *arg) MUST_USE;

/* ERR_OK and the secret to keep, or ERR_NOMEM. */
typedef void hasher_made_fn(void *arg, enum err, struct str secret);
enum err hasher_make(
    struct hasher *, struct str password, hasher_made_fn *, void *arg) MUST_USE;

bool hasher_is_idle(const struct hasher *);

#endif
