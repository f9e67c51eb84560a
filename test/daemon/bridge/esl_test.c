/*
 * esl_test.c - the event socket's wire, byte by byte.
 */
#include "bridge/esl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>

#include "test/support/support.h"

static struct esl_reader *r;
static struct evbuffer *in;
static struct esl_frame f;
static const char *why;

static void
up(void)
{
	r = esl_reader_new();
	in = evbuffer_new();
	ck_assert_ptr_nonnull(r);
	ck_assert_ptr_nonnull(in);
}

static void
down(void)
{
	esl_reader_free(&r);
	evbuffer_free(in);
}

static enum err
pull_of(const char *bytes)
{
	evbuffer_add(in, bytes, strlen(bytes));
	return esl_pull(r, in, &f, &why);
}

static bool
is(struct str got, const char *want)
{
	return str_eq(got, str_of(want));
}

/* ------------------------------------------------------------------- frames */

#define EVENT                                                       \
	"Event-Name: CUSTOM\nEvent-Subclass: mashang%3A%3Aqueued\n" \
	"Unique-ID: 1-2\nvariable_x: a%20b%0A%zz%\n\n"

static const struct {
	const char *name, *bytes;
	enum esl_kind kind;
	const char *header, *value, *body;
} frames[] = {
	{ "the greeting", "Content-Type: auth/request\n\n", ESL_AUTH_REQUEST,
	    "content-type", "auth/request", "" },
	{ "a reply", "Content-Type: command/reply\nReply-Text: +OK a: b\n\n",
	    ESL_REPLY, "Reply-Text", "+OK a: b", "" },
	{ "a response, without a line end behind it",
	    "Content-Type: api/response\nContent-Length: 5\n\nfalse",
	    ESL_RESPONSE, "Content-Length", "5", "false" },
	{ "a response of nothing",
	    "Content-Type: api/response\nContent-Length: 0\n\n", ESL_RESPONSE,
	    "Content-Length", "0", "" },
	{ "line ends before it", "\n\n\nContent-Type: auth/request\n\n",
	    ESL_AUTH_REQUEST, "Content-Type", "auth/request", "" },
	{ "what was not asked for",
	    "Content-Type: log/data\nContent-Length: 2\n\nab", ESL_NONE,
	    "Content-Length", "2", "ab" },
	{ "the end",
	    "Content-Type: text/disconnect-notice\nContent-Length: 3\n\nbye",
	    ESL_DISCONNECT, "Content-Length", "3", "bye" },
	{ "a stranger",
	    "Content-Type: text/rude-rejection\nContent-Length: 24\n\n"
	    "Access Denied, go away.\n",
	    ESL_REJECTION, "Content-Length", "24",
	    "Access Denied, go away.\n" },
	{ "two of a name: the first counts",
	    "Content-Type: command/reply\nA: 1\nA: 2\n\n", ESL_REPLY, "a", "1",
	    "" },
	{ "a carriage return", "Content-Type: command/reply\r\nA:  1\r\n\n",
	    ESL_REPLY, "A", "1", "" },
};

START_TEST(a_frame)
{
	ck_assert_msg(pull_of(frames[_i].bytes) == ERR_OK, "%s: %s",
	    frames[_i].name, why);
	ck_assert_int_eq(f.kind, frames[_i].kind);
	ck_assert_msg(is(esl_get(&f, frames[_i].header), frames[_i].value),
	    "%s", frames[_i].name);
	ck_assert_msg(is(f.body, frames[_i].body), "%s", frames[_i].name);
	ck_err(esl_pull(r, in, &f, &why), ERR_AGAIN);
}
END_TEST

/* Whatever the segments: nothing before the last byte, the same after it. */
START_TEST(a_frame_byte_by_byte)
{
	const char *bytes = frames[_i].bytes;
	size_t n = strlen(bytes);

	for (size_t i = 0; i < n; i++) {
		ck_err(esl_pull(r, in, &f, &why), ERR_AGAIN);
		evbuffer_add(in, bytes + i, 1);
	}
	ck_ok(esl_pull(r, in, &f, &why));
	ck_assert_int_eq(f.kind, frames[_i].kind);
	ck_assert(is(f.body, frames[_i].body));
}
END_TEST

