/*
 * netstring.h - `LENGTH:BYTES,', one after the other: how Kamailio's evapi
 * speaks.
 *
 * The length is decimal, without a sign or a leading zero.  Nothing here keeps
 * anything: what comes out points into what went in.
 */
#ifndef BRIDGE_NETSTRING_H
#define BRIDGE_NETSTRING_H

#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

/* What goes around `len' bytes, at most. */
#define NETSTRING_EXTRA 12

/*
 * The first netstring of `in': its bytes in *out, and in *used how much of `in'
 * it took.  ERR_AGAIN: not whole yet; ERR_TOO_LARGE: over `max', told as soon
 * as its length is; ERR_BAD_FRAME: it is none.
 */
enum err netstring_pull(
    struct str in, size_t max, struct str *out, size_t *used) MUST_USE;

/* Into out[room]; how long it is, 0: no room. */
size_t netstring_put(struct str body, char *out, size_t room);

#endif
