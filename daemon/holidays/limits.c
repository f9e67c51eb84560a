/*
 * limits.c - see limits.h.
 */
#include "holidays/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* The address sanitizer maps terabytes that it never uses. */
#if defined(__SANITIZE_ADDRESS__)
#define CAN_LIMIT_MEMORY 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CAN_LIMIT_MEMORY 0
#endif
#endif
#ifndef CAN_LIMIT_MEMORY
#define CAN_LIMIT_MEMORY 1
#endif

static bool
limit(int what, rlim_t soft, rlim_t hard)
{
	struct rlimit r = { soft, hard };

	return setrlimit(what, &r) == 0;
}

static bool
confine(void)
{
	alarm(LIMITS_WALL_S); /* its signal ends the process */
	return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 &&
	       prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       limit(RLIMIT_CORE, 0, 0) && limit(RLIMIT_FSIZE, 0, 0) &&
	       limit(RLIMIT_CPU, LIMITS_CPU_S, LIMITS_CPU_S + 1) &&
	       (!CAN_LIMIT_MEMORY ||
		   limit(RLIMIT_AS, LIMITS_MEMORY, LIMITS_MEMORY));
}

/* The child. */
static _Noreturn void
work_in(
    const int fd[2], limits_work_fn *work, void *arg, struct limits_note *note)
{
	FILE *out = fdopen(fd[0], "w");
	int status = EXIT_FAILURE;

	if (out == NULL || dup2(fd[1], STDERR_FILENO) == -1 || !confine())
		perror("mashang-holidays: limits");
	else
		status = work(arg, note, out);
	if (out != NULL && fclose(out) != 0)
		status = EXIT_FAILURE;
	_exit(status);
}

/* ERR_NOT_FOUND: it says no more. */
static enum err
take(int fd, struct limits_text *t)
{
	ssize_t n;

	if (t->len == t->room) {
		size_t room = t->room == 0 ? 1 << 16 : 2 * t->room;
		char *p;

		if (room > LIMITS_OUTPUT ||
		    (p = realloc(t->text, room)) == NULL)
			return ERR_NOMEM;
		t->text = p;
		t->room = room;
	}
	n = read(fd, t->text + t->len, t->room - t->len);
	if (n == 0)
		return ERR_NOT_FOUND;
	if (n < 0 && errno != EINTR)
		return ERR_IO;
	t->len += n > 0 ? (size_t)n : 0;
	return ERR_OK;
}

/* Until both have been closed. */
static enum err
listen_to(const int fd[2], struct limits_end *end)
{
	struct pollfd p[2] = { { fd[0], POLLIN, 0 }, { fd[1], POLLIN, 0 } };
	struct limits_text *texts[2] = { &end->out, &end->said };

	while (p[0].fd != -1 || p[1].fd != -1) {
		if (poll(p, 2, -1) == -1 && errno != EINTR)
			return ERR_IO;
		for (int i = 0; i < 2; i++) {
			enum err e = ERR_OK;

			if (p[i].fd != -1 && p[i].revents != 0)
				e = take(p[i].fd, texts[i]);
			if (e == ERR_NOT_FOUND)
				p[i].fd = -1;
			else if (e != ERR_OK)
				return e;
		}
	}
	return ERR_OK;
}

static enum err
wait_for(pid_t pid, struct limits_end *end)
{
	int status;

	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return ERR_IO;
	if (WIFSIGNALED(status))
		end->signal = WTERMSIG(status);
	else
		end->status = WEXITSTATUS(status);
	return ERR_OK;
}

static void
close_both(const int fd[2])
{
	close(fd[0]);
	close(fd[1]);
}

static enum err
run_child(limits_work_fn *work, void *arg, struct limits_end *end,
    const int ours[2], const int childs[2])
{
	pid_t pid = fork();
	enum err e, f;

	if (pid == 0) {
		close_both(ours);
		work_in(childs, work, arg, end->note);
	}
	close_both(childs);
	e = pid == -1 ? ERR_IO : listen_to(ours, end);
	close_both(ours); /* a child that still writes ends by it */
	f = pid == -1 ? ERR_IO : wait_for(pid, end);
	return e != ERR_OK ? e : f;
}

enum err
limits_run(limits_work_fn *work, void *arg, struct limits_end *end)
{
	int out[2], said[2];

	*end = (struct limits_end){ 0 };
	end->note = mmap(NULL, sizeof(*end->note), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (end->note == MAP_FAILED) {
		end->note = NULL;
		return ERR_NOMEM;
	}
	if (pipe2(out, O_CLOEXEC) != 0)
		return ERR_IO;
	if (pipe2(said, O_CLOEXEC) != 0) {
		close_both(out);
		return ERR_IO;
	}
	return run_child(work, arg, end, (const int[]){ out[0], said[0] },
	    (const int[]){ out[1], said[1] });
}

void
limits_end_fini(struct limits_end *end)
{
	free(end->out.text);
	free(end->said.text);
	if (end->note != NULL)
		munmap(end->note, sizeof(*end->note));
	*end = (struct limits_end){ 0 };
}
