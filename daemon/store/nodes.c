/*
 * nodes.c - a renewal each fifth of a lease, and the map that it brings.
 */
#include "store/nodes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>
#include <hiredis/hiredis.h>

#include "base/clock.h"
#include "base/fence.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/process.h"
#include "store/redis_conn.h"

#include "nodes_lua.h"

#define RENEWALS 5    /* in a lease */
#define PATIENCE 2    /* leases, with a name that is taken */
#define ARGS_MAX 2056 /* of a renewal: a thousand switches */

/* Another node, by the last renewal. */
struct other {
	char *name, *where;
	int64_t until; /* loop time: its lease is over, as far as we know */
	UT_hash_handle hh;
};

/* A switch that somebody has taken; here, too, from when its bridge came. */
struct place {
	char *name, *node;
	uint64_t counter; /* of `node'; 0: not known */
	bool ours;        /* its newest bridge, as far as we know, is here */
	bool taking;      /* asked for, and not answered */
	bool told;        /* that it is elsewhere */
	UT_hash_handle hh;
};

struct nodes {
	struct redis_conn *conn;
	struct event *timer;
	struct nodes_events events;
	enum nodes_state state;
	char *stem, *name, *token, *advertise, *prefix;
	char lease_ms[24], grace_ms[24];
	int64_t lease_us;
	int64_t asked_at;    /* of the renewal on its way; 0: none is */
	int64_t taken_since; /* the name is another's; 0: not */
	int64_t mapped_at;   /* loop time of the last map; 0: none */
	bool met;
	struct other *others;
	struct place *places;
};

struct taking {
	struct nodes *nodes;
	struct place *place;
};

/* --------------------------------------------------------------- the map */

static struct other *
other_get(struct nodes *n, const char *name, size_t len)
{
	struct other *o;

	HASH_FIND(hh, n->others, name, len, o);
	if (o != NULL)
		return o;
	if ((o = calloc(1, sizeof(*o))) == NULL ||
	    (o->name = strndup(name, len)) == NULL) {
		free(o);
		return NULL;
	}
	HASH_ADD_KEYPTR(hh, n->others, o->name, len, o);
	if (HASH_ADD_OK(hh, o))
		return o;
	free(o->name);
	free(o);
	return NULL;
}

static struct place *
place_get(struct nodes *n, const char *name, size_t len)
{
	struct place *p;

	HASH_FIND(hh, n->places, name, len, p);
	if (p != NULL)
		return p;
	if ((p = calloc(1, sizeof(*p))) == NULL ||
	    (p->name = strndup(name, len)) == NULL) {
		free(p);
		return NULL;
	}
	HASH_ADD_KEYPTR(hh, n->places, p->name, len, p);
	if (HASH_ADD_OK(hh, p))
		return p;
	free(p->name);
	free(p);
	return NULL;
}

static const struct other *
living(const struct nodes *n, const char *name)
{
	struct other *o = NULL;

	if (name != NULL)
		HASH_FIND(hh, n->others, name, strlen(name), o);
	return o != NULL && o->until > clock_loop() ? o : NULL;
}

static bool
set_text(char **to, const char *text)
{
	char *copy;

	if (*to != NULL && strcmp(*to, text) == 0)
		return true;
	if ((copy = strdup(text)) == NULL)
		return false;
	free(*to);
	*to = copy;
	return true;
}

bool
nodes_lapsed(const struct nodes *n, const char *name)
{
	const struct other *o;

	HASH_FIND(hh, n->others, name, strlen(name), o);
	return o != NULL && o->until == 0 && n->mapped_at != 0 &&
	       clock_loop() - n->mapped_at < n->lease_us;
}

const char *
nodes_elsewhere(const struct nodes *n, struct str name)
{
	const struct other *o;
	struct place *p;

	HASH_FIND(hh, n->places, name.p, name.len, p);
	if (p == NULL || p->ours)
		return NULL;
	o = living(n, p->node);
	return o != NULL ? o->where : NULL;
}

/* -------------------------------------------------------- reading replies */

static bool
is_text(const struct redisReply *r)
{
	return r->type == REDIS_REPLY_STRING;
}

static bool
is_list(const struct redisReply *r, size_t of)
{
	return r->type == REDIS_REPLY_ARRAY && r->elements % of == 0;
}

