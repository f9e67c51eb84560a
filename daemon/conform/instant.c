/*
 * instant.c - see instant.h.
 */
#include "conform/instant.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sla/calendar.h"

#define SECOND INT64_C(1000000)
#define DAY_S INT64_C(86400)
#define FRACTION_DIGITS 6
#define SPAN_DIGITS 9 /* hours: what 64 bits of microseconds hold */

/* `n' digits; false: there are not as many. */
static bool
digits(const char **at, unsigned n, unsigned *out)
{
	*out = 0;
	for (; n > 0; n--, (*at)++) {
		if (**at < '0' || **at > '9')
			return false;
		*out = *out * 10 + (unsigned)(**at - '0');
	}
	return true;
}

/* Millionths, if there is a point; false: not digits, or too many. */
static bool
fraction(const char **at, int64_t *out)
{
	int64_t worth = SECOND;
	unsigned n = 0;

	*out = 0;
	if (**at != '.')
		return true;
	for ((*at)++; **at >= '0' && **at <= '9'; (*at)++) {
		if (++n > FRACTION_DIGITS)
			return false;
		worth /= 10;
		*out += (**at - '0') * worth;
	}
	return n > 0;
}

static bool
read_date(const char **at, int64_t *days)
{
	unsigned year, month, day;
	struct cal_date d;

	if (!digits(at, 4, &year) || *(*at)++ != '-' ||
	    !digits(at, 2, &month) || *(*at)++ != '-' || !digits(at, 2, &day))
		return false;
	d = (struct cal_date){ (int16_t)year, (uint8_t)month, (uint8_t)day };
	if (year == 0 || !cal_date_is_valid(d))
		return false;
	*days = cal_days(d);
	return true;
}

static bool
read_clock(const char **at, int64_t *us)
{
	unsigned hour, minute, second = 0;
	int64_t millionths = 0;

	if (!digits(at, 2, &hour) || *(*at)++ != ':' || !digits(at, 2, &minute))
		return false;
	if (**at == ':') {
		(*at)++;
		if (!digits(at, 2, &second) || !fraction(at, &millionths))
			return false;
	}
	*us = (hour * 3600 + minute * 60 + second) * SECOND + millionths;
	return hour < 24 && minute < 60 && second < 60;
}

enum err
instant_parse(const char *text, int64_t *reading, bool *utc)
{
	int64_t days, us;

	if (!read_date(&text, &days) || *text++ != 'T' ||
	    !read_clock(&text, &us))
		return ERR_BAD_FIELD;
	*utc = *text == 'Z';
	if (*utc)
		text++;
	if (*text != '\0')
		return ERR_BAD_FIELD;
	*reading = days * DAY_S * SECOND + us;
	if (days < cal_days((struct cal_date){ INSTANT_FIRST_YEAR, 1, 1 }) ||
	    days > cal_days((struct cal_date){ INSTANT_LAST_YEAR, 12, 31 }))
		return ERR_TOO_LARGE;
	return ERR_OK;
}

/*
 * The first instant at which the clocks show this or more: they are put
 * forward over a reading in a gap, and pass one in a fold for the first time
 * before they are put back.
 */
int64_t
instant_of_reading(const struct zone *z, int64_t reading)
{
	int64_t at = reading / SECOND - 2 * DAY_S, from, to, then;

	for (;;) {
		then = reading - zone_offset(z, at, &from, &to) * SECOND;
		if (then < at * SECOND)
			return at * SECOND; /* in the gap that ended here */
		if (to == INT64_MAX || then < to * SECOND)
			return then;
		at = to;
	}
}

char *
instant_print(int64_t at, char out[INSTANT_ROOM])
{
	int64_t us = at % SECOND, s = at / SECOND, days, left;
	struct cal_date d;
	int n;

	if (us < 0) {
		us += SECOND;
		s--;
	}
	days = s / DAY_S - (s % DAY_S < 0 ? 1 : 0);
	left = s - days * DAY_S;
	d = cal_date_of((int32_t)days);
	n = snprintf(out, INSTANT_ROOM, "%04d-%02u-%02uT%02d:%02d:%02d", d.year,
	    d.month, d.day, (int)(left / 3600), (int)(left / 60 % 60),
	    (int)(left % 60));
	if (us != 0) {
		n += snprintf(
		    out + n, INSTANT_ROOM - (size_t)n, ".%06" PRId64, us);
		while (out[n - 1] == '0')
			n--;
	}
	snprintf(out + n, INSTANT_ROOM - (size_t)n, "Z");
	return out;
}

enum err
span_parse(const char *text, int64_t *us)
{
	int64_t whole = 0, millionths = 0, unit;
	unsigned n = 0;

	for (; *text >= '0' && *text <= '9' && n <= SPAN_DIGITS; text++, n++)
		whole = whole * 10 + (*text - '0');
	if (n == 0 || n > SPAN_DIGITS || !fraction(&text, &millionths))
		return ERR_BAD_FIELD;
	switch (*text) {
	case 's':
		unit = 1;
		break;
	case 'm':
		unit = 60;
		break;
	case 'h':
		unit = 3600;
		break;
	default:
		return ERR_BAD_FIELD;
	}
	if (text[1] != '\0')
		return ERR_BAD_FIELD;
	*us = (whole * SECOND + millionths) * unit;
	return ERR_OK;
}
