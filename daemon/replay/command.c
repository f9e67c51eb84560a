/*
 * command.c - mashang-replay's command line.
 */
#include "replay/command.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay/generate.h"

#define DEFAULT_SOCKET "unix:/run/mashang/mashang.sock"
#define SEEDS 10

enum { EXIT_USAGE = 64 };

static const char usage[] =
    "usage: mashang-replay --calls FILE.tsv [--format anonymous-bank] ...\n"
    "       mashang-replay --generate SPEC ...\n"
    "       mashang-replay --incidents FILE.csv [--pauses] ...\n"
    "\n"
    "Plays a recorded or generated day against a daemon, as its switch and "
    "its\n"
    "agents at once, and prints what came of it; or a service desk's log of\n"
    "incidents, and prints what the daemon's clocks say of each beside what "
    "the\n"
    "log does.\n"
    "\n"
    "  --calls FILE       a log of calls\n"
    "  --format NAME      anonymous-bank (the only one)\n"
    "  --from, --to DAY   only these days of the log, YYYY-MM-DD\n"
    "  --corrections      list what of the log was not played as it stands\n"
    "  --generate SPEC    key=value,... or a YAML file; '' for all presets\n"
    "  --agents N|log     N agents for everything, all day; or those of the\n"
    "                     log, each from first to last service of a day\n"
    "  --humans N         keep N more devices, demo-1 ..., for people\n"
    "  --speed N|max      N times real time; max is preset where the daemon's\n"
    "                     clock is driven, 1 the only one where it is not\n"
    "  --epoch N          play calls again that have been played\n"
    "  --incidents FILE   a log of incidents, to a daemon with a driven "
    "clock and\n"
    "                     a new database\n"
    "  --pauses           waiting for the customer pauses its clocks (the "
    "preset of\n"
    "                     policies); else it does not, as it seems in the "
    "log\n"
    "  --what-if FILE     play the day under this hotline file, in memory "
    "alone; several\n"
    "                     of them are compared with the first\n"
    "  --seeds N          … N days drawn from the plan, with intervals (10); "
    "0: the\n"
    "                     day as it stands\n"
    "  --half-hours       … and the mean wait by class and half hour\n"
    "  --print-hotline    a hotline file to begin with, for --what-if\n"
    "  --json FILE        the report, for programs\n"
    "  --quiet            no progress\n"
    "  --socket ADDR      unix:/path or tcp:host:port ($MASHANG_SOCKET)\n"
    "  --login NAME       log in so, not as the system's user\n"
    "  --password-file F  its password ($MASHANG_PASSWORD_FILE)\n"
    "  --spec-help        the keys of --generate\n"
    "  --version, --help\n"
    "\n"
    "Incidents are to be resolved, round the clock, in 4 h (priority 1), 8 h "
    "(2),\n"
    "5 d (3), 7 d (4 and 5).  The log does not tell its own targets; these "
    "are\n"
    "round and lie between what it calls met and missed: 2 missed at 8 h 53 "
    "min;\n"
    "3 met at 3 d 8 h 50 min, missed at 6 d 23 h 50 min; 4 met at 3 d 5 h 44 "
    "min,\n"
    "missed at 10 d 1 h 47 min; 1 and 5 do not occur.\n"
    "\n"
    "Exit: 0 played, 1 could not, 64 usage.\n";

enum {
	OPT_CALLS = 256,
	OPT_FORMAT,
	OPT_FROM,
	OPT_TO,
	OPT_CORRECTIONS,
	OPT_GENERATE,
	OPT_AGENTS,
	OPT_HUMANS,
	OPT_SPEED,
	OPT_EPOCH,
	OPT_INCIDENTS,
	OPT_PAUSES,
	OPT_WHAT_IF,
	OPT_SEEDS,
	OPT_HALF_HOURS,
	OPT_PRINT_HOTLINE,
	OPT_JSON,
	OPT_QUIET,
	OPT_SOCKET,
	OPT_LOGIN,
	OPT_PASSWORD_FILE,
	OPT_SPEC_HELP,
	OPT_VERSION,
	OPT_HELP
};

