/*
 * typed_test.c - lines as agents type them.
 */
#include "test/support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/typed.h"

#define KIND(k) MASHANG__TICKET_KIND__##k

/* clang-format off */
static const struct {
	const char *line;
	enum typed_verb verb;
	const char *text;
} good[] = {
	{ "", TYPED_NOTHING, "" },
	{ " \t ", TYPED_NOTHING, "" },
	{ "ready", TYPED_READY, "" },
	{ "  ready \r", TYPED_READY, "" },
	{ "就绪", TYPED_READY, "" },
	{ "notready lunch break", TYPED_NOT_READY, "lunch break" },
	{ "未就绪\xE3\x80\x80午饭", TYPED_NOT_READY, "午饭" },
	{ "accept", TYPED_ACCEPT, "" },
	{ "接听", TYPED_ACCEPT, "" },
	{ "refuse", TYPED_REFUSE, "" },
	{ "拒接 忙", TYPED_REFUSE, "忙" },
	{ "note  wants a call back", TYPED_NOTE, "wants a call back" },
	{ "note --solved is only text", TYPED_NOTE, "--solved is only text" },
	{ "备注 已换压缩机", TYPED_NOTE, "已换压缩机" },
	{ "promise 17:00 call back", TYPED_PROMISE, "17:00 call back" },
	{ "承诺 明天 09:30 上门", TYPED_PROMISE, "明天 09:30 上门" },
	{ "pend +4h his meter's number", TYPED_PEND,
	  "+4h his meter's number" },
	{ "待他方 +2d 备件", TYPED_PEND_OTHERS, "+2d 备件" },
	{ "history", TYPED_HISTORY, "" },
	{ "state", TYPED_STATE, "" },
	{ "帮助", TYPED_HELP, "" },
	{ "退出", TYPED_QUIT, "" },
};

static const struct {
	const char *line;
	enum typed_fault fault;
	const char *word, *near;
} bad[] = {
	{ "acept", TYPED_NO_VERB, "acept", "accept" },
	{ "xyzzy", TYPED_NO_VERB, "xyzzy", NULL },
	{ "READY!", TYPED_NO_VERB, "READY!", NULL },
	{ "ready now", TYPED_TOO_MUCH, "ready", NULL },
	{ "notready", TYPED_NO_TEXT, "notready", NULL },
	{ "note ", TYPED_NO_TEXT, "note", NULL },
	{ "promise", TYPED_NO_TEXT, "promise", NULL },
	{ "ticket", TYPED_BAD_NUMBER, "", NULL },
	{ "ticket 12a4", TYPED_BAD_NUMBER, "12a4", NULL },
	{ "ticket 1234567890123456789", TYPED_BAD_NUMBER,
	  "1234567890123456789", NULL },
	{ "wrapup --solvd", TYPED_NO_OPTION, "--solvd", "--solved" },
	{ "dial --solved", TYPED_NO_OPTION, "--solved", NULL },
	{ "dial --folowup", TYPED_NO_OPTION, "--folowup", "--followup" },
	{ "wrapup --to 1", TYPED_NO_OPTION, "--to", NULL },
	{ "dial --to", TYPED_NO_VALUE, "--to", NULL },
	{ "dial wang", TYPED_BAD_NUMBER, "wang", NULL },
	{ "wrapup --kind", TYPED_NO_VALUE, "--kind", NULL },
	{ "wrapup --kind grumble", TYPED_BAD_VALUE, "grumble", NULL },
	{ "note \xff\xfe", TYPED_BAD_TEXT, "", NULL },
	{ "\x1b[2J", TYPED_NO_VERB, "\xEF\xBF\xBD[2J", NULL },
};

static const struct {
	const char *text;
	bool ok;
	uint64_t number;
} numbers[] = {
	{ "10000237", true, 10000237 },
	{ "1000 0237", true, 10000237 },
	{ "1000-0237", true, 10000237 },
	{ "１０００　０２３７", true, 10000237 },
	{ "007", true, 7 },
	{ "", false, 0 },
	{ " - ", false, 0 },
	{ "0x12", false, 0 },
	{ "-１２a", false, 0 },
};
/* clang-format on */

START_TEST(a_line_is_taken_apart)
{
	char line[128];
	struct typed t;

	snprintf(line, sizeof(line), "%s", good[_i].line);
	ck_assert_int_eq(typed_parse(line, &t), TYPED_OK);
	ck_assert_msg(t.verb == good[_i].verb, "%s", good[_i].line);
	ck_assert_str_eq(t.text, good[_i].text);
}
END_TEST

