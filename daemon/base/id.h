/*
 * id.h - 128-bit ids: of operations (random) and of calls (derived).
 *
 * A call's id is a digest of (switch, epoch, the switch's name for it), so
 * every node, every resend and every restart gives one call the same id
 * without asking anybody.  All-zero is "none".
 */
#ifndef BASE_ID_H
#define BASE_ID_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/str.h"

struct id {
	uint8_t b[16];
};

#define ID_TEXT_LEN 32 /* hex digits, without the NUL */

static inline bool
id_is_none(const struct id *a)
{
	static const struct id none;

	return memcmp(a, &none, sizeof(none)) == 0;
}

static inline bool
id_eq(const struct id *a, const struct id *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

/* BLAKE2b-128 of switch name, epoch and call name, each length-prefixed. */
struct id id_of_call(struct str switch_name, uint64_t epoch, struct str call);

/* Random (version 4 UUID bits are not set: it is only bytes to us). */
struct id id_random(void);

/* Lower-case hex into out[33]; returns out. */
char *id_text(const struct id *, char out[ID_TEXT_LEN + 1]);

/* False if not exactly 32 hex digits. */
bool id_parse(struct str hex, struct id *out);

#endif
