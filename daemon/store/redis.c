/*
 * redis.c - the ACD that is acd.lua, in a Redis.
 *
 * Commands gather in a batch; at the end of the loop pass it goes out as one
 * FCALL.  At most WINDOW batches are on their way; what comes meanwhile fills
 * the last one in the list, so the busier we are the larger they get, and no
 * more than WINDOW * BATCH_BYTES ever wait in the socket's buffer.
 *
 * A reset goes through the same list, so it keeps its place among the
 * commands.  When the connection is lost everything in the list fails, in
 * order, and nothing is taken until the next reset.
 */
#include "store/acd.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include <event2/event.h>
#include <hiredis/hiredis.h>

#include "base/log.h"
#include "store/redis_conn.h"
#include "store/redis_wire.h"

#include "acd_lua.h"

/* Redis serves nobody else while it runs one, about 1 ms; ten times as many
 * would be hardly faster, one at a time is three times slower. */
#define BATCH_COMMANDS 100
#define BATCH_BYTES (8 * 1024)
#define WINDOW 8
#define BATCHES_MAX 2560 /* in all: 256,000 commands of usual size */
#define SPARES 16
#define CHECK_MS 200

struct batch {
	TAILQ_ENTRY(batch) entry;
	struct redis_acd *acd;
	uint32_t generation;
	bool is_reset;
	unsigned n;
	size_t len;
	struct {
		acd_done_fn *done;
		void *arg;
	} commands[BATCH_COMMANDS];
	uint8_t bytes[BATCH_BYTES];
};

TAILQ_HEAD(batches, batch);

struct redis_acd {
	struct acd acd;
	struct acd_events events;
	struct redis_conn *conn;
	struct event *flush, *check;
	char *stem;
	uint32_t generation; /* 0: no reset since it came up */
	bool counted;        /* the reset is done, the counts are right */
	bool was_idle;
	bool closing;
	unsigned n_commands, n_batches, n_sent, n_spares;
	struct batches unsent, spares;
	struct acd_stats stats;
};

static const struct acd_reply io_reply = { .err = ERR_IO };

static inline struct redis_acd *
redis(struct acd *a)
{
	return (struct redis_acd *)(void *)a;
}

static inline const struct redis_acd *
const_redis(const struct acd *a)
{
	return (const struct redis_acd *)(const void *)a;
}

/* --------------------------------------------------------------- batches */

static struct batch *
batch_new(struct redis_acd *r)
{
	struct batch *b = TAILQ_FIRST(&r->spares);

	if (b != NULL) {
		TAILQ_REMOVE(&r->spares, b, entry);
		r->n_spares--;
	} else if ((b = malloc(sizeof(*b))) == NULL) {
		return NULL;
	}
	b->acd = r;
	b->generation = r->generation;
	b->is_reset = false;
	b->n = 0;
	b->len = 0;
	r->n_batches++;
	return b;
}

static void
batch_free(struct redis_acd *r, struct batch *b)
{
	r->n_batches--;
	if (r->n_spares == SPARES) {
		free(b);
		return;
	}
	TAILQ_INSERT_HEAD(&r->spares, b, entry);
	r->n_spares++;
}

static void
answer(struct redis_acd *r, struct batch *b, unsigned i,
    const struct acd_reply *reply)
{
	r->n_commands--;
	r->stats.effects += reply->n_effects;
	r->stats.failures += reply->err == ERR_IO;
	b->commands[i].done(b->commands[i].arg, reply);
}

static void
batch_fail(struct redis_acd *r, struct batch *b, unsigned from)
{
	for (unsigned i = from; i < b->n; i++)
		answer(r, b, i, &io_reply);
	batch_free(r, b);
}

/* NULL if every command has its answer. */
static const char *
batch_deliver(
    struct redis_acd *r, struct batch *b, const struct redisReply *reply)
{
	struct wire_reply w = { (const uint8_t *)reply->str, reply->len };
	struct acd_effect effects[ACD_MAX_EFFECTS];
	int32_t waiting = 0, ready = 0;
	struct acd_reply one;
	unsigned i;

	for (i = 0; i < b->n; i++) {
		if (wire_get_reply(&w, b->generation, effects, &one) != ERR_OK)
			break;
		answer(r, b, i, &one);
	}
	if (i < b->n || wire_get_counts(&w, &waiting, &ready) != ERR_OK) {
		batch_fail(r, b, i);
		return "a strange reply to FCALL";
	}
	r->stats.waiting += waiting;
	r->stats.ready += ready;
	batch_free(r, b);
	return NULL;
}

