/*
 * asterisk_list.c - all that lives now, read off the switch's list of channels.
 *
 * The list comes as events of one ActionID, without others between them; it
 * is gathered, and the mirror made anew of it when it is whole.  What each
 * channel is to us stands in variables that the dialplan and our Originate
 * have set, so that a bridge that remembers nothing knows all calls again.
 */
#include <stdlib.h>

#include "base/log.h"
#include "bridge/asterisk.h"

#define CALL_ROOM 4096

/* A channel of the list. */
struct ast_row {
	struct ast_row *next;
	char uid[AST_CHAN_MAX], name[AST_CHAN_MAX], bridge[AST_CHAN_MAX];
	char exten[AST_DEVICE_MAX + 1];
	char number[AST_TEXT_MAX], show[AST_TEXT_MAX];
	char role[16], of[AST_DEVICE_MAX + 1], device[AST_DEVICE_MAX + 1];
	char at[16], peer[AST_CHAN_MAX], app[32], data[AST_TEXT_MAX];
	char shown[AST_TEXT_MAX], back[4];
	int64_t state;
	char call[CALL_ROOM];
};

void
ast_list_drop(struct ast *a)
{
	struct ast_row *r;

	while ((r = a->rows) != NULL) {
		a->rows = r->next;
		free(r);
	}
	a->listing = false;
}

void
ast_list(struct ast *a)
{
	static const struct ast_ask ask = { .asked = AST_CHANNELS };

	if (a->listing)
		return;
	ast_begin(a, "Status");
	ami_addf(&a->action, "Variables", "%s",
	    "MASHANG_CALL,MASHANG_AT,MASHANG_ROLE,MASHANG_OF,"
	    "MASHANG_DEVICE,MASHANG_PEER,MASHANG_SHOW,MASHANG_BACK");
	a->listing = ast_send(a, &ask);
}

static void
take_variable(struct ast_row *r, struct str v)
{
	const struct {
		const char *name;
		char *to;
		size_t room;
	} rows[] = {
		{ "MASHANG_CALL=", r->call, sizeof(r->call) },
		{ "MASHANG_AT=", r->at, sizeof(r->at) },
		{ "MASHANG_ROLE=", r->role, sizeof(r->role) },
		{ "MASHANG_OF=", r->of, sizeof(r->of) },
		{ "MASHANG_DEVICE=", r->device, sizeof(r->device) },
		{ "MASHANG_PEER=", r->peer, sizeof(r->peer) },
		{ "MASHANG_SHOW=", r->shown, sizeof(r->shown) },
		{ "MASHANG_BACK=", r->back, sizeof(r->back) },
	};

	for (size_t i = 0; i < NELEM(rows); i++) {
		uint32_t n = (uint32_t)strlen(rows[i].name);

		if (v.len < n || memcmp(v.p, rows[i].name, n) != 0)
			continue;
		v = (struct str){ v.p + n, v.len - n };
		/* How it prints one that is not set. */
		if (!str_eq(v, STR_LIT("(null)")))
			ast_copy(rows[i].to, rows[i].room, v);
		return;
	}
}

/* The inner half of a Local channel that we have originated bears the outer
 * one's variables. */
static bool
is_inner_half(const char *uid)
{
	return strncmp(uid, AST_LEG, strlen(AST_LEG)) == 0 &&
	       strchr(uid, ';') != NULL;
}

