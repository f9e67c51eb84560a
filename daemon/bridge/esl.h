/*
 * esl.h - the wire of FreeSWITCH's event socket: frames in, commands out.
 *
 * A frame is header lines, an empty line, and, where Content-Length says so,
 * exactly that many bytes.  An event (text/event-plain) is such a body: header
 * lines whose values are percent-encoded, an empty line, and perhaps a body of
 * its own.  Values are decoded here, once; what they then hold may be anything
 * and goes nowhere unchecked.
 *
 * A command is one line, arguments separated by blanks, ended by an empty
 * line; so a text with a line end in it would be a command of somebody else's
 * making.  esl_word() and esl_quoted() refuse what cannot be said safely.
 *
 * Limits: 64 KiB of headers, a body of 8 MiB (`show channels' of some thousand
 * calls is that long), 1,024 headers; beyond them the stream makes no sense.
 *
 * Ownership: what a frame points to lives until the next esl_pull().
 */
#ifndef BRIDGE_ESL_H
#define BRIDGE_ESL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct evbuffer;

#define ESL_HEAD_MAX 65536
#define ESL_BODY_MAX (8 * 1024 * 1024)
#define ESL_HEADERS_MAX 1024
#define ESL_COMMAND_MAX 4096

struct esl_header {
	struct str name, value;
};

/* What came: its Content-Type says. */
enum esl_kind {
	ESL_NONE, /* a type that we have not asked for */
	ESL_AUTH_REQUEST,
	ESL_REPLY,    /* of a command: esl_get(f, "Reply-Text") */
	ESL_RESPONSE, /* of an `api': body */
	ESL_EVENT,    /* headers and body are the event's own */
	ESL_DISCONNECT,
	ESL_REJECTION /* by the switch's access list */
};

struct esl_frame {
	enum esl_kind kind;
	const struct esl_header *headers;
	unsigned n_headers;
	struct str body;
};

struct esl_reader;

struct esl_reader *esl_reader_new(void); /* NULL: no memory */
void esl_reader_free(struct esl_reader **);
/* A new connection: forget what came of the old one. */
void esl_reader_reset(struct esl_reader *);

/* ERR_AGAIN: not whole yet.  ERR_BAD_FRAME, ERR_TOO_LARGE: *why says what; the
 * connection must end. */
enum err esl_pull(struct esl_reader *, struct evbuffer *, struct esl_frame *,
    const char **why) MUST_USE;

/* The body of this frame is itself an event's text, as uuid_dump gives it: open
 * it.  The frame's own headers are gone then. */
enum err esl_open(
    struct esl_reader *, struct esl_frame *, const char **why) MUST_USE;

/* Of that name, in any case; {NULL, 0} if there is none. */
struct str esl_get(const struct esl_frame *, const char *name);
/* A decimal number, `otherwise' where it is not one. */
int64_t esl_number(
    const struct esl_frame *, const char *name, int64_t otherwise);

/* ----------------------------------------------------------- commands out */

struct esl_command {
	char text[ESL_COMMAND_MAX];
	size_t len;
	bool bad; /* a text was refused, or it has become too long */
};

void esl_begin(struct esl_command *, const char *verb);
/* As it stands in our source. */
void esl_add(struct esl_command *, const char *text);
/* A blank, then one word: printable ASCII without blanks, quotes, braces,
 * backslash, comma, dollar, semicolon, pipe or ampersand. */
void esl_word(struct esl_command *, struct str);
/* The same in the middle of a word: no blank before it. */
void esl_part(struct esl_command *, struct str);
/* A variable's value: within quotes, so it may have blanks and UTF-8 beyond
 * ASCII.  The rest of what esl_word() refuses is refused here, too: the switch
 * looks for braces and commas after it has taken the quotes away. */
void esl_quoted(struct esl_command *, struct str);
/* Neither a blank nor a character that some layer of the switch reads. */
bool esl_is_plain(char);
void esl_counted(struct esl_command *, uint64_t);
/* Ends it with the empty line; false: it is bad, and must not be sent. */
bool esl_end(struct esl_command *) MUST_USE;

#endif
