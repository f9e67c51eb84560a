/*
 * play.c - see play.h: fire, settle, advance, react, and again.
 */
#include "replay/play.h"

#include <assert.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"

#define LOG_IN_S 30
#define AWAY_US (60 * CLOCK_S)   /* loop time: then we give up */
#define COMMIT_US (30 * CLOCK_S) /* loop time */
#define TICK_US (CLOCK_S / 5)    /* loop time */
#define SLICE_US (CLOCK_S / 20)  /* loop time between paced advances */
#define IDLE_US (600 * CLOCK_S)  /* domain time in which nothing happens */
#define LATE_US (3600 * CLOCK_S) /* domain time */
#define LEAD_IN_US (2 * CLOCK_S) /* before the first call */
#define HUMAN_HERE_SPEED 30
#define HUMAN_BUSY_SPEED 4

struct play {
	struct event_base *base;
	struct event *tick, *wake;
	struct play_options options;
	struct plan *plan;
	struct agenda agenda;
	struct admin *admin;
	struct telephone_switch *sw;
	struct bridge *bridge;
	struct agents *agents;
	play_show_fn *show;
	void *arg;
	char name[64]; /* of the switch */
	double speed;
	int64_t pace_loop_at, pace_domain_at; /* where the speed counts from */
	int64_t ready_loop_at;  /* when the daemon was there last */
	int64_t commit_loop_at; /* since when commits are waited for; 0 */
	bool woken;
	volatile sig_atomic_t stop;
};

static void
woken(void *arg)
{
	struct play *p = arg;

	p->woken = true;
}

/* ------------------------------------------------------------------- loop */

