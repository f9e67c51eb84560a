/*
 * exchange_call.c - calls, and the devices that they are at.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "bridge/exchange_own.h"

#define GONE_MAX 8192 /* names of calls that are over */

/* ------------------------------------------------------------------ names */

struct str
xname_str(const struct xname *n)
{
	return (struct str){ n->p, n->len };
}

bool
xname_set(struct xname *n, struct str s)
{
	char clean[XNAME_MAX * 4];
	size_t len;

	n->len = 0;
	if (s.len == 0 || text_check(s, XNAME_MAX) != ERR_OK)
		return false;
	len = text_clean(s, false, clean, sizeof(clean));
	if (len != s.len || memcmp(clean, s.p, len) != 0)
		return false;
	memcpy(n->p, s.p, s.len);
	n->len = s.len;
	return true;
}

/* ---------------------------------------------------------------- devices */

struct xdevice *
xdevice_find(struct exchange *x, struct str name)
{
	struct xdevice *d = NULL;

	if (name.len > 0 && name.len <= XNAME_MAX)
		HASH_FIND(hh, x->devices, name.p, name.len, d);
	return d;
}

struct xdevice *
xdevice_get(struct exchange *x, struct str name)
{
	struct xdevice *d = xdevice_find(x, name);

	if (d != NULL)
		return d;
	if ((d = calloc(1, sizeof(*d))) == NULL)
		return NULL;
	TAILQ_INIT(&d->seats);
	if (xname_set(&d->name, name)) {
		HASH_ADD_KEYPTR(hh, x->devices, d->name.p, d->name.len, d);
		if (HASH_ADD_OK(hh, d))
			return d;
	}
	free(d);
	return NULL;
}

void
xdevice_put(struct exchange *x, struct xdevice *d)
{
	if (!TAILQ_EMPTY(&d->seats) || d->claims > 0 ||
	    d->reach != MASHANG__DEVICE_REACH__DEVICE_REACH_NONE)
		return;
	HASH_DELETE(hh, x->devices, d);
	free(d);
}

bool
xdevice_is_taken(const struct xdevice *d, const struct xcall *but)
{
	struct xseat *s;

	if (d->claims > 0)
		return true;
	TAILQ_FOREACH (s, &d->seats, at_device)
		if (s->call != but)
			return true;
	return false;
}

/* ------------------------------------------------------------------ seats */

static struct xseat *
seat_new(struct xcall *c, struct str device)
{
	struct xdevice *d = xdevice_get(c->of, device);
	struct xseat *s = d != NULL ? calloc(1, sizeof(*s)) : NULL;

	if (s == NULL) {
		if (d != NULL)
			xdevice_put(c->of, d);
		return NULL;
	}
	s->call = c;
	s->device = d;
	TAILQ_INSERT_TAIL(&d->seats, s, at_device);
	return s;
}

static void
seat_free(struct xseat *s)
{
	TAILQ_REMOVE(&s->device->seats, s, at_device);
	TAILQ_REMOVE(&s->call->seats, s, of_call);
	xdevice_put(s->call->of, s->device);
	free(s);
}

struct xseat *
xcall_seat_at(struct xcall *c, struct str device)
{
	struct xseat *s;

	TAILQ_FOREACH (s, &c->seats, of_call)
		if (str_eq(xname_str(&s->device->name), device))
			return s;
	return NULL;
}

bool
xcall_join(struct xcall *c, struct str device)
{
	struct xseat *s = seat_new(c, device);

	if (s != NULL)
		TAILQ_INSERT_TAIL(&c->seats, s, of_call);
	return s != NULL;
}

void
xcall_leave(struct xcall *c, struct str device)
{
	struct xseat *s = xcall_seat_at(c, device);

	if (s != NULL)
		seat_free(s);
}

void
xcall_leave_all(struct xcall *c)
{
	struct xseat *s;

	while ((s = TAILQ_FIRST(&c->seats)) != NULL)
		seat_free(s);
}

/* The main one's seat is the first; without one nobody has joined. */
void
xcall_seat(struct xcall *c)
{
	struct str device = xname_str(&c->told.device);
	struct xseat *s = TAILQ_FIRST(&c->seats);

	if (device.len == 0) {
		xcall_leave_all(c);
		return;
	}
	if (s != NULL && str_eq(xname_str(&s->device->name), device))
		return;
	if (s != NULL)
		seat_free(s);
	if ((s = xcall_seat_at(c, device)) != NULL)
		TAILQ_REMOVE(&c->seats, s, of_call);
	else if ((s = seat_new(c, device)) == NULL)
		log_error(LOG_BRIDGE, "no memory: device %.*s is not guarded",
		    STR_ARG(device));
	if (s != NULL)
		TAILQ_INSERT_HEAD(&c->seats, s, of_call);
}

