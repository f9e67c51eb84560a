/*
 * frame_test.c - frames as hostile peers send them.
 */
#include "frame.h"

#include <event2/buffer.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "test/support/support.h"

static struct evbuffer *in;
static struct frame_memory *memory;

static void
setup(void)
{
	in = evbuffer_new();
	memory = frame_memory_new(1024 * 1024);
}

static void
teardown(void)
{
	evbuffer_free(in);
	frame_memory_free(&memory);
	ck_assert_ptr_null(memory);
}

static enum frame_result
pull(Mashang__Envelope **e)
{
	return frame_pull(in, FRAME_MAX, memory, e);
}

static void
put_length(uint32_t n)
{
	const unsigned char b[4] = { n >> 24, n >> 16 & 255, n >> 8 & 255,
		n & 255 };

	evbuffer_add(in, b, sizeof(b));
}

static void
put_ping(uint64_t number)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__Ping p = MASHANG__PING__INIT;

	p.number = number;
	e.body_case = MASHANG__ENVELOPE__BODY_PING;
	e.ping = &p;
	ck_assert_int_eq(frame_push(in, &e), FRAME_OK);
}

START_TEST(what_is_pushed_is_pulled)
{
	Mashang__Envelope *e;

	for (uint64_t i = 1; i <= 10000; i++)
		put_ping(i); /* many frames in one buffer */
	for (uint64_t i = 1; i <= 10000; i++) {
		ck_assert_int_eq(pull(&e), FRAME_OK);
		ck_assert_int_eq(e->body_case, MASHANG__ENVELOPE__BODY_PING);
		ck_assert_uint_eq(e->ping->number, i);
	}
	ck_assert_int_eq(pull(&e), FRAME_AGAIN);
}
END_TEST

START_TEST(one_byte_at_a_time_is_a_frame)
{
	unsigned char bytes[64];
	Mashang__Envelope *e;
	size_t n;

	put_ping(UINT64_MAX);
	n = (size_t)evbuffer_remove(in, bytes, sizeof(bytes));
	for (size_t i = 0; i < n; i++) {
		ck_assert_int_eq(pull(&e), FRAME_AGAIN);
		evbuffer_add(in, bytes + i, 1);
	}
	ck_assert_int_eq(pull(&e), FRAME_OK);
	ck_assert_uint_eq(e->ping->number, UINT64_MAX);
}
END_TEST

static const uint32_t lengths[] = { 0, FRAME_MAX + 1, UINT32_MAX, 0x47455420 };

START_TEST(a_wrong_length_is_refused_before_its_bytes)
{
	Mashang__Envelope *e;

	put_length(lengths[_i]);
	ck_assert_int_eq(pull(&e), FRAME_LENGTH);
}
END_TEST

START_TEST(strangers_have_less_room)
{
	Mashang__Envelope *e;

	put_length(FRAME_MAX_LOGIN + 1);
	ck_assert_int_eq(
	    frame_pull(in, FRAME_MAX_LOGIN, memory, &e), FRAME_LENGTH);
	ck_assert_int_eq(pull(&e), FRAME_AGAIN);
}
END_TEST

/* A frame of `len' bytes: `head', then `unit' again and again. */
static enum frame_result
bomb(const void *head, size_t n_head, const void *unit, size_t n_unit,
    size_t len)
{
	Mashang__Envelope *e;
	size_t n = (len - n_head) / n_unit;

	put_length((uint32_t)(n_head + n * n_unit));
	evbuffer_add(in, head, n_head);
	while (n-- > 0)
		evbuffer_add(in, unit, n_unit);
	return pull(&e);
}

/* Envelope.snapshot (field 20), 65000 bytes of it. */
#define SNAPSHOT "\xa2\x01\xe8\xfb\x03"

START_TEST(tiny_submessages_end_at_the_cap)
{
	/* calls: 32,500 empty LiveCalls; each takes some 170 bytes here */
	ck_assert_int_eq(bomb(SNAPSHOT, 5, "\x0a\x00", 2, 65005), FRAME_MEMORY);
}
END_TEST

START_TEST(unknown_fields_end_at_the_cap)
{
	/* Field 1000, varint 0; in protobuf-c 56 bytes and more each. */
	ck_assert_int_eq(bomb("", 0, "\xc0\x3e\x00", 3, 65000), FRAME_MEMORY);
}
END_TEST

START_TEST(one_field_again_and_again_ends)
{
	/* Envelope.ping, empty, merged 21,000 times: either way it ends. */
	enum frame_result f = bomb("", 0, "\x62\x00", 2, 65000);

	ck_assert(f == FRAME_OK || f == FRAME_MEMORY);
}
END_TEST

