/*
 * handler_admin.c - log-ins, tokens, and the driven clock.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "net/auth.h"
#include "net/cells.h"
#include "net/conn.h"
#include "net/session.h"
#include "store/ledger.h"

/* ---------------------------------------------------------------- log-ins */

struct user_ask {
	struct ask ask;
	struct login_change change;
	char name[NAME_LEN], role[24], switch_name[NAME_LEN];
	char actor[NAME_LEN + 1], secret[256];
};

static void
user_done(struct user_ask *a, enum err e)
{
	struct session *s = ask_end(&a->ask);

	if (s != NULL && e == ERR_OK)
		session_done(s, &a->ask.op, 0);
	else if (s != NULL)
		session_fail(s, &a->ask.op, e);
	free(a);
}

/* Told when the change is in force here, not only written. */
static void
logins_read(void *arg, enum err e)
{
	(void)e; /* it is written; it will be read when the ledger is back */
	user_done(arg, ERR_OK);
}

static void
login_changed(void *arg, enum err e)
{
	struct user_ask *a = arg;

	if (e == ERR_OK)
		auth_refresh(a->ask.net->auth, logins_read, a);
	else
		user_done(a, e);
}

static void
change_login(struct user_ask *a)
{
	struct ledger *l = a->ask.net->env.ledger;
	enum err e;

	a->change.now = clock_wall();
	e = l->ops->login_change(l, &a->change, login_changed, a);
	if (e != ERR_OK)
		user_done(a, e);
}

static void
secret_made(void *arg, enum err e, struct str secret)
{
	struct user_ask *a = arg;

	if (e != ERR_OK || secret.len > sizeof(a->secret)) {
		user_done(a, e != ERR_OK ? e : ERR_NOMEM);
		return;
	}
	memcpy(a->secret, secret.p, secret.len);
	a->change.secret = (struct str){ a->secret, secret.len };
	change_login(a);
}

static struct str
copy(char *to, struct str s)
{
	if (s.len > 0)
		memcpy(to, s.p, s.len);
	return (struct str){ to, s.len };
}

/* What is wrong with the log-in of this name. */
static enum err
of_login(struct session *s, enum err why, struct str name)
{
	char text[NAME_LEN + 1];

	snprintf(text, sizeof(text), "%.*s", STR_ARG(name));
	return fault(&s->net->fault, why, "login", text, NULL);
}

static enum err
check_user(struct session *s, const Mashang__UserSet *m, struct str *name,
    struct str *switch_name)
{
	struct fields f = fields_of(s);
	bool exists;
	enum err e;

	if ((e = field_name_required(&f, "login", m->login, name)) != ERR_OK ||
	    (e = field_name(&f, "switch", m->switch_, switch_name)) != ERR_OK ||
	    (e = field_range(&f, "role", m->role, 0,
		 MASHANG__ROLE__ROLE_READ_ONLY)) != ERR_OK)
		return e;
	if (!auth_is_loaded(s->net->auth))
		return fault(f.fault, ERR_IO, "ledger", NULL);
	exists = auth_find(s->net->auth, *name) != NULL;
	if (m->create == exists)
		return of_login(
		    s, exists ? ERR_CONFLICT : ERR_NOT_FOUND, *name);
	if (m->create != (m->role != MASHANG__ROLE__ROLE_NONE))
		return fault(
		    f.fault, ERR_BAD_FIELD, "role", "when created", NULL);
	if (m->create && m->password.len == 0)
		return fault(
		    f.fault, ERR_BAD_FIELD, "password", "missing", NULL);
	if (m->create && m->role == MASHANG__ROLE__ROLE_BRIDGE &&
	    m->switch_.len == 0)
		return fault(f.fault, ERR_BAD_FIELD, "switch", "missing", NULL);
	if (m->disable && m->enable)
		return fault(
		    f.fault, ERR_BAD_FIELD, "disable", "not both", NULL);
	return ERR_OK;
}

