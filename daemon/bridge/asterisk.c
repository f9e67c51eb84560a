/*
 * asterisk.c - the driver of Asterisk: connection, log-in, heart-beats.
 *
 * banner, Challenge, Login, CoreSettings (what it is), CoreStatus (since when),
 * then the lists of channels and of phones: only then is it live.  A heart-beat
 * is a global variable of the dialplan, MASHANG_BEAT, whose standing still
 * tells waiting callers that no bridge is there.
 */
#include "bridge/asterisk.h"

#include <stdio.h>
#include <stdlib.h>

#include <event2/buffer.h>
#include <event2/event.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/text.h"

#define TICK_US (CLOCK_S / 4)
#define STAGE_US (10 * CLOCK_S)
#define BEAT_US (10 * CLOCK_S)
#define AGAIN_US (30 * CLOCK_S) /* after it has refused us */

static const struct stream_events stream_news;

/* ----------------------------------------------------------------- log-in */

static void
begin_login(struct ast *a)
{
	static const struct ast_ask challenge = { .asked = AST_CHALLENGE },
				    login = { .asked = AST_LOGIN };
	bool plain = a->options->login == AST_LOGIN_PLAIN, sent;

	if (plain) {
		ast_begin(a, "Login");
		ami_addf(&a->action, "Username", "%s", a->options->user);
		ami_addf(&a->action, "Secret", "%s", a->secret);
		ami_addf(&a->action, "Events", "system,call,user,agent");
		sent = ast_send(a, &login);
	} else {
		ast_begin(a, "Challenge");
		ami_addf(&a->action, "AuthType", "MD5");
		sent = ast_send(a, &challenge);
	}
	if (!sent)
		stream_fail(a->stream, "cannot write the log-in");
}

static void
answer_challenge(struct ast *a, const struct ami_message *m)
{
	static const struct ast_ask ask = { .asked = AST_LOGIN };
	char key[33];

	if (!ami_is(m, "Response", "Success")) {
		ast_refused_login(a, m);
		return;
	}
	if (!ami_key(ami_get(m, "Challenge"), a->secret, key)) {
		stream_fail(a->stream,
		    "this machine's OpenSSL has no MD5: use tls: and "
		    "login: plain");
		return;
	}
	ast_begin(a, "Login");
	ami_addf(&a->action, "AuthType", "MD5");
	ami_addf(&a->action, "Username", "%s", a->options->user);
	ami_addf(&a->action, "Key", "%s", key);
	ami_addf(&a->action, "Events", "system,call,user,agent");
	if (!ast_send(a, &ask))
		stream_fail(a->stream, "cannot write the log-in");
}

static void
lost(struct ast *a, const char *why)
{
	struct ast_leg *l, *next;

	a->stage = AST_DOWN;
	a->booted = false;
	ami_reader_reset(a->reader);
	ast_list_drop(a);
	a->listing_devices = false;
	ast_asks_lost(a);
	HASH_ITER(hh, a->legs, l, next)
	{
		/* Its order has been answered: it is not known, so it is ended
		 * if it comes after all. */
		if (l->chan == NULL)
			ast_leg_free(a, l);
	}
	if (a->probe_line != NULL)
		ast_probe_failed(a, why);
	else
		exchange_down(a->exchange, why);
}

/* It will say the same next time: ask seldom. */
static void
refused(struct ast *a, const char *why)
{
	a->again_at = clock_loop() + AGAIN_US;
	stream_free(&a->stream);
	lost(a, why);
}

void
ast_refused_login(struct ast *a, const struct ami_message *m)
{
	char why[256], said[64];

	text_clean(ami_get(m, "Message"), false, said, sizeof(said));
	snprintf(why, sizeof(why),
	    "Asterisk refuses the log-in of %s (%s): check user and "
	    "secret_file "
	    "here, and [%s] of manager.conf with its permit and deny; next try "
	    "in 30 s",
	    a->options->user, said, a->options->user);
	refused(a, why);
}

static void
ask(struct ast *a, const char *action, enum ast_asked asked)
{
	struct ast_ask k = { .asked = asked };

	ast_begin(a, action);
	if (!ast_send(a, &k))
		stream_fail(a->stream, "cannot write");
}