static const struct option longs[] = {
	{ "calls", required_argument, NULL, OPT_CALLS },
	{ "format", required_argument, NULL, OPT_FORMAT },
	{ "from", required_argument, NULL, OPT_FROM },
	{ "to", required_argument, NULL, OPT_TO },
	{ "corrections", no_argument, NULL, OPT_CORRECTIONS },
	{ "generate", required_argument, NULL, OPT_GENERATE },
	{ "agents", required_argument, NULL, OPT_AGENTS },
	{ "humans", required_argument, NULL, OPT_HUMANS },
	{ "speed", required_argument, NULL, OPT_SPEED },
	{ "epoch", required_argument, NULL, OPT_EPOCH },
	{ "incidents", required_argument, NULL, OPT_INCIDENTS },
	{ "pauses", no_argument, NULL, OPT_PAUSES },
	{ "what-if", required_argument, NULL, OPT_WHAT_IF },
	{ "seeds", required_argument, NULL, OPT_SEEDS },
	{ "half-hours", no_argument, NULL, OPT_HALF_HOURS },
	{ "print-hotline", no_argument, NULL, OPT_PRINT_HOTLINE },
	{ "json", required_argument, NULL, OPT_JSON },
	{ "quiet", no_argument, NULL, OPT_QUIET },
	{ "socket", required_argument, NULL, OPT_SOCKET },
	{ "login", required_argument, NULL, OPT_LOGIN },
	{ "password-file", required_argument, NULL, OPT_PASSWORD_FILE },
	{ "spec-help", no_argument, NULL, OPT_SPEC_HELP },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ "help", no_argument, NULL, OPT_HELP },
	{ NULL, 0, NULL, 0 },
};

static int
wrong(const char *option, const char *got, const char *want)
{
	fprintf(
	    stderr, "mashang-replay: %s: '%s' is not %s\n", option, got, want);
	return EXIT_USAGE;
}

bool
command_number(const char *text, uint64_t max, uint64_t *out)
{
	char *end;

	errno = 0;
	*out = strtoull(text, &end, 10);
	return *text >= '0' && *text <= '9' && *end == '\0' && errno == 0 &&
	       *out <= max;
}

static int
read_speed(const char *text, struct play_options *o)
{
	char *end;

	o->speed_given = true;
	o->speed = PLAY_MAX_SPEED;
	if (strcmp(text, "max") == 0)
		return 0;
	o->speed = strtod(text, &end);
	if (end == text || *end != '\0' || !isfinite(o->speed) ||
	    o->speed < 0.01 || o->speed > 1e6)
		return wrong("--speed", text, "a number from 0.01, or max");
	return 0;
}

static int
read_numbers(int opt, const char *text, struct command *c)
{
	uint64_t n = 0;

	switch (opt) {
	case OPT_AGENTS:
		c->agents = text;
		if (strcmp(text, "log") != 0 &&
		    !command_number(text, PLAN_MAX_AGENTS, &n))
			return wrong("--agents", text, "log or up to 20000");
		return 0;
	case OPT_HUMANS:
		if (!command_number(text, 99, &n))
			return wrong("--humans", text, "a number up to 99");
		c->play.humans = (unsigned)n;
		return 0;
	default:
		if (!command_number(text, INT64_MAX, &n) || n == 0)
			return wrong("--epoch", text, "a number from 1");
		c->play.epoch = n;
		return 0;
	}
}

static int
read_day(const char *option, const char *text, const char **out)
{
	int64_t at;

	*out = text;
	if (plan_day(text, &at) == ERR_OK)
		return 0;
	return wrong(option, text, "a day as YYYY-MM-DD");
}

static int
read_password(const char *file, struct command *c)
{
	FILE *f = fopen(file, "re");

	if (f == NULL || fgets(c->password, sizeof(c->password), f) == NULL) {
		fprintf(stderr, "mashang-replay: %s: %s\n", file,
		    f == NULL ? strerror(errno) : "empty");
		if (f != NULL)
			fclose(f);
		return EXIT_USAGE;
	}
	fclose(f);
	c->password[strcspn(c->password, "\n")] = '\0';
	c->play.password = c->password;
	return 0;
}

static int
take_what_if(int opt, struct command *c)
{
	struct whatif *w = &c->whatif;
	uint64_t n;

	switch (opt) {
	case OPT_WHAT_IF:
		if (w->n_files == WHATIF_VARIANTS_MAX)
			return wrong("--what-if", optarg, "one of eight files");
		w->files[w->n_files++] = optarg;
		return 0;
	case OPT_SEEDS:
		if (!command_number(optarg, WHATIF_SEEDS_MAX, &n))
			return wrong("--seeds", optarg, "a number up to 1000");
		w->seeds = (unsigned)n;
		c->seeded = true;
		return 0;
	case OPT_HALF_HOURS:
		w->half_hours = true;
		return 0;
	default:
		c->print_hotline = true;
		return 0;
	}
}

