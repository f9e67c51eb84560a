/*
 * switch_call.h - one call in the simulated switch, the phone it is at, and
 * what is said of it in both directions.
 */
#ifndef REPLAY_SWITCH_CALL_H
#define REPLAY_SWITCH_CALL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/hash.h"
#include "base/id.h"
#include "mashang.pb-c.h"
#include "replay/agenda.h"
#include "replay/plan.h"

enum switch_state {
	SWITCH_NONE, /* planned, not yet here */
	SWITCH_MENU,
	SWITCH_WAITING,
	SWITCH_RINGING,
	SWITCH_TALKING,
	SWITCH_HELD,
	SWITCH_ENDED,
	SWITCH_REPEATED, /* ended in an earlier run: not played */
	SWITCH_LOST,     /* begun, but not ended, in an earlier run: likewise */
	SWITCH_NSTATES
};

enum switch_input {
	SWITCH_IN_NONE,
	SWITCH_IN_ARRIVE,
	SWITCH_IN_QUEUE,
	SWITCH_IN_HANG_UP,
	SWITCH_IN_LIFT,
	SWITCH_IN_CONNECT, /* from here on: orders */
	SWITCH_IN_ANSWER,
	SWITCH_IN_DISCONNECT,
	SWITCH_IN_CLEAR,
	SWITCH_IN_HOLD,
	SWITCH_IN_RETRIEVE,
	SWITCH_NINPUTS
};

struct switch_call;
struct telephone_switch;

struct switch_device {
	char *name;
	struct switch_call *call; /* rings or talks; NULL: idle */
	bool lifts;               /* by itself, as soon as it rings */
	UT_hash_handle hh;
};

struct switch_call {
	const struct plan_call *plan;
	struct telephone_switch *of;
	enum switch_state state;
	uint32_t seq; /* of its last event */
	uint64_t version;
	struct switch_device *device;
	/* Domain time of the first of each; 0: not yet. */
	int64_t offered_at, queued_at, delivered_at, established_at, ended_at;
	Mashang__Cause end_cause;
	int64_t queued_loop_at;     /* loop time, for the latency of offers */
	uint64_t queued_stream_seq; /* the event that opens the ticket */
	struct instant step, patience;
	struct id id; /* as the daemon knows it */
	TAILQ_ENTRY(switch_call) live;
	UT_hash_handle hh;
};

TAILQ_HEAD(switch_calls, switch_call);

struct switch_event {
	Mashang__CallEventKind kind;
	int64_t at;
	const struct switch_device *device;
	Mashang__Cause cause;
	Mashang__Party party;
	uint64_t order_id;
};

struct switch_order {
	uint64_t order_id, version;
	struct str call, device;
	Mashang__OrderKind kind;
	bool auto_answer;
	Mashang__Cause cause;
};

struct switch_result {
	uint64_t order_id, version;
	Mashang__Code code;
	Mashang__CallEventKind kind;
};

/* An order's result is told before the event that it causes. */
struct switch_news {
	void (*event)(
	    void *arg, struct switch_call *, const struct switch_event *);
	void (*result)(void *arg, const struct switch_result *);
	void *arg;
};

#endif
