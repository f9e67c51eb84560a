/*
 * config.c - the table: name, type, preset, bounds, sentence.
 *
 * The file is read twice: for the driver's name, then with that driver's
 * fields as the schema of its section.
 */
#include "bridge/config.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "base/log.h"
#include "base/text.h"

#define DRIVERS_MAX 16
#define FIELDS_MAX 48
#define DAEMONS_LEN 4096
#define NAME_LEN 64

/* What is filled; the driver's options lie behind it. */
struct filled {
	struct config is; /* first: all that others see */
	int driver;
	struct conf_list daemons;
	struct conf_mark switch_at, driver_at, daemons_at, token_at,
	    fallback_at, log_at, section_at;
	struct conf *conf;
	const char *words[DRIVERS_MAX + 1];
	struct conf_field fields[FIELDS_MAX];
	char list[DAEMONS_LEN];
	_Alignas(max_align_t) char options[];
};

#define AT(member) offsetof(struct filled, is.member)
#define MARK(member) .mark_offset = offsetof(struct filled, member)
#define NOWHERE .mark_offset = SIZE_MAX
#define FALLBACK(member) offsetof(struct config_fallback, member)

/* clang-format off */
static const struct conf_field fallback_fields[] = {
	{ "to", CONF_STRING, FALLBACK(to), "",
	  "A device or number of the switch; empty: callers wait.",
	  .min = 0, .max = NAME_LEN, NOWHERE },
	{ "after", CONF_DURATION, FALLBACK(after_us), "10s",
	  "Without a daemon for so long, callers who wait are sent there.",
	  .min = 0, .max = INT64_C(3600000000), NOWHERE },
	{ NULL }
};

static const struct conf_field common[] = {
	{ "switch", CONF_STRING, AT(switch_name), NULL,
	  "The switch's name, as the hotline's configuration has it.",
	  .min = 1, .max = NAME_LEN, MARK(switch_at) },
	{ "daemons", CONF_STRINGS, offsetof(struct filled, daemons),
	  "[unix:/run/mashang/mashang.sock]",
	  "Where mashangd listens, tried in order: unix:/path, tcp:host:port.",
	  .min = 1, .max = ADDRESS_MAX, MARK(daemons_at) },
	{ "login", CONF_STRING, AT(login), "",
	  "Who logs in; empty: the switch's name.",
	  .min = 0, .max = NAME_LEN, NOWHERE },
	{ "password_file", CONF_STRING, AT(password_file), "",
	  "A file with its password; empty: none.", NOWHERE },
	{ "token_file", CONF_STRING, AT(token_file), "",
	  "A file with a token instead; neither: trusted over a unix socket.",
	  MARK(token_at) },
	{ "epoch", CONF_NUMBER, AT(epoch), "1",
	  "Raise it when the switch's names of calls may come again.",
	  .min = 1, .max = INT64_C(4294967295), NOWHERE },
	{ "spool", CONF_STRING, AT(spool), "/var/lib/mashang/bridge",
	  "The directory of events that are not committed yet.",
	  .min = 1, .max = 3000, NOWHERE },
	{ "spool_limit", CONF_SIZE, AT(spool_limit), "4GiB",
	  "The most that the spool takes of the disk.",
	  .min = 1 << 20, .max = INT64_C(1) << 44, NOWHERE },
	{ "spool_segment", CONF_SIZE, AT(spool_segment), "16MiB",
	  "The size of one of its files.",
	  .min = 64 << 10, .max = INT64_C(1) << 30, NOWHERE },
	{ "spool_memory", CONF_SIZE, AT(spool_memory), "64MiB",
	  "Events held in memory while the disk takes none.",
	  .min = 0, .max = INT64_C(1) << 34, NOWHERE },
	{ "sync", CONF_DURATION, AT(sync_us), "10ms",
	  "How long an event may be on its way to the disk.",
	  .min = 0, .max = 1000000, NOWHERE },
	{ "ring", CONF_DURATION, AT(ring_us), "60s",
	  "The longest ringing when an order has no limit of its own.",
	  .min = 1000000, .max = 600000000, NOWHERE },
	{ "fallback", CONF_MAP, AT(fallback), "{}",
	  "Where callers go when no daemon answers.",
	  .fields = fallback_fields, MARK(fallback_at) },
	{ "listen_only", CONF_BOOL, AT(listen_only), "no",
	  "Watch a switch that routes by itself; order nothing.", NOWHERE },
	{ "log", CONF_STRINGS, AT(log), "[info]",
	  "Levels: error, warn, info, debug, or category=level.",
	  MARK(log_at) },
};
/* clang-format on */

/* ------------------------------------------------------------- the schema */

/* Has it a field without a preset? */
static bool
must_be_written(const struct conf_field *f)
{
	for (; f->name != NULL; f++)
		if (f->preset == NULL)
			return true;
	return false;
}

static void
make_words(struct filled *c, const struct driver *const *known)
{
	size_t n = 0;

	for (; known[n] != NULL; n++) {
		assert(n < DRIVERS_MAX);
		c->words[n] = known[n]->name;
	}
	c->words[n] = NULL;
}

static struct conf_field
driver_field(const struct filled *c)
{
	return (struct conf_field){ "driver", CONF_WORD,
		offsetof(struct filled, driver), NULL, "What speaks to it.",
		.words = c->words, MARK(driver_at) };
}

static struct conf_field
section(const struct driver *d, bool chosen)
{
	struct conf_field f = { d->name, CONF_OTHERS,
		offsetof(struct filled, options), "{}", d->sentence,
		MARK(section_at) };

	if (!chosen)
		return f;
	f.type = CONF_MAP;
	f.fields = d->fields;
	if (must_be_written(d->fields))
		f.preset = NULL;
	return f;
}

