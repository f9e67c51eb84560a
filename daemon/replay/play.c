/*
 * play.c - see play.h: fire, settle, advance, react, and again.
 */
#include "replay/play_state.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"

#define AWAY_US (60 * CLOCK_S)   /* loop time: then we give up */
#define COMMIT_US (30 * CLOCK_S) /* loop time */
#define TICK_US (CLOCK_S / 5)    /* loop time */
#define SLICE_US (CLOCK_S / 20)  /* loop time between paced advances */
#define DAY_US (86400 * CLOCK_S)
#define IDLE_US (600 * CLOCK_S) /* domain time in which nothing happens */
#define HUMAN_HERE_SPEED 30
#define HUMAN_BUSY_SPEED 4

/* ------------------------------------------------------------------- loop */

/* Calls that were to come before `at'. */
static size_t
calls_before(const struct plan *p, int64_t at)
{
	size_t low = 0, high = p->n_calls;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (p->calls[mid].offered_at < at)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Events and notes that are not told as committed. */
static uint64_t
uncommitted(const struct play *p)
{
	return bridge_uncommitted(p->bridge) + agents_unsaved(p->agents);
}

static void
show(struct play *p)
{
	int64_t day = p->agenda.now - p->agenda.now % DAY_US;
	size_t before = calls_before(p->plan, day);
	struct play_view v = { .now = p->agenda.now,
		.counts = &p->sw->counts,
		.day_begun = calls_before(p->plan, p->agenda.now + 1) - before,
		.day_calls = calls_before(p->plan, day + DAY_US) - before,
		.uncommitted = uncommitted(p),
		.connected = bridge_is_ready(p->bridge),
		.waiting_for_commits = p->commit_loop_at != 0,
		.humans = admin_humans(p->admin),
		.speed = p->speed };

	p->show(p->arg, &v);
}

static void
tick_cb(evutil_socket_t fd, short what, void *arg)
{
	struct play *p = arg;

	(void)fd;
	(void)what;
	if (p->options.humans > 0)
		admin_ask_humans(p->admin);
	show(p);
}

static const char *
refused_why(const struct play *p)
{
	const char *why = admin_refused(p->admin);

	if (why == NULL)
		why = bridge_refused(p->bridge);
	return why != NULL ? why : agents_refused(p->agents);
}

enum err
play_turn(struct play *p, bool block)
{
	const char *why = refused_why(p);

	if (why != NULL) {
		fprintf(stderr,
		    "mashang-replay: the daemon has sent us away: %s\n", why);
		return ERR_AUTH;
	}
	if (admin_is_up(p->admin) && bridge_is_ready(p->bridge) &&
	    agents_are_ready(p->agents))
		p->ready_loop_at = clock_loop();
	else if (clock_loop() - p->ready_loop_at > AWAY_US) {
		fprintf(stderr, "mashang-replay: the daemon has been away "
				"for a minute\n");
		return ERR_TIMEOUT;
	}
	event_base_loop(p->base, block ? EVLOOP_ONCE : EVLOOP_NONBLOCK);
	return ERR_OK;
}

static bool
is_settled(const struct play *p)
{
	return admin_is_up(p->admin) && bridge_is_settled(p->bridge) &&
	       agents_are_settled(p->agents);
}

static enum err
settle(struct play *p)
{
	enum err e = ERR_OK;

	while (e == ERR_OK && !p->stop && !is_settled(p))
		e = play_turn(p, true);
	return e;
}

/* Until a look at the sockets brings nothing more. */
static enum err
drain(struct play *p)
{
	enum err e;

	do {
		p->woken = false;
		e = play_turn(p, false);
	} while (e == ERR_OK && p->woken);
	return e;
}

/* Orders first, then agents: true if there was anything. */
static bool
react(struct play *p)
{
	bool orders = bridge_react(p->bridge, p->agenda.now);

	p->woken = false;
	return agents_react(p->agents, p->agenda.now) || orders;
}

/* --------------------------------------------------------- the driven clock */

/* One instant that is due, if there is one: what it causes is over, at the
 * daemon and at its stores, before the next. */
static enum err
fire_one(struct play *p, bool *any)
{
	enum err e = settle(p);

	if (e != ERR_OK || p->stop || !agenda_fire(&p->agenda))
		return e;
	*any = true;
	return settle(p);
}

static enum err
advance(struct play *p, int64_t to)
{
	int64_t at = 0;
	enum err e = ERR_OK;

	if (p->stop)
		return ERR_OK;
	admin_advance(p->admin, to);
	while (e == ERR_OK && !p->stop && !admin_reached(p->admin, &at))
		e = play_turn(p, true);
	if (e == ERR_OK && at > p->agenda.now)
		p->agenda.now = at;
	show(p);
	return e == ERR_OK ? drain(p) : e;
}

static void
pace_from_here(struct play *p, double speed)
{
	p->speed = speed;
	p->pace_loop_at = clock_loop();
	p->pace_domain_at = p->agenda.now;
}

/* People at the keyboard cannot be hurried. */
static double
wanted_speed(const struct play *p)
{
	double most;

	switch (admin_humans(p->admin)) {
	case HUMANS_OFFERED:
		most = 1;
		break;
	case HUMANS_BUSY:
		most = HUMAN_BUSY_SPEED;
		break;
	case HUMANS_HERE:
		most = HUMAN_HERE_SPEED;
		break;
	default:
		return p->options.speed;
	}
	return p->options.speed == PLAY_MAX_SPEED || p->options.speed > most
	           ? most
	           : p->options.speed;
}

/* An offer made to somebody in the last step must not run out in the next. */
static enum err
look_for_humans(struct play *p)
{
	enum err e = ERR_OK;

	if (p->options.humans == 0)
		return ERR_OK;
	admin_ask_humans(p->admin);
	while (e == ERR_OK && !p->stop && admin_asks_humans(p->admin))
		e = play_turn(p, true);
	return e;
}

/* Nobody is in the switch, so nobody minds if time jumps. */
static bool
may_jump(const struct play *p, int64_t to)
{
	return TAILQ_EMPTY(&p->sw->live) && agents_are_idle(p->agents) &&
	       to - p->agenda.now > IDLE_US;
}

static void
wake_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
}

