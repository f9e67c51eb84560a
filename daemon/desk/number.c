/*
 * number.c - Damm's check digit, by his quasigroup of order 10.
 */
#include "desk/number.h"

#include <assert.h>

#include "base/text_utf8.h"

#define DIGITS_MAX 18

/* From the state so far (row) and the next digit (column) to the next state;
 * its diagonal is zero, so a number with its check digit ends at zero. */
static const uint8_t damm[10][10] = {
	{ 0, 3, 1, 7, 5, 9, 8, 6, 4, 2 },
	{ 7, 0, 9, 2, 1, 5, 4, 8, 6, 3 },
	{ 4, 2, 0, 6, 8, 7, 1, 3, 5, 9 },
	{ 1, 7, 5, 0, 9, 8, 3, 4, 2, 6 },
	{ 6, 1, 2, 3, 0, 4, 5, 9, 7, 8 },
	{ 3, 6, 7, 4, 2, 0, 9, 5, 8, 1 },
	{ 5, 8, 6, 9, 7, 2, 0, 1, 3, 4 },
	{ 8, 9, 4, 5, 3, 6, 2, 0, 1, 7 },
	{ 9, 4, 3, 8, 6, 1, 7, 2, 0, 5 },
	{ 2, 5, 8, 1, 4, 3, 6, 7, 9, 0 },
};

/* Zeros in front change nothing: damm[0][0] is 0. */
static unsigned
check_digit(uint64_t n)
{
	uint64_t unit = 1;
	unsigned state = 0;

	while (n / unit >= 10)
		unit *= 10;
	for (; unit > 0; unit /= 10)
		state = damm[state][n / unit % 10];
	return state;
}

uint64_t
number_of(uint64_t serial)
{
	assert(serial > 0 && serial <= NUMBER_SERIAL_MAX);
	return serial * 10 + check_digit(serial);
}

enum err
number_parse(uint64_t number, uint64_t *serial)
{
	uint64_t s = number / 10;

	if (s == 0 || s > NUMBER_SERIAL_MAX || check_digit(number) != 0)
		return ERR_MISHEARD;
	*serial = s;
	return ERR_OK;
}

/* 0 to 9, -1 for what may stand between digits, -2 for all else. */
static int
digit_of(uint32_t c)
{
	if (c >= '0' && c <= '9')
		return (int)(c - '0');
	if (c >= 0xFF10 && c <= 0xFF19) /* full-width digits */
		return (int)(c - 0xFF10);
	switch (c) {
	case ' ':
	case '-':
	case 0x00A0: /* no-break space */
	case 0x2010: /* hyphen */
	case 0x2011: /* no-break hyphen */
	case 0x2013: /* en dash */
	case 0x3000: /* ideographic space */
	case 0xFF0D: /* full-width hyphen */
		return -1;
	default:
		return -2;
	}
}

enum err
number_parse_text(struct str text, uint64_t *number)
{
	uint64_t n = 0, serial;
	unsigned n_digits = 0;
	enum err e;

	while (text.len > 0) {
		int d = digit_of(utf8_next(&text));

		if (d == -2 || (d >= 0 && n_digits == DIGITS_MAX))
			return ERR_BAD_FIELD;
		if (d >= 0) {
			n = n * 10 + (unsigned)d;
			n_digits++;
		}
	}
	if (n_digits == 0)
		return ERR_BAD_FIELD;
	if ((e = number_parse(n, &serial)) == ERR_OK)
		*number = n;
	return e;
}
