/*
 * asterisk_ask.c - actions, what is owed for each, and the actions that a call
 * is handled with.
 *
 * Responses are found by ActionID only; they come in any order, between
 * events.  One that does not come in time is taken as a refusal.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "bridge/asterisk.h"

#define ASK_US (8 * CLOCK_S)
#define LIST_US (60 * CLOCK_S) /* a full switch lists for a while */

void
ast_begin(struct ast *a, const char *action)
{
	ami_begin(&a->action, action, ++a->next_ask);
}

static bool
write_out(struct ast *a)
{
	return ami_end(&a->action) && a->stream != NULL &&
	       stream_write(a->stream, a->action.text, a->action.len);
}

bool
ast_send(struct ast *a, const struct ast_ask *ask)
{
	bool list = ask->asked == AST_CHANNELS || ask->asked == AST_DEVICES;
	struct ast_ask *k = malloc(sizeof(*k));

	if (k == NULL || !write_out(a)) {
		free(k);
		return false;
	}
	*k = *ask;
	k->id = a->next_ask;
	k->until = clock_loop() + (list ? LIST_US : ASK_US);
	TAILQ_INSERT_TAIL(&a->asks, k, entry);
	return true;
}

void
ast_send_only(struct ast *a)
{
	static const struct ast_ask nobody = { .asked = AST_NOTHING };

	if (!ast_send(a, &nobody))
		log_debug(LOG_BRIDGE, "asterisk an action was not sent");
}

/* ------------------------------------------------------- what calls need */

void
ast_setvar(struct ast *a, const struct ast_chan *c, const char *variable,
    struct str value)
{
	ast_begin(a, "Setvar");
	ami_add(&a->action, "Channel", str_of(c->uid));
	ami_addf(&a->action, "Variable", "%s", variable);
	ami_add(&a->action, "Value", value);
	ast_send_only(a);
}

void
ast_redirect(struct ast *a, const struct ast_chan *c, const char *context,
    const char *exten)
{
	ast_begin(a, "Redirect");
	ami_add(&a->action, "Channel", str_of(c->uid));
	ami_addf(&a->action, "Context", "%s", context);
	ami_addf(&a->action, "Exten", "%s", exten);
	ami_addf(&a->action, "Priority", "1");
}

void
ast_hangup(struct ast *a, const struct ast_chan *c, Mashang__Cause cause)
{
	ast_begin(a, "Hangup");
	ami_add(&a->action, "Channel", str_of(c->uid));
	ami_addf(&a->action, "Cause", "%d", ast_q850_of(cause));
	ast_send_only(a);
}

static const char *const uses[] = {
	[AST_USE_AGENT] = "agent",
	[AST_USE_TRANSFER] = "transfer",
	[AST_USE_CONSULT] = "consult",
	[AST_USE_OUT] = "out",
	[AST_USE_BACK] = "back",
	[AST_USE_SPY] = "spy",
};
static const char *const contexts[] = {
	[AST_USE_AGENT] = "mashang-agent",
	[AST_USE_TRANSFER] = "mashang-agent",
	[AST_USE_CONSULT] = "mashang-agent",
	[AST_USE_OUT] = "mashang-out",
	[AST_USE_BACK] = "mashang-wait",
	[AST_USE_SPY] = "mashang-spy",
};

/* Else it makes a call of its own. */
static bool
has_peer(const struct ast_leg *l)
{
	return l->use != AST_USE_OUT && l->use != AST_USE_BACK;
}

/* Whom the leg will be joined with; the name, since Bridge() of newer
 * Asterisks finds no channel by its id. */
static struct str
peer_of(const struct ast_leg *l)
{
	const struct ast_call *c = l->call;
	const struct ast_chan *peer = c->caller;

	if (l->use == AST_USE_CONSULT)
		peer = c->about != NULL && c->about->agent != NULL
		           ? c->about->agent->chan
		           : NULL;
	else if (l->use == AST_USE_SPY)
		peer = c->agent != NULL ? c->agent->chan : NULL;
	return str_of(peer != NULL ? peer->name : NULL);
}

/* Who calls, as the phone shows it: left out where it is more than a name and
 * a number. */
static void
add_caller_id(struct ast *a, const struct ast_leg *l)
{
	const char *number = l->call->number, *name = l->call->show;

	if (l->use == AST_USE_BACK) {
		number = name;
		name = "";
	}
	if (l->use == AST_USE_OUT || number[0] == '\0' ||
	    !ast_is_token(str_of(number)))
		return;
	if (name[0] != '\0' && strpbrk(name, "\"<>\\\r\n") == NULL)
		ami_addf(&a->action, "CallerID", "\"%s\" <%s>", name, number);
	else
		ami_addf(&a->action, "CallerID", "<%s>", number);
}

