/*
 * ami_test.c - the wire of Asterisk's manager, cut at every place.
 */
#include "bridge/ami.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>

#include "test/support/support.h"

/* As a real one writes: an empty value, a key that repeats, one with blanks and
 * brackets, a lone LF before the end of a line, a value with a colon. */
static const char transcript[] =
    "Asterisk Call Manager/11.0.0\r\n"
    "Response: Success\r\nActionID: 1\r\n"
    "Message: Authentication accepted\r\n\r\n"
    "Event: Newchannel\r\nPrivilege: call,all\r\n"
    "Channel: PJSIP/line-00000016\r\nChannelState: 4\r\n"
    "AccountCode: \r\nUniqueid: 1795462236.40\r\n\r\n"
    "Response: Success\r\nActionID: 2\r\nMessage: Park successful\n\r\n\r\n"
    "Event: Status\r\nvariable: A=1\r\nVARIABLE: B=x: y\r\n"
    "ChanVariable(PJSIP/line-1): C=\r\nnobody's\r\nCause-txt:Normal\r\n\r\n"
    "\r\nResponse: Goodbye\r\n\r\n";

static struct evbuffer *in;
static struct ami_reader *reader;
static char seen[8192];

static void
setup(void)
{
	in = evbuffer_new();
	reader = ami_reader_new();
	seen[0] = '\0';
}

static void
teardown(void)
{
	evbuffer_free(in);
	ami_reader_free(&reader);
}

static void
see(const struct ami_message *m)
{
	size_t n = strlen(seen);

	for (unsigned i = 0; i < m->n; i++)
		n += (size_t)snprintf(seen + n, sizeof(seen) - n, "[%.*s=%.*s]",
		    STR_ARG(m->fields[i].key), STR_ARG(m->fields[i].value));
	snprintf(seen + n, sizeof(seen) - n, ";");
}

/* All that can be had of what has come. */
static void
pull_all(bool *greeted)
{
	struct ami_message m;
	char version[32];
	const char *why;

	if (!*greeted) {
		enum err e = ami_banner(reader, in, version, &why);

		if (e == ERR_AGAIN)
			return;
		ck_ok(e);
		ck_assert_str_eq(version, "11.0.0");
		*greeted = true;
	}
	while (ami_pull(reader, in, &m, &why) == ERR_OK)
		see(&m);
}

static const char want[] =
    "[Response=Success][ActionID=1][Message=Authentication accepted];"
    "[Event=Newchannel][Privilege=call,all][Channel=PJSIP/line-00000016]"
    "[ChannelState=4][AccountCode=][Uniqueid=1795462236.40];"
    "[Response=Success][ActionID=2][Message=Park successful];"
    "[Event=Status][variable=A=1][VARIABLE=B=x: y]"
    "[ChanVariable(PJSIP/line-1)=C=][=nobody's][Cause-txt=Normal];"
    "[Response=Goodbye];";

START_TEST(cut_at_every_place)
{
	size_t len = sizeof(transcript) - 1;

	for (size_t at = 0; at <= len; at++) {
		bool greeted = false;

		seen[0] = '\0';
		ami_reader_reset(reader);
		evbuffer_add(in, transcript, at);
		pull_all(&greeted);
		evbuffer_add(in, transcript + at, len - at);
		pull_all(&greeted);
		ck_assert_msg(
		    strcmp(seen, want) == 0, "cut at %zu:\n%s", at, seen);
	}
}
END_TEST

START_TEST(byte_by_byte)
{
	bool greeted = false;

	for (size_t i = 0; i < sizeof(transcript) - 1; i++) {
		evbuffer_add(in, transcript + i, 1);
		pull_all(&greeted);
	}
	ck_assert_str_eq(seen, want);
}
END_TEST

static void
say(const char *text)
{
	evbuffer_add(in, text, strlen(text));
}

