/*
 * ics_recur.c - see ics_recur.h.
 */
#include "holidays/ics_recur.h"

#include <libical/ical.h>
#include <stdlib.h>
#include <strings.h>

#include "sla/calendar.h"

#define INTERVAL_MAX 1000

struct ics_recur {
	icalrecur_iterator *iterator;
	bool dates;
};

/* ------------------------------------------------------------------- check */

static bool
is_word(struct str s, const char *word)
{
	return s.len == strlen(word) && strncasecmp(s.p, word, s.len) == 0;
}

static const char *
check_freq(struct str value, struct ics_rule *r)
{
	static const char *const taken[] = { "DAILY", "WEEKLY", "MONTHLY",
		"YEARLY" };

	(void)r;
	for (unsigned i = 0; i < NELEM(taken); i++)
		if (is_word(value, taken[i]))
			return NULL;
	return "holidays recur daily, weekly, monthly or yearly, never finer; "
	       "leave this event out by --except";
}

static const char *
check_number(struct str value, unsigned max)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < value.len && n <= max; i++) {
		if (value.p[i] < '0' || value.p[i] > '9')
			return "not a number; write digits only";
		n = n * 10 + (unsigned)(value.p[i] - '0');
	}
	return n == 0 || n > max ? "out of range; COUNT goes to 10000, "
	                           "INTERVAL to 1000"
	                         : NULL;
}

static const char *
check_count(struct str value, struct ics_rule *r)
{
	r->endless = false;
	return check_number(value, CAL_OVERRIDES_MAX);
}

static const char *
check_interval(struct str value, struct ics_rule *r)
{
	(void)r;
	return check_number(value, INTERVAL_MAX);
}

static const char *
check_until(struct str value, struct ics_rule *r)
{
	r->endless = false;
	r->has_until = true;
	return ics_instant_parse(value, &r->until) ? NULL
	                                           : "no date; write 20261231";
}

static const char *
check_rscale(struct str value, struct ics_rule *r)
{
	(void)r;
	return is_word(value, "GREGORIAN")
	           ? NULL
	           : "only Gregorian recurrences are counted here; give the "
	             "dates one by one, in CSV for instance";
}

static const char *
refuse_time(struct str value, struct ics_rule *r)
{
	(void)value;
	(void)r;
	return "several times a day are no holiday; leave this event out by "
	       "--except";
}

/* libical reads these well enough by itself. */
static const char *
leave_to_it(struct str value, struct ics_rule *r)
{
	(void)r;
	return value.len > 0 ? NULL : "nothing behind the =; write a value";
}

/* clang-format off */
static const struct part {
	const char *name;
	const char *(*check)(struct str value, struct ics_rule *);
} parts[] = {
	{ "FREQ", check_freq }, /* the first: there must be one */
	{ "COUNT", check_count },
	{ "UNTIL", check_until },
	{ "INTERVAL", check_interval },
	{ "RSCALE", check_rscale },
	{ "SKIP", leave_to_it },
	{ "BYSECOND", refuse_time },
	{ "BYMINUTE", refuse_time },
	{ "BYHOUR", refuse_time },
	{ "BYDAY", leave_to_it },
	{ "BYMONTHDAY", leave_to_it },
	{ "BYYEARDAY", leave_to_it },
	{ "BYWEEKNO", leave_to_it },
	{ "BYMONTH", leave_to_it },
	{ "BYSETPOS", leave_to_it },
	{ "WKST", leave_to_it },
};
/* clang-format on */

