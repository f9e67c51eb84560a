/*
 * policy.h - what is promised to whom: agreements, targets, escalation.
 *
 * A revision is the whole of it at one time: calendars and an ordered list of
 * policies.  It never changes; an edit is a new one.  Which revision counts for
 * a ticket follows from its history alone: the one in force when it was
 * received, unless a later one was applied to it by name (clock.h).
 *
 * Matching: for each (metric, agreement) the first policy in order that has a
 * target for it and whose conditions hold, on the attributes as they were when
 * the thing happened.  The last policy of each agreement that has any must be
 * without conditions, so that nothing falls through.
 */
#ifndef SLA_POLICY_H
#define SLA_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "sla/calendar.h"

/* Words of these in SQL, YAML and on screens are sla_*_word(), lower case. */
enum sla_metric {
	SLA_ACKNOWLEDGE,
	SLA_FIRST_RESPONSE,
	SLA_NEXT_RESPONSE,
	SLA_PERIODIC_UPDATE,
	SLA_OWNERSHIP,
	SLA_RESOLUTION,
	SLA_ONSITE_ARRIVAL,
	SLA_CALLBACK, /* 回访: the follow-up after the solution */
	SLA_PROMISE,  /* what an agent has promised: no target needed */
	SLA_DAILY_CLEAR,
	SLA_THIRD_PARTY,
	SLA_NMETRICS
};
enum sla_agreement { SLA_SLA, SLA_OLA, SLA_UC, SLA_NAGREEMENTS };

enum sla_target_type {
	TARGET_BUSINESS,      /* goal_us of the calendar */
	TARGET_CALENDAR,      /* goal_us by the clock on the wall */
	TARGET_BUSINESS_DAYS, /* n, count_start */
	TARGET_MONTHS,        /* n */
	TARGET_CUTOFF,        /* minute, day_offset, latest_intake */
	TARGET_FIXED,         /* at an instant: promises only */
	TARGET_NTYPES
};

/* What a ticket may wait for, and so pause a clock; a set of these is a mask.
 * Words: pending_customer pending_third_party scheduled resolved. */
enum sla_wait {
	WAIT_CUSTOMER = 1,
	WAIT_THIRD_PARTY = 2,
	WAIT_APPOINTMENT = 4, /* until it begins */
	WAIT_RESOLVED = 8,    /* until reopened */
	SLA_WAITS = 15
};

enum sla_notify {
	NOTIFY_OWNER = 1,
	NOTIFY_SUPERVISOR = 2,
	NOTIFY_SECOND_LINE = 4,
	NOTIFY_MANAGER = 8
};

#define SLA_RUNGS_MAX 8
#define SLA_CONDITIONS_MAX 8
#define SLA_VALUES_MAX 16
#define SLA_POLICIES_MAX 500
#define SLA_GOAL_MAX_US (INT64_C(3660) * 86400 * 1000000)

/* A rung of the escalation ladder, `percent' of the goal; 100 is the breach. */
struct sla_rung {
	unsigned percent; /* 1 to 1000, rising */
	unsigned notify;  /* mask of enum sla_notify */
	unsigned raise;   /* steps up in the queue */
	struct str queue; /* moves the ticket there; empty: not */
};

struct sla_target {
	enum sla_metric metric;
	enum sla_target_type type;
	int64_t goal_us;
	unsigned n;
	bool count_start;
	unsigned minute, day_offset, latest_intake;
	struct str calendar; /* a name; empty: the ticket's queue's, else the
	                        policy's */
	unsigned pauses;     /* mask of enum sla_wait */
	unsigned n_rungs;
	struct sla_rung rungs[SLA_RUNGS_MAX];
};

enum sla_attribute {
	ATTR_KIND, /* a ticket's kind, in its word */
	ATTR_CATEGORY,
	ATTR_QUEUE,
	ATTR_PRIORITY,  /* "1" to "5" */
	ATTR_COMPLAINT, /* "yes" "no" */
	ATTR_CHANNEL,
	ATTR_GRADE,
	ATTR_TIER,
	ATTR_REGION,
	ATTR_NATTRIBUTES
};
struct sla_attributes {
	struct str value[ATTR_NATTRIBUTES];
};
struct sla_condition {
	enum sla_attribute attribute;
	unsigned n;
	struct str values[SLA_VALUES_MAX]; /* one of these */
};

