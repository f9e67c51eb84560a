/*
 * hand.h - the work that an agent has in hand beside calls: tickets that were
 * accepted and are not done yet, in the order of taking.
 */
#ifndef CLIENT_HAND_H
#define CLIENT_HAND_H

#include <stdbool.h>
#include <stdint.h>

#include "mashang.pb-c.h"

#define HAND_MAX 50 /* more are not taken at a time */

struct hand {
	unsigned n;
	struct {
		uint8_t work[16];
		uint64_t ticket; /* its number */
	} items[HAND_MAX];
};

/* What the daemon says of an item; calls back are not kept in hand. */
void hand_told(struct hand *, const Mashang__WorkState *);
/* The item of this ticket; 0: of the only one, or of none if there are several.
 * -1: there is none. */
int hand_find(const struct hand *, uint64_t ticket);

#endif
