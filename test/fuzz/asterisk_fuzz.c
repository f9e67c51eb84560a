/*
 * asterisk_fuzz.c - any messages as what an Asterisk does, and orders between
 * them, to the driver with an exchange and a spool behind it.
 *
 * Channels end, come back under a name that is taken, are in two bridges at
 * once: nothing of that may be used after it is freed.
 *
 *	make fuzz T=asterisk
 */
#include "bridge/ami.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <sodium.h>

#include "base/log.h"
#include "bridge/asterisk.h"

static void
must(int ok)
{
	if (!ok)
		abort();
}

static struct exchange *exchange;

/* A message of the input's own: `Order: 5', `Call: 17.1', `Device: 801'. */
static void
order(struct ast *a, const struct ami_message *m)
{
	struct ast_call *c = ast_call_find(a, ami_get(m, "Call"));
	struct driver_order d = { .id = 1,
		.kind = (Mashang__OrderKind)ami_number(m, "Order", 0),
		.device = ami_get(m, "Device"),
		.number = ami_get(m, "Number"),
		.auto_answer = ami_is(m, "Auto", "yes"),
		.ring_us = 1000000 };

	if (c != NULL)
		d.call = exchange_find(exchange, str_of(c->name));
	if (c != NULL && c->consult != NULL)
		d.other = exchange_find(exchange, str_of(c->consult->name));
	if (d.call != NULL || d.kind == MASHANG__ORDER_KIND__ORDER_MAKE_CALL)
		ast_order(a, &d);
}

/* Message by message. */
static void
pull(const uint8_t *data, size_t size, struct ast *to)
{
	struct evbuffer *in = evbuffer_new();
	struct ami_reader *r = ami_reader_new();
	struct ami_message m;
	const char *why;

	evbuffer_add(in, data, size);
	while (ami_pull(r, in, &m, &why) == ERR_OK)
		if (ami_get(&m, "Order").p != NULL)
			order(to, &m);
		else if (ami_get(&m, "Event").p != NULL)
			ast_event(to, &m);
		else
			ast_response(to, &m);
	evbuffer_free(in);
	ami_reader_free(&r);
}

/* -------------------------------------------------------------- the driver */

extern const struct driver driver_asterisk;

static struct event_base *base;
static struct spool *spool;
static const char *const headers[] = { "Call-Info: <sip:x>" };
static char dir[] = "/tmp/mashang-fuzz-XXXXXX";

/* Legs get names that an input can know. */
static unsigned char next_id;

static void
same_bytes(void *p, size_t n)
{
	memset(p, next_id++, n);
}

static const char *
same_name(void)
{
	return "same";
}

static uint32_t
same_word(void)
{
	return next_id++;
}

static struct randombytes_implementation same = {
	.implementation_name = same_name,
	.random = same_word,
	.buf = same_bytes,
};

static enum err
no_event(void *arg, uint64_t seq, const void *p, size_t len)
{
	(void)arg;
	(void)seq;
	(void)p;
	(void)len;
	return ERR_OK;
}

static enum err
no_calls(void *arg, const void *p, size_t len)
{
	return no_event(arg, 0, p, len);
}

static enum err
checkpoint(void *arg, void **out, size_t *len)
{
	(void)arg;
	return exchange_checkpoint(exchange, out, len);
}

static void
end(void)
{
	char cmd[sizeof(dir) + 16];

	snprintf(cmd, sizeof(cmd), "rm -rf '%s'", dir);
	if (system(cmd) != 0)
		fprintf(stderr, "%s is left\n", dir);
}

static void
begin(void)
{
	struct spool_options o = { .directory = dir,
		.sync_us = 1000000,
		.segment_bytes = 1 << 20,
		.limit_bytes = 1 << 30,
		.memory_bytes = 1 << 20,
		.now = 1,
		.checkpoint = checkpoint };
	const struct spool_reader r = { no_event, no_calls, NULL };
	struct spool_opened opened;

	log_levels[LOG_BRIDGE] = LOG_ERROR;
	must(sodium_init() >= 0);
	randombytes_set_implementation(&same);
	must(mkdtemp(dir) != NULL);
	atexit(end);
	o.base = base = event_base_new();
	must(spool_open(&o, &r, &opened, &spool) == ERR_OK);
}

