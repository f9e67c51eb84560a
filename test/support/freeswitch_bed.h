/*
 * freeswitch_bed.h - the driver of FreeSWITCH between a switch that says what it
 * is told to say (esl_peer.h) and a daemon that writes down what it hears.
 *
 * What is told becomes a line: `OFFERED c1; QUEUED c1; FAILED c1@801 CAUSE_BUSY'.
 */
#ifndef FREESWITCH_BED_H
#define FREESWITCH_BED_H

#include "bridge/freeswitch.h"
#include "test/support/esl_peer.h"

#define FSB_ORDER(KIND) MASHANG__ORDER_KIND__ORDER_##KIND
#define FSB_NO_CALLS "{\"row_count\":0}\n"
#define FSB_ANSWERED "Answer-State: answered\n"

struct freeswitch_bed {
	struct esl_peer peer; /* the switch */
	struct fs_options options;
	struct fs *driver;
	char told[16384];
	/* The phones that were rung, by the names that the driver gave them. */
	char leg[8][FS_NAME_MAX + 1];
	unsigned n_legs;
};
extern struct freeswitch_bed fsb;

/* The driver is opened, and has not been heard yet; `drip': a byte at a time. */
void fsb_set_up(bool drip, bool listen_only);
/* Until it asks what there is. */
void fsb_log_in(const char *life);
void fsb_no_phones(void);
/* Both, and there are no calls. */
void fsb_up(void);
void fsb_down(void);

/* Turn until as much has been told; it must be this. */
void fsb_expect_told(const char *want);

/* An event of the switch about a leg, with more headers. */
void fsb_event(const char *name, const char *uuid, const char *more);
void fsb_a_caller_waits(void);
/* The daemon orders it, and its leg is originated. */
void fsb_connect_801(uint64_t order);
void fsb_talking(void);

#endif
