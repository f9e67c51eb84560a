/*
 * main.c - builds every object and hands it its neighbours; decides nothing.
 */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include <event2/event.h>
#include <sodium.h>
#include <systemd/sd-daemon.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "desk/desk.h"
#include "drive.h"
#include "member.h"
#include "net/net.h"
#include "options.h"
#include "store/acd.h"
#include "store/ledger.h"

#define TOKEN_KEY_MIN 32
#define STOP_MS 8000 /* systemd gives 20 s */

enum { EXIT_CONFIG = 78, EXIT_USAGE = 64 };

struct daemon {
	struct options options;
	struct event_base *base;
	struct ledger *ledger;
	struct acd *remote, *local;
	struct net *net;
	struct desk *desk;
	struct drive drive;
	struct member member;
	struct event *term, *intr, *watchdog, *look, *sweep;
	bool ready;
	bool redis_is_up;    /* and used once the node's name is ours */
	char password[1024]; /* of Redis */
};

static const char usage[] =
    "usage: mashangd -c FILE [--check-config | --print-config | --migrate]\n"
    "\n"
    "The daemon behind a service hotline, in the foreground.\n"
    "\n"
    "  -c, --config FILE  configuration (see config/mashangd.yaml)\n"
    "      --check-config say every fault with file, line and column\n"
    "      --print-config the options in force, as a file\n"
    "      --migrate      bring the schema up to date with the connection\n"
    "                     in MASHANG_OWNER_PG (the owner's), else postgres\n"
    "      --version\n"
    "  -h, --help\n"
    "\n"
    "Exit: 0 ended as asked, 1 cannot run, 64 usage, 78 configuration.\n";

/* ---- the stores' news */

static void
watch_configured(evutil_socket_t fd, short what, void *arg)
{
	static const struct timeval again = { 0, 20000 };
	struct daemon *d = arg;

	(void)fd;
	(void)what;
	if (d->ready)
		return;
	if (!desk_is_configured(d->desk) || !member_may_start(&d->member)) {
		event_add(d->look, &again);
		return;
	}
	if (net_listen(d->net) != ERR_OK) {
		log_error(LOG_MAIN, "cannot listen; stopping");
		d->drive.stop = true;
		return;
	}
	d->ready = true;
	log_info(
	    LOG_MAIN, "ready node=%s version=%s", d->options.node, VERSION);
	sd_notify(0, "READY=1\nSTATUS=Taking calls");
}

static void
ledger_up(void *arg)
{
	struct daemon *d = arg;

	log_info(LOG_MAIN, "postgresql is up");
	net_ledger_up(d->net);
	desk_ledger_up(d->desk, drive_now(&d->drive));
	event_active(d->look, 0, 0);
}

static void
ledger_lost(void *arg, const char *why)
{
	struct daemon *d = arg;

	desk_ledger_lost(d->desk);
	log_warn(LOG_MAIN,
	    "postgresql is away: %s; calls go on, what happens "
	    "is kept and committed later",
	    why);
}

/* Under a name that is not ours yet another process may be matching. */
static void
use_redis(struct daemon *d)
{
	if (d->redis_is_up && d->member.held)
		desk_acd_up(d->desk, drive_now(&d->drive));
}

static void
redis_up(void *arg)
{
	struct daemon *d = arg;

	log_info(LOG_MAIN, "redis is up");
	d->redis_is_up = true;
	use_redis(d);
}

static void
name_held(void *arg)
{
	use_redis(arg);
}

static void
end_loop(void *arg)
{
	struct daemon *d = arg;

	d->drive.stop = true;
	event_base_loopbreak(d->base);
}

static int64_t
domain_now(void *arg)
{
	struct daemon *d = arg;

	return drive_now(&d->drive);
}

static void
redis_lost(void *arg, const char *why)
{
	struct daemon *d = arg;

	log_warn(LOG_MAIN, "redis is away: %s; matching in memory", why);
	d->redis_is_up = false;
	desk_acd_lost(d->desk, drive_now(&d->drive));
}