static void
show(struct play *p)
{
	struct play_view v = { .now = p->agenda.now,
		.counts = &p->sw->counts,
		.uncommitted = bridge_uncommitted(p->bridge),
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

/* ERR_TIMEOUT and ERR_AUTH have been told. */
static enum err
turn(struct play *p, bool block)
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
		e = turn(p, true);
	return e;
}

/* Until a look at the sockets brings nothing more. */
static enum err
drain(struct play *p)
{
	enum err e;

	do {
		p->woken = false;
		e = turn(p, false);
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
		e = turn(p, true);
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
		e = turn(p, true);
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
		e = turn(p, true);
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
	while (e == ERR_OK && bridge_uncommitted(p->bridge) > 0 &&
	       clock_loop() - p->commit_loop_at < COMMIT_US)
		e = turn(p, true);
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

/* What the daemon has passed already cannot be played as it was meant. */
static enum err
check_start(const struct play *p)
{
	size_t i = 0;

	while (i < p->plan->n_calls && p->sw->calls[i].state != SWITCH_NONE)
		i++;
	if (i == p->plan->n_calls ||
	    p->plan->calls[i].offered_at >= p->agenda.now - LATE_US)
		return ERR_OK;
	fprintf(stderr, "mashang-replay: the daemon's clock stands later than "
			"the first call to be played; begin with a new "
			"database\n");
	return ERR_REFUSED;
}

/* Before the first call, or where the daemon is already. */
static enum err
set_clock(struct play *p)
{
	int64_t at = admin_server_at(p->admin);

	if (!admin_is_driven(p->admin))
		return ERR_OK;
	if (p->plan->n_calls > 0 &&
	    p->plan->calls[0].offered_at - LEAD_IN_US > at)
		at = p->plan->calls[0].offered_at - LEAD_IN_US;
	p->agenda.now = at;
	return admin_set_clock(p->admin, at);
}

static void
event_news(void *arg, struct switch_call *c, const struct switch_event *e)
{
	struct play *p = arg;

	bridge_event(p->bridge, c, e);
	/* Latency counts where an agent was ready for it. */
	if (e->kind == MASHANG__CALL_EVENT_KIND__QUEUED &&
	    !agents_are_free(p->agents, c->plan->type))
		c->queued_loop_at = 0;
}

static void
result_news(void *arg, const struct switch_result *r)
{
	struct play *p = arg;

	bridge_result(p->bridge, r);
}

static enum err
check_clock(struct play *p)
{
	if (admin_is_driven(p->admin))
		return ERR_OK;
	if (p->options.speed_given && p->options.speed != 1) {
		fprintf(stderr,
		    "mashang-replay: this daemon runs by the system's clock: "
		    "only --speed 1; for others start it with `clock: "
		    "driven'\n");
		return ERR_REFUSED;
	}
	p->options.speed = 1;
	p->agenda.now = clock_wall();
	if (p->plan->n_calls > 0)
		plan_shift_by(p->plan,
		    clock_wall() + LEAD_IN_US - p->plan->calls[0].offered_at);
	return ERR_OK;
}

/* The switch knows its devices before anybody can order it to ring one. */
static enum err
add_devices(struct play *p)
{
	enum err e = ERR_OK;
	char name[32];

	for (size_t i = 0; i < p->plan->n_agents && e == ERR_OK; i++)
		e = switch_add_device(
		    p->sw, agents_device(p->agents, i), false);
	for (unsigned i = 0; i < p->options.humans && e == ERR_OK; i++) {
		snprintf(name, sizeof(name), "demo-%u", i + 1);
		e = switch_add_device(p->sw, name, true);
	}
	return e;
}

static enum err
build(struct play *p)
{
	uint64_t epoch =
	    p->options.epoch != 0 ? p->options.epoch : p->plan->epoch;
	struct switch_news news = { event_news, result_news, p };
	struct agents_options a = { .addresses = p->options.addresses,
		.plan = p->plan,
		.agenda = &p->agenda,
		.woken = woken,
		.arg = p };
	enum err e;

	snprintf(p->name, sizeof(p->name), "replay-%s", p->plan->format);
	e = switch_new(p->plan, p->name, epoch, (uint32_t)time(NULL),
	    &p->agenda, &news, &p->sw);
	a.sw = p->sw;
	if (e == ERR_OK)
		e = agents_new(p->base, &a, &p->agents);
	return e == ERR_OK ? add_devices(p) : e;
}

static enum err
connect_bridge(struct play *p)
{
	struct bridge_options o = { .addresses = p->options.addresses,
		.name = p->name,
		.epoch = p->sw->epoch };
	struct admin_token t;
	enum err e = admin_token(
	    p->admin, MASHANG__ROLE__ROLE_BRIDGE, p->name, p->name, &t);

	if (e != ERR_OK)
		return e;
	o.token = (ProtobufCBinaryData){ t.len, t.bytes };
	if ((e = bridge_new(p->base, &o, woken, p, &p->bridge)) != ERR_OK)
		return e;
	bridge_take_up(p->bridge, p->sw);
	while (e == ERR_OK && !bridge_is_ready(p->bridge))
		e = turn(p, true);
	return e;
}

/* Some at a time: a listening socket's backlog is finite. */
static enum err
connect_agents(struct play *p)
{
	struct admin_token t;
	enum err e = ERR_OK;

	for (size_t i = 0; i < p->plan->n_agents && e == ERR_OK; i++) {
		e = admin_token(p->admin, MASHANG__ROLE__ROLE_AGENT,
		    p->plan->agents[i].name, "", &t);
		if (e == ERR_OK)
			e = agents_log_in(p->agents, i,
			    (ProtobufCBinaryData){ t.len, t.bytes });
		while (
		    e == ERR_OK && i % 64 == 63 && !agents_are_ready(p->agents))
			e = turn(p, true);
	}
	while (e == ERR_OK && !agents_are_ready(p->agents))
		e = turn(p, true);
	return e;
}

static enum err
prepare(struct play *p)
{
	struct admin_options ao = { p->options.addresses, p->options.login,
		p->options.password };
	enum err e;

	if ((e = build(p)) != ERR_OK ||
	    (e = admin_new(p->base, &ao, &p->admin)) != ERR_OK ||
	    (e = admin_log_in(p->admin, LOG_IN_S)) != ERR_OK ||
	    (e = check_clock(p)) != ERR_OK || (e = set_clock(p)) != ERR_OK ||
	    (e = admin_apply(p->admin, p->plan, p->agents, p->name,
		 p->options.humans)) != ERR_OK)
		return e;
	p->ready_loop_at = clock_loop();
	if ((e = connect_bridge(p)) != ERR_OK)
		return e;
	if (admin_is_driven(p->admin) && (e = check_start(p)) != ERR_OK)
		return e;
	return connect_agents(p);
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
	if ((e = prepare(p)) != ERR_OK)
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
	agenda_fini(&p->agenda); /* looks at what the switch still has on it */
	switch_free(&p->sw);
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
