/*
 * handler_control.c - what people ask of calls; what bridges tell of their
 * switch and its phones.
 *
 * A CallControl is answered when the switch has: its ask waits for another
 * peer, so domain time does not wait for it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "net/session.h"

#define DEVICES_MAX 500

/* ------------------------------------------------------------- call control */

struct control_ask {
	struct ask ask;
};

/* "hold transfer clear" */
static void
can_words(unsigned can, char *out, size_t room)
{
	size_t n = 0;

	out[0] = '\0';
	for (int k = 1; k < ORDER_NKINDS && n < room; k++)
		if ((can & ORDER_BIT(k)) != 0)
			n += (size_t)snprintf(out + n, room - n, "%s%s",
			    n > 0 ? " " : "",
			    desk_order_word((enum order_kind)k));
}

/* The fault's parameters, by what went wrong. */
static enum err
control_fault(struct session *s, enum err e, const struct control_answer *a)
{
	struct fault *f = &s->net->fault;
	const char *kind = desk_order_word(a->kind);
	char which[TEXT_LEN + 1], can[160];

	snprintf(which, sizeof(which), "%.*s", STR_ARG(a->which));
	can_words(a->can, can, sizeof(can));
	switch (e) {
	case ERR_REFUSED:
		if (a->rule != NULL)
			return fault(
			    f, e, "dial", a->rule, which, "", "", NULL);
		return fault(f, e, "call", kind,
		    a->state != NULL ? a->state : "ended", can, NULL);
	case ERR_FORBIDDEN:
		return session_forbidden(s, s->role, kind);
	case ERR_BAD_FIELD:
	case ERR_NOT_FOUND:
		return fault(f, e, a->field, which, NULL);
	case ERR_NO_DEVICE:
		return fault(f, e, which, NULL);
	case ERR_DEVICE_TAKEN:
		return a->field != NULL ? fault(f, e, which, a->field, NULL)
		                        : fault(f, e, which, NULL);
	case ERR_BUSY:
		return a->field != NULL ? fault(f, e, a->field, which, NULL)
		                        : fault(f, e, "call", which, NULL);
	case ERR_TIMEOUT:
		return fault(f, e, "switch", kind, NULL);
	case ERR_IO:
		return fault(f, e, "switch", which, NULL);
	default:
		return e;
	}
}

static void
control_done(void *arg, enum err e, const struct control_answer *a)
{
	struct control_ask *k = arg;
	struct session *s = ask_end(&k->ask);

	if (s != NULL && e == ERR_OK)
		session_done(s, &k->ask.op, 0);
	else if (s != NULL)
		session_fail(s, &k->ask.op, control_fault(s, e, a));
	free(k);
}

static enum err
take_id(const struct fields *f, const char *name, ProtobufCBinaryData b,
    struct id *out)
{
	if (b.len != 0 && b.len != sizeof(out->b))
		return fault(f->fault, ERR_BAD_FIELD, name, "16 bytes", NULL);
	if (b.len > 0)
		memcpy(out->b, b.data, sizeof(out->b));
	return ERR_OK;
}

/* As it can be dialled: what people write between digits is left out. */
static enum err
take_number(const struct fields *f, ProtobufCBinaryData b, struct str *out)
{
	struct str s;
	char *number;
	enum err e = field_text(f, "number", b, NAME_LEN, &s);

	if (e != ERR_OK || s.len == 0) {
		*out = s;
		return e;
	}
	if ((number = arena_alloc(f->scratch, TEXT_DIALLED_ROOM)) == NULL)
		return ERR_NOMEM;
	if (!text_dialled(s, number))
		return fault(f->fault, ERR_BAD_FIELD, "number",
		    "digits, * and #, at most 32", NULL);
	*out = str_of(number);
	return ERR_OK;
}

static enum err
take_control(
    const struct fields *f, const Mashang__CallControl *m, struct control *c)
{
	enum err e;

	if ((e = take_id(f, "call_id", m->call_id, &c->call)) != ERR_OK ||
	    (e = take_id(f, "related_call_id", m->related_call_id,
		 &c->related)) != ERR_OK ||
	    (e = field_range(f, "kind", m->kind, 1, ORDER_NKINDS - 1)) !=
		ERR_OK ||
	    (e = take_number(f, m->number, &c->number)) != ERR_OK ||
	    (e = field_name(f, "agent", m->agent, &c->agent)) != ERR_OK ||
	    (e = field_name(f, "queue", m->queue, &c->queue)) != ERR_OK ||
	    (e = field_name(f, "device", m->device, &c->device)) != ERR_OK)
		return e;
	c->kind = (enum order_kind)m->kind;
	return ERR_OK;
}

enum err
on_call_control(struct session *s, const Mashang__Envelope *e)
{
	struct desk_action a = action_of(s, e);
	struct fields f = fields_of(s);
	struct control c = { 0 };
	struct control_ask *k;
	enum err why = take_control(&f, e->call_control, &c);

	if (why != ERR_OK)
		return why;
	if (s->net->desk == NULL || !desk_is_configured(s->net->desk))
		return fault(f.fault, ERR_IO, "ledger", NULL);
	if ((k = ask_new(s, &a.op, sizeof(*k))) == NULL)
		return ERR_BUSY;
	ask_of_peer(&k->ask);
	desk_control(s->net->desk, &a, &c, control_done, k);
	return ERR_OK;
}

/* ------------------------------------------------------- switch and phones */

enum err
on_switch_status(struct session *s, const Mashang__Envelope *e)
{
	const Mashang__SwitchStatus *m = e->switch_status;
	struct fields f = fields_of(s);
	struct switch_status is = { .connected = m->connected,
		.listen_only = m->listen_only,
		.since_at = m->since_at,
		.last_event_at = m->last_event_at,
		.spool_events = m->spool_events,
		.spool_bytes = m->spool_bytes,
		.gaps = m->gaps,
		.torn = m->torn,
		.unsaved = m->unsaved };
	enum err why;

	if ((why = field_text(
		 &f, "version", m->version, TEXT_LEN, &is.version)) != ERR_OK ||
	    (why = field_text(
		 &f, "trouble", m->trouble, TEXT_LEN, &is.trouble)) != ERR_OK ||
	    (why = field_time(&f, "since_at", m->since_at)) != ERR_OK ||
	    (why = field_time(&f, "last_event_at", m->last_event_at)) != ERR_OK)
		return why;
	desk_switch_status(feed_switch(s), &is);
	return ERR_OK;
}

enum err
on_device_states(struct session *s, const Mashang__Envelope *e)
{
	const Mashang__DeviceStates *m = e->device_states;
	struct fields f = fields_of(s);
	struct device_state *list;
	enum err why;

	if (m->n_devices > DEVICES_MAX)
		return fault(f.fault, ERR_TOO_LARGE, "devices", "500", NULL);
	list = arena_alloc(s->net->scratch, (m->n_devices + 1) * sizeof(*list));
	if (list == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < m->n_devices; i++) {
		const Mashang__DeviceState *d = m->devices[i];

		if ((why = field_name_required(
			 &f, "device", d->device, &list[i].device)) != ERR_OK ||
		    (why = field_range(&f, "reach", d->reach, 1,
			 MASHANG__DEVICE_REACH__DEVICE_GONE)) != ERR_OK)
			return why;
		list[i].gone = d->reach == MASHANG__DEVICE_REACH__DEVICE_GONE;
	}
	desk_switch_devices(feed_switch(s), list, (unsigned)m->n_devices,
	    m->whole, m->more, net_now(s->net));
	return ERR_OK;
}
