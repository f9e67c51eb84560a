/*
 * text_test.c - 64 hostile strings, and numbers as callers' switches send them.
 */
#include "base/text.h"

#include "base/text_utf8.h"
#include "test/support/support.h"

#define FFFD "\xEF\xBF\xBD"

/* `in' comes in, `clean' is what a terminal gets; `ok': text_check takes it. */
/* clang-format off */
static const struct {
	const char *name, *in, *clean;
	bool ok;
} hostile[] = {
	{ "plain text", "Hello, 世界", "Hello, 世界", true },
	{ "nothing", "", "", true },
	{ "escape", "a\x1B[2Jb", "a" FFFD "[2Jb", true },
	{ "title by OSC 0 and bell", "\x1B]0;owned\a", FFFD "]0;owned" FFFD, true },
	{ "clipboard by OSC 52", "\x1B]52;c;aGk=\x1B\\",
	  FFFD "]52;c;aGk=" FFFD "\\", true },
	{ "link by OSC 8", "\x1B]8;;http://x\x1B\\y", FFFD "]8;;http://x" FFFD "\\y", true },
	{ "device status", "\x1B[6n", FFFD "[6n", true },
	{ "DCS", "\x1BP+q544e\x1B\\", FFFD "P+q544e" FFFD "\\", true },
	{ "bell", "ding\a", "ding" FFFD, true },
	{ "backspace", "good\b\b\b\bevil", "good" FFFD FFFD FFFD FFFD "evil", true },
	{ "carriage return wipes the row", "name\rfake", "name" FFFD "fake", true },
	{ "line feed forges a line", "a\nb", "a" FFFD "b", true },
	{ "tab", "a\tb", "a" FFFD "b", true },
	{ "vertical tab", "a\vb", "a" FFFD "b", true },
	{ "form feed", "a\fb", "a" FFFD "b", true },
	{ "shift out", "a\x0E" "b", "a" FFFD "b", true },
	{ "unit separator", "a\x1F" "b", "a" FFFD "b", true },
	{ "delete", "a\x7F" "b", "a" FFFD "b", true },
	{ "C1 CSI", "a\xC2\x9B" "2Jb", "a" FFFD "2Jb", true },
	{ "C1 OSC", "\xC2\x9D" "0;x\xC2\x9C", FFFD "0;x" FFFD, true },
	{ "C1 next line", "a\xC2\x85" "b", "a" FFFD "b", true },
	{ "C1 first", "\xC2\x80", FFFD, true },
	{ "raw byte CSI", "a\x9B" "2J", "a" FFFD "2J", false },
	{ "raw byte 80", "\x80", FFFD, false },
	{ "byte FF", "a\xFF", "a" FFFD, false },
	{ "byte FE", "\xFE" "a", FFFD "a", false },
	{ "line separator", "a\u2028b", "a" FFFD "b", true },
	{ "paragraph separator", "a\u2029b", "a" FFFD "b", true },
	{ "right-to-left override", "cod.\u202Eexe", "cod.exe", true },
	{ "left-to-right embedding", "\u202Ax\u202C", "x", true },
	{ "right-to-left isolate", "\u2067x\u2069", "x", true },
	{ "first strong isolate", "\u2068x\u2069", "x", true },
	{ "right-to-left mark", "x\u200Fy", "xy", true },
	{ "Arabic letter mark", "x\u061Cy", "xy", true },
	{ "zero-width space", "ad\u200Bmin", "admin", true },
	{ "zero-width non-joiner", "ad\u200Cmin", "admin", true },
	{ "zero-width joiner", "\U0001F468\u200D\U0001F469",
	  "\U0001F468\U0001F469", true },
	{ "word joiner", "ad\u2060min", "admin", true },
	{ "byte order mark", "\uFEFFx", "x", true },
	{ "invisible times", "a\u2062b", "ab", true },
	{ "interlinear annotation", "a\uFFF9b\uFFFB", "ab", true },
	{ "tags", "x\U000E0041\U000E007Fy", "xy", true },
	{ "variation selector past the cap", "a\uFE0F\uFE0F\uFE0F\uFE0F",
	  "a\uFE0F\uFE0F", true },
	{ "private use", "x\uE000y\uF8FF", "xy", true },
	{ "private use, plane 16", "x\U0010FFFDy", "xy", true },
	{ "noncharacter FFFE", "x\uFFFEy", "xy", true },
	{ "noncharacter FDD0", "x\uFDD0y", "xy", true },
	{ "noncharacter of plane 1", "x\U0001FFFFy", "xy", true },
	{ "two marks stay", "e\u0301\u0302", "e\u0301\u0302", true },
	{ "the third mark goes", "e\u0301\u0302\u0303\u0304z",
	  "e\u0301\u0302z", true },
	{ "marks on nothing", "\u0301\u0302x", "x", true },
	{ "marks past a dropped base", "a\u0301\u200B\u0302\u0303z",
	  "a\u0301\u0302z", true },
	{ "enclosing marks", "a\u20DD\u20DD\u20DD", "a\u20DD\u20DD", true },
	{ "decomposed Hangul", "\u1112\u1161\u11AB", "\u1112\u1161\u11AB", true },
	{ "overlong slash, 2 bytes", "\xC0\xAF", FFFD FFFD, false },
	{ "overlong NUL", "\xC0\x80", FFFD FFFD, false },
	{ "overlong escape, 3 bytes", "\xE0\x80\x9B", FFFD FFFD FFFD, false },
	{ "overlong, 4 bytes", "\xF0\x80\x80\xAF", FFFD FFFD FFFD FFFD, false },
	{ "lone high surrogate", "\xED\xA0\x80", FFFD FFFD FFFD, false },
	{ "surrogate pair (CESU-8)", "\xED\xA0\xBD\xED\xB8\x80",
	  FFFD FFFD FFFD FFFD FFFD FFFD, false },
	{ "beyond U+10FFFF", "\xF4\x90\x80\x80", FFFD FFFD FFFD FFFD, false },
	{ "five-byte form", "\xF8\x88\x80\x80\x80",
	  FFFD FFFD FFFD FFFD FFFD, false },
	{ "cut character at the end", "ab\xE4\xB8", "ab" FFFD, false },
	{ "cut character swallows nothing", "\xE4\xB8" "a", FFFD "a", false },
};