static const char *
batch_reply(void *arg, const struct redisReply *reply)
{
	struct batch *b = arg;
	struct redis_acd *r = b->acd;

	r->n_sent--;
	if (!TAILQ_EMPTY(&r->unsent))
		event_active(r->flush, 0, 0);
	if (reply == NULL) {
		batch_fail(r, b, 0);
		return NULL;
	}
	if (reply->type == REDIS_REPLY_STRING && !b->is_reset)
		return batch_deliver(r, b, reply);
	if (reply->type == REDIS_REPLY_STATUS && b->is_reset) {
		r->counted = true;
		r->stats.waiting = r->stats.ready = 0;
		batch_free(r, b);
		return NULL;
	}
	batch_fail(r, b, 0);
	return reply->type == REDIS_REPLY_ERROR ? reply->str
	                                        : "a strange reply to FCALL";
}

static enum err
batch_send(struct redis_acd *r, struct batch *b)
{
	char generation[16];
	const char *argv[] = { "FCALL",
		b->is_reset ? "mashang_v1_reset" : "mashang_v1_run", "1",
		r->stem, generation, (const char *)b->bytes };
	size_t lens[] = { 5, strlen(argv[1]), 1, strlen(r->stem), 0, b->len };

	lens[4] = (size_t)snprintf(
	    generation, sizeof(generation), "%u", b->generation);
	return redis_conn_send(
	    r->conn, b->is_reset ? 5 : 6, argv, lens, batch_reply, b);
}

/* Without memory the rest stays in the list, for the next reply or check. */
static void
flush_cb(evutil_socket_t fd, short what, void *arg)
{
	struct redis_acd *r = arg;
	struct batch *b;

	(void)fd;
	(void)what;
	while (r->n_sent < WINDOW && (b = TAILQ_FIRST(&r->unsent)) != NULL) {
		if (batch_send(r, b) != ERR_OK)
			return;
		TAILQ_REMOVE(&r->unsent, b, entry);
		r->n_sent++;
	}
}

/* The one that still takes a command; NULL: a new one is needed. */
static struct batch *
open_batch(struct redis_acd *r)
{
	struct batch *b = TAILQ_LAST(&r->unsent, batches);

	if (b == NULL || b->is_reset || b->generation != r->generation ||
	    b->n == BATCH_COMMANDS || b->len > BATCH_BYTES - WIRE_COMMAND_MAX)
		return NULL;
	return b;
}

static enum err
add_batch(struct redis_acd *r, struct batch **out)
{
	if (r->n_batches == BATCHES_MAX)
		return ERR_BUSY;
	if ((*out = batch_new(r)) == NULL)
		return ERR_NOMEM;
	TAILQ_INSERT_TAIL(&r->unsent, *out, entry);
	event_active(r->flush, 0, 0);
	return ERR_OK;
}

/* ------------------------------------------------------ the connection's */

static void
on_up(void *arg)
{
	struct redis_acd *r = arg;

	r->events.up(r->events.arg);
}

static void
on_lost(void *arg, const char *why)
{
	struct redis_acd *r = arg;
	struct batch *b;

	r->generation = 0;
	r->counted = false;
	while ((b = TAILQ_FIRST(&r->unsent)) != NULL) {
		TAILQ_REMOVE(&r->unsent, b, entry);
		batch_fail(r, b, 0);
	}
	if (!r->closing)
		r->events.lost(r->events.arg, why);
}

/* Idle for a whole turn: a batch of nothing asks for the generation. */
static void
check_cb(evutil_socket_t fd, short what, void *arg)
{
	struct redis_acd *r = arg;
	bool idle = r->generation != 0 && r->n_batches == 0;
	struct batch *b;

	if (idle && r->was_idle && add_batch(r, &b) != ERR_OK)
		idle = false; /* next time */
	else if (!TAILQ_EMPTY(&r->unsent))
		flush_cb(fd, what, r);
	r->was_idle = idle;
}

/* --------------------------------------------------------------- the ACD */

