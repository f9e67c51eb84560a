/*
 * holidays_test.c - mashang-holidays as it is run, on feeds kind and hostile.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "test/support/support.h"

#define ARGS_MAX 12
#define HEAD "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"
#define FOOT "END:VCALENDAR\r\n"
#define EVENT(lines) "BEGIN:VEVENT\r\n" lines "END:VEVENT\r\n"
#define DAY(date, lines) EVENT("DTSTART;VALUE=DATE:" date "\r\n" lines)
#define FEED(events) HEAD events FOOT

enum { OK, DATA = 65, USAGE = 64, FAILED = 1 };

static char *out, *err; /* of the last run() */

static char *
path_of(const char *name)
{
	static char ring[4][PATH_MAX];
	static unsigned at;

	at = (at + 1) % 4;
	snprintf(ring[at], sizeof(ring[at]), "%s/%s", test_dir(), name);
	return ring[at];
}

static void
put(const char *name, const char *bytes, size_t len)
{
	FILE *f = fopen(path_of(name), "w");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(bytes, 1, len, f), len);
	ck_assert_int_eq(fclose(f), 0);
}

static void
put_text(const char *name, const char *text)
{
	put(name, text, strlen(text));
}

static char *
get(const char *name)
{
	size_t len = 0;
	char *text = NULL;
	FILE *f = fopen(path_of(name), "r"), *to = open_memstream(&text, &len);
	int c;

	ck_assert_ptr_nonnull(f);
	while ((c = getc(f)) != EOF)
		putc(c, to);
	fclose(f);
	fclose(to);
	return text;
}

/* Runs in the child: in the files' directory, so that messages are short. */
static void
become(const char *dir, char *const argv[])
{
	char program[PATH_MAX];

	if (realpath(test_build(), program) == NULL || chdir(dir) != 0)
		_exit(126);
	strncat(program, "/mashang-holidays",
	    sizeof(program) - strlen(program) - 1);
	dup2(open("in", O_RDONLY), STDIN_FILENO);
	dup2(open("out", O_WRONLY | O_CREAT | O_TRUNC, 0600), STDOUT_FILENO);
	dup2(open("err", O_WRONLY | O_CREAT | O_TRUNC, 0600), STDERR_FILENO);
	execv(program, argv);
	_exit(127);
}

/* With these words (blanks between) as arguments; the exit status. */
static int
run(const char *words)
{
	char line[512], *argv[ARGS_MAX + 2] = { line }, *rest = line;
	const char *dir;
	int n = 0, status;
	pid_t pid;

	snprintf(line, sizeof(line), "mashang-holidays %s", words);
	while (rest != NULL && n <= ARGS_MAX)
		argv[n++] = strsep(&rest, " ");
	argv[n] = NULL;
	dir = test_dir();
	pid = fork();
	ck_assert_int_ne(pid, -1);
	if (pid == 0)
		become(dir, argv);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	free(out);
	free(err);
	out = get("out");
	err = get("err");
	return WEXITSTATUS(status);
}

