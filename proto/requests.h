/*
 * requests.h - requests that wait for their reply, packed, in order, so that a
 * new connection gets the same bytes again.  For link.c.
 */
#ifndef PROTO_REQUESTS_H
#define PROTO_REQUESTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "link.h"

struct request {
	TAILQ_ENTRY(request) entry;
	link_done_fn *done;
	void *arg;
	uint8_t op[16];
	bool sent;  /* on the present connection */
	size_t len; /* of the frame, head included */
	unsigned char frame[];
};

TAILQ_HEAD(requests, request);

/* At the end of the list, not sent; a missing op_id is made.  NULL: too long,
 * or no memory. */
struct request *requests_add(
    struct requests *, Mashang__Envelope *, link_done_fn *, void *arg);
/* The one that this op_id is of, or NULL. */
struct request *requests_find(struct requests *, const ProtobufCBinaryData *op);
/* Its reply is here, or NULL: there will be none. */
void requests_done(
    struct requests *, struct request *, const Mashang__Envelope *reply);

#endif
