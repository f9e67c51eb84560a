/*
 * frame.h - length-prefixed frames: one Envelope each, to and from evbuffers.
 *
 * A frame is a 4-byte big-endian length, 1 to `max', and that many bytes of
 * Envelope.  Decoding allocates from a frame_memory with a hard cap, so a
 * small frame cannot make a large message: what does not fit is refused.
 *
 * This file and link.[ch] need libevent and protobuf-c only, nothing of ours.
 */
#ifndef PROTO_FRAME_H
#define PROTO_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "mashang.pb-c.h"

#define FRAME_MAX (64 * 1024)      /* after log-in */
#define FRAME_MAX_LOGIN (4 * 1024) /* before */
#define FRAME_MAGIC 0x4D415348u    /* "MASH" */
#define FRAME_PROTOCOL 1

enum frame_result {
	FRAME_OK,
	FRAME_AGAIN,   /* the frame is not whole yet */
	FRAME_LENGTH,  /* 0, or over the maximum: nothing was allocated */
	FRAME_CONTENT, /* not an Envelope */
	FRAME_UNKNOWN, /* an Envelope without a body known to this version */
	FRAME_MEMORY   /* the message would take more than the cap */
};

/* Memory for one decoded Envelope at a time; reused. */
struct frame_memory;
struct frame_memory *frame_memory_new(size_t cap); /* 1 MiB is plenty */
void frame_memory_free(struct frame_memory **);

struct evbuffer;

/*
 * Take one frame.  On FRAME_OK *out lives in `mem' until the next pull with
 * it.  On FRAME_LENGTH, FRAME_CONTENT and FRAME_MEMORY the stream is lost: the
 * connection must end.  FRAME_UNKNOWN has taken the frame; *out has its op_id.
 */
enum frame_result frame_pull(struct evbuffer *in, size_t max,
    struct frame_memory *mem, Mashang__Envelope **out);

/* Append a frame.  FRAME_LENGTH: it would be over FRAME_MAX, nothing was
 * appended; FRAME_MEMORY: no memory. */
enum frame_result frame_push(struct evbuffer *out, const Mashang__Envelope *);

/* "too long", … for people. */
const char *frame_result_text(enum frame_result);

#endif