_Static_assert(NELEM(hostile) == 64, "the rule says 64");

/* As the largest text that arrives with a length: these have a NUL inside. */
static const struct {
	const char *in;
	uint32_t len;
	const char *clean;
} nuls[] = {
	{ "ab\0cd", 5, "ab" FFFD "cd" },
	{ "\0", 1, FFFD },
	{ "tail\0", 5, "tail" FFFD },
};
/* clang-format on */

START_TEST(hostile_is_harmless)
{
	struct str in = str_of(hostile[_i].in);
	char out[256];
	size_t len = text_clean(in, false, out, sizeof(out));

	ck_assert_msg(strcmp(out, hostile[_i].clean) == 0, "%s: '%s'",
	    hostile[_i].name, out);
	ck_assert_uint_eq(len, strlen(out));
	ck_assert_msg((text_check(in, 100) == ERR_OK) == hostile[_i].ok, "%s",
	    hostile[_i].name);
}
END_TEST

START_TEST(cleaning_twice_changes_nothing)
{
	char once[256], twice[256];
	size_t len =
	    text_clean(str_of(hostile[_i].in), false, once, sizeof(once));

	ck_ok(text_check(str_of(once), sizeof(once)));
	ck_assert_uint_eq(
	    text_clean(str_of(once), false, twice, sizeof(twice)), len);
	ck_assert_str_eq(once, twice);
}
END_TEST

START_TEST(nul_is_no_end)
{
	struct str in = { nuls[_i].in, nuls[_i].len };
	char out[64];

	text_clean(in, false, out, sizeof(out));
	ck_assert_str_eq(out, nuls[_i].clean);
	ck_err(text_check(in, 100), ERR_BAD_TEXT);
}
END_TEST

static bool
is_forbidden(uint32_t c)
{
	return c < ' ' || (c >= 0x7F && c < 0xA0) || c == 0x2028 ||
	       c == 0x2029 || (c >= 0x202A && c <= 0x202E) ||
	       (c >= 0x200B && c <= 0x200F) || (c >= 0x2060 && c <= 0x2069) ||
	       c == 0x061C || c == 0xFEFF || (c >= 0xE000 && c <= 0xF8FF) ||
	       (c >= 0xFDD0 && c <= 0xFDEF) || (c & 0xFFFE) == 0xFFFE ||
	       (c >= 0xE0000 && c <= 0xE007F) || c >= 0xF0000;
}

