/*
 * seat_own.h - what a seat is, for seat.c, which takes what arrives, and
 * seat_act.c, which sends what the agent does.
 */
#ifndef CLIENT_SEAT_OWN_H
#define CLIENT_SEAT_OWN_H

#include "client/seat.h"

struct link;
struct outbox;

struct seat {
	struct link *link;
	struct outbox *outbox;
	struct seat_view view;
	struct seat_facts facts;
	/* Of the offer, until it is the call in hand. */
	uint8_t offer_call[16];
	bool offer_is_work;
	uint64_t offer_ticket;
	uint64_t clocks_of; /* asked for by ourselves; 0: not */
	Mashang__Story *story;
	int64_t server_at, server_mono; /* domain time, and when it was that */
	bool driven;
};

#endif
