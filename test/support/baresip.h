/*
 * baresip.h - a real softphone that is told what to do.
 *
 * It registers by itself, with its password, and plays a tone to whom it talks
 * to.  Waiting for what it says has a deadline and fails the test.
 */
#ifndef BARESIP_H
#define BARESIP_H

#include "test/support/sip_lab.h"

struct baresip {
	pid_t pid;
	int fd;
	unsigned port;
	char name[32];
	char *in;
	size_t in_len;
};

/* Registered when this returns; `expires' seconds: how long the switch knows it
 * after it has died. */
void baresip_start(struct baresip *, const struct sip_lab *, const char *name,
    unsigned expires);
/* accept, hangup (declines with 486 while ringing), hold, resume, dial URI,
 * transfer URI */
void baresip_tell(struct baresip *, const char *command, const char *params);
/* CALL_INCOMING, CALL_ESTABLISHED, CALL_CLOSED ...; what comes
 * before it is passed over. */
void baresip_expect(struct baresip *, const char *type);
/* It hangs up and says good-bye to the switch. */
void baresip_stop(struct baresip *);
void baresip_kill(struct baresip *); /* -9 */

#endif