struct xdevice *
xcall_joined(struct xcall *c)
{
	struct xseat *s = TAILQ_FIRST(&c->seats);

	s = s != NULL ? TAILQ_NEXT(s, of_call) : NULL;
	return s != NULL ? s->device : NULL;
}

/* ------------------------------------------------------------------ calls */

bool
xcall_was_ended(struct exchange *x, struct str name)
{
	struct xgone *g = NULL;

	if (name.len > 0 && name.len <= XNAME_MAX)
		HASH_FIND(hh, x->gone, name.p, name.len, g);
	return g != NULL;
}

/* The oldest goes for the newest. */
static void
remember_ended(struct exchange *x, const struct xname *name)
{
	struct xgone *g;

	if (xcall_was_ended(x, xname_str(name)))
		return;
	if (HASH_COUNT(x->gone) >= GONE_MAX) {
		g = x->gone;
		HASH_DELETE(hh, x->gone, g);
		free(g);
	}
	if ((g = malloc(sizeof(*g))) == NULL)
		return;
	g->name = *name;
	HASH_ADD_KEYPTR(hh, x->gone, g->name.p, g->name.len, g);
	if (!HASH_ADD_OK(hh, g))
		free(g);
}

struct xcall *
xcall_new(struct exchange *x, struct str name)
{
	struct xcall *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	TAILQ_INIT(&c->seats);
	TAILQ_INIT(&c->orders);
	c->of = x;
	c->number = ++x->next_number;
	c->version = x->incarnation << 32;
	if (xname_set(&c->name, name)) {
		HASH_ADD_KEYPTR(hh, x->calls, c->name.p, c->name.len, c);
		if (HASH_ADD_OK(hh, c))
			return c;
	}
	free(c);
	return NULL;
}

void
xcall_free(struct xcall *c)
{
	HASH_DELETE(hh, c->of->calls, c);
	xcall_leave_all(c);
	free(c->caller);
	free(c->caller_name);
	free(c->called);
	free(c->menu);
	free(c);
}

void
xcall_end(struct xcall *c)
{
	struct exchange *x = c->of;

	xorders_end(c);
	if (x->driver_self != NULL)
		x->options.driver->forget(x->driver_self, c);
	remember_ended(x, &c->name);
	xcall_free(c);
}

/* As it came if the wire takes it, else made so. */
static void
learn_text(char **to, struct str s)
{
	char clean[XTEXT_MAX + 1], *copy;

	if (s.len == 0)
		return;
	if (text_check(s, XTEXT_MAX) != ERR_OK) {
		s.len = (uint32_t)text_clean(s, false, clean, sizeof(clean));
		s.p = clean;
	}
	if ((copy = strndup(s.p, s.len)) == NULL)
		return;
	free(*to);
	*to = copy;
}

void
xcall_learn(struct xcall *c, const struct report *r)
{
	learn_text(&c->caller, r->caller);
	learn_text(&c->caller_name, r->caller_name);
	learn_text(&c->called, r->called);
	learn_text(&c->menu, r->menu);
	if (r->priority > 0)
		c->priority = r->priority < 9 ? r->priority : 9;
	if (r->related_call.len > 0)
		xname_set(&c->related, r->related_call);
	if (r->relation != MASHANG__RELATION__RELATION_NONE)
		c->relation = r->relation;
}

/* ------------------------------------------------------------ for drivers */

struct xcall *
exchange_find(struct exchange *x, struct str name)
{
	struct xcall *c = NULL;

	if (name.len > 0 && name.len <= XNAME_MAX)
		HASH_FIND(hh, x->calls, name.p, name.len, c);
	return c;
}

struct xcall *
exchange_at(struct exchange *x, struct str device)
{
	struct xdevice *d = xdevice_find(x, device);
	struct xcall *held = NULL;
	struct xseat *s;

	if (d == NULL)
		return NULL;
	TAILQ_FOREACH (s, &d->seats, at_device) {
		if (s->call->told.kind != KIND(HELD))
			return s->call;
		held = s->call;
	}
	return held;
}

struct xcall *
exchange_next(struct exchange *x, struct xcall *prev)
{
	return prev == NULL ? x->calls : prev->hh.next;
}

struct str
xcall_name(const struct xcall *c)
{
	return xname_str(&c->name);
}

Mashang__CallEventKind
xcall_kind(const struct xcall *c)
{
	return c->told.kind;
}

struct str
xcall_device(const struct xcall *c)
{
	return xname_str(&c->told.device);
}

struct str
xcall_caller(const struct xcall *c)
{
	return str_of(c->caller);
}

struct str
xcall_called(const struct xcall *c)
{
	return str_of(c->called);
}

void **
xcall_mine(struct xcall *c)
{
	return &c->mine;
}
