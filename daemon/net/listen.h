/*
 * listen.h - the sockets on which peers arrive.
 *
 * While there is no room for another stranger, or no descriptor, they wait in
 * the kernel's queue; nobody is accepted only to be thrown out.
 */
#ifndef NET_LISTEN_H
#define NET_LISTEN_H

#include <stdbool.h>

#include "base/err.h"

struct conns;
struct event_base;
struct listeners;

/*
 * `addresses' each as in address.h; `fds' are listening already (socket
 * activation).  A unix socket left by a dead daemon is replaced, one that
 * answers is not: ERR_REFUSED.  ERR_CONFIG: an address is not one; ERR_IO: it
 * cannot be listened on.  Both are logged.
 */
enum err listeners_new(struct event_base *, const char *const *addresses,
    unsigned n_addresses, const int *fds, unsigned n_fds, struct conns *,
    struct listeners **out) MUST_USE;
/* Stops, and removes the unix sockets that it made. */
void listeners_free(struct listeners **);

void listeners_accept(struct listeners *, bool yes);

#endif
