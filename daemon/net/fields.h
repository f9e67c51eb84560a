/*
 * fields.h - a message's fields, checked one by one before anybody believes
 * them.
 *
 * Each function names the field in the fault that it notes when it refuses.
 * Cleaned text lives in the frame's scratch memory.
 */
#ifndef NET_FIELDS_H
#define NET_FIELDS_H

#include <protobuf-c/protobuf-c.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

#define NAME_LEN 64  /* calls, devices, log-ins, switches, queues, … */
#define TEXT_LEN 256 /* what people type in one line */
#define NOTE_LEN 16384

struct arena;
struct fault;

struct fields {
	struct fault *fault;
	struct arena *scratch;
};

/* Foreign text: at most `max' bytes of UTF-8; comes out cleaned. */
enum err field_text(const struct fields *, const char *name,
    ProtobufCBinaryData, size_t max, struct str *out) MUST_USE;
/* The same with tabs and line ends kept. */
enum err field_lines(const struct fields *, const char *name,
    ProtobufCBinaryData, size_t max, struct str *out) MUST_USE;
/* A name, at most 64 bytes: cleaning must not change it, since another name
 * would come out.  It stays where it is. */
enum err field_name(const struct fields *, const char *name,
    ProtobufCBinaryData, struct str *out) MUST_USE;
/* The same, and not empty. */
enum err field_name_required(const struct fields *, const char *name,
    ProtobufCBinaryData, struct str *out) MUST_USE;

/* from <= value <= to */
enum err field_range(const struct fields *, const char *name, int64_t value,
    int64_t from, int64_t to) MUST_USE;
/* 0 (not known) or between the years 1980 and 2100 */
enum err field_time(const struct fields *, const char *name, int64_t) MUST_USE;

#endif
