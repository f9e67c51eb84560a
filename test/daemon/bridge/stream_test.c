/*
 * stream_test.c - a stream against a peer that echoes, that goes away, and
 * whose certificate is another's.
 */
#include "bridge/stream.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <openssl/ssl.h>

#include "test/support/certificate.h"
#include "test/support/support.h"

#define DEADLINE_S 20

static struct event_base *base;
static struct evconnlistener *listener;
static struct bufferevent *peer; /* of the last connection */
static SSL_CTX *server_ctx;      /* NULL: the peer speaks TCP */
static struct stream *s;
static char address[64], pem[PATH_MAX];
static int n_up, n_down, n_accepted;
static char why_down[256];
static char came[65536];
static size_t n_came;
static enum { GO_ON, FREE_IN_UP, FREE_IN_READ, FREE_IN_DOWN } at_callback;

/* ------------------------------------------------------------- the stream */

static void
free_if(unsigned when)
{
	if (at_callback == when)
		stream_free(&s);
}

static void
up(void *arg)
{
	(void)arg;
	n_up++;
	free_if(FREE_IN_UP);
}

static void
read_some(void *arg, struct evbuffer *in)
{
	int n;

	(void)arg;
	n = evbuffer_remove(in, came + n_came, sizeof(came) - n_came);
	if (n > 0)
		n_came += (size_t)n;
	free_if(FREE_IN_READ);
}

static void
down(void *arg, const char *why)
{
	(void)arg;
	n_down++;
	snprintf(why_down, sizeof(why_down), "%s", why);
	free_if(FREE_IN_DOWN);
}

static void
open_stream(const struct stream_options *o)
{
	const struct stream_events ev = { up, read_some, down, NULL };
	const char *why;

	s = stream_new(base, o, &ev, &why);
	ck_assert_msg(s != NULL, "%s", why);
}

/* --------------------------------------------------------------- the peer */

static void
echo(struct bufferevent *bev, void *arg)
{
	(void)arg;
	bufferevent_write_buffer(bev, bufferevent_get_input(bev));
}

static void
hang_up(void)
{
	if (peer != NULL)
		bufferevent_free(peer);
	peer = NULL;
}

static void
gone(struct bufferevent *bev, short what, void *arg)
{
	(void)arg;
	if (bev == peer && (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)))
		hang_up();
}

static void
accepted(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *sa,
    int len, void *arg)
{
	(void)l;
	(void)sa;
	(void)len;
	(void)arg;
	hang_up();
	n_accepted++;
	peer =
	    server_ctx == NULL
		? bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE)
		: bufferevent_openssl_socket_new(base, fd, SSL_new(server_ctx),
		      BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
	bufferevent_setcb(peer, echo, NULL, gone, NULL);
	bufferevent_enable(peer, EV_READ | EV_WRITE);
}

static void
listen_at(int port)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons((uint16_t)port) };
	socklen_t len = sizeof(in);

	listener = evconnlistener_new_bind(base, accepted, NULL,
	    LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE, 8,
	    (struct sockaddr *)&in, (int)len);
	ck_assert_ptr_nonnull(listener);
	getsockname(
	    evconnlistener_get_fd(listener), (struct sockaddr *)&in, &len);
	snprintf(address, sizeof(address), "%s:127.0.0.1:%d",
	    server_ctx != NULL ? "tls" : "tcp", ntohs(in.sin_port));
}

static void
make_certificate(const char *name)
{
	snprintf(pem, sizeof(pem), "%s/peer.pem", test_dir());
	server_ctx = certificate_new(name, pem);
}

/* ----------------------------------------------------------------- waiting */

static void
too_late(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	*(bool *)arg = true;
}

