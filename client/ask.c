/*
 * ask.c - the loop runs only while we wait for something.
 */
#include "client/ask.h"

#include <event2/event.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/cmd.h"
#include "client/creds.h"
#include "client/fmt.h"
#include "client/i18n.h"
#include "client/words.h"
#include "link.h"

enum waiting { FOR_NOTHING, FOR_UP, FOR_REPLY, FOR_SAVED, FOR_TIME };

struct ask {
	struct event_base *base;
	struct event *timer; /* how long we wait */
	struct link *link;
	struct creds creds;
	int64_t timeout_s, began_at;
	enum waiting waiting;
	bool saved;
	int code; /* set with FOR_NOTHING */
	uint8_t op[16];
	ask_fn *fn;
	void *arg;
};

static void
stop(struct ask *a, int code)
{
	a->waiting = FOR_NOTHING;
	a->code = code;
	event_base_loopbreak(a->base);
}

static void
up_cb(void *arg, const Mashang__Welcome *w)
{
	struct ask *a = arg;

	a->began_at = w->server_at;
	if (a->waiting == FOR_UP)
		stop(a, EXIT_OK);
}

static int
say_error(const Mashang__Error *e)
{
	fputs("mashang: ", stderr);
	words_error(stderr, e);
	fputc('\n', stderr);
	return EXIT_REFUSED;
}

/* An agent's log-in is a seat at a phone, and we have none. */
static bool
wants_device(const Mashang__Error *e)
{
	return e->code == MASHANG__CODE__CODE_BAD_FIELD && e->n_params > 0 &&
	       str_eq(fmt_str(e->params[0]), STR_LIT("device"));
}

static void
refused_cb(void *arg, const Mashang__Error *e)
{
	if (!wants_device(e)) {
		stop(arg, say_error(e));
		return;
	}
	fputs(_("mashang: an agent's log-in is for `mashang agent'; here log "
		"in as a supervisor.\n"),
	    stderr);
	stop(arg, EXIT_REFUSED);
}

static void
message_cb(void *arg, const Mashang__Envelope *e)
{
	struct ask *a = arg;

	if (e->body_case != MASHANG__ENVELOPE__BODY_SAVED)
		return;
	for (size_t i = 0; i < e->saved->n_op_ids; i++)
		if (e->saved->op_ids[i].len == sizeof(a->op) &&
		    memcmp(e->saved->op_ids[i].data, a->op, sizeof(a->op)) == 0)
			a->saved = true;
	if (a->waiting == FOR_SAVED && a->saved)
		stop(a, EXIT_OK);
}

static void
reply_cb(void *arg, const Mashang__Envelope *reply)
{
	struct ask *a = arg;

	if (reply == NULL || a->waiting != FOR_REPLY)
		return;
	if (reply->body_case == MASHANG__ENVELOPE__BODY_ERROR)
		stop(a, say_error(reply->error));
	else
		stop(a, a->fn(a->arg, reply));
}

static void
timer_cb(evutil_socket_t fd, short what, void *arg)
{
	struct ask *a = arg;

	(void)fd;
	(void)what;
	event_base_loopbreak(a->base);
}

/* Run the loop until stop(); `late' is the code when time runs out. */
static int
wait_for(struct ask *a, enum waiting what, int64_t seconds, int late)
{
	struct timeval tv = { (time_t)seconds, 0 };

	a->waiting = what;
	event_add(a->timer, &tv);
	event_base_dispatch(a->base);
	event_del(a->timer);
	if (a->waiting == FOR_NOTHING)
		return a->code;
	a->waiting = FOR_NOTHING;
	return late;
}

int
ask_open(const struct options *o, struct ask **out)
{
	struct ask *a = calloc(1, sizeof(*a));
	struct link_events events = { up_cb, NULL, refused_cb, message_cb, a };
	const char *why = NULL;
	int e = EXIT_LOCAL;

	*out = NULL;
	if (a == NULL || (a->base = event_base_new()) == NULL ||
	    (a->timer = evtimer_new(a->base, timer_cb, a)) == NULL)
		goto fail;
	a->timeout_s = o->timeout_s;
	if ((e = creds_get(o, MASHANG__ROLE__ROLE_NONE, &a->creds)) != EXIT_OK)
		goto fail;
	a->link = link_new(
	    a->base, a->creds.addresses, &a->creds.hello, &events, &why);
	creds_wipe(&a->creds);
	if (a->link == NULL) {
		e = cmd_usage("--socket %s: %s", a->creds.addresses, why);
		goto fail;
	}
	e = wait_for(a, FOR_UP, a->timeout_s, EXIT_UNREACHABLE);
	if (e == EXIT_UNREACHABLE)
		creds_unreachable(&a->creds);
	if (e == EXIT_OK) {
		*out = a;
		return e;
	}
fail:
	ask_close(&a);
	return e;
}

void
ask_close(struct ask **ap)
{
	struct ask *a = *ap;

	*ap = NULL;
	if (a == NULL)
		return;
	a->waiting = FOR_NOTHING;
	link_free(&a->link);
	if (a->timer != NULL)
		event_free(a->timer);
	if (a->base != NULL)
		event_base_free(a->base);
	free(a);
}

int
ask_for(struct ask *a, Mashang__Envelope *e, ask_fn *fn, void *arg)
{
	int code;

	a->fn = fn;
	a->arg = arg;
	a->saved = false;
	if (!link_request(a->link, e, a->op, reply_cb, a))
		return cmd_usage(_("that is too long to be sent"));
	code = wait_for(a, FOR_REPLY, a->timeout_s, EXIT_UNREACHABLE);
	if (code == EXIT_UNREACHABLE)
		creds_unreachable(&a->creds);
	return code;
}

int
ask_until_saved(struct ask *a)
{
	if (a->saved)
		return EXIT_OK;
	return wait_for(a, FOR_SAVED, a->timeout_s, EXIT_UNSAVED);
}

int64_t
ask_began_at(const struct ask *a)
{
	return a->began_at;
}

int
ask_pause(struct ask *a, int64_t seconds)
{
	return wait_for(a, FOR_TIME, seconds, EXIT_OK);
}
