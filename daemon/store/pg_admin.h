/*
 * pg_admin.h - configuration and log-ins: rare, whole, audited.
 *
 * Each is one transaction on a reader's connection, its data one JSON document
 * that SQL takes apart.  Repeated by its operation id it has no second effect.
 */
#ifndef STORE_PG_ADMIN_H
#define STORE_PG_ADMIN_H

#include "store/ledger.h"
#include "store/pg_reader.h"

/* `done': ERR_BAD_FIELD: a name that is not there, a figure out of range. */
enum err pg_admin_apply(struct pg_reader *, const struct config *,
    ledger_done_fn *, void *arg) MUST_USE;

/* `done': ERR_CONFLICT: to be created and there; ERR_NOT_FOUND. */
enum err pg_admin_login(struct pg_reader *, const struct login_change *,
    ledger_done_fn *, void *arg) MUST_USE;

#endif
