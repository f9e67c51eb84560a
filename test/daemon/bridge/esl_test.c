/*
 * esl_test.c - FreeSWITCH's event socket: frames however they are cut, and
 * commands that hold nothing of anybody else's making.
 */
#include "test/support/support.h"

#include <event2/buffer.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/esl.h"

static struct esl_reader *reader;
static struct evbuffer *in;
static const char *why;

static void
up(void)
{
	reader = esl_reader_new();
	in = evbuffer_new();
	ck_assert_ptr_nonnull(reader);
}

static void
down(void)
{
	esl_reader_free(&reader);
	evbuffer_free(in);
}

#define ck_is(s, text)                                                    \
	ck_assert_msg(str_eq((s), STR_LIT(text)), "\"%.*s\", not \"%s\"", \
	    STR_ARG(s), text)

static enum err
pull(struct esl_frame *f)
{
	return esl_pull(reader, in, f, &why);
}

static enum err
feed(const char *text)
{
	struct esl_frame f;

	evbuffer_drain(in, evbuffer_get_length(in));
	esl_reader_reset(reader);
	evbuffer_add(in, text, strlen(text));
	return pull(&f);
}

/* As a real switch said it; bodies of commands end where their length says,
 * without a line end. */
static const char talk[] =
    "Content-Type: auth/request\n\n"
    "Content-Type: command/reply\nReply-Text: +OK accepted\n\n"
    "Content-Type: api/response\nContent-Length: 5\n\n"
    "false"
    "\n\n"
    "Content-Length: 164\nContent-Type: text/event-plain\n\n"
    "Event-Name: BACKGROUND_JOB\nJob-UUID: m-7\n"
    "Caller-Name: %E7%8E%8B%20Fang%0AAction%3A x\nvariable_odd: 50%\n"
    "Content-Length: 41\n\n"
    "+OK 08ba3314-7312-44c3-8cb8-f5bb4ae2faab\n"
    "Content-Type: text/disconnect-notice\nContent-Length: 0\n\n"
    "Content-Type: text/rude-rejection\nContent-Length: 24\n\n"
    "Access Denied, go away.\n"
    "Content-Type: log/data\n\n";

static void
check_talk(const struct esl_frame *f, unsigned n)
{
	static const enum esl_kind kinds[] = { ESL_AUTH_REQUEST, ESL_REPLY,
		ESL_RESPONSE, ESL_EVENT, ESL_DISCONNECT, ESL_REJECTION,
		ESL_NONE };

	ck_assert_uint_lt(n, NELEM(kinds));
	ck_assert_int_eq(f->kind, kinds[n]);
	if (f->kind == ESL_REPLY)
		ck_is(esl_get(f, "reply-text"), "+OK accepted");
	if (f->kind == ESL_RESPONSE)
		ck_is(f->body, "false");
	if (f->kind != ESL_EVENT)
		return;
	ck_is(esl_get(f, "Job-UUID"), "m-7");
	ck_is(esl_get(f, "Caller-Name"), "王 Fang\nAction: x");
	ck_is(esl_get(f, "variable_odd"), "50%");
	ck_is(f->body, "+OK 08ba3314-7312-44c3-8cb8-f5bb4ae2faab\n");
	ck_assert_int_eq(esl_number(f, "Content-Length", -1), 41);
	ck_assert_int_eq(esl_number(f, "Job-UUID", -1), -1);
	ck_assert_ptr_null(esl_get(f, "Nothing").p);
}

/* In two pieces, at every place. */
START_TEST(frames_may_be_cut_anywhere)
{
	size_t len = sizeof(talk) - 1;

	for (size_t cut = 0; cut <= len; cut++) {
		struct esl_frame f;
		unsigned n = 0;

		esl_reader_reset(reader);
		evbuffer_add(in, talk, cut);
		while (pull(&f) == ERR_OK)
			check_talk(&f, n++);
		evbuffer_add(in, talk + cut, len - cut);
		while (pull(&f) == ERR_OK)
			check_talk(&f, n++);
		ck_assert_uint_eq(n, 7);
		ck_assert_uint_eq(evbuffer_get_length(in), 0);
	}
}
END_TEST

START_TEST(frames_may_come_byte_by_byte)
{
	struct esl_frame f;
	unsigned n = 0;

	for (size_t i = 0; i < sizeof(talk) - 1; i++) {
		evbuffer_add(in, talk + i, 1);
		while (pull(&f) == ERR_OK)
			check_talk(&f, n++);
	}
	ck_assert_uint_eq(n, 7);
}
END_TEST

START_TEST(lengths_that_are_none)
{
	static const char *const bad[] = { "-1", "-9223372036854775808",
		"9223372036854775807", "99999999999999999999", "8388609", "1e3",
		"0x10", "12 ", "", " ", "+5" };

	for (size_t i = 0; i < NELEM(bad); i++) {
		char text[128];

		snprintf(text, sizeof(text),
		    "Content-Type: api/response\nContent-Length: %s\n\nabc",
		    bad[i]);
		ck_assert_msg(feed(text) == ERR_BAD_FRAME, "%s", bad[i]);
		ck_assert_ptr_nonnull(strstr(why, "Content-Length"));
	}
	ck_err(feed("Content-Length: 8388608\n\nabc"), ERR_AGAIN);
}
END_TEST

