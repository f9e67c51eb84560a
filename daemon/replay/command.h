/*
 * command.h - what mashang-replay was told to do.
 */
#ifndef REPLAY_COMMAND_H
#define REPLAY_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "replay/bank.h"
#include "replay/play.h"
#include "whatif/whatif.h"

#define PASSWORD_MAX 1024

/* Texts are the command line's. */
struct command {
	const char *calls, *format, *generate, *incidents, *json;
	const char *agents; /* "log" or a number; NULL: as the plan has it */
	struct bank_days days;
	bool corrections, quiet, pauses, print_hotline, seeded;
	struct whatif whatif;
	struct play_options play;
	char address[512], password[PASSWORD_MAX];
};

/* -1: go on; else exit with it.  What is wrong has been told on stderr. */
int command_read(int argc, char **argv, struct command *);

/* Decimal, up to `max'; false: no such number. */
bool command_number(const char *text, uint64_t max, uint64_t *out);

/* Played on paper: no daemon is needed. */
static inline bool
command_is_paper(const struct command *c)
{
	return c->print_hotline || c->whatif.n_files > 0;
}

#endif
