/*
 * rehearsal.h - one day played through the desk and its ACD alone: no sockets,
 * no PostgreSQL, no Redis, a clock that jumps from instant to instant.
 *
 * The calls are a plan's (replay/plan.h): when they come, how long the menu
 * takes, how long the caller would wait, how long the service and the notes
 * take.  Queues, numbers and agents are a hotline's file.  An agent of the file
 * whom the plan names, too, works that one's shifts; any other is there as long
 * as calls come.  Whoever is offered a call lifts the phone after its ringing
 * time.
 *
 * What of a call the log cannot tell is drawn from the seed and the call's own
 * identity, so that two variants of one seed differ only by their rules
 * (common random numbers).  Seed 0 is the plan as it stands.
 */
#ifndef WHATIF_REHEARSAL_H
#define WHATIF_REHEARSAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "client/hotline.h"
#include "replay/plan.h"
#include "whatif/tally.h"

/* ERR_BAD_FIELD: the file has no queue for a number of the plan; `number' is
 * set.  The tally is the caller's, and is begun afresh. */
enum err rehearse(const struct plan *, const struct hotline *, uint64_t seed,
    struct tally *, const char **number) MUST_USE;

#endif
