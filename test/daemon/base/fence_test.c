/*
 * fence_test.c - a process that was away knows it; one whose Redis was away
 * goes on.
 */
#include "base/fence.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/process.h"
#include "test/support/support.h"

#define MS INT64_C(1000)

/* What happens, in ms: `look' every 100 ms, `renew' (asked for, and answered,
 * then), `sleep' (nothing at all); then whether it may still act. */
static const struct {
	const char *what;
	const char *story; /* l look, r renew, s sleep 100 ms, R renewal that
	                      was asked for before the sleep */
	bool may;
} rows[] = {
	{ "all is well", "rllrllrllrllrll", true },
	{ "Redis is away for seconds, and we are awake",
	    "rllllllllllllllllllllllllllllllllllllllllllllllllllllll", true },
	{ "asleep for less than is left of the lease", "rlssssssssssl", true },
	{ "asleep for longer than the lease", "rlssssssssssssssssl", false },
	{ "the renewal's answer came while we slept, but was asked for before",
	    "rlRssssssssssssssssrl", false },
	{ "Redis is away, then we sleep", "rlllllllllllllllllllllssssssssssssl",
	    false },
	{ "Redis is away, and we are late once",
	    "rlllllllllllllllllllllsssssll", true },
	{ "once over, over for good", "rlssssssssssssssssslrlrlrl", false },
};

START_TEST(who_was_away_knows_it)
{
	int64_t now = 7000 * MS, asked = now;
	struct fence f;
	bool may = true;

	fence_init(&f, 1500 * MS, now);
	for (const char *p = rows[_i].story; *p != '\0'; p++) {
		if (*p == 'R')
			asked = now;
		if (*p == 'r')
			fence_renewed(&f,
			    p > rows[_i].story && p[-1] == 's' ? asked : now);
		if (*p == 'l' || *p == 's')
			now += 100 * MS;
		if (*p == 'l')
			may = fence_look(&f, now);
	}
	ck_assert_msg(may == rows[_i].may, "%s", rows[_i].what);
}
END_TEST

/* Alone: nobody takes over soon.  Then there is another. */
START_TEST(it_is_tightened_when_there_are_others)
{
	struct fence f;

	fence_init(&f, 15000 * MS, 0);
	ck_assert(fence_look(&f, 4000 * MS));
	fence_tighten(&f, 1500 * MS, 4000 * MS);
	ck_assert(fence_look(&f, 5400 * MS));
	fence_renewed(&f, 5400 * MS);
	ck_assert(!fence_look(&f, 7000 * MS));
}
END_TEST

START_TEST(without_a_lease_there_is_no_fence)
{
	struct fence f;

	fence_init(&f, 0, 0);
	fence_tighten(&f, 1500 * MS, 0);
	ck_assert(fence_look(&f, 3600000 * MS));
}
END_TEST

START_TEST(a_process_that_has_ended_is_gone)
{
	char mine[PROCESS_NAME], theirs[PROCESS_NAME] = "", again[PROCESS_NAME];
	int fds[2];
	pid_t pid;

	ck_assert_int_eq(pipe(fds), 0);
	if ((pid = fork()) == 0) {
		process_name(theirs);
		_exit(write(fds[1], theirs, sizeof(theirs)) != sizeof(theirs));
	}
	ck_assert_int_eq(read(fds[0], theirs, sizeof(theirs)), sizeof(theirs));
	process_name(mine);
	process_name(again);
	ck_assert_str_eq(mine, again);
	ck_assert_str_ne(mine, theirs);
	ck_assert(!process_is_gone(mine));
	waitpid(pid, NULL, 0);
	ck_assert(process_is_gone(theirs));
	/* Of another machine nothing is known. */
	theirs[0] = theirs[0] == 'a' ? 'b' : 'a';
	ck_assert(!process_is_gone(theirs));
	ck_assert(!process_is_gone(""));
	ck_assert(!process_is_gone("///"));
}
END_TEST

Suite *
fence_suite(void)
{
	TCase *tc = tcase_create("fence");

	tcase_add_loop_test(tc, who_was_away_knows_it, 0, NELEM(rows));
	tcase_add_test(tc, it_is_tightened_when_there_are_others);
	tcase_add_test(tc, without_a_lease_there_is_no_fence);
	tcase_add_test(tc, a_process_that_has_ended_is_gone);
	return suite_of(tc, "fence");
}
