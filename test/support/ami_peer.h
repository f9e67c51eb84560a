/*
 * ami_peer.h - an Asterisk made of words: the manager's wire, byte by byte.
 *
 * It lives in the test's loop.  What the driver asks is awaited action by
 * action; what it is told is written as text, a line an element, in pieces of
 * as many bytes as the test says.  Heart-beats are answered unseen.
 */
#ifndef AMI_PEER_H
#define AMI_PEER_H

#include <stdbool.h>
#include <stddef.h>

#include <openssl/ssl.h>

struct event_base;

/* A free port, which it listens to once there is a loop; `ctx' NULL: without
 * TLS. */
void ami_peer_up(SSL_CTX *ctx);
void ami_peer_listen(struct event_base *);
void ami_peer_down(void);
/* tcp:127.0.0.1:port */
const char *ami_peer_address(void);
/* From now on it writes in pieces of `n' bytes; 0: as they come. */
void ami_peer_segments(size_t n);
/* Wait for the next connection and greet it with that; NULL: as Asterisk. */
void ami_peer_greet(const char *banner);
/* Drop the connection. */
void ami_peer_hang_up(void);
bool ami_peer_connected(void);

/* Text as it is, with LF made CR LF. */
void ami_say(const char *text);
/* The same, bytes as they are. */
void ami_say_raw(const char *bytes, size_t len);
/* Write many bytes without reading; how many the other side has taken. */
size_t ami_flood(size_t bytes);

/* The next action must be of this name. */
void ami_expect(const char *action);
/* Whether one has come already; it is taken. */
bool ami_was_asked(void);
/* A header of the action awaited last; "" if it has none.  With several of the
 * name, all of them, divided by `|'. */
const char *ami_asked(const char *header);
/* A response to it: `Success' or `Error', and more lines or "". */
void ami_respond(const char *response, const char *more);

/* Greet, log in by challenge (the secret must be right), say what it is and
 * since when, list `channels' (events as text, or "") and no phones: the driver
 * is live then. */
void ami_log_in(const char *secret, const char *started, const char *channels);

#endif
