/*
 * netstring_test.c - whole ones, torn ones, and what is none.
 */
#include <stdlib.h>
#include <string.h>

#include "bridge/netstring.h"
#include "test/support/support.h"

/* clang-format off */
static const struct {
	const char *in;
	enum err want;
	const char *out;
	size_t used;
} rows[] = {
	{ "5:hello,", ERR_OK, "hello", 8 },
	{ "0:,", ERR_OK, "", 3 },
	{ "1:,,", ERR_OK, ",", 4 },
	{ "2:{},9:rest", ERR_OK, "{}", 5 },
	{ "10:0123456789,", ERR_OK, "0123456789", 14 },
	{ "", ERR_AGAIN, "", 0 },
	{ "1", ERR_AGAIN, "", 0 },
	{ "12", ERR_AGAIN, "", 0 },
	{ "5:hell", ERR_AGAIN, "", 0 },
	{ "5:hello", ERR_AGAIN, "", 0 },
	{ "5:hello;", ERR_BAD_FRAME, "", 0 },
	{ "5hello,", ERR_BAD_FRAME, "", 0 },
	{ ":,", ERR_BAD_FRAME, "", 0 },
	{ "-1:,", ERR_BAD_FRAME, "", 0 },
	{ " 1:a,", ERR_BAD_FRAME, "", 0 },
	{ "01:a,", ERR_BAD_FRAME, "", 0 },
	{ "00:,", ERR_BAD_FRAME, "", 0 },
	{ "21:", ERR_TOO_LARGE, "", 0 },
	{ "999999999:", ERR_TOO_LARGE, "", 0 },
	{ "9999999999:", ERR_BAD_FRAME, "", 0 },
	{ "18446744073709551616:", ERR_BAD_FRAME, "", 0 },
};
/* clang-format on */

START_TEST(pulled)
{
	size_t n = strlen(rows[_i].in), used = 0;
	char *copy = malloc(n + 1); /* so that reading on is seen */
	struct str out = { NULL, 0 };

	ck_assert_ptr_nonnull(copy);
	memcpy(copy, rows[_i].in, n + 1);
	ck_err(netstring_pull((struct str){ copy, (uint32_t)n }, 20, &out,
		   &used),
	    rows[_i].want);
	if (rows[_i].want == ERR_OK) {
		ck_assert(str_eq(out, str_of(rows[_i].out)));
		ck_assert_uint_eq(used, rows[_i].used);
	}
	free(copy);
}
END_TEST

START_TEST(put_is_pulled)
{
	char body[300], out[sizeof(body) + NETSTRING_EXTRA];

	memset(body, ',', sizeof(body));
	for (uint32_t len = 0; len <= sizeof(body); len++) {
		struct str got;
		size_t used, n = netstring_put(
		    (struct str){ body, len }, out, sizeof(out));

		ck_assert_uint_gt(n, 0);
		ck_ok(netstring_pull((struct str){ out, (uint32_t)n },
		    sizeof(body), &got, &used));
		ck_assert_uint_eq(used, n);
		ck_assert(str_eq(got, (struct str){ body, len }));
		for (uint32_t cut = 0; cut < n; cut++)
			ck_err(netstring_pull((struct str){ out, cut },
				   sizeof(body), &got, &used),
			    ERR_AGAIN);
	}
	ck_assert_uint_eq(
	    netstring_put(STR_LIT("12345"), out, NETSTRING_EXTRA + 4), 0);
	ck_assert_uint_eq(netstring_put(STR_LIT(""), out, 3), 0);
}
END_TEST

Suite *
netstring_suite(void)
{
	TCase *tc = tcase_create("netstring");

	tcase_add_loop_test(tc, pulled, 0, NELEM(rows));
	tcase_add_test(tc, put_is_pulled);
	return suite_of(tc, "netstring");
}
