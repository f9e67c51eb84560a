/*
 * options.c - the table: name, type, preset, bounds, sentence.
 */
#include "options.h"

#include <stddef.h>

#define AT(member) offsetof(struct options, member)
#define NOWHERE .mark_offset = SIZE_MAX

static const char *const clock_words[] = { "system", "driven", NULL };

/* clang-format off */
const struct conf_field option_fields[] = {
	{ "node", CONF_STRING, AT(node), "a",
	  "This node's name, unlike any other node's.", NOWHERE },
	{ "listen", CONF_STRINGS, AT(listen), "[unix:/run/mashang/mashang.sock]",
	  "Where sessions connect: unix:/path or tcp:127.0.0.1:port.", NOWHERE },
	{ "advertise", CONF_STRINGS, AT(advertise), "[]",
	  "Where peers reach this node from others; none: as listen.",
	  NOWHERE },
	{ "lease", CONF_DURATION, AT(lease_us), "1500ms",
	  "A node that was not heard of for so long is taken for dead.",
	  .min = 300000, .max = 60000000, NOWHERE },
	{ "beat", CONF_DURATION, AT(beat_us), "600ms",
	  "Where there are other nodes, peers hear from this one so often.",
	  .min = 50000, .max = 5000000, NOWHERE },
	{ "postgres", CONF_STRING, AT(postgres), "dbname=mashang",
	  "libpq connection string of the daemon's role.", NOWHERE },
	{ "sql_directory", CONF_STRING, AT(sql_directory), DATADIR "/sql",
	  "Where --migrate finds the schema's files.", NOWHERE },
	{ "redis", CONF_STRING, AT(redis), "unix:/run/redis/redis-server.sock",
	  "unix:/path or tcp:host:port.", NOWHERE },
	{ "redis_user", CONF_STRING, AT(redis_user), "",
	  "Redis ACL user; empty: none.", NOWHERE },
	{ "redis_password_file", CONF_STRING, AT(redis_password_file), "",
	  "A file with that user's password; empty: none.", NOWHERE },
	{ "token_key_file", CONF_STRING, AT(token_key_file),
	  "/etc/mashang/token.key",
	  "At least 32 secret bytes, the same on all nodes.", NOWHERE },
	{ "country", CONF_STRING, AT(country), "86",
	  "Default country's calling code, for numbers without one.", NOWHERE },
	{ "clock", CONF_WORD, AT(clock), "system",
	  "Domain time: the system's, or driven by an attached replay.",
	  .words = clock_words, NOWHERE },
	{ "shown", CONF_DURATION, AT(shown_us), "500ms",
	  "An offer must be confirmed as shown within.",
	  .min = 50000, .max = 60000000, NOWHERE },
	{ "backlog", CONF_SIZE, AT(backlog_bytes), "256MiB",
	  "Rows held while PostgreSQL is away; beyond, switches keep them.",
	  .min = 1 << 20, .max = INT64_C(1) << 40, NOWHERE },
	{ "lease_block", CONF_NUMBER, AT(lease_block), "10000",
	  "Ticket numbers leased ahead at a time.",
	  .min = 10, .max = 1000000, NOWHERE },
	{ "batch_delay", CONF_DURATION, AT(batch_us), "1ms",
	  "A group commit closes at this age.",
	  .min = 0, .max = 1000000, NOWHERE },
	{ "batch_units", CONF_NUMBER, AT(batch_units), "512",
	  "A group commit closes at so many events.",
	  .min = 1, .max = 65536, NOWHERE },
	{ "batches", CONF_NUMBER, AT(batches), "2",
	  "Group commits in flight.", .min = 1, .max = 16, NOWHERE },
	{ "live_calls", CONF_NUMBER, AT(live_calls), "200000",
	  "Live calls routed at once; more are recorded only.",
	  .min = 1, .max = 10000000, NOWHERE },
	{ "test_unsafe", CONF_BOOL, AT(test_unsafe), "no",
	  "Accept a PostgreSQL that may lose commits; for tests only.",
	  NOWHERE },
	{ "log", CONF_STRINGS, AT(log), "[info]",
	  "Levels: error, warn, info, debug, or category=level.", NOWHERE },
	{ NULL }
};
/* clang-format on */

enum err
options_load(const char *file, struct options *o, FILE *errors)
{
	*o = (struct options){ 0 };
	return conf_load(file, option_fields, o, errors, &o->conf);
}
