/*
 * sip_bed.h - a hotline with a real switch: PostgreSQL, Redis, mashangd,
 * mashang-bridge, Kamailio.  Queue repair by number 4001; agents wang, li and
 * zhang; phones 801 to 880.
 */
#ifndef SIP_BED_H
#define SIP_BED_H

#include "test/support/baresip.h"
#include "test/support/sip_lab.h"
#include "test/support/sipp.h"
#include "test/support/stack.h"
#include "test/support/wire.h"

struct sip_bed {
	struct stack stack;
	struct sip_lab lab;
	pid_t bridge; /* 0: not running */
};

/* `defines' as for sip_lab_up; `more' agents, as lines of the hotline's file,
 * or NULL. */
void sip_bed_up(
    struct sip_bed *, const char *const defines[], const char *more);
void sip_bed_down(struct sip_bed *);
void sip_bed_bridge(struct sip_bed *);      /* starts it */
void sip_bed_bridge_kill(struct sip_bed *); /* -9 */

/* Logged in at that phone and ready. */
void sip_bed_agent(
    struct sip_bed *, struct wire *, const char *name, const char *phone);
/* The next offer is shown; its texts live until the agent's next frame. */
const Mashang__Offer *sip_bed_offered(struct wire *);
/* Until the agent's state, as it is stored, is that; has been that. */
void sip_bed_state(const char *agent, const char *state);
void sip_bed_was(const char *agent, const char *state);
/* Until the statement gives that. */
void sip_bed_until(const char *want, const char *sql, ...)
    __attribute__((format(printf, 2, 3)));
/* All that was stored of the only call of that caller, when it is over, must be
 * this: `offered queued delivered@801 ... call_cleared/normal/caller'. */
void sip_bed_told(const char *caller, const char *want);
/* Until an event of that kind is stored of the caller's call. */
void sip_bed_until_told(const char *caller, const char *kind);
/* That call's outcome and its ticket's status, as "answered new". */
void sip_bed_outcome(const char *caller, const char *want);

#endif