START_TEST(fields_by_name)
{
	struct ami_message m;
	const char *why;
	struct str v;
	unsigned i = 0;

	say("Event: A\r\nvariable: one\r\nVariable: two\r\nN: 17\r\nM: 1x\r\n"
	    "event: B\r\n\r\n");
	ck_ok(ami_pull(reader, in, &m, &why));
	ck_assert(ami_is(&m, "EVENT", "a"));
	ck_assert(!ami_is(&m, "Event", "B"));
	ck_assert(!ami_is(&m, "Even", "A"));
	ck_assert(
	    ami_next(&m, "Variable", &i, &v) && str_eq(v, STR_LIT("one")));
	ck_assert(
	    ami_next(&m, "Variable", &i, &v) && str_eq(v, STR_LIT("two")));
	ck_assert(!ami_next(&m, "Variable", &i, &v));
	ck_assert_int_eq(ami_number(&m, "N", -1), 17);
	ck_assert_int_eq(ami_number(&m, "M", -1), -1);
	ck_assert_int_eq(ami_number(&m, "None", -1), -1);
	ck_assert_ptr_null(ami_get(&m, "None").p);
	ck_err(ami_pull(reader, in, &m, &why), ERR_AGAIN);
}
END_TEST

/* A line of n bytes, its end not counted. */
static void
say_line(size_t n)
{
	char *line = malloc(n + 3);

	memset(line, 'v', n);
	line[0] = 'K';
	line[1] = ':';
	line[2] = ' ';
	snprintf(line + n, 3, "\r\n");
	say(line);
	free(line);
}

START_TEST(long_lines)
{
	static const size_t lengths[] = { 1024, 1025, AMI_LINE_MAX };
	struct ami_message m;
	const char *why;

	for (size_t i = 0; i < NELEM(lengths); i++) {
		say_line(lengths[i]);
		say("\r\n");
		ck_ok(ami_pull(reader, in, &m, &why));
		ck_assert_uint_eq(
		    ami_get(&m, "K").len, lengths[i] - strlen("K: "));
	}
	/* Cut within its end. */
	say("K: ");
	for (unsigned i = 3; i < AMI_LINE_MAX; i++)
		say("v");
	say("\r");
	ck_err(ami_pull(reader, in, &m, &why), ERR_AGAIN);
	say("\n\r\n");
	ck_ok(ami_pull(reader, in, &m, &why));
	say_line(AMI_LINE_MAX + 1);
	ck_err(ami_pull(reader, in, &m, &why), ERR_TOO_LARGE);
	/* Without an end in sight, as well. */
	ami_reader_reset(reader);
	evbuffer_drain(in, evbuffer_get_length(in));
	for (unsigned i = 0; i < 2 * AMI_LINE_MAX; i++)
		say("x");
	ck_err(ami_pull(reader, in, &m, &why), ERR_TOO_LARGE);
	ck_assert_ptr_nonnull(strstr(why, "8192"));
}
END_TEST

START_TEST(long_messages)
{
	struct ami_message m;
	const char *why;

	/* Many in a row are no matter. */
	for (unsigned i = 0; i < 100; i++) {
		for (unsigned n = 0; n < 7; n++)
			say_line(AMI_LINE_MAX);
		say("\r\n");
		ck_ok(ami_pull(reader, in, &m, &why));
		ck_assert_uint_eq(m.n, 7);
	}
	for (unsigned n = 0; n < 9; n++)
		say_line(AMI_LINE_MAX);
	ck_err(ami_pull(reader, in, &m, &why), ERR_TOO_LARGE);
	ck_assert_ptr_nonnull(strstr(why, "65536"));
	ami_reader_reset(reader);
	evbuffer_drain(in, evbuffer_get_length(in));
	for (unsigned n = 0; n <= AMI_FIELDS_MAX; n++)
		say("a: b\r\n");
	ck_err(ami_pull(reader, in, &m, &why), ERR_TOO_LARGE);
	ck_assert_ptr_nonnull(strstr(why, "1024 lines"));
}
END_TEST

START_TEST(other_banners)
{
	static const struct {
		const char *said, *version; /* NULL: refused */
	} rows[] = {
		{ "Asterisk Call Manager/1.1\r\n", "1.1" },
		{ "Asterisk Call Manager/13.0.0\r\n", "13.0.0" },
		{ "SSH-2.0-OpenSSH_9.2\r\n", NULL },
		{ "HTTP/1.1 400 Bad Request\r\n", NULL },
		{ "Asterisk Call Manager/\r\n", NULL },
		{ "\r\n", NULL },
	};
	char version[32];
	const char *why;

	for (size_t i = 0; i < NELEM(rows); i++) {
		ami_reader_reset(reader);
		say(rows[i].said);
		if (rows[i].version == NULL) {
			ck_err(ami_banner(reader, in, version, &why),
			    ERR_BAD_FRAME);
			ck_assert_ptr_nonnull(strstr(why, "not Asterisk"));
			continue;
		}
		ck_ok(ami_banner(reader, in, version, &why));
		ck_assert_str_eq(version, rows[i].version);
	}
	/* A TLS server says bytes that are no line. */
	ami_reader_reset(reader);
	for (unsigned i = 0; i < 300; i++)
		say("\x15\x03");
	ck_err(ami_banner(reader, in, version, &why), ERR_BAD_FRAME);
	ami_reader_reset(reader);
	evbuffer_drain(in, evbuffer_get_length(in));
	say("Asterisk Call");
	ck_err(ami_banner(reader, in, version, &why), ERR_AGAIN);
}
END_TEST

