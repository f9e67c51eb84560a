/*
 * csv.h - days from a table: RFC 4180, UTF-8, the first row names the columns.
 *
 *   date,kind,like,hours,label
 *   2026-02-15,closed,,,春节
 *   2026-02-14,like,mon,,春节 make-up day
 *   12-24,open,,09:00-12:00 13:00-15:00,Christmas Eve
 *
 * The columns come in any order; like, hours and label may be left out.
 */
#ifndef HOLIDAYS_CSV_H
#define HOLIDAYS_CSV_H

#include "base/err.h"
#include "holidays/choice.h"
#include "holidays/holiday.h"

/* ERR_NOMEM, ERR_TOO_LARGE; what is wrong in the table only counts in faults. */
enum err csv_read(const struct source *, struct choice *, struct holidays *,
    struct faults *) MUST_USE;

#endif
