/*
 * freeswitch_ask.c - commands and what is answered, with deadlines.
 *
 * The switch answers in the order of asking, one answer each.  An answer that
 * does not come holds up all behind it, events too: then the connection is no
 * longer one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/clock.h"
#include "base/log.h"
#include "bridge/freeswitch.h"

#define ANSWER_US (5 * CLOCK_S)
/* A listing of some thousand calls may take its time. */
#define LISTING_US (20 * CLOCK_S)

/* ---------------------------------------------------------------- sending */

bool
fs_send(struct fs *f, enum fs_asked asked, uint64_t order_id, struct str what)
{
	struct fs_ask *k;

	if (!esl_end(&f->command) || f->stream == NULL ||
	    !stream_is_up(f->stream))
		return false;
	if ((k = calloc(1, sizeof(*k))) == NULL)
		return false;
	k->asked = asked;
	k->order_id = order_id;
	k->until =
	    clock_loop() +
	    (asked == FS_CHANNELS || asked == FS_DUMP ? LISTING_US : ANSWER_US);
	fs_copy(k->what, sizeof(k->what), what);
	if (!stream_write(f->stream, f->command.text, f->command.len)) {
		free(k);
		return false;
	}
	TAILQ_INSERT_TAIL(&f->asks, k, entry);
	return true;
}

void
fs_send_only(struct fs *f)
{
	if (!fs_send(f, FS_NOTHING, 0, STR_LIT("")))
		log_debug(LOG_MAIN, "freeswitch a command was not sent");
}

void
fs_begin(struct fs *f, const char *verb, const struct fs_leg *l)
{
	esl_begin(&f->command, "api ");
	esl_add(&f->command, verb);
	esl_word(&f->command, str_of(l->uuid));
}

void
fs_set(struct fs *f, const struct fs_leg *l, const char *variable,
    struct str value)
{
	fs_begin(f, "uuid_setvar", l);
	esl_add(&f->command, " ");
	esl_add(&f->command, variable);
	esl_word(&f->command, value);
	fs_send_only(f);
}

void
fs_send_to(struct fs *f, const struct fs_leg *l, const char *extension)
{
	fs_begin(f, "uuid_transfer", l);
	esl_add(&f->command, " ");
	esl_add(&f->command, extension);
	esl_add(&f->command, " XML mashang");
}

void
fs_kill(struct fs *f, struct fs_leg *l, const char *cause)
{
	fs_begin(f, "uuid_kill", l);
	esl_add(&f->command, " ");
	esl_add(&f->command, cause);
	fs_send_only(f);
}

/* --------------------------------------------------------------- answering */

static bool
begins(struct str s, const char *with)
{
	size_t n = strlen(with);

	return s.len >= n && strncasecmp(s.p, with, n) == 0;
}

bool
fs_is_ok(const struct esl_frame *m)
{
	struct str said =
	    m->kind == ESL_REPLY ? esl_get(m, "Reply-Text") : m->body;

	return !begins(said, "-ERR") && !begins(said, "-USAGE");
}

/* A leg whose originate was refused is not there and never was. */
static void
on_rings(struct fs *f, const struct fs_ask *k, bool ok)
{
	struct fs_leg *l;

	if (k->order_id != 0)
		exchange_answer(f->exchange, k->order_id,
		    ok ? FS_CODE(OK) : FS_CODE(REFUSED));
	if (!ok && (l = fs_leg_find(f, str_of(k->what))) != NULL)
		fs_leg_ended(f, l, FS_CAUSE(UNREACHABLE));
}

/* One of the two is gone; whose end that is, its own event says. */
static void
on_joins(struct fs *f, const struct fs_ask *k, bool ok)
{
	if (k->order_id != 0)
		exchange_answer(f->exchange, k->order_id,
		    ok ? FS_CODE(OK) : FS_CODE(REFUSED));
	if (!ok)
		fs_list_soon(f);
}

static void
on_order(struct fs *f, const struct fs_ask *k, const struct esl_frame *m)
{
	bool gone = !fs_is_ok(m);

	if (gone)
		log_debug(
		    LOG_MAIN, "freeswitch refuses: %.*s", STR_ARG(m->body));
	exchange_answer(
	    f->exchange, k->order_id, gone ? FS_CODE(REFUSED) : FS_CODE(OK));
}

