/*
 * hotline.h - the file that `mashang admin apply' reads: skills, queues,
 * agents, devices and numbers of a service hotline, why its agents are not
 * ready and whom they may call, its calendars and what it promises (policies).
 *
 * The file is checked whole, meaning included, before anything is sent; every
 * fault is told with file, line and column.  config/hotline.yaml shows it.
 *
 * Calendars may stand in files of their own (`include'), in the same folder or
 * below; those include nothing.
 *
 * Ownership: texts belong to the struct hotline; hotline_free() ends them.
 */
#ifndef CLIENT_HOTLINE_H
#define CLIENT_HOTLINE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/conf.h"
#include "base/err.h"
#include "client/hotline_routing.h"
#include "mashang.pb-c.h"
#include "sla/policy.h"

struct arena;

struct hotline_queue {
	const char *name;
	struct conf_mark at;
	struct conf_list skills; /* struct conf_level: minimums */
	int64_t ring_us, wrap_up_us, priority_credit_us, short_us;
	bool stay_ready;
	const char *calendar; /* may be "" */
	struct conf_mark calendar_at;
	struct hotline_routing routing;
};

struct hotline_agent {
	const char *name, *display_name; /* display_name may be "" */
	struct conf_mark at, queues_at;
	struct conf_list queues;         /* const char * */
	struct conf_list skills;         /* struct conf_level */
	struct conf_list tiers, weights; /* likewise, of queues */
	int64_t work_items;
	int answer; /* 0 phone, 1 screen */
};

/* Why agents are not ready. */
struct hotline_reason {
	const char *name;
	struct conf_mark at;
	bool paid;
	int64_t limit_us; /* 0: none */
};

struct hotline_device {
	const char *name, *switch_name;
	struct conf_mark at;
};

struct hotline_number {
	const char *called, *menu, *queue;
	struct conf_mark at, queue_at;
};

/* Texts are struct conf_text; a mark's line is 0 where nothing was written. */
#define HOTLINE_DAYS 11 /* mon … sun, and the spans of days */
struct hotline_week {
	struct conf_list hours[HOTLINE_DAYS]; /* texts */
	struct conf_mark at[HOTLINE_DAYS];
};
struct hotline_override {
	const char *date, *like, *label;
	struct conf_list open; /* texts */
	bool closed;
	struct conf_mark at, like_at, open_at, closed_at;
};
struct hotline_calendar {
	const char *file, *name, *zone, *base;
	struct conf_mark at, zone_at, base_at, week_at;
	struct hotline_week week;
	struct conf_list overrides;
};

struct hotline_rung {
	const char *queue;
	struct conf_mark at, queue_at;
	int64_t percent, raise;
	struct conf_list notify; /* texts */
};
enum hotline_goal {
	GOAL_BUSINESS,
	GOAL_WALL_CLOCK,
	GOAL_BUSINESS_DAYS,
	GOAL_MONTHS,
	GOAL_CUTOFF,
	HOTLINE_GOALS
};
struct hotline_target {
	const char *cutoff, *latest_intake, *calendar;
	struct conf_mark at, goal_at[HOTLINE_GOALS], count_start_at, intake_at,
	    day_offset_at, calendar_at, pauses_at, ladder_at;
	int64_t business_us, wall_us, days, months, day_offset;
	bool count_start;
	struct conf_list pauses; /* texts */
	struct conf_list ladder;
};
struct hotline_policy {
	const char *name, *calendar;
	struct conf_mark at, calendar_at;
	int agreement, on_rematch, reopen;
	int64_t change_grace_us, max_pause_us, reopen_window_us;
	struct {
		struct conf_mark at[ATTR_NATTRIBUTES];
		struct conf_list values[ATTR_NATTRIBUTES]; /* texts */
	} when;
	struct hotline_target targets[SLA_NMETRICS];
};

/* Whom agents may call; texts. */
struct hotline_dialling {
	struct conf_mark at, show_at;
	struct conf_list allow, refuse;
	int64_t per_day;
	const char *show; /* may be "" */
};

struct hotline_part; /* an included file */

struct hotline {
	struct conf *conf;
	struct conf_mark skills_at;
	struct conf_list skills; /* const char * */
	struct conf_list queues, agents, devices, numbers, reasons;
	struct conf_list include; /* texts */
	struct conf_list calendars, policies;
	struct hotline_dialling dialling; /* at.line 0: nobody may be called */
	struct arena *arena;              /* of all below */
	struct hotline_part *parts;
	size_t n_parts;
	struct sla_revision revision; /* what the file says of clocks */
};

/* ERR_CONFIG, ERR_IO: the faults stand in `errors'. */
enum err hotline_load(
    const char *file, struct hotline *, FILE *errors) MUST_USE;
enum err hotline_parse(const char *name, const char *text, size_t len,
    struct hotline *, FILE *errors) MUST_USE;
void hotline_free(struct hotline *);

/*
 * Give it away in Apply messages that each fit a frame; `more' is set in all
 * but the last.  Stops at the first exit code that is not 0 and returns it.
 */
typedef int hotline_send_fn(void *arg, Mashang__Apply *);
int hotline_send(const struct hotline *, hotline_send_fn *, void *arg);

#endif
