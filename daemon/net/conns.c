/*
 * conns.c - all connections: the loop's passes, deadlines and heart-beats.
 *
 * Deadlines of one kind all last equally long, so each kind is a list in the
 * order of falling due, and one timer looks at the heads.
 */
#include <event2/buffer.h>
#include <event2/event.h>
#include <stdlib.h>

#include "base/clock.h"
#include "frame.h"
#include "net/conn_own.h"

#define DECODE_CAP (1024 * 1024)
#define SILENCE 3 /* heart-beats without a byte */

void
conns_tell_room(struct conns *all)
{
	bool room = conns_have_room(all);

	if (room == all->had_room)
		return;
	all->had_room = room;
	all->events.accepting(all->events.arg, room);
}

bool
conns_awake(struct conns *all)
{
	return all->events.awake == NULL || all->events.awake(all->events.arg);
}

void
conns_mute(struct conns *all)
{
	struct conn *c;

	TAILQ_FOREACH (c, &all->list, entry)
		evbuffer_drain(c->out, evbuffer_get_length(c->out));
}

/* ------------------------------------------------------- passes and ticks */

static void
busy_cb(evutil_socket_t fd, short what, void *arg)
{
	struct conns *all = arg;
	struct conn_list turn;
	struct conn *c;

	(void)fd;
	(void)what;
	if (!conns_awake(all))
		return;
	TAILQ_INIT(&turn);
	TAILQ_CONCAT(&turn, &all->busy, busy_entry);
	while ((c = TAILQ_FIRST(&turn)) != NULL) {
		TAILQ_REMOVE(&turn, c, busy_entry);
		c->busy = false;
		if (!c->ending)
			conn_take_turn(c);
	}
}

static void
pass_cb(evutil_socket_t fd, short what, void *arg)
{
	struct conns *all = arg;
	struct conn *c;

	(void)fd;
	(void)what;
	if (!conns_awake(all))
		return;
	all->events.pass(all->events.arg);
	while ((c = TAILQ_FIRST(&all->dirty)) != NULL) {
		TAILQ_REMOVE(&all->dirty, c, dirty_entry);
		c->dirty = false;
		conn_flush(c);
	}
	while ((c = TAILQ_FIRST(&all->closing)) != NULL) {
		TAILQ_REMOVE(&all->closing, c, closing_entry);
		if (c->peer != NULL)
			all->events.closed(c->peer);
		c->peer = NULL;
		conn_linger(c);
	}
}

void
conns_wake(struct conns *all)
{
	/* Runs after all that is active in this pass. */
	event_active(all->ev_pass, EV_TIMEOUT, 0);
}

static void
look_at_heartbeats(struct conns *all, int64_t now)
{
	int64_t beat = (int64_t)all->limits.heartbeat_ms * 1000;
	int64_t say = all->say_us;
	struct conn *c;

	while ((c = TAILQ_FIRST(&all->heard)) != NULL &&
	       now - c->heard_at >= SILENCE * beat)
		conn_close(c, ERR_TIMEOUT);
	while (
	    (c = TAILQ_FIRST(&all->sent)) != NULL && now - c->sent_at >= say) {
		conn_set_sent(
		    c); /* moves it to the end, also if it takes nothing */
		all->events.idle(
		    c->peer, say == beat || now - c->heard_at >= beat);
	}
}

static void
tick_cb(evutil_socket_t fd, short what, void *arg)
{
	struct conns *all = arg;
	int64_t now = clock_loop();
	struct conn *c;

	(void)fd;
	(void)what;
	if (!conns_awake(all))
		return;
	for (enum due kind = DUE_LOGIN; kind <= DUE_FRAME; kind++)
		while ((c = TAILQ_FIRST(&all->due[kind])) != NULL &&
		       c->due_at <= now)
			conn_close(c, ERR_TIMEOUT);
	while ((c = TAILQ_FIRST(&all->due[DUE_LINGER])) != NULL &&
	       c->due_at <= now)
		conn_destroy(c);
	look_at_heartbeats(all, now);
}

