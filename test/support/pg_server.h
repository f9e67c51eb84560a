/*
 * pg_server.h - a private PostgreSQL, ours alone and gone with us.
 *
 * On a unix socket in a directory of its own under /tmp, as user postgres when
 * we are root.  Started once by a process and shared with the tests that it
 * forks; ended and removed when that process exits.  Everything here ends the
 * test loudly when it fails.
 *
 * A database for each test is cheap: a copy of one that has been migrated.
 */
#ifndef PG_SERVER_H
#define PG_SERVER_H

#include <stdbool.h>

/* For a suite's unchecked fixture; more calls do nothing. */
void pg_server_start(void);

/* Before the start: sized as an operator would for a hotline, not as small as
 * tests like it.  Durability is the same. */
void pg_server_for_load(void);

/* An empty, migrated database; those that follow are about it. */
void pg_server_fresh(void);

/* Roles: "owner", "daemon", "report", and "postgres" for the superuser.  A
 * ring of 8 buffers. */
const char *pg_server_conninfo(const char *role);

/* One value (as superuser), "" for NULL or no row; a ring of 8 buffers. */
const char *pg_server_ask(const char *sql);

/* True if `role' may do that. */
bool pg_server_may(const char *role, const char *sql);

/* Run this as superuser in a transaction that stays open until release. */
void pg_server_hold(const char *sql);
void pg_server_release(void);

void pg_server_halt(const char *mode); /* of pg_ctl: fast, immediate */
void pg_server_kill(void);             /* SIGKILL, backends too */
void pg_server_again(void);            /* after halt or kill */
void pg_server_freeze(bool);           /* SIGSTOP and SIGCONT, backends too */

#endif
