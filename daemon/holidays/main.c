/*
 * main.c - mashang-holidays: holidays from feeds and tables, as overrides for a
 * calendar of ours.
 *
 * The files are read here and made sense of in a child (limits.h); only what a
 * child without fault has printed is passed on.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/text.h"
#include "holidays/choice.h"
#include "holidays/csv.h"
#include "holidays/holiday.h"
#include "holidays/ics.h"
#include "holidays/limits.h"
#include "holidays/print.h"

#define FILES_MAX 8
#define FILE_BYTES_MAX (4u << 20)
#define ARENA_FIRST (64u << 10)
#define ARENA_MAX (64u << 20)
#define NAME_MAX_BYTES 64
#define YEAR_FIRST 1970
#define YEAR_LAST 2199

enum { EXIT_USAGE = 64, EXIT_DATA = 65 };

struct command {
	struct choice choice;
	struct zone *zone; /* what choice.zone points to */
	const char *name, *zone_name;
	bool csv;
	struct source sources[FILES_MAX];
	unsigned n_sources;
};

static const char usage[] =
    "usage: mashang-holidays [OPTION]... FILE...\n"
    "\n"
    "Reads holidays and make-up days from iCalendar feeds (.ics) and CSV "
    "tables and\n"
    "prints them as the overrides of a calendar, for a hotline's "
    "configuration.\n"
    "FILE is - for the standard input; nothing is printed if anything is "
    "wrong.\n"
    "\n"
    "  --name NAME      the calendar's name (holidays)\n"
    "  --zone ZONE      its time zone, Asia/Shanghai; timed events are put on "
    "its\n"
    "                   clock, and without it stay on their own\n"
    "  --from YEAR      only these years, both included, at most 10; needed "
    "for\n"
    "  --to YEAR        events that recur for ever\n"
    "  --only TEXT      only days with TEXT in their name or categories\n"
    "  --except TEXT    not days with TEXT: feasts of another region, say\n"
    "  --workday TEXT   days with TEXT are make-up days, like a Monday\n"
    "  --format FORM    yaml (preset) or csv\n"
    "  --version, --help\n"
    "\n"
    "TEXT may be given several times; ASCII letters of either case are the "
    "same.\n"
    "In a feed a make-up day is also one of CATEGORIES:WORKDAY, or "
    "X-MASHANG-LIKE:fri\n"
    "if it has another day's hours than a Monday's.\n"
    "A table's first row names its columns, of which like, hours and label "
    "may be\n"
    "left out; a date without a year is every year's:\n"
    "\n"
    "  date,kind,like,hours,label\n"
    "  2026-02-15,closed,,,春节\n"
    "  2026-02-14,like,mon,,春节 make-up day\n"
    "  12-24,open,,09:00-12:00 13:00-15:00,Christmas Eve\n"
    "\n"
    "Exit: 0 printed, 1 could not, 64 usage, 65 something in a file is "
    "wrong.\n";

enum {
	OPT_NAME = 256,
	OPT_ZONE,
	OPT_FROM,
	OPT_TO,
	OPT_ONLY,
	OPT_EXCEPT,
	OPT_WORKDAY,
	OPT_FORMAT,
	OPT_VERSION,
	OPT_HELP
};

static const struct option longs[] = {
	{ "name", required_argument, NULL, OPT_NAME },
	{ "zone", required_argument, NULL, OPT_ZONE },
	{ "from", required_argument, NULL, OPT_FROM },
	{ "to", required_argument, NULL, OPT_TO },
	{ "only", required_argument, NULL, OPT_ONLY },
	{ "except", required_argument, NULL, OPT_EXCEPT },
	{ "workday", required_argument, NULL, OPT_WORKDAY },
	{ "format", required_argument, NULL, OPT_FORMAT },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ "help", no_argument, NULL, OPT_HELP },
	{ NULL, 0, NULL, 0 },
};

/* ----------------------------------------------------------- command line */

static int
wrong(const char *option, const char *got, const char *want)
{
	fprintf(stderr, "mashang-holidays: %s: '%s' is not %s\n", option, got,
	    want);
	return EXIT_USAGE;
}

static int
read_name(struct command *c, const char *text)
{
	char clean[NAME_MAX_BYTES + 1];

	text_clean(str_of(text), false, clean, sizeof(clean));
	if (*text == '\0' || strcmp(text, clean) != 0)
		return wrong("--name", clean, "a name of up to 64 bytes");
	c->name = text;
	return 0;
}

static int
read_zone(struct command *c, const char *text)
{
	zone_free(&c->zone);
	c->zone_name = text;
	if (zone_load(NULL, str_of(text), &c->zone) != ERR_OK)
		return wrong("--zone", text,
		    "a time zone of this system, like Asia/Shanghai");
	c->choice.zone = c->zone;
	return 0;
}

static int
read_year(const char *option, const char *text, int *out)
{
	char *end;
	long year = strtol(text, &end, 10);

	if (*end != '\0' || year < YEAR_FIRST || year > YEAR_LAST)
		return wrong(option, text, "a year from 1970 to 2199");
	*out = (int)year;
	return 0;
}

