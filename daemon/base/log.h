/*
 * log.h - one line per event: `level category object key=value ...'.
 *
 * info is what an operator wants tomorrow, debug what a developer wants today.
 * Categories are folders; each has its own level, changed live.  Under systemd
 * lines go out with a <N> priority prefix, else with a UTC time stamp, always
 * on standard error, never blocking: what cannot be written is counted.
 * No secrets, ever; callers' numbers only masked (log_mask).  Values are
 * cleaned: no control character reaches a terminal or forges a line.
 *
 * One thread only: the loop's.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };
enum log_cat {
	LOG_MAIN,
	LOG_NET,
	LOG_DESK,
	LOG_STORE,
	LOG_CLIENT,
	LOG_BRIDGE,
	LOG_NCATS
};

extern enum log_level log_levels[LOG_NCATS];

#define log_error(cat, ...) log_write(LOG_ERROR, cat, __VA_ARGS__)
#define log_warn(cat, ...) log_write(LOG_WARN, cat, __VA_ARGS__)
#define log_info(cat, ...)                                     \
	do {                                                   \
		if (log_levels[cat] >= LOG_INFO)               \
			log_write(LOG_INFO, cat, __VA_ARGS__); \
	} while (0)
#define log_debug(cat, ...)                                     \
	do {                                                    \
		if (log_levels[cat] >= LOG_DEBUG)               \
			log_write(LOG_DEBUG, cat, __VA_ARGS__); \
	} while (0)

/* The same site more than 20 times a second is cut short, with a count. */
void log_write(enum log_level, enum log_cat, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

/* `level' or `category=level'; ERR_BAD_FIELD: no such word. */
enum err log_set(const char *spec) MUST_USE;

/* 13812348000 -> 138****8000, into a static ring of 4 buffers. */
const char *log_mask(struct str number);

uint64_t log_dropped(void);

#endif