void
ast_list_row(struct ast *a, const struct ami_message *m)
{
	struct report who = { 0 };
	struct ast_row *r;
	struct str v;
	unsigned i = 0;

	if (!a->listing || (r = calloc(1, sizeof(*r))) == NULL)
		return;
	ast_copy(r->uid, sizeof(r->uid), ami_get(m, "Uniqueid"));
	ast_copy(r->name, sizeof(r->name), ami_get(m, "Channel"));
	ast_copy(r->bridge, sizeof(r->bridge), ami_get(m, "BridgeID"));
	ast_copy(r->exten, sizeof(r->exten), ami_get(m, "DNID"));
	ast_copy(r->app, sizeof(r->app), ami_get(m, "Application"));
	ast_copy(r->data, sizeof(r->data), ami_get(m, "Data"));
	ast_caller_of(&who, m);
	ast_copy(r->number, sizeof(r->number), who.caller);
	ast_copy(r->show, sizeof(r->show), who.caller_name);
	r->state = ami_number(m, "ChannelState", 0);
	while (ami_next(m, "Variable", &i, &v))
		take_variable(r, v);
	if (is_inner_half(r->uid))
		r->role[0] = r->call[0] = '\0';
	r->next = a->rows;
	a->rows = r;
}

/* ----------------------------------------------------------- made anew of it */

static const struct ast_row *
row_named(const struct ast *a, const char *name)
{
	for (const struct ast_row *r = a->rows; r != NULL; r = r->next)
		if (strcmp(r->name, name) == 0)
			return r;
	return NULL;
}

static void
make_mirror(struct ast *a)
{
	ast_mirror_clear(a);
	for (const struct ast_row *r = a->rows; r != NULL; r = r->next) {
		struct ast_chan *c =
		    ast_chan_get(a, str_of(r->uid), str_of(r->name));

		if (c == NULL)
			continue;
		c->state = r->state;
		ast_copy(c->exten, sizeof(c->exten), str_of(r->exten));
		ast_chan_enter(a, c, str_of(r->bridge));
	}
}

static bool
is_word(const char *s, const char *word)
{
	return strcmp(s, word) == 0;
}

/* Our callers, and those of app_queue where we only listen. */
static void
make_callers(struct ast *a)
{
	for (const struct ast_row *r = a->rows; r != NULL; r = r->next) {
		struct ast_chan *chan = ast_chan_find(a, str_of(r->uid));
		bool ours = a->listen_only ? is_word(r->app, "Queue")
		                           : r->call[0] != '\0';
		struct ast_call *c;

		if (chan == NULL || !ours)
			continue;
		if ((c = ast_call_find(a, str_of(r->uid))) == NULL &&
		    (c = ast_call_new(a, str_of(r->uid))) == NULL)
			continue;
		ast_call_caller(c, chan);
		c->seen = true;
		c->queue = a->listen_only;
		c->called_back = r->back[0] != '\0';
		ast_copy(c->number, sizeof(c->number), str_of(r->number));
		ast_copy(c->show, sizeof(c->show), str_of(r->show));
		c->at = is_word(r->at, "hold")   ? AST_AT_HOLD
		        : is_word(r->at, "room") ? AST_AT_ROOM
		        : is_word(r->at, "away") ? AST_AT_AWAY
		        : chan->bridge != NULL   ? AST_AT_TALK
		                                 : AST_AT_WAIT;
		/* A retrieved caller still bears the mark of the hold. */
		if (c->at == AST_AT_HOLD && chan->bridge != NULL)
			c->at = AST_AT_TALK;
	}
}

static bool
makes_call(enum ast_use use)
{
	return use == AST_USE_OUT || use == AST_USE_CONSULT ||
	       use == AST_USE_BACK;
}