static int
add_word(const char *option, const char *text, struct choice_words *w)
{
	if (*text == '\0')
		return wrong(option, text, "any text");
	if (w->n == CHOICE_WORDS_MAX)
		return wrong(option, text, "within the 64 that may be given");
	w->words[w->n++] = str_of(text);
	return 0;
}

static int
take_option(int opt, struct command *c)
{
	switch (opt) {
	case OPT_NAME:
		return read_name(c, optarg);
	case OPT_ZONE:
		return read_zone(c, optarg);
	case OPT_FROM:
		return read_year("--from", optarg, &c->choice.from);
	case OPT_TO:
		return read_year("--to", optarg, &c->choice.to);
	case OPT_ONLY:
		return add_word("--only", optarg, &c->choice.only);
	case OPT_EXCEPT:
		return add_word("--except", optarg, &c->choice.except);
	case OPT_WORKDAY:
		return add_word("--workday", optarg, &c->choice.workday);
	case OPT_FORMAT:
		c->csv = strcmp(optarg, "csv") == 0;
		return c->csv || strcmp(optarg, "yaml") == 0
		           ? 0
		           : wrong("--format", optarg, "yaml or csv");
	default:
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
}

static int
check_command(const struct command *c, int n_files)
{
	int from = c->choice.from, to = c->choice.to;

	if (n_files == 0) {
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
	if (n_files > FILES_MAX) {
		fprintf(stderr, "mashang-holidays: more than %d files\n",
		    FILES_MAX);
		return EXIT_USAGE;
	}
	if ((from == 0) != (to == 0) || to < from ||
	    to - from >= CHOICE_YEARS_MAX) {
		fprintf(stderr,
		    "mashang-holidays: give --from and --to both, in order, "
		    "at most %d years\n",
		    CHOICE_YEARS_MAX);
		return EXIT_USAGE;
	}
	return 0;
}

/* -1: go on; else exit with it. */
static int
read_command(int argc, char **argv, struct command *c)
{
	int opt, status = 0;

	while (status == 0 &&
	       (opt = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (opt == OPT_HELP)
			return fputs(usage, stdout) < 0;
		if (opt == OPT_VERSION)
			return puts("mashang-holidays " VERSION) < 0;
		status = take_option(opt, c);
	}
	if (status == 0)
		status = check_command(c, argc - optind);
	return status == 0 ? -1 : status;
}

/* ------------------------------------------------------------------- files */

/* Up to one byte more than may be. */
static int
read_bytes(int fd, const char *name, struct source *s)
{
	char *text = malloc(FILE_BYTES_MAX + 1);
	size_t n = 0;
	ssize_t got = 1;

	s->text = (struct str){ text, 0 };
	while (text != NULL && got != 0 && n <= FILE_BYTES_MAX) {
		got = read(fd, text + n, FILE_BYTES_MAX + 1 - n);
		if (got < 0 && errno != EINTR)
			break;
		n += got > 0 ? (size_t)got : 0;
	}
	if (text == NULL || got < 0) {
		fprintf(stderr, "mashang-holidays: %s: %s\n", name,
		    strerror(errno));
		return EXIT_FAILURE;
	}
	if (n > FILE_BYTES_MAX) {
		fprintf(stderr,
		    "%s:1:1: more than %u MiB; no feed of holidays is so "
		    "large, cut it to the years you want\n",
		    name, FILE_BYTES_MAX >> 20);
		return EXIT_DATA;
	}
	s->text.len = (uint32_t)n;
	return 0;
}

static int
read_file(struct command *c, const char *path)
{
	struct source *s = &c->sources[c->n_sources++];
	bool is_stdin = strcmp(path, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	int status;

	s->name = is_stdin ? "(input)" : path;
	if (fd == -1) {
		fprintf(stderr, "mashang-holidays: %s: %s\n", path,
		    strerror(errno));
		return EXIT_FAILURE;
	}
	status = read_bytes(fd, s->name, s);
	if (!is_stdin)
		close(fd);
	return status;
}

/* ----------------------------------------------------------------- the child */

/* A byte order mark aside, a feed begins with BEGIN. */
static bool
is_feed(struct str s)
{
	if (s.len >= 3 && memcmp(s.p, "\xEF\xBB\xBF", 3) == 0) {
		s.p += 3;
		s.len -= 3;
	}
	return s.len >= 6 && strncasecmp(s.p, "BEGIN:", 6) == 0;
}

static enum err
read_sources(struct command *c, struct limits_note *note, struct holidays *h,
    struct faults *f)
{
	enum err e = ERR_OK;

	for (unsigned i = 0; i < c->n_sources && e == ERR_OK; i++) {
		const struct source *s = &c->sources[i];

		note->offset = 0;
		note->source = i;
		e = is_feed(s->text) ? ics_read(s, &c->choice, h, note, f)
		                     : csv_read(s, &c->choice, h, f);
		if (e == ERR_TOO_LARGE)
			faults_add(f, (struct place){ s, note->offset },
			    "more than %d days by here; take fewer years by "
			    "--from and --to",
			    HOLIDAYS_MAX);
	}
	return e;
}

/* The calendar that will be printed must be one; its week, and its zone where
 * none is given, come from the calendar that stands on it. */
static void
check_calendar(
    const struct command *c, const struct holidays *h, struct faults *f)
{
	struct cal_override *all = calloc(h->n, sizeof(*all));
	struct cal_spec spec = { .name = str_of(c->name),
		.zone = str_of(c->zone_name),
		.overrides = all,
		.n_overrides = (unsigned)h->n };
	struct cal_fault why;

	for (size_t i = 0; all != NULL && i < h->n; i++)
		all[i] = h->rows[i].day;
	if (all != NULL && cal_check(&spec, NULL, &why) != ERR_OK)
		faults_add(f,
		    h->rows[why.override_index < 0 ? 0 : why.override_index].at,
		    "%s; mend it here", why.what);
	free(all);
}

static void
warn_unmet(const char *option, const struct choice_words *w)
{
	for (unsigned i = 0; i < w->n; i++)
		if (!w->met[i])
			fprintf(stderr,
			    "mashang-holidays: %s: no day has '%.*s'\n", option,
			    STR_ARG(w->words[i]));
}

static int
finish(struct command *c, struct holidays *h, struct faults *f, FILE *out)
{
	if (f->n == 0 && h->n == 0)
		faults_add(f, (struct place){ &c->sources[0], 0 },
		    "no day is left to print; look at --from, --to, --only and "
		    "--except");
	else if (f->n == 0)
		check_calendar(c, h, f);
	warn_unmet("--only", &c->choice.only);
	warn_unmet("--except", &c->choice.except);
	warn_unmet("--workday", &c->choice.workday);
	if (f->n > 0) {
		fprintf(stderr,
		    "mashang-holidays: %u fault%s; nothing is printed\n", f->n,
		    f->n == 1 ? "" : "s");
		return EXIT_DATA;
	}
	if (c->csv)
		print_csv(h, out);
	else
		print_yaml(h, str_of(c->name), str_of(c->zone_name), out);
	return EXIT_SUCCESS;
}

static int
work(void *arg, struct limits_note *note, FILE *out)
{
	struct command *c = arg;
	struct holidays h = { .arena = arena_new(ARENA_FIRST, ARENA_MAX) };
	struct faults f = { stderr, 0 };
	int status = EXIT_DATA;
	enum err e =
	    h.arena != NULL ? read_sources(c, note, &h, &f) : ERR_NOMEM;

	if (e == ERR_OK) {
		e = holidays_settle(&h, &f);
		if (e == ERR_OK || e == ERR_CONFLICT)
			status = finish(c, &h, &f, out);
	}
	if (e == ERR_NOMEM)
		faults_add(&f,
		    (struct place){ &c->sources[note->source], note->offset },
		    "takes more memory than it may; cut the file to the years "
		    "you want");
	holidays_fini(&h);
	return status;
}

/* ---------------------------------------------------------------------- main */

/* What a child that was ended could not say itself. */
static int
tell_signal(struct command *c, const struct limits_end *end)
{
	struct faults f = { stderr, 0 };
	struct place at = { &c->sources[end->note->source], end->note->offset };

	if (end->signal == SIGXCPU || end->signal == SIGKILL ||
	    end->signal == SIGALRM)
		faults_add(&f, at,
		    "more than %d s of computing by here: recurrences that "
		    "hardly ever come, or very many events of one UID; leave "
		    "them out by --except",
		    LIMITS_CPU_S);
	else
		faults_add(&f, at,
		    "reading ended by signal %d here; leave this event out "
		    "by --except",
		    end->signal);
	return EXIT_DATA;
}

static int
run(struct command *c)
{
	struct limits_end end;
	enum err e = limits_run(work, c, &end);
	int status = end.status;

	fwrite(end.said.text, 1, end.said.len, stderr);
	if (e != ERR_OK) {
		fprintf(
		    stderr, "mashang-holidays: no child: %s\n", err_name(e));
		status = EXIT_FAILURE;
	} else if (end.signal != 0) {
		status = tell_signal(c, &end);
	} else if (status == 0 && (fwrite(end.out.text, 1, end.out.len,
				       stdout) != end.out.len ||
				      fflush(stdout) != 0)) {
		perror("mashang-holidays: standard output");
		status = EXIT_FAILURE;
	}
	limits_end_fini(&end);
	return status;
}

int
main(int argc, char **argv)
{
	struct command c = { .name = "holidays", .zone_name = "" };
	int status = read_command(argc, argv, &c);

	if (status != -1)
		return status;
	status = 0;
	for (int i = optind; i < argc && status == 0; i++)
		status = read_file(&c, argv[i]);
	if (status == 0)
		status = run(&c);
	for (unsigned i = 0; i < c.n_sources; i++)
		free((char *)(uintptr_t)c.sources[i].text.p);
	zone_free(&c.zone);
	return status;
}
