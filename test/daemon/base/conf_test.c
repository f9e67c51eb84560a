/*
 * conf_test.c - good files become structs, bad ones get every fault with its
 * place and a remedy.
 */
#include "base/conf.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/str.h"
#include "test/support/support.h"

static const char *const levels[] = { "error", "warn", "info", NULL };

struct queue {
	const char *name;
	struct conf_mark at;
	int64_t priority;
	struct conf_list skills;
};

static const char *const thens[] = { "refuse", "queue:", NULL };

struct settings {
	struct queue main;
	const char *listen;
	int64_t workers, offset, timeout, buffer;
	bool tls;
	int level;
	struct conf_choice then;
	struct conf_list hosts, queues, spans;
};

/* clang-format off */
static const struct conf_field queue_fields[] = {
	{ .name = "name", .type = CONF_STRING, .max = 16,
	  .offset = offsetof(struct queue, name),
	  .mark_offset = offsetof(struct queue, at), .help = "Its name." },
	{ .name = "priority", .type = CONF_NUMBER, .preset = "5",
	  .min = 1, .max = 9, .offset = offsetof(struct queue, priority) },
	{ .name = "skills", .type = CONF_LEVELS, .preset = "{}",
	  .min = 1, .max = 10, .offset = offsetof(struct queue, skills) },
	{ .name = NULL }
};

static const struct conf_field fields[] = {
	{ .name = "listen", .type = CONF_STRING, .preset = "unix:/run/x",
	  .offset = offsetof(struct settings, listen),
	  .mark_offset = SIZE_MAX, .help = "Where to listen." },
	{ .name = "workers", .type = CONF_NUMBER, .preset = "4",
	  .min = 1, .max = 64, .offset = offsetof(struct settings, workers) },
	{ .name = "offset", .type = CONF_NUMBER, .preset = "-3",
	  .offset = offsetof(struct settings, offset) },
	{ .name = "timeout", .type = CONF_DURATION, .preset = "20s",
	  .min = 1000, .max = INT64_C(86400000000),
	  .offset = offsetof(struct settings, timeout) },
	{ .name = "buffer", .type = CONF_SIZE, .preset = "64KiB",
	  .offset = offsetof(struct settings, buffer) },
	{ .name = "tls", .type = CONF_BOOL, .preset = "no",
	  .offset = offsetof(struct settings, tls) },
	{ .name = "level", .type = CONF_WORD, .preset = "info",
	  .words = levels, .offset = offsetof(struct settings, level) },
	{ .name = "then", .type = CONF_CHOICE, .preset = "refuse",
	  .words = thens, .min = 1, .max = 8,
	  .offset = offsetof(struct settings, then) },
	{ .name = "spans", .type = CONF_SPANS, .preset = "{}",
	  .min = 0, .max = 60000000,
	  .offset = offsetof(struct settings, spans) },
	{ .name = "hosts", .type = CONF_STRINGS, .preset = "[a, 'b c']",
	  .max = 3, .offset = offsetof(struct settings, hosts) },
	{ .name = "queues", .type = CONF_LIST, .preset = "[]",
	  .fields = queue_fields, .size = sizeof(struct queue),
	  .offset = offsetof(struct settings, queues) },
	{ .name = "main", .type = CONF_MAP, .preset = "{name: all}",
	  .fields = queue_fields, .offset = offsetof(struct settings, main) },
	{ .name = NULL }
};
/* clang-format on */

static struct settings got;
static char faults[1 << 16];

static enum err
parse(const char *text, size_t len, struct conf **c)
{
	FILE *f = fmemopen(faults, sizeof(faults), "w");
	enum err e;

	memset(&got, 0, sizeof(got));
	faults[0] = '\0';
	e = conf_parse("f", text, len, fields, &got, f, c);
	fclose(f);
	return e;
}