static void
take_other(struct nodes *n, struct redisReply *const *r, int64_t asked_at)
{
	struct other *o;

	if (!is_text(r[0]) || r[1]->type != REDIS_REPLY_INTEGER ||
	    !is_text(r[2]) || strcmp(r[0]->str, n->name) == 0)
		return;
	o = other_get(n, r[0]->str, r[0]->len);
	if (o == NULL || !set_text(&o->where, r[2]->str))
		return;
	o->until = r[1]->integer > 0 ? asked_at + r[1]->integer * 1000 : 0;
	if (o->until == 0 || n->met)
		return;
	n->met = true;
	log_info(LOG_STORE, "node=%s is there, too, at %s", o->name, o->where);
	n->events.met(n->events.arg);
}

static void
take_place(struct nodes *n, struct redisReply *const *r)
{
	struct place *p;
	const struct other *o;
	uint64_t counter;
	bool tell;

	if (!is_text(r[0]) || !is_text(r[1]) ||
	    r[2]->type != REDIS_REPLY_INTEGER)
		return;
	counter = (uint64_t)r[2]->integer;
	p = place_get(n, r[0]->str, r[0]->len);
	/* Ours with a lower counter than ours: it is about to be corrected. */
	if (p == NULL || p->taking || (p->ours && counter <= p->counter))
		return;
	if (!set_text(&p->node, r[1]->str))
		return;
	p->ours = false; /* also of our name: by an earlier process */
	o = living(n, p->node);
	tell = o != NULL && (!p->told || counter != p->counter);
	p->told = o != NULL;
	p->counter = counter;
	if (tell)
		n->events.moved(n->events.arg, str_of(p->name), o->where);
}

static const char *
ignore(void *arg, const struct redisReply *r)
{
	(void)arg;
	(void)r;
	return NULL;
}

static void
ask(struct nodes *n, int argc, const char *const *argv, redis_reply_fn *fn,
    void *arg)
{
	size_t lens[8];

	for (int i = 0; i < argc; i++)
		lens[i] =
		    strlen(argv[i]); /* NOLINT: there is none that lacks */
	if (redis_conn_send(n->conn, argc, argv, lens, fn, arg) != ERR_OK &&
	    fn != ignore)
		(void)fn(arg, NULL);
}

/* What it had in its ACD is of no use to anybody; the library is there, since
 * every daemon loads it. */
static void
sweep(struct nodes *n, const char *name)
{
	char stem[160];
	const char *reset[] = { "FCALL", "mashang_v1_reset", "1", stem, "0" };
	const char *forget[] = { "DEL", stem };

	snprintf(stem, sizeof(stem), "{%s}:acd:%.64s", n->prefix, name);
	ask(n, NELEM(reset), reset, ignore, NULL);
	ask(n, NELEM(forget), forget, ignore, NULL);
	log_info(LOG_STORE, "node=%s is dead: what it left is swept", name);
	n->events.dead(n->events.arg, name);
}

static const char *
take_map(struct nodes *n, const struct redisReply *r, int64_t asked_at)
{
	struct redisReply *const *e = r->element;

	if (r->elements != 4 || !is_list(e[1], 3) || !is_list(e[2], 3) ||
	    !is_list(e[3], 1))
		return "a strange map of nodes";
	n->mapped_at = asked_at;
	for (size_t i = 0; i < e[1]->elements; i += 3)
		take_other(n, e[1]->element + i, asked_at);
	for (size_t i = 0; i < e[2]->elements; i += 3)
		take_place(n, e[2]->element + i);
	for (size_t i = 0; i < e[3]->elements; i++)
		if (is_text(e[3]->element[i]))
			sweep(n, e[3]->element[i]->str);
	return NULL;
}

/* --------------------------------------------------------------- the name */

static void
release(struct nodes *n, const char *token)
{
	const char *argv[] = { "FCALL", "mashang_nodes_v1_release", "1",
		n->stem, n->name, token };

	ask(n, NELEM(argv), argv, ignore, NULL);
}

static void
set_timer(struct nodes *n, int64_t us)
{
	struct timeval tv = { us / CLOCK_S, us % CLOCK_S };

	event_add(n->timer, &tv);
}

