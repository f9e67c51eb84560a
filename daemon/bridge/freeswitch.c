/*
 * freeswitch.c - the driver of FreeSWITCH: connection, log-in, heart-beats.
 *
 * auth, event, version, core_uuid (which life of the switch it is), then the
 * list of channels: only then is it live.  A heart-beat is a global variable of
 * the dialplan, mashang_until: how long waiting callers may take it that a
 * bridge is there.  Its answer tells us that the switch is.
 *
 * Events are numbered, but by one counter for all of the switch, and they come
 * in another order than they were counted: a hole means a loss only to who asks
 * for every event there is, which would be ten times what we need.  So losses
 * are found by comparing: every 30 s the switch's channels with our legs.
 */
#include "bridge/freeswitch.h"

#include <stdio.h>
#include <stdlib.h>

#include <event2/buffer.h>
#include <event2/event.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"

#define TICK_US (CLOCK_S / 10)
#define STAGE_US (10 * CLOCK_S)
#define BEAT_US (5 * CLOCK_S)
#define UNTIL_US (20 * CLOCK_S)
#define AGAIN_US (30 * CLOCK_S) /* after it has refused us */

/* ----------------------------------------------------------------- log-in */

static const char events[] =
    "event plain CHANNEL_PROGRESS CHANNEL_PROGRESS_MEDIA CHANNEL_ANSWER "
    "CHANNEL_PARK CHANNEL_UNPARK CHANNEL_BRIDGE CHANNEL_UNBRIDGE CHANNEL_HOLD "
    "CHANNEL_UNHOLD CHANNEL_HANGUP BACKGROUND_JOB SHUTDOWN CUSTOM "
    "mashang::queued mashang::held mashang::away conference::maintenance "
    "sofia::register sofia::unregister sofia::expire";
static const char events_listening[] =
    "event plain SHUTDOWN CUSTOM callcenter::info sofia::register "
    "sofia::unregister sofia::expire";

static void
ask(struct fs *f, const char *what, enum fs_asked asked)
{
	esl_begin(&f->command, what);
	if (!fs_send(f, asked, 0, STR_LIT("")) && f->stream != NULL)
		stream_fail(f->stream, "cannot write");
}

static void
lost(struct fs *f, const char *why)
{
	f->stage = FS_DOWN;
	esl_reader_reset(f->reader);
	fs_list_drop(f);
	fs_asks_lost(f);
	if (f->probe_line != NULL)
		fs_probe_failed(f, why);
	else
		exchange_down(f->exchange, why);
}

void
fs_refused(struct fs *f, const char *why)
{
	f->again_at = clock_loop() + AGAIN_US;
	stream_free(&f->stream);
	exchange_trouble(f->exchange, why);
	lost(f, why);
}

static void
on_greeting(struct fs *f)
{
	f->stage = FS_ASKING;
	f->stage_until = clock_loop() + STAGE_US;
	esl_begin(&f->command, "auth ");
	esl_add(&f->command, f->password);
	if (!fs_send(f, FS_LOGIN, 0, STR_LIT("")))
		stream_fail(f->stream, "cannot write the log-in");
}

void
fs_subscribed(struct fs *f)
{
	if (f->probe_line != NULL) {
		ask(f, "api version", FS_VERSION);
		ask(f, "api global_getvar core_uuid", FS_LIFE);
		return;
	}
	ask(f, f->listen_only ? events_listening : events, FS_SUBSCRIBE);
	ask(f, "api version", FS_VERSION);
	ask(f, "api global_getvar core_uuid", FS_LIFE);
}

static void
beat(struct fs *f)
{
	int64_t until = clock_wall() + f->ahead_us + UNTIL_US;

	f->beat_at = clock_loop() + BEAT_US;
	esl_begin(&f->command, "api ");
	if (f->listen_only) {
		esl_add(&f->command, "strepoch");
	} else {
		esl_add(&f->command, "global_setvar mashang_until=");
		esl_counted(&f->command, (uint64_t)(until / CLOCK_S));
	}
	fs_send_only(f);
}

/* All is known. */
void
fs_live(struct fs *f)
{
	f->stage = FS_LIVE;
	f->was_live = true;
	if (!f->listen_only)
		exchange_trouble(f->exchange, NULL);
	fs_phones(f);
	beat(f);
}

/* ------------------------------------------------------------- connection */

static void
up_cb(void *arg)
{
	struct fs *f = arg;

	esl_reader_reset(f->reader);
	f->stage = FS_GREETED;
	f->stage_until = clock_loop() + STAGE_US;
}

static void
on_event(struct fs *f, const struct esl_frame *m)
{
	int64_t at = esl_number(m, "Event-Date-Timestamp", 0);

	if (at > 0)
		f->ahead_us = at - clock_wall();
	if (f->stage >= FS_LISTING && f->probe_line == NULL)
		fs_event(f, m);
}

