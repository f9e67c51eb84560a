/*
 * esl_peer.h - an event socket that does what the test says, byte by byte.
 *
 * It turns the loop of the bridge's own event base until what is expected has
 * come; missing the deadline fails the test and shows what came instead.  Each
 * command that comes must be expected, in order; only the heart-beat
 * (global_setvar, strepoch) is answered unseen.
 */
#ifndef ESL_PEER_H
#define ESL_PEER_H

#include <stdbool.h>
#include <stddef.h>

struct event_base;

struct esl_peer {
	struct event_base *base;
	struct evconnlistener *listener;
	struct bufferevent *conn; /* of the last that connected; NULL: gone */
	char address[64];         /* tcp:127.0.0.1:port */
	unsigned n_accepted;
	bool drip;              /* what is said goes out a byte at a time */
	unsigned long long now; /* Event-Date-Timestamp: it stands still */
	unsigned long long seq; /* Event-Sequence of the next event */
	char command[8192];     /* the last that was expected */
};

void esl_peer_up(struct esl_peer *, struct event_base *);
void esl_peer_down(struct esl_peer *);

/* Somebody has connected, since the last time. */
void esl_peer_accept(struct esl_peer *);
void esl_peer_hang_up(struct esl_peer *);

/* As it stands. */
void esl_peer_say(struct esl_peer *, const char *bytes);
/* `command/reply' with that Reply-Text; `api/response' with that body. */
void esl_peer_reply(struct esl_peer *, const char *text);
void esl_peer_answer(struct esl_peer *, const char *body);
/* An event of that name, or a CUSTOM one of that subclass if it has a colon;
 * more headers are lines of `headers', as they are on the wire. */
void esl_peer_event(struct esl_peer *, const char *name, const char *headers);
/* The same with a body: the result of a job. */
void esl_peer_job(struct esl_peer *, const char *uuid, const char *body);

/* The next command begins like this; returns all of it. */
const char *esl_peer_expect(struct esl_peer *, const char *begins);
/* Nothing has been said that was not expected. */
void esl_peer_quiet(struct esl_peer *);

#endif
