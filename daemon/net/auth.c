/*
 * auth.c - log-ins in memory, passwords, tokens.
 */
#include "net/auth.h"

#include <assert.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "mashang.pb-c.h"
#include "net/cells.h"
#include "net/hasher.h"
#include "net/tries.h"
#include "store/ledger.h"

#define LOGINS_MEMORY (64u * 1024 * 1024)
#define REFRESH_S 30
#define RETRY_MS 500

/* LQ_LOGINS */
enum column { NAME, ROLE, SECRET, AGENT, SWITCH, DISABLED, TOKENS_FROM, NCOLS };

struct waiter {
	struct waiter *next;
	auth_done_fn *done;
	void *arg;
};

/* A reading under way; it may outlive us. */
struct reading {
	struct auth *auth; /* NULL: gone */
};

struct auth {
	struct auth_options options;
	struct hasher *hasher;
	struct tries *tries;
	struct event *ev_refresh;
	struct arena *arena;  /* of `logins' */
	struct login *logins; /* by name */
	unsigned n;
	struct reading *reading; /* NULL: none */
	bool loaded, ask_again;
	struct waiter *waiters; /* told by the next reading that starts now */
	struct waiter *later;   /* came while one was under way */
};

struct
try {
	struct auth *auth;
	auth_done_fn *done;
	void *arg;
	uint32_t len;
	char name[64];
};

static void ask(struct auth *);

/* --------------------------------------------------------------- log-ins */

static int
by_name(const void *a, const void *b)
{
	const struct login *x = a, *y = b;
	uint32_t n = x->name.len < y->name.len ? x->name.len : y->name.len;
	int c = n > 0 ? memcmp(x->name.p, y->name.p, n) : 0;

	return c != 0
	           ? c
	           : (x->name.len > y->name.len) - (x->name.len < y->name.len);
}

static bool
take(struct auth *a, struct arena *arena, const struct ledger_rows *rows)
{
	struct login *l = NULL;

	if (rows->n > 0 &&
	    (l = arena_alloc(arena, rows->n * sizeof(*l))) == NULL)
		return false;
	for (unsigned i = 0; i < rows->n; i++) {
		const struct str *c = rows->cells + (size_t)i * rows->n_columns;

		l[i].name = arena_copy(arena, c[NAME]);
		l[i].secret = arena_copy(arena, c[SECRET]);
		l[i].switch_name = arena_copy(arena, c[SWITCH]);
		l[i].role =
		    cell_enum(&mashang__role__descriptor, "ROLE_", c[ROLE]);
		l[i].agent = (uint32_t)cell_number(c[AGENT]);
		l[i].disabled = cell_bool(c[DISABLED]);
		l[i].tokens_from = cell_number(c[TOKENS_FROM]);
		if (l[i].name.len != c[NAME].len ||
		    l[i].secret.len != c[SECRET].len)
			return false;
	}
	if (rows->n > 0)
		qsort(l, rows->n, sizeof(*l), by_name);
	arena_free(&a->arena);
	a->arena = arena;
	a->logins = l;
	a->n = rows->n;
	return true;
}

static void
set_timer(struct auth *a, unsigned ms)
{
	struct timeval tv = { ms / 1000, (ms % 1000) * 1000 };

	event_add(a->ev_refresh, &tv);
}

static void
tell(struct waiter *w, enum err e)
{
	struct waiter *next;

	for (; w != NULL; w = next) {
		next = w->next;
		w->done(w->arg, e);
		free(w);
	}
}

static void
answered(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct reading *r = arg;
	struct auth *a = r->auth;
	struct waiter *told;
	struct arena *arena;

	free(r);
	if (a == NULL)
		return;
	told = a->waiters;
	a->reading = NULL;
	a->waiters = NULL;
	if (e == ERR_OK && rows->n_columns < NCOLS)
		e = ERR_IO;
	if (e == ERR_OK) {
		arena = arena_new(64 * 1024, LOGINS_MEMORY);
		if (arena == NULL || !take(a, arena, rows)) {
			arena_free(&arena);
			e = ERR_NOMEM;
		}
	}
	if (e == ERR_OK) {
		a->loaded = true;
		set_timer(a, REFRESH_S * 1000);
	} else {
		log_warn(LOG_NET, "log-ins not read why=%s", err_name(e));
		set_timer(a, RETRY_MS);
	}
	if (a->ask_again) {
		a->ask_again = false;
		a->waiters = a->later;
		a->later = NULL;
		ask(a);
	}
	tell(told, e); /* whoever asked may be among those who have to go */
	if (e == ERR_OK)
		a->options.changed(a->options.arg);
}

static void
ask(struct auth *a)
{
	struct ledger *l = a->options.ledger;

	a->reading = malloc(sizeof(*a->reading));
	if (a->reading != NULL) {
		a->reading->auth = a;
		if (l->ops->query(
			l, LQ_LOGINS, 0, NULL, answered, a->reading) == ERR_OK)
			return;
	}
	/* Not connected: `answered' will not run. */
	free(a->reading);
	a->reading = NULL;
	set_timer(a, RETRY_MS);
}

static void
refresh_cb(evutil_socket_t fd, short what, void *arg)
{
	struct auth *a = arg;

	(void)fd;
	(void)what;
	if (a->reading == NULL)
		ask(a);
}

