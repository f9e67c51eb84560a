/*
 * zset_test.c - the order, and the same order after any history.
 */
#include "store/zset.h"

#include <stdlib.h>

#include "test/support/support.h"

#define N 2000

static int
by_key(const void *a, const void *b)
{
	return zset_compare(
	    *(struct zset_node *const *)a, *(struct zset_node *const *)b);
}

START_TEST(order_is_score_then_arrival_then_id)
{
	struct zset_node n[] = {
		{ .score = -1, .arrival = 9 },
		{ .score = 0, .arrival = 9 },
		{ .score = 1, .arrival = 2, .id = { { 9 } } },
		{ .score = 1, .arrival = (uint64_t)1 << 40 },
		{ .score = 1, .arrival = UINT64_MAX, .id = { { 1, 0xff } } },
		{ .score = 1, .arrival = UINT64_MAX, .id = { { 0xf0 } } },
	};
	struct zset z = { 0 };
	unsigned i = 0;

	for (unsigned j = 0; j < NELEM(n); j++)
		zset_add(&z, &n[(j * 5 + 2) % NELEM(n)]);
	for (struct zset_node *at = zset_first(&z); at; at = zset_next(at))
		ck_assert_ptr_eq(at, &n[i++]);
	ck_assert_uint_eq(i, NELEM(n));
}
END_TEST

/* The set walks through exactly those that are in it, in order. */
static void
check_set(const struct zset *z, struct zset_node *all)
{
	struct zset_node *want[N];
	size_t n = 0, i = 0;

	for (unsigned j = 0; j < N; j++)
		if (zset_has(&all[j]))
			want[n++] = &all[j];
	qsort(want, n, sizeof(want[0]), by_key);
	ck_assert_uint_eq(z->n, n);
	for (struct zset_node *at = zset_first(z); at; at = zset_next(at)) {
		ck_assert_uint_eq(zset_rank(at), i);
		ck_assert_ptr_eq(at, want[i++]);
	}
	ck_assert_uint_eq(i, n);
}

static unsigned
depth(const struct zset_node *n)
{
	unsigned l, r;

	if (n == NULL)
		return 0;
	l = depth(n->child[0]);
	r = depth(n->child[1]);
	return 1 + (l > r ? l : r);
}

START_TEST(any_history_gives_the_same_order)
{
	static struct zset_node all[N];
	struct zset z = { 0 };

	srandom(11);
	for (unsigned i = 0; i < N; i++) {
		all[i].score = random() % 50;
		all[i].arrival = i;
	}
	for (unsigned step = 1; step <= 40000; step++) {
		struct zset_node *n = &all[random() % N];

		if (zset_has(n))
			zset_remove(&z, n);
		else
			zset_add(&z, n);
		if (step % 4000 == 0)
			check_set(&z, all);
	}
	while (zset_first(&z) != NULL)
		zset_remove(&z, zset_first(&z));
	check_set(&z, all);
	ck_assert_ptr_null(z.root);
}
END_TEST

START_TEST(sorted_input_stays_shallow)
{
	static struct zset_node all[N];
	struct zset z = { 0 };

	for (unsigned i = 0; i < N; i++) {
		all[i].score = i;
		zset_add(&z, &all[i]);
	}
	ck_assert_uint_lt(depth(z.root), 50); /* balanced: 11 */
	zset_remove(&z, &all[0]);
	zset_remove(&z, &all[0]); /* in none: nothing */
	ck_assert_ptr_eq(zset_first(&z), &all[1]);
}
END_TEST

Suite *
zset_suite(void)
{
	TCase *tc = tcase_create("order");

	tcase_add_test(tc, order_is_score_then_arrival_then_id);
	tcase_add_test(tc, any_history_gives_the_same_order);
	tcase_add_test(tc, sorted_input_stays_shallow);
	return suite_of(tc, "zset");
}
