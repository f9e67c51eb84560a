/*
 * outbox.h - requests on their way: actions until they are saved, questions
 * until they are answered.
 *
 * An action is written to the journal before it is sent and stays there until
 * the daemon says that it is saved, or refuses it for good.  What the daemon
 * cannot do just now (busy, a store away) is sent again after a while.
 *
 * Ownership: link and journal are the caller's.  The link is to be freed
 * first: it gives its requests back.
 */
#ifndef CLIENT_OUTBOX_H
#define CLIENT_OUTBOX_H

#include <stdint.h>

#include "base/err.h"
#include "mashang.pb-c.h"

struct event_base;
struct link;
struct outbox;
struct unsaved;

struct outbox_reply {
	Mashang__Envelope__BodyCase request;
	const Mashang__Envelope *reply;
	const Mashang__Error *error;   /* NULL: it was not refused */
	const Mashang__Envelope *kept; /* a refused action as it was sent */
};
typedef void outbox_reply_fn(void *arg, const struct outbox_reply *);

/* What the journal holds already is waiting to be sent again. */
struct outbox *outbox_new(struct event_base *, struct link *, struct unsaved *,
    outbox_reply_fn *, void *arg);
void outbox_free(struct outbox **);

/* ERR_IO, ERR_TOO_LARGE: it was not kept, and not sent. */
enum err outbox_act(struct outbox *, Mashang__Envelope *) MUST_USE;
/* Not kept: lost with this process. */
enum err outbox_ask(struct outbox *, Mashang__Envelope *) MUST_USE;

void outbox_saved(struct outbox *, const uint8_t op[16]);
unsigned outbox_count(const struct outbox *); /* not yet saved */

/* The state that the next log-in resumes: of the changes of state only one to
 * this is sent again. */
void outbox_set_resume(
    struct outbox *, Mashang__AgentStateKind, const char *reason);

/* Logged in again: send what was not saved.  Returns how many. */
unsigned outbox_send_again(struct outbox *);

#endif
