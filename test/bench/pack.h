/*
 * pack.h - the default policies (ticketing 7.4) and a two-shift calendar with
 * the exceptions of some years, as a revision.
 */
#ifndef BENCH_PACK_H
#define BENCH_PACK_H

#include "sla/policy.h"

/* In force since 2020; id 1; lives as long as the program. */
const struct sla_revision *pack_revision(void);

#endif
