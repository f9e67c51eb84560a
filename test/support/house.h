/*
 * house.h - a daemon's inside in the test's own process: net, the real desk,
 * a fake ledger, matching in memory, one loop; and peers with scripts.
 *
 * A peer is a plain socket: tests send bytes or messages and wait for what
 * comes back.  house_* and peer_* turn the loop, so nothing here blocks for
 * longer than it takes; what does not come within 5 s fails the test.
 */
#ifndef HOUSE_H
#define HOUSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frame.h"
#include "net/net.h"

struct acd;
struct desk;
struct event_base;
struct ledger;

#define HOUSE_NOON INT64_C(1700000000000000) /* domain time at the start */

struct house {
	struct event_base *base;
	struct ledger *ledger;
	struct desk *desk;
	struct acd *acd;
	struct net *net;
	struct net_limits limits;
	int64_t now;      /* domain time */
	int64_t drive_to; /* of the last ClockAdvance */
	char address[128];
};

/* With limits for tests that are over soon (log-in 200 ms, frame 300 ms …);
 * agents a1 a2 at devices 801 802, queue q by number 4001, switch sw, and
 * log-ins whose password is "secret": a1, boss (supervisor), root
 * (administrator), eye (read only), br (bridge of sw), gone (disabled). */
void house_up(struct house *, bool driven);
void house_up_with(struct house *, bool driven, const struct net_limits *);
/* The same, also on a socket that listens already. */
void house_up_on(struct house *, int fd);
void house_down(struct house *);
/* One turn of the loop. */
void house_turn(struct house *);
/* Until `is' holds. */
void house_until(struct house *, bool (*is)(void *), void *arg);

struct peer {
	struct house *house;
	int fd;
	struct evbuffer *in;
	struct frame_memory *memory;
	Mashang__Envelope *last; /* of peer_wait; until the next */
	bool eof;
	uint8_t op[16]; /* of the last request */
};

void peer_open(struct peer *, struct house *);
void peer_close(struct peer *);
/* Bytes as they are. */
void peer_bytes(struct peer *, const void *, size_t);
void peer_send(struct peer *, Mashang__Envelope *);
/* With a fresh op_id, left in peer->op. */
void peer_request(struct peer *, Mashang__Envelope *);

/* The next frame, whatever it is; NULL: the daemon closed. */
Mashang__Envelope *peer_next(struct peer *);
/* The next frame of that kind, others are passed over (heart-beats answered);
 * fails if the daemon closes first. */
Mashang__Envelope *peer_wait(struct peer *, Mashang__Envelope__BodyCase);
/* The reply to peer_request: its kind must be this. */
Mashang__Envelope *peer_reply(struct peer *, Mashang__Envelope__BodyCase);
/* The next frame is an Error, Goodbye or Nack of this code. */
void peer_refused(struct peer *, Mashang__Code);
/* The daemon says goodbye with this code, then closes. */
void peer_ended(struct peer *, Mashang__Code);

/* Hello, Welcome.  `login' NULL: as the operating-system user. */
void peer_hello(struct peer *, Mashang__Role, const char *login,
    const char *password, const char *place);
void peer_login(struct peer *, struct house *, Mashang__Role, const char *login,
    const char *place);

static inline ProtobufCBinaryData
data_of(const char *s)
{
	size_t n = 0;

	while (s != NULL && s[n] != '\0')
		n++;
	return (ProtobufCBinaryData){ n, (uint8_t *)(uintptr_t)s };
}

#define ENVELOPE(NAME, field, message)                                       \
	((Mashang__Envelope){                                                \
	    .base = PROTOBUF_C_MESSAGE_INIT(&mashang__envelope__descriptor), \
	    .body_case = MASHANG__ENVELOPE__BODY_##NAME,                     \
	    .field = (message) })

#endif
