/*
 * bank.h - the call log of the "Anonymous Bank" as a plan.
 *
 * One row a call, tab-separated, a heading first (Guedj and Mandelbaum,
 * Technion).  `outcome' decides how a row is played:
 *
 *   PHANTOM  not at all; counted
 *   HANG     hangs up in the menu if it never queued; else waits as long as
 *            it did.  If our routing answers it before that, it is served as
 *            long as some served call of its type, drawn by its identity
 *   AGENT    waits for ever and is served as long as it was
 *
 * Rows that contradict themselves are played with times pushed forward; an end
 * before its start is on the next day if that makes at most twelve hours.
 * Each such correction is listed in the plan.  Waits and services come from two
 * machines whose clocks are up to two seconds apart in most rows: a service
 * that starts so much before its wait ended is no contradiction.
 *
 * The log says who served (not NO_SERVER) and when: each server is an agent of
 * what he served, there from his first to his last service of a day.
 */
#ifndef REPLAY_BANK_H
#define REPLAY_BANK_H

#include <stdio.h>

#include "replay/plan.h"

/* Dates in the log, YYYY-MM-DD, both included; NULL: from the first, to the
 * last. */
struct bank_days {
	const char *from, *to;
};

/* ERR_IO: cannot be read; ERR_BAD_FIELD: not such a log.  Either way `errors'
 * has been told file, line and what. */
enum err bank_read(const char *file, const struct bank_days *, FILE *errors,
    struct plan **out) MUST_USE;

/* The same from memory; `name' stands for the file in messages. */
enum err bank_parse(const char *name, const char *text, size_t len,
    const struct bank_days *, FILE *errors, struct plan **out) MUST_USE;

#endif