START_TEST(presets_alone)
{
	const char *const *hosts;
	struct conf *c = NULL;

	ck_ok(parse("", 0, &c));
	hosts = got.hosts.items;
	ck_assert_str_eq(got.listen, "unix:/run/x");
	ck_assert_int_eq(got.workers, 4);
	ck_assert_int_eq(got.offset, -3);
	ck_assert_int_eq(got.timeout, 20000000);
	ck_assert_int_eq(got.buffer, 65536);
	ck_assert(!got.tls);
	ck_assert_int_eq(got.level, 2);
	ck_assert_int_eq(got.then.word, 0);
	ck_assert_ptr_null(got.then.name);
	ck_assert_uint_eq(got.hosts.n, 2);
	ck_assert_str_eq(hosts[1], "b c");
	ck_assert_uint_eq(got.queues.n, 0);
	ck_assert_str_eq(got.main.name, "all");
	ck_assert_int_eq(got.main.priority, 5);
	ck_assert_int_eq(got.main.at.line, 0);
	conf_free(&c);
	ck_assert_ptr_null(c);
	conf_free(&c);
}
END_TEST

static const char whole[] = "# a comment\n"
			    "listen: 'it''s: \"here\" # 马上'\n"
			    "workers: 64\n"
			    "timeout: 1500ms\n"
			    "buffer: 2GiB\n"
			    "tls: yes\n"
			    "level: error\n"
			    "then: {queue: the rest}\n"
			    "spans: {gas: 10s, water: 0s}\n"
			    "hosts: []\n"
			    "queues:\n"
			    "  - name: vip\n"
			    "    priority: 1\n"
			    "    skills: {fr: 3, de: 10}\n"
			    "  - skills:\n"
			    "      it: 1\n"
			    "    name: rest\n"
			    "main:\n"
			    "  name: ''\n";

static void
check_whole(int line)
{
	const struct queue *q = got.queues.items;
	const struct conf_level *l;

	ck_assert_str_eq(got.listen, "it's: \"here\" # 马上");
	ck_assert_int_eq(got.workers, 64);
	ck_assert_int_eq(got.timeout, 1500000);
	ck_assert_int_eq(got.buffer, INT64_C(2) << 30);
	ck_assert(got.tls);
	ck_assert_int_eq(got.level, 0);
	ck_assert_int_eq(got.then.word, 1);
	ck_assert_str_eq(got.then.name, "the rest");
	ck_assert_uint_eq(got.spans.n, 2);
	l = got.spans.items;
	ck_assert_str_eq(l[0].name, "gas");
	ck_assert_int_eq(l[0].level, 10000000);
	ck_assert_uint_eq(got.hosts.n, 0);
	ck_assert_uint_eq(got.queues.n, 2);
	ck_assert_str_eq(q[0].name, "vip");
	ck_assert_int_eq(q[0].priority, 1);
	ck_assert_uint_eq(q[0].skills.n, 2);
	l = q[0].skills.items;
	ck_assert_str_eq(l[1].name, "de");
	ck_assert_int_eq(l[1].level, 10);
	ck_assert_str_eq(q[1].name, "rest");
	ck_assert_int_eq(q[1].priority, 5);
	ck_assert_str_eq(got.main.name, "");
	if (line != 0) {
		ck_assert_int_eq(q[0].at.line, line);
		ck_assert_int_eq(q[0].at.column, 11);
		ck_assert_int_eq(l[1].at.line, line + 2);
		ck_assert_int_eq(l[1].at.column, 21);
	}
}

START_TEST(a_whole_file)
{
	struct conf *c = NULL;

	ck_ok(parse(whole, sizeof(whole) - 1, &c));
	ck_assert_str_eq(faults, "");
	check_whole(12);
	conf_free(&c);
}
END_TEST

START_TEST(what_is_printed_is_read_the_same)
{
	char *text = NULL;
	struct conf *c = NULL;
	size_t len;
	FILE *f;

	ck_ok(parse(whole, sizeof(whole) - 1, &c));
	f = open_memstream(&text, &len);
	conf_print(fields, &got, f);
	fclose(f);
	conf_free(&c);
	ck_assert_ptr_nonnull(strstr(text, "# Where to listen.\n"));
	ck_ok(parse(text, len, &c));
	check_whole(0);
	conf_free(&c);
	free(text);
}
END_TEST

