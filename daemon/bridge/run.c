/*
 * run.c - builds every object and hands it its neighbours; decides nothing.
 *
 * The order of building: the uplink, since the exchange tells it; the exchange,
 * since the spool is read into it; the spool; the driver, since it reports at
 * once; then the link to the daemon.
 */
#include "bridge/run.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>
#include <systemd/sd-daemon.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "bridge/config.h"
#include "bridge/exchange.h"
#include "bridge/uplink.h"

#define SECRET_MAX 4096
#define PROBE_S 20

struct run {
	const struct config *config;
	struct event_base *base;
	struct uplink *uplink;
	struct exchange *exchange;
	struct spool *spool;
	void *driver; /* its instance */
	struct event *term, *intr, *watchdog;
	int status;
};

/* ------------------------------------------------ signals and the watchdog */

static void
stop_cb(evutil_socket_t sig, short what, void *arg)
{
	struct run *r = arg;

	(void)what;
	log_info(LOG_MAIN, "signal %d: stopping", (int)sig);
	sd_notify(0, "STOPPING=1");
	event_base_loopbreak(r->base);
}

static void
watchdog_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	sd_notify(0, "WATCHDOG=1");
}

static void
taken_over(void *arg)
{
	struct run *r = arg;

	log_error(LOG_MAIN, "another bridge has logged in for this switch");
	r->status = RUN_TAKEN_OVER;
	event_base_loopbreak(r->base);
}

static enum err
add_watchdog(struct run *r)
{
	uint64_t us;
	struct timeval tv;

	if (sd_watchdog_enabled(0, &us) <= 0)
		return ERR_OK;
	tv = (struct timeval){ (time_t)(us / 3 / 1000000),
		(suseconds_t)(us / 3 % 1000000) };
	r->watchdog = event_new(r->base, -1, EV_PERSIST, watchdog_cb, r);
	return r->watchdog != NULL && event_add(r->watchdog, &tv) == 0
	           ? ERR_OK
	           : ERR_NOMEM;
}

static enum err
add_events(struct run *r)
{
	r->term = evsignal_new(r->base, SIGTERM, stop_cb, r);
	r->intr = evsignal_new(r->base, SIGINT, stop_cb, r);
	if (r->term == NULL || r->intr == NULL ||
	    event_add(r->term, NULL) != 0 || event_add(r->intr, NULL) != 0)
		return ERR_NOMEM;
	return add_watchdog(r);
}

/* ------------------------------------------------------------------ building */

static enum err
open_uplink(struct run *r)
{
	const struct config *c = r->config;
	bool token = c->token_file[0] != '\0';
	const char *file = token ? c->token_file : c->password_file;
	char secret[SECRET_MAX];
	struct uplink_options o = {
		.base = r->base,
		.addresses = c->daemons,
		.login = c->login,
		.switch_name = c->switch_name,
		.driver = c->driver->name,
		.epoch = (uint64_t)c->epoch,
		.can = config_can(c),
		.taken_over = taken_over,
		.arg = r,
	};
	enum err e;

	secret[0] = '\0';
	if (file[0] != '\0' && secret_line(file, secret, sizeof(secret)) == 0)
		return ERR_CONFIG;
	if (token)
		o.token = str_of(secret);
	else
		o.password = str_of(secret);
	e = uplink_new(&o, &r->uplink);
	explicit_bzero(secret, sizeof(secret));
	return e;
}

static enum err
open_exchange(struct run *r, const struct exchange_news *news)
{
	const struct config *c = r->config;
	const struct exchange_options o = {
		.switch_name = c->switch_name,
		.epoch = (uint64_t)c->epoch,
		.driver = c->driver,
		.can = config_can(c),
		.ring_us = c->ring_us,
		.fallback = c->fallback.to,
		.fallback_us = c->fallback.after_us,
		.base = r->base,
	};

	return exchange_new(&o, news, &r->exchange);
}

static enum err
restore_event(void *arg, uint64_t seq, const void *p, size_t len)
{
	return exchange_restore_event(arg, seq, p, len);
}

static enum err
restore_calls(void *arg, const void *p, size_t len)
{
	return exchange_restore_calls(arg, p, len);
}

static enum err
checkpoint(void *arg, void **out, size_t *len)
{
	return exchange_checkpoint(arg, out, len);
}

static enum err
open_spool(struct run *r)
{
	const struct config *c = r->config;
	const struct spool_options o = {
		.directory = c->spool,
		.sync_us = c->sync_us,
		.segment_bytes = (uint64_t)c->spool_segment,
		.limit_bytes = (uint64_t)c->spool_limit,
		.memory_bytes = (uint64_t)c->spool_memory,
		.now = clock_wall(),
		.base = r->base,
		.checkpoint = checkpoint,
		.arg = r->exchange,
	};
	const struct spool_reader reader = { restore_event, restore_calls,
		r->exchange };
	struct spool_opened opened;
	enum err e = spool_open(&o, &reader, &opened, &r->spool);

	if (e != ERR_OK) {
		log_error(LOG_MAIN, "spool %s: %s", c->spool,
		    e == ERR_BUSY ? "another bridge has it"
		    : e == ERR_IO ? strerror(errno)
				  : err_name(e));
		return e;
	}
	log_info(LOG_MAIN,
	    "spool %s: incarnation=%llu events=%llu%s%s torn=%llu bytes",
	    c->spool, (unsigned long long)opened.incarnation,
	    (unsigned long long)(spool_last(r->spool) + 1 -
				 spool_first(r->spool)),
	    opened.fresh ? ", new" : "",
	    opened.lost_tail ? ", its tail may be lost" : "",
	    (unsigned long long)opened.torn_bytes);
	exchange_restored(r->exchange, r->spool, opened.incarnation,
	    opened.lost_tail || opened.fresh);
	uplink_set_torn(r->uplink, opened.torn_files);
	return ERR_OK;
}

