/*
 * conn_own.h - what conn.c (one connection) and conns.c (all of them) share.
 */
#ifndef NET_CONN_OWN_H
#define NET_CONN_OWN_H

#include <event2/event_struct.h>
#include <sys/queue.h>

#include "net/conn.h"

#define READ_MAX (16 * 1024)

struct evbuffer;
struct frame_memory;

enum conn_state {
	CONN_NONE,
	CONN_STRANGER, /* no Hello yet */
	CONN_LOGGING_IN,
	CONN_KNOWN,
	CONN_CLOSING,  /* the owner has not been told yet */
	CONN_LINGERING /* half closed, until the peer has read the rest */
};

enum due { DUE_NONE, DUE_LOGIN, DUE_FRAME, DUE_LINGER, DUE_NKINDS };

TAILQ_HEAD(conn_list, conn);

struct conn {
	struct conns *all;
	void *peer;
	struct evbuffer *in, *out;
	struct event ev_read, ev_write;
	int fd;
	enum conn_state state;
	enum err why;
	bool stranger; /* counted as one */
	bool ending;   /* conn_close() is under way */
	bool trusted, dirty, busy, unread, paused;
	enum due due;
	int64_t due_at, heard_at, sent_at; /* loop time */
	TAILQ_ENTRY(conn) entry;           /* all */
	TAILQ_ENTRY(conn) due_entry, heard_entry, sent_entry;
	TAILQ_ENTRY(conn) dirty_entry; /* has output for this pass's end */
	TAILQ_ENTRY(conn) busy_entry;  /* has frames for the next pass */
	TAILQ_ENTRY(conn) closing_entry;
	char name[64];
};

struct conns {
	struct event_base *base;
	struct net_limits limits;
	struct conn_events events;
	struct frame_memory *decoder;
	struct event *ev_pass, *ev_busy, *ev_tick;
	struct conn_list list, due[DUE_NKINDS], heard, sent, dirty, busy,
	    closing;
	struct conns_stats stats;
	int64_t say_us;    /* how often, at least */
	unsigned n_unread; /* peers with output that is not with the kernel */
	bool had_room;
	char bytes[READ_MAX]; /* one peer's at a time */
};

/* conn.c */
void conn_destroy(struct conn *);
/* Write what the kernel takes. */
void conn_flush(struct conn *);
/* The owner has forgotten it: wait for the peer to read the rest. */
void conn_linger(struct conn *);
/* Take frames, not too many. */
void conn_take_turn(struct conn *);
void conn_set_sent(struct conn *);

/* conns.c: may anything be done for a peer? */
bool conns_awake(struct conns *);
/* Tell the owner if there is room, or no more. */
void conns_tell_room(struct conns *);

#endif
