/*
 * creds.h - who logs in where: from options, environment and terminal to the
 * Hello that a link sends.
 *
 * A password is never taken from the command line; it is read from a file or
 * asked for on the terminal, and wiped when done.  Root and the daemon's own
 * user need none over its unix socket.
 */
#ifndef CLIENT_CREDS_H
#define CLIENT_CREDS_H

#include <stddef.h>

#include "mashang.pb-c.h"

#define CREDS_PASSWORD_MAX 1024

struct options;

struct creds {
	Mashang__Hello hello; /* points into this struct and the options */
	char addresses[1024]; /* as link_new() takes them */
	char password[CREDS_PASSWORD_MAX + 1];
};

/*
 * For an agent, or for whoever it is (ROLE_NONE: the log-in's own role, or the
 * one that the options name).  EXIT_OK, or an exit code after saying what is wrong.
 */
int creds_get(const struct options *, Mashang__Role role, struct creds *);
void creds_wipe(struct creds *);

/*
 * Read a new password, asked for twice on the terminal or taken from `file'
 * ("-" is standard input).  EXIT_OK or an exit code likewise.
 */
int creds_new_password(const char *file, char *out, size_t room);

/* Say that no daemon answers, and what to look at. */
int creds_unreachable(const struct creds *);

#endif
