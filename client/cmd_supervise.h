/*
 * cmd_supervise.h - supervisors' commands: sent, and told with what they do to
 * the others.  Families of commands (call, queue, agent-state) fill in what is
 * to be done.
 */
#ifndef CLIENT_CMD_SUPERVISE_H
#define CLIENT_CMD_SUPERVISE_H

#include "client/cmd.h"
#include "mashang.pb-c.h"

/* With --dry-run and --expect from the options; an exit code. */
int supervise_send(const struct options *, Mashang__Supervise *);

/* A call by its id, 32 digits, or by the switch's name for it; `id' is room for
 * it, and must live as long as the message. */
void supervise_call(Mashang__Supervise *, const char *word, uint8_t id[16]);

int call_move(const struct options *, int argc, char **argv);
int call_priority(const struct options *, int argc, char **argv);
int call_assign(const struct options *, int argc, char **argv);
int call_withdraw(const struct options *, int argc, char **argv);
int queue_open(const struct options *, int argc, char **argv);
int queue_drain(const struct options *, int argc, char **argv);
int queue_close(const struct options *, int argc, char **argv);

extern const struct opt supervise_opts[], supervise_move_opts[],
    supervise_priority_opts[];

#endif