START_TEST(after_a_bomb_the_memory_is_good_again)
{
	Mashang__Envelope *e;

	ck_assert_int_eq(bomb(SNAPSHOT, 5, "\x0a\x00", 2, 65005), FRAME_MEMORY);
	put_ping(7);
	ck_assert_int_eq(pull(&e), FRAME_OK);
	ck_assert_uint_eq(e->ping->number, 7);
}
END_TEST

START_TEST(rubbish_is_no_message)
{
	Mashang__Envelope *e;

	put_length(3);
	evbuffer_add(in, "\xff\xff\xff", 3);
	ck_assert_int_eq(pull(&e), FRAME_CONTENT);
}
END_TEST

START_TEST(a_body_of_the_future_keeps_its_op_id)
{
	static const char future[] = "\x0a\x02hi\xc2\x3e\x00";
	Mashang__Envelope *e;

	put_length(sizeof(future) - 1);
	evbuffer_add(in, future, sizeof(future) - 1);
	ck_assert_int_eq(pull(&e), FRAME_UNKNOWN);
	ck_assert_uint_eq(e->op_id.len, 2);
	put_ping(1); /* the stream goes on */
	ck_assert_int_eq(pull(&e), FRAME_OK);
}
END_TEST

START_TEST(an_envelope_with_nothing_is_empty)
{
	Mashang__Envelope none = MASHANG__ENVELOPE__INIT;

	ck_assert_int_eq(frame_push(in, &none), FRAME_LENGTH);
	ck_assert_uint_eq(evbuffer_get_length(in), 0);
}
END_TEST

START_TEST(a_message_over_the_limit_is_not_sent)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__TicketNote note = MASHANG__TICKET_NOTE__INIT;
	uint8_t *text = calloc(1, FRAME_MAX);

	note.text = (ProtobufCBinaryData){ FRAME_MAX, text };
	e.body_case = MASHANG__ENVELOPE__BODY_TICKET_NOTE;
	e.ticket_note = &note;
	ck_assert_int_eq(frame_push(in, &e), FRAME_LENGTH);
	ck_assert_uint_eq(evbuffer_get_length(in), 0);
	note.text.len = FRAME_MAX - 16;
	ck_assert_int_eq(frame_push(in, &e), FRAME_OK);
	free(text);
}
END_TEST

/* protobuf-c has no recursion limit: no message may reach itself. */
static bool
reaches(const ProtobufCMessageDescriptor *from,
    const ProtobufCMessageDescriptor *to, int depth)
{
	ck_assert_int_lt(depth, 16);
	for (unsigned i = 0; i < from->n_fields; i++) {
		const ProtobufCFieldDescriptor *f = &from->fields[i];

		if (f->type == PROTOBUF_C_TYPE_MESSAGE &&
		    (f->descriptor == to ||
			reaches(f->descriptor, to, depth + 1)))
			return true;
	}
	return false;
}

START_TEST(no_message_contains_itself)
{
	ck_assert(!reaches(
	    &mashang__envelope__descriptor, &mashang__envelope__descriptor, 0));
}
END_TEST

START_TEST(foreign_text_is_bytes)
{
	const ProtobufCMessageDescriptor *d = &mashang__envelope__descriptor;

	for (unsigned i = 0; i < d->n_fields; i++) {
		const ProtobufCMessageDescriptor *m;

		if (d->fields[i].type != PROTOBUF_C_TYPE_MESSAGE)
			continue;
		m = d->fields[i].descriptor;
		for (unsigned j = 0; j < m->n_fields; j++)
			ck_assert_int_ne(
			    m->fields[j].type, PROTOBUF_C_TYPE_STRING);
	}
}
END_TEST

Suite *
frame_suite(void)
{
	TCase *tc = tcase_create("frame");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, what_is_pushed_is_pulled);
	tcase_add_test(tc, one_byte_at_a_time_is_a_frame);
	tcase_add_loop_test(
	    tc, a_wrong_length_is_refused_before_its_bytes, 0, NELEM(lengths));
	tcase_add_test(tc, strangers_have_less_room);
	tcase_add_test(tc, tiny_submessages_end_at_the_cap);
	tcase_add_test(tc, unknown_fields_end_at_the_cap);
	tcase_add_test(tc, one_field_again_and_again_ends);
	tcase_add_test(tc, after_a_bomb_the_memory_is_good_again);
	tcase_add_test(tc, rubbish_is_no_message);
	tcase_add_test(tc, a_body_of_the_future_keeps_its_op_id);
	tcase_add_test(tc, an_envelope_with_nothing_is_empty);
	tcase_add_test(tc, a_message_over_the_limit_is_not_sent);
	tcase_add_test(tc, no_message_contains_itself);
	tcase_add_test(tc, foreign_text_is_bytes);
	return suite_of(tc, "frame");
}
