/*
 * scripted.h - a real bridge, its own process, whose switch is the test.
 *
 * The driver takes lines: `up', `down', `resync', `seen established A 801',
 * `resynced', `phones', `phone 801', `phones_end', and reports as they are:
 * `queued A', `delivered A 801'.  Orders come back as lines `CONNECT A 801 -';
 * they are answered with OK, or not at all after `mute'.  `sync' comes back as
 * `synced': all before it has been heard.
 */
#ifndef SCRIPTED_H
#define SCRIPTED_H

#include "bridge/driver.h"
#include "test/support/stack.h"

struct scripted {
	pid_t pid; /* 0: not running */
	int fd;
	char name[32];
	char config[64];
	char lines[8192]; /* not taken yet */
};

/* { the scripted one, NULL } */
extern const struct driver *const scripted_drivers[];

/* Writes its configuration; `more' lines of it, or "".  `daemons': addresses
 * with commas. */
void scripted_configure(struct scripted *, const struct stack *,
    const char *name, const char *daemons, const char *more);
/* The same for a switch of another name than its files'. */
void scripted_configure_as(struct scripted *, const struct stack *,
    const char *name, const char *switch_name, const char *daemons,
    const char *more);
/* What is said at once is heard when it is ready. */
void scripted_start(struct scripted *, const struct stack *);
void scripted_kill(struct scripted *); /* -9; does nothing twice */
/* As systemd does; its exit status. */
int scripted_stop(struct scripted *);
/* It ends by itself; its exit status. */
int scripted_wait(struct scripted *);

void scripted_say(struct scripted *, const char *lines); /* `;' between */
/* The next line must be this. */
void scripted_expect(struct scripted *, const char *line);

#endif
