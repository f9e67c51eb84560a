/*
 * when.h - a time as people type it, in the local zone.
 *
 *   17:00              today
 *   tomorrow 09:30     also 明天 09:30
 *   2026-11-24 17:00
 *   +4h  +90m  +1h30m  +2d
 *
 * Full width digits and colons, as input methods give them, count as plain.
 */
#ifndef CLIENT_WHEN_H
#define CLIENT_WHEN_H

#include <stdint.h>
#include <stdio.h>

#include "base/err.h"

/*
 * The time at the start of `text'; `*rest' is what comes behind it and its
 * blanks.  ERR_BAD_FIELD: there is none; ERR_REFUSED: it is not later than
 * `now', and *at is what was understood.
 */
enum err when_take(
    const char *text, int64_t now, int64_t *at, const char **rest) MUST_USE;
/* The same, and nothing may come behind it. */
enum err when_parse(const char *text, int64_t now, int64_t *at) MUST_USE;

/* Why not, for people, as one line. */
void when_complain(FILE *, enum err, const char *text, int64_t at);

#endif
