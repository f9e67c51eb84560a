/*
 * exchange_bed.h - an exchange with a switch and a daemon that are made of
 * words.
 *
 * The switch says `queued A', `delivered A 801', `failed A 801 =3' (=3: of the
 * third order given); the exchange tells `QUEUED A', `DELIVERED A@801 #31' (#31:
 * of the daemon's order 31).  Each event that is told is checked against the
 * rules of the wire: no hole in a call's numbers, none twice, none that the
 * daemon's own table would refuse.
 */
#ifndef EXCHANGE_BED_H
#define EXCHANGE_BED_H

#include "bridge/exchange.h"

#define BED_ORDERS 4096

struct xb_order {
	uint64_t id; /* the exchange's */
	Mashang__OrderKind kind;
	char call[65], other[65], device[65], number[65];
	bool answered;
};

struct xb_result {
	uint64_t order_id;
	Mashang__Code code;
	uint64_t version;
	Mashang__CallEventKind kind;
};

struct exchange_bed {
	struct event_base *base;
	struct exchange *x;
	struct spool *spool;
	struct exchange_options options;
	uint64_t incarnation;
	/* What the driver got. */
	struct xb_order orders[BED_ORDERS];
	unsigned n_orders, n_resyncs, n_forgotten;
	/* A driver under test, open beside the bed's: told, too; or NULL. */
	const struct driver *beside;
	void *beside_self;
	/* CODE_OK and so on: answered at once; -1: not at all. */
	int answer;
	/* What the daemon got. */
	char told[16384]; /* since it was last looked at */
	uint64_t stream_seq;
	struct xb_result results[BED_ORDERS];
	unsigned n_results, n_status;
	char devices[1024]; /* "*801 -802": whole, 801 there, 802 gone */
};

extern struct exchange_bed xb_x;
/* Told all the same news, if not NULL; set behind setup. */
extern const struct exchange_news *xb_also;

/* can: CAN() bits; the daemon is up, the switch is heard. */
void exchange_bed_setup(unsigned can);
/* As setup, with these instead of the presets.  With a driver: it is the test's
 * to open, to attach and to close. */
void exchange_bed_setup_with(const struct exchange_options *);
void exchange_bed_teardown(void);
/* The bridge is killed and starts again, from its spool; the daemon is down and
 * the switch not heard until the test says so.  `checkpoint': the spool has
 * begun a segment before the last `tail' events. */
void exchange_bed_restart(bool lost_tail);
void exchange_bed_restart_behind(unsigned tail);

/* The switch reports; several between `;'. */
void xb_say(const char *words);
/* A listing: each `seen' is a state, a call, a device: `established A 801'. */
void xb_resync(const char *words);
/* What was told since the last time is this, divided by `; '. */
void xb_told(const char *want);
/* The daemon orders, on the call's version; returns the result's code, -1: no
 * result yet.  `number' or `device' NULL: none. */
int xb_order(uint64_t id, Mashang__OrderKind kind, const char *call,
    const char *device, const char *number);
extern bool xb_to_device; /* of the orders from now on */
int xb_order_on(uint64_t id, Mashang__OrderKind kind, const char *call,
    const char *device, const char *number, uint64_t version);
/* The driver answers its nth order (from 1). */
void xb_answer(unsigned nth, Mashang__Code);
uint64_t xb_version(const char *call);
/* The result of that order, or NULL. */
const struct xb_result *xb_result(uint64_t order_id);
/* Turn the loop until that holds; fails the test after 20 s. */
void xb_until(bool (*holds)(void));

/* All that was ever told, for the model. */
unsigned xb_live(void);
/* "queued", "established@801"; NULL: not live. */
const char *xb_daemon_sees(const char *call);

#endif
