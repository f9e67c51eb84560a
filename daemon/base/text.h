/*
 * text.h - foreign text made harmless, and telephone numbers made comparable.
 *
 * Text from callers, switches and agents is hostile to terminals, SQL, HTML
 * and logs.  It is checked once where it comes in and cleaned again at every
 * sink (terminal, log, CSV).
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

/*
 * Well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms), no NUL, at
 * most `max' bytes.  ERR_BAD_TEXT or ERR_TOO_LARGE otherwise.
 */
enum err text_check(struct str, size_t max) MUST_USE;

/*
 * Clean into out[room], NUL-terminated; returns the length.  C0 (tab and
 * newline too, unless `lines'), DEL, C1, U+2028/9 become U+FFFD; bidi
 * controls, zero-width, tags, noncharacters and private use are dropped; at
 * most 2 combining marks a base; bytes that are not UTF-8 become U+FFFD.  Cuts
 * at a character's edge when room ends.
 */
size_t text_clean(struct str, bool lines, char *out, size_t room);

/* Columns that cleaned text takes in a terminal (East Asian wide = 2). */
int text_columns(struct str);

/*
 * A telephone number as E.164 with its plus, into out[17]; false where it
 * cannot be one (withheld, short, letters): then the text stays as it came.
 * `country' is the default country's code, "86"; its trunk prefix 0 is taken
 * off.  Full-width digits count as digits; blanks, (), -, . and / are skipped.
 * Of a tel: or sip: URI its number counts.
 */
bool text_e164(struct str number, const char *country, char out[17]);

/*
 * The caller did not want the number known, or nobody knows it: empty,
 * `anonymous', `restricted', `unknown' and the like, zeros only, no digit and
 * no letter; also as the user of a URI.  Two such callers are not one.
 */
bool text_is_withheld(struct str number);

/*
 * What a person wrote to be dialled: digits, * and #, perhaps a plus first;
 * false for all else.  Blanks and the like are skipped.
 */
#define TEXT_DIALLED_ROOM 33
bool text_dialled(struct str, char out[TEXT_DIALLED_ROOM]);

#endif
