/*
 * hotline_policy.c - policies of a hotline's file: for whom, what, how long.
 */
#include "client/hotline_check.h"

#include <stdlib.h>
#include <string.h>

#include "client/i18n.h"
#include "client/words.h"

#define DAY_MINUTES (24u * 60)
#define PAUSE_MAX (366 * 86400 * SECOND)

/* clang-format off */
/* In the order of their enums (sla/policy.h); hotline_test.c compares. */
static const char *const agreements[] = { "sla", "ola", "uc", NULL };
static const char *const rematches[] = { "carry", "restart", "keep", NULL };
static const char *const reopens[] = { "same_clock", "new_cycle", NULL };
static const char *const waits[] = { "pending_customer", "pending_third_party",
	"scheduled", "resolved", NULL };
static const char *const people[] = { "owner", "supervisor", "second_line",
	"manager", NULL };

#define R(m) offsetof(struct hotline_rung, m)
static const struct conf_field rung_fields[] = {
	{ .name = "at", .type = CONF_NUMBER, .offset = R(percent),
	  .help = "percent of the goal; 100 is the breach",
	  .min = 1, .max = 1000, .mark_offset = R(at) },
	{ .name = "notify", .type = CONF_TEXTS, .offset = R(notify),
	  .preset = "[]", .help = "who is told" },
	{ .name = "raise", .type = CONF_NUMBER, .offset = R(raise),
	  .preset = "0", .help = "steps up in the queue", .min = 0, .max = 9 },
	{ .name = "queue", .type = CONF_STRING, .offset = R(queue),
	  .preset = "''", .help = "the ticket goes there",
	  .min = 0, .max = NAME_MAX_LEN, .mark_offset = R(queue_at) },
	{ .name = NULL }
};

#define T(m) offsetof(struct hotline_target, m)
static const struct conf_field target_fields[] = {
	{ .name = "business", .type = CONF_DURATION, .offset = T(business_us),
	  .preset = "1s", .help = "so much of the calendar's open time",
	  .min = SECOND, .max = SLA_GOAL_MAX_US,
	  .mark_offset = T(goal_at[GOAL_BUSINESS]) },
	{ .name = "wall_clock", .type = CONF_DURATION, .offset = T(wall_us),
	  .preset = "1s", .help = "so much time, day and night",
	  .min = SECOND, .max = SLA_GOAL_MAX_US,
	  .mark_offset = T(goal_at[GOAL_WALL_CLOCK]) },
	{ .name = "business_days", .type = CONF_NUMBER, .offset = T(days),
	  .preset = "1", .help = "the end of work of that working day",
	  .min = 1, .max = 3660, .mark_offset = T(goal_at[GOAL_BUSINESS_DAYS]) },
	{ .name = "months", .type = CONF_NUMBER, .offset = T(months),
	  .preset = "1", .help = "the same day so many months on",
	  .min = 1, .max = 120, .mark_offset = T(goal_at[GOAL_MONTHS]) },
	{ .name = "cutoff", .type = CONF_STRING, .offset = T(cutoff),
	  .preset = "''", .help = "a time of the day, 18:00",
	  .mark_offset = T(goal_at[GOAL_CUTOFF]) },
	{ .name = "latest_intake", .type = CONF_STRING,
	  .offset = T(latest_intake), .preset = "''",
	  .help = "who comes later counts for the next working day",
	  .mark_offset = T(intake_at) },
	{ .name = "day_offset", .type = CONF_NUMBER, .offset = T(day_offset),
	  .preset = "0", .help = "working days between intake and cut-off",
	  .min = 0, .max = 3660, .mark_offset = T(day_offset_at) },
	{ .name = "count_start", .type = CONF_BOOL, .offset = T(count_start),
	  .preset = "no", .help = "the day of the intake is the first",
	  .mark_offset = T(count_start_at) },
	{ .name = "calendar", .type = CONF_STRING, .offset = T(calendar),
	  .preset = "''", .help = "'': the queue's, else the policy's",
	  .min = 0, .max = NAME_MAX_LEN, .mark_offset = T(calendar_at) },
	{ .name = "pauses", .type = CONF_TEXTS, .offset = T(pauses),
	  .preset = "[]", .help = "while what it does not run",
	  .mark_offset = T(pauses_at) },
	{ .name = "ladder", .type = CONF_LIST, .offset = T(ladder),
	  .preset = "[]", .help = "who is told when",
	  .fields = rung_fields, .size = sizeof(struct hotline_rung),
	  .min = 0, .max = SLA_RUNGS_MAX, .mark_offset = T(ladder_at) },
	{ .name = NULL }
};