enum err
on_user_set(struct session *s, const Mashang__Envelope *e)
{
	const Mashang__UserSet *m = e->user_set;
	struct str name, switch_name;
	struct user_ask *a;
	struct id op = op_of(e);
	enum err why = check_user(s, m, &name, &switch_name);

	if (why != ERR_OK)
		return why;
	if ((a = ask_new(s, &op, sizeof(*a))) == NULL)
		return ERR_BUSY;
	a->change = (struct login_change){ .op = op,
		.create = m->create,
		.disable = m->disable,
		.enable = m->enable };
	a->change.name = copy(a->name, name);
	a->change.switch_name = copy(a->switch_name, switch_name);
	a->change.actor = copy(a->actor, str_of(s->login));
	a->change.role = str_of(cell_word(&mashang__role__descriptor, "ROLE_",
	    m->role, a->role, sizeof(a->role)));
	if (m->password.len == 0) {
		change_login(a);
		return ERR_OK;
	}
	why = auth_make_secret(
	    s->net->auth, str_of_bytes(m->password), secret_made, a);
	if (why == ERR_OK)
		return ERR_OK;
	ask_end(&a->ask);
	free(a);
	return why == ERR_TOO_LARGE
	           ? fault(&s->net->fault, why, "password", "1024", NULL)
	           : why;
}

/* ----------------------------------------------------------------- tokens */

static enum err
token_for(struct session *s, const Mashang__TokenIssue *m, struct token *t)
{
	struct fields f = fields_of(s);
	const struct login *l;
	enum err e;

	if ((e = field_name_required(&f, "login", m->login, &t->login)) !=
		ERR_OK ||
	    (e = field_range(&f, "role", m->role, 0,
		 MASHANG__ROLE__ROLE_READ_ONLY)) != ERR_OK)
		return e;
	if ((l = auth_find(s->net->auth, t->login)) == NULL) {
		/* Vouched for by whoever asks: an agent or a bridge that
		 * never logs in by password. */
		if (m->role == MASHANG__ROLE__ROLE_NONE)
			return of_login(s, ERR_NOT_FOUND, t->login);
		t->vouched = true;
		t->role = m->role;
		if (m->role == MASHANG__ROLE__ROLE_BRIDGE)
			t->switch_name = t->login;
		return ERR_OK;
	}
	if (l->disabled)
		return ERR_DISABLED;
	if (m->role != MASHANG__ROLE__ROLE_NONE && (int)m->role != l->role)
		return fault(f.fault, ERR_FORBIDDEN, "role", NULL);
	t->role = l->role;
	t->agent = l->agent;
	t->switch_name = l->switch_name;
	return ERR_OK;
}

enum err
on_token_issue(struct session *s, const Mashang__Envelope *e)
{
	Mashang__Envelope out = MASHANG__ENVELOPE__INIT;
	Mashang__Token m = MASHANG__TOKEN__INIT;
	struct token t = { 0 };
	struct id op = op_of(e);
	uint8_t bytes[TOKEN_MAX];
	enum err why = token_for(s, e->token_issue, &t);

	if (why != ERR_OK)
		return why;
	t.issued_at = clock_wall();
	t.expires_at = t.issued_at + TOKEN_LIFE_US;
	m.token =
	    (ProtobufCBinaryData){ auth_issue(s->net->auth, &t, bytes), bytes };
	m.expires_at = t.expires_at;
	out.body_case = MASHANG__ENVELOPE__BODY_TOKEN;
	out.token = &m;
	session_reply(s, &op, &out);
	return ERR_OK;
}

/* ------------------------------------------------------------------ clock */

/* Whoever asks first drives, until it goes. */
enum err
on_clock_advance(struct session *s, const Mashang__Envelope *e)
{
	int64_t to = e->clock_advance->to;
	struct fields f = fields_of(s);
	struct net *n = s->net;
	enum err why;

	if (!n->env.driven)
		return fault_code(
		    f.fault, MASHANG__CODE__CODE_NOT_DRIVEN, NULL);
	if (n->driver != NULL && n->driver != s)
		return fault(
		    f.fault, ERR_REFUSED, "clock", n->driver->login, NULL);
	if (n->driving)
		return fault(f.fault, ERR_BUSY, "clock", NULL);
	if (to == 0)
		return fault(f.fault, ERR_BAD_FIELD, "to", "missing", NULL);
	if ((why = field_time(&f, "to", to)) != ERR_OK)
		return why;
	n->driver = s;
	n->driving = true;
	n->drive_op = op_of(e);
	n->env.clock_advance(n->env.clock_arg, to);
	return ERR_OK;
}
