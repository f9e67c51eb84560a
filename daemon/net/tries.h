/*
 * tries.h - how often a log-in's password was wrong lately.
 *
 * A fixed table: the memory does not grow with the names that are tried, and
 * a name that nobody has is counted like any other.  Loop time.
 */
#ifndef NET_TRIES_H
#define NET_TRIES_H

#include <stdint.h>

#include "base/str.h"

struct tries;

struct tries *tries_new(unsigned allowed);
void tries_free(struct tries **);

/* Microseconds to wait before the next try; 0: go ahead. */
int64_t tries_wait(struct tries *, struct str name, int64_t now);
void tries_wrong(struct tries *, struct str name, int64_t now);
void tries_right(struct tries *, struct str name);

#endif
