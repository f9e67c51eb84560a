/*
 * caller.h - people who call: a name and a number for each, and the many ways
 * in which switches write one number down.
 *
 * The same person has the same number in every call, but not the same shape of
 * it, so that finding a customer by number is put to work.
 */
#ifndef REPLAY_CALLER_H
#define REPLAY_CALLER_H

#include <stdint.h>

#include "replay/draw.h"

#define CALLER_MAX 64

/* Person `who' under `seed'; the shape, or withholding the number, is drawn
 * from `shape'.  Withheld: an empty number, no name. */
void caller_make(uint64_t seed, uint64_t who, struct draw *shape,
    char number[CALLER_MAX], char name[CALLER_MAX]);

#endif
