/*
 * calendar_fuzz.c - any bytes as a calendar's text.
 *
 * What is taken prints as a text that is taken again and prints the same; what
 * stands the check is a calendar in which due and elapsed agree.
 *
 *	clang-14 -g -O1 -fsanitize=fuzzer,address,undefined -D_GNU_SOURCE \
 *	    -Idaemon test/fuzz/calendar_fuzz.c \
 *	    daemon/sla/{calendar,zone}*.c \
 *	    daemon/base/{arena,clock,err,log,text,text_utf8}.c -levent
 *	./a.out -max_len=1024 -max_total_time=60
 */
#include "sla/calendar.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define HOUR INT64_C(3600000000)

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
hold(bool holds)
{
	if (!holds)
		abort();
}

static void
try_calendar(const struct cal_spec *s)
{
	int64_t now = INT64_C(1774746000000000), due, from, to;
	struct calendar *c = NULL;

	if (calendar_new(&s, 1, NULL, &c) != ERR_OK)
		return;
	due = calendar_add(c, now, 7 * HOUR);
	if (due != CAL_NEVER) {
		hold(calendar_elapsed(c, now, due) == 7 * HOUR);
		hold(calendar_elapsed(c, now, due - 1) < 7 * HOUR);
	}
	if (calendar_interval(c, now, &from, &to))
		hold(from < to && to > now);
	calendar_free(&c);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, (uint32_t)size };
	struct arena *a = arena_new(4096, 16 << 20);
	struct cal_spec s, again;
	struct cal_fault f;
	char *once, *twice;

	if (cal_parse(STR_LIT("fuzz"), text, a, &s) == ERR_OK) {
		once = cal_print(&s);
		hold(cal_parse(STR_LIT("fuzz"), str_of(once), a, &again) ==
			 ERR_OK ||
		     *once == '\0');
		if (*once != '\0') {
			twice = cal_print(&again);
			hold(strcmp(once, twice) == 0);
			free(twice);
		}
		free(once);
		if (cal_check(&s, NULL, &f) == ERR_OK)
			try_calendar(&s);
	}
	arena_free(&a);
	return 0;
}
