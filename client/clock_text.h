/*
 * clock_text.h - clocks, and what stands behind them, for people and scripts.
 */
#ifndef CLIENT_CLOCK_TEXT_H
#define CLIENT_CLOCK_TEXT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "mashang.pb-c.h"

/* One line: which, how it stands, what is left or over, who pauses it. */
void clock_text(FILE *, const Mashang__Clock *);
/* Those of a ticket; nothing if it has none. */
void clocks_text(FILE *, const Mashang__Ticket *);
json_t *clock_json(const Mashang__Clock *);

/* "Ticket 10 011: Resolution, 75 % gone, due …" */
void notice_text(FILE *, const Mashang__ClockNotice *);
json_t *notice_json(const Mashang__ClockNotice *);

/* `why', page by page: every stretch of each clock, then its deadline as it
 * comes out and as it is recorded. */
struct why_text {
	FILE *out;
	unsigned clocks; /* that were told */
	unsigned differ; /* whose deadlines differ */
	bool open;       /* a clock's heading is out */
	char terms[512]; /* the last that were told */
};
void why_text_page(void *why_text, const Mashang__Page *);

#endif