void
auth_refresh(struct auth *a, auth_done_fn *done, void *arg)
{
	struct waiter *w, **list = a->reading != NULL ? &a->later : &a->waiters;

	if (done != NULL && (w = malloc(sizeof(*w))) != NULL) {
		*w = (struct waiter){ *list, done, arg };
		*list = w;
	}
	if (a->reading != NULL)
		a->ask_again = true;
	else
		ask(a);
}

bool
auth_is_loaded(const struct auth *a)
{
	return a->loaded;
}

const struct login *
auth_find(const struct auth *a, struct str name)
{
	const struct login key = { .name = name };

	return a->n == 0 ? NULL
	                 : bsearch(&key, a->logins, a->n, sizeof(key), by_name);
}

const struct login *
auth_login_at(const struct auth *a, unsigned i)
{
	return i < a->n ? &a->logins[i] : NULL;
}

/* ------------------------------------------------------------- passwords */

static void
verified(void *arg, enum err e)
{
	struct try *t = arg;
	struct str name = { t->name, t->len };
	const struct login *l = auth_find(t->auth, name);

	if (e == ERR_OK && l == NULL)
		e = ERR_AUTH; /* it went while we were hashing */
	if (e == ERR_AUTH)
		tries_wrong(t->auth->tries, name, clock_loop());
	if (e == ERR_OK)
		tries_right(t->auth->tries, name);
	if (e == ERR_OK && l->disabled)
		e = ERR_DISABLED; /* told only to who knows the password */
	t->done(t->arg, e);
	free(t);
}

enum err
auth_password(struct auth *a, struct str name, struct str password,
    auth_done_fn *done, void *arg, unsigned *wait_s)
{
	const struct login *l = auth_find(a, name);
	int64_t wait = tries_wait(a->tries, name, clock_loop());
	struct try *t;
	enum err e;

	if (!a->loaded)
		return ERR_IO;
	if (password.len == 0 || name.len == 0 || name.len > sizeof(t->name))
		return ERR_AUTH;
	if (password.len > PASSWORD_MAX)
		return ERR_TOO_LARGE;
	if (wait > 0) {
		*wait_s = (unsigned)(wait / CLOCK_S) + 1;
		return ERR_REFUSED;
	}
	if ((t = calloc(1, sizeof(*t))) == NULL)
		return ERR_NOMEM;
	*t = (struct try){ a, done, arg, name.len, { 0 } };
	memcpy(t->name, name.p, name.len);
	e = hasher_verify(a->hasher, l != NULL ? l->secret : STR_LIT(""),
	    password, verified, t);
	if (e != ERR_OK)
		free(t);
	return e;
}

enum err
auth_make_secret(
    struct auth *a, struct str password, auth_secret_fn *done, void *arg)
{
	if (password.len == 0)
		return ERR_BAD_FIELD;
	if (password.len > PASSWORD_MAX)
		return ERR_TOO_LARGE;
	return hasher_make(a->hasher, password, done, arg);
}

bool
auth_is_idle(const struct auth *a)
{
	return hasher_is_idle(a->hasher);
}

/* ---------------------------------------------------------------- tokens */

uint32_t
auth_issue(const struct auth *a, const struct token *t, uint8_t out[TOKEN_MAX])
{
	return token_write(t, a->options.key, out);
}

enum err
auth_still(const struct auth *a, struct str name, int role, int64_t issued_at)
{
	const struct login *l = auth_find(a, name);

	if (l == NULL)
		return ERR_STALE;
	if (l->disabled)
		return ERR_DISABLED;
	if (l->role != role || issued_at < l->tokens_from)
		return ERR_STALE;
	return ERR_OK;
}

enum err
auth_token(
    const struct auth *a, struct str bytes, int64_t wall, struct token *t)
{
	enum err e = token_read(bytes, a->options.key, wall, t);

	if (e != ERR_OK)
		return e;
	if (!a->loaded)
		return ERR_IO;
	if (t->vouched)
		return ERR_OK;
	return auth_still(a, t->login, t->role, t->issued_at);
}

/* ------------------------------------------------------------- life cycle */

enum err
auth_new(const struct auth_options *o, struct auth **out)
{
	struct auth *a;
	enum err e = ERR_NOMEM;

	if ((a = calloc(1, sizeof(*a))) == NULL)
		return ERR_NOMEM;
	a->options = *o;
	a->tries = tries_new(o->tries);
	a->ev_refresh = evtimer_new(o->base, refresh_cb, a);
	if (a->tries == NULL || a->ev_refresh == NULL)
		goto fail;
	if ((e = hasher_new(o->base, o->hashes, &a->hasher)) != ERR_OK)
		goto fail;
	ask(a);
	*out = a;
	return ERR_OK;
fail:
	auth_free(&a);
	return e;
}

void
auth_free(struct auth **p)
{
	struct auth *a = *p;

	if (a == NULL)
		return;
	if (a->reading != NULL)
		a->reading->auth = NULL;
	hasher_free(&a->hasher);
	tries_free(&a->tries);
	if (a->ev_refresh != NULL)
		event_free(a->ev_refresh);
	tell(a->waiters, ERR_IO);
	tell(a->later, ERR_IO);
	arena_free(&a->arena);
	free(a);
	*p = NULL;
}
