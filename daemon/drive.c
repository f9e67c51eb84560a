/*
 * drive.c - the loop, and whose clock it runs by.
 */
#include "drive.h"

#include <event2/event.h>

#include "base/clock.h"
#include "desk/desk.h"
#include "net/net.h"

int64_t
drive_now(void *arg)
{
	struct drive *v = arg;
	int64_t wall;

	if (!v->driven && (wall = clock_wall()) > v->now)
		v->now = wall;
	return v->now;
}

void
drive_advance(void *arg, int64_t to)
{
	struct drive *v = arg;

	v->advancing = true;
	v->fired = false;
	v->to = to;
	v->frames = net_frames(v->net) - 1; /* look once more at least */
}

/* Nothing is under way, as far as can be seen without reading. */
static bool
is_quiet(const struct drive *v)
{
	return desk_is_settled(v->desk) && net_is_flushed(v->net);
}

/* Where the next step leads. */
static int64_t
target(const struct drive *v)
{
	int64_t due = desk_next_at(v->desk);
	int64_t at = !v->fired && due <= v->to ? due
	             : v->fired                ? v->now
	                                       : v->to;

	return at > v->now ? at : v->now;
}

/* What was done here has to have had its effect on the tickets' clocks, and
 * further on nothing may come due that is not known yet. */
static bool
is_ahead(const struct drive *v)
{
	int64_t horizon = desk_horizon(v->desk);

	return target(v) > horizon || (v->fired && v->now >= horizon);
}

static void
advance_step(struct drive *v)
{
	int64_t due;

	if (!is_quiet(v))
		return;
	/* Quiet, and the last look at the sockets brought nothing. */
	if (net_frames(v->net) != v->frames) {
		v->frames = net_frames(v->net);
		return;
	}
	if (is_ahead(v))
		return;
	due = desk_next_at(v->desk);
	if (!v->fired && due <= v->to) {
		if (due > v->now)
			v->now = due;
		v->fired = true;
		v->frames--;
		desk_tick(v->desk, v->now);
		return;
	}
	if (!v->fired && v->to > v->now)
		v->now = v->to;
	v->advancing = false;
	net_clock_reached(v->net, v->now);
}

static void
run_driven(struct drive *v)
{
	while (!v->stop) {
		bool look = v->advancing && is_quiet(v) && !is_ahead(v);

		event_base_loop(
		    v->base, EVLOOP_ONCE | (look ? EVLOOP_NONBLOCK : 0));
		if (v->advancing)
			advance_step(v);
	}
}

static void
wake_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
}

/* The loop wakes for the desk's next timer. */
static void
run_system(struct drive *v)
{
	while (!v->stop) {
		int64_t in = desk_next_at(v->desk);
		struct timeval tv;

		if (in != INT64_MAX) {
			in -= drive_now(v);
			if (in < 0)
				in = 0;
			tv = (struct timeval){ in / 1000000, in % 1000000 };
			event_add(v->timer, &tv);
		}
		event_base_loop(v->base, EVLOOP_ONCE);
		if (!v->stop)
			desk_tick(v->desk, drive_now(v));
	}
}

void
drive_run(struct drive *v)
{
	v->timer = evtimer_new(v->base, wake_cb, NULL);
	if (v->driven)
		run_driven(v);
	else if (v->timer != NULL)
		run_system(v);
	if (v->timer != NULL)
		event_free(v->timer);
}