static void
on_settings(struct ast *a, const struct ami_message *m)
{
	char version[64];

	if (text_clean(ami_get(m, "AsteriskVersion"), false, version,
		sizeof(version)) > 0)
		snprintf(
		    a->version, sizeof(a->version), "Asterisk %s", version);
	else
		snprintf(a->version, sizeof(a->version),
		    "Asterisk (it does not say which: the user %s needs the "
		    "right reporting)",
		    a->options->user);
	if (a->probe_line != NULL)
		ast_probe_settings(a);
	else
		ask(a, "CoreStatus", AST_STATUS);
}

/* In the same life, what it told while we were away is missed. */
static void
on_status(struct ast *a, const struct ami_message *m)
{
	char date[24], time[24], started[64];

	text_clean(ami_get(m, "CoreStartupDate"), false, date, sizeof(date));
	text_clean(ami_get(m, "CoreStartupTime"), false, time, sizeof(time));
	snprintf(started, sizeof(started), "%s %s", date, time);
	a->stage = AST_LISTING;
	exchange_up(a->exchange, a->version);
	if (a->was_live && strcmp(started, a->started) == 0)
		exchange_missed(a->exchange, 1);
	memcpy(a->started, started, sizeof(started));
	ast_list(a);
}

/* A list that is refused leaves nothing that could be relied on. */
static void
on_channels(struct ast *a, const struct ami_message *m)
{
	char why[256];

	if (ami_is(m, "Response", "Success"))
		return;
	snprintf(why, sizeof(why),
	    "Asterisk does not list its channels: [%s] of manager.conf needs "
	    "write = call; next try in 30 s",
	    a->options->user);
	refused(a, why);
}

static void
on_devices(struct ast *a, const struct ami_message *m)
{
	if (!ami_is(m, "Response", "Success")) {
		log_info(LOG_BRIDGE,
		    "asterisk phones count as always there: no "
		    "res_manager_devicestate");
		return;
	}
	a->listing_devices = true;
	exchange_devices(a->exchange);
}

void
ast_logged_in(
    struct ast *a, const struct ast_ask *k, const struct ami_message *m)
{
	if (m == NULL)
		return; /* the connection has gone, or goes */
	switch (k->asked) {
	case AST_CHALLENGE:
		answer_challenge(a, m);
		break;
	case AST_LOGIN:
		if (ami_is(m, "Response", "Success"))
			ask(a, "CoreSettings", AST_SETTINGS);
		else
			ast_refused_login(a, m);
		break;
	case AST_SETTINGS:
		on_settings(a, m);
		break;
	case AST_STATUS:
		on_status(a, m);
		break;
	case AST_CHANNELS:
		on_channels(a, m);
		break;
	default:
		on_devices(a, m);
		break;
	}
}

static void
beat(struct ast *a)
{
	static const struct ast_ask k = { .asked = AST_BEAT };

	if (a->listen_only) {
		ast_begin(a, "Ping");
	} else {
		ast_begin(a, "Setvar");
		ami_addf(&a->action, "Variable", "MASHANG_BEAT");
		ami_addf(
		    &a->action, "Value", "%llu", (unsigned long long)++a->beat);
	}
	a->beat_at = clock_loop() + BEAT_US;
	if (!ast_send(a, &k))
		stream_fail(a->stream, "cannot write");
}

/* All is known. */
void
ast_live(struct ast *a)
{
	a->stage = AST_LIVE;
	a->was_live = true;
	exchange_trouble(a->exchange, NULL);
	ask(a, "DeviceStateList", AST_DEVICES);
	if (a->stage == AST_LIVE)
		beat(a);
}

/* ------------------------------------------------------------- connection */

static void
up_cb(void *arg)
{
	struct ast *a = arg;

	ami_reader_reset(a->reader);
	a->stage = AST_BANNER;
	a->stage_until = clock_loop() + STAGE_US;
}

static void
take(struct ast *a, const struct ami_message *m)
{
	if (ami_get(m, "Response").p != NULL && ami_get(m, "Event").p == NULL) {
		ast_response(a, m);
	} else {
		if (ami_is(m, "Event", "FullyBooted"))
			a->booted = true;
		ast_event(a, m);
	}
}