/* One NAME=VALUE; its index in the table, or -1. */
static int
check_part(struct str s, struct ics_rule *r, struct ics_rule_fault *f)
{
	const char *equals = memchr(s.p, '=', s.len);
	struct str name = { s.p,
		equals != NULL ? (uint32_t)(equals - s.p) : s.len };
	struct str value = { s.p + name.len + 1, s.len - name.len - 1 };

	f->at = s.p;
	f->what = "no part of a recurrence rule; RFC 5545 3.3.10 has them";
	for (unsigned i = 0; equals != NULL && i < NELEM(parts); i++) {
		if (!is_word(name, parts[i].name))
			continue;
		f->at = value.p;
		f->what = parts[i].check(value, r);
		return f->what == NULL ? (int)i : -1;
	}
	return -1;
}

enum err
ics_rule_check(struct str rule, struct ics_rule *r, struct ics_rule_fault *f)
{
	bool seen[NELEM(parts)] = { false };

	*r = (struct ics_rule){ .endless = true };
	*f = (struct ics_rule_fault){ rule.p,
		"too long for a recurrence rule; leave this event out by "
		"--except" };
	if (rule.len > ICS_RULE_MAX)
		return ERR_TOO_LARGE;
	while (rule.len > 0) {
		const char *end = memchr(rule.p, ';', rule.len);
		struct str one = { rule.p,
			end != NULL ? (uint32_t)(end - rule.p) : rule.len };
		int i;

		rule.p += one.len + (end != NULL);
		rule.len -= one.len + (end != NULL);
		if (one.len == 0)
			continue; /* a semicolon too many, as many write */
		if ((i = check_part(one, r, f)) < 0)
			return ERR_BAD_FIELD;
		f->what = "twice in one rule; take one out";
		if (seen[i])
			return ERR_BAD_FIELD;
		seen[i] = true;
	}
	f->what = "no FREQ; write FREQ=YEARLY for instance";
	return seen[0] ? ERR_OK : ERR_BAD_FIELD;
}

/* ------------------------------------------------------------------ expand */

static struct icaltimetype
to_ical(struct ics_instant t)
{
	struct cal_date d = cal_date_of(t.days);
	struct icaltimetype out = icaltime_null_time();

	out.year = d.year;
	out.month = d.month;
	out.day = d.day;
	out.is_date = t.seconds < 0;
	if (t.seconds >= 0) {
		out.hour = t.seconds / 3600;
		out.minute = t.seconds / 60 % 60;
		out.second = t.seconds % 60;
	}
	return out;
}

enum err
ics_recur_new(struct str rule, const struct ics_rule *checked,
    struct ics_instant start, struct ics_recur **out)
{
	char text[ICS_RULE_MAX + 1];
	struct icalrecurrencetype r;
	struct ics_recur *recur;

	memcpy(text, rule.p, rule.len);
	text[rule.len] = '\0';
	icalerror_set_errors_are_fatal(0);
	r = icalrecurrencetype_from_string(text);
	if (r.freq == ICAL_NO_RECURRENCE)
		return ERR_BAD_FIELD;
	if (checked->has_until)
		r.until = to_ical(checked->until);
	if ((recur = calloc(1, sizeof(*recur))) == NULL)
		return ERR_NOMEM;
	recur->dates = start.seconds < 0;
	recur->iterator = icalrecur_iterator_new(r, to_ical(start));
	if (recur->iterator == NULL) {
		free(recur);
		return ERR_BAD_FIELD;
	}
	*out = recur;
	return ERR_OK;
}

bool
ics_recur_next(struct ics_recur *r, struct ics_instant *out)
{
	struct icaltimetype t = icalrecur_iterator_next(r->iterator);
	struct cal_date d = { (int16_t)t.year, (uint8_t)t.month,
		(uint8_t)t.day };

	if (icaltime_is_null_time(t) || !cal_date_is_valid(d))
		return false;
	out->days = cal_days(d);
	out->seconds = r->dates ? -1 : t.hour * 3600 + t.minute * 60 + t.second;
	out->utc = false;
	return true;
}

void
ics_recur_free(struct ics_recur **r)
{
	if (*r == NULL)
		return;
	icalrecur_iterator_free((*r)->iterator);
	free(*r);
	*r = NULL;
}
