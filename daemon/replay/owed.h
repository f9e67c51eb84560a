/*
 * owed.h - notes that were written and are not told as committed yet.
 *
 * What an agent's client keeps on disk, the replay keeps in memory: after a
 * lost connection they are sent again under the same operation ids.
 */
#ifndef REPLAY_OWED_H
#define REPLAY_OWED_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct owed_note {
	uint8_t op[16], call[16];
};

struct owed {
	struct owed_note *notes; /* in the order of writing */
	size_t n, room;
};

enum err owed_add(
    struct owed *, const uint8_t op[16], const uint8_t call[16]) MUST_USE;
/* Does nothing if it is not there. */
void owed_remove(struct owed *, const uint8_t op[16]);
void owed_fini(struct owed *);

#endif
