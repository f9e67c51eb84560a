/*
 * token.h - who logged in, signed, so that another node or a restarted one
 * believes it without asking PostgreSQL or hashing a password.
 *
 * A token is its fields in a fixed order and a MAC over them (HMAC-SHA-512-256
 * under a key that all nodes share).  It is not secret from its owner, only
 * not forgeable.  Times are wall time.
 */
#ifndef NET_TOKEN_H
#define NET_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

#define TOKEN_KEY_LEN 32
#define TOKEN_MAX 256
#define TOKEN_LIFE_US (INT64_C(12) * 3600 * 1000000)

struct token {
	int role;       /* Mashang__Role */
	bool vouched;   /* no log-in of this name: the system's user asked */
	uint32_t agent; /* 0: none */
	int64_t issued_at, expires_at;
	struct str login, switch_name; /* at most 64 bytes each */
};

/* Into out[TOKEN_MAX]; returns the length. */
uint32_t token_write(
    const struct token *, const uint8_t key[TOKEN_KEY_LEN], uint8_t *out);

/* ERR_AUTH: not ours, or changed; ERR_STALE: expired, or from the future.
 * Text points into `bytes'. */
enum err token_read(struct str bytes, const uint8_t key[TOKEN_KEY_LEN],
    int64_t now, struct token *) MUST_USE;

#endif
