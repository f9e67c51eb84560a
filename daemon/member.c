/*
 * member.c - see the header.
 */
#include "member.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "address.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/process.h"
#include "desk/leave.h"
#include "options.h"
#include "store/nodes.h"

#define LOOKS 15          /* at the fence, in a lease */
#define GRACE_US 10000000 /* a node dead for so long is swept */
/* Without beats peers go elsewhere after three heart-beats, not before. */
#define ALONE_US 15000000
#define NAME_MAX_BYTES 64

/* ---- the fence */

static bool
awake(void *arg)
{
	struct member *m = arg;
	bool was_over = m->fence.over;

	if (fence_look(&m->fence, fence_clock()))
		return true;
	if (was_over)
		return false;
	log_error(LOG_MAIN,
	    "this process was stopped for longer than its lease: others may "
	    "have what was here; ending all sessions and starting afresh");
	if (m->desk != NULL)
		desk_fence(m->desk);
	m->events.end(m->events.arg);
	return false;
}

/* The first of all that is active in a pass of the loop. */
static void
look_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)awake(arg);
}

/* ---- the leases' news */

static void
renewed(void *arg, int64_t asked_at)
{
	struct member *m = arg;

	fence_renewed(&m->fence, asked_at);
	if (m->held)
		return;
	m->held = true;
	m->events.held(m->events.arg);
}

static void
refused(void *arg, const char *where)
{
	struct member *m = arg;

	log_error(LOG_MAIN,
	    "another daemon runs under this node's name, at %s: give each node "
	    "a name of its own (option node), or end that one; stopping",
	    where);
	m->refused = true;
	m->events.end(m->events.arg);
}

static void
moved(void *arg, struct str switch_name, const char *where)
{
	struct member *m = arg;

	if (m->net != NULL)
		net_switch_moved(m->net, switch_name, where);
}

static void
dead(void *arg, const char *node)
{
	struct member *m = arg;

	if (m->desk != NULL)
		desk_node_dead(m->desk, node, m->events.now(m->events.arg));
}

static void
met(void *arg)
{
	struct member *m = arg;

	m->met = true;
	fence_tighten(&m->fence, m->lease_us, fence_clock());
	if (m->net != NULL)
		net_beat(m->net);
}

/* ---- the net's questions */

static const char *
elsewhere(void *arg, struct str switch_name)
{
	const struct member *m = arg;

	return nodes_elsewhere(m->nodes, switch_name);
}

static void
attached(void *arg, struct str switch_name)
{
	struct member *m = arg;

	nodes_attach(m->nodes, switch_name);
}

/* ---- making */

/* It becomes part of keys and goes into logs. */
static enum err
check_name(const char *name)
{
	static const char ok[] = "abcdefghijklmnopqrstuvwxyz"
				 "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
	size_t n = strlen(name);

	if (n > 0 && n <= NAME_MAX_BYTES && strspn(name, ok) == n)
		return ERR_OK;
	log_error(LOG_MAIN,
	    "option node: a name has 1 to %d letters, digits, dots, hyphens "
	    "and underscores",
	    NAME_MAX_BYTES);
	return ERR_CONFIG;
}

static enum err
join_addresses(struct member *m, const struct conf_list *list)
{
	const char *const *one = list->items;
	struct address parsed[ADDRESS_MAX];
	const char *why;
	size_t room = 1, n = 0;
	unsigned count;

	for (size_t i = 0; i < list->n; i++)
		room += strlen(one[i]) + 1;
	if ((m->advertise = calloc(1, room)) == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < list->n; i++)
		n += (size_t)snprintf(m->advertise + n, room - n, "%s%s",
		    i > 0 ? "," : "", one[i]);
	if (list->n == 0 ||
	    (why = address_parse(m->advertise, parsed, &count)) == NULL)
		return ERR_OK;
	log_error(LOG_MAIN, "option advertise: %s: %s", m->advertise, why);
	return ERR_CONFIG;
}

static enum err
set_look(struct member *m, int64_t lease_us)
{
	struct timeval tv = { lease_us / LOOKS / CLOCK_S,
		lease_us / LOOKS % CLOCK_S };

	m->look = event_new(m->base, -1, EV_PERSIST, look_cb, m);
	return m->look != NULL && event_priority_set(m->look, 0) == 0 &&
	               event_add(m->look, &tv) == 0
	           ? ERR_OK
	           : ERR_NOMEM;
}

static enum err
open_nodes(struct member *m, const struct options *o, const char *password)
{
	char token[PROCESS_NAME];
	const struct nodes_options no = {
		.address = o->redis,
		.user = o->redis_user[0] != '\0' ? o->redis_user : NULL,
		.password = password,
		.prefix = "mashang",
		.name = o->node,
		.token = token,
		.advertise = m->advertise,
		.lease_us = o->lease_us,
		.grace_us = GRACE_US + o->lease_us,
	};
	const struct nodes_events ev = { renewed, refused, moved, dead, met,
		m };

	process_name(token);
	return nodes_new(m->base, &no, &ev, &m->nodes);
}

enum err
member_open(struct member *m, struct event_base *base, const struct options *o,
    const char *password, const struct member_events *events)
{
	const struct conf_list *where =
	    o->advertise.n > 0 ? &o->advertise : &o->listen;
	int64_t alone = o->lease_us > ALONE_US ? o->lease_us : ALONE_US;
	bool driven = o->clock == CLOCK_DRIVEN;
	enum err e;

	*m = (struct member){ .base = base, .events = *events };
	m->for_net = (struct net_nodes){
		.elsewhere = elsewhere,
		.attached = attached,
		.awake = awake,
		.arg = m,
		.beat_ms = (unsigned)(o->beat_us / 1000),
		.within_ms = (unsigned)((o->lease_us + o->beat_us) / 1000),
	};
	/* A driven daemon's time stands still when it does. */
	m->lease_us = o->lease_us;
	fence_init(&m->fence, driven ? 0 : alone, fence_clock());
	if ((e = check_name(o->node)) != ERR_OK ||
	    (e = join_addresses(m, where)) != ERR_OK ||
	    (e = set_look(m, o->lease_us)) != ERR_OK)
		return e;
	return open_nodes(m, o, password);
}

void
member_connect(struct member *m, struct net *net, struct desk *desk)
{
	m->net = net;
	m->desk = desk;
	if (m->met && net != NULL)
		net_beat(net);
}

void
member_close(struct member *m)
{
	nodes_free(&m->nodes);
	if (m->look != NULL)
		event_free(m->look);
	m->look = NULL;
	free(m->advertise);
	m->advertise = NULL;
}

bool
member_may_start(const struct member *m)
{
	enum nodes_state s = nodes_state(m->nodes);

	return s == NODES_HELD || s == NODES_AWAY;
}

bool
member_is_over(const struct member *m)
{
	return m->fence.over;
}

bool
member_lapsed(void *arg, const char *node)
{
	const struct member *m = arg;

	return nodes_lapsed(m->nodes, node);
}
