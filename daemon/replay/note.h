/*
 * note.h - what an agent writes at the end of a call: drawn from the call.
 */
#ifndef REPLAY_NOTE_H
#define REPLAY_NOTE_H

#include <stdbool.h>
#include <stdint.h>

#include "mashang.pb-c.h"

struct note {
	Mashang__TicketKind kind;
	const char *text, *category;
	bool solved, dissatisfied;
};

struct note note_for(uint64_t seed, const char *call);

#endif
