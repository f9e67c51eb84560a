/*
 * kamailio_probe.c - what an operator would have to mend.
 */
#include "bridge/kamailio.h"

#include <stdio.h>

#include "base/clock.h"

#define PROBE_US (5 * CLOCK_S)
#define WAIT_MS_MIN 600000 /* callers wait for ten minutes and more */

void
kam_probe(
    void *self, driver_probe_fn *line, void (*done)(void *, bool), void *arg)
{
	struct kam *k = self;

	k->probe_line = line;
	k->probe_done = done;
	k->probe_arg = arg;
	k->probe_until = clock_loop() + PROBE_US;
}

static void
end(struct kam *k, bool good)
{
	k->probe_until = INT64_MAX;
	k->probe_done(k->probe_arg, good);
}

void
kam_probe_failed(struct kam *k, const char *why)
{
	char what[256];

	if (k->probe_until == INT64_MAX)
		return; /* it has been told */
	snprintf(what, sizeof(what), "%s: %s", k->options->address,
	    why != NULL ? why : "no connection");
	k->probe_line(k->probe_arg, false, what,
	    "start Kamailio with config/kamailio.cfg; its CTI_ADDR and "
	    "CTI_PORT must be this address; kamailio-extra-modules must be "
	    "installed");
	end(k, false);
}

void
kam_probe_hello(struct kam *k, const json_t *hello)
{
	struct str version = kam_text(hello, "version");
	uint64_t config = kam_number(hello, "config");
	uint64_t wait = kam_number(hello, "queue_ms");
	bool open = json_is_true(json_object_get(hello, "open_registration"));
	bool gateway = json_is_true(json_object_get(hello, "gateway"));
	char what[256];

	snprintf(what, sizeof(what), "%.*s", STR_ARG(version));
	k->probe_line(k->probe_arg, true, what, "");
	snprintf(what, sizeof(what), "words of kamailio.cfg: %llu, ours: %d",
	    (unsigned long long)config, KAM_CONFIG);
	k->probe_line(k->probe_arg, config == KAM_CONFIG, what,
	    config == KAM_CONFIG
		? ""
		: "use the kamailio.cfg of this version of the bridge");
	snprintf(what, sizeof(what), "longest wait: %llu s",
	    (unsigned long long)wait / 1000);
	k->probe_line(k->probe_arg, wait >= WAIT_MS_MIN, what,
	    wait >= WAIT_MS_MIN ? ""
				: "raise QUEUE_MS, and MAX_INV_MS above it: "
				  "until then Kamailio "
				  "ends calls that wait longer");
	k->probe_line(k->probe_arg, !open,
	    open ? "any phone may register under any name"
		 : "phones register with a password",
	    open ? "take OPEN_REGISTRATION away and name the phones in "
		   "kamailio-devices.cfg"
		 : "");
	k->probe_line(k->probe_arg, true,
	    gateway ? "calls to the outside: yes"
		    : "calls to the outside: no, GATEWAY is not set",
	    "");
	end(k, config == KAM_CONFIG && wait >= WAIT_MS_MIN);
}