static void
sweep_cb(evutil_socket_t fd, short what, void *arg)
{
	struct daemon *d = arg;

	(void)fd;
	(void)what;
	desk_sweep(d->desk, drive_now(&d->drive));
}

/* ---- signals and the watchdog */

static void
stop_cb(evutil_socket_t sig, short what, void *arg)
{
	struct daemon *d = arg;

	(void)what;
	log_info(LOG_MAIN, "signal %d: stopping", (int)sig);
	sd_notify(0, "STOPPING=1");
	d->drive.stop = true;
	event_base_loopbreak(d->base);
}

static void
watchdog_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	sd_notify(0, "WATCHDOG=1");
}

static enum err
add_watchdog(struct daemon *d)
{
	uint64_t us;
	struct timeval tv;

	if (sd_watchdog_enabled(0, &us) <= 0)
		return ERR_OK;
	tv = (struct timeval){ (time_t)(us / 3 / 1000000),
		(suseconds_t)(us / 3 % 1000000) };
	d->watchdog = event_new(d->base, -1, EV_PERSIST, watchdog_cb, d);
	return d->watchdog != NULL && event_add(d->watchdog, &tv) == 0
	           ? ERR_OK
	           : ERR_NOMEM;
}

static enum err
add_events(struct daemon *d)
{
	d->term = evsignal_new(d->base, SIGTERM, stop_cb, d);
	d->intr = evsignal_new(d->base, SIGINT, stop_cb, d);
	d->look = evtimer_new(d->base, watch_configured, d);
	if (d->term == NULL || d->intr == NULL || d->look == NULL)
		return ERR_NOMEM;
	if (event_add(d->term, NULL) != 0 || event_add(d->intr, NULL) != 0)
		return ERR_NOMEM;
	return add_watchdog(d);
}

/* ---- building */

static enum err
open_ledger(struct daemon *d)
{
	const struct options *o = &d->options;
	const struct pg_options pg = {
		.conninfo = o->postgres,
		.batch_us = o->batch_us,
		.batch_units = (unsigned)o->batch_units,
		.batches = (unsigned)o->batches,
		.ticket_block = (uint64_t)o->lease_block,
		.test_unsafe = o->test_unsafe,
		.node = o->node,
	};
	const struct pg_events ev = { ledger_up, ledger_lost, d };

	return pg_ledger_new(d->base, &pg, &ev, &d->ledger);
}

static enum err
open_acd(struct daemon *d)
{
	const struct options *o = &d->options;
	struct acd_redis_options redis = {
		.address = o->redis,
		.user = o->redis_user[0] != '\0' ? o->redis_user : NULL,
		.prefix = "mashang",
		.node = o->node,
		.timeout_us = 1000000,
	};
	const struct acd_events ev = { redis_up, redis_lost, d };
	enum err e;

	if (o->redis_password_file[0] != '\0') {
		if (secret_line(o->redis_password_file, d->password,
			sizeof(d->password)) == 0)
			return ERR_CONFIG;
		redis.password = d->password;
	}
	if ((e = mem_acd_new(d->base, &d->local)) != ERR_OK)
		return e;
	return redis_acd_new(d->base, &redis, &ev, &d->remote);
}

static enum err
open_member(struct daemon *d)
{
	const struct member_events ev = { name_held, end_loop, domain_now, d };

	return member_open(&d->member, d->base, &d->options,
	    d->password[0] != '\0' ? d->password : NULL, &ev);
}

/* The file may be any length: what signs is a digest of it. */
static enum err
read_token_key(const char *path, uint8_t key[32])
{
	char secret[4096];
	size_t n = secret_read(path, secret, sizeof(secret));

	if (n < TOKEN_KEY_MIN) {
		log_error(LOG_MAIN,
		    "%s: needs at least %d secret bytes; make "
		    "one: head -c 32 /dev/urandom >FILE",
		    path, TOKEN_KEY_MIN);
		return ERR_CONFIG;
	}
	crypto_generichash(key, 32, (const uint8_t *)secret, n, NULL, 0);
	sodium_memzero(secret, sizeof(secret));
	return ERR_OK;
}

