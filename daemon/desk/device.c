/*
 * device.c - phones that come and go, as their switch tells.
 *
 * A switch that tells nothing has phones that are always there.  A list is
 * complete when its last part is here; a connection that is lost in between
 * leaves what was known before.
 */
#include "desk/state.h"

#include "base/log.h"

static void
set_gone(struct desk *d, struct device *dev, bool gone)
{
	struct agent *a = dev->agent;

	if (dev->gone == gone)
		return;
	dev->gone = gone;
	log_info(LOG_DESK, "device=%s %s agent=%s", dev->name,
	    gone ? "gone" : "back", a != NULL ? a->name : "-");
	if (a != NULL && gone)
		agent_device_gone(d, a);
	else if (a != NULL)
		agent_device_back(d, a);
}

static void
begin_list(struct swtch *sw)
{
	sw->listing = true;
	for (struct device *v = sw->desk->devices; v != NULL; v = v->hh.next)
		v->listed = false;
}

static void
end_list(struct swtch *sw)
{
	sw->listing = false;
	for (struct device *v = sw->desk->devices; v != NULL; v = v->hh.next)
		if (v->switch_id == sw->id && !v->listed)
			set_gone(sw->desk, v, true);
}

void
desk_switch_devices(struct desk_switch *h, const struct device_state *s,
    unsigned n, bool whole, bool more, int64_t now)
{
	struct swtch *sw = h->sw;
	struct device *dev;

	if (sw == NULL)
		return;
	h->desk->now = now;
	if (whole)
		begin_list(sw);
	for (unsigned i = 0; i < n; i++) {
		dev = device_find(h->desk, s[i].device);
		if (dev == NULL || dev->switch_id != sw->id)
			continue; /* not one of ours */
		dev->listed = true;
		set_gone(h->desk, dev, s[i].gone);
	}
	if (sw->listing && !more)
		end_list(sw);
}
