/*
 * roam.h - agents who follow their switch from node to node, in a process of
 * their own: they take every call, are ready again at once, and tell where they
 * are.
 *
 * Agents aN at devices N, with clients of proto/link.h: by token after the first
 * log-in, as the system's user before.
 */
#ifndef ROAM_H
#define ROAM_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define ROAM_MAX 32

struct roam {
	pid_t pid;
	int fd;
	unsigned first, n;
	char part[256]; /* of a line */
	struct {
		char node[64]; /* where it is logged in; "": nowhere */
		bool ready;
		int refused;     /* a Code; 0: not */
		unsigned logins; /* so far */
	} agents[ROAM_MAX];
};

/* `addresses': with commas between. */
void roam_start(
    struct roam *, const char *addresses, unsigned first, unsigned n);
/* Take what they have told; waits for nothing. */
void roam_look(struct roam *);
/* All are logged in at this node. */
bool roam_are_at(const struct roam *, const char *node);
/* Until they are; fails the test after a while.  In how many ms. */
int64_t roam_until_at(struct roam *, const char *node);
void roam_end(struct roam *);

#endif