/* clang-format off */
static const struct feed {
	const char *name, *args, *feed;
	int status;
	const char *out; /* as CSV, without its header */
	const char *err; /* what must be in it; NULL: nothing is said */
} feeds[] = {
	{ "a day", "", FEED(DAY("20260101", "SUMMARY:New Year\r\n")),
	  OK, "2026-01-01,closed,,,New Year\n", NULL },
	{ "the end is not in it", "",
	  FEED(DAY("20260215", "DTEND;VALUE=DATE:20260218\r\nSUMMARY:x\r\n")),
	  OK, "2026-02-15,closed,,,x\n2026-02-16,closed,,,x\n"
	  "2026-02-17,closed,,,x\n", NULL },
	{ "an end like the start", "",
	  FEED(DAY("20260215", "DTEND;VALUE=DATE:20260215\r\n")),
	  OK, "2026-02-15,closed,,,\n", NULL },
	{ "a duration", "", FEED(DAY("20261231", "DURATION:P2D\r\n")),
	  OK, "2026-12-31,closed,,,\n2027-01-01,closed,,,\n", NULL },
	{ "make-up days", "",
	  FEED(DAY("20260214", "CATEGORIES:x,Workday\r\nSUMMARY:a\r\n")
	      DAY("20260228", "X-MASHANG-LIKE:fri\r\nSUMMARY:b\r\n")),
	  OK, "2026-02-14,like,mon,,a\n2026-02-28,like,fri,,b\n", NULL },
	{ "make-up days by a word", "--workday 上班",
	  FEED(DAY("20260214", "SUMMARY:上班(补春节)\r\n")),
	  OK, "2026-02-14,like,mon,,上班(补春节)\n", NULL },
	{ "a make-up day is not closed by oversight", "",
	  FEED(DAY("20260214", "SUMMARY:春节 补班\r\n")),
	  DATA, "", "a.ics:5:9: '春节 补班' sounds like a make-up day" },
	{ "no feast of another region", "--except bavaria --except reformation",
	  FEED(DAY("20260106", "SUMMARY:Kings\r\nCATEGORIES:Bavaria\r\n")
	      DAY("20261031", "SUMMARY:Reformation Day\r\n")
	      DAY("20261225", "SUMMARY:Christmas\r\n")),
	  OK, "2026-12-25,closed,,,Christmas\n", NULL },
	{ "only one region", "--only bavaria",
	  FEED(DAY("20260106", "SUMMARY:Kings\r\nCATEGORIES:Bavaria\r\n")
	      DAY("20261031", "SUMMARY:Reformation\r\n")),
	  OK, "2026-01-06,closed,,,Kings\n", NULL },
	{ "a word that met nothing is told", "--except Bawaria",
	  FEED(DAY("20261225", "SUMMARY:x\r\n")),
	  OK, "2026-12-25,closed,,,x\n", "--except: no day has 'Bawaria'" },
	{ "what is left out need not be right", "--except odd",
	  FEED(DAY("20261225", "SUMMARY:x\r\n")
	      DAY("20269999", "SUMMARY:odd\r\n")),
	  OK, "2026-12-25,closed,,,x\n", NULL },
	{ "nothing left", "--only y", FEED(DAY("20261225", "SUMMARY:x\r\n")),
	  DATA, "", "no day is left" },

	{ "folded, in the middle of a character", "",
	  FEED("BEGIN:VEVENT\r\nDTSTART;VALUE=DA\r\n TE:202\r\n\t60101\r\n"
	      "SUMMARY:\xe6\x98\r\n \xa5\xe8\x8a\x82\r\nEND:VEVENT\r\n"),
	  OK, "2026-01-01,closed,,,春节\n", NULL },
	{ "a fault in a folded line", "",
	  FEED(DAY("20260101", "RRULE:FREQ=YEARLY;CO\r\n UNT=3;FR\r\n OG=1\r\n")),
	  DATA, "", "a.ics:6:8: recurrence: no part" },
	{ "line feeds alone, and a mark before all", "",
	  "\xEF\xBB\xBF" "begin:vcalendar\nBegin:Vevent\ndtstart:20260101\n"
	  "BEGIN:VALARM\nSUMMARY:alarm\nEND:VALARM\nsummary:x\\, y\\nz\n"
	  "End:Vevent\nEND:VCALENDAR",
	  OK, "2026-01-01,closed,,,\"x, y z\"\n", NULL },
	{ "hostile text", "",
	  FEED(DAY("20260101", "SUMMARY:\x1b]0;x\a\xe2\x80\xae=\"1\\\\\r\n")),
	  OK, "2026-01-01,closed,,,\"\xEF\xBF\xBD]0;x\xEF\xBF\xBD=\"\"1\\\"\n",
	  NULL },
	{ "not UTF-8", "", FEED(DAY("20260101", "SUMMARY:\xff\r\n")),
	  DATA, "", "a.ics:5:1: this SUMMARY is not UTF-8" },

	{ "counted", "", FEED(DAY("20260131", "RRULE:FREQ=MONTHLY;COUNT=3\r\n")),
	  OK, "2026-01-31,closed,,,\n2026-03-31,closed,,,\n"
	  "2026-05-31,closed,,,\n", NULL },
	{ "until a time, in UTC", "",
	  FEED(DAY("20200102", "RRULE:FREQ=YEARLY;UNTIL=20220102T000000Z\r\n")),
	  OK, "2020-01-02,closed,,,\n2021-01-02,closed,,,\n"
	  "2022-01-02,closed,,,\n", NULL },
	{ "exceptions and additions", "",
	  FEED(DAY("20260101", "UID:u\r\nRRULE:FREQ=MONTHLY;COUNT=5\r\n"
	      "EXDATE;VALUE=DATE:20260201,20260501\r\n"
	      "RDATE;VALUE=DATE:20260717\r\nSUMMARY:x\r\n")
	      DAY("20260303", "UID:u\r\nRECURRENCE-ID;VALUE=DATE:20260301\r\n"
	      "SUMMARY:moved\r\n")
	      DAY("20260401", "UID:u\r\nRECURRENCE-ID;VALUE=DATE:20260401\r\n"
	      "STATUS:CANCELLED\r\n")),
	  OK, "2026-01-01,closed,,,x\n2026-03-03,closed,,,moved\n"
	  "2026-07-17,closed,,,x\n", NULL },
	{ "an exception that is no date", "",
	  FEED(DAY("20260101", "RRULE:FREQ=DAILY;COUNT=2\r\n"
	      "EXDATE:20260102,x\r\n")),
	  DATA, "", "a.ics:6:17: 'x' is no date" },
	{ "called off, and put off", "",
	  FEED(DAY("20260101", "UID:a\r\nSTATUS:CANCELLED\r\n")
	      DAY("20260102", "UID:b\r\nSEQUENCE:1\r\nSUMMARY:old\r\n")
	      DAY("20260103", "UID:b\r\nSEQUENCE:2\r\nSUMMARY:new\r\n")),
	  OK, "2026-01-03,closed,,,new\n", NULL },
	{ "29 February only in leap years", "--from 2026 --to 2032",
	  FEED(DAY("20200229", "RRULE:FREQ=YEARLY\r\n")),
	  OK, "2028-02-29,closed,,,\n2032-02-29,closed,,,\n", NULL },
	{ "clipped", "--from 2026 --to 2027",
	  FEED(DAY("19700101", "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH\r\n"
	      "SUMMARY:Thanks\r\n")
	      DAY("20251231", "DURATION:P2D\r\nSUMMARY:x\r\n")
	      DAY("20280101", "SUMMARY:later\r\n")),
	  OK, "2026-01-01,closed,,,x\n2026-11-26,closed,,,Thanks\n"
	  "2027-11-25,closed,,,Thanks\n", NULL },
	{ "for ever", "", FEED(DAY("20260101", "RRULE:FREQ=YEARLY\r\n")),
	  DATA, "", "a.ics:5:7: this recurs for ever; say for which years by "
	  "--from and --to" },
	{ "too long", "", FEED(DAY("20260101", "RRULE:FREQ=YEARLY;COUNT=12\r\n")),
	  DATA, "", "a.ics:4:1: this recurs for more than 10 years" },
	{ "too many", "", FEED(DAY("20260101", "RRULE:FREQ=DAILY;COUNT=3650\r\n")
	      DAY("20260101", "RRULE:FREQ=DAILY;COUNT=3650\r\n")
	      DAY("20260101", "RRULE:FREQ=DAILY;COUNT=3650\r\n")),
	  DATA, "", "a.ics:11:1: more than 10000 days" },
	{ "finer than a day", "",
	  FEED(DAY("20260101",
	      "RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30\r\n")),
	  DATA, "", "a.ics:5:12: recurrence: holidays recur daily" },
	{ "several times a day", "",
	  FEED(DAY("20260101", "RRULE:FREQ=DAILY;COUNT=2;BYHOUR=1,2\r\n")),
	  DATA, "", "a.ics:5:33: recurrence: several times a day" },
	{ "by the moon", "",
	  FEED(DAY("20260217", "RRULE:RSCALE=CHINESE;FREQ=YEARLY;COUNT=2\r\n")),
	  DATA, "", "a.ics:5:14: recurrence: only Gregorian" },
	{ "no rule", "", FEED(DAY("20260217", "RRULE:FREQ=YEARLY;BYDAY=99X;"
	      "COUNT=2\r\n")), DATA, "", "a.ics:5:7: recurrence: 'FREQ" },
	{ "an old kind of exception", "",
	  FEED(DAY("20260217", "EXRULE:FREQ=YEARLY\r\n")),
	  DATA, "", "a.ics:5:1: EXRULE" },
	{ "this and all that follow", "",
	  FEED(DAY("20260217", "UID:a\r\nRECURRENCE-ID;RANGE=THISANDFUTURE;"
	      "VALUE=DATE:20260217\r\n")),
	  DATA, "", "a.ics:6:1: RANGE" },

	{ "a whole day of a zone", "",
	  FEED(EVENT("DTSTART;TZID=Mars/Base:20260501T000000\r\n"
	      "DTEND;TZID=Mars/Base:20260501T235900\r\n")),
	  OK, "2026-05-01,closed,,,\n", NULL },
	{ "UTC on no clock", "",
	  FEED(EVENT("DTSTART:20260430T160000Z\r\nDURATION:P1D\r\n")),
	  DATA, "", "a.ics:4:9: this time is UTC" },
	{ "UTC on the calendar's clock", "--zone Asia/Shanghai",
	  FEED(EVENT("DTSTART:20260430T160000Z\r\nDURATION:PT24H\r\n")),
	  OK, "2026-05-01,closed,,,\n", NULL },
	{ "Windows' name of a zone", "--zone Asia/Shanghai",
	  FEED(EVENT("DTSTART;TZID=Tokyo Standard Time:20260501T010000\r\n"
	      "DURATION:P1D\r\n")), OK, "2026-05-01,closed,,,\n", NULL },
	{ "a path to a zone, and until its midnight", "--zone Asia/Shanghai",
	  FEED(EVENT("DTSTART;TZID=\"/a:b/Asia/Shanghai\":20260501T000000\r\n"
	      "DURATION:P1D\r\nRRULE:FREQ=DAILY;UNTIL=20260501T160000Z\r\n")),
	  OK, "2026-05-01,closed,,,\n2026-05-02,closed,,,\n", NULL },
	{ "a zone of the feed's own", "--zone Asia/Shanghai",
	  FEED("BEGIN:VTIMEZONE\r\nTZID:home\r\nX-LIC-LOCATION:Asia/Shanghai\r\n"
	      "END:VTIMEZONE\r\n" EVENT("DTSTART;TZID=home:20260501T000000\r\n"
	      "DURATION:P1D\r\n")), OK, "2026-05-01,closed,,,\n", NULL },
	{ "a zone that nobody knows", "--zone Asia/Shanghai",
	  FEED(EVENT("DTSTART;TZID=Mars/Base:20260501T000000\r\n")),
	  DATA, "", "a.ics:4:14: no zone is known as 'Mars/Base'" },
	{ "part of a day", "",
	  FEED(EVENT("DTSTART:20261224T140000\r\nDTEND:20261224T180000\r\n"
	      "SUMMARY:Eve\r\n")),
	  DATA, "", "a.ics:4:1: 'Eve' begins on 2026-12-24 at 14:00" },
	{ "work on a part of a day", "",
	  FEED(EVENT("DTSTART:20260214T090000\r\nDTEND:20260214T180000\r\n"
	      "CATEGORIES:WORKDAY\r\n")), OK, "2026-02-14,like,mon,,\n", NULL },

	{ "off and made up", "",
	  FEED(DAY("20260214", "SUMMARY:a\r\n")
	      DAY("20260214", "CATEGORIES:WORKDAY\r\n")),
	  DATA, "", "a.ics:8:1: 2026-02-14 is 'like mon' here, but 'closed' at "
	  "a.ics:4:1" },
	{ "the same twice", "",
	  FEED(DAY("20251006", "SUMMARY:国庆节\r\n")
	      DAY("20251006", "SUMMARY:中秋节\r\n")),
	  OK, "2025-10-06,closed,,,国庆节; 中秋节\n", NULL },

	{ "a date that is none", "", FEED(DAY("20260230", "")),
	  DATA, "", "a.ics:4:20: '20260230' is no date" },
	{ "no start", "", FEED(EVENT("SUMMARY:x\r\n")),
	  DATA, "", "a.ics:3:1: this event has no DTSTART" },
	{ "two starts", "", FEED(DAY("20260101", "DTSTART:20260102\r\n")),
	  DATA, "", "a.ics:5:1: a second DTSTART" },
	{ "an end before the start", "",
	  FEED(DAY("20260101", "DTEND:20251231\r\n")),
	  DATA, "", "a.ics:5:7: no length" },
	{ "a day of centuries", "", FEED(DAY("20260101", "DTEND:99991231\r\n")),
	  DATA, "", "a.ics:5:7: no length" },
	{ "a duration without end", "",
	  FEED(DAY("20260101", "DURATION:P99999999999999999999D\r\n")),
	  DATA, "", "a.ics:5:10: no length" },
	{ "no colon", "", FEED(DAY("20260101", "RRULE;FREQ=YEARLY\r\n")),
	  DATA, "", "a.ics:5:1: this RRULE has no value" },
	{ "no event", "", FEED(""), DATA, "", "a.ics:1:1: no event" },
	{ "an end of something else", "",
	  HEAD "BEGIN:VEVENT\r\nDTSTART:20260101\r\nEND:VTODO\r\n" FOOT,
	  DATA, "", "a.ics:5:1: END:VTODO" },
	{ "cut short", "", HEAD DAY("20260101", ""),
	  DATA, "", "a.ics:1:1: this VCALENDAR never ends" },
	{ "cut shorter", "", HEAD "BEGIN:VEVENT\r\nDTSTART:20260101\r\nSUMMA",
	  DATA, "", "a.ics:3:1: this VEVENT never ends" },
	{ "deep", "", "BEGIN:A\nBEGIN:A\nBEGIN:A\nBEGIN:A\nBEGIN:A\nBEGIN:A\n"
	  "BEGIN:A\nBEGIN:A\nBEGIN:A\n", DATA, "", "a.ics:9:1: components" },
	{ "a page in place of a feed", "", "<!DOCTYPE html>\n<html>\n",
	  DATA, "", "a.ics:1:1: no column is called '<!DOCTYPE html>'" },
};
/* clang-format on */

