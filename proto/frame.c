/*
 * frame.c - frames in and out of evbuffers.
 *
 * A decoded message lives in one block, handed out from the front and never
 * given back piece by piece.  protobuf-c asks for 24 to 64 times the bytes on
 * the wire when a peer sends many tiny fields; the block's end stops that.
 * The block is touched only as far as messages need it, so its pages are not
 * in memory before.
 */
#include "frame.h"

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define HEAD 4u

struct frame_memory {
	ProtobufCAllocator allocator; /* its data is this struct */
	size_t cap, used;
	bool full; /* something asked for more than was left */
	unsigned char *block;
};

/* Zeroed, since protobuf-c leaves what it does not set as it was. */
static void *
take(void *data, size_t n)
{
	struct frame_memory *m = data;
	size_t align = _Alignof(max_align_t), at;

	at = (m->used + align - 1) / align * align;
	if (at > m->cap || n > m->cap - at) {
		m->full = true;
		return NULL;
	}
	m->used = at + n;
	return memset(m->block + at, 0, n);
}

static void
give_back(void *data, void *p)
{
	(void)data;
	(void)p;
}

struct frame_memory *
frame_memory_new(size_t cap)
{
	struct frame_memory *m;

	if ((m = calloc(1, sizeof(*m))) == NULL)
		return NULL;
	m->cap = cap;
	m->allocator = (ProtobufCAllocator){ take, give_back, m };
	if ((m->block = malloc(cap)) == NULL)
		frame_memory_free(&m);
	return m;
}

void
frame_memory_free(struct frame_memory **p)
{
	struct frame_memory *m = *p;

	if (m == NULL)
		return;
	free(m->block);
	free(m);
	*p = NULL;
}

enum frame_result
frame_pull(struct evbuffer *in, size_t max, struct frame_memory *mem,
    Mashang__Envelope **out)
{
	const unsigned char *p;
	uint32_t len;

	if (evbuffer_get_length(in) < HEAD)
		return FRAME_AGAIN;
	evbuffer_copyout(in, &len, HEAD);
	len = ntohl(len);
	if (len == 0 || len > max)
		return FRAME_LENGTH;
	if (evbuffer_get_length(in) < HEAD + len)
		return FRAME_AGAIN;
	if ((p = evbuffer_pullup(in, HEAD + len)) == NULL)
		return FRAME_MEMORY;
	mem->used = 0;
	mem->full = false;
	*out = mashang__envelope__unpack(&mem->allocator, len, p + HEAD);
	evbuffer_drain(in, HEAD + len);
	if (*out == NULL)
		return mem->full ? FRAME_MEMORY : FRAME_CONTENT;
	if ((*out)->body_case == MASHANG__ENVELOPE__BODY__NOT_SET)
		return FRAME_UNKNOWN;
	return FRAME_OK;
}

enum frame_result
frame_push(struct evbuffer *out, const Mashang__Envelope *e)
{
	size_t len = mashang__envelope__get_packed_size(e);
	struct evbuffer_iovec v;
	uint32_t head;

	if (len == 0 || len > FRAME_MAX)
		return FRAME_LENGTH;
	if (evbuffer_reserve_space(out, (ev_ssize_t)(HEAD + len), &v, 1) != 1)
		return FRAME_MEMORY;
	head = htonl((uint32_t)len);
	memcpy(v.iov_base, &head, HEAD);
	mashang__envelope__pack(e, (unsigned char *)v.iov_base + HEAD);
	v.iov_len = HEAD + len;
	return evbuffer_commit_space(out, &v, 1) == 0 ? FRAME_OK : FRAME_MEMORY;
}

const char *
frame_result_text(enum frame_result r)
{
	/* clang-format off */
	static const char *const text[] = {
		[FRAME_OK]      = "whole",
		[FRAME_AGAIN]   = "not whole yet",
		[FRAME_LENGTH]  = "empty or too long",
		[FRAME_CONTENT] = "not a message",
		[FRAME_UNKNOWN] = "a message unknown to this version",
		[FRAME_MEMORY]  = "too many parts",
	};
	/* clang-format on */

	return (unsigned)r < sizeof(text) / sizeof(text[0]) ? text[r] : "?";
}
