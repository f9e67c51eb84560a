/*
 * err.c - the names of errors, as logs and tests show them.
 */
#include "base/err.h"

#include <stddef.h>

/* clang-format off */
static const char *const names[ERR_NUMBER] = {
	[ERR_OK]           = "ok",
	[ERR_AGAIN]        = "again",
	[ERR_NOMEM]        = "nomem",
	[ERR_BAD_FRAME]    = "bad_frame",
	[ERR_BAD_FIELD]    = "bad_field",
	[ERR_BAD_TEXT]     = "bad_text",
	[ERR_TOO_LARGE]    = "too_large",
	[ERR_NOT_FOUND]    = "not_found",
	[ERR_MISHEARD]     = "misheard",
	[ERR_CONFLICT]     = "conflict",
	[ERR_REFUSED]      = "refused",
	[ERR_OFFER_GONE]   = "offer_gone",
	[ERR_STALE]        = "stale",
	[ERR_FORBIDDEN]    = "forbidden",
	[ERR_AUTH]         = "auth",
	[ERR_DISABLED]     = "disabled",
	[ERR_NO_DEVICE]    = "no_device",
	[ERR_DEVICE_TAKEN] = "device_taken",
	[ERR_WRONG_SWITCH] = "wrong_switch",
	[ERR_BUSY]         = "busy",
	[ERR_FULL]         = "full",
	[ERR_TIMEOUT]      = "timeout",
	[ERR_IO]           = "io",
	[ERR_CONFIG]       = "config",
	[ERR_QUARANTINED]  = "quarantined",
};
/* clang-format on */

const char *
err_name(enum err e)
{
	size_t i = (size_t)e;

	return i < NELEM(names) && names[i] != NULL ? names[i] : "unknown";
}
