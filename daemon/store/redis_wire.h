/*
 * redis_wire.h - commands and replies of the ACD as acd.lua reads and writes
 * them: big-endian bytes, one after the other.
 */
#ifndef STORE_REDIS_WIRE_H
#define STORE_REDIS_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "store/acd.h"

/* No command is longer: a LOGIN with all its queues and skills. */
#define WIRE_COMMAND_MAX                                            \
	(1 + 8 + 4 + 4 + 4 + 4 + 2 + 5 * ACD_MAX_AGENT_QUEUES + 2 + \
	    5 * ACD_MAX_AGENT_SKILLS)

/* Into out[WIRE_COMMAND_MAX]; how many bytes.  An offer of another generation
 * than this one becomes the offer that never is. */
size_t wire_put_command(
    uint8_t *out, const struct acd_cmd *, uint32_t generation);

/* What is left of a reply. */
struct wire_reply {
	const uint8_t *p;
	size_t len;
};

/* The next command's reply; ERR_BAD_FRAME: it does not look like one.  The
 * effects go into effects[ACD_MAX_EFFECTS], to which the reply points. */
enum err wire_get_reply(struct wire_reply *, uint32_t generation,
    struct acd_effect *effects, struct acd_reply *) MUST_USE;

/* The end: by how much the counts have changed; nothing may follow. */
enum err wire_get_counts(
    struct wire_reply *, int32_t *waiting, int32_t *ready) MUST_USE;

#endif
