/*
 * text_utf8.c - RFC 3629, and how wide a character is.
 */
#include "base/text_utf8.h"

#include <stddef.h>

#include "base/err.h"
#include "base/text.h"
#include "base/text_tables.h"

/*
 * What may follow a lead byte: its number of further bytes, and the range of
 * the first of them, which is where overlong forms, surrogates and what lies
 * beyond U+10FFFF show.
 */
static const struct lead {
	uint8_t first, last, n, low, high;
} leads[] = {
	{ 0x00, 0x7F, 0, 0x00, 0x00 },
	{ 0xC2, 0xDF, 1, 0x80, 0xBF },
	{ 0xE0, 0xE0, 2, 0xA0, 0xBF },
	{ 0xE1, 0xEC, 2, 0x80, 0xBF },
	{ 0xED, 0xED, 2, 0x80, 0x9F },
	{ 0xEE, 0xEF, 2, 0x80, 0xBF },
	{ 0xF0, 0xF0, 3, 0x90, 0xBF },
	{ 0xF1, 0xF3, 3, 0x80, 0xBF },
	{ 0xF4, 0xF4, 3, 0x80, 0x8F },
};

static const struct lead *
find_lead(uint8_t b)
{
	for (size_t i = 0; i < NELEM(leads); i++)
		if (b >= leads[i].first && b <= leads[i].last)
			return &leads[i];
	return NULL;
}

static uint8_t
take(struct str *s)
{
	s->len--;
	return (uint8_t)*s->p++;
}

uint32_t
utf8_next(struct str *s)
{
	static const uint8_t masks[] = { 0x7F, 0x1F, 0x0F, 0x07 };
	uint8_t b = take(s), low, high;
	const struct lead *l = find_lead(b);
	uint32_t c;

	if (l == NULL)
		return UTF8_BAD;
	c = b & masks[l->n];
	low = l->low;
	high = l->high;
	for (uint8_t i = 0; i < l->n; i++) {
		if (s->len == 0 || (uint8_t)*s->p < low ||
		    (uint8_t)*s->p > high)
			return UTF8_BAD;
		c = c << 6 | (take(s) & 0x3F);
		low = 0x80;
		high = 0xBF;
	}
	return c;
}

unsigned
utf8_put(uint32_t c, char out[4])
{
	static const uint8_t marks[] = { 0, 0x00, 0xC0, 0xE0, 0xF0 };
	unsigned n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	for (unsigned i = n; i-- > 1; c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3F));
	out[0] = (char)(marks[n] | c);
	return n;
}

static bool
is_in(const struct range *r, size_t n, uint32_t c)
{
	size_t low = 0;

	while (low < n) {
		size_t mid = low + (n - low) / 2;

		if (c < r[mid].first)
			n = mid;
		else if (c > r[mid].last)
			low = mid + 1;
		else
			return true;
	}
	return false;
}

bool
utf8_is_combining(uint32_t c)
{
	return c >= combining[0].first && is_in(combining, NELEM(combining), c);
}

int
text_columns(struct str s)
{
	int n = 0;

	while (s.len > 0) {
		uint32_t c = utf8_next(&s);

		if (c == UTF8_BAD || (c >= ' ' && c < wide[0].first))
			n += utf8_is_combining(c) ? 0 : 1;
		else if (c >= ' ' && !utf8_is_combining(c))
			n += is_in(wide, NELEM(wide), c) ? 2 : 1;
	}
	return n;
}