START_TEST(a_feed)
{
	const struct feed *f = &feeds[_i];
	char args[256];
	const char *header = "date,kind,like,hours,label\n";
	int status;

	put_text("a.ics", f->feed);
	snprintf(args, sizeof(args), "--format csv %s%sa.ics", f->args,
	    *f->args != '\0' ? " " : "");
	status = run(args);
	ck_assert_msg(status == f->status, "%s: %d: %s", f->name, status, err);
	ck_assert_msg(
	    strcmp(f->status == OK ? out + strlen(header) : out, f->out) == 0,
	    "%s: %s", f->name, out);
	ck_assert_msg(
	    f->err == NULL ? *err == '\0' : strstr(err, f->err) != NULL,
	    "%s: %s", f->name, err);
}
END_TEST

/* -------------------------------------------------------------------- limits */

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Rules that are taken, but for which libical searches the centuries. */
START_TEST(a_search_without_end_ends)
{
	FILE *f = fopen(path_of("a.ics"), "w");
	double began = now();

	fputs(HEAD, f);
	for (unsigned i = 0; i < 400; i++)
		fprintf(f,
		    DAY("20260101", "RRULE:FREQ=DAILY;BYMONTH=2;"
				    "BYMONTHDAY=30;COUNT=2\r\n"
				    "SUMMARY:never%u\r\n"),
		    i);
	fputs(FOOT, f);
	fclose(f);
	ck_assert_int_eq(run("a.ics"), DATA);
	ck_assert_msg(now() - began < 25, "it took %g s", now() - began);
	ck_assert_str_eq(out, "");
	ck_assert_msg(strncmp(err, "a.ics:", 6) == 0 &&
			  strstr(err, "more than 2 s of computing") != NULL,
	    "%s", err);
}
END_TEST

