/*
 * zone.h - a time zone's offsets from UTC, from the system's TZif files.
 *
 * RFC 9636: version 2 and later, its 64-bit block; after the last transition
 * the footer's rule holds, for ever.  Never TZ in the environment, which is the
 * whole process's.  Times are seconds since 1970 UTC.
 *
 * A zone is read once and never changes; a newer tzdata is a new zone.
 */
#ifndef SLA_ZONE_H
#define SLA_ZONE_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

#define ZONE_NAME_MAX 64

struct zone;

/* An IANA name, "Asia/Shanghai".  ERR_NOT_FOUND: the system has none by that
 * name (or it is no plain relative path); ERR_BAD_FIELD: the file is broken, of
 * version 1, or counts leap seconds (right/); ERR_IO: it cannot be read.
 * `directory' is NULL for the system's, /usr/share/zoneinfo. */
enum err zone_load(
    const char *directory, struct str name, struct zone **out) MUST_USE;
void zone_free(struct zone **);

/* Which rules: tzdata's version, "2026b", or "" where the system does not say.
 * `out' has room for 16. */
void zone_version(const char *directory, char out[16]);

/* Local time minus UTC at `at', in seconds; [*from, *to) is the stretch around
 * `at' in which it stays so (INT64_MIN, INT64_MAX: no end). */
int32_t zone_offset(
    const struct zone *, int64_t at, int64_t *from, int64_t *to);

#endif