/* Turn the loop until `*n' is at least `want'. */
static void
await(const int *n, int want)
{
	bool late = false;
	struct event *t = evtimer_new(base, too_late, &late);
	struct timeval tv = { DEADLINE_S, 0 };

	event_add(t, &tv);
	while (*n < want && !late)
		event_base_loop(base, EVLOOP_ONCE);
	event_free(t);
	ck_assert_msg(!late, "up %d, down %d (%s)", n_up, n_down, why_down);
}

static void
await_bytes(size_t want)
{
	bool late = false;
	struct event *t = evtimer_new(base, too_late, &late);
	struct timeval tv = { DEADLINE_S, 0 };

	event_add(t, &tv);
	while (n_came < want && !late)
		event_base_loop(base, EVLOOP_ONCE);
	event_free(t);
	ck_assert_uint_eq(n_came, want);
}

static void
setup(void)
{
	base = event_base_new();
	n_up = n_down = n_accepted = 0;
	n_came = 0;
	at_callback = GO_ON;
}

static void
teardown(void)
{
	stream_free(&s);
	hang_up();
	if (listener != NULL)
		evconnlistener_free(listener);
	listener = NULL;
	SSL_CTX_free(server_ctx);
	server_ctx = NULL;
	event_base_free(base);
}

static const struct stream_options *
plain(void)
{
	static struct stream_options o;

	o = (struct stream_options){ address, "", "", "", "" };
	return &o;
}

/* ------------------------------------------------------------------- tests */

START_TEST(what_is_written_arrives)
{
	char *much = malloc(60000);

	memset(much, 'x', 60000);
	listen_at(0);
	open_stream(plain());
	ck_assert(!stream_is_up(s));
	ck_assert(!stream_write(s, "early", 5));
	await(&n_up, 1);
	ck_assert(stream_write(s, much, 60000));
	ck_assert_uint_gt(stream_pending(s), 0);
	await_bytes(60000);
	ck_assert_uint_eq(stream_pending(s), 0);
	free(much);
}
END_TEST

START_TEST(a_lost_connection_is_told_and_made_again)
{
	listen_at(0);
	open_stream(plain());
	for (int i = 1; i <= 3; i++) {
		await(&n_up, i);
		await(&n_accepted, i);
		ck_assert_int_eq(n_down, i - 1);
		hang_up();
		await(&n_down, i);
		ck_assert(!stream_is_up(s));
	}
}
END_TEST

START_TEST(who_does_not_listen_is_tried_again)
{
	int port;

	listen_at(0);
	port = atoi(strrchr(address, ':') + 1);
	evconnlistener_free(listener);
	listener = NULL;
	open_stream(plain());
	await(&n_down, 2);
	ck_assert_int_eq(n_up, 0);
	ck_assert_ptr_nonnull(strstr(why_down, "refused"));
	listen_at(port);
	await(&n_up, 1);
}
END_TEST

START_TEST(nonsense_ends_the_connection_not_the_stream)
{
	listen_at(0);
	open_stream(plain());
	await(&n_up, 1);
	stream_write(s, "hello", 5);
	stream_fail(s, "a line without an end");
	ck_assert_int_eq(n_down, 0); /* never from inside a call */
	ck_assert(!stream_is_up(s));
	ck_assert(!stream_write(s, "x", 1));
	stream_fail(s, "twice");
	await(&n_down, 1);
	ck_assert_str_eq(why_down, "a line without an end");
	await(&n_up, 2);
	ck_assert_int_eq(n_down, 1);
}
END_TEST

/* Each callback may free the stream. */
START_TEST(freed_from_inside)
{
	int turns = 200;

	listen_at(0);
	at_callback = (unsigned)_i;
	open_stream(plain());
	while (s != NULL && turns-- > 0) {
		event_base_loop(base, EVLOOP_ONCE);
		if (s == NULL)
			break;
		if (n_up > 0 && at_callback == FREE_IN_READ && turns > 100)
			stream_write(s, "x", 1);
		if (n_up > 0 && n_accepted > 0 && at_callback == FREE_IN_DOWN)
			hang_up();
	}
	ck_assert_ptr_null(s);
}
END_TEST

