/*
 * program.c - see program.h.
 */
#include "test/support/program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test/support/support.h"

#define WAIT_MS 10000
#define WORDS_MAX 24

/* Runs in the child. */
static void
become(const struct stack *s, const char *const argv[], int in, int out)
{
	char program[PATH_MAX];

	if (s != NULL)
		stack_environment(s);
	unsetenv("NOTIFY_SOCKET");
	unsetenv("MASHANG_FAILPOINT");
	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	snprintf(program, sizeof(program), "%s/%s", test_build(), argv[0]);
	execv(program, (char *const *)(uintptr_t)argv);
	perror(program);
	_exit(127);
}

void
program_start(
    struct program *p, const struct stack *s, const char *const argv[])
{
	int in[2], out[2];

	memset(p, 0, sizeof(*p));
	ck_assert_int_eq(pipe2(in, O_CLOEXEC), 0);
	ck_assert_int_eq(pipe2(out, O_CLOEXEC), 0);
	p->pid = fork();
	ck_assert_int_ne(p->pid, -1);
	if (p->pid == 0)
		become(s, argv, in[0], out[1]);
	close(in[0]);
	close(out[1]);
	p->in = in[1];
	p->out = out[0];
	p->room = 4096;
	p->said = calloc(1, p->room);
	ck_assert_ptr_nonnull(p->said);
}

void
program_type(struct program *p, const char *line)
{
	ck_assert_int_eq(write(p->in, line, strlen(line)), strlen(line));
}

/* False: it says no more. */
static bool
listen_to(struct program *p, const char *wanted)
{
	struct pollfd f = { .fd = p->out, .events = POLLIN };
	ssize_t n;

	ck_assert_msg(poll(&f, 1, WAIT_MS) > 0,
	    "waiting for \"%s\"; it said:\n%s", wanted, p->said);
	if (p->len + 1 == p->room) {
		p->said = realloc(p->said, p->room *= 2);
		ck_assert_ptr_nonnull(p->said);
	}
	n = read(p->out, p->said + p->len, p->room - p->len - 1);
	if (n > 0)
		p->len += (size_t)n;
	p->said[p->len] = '\0';
	return n > 0;
}

const char *
program_expect(struct program *p, const char *words)
{
	const char *found;

	while ((found = strstr(p->said + p->at, words)) == NULL)
		ck_assert_msg(listen_to(p, words),
		    "ended before \"%s\"; it said:\n%s", words, p->said);
	p->at = (size_t)(found - p->said) + strlen(words);
	return p->said + p->at;
}

int
program_end(struct program *p)
{
	if (p->in != -1)
		close(p->in);
	p->in = -1;
	while (listen_to(p, "its end"))
		;
	return stack_wait(p->pid, WAIT_MS / 1000);
}

void
program_free(struct program *p)
{
	if (p->in != -1)
		close(p->in);
	close(p->out);
	free(p->said);
	p->said = NULL;
}

const char *
mashang(const struct stack *s, int status, ...)
{
	static char *ring[8];
	static unsigned at;
	const char *argv[WORDS_MAX + 1] = { "mashang" };
	struct program p;
	unsigned n = 1;
	va_list ap;
	int got;

	va_start(ap, status);
	while (n < WORDS_MAX && (argv[n] = va_arg(ap, const char *)) != NULL)
		n++;
	va_end(ap);
	argv[n] = NULL;
	program_start(&p, s, argv);
	got = program_end(&p);
	ck_assert_msg(got == status,
	    "mashang %s %s ... ended with %d, not %d:"
	    "\n%s",
	    argv[1], argv[2] != NULL ? argv[2] : "", got, status, p.said);
	at = (at + 1) % 8;
	free(ring[at]);
	ring[at] = p.said;
	close(p.out);
	return ring[at];
}