static void
take(struct fs *f, struct esl_frame *m)
{
	switch (m->kind) {
	case ESL_AUTH_REQUEST:
		on_greeting(f);
		break;
	case ESL_REPLY:
	case ESL_RESPONSE:
		fs_answered(f, m);
		break;
	case ESL_EVENT:
		on_event(f, m);
		break;
	case ESL_DISCONNECT:
		stream_fail(f->stream, "FreeSWITCH ends the connection");
		break;
	case ESL_REJECTION:
		fs_refused(f,
		    "FreeSWITCH does not let this machine in: name its address "
		    "in apply-inbound-acl of event_socket.conf.xml; next try "
		    "in 30 s");
		break;
	case ESL_NONE:
		break;
	}
}

static void
read_cb(void *arg, struct evbuffer *in)
{
	struct fs *f = arg;
	struct esl_frame m;
	const char *why = "";
	enum err e = ERR_AGAIN;

	while (f->stage != FS_DOWN && f->stream != NULL &&
	       stream_is_up(f->stream) &&
	       (e = esl_pull(f->reader, in, &m, &why)) == ERR_OK)
		take(f, &m);
	if (e != ERR_OK && e != ERR_AGAIN && f->stream != NULL)
		stream_fail(f->stream, why);
}

static void
down_cb(void *arg, const char *why)
{
	lost(arg, why);
}

static const char *
open_stream(struct fs *f)
{
	const struct fs_options *o = f->options;
	const struct stream_options so = { .address = o->address,
		.tls_ca = o->tls_ca,
		.tls_name = o->tls_name,
		.tls_certificate = o->tls_certificate,
		.tls_key = o->tls_key };
	const struct stream_events news = { up_cb, read_cb, down_cb, f };
	const char *why = "no memory";

	f->stream = stream_new(f->base, &so, &news, &why);
	return f->stream != NULL ? NULL : why;
}

/* ------------------------------------------------------------------- ticking */

/* Where callers are whose agents have gone. */
static void
look_for_callers(struct fs *f, int64_t now)
{
	struct fs_call *c;

	for (c = f->calls; c != NULL; c = c->hh.next) {
		if (c->look_at == 0 || c->look_at > now)
			continue;
		c->look_at = 0;
		if (c->caller == NULL || c->agent != NULL)
			continue;
		esl_begin(&f->command, "api uuid_dump");
		esl_word(&f->command, str_of(c->caller->uuid));
		if (!fs_send(f, FS_WHERE, 0, str_of(c->caller->uuid)))
			log_debug(LOG_MAIN, "freeswitch cannot ask");
	}
}

/* What should have been told of legs by now: one at a time, since its end may
 * take others along. */
static void
look_for_legs(struct fs *f, int64_t now)
{
	struct fs_leg *l, *lost = NULL;

	for (l = f->legs; l != NULL; l = l->hh.next) {
		if (l->join_until != 0 && l->join_until <= now) {
			l->join_until = 0;
			fs_list_soon(f);
		}
		if (l->gone_until != 0 && l->gone_until <= now)
			lost = l;
	}
	if (lost != NULL)
		fs_leg_lost(f, lost);
}

static void
tick_live(struct fs *f, int64_t now)
{
	if (now >= f->beat_at)
		beat(f);
	if (!f->listen_only) {
		look_for_callers(f, now);
		look_for_legs(f, now);
	}
	if (f->list_at != 0 && f->list_at <= now)
		fs_list(f);
	if (!f->listen_only && now >= f->audit_at)
		fs_audit(f);
}

static void
tick_cb(evutil_socket_t fd, short what, void *arg)
{
	struct fs *f = arg;
	int64_t now = clock_loop();

	(void)fd;
	(void)what;
	if (f->stream == NULL) {
		if (now >= f->again_at && open_stream(f) != NULL)
			f->again_at = now + AGAIN_US;
	} else if (f->stage == FS_GREETED && now >= f->stage_until) {
		stream_fail(f->stream,
		    "it takes the connection and says nothing: is that the "
		    "event socket?");
	} else if (fs_asks_late(f, now)) {
		stream_fail(f->stream, "FreeSWITCH does not answer");
	} else if (f->stage == FS_LISTING && f->list_at != 0 &&
		   f->list_at <= now) {
		fs_list(f);
	} else if (f->stage == FS_LIVE) {
		tick_live(f, now);
	}
}

/* ------------------------------------------------------------- the driver */

static void
fs_close(void **self)
{
	struct fs *f = *self;
	struct fs_ask *k;

	if (f == NULL)
		return;
	stream_free(&f->stream);
	if (f->tick != NULL)
		event_free(f->tick);
	while ((k = TAILQ_FIRST(&f->asks)) != NULL) {
		TAILQ_REMOVE(&f->asks, k, entry);
		free(k);
	}
	fs_calls_clear(f);
	fs_devices_clear(f);
	esl_reader_free(&f->reader);
	explicit_bzero(f->password, sizeof(f->password));
	free(f);
	*self = NULL;
}

