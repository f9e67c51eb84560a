/*
 * str.h - a piece of text that somebody else owns.
 *
 * Not NUL-terminated; `p' may be NULL only if `len' is 0.  How long the bytes
 * live is said by whoever hands a str out.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct str {
	const char *p;
	uint32_t len;
};

/* For printf: "%.*s", STR_ARG(s). */
#define STR_ARG(s) (int)(s).len, (s).p != NULL ? (s).p : ""
#define STR_LIT(l) ((struct str){ (l), sizeof(l) - 1 })

static inline struct str
str_of(const char *s)
{
	return (struct str){ s, s != NULL ? (uint32_t)strlen(s) : 0 };
}

static inline bool
str_eq(struct str a, struct str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

#endif
