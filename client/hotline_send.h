/*
 * hotline_send.h - messages being filled; for hotline_send*.c only.
 */
#ifndef CLIENT_HOTLINE_SEND_H
#define CLIENT_HOTLINE_SEND_H

#include "base/arena.h"
#include "client/cmd.h"
#include "client/fmt.h"
#include "client/hotline.h"

#define HEAD 12 /* tag and length of a field, from above */

struct sender {
	hotline_send_fn *send;
	void *arg;
	struct arena *arena;
	Mashang__Apply *apply;
	size_t size, n;
	int code; /* not EXIT_OK: nothing more is sent */
};

/* Of the message at hand; NULL: something has failed. */
void *send_take(struct sender *, size_t);
/* Room for an item of `size' bytes, in a new message if need be; false:
 * something has failed. */
bool send_room(struct sender *, size_t size);
/* For what grows within an item: no room for so much more; send and begin the
 * next message. */
bool send_is_full(const struct sender *, size_t size);
bool send_next(struct sender *);

/* hotline_dial.c */
void send_dialling(struct sender *, const struct hotline_dialling *);

/* hotline_send_sla.c */
void send_calendar(struct sender *, const struct cal_spec *);
void send_policy(struct sender *, const struct sla_policy *);

#endif
