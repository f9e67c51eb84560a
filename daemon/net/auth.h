/*
 * auth.h - who may come in, and as what.
 *
 * Log-ins are read from the ledger into memory whole: at start, after each
 * change, and every half minute, since another node may have changed them.
 * Nothing here waits for PostgreSQL: before the first reading everybody is
 * told to come back.
 */
#ifndef NET_AUTH_H
#define NET_AUTH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "net/token.h"

struct auth;
struct event_base;
struct hasher;
struct ledger;

struct login {
	struct str name, secret, switch_name;
	int role; /* Mashang__Role */
	uint32_t agent;
	bool disabled;
	int64_t tokens_from; /* older tokens are void; wall time */
};

struct auth_options {
	struct event_base *base;
	struct ledger *ledger;
	const uint8_t *key; /* TOKEN_KEY_LEN bytes */
	unsigned hashes, tries;
	/* The log-ins were read again: sessions may have lost theirs. */
	void (*changed)(void *arg);
	void *arg;
};

enum err auth_new(const struct auth_options *, struct auth **) MUST_USE;
void auth_free(struct auth **);

/* Read the log-ins now (again), e.g. when the ledger is back.  `done' (may be
 * NULL) runs when they are read; ERR_IO: the ledger was lost, it will be tried
 * again. */
typedef void auth_done_fn(void *arg, enum err);
void auth_refresh(struct auth *, auth_done_fn *, void *arg);
bool auth_is_loaded(const struct auth *);

/* NULL: none.  Valid until the next turn of the loop. */
const struct login *auth_find(const struct auth *, struct str name);
const struct login *auth_login_at(const struct auth *, unsigned i);

/*
 * ERR_OK: `done' will tell: ERR_OK, ERR_AUTH or ERR_DISABLED.  At once:
 * ERR_BUSY, ERR_TOO_LARGE (password), ERR_IO (not loaded), ERR_AUTH (none
 * given) or ERR_REFUSED: too many wrong tries, wait *wait_s.
 */
enum err auth_password(struct auth *, struct str name, struct str password,
    auth_done_fn *, void *arg, unsigned *wait_s) MUST_USE;

/* A password made into what is kept of it. */
typedef void auth_secret_fn(void *arg, enum err, struct str secret);
enum err auth_make_secret(
    struct auth *, struct str password, auth_secret_fn *, void *arg) MUST_USE;

uint32_t auth_issue(
    const struct auth *, const struct token *, uint8_t out[TOKEN_MAX]);
/* ERR_AUTH, ERR_STALE, ERR_DISABLED, ERR_IO (not loaded).  Text in *t points
 * into `bytes'. */
enum err auth_token(const struct auth *, struct str bytes, int64_t wall,
    struct token *t) MUST_USE;
/* The same for a session that has been in for a while. */
enum err auth_still(const struct auth *, struct str login, int role,
    int64_t issued_at) MUST_USE;

/* No password is being hashed. */
bool auth_is_idle(const struct auth *);

#endif
