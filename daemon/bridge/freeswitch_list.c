/*
 * freeswitch_list.c - all that lives now.
 *
 * `show channels' is read from a database that is written behind the events, so
 * it lags up to a third of a second, both ways: it only says which legs there
 * may be.  What each is, uuid_dump says, at once and exactly; and a leg that we
 * know is asked for whether it is in the list or not.  Events that are older
 * than a dump are told by it, and come after it all the same: `as_of'.  Which is
 * older says their sequence: the switch's clock stands still for up to 20 ms.
 *
 * After a connect all is listed twice, since a caller who came a moment before
 * it may be in neither the events nor the list.  A call has the name of its first
 * leg, and so one that only the exchange knows is asked for by that.
 */
#include <jansson.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "bridge/freeswitch.h"

#define AGAIN_US (CLOCK_S * 6 / 10)
#define AUDIT_US (30 * CLOCK_S)
#define SUSPECT_US CLOCK_S
#define GONE_US (2 * CLOCK_S)

/* ----------------------------------------------------------------- asking */

static void
ask(struct fs *f, const char *what, enum fs_asked asked)
{
	esl_begin(&f->command, what);
	if (!fs_send(f, asked, 0, STR_LIT("")) && f->stream != NULL)
		stream_fail(f->stream, "cannot write");
}

static void
dump(struct fs *f, struct str uuid, enum fs_asked asked)
{
	esl_begin(&f->command, "api uuid_dump");
	esl_word(&f->command, uuid);
	if (fs_send(f, asked, 0, uuid) && asked == FS_DUMP)
		f->dumps++;
}

void
fs_list(struct fs *f)
{
	if (f->listing) {
		f->list_again = true;
		return;
	}
	f->listing = true;
	f->list_at = 0;
	f->dumps = 0;
	exchange_resync(f->exchange);
	if (f->listen_only)
		fs_listen_list(f);
	else
		ask(f, "api show channels as json", FS_CHANNELS);
}

void
fs_list_soon(struct fs *f)
{
	if (f->list_at == 0)
		f->list_at = clock_loop() + AGAIN_US;
}

/* A call that only the spool knows came to a former bridge, perhaps so late that
 * the list has not got it yet: it must not be taken for lost. */
void
fs_list_first(struct fs *f)
{
	struct xcall *x = NULL;

	while ((x = exchange_next(f->exchange, x)) != NULL)
		if (fs_call_find(f, xcall_name(x)) == NULL) {
			fs_list_soon(f);
			return;
		}
	fs_list(f);
}

void
fs_list_drop(struct fs *f)
{
	f->listing = f->list_again = f->phones_asked = false;
	f->list_at = 0;
	f->dumps = f->suspect = 0;
}

void
fs_audit(struct fs *f)
{
	f->audit_at = clock_loop() + AUDIT_US;
	if (!f->listing)
		ask(f, "api show channels as json", FS_AUDIT);
}

void
fs_phones(struct fs *f)
{
	if (f->phones_asked)
		return;
	f->phones_asked = true;
	ask(f, "api show registrations as json", FS_PHONES);
}

static void
list_done(struct fs *f)
{
	f->listing = false;
	f->audit_at = clock_loop() + AUDIT_US;
	if (f->stage == FS_LISTING) {
		fs_live(f);
		fs_list_soon(f);
	} else if (f->list_again) {
		f->list_again = false;
		fs_list_soon(f);
	}
}

static void
dumped(struct fs *f)
{
	if (!f->listing || f->dumps > 0)
		return;
	fs_settle(f);
	list_done(f);
}

/* ------------------------------------------------------------ what came back */

/* No rows: there is no such key. */
static json_t *
rows_of(struct fs *f, const struct esl_frame *m)
{
	json_error_t why;
	json_t *o = json_loadb(m->body.p, m->body.len, 0, &why);

	if (o == NULL)
		stream_fail(f->stream, "FreeSWITCH's list is not JSON");
	return o;
}

static struct str
text(const json_t *row, const char *key)
{
	return str_of(json_string_value(json_object_get(row, key)));
}

static bool
is_ours(const json_t *row)
{
	return str_eq(text(row, "presence_data"), STR_LIT(FS_MARK)) &&
	       fs_is_uuid(text(row, "uuid"));
}

/* What the list has not got, and there may be all the same. */
static void
dump_others(struct fs *f)
{
	struct xcall *x = NULL;

	for (struct fs_leg *l = f->legs; l != NULL; l = l->hh.next)
		if (!l->listed)
			dump(f, str_of(l->uuid), FS_DUMP);
	while ((x = exchange_next(f->exchange, x)) != NULL)
		if (fs_is_uuid(xcall_name(x)) &&
		    fs_leg_find(f, xcall_name(x)) == NULL)
			dump(f, xcall_name(x), FS_DUMP);
}