START_TEST(a_file_too_large)
{
	size_t len = 5000000, n = strlen(HEAD "X-A:");
	char *text = malloc(len);

	snprintf(text, len, "%s", HEAD "X-A:");
	memset(text + n, 'a', len - n);
	put("a.ics", text, len);
	ck_assert_int_eq(run("a.ics"), DATA);
	ck_assert_ptr_nonnull(strstr(err, "a.ics:1:1: more than 4 MiB"));
	put("a.ics", text, 4u << 20); /* the most there may be is looked at */
	ck_assert_int_eq(run("a.ics"), DATA);
	ck_assert_ptr_nonnull(strstr(err, "never ends"));
	free(text);
}
END_TEST

START_TEST(a_byte_that_ends_texts)
{
	put("a.ics", HEAD "\0", sizeof(HEAD));
	ck_assert_int_eq(run("a.ics"), DATA);
	ck_assert_ptr_nonnull(strstr(err, "a.ics:3:1: a NUL byte"));
}
END_TEST

/* ------------------------------------------------------------------- command */

START_TEST(files_together)
{
	static const char feed[] =
	    FEED(DAY("20261225", "SUMMARY:Christmas\r\n"));
	static const char table[] =
	    "date,kind,hours\n2026-12-24,open,09:00-12:00\n";

	put_text("a.ics", feed);
	put_text("b.csv", table);
	ck_assert_int_eq(run("--name de --zone Europe/Berlin a.ics b.csv"), OK);
	ck_assert_str_eq(out,
	    "# 1 closed, 1 open, 0 like a weekday; 0 left out\n"
	    "calendars:\n"
	    "  - name: de\n"
	    "    zone: Europe/Berlin\n"
	    "    overrides:\n"
	    "      - {date: 2026-12-24, open: [\"09:00-12:00\"]}\n"
	    "      - {date: 2026-12-25, closed: yes, label: \"Christmas\"}\n");
	put_text("b.csv", "date,kind\n2026-12-25,closed\n12-26,closed\n");
	put_text("in", "date,kind,like\n2026-12-25,like,fri\n");
	ck_assert_int_eq(run("a.ics b.csv -"), DATA);
	ck_assert_ptr_nonnull(strstr(err,
	    "(input):2:1: 2026-12-25 is 'like fri' here, but 'closed' at "
	    "a.ics:4:1"));
}
END_TEST

