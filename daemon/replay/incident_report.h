/*
 * incident_report.h - our verdict on each incident beside the log's, and why
 * they differ where they do.
 */
#ifndef REPLAY_INCIDENT_REPORT_H
#define REPLAY_INCIDENT_REPORT_H

#include <stdio.h>

#include "replay/incident_play.h"

#define INCIDENT_WHY_LEN 160

struct incident_report {
	const struct incident_log *log;
	const struct incident_result *results;
	bool pauses;
};

/* Our clock and the log's made_sla say the same. */
bool incident_agrees(const struct incident *, const struct incident_result *);
/* Empty where they agree. */
const char *incident_why(const struct incident *,
    const struct incident_result *, bool pauses, char out[INCIDENT_WHY_LEN]);

/* A row each; the last line is: agree N of M. */
void incident_report_print(const struct incident_report *, FILE *);
/* The same for programs.  ERR_IO: cannot be written. */
enum err incident_report_json(
    const struct incident_report *, const char *file) MUST_USE;

#endif
