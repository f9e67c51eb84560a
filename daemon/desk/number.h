/*
 * number.h - ticket numbers, made to be read out over a telephone.
 *
 * A number is a serial and a check digit after it (H. M. Damm, "Total
 * anti-symmetrische Quasigruppen", Marburg 2004).  Every single wrong digit and
 * every swap of two neighbours is noticed, so a misheard number finds nothing
 * rather than somebody else's ticket.
 */
#ifndef DESK_NUMBER_H
#define DESK_NUMBER_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

/* A number then has at most 18 digits, and fits a bigint. */
#define NUMBER_SERIAL_MAX UINT64_C(99999999999999999)

/* `serial' is 1 to NUMBER_SERIAL_MAX. */
uint64_t number_of(uint64_t serial);

/* ERR_MISHEARD: the check digit does not fit, or nothing has this number. */
enum err number_parse(uint64_t number, uint64_t *serial) MUST_USE;

/*
 * The number that somebody typed: digits, full-width ones too, with blanks and
 * hyphens anywhere.  ERR_BAD_FIELD: something else is in it, or no digit, or
 * too many; ERR_MISHEARD as above.
 */
enum err number_parse_text(struct str, uint64_t *number) MUST_USE;

#endif
