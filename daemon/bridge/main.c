/*
 * main.c - the command line of mashang-bridge.
 */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>

#include <sodium.h>

#include "bridge/config.h"
#include "bridge/run.h"

enum { EXIT_USAGE = 64 };
enum { MODE_RUN, MODE_CHECK, MODE_PRINT, MODE_PROBE };

static const char usage[] =
    "usage: mashang-bridge -c FILE [--check-config | --print-config | "
    "--probe]\n"
    "\n"
    "Between one telephone switch and mashangd, in the foreground.\n"
    "\n"
    "  -c, --config FILE  configuration (see config/bridge.yaml)\n"
    "      --check-config say every fault with file, line and column\n"
    "      --print-config the options in force, as a file\n"
    "      --probe        ask the switch what is allowed there: a line each,\n"
    "                     `ok ...' or `missing ...: what helps'\n"
    "      --version\n"
    "  -h, --help\n"
    "\n"
    "Exit: 0 ended as asked, 1 cannot run or something is missing, 3 another\n"
    "bridge has taken over, 64 usage, 78 configuration.\n";

static int
start(const char *file, int mode)
{
	struct config *c;
	int status = 0;

	if (config_load(file, drivers, stderr, &c) != ERR_OK)
		return RUN_CONFIG;
	if (mode == MODE_PRINT)
		config_print(c, stdout);
	else if (mode == MODE_PROBE)
		status = run_probe(c);
	else if (mode == MODE_RUN)
		status = run_bridge(c);
	config_free(&c);
	return status;
}

static void
help(FILE *f)
{
	fputs(usage, f);
	fputs("\nDrivers:\n", f);
	for (size_t i = 0; drivers[i] != NULL; i++)
		fprintf(
		    f, "  %-12s %s\n", drivers[i]->name, drivers[i]->sentence);
}

int
main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "check-config", no_argument, NULL, 'k' },
		{ "print-config", no_argument, NULL, 'p' },
		{ "probe", no_argument, NULL, 'o' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	const char *file = NULL;
	int c, mode = MODE_RUN;

	while ((c = getopt_long(argc, argv, "c:h", longs, NULL)) != -1)
		switch (c) {
		case 'c':
			file = optarg;
			break;
		case 'k':
			mode = MODE_CHECK;
			break;
		case 'p':
			mode = MODE_PRINT;
			break;
		case 'o':
			mode = MODE_PROBE;
			break;
		case 'V':
			puts("mashang-bridge " VERSION);
			return 0;
		case 'h':
			help(stdout);
			return 0;
		default:
			help(stderr);
			return EXIT_USAGE;
		}
	if (file == NULL || optind != argc) {
		help(stderr);
		return EXIT_USAGE;
	}
	/* A core would hold secrets and callers' data. */
	prctl(PR_SET_DUMPABLE, 0);
	signal(SIGPIPE, SIG_IGN);
	if (sodium_init() < 0) {
		fputs("mashang-bridge: libsodium does not start\n", stderr);
		return RUN_FAILED;
	}
	return start(file, mode);
}
