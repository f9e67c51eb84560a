/*
 * redis_server.h - a Redis of the test's own, on a unix socket, that keeps
 * nothing; it ends with the test's process at the latest.
 */
#ifndef REDIS_SERVER_H
#define REDIS_SERVER_H

#include <limits.h>
#include <stddef.h>
#include <sys/types.h>

struct redis_server {
	pid_t pid; /* 0: not running */
	char dir[PATH_MAX - 64];
	char address[PATH_MAX]; /* unix:/... for our own client */
};

/* Empty, in that directory; returns when it takes commands.  Fails the test
 * if it cannot.  Again after a kill: the same address, empty again. */
void redis_server_start(struct redis_server *, const char *dir);

void redis_server_kill(struct redis_server *);   /* -9; does nothing twice */
void redis_server_pause(struct redis_server *);  /* SIGSTOP, and it has */
void redis_server_resume(struct redis_server *); /* SIGCONT */

/* One command as somebody else's client, words NULL-ended; its reply as text
 * in a static buffer. */
const char *redis_server_do(const struct redis_server *, const char *word, ...)
    __attribute__((sentinel));

#endif
