/*
 * when.c - see when.h.
 */
#include "client/when.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/str.h"
#include "base/text.h"
#include "client/fmt.h"
#include "client/i18n.h"

#define SECOND INT64_C(1000000)
#define AHEAD_MAX_S (INT64_C(400) * 86400) /* the daemon takes less */

/* A reader of plain and full width characters as one. */
struct scan {
	const char *p;
};

/* The character at `p' as ASCII, 0: it is none; *len bytes long. */
static char
plain(const char *p, size_t *len)
{
	const unsigned char *u = (const unsigned char *)p;

	*len = 1;
	if (u[0] < 0x80)
		return *p;
	*len = 3;
	if (strncmp(p, "\xE3\x80\x80", 3) == 0)
		return ' ';
	/* U+FF01 to U+FF5E are ASCII's, U+FF01 as EF BC 81 */
	if (u[0] == 0xEF && u[1] == 0xBC && u[2] >= 0x81 && u[2] <= 0xBF)
		return (char)(u[2] - 0x60);
	return 0;
}

static bool
take_char(struct scan *s, char c)
{
	size_t len;

	if (plain(s->p, &len) != c)
		return false;
	s->p += len;
	return true;
}

static bool
take_blanks(struct scan *s)
{
	const char *from = s->p;

	while (take_char(s, ' ') || take_char(s, '\t'))
		;
	return s->p > from;
}

/* From `least' to `most' digits. */
static bool
take_number(struct scan *s, int least, int most, int *out)
{
	size_t len;
	int n = 0;

	for (*out = 0; n < most; n++) {
		char c = plain(s->p, &len);

		if (c < '0' || c > '9')
			break;
		*out = *out * 10 + (c - '0');
		s->p += len;
	}
	return n >= least;
}

static bool
take_word(struct scan *s, const char *word)
{
	size_t n = strlen(word);

	if (strncmp(s->p, word, n) != 0)
		return false;
	s->p += n;
	return true;
}

/* A blank, or the end of it all. */
static bool
is_end(const struct scan *s)
{
	size_t len;
	char c = plain(s->p, &len);

	return c == ' ' || c == '\t' || *s->p == '\0';
}

/* +1h30m: each unit once, the larger first. */
static bool
take_span(struct scan *s, int64_t *seconds)
{
	static const struct {
		char unit;
		int seconds;
	} units[] = { { 'd', 86400 }, { 'h', 3600 }, { 'm', 60 } };
	size_t next = 0;
	int n;

	*seconds = 0;
	if (!take_char(s, '+'))
		return false;
	do {
		if (!take_number(s, 1, 5, &n))
			return false;
		while (next < NELEM(units) && !take_char(s, units[next].unit))
			next++;
		if (next == NELEM(units))
			return false;
		*seconds += (int64_t)n * units[next++].seconds;
	} while (!is_end(s));
	return *seconds <= AHEAD_MAX_S;
}

/* A day that is: noon is never put on or back. */
static bool
settle_day(struct tm *tm)
{
	struct tm noon = *tm;

	noon.tm_hour = 12;
	noon.tm_isdst = -1;
	if (mktime(&noon) == -1)
		return false;
	tm->tm_year = noon.tm_year;
	tm->tm_mon = noon.tm_mon;
	tm->tm_mday = noon.tm_mday;
	return true;
}

/* Year, month and day; there is no 31st of a month that has 30. */
static bool
take_date(struct scan *s, struct tm *tm)
{
	int year, month, day;

	if (!take_number(s, 4, 4, &year) || !take_char(s, '-') ||
	    !take_number(s, 1, 2, &month) || !take_char(s, '-') ||
	    !take_number(s, 1, 2, &day) || !take_blanks(s))
		return false;
	tm->tm_year = year - 1900;
	tm->tm_mon = month - 1;
	tm->tm_mday = day;
	return settle_day(tm) && tm->tm_mon == month - 1 && tm->tm_mday == day;
}

/* In Chinese no blank is needed behind it. */
static bool
take_tomorrow(struct scan *s, struct tm *tm)
{
	bool chinese = take_word(s, "明天");

	if (!chinese && !take_word(s, "tomorrow"))
		return false;
	tm->tm_mday++;
	return (take_blanks(s) || chinese) && settle_day(tm);
}

/* False also in the night when the clocks are put on, and there is no such
 * time. */
static bool
take_clock(struct scan *s, struct tm *tm, int64_t *at)
{
	struct tm there;

	if (!take_number(s, 1, 2, &tm->tm_hour) || !take_char(s, ':') ||
	    !take_number(s, 2, 2, &tm->tm_min) || tm->tm_hour > 23 ||
	    tm->tm_min > 59 || !is_end(s))
		return false;
	there = *tm;
	there.tm_isdst = -1;
	*at = mktime(&there) * SECOND;
	return *at > 0 && there.tm_hour == tm->tm_hour &&
	       there.tm_min == tm->tm_min;
}

/* A day, or today; then the time. */
static bool
take_local(struct scan *s, int64_t now, int64_t *at)
{
	bool (*const days[])(
	    struct scan *, struct tm *) = { take_date, take_tomorrow };
	time_t t = (time_t)(now / SECOND);
	struct tm today;

	if (localtime_r(&t, &today) == NULL)
		return false;
	today.tm_sec = 0;
	for (size_t i = 0; i < NELEM(days); i++) {
		struct scan try = *s;
		struct tm day = today;

		if (days[i](&try, &day)) {
			*s = try;
			return take_clock(s, &day, at);
		}
	}
	return take_clock(s, &today, at);
}

enum err
when_take(const char *text, int64_t now, int64_t *at, const char **rest)
{
	struct scan s = { text }, start;
	int64_t seconds;

	take_blanks(&s);
	start = s;
	if (take_span(&s, &seconds)) {
		*at = now + seconds * SECOND;
	} else {
		s = start;
		if (!take_local(&s, now, at))
			return ERR_BAD_FIELD;
	}
	take_blanks(&s);
	*rest = s.p;
	return *at > now ? ERR_OK : ERR_REFUSED;
}

enum err
when_parse(const char *text, int64_t now, int64_t *at)
{
	const char *rest;
	enum err e = when_take(text, now, at, &rest);

	return e != ERR_BAD_FIELD && *rest != '\0' ? ERR_BAD_FIELD : e;
}

void
when_complain(FILE *f, enum err e, const char *text, int64_t at)
{
	char *clean = fmt_clean(str_of(text), false), buf[FMT_ROOM];

	if (e == ERR_REFUSED)
		fprintf(f, _("`%s' is %s: that is past."),
		    clean != NULL ? clean : "", fmt_time(at, buf));
	else
		fprintf(f,
		    _("`%s' is not a time; such are: 17:00, tomorrow 09:30, "
		      "+4h, 2026-11-24 17:00"),
		    clean != NULL ? clean : "");
	fputc('\n', f);
	free(clean);
}
