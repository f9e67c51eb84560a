/*
 * asterisk_words.h - an Asterisk's events in a line each, and calls as far as a
 * test wants them, for the driver between ami_peer.h and asterisk_bed.h.
 */
#ifndef ASTERISK_WORDS_H
#define ASTERISK_WORDS_H

#include <stdbool.h>

#include <openssl/ssl.h>

#include "base/err.h"

#define SECRET "s3cret"
#define CALLER "1795461969.0" /* the caller's channel */

/* The id of the channel that was originated last. */
extern const char *leg;
/* Not NULL: the next peer speaks TLS with it. */
extern SSL_CTX *peer_tls;

/* The driver with that peer, and these lines more of its section. */
void words_up(bool listen_only, const char *more);
/* The same, logged in. */
void words_live(bool listen_only, const char *more);
void words_down(void);

void say(const char *fmt, ...) PRINTF_LIKE(1, 2);
void chan(const char *event, const char *uid, int state, const char *more);
void bridge(const char *event, const char *uid, const char *id);
void hang_up(const char *uid, int cause);
void user(const char *uid, const char *what, const char *more);

/* Call A is offered and waits. */
void arrives(void);
/* The next action originates that; `leg' is its id. */
void originated(const char *channel, const char *context, const char *exten);
/* A rings at 801, by the order of that number. */
void connect_801(unsigned order);
/* A talks at 801. */
void talk(void);
/* Both have arrived where they were sent. */
void arrived_aside(const char *agent);
/* The caller is sent to the music, the agent to `where'. */
void parked(const char *agent, const char *where);
void joined_again(const char *agent, const char *id);

#endif
