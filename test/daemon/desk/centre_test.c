/*
 * centre_test.c - whatever happens in a call centre, the rules hold.
 *
 * MASHANG_OPERATIONS: how many (200,000); MASHANG_SEED: one seed only.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "test/support/centre.h"
#include "test/support/support.h"

#define OPERATIONS 200000
#define A_RUN 500 /* operations, then everybody goes home */

static uint64_t
number_of(const char *name, uint64_t preset)
{
	const char *text = getenv(name);

	return text != NULL ? strtoull(text, NULL, 10) : preset;
}

static void
run_seed(uint64_t seed, uint64_t *counts)
{
	struct centre *k = centre_new(seed);
	bool ok = true;

	for (unsigned i = 0; i < A_RUN && ok; i++)
		ok = centre_step(k);
	ok = ok && centre_close(k);
	ck_assert_msg(ok, "seed %" PRIu64 ": %s, after\n%s", seed,
	    centre_fault(k), centre_history(k));
	for (unsigned i = 0; i < centre_n_kinds(); i++)
		counts[i] += centre_count(k, i);
	centre_free(k);
}

START_TEST(the_rules_hold)
{
	uint64_t runs = number_of("MASHANG_OPERATIONS", OPERATIONS) / A_RUN;
	uint64_t seed = number_of("MASHANG_SEED", 0);
	uint64_t counts[64] = { 0 };

	ck_ok(log_set("error"));
	if (seed != 0) {
		run_seed(seed, counts);
		return;
	}
	for (uint64_t i = 1; i <= runs; i++)
		run_seed(i, counts);
	for (unsigned i = 0; i < centre_n_kinds(); i++)
		ck_assert_msg(counts[i] > runs / 10, "%s hardly happened",
		    centre_kind(i));
}
END_TEST

Suite *
centre_suite(void)
{
	TCase *t = tcase_create("rules");

	tcase_set_timeout(t, 600);
	tcase_add_test(t, the_rules_hold);
	return suite_of(t, "centre");
}
