/*
 * driver.h - what one kind of switch is to the bridge.
 *
 * A driver speaks one switch's own language.  It turns what the switch says
 * into reports (exchange.h) and carries out orders; it decides nothing.  What
 * a call's version is, whether an order still applies, whether a device is
 * free, what is kept on disk and who is told: all that is the exchange's.  So
 * a new switch is one file with a `struct driver' and one row in drivers.c.
 *
 * What a driver owes:
 *  - It connects and connects again by itself, and tells exchange_up() and
 *    exchange_down().  After each connect, and whenever it knows or suspects
 *    that it has missed something, it tells all live calls between
 *    exchange_resync() and exchange_resynced().
 *  - Its names of calls are 1 to 64 bytes, clean, the same after a restart of
 *    the bridge, and never used again by the switch.  A name that the caller
 *    chose (a SIP Call-ID) is not such a name.
 *  - It reads always: a switch may stand still when it is not read.
 *  - Each order given to it gets exactly one exchange_answer(), at once or
 *    later, OK when the switch has taken it.
 *  - Text from the switch is passed on as it came; the daemon checks it.  It
 *    never goes into a command to the switch unchecked: what a command cannot
 *    hold (line ends, separators) is refused with CODE_BAD_FIELD.
 *
 * Threading: the loop's thread; functions here are called from the loop.
 */
#ifndef BRIDGE_DRIVER_H
#define BRIDGE_DRIVER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/str.h"
#include "mashang.pb-c.h"

struct event_base;
struct exchange;
struct xcall;

#define CAN(KIND) (1u << MASHANG__ORDER_KIND__ORDER_##KIND)

/* An order, checked by the exchange: the call is live, its version is right,
 * the driver can do it, the device is free.  Valid during the call only. */
struct driver_order {
	uint64_t id; /* the exchange's own, not the daemon's */
	Mashang__OrderKind kind;
	struct xcall *call;  /* NULL: MAKE_CALL, CALL_BACK */
	struct xcall *other; /* of related_call, or NULL */
	struct str device, number, show;
	bool to_device; /* CONSULT: `number' is a device of this switch */
	bool auto_answer;
	Mashang__Cause cause;
	Mashang__Relation relation;
	int64_t ring_us; /* never 0 */
	/* ANNOUNCE: the place (1: next), the wait (0: not known). */
	uint32_t position;
	int64_t wait_low_us, wait_high_us;
};

/* What --probe has found, a line for people.  `remedy' empty: it is well. */
typedef void driver_probe_fn(
    void *arg, bool good, const char *what, const char *remedy);

struct driver_setup {
	struct event_base *base;
	struct exchange *exchange;
	const void *options; /* filled by the driver's `fields' */
	bool listen_only;    /* watch a switch that routes by itself */
};

struct driver {
	const char *name; /* "kamailio": config word and section */
	const char *sentence;
	/* Its own section of the configuration, and that struct's size. */
	const struct conf_field *fields;
	size_t options_size;
	/* What is wrong with it beyond the fields' own bounds; NULL: nothing. */
	const char *(*fault)(const void *options, bool listen_only);
	/* Orders that it can carry out as configured: CAN() bits; 0 when it
	 * only listens. */
	unsigned (*can)(const void *options, bool listen_only);

	enum err (*open)(const struct driver_setup *, void **self) MUST_USE;
	void (*close)(void **self);
	void (*order)(void *self, const struct driver_order *);
	/* The exchange has lost the thread (an order without an answer, an
	 * event that could not be kept): tell all live calls again, if it is
	 * connected.  NULL: it cannot. */
	void (*resync)(void *self);
	/* The call is over and will be freed: drop what xcall_mine() holds. */
	void (*forget)(void *self, struct xcall *);
	/* Connect, look at what is allowed there, tell each line, then done
	 * with `good' for the whole.  Used instead of reports. */
	void (*probe)(void *self, driver_probe_fn *line,
	    void (*done)(void *arg, bool good), void *arg);
};

/* drivers.c: NULL behind the last. */
extern const struct driver *const drivers[];

#endif
