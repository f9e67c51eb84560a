/*
 * text_number.c - what switches and callers write as a telephone number, as
 * E.164 (ITU-T E.164: at most 15 digits, the country code first).
 *
 * Fewer wrong numbers matter more than more right ones: two customers under
 * one number are worse than one who is not recognised.
 */
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "base/text_utf8.h"

#define DIGITS_MIN 7
#define DIGITS_MAX 15

/*
 * How numbers are dialled at home: the international prefix, the trunk prefix
 * before an area code, and the length of a national number without it.
 */
struct plan {
	const char *country, *abroad, *trunk;
	size_t min, max;
};

static const struct plan plans[] = {
	{ "86", "00", "0", 10, 11 }, { "1", "011", "1", 10, 10 },
	{ "7", "810", "8", 10, 10 },
	{ "39", "00", "", 6, 11 }, /* Italy's 0 belongs to the number */
};
static const struct plan elsewhere = { "", "00", "0", 4, 13 };

struct digits {
	bool plus;
	size_t n;
	char d[24]; /* what is longer is no number in any form */
};

static const struct plan *
find_plan(const char *country)
{
	for (size_t i = 0; i < NELEM(plans); i++)
		if (strcmp(plans[i].country, country) == 0)
			return &plans[i];
	return &elsewhere;
}

/* Full-width forms and the blanks and hyphens of word processors as ASCII. */
static uint32_t
fold(uint32_t c)
{
	if (c >= 0xFF01 && c <= 0xFF5E)
		return c - 0xFF01 + '!';
	if (c == 0x00A0 || c == 0x3000 || (c >= 0x2000 && c <= 0x200A) ||
	    c == 0x202F)
		return ' ';
	if ((c >= 0x2010 && c <= 0x2015) || c == 0x2212)
		return '-';
	return c;
}

static bool
read_digits(struct str s, struct digits *out)
{
	*out = (struct digits){ 0 };
	while (s.len > 0) {
		uint32_t c = fold(utf8_next(&s));

		if (c == '(' && out->plus && s.len > 1 &&
		    memcmp(s.p, "0)", 2) == 0)
			utf8_next(&s); /* +44 (0)20: the trunk prefix */
		else if (c >= '0' && c <= '9') {
			if (out->n == sizeof(out->d) - 1)
				return false;
			out->d[out->n++] = (char)c;
		} else if (c == '+' && out->n == 0 && !out->plus)
			out->plus = true;
		else if (c == 0 || c > '~' || strchr(" ()-./", (int)c) == NULL)
			return false;
	}
	return out->n > 0;
}

/* ---- URIs (RFC 3261, RFC 3966) and what switches say of the withheld */

/* Does it begin so, whatever the case?  Then without it. */
static bool
take_prefix(struct str *s, const char *prefix)
{
	size_t n = strlen(prefix);

	if (s->len < n || strncasecmp(s->p, prefix, n) != 0)
		return false;
	s->p += n;
	s->len -= (uint32_t)n;
	return true;
}

static struct str
up_to(struct str s, const char *ends)
{
	uint32_t n = 0;

	while (n < s.len && strchr(ends, s.p[n]) == NULL)
		n++;
	return (struct str){ s.p, n };
}

static bool
holds(struct str s, const char *word)
{
	size_t n = strlen(word);

	for (uint32_t i = 0; i + n <= s.len; i++)
		if (strncasecmp(s.p + i, word, n) == 0)
			return true;
	return false;
}

/* The number in it, or the user; empty where there is neither. */
static struct str
without_uri(struct str s)
{
	const struct str none = { "", 0 };
	struct str host;

	if (s.len > 1 && s.p[0] == '<') {
		s.p++;
		s.len--;
	}
	if (take_prefix(
		&s, "tel:")) /* local numbers mean something elsewhere */
		return holds(s, ";phone-context=") ? none : up_to(s, ";>");
	if (take_prefix(&s, "sips:") || take_prefix(&s, "sip:")) {
		host = up_to(s, "@");
		if (host.len == s.len)
			return none; /* nobody at that host */
		return up_to(s, "@;:");
	}
	return s;
}

