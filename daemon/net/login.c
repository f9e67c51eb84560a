/*
 * login.c - from Hello to Welcome.
 *
 * Who is it (token, password, or the operating-system user), what may it be,
 * and, for agents and bridges, where does it sit.  Steps that have to wait
 * (the hash, the ledger) are asks; each goes on where the one before ended.
 */
#include <assert.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "frame.h"
#include "net/auth.h"
#include "net/cells.h"
#include "net/conn.h"
#include "net/session.h"
#include "store/ledger.h"

/* What Hello said and Welcome still needs. */
struct hello {
	struct id op;
	int role;
	int resume;
	uint64_t epoch, resume_seq;
	uint32_t switch_id;
	char reason[TEXT_LEN + 1];
	struct feed_about about; /* a bridge's */
};

static void
copy_name(char to[NAME_LEN + 1], struct str from)
{
	assert(from.len <= NAME_LEN);
	if (from.len > 0)
		memcpy(to, from.p, from.len);
	to[from.len] = '\0';
}

void
login_forget(struct session *s)
{
	free(s->hello);
	s->hello = NULL;
}

static void
refuse(struct session *s, enum err why)
{
	s->net->stats.logins_failed++;
	session_end_fault(s, why);
}

static void
refuse_code(struct session *s, Mashang__Code code)
{
	s->net->stats.logins_failed++;
	session_end(s, code, ERR_AUTH);
}

/* --------------------------------------------------------------- welcome */

uint32_t
login_token(struct session *s, uint8_t *out)
{
	struct token t = {
		.role = s->role,
		.vouched = s->vouched,
		.agent = s->agent,
		.issued_at = s->issued_at,
		.expires_at = s->issued_at + TOKEN_LIFE_US,
		.login = str_of(s->login),
	};

	if (s->role == MASHANG__ROLE__ROLE_BRIDGE)
		t.switch_name = str_of(s->place);
	return auth_issue(s->net->auth, &t, out);
}

/* Before whatever the desk has already said to it. */
static void
welcome(struct session *s)
{
	struct net *n = s->net;
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__Welcome w = MASHANG__WELCOME__INIT;
	uint8_t token[TOKEN_MAX];
	uint32_t len;

	if (session_step(s, SESSION_EV_WELCOME) != ERR_OK)
		return;
	s->issued_at = clock_wall();
	len = login_token(s, token);
	w.token = (ProtobufCBinaryData){ len, token };
	w.server_at = net_now(n);
	w.max_frame = FRAME_MAX;
	w.heartbeat_ms = n->limits.heartbeat_ms;
	w.node = bytes_of(str_of(n->env.node));
	w.name = bytes_of(str_of(s->login));
	w.driven = n->env.driven;
	if (s->role == MASHANG__ROLE__ROLE_BRIDGE)
		w.credit = n->limits.event_credit;
	w.resume_stream_seq = s->hello->resume_seq;
	e.body_case = MASHANG__ENVELOPE__BODY_WELCOME;
	e.welcome = &w;
	e.op_id = bytes_of((struct str){ (const char *)s->hello->op.b,
	    id_is_none(&s->hello->op) ? 0 : sizeof(s->hello->op.b) });
	conn_is_known(s->conn);
	conn_push_first(s->conn, &e);
	if (n->beating)
		session_beat(s);
	login_forget(s);
	n->stats.logins++;
	log_info(LOG_NET, "login s=%" PRIu64 " login=%s role=%d at=%s peer=%s",
	    s->serial, s->login, s->role, s->place, conn_name(s->conn));
}

/* ---------------------------------------------------------------- agents */

/* A client that was in a call or an offer comes back ready for what is left
 * of it; the desk knows better than the client what that is. */
static enum agent_state
resume_state(int said)
{
	switch (said) {
	case MASHANG__AGENT_STATE_KIND__AGENT_READY:
	case MASHANG__AGENT_STATE_KIND__AGENT_RESERVED:
		return AGENT_STATE_READY;
	case MASHANG__AGENT_STATE_KIND__AGENT_NOT_READY:
	case MASHANG__AGENT_STATE_KIND__AGENT_BUSY:
	case MASHANG__AGENT_STATE_KIND__AGENT_WORKING_AFTER_CALL:
		return AGENT_STATE_NOT_READY;
	default:
		return AGENT_STATE_NONE;
	}
}