START_TEST(what_it_prints_it_reads)
{
	char *first;

	ck_assert_int_eq(run("--help"), OK);
	put("in", strstr(out, "date,kind"),
	    (size_t)(strstr(out, "Exit:") - strstr(out, "date,kind") - 1));
	ck_assert_int_eq(run("--format csv -"), OK); /* the help's example */
	ck_assert_str_eq(out,
	    "date,kind,like,hours,label\n"
	    "2026-02-14,like,mon,,春节 make-up day\n"
	    "2026-02-15,closed,,,春节\n"
	    "12-24,open,,09:00-12:00 13:00-15:00,Christmas Eve\n");
	put_text("in",
	    "date,kind,like,hours,label\n2026-02-14,like,mon,,\"a,b\"\n"
	    "12-24,open,,09:00-12:00 22:00-26:00,c\n");
	ck_assert_int_eq(run("--format csv -"), OK);
	first = strdup(out);
	put_text("in", first);
	ck_assert_int_eq(run("--format csv -"), OK);
	ck_assert_str_eq(out, first);
	free(first);
}
END_TEST

/* clang-format off */
static const struct {
	const char *args;
	int status;
	const char *err;
} commands[] = {
	{ "--version", OK, "" },
	{ "", FAILED, "No such file" },
	{ "none.ics", FAILED, "none.ics: No such file" },
	{ "--from 2026 a", USAGE, "--from and --to both" },
	{ "--from 2027 --to 2026 a", USAGE, "in order" },
	{ "--from 2026 --to 2036 a", USAGE, "at most 10 years" },
	{ "--from 26 --to 2036 a", USAGE, "a year from 1970" },
	{ "--zone Mars/Base a", USAGE, "a time zone of this system" },
	{ "--zone ../../etc/passwd a", USAGE, "a time zone of this system" },
	{ "--format ics a", USAGE, "yaml or csv" },
	{ "--frobnicate", USAGE, "usage:" },
	{ "1 2 3 4 5 6 7 8 9", USAGE, "more than 8 files" },
};
/* clang-format on */

START_TEST(a_command)
{
	ck_assert_int_eq(run(commands[_i].args), commands[_i].status);
	ck_assert_msg(strstr(err, commands[_i].err) != NULL, "%s", err);
}
END_TEST

Suite *
holidays_suite(void)
{
	TCase *tc = tcase_create("holidays");

	tcase_set_timeout(tc, 40);
	tcase_add_loop_test(tc, a_feed, 0, NELEM(feeds));
	tcase_add_test(tc, a_search_without_end_ends);
	tcase_add_test(tc, a_file_too_large);
	tcase_add_test(tc, a_byte_that_ends_texts);
	tcase_add_test(tc, files_together);
	tcase_add_test(tc, what_it_prints_it_reads);
	tcase_add_loop_test(tc, a_command, 0, NELEM(commands));
	return suite_of(tc, "holidays");
}
