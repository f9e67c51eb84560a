/*
 * seat.h - an agent's seat: the client's side of a shift, without a screen.
 *
 * A seat logs in, knows its state, the call that is offered and the one in
 * hand, carries out what the agent does, and tells a view.  Line mode and full
 * screen are two views of it.
 *
 * What the agent does takes effect at once and is kept in the journal
 * (unsaved.h) until the daemon has saved it.  After a lost connection, or a
 * restart, what is not yet saved is sent again under its operation id - but a
 * change of state only if it is the state that we are in: nobody is made ready
 * by something done before lunch.
 *
 * An offer can be answered only after seat_shown(): typing ahead answers
 * nothing.
 *
 * Ownership: the journal and the view stay the caller's and outlive the seat.
 */
#ifndef CLIENT_SEAT_H
#define CLIENT_SEAT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "client/hand.h"
#include "mashang.pb-c.h"

#define SEAT_REASON 128

struct event_base;
struct seat;
struct unsaved;

struct seat_facts {
	bool up;
	Mashang__AgentStateKind state, pending;
	char reason[SEAT_REASON], pending_reason[SEAT_REASON];
	int64_t since_at, until_at, limit_at;
	uint64_t offer_id; /* 0: nothing is offered */
	bool shown;        /* the offer may be answered */
	uint8_t call_id[16];
	bool has_call;   /* call_id: the call in hand, or the last one */
	uint64_t ticket; /* its ticket, 0: not known */
	/* Of the call in hand: how it stands, and what may be asked of it now,
	 * a bit for each OrderKind; and of the consult call about it. */
	Mashang__CallEventKind call;
	bool call_live;
	unsigned can, consult_can;
	uint8_t consult_id[16];
	bool has_consult;
	struct hand hand; /* work beside calls */
	unsigned unsaved;
};

/* All from the loop; messages live until the callback returns. */
struct seat_view {
	/* `again': so many unsaved actions are being sent again. */
	void (*up)(void *, const Mashang__Welcome *, unsigned again);
	void (*down)(void *, const char *why); /* it is tried again by itself */
	void (*refused)(void *, const Mashang__Error *); /* for good */
	void (*state)(void *, const struct seat_facts *before);
	void (*offer)(void *, const Mashang__Offer *);
	void (*story)(void *, const Mashang__Story *);
	void (*offer_ended)(void *, const Mashang__OfferEnded *);
	/* `consult': it is the consult call about the one in hand; `again': it
	 * stands as before, but for what may be asked of it. */
	void (*call)(
	    void *, const Mashang__CallState *, bool consult, bool again);
	void (*work)(void *, const Mashang__WorkState *);
	void (*ticket)(void *, const Mashang__Ticket *);
	/* The ticket of the call that has just been taken, for its clocks. */
	void (*clocks)(void *, const Mashang__Ticket *);
	void (*notice)(void *, const Mashang__ClockNotice *);
	/* A request (its body_case) was refused.  `kept' is what was sent, so
	 * that no text is lost; NULL: nothing worth keeping. */
	void (*failed)(void *, Mashang__Envelope__BodyCase,
	    const Mashang__Envelope *kept, const Mashang__Error *);
	void (*done)(void *, Mashang__Envelope__BodyCase);
	void (*saved)(void *);
	void *arg;
};

/* NULL: *why says what is wrong with the addresses, or no memory. */
struct seat *seat_new(struct event_base *, const char *addresses,
    const Mashang__Hello *, struct unsaved *, const struct seat_view *,
    const char **why);
void seat_free(struct seat **);

const struct seat_facts *seat_facts(const struct seat *);
/* The caller's story of the last offer, or NULL. */
const Mashang__Story *seat_story(const struct seat *);
/* Domain time, as far as it can be told from here. */
int64_t seat_now(const struct seat *);

/* The offer's text has been written out: confirm it, let it be answered. */
void seat_shown(struct seat *, uint64_t offer_id);

/*
 * What an agent does.  ERR_REFUSED: nothing is offered; ERR_NOT_FOUND: there
 * is no call or ticket to do it with; ERR_IO: it could not be kept on disk and
 * was not sent; ERR_TOO_LARGE.
 */
enum err seat_set_state(
    struct seat *, Mashang__AgentStateKind, const char *reason) MUST_USE;
enum err seat_accept(struct seat *) MUST_USE;
enum err seat_refuse(struct seat *, const char *reason) MUST_USE;
enum err seat_note(struct seat *, const char *text) MUST_USE;
/* To the ticket of the call in hand; its number is filled in. */
enum err seat_change(struct seat *, Mashang__TicketChange *) MUST_USE;
/* call_id is filled in. */
enum err seat_wrap_up(struct seat *, Mashang__WrapUp *) MUST_USE;
/* More time for it; not kept. */
enum err seat_more(struct seat *) MUST_USE;
/* Call about a ticket (0: the one in hand); `to' may be NULL.  Not kept: who
 * comes back later calls nobody by it. */
enum err seat_dial(
    struct seat *, uint64_t number, const char *to, bool follow_up) MUST_USE;
enum err seat_ask_ticket(struct seat *, uint64_t number) MUST_USE;
/* Done with a ticket that came as work (0: the only one in hand).  Not kept:
 * it stays in hand until the daemon has taken it. */
enum err seat_work_done(struct seat *, uint64_t number) MUST_USE;
/* Of the call in hand, or of the consult call where the kind fits only that;
 * not kept.  `to': a number, an agent or a queue, as the kind needs; "": none.
 * ERR_REFUSED: it cannot be asked for now. */
enum err seat_control(
    struct seat *, Mashang__OrderKind, const char *to) MUST_USE;
/* What may be asked for now, of either call. */
unsigned seat_can(const struct seat *);
/* Log off: not kept, refused while in a call. */
enum err seat_log_off(struct seat *) MUST_USE;

#endif