static void
attach_agent(struct session *s)
{
	struct net *n = s->net;
	struct session *before = NULL;
	const char *where = session_elsewhere(s);
	enum err e = ERR_OK;

	if (s->place[0] == '\0')
		e = fault(&n->fault, ERR_BAD_FIELD, "device", "missing", NULL);
	else if (s->agent == 0)
		e = desk_agent_find(n->desk, str_of(s->login), &s->agent);
	if (e == ERR_OK && where != NULL) {
		session_end_moved(s, where);
		return;
	}
	if (e == ERR_NOT_FOUND)
		e = fault(&n->fault, e, "agent", s->login, NULL);
	if (e == ERR_OK)
		e = agent_seat(n, s->agent, s, &before);
	if (e != ERR_OK) {
		s->agent = 0;
		refuse(s, e);
		return;
	}
	n->joining = s;
	e = desk_agent_login(n->desk, s->agent, str_of(s->place),
	    resume_state(s->hello->resume), str_of(s->hello->reason),
	    net_now(n));
	n->joining = NULL;
	if (e != ERR_OK) {
		n->agents[s->agent] = before;
		s->agent = 0;
		if (e == ERR_NO_DEVICE || e == ERR_DEVICE_TAKEN)
			e = fault(&n->fault, e, s->place, NULL);
		refuse(s, e);
		return;
	}
	if (before != NULL && before != s)
		session_end(
		    before, MASHANG__CODE__CODE_TAKEN_OVER, ERR_REFUSED);
	welcome(s);
}

/* --------------------------------------------------------------- bridges */

static void
attach_bridge(struct session *s)
{
	struct hello *h = s->hello;
	enum err e = feed_attach(s, str_of(s->place), h->switch_id, h->epoch,
	    h->resume_seq, &h->about);

	if (e == ERR_OK)
		welcome(s);
	else
		refuse(s, e);
}

static void
resume_known(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct ask *a = arg;
	struct session *s = ask_end(a);

	free(a);
	if (s == NULL)
		return;
	/* Not known is no hindrance: the bridge sends all it has. */
	if (e == ERR_OK && rows->n > 0)
		s->hello->resume_seq = (uint64_t)cell_number(rows->cells[0]);
	attach_bridge(s);
}

static void
ask_resume(struct session *s)
{
	struct ledger *l = s->net->env.ledger;
	struct ask *a = ask_new(s, &s->hello->op, sizeof(*a));
	char id[16], epoch[24];
	struct str args[2];

	snprintf(id, sizeof(id), "%" PRIu32, s->hello->switch_id);
	snprintf(epoch, sizeof(epoch), "%" PRIu64, s->hello->epoch);
	args[0] = str_of(id);
	args[1] = str_of(epoch);
	if (a != NULL && l->ops->query(l, LQ_STREAM_COMMITTED, 2, args,
			     resume_known, a) == ERR_OK)
		return;
	if (a != NULL)
		ask_end(a);
	free(a);
	attach_bridge(s);
}

static void
switch_known(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct ask *a = arg;
	struct net *n = a->net;
	struct session *s = ask_end(a);

	free(a);
	if (s == NULL)
		return;
	if (e == ERR_OK && rows->n > 0)
		s->hello->switch_id = (uint32_t)cell_number(rows->cells[0]);
	if (s->hello->switch_id == 0) {
		refuse(s, fault(&n->fault, ERR_IO, "ledger", NULL));
		return;
	}
	net_switch_learn(n, str_of(s->place), s->hello->switch_id);
	ask_resume(s);
}

/* Before PostgreSQL has ever named this switch a bridge cannot come in. */
static void
ask_switch(struct session *s)
{
	struct ledger *l = s->net->env.ledger;
	struct str name = str_of(s->place);
	struct ask *a;

	s->hello->switch_id = net_switch_id(s->net, name);
	if (s->hello->switch_id != 0) {
		ask_resume(s);
		return;
	}
	a = ask_new(s, &s->hello->op, sizeof(*a));
	if (a != NULL && l->ops->query(l, LQ_SWITCH_ADD, 1, &name, switch_known,
			     a) == ERR_OK)
		return;
	if (a != NULL)
		ask_end(a);
	free(a);
	refuse(s, fault(&s->net->fault, ERR_IO, "ledger", NULL));
}

