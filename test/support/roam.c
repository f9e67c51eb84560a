/*
 * roam.c - see roam.h.
 */
#include "test/support/roam.h"

#include <event2/event.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "link.h"
#include "test/support/support.h"

#define WAIT_S 20
#define STATE(x) MASHANG__AGENT_STATE_KIND__AGENT_##x

/* ---- in the child, where nothing is asserted */

struct one {
	struct link *link;
	unsigned number;
	int out;
};

static void
asked(void *arg, const Mashang__Envelope *reply)
{
	(void)arg;
	(void)reply;
}

static void
be_ready(struct one *o)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__SetState m = MASHANG__SET_STATE__INIT;

	m.state = STATE(READY);
	e.body_case = MASHANG__ENVELOPE__BODY_SET_STATE;
	e.set_state = &m;
	if (!link_request(o->link, &e, NULL, asked, NULL))
		_exit(1);
}

static void
up(void *arg, const Mashang__Welcome *w)
{
	struct one *o = arg;

	dprintf(o->out, "up %u %.*s\n", o->number, (int)w->node.len,
	    (const char *)w->node.data);
}

static void
down(void *arg, const char *why)
{
	struct one *o = arg;

	(void)why;
	dprintf(o->out, "down %u\n", o->number);
}

static void
refused(void *arg, const Mashang__Error *e)
{
	struct one *o = arg;

	dprintf(o->out, "refused %u %d\n", o->number, (int)e->code);
}

static void
message(void *arg, const Mashang__Envelope *e)
{
	struct one *o = arg;
	Mashang__Envelope out = MASHANG__ENVELOPE__INIT;
	Mashang__Shown shown = MASHANG__SHOWN__INIT;

	if (e->body_case == MASHANG__ENVELOPE__BODY_OFFER) {
		shown.offer_id = e->offer->offer_id;
		out.body_case = MASHANG__ENVELOPE__BODY_SHOWN;
		out.shown = &shown;
		link_push(o->link, &out);
	}
	if (e->body_case != MASHANG__ENVELOPE__BODY_AGENT_STATE)
		return;
	if (e->agent_state->state == STATE(NOT_READY) ||
	    e->agent_state->state == STATE(WORKING_AFTER_CALL))
		be_ready(o);
	if (e->agent_state->state == STATE(READY))
		dprintf(o->out, "ready %u\n", o->number);
}

static void
live(const char *addresses, unsigned first, unsigned n, int out)
{
	static struct one all[ROAM_MAX];
	struct event_base *base = event_base_new();
	const char *why;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_DFL);
	for (unsigned i = 0; i < n; i++) {
		const struct link_events ev = { up, down, refused, message,
			&all[i] };
		Mashang__Hello h = MASHANG__HELLO__INIT;
		char name[16], device[16];

		snprintf(device, sizeof(device), "%u", first + i);
		snprintf(name, sizeof(name), "a%u", first + i);
		all[i].number = first + i;
		all[i].out = out;
		h.role = MASHANG__ROLE__ROLE_AGENT;
		h.login =
		    (ProtobufCBinaryData){ strlen(name), (uint8_t *)name };
		h.device =
		    (ProtobufCBinaryData){ strlen(device), (uint8_t *)device };
		all[i].link = link_new(base, addresses, &h, &ev, &why);
		if (all[i].link == NULL)
			_exit(1);
		link_set_resume(all[i].link, STATE(READY), "");
	}
	event_base_dispatch(base);
	_exit(0);
}

/* ---- in the test */

void
roam_start(struct roam *r, const char *addresses, unsigned first, unsigned n)
{
	int fds[2];

	ck_assert_uint_le(n, ROAM_MAX);
	memset(r, 0, sizeof(*r));
	r->first = first;
	r->n = n;
	ck_assert_int_eq(pipe2(fds, O_CLOEXEC), 0);
	r->pid = fork();
	ck_assert_int_ne(r->pid, -1);
	if (r->pid == 0)
		live(addresses, first, n, fds[1]);
	close(fds[1]);
	r->fd = fds[0];
	fcntl(r->fd, F_SETFL, O_NONBLOCK);
}

static void
take(struct roam *r, const char *line)
{
	unsigned number, i;
	char word[16], rest[64] = "";

	if (sscanf(line, "%15s %u %63s", word, &number, rest) < 2)
		return;
	i = number - r->first;
	ck_assert_uint_lt(i, r->n);
	if (strcmp(word, "up") == 0) {
		snprintf(
		    r->agents[i].node, sizeof(r->agents[i].node), "%s", rest);
		r->agents[i].logins++;
	} else if (strcmp(word, "ready") == 0) {
		r->agents[i].ready = true;
	} else {
		r->agents[i].node[0] = '\0';
		r->agents[i].ready = false;
		r->agents[i].refused = atoi(rest);
	}
}

void
roam_look(struct roam *r)
{
	char *end;
	ssize_t got;

	for (;;) {
		size_t n = strlen(r->part);

		got = read(r->fd, r->part + n, sizeof(r->part) - n - 1);
		if (got <= 0)
			return;
		r->part[n + (size_t)got] = '\0';
		while ((end = strchr(r->part, '\n')) != NULL) {
			*end = '\0';
			take(r, r->part);
			memmove(r->part, end + 1, strlen(end + 1) + 1);
		}
	}
}

bool
roam_are_at(const struct roam *r, const char *node)
{
	for (unsigned i = 0; i < r->n; i++)
		if (strcmp(r->agents[i].node, node) != 0)
			return false;
	return true;
}

int64_t
roam_until_at(struct roam *r, const char *node)
{
	int64_t begin = clock_loop();
	struct pollfd p = { r->fd, POLLIN, 0 };

	while (roam_look(r), !roam_are_at(r, node)) {
		ck_assert_msg(clock_loop() - begin < WAIT_S * CLOCK_S,
		    "not all are at %s: the first is at '%s', refused %d", node,
		    r->agents[0].node, r->agents[0].refused);
		poll(&p, 1, 100);
	}
	return (clock_loop() - begin) / 1000;
}

void
roam_end(struct roam *r)
{
	if (r->pid <= 0)
		return;
	kill(r->pid, SIGKILL);
	waitpid(r->pid, NULL, 0);
	close(r->fd);
	r->pid = 0;
}
