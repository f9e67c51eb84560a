/*
 * incident_setup.h - what the daemon must know to judge an incident log: its
 * groups and people, a calendar that never closes, and targets.
 *
 * The log says who met its targets (made_sla), not what they were.  Ours are
 * round times between what it calls met and what it calls missed, and well
 * apart from both:
 *
 *   priority   met, at most    missed, at least    our target
 *   1          does not occur  does not occur      4 h
 *   2          does not occur  0 d 08:53           8 h
 *   3          3 d 08:50       6 d 23:50           5 d
 *   4          3 d 05:44       10 d 01:47          7 d
 *   5          does not occur  does not occur      7 d
 *
 * They are counted round the clock from opened_at to resolved_at: four of the
 * six that the log calls missed did nothing but wait for the customer, so its
 * waits do not pause.  Ours do by preset, which is played instead where asked.
 */
#ifndef REPLAY_INCIDENT_SETUP_H
#define REPLAY_INCIDENT_SETUP_H

#include "mashang.pb-c.h"
#include "replay/incident.h"

struct incident_setup {
	const struct incident_log *log;
	bool pauses; /* waiting for the customer does */
	enum err (*send)(void *arg, Mashang__Apply *);
	void *arg;
};

/* Queues, calendar, policies and people; the last frame takes effect. */
enum err incident_setup_send(const struct incident_setup *) MUST_USE;

/* Of a priority, 1 to INCIDENT_PRIORITIES. */
int64_t incident_goal(unsigned priority);

#endif
