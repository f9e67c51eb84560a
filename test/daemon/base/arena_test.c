/*
 * arena_test.c - zeroed, aligned, capped, and used again.
 */
#include "base/arena.h"

#include <stdalign.h>

#include "test/support/support.h"

static bool
is_zeroed(const unsigned char *p, size_t n)
{
	while (n > 0 && *p == 0)
		p++, n--;
	return n == 0;
}

START_TEST(zeroed_and_aligned)
{
	struct arena *a = arena_new(64, 1 << 20);

	for (int round = 0; round < 3; round++) {
		for (size_t n = 0; n < 300; n++) {
			unsigned char *p = arena_alloc(a, n);

			ck_assert_ptr_nonnull(p);
			ck_assert_uint_eq(
			    (uintptr_t)p % alignof(max_align_t), 0);
			ck_assert(is_zeroed(p, n));
			memset(p, 0xAA, n);
		}
		arena_reset(a);
		ck_assert_uint_eq(arena_used(a), 0);
	}
	arena_free(&a);
	ck_assert_ptr_null(a);
	arena_free(&a);
}
END_TEST

/* What is handed out stays apart, and never comes to more than the cap. */
START_TEST(the_cap_is_hard)
{
	struct arena *a = arena_new(256, 4096);
	size_t total = 0;
	void *p, *last = NULL;

	while ((p = arena_alloc(a, 48)) != NULL) {
		ck_assert_ptr_ne(p, last);
		last = p;
		total += 48;
		ck_assert_uint_le(total, 4096);
	}
	ck_assert_uint_ge(total, 4096 * 9 / 10);
	ck_assert_uint_eq(arena_used(a), total);
	arena_reset(a);
	ck_assert_ptr_nonnull(arena_alloc(a, 48));
	arena_free(&a);
}
END_TEST

START_TEST(too_much_at_once)
{
	struct arena *a = arena_new(64, 4096);

	ck_assert_ptr_null(arena_alloc(a, 4097));
	ck_assert_ptr_null(arena_alloc(a, SIZE_MAX));
	ck_assert_ptr_null(arena_alloc(a, SIZE_MAX - 7));
	ck_assert_ptr_nonnull(arena_alloc(a, 4000));
	ck_assert_ptr_null(arena_alloc(a, 100));
	arena_free(&a);

	a = arena_new(1000, 0);
	ck_assert_ptr_nonnull(a);
	ck_assert_ptr_null(arena_alloc(a, 1));
	arena_free(&a);

	a = arena_new(0, 64);
	ck_assert_ptr_nonnull(arena_alloc(a, 64));
	arena_free(&a);
}
END_TEST

START_TEST(copies)
{
	struct arena *a = arena_new(64, 128);
	char text[] = "text";
	struct str s = arena_copy(a, str_of(text));

	text[0] = 'n';
	ck_assert(str_eq(s, STR_LIT("text")));
	s = arena_copy(a, (struct str){ NULL, 0 });
	ck_assert_ptr_null(s.p);
	s = arena_copy(a, (struct str){ text, 4000 });
	ck_assert_ptr_null(s.p);
	ck_assert_uint_eq(s.len, 0);
	arena_free(&a);
}
END_TEST

Suite *
arena_suite(void)
{
	TCase *tc = tcase_create("arena");

	tcase_add_test(tc, zeroed_and_aligned);
	tcase_add_test(tc, the_cap_is_hard);
	tcase_add_test(tc, too_much_at_once);
	tcase_add_test(tc, copies);
	return suite_of(tc, "arena");
}
