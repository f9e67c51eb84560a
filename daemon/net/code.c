/*
 * code.c - the table, and faults.
 */
#include "net/code.h"

#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include "base/text.h"

/* clang-format off */
static const Mashang__Code codes[ERR_NUMBER] = {
	[ERR_OK]           = MASHANG__CODE__CODE_OK,
	[ERR_AGAIN]        = MASHANG__CODE__CODE_INTERNAL,
	[ERR_NOMEM]        = MASHANG__CODE__CODE_INTERNAL,
	[ERR_BAD_FRAME]    = MASHANG__CODE__CODE_BAD_FRAME,
	[ERR_BAD_FIELD]    = MASHANG__CODE__CODE_BAD_FIELD,
	[ERR_BAD_TEXT]     = MASHANG__CODE__CODE_BAD_TEXT,
	[ERR_TOO_LARGE]    = MASHANG__CODE__CODE_TOO_LARGE,
	[ERR_NOT_FOUND]    = MASHANG__CODE__CODE_NOT_FOUND,
	[ERR_MISHEARD]     = MASHANG__CODE__CODE_MISHEARD,
	[ERR_CONFLICT]     = MASHANG__CODE__CODE_CONFLICT,
	[ERR_REFUSED]      = MASHANG__CODE__CODE_REFUSED,
	[ERR_OFFER_GONE]   = MASHANG__CODE__CODE_OFFER_GONE,
	[ERR_STALE]        = MASHANG__CODE__CODE_STALE_VERSION,
	[ERR_FORBIDDEN]    = MASHANG__CODE__CODE_FORBIDDEN,
	[ERR_AUTH]         = MASHANG__CODE__CODE_LOGIN_FAILED,
	[ERR_DISABLED]     = MASHANG__CODE__CODE_DISABLED,
	[ERR_NO_DEVICE]    = MASHANG__CODE__CODE_NO_DEVICE,
	[ERR_DEVICE_TAKEN] = MASHANG__CODE__CODE_DEVICE_TAKEN,
	[ERR_WRONG_SWITCH] = MASHANG__CODE__CODE_WRONG_SWITCH,
	[ERR_BUSY]         = MASHANG__CODE__CODE_BUSY,
	[ERR_FULL]         = MASHANG__CODE__CODE_BUSY,
	[ERR_TIMEOUT]      = MASHANG__CODE__CODE_TIMEOUT,
	[ERR_IO]           = MASHANG__CODE__CODE_UNAVAILABLE,
	[ERR_CONFIG]       = MASHANG__CODE__CODE_CONFIG,
	[ERR_QUARANTINED]  = MASHANG__CODE__CODE_QUARANTINED,
};
/* clang-format on */

Mashang__Code
code_of(enum err e)
{
	return (size_t)e < NELEM(codes) ? codes[e]
	                                : MASHANG__CODE__CODE_INTERNAL;
}

enum err
code_err(Mashang__Code code)
{
	if (code == MASHANG__CODE__CODE_INTERNAL)
		return ERR_NOMEM;
	for (size_t e = 0; e < NELEM(codes); e++)
		if (codes[e] == code)
			return (enum err)e;
	return ERR_REFUSED;
}

void
fault_clear(struct fault *f)
{
	f->code = MASHANG__CODE__CODE_OK;
	f->n = 0;
}

/* A parameter may be a peer's text: cleaned again here. */
static void
note(struct fault *f, va_list ap)
{
	const char *p;

	f->n = 0;
	while (f->n < FAULT_PARAMS && (p = va_arg(ap, const char *)) != NULL)
		text_clean(
		    str_of(p), false, f->params[f->n++], FAULT_PARAM_LEN);
}

enum err
fault(struct fault *f, enum err e, ...)
{
	va_list ap;

	va_start(ap, e);
	note(f, ap);
	va_end(ap);
	f->code = code_of(e);
	return e;
}

enum err
fault_code(struct fault *f, Mashang__Code code, ...)
{
	va_list ap;

	va_start(ap, code);
	note(f, ap);
	va_end(ap);
	f->code = code;
	return ERR_REFUSED;
}

Mashang__Error *
fault_message(struct fault *f, enum err e, struct fault_parts *parts)
{
	mashang__error__init(&parts->error);
	parts->error.code =
	    f->code != MASHANG__CODE__CODE_OK ? f->code : code_of(e);
	parts->error.n_params = f->n;
	parts->error.params = parts->params;
	for (unsigned i = 0; i < f->n; i++)
		parts->params[i] = (ProtobufCBinaryData){ strlen(f->params[i]),
			(uint8_t *)f->params[i] };
	return &parts->error;
}
