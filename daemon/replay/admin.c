/*
 * admin.c - requests and what their replies mean.
 */
#include "replay/admin.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "replay/setup.h"

#define HUMAN_PREFIX "demo-"
#define OP_LEN 16

struct admin {
	struct event_base *base;
	struct event *timer;
	struct link *link;
	bool trusted, late;
	bool driven;
	int64_t server_at;
	const char *refused;
	bool advancing, reached;
	int64_t reached_at;
	enum admin_humans humans;
	bool asking_humans;
	unsigned ups;          /* log-ins so far */
	uint8_t saves[OP_LEN]; /* the request whose Saved is waited for */
	bool saved;
};

static ProtobufCBinaryData
bytes(const char *s)
{
	return (ProtobufCBinaryData){ strlen(s), (uint8_t *)(uintptr_t)s };
}

static const char *
code_name(Mashang__Code code)
{
	const ProtobufCEnumValue *v = protobuf_c_enum_descriptor_get_value(
	    &mashang__code__descriptor, (int)code);

	return v != NULL ? v->name : "a code not known here";
}

/* ----------------------------------------------------------------- log-in */

static void
clock_set(void *arg, const Mashang__Envelope *e)
{
	(void)arg;
	(void)e; /* if it failed, nobody is let in, and that is told */
}

/* A restarted daemon stands before all time, and lets no agent and no bridge
 * in until it is told what time it is. */
static void
set_clock_again(struct admin *a)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__ClockAdvance c = MASHANG__CLOCK_ADVANCE__INIT;

	c.to = a->reached_at;
	e.body_case = MASHANG__ENVELOPE__BODY_CLOCK_ADVANCE;
	e.clock_advance = &c;
	link_request(a->link, &e, NULL, clock_set, a);
}

static void
up(void *arg, const Mashang__Welcome *w)
{
	struct admin *a = arg;

	a->ups++;
	a->driven = w->driven;
	a->server_at = w->server_at;
	/* What was asked for before the loss is sent again by itself. */
	if (a->driven && !a->advancing && a->server_at < a->reached_at)
		set_clock_again(a);
	event_base_loopbreak(a->base);
}

static void
refused(void *arg, const Mashang__Error *e)
{
	struct admin *a = arg;

	a->refused = code_name(e->code);
	event_base_loopbreak(a->base);
}

static void
message(void *arg, const Mashang__Envelope *e)
{
	struct admin *a = arg;

	if (e->body_case != MASHANG__ENVELOPE__BODY_SAVED)
		return;
	for (size_t i = 0; i < e->saved->n_op_ids; i++)
		if (e->saved->op_ids[i].len == OP_LEN &&
		    memcmp(e->saved->op_ids[i].data, a->saves, OP_LEN) == 0)
			a->saved = true;
	event_base_loopbreak(a->base);
}

static void
late_cb(evutil_socket_t fd, short what, void *arg)
{
	struct admin *a = arg;

	(void)fd;
	(void)what;
	a->late = true;
	event_base_loopbreak(a->base);
}

enum err
admin_new(
    struct event_base *base, const struct admin_options *o, struct admin **out)
{
	Mashang__Hello h = MASHANG__HELLO__INIT;
	const char *why = "no memory";
	struct admin *a;

	if ((a = calloc(1, sizeof(*a))) == NULL)
		return ERR_NOMEM;
	a->base = base;
	a->trusted = o->login == NULL;
	h.role = MASHANG__ROLE__ROLE_ADMINISTRATOR;
	h.login = bytes(o->login != NULL ? o->login : "");
	h.password = bytes(o->password != NULL ? o->password : "");
	h.client = bytes("mashang-replay " VERSION);
	a->timer = evtimer_new(base, late_cb, a);
	if (a->timer != NULL)
		a->link = link_new(base, o->addresses, &h,
		    &(struct link_events){ .up = up,
			.refused = refused,
			.message = message,
			.arg = a },
		    &why);
	if (a->link == NULL) {
		fprintf(stderr, "mashang-replay: %s: %s\n", o->addresses, why);
		admin_free(&a);
		return ERR_BAD_FIELD;
	}
	*out = a;
	return ERR_OK;
}

void
admin_free(struct admin **admin)
{
	struct admin *a = *admin;

	if (a == NULL)
		return;
	link_free(&a->link);
	if (a->timer != NULL)
		event_free(a->timer);
	free(a);
	*admin = NULL;
}

enum err
admin_log_in(struct admin *a, int seconds)
{
	struct timeval tv = { seconds, 0 };

	event_add(a->timer, &tv);
	while (!link_is_up(a->link) && a->refused == NULL && !a->late)
		event_base_loop(a->base, EVLOOP_ONCE);
	event_del(a->timer);
	if (link_is_up(a->link))
		return ERR_OK;
	if (a->refused != NULL)
		fprintf(stderr,
		    "mashang-replay: the daemon refuses: %s; log in with "
		    "--login and --password-file\n",
		    a->refused);
	else
		fprintf(stderr, "mashang-replay: no daemon answers; is it "
				"running?  --socket names another\n");
	return a->refused != NULL ? ERR_AUTH : ERR_TIMEOUT;
}

