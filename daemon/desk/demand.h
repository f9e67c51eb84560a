/*
 * demand.h - what people ask of calls, for the files of desk/.
 */
#ifndef DESK_DEMAND_H
#define DESK_DEMAND_H

#include "desk/state.h"

/*
 * What a person asked for: the rest of its order, and who waits for what
 * becomes of it.  It lives as long as its order, also when nobody waits any
 * more; an order that was sent before its call ended is still answered.
 */
struct demand {
	struct desk *desk;
	struct call *call; /* NULL: it has ended */
	struct id call_id, op, related;
	enum order_kind kind;
	uint64_t order_id; /* 0: not sent yet */
	uint64_t version;  /* that it was sent with */
	bool answered;     /* nobody waits any more */
	bool supervisor;
	uint32_t agent; /* who asked; 0: a supervisor */
	char number[NAME_MAX_LEN + 1], show[NAME_MAX_LEN + 1];
	bool to_device; /* `number' is a device of the call's switch */
	enum relation relation;
	int64_t ring_us;
	char actor[NAME_MAX_LEN + 1], detail[TEXT_MAX_LEN + 1];
	char device[NAME_MAX_LEN + 1];
	void (*done)(
	    void *arg, enum err, const struct control_answer *); /* or NULL */
	void *arg;
	struct timer timer;
	struct demand *prev, *next;
};

/* ---- demand.c */
/* Whoever waits is told; once. */
void demand_end(struct desk *, struct demand *, enum err);
void demand_free(struct desk *, struct demand *);
void demand_due(struct desk *, struct demand *);
/* A result for an order whose call has ended meanwhile. */
void demand_result(struct desk *, const struct order_result *);
/* For whoever asks again under this operation. */
void demand_remember(struct desk *, const struct id *op, enum err);
void control_fini(struct desk *);

#endif