static bool
greeted(struct ast *a, struct evbuffer *in)
{
	const char *why;
	char version[32];
	enum err e = ami_banner(a->reader, in, version, &why);

	if (e == ERR_BAD_FRAME)
		refused(a, why);
	if (e != ERR_OK)
		return false;
	log_debug(LOG_BRIDGE, "asterisk manager version=%s", version);
	a->stage = AST_LOGGING_IN;
	begin_login(a);
	return a->stream != NULL && a->stage == AST_LOGGING_IN;
}

static void
read_cb(void *arg, struct evbuffer *in)
{
	struct ast *a = arg;
	struct ami_message m;
	const char *why;
	enum err e = ERR_AGAIN;

	if (a->stage == AST_BANNER && !greeted(a, in))
		return;
	while (a->stage >= AST_LOGGING_IN && a->stream != NULL &&
	       stream_is_up(a->stream) &&
	       (e = ami_pull(a->reader, in, &m, &why)) == ERR_OK)
		take(a, &m);
	if (e == ERR_TOO_LARGE && a->stream != NULL)
		stream_fail(a->stream, why);
}

static void
down_cb(void *arg, const char *why)
{
	lost(arg, why != NULL ? why : "the connection was lost");
}

static const struct stream_events stream_news = { up_cb, read_cb, down_cb,
	NULL };

static const char *
open_stream(struct ast *a)
{
	const struct ast_options *o = a->options;
	struct stream_options so = { .address = o->address,
		.tls_ca = o->tls_ca,
		.tls_name = o->tls_name,
		.tls_certificate = o->tls_certificate,
		.tls_key = o->tls_key };
	struct stream_events news = stream_news;
	const char *why = "no memory";

	news.arg = a;
	a->stream = stream_new(a->base, &so, &news, &why);
	return a->stream != NULL ? NULL : why;
}

static void
tick_cb(evutil_socket_t fd, short what, void *arg)
{
	struct ast *a = arg;
	int64_t now = clock_loop();

	(void)fd;
	(void)what;
	if (a->stream == NULL) {
		if (now >= a->again_at && open_stream(a) != NULL)
			a->again_at = now + AGAIN_US;
		return;
	}
	if ((a->stage == AST_BANNER || a->stage == AST_LOGGING_IN) &&
	    now >= a->stage_until) {
		stream_fail(a->stream,
		    a->stage == AST_BANNER
			? "it takes the connection and says nothing: is that "
			  "the port for TLS?"
			: "the log-in is not answered");
		return;
	}
	ast_asks_tick(a, now);
	if (a->stage == AST_LIVE && now >= a->beat_at)
		beat(a);
}

/* ------------------------------------------------------------- the driver */

static void
ast_close(void **self)
{
	struct ast *a = *self;
	struct ast_ask *k;

	if (a == NULL)
		return;
	stream_free(&a->stream);
	if (a->tick != NULL)
		event_free(a->tick);
	while ((k = TAILQ_FIRST(&a->asks)) != NULL) {
		TAILQ_REMOVE(&a->asks, k, entry);
		free(k);
	}
	ast_list_drop(a);
	ast_calls_clear(a);
	ast_mirror_clear(a);
	ast_devices_clear(a);
	ami_reader_free(&a->reader);
	explicit_bzero(a->secret, sizeof(a->secret));
	free(a);
	*self = NULL;
}

static enum err
ast_open(const struct driver_setup *setup, void **self)
{
	static const struct timeval tick = { 0, TICK_US };
	struct ast *a = calloc(1, sizeof(*a));
	const char *why = NULL;

	*self = a;
	if (a == NULL)
		return ERR_NOMEM;
	a->base = setup->base;
	a->exchange = setup->exchange;
	a->options = setup->options;
	a->listen_only = setup->listen_only;
	a->beat = (uint64_t)clock_wall() / CLOCK_S;
	TAILQ_INIT(&a->asks);
	a->reader = ami_reader_new();
	a->tick = event_new(a->base, -1, EV_PERSIST, tick_cb, a);
	if (a->reader == NULL || a->tick == NULL ||
	    event_add(a->tick, &tick) != 0) {
		ast_close(self);
		return ERR_NOMEM;
	}
	if (secret_line(
		a->options->secret_file, a->secret, sizeof(a->secret)) == 0) {
		ast_close(self);
		return ERR_CONFIG;
	}
	if ((why = open_stream(a)) != NULL) {
		log_error(LOG_BRIDGE, "asterisk %s", why);
		ast_close(self);
		return ERR_CONFIG;
	}
	return ERR_OK;
}