static enum err
redis_send(
    struct acd *acd, const struct acd_cmd *cmd, acd_done_fn *done, void *arg)
{
	struct redis_acd *r = redis(acd);
	struct batch *b;
	enum err e;

	if (r->generation == 0 || !redis_conn_is_up(r->conn))
		return ERR_IO;
	if ((b = open_batch(r)) == NULL && (e = add_batch(r, &b)) != ERR_OK)
		return e;
	b->len += wire_put_command(b->bytes + b->len, cmd, b->generation);
	b->commands[b->n].done = done;
	b->commands[b->n].arg = arg;
	b->n++;
	r->n_commands++;
	r->stats.commands++;
	return ERR_OK;
}

static unsigned
redis_in_flight(const struct acd *acd)
{
	return const_redis(acd)->n_commands;
}

static enum err
redis_reset(struct acd *acd, uint32_t generation)
{
	struct redis_acd *r = redis(acd);
	struct batch *b;
	enum err e;

	assert(generation != 0);
	if (!redis_conn_is_up(r->conn))
		return ERR_IO;
	if ((e = add_batch(r, &b)) != ERR_OK)
		return e;
	b->is_reset = true;
	b->generation = r->generation = generation;
	r->counted = false;
	r->stats.rebuilds++;
	return ERR_OK;
}

static void
redis_stats(const struct acd *acd, struct acd_stats *out)
{
	const struct redis_acd *r = const_redis(acd);

	*out = r->stats;
	out->reconnects = redis_conn_reconnects(r->conn);
	if (!r->counted)
		out->waiting = out->ready = -1;
}

static void
redis_free(struct acd *acd)
{
	struct redis_acd *r = redis(acd);
	struct batch *b;

	r->closing = true;
	r->generation = 0;
	redis_conn_free(&r->conn);
	on_lost(r, NULL);
	while ((b = TAILQ_FIRST(&r->spares)) != NULL) {
		TAILQ_REMOVE(&r->spares, b, entry);
		free(b);
	}
	if (r->flush != NULL)
		event_free(r->flush);
	if (r->check != NULL)
		event_free(r->check);
	free(r->stem);
	free(r);
}

static const struct acd_ops redis_ops = {
	.name = "redis",
	.send = redis_send,
	.in_flight = redis_in_flight,
	.reset = redis_reset,
	.stats = redis_stats,
	.free = redis_free,
};

/* Hash tags: all keys of ours in one slot, should it be a cluster one day. */
static enum err
make_stem(struct redis_acd *r, const char *prefix, const char *node)
{
	if (asprintf(&r->stem, "{%s}:acd%s%s", prefix, node != NULL ? ":" : "",
		node != NULL ? node : "") == -1) {
		r->stem = NULL;
		return ERR_NOMEM;
	}
	return ERR_OK;
}

static enum err
make_events(struct redis_acd *r, struct event_base *base)
{
	static const struct timeval every = { .tv_usec = CHECK_MS * 1000 };

	r->flush = event_new(base, -1, 0, flush_cb, r);
	r->check = event_new(base, -1, EV_PERSIST, check_cb, r);
	if (r->flush == NULL || r->check == NULL ||
	    event_add(r->check, &every) != 0)
		return ERR_NOMEM;
	return ERR_OK;
}

enum err
redis_acd_new(struct event_base *base, const struct acd_redis_options *o,
    const struct acd_events *events, struct acd **out)
{
	const struct redis_conn_options co = {
		.address = o->address,
		.user = o->user,
		.password = o->password,
		.library = "mashang_v1",
		.code = acd_lua,
		.code_len = sizeof(acd_lua),
		.timeout_us = o->timeout_us,
	};
	struct redis_acd *r = calloc(1, sizeof(*r));
	const struct redis_conn_events ce = { on_up, on_lost, r };
	struct acd *acd;
	enum err e;

	if (r == NULL)
		return ERR_NOMEM;
	acd = &r->acd;
	acd->ops = &redis_ops;
	TAILQ_INIT(&r->unsent);
	TAILQ_INIT(&r->spares);
	r->events = *events;
	if ((e = make_stem(r, o->prefix, o->node)) != ERR_OK ||
	    (e = make_events(r, base)) != ERR_OK ||
	    (e = redis_conn_new(base, &co, &ce, &r->conn)) != ERR_OK) {
		redis_free(acd);
		return e;
	}
	*out = acd;
	return ERR_OK;
}