static void
on_login(struct fs *f, const struct esl_frame *m)
{
	if (!fs_is_ok(m)) {
		fs_refused(f,
		    "FreeSWITCH refuses the password: it must be that of "
		    "event_socket.conf.xml, in password_file here");
		return;
	}
	fs_subscribed(f);
}

static void
on_subscribed(struct fs *f, const struct esl_frame *m)
{
	if (!fs_is_ok(m))
		stream_fail(f->stream, "FreeSWITCH has none of these events");
}

static void
on_version(struct fs *f, const struct esl_frame *m)
{
	static const struct str head = { "FreeSWITCH Version ", 19 };
	struct str s = m->body;
	uint32_t n = 0;

	if (begins(s, head.p)) {
		s.p += head.len;
		s.len -= head.len;
	}
	while (n < s.len && s.p[n] > ' ' && s.p[n] <= '~')
		n++;
	snprintf(
	    f->version, sizeof(f->version), "FreeSWITCH %.*s", (int)n, s.p);
}

static void
on_life(struct fs *f, const struct esl_frame *m)
{
	char life[FS_NAME_MAX + 1];
	bool same;

	if (f->probe_line != NULL) {
		fs_probe_begin(f);
		return;
	}
	fs_copy(life, sizeof(life), m->body);
	same = f->was_live && strcmp(life, f->life) == 0;
	memcpy(f->life, life, sizeof(life));
	exchange_up(f->exchange, f->version);
	/* In the same life, what it told while we were away is missed. */
	if (same)
		exchange_missed(f->exchange, 1);
	f->stage = FS_LISTING;
	fs_list_first(f);
}

static void
answered(struct fs *f, const struct fs_ask *k, struct esl_frame *m)
{
	switch (k->asked) {
	case FS_LOGIN:
		on_login(f, m);
		break;
	case FS_SUBSCRIBE:
		on_subscribed(f, m);
		break;
	case FS_VERSION:
		on_version(f, m);
		break;
	case FS_LIFE:
		on_life(f, m);
		break;
	case FS_CHANNELS:
		fs_list_channels(f, m);
		break;
	case FS_DUMP:
		fs_list_dump(f, k, m);
		break;
	case FS_AUDIT:
		fs_list_audit(f, m);
		break;
	case FS_WHERE:
		fs_where(f, k, m);
		break;
	case FS_PHONES:
		fs_list_phones(f, m);
		break;
	case FS_QUEUES:
		fs_listen_queues(f, m);
		break;
	case FS_MEMBERS:
		fs_listen_members(f, k, m);
		break;
	case FS_PROBED:
		fs_probe_answer(f, k, m);
		break;
	case FS_ORDER:
		on_order(f, k, m);
		break;
	case FS_RINGS:
		on_rings(f, k, fs_is_ok(m));
		break;
	case FS_JOINS:
		on_joins(f, k, fs_is_ok(m));
		break;
	case FS_NOTHING:
		break;
	}
}

void
fs_answered(struct fs *f, struct esl_frame *m)
{
	struct fs_ask *k = TAILQ_FIRST(&f->asks);

	if (k == NULL) {
		stream_fail(f->stream, "FreeSWITCH answers what was not asked");
		return;
	}
	TAILQ_REMOVE(&f->asks, k, entry);
	answered(f, k, m);
	free(k);
}

bool
fs_asks_late(const struct fs *f, int64_t now)
{
	const struct fs_ask *k = TAILQ_FIRST(&f->asks);

	return k != NULL && k->until <= now;
}

void
fs_asks_lost(struct fs *f)
{
	struct fs_ask *k;

	while ((k = TAILQ_FIRST(&f->asks)) != NULL) {
		TAILQ_REMOVE(&f->asks, k, entry);
		if (k->order_id != 0)
			exchange_answer(
			    f->exchange, k->order_id, FS_CODE(UNAVAILABLE));
		free(k);
	}
}