#define P(m) offsetof(struct hotline_policy, m)
#define METRIC(i, n) { .name = n, .type = CONF_MAP, .preset = "{}", \
	  .offset = P(targets[i]), .fields = target_fields, \
	  .mark_offset = P(targets[i].at) }
static const struct conf_field metric_fields[] = {
	METRIC(SLA_ACKNOWLEDGE, "acknowledge"),
	METRIC(SLA_FIRST_RESPONSE, "first_response"),
	METRIC(SLA_NEXT_RESPONSE, "next_response"),
	METRIC(SLA_PERIODIC_UPDATE, "periodic_update"),
	METRIC(SLA_OWNERSHIP, "ownership"),
	METRIC(SLA_RESOLUTION, "resolution"),
	METRIC(SLA_ONSITE_ARRIVAL, "onsite_arrival"),
	METRIC(SLA_CALLBACK, "callback"),
	METRIC(SLA_PROMISE, "promise"),
	METRIC(SLA_DAILY_CLEAR, "daily_clear"),
	METRIC(SLA_THIRD_PARTY, "third_party"),
	{ .name = NULL }
};

#define WHEN(i, n) { .name = n, .type = CONF_TEXTS, .preset = "[]", \
	  .offset = P(when.values[i]), .mark_offset = P(when.at[i]), \
	  .min = 0, .max = SLA_VALUES_MAX }
static const struct conf_field when_fields[] = {
	WHEN(ATTR_KIND, "kind"), WHEN(ATTR_CATEGORY, "category"),
	WHEN(ATTR_QUEUE, "queue"), WHEN(ATTR_PRIORITY, "priority"),
	WHEN(ATTR_COMPLAINT, "complaint"), WHEN(ATTR_CHANNEL, "channel"),
	WHEN(ATTR_GRADE, "grade"), WHEN(ATTR_TIER, "tier"),
	WHEN(ATTR_REGION, "region"),
	{ .name = NULL }
};

#define PAUSE(m) .type = CONF_DURATION, .offset = P(m), .min = 0, \
	  .max = PAUSE_MAX
/* The fields of `when' and `targets' count their places from the policy. */
const struct conf_field hotline_policy_fields[] = {
	{ .name = "name", .type = CONF_STRING, .offset = P(name),
	  .help = "what figures and agents call it",
	  .min = 1, .max = NAME_MAX_LEN, .mark_offset = P(at) },
	{ .name = "agreement", .type = CONF_WORD, .offset = P(agreement),
	  .preset = "sla", .help = "with the customer, a queue, a supplier",
	  .words = agreements },
	{ .name = "when", .type = CONF_MAP, .preset = "{}",
	  .help = "which tickets; none: all that are left",
	  .fields = when_fields },
	{ .name = "calendar", .type = CONF_STRING, .offset = P(calendar),
	  .preset = "''", .help = "of tickets whose queue has none",
	  .min = 0, .max = NAME_MAX_LEN, .mark_offset = P(calendar_at) },
	{ .name = "on_rematch", .type = CONF_WORD, .offset = P(on_rematch),
	  .preset = "carry", .help = "when a ticket comes here from another",
	  .words = rematches },
	{ .name = "change_grace", .preset = "30m", PAUSE(change_grace_us),
	  .help = "at least this is left after such a change" },
	{ .name = "max_pause", .preset = "72h", PAUSE(max_pause_us),
	  .help = "the longest wait that an agent may ask for" },
	{ .name = "reopen_window", .preset = "72h", PAUSE(reopen_window_us),
	  .help = "a customer who comes later has a new ticket" },
	{ .name = "reopen", .type = CONF_WORD, .offset = P(reopen),
	  .preset = "same_clock", .help = "a reopened ticket's clocks",
	  .words = reopens },
	{ .name = "targets", .type = CONF_MAP, .preset = "{}",
	  .help = "what is promised", .fields = metric_fields },
	{ .name = NULL }
};
/* clang-format on */

