/*
 * text_fuzz.c - any bytes as foreign text, as a telephone number, as a ticket
 * number.
 *
 * What was cleaned is well-formed, stays as it is when cleaned again, and has
 * nothing in it that moves a cursor.
 *
 *	clang-14 -g -O1 -fsanitize=fuzzer,address,undefined -D_GNU_SOURCE \
 *	    -Idaemon test/fuzz/text_fuzz.c daemon/base/text*.c \
 *	    daemon/desk/number.c
 *	./a.out -max_len=256 -max_total_time=60
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "desk/number.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
hold(bool holds)
{
	if (!holds)
		abort();
}

static void
try_clean(struct str s, bool lines, size_t room)
{
	char once[1024], twice[1024];
	size_t n = text_clean(s, lines, once, room);
	struct str cleaned = { once, (uint32_t)n };

	hold(n < room && once[n] == '\0' && strlen(once) == n);
	hold(text_check(cleaned, room) == ERR_OK);
	hold(text_columns(cleaned) >= 0 && text_columns(cleaned) <= (int)n);
	for (size_t i = 0; i < n; i++)
		hold((unsigned char)once[i] >= ' ' ||
		     (lines && (once[i] == '\n' || once[i] == '\t')));
	hold(text_clean(cleaned, lines, twice, sizeof(twice)) == n);
	hold(memcmp(once, twice, n) == 0);
}

/* A number that was recognised is recognised again, from any home. */
static void
try_number(struct str s, const char *home)
{
	char out[17], again[17];

	if (!text_e164(s, home, out))
		return;
	hold(out[0] == '+' && out[1] >= '1' && out[1] <= '9');
	hold(strlen(out) >= 8 &&
	     strspn(out + 1, "0123456789") == strlen(out) - 1);
	hold(text_e164(str_of(out), home, again) && strcmp(out, again) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const homes[] = { "86", "1", "7", "39", "44",
		"852" };
	struct str s = { (const char *)data, (uint32_t)size };
	uint64_t number, serial;

	if (size > 300)
		return 0;
	try_clean(s, false, 1024);
	try_clean(s, true, 1024);
	try_clean(s, false, 1 + size / 2);
	for (size_t i = 0; i < NELEM(homes); i++)
		try_number(s, homes[i]);
	if (number_parse_text(s, &number) == ERR_OK)
		hold(number_parse(number, &serial) == ERR_OK &&
		     number_of(serial) == number);
	return 0;
}
