/*
 * crc32c.h - CRC-32C (Castagnoli; RFC 3720, B.4), as our files are checked by.
 *
 * It finds every change of up to 32 bits in a row, and any other with a chance
 * of missing it of one in four thousand million.
 */
#ifndef BASE_CRC32C_H
#define BASE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* Of `len' bytes that follow those whose sum is `crc'; 0: none do. */
uint32_t crc32c(uint32_t crc, const void *p, size_t len);

#endif