enum sla_on_rematch { REMATCH_CARRY, REMATCH_RESTART, REMATCH_KEEP };

struct sla_policy {
	struct str name;
	enum sla_agreement agreement;
	unsigned n_conditions; /* all must hold */
	struct sla_condition conditions[SLA_CONDITIONS_MAX];
	enum sla_on_rematch on_rematch;
	int64_t change_grace_us;  /* after a rematch at least this is left */
	int64_t max_pause_us;     /* longest wait that an agent may ask for */
	int64_t reopen_window_us; /* later than this it is a new ticket */
	bool new_cycle;           /* a reopened ticket's clocks start anew */
	struct str calendar;
	unsigned n_targets;
	const struct sla_target *targets; /* one a metric */
};

struct sla_queue_calendar {
	struct str queue, calendar;
};

struct sla_revision {
	uint32_t id;
	int64_t at; /* in force from */
	unsigned n_calendars, n_policies, n_queues;
	const struct cal_spec *calendars;
	const struct sla_policy *policies; /* in order */
	const struct sla_queue_calendar *queues;
};

const char *sla_metric_word(enum sla_metric);
const char *sla_agreement_word(enum sla_agreement); /* "sla" "ola" "uc" */
const char *sla_target_word(enum sla_target_type);
const char *sla_wait_word(enum sla_wait);
const char *sla_notify_word(enum sla_notify);
const char *sla_attribute_word(enum sla_attribute);
const char *sla_rematch_word(enum sla_on_rematch);
/* -1: no such word.  For waits and notify: the bit. */
int sla_metric_of(struct str);
int sla_agreement_of(struct str);
int sla_target_of(struct str);
int sla_wait_of(struct str);
int sla_notify_of(struct str);
int sla_attribute_of(struct str);
int sla_rematch_of(struct str);

/* The presets of docs (pause matrix 3.5, ladder 7.3). */
unsigned sla_default_pauses(enum sla_metric);
void sla_default_rungs(struct sla_target *);

struct sla_fault {
	char what[200];
	int policy, target, rung, condition; /* indexes, or -1 */
	int calendar;                        /* index, or -1 */
	struct cal_fault cal;
};
/* The whole revision: every calendar by itself, bases found and not in a ring,
 * names used are there, names once, catch-all last, rungs rising, targets
 * within limits, periodic things with a goal.  ERR_CONFIG and the first fault. */
enum err sla_revision_check(const struct sla_revision *,
    const char *zone_directory, struct sla_fault *) MUST_USE;

/* One policy as one line, and back; as cal_print. */
char *sla_policy_print(const struct sla_policy *);
enum err sla_policy_parse(struct str name, struct str text, struct arena *,
    struct sla_policy *) MUST_USE;

/* ---- matching */

struct sla_match {
	const struct sla_policy *policy; /* NULL: no target anywhere */
	const struct sla_target *target;
};
struct sla_match sla_match(const struct sla_revision *, enum sla_metric,
    enum sla_agreement, const struct sla_attributes *);

/* Why a row of the list does not hold: the index of its first condition that
 * fails, -1: it holds. */
int sla_first_failing(const struct sla_policy *, const struct sla_attributes *);

/* ---- the book: every revision known, with its calendars built when used */

struct sla_book;
enum err sla_book_new(
    const char *zone_directory, struct sla_book **out) MUST_USE;
void sla_book_free(struct sla_book **);
/* Copied whole.  ERR_STALE: not newer than those before it (`at' may be equal).
 * ERR_CONFIG: it does not stand by itself. */
enum err sla_book_add(struct sla_book *, const struct sla_revision *) MUST_USE;
/* NULL: no such. */
const struct sla_revision *sla_book_find(const struct sla_book *, uint32_t id);
/* In force at `at'; NULL: none was yet. */
const struct sla_revision *sla_book_at(const struct sla_book *, int64_t at);
uint32_t sla_book_last(const struct sla_book *); /* id, 0: empty */
/* The calendar that a target of a policy counts by, for a ticket in `queue'.
 * NULL: it never closes (or the target counts calendar time). */
const struct calendar *sla_book_calendar(struct sla_book *,
    const struct sla_revision *, const struct sla_policy *,
    const struct sla_target *, struct str queue);
/* The shortest time in which any rung of any revision can be reached from a
 * start; INT64_MAX: no policy.  How far a driven clock may run ahead. */
int64_t sla_book_lead(const struct sla_book *);

#endif