START_TEST(a_fault_names_the_word)
{
	char line[128];
	struct typed t;

	snprintf(line, sizeof(line), "%s", bad[_i].line);
	ck_assert_msg(
	    typed_parse(line, &t) == bad[_i].fault, "%s", bad[_i].line);
	ck_assert_str_eq(t.word, bad[_i].word);
	ck_assert_pstr_eq(t.near, bad[_i].near);
}
END_TEST

START_TEST(every_fault_has_words)
{
	for (int f = TYPED_NO_VERB; f <= TYPED_BAD_TEXT; f++) {
		struct typed t = { .word = "x" };
		char *text = NULL;
		size_t len;
		FILE *out = open_memstream(&text, &len);

		typed_complain(out, (enum typed_fault)f, &t);
		fclose(out);
		ck_assert_uint_gt(len, 10);
		ck_assert_int_eq(text[len - 1], '\n');
		free(text);
	}
}
END_TEST

START_TEST(a_dial_has_a_ticket_and_a_number)
{
	char all[] = "dial --followup --to +86138-0000 1000 0237";
	char chinese[] = "回拨 --回访 --号码 01088880000";
	char bare[] = "dial";
	struct typed t;

	ck_assert_int_eq(typed_parse(all, &t), TYPED_OK);
	ck_assert_int_eq(t.verb, TYPED_DIAL);
	ck_assert(t.follow_up);
	ck_assert_str_eq(t.to, "+86138-0000");
	ck_assert_uint_eq(t.number, 10000237);
	ck_assert_int_eq(typed_parse(chinese, &t), TYPED_OK);
	ck_assert_int_eq(t.verb, TYPED_DIAL);
	ck_assert(t.follow_up);
	ck_assert_str_eq(t.to, "01088880000");
	ck_assert_uint_eq(t.number, 0);
	ck_assert_int_eq(typed_parse(bare, &t), TYPED_OK);
	ck_assert(!t.follow_up);
	ck_assert_ptr_null(t.to);
}
END_TEST

START_TEST(a_wrap_up_has_options)
{
	char line[] = "wrapup --solved --kind 投诉 --category leak "
		      "--不满 --notready pipe replaced";
	struct typed t;

	ck_assert_int_eq(typed_parse(line, &t), TYPED_OK);
	ck_assert_int_eq(t.verb, TYPED_WRAP_UP);
	ck_assert(t.solved && t.dissatisfied && t.not_ready);
	ck_assert_int_eq(t.kind, KIND(COMPLAINT));
	ck_assert_str_eq(t.category, "leak");
	ck_assert_str_eq(t.text, "pipe replaced");
}
END_TEST

START_TEST(two_dashes_end_the_options)
{
	char line[] = "结束 --open -- --solved was what he said";
	struct typed t;

	ck_assert_int_eq(typed_parse(line, &t), TYPED_OK);
	ck_assert(!t.solved);
	ck_assert_str_eq(t.text, "--solved was what he said");
}
END_TEST

START_TEST(a_number_is_typed_as_it_is_told)
{
	uint64_t n = 0;

	ck_assert_msg(typed_number(numbers[_i].text, &n) == numbers[_i].ok,
	    "%s", numbers[_i].text);
	if (numbers[_i].ok)
		ck_assert_uint_eq(n, numbers[_i].number);
}
END_TEST

START_TEST(a_note_may_be_long_but_not_too_long)
{
	char *line = malloc(TYPED_TEXT_MAX + 2);
	struct typed t;

	memset(line, 'x', TYPED_TEXT_MAX + 1);
	memcpy(line, "note ", 5);
	line[TYPED_TEXT_MAX] = '\0';
	ck_assert_int_eq(typed_parse(line, &t), TYPED_OK);
	memset(line, 'x', TYPED_TEXT_MAX + 1);
	line[TYPED_TEXT_MAX + 1] = '\0';
	ck_assert_int_eq(typed_parse(line, &t), TYPED_TOO_LONG);
	free(line);
}
END_TEST

Suite *
typed_suite(void)
{
	TCase *tc = tcase_create("typed");

	tcase_add_loop_test(tc, a_line_is_taken_apart, 0, NELEM(good));
	tcase_add_loop_test(tc, a_fault_names_the_word, 0, NELEM(bad));
	tcase_add_loop_test(
	    tc, a_number_is_typed_as_it_is_told, 0, NELEM(numbers));
	tcase_add_test(tc, every_fault_has_words);
	tcase_add_test(tc, a_dial_has_a_ticket_and_a_number);
	tcase_add_test(tc, a_wrap_up_has_options);
	tcase_add_test(tc, two_dashes_end_the_options);
	tcase_add_test(tc, a_note_may_be_long_but_not_too_long);
	return suite_of(tc, "typed");
}
