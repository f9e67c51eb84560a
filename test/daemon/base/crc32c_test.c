/*
 * crc32c_test.c - the sum is the standard's, however the bytes are cut.
 */
#include "base/crc32c.h"

#include <string.h>

#include "test/support/support.h"

/* RFC 3720, B.4. */
START_TEST(vectors_of_the_standard)
{
	uint8_t b[32];
	static const uint8_t command[48] = { 0x01,
		0xc0, [16] = 0x14, [22] = 0x04, [27] = 0x14, [31] = 0x18,
		[32] = 0x28, [40] = 0x02 };

	memset(b, 0, sizeof(b));
	ck_assert_uint_eq(crc32c(0, b, sizeof(b)), 0x8a9136aa);
	memset(b, 0xff, sizeof(b));
	ck_assert_uint_eq(crc32c(0, b, sizeof(b)), 0x62a8ab43);
	for (unsigned i = 0; i < sizeof(b); i++)
		b[i] = (uint8_t)i;
	ck_assert_uint_eq(crc32c(0, b, sizeof(b)), 0x46dd794e);
	for (unsigned i = 0; i < sizeof(b); i++)
		b[i] = (uint8_t)(31 - i);
	ck_assert_uint_eq(crc32c(0, b, sizeof(b)), 0x113fdb5c);
	ck_assert_uint_eq(crc32c(0, command, sizeof(command)), 0xd9963a56);
	ck_assert_uint_eq(crc32c(0, "123456789", 9), 0xe3069283);
	ck_assert_uint_eq(crc32c(0, NULL, 0), 0);
}
END_TEST

START_TEST(pieces_are_the_whole)
{
	uint8_t b[67];
	uint32_t whole;

	for (unsigned i = 0; i < sizeof(b); i++)
		b[i] = (uint8_t)(i * 37 + 11);
	whole = crc32c(0, b, sizeof(b));
	for (size_t cut = 0; cut <= sizeof(b); cut++)
		ck_assert_uint_eq(
		    crc32c(crc32c(0, b, cut), b + cut, sizeof(b) - cut), whole);
}
END_TEST

START_TEST(every_bit_counts)
{
	uint8_t b[40] = { 0 };
	uint32_t whole = crc32c(0, b, sizeof(b));

	for (unsigned i = 0; i < sizeof(b) * 8; i++) {
		b[i / 8] ^= (uint8_t)(1 << i % 8);
		ck_assert_uint_ne(crc32c(0, b, sizeof(b)), whole);
		b[i / 8] ^= (uint8_t)(1 << i % 8);
	}
}
END_TEST

Suite *
crc32c_suite(void)
{
	TCase *tc = tcase_create("crc32c");

	tcase_add_test(tc, vectors_of_the_standard);
	tcase_add_test(tc, pieces_are_the_whole);
	tcase_add_test(tc, every_bit_counts);
	return suite_of(tc, "crc32c");
}
