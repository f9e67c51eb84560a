/*
 * crew.c - see crew.h.
 */
#include "test/support/crew.h"

#include <errno.h>
#include <event2/buffer.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/id.h"
#include "frame.h"
#include "test/support/support.h"
#include "test/support/wire.h"

#define CREW_MAX 128
#define BODY(x) MASHANG__ENVELOPE__BODY_##x

static struct wire agents[CREW_MAX];

/* Not wire_send: an assertion of a child of the test would be written into
 * the test's own report. */
static void
tell(struct wire *w, const Mashang__Envelope *e)
{
	struct evbuffer *out = evbuffer_new();
	struct pollfd p = { w->fd, POLLOUT, 0 };

	if (out == NULL || frame_push(out, e) != FRAME_OK)
		_exit(1);
	while (evbuffer_get_length(out) > 0)
		if (evbuffer_write(out, w->fd) == -1 &&
		    (errno != EAGAIN || poll(&p, 1, -1) != 1))
			_exit(0); /* the daemon has gone */
	evbuffer_free(out);
}

static void
show(struct wire *w, const Mashang__Offer *o)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__Shown shown = MASHANG__SHOWN__INIT;

	shown.offer_id = o->offer_id;
	e.body_case = BODY(SHOWN);
	e.shown = &shown;
	tell(w, &e);
}

static void
pong(struct wire *w, const Mashang__Ping *ping)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__Pong p = MASHANG__PONG__INIT;

	p.number = ping->number;
	e.body_case = BODY(PONG);
	e.pong = &p;
	tell(w, &e);
}

static void
ready(struct wire *w)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__SetState s = MASHANG__SET_STATE__INIT;
	struct id op = id_random();

	s.state = MASHANG__AGENT_STATE_KIND__AGENT_READY;
	e.op_id = (ProtobufCBinaryData){ sizeof(op.b), op.b };
	e.body_case = BODY(SET_STATE);
	e.set_state = &s;
	tell(w, &e);
}

static void
take(struct wire *w, const Mashang__Envelope *e)
{
	Mashang__AgentStateKind state =
	    e->body_case == BODY(AGENT_STATE)
		? e->agent_state->state
		: MASHANG__AGENT_STATE_KIND__AGENT_STATE_NONE;

	if (e->body_case == BODY(OFFER))
		show(w, e->offer);
	else if (e->body_case == BODY(PING))
		pong(w, e->ping);
	else if (state == MASHANG__AGENT_STATE_KIND__AGENT_WORKING_AFTER_CALL ||
		 state == MASHANG__AGENT_STATE_KIND__AGENT_NOT_READY)
		ready(w);
}

static void
serve(unsigned n)
{
	struct pollfd p[CREW_MAX];
	Mashang__Envelope *e;

	for (unsigned i = 0; i < n; i++)
		p[i] = (struct pollfd){ agents[i].fd, POLLIN, 0 };
	while (poll(p, n, -1) > 0)
		for (unsigned i = 0; i < n; i++) {
			struct wire *w = &agents[i];

			if (p[i].revents == 0)
				continue;
			if (evbuffer_read(w->in, w->fd, -1) <= 0)
				_exit(0); /* the daemon has gone */
			while (frame_pull(w->in, FRAME_MAX, w->memory, &e) ==
			       FRAME_OK)
				take(w, e);
		}
}

pid_t
crew_start(const struct stack *s, unsigned first, unsigned n)
{
	char name[16], device[16];
	pid_t pid;

	ck_assert_uint_le(n, CREW_MAX);
	for (unsigned i = 0; i < n; i++) {
		snprintf(device, sizeof(device), "%u", first + i);
		snprintf(name, sizeof(name), "a%u", first + i);
		wire_agent(&agents[i], s, name, device);
		wire_set_state(
		    &agents[i], MASHANG__AGENT_STATE_KIND__AGENT_READY, "");
		while (
		    WIRE_EXPECT(&agents[i], AGENT_STATE)->agent_state->state !=
		    MASHANG__AGENT_STATE_KIND__AGENT_READY)
			;
	}
	pid = fork();
	ck_assert_int_ne(pid, -1);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		serve(n);
		_exit(0);
	}
	for (unsigned i = 0; i < n; i++)
		wire_close(&agents[i]); /* here; the crew has them */
	return pid;
}

void
crew_end(pid_t pid)
{
	if (pid <= 0)
		return;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}
