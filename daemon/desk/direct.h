/*
 * direct.h - calls that wait for one agent, for the files of desk/.
 */
#ifndef DESK_DIRECT_H
#define DESK_DIRECT_H

#include "desk/desk.h"

struct agent;
struct call;

/* For this agent, who is logged in; 0: for any of its queue.  The ACD is not
 * told. */
void call_set_direct(struct desk *, struct call *, uint32_t agent);
/* Where a person has sent it to. */
void call_take_requeue(struct desk *, struct call *);
int64_t direct_next_at(const struct call *);
void direct_due(struct desk *, struct call *);
/* It waits for everybody of its queue from now on. */
void direct_end(struct desk *, struct call *);
/* The agent has logged off. */
void direct_forget(struct desk *, const struct agent *);

#endif
