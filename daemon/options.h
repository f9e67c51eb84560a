/*
 * options.h - the daemon's configuration file, as a table.
 */
#ifndef DAEMON_OPTIONS_H
#define DAEMON_OPTIONS_H

#include <stdint.h>
#include <stdio.h>

#include "base/conf.h"

enum clock_kind { CLOCK_SYSTEM, CLOCK_DRIVEN };

struct options {
	const char *node;
	struct conf_list listen;    /* of const char * */
	struct conf_list advertise; /* likewise; none: as `listen' */
	int64_t lease_us, beat_us;
	const char *postgres, *sql_directory;
	const char *redis, *redis_user, *redis_password_file;
	const char *token_key_file;
	const char *country;
	int clock; /* enum clock_kind */
	int64_t shown_us;
	int64_t backlog_bytes;
	int64_t lease_block;
	int64_t batch_us, batch_units, batches;
	int64_t live_calls;
	bool test_unsafe;
	struct conf_list log; /* of const char * */
	struct conf *conf;    /* owns the strings */
};

extern const struct conf_field option_fields[];

/* ERR_CONFIG: every fault is on `errors', with file, line and column. */
enum err options_load(
    const char *file, struct options *, FILE *errors) MUST_USE;

#endif
