/*
 * limits.h - what a peer may cost us.
 *
 * All of these are loop time and real bytes, also where domain time is driven.
 */
#ifndef NET_LIMITS_H
#define NET_LIMITS_H

#include <stddef.h>

struct net_limits {
	unsigned login_ms;     /* from connecting to a whole Hello */
	unsigned frame_ms;     /* from a frame's first byte to its last */
	unsigned heartbeat_ms; /* say something this often; 3 x silence: gone */
	unsigned linger_ms;    /* to read a goodbye */
	unsigned strangers;    /* connections that have not logged in */
	unsigned connections;  /* in all */
	unsigned frames_a_pass; /* of one peer, then others have their turn */
	size_t out_pause;       /* unread output: its input waits */
	size_t out_max;         /* unread output: it is closed */
	unsigned hashes;        /* passwords waiting to be hashed */
	unsigned tries;         /* wrong passwords in 15 minutes */
	unsigned event_credit;  /* events a bridge may have unreceived */
	unsigned asks;          /* awaited answers of one session */
};

/* clang-format off */
#define NET_LIMITS_PRESET                      \
	{                                      \
		.login_ms      = 5000,         \
		.frame_ms      = 10000,        \
		.heartbeat_ms  = 5000,         \
		.linger_ms     = 1000,         \
		.strangers     = 64,           \
		.connections   = 20000,        \
		.frames_a_pass = 128,          \
		.out_pause     = 256 * 1024,   \
		.out_max       = 1024 * 1024,  \
		.hashes        = 64,           \
		.tries         = 5,            \
		.event_credit  = 4096,         \
		.asks          = 64,           \
	}
/* clang-format on */

#endif
