/*
 * kamailio.c - the driver of Kamailio: connection, heart-beats, gaps.
 *
 * An event has a number, one more than the one before.  Two processes of the
 * switch may tell in another order than they counted, so that a number left
 * out is given a moment before it counts as missed.  The switch tells us no
 * more than some thousand events ahead of what we say we have read, since it
 * would stand still if it waited for us: that is seen as a gap, too.
 */
#include "bridge/kamailio.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/event.h>

#include "base/clock.h"
#include "base/log.h"
#include "bridge/netstring.h"

#define MESSAGE_MAX 65536
#define TICK_US (CLOCK_S / 4)
#define PING_US (5 * CLOCK_S)
#define LATE_US (CLOCK_S / 2) /* how long a number may be left out */
#define READ_EVERY 256        /* events, then the switch is told */

/* ----------------------------------------------------------------- events */

void
kam_resync(struct kam *k)
{
	if (k->up && k->rows == NULL)
		kam_snapshot_begin(k);
}

static void
say_read(struct kam *k)
{
	uint64_t seq = k->next_seq - 1;
	json_t *cmd;

	if (seq <= k->read_told)
		return;
	cmd = json_pack("{s:s, s:I}", "cmd", "read", "seq", (json_int_t)seq);
	if (kam_say(k, cmd))
		k->read_told = seq;
}

static void
count(struct kam *k, uint64_t seq)
{
	if (k->next_seq != 0 && seq < k->next_seq) {
		if (k->missing > 0)
			k->missing--;
		return;
	}
	if (k->next_seq != 0 && seq > k->next_seq) {
		k->missing += seq - k->next_seq;
		k->missing_until = clock_loop() + LATE_US;
	}
	k->next_seq = seq + 1;
	if (seq >= k->read_told + READ_EVERY)
		say_read(k);
}

void
kam_told_up_to(struct kam *k, uint64_t seq)
{
	if (!k->up || seq < k->next_seq)
		return;
	k->missing += seq + 1 - k->next_seq;
	k->missing_until = clock_loop() + LATE_US;
	k->next_seq = seq + 1;
}

static void
look_for_missing(struct kam *k, int64_t now)
{
	if (k->missing == 0 || now < k->missing_until)
		return;
	exchange_missed(k->exchange, k->missing);
	k->missing = 0;
	kam_resync(k);
}

/* A new life of the switch counts anew; in the same life, what it told while
 * we were away is missed. */
void
kam_hello(struct kam *k, const json_t *hello)
{
	struct str start = kam_text(hello, "start");
	uint64_t seq = kam_number(hello, "seq");
	struct str version = kam_text(hello, "version");
	char words[128];

	if (k->probe_line != NULL) {
		kam_probe_hello(k, hello);
		return;
	}
	while (version.len > 0 && version.p[version.len - 1] == ' ')
		version.len--;
	snprintf(words, sizeof(words), "%.*s", STR_ARG(version));
	k->up = true;
	exchange_up(k->exchange, words);
	if (str_eq(start, str_of(k->start)) && k->next_seq != 0 &&
	    seq + 1 > k->next_seq)
		exchange_missed(k->exchange, seq + 1 - k->next_seq);
	snprintf(k->start, sizeof(k->start), "%.*s", STR_ARG(start));
	/* Events may have come before this. */
	k->next_seq = seq + 1;
	k->read_told = seq;
	k->missing = 0;
	exchange_trouble(k->exchange,
	    kam_number(hello, "config") != KAM_CONFIG
		? "kamailio.cfg is not the one of this bridge's version"
		: NULL);
	kam_resync(k);
}

static void
on_reply(struct kam *k, json_t *reply)
{
	kam_reply(k, reply);
}

static void
on_event(struct kam *k, json_t *event)
{
	uint64_t seq = kam_number(event, "seq");

	/* Before hello it is of a time that the snapshot tells of. */
	if (!k->up || seq == 0)
		return;
	count(k, seq);
	if (!kam_snapshot_event(k, event))
		kam_tell(k, event);
}

static void
take(struct kam *k, struct str text)
{
	static const struct {
		const char *event;
		void (*run)(struct kam *, json_t *);
	} rows[] = {
		{ "reply", on_reply },
		{ "call.snapshot", kam_snapshot_row },
		{ "dial.snapshot", kam_snapshot_row },
		{ "device.snapshot", kam_snapshot_row },
	};
	json_error_t why;
	json_t *o = json_loadb(text.p, text.len, JSON_REJECT_DUPLICATES, &why);
	struct str event = kam_text(o, "event");
	unsigned i = 0;

	if (o == NULL) {
		log_warn(LOG_BRIDGE, "kamailio not JSON: %s", why.text);
		stream_fail(k->stream, "the switch sent what is not JSON");
		return;
	}
	while (i < NELEM(rows) && !str_eq(event, str_of(rows[i].event)))
		i++;
	if (i < NELEM(rows))
		rows[i].run(k, o);
	else
		on_event(k, o);
	json_decref(o);
}

/* ------------------------------------------------------------- connection */

static void
ask_hello(struct kam *k)
{
	if (!kam_ask(k, json_pack("{s:s}", "cmd", "hello"), KAM_HELLO, 0, NULL))
		stream_fail(k->stream, "cannot write");
}