static void
taken(struct nodes *n, const char *token, const char *where)
{
	int64_t now = clock_loop();

	if (process_is_gone(token)) {
		release(n, token);
		set_timer(n, 0);
		return;
	}
	if (n->taken_since == 0) {
		n->taken_since = now;
		log_warn(LOG_STORE,
		    "node=%s is held by another process at %s; waiting whether "
		    "it lives",
		    n->name, where);
	}
	if (now - n->taken_since < PATIENCE * n->lease_us)
		return;
	n->state = NODES_REFUSED;
	n->events.refused(n->events.arg, where);
}

static const char *
renewed(void *arg, const struct redisReply *r)
{
	struct nodes *n = arg;
	int64_t asked_at = n->asked_at;
	bool is_answer = r != NULL && r->type == REDIS_REPLY_ARRAY &&
	                 r->elements >= 3 && is_text(r->element[0]);

	n->asked_at = 0;
	if (r == NULL)
		return NULL;
	if (r->type == REDIS_REPLY_ERROR)
		return r->str;
	if (!is_answer)
		return "a strange reply to FCALL";
	if (strcmp(r->element[0]->str, "taken") == 0) {
		if (is_text(r->element[1]) && is_text(r->element[2]))
			taken(n, r->element[1]->str, r->element[2]->str);
		return NULL;
	}
	n->taken_since = 0;
	n->state = NODES_HELD;
	n->events.renewed(n->events.arg, asked_at);
	return take_map(n, r, clock_loop());
}

/* Ours, and answered, so that Redis may be told if it has forgotten. */
static unsigned
add_places(const struct nodes *n, const char **argv, unsigned at, char *text)
{
	for (struct place *p = n->places; p != NULL; p = p->hh.next) {
		if (!p->ours || p->taking || p->counter == 0 ||
		    at + 2 > ARGS_MAX)
			continue;
		argv[at++] = p->name;
		argv[at++] = text;
		text +=
		    snprintf(text, 24, "%llu", (unsigned long long)p->counter) +
		    1;
	}
	return at;
}

static void
renew(struct nodes *n)
{
	const char *argv[ARGS_MAX] = { "FCALL", "mashang_nodes_v1_renew", "1",
		n->stem, n->name, n->token, n->lease_ms, n->grace_ms,
		n->advertise };
	size_t lens[ARGS_MAX];
	char *text = malloc((size_t)ARGS_MAX * 24);
	unsigned argc;

	if (text == NULL)
		return; /* next time */
	argc = add_places(n, argv, 9, text);
	for (unsigned i = 0; i < argc; i++)
		lens[i] = strlen(argv[i]);
	n->asked_at = fence_clock();
	if (redis_conn_send(n->conn, (int)argc, argv, lens, renewed, n) !=
	    ERR_OK)
		n->asked_at = 0;
	free(text);
}

static void
timer_cb(evutil_socket_t fd, short what, void *arg)
{
	struct nodes *n = arg;

	(void)fd;
	(void)what;
	if (n->state == NODES_REFUSED)
		return;
	set_timer(n, n->lease_us / RENEWALS);
	if (redis_conn_is_up(n->conn) && n->asked_at == 0)
		renew(n);
	else if (n->state == NODES_ASKING && redis_conn_reconnects(n->conn) > 0)
		n->state = NODES_AWAY;
}

/* -------------------------------------------------------------- switches */

static const char *
taken_over(void *arg, const struct redisReply *r)
{
	struct taking *t = arg;
	struct place *p = t->place;
	struct nodes *n = t->nodes;

	free(t);
	p->taking = false;
	if (r == NULL) /* again when it is back */
		return NULL;
	if (r->type != REDIS_REPLY_INTEGER)
		return r->type == REDIS_REPLY_ERROR
		           ? r->str
		           : "a strange reply to FCALL";
	p->counter = (uint64_t)r->integer;
	log_info(LOG_STORE, "switch=%s lives here: counter=%llu", p->name,
	    (unsigned long long)p->counter);
	return set_text(&p->node, n->name) ? NULL : "no memory";
}

