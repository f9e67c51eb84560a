/*
 * freeswitch_listen.c - beside mod_callcenter: its events into reports.
 *
 * A call has the name of the caller's leg; its device is the agent's name up to
 * the @.  That a call has come to an agent is told before the two are bridged,
 * that it is over after both have hung up; both times are near enough.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "bridge/freeswitch.h"

typedef void listen_fn(struct fs *, const struct esl_frame *, struct report *);

static struct str
agent_of(struct str name)
{
	const char *at = name.len > 0 ? memchr(name.p, '@', name.len) : NULL;

	if (at != NULL)
		name.len = (uint32_t)(at - name.p);
	return name;
}

static void
tell(struct fs *f, struct report *r, Mashang__CallEventKind kind)
{
	r->kind = kind;
	fs_tell(f, r);
}

/* ------------------------------------------------------------------- events */

static void
on_start(struct fs *f, const struct esl_frame *m, struct report *r)
{
	int64_t at = r->at;

	r->called = esl_get(m, "CC-Queue");
	r->device = STR_LIT("");
	r->at = esl_number(m, "Caller-Channel-Created-Time", at);
	tell(f, r, FS_KIND(OFFERED));
	r->at = at;
	tell(f, r, FS_KIND(QUEUED));
}

static void
on_offering(struct fs *f, const struct esl_frame *m, struct report *r)
{
	(void)m;
	tell(f, r, FS_KIND(DELIVERED));
}

static void
on_fail(struct fs *f, const struct esl_frame *m, struct report *r)
{
	r->cause = fs_cause_of(esl_get(m, "CC-Hangup-Cause"));
	tell(f, r, FS_KIND(FAILED));
}

static void
on_talk(struct fs *f, const struct esl_frame *m, struct report *r)
{
	(void)m;
	tell(f, r, FS_KIND(ESTABLISHED));
}

/* Why it is over, where nobody has answered. */
static const struct {
	const char *reason;
	Mashang__Cause cause;
	Mashang__Party party;
	bool lives; /* the caller goes elsewhere */
} reasons[] = {
	{ "BREAK_OUT", FS_CAUSE(NORMAL), FS_PARTY(CALLER), false },
	{ "TIMEOUT", FS_CAUSE(TIMED_OUT), FS_PARTY(SWITCH), true },
	{ "NO_AGENT_TIMEOUT", FS_CAUSE(TIMED_OUT), FS_PARTY(SWITCH), true },
	{ "EXIT_WITH_KEY", FS_CAUSE(OVERFLOW), FS_PARTY(CALLER), true },
};

/* The queue is done with the caller, who may go on elsewhere: to us the call is
 * over, since what follows is not the queue's. */
static void
on_end(struct fs *f, const struct esl_frame *m, struct report *r)
{
	struct str reason = esl_get(m, "CC-Cancel-Reason");
	struct str by = esl_get(m, "variable_sip_hangup_disposition");

	r->device = STR_LIT("");
	r->cause = FS_CAUSE(NORMAL);
	r->party = str_eq(by, STR_LIT("recv_bye")) ? FS_PARTY(CALLER)
	                                           : FS_PARTY(AGENT);
	if (str_eq(esl_get(m, "CC-Cause"), STR_LIT("Cancel"))) {
		r->party = FS_PARTY(SWITCH);
		for (size_t i = 0; i < NELEM(reasons); i++)
			if (str_eq(reason, str_of(reasons[i].reason))) {
				r->cause = reasons[i].cause;
				r->party = reasons[i].party;
				if (reasons[i].lives)
					tell(f, r, FS_KIND(DIVERTED));
			}
	}
	tell(f, r, FS_KIND(CALL_CLEARED));
}

static const struct {
	const char *action;
	listen_fn *run;
} actions[] = {
	{ "member-queue-start", on_start },
	{ "member-queue-resume", on_start },
	{ "agent-offering", on_offering },
	{ "bridge-agent-start", on_talk },
	{ "bridge-agent-fail", on_fail },
	{ "member-queue-end", on_end },
};