/* `want' is a part of what is said; its place is in it. */
/* clang-format off */
static const struct {
	const char *text, *want;
} bad[] = {
	{ "listne: x\n", "f:1:1: 'listne' is not known; did you mean 'listen'?" },
	{ "colour: x\n", "f:1:1: 'colour' is not known; here can be: listen, " },
	{ "tls: no\ntls: yes\n", "f:2:1: 'tls' is given twice, first in line 1" },
	{ "listen: a\ntls: no\ntls: no\n", "f:3:1: 'tls' is given twice" },
	{ "main:\n  name: a\n  name: b\n", "f:3:3: 'name' is given twice" },
	{ "tls: no\ntls: no\ntls: no\n",
	  "f:3:1: 'tls' is given twice, first in line 1" },
	{ "queues: [{name: a, skills: {x: 1, x: 1}}]\n", "'x' is given twice" },
	{ "main:\n\tname: a\n", "f:2:1: a tab; use spaces" },
	{ "tls:\tno\n", "f:1:5: a tab" },
	{ "workers: 20x\n",
	  "f:1:10: workers is '20x'; write a whole number from 1 to 64" },
	{ "workers: 010\n", "f:1:10: workers is '010'" },
	{ "workers: 99999999999\n", "f:1:10: workers is '99999999999'" },
	{ "offset: 99999999999999999999\n", "f:1:9: offset is" },
	{ "offset: +1\n", "offset is '+1'" },
	{ "offset: 1.5\n", "offset is '1.5'" },
	{ "offset: 0x1F\n", "offset is '0x1F'" },
	{ "offset: 1e3\n", "offset is '1e3'" },
	{ "offset: 1_000\n", "offset is '1_000'" },
	{ "offset: --1\n", "offset is '--1'" },
	{ "offset: '1 '\n", "offset is '1 '" },
	{ "offset: １\n", "offset is '１'" },
	{ "workers: 0\n", "workers is '0'" },
	{ "workers:\n", "f:1:9: workers has no value" },
	{ "workers: ''\n", "workers is ''" },
	{ "workers: [1]\n", "f:1:10: workers is a list; write a whole number" },
	{ "timeout: 20\n", "f:1:10: timeout is '20'; write a time like" },
	{ "timeout: 20S\n", "timeout is '20S'" },
	{ "timeout: 20 s\n", "timeout is '20 s'" },
	{ "timeout: 25h\n", ", from 1ms to 1d" },
	{ "timeout: 99999999999d\n", "timeout is '99999999999d'" },
	{ "buffer: 64KB\n", "f:1:9: buffer is '64KB'; write a size like" },
	{ "buffer: 9999999999999GiB\n", "buffer is" },
	{ "tls: on\n", "f:1:6: tls is 'on'; write yes or no" },
	{ "tls: True\n", "tls is 'True'" },
	{ "level: inof\n", "write one of error, warn, info; did you mean 'info'?" },
	{ "then: refsue\n", "f:1:7: then is 'refsue'; write one of refuse, "
	  "{queue: NAME}; did you mean 'refuse'?" },
	{ "then: queue\n", "f:1:7: then is 'queue'; write one of refuse, " },
	{ "then: {qeue: a}\n", "f:1:8: then is 'qeue'; write one of refuse, "
	  "{queue: NAME}; did you mean 'queue:'?" },
	{ "then: {refuse: a}\n", "f:1:8: then is 'refuse'" },
	{ "then: {queue: a, x: b}\n", "f:1:7: then is a map" },
	{ "then: {queue: [a]}\n", "f:1:15: then is a list; write a text" },
	{ "then: {queue: ''}\n", "f:1:15: then is 0 bytes long" },
	{ "then: {queue: }\n", "then has no value" },
	{ "then: [refuse]\n", "f:1:7: then is a list; write one of" },
	{ "then: {}\n", "f:1:7: then is a map; write one of" },
	{ "spans: {gas: 10}\n", "f:1:14: gas is '10'; write a time like" },
	{ "spans: {gas: 61s}\n", "f:1:14: gas is '61s'; write a time like" },
	{ "spans: [gas]\n", "write a map of names, each with a time like" },
	{ "timeout: -5s\n", "f:1:10: timeout is '-5s'" },
	{ "hosts: a\n", "f:1:8: hosts is 'a'; write a list" },
	{ "hosts: [a, [b]]\n", "f:1:12: hosts is a list; write a text" },
	{ "hosts: [a, b, c, d]\n", "hosts has 4 entries; write 0 to 3" },
	{ "hosts: [a, ]\nlisten: {}\n", "f:2:9: listen is a map" },
	{ "queues:\n  - priority: 1\n", "f:2:5: name is missing; write a text" },
	{ "queues:\n  - 5\n", "f:2:5: queues is '5'; write a map" },
	{ "queues: {}\n", "queues is a map; write a list" },
	{ "queues: [{name: a, skills: {x: 11}}]\n",
	  "f:1:32: x is '11'; write a whole number from 1 to 10" },
	{ "main: {name: 12345678901234567}\n", "name is 17 bytes long" },
	{ "main: &a {name: x}\n", "f:1:7: an anchor" },
	{ "listen: *a\n", "f:1:9: an alias" },
	{ "listen: !!str x\n", "f:1:9: a tag (!)" },
	{ "a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n", "f:3:5: an alias" },
	{ "tls: no\n---\ntls: no\n", "f:2:1: a second document" },
	{ "\xEF\xBB\xBFtls: no\n", "f:1:1: a byte order mark" },
	{ "tls: no\r\nlevel: info\r\n", "f:1:8: a carriage return" },
	{ "listen: \"a\\0b\"\n", "f:1:9: a control character or line end" },
	{ "listen: \"a\\e[2J\"\n", "a control character" },
	{ "listen: |\n  two\n  lines\n", "a control character or line end" },
	{ "listen: a\x1B[2J\n", "f:1:10: a control character" },
	{ "\x7F" "ELF\x02\x01\n", "f:1:1: a control character" },
	{ "listen: \xC3\x28\n", "f:1:9: this is not UTF-8" },
	{ "\xFF\xFEt\n", "not UTF-8" },
	{ "listen: \xED\xA0\x80\n", "not UTF-8" },
	{ "listen: 'x\n", "f:2:1: found unexpected end of stream" },
	{ "listen: x\n  tls: no\n", "f:2:6: mapping values are not allowed" },
	{ "[[[[[[[[[1]]]]]]]]]\n", "f:1:9: nested too deep" },
	{ "- a\n- b\n", "f:1:1: this is not a map" },
	{ "just words\n", "f:1:1: this is not a map" },
	{ "? [a]\n: b\n", "f:1:3: a list or map as a key" },
	{ "%YAML 3.0\n---\ntls: no\n", "f:1:1: found incompatible YAML" },
};
/* clang-format on */