static int
take_option(int opt, struct command *c)
{
	switch (opt) {
	case OPT_CALLS:
		c->calls = optarg;
		return 0;
	case OPT_FORMAT:
		c->format = optarg;
		return 0;
	case OPT_FROM:
		return read_day("--from", optarg, &c->days.from);
	case OPT_TO:
		return read_day("--to", optarg, &c->days.to);
	case OPT_CORRECTIONS:
		c->corrections = true;
		return 0;
	case OPT_GENERATE:
		c->generate = optarg;
		return 0;
	case OPT_AGENTS:
	case OPT_HUMANS:
	case OPT_EPOCH:
		return read_numbers(opt, optarg, c);
	case OPT_SPEED:
		return read_speed(optarg, &c->play);
	case OPT_INCIDENTS:
		c->incidents = optarg;
		return 0;
	case OPT_PAUSES:
		c->pauses = true;
		return 0;
	case OPT_WHAT_IF:
	case OPT_SEEDS:
	case OPT_HALF_HOURS:
	case OPT_PRINT_HOTLINE:
		return take_what_if(opt, c);
	case OPT_JSON:
		c->json = optarg;
		return 0;
	case OPT_QUIET:
		c->quiet = true;
		return 0;
	case OPT_SOCKET:
		c->play.addresses = optarg;
		return 0;
	case OPT_LOGIN:
		c->play.login = optarg;
		return 0;
	case OPT_PASSWORD_FILE:
		return read_password(optarg, c);
	default:
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
}

/* A bare path is a unix socket's. */
static int
find_daemon(struct command *c)
{
	const char *where = c->play.addresses;
	const char *file = getenv("MASHANG_PASSWORD_FILE");

	if (where == NULL)
		where = getenv("MASHANG_SOCKET");
	if (where == NULL || *where == '\0')
		where = DEFAULT_SOCKET;
	if ((size_t)snprintf(c->address, sizeof(c->address), "%s%s",
		*where == '/' ? "unix:" : "", where) >= sizeof(c->address))
		return wrong("--socket", where, "an address of this length");
	c->play.addresses = c->address;
	if (c->play.login != NULL && c->play.password == NULL && file != NULL)
		return read_password(file, c);
	return 0;
}

static bool
is_for_calls(const struct command *c)
{
	return c->format != NULL || c->agents != NULL || c->days.from != NULL ||
	       c->days.to != NULL || c->play.humans > 0 ||
	       c->play.speed_given || c->play.epoch != 0;
}

/* Rehearsals need no daemon. */
static int
check_what_if(struct command *c)
{
	bool played = c->play.humans > 0 || c->play.speed_given ||
	              c->play.epoch != 0 || c->play.addresses != NULL;

	if (!command_is_paper(c) && !c->seeded && !c->whatif.half_hours)
		return 0;
	if (c->incidents != NULL || played || !command_is_paper(c)) {
		fprintf(stderr, "mashang-replay: %s\n",
		    command_is_paper(c)
			? "--what-if and --print-hotline take calls, and no "
			  "daemon, speed, epoch or humans"
			: "--seeds and --half-hours need --what-if");
		return EXIT_USAGE;
	}
	if (!c->seeded)
		c->whatif.seeds = SEEDS;
	c->whatif.quiet = c->quiet;
	c->whatif.json = c->json;
	return 0;
}

static int
check_command(struct command *c)
{
	if ((c->calls != NULL) + (c->generate != NULL) +
		(c->incidents != NULL) !=
	    1) {
		fputs("mashang-replay: give one of --calls, --generate and "
		      "--incidents\n",
		    stderr);
		return EXIT_USAGE;
	}
	if (c->incidents == NULL ? c->pauses : is_for_calls(c)) {
		fprintf(stderr, "mashang-replay: %s\n",
		    c->incidents == NULL
			? "--pauses needs --incidents"
			: "--incidents is played whole and as fast as it "
			  "goes; what is for calls and agents is not "
			  "for it");
		return EXIT_USAGE;
	}
	if (c->format != NULL && strcmp(c->format, "anonymous-bank") != 0)
		return wrong("--format", c->format, "anonymous-bank");
	if (c->generate != NULL && c->agents != NULL &&
	    strcmp(c->agents, "log") == 0) {
		fputs("mashang-replay: --agents log needs --calls\n", stderr);
		return EXIT_USAGE;
	}
	if (check_what_if(c) != 0)
		return EXIT_USAGE;
	return find_daemon(c);
}

int
command_read(int argc, char **argv, struct command *c)
{
	int opt, status = 0;

	while (status == 0 &&
	       (opt = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (opt == OPT_HELP)
			return fputs(usage, stdout) < 0;
		if (opt == OPT_VERSION)
			return puts("mashang-replay " VERSION) < 0;
		if (opt == OPT_SPEC_HELP)
			return generate_help(stdout), 0;
		status = take_option(opt, c);
	}
	if (status == 0 && optind != argc)
		status = wrong("argument", argv[optind], "an option");
	if (status == 0)
		status = check_command(c);
	return status == 0 ? -1 : status;
}
