/*
 * err.h - every way in which something can fail, one list for all layers.
 *
 * Functions that can fail return one of these and are MUST_USE; results leave
 * through the last parameter.  ERR_AGAIN is a value, not an error: more bytes
 * are needed.  net/ maps these to the protocol's codes, one to one.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))
#define NELEM(a) (sizeof(a) / sizeof((a)[0]))

enum err {
	ERR_OK,
	ERR_AGAIN,     /* not an error: more bytes are needed */
	ERR_NOMEM,     /* no memory, or more than a peer may use */
	ERR_BAD_FRAME, /* length or encoding: the connection must end */
	ERR_BAD_FIELD, /* out of range, missing, contradictory */
	ERR_BAD_TEXT,  /* not UTF-8, or has NUL */
	ERR_TOO_LARGE, /* over a stated limit */
	ERR_NOT_FOUND,
	ERR_MISHEARD,   /* a number whose check digit does not fit */
	ERR_CONFLICT,   /* same id, other content */
	ERR_REFUSED,    /* does not apply in the present state */
	ERR_OFFER_GONE, /* that offer has ended */
	ERR_STALE,      /* based on an older version */
	ERR_FORBIDDEN,
	ERR_AUTH,         /* wrong name, password or token */
	ERR_DISABLED,     /* the log-in exists and is switched off */
	ERR_NO_DEVICE,    /* no such device */
	ERR_DEVICE_TAKEN, /* somebody else sits there */
	ERR_WRONG_SWITCH, /* an event of another switch */
	ERR_BUSY,         /* in use, or full: try again later */
	ERR_FULL,         /* no room left, neither on disk nor in memory */
	ERR_TIMEOUT,
	ERR_IO,          /* a store or peer is gone; the outcome is unknown */
	ERR_CONFIG,      /* a configuration is wrong; details beside it */
	ERR_QUARANTINED, /* the store will never take this row */
	ERR_NUMBER
};

/* A short lower-case name for logs, e.g. "bad_frame"; never NULL. */
const char *err_name(enum err);

#endif
