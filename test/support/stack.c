/*
 * stack.c - see stack.h.
 */
#include "test/support/stack.h"

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
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include "base/clock.h"
#include "test/support/pg_server.h"
#include "test/support/support.h"

#define LOG_WAIT_S 30

static void write_file(const char *path, mode_t mode, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

static void
write_file(const char *path, mode_t mode, const char *fmt, ...)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
	va_list ap;

	ck_assert_msg(fd != -1, "%s: %s", path, strerror(errno));
	va_start(ap, fmt);
	vdprintf(fd, fmt, ap);
	va_end(ap);
	close(fd);
}

static void
open_notify(struct stack *s)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	ck_assert_int_lt(
	    snprintf(sun.sun_path, sizeof(sun.sun_path), "%s/ready", s->dir),
	    sizeof(sun.sun_path));
	unlink(sun.sun_path); /* of an earlier stack of this test */
	s->notify = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ck_assert_int_ne(s->notify, -1);
	ck_assert_int_eq(
	    bind(s->notify, (struct sockaddr *)&sun, sizeof(sun)), 0);
}

static void
configure(struct stack *s, const char *lines)
{
	char key[PATH_MAX];

	snprintf(s->socket, sizeof(s->socket), "unix:%s/m.sock", s->dir);
	snprintf(s->config, sizeof(s->config), "%s/mashangd.yaml", s->dir);
	snprintf(s->log, sizeof(s->log), "%s/mashangd.log", s->dir);
	snprintf(key, sizeof(key), "%s/token.key", s->dir);
	open_notify(s);
	write_file(key, 0600, "a key for tests, of enough bytes, known to all");
	write_file(s->config, 0600,
	    "node: %s\n"
	    "listen: [\"%s\"]\n"
	    "postgres: \"%s\"\n"
	    "redis: \"%s\"\n"
	    "token_key_file: %s\n"
	    "clock: %s\n%s",
	    s->node, s->socket, pg_server_conninfo("daemon"), s->redis.address,
	    key, s->driven ? "driven" : "system", lines);
}

void
stack_up(struct stack *s, bool driven)
{
	stack_up_with(s, driven, "");
}

void
stack_up_with(struct stack *s, bool driven, const char *lines)
{
	memset(s, 0, sizeof(*s));
	s->driven = driven;
	s->node = "test";
	snprintf(s->dir, sizeof(s->dir), "%s", test_dir());
	pg_server_fresh();
	redis_server_start(&s->redis, s->dir);
	configure(s, lines);
	stack_daemon_start(s, getenv("MASHANG_FAILPOINT"));
}

void
stack_beside(struct stack *s, const struct stack *with, const char *node)
{
	memset(s, 0, sizeof(*s));
	s->driven = with->driven;
	s->node = node;
	s->redis = with->redis;
	s->redis.pid = 0; /* not ours to end */
	ck_assert_int_lt(snprintf(s->dir, sizeof(s->dir), "%.*s/%s",
			     (int)(sizeof(s->dir) / 2), with->dir, node),
	    sizeof(s->dir));
	ck_assert_msg(mkdir(s->dir, 0700) == 0 || errno == EEXIST, "%s: %s",
	    s->dir, strerror(errno));
	configure(s, "");
	stack_daemon_start(s, NULL);
}

