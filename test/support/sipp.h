/*
 * sipp.h - callers and phones that follow a script: test/sipp/NAME.xml.
 *
 * What a script has not foreseen ends it with a failure, so its exit status is
 * what one side of the call has seen.
 */
#ifndef SIPP_H
#define SIPP_H

#include "test/support/sip_lab.h"

struct sipp {
	const struct sip_lab *lab;
	const char *scenario;
	pid_t pid;
	unsigned port;
};

struct sipp_how {
	const char *scenario;
	const char *from;    /* the caller's number; NULL: a phone or a gateway */
	const char *to;      /* whom it calls; NULL: 4001 */
	const char *address; /* NULL: a line's for callers, else a phone's */
	unsigned port;       /* 0: any */
	unsigned calls, per_second; /* 0: one, and as sipp does */
	unsigned pause_ms;   /* of the script's pauses; 0: 300 */
	unsigned seconds;    /* then it has failed; 0: 40 */
	bool trace;          /* all messages into SCENARIO-PORT.msg */
	const char *more;    /* a header of the script's [more], or NULL */
};

void sipp_start(struct sipp *, const struct sip_lab *, const struct sipp_how *);
/* It must end by itself, well. */
void sipp_well(struct sipp *);
/* Its exit status. */
int sipp_status(struct sipp *);
void sipp_stop(struct sipp *);

/* A phone of this name that is at that port. */
void sipp_register(const struct sip_lab *, const char *name, unsigned port);
/* The same for n names, counted from the first. */
void sipp_register_many(
    const struct sip_lab *, const char *first, unsigned n, unsigned port);
/* Not there any more. */
void sipp_unregister(const struct sip_lab *, const char *name, unsigned port);

#endif
