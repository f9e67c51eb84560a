/*
 * book.h - what the clocks ask of the book beyond policy.h.
 *
 * Revisions are the book's own: those that sla_book_at and _find gave.
 */
#ifndef SLA_BOOK_H
#define SLA_BOOK_H

#include "sla/policy.h"

/* The metrics that any policy of this agreement has a target for: 1 << metric. */
unsigned sla_book_metrics(const struct sla_revision *, enum sla_agreement);

/* The calendar that counts, by name: the target's, else the queue's, else the
 * policy's; target and policy may be NULL. */
struct str sla_calendar_name(const struct sla_revision *,
    const struct sla_policy *, const struct sla_target *, struct str queue);

/* Built when first asked for; NULL for an empty name. */
const struct calendar *sla_book_named(
    const struct sla_revision *, struct str name);

#endif
