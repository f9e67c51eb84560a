/*
 * dial.h - attempts to call somebody, for the files of desk/.
 *
 * One lives from the request until it is forgotten: the last so many that are
 * over still say which ticket their call is about.  The desk owns them all.
 */
#ifndef DESK_DIAL_H
#define DESK_DIAL_H

#include "desk/state.h"

enum dial_stage {
	DIAL_ASKED,   /* the ledger decides */
	DIAL_ORDERED, /* committed, and the switch was told */
	DIAL_TAKEN,   /* it has said yes */
	DIAL_OVER     /* has its call, or will have none */
};

struct dial {
	uint64_t order_id, serial; /* of its ticket */
	struct id op, call;
	enum relation relation;
	enum dial_stage stage;
	struct agent *agent; /* BUSY with it; NULL: not any more */
	struct device *device;
	struct swtch *sw;
	struct desk *desk;
	uint64_t attach_no; /* it was ordered from this attachment */
	struct queue *queue;
	char number[17], show[NAME_MAX_LEN + 1], actor[NAME_MAX_LEN + 1];
	int64_t asked_at;
	bool again; /* a race was lost once */
	struct agent_was was;
	struct dial_waiter *waiters; /* are owed an answer */
	struct timer timer;
	UT_hash_handle hh, hh_call;
};

/* ---- dial.c */
struct dial *dial_of_order(const struct desk *, uint64_t order_id);
/* The ticket that this call was dialled about, as far as is remembered; 0. */
uint64_t dial_ticket(struct desk *, const struct id *call);
/* Some order's result; false: it is none of a dial. */
bool dial_result(struct desk *, struct swtch *, const struct order_result *);
void dial_due(struct desk *, struct dial *);
/* It will have no call, or none that is heard of in time. */
void dial_close(struct desk *, struct dial *, const char *outcome, enum err);
/* Its call is there: this one. */
void dial_over(struct desk *, struct dial *, const struct id *call);
/* The call that it became is over. */
void dial_call_ended(struct desk *, const struct id *call);
void dial_fini(struct desk *);

/* ---- dial_again.c */
/* What became of an attempt that was committed before: its answer. */
enum err dial_state_err(struct str state);
struct str dial_state_rule(struct str state);
/* Has this operation been one?  If not, it is refused, for `why'. */
enum err dial_ask_again(struct desk *, const struct desk_action *,
    const struct dial_answer *why, desk_dial_fn *, void *arg) MUST_USE;

/* ---- dial_call.c: calls that were dialled */
/* The call's first event names an order: is it a dial's? */
void dial_opened(struct desk *, struct ledger_unit *, struct call *,
    uint64_t order_id, int64_t at);
void dial_reached(struct ledger_unit *, const struct call *, int64_t at);
void dial_failed(struct desk *, struct ledger_unit *, struct call *,
    const struct call_event *);
/* At its end, if nobody was reached. */
void dial_unreached(
    struct ledger_unit *, const struct call *, int64_t at, enum cause);
/* An event that is only recorded; the call may live here, or be NULL. */
void dial_recorded(struct desk *, struct ledger_unit *, struct call *,
    const struct id *, const struct call_event *);
/* Adopted, and the ledger says what it is. */
void dial_adopted(struct call *, struct str relation, uint64_t serial);
/* The spool has been read to where it stood: what has no call has none. */
void dial_reconcile(struct desk *, struct swtch *);

#endif
