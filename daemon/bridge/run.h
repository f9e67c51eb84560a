/*
 * run.h - one bridge: every object built and handed its neighbours.
 */
#ifndef BRIDGE_RUN_H
#define BRIDGE_RUN_H

struct config;

enum {
	RUN_OK = 0,
	RUN_FAILED = 1,
	RUN_TAKEN_OVER = 3, /* by another bridge: do not start again */
	RUN_CONFIG = 78
};

/* Until it is told to stop by SIGTERM or SIGINT; the program's exit status. */
int run_bridge(const struct config *);

/* Ask the switch what is allowed there: a line each on standard output. */
int run_probe(const struct config *);

#endif
