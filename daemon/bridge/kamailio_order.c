/*
 * kamailio_order.c - orders into commands.
 *
 * Names and numbers go into SIP headers in the switch: what is not plain is
 * refused here, and again there.  All else is JSON, written by the library.
 */
#include "bridge/kamailio.h"

#include <string.h>

#include "base/log.h"

#define KIND(K) MASHANG__CALL_EVENT_KIND__##K
#define CODE(C) MASHANG__CODE__CODE_##C
#define TARGET_MAX 64

unsigned
kam_can(const void *options, bool listen_only)
{
	(void)options;
	if (listen_only)
		return 0;
	return CAN(CONNECT) | CAN(DISCONNECT) | CAN(CLEAR) | CAN(TRANSFER) |
	    CAN(MAKE_CALL);
}

static bool
is_plain(struct str s)
{
	static const char plain[] = "0123456789abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ+-*#_.";

	if (s.len == 0 || s.len > TARGET_MAX)
		return false;
	for (uint32_t i = 0; i < s.len; i++)
		if (s.p[i] == '\0' || strchr(plain, s.p[i]) == NULL)
			return false;
	return true;
}

static json_t *
command(const char *cmd, const struct driver_order *o)
{
	struct str name = xcall_name(o->call);

	return json_pack(
	    "{s:s, s:s%}", "cmd", cmd, "name", name.p, (size_t)name.len);
}

static void
set(json_t *cmd, const char *key, struct str value)
{
	json_object_set_new(
	    cmd, key, json_stringn(value.p != NULL ? value.p : "", value.len));
}

static void
send_command(struct kam *k, const struct driver_order *o, json_t *cmd)
{
	if (!kam_ask(k, cmd, KAM_ORDER, o->id, NULL))
		exchange_answer(k->exchange, o->id, CODE(UNAVAILABLE));
}

static Mashang__Code
order_connect(struct kam *k, const struct driver_order *o)
{
	json_t *cmd;

	if (!is_plain(o->device))
		return CODE(BAD_FIELD);
	cmd = command("route", o);
	set(cmd, "target", o->device);
	json_object_set_new(
	    cmd, "ring_ms", json_integer((o->ring_us + 999) / 1000));
	json_object_set_new(cmd, "auto", json_integer(o->auto_answer));
	send_command(k, o, cmd);
	return CODE(OK);
}

static Mashang__Code
order_disconnect(struct kam *k, const struct driver_order *o)
{
	struct kam_call *c = kam_call_of(o->call);
	json_t *cmd = command("unring", o);
	json_t *about = json_incref(json_object_get(cmd, "name"));

	if (!kam_ask(k, cmd, KAM_STOP, o->id, about)) {
		json_decref(about);
		return CODE(UNAVAILABLE);
	}
	if (c != NULL)
		c->stopping = true;
	return CODE(OK);
}

static Mashang__Code
order_clear(struct kam *k, const struct driver_order *o)
{
	static const unsigned codes[] = {
		[MASHANG__CAUSE__CAUSE_BUSY] = 486,
		[MASHANG__CAUSE__CAUSE_REJECTED] = 603,
		[MASHANG__CAUSE__CAUSE_REFUSED] = 486,
	};
	struct kam_call *c = kam_call_of(o->call);
	unsigned code = (size_t)o->cause < NELEM(codes) ? codes[o->cause] : 0;
	json_t *cmd = command("clear", o);

	if (c != NULL)
		c->cause = o->cause;
	json_object_set_new(cmd, "code", json_integer(code != 0 ? code : 480));
	send_command(k, o, cmd);
	return CODE(OK);
}

/* A caller who waits goes there as to another phone; one who talks is asked,
 * by a REFER, to call there, and this call ends. */