void
fs_list_channels(struct fs *f, const struct esl_frame *m)
{
	json_t *list = rows_of(f, m), *row;
	struct fs_leg *l;
	size_t i;

	if (list == NULL)
		return;
	for (l = f->legs; l != NULL; l = l->hh.next)
		l->listed = false;
	json_array_foreach(json_object_get(list, "rows"), i, row)
	{
		if (!is_ours(row))
			continue;
		if ((l = fs_leg_find(f, text(row, "uuid"))) != NULL)
			l->listed = true;
		dump(f, text(row, "uuid"), FS_DUMP);
	}
	json_decref(list);
	dump_others(f);
	dumped(f);
}

static bool
is_over(const struct esl_frame *m)
{
	static const char *const states[] = { "CS_HANGUP", "CS_REPORTING",
		"CS_DESTROY" };
	struct str state = esl_get(m, "Channel-State");

	for (size_t i = 0; i < NELEM(states); i++)
		if (str_eq(state, str_of(states[i])))
			return true;
	return false;
}

static bool
begins(struct str s, const char *with)
{
	return s.len >= strlen(with) && memcmp(s.p, with, strlen(with)) == 0;
}

static enum fs_place
place_of(const struct esl_frame *m)
{
	struct str at = esl_get(m, "Caller-Destination-Number");

	if (begins(at, "conference:mashang-"))
		return FS_IN_ROOM;
	if (!str_eq(esl_get(m, "Caller-Context"), STR_LIT("mashang")))
		return FS_ELSEWHERE;
	if (str_eq(at, STR_LIT("wait")) || str_eq(at, STR_LIT("music")))
		return FS_WAITS;
	return str_eq(at, STR_LIT("hold")) ? FS_HOLDS : FS_ELSEWHERE;
}

static void
read_facts(struct fs_leg *l, const struct esl_frame *m)
{
	struct str state = esl_get(m, "Channel-State");
	struct str shows = esl_get(m, "Channel-Call-State");
	bool bridged = str_eq(state, STR_LIT("CS_SOFT_EXECUTE")) ||
	               str_eq(state, STR_LIT("CS_EXCHANGE_MEDIA"));

	l->gone_until = 0;
	l->as_of = esl_number(m, "Event-Sequence", 0);
	l->answered = str_eq(esl_get(m, "Answer-State"), STR_LIT("answered"));
	l->rung |= l->answered || str_eq(shows, STR_LIT("RINGING")) ||
	           str_eq(shows, STR_LIT("EARLY"));
	l->held = str_eq(shows, STR_LIT("HELD"));
	/* The name of a former partner stays. */
	fs_copy(l->peer, sizeof(l->peer),
	    bridged ? esl_get(m, "Other-Leg-Unique-ID") : STR_LIT(""));
	l->parked = l->answered &&
	            (str_eq(state, STR_LIT("CS_PARK")) ||
			str_eq(esl_get(m, "variable_current_application"),
			    STR_LIT("park"))) &&
	            !bridged;
	l->place = place_of(m);
	l->in_room = l->place == FS_IN_ROOM;
}

/* A leg that we do not know is of a former life of ours. */
static struct fs_leg *
adopt(struct fs *f, const struct esl_frame *m)
{
	struct str uuid = esl_get(m, "Unique-ID");
	struct str name = esl_get(m, "variable_mashang_call");
	enum fs_role role = fs_role_of(esl_get(m, "variable_mashang_role"));
	struct fs_call *c;
	struct fs_leg *l;

	if (role == FS_NOBODY)
		role = FS_CALLER;
	if (name.len == 0)
		name = uuid;
	if ((c = fs_call_find(f, name)) == NULL &&
	    (c = fs_call_new(f, name)) == NULL)
		return NULL;
	l = fs_leg_new(f, c, role, esl_get(m, "variable_mashang_device"), uuid);
	if (l == NULL)
		return NULL;
	l->number = esl_get(m, "variable_mashang_outside").len > 0;
	if (esl_get(m, "variable_mashang_barge").len > 0)
		l->spies = FS_BARGES;
	fs_copy(c->number, sizeof(c->number),
	    esl_get(m, "variable_mashang_number"));
	fs_copy(c->show, sizeof(c->show), esl_get(m, "variable_mashang_show"));
	fs_copy(c->about_name, sizeof(c->about_name),
	    esl_get(m, "variable_mashang_about"));
	c->made |= c->number[0] != '\0';
	c->called_back |= esl_get(m, "variable_mashang_back").len > 0;
	return l;
}

/* Who calls, before it is forgotten: the rest of it comes when all is read. */
static void
offer(struct fs *f, const struct fs_leg *l, const struct esl_frame *m)
{
	struct report r = fs_report(l->call, FS_KIND(OFFERED));

	if (l->role != FS_CALLER || exchange_find(f->exchange, r.call) != NULL)
		return;
	if (l->call->called_back)
		r = fs_report_made(l->call, FS_KIND(OFFERED));
	else
		fs_brings(&r, m);
	r.at = esl_number(m, "Caller-Channel-Created-Time", 0);
	exchange_seen(f->exchange, &r);
}

static bool
is_inner(struct str name)
{
	return begins(name, "loopback/") && name.len > 2 &&
	       memcmp(name.p + name.len - 2, "-b", 2) == 0;
}

