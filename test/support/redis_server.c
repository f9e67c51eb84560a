/*
 * redis_server.c - fork, exec, and the word of readiness that systemd's
 * services give.
 */
#include "test/support/redis_server.h"

#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <hiredis/hiredis.h>

#include "test/support/support.h"

#define PATIENCE_MS 20000

static int
open_notify(const struct redis_server *s, struct sockaddr_un *un)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	un->sun_family = AF_UNIX;
	ck_assert_int_lt(
	    snprintf(un->sun_path, sizeof(un->sun_path), "%s/notify", s->dir),
	    (int)sizeof(un->sun_path));
	(void)unlink(un->sun_path);
	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)un, sizeof(*un)), 0);
	return fd;
}

static void
become_server(const struct redis_server *s, const char *notify)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setenv("NOTIFY_SOCKET", notify, 1);
	execlp("redis-server", "redis-server", "--port", "0", "--unixsocket",
	    s->address + strlen("unix:"), "--dir", s->dir, "--save", "",
	    "--appendonly", "no", "--logfile", "redis.log", "--supervised",
	    "systemd", "--enable-debug-command", "local", (char *)NULL);
	_exit(127);
}

static void
wait_ready(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char text[256];
	ssize_t n;

	do {
		ck_assert_msg(poll(&p, 1, PATIENCE_MS) == 1,
		    "redis-server does not start");
		n = recv(fd, text, sizeof(text) - 1, 0);
		ck_assert_int_ge(n, 0);
		text[n] = '\0';
	} while (strstr(text, "READY=1") == NULL);
}

void
redis_server_start(struct redis_server *s, const char *dir)
{
	struct sockaddr_un un;
	int fd;

	if (dir != s->dir)
		snprintf(s->dir, sizeof(s->dir), "%s", dir);
	snprintf(s->address, sizeof(s->address), "unix:%s/redis", s->dir);
	fd = open_notify(s, &un);
	s->pid = fork();
	ck_assert_int_ne(s->pid, -1);
	if (s->pid == 0)
		become_server(s, un.sun_path);
	wait_ready(fd);
	close(fd);
}

void
redis_server_kill(struct redis_server *s)
{
	if (s->pid == 0)
		return;
	kill(s->pid, SIGKILL);
	waitpid(s->pid, NULL, 0);
	s->pid = 0;
}

void
redis_server_pause(struct redis_server *s)
{
	int status = 0;

	kill(s->pid, SIGSTOP);
	waitpid(s->pid, &status, WUNTRACED);
	ck_assert(WIFSTOPPED(status));
}

void
redis_server_resume(struct redis_server *s)
{
	kill(s->pid, SIGCONT);
}

static void
say(const redisReply *r, char *out, size_t size)
{
	if (r->type == REDIS_REPLY_INTEGER)
		snprintf(out, size, "%lld", r->integer);
	else if (r->type == REDIS_REPLY_ARRAY)
		snprintf(out, size, "(%zu)", r->elements);
	else
		snprintf(out, size, "%s", r->str != NULL ? r->str : "(nil)");
}

const char *
redis_server_do(const struct redis_server *s, const char *word, ...)
{
	static char out[8192];
	const char *argv[16] = { word };
	redisContext *c = redisConnectUnix(s->address + strlen("unix:"));
	redisReply *r;
	int argc = 1;
	va_list ap;

	va_start(ap, word);
	while (argc < 16 && (argv[argc] = va_arg(ap, const char *)) != NULL)
		argc++;
	va_end(ap);
	ck_assert_msg(c != NULL && c->err == 0, "cannot reach redis-server");
	r = redisCommandArgv(c, argc, argv, NULL);
	ck_assert_msg(r != NULL, "%s: %s", word, c->errstr);
	say(r, out, sizeof(out));
	freeReplyObject(r);
	redisFree(c);
	return out;
}