static void
ast_resync(void *self)
{
	struct ast *a = self;

	if (a->stage == AST_LIVE)
		ast_list(a);
}

static void
ast_forget(void *self, struct xcall *x)
{
	struct ast *a = self;
	struct ast_call *c = ast_call_find(a, xcall_name(x));

	if (c != NULL)
		ast_call_free(a, c);
}

static bool
is_loopback(const char *address)
{
	return strncmp(address, "tcp:127.", 8) == 0 ||
	       strncmp(address, "tcp:localhost:", 14) == 0 ||
	       strncmp(address, "tcp:[::1]:", 10) == 0;
}

static const char *
ast_fault(const void *options, bool listen_only)
{
	const struct ast_options *o = options;
	const char *at = strstr(o->device, "%s");

	(void)listen_only;
	if (o->login == AST_LOGIN_PLAIN &&
	    strncmp(o->address, "tls:", 4) != 0 && !is_loopback(o->address))
		return "login: plain sends the secret as it is: use tls: in "
		       "the address, or login: md5";
	if (at == NULL || strchr(at + 1, '%') != NULL ||
	    strchr(o->device, '%') != at || strchr(o->device, '/') == NULL ||
	    strpbrk(o->device, ",&;\"\r\n") != NULL)
		return "device is how a phone's name becomes what Asterisk "
		       "dials, with one %s: PJSIP/%s";
	if (strpbrk(o->user, "\r\n") != NULL)
		return "user is one line";
	for (size_t i = 0; i < o->auto_answer.n; i++) {
		const char *h = ((const char *const *)o->auto_answer.items)[i];
		const char *colon = strchr(h, ':');

		if (colon == NULL || colon == h ||
		    strpbrk(h, ",()\"\r\n") != NULL)
			return "auto_answer is a list of SIP headers, `Name: "
			       "value', without commas, brackets or quotes";
	}
	return NULL;
}

static const char *const logins[] = { "md5", "plain", NULL };

#define OPTION(NAME, PRESET, HELP)                                         \
	{                                                                  \
		.name = #NAME, .type = CONF_STRING, .preset = PRESET,      \
		.help = HELP, .offset = offsetof(struct ast_options, NAME) \
	}
static const struct conf_field fields[] = {
	OPTION(address, "tcp:127.0.0.1:5038",
	    "Asterisk's manager: tcp:host:port, or tls:host:port."),
	OPTION(tls_ca, "", "Whom to trust (PEM); empty: the system's."),
	OPTION(tls_name, "", "The name in its certificate, if not the host."),
	OPTION(tls_certificate, "", "Our own certificate, if it wants one."),
	OPTION(tls_key, "", "Its key."),
	OPTION(user, "mashang", "The user of manager.conf."),
	OPTION(secret_file, "/etc/mashang/asterisk.secret",
	    "A file with that user's secret, which others may not read."),
	{ .name = "login",
	    .type = CONF_WORD,
	    .preset = "md5",
	    .help = "How the secret is told: md5 (by challenge), or plain, "
		    "over TLS or loopback only.",
	    .words = logins,
	    .offset = offsetof(struct ast_options, login) },
	OPTION(
	    device, "PJSIP/%s", "What is dialled for a phone; %s is its name."),
	{ .name = "auto_answer",
	    .type = CONF_STRINGS,
	    .preset = "[]",
	    .help = "SIP headers that make your phones answer by themselves; "
		    "empty: they do not.",
	    .offset = offsetof(struct ast_options, auto_answer) },
	{ 0 },
};

const struct driver driver_asterisk = {
	.name = "asterisk",
	.sentence = "Asterisk with config/asterisk, over its manager (AMI)",
	.fields = fields,
	.options_size = sizeof(struct ast_options),
	.fault = ast_fault,
	.can = ast_can,
	.open = ast_open,
	.close = ast_close,
	.order = ast_order,
	.resync = ast_resync,
	.forget = ast_forget,
	.probe = ast_probe,
};
