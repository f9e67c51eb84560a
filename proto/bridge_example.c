/*
 * bridge_example.c - a whole bridge: one caller, one order, one conversation.
 *
 *   bridge_example unix:/run/mashang/mashang.sock CALLER CALLED
 *
 * It ends when its call is committed.  What a real one does beside this is in
 * PROTOCOL.md 17.
 */
#include <event2/event.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "link.h"

#define TEXT(s) ((ProtobufCBinaryData){ strlen(s), (uint8_t *)(s) })
#define KIND(k) MASHANG__CALL_EVENT_KIND__##k
#define BODY(b) MASHANG__ENVELOPE__BODY_##b

static struct event_base *loop;
static struct link *mashangd;
static Mashang__CallEvent call = MASHANG__CALL_EVENT__INIT; /* as told last */
static char name[32], device[65];

static void
push(Mashang__Envelope__BodyCase what, void *body)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;

	e.body_case = what, e.hello = body; /* the union holds pointers only */
	link_push(mashangd, &e);
}

static void
tell(Mashang__CallEventKind kind)
{
	call.stream_seq++, call.call_seq++, call.kind = kind;
	call.occurred_at = (int64_t)time(NULL) * 1000000;
	push(BODY(CALL_EVENT), &call);
}

static void
connected(void *arg, const Mashang__Welcome *w)
{
	Mashang__Snapshot s = MASHANG__SNAPSHOT__INIT; /* nothing lives */

	(void)arg;
	s.last_stream_seq = call.stream_seq = w->resume_stream_seq;
	s.first_stream_seq = s.last_stream_seq + 1; /* nothing is spooled */
	push(BODY(SNAPSHOT), &s);
}

static void
ordered(const Mashang__Order *o)
{
	Mashang__OrderResult r = MASHANG__ORDER_RESULT__INIT;
	bool yes = o->kind == MASHANG__ORDER_KIND__ORDER_CONNECT &&
	           o->version == call.version;

	r.order_id = o->order_id, r.kind = call.kind;
	r.version = yes ? ++call.version : call.version;
	r.code = yes ? MASHANG__CODE__CODE_OK : MASHANG__CODE__CODE_REFUSED;
	push(BODY(ORDER_RESULT), &r);
	if (!yes)
		return;
	memcpy(device, o->device.data, o->device.len);
	call.device = TEXT(device), call.order_id = o->order_id;
	tell(KIND(DELIVERED));   /* the phone rings */
	tell(KIND(ESTABLISHED)); /* is lifted */
	tell(KIND(CALL_CLEARED));
}

static void
message(void *arg, const Mashang__Envelope *e)
{
	(void)arg;
	if (e->body_case == BODY(SNAPSHOT_RESULT))
		tell(KIND(QUEUED));
	if (e->body_case == BODY(ORDER))
		ordered(e->order);
	if (e->body_case == BODY(COMMITTED) &&
	    call.kind == KIND(CALL_CLEARED) &&
	    e->committed->up_to == call.stream_seq)
		event_base_loopexit(loop, NULL);
}

static void
lost(void *arg, const char *why)
{
	fprintf(
	    stderr, "lost: %s; a real bridge goes on from its spool\n", why);
	event_base_loopbreak(arg);
}

static void
refused(void *arg, const Mashang__Error *why)
{
	lost(arg, why->code == MASHANG__CODE__CODE_LOGIN_FAILED ? "log in"
								: "refused");
}

int
main(int argc, char **argv)
{
	struct link_events on = { connected, lost, refused, message, NULL };
	Mashang__OrderKind can = MASHANG__ORDER_KIND__ORDER_CONNECT;
	Mashang__Hello hello = MASHANG__HELLO__INIT;
	const char *why = "usage: bridge_example DAEMON CALLER CALLED";

	on.arg = loop = event_base_new();
	hello.role = MASHANG__ROLE__ROLE_BRIDGE, hello.can = &can,
	hello.n_can = 1;
	hello.login = hello.switch_ = call.switch_ = TEXT("example");
	hello.epoch = call.epoch = 1, call.version = (uint64_t)time(NULL) << 32;
	snprintf(name, sizeof(name), "c%lld", (long long)time(NULL));
	if (argc == 4)
		mashangd = link_new(loop, argv[1], &hello, &on, &why);
	if (mashangd == NULL)
		return fprintf(stderr, "%s\n", why), 64;
	call.call = TEXT(name), call.caller = TEXT(argv[2]),
	call.called = TEXT(argv[3]);
	event_base_dispatch(loop);
	printf("%s: %u events committed\n", name, call.call_seq);
	return !event_base_got_exit(loop);
}
