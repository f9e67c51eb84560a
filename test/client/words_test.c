/*
 * words_test.c - nothing that the protocol can say is left without words.
 */
#include "test/support/support.h"

#include <stdlib.h>
#include <string.h>

#include "client/fmt.h"
#include "client/words.h"

static char *
words_of(Mashang__Code code, ProtobufCBinaryData *params, size_t n)
{
	Mashang__Error e = MASHANG__ERROR__INIT;
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	e.code = code;
	e.params = params;
	e.n_params = n;
	words_error(f, &e);
	fclose(f);
	return text;
}

START_TEST(every_code_has_words)
{
	const ProtobufCEnumDescriptor *d = &mashang__code__descriptor;
	ProtobufCBinaryData p[4] = { fmt_data("one"), fmt_data("two"),
		fmt_data("three"), fmt_data("four.") };

	for (unsigned i = 0; i < d->n_values; i++) {
		int code = d->values[i].value;
		char *text;

		if (code == MASHANG__CODE__CODE_OK)
			continue;
		text = words_of((Mashang__Code)code, p, NELEM(p));
		ck_assert_msg(strstr(text, "unknown code") == NULL, "%s: %s",
		    d->values[i].name, text);
		/* A sentence, and a remedy behind it. */
		ck_assert_ptr_nonnull(strchr(text, ' '));
		ck_assert_int_eq(text[strlen(text) - 1], '.');
		ck_assert_ptr_null(strchr(text, '{'));
		ck_assert_str_ne(words_code((Mashang__Code)code), "unknown");
		free(text);
	}
}
END_TEST

/* Sent bare, or with only the first: never a hole in the sentence. */
START_TEST(parameters_may_lack)
{
	const ProtobufCEnumDescriptor *d = &mashang__code__descriptor;
	ProtobufCBinaryData p[1] = { fmt_data("one") };

	for (unsigned i = 0; i < d->n_values; i++)
		for (size_t n = 0; n < 2; n++) {
			char *text =
			    words_of((Mashang__Code)d->values[i].value, p, n);

			ck_assert_msg(strchr(text, '{') == NULL, "%s", text);
			if (strstr(text, "mishear") == NULL &&
			    strstr(text, "version?") == NULL)
				ck_assert_msg(
				    strchr(text, '?') == NULL, "%s", text);
			free(text);
		}
}
END_TEST

/* clang-format off */
static const struct {
	const char *params[5], *want;
} dials[] = {
	{ { "dial", "agent_state", "801", "", "busy" },
	  "You cannot call anybody now (In a call)." },
	{ { "dial", "status", "", "", "closed" },
	  "Nobody is called about a ticket like this: Closed." },
	{ { "dial", "allow", "+441", "", "+44" }, "+441 may not be called" },
	{ { "dial", "not_configured", "", "", "" }, "adds `dialling:'" },
	{ { "dial", "do_not_call", "+861", "", "ill" },
	  "+861 does not want to be called (ill)." },
	{ { "dial", "do_not_call", "+861", "1700000000000000", "ill" },
	  "+861 does not want to be called before 2023-11-1" },
	{ { "dial", "cap", "+861", "1700000000000000", "3" },
	  "+861 has been called 3 times within 24 hours. The next call may be "
	  "made from 2023-11-1" },
	{ { "dial", "taken", "", "", "li" }, "li is calling about this" },
	{ { "dial", "device_busy", "801", "", "" }, "Phone 801 is in a call." },
	{ { "dial", "unknown", "+861", "", "" },
	  "It is not known whether +861 was called." },
	{ { "dial", "sung", "+861", "", "" },
	  "That cannot be done now (dial: sung)." },
};
/* clang-format on */

START_TEST(why_nobody_is_called)
{
	ProtobufCBinaryData p[5];
	char *text;

	for (size_t i = 0; i < NELEM(p); i++)
		p[i] = fmt_data(dials[_i].params[i]);
	text = words_of(MASHANG__CODE__CODE_REFUSED, p, NELEM(p));
	ck_assert_msg(strstr(text, dials[_i].want) != NULL, "%s", text);
	ck_assert_ptr_null(strchr(text, '{'));
	ck_assert_int_eq(text[strlen(text) - 1], '.');
	free(text);
}
END_TEST

START_TEST(parameters_are_cleaned)
{
	ProtobufCBinaryData p[1] = { fmt_data("1\x1b]0;x\x07\n2\xE2\x80\xAE") };
	char *text = words_of(MASHANG__CODE__CODE_NO_DEVICE, p, 1);

	for (const char *c = text; *c != '\0'; c++)
		ck_assert_int_ge((unsigned char)*c, 0x20);
	ck_assert_ptr_null(strstr(text, "\xE2\x80\xAE"));
	free(text);
}
END_TEST

START_TEST(a_newer_daemons_code_is_said_to_be_unknown)
{
	char *text = words_of((Mashang__Code)9999, NULL, 0);

	ck_assert_ptr_nonnull(strstr(text, "9999"));
	ck_assert_str_eq(words_code((Mashang__Code)9999), "unknown");
	free(text);
}
END_TEST

START_TEST(what_may_be_tried_again)
{
	ck_assert(words_is_passing(MASHANG__CODE__CODE_BUSY));
	ck_assert(words_is_passing(MASHANG__CODE__CODE_UNAVAILABLE));
	ck_assert(!words_is_passing(MASHANG__CODE__CODE_MISHEARD));
	ck_assert(!words_is_passing(MASHANG__CODE__CODE_OFFER_GONE));
}
END_TEST

static const struct {
	const ProtobufCEnumDescriptor *values;
	const struct word *words;
} sets[] = {
	{ &mashang__agent_state_kind__descriptor, words_state },
	{ &mashang__ticket_kind__descriptor, words_kind },
	{ &mashang__call_event_kind__descriptor, words_call },
	{ &mashang__cause__descriptor, words_cause },
	{ &mashang__offer_end_reason__descriptor, words_offer_end },
	{ &mashang__role__descriptor, words_role },
};

START_TEST(every_value_has_a_word)
{
	const ProtobufCEnumDescriptor *d = sets[_i].values;

	for (unsigned i = 0; i < d->n_values; i++)
		if (d->values[i].value != 0) {
			const char *name =
			    word_name(sets[_i].words, d->values[i].value);
			const struct word *w = word_find(sets[_i].words, name);

			ck_assert_msg(w != NULL, "%s", d->values[i].name);
			ck_assert_int_eq(w->value, d->values[i].value);
			ck_assert_uint_gt(
			    strlen(word_text(sets[_i].words, w->value)), 1);
		}
}
END_TEST

Suite *
words_suite(void)
{
	TCase *tc = tcase_create("words");

	tcase_add_test(tc, every_code_has_words);
	tcase_add_test(tc, parameters_may_lack);
	tcase_add_loop_test(tc, why_nobody_is_called, 0, NELEM(dials));
	tcase_add_test(tc, parameters_are_cleaned);
	tcase_add_test(tc, a_newer_daemons_code_is_said_to_be_unknown);
	tcase_add_test(tc, what_may_be_tried_again);
	tcase_add_loop_test(tc, every_value_has_a_word, 0, NELEM(sets));
	return suite_of(tc, "words");
}
