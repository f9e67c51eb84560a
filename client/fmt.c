/*
 * fmt.c - see fmt.h.
 */
#include "client/fmt.h"

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#include "base/text.h"

#define SECOND INT64_C(1000000)

char *
fmt_time(int64_t at, char out[FMT_ROOM])
{
	time_t t = (time_t)(at / SECOND);
	struct tm tm;

	if (at <= 0 || localtime_r(&t, &tm) == NULL ||
	    strftime(out, FMT_ROOM, "%Y-%m-%d %H:%M:%S %Z", &tm) == 0)
		snprintf(out, FMT_ROOM, "-");
	return out;
}

char *
fmt_duration(int64_t us, char out[FMT_ROOM])
{
	const char *sign = us < 0 ? "-" : "";
	uint64_t s = (us < 0 ? -(uint64_t)us : (uint64_t)us) / SECOND;
	unsigned h = (unsigned)(s / 3600 % 24), m = (unsigned)(s / 60 % 60);

	if (s >= 86400)
		snprintf(out, FMT_ROOM, "%s%" PRIu64 " d %02u:%02u", sign,
		    s / 86400, h, m);
	else if (h > 0)
		snprintf(out, FMT_ROOM, "%s%u:%02u:%02u", sign, h, m,
		    (unsigned)(s % 60));
	else
		snprintf(out, FMT_ROOM, "%s%u:%02u", s > 0 ? sign : "", m,
		    (unsigned)(s % 60));
	return out;
}

char *
fmt_span(int64_t us, char out[FMT_ROOM])
{
	const char *sign = us < 0 ? "-" : "";
	uint64_t s = (us < 0 ? -(uint64_t)us : (uint64_t)us) / SECOND;
	unsigned minutes = (unsigned)(s / 60 % 60);

	if (s < 60)
		snprintf(
		    out, FMT_ROOM, "%s%us", s > 0 ? sign : "", (unsigned)s);
	else if (s < 3600)
		snprintf(out, FMT_ROOM, "%s%um", sign, minutes);
	else if (minutes == 0)
		snprintf(out, FMT_ROOM, "%s%" PRIu64 "h", sign, s / 3600);
	else
		snprintf(out, FMT_ROOM, "%s%" PRIu64 "h%02um", sign, s / 3600,
		    minutes);
	return out;
}

char *
fmt_ticket(uint64_t number, char out[FMT_ROOM])
{
	char digits[24], *to = out;
	int n = snprintf(digits, sizeof(digits), "%" PRIu64, number);
	int groups = (n + 3) / 4, done = 0;

	for (int g = 0; g < groups; g++) {
		int len = n / groups + (g < n % groups ? 1 : 0);

		if (g > 0)
			*to++ = ' ';
		memcpy(to, digits + done, (size_t)len);
		to += len;
		done += len;
	}
	*to = '\0';
	return out;
}

char *
fmt_ratio(int64_t ppm, char out[FMT_ROOM])
{
	int64_t tenths = ppm / 1000;

	snprintf(out, FMT_ROOM, "%s%" PRId64 ".%d %%",
	    ppm < 0 && tenths > -10 ? "-" : "", tenths / 10,
	    abs((int)(tenths % 10)));
	return out;
}

ProtobufCBinaryData
fmt_data(const char *s)
{
	ProtobufCBinaryData b = { 0, NULL };

	if (s != NULL && *s != '\0') {
		b.len = strlen(s);
		b.data = (uint8_t *)(uintptr_t)s; /* never written through */
	}
	return b;
}

char *
fmt_clean(struct str s, bool lines)
{
	/* The worst case: every byte becomes U+FFFD, three bytes. */
	size_t room = (size_t)s.len * 3 + 1;
	char *out = malloc(room);

	if (out != NULL)
		text_clean(s, lines, out, room);
	return out;
}

int
fmt_bytes(FILE *f, ProtobufCBinaryData b)
{
	char *s = fmt_clean(fmt_str(b), false);
	int columns = 0;

	if (s != NULL) {
		fputs(s, f);
		columns = text_columns(str_of(s));
	}
	free(s);
	return columns;
}

void
fmt_lines(FILE *f, ProtobufCBinaryData b, int indent)
{
	char *s = fmt_clean(fmt_str(b), true), *rest = s, *line;

	while (rest != NULL && (line = strsep(&rest, "\n")) != NULL)
		if (*line != '\0' || rest != NULL)
			fprintf(f, "%*s%s\n", indent, "", line);
	free(s);
}

/* Bytes of the longest start of `s' that takes at most `columns'. */
static size_t
fitting(const char *s, int columns, int *taken)
{
	size_t n = 0;

	*taken = 0;
	while (s[n] != '\0') {
		struct str c = { s + n, 1 };
		int w;

		while ((s[n + c.len] & 0xC0) == 0x80)
			c.len++;
		w = text_columns(c);
		if (*taken + w > columns)
			break;
		*taken += w;
		n += c.len;
	}
	return n;
}

void
fmt_field(FILE *f, const char *clean, int columns, bool right)
{
	const char *dots = "";
	int taken = text_columns(str_of(clean));
	size_t n = strlen(clean);

	if (taken > columns) {
		dots = columns > 3 ? "..." : "";
		n = fitting(clean, columns - (int)strlen(dots), &taken);
		taken += (int)strlen(dots);
	}
	if (right)
		fprintf(f, "%*s", columns - taken, "");
	fprintf(f, "%.*s%s", (int)n, clean, dots);
	if (!right)
		fprintf(f, "%*s", columns - taken, "");
}
