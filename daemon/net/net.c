/*
 * net.c - builds the parts of net/ and passes their news among them.
 */
#include "net/net.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "net/auth.h"
#include "net/cells.h"
#include "net/conn.h"
#include "net/listen.h"
#include "net/session.h"
#include "store/ledger.h"

#define SCRATCH_FIRST (64u * 1024)
#define SCRATCH_CAP (1024u * 1024)

int64_t
net_now(const struct net *n)
{
	return n->env.now(n->env.clock_arg);
}

/* ----------------------------------------------------------------- events */

static void
on_pass(void *arg)
{
	struct net *n = arg;
	struct session *s;

	while ((s = TAILQ_FIRST(&n->touched)) != NULL) {
		TAILQ_REMOVE(&n->touched, s, touched_entry);
		s->touched = false;
		feed_pass(s);
	}
}

static void
on_accepting(void *arg, bool yes)
{
	struct net *n = arg;

	if (n->listeners != NULL)
		listeners_accept(n->listeners, yes && !n->shutting_down);
}

/* A log-in may have been disabled, or its tokens made void. */
static void
on_logins_changed(void *arg)
{
	struct net *n = arg;
	struct session *s;
	enum err e;

	TAILQ_FOREACH (s, &n->sessions, entry) {
		if (s->state != SESSION_LIVE || s->vouched)
			continue;
		e = auth_still(
		    n->auth, str_of(s->login), s->role, s->issued_at);
		if (e == ERR_DISABLED)
			session_end(s, MASHANG__CODE__CODE_DISABLED, e);
		else if (e != ERR_OK)
			session_end(s, MASHANG__CODE__CODE_TOKEN_STALE, e);
	}
}

/* --------------------------------------------------------------- switches */

uint32_t
net_switch_id(const struct net *n, struct str name)
{
	struct switch_id *sw;

	HASH_FIND(hh, n->switches, name.p, name.len, sw);
	return sw != NULL ? sw->id : 0;
}

void
net_switch_learn(struct net *n, struct str name, uint32_t id)
{
	struct switch_id *sw;

	if (id == 0 || name.len == 0 || name.len > sizeof(sw->name) ||
	    net_switch_id(n, name) != 0 ||
	    (sw = calloc(1, sizeof(*sw))) == NULL)
		return;
	sw->id = id;
	sw->len = name.len;
	memcpy(sw->name, name.p, name.len);
	HASH_ADD(hh, n->switches, name, sw->len, sw);
	if (!HASH_ADD_OK(hh, sw))
		free(sw);
}

/* The net may go before the answer comes: then `net' is NULL. */
struct switches_reading {
	struct net *net;
};

static void
switches_read(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct switches_reading *r = arg;
	struct net *n = r->net;

	free(r);
	if (n == NULL)
		return;
	n->switches_reading = NULL;
	if (e != ERR_OK || rows->n_columns < 2)
		return;
	for (unsigned i = 0; i < rows->n; i++) {
		const struct str *c = rows->cells + (size_t)i * rows->n_columns;

		net_switch_learn(n, c[1], (uint32_t)cell_number(c[0]));
	}
}

void
net_ledger_up(struct net *n)
{
	struct ledger *l = n->env.ledger;
	struct switches_reading *r;

	auth_refresh(n->auth, NULL, NULL);
	if (n->switches_reading != NULL || (r = calloc(1, sizeof(*r))) == NULL)
		return;
	r->net = n;
	if (l->ops->query(l, LQ_CONFIG_SWITCHES, 0, NULL, switches_read, r) ==
	    ERR_OK)
		n->switches_reading = r;
	else
		free(r);
}

/* ------------------------------------------------------------------- news */

static void
on_saved(void *arg, void *peer, const struct id *op)
{
	struct session *s = peer;
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__Saved saved = MASHANG__SAVED__INIT;
	ProtobufCBinaryData one = { sizeof(op->b),
		(uint8_t *)(uintptr_t)op->b };

	(void)arg;
	if (s == NULL || id_is_none(op))
		return;
	saved.n_op_ids = 1;
	saved.op_ids = &one;
	e.body_case = MASHANG__ENVELOPE__BODY_SAVED;
	e.saved = &saved;
	session_push(s, &e);
}

const struct desk_news *
net_news(struct net *n)
{
	return &n->news;
}

void
net_set_desk(struct net *n, struct desk *d)
{
	n->desk = d;
}