START_TEST(bad_options_are_refused_with_a_reason)
{
	static const char *const wrong[] = { "", "unix:/x", "tcp:host",
		"tcp:127.0.0.1:1,tcp:127.0.0.1:2",
		"tls:127.0.0.1:", "tcp:127.0.0.1:notaport" };
	const struct stream_events ev = { up, read_some, down, NULL };
	struct stream_options o = { "", "", "", "", "" };
	const char *why;

	for (unsigned i = 0; i < NELEM(wrong); i++) {
		o.address = wrong[i];
		ck_assert_ptr_null(stream_new(base, &o, &ev, &why));
		ck_assert_ptr_nonnull(why);
	}
	o = (struct stream_options){ "tls:127.0.0.1:1", "/nowhere.pem", "", "",
		"" };
	ck_assert_ptr_null(stream_new(base, &o, &ev, &why));
	ck_assert_ptr_nonnull(strstr(why, "tls_ca"));
	o = (struct stream_options){ "tls:127.0.0.1:1", "", "", "/no.pem", "" };
	ck_assert_ptr_null(stream_new(base, &o, &ev, &why));
	ck_assert_ptr_nonnull(strstr(why, "tls_certificate"));
}
END_TEST

/* What the certificate says, what is expected of it; NULL: it is taken. */
/* clang-format off */
static const struct {
	const char *certificate, *name;
	bool trusted;
	const char *fault;
} tls_rows[] = {
	{ "IP:127.0.0.1", "", true, NULL },
	{ "DNS:pbx.example", "pbx.example", true, NULL },
	{ "DNS:pbx.example", "", true, "IP address mismatch" },
	{ "DNS:other.example", "pbx.example", true, "ostname mismatch" },
	{ "IP:127.0.0.1", "", false, "self" },
};
/* clang-format on */

START_TEST(a_certificate_must_be_the_peers_own)
{
	struct stream_options o = { address, "", tls_rows[_i].name, "", "" };

	make_certificate(tls_rows[_i].certificate);
	listen_at(0);
	if (tls_rows[_i].trusted)
		o.tls_ca = pem;
	open_stream(&o);
	if (tls_rows[_i].fault == NULL) {
		await(&n_up, 1);
		stream_write(s, "hello", 5);
		await_bytes(5);
		hang_up(); /* without a word in TLS */
		await(&n_down, 1);
		await(&n_up, 2);
		return;
	}
	await(&n_down, 1);
	ck_assert_int_eq(n_up, 0);
	ck_assert_msg(
	    strstr(why_down, tls_rows[_i].fault) != NULL, "%s", why_down);
}
END_TEST

START_TEST(a_peer_without_tls_is_told_as_such)
{
	struct stream_options o = { address, "", "", "", "" };

	listen_at(0);
	address[1] = 'l';
	address[2] = 's';
	open_stream(&o);
	await(&n_down, 1);
	ck_assert_int_eq(n_up, 0);
	ck_assert_msg(strncmp(why_down, "TLS: ", 5) == 0, "%s", why_down);
}
END_TEST

Suite *
stream_suite(void)
{
	TCase *tc = tcase_create("stream");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, what_is_written_arrives);
	tcase_add_test(tc, a_lost_connection_is_told_and_made_again);
	tcase_add_test(tc, who_does_not_listen_is_tried_again);
	tcase_add_test(tc, nonsense_ends_the_connection_not_the_stream);
	tcase_add_loop_test(
	    tc, freed_from_inside, FREE_IN_UP, FREE_IN_DOWN + 1);
	tcase_add_test(tc, bad_options_are_refused_with_a_reason);
	tcase_add_loop_test(
	    tc, a_certificate_must_be_the_peers_own, 0, NELEM(tls_rows));
	tcase_add_test(tc, a_peer_without_tls_is_told_as_such);
	return suite_of(tc, "stream");
}
