/*
 * esl_peer.c - see esl_peer.h.
 */
#include "test/support/esl_peer.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>

#include "test/support/support.h"

#define DEADLINE_S 20

/* ------------------------------------------------------------------ turning */

static void
late_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	*(bool *)arg = true;
}

static void
turn_until(
    struct esl_peer *p, bool (*holds)(struct esl_peer *), const char *what)
{
	static const struct timeval deadline = { DEADLINE_S, 0 };
	bool late = false;
	struct event *t = evtimer_new(p->base, late_cb, &late);

	event_add(t, &deadline);
	while (!holds(p) && !late)
		event_base_loop(p->base, EVLOOP_ONCE);
	event_free(t);
	ck_assert_msg(!late, "expected: %s", what);
}

/* --------------------------------------------------------------- connection */

static void
gone_cb(struct bufferevent *bev, short what, void *arg)
{
	struct esl_peer *p = arg;

	if ((what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) == 0)
		return;
	bufferevent_free(bev);
	if (p->conn == bev)
		p->conn = NULL;
}

static void
accept_cb(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *sa,
    int len, void *arg)
{
	struct esl_peer *p = arg;

	(void)l;
	(void)sa;
	(void)len;
	if (p->conn != NULL)
		bufferevent_free(p->conn);
	p->conn = bufferevent_socket_new(p->base, fd, BEV_OPT_CLOSE_ON_FREE);
	bufferevent_setcb(p->conn, NULL, NULL, gone_cb, p);
	bufferevent_enable(p->conn, EV_READ | EV_WRITE);
	p->n_accepted++;
}

void
esl_peer_up(struct esl_peer *p, struct event_base *base)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	socklen_t len = sizeof(sin);

	memset(p, 0, sizeof(*p));
	p->base = base;
	p->now = 1700000000000000ULL;
	p->seq = 1;
	inet_pton(AF_INET, "127.0.0.1", &sin.sin_addr);
	p->listener = evconnlistener_new_bind(base, accept_cb, p,
	    LEV_OPT_CLOSE_ON_FREE, 4, (struct sockaddr *)&sin, sizeof(sin));
	ck_assert_ptr_nonnull(p->listener);
	getsockname(
	    evconnlistener_get_fd(p->listener), (struct sockaddr *)&sin, &len);
	snprintf(p->address, sizeof(p->address), "tcp:127.0.0.1:%u",
	    ntohs(sin.sin_port));
}

void
esl_peer_hang_up(struct esl_peer *p)
{
	if (p->conn != NULL)
		bufferevent_free(p->conn);
	p->conn = NULL;
}

void
esl_peer_down(struct esl_peer *p)
{
	esl_peer_hang_up(p);
	if (p->listener != NULL)
		evconnlistener_free(p->listener);
}

static bool
has_accepted(struct esl_peer *p)
{
	return p->n_accepted > 0 && p->conn != NULL;
}

void
esl_peer_accept(struct esl_peer *p)
{
	turn_until(p, has_accepted, "a connection");
	p->n_accepted = 0;
}

/* ------------------------------------------------------------------- saying */

static bool
is_written(struct esl_peer *p)
{
	return p->conn == NULL ||
	       evbuffer_get_length(bufferevent_get_output(p->conn)) == 0;
}

void
esl_peer_say(struct esl_peer *p, const char *bytes)
{
	size_t n = strlen(bytes), step = p->drip ? 1 : n;

	for (size_t i = 0; i < n && p->conn != NULL; i += step) {
		bufferevent_write(p->conn, bytes + i, step);
		turn_until(p, is_written, "that it reads");
		if (p->drip)
			event_base_loop(p->base, EVLOOP_NONBLOCK);
	}
}

void
esl_peer_reply(struct esl_peer *p, const char *text)
{
	char said[512];

	snprintf(said, sizeof(said),
	    "Content-Type: command/reply\nReply-Text: %s\n\n", text);
	esl_peer_say(p, said);
}

void
esl_peer_answer(struct esl_peer *p, const char *body)
{
	size_t room = strlen(body) + 128;
	char *said = malloc(room);

	snprintf(said, room,
	    "Content-Type: api/response\nContent-Length: %zu\n\n%s",
	    strlen(body), body);
	esl_peer_say(p, said);
	free(said);
}

static void
say_event(struct esl_peer *p, const char *event)
{
	size_t room = strlen(event) + 128;
	char *said = malloc(room);

	snprintf(said, room,
	    "Content-Length: %zu\nContent-Type: text/event-plain\n\n%s",
	    strlen(event), event);
	esl_peer_say(p, said);
	free(said);
}

void
esl_peer_event(struct esl_peer *p, const char *name, const char *headers)
{
	bool custom = strchr(name, ':') != NULL;
	char event[8192];

	snprintf(event, sizeof(event),
	    "Event-Name: %s\n%s%s%sEvent-Date-Timestamp: %llu\n"
	    "Event-Sequence: %llu\n%s\n",
	    custom ? "CUSTOM" : name, custom ? "Event-Subclass: " : "",
	    custom ? name : "", custom ? "\n" : "", p->now, p->seq++, headers);
	say_event(p, event);
}

void
esl_peer_job(struct esl_peer *p, const char *uuid, const char *body)
{
	char event[1024];

	snprintf(event, sizeof(event),
	    "Event-Name: BACKGROUND_JOB\nJob-UUID: %s\n"
	    "Event-Date-Timestamp: %llu\nEvent-Sequence: %llu\n"
	    "Content-Length: %zu\n\n%s",
	    uuid, p->now, p->seq++, strlen(body), body);
	say_event(p, event);
}

/* ------------------------------------------------------------------- hearing */

static bool
is_beat(const char *command)
{
	return strncmp(command, "api global_setvar mashang_until=", 32) == 0 ||
	       strcmp(command, "api strepoch") == 0;
}

/* The next that is not a heart-beat, into p->command. */
static bool
has_command(struct esl_peer *p)
{
	struct evbuffer *in;
	struct evbuffer_ptr end;

	if (p->conn == NULL)
		return false;
	in = bufferevent_get_input(p->conn);
	while ((end = evbuffer_search(in, "\n\n", 2, NULL)).pos >= 0) {
		ck_assert_int_lt(end.pos, sizeof(p->command));
		evbuffer_remove(in, p->command, (size_t)end.pos);
		p->command[end.pos] = '\0';
		evbuffer_drain(in, 2);
		if (!is_beat(p->command))
			return true;
		esl_peer_answer(p, "+OK");
	}
	return false;
}

const char *
esl_peer_expect(struct esl_peer *p, const char *begins)
{
	turn_until(p, has_command, begins);
	ck_assert_msg(strncmp(p->command, begins, strlen(begins)) == 0,
	    "expected: %s\ngot:      %s", begins, p->command);
	return p->command;
}

void
esl_peer_quiet(struct esl_peer *p)
{
	for (int i = 0; i < 20; i++)
		event_base_loop(p->base, EVLOOP_NONBLOCK);
	ck_assert_msg(!has_command(p), "not expected: %s", p->command);
}