static void
make_leg(struct ast *a, const struct ast_row *r, enum ast_use use)
{
	struct ast_chan *chan = ast_chan_find(a, str_of(r->uid));
	struct ast_call *c = ast_call_find(a, str_of(r->of));
	struct ast_leg *l = ast_leg_find(a, str_of(r->uid));

	if (c == NULL && makes_call(use) &&
	    (c = ast_call_new(a, str_of(r->of))) != NULL && use != AST_USE_BACK)
		c->at = AST_AT_TALK;
	if (c == NULL || chan == NULL)
		return;
	if (makes_call(use))
		c->seen = true;
	if (use == AST_USE_BACK) {
		c->called_back = true;
		ast_copy(c->number, sizeof(c->number), str_of(r->device));
		ast_copy(c->show, sizeof(c->show), str_of(r->shown));
	}
	if (l == NULL)
		l = ast_leg_new(a, c, use, str_of(r->device), r->uid);
	if (l == NULL)
		return;
	ast_leg_chan(l, chan);
	l->answered = chan->state == AST_UP;
	l->joined =
	    l->joined || chan->bridge != NULL ||
	    (l->answered && c->at == AST_AT_HOLD && use != AST_USE_TRANSFER) ||
	    (l->answered && use == AST_USE_SPY);
	if (l->joined && (use == AST_USE_AGENT || use == AST_USE_OUT ||
			     use == AST_USE_CONSULT ||
			     (use == AST_USE_TRANSFER && c->caller != NULL &&
				 c->caller->bridge == chan->bridge)))
		c->agent = l;
}

static void
make_legs(struct ast *a)
{
	static const struct {
		const char *word;
		enum ast_use use;
	} rows[] = {
		{ "agent", AST_USE_AGENT },
		{ "transfer", AST_USE_TRANSFER },
		{ "consult", AST_USE_CONSULT },
		{ "out", AST_USE_OUT },
		{ "back", AST_USE_BACK },
		{ "spy", AST_USE_SPY },
	};

	for (size_t i = 0; i < NELEM(rows); i++)
		for (const struct ast_row *r = a->rows; r != NULL; r = r->next)
			if (is_word(r->role, rows[i].word))
				make_leg(a, r, rows[i].use);
}

/* Who is with whom says the rest: the customers of those who have called, the
 * phones that have taken somebody's place, the callers of who consults. */
static void
make_pairs(struct ast *a)
{
	struct ast_call *c, *next;
	struct ast_leg *l;
	struct ast_chan *other;

	HASH_ITER(hh, a->calls, c, next)
	{
		l = c->agent;
		if (l != NULL && l->use == AST_USE_OUT && c->caller == NULL &&
		    l->chan != NULL && l->chan->bridge != NULL)
			TAILQ_FOREACH (other, &l->chan->bridge->in, of_bridge)
				if (other->role == AST_NOBODY)
					ast_call_caller(c, other);
		if (c->caller == NULL || c->caller->bridge == NULL ||
		    c->agent != NULL || c->at == AST_AT_ROOM)
			continue;
		TAILQ_FOREACH (other, &c->caller->bridge->in, of_bridge) {
			struct str d =
			    ast_device_of_chan(a, str_of(other->name));

			if (other->role == AST_NOBODY && d.len > 0 &&
			    (l = ast_leg_new(
				 a, c, AST_USE_AGENT, d, other->uid)) != NULL) {
				ast_leg_chan(l, other);
				l->joined = l->answered = true;
				c->agent = l;
			}
		}
	}
}

/* Held: of a customer that an agent has called, and who is consulted about. */
static void
make_held(struct ast *a)
{
	for (const struct ast_row *r = a->rows; r != NULL; r = r->next) {
		struct ast_chan *chan = ast_chan_find(a, str_of(r->uid));
		const struct ast_row *peer = row_named(a, r->peer);
		struct ast_chan *with =
		    peer != NULL ? ast_chan_find(a, str_of(peer->uid)) : NULL;
		struct ast_call *c;

		if (chan == NULL || with == NULL || with->leg == NULL)
			continue;
		if (chan->role == AST_NOBODY && is_word(r->at, "hold") &&
		    chan->bridge == NULL && with->leg->use == AST_USE_OUT) {
			c = with->leg->call;
			ast_call_caller(c, chan);
			with->leg->joined = true;
			c->agent = with->leg;
			c->at = AST_AT_HOLD;
		} else if (chan->leg != NULL &&
			   chan->leg->use == AST_USE_CONSULT) {
			c = chan->leg->call;
			c->about = with->leg->call;
			c->about->consult = c;
		}
	}
}

