/*
 * main.c - sla-conform: the command line, then the answers.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "conform/vectors.h"

enum { EXIT_USAGE = 64 };

static const char usage[] =
    "usage: sla-conform FILE.json\n"
    "\n"
    "Computes when each vector of the file is due, by the clocks that tickets\n"
    "have, and prints a line a vector: its id and the time in UTC; where the\n"
    "vector says when it should be due, then `ok', or `not ok' and what was\n"
    "expected.  `error' stands for a time where a vector cannot be read; why\n"
    "is said on standard error, and the others are answered all the same.\n"
    "\n"
    "  calendars  name -> { tz, weekly: { mon..sun: [\"09:00-12:00\", ...] },\n"
    "             overrides: [{ date, and closed: true, like: DAY or\n"
    "             open: [...] }, ...] }; a time may pass 24:00, for a night\n"
    "  vectors    { id, calendar, start, goal, pauses: [[from, to], ...],\n"
    "             due, catches }; the last three may be left out\n"
    "\n"
    "start and pauses are local to the calendar, or UTC with a Z at the end; "
    "a\n"
    "time that the clocks skip means the instant after the gap, one that they\n"
    "show twice the first.  goal is a number and s, m or h.\n"
    "\n"
    "  --version, --help\n"
    "\n"
    "Exit: 0 all could be read and none differs, 1 not so, 64 usage.\n";

static const struct option longs[] = {
	{ "version", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

int
main(int argc, char **argv)
{
	struct telling t = { .out = stdout, .err = stderr };
	bool right;
	int opt = getopt_long(argc, argv, "", longs, NULL);

	if (opt == 'h')
		return fputs(usage, stdout) < 0;
	if (opt == 'v')
		return puts("sla-conform " VERSION) < 0;
	if (opt != -1 || argc - optind != 1) {
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
	t.file = argv[optind];
	right = vectors_answer(&t);
	if (fflush(stdout) != 0) {
		perror("sla-conform: standard output");
		right = false;
	}
	return right ? EXIT_SUCCESS : EXIT_FAILURE;
}