static enum err
open_net(struct daemon *d)
{
	const struct options *o = &d->options;
	uint8_t key[32];
	const struct net_env env = {
		.base = d->base,
		.ledger = d->ledger,
		.now = drive_now,
		.clock_advance = drive_advance,
		.clock_arg = &d->drive,
		.driven = o->clock == CLOCK_DRIVEN,
		.listen = o->listen.items,
		.n_listen = (unsigned)o->listen.n,
		.node = o->node,
		.country = o->country,
		.token_key = { (const char *)key, sizeof(key) },
		.nodes = &d->member.for_net,
	};
	enum err e = read_token_key(o->token_key_file, key);

	if (e == ERR_OK)
		e = net_new(&env, &d->net);
	sodium_memzero(key, sizeof(key));
	return e;
}

static uint64_t
any_number(void)
{
	uint64_t n;

	randombytes_buf(&n, sizeof(n));
	return n;
}

static enum err
open_desk(struct daemon *d)
{
	static const struct timeval each_second = { 1, 0 };
	const struct desk_options o = {
		.country = d->options.country,
		.shown_us = d->options.shown_us,
		.backlog_bytes = (uint64_t)d->options.backlog_bytes,
		.live_calls_max = (uint64_t)d->options.live_calls,
		.node = d->options.node,
		/* What is driven is the same each time. */
		.seed = d->options.clock == CLOCK_DRIVEN ? 1 : any_number(),
		.lapsed = member_lapsed,
		.lapsed_arg = &d->member,
		.notice = net_clock_notice,
		.notice_arg = d->net,
	};
	enum err e = desk_new(
	    &o, net_news(d->net), d->ledger, d->remote, d->local, &d->desk);

	if (e != ERR_OK)
		return e;
	net_set_desk(d->net, d->desk);
	member_connect(&d->member, d->net, d->desk);
	d->sweep = event_new(d->base, -1, EV_PERSIST, sweep_cb, d);
	return d->sweep != NULL && event_add(d->sweep, &each_second) == 0
	           ? ERR_OK
	           : ERR_NOMEM;
}

static void
close_all(struct daemon *d)
{
	struct event **events[] = { &d->term, &d->intr, &d->watchdog, &d->look,
		&d->sweep };
	bool over = member_is_over(&d->member);

	if (d->net != NULL && over)
		net_fenced(d->net);
	if (d->net != NULL)
		net_shutdown(d->net);
	if (d->desk != NULL)
		desk_ledger_lost(d->desk); /* nothing new is begun */
	if (d->ledger != NULL)
		d->ledger->ops->free(d->ledger, over ? 0 : STOP_MS);
	net_free(&d->net);
	member_close(&d->member); /* the name may be taken at once */
	/* What they still owe is answered now, to the desk. */
	acd_free(&d->remote);
	acd_free(&d->local);
	desk_free(&d->desk);
	for (unsigned i = 0; i < NELEM(events); i++)
		if (*events[i] != NULL)
			event_free(*events[i]);
	if (d->base != NULL)
		event_base_free(d->base);
}

/* Timers of less than a millisecond mean what they say. */
static struct event_base *
precise_base(void)
{
	struct event_config *c = event_config_new();
	struct event_base *base = NULL;

	if (c != NULL &&
	    event_config_set_flag(c, EVENT_BASE_FLAG_PRECISE_TIMER) == 0)
		base = event_base_new_with_config(c);
	if (c != NULL)
		event_config_free(c);
	/* Before all else the look whether we were away (member.c). */
	if (base != NULL)
		event_base_priority_init(base, 2);
	return base;
}

