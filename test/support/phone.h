/*
 * phone.h - a telephone of the test's own: SIP over UDP, one call at a time, no
 * sound, and it does what the test says when the test says it.
 *
 * It lives in the test's loop.  What it answers by itself is what any phone
 * would: 200 to BYE, 487 to CANCEL, ACK to a final answer.
 */
#ifndef PHONE_H
#define PHONE_H

#include <stdbool.h>

struct event_base;
struct phone;

/* On a free port of 127.0.0.1. */
struct phone *phone_new(struct event_base *, const char *name);
void phone_free(struct phone **);
int phone_port(const struct phone *);

/* At the switch on that port; for `seconds', 0: no more. */
void phone_register(struct phone *, int switch_port, int seconds);
/* As a caller of that number, at the switch on that port. */
void phone_call(struct phone *, const char *number, int switch_port);
void phone_ring(struct phone *);             /* 180 */
void phone_answer(struct phone *);           /* 200 */
void phone_refuse(struct phone *, int code); /* 486, 603 ... */
/* BYE, CANCEL or 480, whatever ends it. */
void phone_hang_up(struct phone *);
void phone_hold(struct phone *, bool hold);
/* REFER to that number. */
void phone_transfer(struct phone *, const char *number);

/* What it last asked within the call has been answered. */
bool phone_is_settled(const struct phone *);
bool phone_is_registered(const struct phone *);
bool phone_is_invited(const struct phone *); /* and has not answered */
bool phone_talks(const struct phone *);
bool phone_is_idle(const struct phone *);
/* The final answer to our call; 0: none yet. */
int phone_result(const struct phone *);
/* The last INVITE that came, whole. */
const char *phone_invite(const struct phone *);

#endif