/* ------------------------------------------------------------------ words */

/* A set of words as bits; the words stand in the order of their bits. */
static unsigned
check_mask(struct check *c, const struct conf_list *texts, const char *what,
    const char *const *words)
{
	const struct conf_text *t = texts->items;
	unsigned mask = 0, bit;

	for (size_t i = 0; i < texts->n; i++) {
		for (bit = 0; words[bit] != NULL; bit++)
			if (strcmp(words[bit], t[i].text) == 0)
				break;
		if (words[bit] == NULL)
			fault_word(c, &t[i].at, what, t[i].text, words);
		else
			mask |= 1u << bit;
	}
	return mask;
}

static bool
check_one_of(struct check *c, const struct conf_text *t, const char *what,
    const char *const *words)
{
	for (size_t i = 0; words[i] != NULL; i++)
		if (strcmp(words[i], t->text) == 0)
			return true;
	fault_word(c, &t->at, what, t->text, words);
	return false;
}

static void
check_value(struct check *c, enum sla_attribute a, const struct conf_text *t)
{
	static const char *const yes_no[] = { "yes", "no", NULL };
	static const char *const levels[] = { "1", "2", "3", "4", "5", NULL };
	const char *kinds[16] = { NULL };

	for (size_t i = 0; i + 1 < NELEM(kinds) && words_kind[i].name != NULL;
	     i++)
		kinds[i] = words_kind[i].name;
	if (a == ATTR_KIND)
		check_one_of(c, t, _("no kind of ticket is called"), kinds);
	else if (a == ATTR_PRIORITY)
		check_one_of(c, t, _("there is no priority"), levels);
	else if (a == ATTR_COMPLAINT)
		check_one_of(c, t, _("complaint is not"), yes_no);
	else if (a == ATTR_QUEUE)
		check_known(c, &c->queues, "queue", t->text, &t->at);
	else if (*t->text == '\0' || strlen(t->text) > NAME_MAX_LEN) {
		fault_at(c, &t->at);
		fprintf(
		    c->errors, _("a value has 1 to %d bytes\n"), NAME_MAX_LEN);
	}
}

static void
check_when(
    struct check *c, const struct hotline_policy *h, struct sla_policy *p)
{
	for (int a = 0; a < ATTR_NATTRIBUTES; a++) {
		const struct conf_text *t = h->when.values[a].items;
		struct sla_condition *to = &p->conditions[p->n_conditions];

		if (h->when.at[a].line == 0)
			continue;
		if (h->when.values[a].n == 0) {
			fault_at(c, &h->when.at[a]);
			fprintf(c->errors,
			    _("%s: no value is one of none; take it away\n"),
			    when_fields[a].name);
		}
		if (p->n_conditions++ == SLA_CONDITIONS_MAX) {
			fault_at(c, &h->when.at[a]);
			fprintf(c->errors,
			    _("more than %d conditions; take one away\n"),
			    SLA_CONDITIONS_MAX);
			return;
		}
		*to = (struct sla_condition){ .attribute =
						  (enum sla_attribute)a };
		for (size_t i = 0; i < h->when.values[a].n; i++) {
			check_value(c, to->attribute, &t[i]);
			to->values[to->n++] = str_of(t[i].text);
		}
	}
}

/* ------------------------------------------------------------------ goals */

static void
fault_target(struct check *c, const struct conf_mark *at, unsigned metric,
    const char *what)
{
	fault_at(c, at);
	fprintf(c->errors, "%s: %s\n", metric_fields[metric].name, what);
}

/* HH:MM up to 24:00. */
static unsigned
check_minute(struct check *c, const struct conf_mark *at, const char *text)
{
	unsigned h = 99, m = 99;
	int end = 0;

	if (strlen(text) == 5 && strspn(text, "0123456789:") == 5 &&
	    sscanf(text, "%2u:%2u%n", &h, &m, &end) == 2 && end == 5 &&
	    m < 60 && h * 60 + m <= DAY_MINUTES)
		return h * 60 + m;
	fault_at(c, at);
	fprintf(
	    c->errors, _("'%s' is no time of the day; write 18:00\n"), text);
	return 0;
}