static enum err
run_once(struct daemon *d)
{
	enum err e = ERR_NOMEM;

	d->base = precise_base();
	if (d->base != NULL)
		e = add_events(d);
	d->drive.base = d->base;
	d->drive.driven = d->options.clock == CLOCK_DRIVEN;
	d->drive.now = 0;
	if (e == ERR_OK)
		e = open_ledger(d);
	if (e == ERR_OK)
		e = open_acd(d);
	if (e == ERR_OK)
		e = open_member(d);
	if (e == ERR_OK)
		e = open_net(d);
	if (e == ERR_OK)
		e = open_desk(d);
	if (e == ERR_OK) {
		d->drive.net = d->net;
		d->drive.desk = d->desk;
		drive_run(&d->drive);
	} else {
		log_error(LOG_MAIN, "cannot start: %s", err_name(e));
	}
	if (d->member.refused)
		e = ERR_CONFIG;
	close_all(d);
	return e;
}

/* Who was away for too long forgets all, and is a new node of the old name. */
static int
run(struct daemon *d)
{
	struct options options = d->options;
	enum err e;

	do {
		memset(d, 0, sizeof(*d));
		d->options = options;
		e = run_once(d);
	} while (e == ERR_OK && member_is_over(&d->member));
	return e == ERR_OK ? 0 : e == ERR_CONFIG ? EXIT_CONFIG : 1;
}

/* ---- the command line */

enum { MODE_RUN, MODE_CHECK, MODE_PRINT, MODE_MIGRATE };

static int
migrate(const struct options *o)
{
	const char *owner = getenv("MASHANG_OWNER_PG");
	enum err e = pg_migrate(
	    owner != NULL ? owner : o->postgres, o->sql_directory, stdout);

	return e == ERR_OK ? 0 : e == ERR_CONFIG ? EXIT_CONFIG : 1;
}

static int
start(const char *file, int mode)
{
	static struct daemon d;
	enum err e = options_load(file, &d.options, stderr);
	int status = EXIT_CONFIG;

	if (e != ERR_OK)
		return EXIT_CONFIG;
	for (size_t i = 0; i < d.options.log.n; i++) {
		const char *spec = ((const char **)d.options.log.items)[i];

		if (log_set(spec) == ERR_OK)
			continue;
		fprintf(
		    stderr, "%s: log: no level or category '%s'\n", file, spec);
		mode = -1;
	}
	if (mode == MODE_CHECK)
		status = 0;
	else if (mode == MODE_PRINT)
		conf_print(option_fields, &d.options, stdout), status = 0;
	else if (mode == MODE_MIGRATE)
		status = migrate(&d.options);
	else if (mode == MODE_RUN)
		status = run(&d);
	conf_free(&d.options.conf);
	return status;
}

int
main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "check-config", no_argument, NULL, 'k' },
		{ "print-config", no_argument, NULL, 'p' },
		{ "migrate", no_argument, NULL, 'm' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	const char *file = NULL;
	int c, mode = MODE_RUN;

	while ((c = getopt_long(argc, argv, "c:h", longs, NULL)) != -1)
		switch (c) {
		case 'c':
			file = optarg;
			break;
		case 'k':
			mode = MODE_CHECK;
			break;
		case 'p':
			mode = MODE_PRINT;
			break;
		case 'm':
			mode = MODE_MIGRATE;
			break;
		case 'V':
			puts("mashangd " VERSION);
			return 0;
		case 'h':
			fputs(usage, stdout);
			return 0;
		default:
			fputs(usage, stderr);
			return EXIT_USAGE;
		}
	if (file == NULL || optind != argc) {
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
	/* A core would hold secrets and callers' data. */
	prctl(PR_SET_DUMPABLE, 0);
	signal(SIGPIPE, SIG_IGN);
	if (sodium_init() < 0) {
		fputs("mashangd: libsodium does not start\n", stderr);
		return 1;
	}
	return start(file, mode);
}