static void
take(struct nodes *n, struct place *p)
{
	char counter[24];
	const char *argv[] = { "FCALL", "mashang_nodes_v1_take", "1", n->stem,
		n->name, p->name, counter };
	struct taking *t;

	if (!redis_conn_is_up(n->conn) || (t = malloc(sizeof(*t))) == NULL)
		return;
	*t = (struct taking){ n, p };
	snprintf(
	    counter, sizeof(counter), "%llu", (unsigned long long)p->counter);
	p->taking = true;
	ask(n, NELEM(argv), argv, taken_over, t);
}

void
nodes_attach(struct nodes *n, struct str name)
{
	struct place *p = place_get(n, name.p, name.len);

	if (p == NULL)
		return;
	p->ours = true;
	take(n, p);
}

/* ------------------------------------------------------ coming and going */

static void
on_up(void *arg)
{
	struct nodes *n = arg;

	set_timer(n, 0);
	for (struct place *p = n->places; p != NULL; p = p->hh.next)
		if (p->ours &&
		    (p->node == NULL || strcmp(p->node, n->name) != 0))
			take(n, p);
}

static void
on_lost(void *arg, const char *why)
{
	struct nodes *n = arg;

	(void)why;
	n->asked_at = 0;
	if (n->state == NODES_ASKING || n->state == NODES_HELD)
		n->state = NODES_AWAY;
}

enum nodes_state
nodes_state(const struct nodes *n)
{
	return n->state;
}

static enum err
copy_options(struct nodes *n, const struct nodes_options *o)
{
	snprintf(n->lease_ms, sizeof(n->lease_ms), "%lld",
	    (long long)(o->lease_us / 1000));
	snprintf(n->grace_ms, sizeof(n->grace_ms), "%lld",
	    (long long)(o->grace_us / 1000));
	n->lease_us = o->lease_us;
	if (asprintf(&n->stem, "{%s}", o->prefix) == -1) {
		n->stem = NULL;
		return ERR_NOMEM;
	}
	n->prefix = strdup(o->prefix);
	n->name = strdup(o->name);
	n->token = strdup(o->token);
	n->advertise = strdup(o->advertise);
	return n->prefix != NULL && n->name != NULL && n->token != NULL &&
	               n->advertise != NULL
	           ? ERR_OK
	           : ERR_NOMEM;
}

enum err
nodes_new(struct event_base *base, const struct nodes_options *o,
    const struct nodes_events *events, struct nodes **out)
{
	const struct redis_conn_options co = {
		.address = o->address,
		.user = o->user,
		.password = o->password,
		.library = "mashang_nodes_v1",
		.code = nodes_lua,
		.code_len = sizeof(nodes_lua),
		.timeout_us = CLOCK_S,
	};
	struct nodes *n = calloc(1, sizeof(*n));
	const struct redis_conn_events ce = { on_up, on_lost, n };
	enum err e;

	if (n == NULL)
		return ERR_NOMEM;
	n->state = NODES_ASKING;
	n->events = *events;
	if (copy_options(n, o) != ERR_OK ||
	    (n->timer = evtimer_new(base, timer_cb, n)) == NULL) {
		nodes_free(&n);
		return ERR_NOMEM;
	}
	if ((e = redis_conn_new(base, &co, &ce, &n->conn)) != ERR_OK) {
		nodes_free(&n);
		return e;
	}
	set_timer(n, n->lease_us / RENEWALS);
	*out = n;
	return ERR_OK;
}

static void
free_map(struct nodes *n)
{
	struct other *o, *on;
	struct place *p, *pn;

	HASH_ITER(hh, n->others, o, on)
	{
		HASH_DELETE(hh, n->others, o);
		free(o->name);
		free(o->where);
		free(o);
	}
	HASH_ITER(hh, n->places, p, pn)
	{
		HASH_DELETE(hh, n->places, p);
		free(p->name);
		free(p->node);
		free(p);
	}
}

void
nodes_free(struct nodes **np)
{
	struct nodes *n = *np;

	*np = NULL;
	if (n == NULL)
		return;
	if (n->conn != NULL && n->state == NODES_HELD)
		release(n, n->token);
	redis_conn_free(&n->conn);
	if (n->timer != NULL)
		event_free(n->timer);
	free_map(n);
	free(n->stem);
	free(n->prefix);
	free(n->name);
	free(n->token);
	free(n->advertise);
	free(n);
}
