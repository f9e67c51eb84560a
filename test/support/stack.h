/*
 * stack.h - the whole of it, private: PostgreSQL, Redis and mashangd.
 *
 * The daemon is the one that was built, started as an operator starts it, and
 * known to be ready by its sd_notify message.  Everything ends with the test.
 */
#ifndef STACK_H
#define STACK_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

#include "test/support/redis_server.h"

struct stack {
	struct redis_server redis;
	const char *node;
	pid_t daemon; /* 0: not running */
	bool driven;
	int notify; /* the daemon's messages arrive here */
	char dir[PATH_MAX - 256];
	char socket[PATH_MAX]; /* unix:... */
	char config[PATH_MAX];
	char log[PATH_MAX];
};

/* PostgreSQL must have been started (pg_server_start in the suite's unchecked
 * fixture); the database is fresh. */
void stack_up(struct stack *, bool driven);
/* With more lines of configuration. */
void stack_up_with(struct stack *, bool driven, const char *lines);
/* One more daemon, of this name, on the same PostgreSQL and Redis; it goes down
 * first. */
void stack_beside(struct stack *, const struct stack *with, const char *node);
void stack_down(struct stack *);

/* With `failpoint' (name[:count]) the daemon kills itself there.  Returns when
 * it is ready, or has ended. */
void stack_daemon_start(struct stack *, const char *failpoint);
void stack_daemon_kill(struct stack *); /* -9 */
/* Wait for it to end by itself; its wait status, -1: not within `seconds'. */
int stack_daemon_wait(struct stack *, int seconds);

/* Wait until it has stopped itself at its fail point; then go on. */
void stack_daemon_stopped(struct stack *, int seconds);
void stack_daemon_go_on(struct stack *);

/* The environment that `scripts/stack env' would give; for a child. */
void stack_environment(const struct stack *);

/* A program of ours with its output to `out' (in the stack's directory) and
 * the stack's environment; argv[0] is its name in build/. */
pid_t stack_spawn(struct stack *, const char *const argv[], const char *out);
/* Its exit status; fails the test if it takes longer. */
int stack_wait(pid_t, int seconds);
/* spawn and wait. */
int stack_run(
    struct stack *, const char *const argv[], const char *out, int seconds);
/* Where that is; a ring of 4. */
const char *stack_path(const struct stack *, const char *name);
void stack_write(const struct stack *, const char *name, const char *text);
/* A file of the stack's directory, whole, empty if it is not there; lives
 * until the eighth call from here. */
char *stack_file(const struct stack *, const char *name);

/* A figure of `mashang admin show WHAT --json': of the row whose `key' is
 * `name', the column `column'; -1: there is none. */
long long stack_shown(struct stack *, const char *what, const char *key,
    const char *name, const char *column);

/* Until the daemon's log says that, so often; it is not of the last start alone.
 * Fails the test after a while. */
void stack_until_logged(
    const struct stack *, const char *words, unsigned times);

#endif
