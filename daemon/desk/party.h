/*
 * party.h - who is in a call beside the agent whose call it is, for the files of
 * desk/.
 */
#ifndef DESK_PARTY_H
#define DESK_PARTY_H

#include "desk/desk.h"

struct agent;
struct call;
struct ledger_unit;

/* What the event says of its call's relation to another. */
void party_relate(
    struct desk *, struct call *, struct str related, enum relation);
/* Who started a consult call is in it; its ticket is the other's.  Again for
 * one that was known before the call that it is about. */
void party_start(struct desk *, struct call *);
/* The agent is in the call beside whose it is: busy until it is over. */
void party_join(
    struct desk *, struct ledger_unit *, struct call *, struct agent *);
/* Out of its second call. */
void party_leave(struct desk *, struct ledger_unit *, struct agent *);
/* All of them: the call is over. */
void party_end(struct desk *, struct ledger_unit *, struct call *);
/* Who consults about this call is in that one, too; or NULL. */
struct call *party_consult_of(const struct call *);
/* The call that this one consults about, or NULL. */
struct call *party_about(struct desk *, const struct call *);
/* Out of a consult call about this one, or from its side: it is to be this
 * one's. */
void party_take_over(struct call *, struct agent *);
/* One of several has left: true if the call goes on as it is. */
bool party_left(
    struct desk *, struct ledger_unit *, struct call *, struct str device);

#endif
