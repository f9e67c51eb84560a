/*
 * id.c - ids by libsodium: BLAKE2b for calls, the system's randomness for
 * operations.
 */
#include "base/id.h"

#include <sodium.h>

static void
put_be(uint8_t *out, size_t n, uint64_t v)
{
	while (n-- > 0) {
		out[n] = (uint8_t)v;
		v >>= 8;
	}
}

/* With its length before it, so that no two lists of pieces look alike. */
static void
add_piece(crypto_generichash_state *st, struct str s)
{
	uint8_t len[4];

	put_be(len, sizeof(len), s.len);
	crypto_generichash_update(st, len, sizeof(len));
	if (s.len > 0)
		crypto_generichash_update(st, (const uint8_t *)s.p, s.len);
}

struct id
id_of_call(struct str switch_name, uint64_t epoch, struct str call)
{
	crypto_generichash_state st;
	uint8_t be[8];
	struct id id;

	put_be(be, sizeof(be), epoch);
	crypto_generichash_init(&st, NULL, 0, sizeof(id.b));
	add_piece(&st, switch_name);
	add_piece(&st, (struct str){ (const char *)be, sizeof(be) });
	add_piece(&st, call);
	crypto_generichash_final(&st, id.b, sizeof(id.b));
	return id;
}

struct id
id_random(void)
{
	struct id id;

	randombytes_buf(id.b, sizeof(id.b));
	return id;
}

char *
id_text(const struct id *id, char out[ID_TEXT_LEN + 1])
{
	return sodium_bin2hex(out, ID_TEXT_LEN + 1, id->b, sizeof(id->b));
}

bool
id_parse(struct str hex, struct id *out)
{
	size_t len;

	return sodium_hex2bin(out->b, sizeof(out->b), hex.p, hex.len, NULL,
		   &len, NULL) == 0 &&
	       len == sizeof(out->b);
}
