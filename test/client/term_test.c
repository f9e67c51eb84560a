/*
 * term_test.c - lines in, text out, over pipes and a pseudo-terminal.
 */
#include "test/support/support.h"

#include <event2/event.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/term.h"
#include "client/typed.h"

static struct event_base *base;
static struct term *term;
static int to_term, from_term, in, out; /* ours, ours, its, its */
static char lines[8][TYPED_TEXT_MAX + 600];
static bool befores[8];
static unsigned n_lines, n_ends, n_written;

static void
line_cb(void *arg, char *line, bool before)
{
	(void)arg;
	ck_assert_uint_lt(n_lines, NELEM(lines));
	snprintf(lines[n_lines], sizeof(lines[0]), "%s", line);
	befores[n_lines++] = before;
}

static void
end_cb(void *arg)
{
	(void)arg;
	n_ends++;
}

static void
written_cb(void *arg)
{
	(void)arg;
	n_written++;
}

static void
begin(void)
{
	struct term_events e = { line_cb, end_cb, NULL };

	base = event_base_new();
	term = term_new(base, in, out, &e);
	term_listen(term, true);
	n_lines = n_ends = n_written = 0;
}

static void
setup(void)
{
	int a[2], b[2];

	ck_assert_int_eq(pipe(a), 0);
	ck_assert_int_eq(pipe(b), 0);
	in = a[0];
	to_term = a[1];
	from_term = b[0];
	out = b[1];
	begin();
}

static void
setup_pty(void)
{
	ck_assert_int_eq(openpty(&to_term, &in, NULL, NULL, NULL), 0);
	out = dup(in);
	from_term = dup(to_term);
	begin();
}

static void
teardown(void)
{
	term_free(&term);
	ck_assert_ptr_null(term);
	event_base_free(base);
	close(in);
	close(out);
	close(from_term);
	if (to_term != -1)
		close(to_term);
}

/* As far as it goes without waiting. */
static void
run(void)
{
	for (int i = 0; i < 64; i++)
		event_base_loop(base, EVLOOP_NONBLOCK);
}

static void
type(const char *s)
{
	size_t n = strlen(s);

	ck_assert_int_eq(write(to_term, s, n), (ssize_t)n);
}

static void
print(char c, size_t n)
{
	FILE *f = term_open(term);

	while (n-- > 0)
		fputc(c, f);
	term_close(term);
}

START_TEST(lines_come_whole)
{
	type("rea");
	run();
	ck_assert_uint_eq(n_lines, 0);
	type("dy\naccept\nno");
	run();
	ck_assert_uint_eq(n_lines, 2);
	ck_assert_str_eq(lines[0], "ready");
	ck_assert_str_eq(lines[1], "accept");
	close(to_term);
	to_term = -1;
	run();
	ck_assert_uint_eq(n_lines, 3); /* the end ends a line, too */
	ck_assert_str_eq(lines[2], "no");
	ck_assert_uint_eq(n_ends, 1);
}
END_TEST

START_TEST(typing_ahead_is_marked)
{
	char unfinished[64];

	type("accept\nacc");
	term_set_aside(term, unfinished, sizeof(unfinished));
	ck_assert_str_eq(unfinished, "");
	ck_assert_uint_eq(n_lines, 1); /* taken from the pipe at once */
	ck_assert(befores[0]);
	type("ept\naccept\n");
	run();
	ck_assert_uint_eq(n_lines, 3);
	ck_assert_str_eq(lines[1], "accept");
	ck_assert(befores[1]); /* begun before */
	ck_assert(!befores[2]);
}
END_TEST

START_TEST(an_unfinished_line_is_taken_off_a_terminal)
{
	char unfinished[64];

	type("ready\nacc");
	term_set_aside(term, unfinished, sizeof(unfinished));
	ck_assert_uint_eq(n_lines, 1);
	ck_assert(befores[0]);
	ck_assert_str_eq(unfinished, "acc");
	type("accept\n");
	run();
	ck_assert_uint_eq(n_lines, 2);
	ck_assert_str_eq(lines[1], "accept");
	ck_assert(!befores[1]);
}
END_TEST

START_TEST(written_means_taken)
{
	char sink[4096] = { 0 };
	int flags = fcntl(out, F_GETFL);

	fcntl(out, F_SETPIPE_SZ, 4096);
	fcntl(out, F_SETFL, flags | O_NONBLOCK);
	while (write(out, sink, 1) == 1)
		continue;
	fcntl(out, F_SETFL, flags);
	print('x', 10);
	term_when_written(term, written_cb, NULL);
	run();
	ck_assert_uint_eq(n_written, 0); /* nobody reads: nothing is shown */
	ck_assert_int_gt(read(from_term, sink, sizeof(sink)), 0);
	run();
	ck_assert_uint_eq(n_written, 1);
}
END_TEST

/* Told at once, however much stands behind it. */
START_TEST(what_follows_does_not_count)
{
	print('a', 600);
	term_when_written(term, written_cb, NULL);
	print('b', 500000); /* more than a pipe holds */
	run();
	ck_assert_uint_eq(n_written, 1);
}
END_TEST

START_TEST(a_reader_that_never_reads_ends_it)
{
	fcntl(out, F_SETPIPE_SZ, 4096);
	for (int i = 0; i < 30 && n_ends == 0; i++)
		print('x', 100000);
	ck_assert_uint_eq(n_ends, 1);
}
END_TEST

START_TEST(a_line_has_a_limit)
{
	char *big = malloc(40001);

	memset(big, 'x', 40000);
	big[40000] = '\0';
	type(big);
	run();
	type("\nready\n");
	run();
	ck_assert_uint_eq(n_lines, 2);
	ck_assert_uint_gt(strlen(lines[0]), TYPED_TEXT_MAX); /* it is seen */
	ck_assert_str_eq(lines[1], "ready");
	free(big);
}
END_TEST

Suite *
term_suite(void)
{
	TCase *pipes = tcase_create("pipes"), *tty = tcase_create("tty");
	Suite *s = suite_of(pipes, "term");

	tcase_add_checked_fixture(pipes, setup, teardown);
	tcase_add_test(pipes, lines_come_whole);
	tcase_add_test(pipes, typing_ahead_is_marked);
	tcase_add_test(pipes, written_means_taken);
	tcase_add_test(pipes, what_follows_does_not_count);
	tcase_add_test(pipes, a_reader_that_never_reads_ends_it);
	tcase_add_test(pipes, a_line_has_a_limit);
	tcase_add_checked_fixture(tty, setup_pty, teardown);
	tcase_add_test(tty, an_unfinished_line_is_taken_off_a_terminal);
	suite_add_tcase(s, tty);
	return s;
}
