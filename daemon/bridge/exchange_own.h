/*
 * exchange_own.h - the exchange's objects; for exchange*.c only.
 *
 * A call has a main device, the one its state is about, and others that have
 * joined.  A seat is one device in one call; a claim is a device that an order
 * is about to ring.  A device with a seat or a claim is taken.
 *
 * An order lives until it has been answered and what it causes is over.  Its
 * id is ours: daemons begin again at 1, and two of them may say the same.
 */
#ifndef BRIDGE_EXCHANGE_OWN_H
#define BRIDGE_EXCHANGE_OWN_H

#include <sys/queue.h>

#include "base/clock.h"
#include "base/hash.h"
#include "bridge/exchange.h"
#include "bridge/exchange_table.h"

#define XNAME_MAX 64
#define XTEXT_MAX 256
#define XCLAIMS 2

struct event;

struct xname {
	uint32_t len;
	char p[XNAME_MAX];
};

struct xdevice {
	struct xname name;
	TAILQ_HEAD(, xseat) seats;
	unsigned claims;
	Mashang__DeviceReach reach; /* NONE: nobody has told */
	int64_t at;
	bool listed, changed; /* changed: and not told yet */
	UT_hash_handle hh;
};

struct xseat {
	struct xcall *call;
	struct xdevice *device;
	TAILQ_ENTRY(xseat) at_device, of_call;
};

/* What was told of a call: its last event's outcome. */
struct xtold {
	Mashang__CallEventKind kind;
	uint32_t call_seq;
	bool queued, diverted; /* was in a queue; was sent elsewhere */
	struct xname device;
	int64_t offered_at, queued_at, established_at;
};

TAILQ_HEAD(xorders, xorder);

struct xcall {
	struct exchange *of;
	uint64_t number; /* in the order of coming */
	struct xname name;
	struct xtold told;
	uint64_t version;
	char *caller, *caller_name, *called, *menu; /* NULL: not known */
	uint32_t priority;
	struct xname related;
	Mashang__Relation relation;
	TAILQ_HEAD(, xseat) seats; /* the main device's first */
	struct xorders orders;     /* the newest last */
	int64_t fallback_at;       /* loop time: not again before; 0: never */
	bool seen;
	void *mine;
	UT_hash_handle hh;
};

struct xorder {
	uint64_t id, told_id; /* ours; the daemon's, 0: it is our own */
	const struct order_row *row;
	struct xcall *call; /* NULL: not made yet, or over */
	struct xname device;
	struct xdevice *claims[XCLAIMS];
	uint64_t version; /* the call's, when it was over */
	Mashang__Relation relation;
	struct xname related;
	bool answered, voided, over; /* over: nothing more comes of it */
	bool taken; /* the driver has answered, the daemon is told later */
	bool bound; /* to the call that it has made */
	int64_t until, answered_at; /* loop time */
	int64_t ring_us;
	TAILQ_ENTRY(xorder) of_call;
	UT_hash_handle hh;
};

/* A call that is over: what comes late of it is not another call. */
struct xgone {
	struct xname name;
	UT_hash_handle hh;
};

struct exchange {
	struct exchange_options options;
	struct exchange_news news;
	struct spool *spool;
	void *driver_self;
	uint64_t incarnation, next_number, next_order;
	struct xcall *calls;
	struct xgone *gone;
	struct xdevice *devices;
	struct xorder *orders;
	struct event *tick;

	bool connected, resyncing, leap, devices_known, listing;
	bool starved; /* an event could not be kept */
	int64_t since_at, last_event_at;
	char version[XTEXT_MAX + 1], down_why[XTEXT_MAX + 1],
	    trouble[XTEXT_MAX + 1];
	char trouble_told[XTEXT_MAX + 1];
	uint64_t gaps, dropped; /* reports that made no sense */
	int64_t resync_asked_at, resync_began_at; /* loop time */

	bool daemon_up;
	int64_t daemon_down_at; /* loop time */
	unsigned char *scratch; /* where an event is packed */
	size_t scratch_room;
};

/* ---- exchange_call.c: calls, seats, devices */

struct str xname_str(const struct xname *);
/* False: not 1 to 64 clean bytes; the name is empty then. */
bool xname_set(struct xname *, struct str);

/* NULL: no memory. */
struct xcall *xcall_new(struct exchange *, struct str name);
/* The driver and the orders forget it; its name is remembered. */
void xcall_end(struct xcall *);
void xcall_free(struct xcall *);
bool xcall_was_ended(struct exchange *, struct str name);
/* Keep what is new of who calls whom. */
void xcall_learn(struct xcall *, const struct report *);
/* The main seat follows told.device. */
void xcall_seat(struct xcall *);
/* False: no memory. */
bool xcall_join(struct xcall *, struct str device);
void xcall_leave(struct xcall *, struct str device);
void xcall_leave_all(struct xcall *);
struct xseat *xcall_seat_at(struct xcall *, struct str device);
/* The first that has joined beside the main device, or NULL. */
struct xdevice *xcall_joined(struct xcall *);

struct xdevice *xdevice_find(struct exchange *, struct str name);
/* Made if it is not there; NULL: no memory or not a name. */
struct xdevice *xdevice_get(struct exchange *, struct str name);
/* Gone when nothing is known of it. */
void xdevice_put(struct exchange *, struct xdevice *);
/* In a call other than `but', or claimed. */
bool xdevice_is_taken(const struct xdevice *, const struct xcall *but);

/* ---- exchange.c */

void xreport_dropped(struct exchange *, const struct report *);

/* ---- exchange_event.c */

/* What the event makes of it. */
void xtold_apply(
    struct xtold *, Mashang__CallEventKind, struct str device, int64_t at);
/* Give it to the spool and tell it; false: it could not be kept, and the call
 * is as it was.  After CALL_CLEARED the call is gone. */
bool xevent_tell(struct xcall *, Mashang__CallEventKind, struct str device,
    const struct report *);

/* ---- exchange_resync.c */

/* The events from here to that state at that device; false: the call is gone,
 * or an event could not be kept. */
bool xcall_walk(struct xcall *, Mashang__CallEventKind goal, struct str device,
    const struct report *);
void xresync_want(struct exchange *, const char *why);
void xresync_tick(struct exchange *);

/* ---- exchange_order.c */

/* Whose doing an event is; NULL: nobody's. */
struct xorder *xorder_of(
    struct xcall *, Mashang__CallEventKind, struct str device, uint64_t id);
/* An event was told: what ends by it ends, what rings now is claimed no more. */
void xorders_see(struct xcall *, Mashang__CallEventKind, struct str device);
/* A new call is that order's. */
void xorder_bind(struct xcall *, uint64_t id);
/* The call is over. */
void xorders_end(struct xcall *);
/* Is an order about to ring a device for it? */
bool xcall_is_being_rung(const struct xcall *, struct str device);
/* Our own: the caller goes to that number. */
void xorder_transfer(struct xcall *, const char *number);
/* What the switch was told before its calls were listed is over. */
void xorders_resynced(struct exchange *, int64_t began_at);
/* The daemon that gave them is gone. */
void xorders_void(struct exchange *);
void xorders_tick(struct exchange *);
void xorders_free(struct exchange *);

/* ---- exchange_fallback.c */

void xfallback_look(struct xcall *);
void xfallback_tick(struct exchange *);

/* ---- exchange_status.c */

void xstatus_changed(struct exchange *);
void xstatus_tick(struct exchange *);

#endif
