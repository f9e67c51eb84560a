/*
 * ami_peer.c - see ami_peer.h.
 */
#include "test/support/ami_peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/in.h>

#include "bridge/ami.h"
#include "test/support/exchange_bed.h"
#include "test/support/support.h"

#define ACTION 16384

static struct event_base *base;
static struct evconnlistener *listener;
static SSL_CTX *tls;
static struct bufferevent *peer;
static char address[64];
static size_t piece;
static int fd;
static unsigned n_accepted, n_greeted;
static char action[ACTION];

static void
gone_cb(struct bufferevent *bev, short what, void *arg)
{
	(void)arg;
	if ((what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) == 0 || bev != peer)
		return;
	bufferevent_free(peer);
	peer = NULL;
}

static void
accept_cb(struct evconnlistener *l, evutil_socket_t with, struct sockaddr *sa,
    int len, void *arg)
{
	(void)l;
	(void)sa;
	(void)len;
	(void)arg;
	n_accepted++;
	if (peer != NULL)
		bufferevent_free(peer);
	peer = tls == NULL
	           ? bufferevent_socket_new(base, with, BEV_OPT_CLOSE_ON_FREE)
	           : bufferevent_openssl_socket_new(base, with, SSL_new(tls),
			 BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
	bufferevent_setcb(peer, NULL, NULL, gone_cb, NULL);
	bufferevent_enable(peer, EV_READ | EV_WRITE);
}

void
ami_peer_up(SSL_CTX *ctx)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(in);

	tls = ctx;
	peer = NULL;
	piece = 0;
	n_accepted = n_greeted = 0;
	fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&in, sizeof(in)), 0);
	ck_assert_int_eq(listen(fd, 8), 0);
	getsockname(fd, (struct sockaddr *)&in, &len);
	snprintf(address, sizeof(address), "%s:127.0.0.1:%d",
	    tls != NULL ? "tls" : "tcp", ntohs(in.sin_port));
}

void
ami_peer_listen(struct event_base *b)
{
	base = b;
	listener = evconnlistener_new(
	    base, accept_cb, NULL, LEV_OPT_CLOSE_ON_FREE, 0, fd);
	ck_assert_ptr_nonnull(listener);
}

void
ami_peer_down(void)
{
	ami_peer_hang_up();
	evconnlistener_free(listener);
}

const char *
ami_peer_address(void)
{
	return address;
}

void
ami_peer_segments(size_t n)
{
	piece = n;
}

bool
ami_peer_connected(void)
{
	return peer != NULL;
}

void
ami_peer_hang_up(void)
{
	if (peer != NULL)
		bufferevent_free(peer);
	peer = NULL;
}

/* ----------------------------------------------------------------- speaking */

static bool
is_written(void)
{
	return peer == NULL ||
	       evbuffer_get_length(bufferevent_get_output(peer)) == 0;
}

void
ami_say_raw(const char *bytes, size_t len)
{
	size_t n;

	for (; len > 0 && peer != NULL; bytes += n, len -= n) {
		n = piece == 0 || piece > len ? len : piece;
		bufferevent_write(peer, bytes, n);
		if (piece == 0)
			continue;
		/* Out, and in at the other side, before the next piece. */
		xb_until(is_written);
		event_base_loop(base, EVLOOP_NONBLOCK);
	}
}

void
ami_say(const char *text)
{
	char crlf[65536];
	size_t n = 0;

	for (; *text != '\0'; text++) {
		ck_assert_uint_lt(n, sizeof(crlf) - 2);
		if (*text == '\n')
			crlf[n++] = '\r';
		crlf[n++] = *text;
	}
	ami_say_raw(crlf, n);
}