/* A listener that takes what the driver says and throws it away. */
static struct stream *stream;
static struct evconnlistener *listener;

static void
drop_cb(struct bufferevent *bev, void *arg)
{
	(void)arg;
	evbuffer_drain(bufferevent_get_input(bev), SIZE_MAX);
}

static void
end_cb(struct bufferevent *bev, short what, void *arg)
{
	(void)arg;
	if ((what & BEV_EVENT_CONNECTED) == 0)
		bufferevent_free(bev);
}

static void
accept_cb(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *sa,
    int len, void *arg)
{
	struct bufferevent *bev =
	    bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);

	(void)l;
	(void)sa;
	(void)len;
	(void)arg;
	bufferevent_setcb(bev, drop_cb, NULL, end_cb, NULL);
	bufferevent_enable(bev, EV_READ);
}

static void
connect_stream(void)
{
	static const struct stream_events nothing = { NULL, NULL, NULL, NULL };
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(in);
	struct stream_options o = { .tls_ca = "", .tls_name = "" };
	char address[64];
	const char *why;

	if (listener == NULL)
		listener = evconnlistener_new_bind(base, accept_cb, NULL,
		    LEV_OPT_CLOSE_ON_FREE, 8, (struct sockaddr *)&in, (int)len);
	must(listener != NULL);
	getsockname(
	    evconnlistener_get_fd(listener), (struct sockaddr *)&in, &len);
	snprintf(
	    address, sizeof(address), "tcp:127.0.0.1:%d", ntohs(in.sin_port));
	o.address = address;
	stream = stream_new(base, &o, &nothing, &why);
	must(stream != NULL);
	while (!stream_is_up(stream))
		event_base_loop(base, EVLOOP_ONCE);
}

static uint64_t told;

static void
on_event(void *arg, uint64_t seq)
{
	(void)arg;
	told = seq;
}

static void
on_result(void *arg, const Mashang__OrderResult *r)
{
	(void)arg;
	(void)r;
}

static void
on_status(void *arg)
{
	(void)arg;
}

static void
on_devices(void *arg, const Mashang__DeviceStates *d)
{
	(void)arg;
	(void)d;
}

static void
drive(const uint8_t *data, size_t size)
{
	struct ast_options options = { .address = "tcp:127.0.0.1:9",
		.device = "PJSIP/%s",
		.user = "u",
		.auto_answer = { (void *)(uintptr_t)headers, 1 } };
	const struct exchange_news news = { on_event, on_result, on_status,
		on_devices, NULL };
	struct exchange_options xo = { .switch_name = "pbx1",
		.epoch = 1,
		.driver = &driver_asterisk,
		.can = ast_can(&options, false),
		.ring_us = 1000000,
		.fallback = "",
		.base = base };
	struct ast a = { .base = base,
		.options = &options,
		.listen_only = size > 0 && data[size - 1] % 4 == 0,
		.stage = AST_LIVE };

	must(exchange_new(&xo, &news, &exchange) == ERR_OK);
	exchange_restored(exchange, spool, 1, false);
	TAILQ_INIT(&a.asks);
	a.exchange = exchange;
	exchange_attach(exchange, &a);
	exchange_up(exchange, "fuzz");
	a.listing = size > 0 && data[0] % 2 == 0;
	a.reader = ami_reader_new();
	next_id = 1;
	if (stream == NULL)
		connect_stream();
	a.stream = stream;
	pull(data, size, &a);
	stream = a.stream; /* it may have been given up */
	ast_asks_lost(&a);
	ami_reader_free(&a.reader);
	ast_list_drop(&a);
	ast_calls_clear(&a);
	ast_mirror_clear(&a);
	ast_devices_clear(&a);
	exchange_attach(exchange, NULL);
	spool_forget(spool, told); /* it may want a checkpoint */
	exchange_free(&exchange);
	event_base_loop(base, EVLOOP_NONBLOCK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (base == NULL)
		begin();
	drive(data, size);
	return 0;
}
