/*
 * term.h - lines in, text out, on the event loop; a terminal or pipes.
 *
 * Output never blocks the loop: it is queued, and term_when_written() tells
 * when the other side has taken it.  On a terminal a prompt stands behind the
 * text; news is written over it and it is written again.
 *
 * Ownership: the descriptors stay the caller's; their flags are not changed.
 */
#ifndef CLIENT_TERM_H
#define CLIENT_TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct event_base;
struct term;

struct term_events {
	/* A line without its end; `before': it, or its beginning, was typed
	 * before the last term_set_aside(). */
	void (*line)(void *arg, char *line, bool before);
	/* The input has ended, or nobody takes the output. */
	void (*end)(void *arg);
	void *arg;
};

/* Not listening yet.  NULL: no memory. */
struct term *term_new(
    struct event_base *, int in, int out, const struct term_events *);
void term_free(struct term **);

bool term_is_tty(const struct term *);   /* the output */
bool term_is_typed(const struct term *); /* the input */
void term_listen(struct term *, bool);

/* Text for the output is written between these two; never NULL. */
FILE *term_open(struct term *);
void term_close(struct term *);

/* Shown behind all text, on a terminal only; a copy is kept. */
void term_prompt(struct term *, const char *);

/* Once all text so far has been taken; only the last one asked for is told. */
typedef void term_written_fn(void *arg);
void term_when_written(struct term *, term_written_fn *, void *arg);

/*
 * From here on a line is a new one.  Whole lines typed until now are given to
 * `line' as `before'; an unfinished one is taken off a terminal and copied to
 * `out' (empty if there is none), in a pipe it goes on and will be `before'.
 */
void term_set_aside(struct term *, char *out, size_t room);

#endif
