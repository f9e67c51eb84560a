/*
 * shift.h - what the parts of line mode share: cmd_agent.c begins and ends a
 * shift and tells the news, shift.c does what is typed.
 */
#ifndef CLIENT_SHIFT_H
#define CLIENT_SHIFT_H

#include <stdbool.h>
#include <stdint.h>

#include "client/creds.h"

struct agent_print;
struct event;
struct event_base;
struct seat;
struct term;
struct unsaved;

enum leaving {
	STAYING,
	ASKED,  /* quit was typed in a call: once more means it */
	SAVING, /* until all is saved */
	LOGGING_OFF
};

struct shift {
	struct event_base *base;
	struct event *timer; /* reaching the daemon, then leaving it */
	struct event *signals[3];
	struct term *term;
	struct seat *seat;
	struct unsaved *journal;
	const struct agent_print *print;
	struct creds creds;
	bool json, begun;
	enum leaving leaving;
	uint64_t offer_id; /* printed, not yet taken by the terminal */
	int code;
};

/* One whole line to the agent. */
void shift_say(struct shift *, const char *text);
void shift_prompt(struct shift *);

/* First all is saved, then we log off; asked again, at once. */
void shift_leave(struct shift *);

/* A line from the terminal (term.h). */
void shift_line_cb(void *shift, char *line, bool before);

#endif
