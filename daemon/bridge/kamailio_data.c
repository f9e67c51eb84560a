/*
 * kamailio_data.c - the switch's small words: times, codes, names, pairs.
 */
#include "bridge/kamailio.h"

#include <string.h>

#define US 1000000

int64_t
kam_time(struct str s)
{
	int64_t at = 0;
	uint32_t i = 0;
	int64_t part = US / 10;

	while (i < s.len && i < 11 && s.p[i] >= '0' && s.p[i] <= '9')
		at = at * 10 + (s.p[i++] - '0');
	if (i == 0 || (i < s.len && s.p[i] != '.'))
		return 0;
	at *= US;
	for (i++; i < s.len && s.p[i] >= '0' && s.p[i] <= '9'; i++) {
		at += part * (s.p[i] - '0');
		part /= 10;
	}
	return i >= s.len ? at : 0;
}

Mashang__Cause
kam_cause(uint64_t code)
{
	static const struct {
		unsigned code;
		Mashang__Cause cause;
	} rows[] = {
		{ 486, MASHANG__CAUSE__CAUSE_BUSY },
		{ 600, MASHANG__CAUSE__CAUSE_BUSY },
		{ 408, MASHANG__CAUSE__CAUSE_NO_ANSWER },
		{ 480, MASHANG__CAUSE__CAUSE_NO_ANSWER },
		{ 487, MASHANG__CAUSE__CAUSE_NO_ANSWER },
		{ 404, MASHANG__CAUSE__CAUSE_UNREACHABLE },
		{ 410, MASHANG__CAUSE__CAUSE_UNREACHABLE },
		{ 604, MASHANG__CAUSE__CAUSE_UNREACHABLE },
	};

	for (unsigned i = 0; i < NELEM(rows); i++)
		if (rows[i].code == code)
			return rows[i].cause;
	/* 5xx: what should have carried the call could not. */
	return code >= 500 && code < 600
	    ? MASHANG__CAUSE__CAUSE_UNREACHABLE
	    : MASHANG__CAUSE__CAUSE_REJECTED;
}

struct str
kam_display(struct str name, char *out, size_t room)
{
	size_t n = 0;

	if (name.len < 2 || name.p[0] != '"' || name.p[name.len - 1] != '"')
		return name;
	for (uint32_t i = 1; i + 1 < name.len && n < room; i++) {
		if (name.p[i] == '\\' && i + 2 < name.len)
			i++;
		out[n++] = name.p[i];
	}
	return (struct str){ out, (uint32_t)n };
}

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Up to `end', decoded; false: a bad escape. */
static bool
decode(struct str text, uint32_t *at, char end, char **store, struct str *out)
{
	char *p = *store;

	while (*at < text.len && text.p[*at] != end && text.p[*at] != ';') {
		char c = text.p[(*at)++];

		if (c == '%') {
			int high = *at < text.len ? hex(text.p[*at]) : -1;
			int low =
			    *at + 1 < text.len ? hex(text.p[*at + 1]) : -1;

			if (high == -1 || low == -1)
				return false;
			c = (char)(high << 4 | low);
			*at += 2;
		}
		*p++ = c;
	}
	*out = (struct str){ *store, (uint32_t)(p - *store) };
	*store = p;
	return true;
}

unsigned
kam_pairs(
    struct str text, char *store, struct report_pair pairs[REPORT_DATA_MAX])
{
	unsigned n = 0;
	uint32_t at = 0;

	while (at < text.len && n < REPORT_DATA_MAX) {
		struct report_pair *p = &pairs[n];

		while (at < text.len && text.p[at] == ' ')
			at++;
		if (!decode(text, &at, '=', &store, &p->key) ||
		    at == text.len || text.p[at] != '=')
			break;
		at++;
		if (!decode(text, &at, ';', &store, &p->value))
			break;
		at++;
		if (p->key.len == 0 || p->key.len > 64 || p->value.len > 1024)
			break;
		n++;
	}
	return n;
}
