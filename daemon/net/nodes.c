/*
 * nodes.c - sessions that belong at another node, and what peers hear of this
 * one.
 *
 * An agent's session belongs where the bridge of its phone's switch is: one that
 * logs in elsewhere, or whose switch's bridge goes elsewhere, is sent there with
 * a token.  A switch that lives nowhere keeps its agents where they are.
 */
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "desk/leave.h"
#include "net/auth.h"
#include "net/conn.h"
#include "net/session.h"

#define ADDRESSES_MAX 16

bool
net_awake(void *net)
{
	const struct net_nodes *o = ((struct net *)net)->env.nodes;

	return o->awake(o->arg);
}

const char *
session_elsewhere(const struct session *s)
{
	const struct net_nodes *o = s->net->env.nodes;

	return o == NULL ? NULL
	                 : o->elsewhere(o->arg, desk_device_switch(s->net->desk,
						    str_of(s->place)));
}

void
session_attached(const struct session *s)
{
	const struct net_nodes *o = s->net->env.nodes;

	if (o != NULL)
		o->attached(o->arg, str_of(s->place));
}

/* ------------------------------------------------------------ sent away */

void
session_end_moved(struct session *s, const char *where)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__Goodbye bye = MASHANG__GOODBYE__INIT;
	Mashang__Error why = MASHANG__ERROR__INIT;
	ProtobufCBinaryData list[ADDRESSES_MAX];
	uint8_t token[TOKEN_MAX];

	if (session_step(s, SESSION_EV_CLOSE) != ERR_OK)
		return;
	log_info(LOG_NET, "moved s=%" PRIu64 " login=%s at=%s to=%s", s->serial,
	    s->login, s->place, where);
	why.code = MASHANG__CODE__CODE_MOVED;
	why.params = list;
	while (*where != '\0' && why.n_params < ADDRESSES_MAX) {
		size_t n = strcspn(where, ",");

		list[why.n_params++] =
		    bytes_of((struct str){ where, (uint32_t)n });
		where += n + (where[n] == ',');
	}
	if (s->issued_at == 0)
		s->issued_at = clock_wall();
	bye.why = &why;
	bye.token.len = login_token(s, token);
	bye.token.data = token;
	e.body_case = MASHANG__ENVELOPE__BODY_GOODBYE;
	e.goodbye = &bye;
	conn_push(s->conn, &e);
	conn_close(s->conn, ERR_REFUSED);
}

static bool
is_at(const struct session *s, struct str switch_name)
{
	if (s->state != SESSION_LIVE)
		return false;
	return s->role == MASHANG__ROLE__ROLE_AGENT &&
	       str_eq(desk_device_switch(s->net->desk, str_of(s->place)),
		   switch_name);
}

void
net_switch_moved(struct net *n, struct str name, const char *where)
{
	struct session *s;

	if (n->desk == NULL)
		return;
	TAILQ_FOREACH (s, &n->sessions, entry) {
		if (is_at(s, name))
			session_end_moved(s, where);
		else if (s->feed != NULL && str_eq(str_of(s->place), name))
			session_end(
			    s, MASHANG__CODE__CODE_TAKEN_OVER, ERR_REFUSED);
	}
	desk_switch_leave(n->desk, name, net_now(n));
}

/* ----------------------------------------------------------------- alive */

void
session_beat(struct session *s)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__Beat beat = MASHANG__BEAT__INIT;

	if (s->state != SESSION_LIVE)
		return;
	beat.within_ms = s->net->env.nodes->within_ms;
	e.body_case = MASHANG__ENVELOPE__BODY_BEAT;
	e.beat = &beat;
	session_push(s, &e);
}

void
net_beat(struct net *n)
{
	struct session *s;

	if (n->beating || n->env.nodes == NULL)
		return;
	n->beating = true;
	conns_beat(n->conns, n->env.nodes->beat_ms);
	TAILQ_FOREACH (s, &n->sessions, entry)
		session_beat(s);
}

void
net_fenced(struct net *n)
{
	struct session *s;

	conns_mute(n->conns);
	TAILQ_FOREACH (s, &n->sessions, entry) {
		fault_clear(&n->fault);
		session_end_fault(s, fault(&n->fault, ERR_IO, "lease", NULL));
	}
	fault_clear(&n->fault);
}
