/*
 * leave.h - a desk among other nodes' desks: what lives elsewhere, and what
 * others have left undone.
 */
#ifndef DESK_LEAVE_H
#define DESK_LEAVE_H

#include <stdint.h>

#include "base/str.h"

struct desk;

/* The switch of this phone, empty: there is no such phone. */
struct str desk_device_switch(const struct desk *, struct str device);

/* Its newest bridge is at another node: its calls live there, and the agents at
 * its phones are logged off.  Its handle goes dead. */
void desk_switch_leave(struct desk *, struct str name, int64_t now);

/* That node is dead for good: what it left open in the ledger is ended. */
void desk_node_dead(struct desk *, const char *node, int64_t now);

/* Nothing is written any more, whatever is still told to it. */
void desk_fence(struct desk *);

#endif
