/*
 * exchange_table.h - the rules of a call and of its orders, as tables.
 *
 * A call is OFFERED, QUEUED, DELIVERED, ESTABLISHED or HELD; NONE is one that
 * is not known yet.  These are the states of CallEventKind, so that a state and
 * the event that leads to it have one name.
 */
#ifndef BRIDGE_EXCHANGE_TABLE_H
#define BRIDGE_EXCHANGE_TABLE_H

#include <stdbool.h>

#include "mashang.pb-c.h"

#define KIND(kind) MASHANG__CALL_EVENT_KIND__##kind
#define KIND_NONE MASHANG__CALL_EVENT_KIND__CALL_EVENT_NONE
#define KIND_BIT(kind) (1u << (kind))

/* What a report means for a call in a state. */
enum report_is {
	REPORT_NO_NEWS, /* nothing that is not known */
	REPORT_TOLD,    /* the event itself */
	REPORT_WALK,    /* a state: it, and what was missed before it */
	REPORT_RUNG,    /* news if an order rings that device, else none */
	REPORT_JOIN,    /* one more device, if it is not in already */
	REPORT_LEAVE,   /* of the devices that are in */
	REPORT_CLEAR    /* the device leaves first, then the event */
};

/* `same': the report's device is the call's, or none is named. */
enum report_is xreport_is(
    Mashang__CallEventKind state, Mashang__CallEventKind report, bool same);

/* A state: OFFERED QUEUED DELIVERED ESTABLISHED HELD. */
bool xkind_is_state(Mashang__CallEventKind);
/* DELIVERED, ESTABLISHED, HELD: at a device. */
bool xkind_has_device(Mashang__CallEventKind);

/* The next event on the way from a state to a state, at the same device or at
 * another; NONE: there already. */
Mashang__CallEventKind xwalk_next(
    Mashang__CallEventKind from, Mashang__CallEventKind to, bool same);

enum order_rings {
	RINGS_NOTHING,
	RINGS_DEVICE, /* which must be free of any call */
	RINGS_OWN,    /* free of any other call; and who has the number */
	RINGS_TARGET  /* the device or the number it goes to */
};

struct order_row {
	Mashang__OrderKind kind;
	unsigned states; /* KIND_BITs: in which it can be carried out */
	enum order_rings rings;
	bool at_device; /* its device must be the call's */
	unsigned causes, ends;
};

/* ANNOUNCE changes nothing of a call: it may name any version and raises none,
 * and nothing hangs on what becomes of it. */
bool xorder_is_advice(Mashang__OrderKind);

/* MAKE_CALL, CALL_BACK: of no call, they make one. */
bool xorder_makes(Mashang__OrderKind);

/* NULL: no such order. */
const struct order_row *xorder_row(Mashang__OrderKind);

#endif
