/*
 * id_test.c - a call's id is the same everywhere and for ever, and nobody
 * else's.
 */
#include "base/id.h"

#include "base/err.h"
#include "base/hash.h"
#include "test/support/support.h"

/* From another program's BLAKE2b-128 over 00000003 "sw1" 00000008
 * 0000000000000007 00000006 "call-1": a changed form would give every stored
 * call a second id. */
START_TEST(the_form_is_for_ever)
{
	struct id id = id_of_call(STR_LIT("sw1"), 7, STR_LIT("call-1"));
	char text[ID_TEXT_LEN + 1];

	ck_assert_str_eq(
	    id_text(&id, text), "d9700eaae3f0051b9cebb548dcaab3b6");
}
END_TEST

/* clang-format off */
static const struct {
	struct str sw;
	uint64_t epoch;
	struct str call;
} calls[] = {
	{ { "sw1", 3 }, 7, { "call-1", 6 } },
	{ { "sw1", 3 }, 7, { "call-2", 6 } },
	{ { "sw1", 3 }, 8, { "call-1", 6 } },
	{ { "sw2", 3 }, 7, { "call-1", 6 } },
	{ { "sw", 2 }, 7, { "1call-1", 7 } },
	{ { "sw1c", 4 }, 7, { "all-1", 5 } },
	{ { "sw1", 3 }, 7, { "call-1\0", 7 } },
	{ { NULL, 0 }, 7, { "call-1", 6 } },
	{ { "sw1", 3 }, 7, { NULL, 0 } },
	{ { NULL, 0 }, 0, { NULL, 0 } },
};
/* clang-format on */

START_TEST(other_calls_have_other_ids)
{
	for (size_t i = 0; i < NELEM(calls); i++)
		for (size_t j = 0; j < NELEM(calls); j++) {
			struct id a = id_of_call(
			    calls[i].sw, calls[i].epoch, calls[i].call);
			struct id b = id_of_call(
			    calls[j].sw, calls[j].epoch, calls[j].call);

			ck_assert(id_eq(&a, &b) == (i == j));
			ck_assert(!id_is_none(&a));
		}
}
END_TEST

START_TEST(random_ids_differ)
{
	struct id a = id_random(), b = id_random();
	static const struct id none;

	ck_assert(!id_eq(&a, &b));
	ck_assert(!id_is_none(&a));
	ck_assert(id_is_none(&none));
}
END_TEST

START_TEST(text_and_back)
{
	struct id a = id_random(), b;
	char text[ID_TEXT_LEN + 1];

	ck_assert(id_parse(str_of(id_text(&a, text)), &b));
	ck_assert(id_eq(&a, &b));
}
END_TEST

static const struct {
	const char *text;
	bool ok;
} texts[] = {
	{ "00112233445566778899aabbccddeeff", true },
	{ "00112233445566778899AABBCCDDEEFF", true },
	{ "00112233445566778899aabbccddeef", false },
	{ "00112233445566778899aabbccddeeff0", false },
	{ "00112233445566778899aabbccddeefg", false },
	{ " 0112233445566778899aabbccddeeff", false },
	{ "0x112233445566778899aabbccddeeff", false },
	{ "", false },
};

START_TEST(only_32_hex_digits)
{
	struct id id;

	ck_assert(id_parse(str_of(texts[_i].text), &id) == texts[_i].ok);
}
END_TEST

/* Here because a table of ids is what the hash is for. */
struct entry {
	struct id id;
	UT_hash_handle hh;
};

START_TEST(ids_in_a_table)
{
	static struct entry entries[1000];
	struct entry *table = NULL, *e;

	for (size_t i = 0; i < NELEM(entries); i++) {
		entries[i].id = id_random();
		HASH_ADD(hh, table, id, sizeof(entries[i].id), &entries[i]);
		ck_assert(HASH_ADD_OK(hh, &entries[i]));
	}
	for (size_t i = 0; i < NELEM(entries); i++) {
		HASH_FIND(hh, table, &entries[i].id, sizeof(struct id), e);
		ck_assert_ptr_eq(e, &entries[i]);
	}
	HASH_CLEAR(hh, table);
	ck_assert_uint_ne(hash_of("a", 1), hash_of("b", 1));
}
END_TEST

Suite *
id_suite(void)
{
	TCase *tc = tcase_create("id");

	tcase_add_test(tc, the_form_is_for_ever);
	tcase_add_test(tc, other_calls_have_other_ids);
	tcase_add_test(tc, random_ids_differ);
	tcase_add_test(tc, text_and_back);
	tcase_add_loop_test(tc, only_32_hex_digits, 0, NELEM(texts));
	tcase_add_test(tc, ids_in_a_table);
	return suite_of(tc, "id");
}
