/*
 * sla_bed.h - policies, histories and times as text, for the tests of clocks.
 *
 * A time is `2026-03-11 09:30:00.000001' in Asia/Shanghai; the date may be
 * `03-11', and is that of the time before (at first 03-10) where it is left
 * out; seconds may be left out.
 *
 * A history is facts between `;': a time, a kind, and what it says:
 *	09:00 received priority=3 queue=line1 owner=7
 *	10:00 pended customer until=12:00      (or third, both)
 *	10:00 resumed customer
 *	13:00 revised 2 retro
 *	11:00 merged_in until=10:30 priority=1
 *
 * A revision is lines: a policy's name, and its text (sla_policy_parse), in
 * which spans may be `4h', `30m', `20s', `2d'.  Calendars there are: qd8, plain
 * (without overrides) and cn24.
 */
#ifndef SLA_BED_H
#define SLA_BED_H

#include "sla/clock.h"

#define SECOND INT64_C(1000000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

/* Everything of a test at once: an arena, a book, a history, an answer. */
struct sla_bed {
	struct arena *arena;
	struct sla_book *book;
	struct sla_fact *facts;
	unsigned n_facts;
	struct sla_result r;
};
extern struct sla_bed bed;

void bed_setup(void);
void bed_teardown(void);

int64_t bed_time(const char *text);
/* A static ring of 4. */
const char *bed_time_text(int64_t);

/* The calendars of the bed. */
unsigned bed_calendars(const struct cal_spec **out);
/* Revision `id', in force from `at' (NULL: since ever); must be sound. */
void bed_revision(uint32_t id, const char *at, const char *lines);
/* The policies of such lines, in the bed's arena. */
unsigned bed_policies(const char *lines, struct sla_policy **out);
/* Replaces the history. */
void bed_history(const char *facts);

/* Evaluates at a time; spans too. */
void bed_eval(const char *at);
void bed_eval_us(int64_t at);
/* The n-th clock (from 0) of a metric and agreement; fails if there is none. */
const struct sla_clock *bed_clock(
    enum sla_metric, enum sla_agreement, unsigned);
/* How many of them there are. */
unsigned bed_count(enum sla_metric, enum sla_agreement);

#define ck_time(got, want)                                             \
	ck_assert_msg((got) == bed_time(want), "%s: %s, not %s", #got, \
	    bed_time_text(got), want)
#define ck_stage(clock, want) \
	ck_assert_str_eq(sla_stage_word((clock)->stage), want)
#define ck_outcome(clock, want) \
	ck_assert_str_eq(sla_outcome_word((clock)->outcome), want)

#endif
