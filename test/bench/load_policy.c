/*
 * load_policy.c - an administrator edits the policies while calls go on.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "test/bench/load_state.h"

#define DAY_MINUTES 1440
#define POLICIES 2

/* Day and night but for some days off, so that it does not matter when the
 * bench runs. */
static void
set_calendar(Mashang__CalendarSpec *c, ProtobufCBinaryData name)
{
	static Mashang__Hours hours;
	static Mashang__DayHours day;
	static Mashang__OverrideSpec offs[12], *overrides[12];
	static Mashang__DayHours *week[7];
	static Mashang__Hours *one = &hours;

	mashang__hours__init(&hours);
	mashang__day_hours__init(&day);
	mashang__calendar_spec__init(c);
	hours.to = DAY_MINUTES;
	day.n_hours = 1;
	day.hours = &one;
	for (unsigned i = 0; i < 7; i++)
		week[i] = &day;
	for (unsigned i = 0; i < 12; i++) {
		mashang__override_spec__init(overrides[i] = &offs[i]);
		offs[i].month = i + 1;
		offs[i].day = 31 - 3 * (i % 2) - (i == 1) - 1;
		offs[i].kind = MASHANG__OVERRIDE_KIND__OVERRIDE_OPEN;
		offs[i].n_hours = 1;
		offs[i].hours = &one;
	}
	c->name = name;
	c->zone = (ProtobufCBinaryData)BYTES("Asia/Shanghai");
	c->n_week = 7;
	c->week = week;
	c->n_overrides = 12;
	c->overrides = overrides;
}

/* As crowd.c has them, but by a calendar and for another time. */
static void
set_policies(Mashang__PolicySpec p[POLICIES], Mashang__TargetSpec t[POLICIES],
    Mashang__ConditionSpec *when, ProtobufCBinaryData calendar, int64_t goal_us)
{
	static Mashang__RungSpec rungs[2], *ladder[2];
	static ProtobufCBinaryData breach = BYTES("breach"),
				   owner = BYTES("owner");
	static Mashang__TargetSpec *targets[POLICIES];
	static Mashang__ConditionSpec *conditions;

	for (unsigned i = 0; i < POLICIES; i++) {
		mashang__policy_spec__init(&p[i]);
		mashang__target_spec__init(&t[i]);
		mashang__rung_spec__init(ladder[i] = &rungs[i]);
		rungs[i].percent = 80 + i * 20;
		rungs[i].n_notify = 1;
		rungs[i].notify = &owner;
		targets[i] = &t[i];
		p[i].name =
		    i == 0 ? breach : (ProtobufCBinaryData)BYTES("rung");
		p[i].agreement = (ProtobufCBinaryData)BYTES("sla");
		p[i].on_rematch = (ProtobufCBinaryData)BYTES("carry");
		p[i].calendar = calendar;
		p[i].n_targets = 1;
		p[i].targets = &targets[i];
		t[i].metric = (ProtobufCBinaryData)BYTES("resolution");
		t[i].type = (ProtobufCBinaryData)BYTES("business");
		t[i].goal_us = goal_us;
	}
	mashang__condition_spec__init(conditions = when);
	when->attribute = (ProtobufCBinaryData)BYTES("category");
	when->n_values = 1;
	when->values = &breach;
	p[0].n_when = 1;
	p[0].when = &conditions;
	t[1].n_rungs = 2;
	t[1].rungs = ladder;
}

void
load_policy(struct load *l, int64_t goal_us, bool dry_run, bool retroactive)
{
	Mashang__Apply ap = MASHANG__APPLY__INIT;
	Mashang__CalendarSpec c, *calendars = &c;
	Mashang__PolicySpec p[POLICIES], *policies[] = { &p[0], &p[1] };
	Mashang__TargetSpec t[POLICIES];
	Mashang__ConditionSpec when;
	ProtobufCBinaryData name = BYTES("days");
	ENVELOPE(e, apply, APPLY, ap);

	set_calendar(&c, name);
	set_policies(p, t, &when, name, goal_us);
	ap.n_calendars = 1;
	ap.calendars = &calendars;
	ap.n_policies = POLICIES;
	ap.policies = policies;
	ap.keep_others = true;
	ap.dry_run = dry_run;
	ap.apply_to = retroactive ? MASHANG__APPLY_TO__APPLY_TO_RETROACTIVE
	                          : MASHANG__APPLY_TO__APPLY_TO_FORWARD;
	l->told_us = 0;
	sock_request(&l->admin, &e);
	socks_flush(&l->socks);
}

static void
watch_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	load_told(arg);
}

void
load_told(struct load *l)
{
	l->told_us = clock_loop();
	event_base_loopbreak(l->socks.base);
}

int64_t
load_told_at(const struct load *l)
{
	return l->told_us;
}

void
load_watch(struct load *l, int fd)
{
	l->watch = event_new(l->socks.base, fd, EV_READ, watch_cb, l);
	event_add(l->watch, NULL);
}

void
load_unwatch(struct load *l)
{
	event_free(l->watch);
	l->watch = NULL;
}
