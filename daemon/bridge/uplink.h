/*
 * uplink.h - the bridge towards its daemon: one link with role bridge.
 *
 * On each connect it tells the live calls before anything else, then goes on
 * from the spool's first event, within the daemon's credit; what was, or may
 * have been, sent before goes out as resent.  Orders go to the exchange, their
 * results come back; how the switch is, and which phones are there, is told
 * when it changes.  What a daemon says that is not known here is harmless, and
 * so is a daemon that does not know what is said.
 *
 * Refused for good means: try again in half a minute, for an operator may mend
 * it; but who was taken over stays away.
 *
 * Ownership: the exchange and the spool must outlive it.  Threading: the loop's.
 */
#ifndef BRIDGE_UPLINK_H
#define BRIDGE_UPLINK_H

#include <stdbool.h>

#include "base/err.h"
#include "bridge/exchange.h"

struct uplink;

struct uplink_options {
	struct event_base *base;
	const char *addresses;      /* see link.h */
	const char *login;          /* "": as the switch */
	struct str password, token; /* both empty: trusted over a unix socket */
	const char *switch_name, *driver;
	uint64_t epoch;
	unsigned can;     /* CAN() bits */
	uint64_t torn;    /* times that the spool's tail was cut off */
	int64_t retry_us; /* after a refusal; 0: 30 s */
	/* It must end: another bridge has taken over. */
	void (*taken_over)(void *);
	void *arg;
};

/* Copies the options' texts. */
enum err uplink_new(
    const struct uplink_options *, struct uplink **out) MUST_USE;
void uplink_free(struct uplink **);

/* For exchange_new(). */
struct exchange_news uplink_news(struct uplink *);

/* Both are there and restored: connect.  ERR_CONFIG: *why says what is wrong
 * with the addresses. */
enum err uplink_start(struct uplink *, struct exchange *, struct spool *,
    const char **why) MUST_USE;

/* Times that the spool's tail was cut off. */
void uplink_set_torn(struct uplink *, uint64_t n);

/* Told its calls, and was answered. */
bool uplink_is_up(const struct uplink *);

#endif