START_TEST(frames_in_a_row)
{
	for (unsigned i = 0; i < NELEM(frames); i++)
		evbuffer_add(in, frames[i].bytes, strlen(frames[i].bytes));
	for (unsigned i = 0; i < NELEM(frames); i++) {
		ck_ok(esl_pull(r, in, &f, &why));
		ck_assert_int_eq(f.kind, frames[i].kind);
		ck_assert(is(f.body, frames[i].body));
	}
	ck_err(esl_pull(r, in, &f, &why), ERR_AGAIN);
}
END_TEST

static void
add_event(const char *event)
{
	evbuffer_add_printf(in,
	    "Content-Length: %zu\nContent-Type: text/event-plain\n\n%s",
	    strlen(event), event);
}

START_TEST(an_event)
{
	add_event(EVENT);
	ck_ok(esl_pull(r, in, &f, &why));
	ck_assert_int_eq(f.kind, ESL_EVENT);
	ck_assert(is(esl_get(&f, "event-subclass"), "mashang::queued"));
	ck_assert(is(esl_get(&f, "variable_x"), "a b\n%zz%"));
	ck_assert(esl_get(&f, "Content-Type").p == NULL);
	ck_assert_uint_eq(f.body.len, 0);
}
END_TEST

/* The result of a job: a body within the body. */
START_TEST(an_event_with_a_body)
{
	add_event("Event-Name: BACKGROUND_JOB\nContent-Length: 4\n\n+OK\nrest");
	ck_ok(esl_pull(r, in, &f, &why));
	ck_assert(is(f.body, "+OK\n"));
	ck_assert(is(esl_get(&f, "Event-Name"), "BACKGROUND_JOB"));
}
END_TEST

START_TEST(an_event_as_an_answer)
{
	evbuffer_add_printf(in,
	    "Content-Type: api/response\nContent-Length: %zu\n\n%s",
	    strlen(EVENT), EVENT);
	ck_ok(esl_pull(r, in, &f, &why));
	ck_assert(is(f.body, EVENT));
	ck_ok(esl_open(r, &f, &why));
	ck_assert(is(esl_get(&f, "Event-Subclass"), "mashang::queued"));
}
END_TEST

START_TEST(numbers)
{
	ck_ok(pull_of("Content-Type: command/reply\nA: 0017\nB: -1\nC: 1x\nD: "
		      "999999999999999999999\nE:\n\n"));
	ck_assert_int_eq(esl_number(&f, "A", 5), 17);
	ck_assert_int_eq(esl_number(&f, "B", 5), 5);
	ck_assert_int_eq(esl_number(&f, "C", 5), 5);
	ck_assert_int_eq(esl_number(&f, "D", 5), 5);
	ck_assert_int_eq(esl_number(&f, "E", 5), 5);
	ck_assert_int_eq(esl_number(&f, "F", 5), 5);
}
END_TEST

/* --------------------------------------------------------------- what is none */

static const struct {
	const char *name, *bytes;
	enum err want;
} bad[] = {
	{ "no header", "HTTP/1.1 400 Bad Request\n\n", ERR_BAD_FRAME },
	{ "no name", ": x\n\n", ERR_BAD_FRAME },
	{ "negative", "Content-Length: -5\n\n", ERR_BAD_FRAME },
	{ "huge", "Content-Length: 8388609\n\n", ERR_BAD_FRAME },
	{ "no number", "Content-Length: 1e3\n\n", ERR_BAD_FRAME },
	{ "beyond all numbers", "Content-Length: 99999999999999999999\n\n",
	    ERR_BAD_FRAME },
	{ "an event that is none",
	    "Content-Length: 4\nContent-Type: text/event-plain\n\nabcd",
	    ERR_BAD_FRAME },
	{ "an event whose body is longer than it",
	    "Content-Length: 22\nContent-Type: text/event-plain\n\n"
	    "Content-Length: 99\n\nab",
	    ERR_BAD_FRAME },
	{ "huge, and not there", "Content-Length: 8388608\n\nab", ERR_AGAIN },
};

START_TEST(no_frame)
{
	why = NULL;
	ck_assert_msg(
	    pull_of(bad[_i].bytes) == bad[_i].want, "%s", bad[_i].name);
	if (bad[_i].want != ERR_AGAIN)
		ck_assert_ptr_nonnull(why);
}
END_TEST

START_TEST(headers_without_an_end)
{
	for (int i = 0; i < ESL_HEAD_MAX / 8 + 1; i++)
		evbuffer_add(in, "A: 1234\n", 8);
	ck_err(esl_pull(r, in, &f, &why), ERR_TOO_LARGE);
}
END_TEST

