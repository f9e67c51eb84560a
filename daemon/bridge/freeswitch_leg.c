/*
 * freeswitch_leg.c - legs and calls: the objects.
 */
#include <stdlib.h>

#include "base/log.h"
#include "bridge/freeswitch.h"

/* ------------------------------------------------------------------- legs */

struct fs_leg *
fs_leg_find(struct fs *f, struct str uuid)
{
	struct fs_leg *l = NULL;

	if (uuid.len > 0 && uuid.len <= FS_NAME_MAX)
		HASH_FIND(hh, f->legs, uuid.p, uuid.len, l);
	return l;
}

struct fs_leg *
fs_leg_new(struct fs *f, struct fs_call *c, enum fs_role role,
    struct str device, struct str uuid)
{
	struct fs_leg *l;

	if (uuid.len > 0 && !fs_is_uuid(uuid))
		return NULL;
	if ((l = calloc(1, sizeof(*l))) == NULL)
		return NULL;
	fs_uuid(l->uuid);
	if (uuid.len > 0)
		fs_copy(l->uuid, sizeof(l->uuid), uuid);
	fs_copy(l->device, sizeof(l->device), device);
	HASH_ADD_KEYPTR(hh, f->legs, l->uuid, strlen(l->uuid), l);
	if (!HASH_ADD_OK(hh, l)) {
		free(l);
		return NULL;
	}
	l->call = c;
	l->role = role;
	if (c != NULL)
		TAILQ_INSERT_TAIL(&c->legs, l, of_call);
	return l;
}

/* No call points to it any more. */
static void
detach(struct fs_leg *l)
{
	struct fs_call *c = l->call, *k;

	if (c == NULL)
		return;
	TAILQ_REMOVE(&c->legs, l, of_call);
	if (c->caller == l)
		c->caller = NULL;
	if (c->agent == l)
		c->agent = NULL;
	if (c->asker == l)
		c->asker = NULL;
	if ((k = c->consult) != NULL && k->asker == l)
		k->asker = NULL;
	l->call = NULL;
}

void
fs_leg_move(struct fs_leg *l, struct fs_call *to, enum fs_role role)
{
	if (l->call != to) {
		detach(l);
		l->call = to;
		TAILQ_INSERT_TAIL(&to->legs, l, of_call);
	}
	l->role = role;
}

void
fs_leg_free(struct fs *f, struct fs_leg *l)
{
	detach(l);
	HASH_DELETE(hh, f->legs, l);
	free(l);
}

/* It stays in the table until it has ended: a leg whose originate has not got
 * round to it yet is not there to be killed, and rings later. */
void
fs_leg_drop(struct fs *f, struct fs_leg *l)
{
	detach(l);
	l->role = FS_NOBODY;
	l->stopped = true;
	fs_kill(f, l, "NORMAL_CLEARING");
}

struct fs_leg *
fs_leg_of(struct fs_call *c, enum fs_role role)
{
	struct fs_leg *l;

	TAILQ_FOREACH (l, &c->legs, of_call)
		if (l->role == role && !l->stopped)
			return l;
	return NULL;
}

bool
fs_leg_is_up(const struct fs_leg *l)
{
	return l != NULL && l->answered && !l->stopped;
}

/* ------------------------------------------------------------------ calls */

struct fs_call *
fs_call_find(struct fs *f, struct str name)
{
	struct fs_call *c = NULL;

	if (name.len > 0 && name.len <= FS_NAME_MAX)
		HASH_FIND(hh, f->calls, name.p, name.len, c);
	return c;
}

struct fs_call *
fs_call_new(struct fs *f, struct str name)
{
	struct fs_call *c;

	if (!fs_is_uuid(name) || (c = calloc(1, sizeof(*c))) == NULL)
		return NULL;
	TAILQ_INIT(&c->legs);
	fs_copy(c->name, sizeof(c->name), name);
	HASH_ADD_KEYPTR(hh, f->calls, c->name, name.len, c);
	if (HASH_ADD_OK(hh, c))
		return c;
	free(c);
	return NULL;
}

/* Its legs live on, as nobody's. */
void
fs_call_free(struct fs *f, struct fs_call *c)
{
	struct fs_leg *l;

	while ((l = TAILQ_FIRST(&c->legs)) != NULL) {
		detach(l);
		l->role = FS_NOBODY;
	}
	if (c->about != NULL)
		c->about->consult = NULL;
	if (c->consult != NULL)
		c->consult->about = NULL;
	HASH_DELETE(hh, f->calls, c);
	free(c);
}

void
fs_calls_clear(struct fs *f)
{
	struct fs_leg *l, *next_l;
	struct fs_call *c, *next_c;

	HASH_ITER(hh, f->calls, c, next_c)
	{
		fs_call_free(f, c);
	}
	HASH_ITER(hh, f->legs, l, next_l)
	{
		HASH_DELETE(hh, f->legs, l);
		free(l);
	}
}

/* ---------------------------------------------------------------- reports */

struct report
fs_report(const struct fs_call *c, Mashang__CallEventKind kind)
{
	return (struct report){ .call = str_of(c->name), .kind = kind };
}

struct report
fs_report_made(const struct fs_call *c, Mashang__CallEventKind kind)
{
	struct report r = fs_report(c, kind);

	r.caller = str_of(c->number);
	r.called = str_of(c->show);
	if (c->called_back)
		r.relation = MASHANG__RELATION__RELATION_CALLBACK;
	return r;
}

void
fs_tell(struct fs *f, const struct report *r)
{
	log_debug(LOG_MAIN, "freeswitch call=%.*s kind=%d device=%.*s",
	    STR_ARG(r->call), (int)r->kind, STR_ARG(r->device));
	exchange_report(f->exchange, r);
}

void
fs_tell_at(struct fs *f, struct fs_call *c, Mashang__CallEventKind kind,
    const struct fs_leg *l, Mashang__Cause cause)
{
	struct report r = fs_report(c, kind);

	r.device = str_of(l->device);
	r.order_id = l->order_id;
	r.cause = cause;
	fs_tell(f, &r);
}

/* Who asks somebody goes on doing so, in the consult call. */
static void
leave_to_consult(struct fs *f, struct fs_call *c)
{
	struct fs_call *k = c->consult;

	if (k == NULL)
		return;
	if (fs_leg_is_up(k->asker) && k->asker->call == c) {
		struct fs_leg *asker = k->asker;

		fs_leg_move(asker, k, FS_ASKER);
		k->asker = asker;
		k->about = NULL;
		c->consult = NULL;
	} else {
		fs_call_over(f, k, FS_CAUSE(NORMAL));
	}
}

void
fs_call_over(struct fs *f, struct fs_call *c, Mashang__Cause cause)
{
	struct report r = fs_report(c, FS_KIND(CALL_CLEARED));
	char name[FS_NAME_MAX + 1];
	struct fs_leg *l;

	leave_to_consult(f, c);
	while ((l = TAILQ_FIRST(&c->legs)) != NULL)
		fs_leg_drop(f, l);
	fs_copy(name, sizeof(name), str_of(c->name));
	r.call = str_of(name);
	r.cause = cause;
	r.party = c->first != FS_PARTY(NONE) ? c->first : FS_PARTY(SWITCH);
	fs_tell(f, &r);
	/* The exchange has told forget(), if it knew the call. */
	if ((c = fs_call_find(f, r.call)) != NULL)
		fs_call_free(f, c);
}
