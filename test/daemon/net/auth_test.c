/*
 * auth_test.c - tokens, tries and the hashing of passwords.
 */
#include <event2/event.h>
#include <sodium.h>
#include <stdbool.h>
#include <string.h>

#include "base/clock.h"
#include "net/hasher.h"
#include "net/token.h"
#include "net/tries.h"
#include "test/support/support.h"

#define NOW INT64_C(1700000000000000)

static const uint8_t key[TOKEN_KEY_LEN] = "thirty-two bytes of a shared key";

static struct token
some_token(void)
{
	return (struct token){ .role = 2,
		.agent = 77,
		.issued_at = NOW,
		.expires_at = NOW + TOKEN_LIFE_US,
		.login = STR_LIT("\xe6\x9d\x8e"),
		.switch_name = STR_LIT("pbx1") };
}

START_TEST(a_token_says_what_was_written)
{
	struct token in = some_token(), out;
	uint8_t bytes[TOKEN_MAX];
	uint32_t n = token_write(&in, key, bytes);

	ck_ok(token_read((struct str){ (char *)bytes, n }, key, NOW, &out));
	ck_assert_int_eq(out.role, 2);
	ck_assert(!out.vouched);
	ck_assert_uint_eq(out.agent, 77);
	ck_assert_int_eq(out.issued_at, NOW);
	ck_assert_int_eq(out.expires_at, NOW + TOKEN_LIFE_US);
	ck_assert(str_eq(out.login, in.login));
	ck_assert(str_eq(out.switch_name, in.switch_name));
}
END_TEST

START_TEST(every_byte_of_a_token_counts)
{
	struct token in = some_token(), out;
	uint8_t bytes[TOKEN_MAX];
	uint32_t n = token_write(&in, key, bytes);

	for (uint32_t i = 0; i < n; i++) {
		bytes[i] ^= 0x40;
		ck_err(token_read(
			   (struct str){ (char *)bytes, n }, key, NOW, &out),
		    ERR_AUTH);
		bytes[i] ^= 0x40;
	}
	for (uint32_t i = 0; i < n; i++) /* and every length */
		ck_err(token_read(
			   (struct str){ (char *)bytes, i }, key, NOW, &out),
		    ERR_AUTH);
}
END_TEST

START_TEST(another_key_makes_another_token)
{
	static const uint8_t other[TOKEN_KEY_LEN] = "another key";
	struct token in = some_token(), out;
	uint8_t bytes[TOKEN_MAX];
	uint32_t n = token_write(&in, other, bytes);

	ck_err(token_read((struct str){ (char *)bytes, n }, key, NOW, &out),
	    ERR_AUTH);
}
END_TEST

START_TEST(a_token_has_its_time)
{
	struct token in = some_token(), out;
	uint8_t bytes[TOKEN_MAX];
	const struct str s = { (char *)bytes, token_write(&in, key, bytes) };

	ck_ok(token_read(s, key, NOW + TOKEN_LIFE_US - 1, &out));
	ck_err(token_read(s, key, NOW + TOKEN_LIFE_US, &out), ERR_STALE);
	ck_ok(token_read(s, key, NOW - 60 * CLOCK_S, &out)); /* skew */
	ck_err(token_read(s, key, NOW - 3600 * CLOCK_S, &out), ERR_STALE);
}
END_TEST

/* ------------------------------------------------------------------ tries */

static struct tries *tries;

static void
wrong(const char *name, int times, int64_t now)
{
	while (times-- > 0)
		tries_wrong(tries, str_of(name), now);
}

static int64_t
wait_of(const char *name, int64_t now)
{
	return tries_wait(tries, str_of(name), now);
}

START_TEST(the_fifth_wrong_try_locks)
{
	tries = tries_new(5);
	wrong("a", 4, 0);
	ck_assert_int_eq(wait_of("a", 0), 0);
	wrong("a", 1, 0);
	ck_assert_int_eq(wait_of("a", 0), 30 * CLOCK_S);
	ck_assert_int_eq(wait_of("a", 30 * CLOCK_S), 0);
	ck_assert_int_eq(wait_of("b", 0), 0);
	tries_free(&tries);
}
END_TEST

START_TEST(each_further_try_doubles_the_wait)
{
	int64_t now = 0, want = 30 * CLOCK_S;

	tries = tries_new(5);
	wrong("a", 4, now);
	for (int i = 0; i < 9; i++) {
		wrong("a", 1, now);
		ck_assert_int_eq(wait_of("a", now), want);
		now += want;
		want = want * 2 < 900 * CLOCK_S ? want * 2 : 900 * CLOCK_S;
	}
	tries_free(&tries);
}
END_TEST

START_TEST(tries_are_forgotten)
{
	tries = tries_new(5);
	wrong("a", 4, 0);
	wrong("a", 4, 901 * CLOCK_S); /* a new quarter of an hour */
	ck_assert_int_eq(wait_of("a", 901 * CLOCK_S), 0);
	tries_right(tries, STR_LIT("a"));
	wrong("a", 4, 902 * CLOCK_S); /* the right one came between */
	ck_assert_int_eq(wait_of("a", 902 * CLOCK_S), 0);
	tries_free(&tries);
}
END_TEST