/* Every code point there is comes out as itself, or replaced, or not. */
START_TEST(every_character)
{
	for (uint32_t c = 0; c < 0x110000; c++) {
		char in[4], out[8];
		struct str s = { in, utf8_put(c, in) };
		size_t len = text_clean(s, false, out, sizeof(out));
		struct str got = { out, (uint32_t)len };
		uint32_t g;

		if (len == 0)
			continue;
		g = utf8_next(&got);
		if (is_forbidden(g) || (g != c && g != UTF8_REPLACEMENT))
			ck_abort_msg("U+%04X gives U+%04X", c, g);
	}
}
END_TEST

START_TEST(lines_may_stay)
{
	char out[64];

	text_clean(STR_LIT("a\n\tb\r\x1B"), true, out, sizeof(out));
	ck_assert_str_eq(out, "a\n\tb" FFFD FFFD);
	text_clean(STR_LIT("a\n\u0301b"), true, out, sizeof(out));
	ck_assert_str_eq(out, "a\nb");
}
END_TEST

/* Whatever the room, what comes out is whole characters and ends in NUL. */
START_TEST(cuts_at_a_character_s_edge)
{
	static const size_t want[] = { 0, 0, 1, 1, 1, 4, 4, 6, 6, 6, 6, 10 };
	char out[16];

	memset(out, 'x', sizeof(out));
	for (size_t room = 0; room < NELEM(want); room++) {
		ck_assert_uint_eq(
		    text_clean(STR_LIT("a中é\U0001F600"), false, out, room),
		    want[room]);
		if (room > 0)
			ck_assert_int_eq(out[want[room]], '\0');
		ck_assert_int_eq(out[room], 'x');
	}
}
END_TEST

START_TEST(length_is_checked_first)
{
	ck_ok(text_check(STR_LIT("abcd"), 4));
	ck_err(text_check(STR_LIT("abcde"), 4), ERR_TOO_LARGE);
	ck_ok(text_check((struct str){ NULL, 0 }, 0));
}
END_TEST

/* clang-format off */
static const struct {
	const char *text;
	int columns;
} widths[] = {
	{ "", 0 },
	{ "abc", 3 },
	{ "马上", 4 },
	{ "ａ", 2 },          /* full-width */
	{ "ｱ", 1 },           /* half-width */
	{ "한글", 4 },
	{ "\u1112\u1161\u11AB", 2 },
	{ "é", 1 },
	{ "e\u0301", 1 },
	{ "\U0001F600", 2 },
	{ "\U00020000", 2 },  /* CJK extension B */
	{ "，。", 4 },
	{ "…", 1 },           /* ambiguous width is narrow */
	{ FFFD, 1 },
};
/* clang-format on */

START_TEST(columns)
{
	ck_assert_msg(
	    text_columns(str_of(widths[_i].text)) == widths[_i].columns, "%s",
	    widths[_i].text);
}
END_TEST