/* Until loop time `at', or until something comes in. */
static enum err
wait_until(struct play *p, int64_t at)
{
	struct timeval tv;
	int64_t left;
	enum err e = ERR_OK;

	while (e == ERR_OK && !p->woken && !p->stop &&
	       (left = at - clock_loop()) > 0) {
		tv = (struct timeval){ left / CLOCK_S, left % CLOCK_S };
		event_add(p->wake, &tv);
		e = play_turn(p, true);
	}
	event_del(p->wake);
	return e;
}

/* Where to go from here: the next instant, or, paced, a slice of the way, when
 * it is time for it. */
static enum err
pace(struct play *p, int64_t *to)
{
	int64_t slice, wait_us;
	enum err e;

	if (p->speed == PLAY_MAX_SPEED && p->options.humans == 0)
		return ERR_OK;
	if (p->speed != PLAY_MAX_SPEED && may_jump(p, *to)) {
		p->pace_domain_at += *to - p->agenda.now;
	} else if (p->speed != PLAY_MAX_SPEED) {
		slice = p->agenda.now + (int64_t)(p->speed * (double)SLICE_US);
		*to = *to < slice ? *to : slice;
		wait_us =
		    (int64_t)((double)(*to - p->pace_domain_at) / p->speed);
		e = wait_until(p, p->pace_loop_at + wait_us);
		if (e != ERR_OK)
			return e;
	}
	if ((e = look_for_humans(p)) != ERR_OK)
		return e;
	if (wanted_speed(p) != p->speed) {
		pace_from_here(p, wanted_speed(p));
		*to = p->agenda.now;
	}
	return ERR_OK;
}

/* Nothing of ours is to come, yet calls wait: perhaps the daemon has a timer;
 * if it has none, nobody will ever answer them. */
static enum err
wait_in_vain(struct play *p)
{
	int64_t to = p->agenda.now + IDLE_US;
	enum err e = advance(p, to);

	if (e == ERR_OK && p->agenda.now >= to && !react(p))
		switch_give_up(p->sw, p->agenda.now);
	return e;
}