/* ------------------------------------------------------------------ telling */

static Mashang__CallEventKind
kind_of(const struct ast_call *c, const struct ast_leg **at)
{
	const struct ast_leg *l;

	*at = c->agent;
	if (c->agent != NULL && c->agent->joined)
		return c->at == AST_AT_HOLD || c->phone_held
		           ? AST_KIND(HELD)
		           : AST_KIND(ESTABLISHED);
	TAILQ_FOREACH (l, &c->legs, of_call)
		if (l->chan != NULL && l->chan->state == AST_RINGING &&
		    (l->use == AST_USE_AGENT || l->use == AST_USE_OUT ||
			l->use == AST_USE_CONSULT)) {
			*at = l;
			return AST_KIND(DELIVERED);
		}
	*at = NULL;
	if (c->caller == NULL || c->at == AST_AT_AWAY)
		return AST_KIND(OFFERED);
	if (c->at == AST_AT_ROOM)
		TAILQ_FOREACH (l, &c->legs, of_call)
			if (l->joined && l->use != AST_USE_SPY) {
				*at = l;
				return AST_KIND(ESTABLISHED);
			}
	return AST_KIND(QUEUED);
}

static void
tell_seen(struct ast *a, struct ast_call *c)
{
	const struct ast_leg *l = NULL;
	struct report r = ast_report(c, kind_of(c, &l));
	const struct ast_row *row;

	for (row = a->rows; row != NULL; row = row->next)
		if (c->caller != NULL && is_word(row->uid, c->caller->uid))
			break;
	r.caller = str_of(c->number);
	r.caller_name = str_of(c->show);
	if (c->called_back) {
		r.caller_name = str_of(NULL);
		r.relation = MASHANG__RELATION__RELATION_CALLBACK;
	}
	if (l != NULL)
		r.device = str_of(l->device);
	if (row != NULL && row->call[0] != '\0')
		ast_brings(&r, str_of(row->call));
	if (c->queue && row != NULL) {
		r.called = str_of(row->exten);
		r.menu = (struct str){ row->data,
			(uint32_t)strcspn(row->data, ",") };
	}
	if (c->about != NULL) {
		r.related_call = str_of(c->about->name);
		r.relation = MASHANG__RELATION__RELATION_CONSULT;
	}
	exchange_seen(a->exchange, &r);
}

static bool
is_on_its_way(const struct ast_call *c)
{
	const struct ast_leg *l;

	TAILQ_FOREACH (l, &c->legs, of_call)
		if (l->chan == NULL && c->caller == NULL &&
		    l->use != AST_USE_AGENT)
			return true;
	return false;
}

/* What had a channel and has none has ended unseen. */
static void
drop_legs(struct ast *a)
{
	struct ast_leg *l, *next;

	HASH_ITER(hh, a->legs, l, next)
	{
		if (l->there && l->chan == NULL)
			ast_leg_free(a, l);
	}
}

/* A list that has ended is told; calls that are not in it go by that. */
void
ast_list_done(struct ast *a)
{
	struct ast_call *c, *next;

	if (!a->listing)
		return;
	HASH_ITER(hh, a->calls, c, next)
	{
		c->seen = false;
		memset(&c->parking, 0, sizeof(c->parking));
	}
	make_mirror(a);
	make_callers(a);
	make_legs(a);
	drop_legs(a);
	make_pairs(a);
	make_held(a);
	exchange_resync(a->exchange);
	HASH_ITER(hh, a->calls, c, next)
	{
		if (c->seen || is_on_its_way(c))
			tell_seen(a, c);
		else if (exchange_find(a->exchange, str_of(c->name)) == NULL)
			ast_call_free(a, c);
	}
	ast_list_drop(a);
	exchange_resynced(a->exchange); /* forgets the others */
	if (a->stage == AST_LISTING)
		ast_live(a);
}