/* clang-format off */
static const struct {
	const char *in, *country, *want; /* NULL: it cannot be one */
} numbers[] = {
	/* at home, as fixed and mobile callers appear */
	{ "13812348000", "86", "+8613812348000" },
	{ "013812348000", "86", "+8613812348000" },
	{ "01062581234", "86", "+861062581234" },
	{ "051262581234", "86", "+8651262581234" },
	{ "0512-6258123", "86", "+865126258123" },
	{ "(010) 6258-1234", "86", "+861062581234" },
	{ "010.6258.1234", "86", "+861062581234" },
	{ "010/62581234", "86", "+861062581234" },
	{ "138 1234 8000", "86", "+8613812348000" },
	{ "4008123456", "86", "+864008123456" },
	/* with the country, with and without the plus */
	{ "+8613812348000", "86", "+8613812348000" },
	{ "+86 138-1234-8000", "86", "+8613812348000" },
	{ "8613812348000", "86", "+8613812348000" },
	{ "861062581234", "86", "+861062581234" },
	{ "008613812348000", "86", "+8613812348000" },
	{ "+008613812348000", "86", "+8613812348000" },
	{ "+86 010 6258 1234", "86", "+861062581234" },
	{ "+86 (0)10 6258 1234", "86", "+861062581234" },
	{ "+86 013812348000", "86", "+8613812348000" },
	{ "+86 0010 62581234", "86", NULL },
	/* from abroad */
	{ "+442079460018", "86", "+442079460018" },
	{ "+44 (0)20 7946 0018", "86", "+442079460018" },
	{ "0085229012345", "86", "+85229012345" },
	{ "+1 (212) 555-0100", "86", "+12125550100" },
	{ "+390612345678", "86", "+390612345678" },
	/* full-width */
	{ "１３８１２３４８０００", "86", "+8613812348000" },
	{ "＋８６　１３８（１２３４）８０００", "86", "+8613812348000" },
	{ "138\u00A01234\u20118000", "86", "+8613812348000" },
	/* other homes */
	{ "020 7946 0018", "44", "+442079460018" },
	{ "07400 123456", "44", "+447400123456" },
	{ "2901 2345", "852", "+85229012345" },
	{ "(212) 555-0100", "1", "+12125550100" },
	{ "1-212-555-0100", "1", "+12125550100" },
	{ "011 86 138 1234 8000", "1", "+8613812348000" },
	{ "8 495 123-45-67", "7", "+74951234567" },
	{ "+810 970 6602", "7", "+8109706602" },
	{ "8005553535", "7", "+78005553535" },
	{ "06 1234 5678", "39", "+390612345678" },
	{ "+39 06 1234 5678", "39", "+390612345678" },
	/* not a number that one could call back */
	{ "", "86", NULL },
	{ "anonymous", "86", NULL },
	{ "Anonymous", "86", NULL },
	{ "unknown", "86", NULL },
	{ "unavailable", "86", NULL },
	{ "restricted", "86", NULL },
	{ "0", "86", NULL },
	{ "00", "86", NULL },
	{ "000000000000", "86", NULL },
	{ "+", "86", NULL },
	{ "++8613812348000", "86", NULL },
	{ "138+12348000", "86", NULL },
	{ "8001", "86", NULL },      /* an extension */
	{ "110", "86", NULL },
	{ "10086", "86", NULL },
	{ "95588", "86", NULL },
	{ "+8610086", "86", NULL },
	{ "62581234", "86", NULL },  /* no area */
	{ "0062581234", "86", "+62581234" },
	{ "+12345", "86", NULL },
	{ "+0138123480001", "86", NULL },
	{ "138123480001", "86", NULL },
	{ "1381234800a", "86", NULL },
	{ "1-800-FLOWERS", "1", NULL },
	{ "13812348000#1", "86", NULL },
	{ "13812348000;ext=5", "86", NULL },
	{ "13812348000@10.0.0.1", "86", NULL },
	{ "sip:13812348000", "86", NULL },
	{ "*31#13812348000", "86", NULL },
	{ "13812348000,13900000000", "86", NULL },
	{ "+86138123480001234", "86", NULL },
	{ "1234567890123456789012345678901234567890", "86", NULL },
	{ "138\x1B" "12348000", "86", NULL },
	{ "13812348000\xFF", "86", NULL },
	{ "١٣٨١٢٣٤٨٠٠٠", "86", NULL },
	{ "13812348000", "", NULL },
	/* URIs, as SIP has them */
	{ "tel:+8613812348000", "86", "+8613812348000" },
	{ "tel:+86-138-1234-8000;ext=5", "86", "+8613812348000" },
	{ "TEL:013812348000", "86", "+8613812348000" },
	{ "tel:8001;phone-context=+861062581234", "86", NULL },
	{ "tel:13812348000;phone-context=example.com", "86", NULL },
	{ "sip:13812348000@10.0.0.1", "86", "+8613812348000" },
	{ "sips:+8613812348000;npdi@pbx.example:5061;user=phone", "86",
	  "+8613812348000" },
	{ "<sip:13812348000@pbx.example>", "86", "+8613812348000" },
	{ "<tel:+8613812348000>", "86", "+8613812348000" },
	{ "sip:13812348000:secret@pbx.example", "86", "+8613812348000" },
	{ "sip:192.168.100.100", "86", NULL },
	{ "sip:8001@13812348000", "86", NULL },
	{ "sip:anonymous@anonymous.invalid", "86", NULL },
	{ "Anonymous@13812348000", "86", NULL },
	{ "sip:@13812348000", "86", NULL },
	/* nobody: what would be one customer for all of them */
	{ "0000000000", "1", NULL },
	{ "+1 000 000 0000", "1", NULL },
	{ "+860000000000", "86", NULL },
	{ "00000000", "852", NULL },
	{ "-", "86", NULL },
	{ "********", "86", NULL },
};
/* clang-format on */