START_TEST(a_flood_of_names_does_not_wash_out_one)
{
	char name[16];

	tries = tries_new(5);
	wrong("victim", 5, 0);
	for (int i = 0; i < 100000; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		wrong(name, 1, 0);
	}
	ck_assert_int_gt(wait_of("victim", 0), 0);
	tries_free(&tries);
}
END_TEST

/* ----------------------------------------------------------------- hasher */

static struct event_base *base;
static struct hasher *hasher;
static int n_told;
static enum err told[128];
static char secret[256];

static void
setup(void)
{
	base = event_base_new();
	n_told = 0;
	ck_ok(hasher_new(base, 64, &hasher));
}

static void
teardown(void)
{
	hasher_free(&hasher);
	event_base_free(base);
}

static void
verified(void *arg, enum err e)
{
	(void)arg;
	told[n_told++] = e;
}

static void
made(void *arg, enum err e, struct str s)
{
	(void)arg;
	told[n_told++] = e;
	snprintf(secret, sizeof(secret), "%.*s", STR_ARG(s));
}

static void
await(int n)
{
	while (n_told < n)
		event_base_loop(base, EVLOOP_ONCE);
	ck_assert(hasher_is_idle(hasher));
}

START_TEST(a_secret_fits_its_password_only)
{
	ck_ok(hasher_make(hasher, STR_LIT("pass word"), made, NULL));
	ck_assert(!hasher_is_idle(hasher));
	ck_assert_int_eq(n_told, 0); /* never from inside */
	await(1);
	ck_ok(told[0]);
	ck_assert_ptr_nonnull(strstr(secret, "$argon2id$"));
	ck_ok(hasher_verify(
	    hasher, str_of(secret), STR_LIT("pass word"), verified, NULL));
	await(2);
	ck_ok(told[1]);
	ck_ok(hasher_verify(
	    hasher, str_of(secret), STR_LIT("pass worD"), verified, NULL));
	await(3);
	ck_err(told[2], ERR_AUTH);
}
END_TEST

/* The time must not tell who exists: both do the same work. */
START_TEST(nobody_is_hashed_like_somebody)
{
	int64_t somebody, nobody, start;

	ck_ok(hasher_make(hasher, STR_LIT("x"), made, NULL));
	await(1);
	start = clock_loop();
	for (int i = 0; i < 3; i++) {
		ck_ok(hasher_verify(
		    hasher, str_of(secret), STR_LIT("y"), verified, NULL));
		await(2 + i);
	}
	somebody = clock_loop() - start;
	start = clock_loop();
	for (int i = 0; i < 3; i++) {
		ck_ok(hasher_verify(
		    hasher, STR_LIT(""), STR_LIT("y"), verified, NULL));
		await(5 + i);
	}
	nobody = clock_loop() - start;
	ck_err(told[6], ERR_AUTH);
	/* Not by a factor, that is; the machine may be busy. */
	ck_assert_int_gt(nobody, somebody / 4);
	ck_assert_int_lt(nobody, somebody * 4);
}
END_TEST

START_TEST(a_full_queue_refuses_at_once)
{
	hasher_free(&hasher);
	ck_ok(hasher_new(base, 3, &hasher));
	for (int i = 0; i < 3; i++)
		ck_ok(hasher_verify(
		    hasher, STR_LIT(""), STR_LIT("y"), verified, NULL));
	ck_err(hasher_verify(hasher, STR_LIT(""), STR_LIT("y"), verified, NULL),
	    ERR_BUSY);
	await(3);
	ck_ok(hasher_verify(hasher, STR_LIT(""), STR_LIT("y"), verified, NULL));
	await(4);
}
END_TEST

START_TEST(ending_tells_every_job)
{
	for (int i = 0; i < 5; i++)
		ck_ok(hasher_verify(
		    hasher, STR_LIT(""), STR_LIT("y"), verified, NULL));
	hasher_free(&hasher);
	ck_assert_int_eq(n_told, 5);
	ck_err(told[4], ERR_IO);
}
END_TEST

Suite *
auth_suite(void)
{
	TCase *tc = tcase_create("auth"), *hash = tcase_create("hasher");
	Suite *s;

	tcase_add_test(tc, a_token_says_what_was_written);
	tcase_add_test(tc, every_byte_of_a_token_counts);
	tcase_add_test(tc, another_key_makes_another_token);
	tcase_add_test(tc, a_token_has_its_time);
	tcase_add_test(tc, the_fifth_wrong_try_locks);
	tcase_add_test(tc, each_further_try_doubles_the_wait);
	tcase_add_test(tc, tries_are_forgotten);
	tcase_add_test(tc, a_flood_of_names_does_not_wash_out_one);
	tcase_add_checked_fixture(hash, setup, teardown);
	tcase_set_timeout(hash, 60);
	tcase_add_test(hash, a_secret_fits_its_password_only);
	tcase_add_test(hash, nobody_is_hashed_like_somebody);
	tcase_add_test(hash, a_full_queue_refuses_at_once);
	tcase_add_test(hash, ending_tells_every_job);
	s = suite_of(tc, "auth");
	suite_add_tcase(s, hash);
	return s;
}