/* A line; without a file it is the one that FreeSWITCH comes with. */
static bool
read_password(struct fs *f)
{
	const char *file = f->options->password_file;

	if (file[0] == '\0') {
		snprintf(f->password, sizeof(f->password), "ClueCon");
		return true;
	}
	return secret_line(file, f->password, sizeof(f->password)) > 0 &&
	       strpbrk(f->password, "\r\n") == NULL;
}

static enum err
fs_open(const struct driver_setup *setup, void **self)
{
	static const struct timeval tick = { 0, TICK_US };
	struct fs *f = calloc(1, sizeof(*f));
	const char *why;

	*self = f;
	if (f == NULL)
		return ERR_NOMEM;
	f->base = setup->base;
	f->exchange = setup->exchange;
	f->options = setup->options;
	f->listen_only = setup->listen_only;
	TAILQ_INIT(&f->asks);
	if (!read_password(f)) {
		fs_close(self);
		return ERR_CONFIG;
	}
	f->reader = esl_reader_new();
	f->tick = event_new(f->base, -1, EV_PERSIST, tick_cb, f);
	if (f->reader == NULL || f->tick == NULL ||
	    event_add(f->tick, &tick) != 0) {
		fs_close(self);
		return ERR_NOMEM;
	}
	if ((why = open_stream(f)) != NULL) {
		log_error(LOG_MAIN, "freeswitch %s", why);
		fs_close(self);
		return ERR_CONFIG;
	}
	return ERR_OK;
}

static void
fs_resync(void *self)
{
	struct fs *f = self;

	if (f->stage == FS_LIVE)
		fs_list(f);
}

static void
fs_forget(void *self, struct xcall *x)
{
	struct fs *f = self;
	struct fs_call *c = fs_call_find(f, xcall_name(x));

	if (c != NULL)
		fs_call_free(f, c);
}

static bool
is_plain(const char *s, const char *but)
{
	for (; *s != '\0'; s++)
		if ((!esl_is_plain(*s) && strchr(but, *s) == NULL) || *s < 0)
			return false;
	return true;
}

static const char *
fs_fault(const void *options, bool listen_only)
{
	const struct fs_options *o = options;
	const char *at = strstr(o->device, "%s");

	(void)listen_only;
	if (at == NULL || strstr(at + 1, "%s") != NULL ||
	    strchr(o->device, '/') == NULL || !is_plain(o->device, ""))
		return "device is how a phone's name becomes what FreeSWITCH "
		       "dials, with one %s and nothing in brackets: user/%s";
	if (o->context[0] == '\0' || !is_plain(o->context, ""))
		return "context is the name of a context of the dialplan";
	if (!is_plain(o->auto_answer, ","))
		return "auto_answer is a list of variables, name=value, "
		       "between commas";
	return NULL;
}

#define OPTION(NAME, PRESET, HELP)                                        \
	{                                                                 \
		.name = #NAME, .type = CONF_STRING, .preset = PRESET,     \
		.help = HELP, .offset = offsetof(struct fs_options, NAME) \
	}
#define SWITCH(NAME, HELP)                                                \
	{                                                                 \
		.name = #NAME, .type = CONF_BOOL, .preset = "no",         \
		.help = HELP, .offset = offsetof(struct fs_options, NAME) \
	}
static const struct conf_field fields[] = {
	OPTION(address, "tcp:127.0.0.1:8021",
	    "FreeSWITCH's event socket: tcp:host:port."),
	OPTION(tls_ca, "",
	    "With tls: in front of it, whom to trust; empty: the system's."),
	OPTION(tls_name, "", "The name in its certificate, if not the host."),
	OPTION(tls_certificate, "", "Our own certificate, if it wants one."),
	OPTION(tls_key, "", "Its key."),
	OPTION(password_file, "",
	    "A file with the password of event_socket.conf.xml; empty: the one "
	    "that FreeSWITCH comes with."),
	OPTION(
	    device, "user/%s", "What is dialled for a phone; %s is its name."),
	OPTION(context, "default",
	    "The dialplan's context in which numbers are dialled."),
	OPTION(auto_answer, "sip_auto_answer=true",
	    "Variables that make a phone answer by itself."),
	SWITCH(answer,
	    "Phones lift themselves when they are told to (Event: talk)."),
	SWITCH(registrations,
	    "Phones register here: one that does not is not there."),
	{ 0 },
};

const struct driver driver_freeswitch = {
	.name = "freeswitch",
	.sentence =
	    "FreeSWITCH with config/freeswitch, over its event socket (ESL)",
	.fields = fields,
	.options_size = sizeof(struct fs_options),
	.fault = fs_fault,
	.can = fs_can,
	.open = fs_open,
	.close = fs_close,
	.order = fs_order,
	.resync = fs_resync,
	.forget = fs_forget,
	.probe = fs_probe,
};
