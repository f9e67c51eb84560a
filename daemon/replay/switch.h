/*
 * switch.h - a telephone switch and its callers, without a wire.
 *
 * Calls live through a table of states; what the caller does comes from the
 * agenda, what the daemon wants comes as orders, and every step goes out as a
 * CSTA event.  Orders are arbitrated as a bridge must: a call has a version,
 * raised by each order carried out; an order based on another is refused with
 * the present state; a device that rings or is in a call refuses a second.
 *
 * bridge.c puts the wire to it, tests do not.
 */
#ifndef REPLAY_SWITCH_H
#define REPLAY_SWITCH_H

#include <stdbool.h>
#include <stdint.h>

#include "replay/switch_call.h"

struct switch_counts {
	uint64_t arrived, menu_ended, queued, answered, abandoned, ended;
	uint64_t repeated, lost;
	unsigned waiting, talking; /* now */
};

struct telephone_switch {
	const struct plan *plan;
	const char *name;
	uint64_t epoch, incarnation;
	struct agenda *agenda;
	struct switch_news news;
	struct switch_call *calls; /* as in the plan */
	struct switch_call *by_id;
	struct switch_device *devices;
	struct switch_calls live;
	struct switch_counts counts;
	/* Who wait and would wait for ever, by type. */
	unsigned patient[PLAN_MAX_TYPES];
};

/* Versions start above every version of a lower incarnation.  The plan and the
 * agenda must outlive the switch. */
enum err switch_new(const struct plan *, const char *name, uint64_t epoch,
    uint32_t incarnation, struct agenda *, const struct switch_news *,
    struct telephone_switch **out) MUST_USE;
void switch_free(struct telephone_switch **);

enum err switch_add_device(
    struct telephone_switch *, const char *name, bool lifts) MUST_USE;

/* An earlier run played this call: do not play it again.  Before start. */
void switch_known(struct telephone_switch *, struct str call, bool ended);

/* Every call that is not known gets its instant. */
void switch_start(struct telephone_switch *);

void switch_order(
    struct telephone_switch *, const struct switch_order *, int64_t now);

/* All who still wait hang up: nobody will ever come for them. */
void switch_give_up(struct telephone_switch *, int64_t now);

/* All planned calls have ended, or were played before. */
bool switch_is_over(const struct telephone_switch *);

/* NULL: no such call. */
struct switch_call *switch_call_by_id(
    struct telephone_switch *, const uint8_t id[16]);

bool switch_is_live(const struct switch_call *);

/* The state as the protocol says it. */
Mashang__CallEventKind switch_kind(const struct switch_call *);

#endif
