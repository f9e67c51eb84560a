/*
 * program.h - one of our programs as a person or a script uses it: lines typed
 * into a pipe, words awaited from another.
 *
 * Waiting has a deadline; missing it fails the test and shows all that the
 * program has said.
 */
#ifndef PROGRAM_H
#define PROGRAM_H

#include <stddef.h>
#include <sys/types.h>

#include "test/support/stack.h"

struct program {
	pid_t pid;
	int in, out;
	char *said; /* all of it, standard error too */
	size_t len, room;
	size_t at; /* behind what was awaited last */
};

/* argv[0] is its name in build/; the stack's environment, if one is given. */
void program_start(
    struct program *, const struct stack *, const char *const argv[]);
void program_type(struct program *, const char *line);
/* Until `words' stand behind what was awaited before; returns the text from
 * there on. */
const char *program_expect(struct program *, const char *words);
/* No more input; wait for its end, return its exit status. */
int program_end(struct program *);
void program_free(struct program *);

/* `mashang WORDS...' (up to NULL) must end with this status; what it said, in
 * a ring of 8. */
const char *mashang(const struct stack *, int status, ...);

#endif