static void
take_cutoff(struct check *c, const struct hotline_target *h,
    struct sla_target *t, unsigned metric)
{
	t->type = TARGET_CUTOFF;
	t->minute = check_minute(c, &h->goal_at[GOAL_CUTOFF], h->cutoff);
	t->day_offset = (unsigned)h->day_offset;
	t->latest_intake = h->day_offset > 0 ? DAY_MINUTES : t->minute;
	if (h->intake_at.line > 0)
		t->latest_intake =
		    check_minute(c, &h->intake_at, h->latest_intake);
	if (t->day_offset == 0 && t->latest_intake > t->minute)
		fault_target(c, &h->intake_at, metric,
		    _("latest_intake is after the cut-off of that day; write "
		      "day_offset: 1, or an earlier time"));
}

static void
take_goal(struct check *c, const struct hotline_target *h, struct sla_target *t,
    enum hotline_goal g)
{
	switch (g) {
	case GOAL_BUSINESS:
		t->type = TARGET_BUSINESS;
		t->goal_us = h->business_us;
		break;
	case GOAL_WALL_CLOCK:
		t->type = TARGET_CALENDAR;
		t->goal_us = h->wall_us;
		break;
	case GOAL_BUSINESS_DAYS:
		t->type = TARGET_BUSINESS_DAYS;
		t->n = (unsigned)h->days;
		t->count_start = h->count_start;
		break;
	case GOAL_MONTHS:
		t->type = TARGET_MONTHS;
		t->n = (unsigned)h->months;
		break;
	case GOAL_CUTOFF:
		take_cutoff(c, h, t, t->metric);
		break;
	case HOTLINE_GOALS:
		t->type = TARGET_FIXED;
	}
}

/* What belongs to one sort of goal stands at no other. */
static void
check_strays(struct check *c, const struct hotline_target *h,
    enum hotline_goal g, unsigned metric)
{
	const char *what = _("only a cutoff has that");

	if (h->intake_at.line > 0 && g != GOAL_CUTOFF)
		fault_target(c, &h->intake_at, metric, what);
	if (h->day_offset_at.line > 0 && g != GOAL_CUTOFF)
		fault_target(c, &h->day_offset_at, metric, what);
	if (h->count_start_at.line > 0 && g != GOAL_BUSINESS_DAYS)
		fault_target(c, &h->count_start_at, metric,
		    _("only business_days has that"));
}

/* Which of the goals is given; HOTLINE_GOALS: none. */
static enum hotline_goal
find_goal(struct check *c, const struct hotline_target *h, unsigned metric)
{
	enum hotline_goal found = HOTLINE_GOALS;

	for (int g = 0; g < HOTLINE_GOALS; g++) {
		if (h->goal_at[g].line == 0)
			continue;
		if (found == HOTLINE_GOALS)
			found = (enum hotline_goal)g;
		else
			fault_target(c, &h->goal_at[g], metric,
			    _("a second goal; take one away"));
	}
	return found;
}

static void
check_goal(struct check *c, const struct hotline_policy *p,
    const struct hotline_target *h, struct sla_target *t)
{
	enum hotline_goal g = find_goal(c, h, t->metric);

	check_strays(c, h, g, t->metric);
	take_goal(c, h, t, g);
	if (t->metric == SLA_PROMISE) {
		if (g != HOTLINE_GOALS)
			fault_target(c, &h->goal_at[g], t->metric,
			    _("its time is what was promised; take the goal "
			      "away"));
		return;
	}
	if (g == HOTLINE_GOALS)
		fault_target(c, &h->at, t->metric,
		    _("no goal; write one of business: 2h, wall_clock: 48h, "
		      "business_days: 1, months: 1, cutoff: 18:00"));
	else if ((t->metric == SLA_NEXT_RESPONSE ||
		     t->metric == SLA_PERIODIC_UPDATE) &&
		 g > GOAL_WALL_CLOCK)
		fault_target(c, &h->goal_at[g], t->metric,
		    _("it comes again and again; write business: 8h or "
		      "wall_clock: 24h"));
	else if (g > GOAL_WALL_CLOCK && *h->calendar == '\0' &&
		 *p->calendar == '\0')
		fault_target(c, &h->goal_at[g], t->metric,
		    _("dates need a calendar; write one here or in the "
		      "policy"));
}