size_t
ami_flood(size_t bytes)
{
	static char junk[1 << 16];
	size_t written = 0;

	memset(junk, 'x', sizeof(junk));
	for (size_t i = 0; i + 100 < sizeof(junk); i += 100)
		snprintf(
		    junk + i, sizeof(junk) - i, "\r\n\r\nEvent: Junk\r\nOf: ");
	for (size_t i = 0; i < sizeof(junk); i++)
		if (junk[i] == '\0')
			junk[i] = 'x';
	while (written < bytes && peer != NULL) {
		bufferevent_write(peer, junk, sizeof(junk));
		written += sizeof(junk);
		event_base_loop(base, EVLOOP_NONBLOCK);
	}
	xb_until(is_written);
	return written;
}

/* ---------------------------------------------------------------- listening */

static bool
is_new(void)
{
	return peer != NULL && n_accepted > n_greeted;
}

void
ami_peer_greet(const char *banner)
{
	xb_until(is_new);
	n_greeted = n_accepted;
	ami_say(banner != NULL ? banner : "Asterisk Call Manager/11.0.0\n");
}

/* Takes the first whole action, if there is one. */
static bool
take_action(void)
{
	struct evbuffer *in = bufferevent_get_input(peer);
	struct evbuffer_ptr end = evbuffer_search(in, "\r\n\r\n", 4, NULL);

	if (end.pos < 0)
		return false;
	ck_assert_int_lt(end.pos + 4, ACTION);
	evbuffer_remove(in, action, (size_t)end.pos + 4);
	action[end.pos + 2] = '\0';
	return true;
}

static bool
is_beat(void)
{
	return strcmp(ami_asked("Variable"), "MASHANG_BEAT") == 0 ||
	       strcmp(ami_asked("Action"), "Ping") == 0;
}

bool
ami_was_asked(void)
{
	while (peer != NULL && take_action()) {
		if (!is_beat())
			return true;
		ami_respond("Success", "");
	}
	return false;
}

const char *
ami_asked(const char *header)
{
	static char ring[4][2048];
	static unsigned next;
	char *out = ring[next++ % 4];
	size_t n = strlen(header), used = 0;

	out[0] = '\0';
	for (const char *p = action; *p != '\0'; p = strstr(p, "\r\n") + 2) {
		const char *end = strstr(p, "\r\n");

		if (strncmp(p, header, n) != 0 || p[n] != ':')
			continue;
		used += (size_t)snprintf(out + used, 2048 - used, "%s%.*s",
		    used > 0 ? "|" : "", (int)(end - p - (ptrdiff_t)n - 2),
		    p + n + 2);
	}
	return out;
}

void
ami_expect(const char *name)
{
	xb_until(ami_was_asked);
	ck_assert_msg(strcmp(ami_asked("Action"), name) == 0, "not %s but:\n%s",
	    name, action);
}

void
ami_respond(const char *response, const char *more)
{
	char text[ACTION];

	snprintf(text, sizeof(text), "Response: %s\nActionID: %s\n%s\n",
	    response, ami_asked("ActionID"), more);
	ami_say(text);
}

void
ami_log_in(const char *secret, const char *started, const char *channels)
{
	char key[33], text[128];

	ami_peer_greet(NULL);
	ami_expect("Challenge");
	ck_assert_str_eq(ami_asked("AuthType"), "MD5");
	ami_respond("Success", "Challenge: 840415273\n");
	ami_expect("Login");
	ck_assert(ami_key(STR_LIT("840415273"), secret, key));
	ck_assert_str_eq(ami_asked("Key"), key);
	ami_respond("Success", "Message: Authentication accepted\n");
	ami_say("Event: FullyBooted\nPrivilege: system,all\n"
		"Status: Fully Booted\n\n");
	ami_expect("CoreSettings");
	ami_respond(
	    "Success", "AMIversion: 11.0.0\nAsteriskVersion: 22.10.1\n");
	ami_expect("CoreStatus");
	snprintf(text, sizeof(text),
	    "CoreStartupDate: 2026-11-23\nCoreStartupTime: %s\n", started);
	ami_respond("Success", text);
	ami_expect("Status");
	ami_respond("Success", "EventList: start\n");
	ami_say(channels);
	ami_say("Event: StatusComplete\nEventList: Complete\n\n");
	ami_expect("DeviceStateList");
	ami_respond("Error", "Message: Invalid/unknown command\n");
}