static void
up_cb(void *arg)
{
	struct kam *k = arg;

	k->ping_at = clock_loop() + PING_US;
	ask_hello(k);
}

static void
read_cb(void *arg, struct evbuffer *in)
{
	struct kam *k = arg;
	size_t len, used = 0;
	struct str text;
	enum err e;

	while ((len = evbuffer_get_length(in)) > 0 && stream_is_up(k->stream)) {
		struct str all = { (char *)evbuffer_pullup(in, -1),
			(uint32_t)len };
		size_t at = 0;

		while ((e = netstring_pull(
			    (struct str){ all.p + at, all.len - (uint32_t)at },
			    MESSAGE_MAX, &text, &used)) == ERR_OK) {
			take(k, text);
			at += used;
		}
		evbuffer_drain(in, at);
		if (e != ERR_AGAIN)
			stream_fail(
			    k->stream, "the switch sent what is no netstring");
		break;
	}
}

static void
down_cb(void *arg, const char *why)
{
	struct kam *k = arg;
	bool was = k->up;

	k->up = false;
	kam_snapshot_drop(k);
	kam_asks_lost(k);
	if (k->probe_line != NULL)
		kam_probe_failed(k, why);
	else if (was || why != NULL)
		exchange_down(k->exchange, why);
}

static void
tick_cb(evutil_socket_t fd, short what, void *arg)
{
	struct kam *k = arg;
	int64_t now = clock_loop();

	(void)fd;
	(void)what;
	if (k->probe_line != NULL && now >= k->probe_until) {
		kam_probe_failed(k, "no answer within 5 s");
		return;
	}
	kam_asks_tick(k, now);
	if (!k->up)
		return;
	look_for_missing(k, now);
	say_read(k);
	if (now >= k->ping_at &&
	    kam_ask(k, json_pack("{s:s}", "cmd", "ping"), KAM_PING, 0, NULL))
		k->ping_at = now + PING_US;
}

/* ------------------------------------------------------------- the driver */

static void
kam_forget(void *self, struct xcall *c)
{
	void **mine = xcall_mine(c);

	(void)self;
	free(*mine);
	*mine = NULL;
}

static void
kam_close(void **self)
{
	struct kam *k = *self;
	struct xcall *x = NULL;

	if (k == NULL)
		return;
	while ((x = exchange_next(k->exchange, x)) != NULL)
		kam_forget(k, x);
	stream_free(&k->stream);
	if (k->tick != NULL)
		event_free(k->tick);
	kam_snapshot_drop(k);
	kam_asks_lost(k);
	json_decref(k->early);
	free(k);
	*self = NULL;
}

static enum err
kam_open(const struct driver_setup *setup, void **self)
{
	const struct kam_options *o = setup->options;
	struct stream_options so = { .address = o->address,
		.tls_ca = o->tls_ca,
		.tls_name = o->tls_name,
		.tls_certificate = o->tls_certificate,
		.tls_key = o->tls_key };
	struct timeval tv = { 0, TICK_US };
	struct kam *k = calloc(1, sizeof(*k));
	const char *why = NULL;

	*self = k;
	if (k == NULL)
		return ERR_NOMEM;
	k->base = setup->base;
	k->exchange = setup->exchange;
	k->options = o;
	TAILQ_INIT(&k->asks);
	k->tick = event_new(k->base, -1, EV_PERSIST, tick_cb, k);
	k->stream = stream_new(k->base, &so,
	    &(struct stream_events){ up_cb, read_cb, down_cb, k }, &why);
	if (k->tick == NULL || event_add(k->tick, &tv) != 0 ||
	    k->stream == NULL) {
		if (why != NULL)
			log_error(LOG_BRIDGE, "kamailio %s", why);
		kam_close(self);
		return why != NULL ? ERR_CONFIG : ERR_NOMEM;
	}
	return ERR_OK;
}

static const char *
kam_fault(const void *options, bool listen_only)
{
	(void)options;
	if (listen_only)
		return "callers wait in Kamailio for the bridge to route them: "
		       "it cannot only listen";
	return NULL;
}

#define OPTION(NAME, PRESET, HELP)                                         \
	{                                                                  \
		.name = #NAME, .type = CONF_STRING, .preset = PRESET,      \
		.help = HELP, .offset = offsetof(struct kam_options, NAME) \
	}
static const struct conf_field fields[] = {
	OPTION(address, "tcp:127.0.0.1:8448",
	    "Where kamailio.cfg listens for us (CTI_ADDR, CTI_PORT)."),
	OPTION(tls_ca, "",
	    "With tls: in front of it, whom to trust; empty: the system's."),
	OPTION(tls_name, "", "The name in its certificate."),
	OPTION(tls_certificate, "", "Our own certificate, if it wants one."),
	OPTION(tls_key, "", "Its key."),
	{ 0 },
};

const struct driver driver_kamailio = {
	.name = "kamailio",
	.sentence = "Kamailio with config/kamailio.cfg, over evapi",
	.fields = fields,
	.options_size = sizeof(struct kam_options),
	.fault = kam_fault,
	.can = kam_can,
	.open = kam_open,
	.close = kam_close,
	.order = kam_order,
	.forget = kam_forget,
	.probe = kam_probe,
};
