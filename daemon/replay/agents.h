/*
 * agents.h - the people at the phones: one link each, as a real client has.
 *
 * An agent logs in with a device, is ready during the plan's shifts, confirms
 * each offer as shown, lifts the phone when it rings (the switch does that),
 * and some time after the call writes a note and is ready again.  The last one
 * on duty for a type of call does not leave while somebody waits for it who
 * would wait for ever.
 *
 * What comes over the links is collected; agents_react() makes instants of it,
 * in the order of the agents, so that a driven run does not depend on which
 * socket was read first.
 */
#ifndef REPLAY_AGENTS_H
#define REPLAY_AGENTS_H

#include <event2/event.h>

#include "base/stat.h"
#include "link.h"
#include "replay/switch.h"

struct agents;

struct agents_options {
	const char *addresses;
	const struct plan *plan;
	struct telephone_switch *sw;
	struct agenda *agenda;
	/* Called when something has come in. */
	void (*woken)(void *);
	void *arg;
};

struct agents_counts {
	uint64_t offers, wrap_ups, errors;
	const char *last_error; /* the code's name */
};

enum err agents_new(struct event_base *, const struct agents_options *,
    struct agents **out) MUST_USE;
void agents_free(struct agents **);

/* The device that agent `n' of the plan sits at. */
const char *agents_device(const struct agents *, size_t n);

/* By token, or, where it is empty, as a name that the daemon trusts. */
enum err agents_log_in(
    struct agents *, size_t n, ProtobufCBinaryData token) MUST_USE;

/* Shifts begin: before that everybody is off duty. */
void agents_start(struct agents *);

/* All log-ins that were asked for are up. */
bool agents_are_ready(const struct agents *);
/* Ready, and every request is answered. */
bool agents_are_settled(const struct agents *);
/* Notes written and not told as committed. */
size_t agents_unsaved(const struct agents *);
/* Nobody is in a call, offered one, or owes a note.  Looks at everybody. */
bool agents_are_idle(const struct agents *);
const char *agents_refused(const struct agents *);

/* False: nothing has come in since. */
bool agents_react(struct agents *, int64_t now);

/* An agent of this type is ready for each call that waits. */
bool agents_are_free(const struct agents *, unsigned type);

const struct agents_counts *agents_counts(const struct agents *);
/* Event written to offer read, an agent being ready: loop time. */
const struct stat_hist *agents_latency(const struct agents *);

#endif
