/*
 * hash.c - SipHash-2-4 by libsodium.
 */
#include "base/hash.h"

#include <sodium.h>
#include <stdint.h>
#include <string.h>

static unsigned char process_key[crypto_shorthash_KEYBYTES];

/* Before main, so that no table can be older than its key. */
__attribute__((constructor)) static void
draw_key(void)
{
	randombytes_buf(process_key, sizeof(process_key));
}

unsigned
hash_of(const void *key, size_t len)
{
	unsigned char out[crypto_shorthash_BYTES];
	uint32_t h;

	crypto_shorthash(out, key, len, process_key);
	memcpy(&h, out, sizeof(h));
	return h;
}