/* clang-format off */
static const struct {
	const char *in;
	bool withheld;
} callers[] = {
	{ "", true }, { "0", true }, { "-", true }, { "00000000000", true },
	{ "+", true }, { "?", true }, { "********", true }, { " - ", true },
	{ "０", true },
	{ "anonymous", true }, { "Anonymous", true }, { "ANONYMOUS", true },
	{ "unknown", true }, { "Private", true }, { "restricted", true },
	{ "Unavailable", true }, { "\"Anonymous\"", true },
	{ "No Caller ID", true }, { "sip:anonymous@anonymous.invalid", true },
	{ "Anonymous@10.0.0.1", true }, { "sips:Unknown@pbx", true },
	{ "sip:@10.0.0.1", true }, { "sip:0@10.0.0.1", true },
	{ "<sip:anonymous@anonymous.invalid>", true }, { "tel:0", true },
	{ "8001", false }, { "10086", false }, { "13812348000", false },
	{ "sip:8001@10.0.0.1", false }, { "wang", false },
	{ "Anonymous Ltd", false }, { "张三", false }, { "0a", false },
	{ "tel:+8613812348000", false },
};

static const struct {
	const char *in, *want; /* NULL: cannot be dialled */
} dialled[] = {
	{ "138 1234-8000", "13812348000" }, { "+86 (138) 1234", "+861381234" },
	{ "*72#", "*72#" }, { "１０", "10" }, { "0", "0" }, { "8001", "8001" },
	{ "", NULL }, { "+", NULL }, { " ", NULL }, { "1+1", NULL },
	{ "110\r\nAction: Originate", NULL }, { "1;2", NULL }, { "1,2", NULL },
	{ "wang", NULL }, { "1@host", NULL }, { "1&2", NULL }, { "${X}", NULL },
	{ "12345678901234567890123456789012",
	  "12345678901234567890123456789012" },
	{ "123456789012345678901234567890123", NULL },
	{ "1\x01", NULL }, { "1\xFF", NULL }, { "١", NULL },
};
/* clang-format on */

START_TEST(withheld_callers)
{
	ck_assert_msg(
	    text_is_withheld(str_of(callers[_i].in)) == callers[_i].withheld,
	    "'%s'", callers[_i].in);
}
END_TEST

START_TEST(what_can_be_dialled)
{
	const char *want = dialled[_i].want;
	char out[TEXT_DIALLED_ROOM] = "";
	bool ok = text_dialled(str_of(dialled[_i].in), out);

	ck_assert_msg(ok == (want != NULL), "'%s' gives '%s'", dialled[_i].in,
	    ok ? out : "nothing");
	if (ok)
		ck_assert_str_eq(out, want);
}
END_TEST

START_TEST(telephone_numbers)
{
	const char *want = numbers[_i].want;
	char out[17] = "";
	bool ok = text_e164(str_of(numbers[_i].in), numbers[_i].country, out);

	ck_assert_msg(ok == (want != NULL), "'%s' gives %s", numbers[_i].in,
	    ok ? out : "nothing");
	if (ok)
		ck_assert_str_eq(out, want);
}
END_TEST

Suite *
text_suite(void)
{
	TCase *tc = tcase_create("text");

	tcase_add_loop_test(tc, hostile_is_harmless, 0, NELEM(hostile));
	tcase_add_loop_test(
	    tc, cleaning_twice_changes_nothing, 0, NELEM(hostile));
	tcase_add_loop_test(tc, nul_is_no_end, 0, NELEM(nuls));
	tcase_add_test(tc, every_character);
	tcase_add_test(tc, lines_may_stay);
	tcase_add_test(tc, cuts_at_a_character_s_edge);
	tcase_add_test(tc, length_is_checked_first);
	tcase_add_loop_test(tc, columns, 0, NELEM(widths));
	tcase_add_loop_test(tc, telephone_numbers, 0, NELEM(numbers));
	tcase_add_loop_test(tc, withheld_callers, 0, NELEM(callers));
	tcase_add_loop_test(tc, what_can_be_dialled, 0, NELEM(dialled));
	return suite_of(tc, "text");
}