START_TEST(bad_files)
{
	struct conf *c = NULL;

	ck_err(parse(bad[_i].text, strlen(bad[_i].text), &c), ERR_CONFIG);
	ck_assert_msg(strstr(faults, bad[_i].want) != NULL,
	    "wanted '%s', got '%s'", bad[_i].want, faults);
	ck_assert_ptr_null(c);
}
END_TEST

START_TEST(all_faults_are_told)
{
	static const char text[] = "listne: x\n"
				   "workers: 20x\n"
				   "level: &a loud\n"
				   "queues: [5, {priority: 10}]\n";
	static const char *const want[] = { "f:1:1:", "f:2:10:", "f:3:8: an",
		"f:3:8: level", "f:4:10:", "f:4:13: name", "f:4:24:" };
	struct conf *c = NULL;

	ck_err(parse(text, sizeof(text) - 1, &c), ERR_CONFIG);
	for (size_t i = 0; i < NELEM(want); i++)
		ck_assert_msg(strstr(faults, want[i]) != NULL,
		    "no '%s' in '%s'", want[i], faults);
}
END_TEST

/* A key and a value of one letter, again and again. */
static char *
repeat(const char *piece, size_t times)
{
	size_t n = strlen(piece);
	char *out = malloc(n * times + 1);

	for (size_t i = 0; i < times; i++)
		memcpy(out + i * n, piece, n);
	out[n * times] = '\0';
	return out;
}

