/*
 * detector.h - what must always hold between desk and ACD, looked after.
 *
 * About each second a slice of the calls that wait and of the agents is
 * compared with what the ACD says of them (ACD_LOOK), and the offers with those
 * whom they are about.  What is wrong is seen twice before it counts, since
 * commands are under way; then it is repaired by telling the ACD again, counted
 * by kind, and logged once a minute.  In a sound daemon all counts are 0.
 *
 * The work of one sweep is bounded, whatever there is.
 */
#ifndef DESK_DETECTOR_H
#define DESK_DETECTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/id.h"
#include "store/acd.h"

struct agent;
struct call;
struct desk;

enum detected {
	DETECTED_CALL_UNKNOWN,   /* waits here, and the ACD has it not */
	DETECTED_CALL_OFFERED,   /* waits here, is in an offer there */
	DETECTED_AGENT_UNKNOWN,  /* logged in here, and not there */
	DETECTED_AGENT_IDLE,     /* ready here, takes nothing there */
	DETECTED_AGENT_OFFERED,  /* ready here, in an offer there */
	DETECTED_AGENT_READY,    /* not ready here, and ready there */
	DETECTED_AGENT_DIFFERS,  /* any other difference */
	DETECTED_AGENT_RESERVED, /* reserved without an offer */
	DETECTED_OFFER_ORPHANED, /* without its call or its agent */
	DETECTED_OFFER_LATE,     /* past its deadline */
	DETECTED_UNMATCHED,      /* a ready agent, and a call for them, both for
	                            2 s */
	NDETECTED
};
/* "call_unknown" */
const char *detected_word(enum detected);

#define DETECTOR_SUSPECTS 16
struct detector {
	uint64_t counts[NDETECTED];
	int64_t logged_at[NDETECTED];
	struct call *call;   /* looked at next; NULL: the first */
	struct agent *agent; /* likewise */
	unsigned n_suspects; /* pairs that ought to have been matched */
	struct suspect {
		struct id call;
		uint32_t agent, call_stamp, agent_stamp;
		int64_t since;
	} suspects[DETECTOR_SUSPECTS];
};

/* What the ACD is asked, and how the object was then. */
struct look {
	struct id call; /* or, where none: */
	uint32_t agent, stamp;
	bool again; /* it was wrong before */
};

/* About each second. */
void detector_sweep(struct desk *);
/* What the ACD has answered. */
void detector_seen(struct desk *, const struct look *, enum acd_seen);
/* The call is to be freed. */
void detector_forget(struct desk *, const struct call *);

#endif