/* -------------------------------------------------------------- interface */

static struct timeval
tick_of(const struct net_limits *l)
{
	unsigned ms = l->login_ms,
		 all[] = { l->frame_ms, l->heartbeat_ms, l->linger_ms };

	for (size_t i = 0; i < NELEM(all); i++)
		if (all[i] < ms)
			ms = all[i];
	ms = ms / 4 < 5 ? 5 : ms / 4;
	return (struct timeval){ ms / 1000, (ms % 1000) * 1000 };
}

void
conns_beat(struct conns *all, unsigned ms)
{
	struct timeval tick = { 0, 50000 };

	all->say_us = (int64_t)ms * 1000;
	if (ms / 8 < 50)
		tick.tv_usec = (suseconds_t)(ms / 8 + 1) * 1000;
	event_add(all->ev_tick, &tick);
}

enum err
conns_new(struct event_base *base, const struct net_limits *limits,
    const struct conn_events *events, struct conns **out)
{
	struct timeval tick = tick_of(limits);
	struct conns *all;

	if ((all = calloc(1, sizeof(*all))) == NULL)
		return ERR_NOMEM;
	all->base = base;
	all->limits = *limits;
	all->events = *events;
	all->had_room = true;
	all->say_us = (int64_t)limits->heartbeat_ms * 1000;
	TAILQ_INIT(&all->list);
	TAILQ_INIT(&all->heard);
	TAILQ_INIT(&all->sent);
	TAILQ_INIT(&all->dirty);
	TAILQ_INIT(&all->busy);
	TAILQ_INIT(&all->closing);
	for (int i = 0; i < DUE_NKINDS; i++)
		TAILQ_INIT(&all->due[i]);
	all->decoder = frame_memory_new(DECODE_CAP);
	all->ev_pass = event_new(base, -1, EV_PERSIST, pass_cb, all);
	all->ev_busy = evtimer_new(base, busy_cb, all);
	all->ev_tick = event_new(base, -1, EV_PERSIST, tick_cb, all);
	if (all->decoder == NULL || all->ev_pass == NULL ||
	    all->ev_busy == NULL || all->ev_tick == NULL ||
	    event_add(all->ev_tick, &tick) != 0) {
		conns_free(&all);
		return ERR_NOMEM;
	}
	*out = all;
	return ERR_OK;
}

void
conns_end(struct conns *all)
{
	struct conn *c;

	TAILQ_FOREACH (c, &all->list, entry)
		conn_close(c, ERR_OK);
	while ((c = TAILQ_FIRST(&all->list)) != NULL) {
		if (c->state == CONN_CLOSING)
			TAILQ_REMOVE(&all->closing, c, closing_entry);
		conn_flush(c);
		if (c->peer != NULL)
			all->events.closed(c->peer);
		conn_destroy(c);
	}
}

void
conns_free(struct conns **p)
{
	struct conns *all = *p;

	if (all == NULL)
		return;
	conns_end(all);
	frame_memory_free(&all->decoder);
	if (all->ev_pass != NULL)
		event_free(all->ev_pass);
	if (all->ev_busy != NULL)
		event_free(all->ev_busy);
	if (all->ev_tick != NULL)
		event_free(all->ev_tick);
	free(all);
	*p = NULL;
}

bool
conns_are_flushed(const struct conns *all)
{
	return all->n_unread == 0 && TAILQ_EMPTY(&all->busy) &&
	       TAILQ_EMPTY(&all->closing);
}

bool
conns_have_room(const struct conns *all)
{
	return all->stats.strangers < all->limits.strangers &&
	       all->stats.open < all->limits.connections;
}

void
conns_stats(const struct conns *all, struct conns_stats *out)
{
	*out = all->stats;
}
