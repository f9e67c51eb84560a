/*
 * pg_check.h - may this server be trusted with what we promise?
 */
#ifndef STORE_PG_CHECK_H
#define STORE_PG_CHECK_H

#include <libpq-fe.h>
#include <stdbool.h>

/* The newest file in sql/ that this program was written for. */
#define PG_SCHEMA_VERSION 8

/* Answers one row for pg_check(). */
extern const char pg_check_sql[];

/* NULL, or in words what is wrong and what to do. */
const char *pg_check(const PGresult *, bool test_unsafe);

#endif
