/*
 * frame_fuzz.c - any bytes as what a peer sends: frames, then the fields of
 * call events, as net/ checks them.
 *
 * What is taken as an event must have text that is clean, and what is decoded
 * must pack again; decoded once more it must have the same size.
 *
 *	protoc-c --c_out=build/gen -Iproto proto/mashang.proto
 *	clang-14 -g -O1 -fsanitize=fuzzer,address,undefined -D_GNU_SOURCE \
 *	    -I. -Idaemon -Iproto -Ibuild/gen test/fuzz/frame_fuzz.c \
 *	    proto/frame.c build/gen/mashang.pb-c.c daemon/net/{event,fields,code}.c \
 *	    daemon/base/{arena,text,text_utf8,text_number}.c -levent -lprotobuf-c
 *	./a.out -max_len=65540 -max_total_time=60
 */
#include "frame.h"

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "net/code.h"
#include "net/event.h"

static struct frame_memory *memory, *second;
static struct arena *scratch;

static void
must(int ok)
{
	if (!ok)
		abort();
}

static void
must_be_clean(struct str s)
{
	char out[1100];

	must(text_clean(s, false, out, sizeof(out)) == s.len);
	must(s.len == 0 || memcmp(out, s.p, s.len) == 0);
}

static void
check_event(const Mashang__CallEvent *m)
{
	struct fault why = { 0 };
	struct fields f = { &why, scratch };
	struct call_event ev = { 0 };

	arena_reset(scratch);
	if (event_check(&f, m, &ev) != ERR_OK)
		return;
	must_be_clean(ev.call);
	must_be_clean(ev.caller);
	must_be_clean(ev.caller_name);
	must_be_clean(ev.called);
	must_be_clean(ev.menu);
	must_be_clean(ev.device);
	must(ev.call.len >= 1 && ev.call.len <= NAME_LEN);
	must(ev.data.len == 0 || ev.data.p[ev.data.len - 1] == '}');
}

/* An unknown field may have the number 0, which protobuf-c takes in its long
 * form only: such a message does not decode again, and nobody asks it to. */
static void
check_again(const Mashang__Envelope *e)
{
	struct evbuffer *b = evbuffer_new();
	size_t n = mashang__envelope__get_packed_size(e);
	Mashang__Envelope *again;

	if (frame_push(b, e) == FRAME_OK) {
		enum frame_result f = frame_pull(b, FRAME_MAX, second, &again);

		if (f == FRAME_OK) {
			must(mashang__envelope__get_packed_size(again) == n);
			must(again->body_case == e->body_case);
		}
	}
	evbuffer_free(b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct evbuffer *in = evbuffer_new();
	uint32_t len = htonl((uint32_t)size);
	Mashang__Envelope *e;
	enum frame_result f;

	if (memory == NULL) {
		memory = frame_memory_new(1 << 20);
		second = frame_memory_new(1 << 20);
		scratch = arena_new(1 << 16, 1 << 20);
	}
	/* As one frame's content, then as a stream. */
	evbuffer_add(in, &len, sizeof(len));
	evbuffer_add(in, data, size);
	evbuffer_add(in, data, size);
	while ((f = frame_pull(in, FRAME_MAX, memory, &e)) == FRAME_OK ||
	       f == FRAME_UNKNOWN) {
		if (e->body_case == MASHANG__ENVELOPE__BODY_CALL_EVENT)
			check_event(e->call_event);
		check_again(e);
	}
	evbuffer_free(in);
	return 0;
}
