/*
 * rules_fuzz.c - any bytes as a queue's rules.
 *
 * What is taken prints as a text that is taken again and prints the same, and
 * any such rules can be checked.
 *
 *	clang-14 -g -O1 -fsanitize=fuzzer,address,undefined -D_GNU_SOURCE \
 *	    -Idaemon test/fuzz/rules_fuzz.c daemon/routing/rules*.c \
 *	    daemon/base/{arena,conf_nearest,conf_scan,err,text,text_utf8}.c
 *	./a.out -max_len=4096 -max_total_time=60 test/fuzz/rules
 */
#include "routing/rules.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
hold(bool holds)
{
	if (!holds)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct rules_minimum asks[] = { { STR_LIT("english"),
	    5 } };
	const struct str text = { (const char *)data, (uint32_t)size };
	struct arena *a = arena_new(4096, 16 << 20);
	struct route_rules r, again;
	struct rules_of all[2] = { { STR_LIT("a"), &r }, { STR_LIT("b"), &r } };
	struct rules_fault f;
	struct str once, twice;
	char fault[64];
	unsigned which;
	enum err e;

	if (rules_parse(text, a, &r, fault, sizeof(fault)) == ERR_OK) {
		once = rules_text(&r, a);
		hold(once.p != NULL && once.len <= RULES_TEXT_MAX);
		hold(rules_parse(once, a, &again, fault, sizeof(fault)) ==
		     ERR_OK);
		twice = rules_text(&again, a);
		hold(str_eq(once, twice));
		e = rules_check(STR_LIT("a"), &r, &f);
		hold(e == rules_check(STR_LIT("a"), &again, &f));
		e = rules_check_skills(&r, asks, 1, &f);
		hold(e == ERR_OK || e == ERR_CONFIG);
		e = rules_check_rings(all, 2, &which, &f);
		hold(e == ERR_OK || which < 2);
	}
	arena_free(&a);
	return 0;
}
