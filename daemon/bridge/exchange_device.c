/*
 * exchange_device.c - which phones are there.
 *
 * A list that the switch has told once is told whole to each daemon that
 * connects; a switch that never tells one has phones that are always there,
 * and an empty list would say the contrary.
 */
#include "base/log.h"
#include "bridge/exchange_own.h"

#define PER_FRAME 500
#define DEVICES_MAX 100000

struct frame {
	Mashang__DeviceStates m;
	Mashang__DeviceState store[PER_FRAME], *list[PER_FRAME];
};

static void
begin(struct frame *f, bool whole)
{
	mashang__device_states__init(&f->m);
	f->m.devices = f->list;
	f->m.whole = whole;
}

static void
add(struct frame *f, const struct xdevice *d)
{
	Mashang__DeviceState *s = &f->store[f->m.n_devices];

	mashang__device_state__init(s);
	s->device = (ProtobufCBinaryData){ d->name.len,
		(uint8_t *)(uintptr_t)d->name.p };
	s->reach = d->reach;
	s->at = d->at;
	f->list[f->m.n_devices++] = s;
}

static void
send(struct exchange *x, struct frame *f, bool more)
{
	f->m.more = more;
	if (f->m.n_devices > 0 || f->m.whole)
		x->news.devices(x->news.arg, &f->m);
	f->m.n_devices = 0;
	f->m.whole = false; /* of the first frame only */
}

/* All of those, in frames. */
static void
tell(struct exchange *x, bool whole, bool only_listed_anew)
{
	static struct frame f;

	begin(&f, whole);
	for (struct xdevice *d = x->devices; d != NULL; d = d->hh.next) {
		if (d->reach == MASHANG__DEVICE_REACH__DEVICE_REACH_NONE ||
		    (only_listed_anew && !d->changed))
			continue;
		if (f.m.n_devices == PER_FRAME)
			send(x, &f, true);
		d->changed = false;
		add(&f, d);
	}
	send(x, &f, false);
}

void
exchange_tell_devices(struct exchange *x)
{
	tell(x, x->devices_known, false);
}

static void
set_reach(struct xdevice *d, Mashang__DeviceReach reach)
{
	if (d->reach == reach)
		return;
	d->reach = reach;
	d->at = clock_wall();
	d->changed = true;
}

void
exchange_devices(struct exchange *x)
{
	x->listing = true;
	for (struct xdevice *d = x->devices; d != NULL; d = d->hh.next)
		d->listed = false;
}

void
exchange_device(
    struct exchange *x, struct str device, Mashang__DeviceReach reach)
{
	struct xdevice *d = xdevice_find(x, device);

	if (d == NULL && HASH_COUNT(x->devices) < DEVICES_MAX)
		d = xdevice_get(x, device);
	if (d == NULL) {
		x->dropped++;
		return;
	}
	d->listed = true;
	set_reach(d, reach);
	if (!x->listing && d->changed)
		tell(x, false, true);
}

void
exchange_devices_end(struct exchange *x)
{
	bool first = !x->devices_known;

	if (!x->listing)
		return;
	x->listing = false;
	x->devices_known = true;
	for (struct xdevice *d = x->devices; d != NULL; d = d->hh.next)
		if (!d->listed &&
		    d->reach != MASHANG__DEVICE_REACH__DEVICE_REACH_NONE)
			set_reach(d, MASHANG__DEVICE_REACH__DEVICE_GONE);
	tell(x, first, !first);
}