static enum err
open_driver(struct run *r)
{
	const struct config *c = r->config;
	const struct driver_setup setup = { r->base, r->exchange, c->options,
		c->listen_only };
	enum err e = c->driver->open(&setup, &r->driver);

	if (e == ERR_OK)
		exchange_attach(r->exchange, r->driver);
	else
		log_error(LOG_MAIN, "driver %s cannot start: %s",
		    c->driver->name, err_name(e));
	return e;
}

static enum err
connect_uplink(struct run *r)
{
	const char *why = "";
	enum err e = uplink_start(r->uplink, r->exchange, r->spool, &why);

	if (e != ERR_OK)
		log_error(LOG_MAIN, "daemons: %s", why);
	return e;
}

static void
close_all(struct run *r)
{
	struct event *const events[] = { r->term, r->intr, r->watchdog };

	if (r->exchange != NULL)
		exchange_attach(r->exchange, NULL);
	if (r->driver != NULL)
		r->config->driver->close(&r->driver);
	uplink_free(&r->uplink);
	if (r->spool != NULL)
		spool_close(&r->spool);
	exchange_free(&r->exchange);
	for (unsigned i = 0; i < NELEM(events); i++)
		if (events[i] != NULL)
			event_free(events[i]);
	if (r->base != NULL)
		event_base_free(r->base);
}

static enum err
open_all(struct run *r)
{
	struct exchange_news news;
	enum err e;

	if ((r->base = event_base_new()) == NULL)
		return ERR_NOMEM;
	if ((e = add_events(r)) != ERR_OK)
		return e;
	if ((e = open_uplink(r)) != ERR_OK)
		return e;
	news = uplink_news(r->uplink);
	if ((e = open_exchange(r, &news)) != ERR_OK ||
	    (e = open_spool(r)) != ERR_OK || (e = open_driver(r)) != ERR_OK)
		return e;
	return connect_uplink(r);
}

static int
status_of(enum err e)
{
	return e == ERR_OK ? RUN_OK : e == ERR_CONFIG ? RUN_CONFIG : RUN_FAILED;
}

int
run_bridge(const struct config *c)
{
	struct run r = { .config = c };
	enum err e = open_all(&r);

	r.status = status_of(e);
	if (e == ERR_OK) {
		log_info(LOG_MAIN, "ready switch=%s driver=%s version=%s",
		    c->switch_name, c->driver->name, VERSION);
		sd_notify(0, "READY=1\nSTATUS=Hearing its switch");
		event_base_dispatch(r.base);
	} else {
		log_error(LOG_MAIN, "cannot start: %s", err_name(e));
	}
	close_all(&r);
	return r.status;
}

/* -------------------------------------------------------------------- probe */

static void
line(void *arg, bool good, const char *what, const char *remedy)
{
	(void)arg;
	if (good)
		printf("ok %s\n", what);
	else
		printf("missing %s: %s\n", what, remedy);
	fflush(stdout);
}

static void
probed(void *arg, bool good)
{
	struct run *r = arg;

	r->status = good ? RUN_OK : RUN_FAILED;
	event_base_loopbreak(r->base);
}

static void
no_event(void *arg, uint64_t seq)
{
	(void)arg;
	(void)seq;
}

static void
no_result(void *arg, const Mashang__OrderResult *r)
{
	(void)arg;
	(void)r;
}

static void
no_status(void *arg)
{
	(void)arg;
}

static void
no_devices(void *arg, const Mashang__DeviceStates *d)
{
	(void)arg;
	(void)d;
}

/* Without a spool and a daemon: nothing is kept or told. */
static enum err
open_probe(struct run *r)
{
	const struct exchange_news nobody = { no_event, no_result, no_status,
		no_devices, NULL };
	enum err e;

	if ((r->base = event_base_new()) == NULL)
		return ERR_NOMEM;
	if ((e = open_exchange(r, &nobody)) != ERR_OK)
		return e;
	return open_driver(r);
}

int
run_probe(const struct config *c)
{
	static const struct timeval deadline = { PROBE_S, 0 };
	struct run r = { .config = c };
	enum err e = open_probe(&r);

	r.status = e == ERR_OK ? -1 : status_of(e);
	if (e == ERR_OK) {
		c->driver->probe(r.driver, line, probed, &r);
		if (r.status == -1) {
			event_base_loopexit(r.base, &deadline);
			event_base_dispatch(r.base);
		}
	}
	if (r.status == -1) {
		line(NULL, false, "an answer",
		    "the switch did not answer all questions in time");
		r.status = RUN_FAILED;
	}
	close_all(&r);
	return r.status;
}
