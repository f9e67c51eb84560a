/*
 * limits.c - see limits.h.
 */
#include "holidays/limits.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <signal.h>
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
work_in(int fd, limits_work_fn *work, void *arg, struct limits_note *note)
{
	FILE *out = fdopen(fd, "w");
	int status = EXIT_FAILURE;

	if (out == NULL || !confine())
		perror("mashang-holidays: limits");
	else
		status = work(arg, note, out);
	if (out != NULL && fclose(out) != 0)
		status = EXIT_FAILURE;
	fflush(stderr);
	_exit(status);
}

static enum err
listen_to(int fd, struct limits_end *end)
{
	size_t room = 0;
	ssize_t n;

	for (;;) {
		if (end->len == room) {
			char *p;

			room = room == 0 ? 1 << 16 : 2 * room;
			if (room > LIMITS_OUTPUT ||
			    (p = realloc(end->text, room)) == NULL)
				return ERR_NOMEM;
			end->text = p;
		}
		n = read(fd, end->text + end->len, room - end->len);
		if (n == 0)
			return ERR_OK;
		if (n < 0 && errno != EINTR)
			return ERR_IO;
		end->len += n > 0 ? (size_t)n : 0;
	}
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

enum err
limits_run(limits_work_fn *work, void *arg, struct limits_end *end)
{
	int fd[2];
	pid_t pid;
	enum err e, f;

	*end = (struct limits_end){ 0 };
	end->note = mmap(NULL, sizeof(*end->note), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (end->note == MAP_FAILED) {
		end->note = NULL;
		return ERR_NOMEM;
	}
	if (pipe(fd) != 0)
		return ERR_IO;
	if ((pid = fork()) == 0) {
		close(fd[0]);
		work_in(fd[1], work, arg, end->note);
	}
	close(fd[1]);
	e = pid == -1 ? ERR_IO : listen_to(fd[0], end);
	close(fd[0]); /* a child that still writes ends by it */
	f = pid == -1 ? ERR_IO : wait_for(pid, end);
	return e != ERR_OK ? e : f;
}

void
limits_end_fini(struct limits_end *end)
{
	free(end->text);
	if (end->note != NULL)
		munmap(end->note, sizeof(*end->note));
	*end = (struct limits_end){ 0 };
}
