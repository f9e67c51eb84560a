/*
 * bridge.h - the wire of the simulated switch: one link with role bridge.
 *
 * It does what every bridge must: on each connect it tells its live calls
 * before anything else, then goes on from the first event that is not
 * committed, within the daemon's credit; it keeps events until they are
 * committed, and hands orders to the switch.
 *
 * Orders are collected and handed on by bridge_react(), so that a driven run
 * acts on them at one well-defined moment.
 */
#ifndef REPLAY_BRIDGE_H
#define REPLAY_BRIDGE_H

#include "link.h"
#include "replay/switch.h"

struct bridge;

struct bridge_options {
	const char *addresses;
	ProtobufCBinaryData token; /* empty: trusted by name */
	const char *name;          /* of the switch */
	uint64_t epoch;
};

struct bridge_counts {
	uint64_t sent, resent, nacked, orders, refused;
	uint64_t kept, gone, adopted; /* of the last snapshot */
};

/* `woken' is called when an order has come in. */
enum err bridge_new(struct event_base *, const struct bridge_options *,
    void (*woken)(void *), void *arg, struct bridge **out) MUST_USE;
void bridge_free(struct bridge **);

/* Its events are ours to send from now on; asks what is known of each call. */
void bridge_take_up(struct bridge *, struct telephone_switch *);

/* Connected, and every question of the snapshot is answered. */
bool bridge_is_ready(const struct bridge *);
/* Ready, and every event has been received. */
bool bridge_is_settled(const struct bridge *);
/* Not NULL: refused for good, and why. */
const char *bridge_refused(const struct bridge *);

/* Give the switch the orders that have come in; false: there were none. */
bool bridge_react(struct bridge *, int64_t now);

uint64_t bridge_uncommitted(const struct bridge *);
uint64_t bridge_committed_up_to(const struct bridge *);
const struct bridge_counts *bridge_counts(const struct bridge *);

/* For struct switch_news. */
void bridge_event(
    void *bridge, struct switch_call *, const struct switch_event *);
void bridge_result(void *bridge, const struct switch_result *);

#endif
