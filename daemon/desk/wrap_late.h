/*
 * wrap_late.h - the wrap-up of a call that is not known here, for the files of
 * desk/: the ledger is asked whether it was dialled, and about what.
 */
#ifndef DESK_WRAP_LATE_H
#define DESK_WRAP_LATE_H

#include "desk/desk.h"

enum err wrap_late(
    struct desk *, const struct desk_action *, const struct wrap_up *) MUST_USE;
void wrap_late_ask(struct desk *); /* the ledger is back */
void wrap_late_forget_peer(struct desk *, void *peer);
void wrap_late_fini(struct desk *);

#endif