/* A log-in may be bound to one switch; it need not name it then. */
static void
sit_at_switch(struct session *s, struct str bound)
{
	struct net *n = s->net;

	if (s->place[0] == '\0')
		copy_name(s->place, bound);
	if (s->place[0] == '\0')
		refuse(s,
		    fault(&n->fault, ERR_BAD_FIELD, "switch", "missing", NULL));
	else if (bound.len > 0 && !str_eq(bound, str_of(s->place)))
		refuse(s, fault(&n->fault, ERR_WRONG_SWITCH, s->login, s->place,
			      NULL));
	else
		ask_switch(s);
}

/* ------------------------------------------------------------ who it is */

/*
 * The identity is known: a log-in, what a token says, or the system's user
 * (then whatever Hello asked for is so).
 */
static void
identify(struct session *s, const struct token *t)
{
	struct net *n = s->net;
	int role = s->hello->role;

	if (role == MASHANG__ROLE__ROLE_NONE)
		role = t->role;
	if (role == MASHANG__ROLE__ROLE_NONE) /* the system's user by itself */
		role = MASHANG__ROLE__ROLE_ADMINISTRATOR;
	if (role != t->role && t->role != MASHANG__ROLE__ROLE_NONE) {
		refuse(s, session_forbidden(s, role, "hello"));
		return;
	}
	if ((role == MASHANG__ROLE__ROLE_AGENT ||
		role == MASHANG__ROLE__ROLE_BRIDGE) &&
	    (n->desk == NULL || !desk_is_configured(n->desk))) {
		refuse(s, fault(&n->fault, ERR_IO, "ledger", NULL));
		return;
	}
	/* A driven clock begins at 1: there is no time yet to put on what
	 * they do. */
	if ((role == MASHANG__ROLE__ROLE_AGENT ||
		role == MASHANG__ROLE__ROLE_BRIDGE) &&
	    n->env.driven && net_now(n) <= 1) {
		refuse(s, fault(&n->fault, ERR_IO, "clock", NULL));
		return;
	}
	s->role = role;
	s->vouched = t->vouched;
	s->agent = role == MASHANG__ROLE__ROLE_AGENT ? t->agent : 0;
	copy_name(s->login, t->login);
	if (role == MASHANG__ROLE__ROLE_BRIDGE)
		sit_at_switch(s, t->switch_name);
	else if (role == MASHANG__ROLE__ROLE_AGENT)
		attach_agent(s);
	else
		welcome(s);
}

static void
verified(void *arg, enum err e)
{
	struct ask *a = arg;
	struct net *n = a->net;
	struct session *s = ask_end(a);
	const struct login *l;
	struct token t;

	free(a);
	if (s == NULL)
		return;
	l = auth_find(n->auth, str_of(s->login));
	if (e != ERR_OK || l == NULL) {
		log_warn(LOG_NET, "login failed s=%" PRIu64 " login=%s peer=%s",
		    s->serial, s->login, conn_name(s->conn));
		refuse(s, e != ERR_OK ? e : ERR_AUTH);
		return;
	}
	t = (struct token){ .role = l->role,
		.agent = l->agent,
		.login = l->name,
		.switch_name = l->switch_name };
	identify(s, &t);
}

static void
by_password(struct session *s, struct str password)
{
	struct net *n = s->net;
	struct ask *a = ask_new(s, &s->hello->op, sizeof(*a));
	unsigned wait_s = 0;
	char seconds[16];
	enum err e = ERR_NOMEM;

	if (a != NULL)
		e = auth_password(
		    n->auth, str_of(s->login), password, verified, a, &wait_s);
	if (e == ERR_OK)
		return;
	if (a != NULL)
		ask_end(a);
	free(a);
	if (e == ERR_REFUSED) {
		snprintf(seconds, sizeof(seconds), "%u", wait_s);
		e = fault(&n->fault, ERR_AUTH, "wait", seconds, NULL);
	} else if (e == ERR_TOO_LARGE) {
		e = fault(&n->fault, e, "password", "1024", NULL);
	} else if (e == ERR_IO) {
		e = fault(&n->fault, e, "ledger", NULL);
	}
	refuse(s, e);
}