static Mashang__Code
order_transfer(struct kam *k, const struct driver_order *o)
{
	struct str to = o->device.len > 0 ? o->device : o->number;
	bool waits = xcall_kind(o->call) == KIND(QUEUED);
	json_t *cmd, *about;

	if (o->other != NULL)
		return CODE(REFUSED);
	if (!is_plain(to))
		return CODE(BAD_FIELD);
	if (!waits && xcall_kind(o->call) != KIND(ESTABLISHED))
		return CODE(REFUSED);
	cmd = command(waits ? "deflect" : "transfer", o);
	set(cmd, "target", to);
	json_object_set_new(
	    cmd, "ring_ms", json_integer((o->ring_us + 999) / 1000));
	about = json_incref(json_object_get(cmd, "name"));
	if (!kam_ask(k, cmd, waits ? KAM_DEFLECT : KAM_ORDER, o->id, about)) {
		json_decref(about);
		return CODE(UNAVAILABLE);
	}
	return CODE(OK);
}

static Mashang__Code
order_make_call(struct kam *k, const struct driver_order *o)
{
	json_t *cmd, *about;

	if (!is_plain(o->device) || !is_plain(o->number) ||
	    (o->show.len > 0 && !is_plain(o->show)))
		return CODE(BAD_FIELD);
	cmd = json_pack("{s:s}", "cmd", "dial");
	set(cmd, "device", o->device);
	set(cmd, "number", o->number);
	set(cmd, "show", o->show);
	about = json_deep_copy(cmd);
	json_object_set_new(about, "relation", json_integer(o->relation));
	if (!kam_ask(k, cmd, KAM_DIAL, o->id, about)) {
		json_decref(about);
		return CODE(UNAVAILABLE);
	}
	return CODE(OK);
}

void
kam_order(void *self, const struct driver_order *o)
{
	static Mashang__Code (*const run[])(
	    struct kam *, const struct driver_order *) = {
		[MASHANG__ORDER_KIND__ORDER_CONNECT] = order_connect,
		[MASHANG__ORDER_KIND__ORDER_DISCONNECT] = order_disconnect,
		[MASHANG__ORDER_KIND__ORDER_CLEAR] = order_clear,
		[MASHANG__ORDER_KIND__ORDER_TRANSFER] = order_transfer,
		[MASHANG__ORDER_KIND__ORDER_MAKE_CALL] = order_make_call,
	};
	struct kam *k = self;
	Mashang__Code code = CODE(REFUSED);

	if (!k->up)
		code = CODE(UNAVAILABLE);
	else if ((size_t)o->kind < NELEM(run) && run[o->kind] != NULL)
		code = run[o->kind](k, o);
	if (code != CODE(OK))
		exchange_answer(k->exchange, o->id, code);
}

/* ------------------------------------------------------------ what follows */

void
kam_deflected(struct kam *k, const struct kam_ask *a)
{
	struct report r = { .call = { json_string_value(a->about),
				(uint32_t)json_string_length(a->about) },
		.kind = KIND(DIVERTED),
		.cause = MASHANG__CAUSE__CAUSE_OVERFLOW,
		.order_id = a->order_id };
	struct xcall *x = exchange_find(k->exchange, r.call);
	struct kam_call *c = x != NULL ? kam_call_of(x) : NULL;

	if (c == NULL)
		return;
	c->away = true;
	exchange_report(k->exchange, &r);
}

void
kam_dialled(struct kam *k, const struct kam_ask *a, const json_t *reply)
{
	struct report r = { .call = kam_text(reply, "name"),
		.kind = KIND(OFFERED),
		.called = kam_text(a->about, "number"),
		.relation = (Mashang__Relation)kam_number(a->about, "relation"),
		.order_id = a->order_id };
	json_t *early = k->early, *ev;
	size_t i;

	k->early = NULL;
	exchange_report(k->exchange, &r);
	json_array_foreach(early, i, ev)
		kam_tell(k, ev); /* others' are kept again */
	json_decref(early);
}

void
kam_dial_early(struct kam *k, json_t *ev)
{
	if (!kam_is_asking(k, KAM_DIAL)) {
		json_decref(k->early);
		k->early = NULL;
		return;
	}
	if (k->early == NULL)
		k->early = json_array();
	json_array_append(k->early, ev);
}
