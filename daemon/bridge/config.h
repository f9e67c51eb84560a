/*
 * config.h - the bridge's configuration file.
 *
 * One file for every kind of switch, so that one can be had from another by
 * changing `driver': sections of other drivers may stay and are not read.
 */
#ifndef BRIDGE_CONFIG_H
#define BRIDGE_CONFIG_H

#include <stdint.h>
#include <stdio.h>

#include "base/conf.h"
#include "bridge/driver.h"

struct config_fallback {
	const char *to;
	int64_t after_us;
};

struct config {
	const char *switch_name;
	const struct driver *driver;
	const char *daemons; /* as link.h takes them */
	const char *login, *password_file, *token_file;
	int64_t epoch;
	const char *spool;
	int64_t spool_limit, spool_segment, spool_memory, sync_us;
	int64_t ring_us;
	struct config_fallback fallback;
	bool listen_only;
	struct conf_list log; /* of const char * */
	void *options;        /* the driver's */
};

/* ERR_CONFIG: every fault is on `errors', with file, line and column.  `known':
 * drivers.c, or a test's own.  Free with config_free(). */
enum err config_load(const char *file, const struct driver *const *known,
    FILE *errors, struct config **out) MUST_USE;
void config_free(struct config **);

/* The options in force, as a file. */
void config_print(const struct config *, FILE *);

/* What it can be ordered: 0 when it only listens. */
unsigned config_can(const struct config *);

#endif
