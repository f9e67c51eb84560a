/*
 * requests.c - see the header.
 */
#include "requests.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

struct request *
requests_add(
    struct requests *list, Mashang__Envelope *e, link_done_fn *done, void *arg)
{
	ProtobufCBinaryData given = e->op_id;
	struct request *r;
	uint32_t len;
	uint8_t id[16];

	if (given.len == sizeof(id))
		memcpy(id, given.data, sizeof(id));
	else if (getrandom(id, sizeof(id), 0) != sizeof(id))
		abort(); /* so few bytes are never short */
	e->op_id = (ProtobufCBinaryData){ sizeof(id), id };
	len = (uint32_t)mashang__envelope__get_packed_size(e);
	r = len <= FRAME_MAX ? malloc(sizeof(*r) + 4 + len) : NULL;
	if (r != NULL)
		mashang__envelope__pack(e, r->frame + 4);
	e->op_id = given;
	if (r == NULL)
		return NULL;
	r->len = 4 + len;
	len = htonl(len);
	memcpy(r->frame, &len, 4);
	memcpy(r->op, id, sizeof(id));
	r->done = done;
	r->arg = arg;
	r->sent = false;
	TAILQ_INSERT_TAIL(list, r, entry);
	return r;
}

/* Replies mostly come in the order of the requests: the first is ours. */
struct request *
requests_find(struct requests *list, const ProtobufCBinaryData *op)
{
	struct request *r;

	if (op->len != sizeof(r->op))
		return NULL;
	TAILQ_FOREACH (r, list, entry)
		if (memcmp(r->op, op->data, sizeof(r->op)) == 0)
			return r;
	return NULL;
}

void
requests_done(
    struct requests *list, struct request *r, const Mashang__Envelope *reply)
{
	TAILQ_REMOVE(list, r, entry);
	r->done(r->arg, reply);
	free(r);
}