static bool
is_over(const struct play *p)
{
	return p->stop || (switch_is_over(p->sw) && agents_are_idle(p->agents));
}

static enum err
run_driven(struct play *p)
{
	bool busy = true;
	enum err e = ERR_OK;

	pace_from_here(p, p->options.speed);
	while (e == ERR_OK && !is_over(p)) {
		int64_t next = agenda_next_at(&p->agenda);

		if ((e = fire_one(p, &busy)) != ERR_OK)
			break;
		if (busy) {
			e = advance(p, p->agenda.now);
		} else if (next == AGENDA_NEVER) {
			e = wait_in_vain(p);
		} else {
			if ((e = pace(p, &next)) == ERR_OK && !p->woken)
				e = advance(p, next);
		}
		busy = react(p);
	}
	return e;
}

/* --------------------------------------------------------- the system's clock */

static enum err
run_system(struct play *p)
{
	enum err e = ERR_OK;

	while (e == ERR_OK && !is_over(p)) {
		int64_t next, now = clock_wall();

		if (now > p->agenda.now)
			p->agenda.now = now;
		react(p);
		while (agenda_fire(&p->agenda))
			continue;
		next = agenda_next_at(&p->agenda);
		if (next == AGENDA_NEVER)
			next = p->agenda.now + CLOCK_S;
		e = wait_until(p, clock_loop() + next - p->agenda.now);
	}
	return e;
}

/* --------------------------------------------------------------- start, end */

static enum err
wait_committed(struct play *p)
{
	enum err e = ERR_OK;

	p->commit_loop_at = clock_loop();
	while (e == ERR_OK && uncommitted(p) > 0 &&
	       clock_loop() - p->commit_loop_at < COMMIT_US)
		e = play_turn(p, true);
	return e;
}

enum err
play_run(struct play *p)
{
	enum err e;

	switch_start(p->sw);
	agents_start(p->agents);
	e = admin_is_driven(p->admin) ? run_driven(p) : run_system(p);
	if (e == ERR_OK)
		e = wait_committed(p);
	show(p);
	return e;
}

enum err
play_new(struct plan *plan, const struct play_options *o, play_show_fn *fn,
    void *arg, struct play **out)
{
	static const struct timeval fifth = { 0, TICK_US };
	struct play *p;
	enum err e = ERR_NOMEM;

	if ((p = calloc(1, sizeof(*p))) == NULL)
		return ERR_NOMEM;
	p->options = *o;
	p->plan = plan;
	p->show = fn;
	p->arg = arg;
	agenda_init(&p->agenda);
	if ((p->base = event_base_new()) == NULL ||
	    (p->wake = evtimer_new(p->base, wake_cb, NULL)) == NULL)
		goto fail;
	if ((e = prepare_play(p)) != ERR_OK)
		goto fail;
	p->tick = event_new(p->base, -1, EV_PERSIST, tick_cb, p);
	e = p->tick != NULL && event_add(p->tick, &fifth) == 0 ? ERR_OK
	                                                       : ERR_NOMEM;
	if (e != ERR_OK)
		goto fail;
	*out = p;
	return ERR_OK;
fail:
	play_free(&p);
	return e;
}

void
play_free(struct play **play)
{
	struct play *p = *play;

	if (p == NULL)
		return;
	agents_free(&p->agents);
	bridge_free(&p->bridge);
	admin_free(&p->admin);
	switch_free(&p->sw);
	agenda_fini(&p->agenda);
	if (p->tick != NULL)
		event_free(p->tick);
	if (p->wake != NULL)
		event_free(p->wake);
	if (p->base != NULL)
		event_base_free(p->base);
	free(p);
	*play = NULL;
}

void
play_stop(struct play *p)
{
	p->stop = 1;
}

int64_t
play_now(const struct play *p)
{
	return p->agenda.now;
}

const struct telephone_switch *
play_switch(const struct play *p)
{
	return p->sw;
}

const struct bridge *
play_bridge(const struct play *p)
{
	return p->bridge;
}

const struct agents *
play_agents(const struct play *p)
{
	return p->agents;
}