static void
take_dump(struct fs *f, const struct fs_ask *k, const struct esl_frame *m)
{
	struct fs_leg *l = fs_leg_find(f, str_of(k->what));

	if (is_inner(esl_get(m, "Channel-Name")) ||
	    !str_eq(esl_get(m, "Unique-ID"), str_of(k->what)))
		return;
	if (l == NULL && (l = adopt(f, m)) == NULL)
		return;
	read_facts(l, m);
	if (l->role == FS_NOBODY)
		fs_kill(f, l, "NORMAL_CLEARING");
	else
		offer(f, l, m);
}

/* It has ended, or is not there yet.  Answers overtake events, so that why it
 * ended may still come; not from before the connection. */
static void
is_gone(struct fs *f, struct str uuid)
{
	struct fs_leg *l = fs_leg_find(f, uuid);

	if (l == NULL)
		return;
	if (f->stage == FS_LISTING)
		fs_leg_lost(f, l);
	else if (l->gone_until == 0)
		l->gone_until = clock_loop() + GONE_US;
}

static bool
open_dump(struct fs *f, struct str uuid, struct esl_frame *m)
{
	const char *why;

	if (fs_is_ok(m) && esl_open(f->reader, m, &why) == ERR_OK &&
	    !is_over(m))
		return true;
	is_gone(f, uuid);
	return false;
}

void
fs_list_dump(struct fs *f, const struct fs_ask *k, struct esl_frame *m)
{
	f->dumps--;
	if (open_dump(f, str_of(k->what), m))
		take_dump(f, k, m);
	dumped(f);
}

/* A phone that holds, takes back and hangs up within a moment leaves the caller in
 * the bridge with nobody, where FreeSWITCH plays the phone's music for ever.  Seen
 * twice: the caller may be on the way elsewhere the first time. */
static bool
is_left_behind(struct fs *f, struct fs_call *c)
{
	if (!str_eq(str_of(c->caller->peer), str_of(c->left)) ||
	    c->left[0] == '\0')
		return false;
	if (c->left_behind)
		fs_kill(f, c->caller, "NORMAL_CLEARING");
	else
		c->look_at = clock_loop() + FS_LOOK_US;
	c->left_behind = true;
	return true;
}

/* The agent has gone, the caller has not: the phone has sent the caller on. */
void
fs_where(struct fs *f, const struct fs_ask *k, struct esl_frame *m)
{
	struct fs_leg *l;
	struct fs_call *c;
	struct report r;

	if (!open_dump(f, str_of(k->what), m))
		return;
	l = fs_leg_find(f, str_of(k->what));
	if (l == NULL || l->role != FS_CALLER || l->call->agent != NULL)
		return;
	c = l->call;
	read_facts(l, m);
	if (is_left_behind(f, c))
		return;
	c->first = FS_PARTY(NONE);
	if (c->at == FS_AT_AWAY || c->at == FS_AT_WAIT)
		return;
	if (l->place == FS_HOLDS) {
		fs_requeue(f, c, 0);
		return;
	}
	c->at = FS_AT_AWAY;
	r = fs_report(c, FS_KIND(DIVERTED));
	fs_tell(f, &r);
}

/* ----------------------------------------------------------------- auditing */

/* A difference that is still there a second later is a loss. */
void
fs_list_audit(struct fs *f, const struct esl_frame *m)
{
	json_t *list = rows_of(f, m), *row;
	unsigned differ = 0;
	struct fs_leg *l;
	size_t i;

	if (list == NULL)
		return;
	for (l = f->legs; l != NULL; l = l->hh.next)
		l->listed = false;
	json_array_foreach(json_object_get(list, "rows"), i, row)
	{
		if (!is_ours(row))
			continue;
		if ((l = fs_leg_find(f, text(row, "uuid"))) != NULL)
			l->listed = true;
		else
			differ++;
	}
	json_decref(list);
	for (l = f->legs; l != NULL; l = l->hh.next)
		differ += !l->listed;
	if (differ > 0 && f->suspect > 0) {
		exchange_missed(f->exchange, differ);
		fs_list(f);
	} else if (differ > 0) {
		f->audit_at = clock_loop() + SUSPECT_US;
	}
	f->suspect = f->suspect == 0 ? differ : 0;
}

/* ------------------------------------------------------------------- phones */

void
fs_list_phones(struct fs *f, const struct esl_frame *m)
{
	json_t *list = rows_of(f, m), *row;
	bool tell = f->options->registrations;
	size_t i;

	f->phones_asked = false;
	if (list == NULL)
		return;
	if (tell)
		exchange_devices(f->exchange);
	json_array_foreach(json_object_get(list, "rows"), i, row)
	{
		fs_device_learn(f, text(row, "reg_user"));
		if (tell)
			exchange_device(f->exchange, text(row, "reg_user"),
			    MASHANG__DEVICE_REACH__DEVICE_REACHABLE);
	}
	json_decref(list);
	if (tell)
		exchange_devices_end(f->exchange);
}
