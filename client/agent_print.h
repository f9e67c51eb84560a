/*
 * agent_print.h - what line mode prints: text for people, JSON for scripts.
 *
 * Two tables of the same functions; each writes one piece of news, whole
 * lines.  JSON objects have "event", times and durations in microseconds.
 */
#ifndef CLIENT_AGENT_PRINT_H
#define CLIENT_AGENT_PRINT_H

#include <stdio.h>

#include "client/seat.h"

struct agent_print {
	void (*up)(FILE *, const Mashang__Welcome *, unsigned again);
	void (*down)(FILE *, const char *why);
	void (*refused)(FILE *, const Mashang__Error *);
	void (*state)(FILE *, const struct seat *, const struct seat_facts *);
	void (*offer)(FILE *, const Mashang__Offer *);
	void (*story)(FILE *, const Mashang__Story *);
	void (*offer_ended)(FILE *, const Mashang__OfferEnded *);
	void (*call)(FILE *, const struct seat *, const Mashang__CallState *,
	    bool consult, bool again);
	void (*work)(FILE *, const Mashang__WorkState *);
	void (*ticket)(FILE *, const Mashang__Ticket *);
	void (*clocks)(FILE *, const Mashang__Ticket *);
	void (*notice)(FILE *, const Mashang__ClockNotice *);
	void (*failed)(FILE *, Mashang__Envelope__BodyCase,
	    const Mashang__Envelope *kept, const Mashang__Error *);
	void (*saved)(FILE *, const struct seat *);
	/* How things stand, asked for. */
	void (*now)(FILE *, const struct seat *);
	/* Something to say about what was typed; a whole line. */
	void (*say)(FILE *, const char *text);
};

extern const struct agent_print agent_print_text, agent_print_json;

#endif
