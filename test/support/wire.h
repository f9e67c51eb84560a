/*
 * wire.h - a bridge or an agent's terminal in a few lines: frames sent and
 * awaited one by one, over a real socket.
 *
 * Everything blocks, with a deadline, and fails the test when that is missed.
 * What the daemon says while we send is read at the same time, so neither side
 * waits for the other.  Heart-beats are answered unseen.
 */
#ifndef WIRE_H
#define WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "mashang.pb-c.h"
#include "test/support/stack.h"

struct evbuffer;
struct frame_memory;

#define WIRE_V0 (UINT64_C(1) << 32) /* a call's first version: incarnation 1 */

struct wire {
	int fd;
	struct evbuffer *in;
	struct frame_memory *memory;
	char name[65];       /* a bridge's switch */
	uint64_t stream_seq; /* given out last */
	uint64_t committed;  /* as we were told */
};

/* Connected, not logged in. */
void wire_open(struct wire *, const struct stack *);
void wire_close(struct wire *);

void wire_send(struct wire *, const Mashang__Envelope *);
void wire_send_bytes(struct wire *, const void *, size_t);

/* The next frame, until the one after; NULL: the daemon has closed. */
const Mashang__Envelope *wire_next(struct wire *);
/* The next of this kind; others are passed over. */
const Mashang__Envelope *wire_expect(
    struct wire *, Mashang__Envelope__BodyCase);
#define WIRE_EXPECT(p, what) wire_expect(p, MASHANG__ENVELOPE__BODY_##what)
/* A heart-beat, for tests that are busy elsewhere for longer than the daemon
 * waits for a silent peer. */
void wire_beat(struct wire *);
/* All that is owed for what we have sent is here: a ping has come back, and
 * nothing else of this kind was before it. */
void wire_expect_none(struct wire *, Mashang__Envelope__BodyCase);

/* Trusted, as the system's user that we are. */
const Mashang__Welcome *wire_login(struct wire *, Mashang__Hello *);
/* A switch without calls, its snapshot answered. */
void wire_bridge(struct wire *, const struct stack *, const char *name);
/* The same with one call, or NULL. */
void wire_bridge_again(
    struct wire *, const struct stack *, const char *name, Mashang__LiveCall *);
void wire_agent(
    struct wire *, const struct stack *, const char *name, const char *device);

void wire_set_state(struct wire *, Mashang__AgentStateKind, const char *reason);

/* The next offer is on the agent's screen; its number. */
uint64_t wire_shown(struct wire *);
void wire_accept(struct wire *, uint64_t offer);
void wire_refuse(struct wire *, uint64_t offer);

/* An event of a bridge's call, to be filled in further. */
Mashang__CallEvent wire_event(const struct wire *, const char *call,
    unsigned call_seq, Mashang__CallEventKind);
/* Under the next number of the stream. */
void wire_say(struct wire *, Mashang__CallEvent *);
/* A caller reaches the switch and chooses: two events. */
void wire_ring(struct wire *, const char *call, const char *caller,
    const char *called, const char *menu);
/* The device rings, the device is lifted, all is over: one event each. */
void wire_at(struct wire *, const char *call, unsigned call_seq,
    Mashang__CallEventKind, const char *device, const Mashang__Order *);
void wire_clear(
    struct wire *, const char *call, unsigned call_seq, Mashang__Party);

/* The next order; its texts live as long as the frame. */
const Mashang__Order *wire_order(struct wire *, Mashang__OrderKind);
/* Carried out, if OK: the version is one more. */
void wire_order_result(struct wire *, uint64_t order, Mashang__Code,
    uint64_t version, Mashang__CallEventKind);
/* Until everything we said is on disk. */
void wire_until_committed(struct wire *);

ProtobufCBinaryData wire_bytes(const char *);
bool wire_is(ProtobufCBinaryData, const char *);

#endif