/* ------------------------------------------------------------------ clock */

void
net_clock_reached(struct net *n, int64_t at)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__ClockReached r = MASHANG__CLOCK_REACHED__INIT;

	if (!n->driving)
		return;
	n->driving = false;
	r.at = at;
	e.body_case = MASHANG__ENVELOPE__BODY_CLOCK_REACHED;
	e.clock_reached = &r;
	session_reply(n->driver, &n->drive_op, &e);
}

bool
net_is_flushed(const struct net *n)
{
	return conns_are_flushed(n->conns) && auth_is_idle(n->auth) &&
	       n->n_asks == 0 && TAILQ_EMPTY(&n->touched);
}

/* ------------------------------------------------------------- life cycle */

static enum err
open_parts(struct net *n)
{
	const struct conn_events events = { session_opened, session_frame,
		session_idle, n->env.nodes != NULL ? net_awake : NULL,
		session_closing, session_closed, on_pass, on_accepting, n };
	const struct auth_options auth = { .base = n->env.base,
		.ledger = n->env.ledger,
		.key = n->key,
		.hashes = n->limits.hashes,
		.tries = n->limits.tries,
		.changed = on_logins_changed,
		.arg = n };
	enum err e;

	if ((n->scratch = arena_new(SCRATCH_FIRST, SCRATCH_CAP)) == NULL)
		return ERR_NOMEM;
	e = conns_new(n->env.base, &n->limits, &events, &n->conns);
	return e == ERR_OK ? auth_new(&auth, &n->auth) : e;
}

enum err
net_new(const struct net_env *env, struct net **out)
{
	static const struct net_limits preset = NET_LIMITS_PRESET;
	struct net *n;
	enum err e;

	if (sodium_init() < 0 || (n = calloc(1, sizeof(*n))) == NULL)
		return ERR_NOMEM;
	n->env = *env;
	n->limits = env->limits != NULL ? *env->limits : preset;
	if (n->env.country == NULL)
		n->env.country = "86";
	crypto_generichash(n->key, sizeof(n->key),
	    (const unsigned char *)env->token_key.p, env->token_key.len, NULL,
	    0);
	n->env.token_key = (struct str){ NULL, 0 };
	TAILQ_INIT(&n->sessions);
	TAILQ_INIT(&n->touched);
	agent_news_fill(&n->news);
	n->news.saved = on_saved;
	n->news.order = feed_order;
	n->news.committed = feed_committed;
	n->news.nack = feed_nack;
	n->news.resend = feed_resend;
	n->news.arg = n;
	if ((e = open_parts(n)) != ERR_OK)
		net_free(&n);
	else
		*out = n;
	return e;
}

enum err
net_listen(struct net *n)
{
	return listeners_new(n->env.base, n->env.listen, n->env.n_listen,
	    n->env.fds, n->env.n_fds, n->conns, &n->listeners);
}

void
net_shutdown(struct net *n)
{
	struct session *s;

	n->shutting_down = true;
	listeners_free(&n->listeners);
	TAILQ_FOREACH (s, &n->sessions, entry)
		session_end(s, MASHANG__CODE__CODE_SHUTDOWN, ERR_OK);
	conns_end(n->conns);
}

void
net_free(struct net **p)
{
	struct net *n = *p;
	struct switch_id *sw, *next;

	if (n == NULL)
		return;
	listeners_free(&n->listeners);
	conns_free(&n->conns);
	auth_free(&n->auth);
	if (n->switches_reading != NULL)
		n->switches_reading->net = NULL;
	HASH_ITER(hh, n->switches, sw, next)
	{
		HASH_DEL(n->switches, sw);
		free(sw);
	}
	free(n->agents);
	arena_free(&n->scratch);
	sodium_memzero(n->key, sizeof(n->key));
	free(n);
	*p = NULL;
}

uint64_t
net_frames(const struct net *n)
{
	struct conns_stats c;

	conns_stats(n->conns, &c);
	return c.frames_in;
}

void
net_stats(const struct net *n, struct net_stats *out)
{
	struct conns_stats c;

	conns_stats(n->conns, &c);
	*out = n->stats;
	out->connections = c.opened;
	out->frames_in = c.frames_in;
	out->frames_out = c.frames_out;
	out->frames_rejected = c.frames_rejected;
	out->open = c.open;
	out->strangers = c.strangers;
}