/* ----------------------------------------------------------------- ladder */

static void
check_ladder(
    struct check *c, const struct hotline_target *h, struct sla_target *t)
{
	const struct hotline_rung *from = h->ladder.items;

	if (h->ladder_at.line == 0) {
		sla_default_rungs(t);
		return;
	}
	for (size_t i = 0; i < h->ladder.n; i++) {
		struct sla_rung *to = &t->rungs[t->n_rungs++];

		*to = (struct sla_rung){ .percent = (unsigned)from[i].percent,
			.notify = check_mask(
			    c, &from[i].notify, _("nobody is called"), people),
			.raise = (unsigned)from[i].raise,
			.queue = str_of(from[i].queue) };
		if (to->queue.len > 0)
			check_known(c, &c->queues, "queue", from[i].queue,
			    &from[i].queue_at);
		if (i > 0 && from[i].percent <= from[i - 1].percent) {
			fault_at(c, &from[i].at);
			fprintf(c->errors,
			    _("%d %% after %d %%; rungs must rise\n"),
			    (int)from[i].percent, (int)from[i - 1].percent);
		}
	}
}

static void
check_targets(
    struct check *c, const struct hotline_policy *h, struct sla_policy *p)
{
	struct sla_target *to = check_alloc(c, SLA_NMETRICS, sizeof(*to));

	if (to == NULL)
		return;
	p->targets = to;
	for (unsigned m = 0; m < SLA_NMETRICS; m++) {
		const struct hotline_target *from = &h->targets[m];

		if (from->at.line == 0)
			continue;
		to->metric = (enum sla_metric)m;
		to->calendar = str_of(from->calendar);
		if (to->calendar.len > 0)
			check_known(c, &c->calendars, "calendar",
			    from->calendar, &from->calendar_at);
		check_goal(c, h, from, to);
		to->pauses = from->pauses_at.line == 0
		                 ? sla_default_pauses(to->metric)
		                 : check_mask(c, &from->pauses,
				       _("no wait is called"), waits);
		check_ladder(c, from, to);
		p->n_targets++;
		to++;
	}
}

/* --------------------------------------------------------------- policies */

/* What no other policy of its agreement takes, the last one must. */
static void
check_catch_all(
    struct check *c, const struct hotline_policy *h, size_t n, int agreement)
{
	const struct hotline_policy *last = NULL;

	for (size_t i = 0; i < n; i++)
		if (h[i].agreement == agreement)
			last = &h[i];
	for (int a = 0; last != NULL && a < ATTR_NATTRIBUTES; a++)
		if (last->when.at[a].line > 0) {
			fault_at(c, &last->at);
			fprintf(c->errors,
			    _("'%s' is the last policy (%s), so it must hold "
			      "for all that is left; add one without `when' "
			      "behind it\n"),
			    last->name, agreements[agreement]);
			return;
		}
}

void
check_policies(struct check *c, const struct hotline_policy *h, size_t n,
    struct sla_policy *out)
{
	struct named *names = calloc(n + 1, sizeof(*names));

	c->no_memory = c->no_memory || names == NULL;
	for (size_t i = 0; names != NULL && i < n; i++) {
		names[i] = (struct named){ h[i].name, "", &h[i].at, i, NULL };
		out[i] = (struct sla_policy){ .name = str_of(h[i].name),
			.agreement = (enum sla_agreement)h[i].agreement,
			.on_rematch = (enum sla_on_rematch)h[i].on_rematch,
			.change_grace_us = h[i].change_grace_us,
			.max_pause_us = h[i].max_pause_us,
			.reopen_window_us = h[i].reopen_window_us,
			.new_cycle = h[i].reopen == 1,
			.calendar = str_of(h[i].calendar) };
		if (*h[i].calendar != '\0')
			check_known(c, &c->calendars, "calendar", h[i].calendar,
			    &h[i].calendar_at);
		check_when(c, &h[i], &out[i]);
		check_targets(c, &h[i], &out[i]);
	}
	if (names != NULL)
		check_twice(c, "policy", names, n);
	free(names);
	for (int a = 0; a < SLA_NAGREEMENTS; a++)
		check_catch_all(c, h, n, a);
}
