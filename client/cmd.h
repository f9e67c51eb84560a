/*
 * cmd.h - the commands of `mashang', as tables.
 *
 * A command is a row: its name, what follows it, a sentence, and either a
 * function or a table of commands below it.  --help at every level is written
 * from these rows.  A family of commands is a file cmd_NAME.c.
 */
#ifndef CLIENT_CMD_H
#define CLIENT_CMD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum exit_code {
	EXIT_OK = 0,
	EXIT_REFUSED = 1,     /* by the daemon */
	EXIT_UNREACHABLE = 2, /* no daemon answers */
	EXIT_USAGE = 64,  /* the command line, or the file given, is wrong */
	EXIT_LOCAL = 74,  /* a file or the terminal fails here */
	EXIT_UNSAVED = 75 /* taken, but not known to be saved */
};

/* Every option of every command; a command lists those that it takes. */
struct options {
	const char *socket, *login, *role, *password_file;
	const char *device, *kind, *subject, *caller, *queue, *note;
	const char *new_password_file, *switch_name, *user_role, *clocks;
	const char *text, *until, *owner, *category, *reason, *call, *agent,
	    *credit;
	struct {
		const char *name, *grade, *manager;
	} customer;
	bool yes, wait;
	bool json, help, once, dry_run, keep_others, for_customer, columns;
	int64_t timeout_s, every_s, limit, priority, expect, class;
};

enum opt_type { OPT_FLAG, OPT_TEXT, OPT_NUMBER };

struct opt {
	const char *name; /* NULL ends a table */
	enum opt_type type;
	const char *value; /* what follows it, for --help; NULL for a flag */
	const char *help;
	size_t offset; /* in struct options */
	int64_t min, max;
};

struct cmd {
	const char *name; /* NULL ends a table */
	const char *args; /* for --help */
	const char *help;
	/* The words behind the command; `argv' is NULL-ended.  Returns an
	 * exit code. */
	int (*run)(const struct options *, int argc, char **argv);
	const struct cmd *sub;
	const struct opt *opts;
	int min_args, max_args;
	const char *more; /* a paragraph for --help, or NULL */
};

extern const struct cmd cmd_agent, cmd_watch, cmd_ticket, cmd_queue, cmd_call,
    cmd_customer, cmd_why, cmd_why_not, cmd_agent_state, cmd_report, cmd_admin;

/* `mashang admin apply' (cmd_apply.c). */
int cmd_apply(const struct options *, int argc, char **argv);
extern const struct opt cmd_apply_opts[];

/* Runs the command line; returns the exit code. */
int cmd_main(int argc, char **argv);

/* Say on standard error what is wrong with the command line. */
int cmd_usage(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
