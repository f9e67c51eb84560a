/*
 * zone_rule.h - the rule at a TZif file's end, which holds for ever.
 *
 * POSIX's TZ with the extensions of RFC 9636: names in <>, times of change from
 * -167 to 167 hours.  Names are read and forgotten.
 */
#ifndef SLA_ZONE_RULE_H
#define SLA_ZONE_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

enum zone_day_form {
	ZONE_DAY_JULIAN, /* Jn: 1 to 365, 29 February is not counted */
	ZONE_DAY_COUNT,  /* n: 0 to 365, it is */
	ZONE_DAY_MONTH   /* Mm.w.d: the w-th (5: the last) weekday of m */
};

/* A yearly change: a date and the local time before it, in seconds. */
struct zone_change {
	enum zone_day_form form;
	int day;               /* of the first two forms */
	int month, week, wday; /* of the third; 0 is Sunday */
	int32_t time;
};

/* Offsets are local time minus UTC, in seconds. */
struct zone_rule {
	int32_t standard, summer;
	bool changes; /* false: `standard' always */
	struct zone_change start, end;
};

/* ERR_BAD_FIELD: it is none. */
enum err zone_rule_parse(struct str, struct zone_rule *out) MUST_USE;

/* As zone_offset(). */
int32_t zone_rule_offset(
    const struct zone_rule *, int64_t at, int64_t *from, int64_t *to);

#endif