static void
make_fields(struct filled *c, const struct driver *const *known,
    const struct driver *chosen)
{
	size_t n = 0;

	c->fields[n++] = common[0];
	c->fields[n++] = driver_field(c);
	for (size_t i = 1; i < NELEM(common); i++)
		c->fields[n++] = common[i];
	for (size_t i = 0; known[i] != NULL; i++) {
		assert(n + 1 < FIELDS_MAX);
		c->fields[n++] = section(known[i], known[i] == chosen);
	}
	c->fields[n] = (struct conf_field){ NULL };
}

/* -1: none, or none that is known. */
static int
chosen_driver(const char *file, const struct driver *const *known)
{
	struct filled *c = calloc(1, sizeof(*c));
	struct conf *conf = NULL;
	int chosen = -1;

	if (c == NULL)
		return -1;
	make_words(c, known);
	c->fields[0] = driver_field(c);
	c->driver = -1;
	/* Everything else is a fault to this schema, and not looked at. */
	if (conf_load(file, c->fields, c, NULL, &conf) == ERR_OK)
		conf_free(&conf);
	chosen = c->driver;
	free(c);
	return chosen;
}

/* ------------------------------------------------- what the table cannot say */

struct checking {
	const char *file;
	FILE *errors;
	unsigned n;
};

static void
fault(
    struct checking *k, struct conf_mark at, const char *name, const char *what)
{
	k->n++;
	if (k->errors != NULL)
		fprintf(k->errors, "%s:%d:%d: %s: %s\n", k->file,
		    at.line > 0 ? at.line : 1, at.column > 0 ? at.column : 1,
		    name, what);
}

static bool
is_name(const char *s)
{
	char clean[NAME_LEN * 4];
	struct str t = str_of(s);

	return text_check(t, NAME_LEN) == ERR_OK &&
	       text_clean(t, false, clean, sizeof(clean)) == t.len &&
	       memcmp(clean, s, t.len) == 0;
}

static void
check_daemons(struct checking *k, struct filled *c)
{
	const char *const *one = c->daemons.items;
	struct address found[ADDRESS_MAX];
	const char *why;
	unsigned n;
	size_t used = 0;

	for (size_t i = 0; i < c->daemons.n; i++) {
		why = strchr(one[i], ',') != NULL
		          ? "an address each, without commas"
		          : address_parse(one[i], found, &n);
		if (why != NULL)
			fault(k, c->daemons_at, "daemons", why);
		used += (size_t)snprintf(c->list + used,
		    used < sizeof(c->list) ? sizeof(c->list) - used : 0, "%s%s",
		    i > 0 ? "," : "", one[i]);
		if (used >= sizeof(c->list)) {
			fault(k, c->daemons_at, "daemons", "too long");
			return;
		}
	}
	c->is.daemons = c->list;
}

static void
check_log(struct checking *k, const struct filled *c)
{
	const char *const *spec = c->is.log.items;

	for (size_t i = 0; i < c->is.log.n; i++)
		if (log_set(spec[i]) != ERR_OK)
			fault(k, c->log_at, "log",
			    "no such level or category; write info, or "
			    "bridge=debug");
}

static void
check(struct checking *k, struct filled *c)
{
	const struct config *is = &c->is;
	const struct driver *d = is->driver;
	const char *why;

	if (!is_name(is->switch_name))
		fault(k, c->switch_at, "switch",
		    "has characters that cannot be seen; write a plain name");
	if (is->password_file[0] != '\0' && is->token_file[0] != '\0')
		fault(k, c->token_at, "token_file",
		    "there is a password_file, too; leave one of them out");
	if (!is_name(is->fallback.to))
		fault(k, c->fallback_at, "fallback",
		    "'to' is a device or a number; write a plain one");
	check_daemons(k, c);
	check_log(k, c);
	if (d->fault != NULL &&
	    (why = d->fault(is->options, is->listen_only)) != NULL)
		fault(k, c->section_at, d->name, why);
	else if (is->fallback.to[0] != '\0' &&
		 (config_can(is) & CAN(TRANSFER)) == 0)
		fault(k, c->fallback_at, "fallback",
		    "this driver cannot transfer, or only listens; leave it "
		    "out");
}

/* ---------------------------------------------------------------- interface */

enum err
config_load(const char *file, const struct driver *const *known, FILE *errors,
    struct config **out)
{
	struct checking k = { .file = file, .errors = errors };
	int chosen = chosen_driver(file, known);
	const struct driver *d = chosen >= 0 ? known[chosen] : NULL;
	struct filled *c =
	    calloc(1, sizeof(*c) + (d != NULL ? d->options_size : 0));
	enum err e;

	if (c == NULL)
		return ERR_NOMEM;
	make_words(c, known);
	make_fields(c, known, d);
	e = conf_load(file, c->fields, c, errors, &c->conf);
	if (e == ERR_OK) {
		assert(d != NULL); /* or `driver' would be a fault */
		c->is.driver = d;
		c->is.options = c->options;
		check(&k, c);
		if (k.n == 0) {
			*out = &c->is;
			return ERR_OK;
		}
		e = ERR_CONFIG;
	}
	conf_free(&c->conf);
	free(c);
	return e;
}

void
config_free(struct config **config)
{
	struct filled *c = (struct filled *)*config;

	if (c == NULL)
		return;
	conf_free(&c->conf);
	free(c);
	*config = NULL;
}

void
config_print(const struct config *config, FILE *f)
{
	const struct filled *c = (const struct filled *)config;

	conf_print(c->fields, c, f);
}

unsigned
config_can(const struct config *c)
{
	return c->listen_only ? 0 : c->driver->can(c->options, c->listen_only);
}
