/*
 * fmt.h - times, durations, numbers and foreign text as people read them.
 *
 * Nothing that came from outside reaches a terminal but through fmt_bytes()
 * or fmt_clean(); columns are counted as the terminal counts them.
 */
#ifndef CLIENT_FMT_H
#define CLIENT_FMT_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/str.h"

#define FMT_ROOM 48 /* holds each of these */

/* Local time with its zone, "2026-11-23 14:03:10 CST"; "-" for 0. */
char *fmt_time(int64_t at, char out[FMT_ROOM]);

/* "0:07", "2:10", "1:02:10", "3 d 04:00"; fractions are cut off. */
char *fmt_duration(int64_t us, char out[FMT_ROOM]);

/* What is left of a promise, "1h12m", "45m", "40s"; hours are not made days:
 * a day of business time has no length. */
char *fmt_span(int64_t us, char out[FMT_ROOM]);

/* A ticket's number in groups of three or four, for reading aloud. */
char *fmt_ticket(uint64_t number, char out[FMT_ROOM]);

/* Parts in a million as "93.4 %". */
char *fmt_ratio(int64_t ppm, char out[FMT_ROOM]);

static inline struct str
fmt_str(ProtobufCBinaryData b)
{
	return (struct str){ (const char *)b.data, (uint32_t)b.len };
}

/* Borrows: for filling a message. */
ProtobufCBinaryData fmt_data(const char *);

/* Clean copy, NUL-terminated, for the caller to free; NULL: no memory.
 * `lines' keeps line ends. */
char *fmt_clean(struct str, bool lines);

/* Write it clean, on one line; returns the columns taken. */
int fmt_bytes(FILE *, ProtobufCBinaryData);

/* Write it clean with its line ends, every line indented. */
void fmt_lines(FILE *, ProtobufCBinaryData, int indent);

/*
 * Write clean text in exactly `columns', cut with "..." or padded with
 * blanks, on the left when `right'.
 */
void fmt_field(FILE *, const char *clean, int columns, bool right);

#endif
