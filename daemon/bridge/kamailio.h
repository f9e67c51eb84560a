/*
 * kamailio.h - the driver's own parts; for kamailio*.c only.
 *
 * The switch runs config/kamailio.cfg.  We speak JSON objects in netstrings
 * over one TCP connection: events and rows of snapshots come in, commands go
 * out, each with an id that its reply repeats.
 *
 *   kamailio.c           connection, heart-beats, gaps, the driver itself
 *   kamailio_ask.c       commands and their replies, with deadlines
 *   kamailio_tell.c      events into reports
 *   kamailio_row.c       what is said of a call
 *   kamailio_data.c      times, codes, names, pairs
 *   kamailio_snapshot.c  all that lives now
 *   kamailio_order.c     orders into commands
 *   kamailio_probe.c     what is there and what is missing
 */
#ifndef BRIDGE_KAMAILIO_H
#define BRIDGE_KAMAILIO_H

#include <sys/queue.h>

#include <jansson.h>

#include "bridge/driver.h"
#include "bridge/exchange.h"
#include "bridge/stream.h"

struct event;

#define KAM_CONFIG 1 /* of kamailio.cfg: raised when its words change */

struct kam_options {
	const char *address;
	const char *tls_ca, *tls_name, *tls_certificate, *tls_key;
};

enum kam_asked {
	KAM_HELLO,
	KAM_SNAPSHOT,
	KAM_PING,
	KAM_ORDER,
	KAM_STOP, /* answered when the phone is quiet, or has been lifted */
	KAM_DIAL,
	KAM_DEFLECT,
	KAM_UNRING /* of our own: the phone is gone */
};

/* A command that has not been answered. */
struct kam_ask {
	TAILQ_ENTRY(kam_ask) entry;
	uint64_t id, order_id; /* 0: nobody waits for it */
	enum kam_asked asked;
	int64_t until; /* loop time */
	json_t *about; /* KAM_DIAL: the new call; KAM_DEFLECT, KAM_STOP: the
	                  call's name */
};

/* Of a live call, what only we need. */
struct kam_call {
	bool outside;  /* its caller is a phone of ours: sides are swapped */
	bool away;     /* sent elsewhere by an order */
	bool stopping; /* DISCONNECT was ordered */
	bool gone;     /* the ringing phone is gone */
	bool moved;    /* transferred by an order: rings or talks there now */
	Mashang__Cause cause; /* CLEAR was ordered with it */
};

struct kam {
	struct event_base *base;
	struct exchange *exchange;
	const struct kam_options *options;
	struct stream *stream;
	struct event *tick;
	TAILQ_HEAD(, kam_ask) asks; /* in the order of sending */
	uint64_t next_id;

	bool up;           /* the switch has said hello */
	char start[40];    /* its life */
	uint64_t next_seq; /* 0: any */
	uint64_t missing;  /* events not seen that may still come */
	int64_t missing_until;
	uint64_t read_told; /* the switch knows that we have read so far */
	int64_t ping_at;

	/* Between asking for a snapshot and its end: rows, and events since. */
	json_t *rows, *since;
	json_t *early; /* events of calls whose KAM_DIAL has no reply yet */

	driver_probe_fn *probe_line; /* NULL: no probe */
	void (*probe_done)(void *, bool);
	void *probe_arg;
	int64_t probe_until;
};

/* ---- kamailio.c */

/* Something was missed, or may have been. */
void kam_resync(struct kam *);
/* It has told all events up to this one; those not here are missing. */
void kam_told_up_to(struct kam *, uint64_t seq);
/* It has said who it is. */
void kam_hello(struct kam *, const json_t *hello);

/* ---- kamailio_ask.c */

/* Takes `cmd', and `about' if it is true.  False: not connected, no memory, or
 * more than the switch takes at once; nobody is told then. */
bool kam_ask(struct kam *, json_t *cmd, enum kam_asked, uint64_t order_id,
    json_t *about);
/* Without a reply. */
bool kam_say(struct kam *, json_t *cmd);
void kam_reply(struct kam *, const json_t *reply);
/* Whose deadline is over. */
void kam_asks_tick(struct kam *, int64_t now);
/* What rang for that call does not any more: lifted, or quiet. */
void kam_asks_stopped(struct kam *, struct str call, Mashang__Code);
/* The connection is gone: all are answered. */
void kam_asks_lost(struct kam *);
bool kam_is_asking(const struct kam *, enum kam_asked);

/* ---- kamailio_tell.c */

/* An event, while no snapshot is under way. */
void kam_tell(struct kam *, json_t *event);

/* ---- kamailio_row.c */

/* A report with room for its texts; what it points to besides is the JSON's. */
struct kam_row {
	struct report report;
	struct report_pair pairs[REPORT_DATA_MAX];
	char name[256];
	char *store;
};

struct str kam_text(const json_t *, const char *key);
uint64_t kam_number(const json_t *, const char *key);
bool kam_is(const json_t *, const char *key, const char *value);
/* NULL: no memory. */
struct kam_call *kam_call_of(struct xcall *);
/* Which way it goes. */
void kam_remember(struct kam *, const json_t *ev);
/* Who calls whom; all but kind, device and data. */
void kam_row_fill(struct kam_row *, const json_t *ev);
void kam_row_data(struct kam_row *, const json_t *ev);
void kam_row_done(struct kam_row *);
/* In which state it is; false: it is about to end. */
bool kam_row_report(const json_t *row, struct kam_row *);
/* What is known of the call already says more than this row. */
bool kam_row_is_vague(const json_t *row);

/* ---- kamailio_data.c */

/* `key=value;key=value', with %XX for what is not to end a pair; up to the
 * first that is wrong or too many.  Texts live in `store', at least as long as
 * `text'. */
unsigned kam_pairs(
    struct str text, char *store, struct report_pair pairs[REPORT_DATA_MAX]);
/* "1700000000.642981" as microseconds; 0: it is none. */
int64_t kam_time(struct str);
/* What a phone's or a line's final code means. */
Mashang__Cause kam_cause(uint64_t code);
/* A display name without its quotes, into out. */
struct str kam_display(struct str name, char *out, size_t room);

/* ---- kamailio_snapshot.c */

void kam_snapshot_begin(struct kam *);
void kam_snapshot_row(struct kam *, json_t *row);
/* True: kept until the snapshot is whole. */
bool kam_snapshot_event(struct kam *, json_t *event);
void kam_snapshot_end(struct kam *);
void kam_snapshot_drop(struct kam *);

/* ---- kamailio_order.c */

unsigned kam_can(const void *options, bool listen_only);
void kam_order(void *self, const struct driver_order *);
/* The switch has named the call that a phone is asked to make. */
void kam_dialled(struct kam *, const struct kam_ask *, const json_t *reply);
/* The switch sends a waiting caller elsewhere. */
void kam_deflected(struct kam *, const struct kam_ask *);
/* An event of a call that is not known. */
void kam_dial_early(struct kam *, json_t *ev);

/* ---- kamailio_probe.c */

void kam_probe(void *self, driver_probe_fn *line,
    void (*done)(void *arg, bool good), void *arg);
void kam_probe_hello(struct kam *, const json_t *hello);
void kam_probe_failed(struct kam *, const char *why);

#endif
