/*
 * admin.h - the administrator's link: prepares the daemon for a plan, and
 * drives its clock.
 *
 * Preparing is done step by step, each waiting for its reply; driving is one
 * request at a time, whose reply the caller waits for in the loop.
 */
#ifndef REPLAY_ADMIN_H
#define REPLAY_ADMIN_H

#include <stdbool.h>
#include <stdint.h>

#include <event2/event.h>

#include "link.h"
#include "replay/agents.h"
#include "replay/plan.h"

#define ADMIN_TOKEN_MAX 1024

struct admin;

struct admin_options {
	const char *addresses;
	const char *login, *password; /* NULL: the system's user is trusted */
};

struct admin_token {
	uint8_t bytes[ADMIN_TOKEN_MAX];
	size_t len;
};

enum err admin_new(struct event_base *, const struct admin_options *,
    struct admin **out) MUST_USE;
void admin_free(struct admin **);

/* Wait for the log-in, at most `seconds' of loop time.  What is wrong has been
 * told on stderr. */
enum err admin_log_in(struct admin *, int seconds) MUST_USE;

bool admin_is_up(const struct admin *);
/* NULL, or why the daemon will not have us. */
const char *admin_refused(const struct admin *);

/* As the last Welcome said. */
bool admin_is_driven(const struct admin *);
int64_t admin_server_at(const struct admin *);

/* Skills, queues, numbers, agents, devices of the plan, and for `humans' more
 * agents demo-1 ... who sit at devices of their own name. */
enum err admin_apply(struct admin *, const struct plan *, const struct agents *,
    const char *switch_name, unsigned humans) MUST_USE;

/* One request; `reply' sees its result, if there is one.  What is wrong has been
 * told: ERR_REFUSED, ERR_NOT_FOUND (not told), ERR_AUTH, ERR_NOMEM. */
typedef void admin_reply_fn(void *arg, const Mashang__Envelope *);
enum err admin_ask(struct admin *, Mashang__Envelope *, admin_reply_fn *reply,
    void *arg) MUST_USE;
/* The same, and wait until all that it caused is on the ledger's disk. */
enum err admin_ask_saved(struct admin *, Mashang__Envelope *,
    admin_reply_fn *reply, void *arg) MUST_USE;

/* Empty where the daemon trusts us: then a name is enough. */
enum err admin_token(struct admin *, Mashang__Role, const char *login,
    const char *switch_name, struct admin_token *out) MUST_USE;

/* Wait until domain time is `at'; before anybody else logs in. */
enum err admin_set_clock(struct admin *, int64_t at) MUST_USE;

/* Ask for domain time to go to `to'; not while one is asked for. */
void admin_advance(struct admin *, int64_t to);
/* True once after the answer has come. */
bool admin_reached(struct admin *, int64_t *at);

/* What the agents at the humans' devices are doing; asked for now and then. */
enum admin_humans { HUMANS_AWAY, HUMANS_HERE, HUMANS_OFFERED, HUMANS_BUSY };
enum admin_humans admin_humans(const struct admin *);
void admin_ask_humans(struct admin *);
bool admin_asks_humans(const struct admin *); /* and waits for the answer */

#endif
