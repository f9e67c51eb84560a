/*
 * text_utf8.h - UTF-8 one character at a time.
 */
#ifndef BASE_TEXT_UTF8_H
#define BASE_TEXT_UTF8_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

#define UTF8_BAD UINT32_MAX
#define UTF8_REPLACEMENT 0xFFFDu

/*
 * Take one character off the front of a str that is not empty.  UTF8_BAD: the
 * longest start of a character that never got its end, at least one byte, has
 * been taken instead (so that each counts as one fault).
 */
uint32_t utf8_next(struct str *);

/* 1 to 4 bytes into out. */
unsigned utf8_put(uint32_t c, char out[4]);

/* Drawn over the character before it. */
bool utf8_is_combining(uint32_t c);

#endif
