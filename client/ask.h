/*
 * ask.h - a session for commands that ask and print: log in, wait for each
 * reply in turn.
 *
 * What goes wrong is said on standard error here; functions return an exit
 * code and the caller passes it on.
 */
#ifndef CLIENT_ASK_H
#define CLIENT_ASK_H

#include "mashang.pb-c.h"

struct ask;
struct options;

/* Log in, with the log-in's own role if --role names none.  *out is NULL
 * unless EXIT_OK. */
int ask_open(const struct options *, struct ask **out);
void ask_close(struct ask **);

/*
 * Send a request and give its reply, if it is not an error, to `fn', which
 * returns an exit code and must not ask again itself.
 */
typedef int ask_fn(void *arg, const Mashang__Envelope *reply);
int ask_for(struct ask *, Mashang__Envelope *, ask_fn *, void *arg);

/* Wait until the last request is saved; EXIT_UNSAVED when it takes too long,
 * nothing said. */
int ask_until_saved(struct ask *);

/* Domain time, as it was when we logged in. */
int64_t ask_began_at(const struct ask *);

/* Let the loop run for a while; an exit code when the session was ended. */
int ask_pause(struct ask *, int64_t seconds);

#endif
