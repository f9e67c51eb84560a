/*
 * outbox.c - one list of requests, each in one of three states.
 */
#include "client/outbox.h"

#include <event2/event.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/id.h"
#include "client/fmt.h"
#include "client/seat.h"
#include "client/unsaved.h"
#include "client/words.h"
#include "link.h"

#define RETRY_S 2

enum progress {
	SENT,     /* the link has it, and repeats it by itself */
	ANSWERED, /* taken, not yet saved */
	LATER     /* not now, or found in the journal: to be sent */
};

struct item {
	TAILQ_ENTRY(item) entry;
	struct outbox *box;
	uint8_t op[16];
	Mashang__Envelope__BodyCase body;
	enum progress progress;
	bool kept; /* stands in the journal */
};

struct outbox {
	struct link *link;
	struct unsaved *journal;
	struct event *retry;
	outbox_reply_fn *reply;
	void *arg;
	TAILQ_HEAD(, item) items;
	Mashang__AgentStateKind resume;
	char resume_reason[SEAT_REASON];
};

static void
drop(struct item *i)
{
	TAILQ_REMOVE(&i->box->items, i, entry);
	if (i->kept)
		unsaved_remove(i->box->journal, i->op);
	free(i);
}

static struct item *
item_new(struct outbox *b, const Mashang__Envelope *e, bool kept)
{
	struct item *i = calloc(1, sizeof(*i));

	if (i == NULL)
		return NULL;
	i->box = b;
	i->body = e->body_case;
	i->kept = kept;
	i->progress = LATER;
	memcpy(i->op, e->op_id.data, sizeof(i->op));
	TAILQ_INSERT_TAIL(&b->items, i, entry);
	return i;
}

static void
retry_later(struct outbox *b)
{
	struct timeval tv = { RETRY_S, 0 };

	if (!evtimer_pending(b->retry, NULL))
		event_add(b->retry, &tv);
}

/* Answered: an action waits to be saved, all else is over. */
static void
done_cb(void *arg, const Mashang__Envelope *e)
{
	struct item *i = arg;
	struct outbox *b = i->box;
	struct outbox_reply r = { .request = i->body, .reply = e };

	if (e == NULL) { /* the link is being freed; the journal stays */
		i->progress = LATER;
		return;
	}
	if (e->body_case == MASHANG__ENVELOPE__BODY_ERROR) {
		r.error = e->error;
		if (i->kept && words_is_passing(e->error->code)) {
			i->progress = LATER;
			retry_later(b);
			return;
		}
		r.kept = i->kept ? unsaved_find(b->journal, i->op) : NULL;
		b->reply(b->arg, &r);
		drop(i);
		return;
	}
	i->progress = ANSWERED;
	if (!i->kept)
		drop(i);
	b->reply(b->arg, &r);
}

static enum err
send_item(struct item *i, const Mashang__Envelope *e)
{
	Mashang__Envelope copy = *e;

	i->progress = SENT;
	if (link_request(i->box->link, &copy, NULL, done_cb, i))
		return ERR_OK;
	drop(i);
	return ERR_TOO_LARGE;
}

static enum err
submit(struct outbox *b, Mashang__Envelope *e, bool keep)
{
	struct id op = id_random();
	struct item *i;
	enum err result;

	e->op_id = (ProtobufCBinaryData){ sizeof(op.b), op.b };
	if (keep && (result = unsaved_add(b->journal, e)) != ERR_OK)
		return result;
	if ((i = item_new(b, e, keep)) == NULL) {
		if (keep)
			unsaved_remove(b->journal, op.b);
		return ERR_NOMEM;
	}
	return send_item(i, e);
}

enum err
outbox_act(struct outbox *b, Mashang__Envelope *e)
{
	return submit(b, e, true);
}

enum err
outbox_ask(struct outbox *b, Mashang__Envelope *e)
{
	return submit(b, e, false);
}

void
outbox_saved(struct outbox *b, const uint8_t op[16])
{
	struct item *i;

	TAILQ_FOREACH (i, &b->items, entry)
		if (memcmp(i->op, op, sizeof(i->op)) == 0)
			break;
	if (i == NULL)
		return;
	unsaved_remove(b->journal, op);
	i->kept = false;
	if (i->progress != SENT) /* else its reply is still to come */
		drop(i);
}

unsigned
outbox_count(const struct outbox *b)
{
	return unsaved_count(b->journal);
}

void
outbox_set_resume(
    struct outbox *b, Mashang__AgentStateKind state, const char *reason)
{
	size_t n = strnlen(reason, sizeof(b->resume_reason) - 1);

	b->resume = state;
	memcpy(b->resume_reason, reason, n);
	b->resume_reason[n] = '\0';
}

/* A change of state that is no longer ours must not come back. */
static bool
is_outdated(const struct outbox *b, const Mashang__Envelope *e)
{
	return e->body_case == MASHANG__ENVELOPE__BODY_SET_STATE &&
	       (e->set_state->state != b->resume ||
		   !str_eq(fmt_str(e->set_state->reason),
		       str_of(b->resume_reason)));
}

unsigned
outbox_send_again(struct outbox *b)
{
	struct item *i, *next;
	unsigned n = 0;

	for (i = TAILQ_FIRST(&b->items); i != NULL; i = next) {
		const Mashang__Envelope *e;

		next = TAILQ_NEXT(i, entry);
		if (i->progress == SENT)
			continue;
		e = unsaved_find(b->journal, i->op);
		if (e == NULL || is_outdated(b, e))
			drop(i);
		else if (send_item(i, e) == ERR_OK)
			n++;
	}
	return n;
}

static void
retry_cb(evutil_socket_t fd, short what, void *arg)
{
	struct outbox *b = arg;
	struct item *i, *next;

	(void)fd;
	(void)what;
	if (!link_is_up(b->link))
		return; /* outbox_send_again() will see to it */
	for (i = TAILQ_FIRST(&b->items); i != NULL; i = next) {
		const Mashang__Envelope *e;

		next = TAILQ_NEXT(i, entry);
		if (i->progress != LATER)
			continue;
		e = unsaved_find(b->journal, i->op);
		if (e == NULL)
			drop(i);
		else
			(void)!send_item(i, e);
	}
}

static void
adopt(void *arg, const Mashang__Envelope *e)
{
	struct outbox *b = arg;

	(void)item_new(b, e, true); /* without memory it stays in the file */
}

struct outbox *
outbox_new(struct event_base *base, struct link *link, struct unsaved *journal,
    outbox_reply_fn *reply, void *arg)
{
	struct outbox *b = calloc(1, sizeof(*b));

	if (b == NULL)
		return NULL;
	TAILQ_INIT(&b->items);
	b->link = link;
	b->journal = journal;
	b->reply = reply;
	b->arg = arg;
	if ((b->retry = evtimer_new(base, retry_cb, b)) == NULL)
		outbox_free(&b);
	else
		unsaved_each(journal, adopt, b);
	return b;
}

void
outbox_free(struct outbox **bp)
{
	struct outbox *b = *bp;
	struct item *i;

	*bp = NULL;
	if (b == NULL)
		return;
	while ((i = TAILQ_FIRST(&b->items)) != NULL) {
		TAILQ_REMOVE(&b->items, i, entry);
		free(i); /* what the journal holds stays there */
	}
	if (b->retry != NULL)
		event_free(b->retry);
	free(b);
}
