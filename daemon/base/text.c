/*
 * text.c - one rule for every piece of foreign text.
 *
 * What moves a cursor or speaks to a terminal becomes U+FFFD, so that one sees
 * that something was there; what only hides or reorders is dropped.
 */
#include "base/text.h"

#include <string.h>

#include "base/text_utf8.h"

#define MARKS_MAX 2

enum fate { KEEP, REPLACE, DROP };

/* In ascending order; what is in no row is kept. */
static const struct {
	uint32_t first, last;
	enum fate fate;
} rows[] = {
	{ 0x0000, 0x001F, REPLACE }, /* C0 */
	{ 0x007F, 0x009F, REPLACE }, /* DEL, C1 */
	{ 0x061C, 0x061C, DROP },    /* Arabic letter mark */
	{ 0x180E, 0x180E, DROP },    /* Mongolian vowel separator */
	{ 0x200B, 0x200F, DROP },    /* zero-width, left and right marks */
	{ 0x2028, 0x2029, REPLACE }, /* line, paragraph separator */
	{ 0x202A, 0x202E, DROP },    /* bidi embeddings and overrides */
	{ 0x2060, 0x206F, DROP },    /* joiners, isolates, shaping */
	{ 0xE000, 0xF8FF, DROP },    /* private use */
	{ 0xFDD0, 0xFDEF, DROP },    /* noncharacters */
	{ 0xFEFF, 0xFEFF, DROP },    /* byte order mark */
	{ 0xFFF9, 0xFFFB, DROP },    /* interlinear annotation */
	{ 0x13430, 0x1343F, DROP },  /* hieroglyph joiners */
	{ 0x1BCA0, 0x1BCA3, DROP },  /* shorthand format controls */
	{ 0x1D173, 0x1D17A, DROP },  /* musical format controls */
	{ 0xE0000, 0xE00FF, DROP },  /* tags, and what is kept beside them */
	{ 0xE01F0, 0xE0FFF, DROP },  /* default ignorable, not assigned */
	{ 0xF0000, 0x10FFFF, DROP }, /* private use */
};

enum err
text_check(struct str s, size_t max)
{
	if (s.len > max)
		return ERR_TOO_LARGE;
	while (s.len > 0) {
		uint32_t c = utf8_next(&s);

		if (c == UTF8_BAD || c == 0)
			return ERR_BAD_TEXT;
	}
	return ERR_OK;
}

static enum fate
fate_of(uint32_t c, bool lines)
{
	if (c == UTF8_BAD)
		return REPLACE;
	if (lines && (c == '\t' || c == '\n'))
		return KEEP;
	if ((c & 0xFFFE) == 0xFFFE) /* noncharacters of every plane */
		return DROP;
	for (size_t i = 0; i < NELEM(rows) && c >= rows[i].first; i++)
		if (c <= rows[i].last)
			return rows[i].fate;
	return KEEP;
}

/* Does a mark still fit on what is before it?  `marks' counts those there. */
static bool
fits(uint32_t c, unsigned *marks)
{
	if (c < ' ')
		*marks = MARKS_MAX; /* nothing to put a mark on */
	else if (!utf8_is_combining(c))
		*marks = 0;
	else
		return (*marks)++ < MARKS_MAX;
	return true;
}

size_t
text_clean(struct str s, bool lines, char *out, size_t room)
{
	unsigned marks = MARKS_MAX;
	size_t len = 0;

	if (room == 0)
		return 0;
	while (s.len > 0) {
		uint32_t c = utf8_next(&s);
		enum fate fate = fate_of(c, lines);
		char bytes[4];
		unsigned n;

		if (fate == REPLACE)
			c = UTF8_REPLACEMENT;
		if (fate == DROP || !fits(c, &marks))
			continue;
		n = utf8_put(c, bytes);
		if (n >= room - len)
			break;
		memcpy(out + len, bytes, n);
		len += n;
	}
	out[len] = '\0';
	return len;
}
