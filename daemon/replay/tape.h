/*
 * tape.h - every event that is not yet committed, in order.
 *
 * A bridge may forget an event only when the daemon says Committed; until then
 * it must be able to send it again.  This one keeps them in memory: if the
 * replay dies, its switch has died with it.
 */
#ifndef REPLAY_TAPE_H
#define REPLAY_TAPE_H

#include <stdint.h>

#include "base/err.h"
#include "mashang.pb-c.h"

struct tape_entry {
	uint8_t *bytes; /* a packed CallEvent */
	size_t len;
};

/* Entries first .. next - 1; the ring's room is a power of two. */
struct tape {
	struct tape_entry *ring;
	size_t room;
	uint64_t first, next;
};

/* The first event will have the number `first', 1 or more. */
void tape_init(struct tape *, uint64_t first);
void tape_fini(struct tape *);

/* Numbers the event and keeps a copy. */
enum err tape_add(struct tape *, Mashang__CallEvent *) MUST_USE;

/* NULL: not on the tape (any more); else the caller frees it with
 * mashang__call_event__free_unpacked(). */
Mashang__CallEvent *tape_get(const struct tape *, uint64_t stream_seq);

/* What is committed need not be kept. */
void tape_forget(struct tape *, uint64_t up_to);

#endif