static void
add_variables(struct ast *a, const struct ast_leg *l)
{
	struct str peer = peer_of(l);

	ami_addf(&a->action, "Variable", "MASHANG_ROLE=%s", uses[l->use]);
	ami_addf(&a->action, "Variable", "MASHANG_OF=%s", l->call->name);
	ami_addf(&a->action, "Variable", "MASHANG_DEVICE=%s", l->device);
	ami_addf(&a->action, "Variable", "MASHANG_RING=%lld",
	    (long long)(l->ring_us + CLOCK_S - 1) / CLOCK_S);
	if (has_peer(l))
		ami_addf(
		    &a->action, "Variable", "MASHANG_PEER=%.*s", STR_ARG(peer));
	if (l->use == AST_USE_BACK)
		ami_addf(&a->action, "Variable", "MASHANG_BACK=1");
	if (!has_peer(l) && l->call->show[0] != '\0')
		ami_addf(
		    &a->action, "Variable", "MASHANG_SHOW=%s", l->call->show);
	if (!l->auto_answer)
		return;
	for (size_t i = 0; i < a->options->auto_answer.n; i++) {
		const char *h =
		    ((const char *const *)a->options->auto_answer.items)[i];
		const char *colon = strchr(h, ':'), *value = colon + 1;

		while (*value == ' ')
			value++;
		ami_addf(&a->action, "Variable", "PJSIP_HEADER(add,%.*s)=%s",
		    (int)(colon - h), h, value);
	}
}

bool
ast_originate(struct ast *a, struct ast_leg *l)
{
	struct ast_ask ask = { .asked = AST_RUNG, .order_id = l->order_id };
	struct str peer = peer_of(l);

	/* What it was to be joined with is gone, or cannot be named. */
	if (has_peer(l) && !ast_is_token(peer))
		return false;
	ast_begin(a, "Originate");
	ami_addf(&a->action, "Channel", "%s", l->dial);
	ami_addf(&a->action, "ChannelId", "%s", l->uid);
	ami_addf(&a->action, "Context", "%s", contexts[l->use]);
	ami_addf(&a->action, "Exten", "%s", l->exten);
	ami_addf(&a->action, "Priority", "1");
	ami_addf(&a->action, "Timeout", "%lld", (long long)l->ring_us / 1000);
	ami_addf(&a->action, "Async", "true");
	add_caller_id(a, l);
	add_variables(a, l);
	ast_copy(ask.call, sizeof(ask.call), str_of(l->call->name));
	ast_copy(ask.leg, sizeof(ask.leg), str_of(l->uid));
	return ast_send(a, &ask);
}

/* -------------------------------------------------------------- responses */

static Mashang__Code
code_of(const struct ami_message *m)
{
	struct str why = m != NULL ? ami_get(m, "Message") : str_of(NULL);

	if (m == NULL)
		return AST_CODE(UNAVAILABLE);
	if (ami_is(m, "Response", "Success"))
		return AST_CODE(OK);
	if (str_eq(why, STR_LIT("No such channel")) ||
	    (why.len > 22 && memcmp(why.p, "Channel does not exist", 22) == 0))
		return AST_CODE(NOT_FOUND);
	return AST_CODE(REFUSED);
}

/* Rights that lack, contexts that are not there: somebody must mend that. */
static void
tell_trouble(struct ast *a, const struct ami_message *m)
{
	struct str why = ami_get(m, "Message");
	char words[160];

	log_info(LOG_BRIDGE, "asterisk refused an order: %.*s", STR_ARG(why));
	if (str_eq(why, STR_LIT("Permission denied")))
		snprintf(words, sizeof(words),
		    "Asterisk's manager user %s may not do that: "
		    "see config/asterisk/manager.conf",
		    a->options->user);
	else if (str_eq(why, STR_LIT("Extension does not exist.")) ||
		 str_eq(why, STR_LIT("Priority is invalid")))
		snprintf(words, sizeof(words),
		    "a context of ours is not in Asterisk's dialplan: "
		    "see config/asterisk/extensions.conf");
	else
		return;
	exchange_trouble(a->exchange, words);
}

static void
answer(struct ast *a, const struct ast_ask *k, Mashang__Code code)
{
	if (k->order_id != 0)
		exchange_answer(a->exchange, k->order_id, code);
}

