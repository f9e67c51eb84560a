/*
 * pg_check.c - one row of settings against what they must be.
 */
#include "store/pg_check.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"

const char pg_check_sql[] =
    "SELECT current_setting('fsync'), current_setting('full_page_writes'),"
    " current_setting('synchronous_commit'), pg_is_in_recovery(),"
    " current_setting('server_encoding'),"
    " (SELECT max(version) FROM schema_migration)";

/* clang-format off */
static const struct {
	const char *want, *not; /* one of the two is NULL */
	bool unsafe_ok;
	const char *fault;
} rules[] = {
	{ "on", NULL, true,
	  "fsync is off: a crash would lose what was committed; set fsync=on" },
	{ "on", NULL, true,
	  "full_page_writes is off: a crash may tear pages; set it on" },
	{ NULL, "off", false,
	  "synchronous_commit is off: a commit is no promise; set it on" },
	{ "f", NULL, false,
	  "the server is a standby; name the primary in the conninfo" },
	{ "UTF8", NULL, false,
	  "the database is not UTF8; createdb --encoding=UTF8" },
};
/* clang-format on */

static bool
holds(const char *got, const char *want, const char * not )
{
	return want != NULL ? strcmp(got, want) == 0 : strcmp(got, not ) != 0;
}

const char *
pg_check(const PGresult *res, bool test_unsafe)
{
	long version;

	for (unsigned i = 0; i < NELEM(rules); i++)
		if (!(rules[i].unsafe_ok && test_unsafe) &&
		    !holds(PQgetvalue(res, 0, (int)i), rules[i].want,
			rules[i].not ))
			return rules[i].fault;
	version = strtol(PQgetvalue(res, 0, NELEM(rules)), NULL, 10);
	if (version < PG_SCHEMA_VERSION)
		return "the schema is older than this program;"
		       " run mashangd --migrate";
	if (version > PG_SCHEMA_VERSION)
		return "the schema is newer than this program; upgrade it";
	return NULL;
}