/* An event's own length is within the event. */
START_TEST(an_event_does_not_reach_beyond_itself)
{
	ck_err(feed("Content-Length: 21\nContent-Type: text/event-plain\n\n"
		    "Content-Length: 2\n\nabX"),
	    ERR_OK);
	ck_err(feed("Content-Length: 22\nContent-Type: text/event-plain\n\n"
		    "Content-Length: 99\n\nab"),
	    ERR_BAD_FRAME);
	ck_err(feed("Content-Length: 4\nContent-Type: text/event-plain\n\n"
		    "what"),
	    ERR_BAD_FRAME);
}
END_TEST

START_TEST(somebody_else_speaks_there)
{
	ck_err(feed("SSH-2.0-OpenSSH_9.2\n\n"), ERR_BAD_FRAME);
	ck_err(feed(": nameless\n\n"), ERR_BAD_FRAME);
	ck_err(feed("HTTP/1.1 400 Bad Request\n\n"), ERR_BAD_FRAME);
}
END_TEST

START_TEST(headers_without_an_end)
{
	char line[1025];
	struct esl_frame f;
	enum err e = ERR_AGAIN;

	memset(line, 'a', sizeof(line));
	line[1] = ':';
	line[sizeof(line) - 1] = '\n';
	for (int i = 0; i < 64 && e == ERR_AGAIN; i++) {
		evbuffer_add(in, line, sizeof(line));
		e = pull(&f);
	}
	ck_err(e, ERR_TOO_LARGE);
	esl_reader_reset(reader);
	evbuffer_drain(in, evbuffer_get_length(in));
	for (int i = 0; i < ESL_HEADERS_MAX + 1; i++)
		evbuffer_add(in, "a: b\n", 5);
	evbuffer_add(in, "\n", 1);
	ck_err(pull(&f), ERR_BAD_FRAME);
}
END_TEST

/* -------------------------------------------------------------- commands */

START_TEST(a_command_is_one_line)
{
	struct esl_command c;

	esl_begin(&c, "bgapi originate");
	esl_add(&c, " {origination_uuid=");
	esl_part(&c, STR_LIT("11-22"));
	esl_add(&c, ",name=");
	esl_quoted(&c, STR_LIT("王 Fang, (home)"));
	esl_add(&c, "}user/");
	esl_part(&c, STR_LIT("801"));
	esl_word(&c, STR_LIT("&park") /* refused: an ampersand */);
	ck_assert(!esl_end(&c));
	esl_begin(&c, "api uuid_kill");
	esl_word(&c, STR_LIT("11-22"));
	esl_add(&c, " ");
	esl_counted(&c, 17);
	ck_assert(esl_end(&c));
	ck_is(((struct str){ c.text, (uint32_t)c.len }),
	    "api uuid_kill 11-22 17\n\n");
}
END_TEST

START_TEST(nothing_else_gets_into_it)
{
	static const char *const words[] = { "", "a b", "a\nb", "a\r\n\r\nexit",
		"a;b", "a,b", "a'b", "a\"b", "${x}", "a|b", "a&b", "{a}", "[a]",
		"a\\b", "a^b", "<a>", "`a`", "\x7f", "\xe7\x8e\x8b" };
	static const char *const texts[] = { "a'b", "a\"b", "$a", "a\nb",
		"a\\b", "a^b", "a`b", "\xff", "a\x1b[2J" };
	struct esl_command c;

	for (size_t i = 0; i < NELEM(words); i++) {
		esl_begin(&c, "api uuid_kill");
		esl_word(&c, str_of(words[i]));
		ck_assert_msg(!esl_end(&c), "%s", words[i]);
	}
	for (size_t i = 0; i < NELEM(texts); i++) {
		esl_begin(&c, "api uuid_setvar u v");
		esl_quoted(&c, str_of(texts[i]));
		ck_assert_msg(!esl_end(&c), "%s", texts[i]);
	}
}
END_TEST

START_TEST(a_command_has_an_end)
{
	static char text[ESL_COMMAND_MAX];
	struct esl_command c;

	memset(text, 'a', sizeof(text) - 1);
	esl_begin(&c, "api");
	esl_word(&c, str_of(text));
	ck_assert(!esl_end(&c));
	text[ESL_COMMAND_MAX - 7] = '\0';
	esl_begin(&c, "api");
	esl_word(&c, str_of(text));
	ck_assert(esl_end(&c));
	ck_assert_uint_lt(c.len, sizeof(c.text));
}
END_TEST

Suite *
esl_suite(void)
{
	TCase *tc = tcase_create("esl");

	tcase_add_checked_fixture(tc, up, down);
	tcase_add_test(tc, frames_may_be_cut_anywhere);
	tcase_add_test(tc, frames_may_come_byte_by_byte);
	tcase_add_test(tc, lengths_that_are_none);
	tcase_add_test(tc, an_event_does_not_reach_beyond_itself);
	tcase_add_test(tc, somebody_else_speaks_there);
	tcase_add_test(tc, headers_without_an_end);
	tcase_add_test(tc, a_command_is_one_line);
	tcase_add_test(tc, nothing_else_gets_into_it);
	tcase_add_test(tc, a_command_has_an_end);
	return suite_of(tc, "esl");
}