void
fs_listen_event(struct fs *f, const struct esl_frame *m)
{
	struct str action = esl_get(m, "CC-Action");
	struct report r = { .call = esl_get(m, "CC-Member-Session-UUID"),
		.at = esl_number(m, "Event-Date-Timestamp", 0),
		.caller = esl_get(m, "CC-Member-CID-Number"),
		.caller_name = esl_get(m, "CC-Member-CID-Name"),
		.device = agent_of(esl_get(m, "CC-Agent")) };

	for (size_t i = 0; i < NELEM(actions); i++)
		if (str_eq(action, str_of(actions[i].action)) &&
		    r.call.len > 0) {
			actions[i].run(f, m, &r);
			return;
		}
}

/* ------------------------------------------------------------------ listing */

/* Columns between bars; the first line names them.  True: there is a line. */
#define COLUMNS 64
struct table {
	struct str rest, names[COLUMNS], cells[COLUMNS];
	unsigned n;
};

static unsigned
cut(struct str *rest, struct str cells[COLUMNS])
{
	unsigned n = 0;
	uint32_t i = 0, from = 0;

	for (; i < rest->len && rest->p[i] != '\n'; i++)
		if (rest->p[i] == '|' && n < COLUMNS) {
			cells[n++] = (struct str){ rest->p + from, i - from };
			from = i + 1;
		}
	if (n < COLUMNS)
		cells[n++] = (struct str){ rest->p + from, i - from };
	i += i < rest->len;
	rest->p += i;
	rest->len -= i;
	return n;
}

static bool
next_row(struct table *t)
{
	for (unsigned i = 0; i < COLUMNS; i++)
		t->cells[i] = STR_LIT("");
	return t->rest.len > 0 && cut(&t->rest, t->cells) == t->n && t->n > 1;
}

static struct str
cell(const struct table *t, const char *name)
{
	for (unsigned i = 0; i < t->n; i++)
		if (str_eq(t->names[i], str_of(name)))
			return t->cells[i];
	return STR_LIT("");
}

static void
open_table(struct table *t, const struct esl_frame *m)
{
	*t = (struct table){ .rest = m->body };
	t->n = cut(&t->rest, t->names);
}

static void
done_if_last(struct fs *f)
{
	if (f->dumps > 0)
		return;
	f->listing = false;
	exchange_resynced(f->exchange);
	if (f->stage == FS_LISTING)
		fs_live(f);
}

void
fs_listen_list(struct fs *f)
{
	esl_begin(&f->command, "api callcenter_config queue list");
	if (!fs_send(f, FS_QUEUES, 0, STR_LIT("")))
		stream_fail(f->stream, "cannot write");
}

void
fs_listen_queues(struct fs *f, const struct esl_frame *m)
{
	struct table t;

	exchange_trouble(f->exchange,
	    fs_is_ok(m) ? NULL : "FreeSWITCH has no mod_callcenter to watch");
	for (open_table(&t, m); next_row(&t);) {
		struct str name = cell(&t, "name");

		esl_begin(
		    &f->command, "api callcenter_config queue list members");
		esl_word(&f->command, name);
		if (fs_send(f, FS_MEMBERS, 0, name))
			f->dumps++;
	}
	done_if_last(f);
}

static int64_t
seconds(struct str s)
{
	char text[24];

	return fs_copy(text, sizeof(text), s)
	           ? strtoll(text, NULL, 10) * CLOCK_S
	           : 0;
}

static void
see_member(struct fs *f, const struct table *t, struct str queue)
{
	struct str state = cell(t, "state");
	bool talks = str_eq(state, STR_LIT("Answered"));
	struct report r = { .call = cell(t, "session_uuid"),
		.kind = talks ? FS_KIND(ESTABLISHED) : FS_KIND(QUEUED),
		.caller = cell(t, "cid_number"),
		.caller_name = cell(t, "cid_name"),
		.called = queue,
		.at = seconds(cell(t, "joined_epoch")),
		.device = STR_LIT("") };

	if (talks)
		r.device = agent_of(cell(t, "serving_agent"));
	if (!str_eq(state, STR_LIT("Abandoned")) && r.call.len > 0)
		exchange_seen(f->exchange, &r);
}

void
fs_listen_members(
    struct fs *f, const struct fs_ask *k, const struct esl_frame *m)
{
	struct table t;

	f->dumps--;
	for (open_table(&t, m); next_row(&t);)
		see_member(f, &t, str_of(k->what));
	done_if_last(f);
}
