/*
 * ami.h - the wire of Asterisk's manager: messages in, actions out.
 *
 * A message is lines `Key: Value', ended by an empty line.  A line ends with CR
 * LF; a lone LF is part of its value.  Values are not escaped, keys come in any
 * case and may repeat; the first of its name counts where one is asked for.  Responses and events come mixed, in no promised
 * order: only their ActionID tells what belongs together.
 *
 * Limits.  In: a line 8,192 bytes, a message 65,536 bytes and 1,024 lines;
 * beyond them the stream makes no sense any more and the connection must end.
 * (Asterisk's own lines are mostly far shorter, but a variable may have 4 KiB.)
 * Out: a line 1,024 bytes and 128 lines, which is what Asterisk reads; it
 * would cut what is longer.  A value with a control character is refused, for
 * a line end in it would begin a header, or an action, of somebody else's
 * making.
 *
 * Ownership: what a message points to lives until the next ami_pull().
 */
#ifndef BRIDGE_AMI_H
#define BRIDGE_AMI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct evbuffer;

#define AMI_LINE_MAX 8192
#define AMI_MESSAGE_MAX 65536
#define AMI_FIELDS_MAX 1024
#define AMI_OUT_LINE_MAX 1024
#define AMI_OUT_LINES_MAX 128

struct ami_field {
	struct str key, value;
};

struct ami_message {
	const struct ami_field *fields;
	unsigned n;
};

struct ami_reader;

struct ami_reader *ami_reader_new(void); /* NULL: no memory */
void ami_reader_free(struct ami_reader **);
/* A new connection: forget what came of the old one. */
void ami_reader_reset(struct ami_reader *);

/* The first line: ERR_OK and the version behind `Asterisk Call Manager/', into
 * version[32]; ERR_AGAIN: not whole yet; ERR_BAD_FRAME: somebody else speaks
 * there, *why says who. */
enum err ami_banner(struct ami_reader *, struct evbuffer *, char version[32],
    const char **why) MUST_USE;

/* The next message.  ERR_AGAIN: not whole yet; ERR_TOO_LARGE: over a limit,
 * *why says which; the reader must be reset. */
enum err ami_pull(struct ami_reader *, struct evbuffer *, struct ami_message *,
    const char **why) MUST_USE;

/* The first value of that key, {NULL, 0} if there is none. */
struct str ami_get(const struct ami_message *, const char *key);
/* The next one: *i begins with 0 and counts on; false: there is no more. */
bool ami_next(const struct ami_message *, const char *key, unsigned *i,
    struct str *value);
/* Whether the first value of that key is this, in any case. */
bool ami_is(const struct ami_message *, const char *key, const char *value);
/* A decimal number, `otherwise' where it is not one. */
int64_t ami_number(
    const struct ami_message *, const char *key, int64_t otherwise);

/* ------------------------------------------------------------ actions out */

struct ami_action {
	char text[AMI_OUT_LINE_MAX * 8];
	size_t len;
	unsigned lines;
	bool bad; /* a value was refused, or it has become too long */
};

void ami_begin(struct ami_action *, const char *action, uint64_t id);
void ami_add(struct ami_action *, const char *key, struct str value);
void ami_addf(struct ami_action *, const char *key, const char *fmt, ...)
    PRINTF_LIKE(3, 4);
/* Ends it; false: it is bad, and must not be sent. */
bool ami_end(struct ami_action *) MUST_USE;

/* MD5 of challenge and secret, in lower-case hex; false: this machine's
 * OpenSSL has no MD5. */
bool ami_key(struct str challenge, const char *secret, char out[33]) MUST_USE;

/* %XX and + taken out, into out[room]; the length, or -1: not so encoded, or
 * too long. */
int ami_decode(struct str, char *out, size_t room);

#endif