static const struct {
	const char *piece;
	size_t times;
	const char *want;
} huge[] = {
	{ "# ten bytes\n"
	  "# ten bytes\n",
	    50000, "f: larger than 1 MiB" },
	{ "- a\n", 100001, "too many values" },
	{ "a: b\n", 20000, "f: and 39899 more" },
	{ "[", 20000, "nested too deep" },
	{ "{a: ", 20000, "nested too deep" },
	{ "- ", 20000, "nested too deep" },
};

START_TEST(huge_files)
{
	char *text = repeat(huge[_i].piece, huge[_i].times);
	struct conf *c = NULL;

	ck_err(parse(text, strlen(text), &c), ERR_CONFIG);
	ck_assert_msg(strstr(faults, huge[_i].want) != NULL,
	    "wanted '%s', got '%.300s'", huge[_i].want, faults);
	free(text);
}
END_TEST

/* No escape of a bad file reaches the terminal of who checks it. */
START_TEST(messages_are_clean)
{
	static const char text[] = "\"\\e]0;x\\a\": 1\n\"a\\u202eb\": 1\n";
	struct conf *c = NULL;

	ck_err(parse(text, sizeof(text) - 1, &c), ERR_CONFIG);
	ck_assert_ptr_null(strchr(faults, '\x1B'));
	ck_assert_ptr_null(strstr(faults, "\u202E"));
	ck_assert_ptr_nonnull(strstr(faults, "'ab' is not known"));
}
END_TEST

START_TEST(from_a_file)
{
	char path[256];
	struct conf *c = NULL;
	FILE *f;

	snprintf(path, sizeof(path), "%s/x.yaml", test_dir());
	ck_err(conf_load(path, fields, &got, NULL, &c), ERR_IO);
	ck_err(conf_load(test_dir(), fields, &got, NULL, &c), ERR_IO);
	f = fopen(path, "we");
	fputs(whole, f);
	fclose(f);
	ck_ok(conf_load(path, fields, &got, NULL, &c));
	check_whole(12);
	conf_free(&c);
}
END_TEST

static const struct {
	const char *got, *want;
} words[] = {
	{ "listen", "listen" },
	{ "lisetn", "listen" }, /* a swap is one */
	{ "lisn", "listen" },
	{ "lissetnn", NULL },
	{ "lst", NULL },
	{ "tlx", "tls" },
	{ "tsl", "tls" },
	{ "txx", NULL },
	{ "", NULL },
	{ "a-very-long-word-indeed-which-is-near-nothing-at-all", NULL },
};

START_TEST(nearest)
{
	static const char *const known[] = { "listen", "tls", NULL };
	const char *near = conf_nearest(words[_i].got, known);

	if (words[_i].want == NULL)
		ck_assert_ptr_null(near);
	else
		ck_assert_str_eq(near, words[_i].want);
}
END_TEST

Suite *
conf_suite(void)
{
	TCase *tc = tcase_create("conf");

	tcase_add_test(tc, presets_alone);
	tcase_add_test(tc, a_whole_file);
	tcase_add_test(tc, what_is_printed_is_read_the_same);
	tcase_add_loop_test(tc, bad_files, 0, NELEM(bad));
	tcase_add_test(tc, all_faults_are_told);
	tcase_add_loop_test(tc, huge_files, 0, NELEM(huge));
	tcase_add_test(tc, messages_are_clean);
	tcase_add_test(tc, from_a_file);
	tcase_add_loop_test(tc, nearest, 0, NELEM(words));
	return suite_of(tc, "conf");
}