bool
admin_is_up(const struct admin *a)
{
	return link_is_up(a->link);
}

const char *
admin_refused(const struct admin *a)
{
	return a->refused;
}

bool
admin_is_driven(const struct admin *a)
{
	return a->driven;
}

int64_t
admin_server_at(const struct admin *a)
{
	return a->server_at;
}

/* -------------------------------------------------------- one step a reply */

struct step {
	struct admin *admin;
	bool over;
	enum err err;
	admin_reply_fn *reply; /* may be NULL */
	void *arg;
};

/* The remedy is among the parameters: say them all. */
static void
tell_error(const Mashang__Error *e)
{
	fprintf(
	    stderr, "mashang-replay: the daemon says %s", code_name(e->code));
	for (size_t i = 0; i < e->n_params; i++)
		fprintf(stderr, " %.*s", (int)e->params[i].len,
		    (const char *)e->params[i].data);
	fputc('\n', stderr);
}

static void
step_done(void *arg, const Mashang__Envelope *e)
{
	struct step *s = arg;

	s->over = true;
	if (e == NULL) {
		s->err = ERR_IO;
		return;
	}
	if (e->body_case == MASHANG__ENVELOPE__BODY_ERROR) {
		s->err = e->error->code == MASHANG__CODE__CODE_NOT_FOUND
		             ? ERR_NOT_FOUND
		             : ERR_REFUSED;
		if (s->err == ERR_REFUSED)
			tell_error(e->error);
	} else if (s->reply != NULL) {
		s->reply(s->arg, e);
	}
	event_base_loopbreak(s->admin->base);
}

enum err
admin_ask(
    struct admin *a, Mashang__Envelope *e, admin_reply_fn *reply, void *arg)
{
	struct step s = { .admin = a, .reply = reply, .arg = arg };

	if (!link_request(a->link, e, NULL, step_done, &s))
		return ERR_NOMEM;
	while (!s.over && a->refused == NULL)
		event_base_loop(a->base, EVLOOP_ONCE);
	if (s.over)
		return s.err;
	/* Idle for good: drop the request before `s' goes. */
	link_free(&a->link);
	return ERR_AUTH;
}

/* If the daemon goes away in between, it is asked again: a repeat has no second
 * effect, but is told as saved. */
enum err
admin_ask_saved(
    struct admin *a, Mashang__Envelope *e, admin_reply_fn *reply, void *arg)
{
	enum err err;

	randombytes_buf(a->saves, OP_LEN);
	a->saved = false;
	e->op_id = (ProtobufCBinaryData){ OP_LEN, a->saves };
	do {
		unsigned ups = a->ups;

		err = admin_ask(a, e, reply, arg);
		while (err == ERR_OK && !a->saved && a->refused == NULL &&
		       ups == a->ups)
			event_base_loop(a->base, EVLOOP_ONCE);
	} while (err == ERR_OK && !a->saved && a->refused == NULL);
	return err == ERR_OK && !a->saved ? ERR_AUTH : err;
}

static enum err
send_apply(void *arg, Mashang__Apply *apply)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;

	e.body_case = MASHANG__ENVELOPE__BODY_APPLY;
	e.apply = apply;
	return admin_ask(arg, &e, NULL, NULL);
}

enum err
admin_apply(struct admin *a, const struct plan *p, const struct agents *people,
    const char *switch_name, unsigned humans)
{
	struct setup s = { .plan = p,
		.agents = people,
		.switch_name = switch_name,
		.humans = humans,
		.human_prefix = HUMAN_PREFIX,
		.send = send_apply,
		.arg = a };

	return setup_send(&s);
}

static enum err
user_set(struct admin *a, Mashang__Role role, const char *login,
    const char *switch_name)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__UserSet u = MASHANG__USER_SET__INIT;

	u.login = bytes(login);
	u.role = role;
	u.create = true;
	u.switch_ = bytes(switch_name);
	e.body_case = MASHANG__ENVELOPE__BODY_USER_SET;
	e.user_set = &u;
	return admin_ask(a, &e, NULL, NULL);
}

static void
take_token(void *arg, const Mashang__Envelope *e)
{
	struct admin_token *out = arg;

	if (e->body_case != MASHANG__ENVELOPE__BODY_TOKEN ||
	    e->token->token.len > ADMIN_TOKEN_MAX)
		return;
	out->len = e->token->token.len;
	memcpy(out->bytes, e->token->token.data, out->len);
}