START_TEST(too_many_headers)
{
	for (int i = 0; i <= ESL_HEADERS_MAX; i++)
		evbuffer_add(in, "A: 1\n", 5);
	evbuffer_add(in, "\n", 1);
	ck_err(esl_pull(r, in, &f, &why), ERR_BAD_FRAME);
}
END_TEST

/* A frame cut off by a lost connection is not the next one's. */
START_TEST(a_new_connection)
{
	ck_err(pull_of("Content-Type: api/response\nContent-Length: 9\n\nab"),
	    ERR_AGAIN);
	evbuffer_drain(in, evbuffer_get_length(in));
	esl_reader_reset(r);
	ck_ok(pull_of("Content-Type: auth/request\n\n"));
	ck_assert_int_eq(f.kind, ESL_AUTH_REQUEST);
}
END_TEST

/* ----------------------------------------------------------------- commands */

START_TEST(a_command)
{
	struct esl_command c;

	esl_begin(&c, "api originate {x=");
	esl_quoted(&c, STR_LIT("李 Li"));
	esl_add(&c, "}user/");
	esl_part(&c, STR_LIT("801"));
	esl_word(&c, STR_LIT("park"));
	esl_counted(&c, UINT64_MAX);
	ck_assert(esl_end(&c));
	ck_assert_str_eq(c.text,
	    "api originate {x='李 Li'}user/801 park18446744073709551615\n\n");
	ck_assert_uint_eq(c.len, strlen(c.text));
}
END_TEST

static const char *const hostile[] = { "", "a b", "a\nb", "a\r", "a'", "a\"",
	"`id`", "${x}", "a}b", "{a", "[a", "a]", "<a", "a>", "a\\nb", "a,b",
	"a;b", "a|b", "a&b", "^^:a", "\x7F", "\x1B[2J", "\xC3\xA4" };

START_TEST(a_word_that_is_none)
{
	struct esl_command c;
	struct str s = str_of(hostile[_i]);

	esl_begin(&c, "api uuid_kill");
	esl_word(&c, s);
	ck_assert_msg(!esl_end(&c), "%s", hostile[_i]);
	esl_begin(&c, "api uuid_kill");
	ck_assert_msg(esl_end(&c), "the next is not harmed");
	/* Within quotes a blank, and letters of all the world, are well. */
	esl_begin(&c, "api x ");
	esl_quoted(&c, s);
	ck_assert_int_eq(
	    esl_end(&c), _i <= 1 || (size_t)_i == NELEM(hostile) - 1);
}
END_TEST

START_TEST(quoted_bytes_that_are_no_text)
{
	struct esl_command c;

	esl_begin(&c, "api x ");
	esl_quoted(&c, (struct str){ "a\0b", 3 });
	ck_assert(!esl_end(&c));
	esl_begin(&c, "api x ");
	esl_quoted(&c, STR_LIT("\xFF\xFE"));
	ck_assert(!esl_end(&c));
}
END_TEST

START_TEST(a_command_that_is_too_long)
{
	struct esl_command c;

	esl_begin(&c, "api");
	for (int i = 0; i < ESL_COMMAND_MAX; i++)
		esl_add(&c, "x");
	ck_assert(!esl_end(&c));
	ck_assert_uint_lt(c.len, ESL_COMMAND_MAX);
}
END_TEST

Suite *
esl_suite(void)
{
	TCase *tc = tcase_create("wire");

	tcase_add_checked_fixture(tc, up, down);
	tcase_add_loop_test(tc, a_frame, 0, NELEM(frames));
	tcase_add_loop_test(tc, a_frame_byte_by_byte, 0, NELEM(frames));
	tcase_add_test(tc, frames_in_a_row);
	tcase_add_test(tc, an_event);
	tcase_add_test(tc, an_event_with_a_body);
	tcase_add_test(tc, an_event_as_an_answer);
	tcase_add_test(tc, numbers);
	tcase_add_loop_test(tc, no_frame, 0, NELEM(bad));
	tcase_add_test(tc, headers_without_an_end);
	tcase_add_test(tc, too_many_headers);
	tcase_add_test(tc, a_new_connection);
	tcase_add_test(tc, a_command);
	tcase_add_loop_test(tc, a_word_that_is_none, 0, NELEM(hostile));
	tcase_add_test(tc, quoted_bytes_that_are_no_text);
	tcase_add_test(tc, a_command_that_is_too_long);
	return suite_of(tc, "esl");
}