static void
by_token(struct session *s, struct str bytes)
{
	struct net *n = s->net;
	struct token t;
	enum err e = auth_token(n->auth, bytes, clock_wall(), &t);

	if (e == ERR_OK)
		identify(s, &t);
	else if (e == ERR_STALE)
		refuse_code(s, MASHANG__CODE__CODE_TOKEN_STALE);
	else
		refuse(
		    s, e == ERR_IO ? fault(&n->fault, e, "ledger", NULL) : e);
}

/* The system's user needs no password, and may be anybody. */
static void
by_trust(struct session *s, struct str name)
{
	const struct token t = {
		.role = s->hello->role,
		.vouched = true,
		.login = name.len > 0 ? name : STR_LIT("system"),
	};

	if (conn_is_trusted(s->conn))
		identify(s, &t);
	else
		refuse(s, ERR_AUTH);
}

/* ----------------------------------------------------------------- hello */

static enum err
check_hello(struct session *s, const Mashang__Hello *m, struct str *name)
{
	struct fields f = fields_of(s);
	struct str place = { NULL, 0 }, reason = place, client = place,
		   driver = place;
	bool is_bridge = m->role == MASHANG__ROLE__ROLE_BRIDGE;
	enum err e;

	if (m->magic != FRAME_MAGIC)
		return fault_code(f.fault, MASHANG__CODE__CODE_BAD_MAGIC, NULL);
	if (m->protocol != FRAME_PROTOCOL)
		return fault_code(
		    f.fault, MASHANG__CODE__CODE_BAD_PROTOCOL, "1", NULL);
	if ((e = field_range(&f, "role", m->role, 0,
		 MASHANG__ROLE__ROLE_READ_ONLY)) != ERR_OK ||
	    (e = field_range(&f, "resume", m->resume, 0,
		 MASHANG__AGENT_STATE_KIND__AGENT_WORKING_AFTER_CALL)) !=
		ERR_OK ||
	    (e = field_name(&f, "login", m->login, name)) != ERR_OK ||
	    (e = field_text(&f, "client", m->client, TEXT_LEN, &client)) !=
		ERR_OK ||
	    (e = field_text(&f, "resume_reason", m->resume_reason, NAME_LEN,
		 &reason)) != ERR_OK ||
	    (e = field_name(&f, is_bridge ? "switch" : "device",
		 is_bridge ? m->switch_ : m->device, &place)) != ERR_OK)
		return e;
	if ((e = field_text(&f, "driver", m->driver, NAME_LEN, &driver)) !=
	    ERR_OK)
		return e;
	/* Kinds that we do not know are a newer bridge's. */
	for (size_t i = 0; i < m->n_can; i++)
		if (m->can[i] > 0 && (int)m->can[i] < ORDER_NKINDS)
			s->hello->about.can |= ORDER_BIT(m->can[i]);
	copy_name(s->hello->about.driver, driver);
	copy_name(s->place, place);
	copy_name(s->login, *name);
	copy_name(s->hello->reason, reason);
	s->hello->role = m->role;
	s->hello->resume = m->resume;
	s->hello->epoch = m->epoch;
	log_debug(LOG_NET, "hello s=%" PRIu64 " client=%.*s", s->serial,
	    STR_ARG(client));
	return ERR_OK;
}

void
login_hello(struct session *s, const Mashang__Envelope *e)
{
	const Mashang__Hello *m = e->hello;
	struct str name = { NULL, 0 };
	enum err why;

	conn_said_hello(s->conn);
	why = session_step(s, SESSION_EV_HELLO);
	assert(why == ERR_OK);
	if ((s->hello = calloc(1, sizeof(*s->hello))) == NULL) {
		refuse(s, ERR_NOMEM);
		return;
	}
	s->hello->op = op_of(e);
	if ((why = check_hello(s, m, &name)) != ERR_OK)
		refuse(s, why);
	else if (m->token.len > 0)
		by_token(s, str_of_bytes(m->token));
	else if (m->password.len > 0)
		by_password(s, str_of_bytes(m->password));
	else
		by_trust(s, name);
}
