/*
 * crc32c.c - eight bytes a step, by eight tables made at start.
 */
#include "base/crc32c.h"

#include <endian.h>
#include <string.h>

#define POLYNOMIAL UINT32_C(0x82f63b78) /* bits in reverse */

static uint32_t table[8][256];

__attribute__((constructor)) static void
fill(void)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t c = i;

		for (int k = 0; k < 8; k++)
			c = (c >> 1) ^ (c & 1 ? POLYNOMIAL : 0);
		table[0][i] = c;
	}
	for (int k = 1; k < 8; k++)
		for (uint32_t i = 0; i < 256; i++) {
			uint32_t c = table[k - 1][i];

			table[k][i] = (c >> 8) ^ table[0][c & 0xff];
		}
}

static uint32_t
add_eight(uint32_t crc, const uint8_t *p)
{
	uint64_t v;
	uint32_t low, high;

	memcpy(&v, p, sizeof(v));
	v = le64toh(v);
	low = crc ^ (uint32_t)v;
	high = (uint32_t)(v >> 32);
	return table[7][low & 0xff] ^ table[6][(low >> 8) & 0xff] ^
	       table[5][(low >> 16) & 0xff] ^ table[4][low >> 24] ^
	       table[3][high & 0xff] ^ table[2][(high >> 8) & 0xff] ^
	       table[1][(high >> 16) & 0xff] ^ table[0][high >> 24];
}

uint32_t
crc32c(uint32_t crc, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;

	crc = ~crc;
	for (; len >= 8; len -= 8, p += 8)
		crc = add_eight(crc, p);
	for (; len > 0; len--, p++)
		crc = (crc >> 8) ^ table[0][(crc ^ *p) & 0xff];
	return ~crc;
}
