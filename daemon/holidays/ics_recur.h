/*
 * ics_recur.h - the dates of a recurrence rule, by libical.
 *
 * libical takes nearly anything, and can search for ever for a date that does
 * not exist; so a rule is read strictly here before it is handed over, and
 * whoever expands one does it under limits.h.  Rules finer than a day are
 * refused, and those of other calendars than the Gregorian: libical's moon
 * begins 2027 on the 7th of February, China's on the 6th.
 */
#ifndef HOLIDAYS_ICS_RECUR_H
#define HOLIDAYS_ICS_RECUR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "holidays/ics_time.h"

#define ICS_RULE_MAX 512 /* bytes */

struct ics_rule {
	bool endless; /* neither COUNT nor UNTIL */
	bool has_until;
	struct ics_instant until;
};

/* What is wrong with a rule: at a byte of it. */
struct ics_rule_fault {
	const char *at;
	const char *what; /* with the remedy */
};

/* ERR_BAD_FIELD: it is not taken. */
enum err ics_rule_check(
    struct str rule, struct ics_rule *, struct ics_rule_fault *) MUST_USE;

struct ics_recur;

/* `rule' has been checked; `until' (if has_until) may have been turned into the
 * event's local time since.  ERR_BAD_FIELD: libical does not take it. */
enum err ics_recur_new(struct str rule, const struct ics_rule *,
    struct ics_instant start, struct ics_recur **out) MUST_USE;
/* False: no more. */
bool ics_recur_next(struct ics_recur *, struct ics_instant *out);
void ics_recur_free(struct ics_recur **);

#endif
