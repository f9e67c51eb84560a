/*
 * term.c - see term.h.
 */
#include "client/term.h"

#include <assert.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "client/typed.h"

#define CHUNK 512             /* a writable descriptor takes this at once */
#define PENDING_MAX (1 << 20) /* then nobody is reading */
#define LINE_ROOM (TYPED_TEXT_MAX + 512) /* more than a line may have */
#define CLEAR "\r\033[K"

struct term {
	int in, out;
	bool in_tty, out_tty, listening, ended, prompting;
	struct event *ev_in, *ev_out;
	struct evbuffer *pending;
	struct term_events events;
	uint64_t n_queued, n_written; /* bytes, since the start */
	uint64_t mark;                /* `written' is told at this one */
	term_written_fn *written;
	void *written_arg;
	FILE *open; /* writes into `text' */
	char *text;
	size_t text_len;
	char prompt[256];
	char line[LINE_ROOM];
	size_t n;
	bool before; /* the line in hand was begun before */
};

static void
end(struct term *t)
{
	if (t->ended)
		return;
	t->ended = true;
	term_listen(t, false);
	t->events.end(t->events.arg);
}

/* ---------------------------------------------------------------- output */

static void
queue(struct term *t, const char *text, size_t len)
{
	if (evbuffer_get_length(t->pending) + len > PENDING_MAX ||
	    evbuffer_add(t->pending, text, len) != 0)
		end(t);
	else {
		t->n_queued += len;
		event_add(t->ev_out, NULL);
	}
}

static void
queue_prompt(struct term *t)
{
	if (!t->out_tty || t->prompt[0] == '\0')
		return;
	queue(t, CLEAR, strlen(CLEAR));
	queue(t, t->prompt, strlen(t->prompt));
	t->prompting = true;
}

/* Right behind the write that reached the mark: an answer to what was written
 * must not be read before. */
static void
tell_written(struct term *t)
{
	term_written_fn *written = t->written;

	if (written == NULL || t->n_written < t->mark)
		return;
	t->written = NULL;
	written(t->written_arg);
}

static void
write_cb(evutil_socket_t fd, short what, void *arg)
{
	struct term *t = arg;
	char chunk[CHUNK];
	ev_ssize_t n = evbuffer_copyout(t->pending, chunk, sizeof(chunk));
	ssize_t done = write(fd, chunk, (size_t)n);

	(void)what;
	if (done < 0 && (errno == EAGAIN || errno == EINTR))
		done = 0;
	if (done < 0) {
		evbuffer_drain(t->pending, evbuffer_get_length(t->pending));
		end(t);
		return;
	}
	evbuffer_drain(t->pending, (size_t)done);
	t->n_written += (uint64_t)done;
	if (evbuffer_get_length(t->pending) > 0)
		event_add(t->ev_out, NULL);
	tell_written(t);
}

FILE *
term_open(struct term *t)
{
	assert(t->open == NULL);
	t->open = open_memstream(&t->text, &t->text_len);
	assert(t->open != NULL);
	return t->open;
}

void
term_close(struct term *t)
{
	fclose(t->open);
	t->open = NULL;
	if (t->text_len > 0) {
		if (t->prompting)
			queue(t, CLEAR, strlen(CLEAR));
		t->prompting = false;
		queue(t, t->text, t->text_len);
		queue_prompt(t);
	}
	free(t->text);
	t->text = NULL;
}

void
term_prompt(struct term *t, const char *prompt)
{
	snprintf(t->prompt, sizeof(t->prompt), "%s", prompt);
	queue_prompt(t);
}

void
term_when_written(struct term *t, term_written_fn *fn, void *arg)
{
	t->written = fn;
	t->written_arg = arg;
	t->mark = t->n_queued;
	if (!t->ended)
		event_add(t->ev_out, NULL);
}

/* ----------------------------------------------------------------- input */

