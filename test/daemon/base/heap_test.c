/*
 * heap_test.c - in order, equal times as they were set, under random use.
 */
#include "base/heap.h"

#include <stdlib.h>

#include "test/support/support.h"

#define N 500

static uint64_t
draw(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return *seed >> 33;
}

static void
holds(const struct heap *h)
{
	for (size_t i = 0; i < h->n; i++) {
		const struct heap_node *n = h->nodes[i];
		const struct heap_node *up = h->nodes[i > 0 ? (i - 1) / 2 : 0];

		ck_assert_uint_eq(n->slot, i + 1);
		ck_assert(up->at < n->at ||
			  (up->at == n->at && up->order <= n->order));
	}
}

START_TEST(random_use_keeps_the_order)
{
	static struct heap_node nodes[N];
	uint64_t seed = 7;
	struct heap h;
	int64_t last = INT64_MIN;
	size_t in = 0;

	heap_init(&h);
	for (int i = 0; i < 20000; i++) {
		struct heap_node *n = &nodes[draw(&seed) % N];

		if (draw(&seed) % 3 == 0)
			heap_clear(&h, n);
		else
			ck_ok(heap_set(&h, n, (int64_t)(draw(&seed) % 100)));
		if (i % 100 == 0)
			holds(&h);
	}
	for (int i = 0; i < N; i++)
		in += heap_has(&nodes[i]);
	ck_assert_uint_eq(in, h.n);
	while (heap_first(&h) != NULL) {
		ck_assert_int_ge(heap_first(&h)->at, last);
		last = heap_first(&h)->at;
		heap_clear(&h, heap_first(&h));
		in--;
	}
	ck_assert_uint_eq(in, 0);
	heap_fini(&h);
}
END_TEST

START_TEST(equal_times_come_as_they_were_set)
{
	struct heap_node nodes[50] = { 0 };
	struct heap h;

	heap_init(&h);
	for (size_t i = 0; i < NELEM(nodes); i++)
		ck_ok(heap_set(&h, &nodes[i], 5));
	ck_ok(heap_set(&h, &nodes[0], 5)); /* set anew: now the last */
	for (size_t i = 1; i < NELEM(nodes); i++) {
		ck_assert_ptr_eq(heap_first(&h), &nodes[i]);
		heap_clear(&h, &nodes[i]);
	}
	ck_assert_ptr_eq(heap_first(&h), &nodes[0]);
	heap_fini(&h);
	ck_assert(!heap_has(&nodes[0]));
}
END_TEST

START_TEST(moving)
{
	struct heap_node a = { 0 }, b = { 0 };
	struct heap h;

	heap_init(&h);
	ck_assert_ptr_null(heap_first(&h));
	heap_clear(&h, &a); /* in none: nothing happens */
	ck_ok(heap_set(&h, &a, 10));
	ck_ok(heap_set(&h, &b, 20));
	ck_assert_ptr_eq(heap_first(&h), &a);
	ck_ok(heap_set(&h, &a, 30));
	ck_assert_ptr_eq(heap_first(&h), &b);
	ck_ok(heap_set(&h, &a, INT64_MIN));
	ck_assert_ptr_eq(heap_first(&h), &a);
	ck_assert_uint_eq(h.n, 2);
	heap_fini(&h);
}
END_TEST

Suite *
heap_suite(void)
{
	TCase *tc = tcase_create("heap");

	tcase_add_test(tc, random_use_keeps_the_order);
	tcase_add_test(tc, equal_times_come_as_they_were_set);
	tcase_add_test(tc, moving);
	return suite_of(tc, "heap");
}