enum err
admin_token(struct admin *a, Mashang__Role role, const char *login,
    const char *switch_name, struct admin_token *out)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__TokenIssue t = MASHANG__TOKEN_ISSUE__INIT;
	enum err err;

	out->len = 0;
	if (a->trusted)
		return ERR_OK;
	t.login = bytes(login);
	t.role = role;
	e.body_case = MASHANG__ENVELOPE__BODY_TOKEN_ISSUE;
	e.token_issue = &t;
	if ((err = admin_ask(a, &e, take_token, out)) == ERR_NOT_FOUND &&
	    (err = user_set(a, role, login, switch_name)) == ERR_OK) {
		e.op_id.len = 0; /* another request */
		err = admin_ask(a, &e, take_token, out);
	}
	return err;
}

/* ------------------------------------------------------------------ clock */

static void
clock_reached(void *arg, const Mashang__Envelope *e)
{
	struct admin *a = arg;

	a->advancing = false;
	if (e == NULL)
		return;
	if (e->body_case == MASHANG__ENVELOPE__BODY_CLOCK_REACHED) {
		a->reached = true;
		a->reached_at = e->clock_reached->at;
	} else if (e->body_case == MASHANG__ENVELOPE__BODY_ERROR) {
		tell_error(e->error);
		a->refused = code_name(e->error->code);
	}
}

enum err
admin_set_clock(struct admin *a, int64_t at)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__ClockAdvance c = MASHANG__CLOCK_ADVANCE__INIT;

	c.to = a->reached_at = at;
	e.body_case = MASHANG__ENVELOPE__BODY_CLOCK_ADVANCE;
	e.clock_advance = &c;
	return admin_ask(a, &e, NULL, NULL);
}

void
admin_advance(struct admin *a, int64_t to)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__ClockAdvance c = MASHANG__CLOCK_ADVANCE__INIT;

	assert(!a->advancing);
	c.to = to;
	e.body_case = MASHANG__ENVELOPE__BODY_CLOCK_ADVANCE;
	e.clock_advance = &c;
	a->reached = false;
	a->advancing = link_request(a->link, &e, NULL, clock_reached, a);
	if (!a->advancing)
		a->refused = "no memory";
}

bool
admin_reached(struct admin *a, int64_t *at)
{
	bool was = a->reached;

	a->reached = false;
	if (was)
		*at = a->reached_at;
	return was;
}

/* ----------------------------------------------------------------- humans */

static int
column(const Mashang__Page *p, const char *name)
{
	for (size_t i = 0; i < p->n_columns; i++)
		if (p->columns[i]->name.len == strlen(name) &&
		    memcmp(p->columns[i]->name.data, name, strlen(name)) == 0)
			return (int)i;
	return -1;
}

static bool
cell_is(const Mashang__Row *r, int column, const char *text, bool prefix)
{
	const ProtobufCBinaryData *c;
	size_t n = strlen(text);

	if (column < 0 || (size_t)column >= r->n_cells)
		return false;
	c = &r->cells[column]->text;
	return (prefix ? c->len >= n : c->len == n) &&
	       memcmp(c->data, text, n) == 0;
}

static enum admin_humans
human_of(const Mashang__Row *r, int device, int state)
{
	if (!cell_is(r, device, HUMAN_PREFIX, true))
		return HUMANS_AWAY;
	if (cell_is(r, state, "reserved", false))
		return HUMANS_OFFERED;
	if (cell_is(r, state, "busy", false) ||
	    cell_is(r, state, "working_after_call", false))
		return HUMANS_BUSY;
	return HUMANS_HERE;
}

/* The one who needs the slowest clock counts: an offer runs out. */
static void
humans_told(void *arg, const Mashang__Envelope *e)
{
	struct admin *a = arg;
	enum admin_humans h = HUMANS_AWAY, one;
	int device, state;

	a->asking_humans = false;
	if (e == NULL || e->body_case != MASHANG__ENVELOPE__BODY_PAGE)
		return;
	device = column(e->page, "device");
	state = column(e->page, "state");
	for (size_t i = 0; i < e->page->n_rows; i++) {
		one = human_of(e->page->rows[i], device, state);
		if (one == HUMANS_OFFERED || h == HUMANS_AWAY ||
		    (one == HUMANS_BUSY && h == HUMANS_HERE))
			h = one;
	}
	a->humans = h;
}

enum admin_humans
admin_humans(const struct admin *a)
{
	return a->humans;
}

void
admin_ask_humans(struct admin *a)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__Show s = MASHANG__SHOW__INIT;

	if (a->asking_humans || !link_is_up(a->link))
		return;
	s.what = bytes("agents");
	e.body_case = MASHANG__ENVELOPE__BODY_SHOW;
	e.show = &s;
	a->asking_humans = link_request(a->link, &e, NULL, humans_told, a);
}

bool
admin_asks_humans(const struct admin *a)
{
	return a->asking_humans;
}
