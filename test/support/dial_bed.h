/*
 * dial_bed.h - the desk alone, and somebody to be called: time by hand, a ledger
 * that says what a card says, and all that the desk tells as one line of words.
 *
 * Agent 1 (a1) sits ready at phone 801 of switch sw; queue q (number 4001) has a
 * wrap-up of 60 s.  Attempts are about ticket 42; the ledger says yes to them,
 * to +8613800000001, in queue q.
 */
#ifndef DIAL_BED_H
#define DIAL_BED_H

#include <stdint.h>

#include "desk/desk.h"
#include "store/ledger.h"

#define S INT64_C(1000000)

struct dial_bed {
	struct desk *desk;
	struct ledger *ledger;
	struct acd *acd;
	struct desk_switch *sw;
	int64_t now;
	uint64_t stream, order; /* the last ones */
	uint64_t ticket;        /* of the last call told, its number */
	struct id call;         /* likewise */
	struct dial_answer why; /* of the last one refused at once */
};
extern struct dial_bed db;

/* A checked fixture; open: without a switch and an agent. */
void db_up(void);
void db_down(void);
void db_open(void);
/* The spool holds so many events; what it holds first is the next. */
void db_attach(const struct live_call *, unsigned n, uint64_t spooled);
void db_log_in(enum agent_state);
/* Until nothing is awaited. */
void db_run(void);

/* What was told since the last look; then a clean page. */
const char *db_page(void);
#define ck_told(want) ck_assert_str_eq(db_page(), want)

/* A desk_dial_fn: "[refused cap 3]" on the page. */
void db_heard(void *, enum err, const struct dial_answer *);
enum err db_ask(
    const struct id *op, enum relation, const char *number) MUST_USE;
/* To whom it is about, and what follows. */
void db_dial(enum relation);
/* Of the last order. */
void db_result(enum err);

/* The events of the call "out" that it made. */
struct call_event db_make_event(
    uint32_t seq, enum call_event_kind, const char *device);
void db_give(const struct call_event *);
void db_event(uint32_t seq, enum call_event_kind, const char *device);
void db_event_because(uint32_t seq, enum call_event_kind, enum cause);

/* The last event of a ticket, and what became of the attempt, as the ledger was
 * told. */
const char *db_history(void);
const char *db_outcome(void);

#endif
