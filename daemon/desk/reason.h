/*
 * reason.h - why agents are not ready, as configured: whether it is paid, and
 * how long it may take.
 *
 * Without any configured, every word is a reason.  Reasons of our own (a phone
 * that is gone, an offer that was not answered) need no configuration.
 *
 * Ownership: the desk's, until it is configured anew.
 */
#ifndef DESK_REASON_H
#define DESK_REASON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/str.h"

struct desk;

struct reason {
	char *name;
	bool paid;
	int64_t limit_us; /* 0: none */
	UT_hash_handle hh;
};

/* NULL: no such reason is configured. */
const struct reason *reason_find(const struct desk *, struct str name);
bool reasons_configured(const struct desk *);
void reason_add(struct desk *, struct str name, bool paid, int64_t limit_us);
void reasons_forget(struct desk *);

/* Nothing, one of our own, or configured, or none is configured. */
bool reason_is_good(const struct desk *, struct str name);

#endif
