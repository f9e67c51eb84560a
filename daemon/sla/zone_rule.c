/*
 * zone_rule.c - reading POSIX's TZ, and the changes of the years around an
 * instant.
 */
#include "sla/zone_rule.h"

#include "sla/calendar.h"

#define DAY INT64_C(86400)
/* The Gregorian calendar repeats, weekdays too, every 400 years. */
#define CYCLE (INT64_C(146097) * DAY)
/* Before it nothing changes: room to subtract in. */
#define FIRST (INT64_MIN / 2)

/* What the next step reads; a fault makes all that follow one. */
struct reader {
	struct str left;
	bool bad;
};

static bool
is_next(const struct reader *r, char c)
{
	return r->left.len > 0 && r->left.p[0] == c;
}

static char
take(struct reader *r)
{
	char c = '\0';

	if (r->left.len == 0)
		r->bad = true;
	else {
		c = *r->left.p++;
		r->left.len--;
	}
	return c;
}

static bool
take_if(struct reader *r, char c)
{
	return is_next(r, c) && take(r) == c;
}

static void
need(struct reader *r, bool holds)
{
	if (!holds)
		r->bad = true;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int
read_number(struct reader *r, int min, int max)
{
	int n = 0, digits = 0;

	for (; r->left.len > 0 && is_digit(r->left.p[0]); digits++) {
		n = n * 10 + (take(r) - '0');
		if (n > max)
			break;
	}
	need(r, digits > 0 && n >= min && n <= max);
	return n;
}

static bool
is_letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* EST or <-03>. */
static void
skip_name(struct reader *r)
{
	unsigned n = 0;

	if (take_if(r, '<')) {
		for (char c = take(r); c != '>' && !r->bad; c = take(r), n++)
			need(r, is_letter(c) || is_digit(c) || c == '+' ||
				    c == '-');
	} else
		for (; r->left.len > 0 && is_letter(r->left.p[0]); n++)
			take(r);
	need(r, n >= 3);
}

/* [+-]hh[:mm[:ss]], in seconds. */
static int32_t
read_time(struct reader *r, int max_hours)
{
	bool minus = take_if(r, '-');
	int32_t s;

	if (!minus)
		take_if(r, '+');
	s = read_number(r, 0, max_hours) * 3600;
	if (take_if(r, ':')) {
		s += read_number(r, 0, 59) * 60;
		if (take_if(r, ':'))
			s += read_number(r, 0, 59);
	}
	return minus ? -s : s;
}

static struct zone_change
read_change(struct reader *r)
{
	struct zone_change c = { .time = 2 * 3600 };

	need(r, take_if(r, ','));
	if (take_if(r, 'M')) {
		c.form = ZONE_DAY_MONTH;
		c.month = read_number(r, 1, 12);
		need(r, take_if(r, '.'));
		c.week = read_number(r, 1, 5);
		need(r, take_if(r, '.'));
		c.wday = read_number(r, 0, 6);
	} else if (take_if(r, 'J')) {
		c.form = ZONE_DAY_JULIAN;
		c.day = read_number(r, 1, 365);
	} else {
		c.form = ZONE_DAY_COUNT;
		c.day = read_number(r, 0, 365);
	}
	if (take_if(r, '/'))
		c.time = read_time(r, 167);
	return c;
}

/* The local midnight that a change's time counts from, in days. */
static int32_t
day_of_change(const struct zone_change *c, int16_t year)
{
	int32_t first = cal_days((struct cal_date){ year, 1, 1 });
	struct cal_date leap_day = { year, 2, 29 };
	int32_t in_week;

	switch (c->form) {
	case ZONE_DAY_COUNT:
		return first + c->day;
	case ZONE_DAY_JULIAN:
		return first + c->day - 1 +
		       (c->day > 59 && cal_date_is_valid(leap_day));
	case ZONE_DAY_MONTH:
		break;
	}
	if (c->week == 5) { /* count back from the next month's first */
		first = c->month == 12 ? cal_days((struct cal_date){
					     (int16_t)(year + 1), 1, 1 })
		                       : cal_days((struct cal_date){ year,
					     (uint8_t)(c->month + 1), 1 });
		first -= 7;
	} else
		first =
		    cal_days((struct cal_date){ year, (uint8_t)c->month, 1 }) +
		    (c->week - 1) * 7;
	/* cal_weekday_of counts from Monday, c->wday from Sunday. */
	in_week = (c->wday + 6) % 7 - (int32_t)cal_weekday_of(first);
	return first + (in_week + 7) % 7;
}

/* The instant; `offset' is the one before it. */
static int64_t
change_at(const struct zone_change *c, int16_t year, int32_t offset)
{
	return day_of_change(c, year) * DAY + c->time - offset;
}

/* Summer time that ends only when the next one starts: for a permanent "summer
 * time" one writes EST5EDT4,0/0,J365/25. */
static bool
is_always_summer(const struct zone_rule *r)
{
	int64_t start = change_at(&r->start, 2001, r->standard);
	int64_t end = change_at(&r->end, 2001, r->summer);

	return start < end && end >= change_at(&r->start, 2002, r->standard);
}

enum err
zone_rule_parse(struct str text, struct zone_rule *out)
{
	struct reader r = { .left = text };
	struct zone_rule rule = { 0 };

	skip_name(&r);
	rule.standard = -read_time(&r, 24);
	if (!r.bad && r.left.len > 0) {
		rule.changes = true;
		skip_name(&r);
		rule.summer = is_next(&r, ',') ? rule.standard + 3600
		                               : -read_time(&r, 24);
		rule.start = read_change(&r);
		rule.end = read_change(&r);
	}
	if (r.bad || r.left.len > 0)
		return ERR_BAD_FIELD;
	if (rule.changes && is_always_summer(&rule)) {
		rule.standard = rule.summer;
		rule.changes = false;
	}
	*out = rule;
	return ERR_OK;
}

struct change {
	int64_t at;
	int32_t offset; /* from then on */
};

/* Few, and nearly in order. */
static void
insert(struct change *list, unsigned n, struct change c)
{
	for (; n > 0 && list[n - 1].at > c.at; n--)
		list[n] = list[n - 1];
	list[n] = c;
}

int32_t
zone_rule_offset(
    const struct zone_rule *r, int64_t at, int64_t *from, int64_t *to)
{
	struct change list[10]; /* of two years before, two after */
	bool early = at < FIRST;
	int64_t in_cycle;
	int16_t year;
	unsigned i;

	*from = INT64_MIN;
	*to = INT64_MAX;
	if (!r->changes)
		return r->standard;
	if (early)
		at = FIRST;
	in_cycle = (at % CYCLE + CYCLE) % CYCLE;
	year = cal_date_of((int32_t)(in_cycle / DAY)).year;
	for (i = 0; i < NELEM(list); i += 2) {
		int16_t y = (int16_t)(year - 2 + (int)i / 2);

		/* At one instant, summer's start comes last and holds. */
		insert(list, i,
		    (struct change){
			change_at(&r->end, y, r->summer), r->standard });
		insert(list, i + 1,
		    (struct change){
			change_at(&r->start, y, r->standard), r->summer });
	}
	for (i = 0; list[i + 1].at <= in_cycle; i++)
		;
	if (!early)
		*from = list[i].at + (at - in_cycle);
	if (__builtin_add_overflow(list[i + 1].at, at - in_cycle, to))
		*to = INT64_MAX;
	return list[i].offset;
}