void
stack_environment(const struct stack *s)
{
	char notify[PATH_MAX], locale[PATH_MAX];

	snprintf(notify, sizeof(notify), "%s/ready", s->dir);
	snprintf(locale, sizeof(locale), "%s/locale", test_build());
	setenv("NOTIFY_SOCKET", notify, 1);
	setenv("MASHANG_SOCKET", s->socket, 1);
	setenv("MASHANG_PG", pg_server_conninfo("postgres"), 1);
	setenv("MASHANG_REDIS", s->redis.address, 1);
	setenv("XDG_STATE_HOME", s->dir, 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	setenv("MASHANG_LOCALEDIR", locale, 1);
}

/* Runs in the child. */
static void
redirect(const char *path, int how)
{
	int fd = open(path, O_WRONLY | O_CREAT | how, 0600);

	dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static bool
is_ready(struct stack *s)
{
	char buf[512];
	ssize_t n = recv(s->notify, buf, sizeof(buf) - 1, MSG_DONTWAIT);

	if (n <= 0)
		return false;
	buf[n] = '\0';
	return strstr(buf, "READY=1") != NULL;
}

void
stack_daemon_start(struct stack *s, const char *failpoint)
{
	struct pollfd p[2] = { { .fd = s->notify, .events = POLLIN } };
	char program[PATH_MAX];

	snprintf(program, sizeof(program), "%s/mashangd", test_build());
	s->daemon = fork();
	ck_assert_int_ne(s->daemon, -1);
	if (s->daemon == 0) {
		stack_environment(s);
		redirect(s->log, O_APPEND);
		if (failpoint != NULL)
			setenv("MASHANG_FAILPOINT", failpoint, 1);
		else
			unsetenv("MASHANG_FAILPOINT");
		execl(program, program, "-c", s->config, (char *)NULL);
		perror(program);
		_exit(127);
	}
	p[1] = (struct pollfd){
		.fd = (int)syscall(SYS_pidfd_open, s->daemon, 0),
		.events = POLLIN,
	};
	do {
		ck_assert_msg(poll(p, 2, 20000) > 0, "mashangd is not ready");
	} while (!is_ready(s) && p[1].revents == 0);
	close(p[1].fd);
}

void
stack_daemon_kill(struct stack *s)
{
	if (s->daemon > 0) {
		kill(s->daemon, SIGKILL);
		waitpid(s->daemon, NULL, 0);
	}
	s->daemon = 0;
}

int
stack_daemon_wait(struct stack *s, int seconds)
{
	struct pollfd p = {
		.fd = (int)syscall(SYS_pidfd_open, s->daemon, 0),
		.events = POLLIN,
	};
	int status = -1;

	if (poll(&p, 1, seconds * 1000) > 0) {
		waitpid(s->daemon, &status, 0);
		s->daemon = 0;
	}
	close(p.fd);
	return status;
}

void
stack_daemon_stopped(struct stack *s, int seconds)
{
	struct timespec ts = { seconds, 0 };
	sigset_t chld;
	int status = 0;

	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &chld, NULL);
	while (waitpid(s->daemon, &status, WUNTRACED | WNOHANG) == 0)
		ck_assert_msg(sigtimedwait(&chld, NULL, &ts) != -1,
		    "mashangd did not come to its fail point");
	sigprocmask(SIG_UNBLOCK, &chld, NULL);
	ck_assert_msg(WIFSTOPPED(status), "mashangd has ended: %d\n%s", status,
	    stack_file(s, "mashangd.log"));
}

void
stack_daemon_go_on(struct stack *s)
{
	kill(s->daemon, SIGCONT);
}

void
stack_down(struct stack *s)
{
	int status = 0;

	if (s->daemon > 0) {
		kill(s->daemon, SIGTERM);
		status = stack_daemon_wait(s, 15);
		if (status == -1)
			stack_daemon_kill(s);
	}
	redis_server_kill(&s->redis);
	close(s->notify);
	ck_assert_msg(status == 0, "mashangd ended with %d:\n%s", status,
	    stack_file(s, "mashangd.log"));
}

pid_t
stack_spawn(struct stack *s, const char *const argv[], const char *out)
{
	char program[PATH_MAX], path[PATH_MAX];
	pid_t pid;

	snprintf(program, sizeof(program), "%s/%s", test_build(), argv[0]);
	snprintf(path, sizeof(path), "%s/%s", s->dir, out);
	pid = fork();
	ck_assert_int_ne(pid, -1);
	if (pid == 0) {
		stack_environment(s);
		unsetenv("NOTIFY_SOCKET");
		unsetenv("MASHANG_FAILPOINT");
		redirect(path, O_TRUNC);
		execv(program, (char *const *)(uintptr_t)argv);
		perror(program);
		_exit(127);
	}
	return pid;
}

int
stack_wait(pid_t pid, int seconds)
{
	struct pollfd p = {
		.fd = (int)syscall(SYS_pidfd_open, pid, 0),
		.events = POLLIN,
	};
	int status;

	if (poll(&p, 1, seconds * 1000) <= 0) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		ck_abort_msg("a program took over %d s", seconds);
	}
	close(p.fd);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int
stack_run(
    struct stack *s, const char *const argv[], const char *out, int seconds)
{
	return stack_wait(stack_spawn(s, argv, out), seconds);
}

const char *
stack_path(const struct stack *s, const char *name)
{
	static char ring[4][PATH_MAX];
	static unsigned at;
	char *out = ring[at++ % 4];

	snprintf(out, PATH_MAX, "%s/%s", s->dir, name);
	return out;
}

void
stack_write(const struct stack *s, const char *name, const char *text)
{
	write_file(stack_path(s, name), 0600, "%s", text);
}

char *
stack_file(const struct stack *s, const char *name)
{
	static char *ring[8];
	static unsigned at;
	char path[PATH_MAX], **text = &ring[at++ % NELEM(ring)];
	struct stat st = { 0 };
	ssize_t n = 0;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", s->dir, name);
	fd = open(path, O_RDONLY);
	if (fd != -1)
		ck_assert_int_eq(fstat(fd, &st), 0);
	free(*text);
	*text = calloc(1, (size_t)st.st_size + 1);
	ck_assert_ptr_nonnull(*text);
	if (fd != -1) {
		n = read(fd, *text, (size_t)st.st_size);
		close(fd);
	}
	ck_assert_int_ne(n, -1);
	return *text;
}

long long
stack_shown(struct stack *s, const char *what, const char *key,
    const char *name, const char *column)
{
	const char *argv[] = { "mashang", "admin", "show", what, "--json",
		NULL };
	long long value = -1;
	char *text, *line, *save;

	ck_assert_int_eq(stack_run(s, argv, what, 20), 0);
	text = stack_file(s, what);
	for (line = strtok_r(text, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save)) {
		json_t *row = json_loads(line, 0, NULL);
		const char *is = json_string_value(json_object_get(row, key));

		if (is != NULL && strcmp(is, name) == 0)
			value =
			    json_integer_value(json_object_get(row, column));
		json_decref(row);
	}
	return value;
}

void
stack_until_logged(const struct stack *s, const char *words, unsigned times)
{
	static const struct timespec beat = { 0, 20000000 };
	int64_t end = clock_loop() + LOG_WAIT_S * CLOCK_S;

	for (;;) {
		const char *at = stack_file(s, "mashangd.log");
		unsigned n = 0;

		while ((at = strstr(at, words)) != NULL) {
			at += strlen(words);
			n++;
		}
		if (n >= times)
			return;
		ck_assert_msg(clock_loop() < end, "no '%s' in\n%s", words,
		    stack_file(s, "mashangd.log"));
		nanosleep(&beat, NULL);
	}
}