static void
give_line(struct term *t)
{
	bool before = t->before;

	t->line[t->n] = '\0';
	t->n = 0;
	t->before = false;
	t->prompting = false; /* Enter has moved on */
	t->events.line(t->events.arg, t->line, before);
}

/* A line that is too long keeps one byte too many, which tells. */
static void
take(struct term *t, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char c = bytes[i];

		if (c == '\n') {
			give_line(t);
			continue;
		}
		if (c == '\0')
			c = '\xFF'; /* not UTF-8: refused as such */
		if (t->n + 1 < sizeof(t->line))
			t->line[t->n++] = c;
	}
}

static void
read_cb(evutil_socket_t fd, short what, void *arg)
{
	struct term *t = arg;
	char bytes[4096];
	ssize_t n = read(fd, bytes, sizeof(bytes));

	(void)what;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0) {
		take(t, bytes, (size_t)n);
		return;
	}
	if (t->n > 0)
		give_line(t);
	end(t);
}

/* All that is there now, without waiting. */
static void
drain(struct term *t)
{
	struct pollfd p = { .fd = t->in, .events = POLLIN };
	char bytes[4096];
	ssize_t n;

	for (int i = 0; i < 64 && poll(&p, 1, 0) == 1; i++) {
		if ((p.revents & POLLIN) == 0 ||
		    (n = read(t->in, bytes, sizeof(bytes))) <= 0)
			return;
		t->before = true;
		for (ssize_t k = 0; k < n; k++) {
			t->before = true; /* give_line() clears it */
			take(t, bytes + k, 1);
		}
	}
}

/* The kernel keeps a line that is being typed; out of line mode it gives it
 * away. */
static void
drain_tty(struct term *t)
{
	struct termios was, raw;

	if (tcgetattr(t->in, &was) == -1)
		return;
	raw = was;
	raw.c_lflag &= ~(tcflag_t)ICANON;
	raw.c_cc[VMIN] = 0;
	raw.c_cc[VTIME] = 0;
	if (tcsetattr(t->in, TCSANOW, &raw) == -1)
		return;
	drain(t);
	tcsetattr(t->in, TCSANOW, &was);
}

void
term_set_aside(struct term *t, char *out, size_t room)
{
	out[0] = '\0';
	if (!t->listening)
		return;
	if (!t->in_tty) {
		drain(t);
		t->before = t->n > 0;
		return;
	}
	drain_tty(t);
	t->line[t->n] = '\0';
	snprintf(out, room, "%s", t->line);
	t->n = 0;
	t->before = false;
}

/* -------------------------------------------------------------- lifetime */

bool
term_is_tty(const struct term *t)
{
	return t->out_tty;
}

bool
term_is_typed(const struct term *t)
{
	return t->in_tty;
}

void
term_listen(struct term *t, bool on)
{
	t->listening = on && !t->ended;
	if (t->listening)
		event_add(t->ev_in, NULL);
	else
		event_del(t->ev_in);
}

struct term *
term_new(struct event_base *base, int in, int out, const struct term_events *e)
{
	struct term *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->in = in;
	t->out = out;
	t->in_tty = isatty(in) != 0;
	t->out_tty = isatty(out) != 0;
	t->events = *e;
	t->pending = evbuffer_new();
	t->ev_in = event_new(base, in, EV_READ | EV_PERSIST, read_cb, t);
	t->ev_out = event_new(base, out, EV_WRITE, write_cb, t);
	if (t->pending == NULL || t->ev_in == NULL || t->ev_out == NULL)
		term_free(&t);
	return t;
}

void
term_free(struct term **tp)
{
	struct term *t = *tp;

	*tp = NULL;
	if (t == NULL)
		return;
	if (t->ev_in != NULL)
		event_free(t->ev_in);
	if (t->ev_out != NULL)
		event_free(t->ev_out);
	if (t->pending != NULL)
		evbuffer_free(t->pending);
	free(t);
}
