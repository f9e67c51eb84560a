/*
 * exchange.h - the calls of one switch, and the one place that arbitrates.
 *
 * The driver reports what its switch says; the exchange turns each report into
 * the next CallEvent of its call (call_seq, version), gives it to the spool,
 * then to the daemon.  Orders come the other way: the exchange refuses those
 * that no longer apply and hands the others to the driver.
 *
 * Rules:
 *  - A call's version begins at incarnation << 32 and is raised by each order
 *    given to the driver, before the driver gets it.  An order that names
 *    another version is STALE.
 *  - CONNECT, CONSULT, MAKE_CALL and the supervisor's orders are BUSY if the
 *    device is in a call or rings for one, whatever the order says.
 *  - A report that says nothing new (the state and device that the call is in
 *    already) makes no event, so a driver may tell what it sees twice.
 *  - Whatever has not been seen when a resync ends is over: CALL_CLEARED with
 *    cause SWITCH_LOST.  A call seen in another state than the known one gets
 *    the events in between.
 *  - Without a daemon for longer than `fallback_us' a waiting call is sent to
 *    the fallback destination, if there is one and the driver can TRANSFER.
 *
 * Time: `at' of a report is by the switch's clock, microseconds UTC; 0 means
 * now.  Ownership: text in arguments is the caller's.  Threading: the loop's.
 */
#ifndef BRIDGE_EXCHANGE_H
#define BRIDGE_EXCHANGE_H

#include "bridge/driver.h"
#include "bridge/spool.h"

struct exchange;

/* ------------------------------------------------------------ for drivers */

#define REPORT_DATA_MAX 32 /* pairs; keys 64 bytes, values 1024 */

struct report_pair {
	struct str key, value;
};

/* What a call's report says; what is not known is left empty. */
struct report {
	struct str call;
	Mashang__CallEventKind kind;
	int64_t at;
	struct str caller, caller_name, called, menu;
	uint32_t priority;
	struct str device;
	Mashang__Cause cause;
	Mashang__Party party;
	struct str related_call;
	Mashang__Relation relation;
	uint64_t order_id; /* driver_order.id; 0: the last to it that fits */
	const struct report_pair *data;
	unsigned n_data;
};

/* The switch answers; `version' is its own words for what it is. */
void exchange_up(struct exchange *, const char *version);
/* It does not, and why. */
void exchange_down(struct exchange *, const char *why);
/* So many of its events were missed (at least 1); a resync should follow. */
void exchange_missed(struct exchange *, uint64_t n);
/* Something that an operator should see in `show switches'; NULL: well again. */
void exchange_trouble(struct exchange *, const char *what);

/* One thing that happened.  A report of a call that is not known opens it, if
 * its kind is OFFERED, QUEUED or DELIVERED; else it is dropped and counted. */
void exchange_report(struct exchange *, const struct report *);

/* All that lives now: resync, then seen() for each call (kind: the state it is
 * in: OFFERED QUEUED DELIVERED ESTABLISHED HELD), then resynced. */
void exchange_resync(struct exchange *);
void exchange_seen(struct exchange *, const struct report *);
/* What that order began has not shown yet, and will, or its end. */
void exchange_still(struct exchange *, uint64_t order_id);
void exchange_resynced(struct exchange *);

/* Phones.  Between devices and devices_end all phones that are there are
 * named; those that are not are gone.  Outside of it, one has changed. */
void exchange_devices(struct exchange *);
void exchange_device(
    struct exchange *, struct str device, Mashang__DeviceReach);
void exchange_devices_end(struct exchange *);

/* What became of an order.  CODE_OK: the switch has taken it. */
void exchange_answer(struct exchange *, uint64_t order_id, Mashang__Code);

struct xcall *exchange_find(struct exchange *, struct str name);
/* The one that rings or talks at a device, or NULL. */
struct xcall *exchange_at(struct exchange *, struct str device);
/* Every live call: `prev' NULL for the first; NULL behind the last. */
struct xcall *exchange_next(struct exchange *, struct xcall *prev);

struct str xcall_name(const struct xcall *);
/* The last thing known: OFFERED QUEUED DELIVERED ESTABLISHED HELD. */
Mashang__CallEventKind xcall_kind(const struct xcall *);
struct str xcall_device(const struct xcall *); /* empty: none */
struct str xcall_caller(const struct xcall *);
struct str xcall_called(const struct xcall *);
/* The driver's own, NULL at first. */
void **xcall_mine(struct xcall *);

/* ------------------------------------------------- for main and the uplink */

struct exchange_options {
	const char *switch_name;
	uint64_t epoch;
	const struct driver *driver;
	unsigned can;
	int64_t ring_us;      /* longest ringing when an order has no limit */
	const char *fallback; /* device or number; "": none */
	int64_t fallback_us;
	int64_t answer_us; /* a driver answers an order within; 0: 5 s */
	struct event_base *base;
};

/* Who hears of it: the uplink. */
struct exchange_news {
	void (*event)(void *, uint64_t stream_seq);
	void (*result)(void *, const Mashang__OrderResult *);
	void (*status)(void *); /* something of exchange_status() has changed */
	void (*devices)(void *, const Mashang__DeviceStates *);
	void *arg;
};

enum err exchange_new(const struct exchange_options *,
    const struct exchange_news *, struct exchange **out) MUST_USE;
void exchange_free(struct exchange **);
/* The driver's instance, once it is open. */
void exchange_attach(struct exchange *, void *driver_self);

/* What the spool still had, in its order, before anything else. */
enum err exchange_restore_event(struct exchange *, uint64_t stream_seq,
    const void *event, size_t len) MUST_USE;
enum err exchange_restore_calls(
    struct exchange *, const void *snapshot, size_t len) MUST_USE;
/* Then the spool itself, before the driver is opened.  Its tail may be lost, or
 * all of it: call_seqs go on with a leap. */
void exchange_restored(
    struct exchange *, struct spool *, uint64_t incarnation, bool lost_tail);

/* Live calls as a packed Snapshot, for the spool's checkpoint; malloc'ed. */
enum err exchange_checkpoint(
    struct exchange *, void **out, size_t *len) MUST_USE;

/* The daemon's side. */
void exchange_daemon_up(struct exchange *);
void exchange_daemon_down(struct exchange *);
/* Live calls for the wire's snapshot, at most `max', starting behind *cursor
 * (0: the first); texts are the exchange's, valid until the next report. */
unsigned exchange_live(
    struct exchange *, uint64_t *cursor, unsigned max, Mashang__LiveCall *out);
/* What is committed of a call: its next call_seq is higher. */
void exchange_known(struct exchange *, const Mashang__CallKnown *);
/* Exactly one news.result follows, at once or later. */
void exchange_order(struct exchange *, const Mashang__Order *);
/* All devices again, after a connect. */
void exchange_tell_devices(struct exchange *);
/* Texts live until the next call here. */
void exchange_status(struct exchange *, Mashang__SwitchStatus *out);

#endif
