/*
 * prepare.c - from nothing to a daemon that is ready for the first call.
 *
 * The administrator comes first, for the clock must be set before anybody can
 * work; then the bridge, which learns what was played before; then the agents.
 */
#include "replay/play_state.h"

#include <stdio.h>
#include <time.h>

#include "base/clock.h"

#define LOG_IN_S 30
#define LATE_US (3600 * CLOCK_S)
#define LEAD_IN_US (2 * CLOCK_S) /* before the first call */
#define LOG_INS_AT_ONCE 64       /* a listening socket's backlog is finite */

static void
woken(void *arg)
{
	struct play *p = arg;

	p->woken = true;
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
		e = play_turn(p, true);
	return e;
}

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
		while (e == ERR_OK &&
		       i % LOG_INS_AT_ONCE == LOG_INS_AT_ONCE - 1 &&
		       !agents_are_ready(p->agents))
			e = play_turn(p, true);
	}
	while (e == ERR_OK && !agents_are_ready(p->agents))
		e = play_turn(p, true);
	return e;
}

enum err
prepare_play(struct play *p)
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
