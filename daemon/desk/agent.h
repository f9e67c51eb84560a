/*
 * agent.h - agents, for the files of desk/: what may be done to one, and which
 * file does it.
 *
 * agent_move() is the only way to a new state.  Whoever calls it tells the ACD
 * (route_agent), since what it is told depends on why.
 */
#ifndef DESK_AGENT_H
#define DESK_AGENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "desk/agent_state.h"
#include "desk/desk.h"

struct agent;
struct agent_was;
struct call;
struct ledger_unit;

/* Reasons of our own; how an offer ended is one, too. */
#define DEVICE_GONE "device_gone"
#define LOG_IN "log_in"
#define UNANSWERED "unanswered" /* too many offers in a row */
#define BY_SUPERVISOR "supervisor"

/* ---- agent.c */
struct agent *agent_find(const struct desk *, uint32_t id);
/* Change the state, tell the client, record it; false: refused. */
bool agent_move(struct desk *, struct ledger_unit *, struct agent *,
    enum agent_event, struct str reason, const char *source);
void agent_tell(struct desk *, const struct agent *);
/* What the agent is to be when the calls are over. */
void agent_pend(struct agent *, enum agent_state, struct str reason);
void agent_forget_pending(struct agent *);
/* Its state ends by itself then. */
void agent_until(struct desk *, struct agent *, int64_t at);
void agent_connected(
    struct desk *, struct ledger_unit *, struct agent *, struct call *);
void agent_cleared(
    struct desk *, struct ledger_unit *, struct agent *, int64_t wrap_up_us);
/* BUSY for nothing: to what was asked for meanwhile, else what it was. */
void agent_return(struct desk *, struct ledger_unit *, struct agent *,
    const struct agent_was *);
/* No call left. */
void agent_over(
    struct desk *, struct ledger_unit *, struct agent *, int64_t wrap_up_us);
/* Wrap-up is over: what was asked for while busy, else ready. */
void agent_carry_on(
    struct desk *, struct ledger_unit *, struct agent *, const char *source);
void agent_log_off(
    struct desk *, struct ledger_unit *, struct agent *, const char *source);
/* Its timer: wrap-up or a delay is over, a reason's time is up. */
void agent_due(struct desk *, struct agent *);
void agent_free(struct desk *, struct agent *);

/* ---- agent_ask.c */
/* An operation that was done already must not have its effect again. */
bool agent_op_seen(struct desk *, const struct desk_action *);
void agent_op_done(struct desk *, const struct desk_action *);
/*
 * By the agent, or by a supervisor (`source'): READY, NOT_READY, NULL.  Of an
 * agent in a call it is kept until that is over (`pending'); one whose call is
 * out of reach, its switch being away, leaves it if a supervisor says so.
 * ERR_REFUSED: logged off.
 */
enum err agent_force(struct desk *, struct ledger_unit *, struct agent *,
    enum agent_state, struct str reason, const char *source) MUST_USE;

/* ---- agent_phone.c */
bool agent_phone_is_gone(const struct agent *);
/* The phone is gone, or back. */
void agent_device_gone(struct desk *, struct agent *);
void agent_device_back(struct desk *, struct agent *);

#endif