static void
on_order(struct ast *a, const struct ast_ask *k, const struct ami_message *m)
{
	answer(a, k, code_of(m));
}

/* The leg is on its way, or will never be. */
static void
on_rung(struct ast *a, const struct ast_ask *k, const struct ami_message *m)
{
	struct ast_leg *l = ast_leg_find(a, str_of(k->leg));
	Mashang__Code code = code_of(m);

	answer(a, k, code);
	if (code != AST_CODE(OK) && l != NULL && l->chan == NULL && m != NULL)
		ast_leg_failed(a, l, AST_CAUSE(UNREACHABLE));
}

static void
on_parked(struct ast *a, const struct ast_ask *k, const struct ami_message *m)
{
	struct ast_leg *l = ast_leg_find(a, str_of(k->leg));
	struct ast_call *c = ast_call_find(a, str_of(k->call));
	Mashang__Code code = code_of(m);

	answer(a, k, code);
	if (c == NULL || code == AST_CODE(OK))
		return;
	c->at = AST_AT_TALK;
	memset(&c->parking, 0, sizeof(c->parking));
	if (l != NULL && m != NULL)
		ast_leg_failed(a, l, AST_CAUSE(UNREACHABLE));
}

static void
on_requeued(struct ast *a, const struct ast_ask *k, const struct ami_message *m)
{
	Mashang__Code code = code_of(m);

	/* QUEUED is told when the dialplan says that it waits. */
	answer(a, k, code);
}

static void
on_queue_why(
    struct ast *a, const struct ast_ask *k, const struct ami_message *m)
{
	struct ast_call *c = ast_call_find(a, str_of(k->call));

	if (c != NULL && m != NULL)
		ast_listen_why(a, c, m);
}

static void
on_beat(struct ast *a, const struct ast_ask *k, const struct ami_message *m)
{
	(void)k;
	if (m == NULL)
		return; /* the deadline has ended the connection */
	if (!ami_is(m, "Response", "Success") && !ami_is(m, "Response", "Pong"))
		tell_trouble(a, m);
}

static void
on_nothing(struct ast *a, const struct ast_ask *k, const struct ami_message *m)
{
	(void)a;
	(void)k;
	(void)m;
}

typedef void asked_fn(
    struct ast *, const struct ast_ask *, const struct ami_message *);

static asked_fn *const rows[AST_NASKED] = {
	[AST_CHALLENGE] = ast_logged_in,
	[AST_LOGIN] = ast_logged_in,
	[AST_SETTINGS] = ast_logged_in,
	[AST_STATUS] = ast_logged_in,
	[AST_CHANNELS] = ast_logged_in,
	[AST_DEVICES] = ast_logged_in,
	[AST_BEAT] = on_beat,
	[AST_ORDER] = on_order,
	[AST_PARKED] = on_parked,
	[AST_RUNG] = on_rung,
	[AST_REQUEUED] = on_requeued,
	[AST_QUEUE_WHY] = on_queue_why,
	[AST_PROBED] = ast_probe_response,
	[AST_NOTHING] = on_nothing,
};

static void
done(struct ast *a, struct ast_ask *k, const struct ami_message *m)
{
	TAILQ_REMOVE(&a->asks, k, entry);
	if (m != NULL && k->order_id != 0 && !ami_is(m, "Response", "Success"))
		tell_trouble(a, m);
	rows[k->asked](a, k, m);
	free(k);
}

void
ast_response(struct ast *a, const struct ami_message *m)
{
	int64_t id = ami_number(m, "ActionID", -1);
	struct ast_ask *k;

	TAILQ_FOREACH (k, &a->asks, entry)
		if (id > 0 && k->id == (uint64_t)id) {
			done(a, k, m);
			return;
		}
}

void
ast_asks_tick(struct ast *a, int64_t now)
{
	struct ast_ask *k, *next;

	for (k = TAILQ_FIRST(&a->asks); k != NULL; k = next) {
		next = TAILQ_NEXT(k, entry);
		if (k->until > now)
			continue;
		if (k->asked != AST_NOTHING && a->stream != NULL) {
			/* It reads no more, or it answers no more. */
			stream_fail(
			    a->stream, "Asterisk does not answer in time");
			return;
		}
		done(a, k, NULL);
	}
}

void
ast_asks_lost(struct ast *a)
{
	struct ast_ask *k;

	while ((k = TAILQ_FIRST(&a->asks)) != NULL)
		done(a, k, NULL);
}