static const char *const withheld[] = { "anonymous", "anonym", "unknown",
	"private", "restricted", "unavailable", "withheld", "not available",
	"no number", "no caller id", "out of area", "blocked", "hidden",
	"unavail", "null", "none", "nobody", "id unavailable",
	"caller id unavailable" };

static bool
is_word_for_nobody(struct str s)
{
	for (size_t i = 0; i < sizeof(withheld) / sizeof(withheld[0]); i++)
		if (strlen(withheld[i]) == s.len &&
		    strncasecmp(withheld[i], s.p, s.len) == 0)
			return true;
	return false;
}

bool
text_is_withheld(struct str s)
{
	bool zeros = true;

	s = up_to(without_uri(s), "@");
	while (s.len > 0 && strchr(" \"'", s.p[0]) != NULL)
		s = (struct str){ s.p + 1, s.len - 1 };
	while (s.len > 0 && strchr(" \"'", s.p[s.len - 1]) != NULL)
		s.len--;
	if (is_word_for_nobody(s))
		return true;
	while (zeros && s.len > 0) {
		uint32_t c = fold(utf8_next(&s));

		zeros = c != 0 && c < 0x80 && strchr("0 +-_?.()*#", (int)c);
	}
	return zeros;
}

bool
text_dialled(struct str s, char out[TEXT_DIALLED_ROOM])
{
	size_t n = 0;

	while (s.len > 0) {
		uint32_t c = fold(utf8_next(&s));

		if (c == 0 || c > '~')
			return false;
		if (strchr(" ()-./", (int)c) != NULL)
			continue;
		if (strchr("0123456789*#", (int)c) == NULL &&
		    !(c == '+' && n == 0))
			return false;
		if (n == TEXT_DIALLED_ROOM - 1)
			return false;
		out[n++] = (char)c;
	}
	out[n] = '\0';
	return n > 1 || (n == 1 && out[0] != '+');
}

static bool
starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

/* `s' without `prefix' if it starts so. */
static const char *
without(const char *s, const char *prefix)
{
	return starts(s, prefix) ? s + strlen(prefix) : s;
}

static bool
put_number(const char *country, const char *national, char out[17])
{
	size_t c = strlen(country), n = strlen(national);

	if (c + n < DIGITS_MIN || c + n > DIGITS_MAX ||
	    strspn(national, "0") == n) /* nobody has nothing but zeros */
		return false;
	out[0] = '+';
	memcpy(out + 1, country, c);
	memcpy(out + 1 + c, national, n);
	out[1 + c + n] = '\0';
	return out[1] != '0';
}

/*
 * A number of our own country; its trunk prefix may be there or not.  No
 * national number starts with a trunk 0, but some with a trunk 1 or 8.
 */
static bool
put_national(
    const struct plan *p, const char *country, const char *s, char out[17])
{
	bool zero = strcmp(p->trunk, "0") == 0;
	size_t n;

	if (zero || strlen(s) > p->max)
		s = without(s, p->trunk);
	n = strlen(s);
	return n >= p->min && n <= p->max && !(zero && s[0] == '0') &&
	       put_number(country, s, out);
}

bool
text_e164(struct str number, const char *country, char out[17])
{
	const struct plan *p = find_plan(country);
	size_t c = strlen(country);
	struct digits d;
	const char *s = d.d;

	if (c == 0 || c > 3 || !read_digits(without_uri(number), &d))
		return false;
	if (d.plus || starts(s, p->abroad)) {
		/* Some write both; only 0 never starts a country's code. */
		if (!d.plus || s[0] == '0')
			s = without(s, p->abroad);
		return starts(s, country) ? put_national(p, country, s + c, out)
		                          : put_number("", s, out);
	}
	/* Too long for a number at home: the plus got lost on the way. */
	if (starts(s, country) && strlen(s) > p->max && strlen(s) >= p->min + c)
		return put_national(p, country, s + c, out);
	return put_national(p, country, s, out);
}