START_TEST(actions)
{
	struct ami_action a;

	ami_begin(&a, "Redirect", 7);
	ami_add(&a, "Channel", STR_LIT("PJSIP/801-1"));
	ami_addf(&a, "Priority", "%d", 1);
	ck_assert(ami_end(&a));
	a.text[a.len] = '\0';
	ck_assert_str_eq(a.text, "Action: Redirect\r\nActionID: 7\r\n"
				 "Channel: PJSIP/801-1\r\nPriority: 1\r\n\r\n");
}
END_TEST

START_TEST(nobody_elses_headers)
{
	static const struct str hostile[] = { STR_LIT("a\r\nAction: Command"),
		STR_LIT("a\nb"), STR_LIT("a\rb"), STR_LIT("a\0b"),
		STR_LIT("\x1b[2J"), STR_LIT("a\x7f") };
	char line[AMI_OUT_LINE_MAX];
	struct ami_action a;

	for (size_t i = 0; i < NELEM(hostile); i++) {
		ami_begin(&a, "Setvar", 1);
		ami_add(&a, "Value", hostile[i]);
		ck_assert(!ami_end(&a));
	}
	/* What Asterisk would cut: with its end 1,024 bytes are the most. */
	memset(line, 'x', sizeof(line));
	ami_begin(&a, "Setvar", 1);
	ami_add(&a, "Value", (struct str){ line, 1024 - 7 - 2 });
	ck_assert(ami_end(&a));
	ami_begin(&a, "Setvar", 1);
	ami_add(&a, "Value", (struct str){ line, 1024 - 7 - 1 });
	ck_assert(!ami_end(&a));
	ami_begin(&a, "Setvar", 1);
	for (unsigned i = 2; i < AMI_OUT_LINES_MAX; i++)
		ami_add(&a, "V", STR_LIT("x"));
	ck_assert(ami_end(&a));
	ami_begin(&a, "Setvar", 1);
	for (unsigned i = 1; i < AMI_OUT_LINES_MAX; i++)
		ami_add(&a, "V", STR_LIT("x"));
	ck_assert(!ami_end(&a));
}
END_TEST

START_TEST(the_key)
{
	char key[33];

	/* md5sum of 840415273secret */
	ck_assert(ami_key(STR_LIT("840415273"), "secret", key));
	ck_assert_str_eq(key, "81c3ab5534a432bec402f6d988ee45b4");
}
END_TEST

START_TEST(decoded)
{
	char out[32];
	int n;

	n = ami_decode(STR_LIT("a%26b%2C+c%e4"), out, sizeof(out));
	ck_assert_int_eq(n, 7);
	ck_assert_mem_eq(out, "a&b, c\xe4", 7);
	ck_assert_int_eq(ami_decode(STR_LIT("a%2"), out, sizeof(out)), -1);
	ck_assert_int_eq(ami_decode(STR_LIT("a%"), out, sizeof(out)), -1);
	ck_assert_int_eq(ami_decode(STR_LIT("%zz"), out, sizeof(out)), -1);
	ck_assert_int_eq(ami_decode(STR_LIT("12345"), out, 4), -1);
	ck_assert_int_eq(ami_decode(STR_LIT("1234"), out, 4), 4);
}
END_TEST

Suite *
ami_suite(void)
{
	TCase *tc = tcase_create("ami");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, cut_at_every_place);
	tcase_add_test(tc, byte_by_byte);
	tcase_add_test(tc, fields_by_name);
	tcase_add_test(tc, long_lines);
	tcase_add_test(tc, long_messages);
	tcase_add_test(tc, other_banners);
	tcase_add_test(tc, actions);
	tcase_add_test(tc, nobody_elses_headers);
	tcase_add_test(tc, the_key);
	tcase_add_test(tc, decoded);
	return suite_of(tc, "ami");
}
