/*
 * sip_bed.c - see sip_bed.h.
 */
#include "test/support/sip_bed.h"

#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test/support/pg_server.h"
#include "test/support/program.h"
#include "test/support/support.h"

#define WAIT_MS 20000

static void
apply(struct sip_bed *b, const char *more)
{
	char text[16384];
	int n = snprintf(text, sizeof(text),
	    "queues: [{name: repair, ring: 4s, wrap_up: 0s}]\n"
	    "numbers: [{called: '4001', queue: repair}]\n"
	    "dialling: {allow: ['+86'], show: '4001'}\n"
	    "agents:\n"
	    "  - {name: wang, queues: [repair]}\n"
	    "  - {name: li, queues: [repair]}\n"
	    "  - {name: zhang, queues: [repair], answer: screen}\n"
	    "%sdevices:\n",
	    more != NULL ? more : "");

	for (int i = LAB_PHONE_FIRST; i <= LAB_PHONE_LAST; i++)
		n += snprintf(text + n, sizeof(text) - (size_t)n,
		    "  - {name: '%d', switch: main}\n", i);
	ck_assert_int_lt(n, sizeof(text));
	stack_write(&b->stack, "hotline.yaml", text);
	mashang(&b->stack, 0, "admin", "apply",
	    stack_path(&b->stack, "hotline.yaml"), NULL);
}

static void
write_config(struct sip_bed *b)
{
	char text[3 * PATH_MAX];

	snprintf(text, sizeof(text),
	    "switch: main\n"
	    "driver: kamailio\n"
	    "daemons: [\"%s\"]\n"
	    "spool: %s/spool\n"
	    "kamailio: {address: \"tcp:" LAB_PHONES ":%u\"}\n",
	    b->stack.socket, b->stack.dir, b->lab.cti);
	stack_write(&b->stack, "bridge.yaml", text);
}

void
sip_bed_bridge(struct sip_bed *b)
{
	const char *argv[] = { "mashang-bridge", "-c",
		stack_path(&b->stack, "bridge.yaml"), NULL };

	b->bridge = stack_spawn(&b->stack, argv, "bridge.log");
}

/* A call that comes before it hears the switch begins with its place in the
 * queue. */
static void
wait_heard(struct sip_bed *b)
{
	const char *said;

	for (int ms = 0; ms < WAIT_MS; ms += 50) {
		said = mashang(&b->stack, 0, "admin", "show", "switches", NULL);
		if (strstr(said, "kamailio 5.") != NULL)
			return;
		poll(NULL, 0, 50);
	}
	ck_abort_msg("the bridge hears nothing:\n%s", said);
}

void
sip_bed_bridge_kill(struct sip_bed *b)
{
	if (b->bridge > 0) {
		kill(b->bridge, SIGKILL);
		waitpid(b->bridge, NULL, 0);
	}
	b->bridge = 0;
}

void
sip_bed_up(struct sip_bed *b, const char *const defines[], const char *more)
{
	memset(b, 0, sizeof(*b));
	stack_up(&b->stack, false);
	sip_lab_up(&b->lab, b->stack.dir, defines);
	apply(b, more);
	write_config(b);
	sip_bed_bridge(b);
	wait_heard(b);
}

void
sip_bed_down(struct sip_bed *b)
{
	int status = 0;

	if (b->bridge > 0) {
		kill(b->bridge, SIGTERM);
		status = stack_wait(b->bridge, 10);
	}
	sip_lab_down(&b->lab);
	stack_down(&b->stack);
	ck_assert_msg(status == 0, "mashang-bridge ended with %d:\n%s", status,
	    stack_file(&b->stack, "bridge.log"));
}

/* ----------------------------------------------------------------- agents */

void
sip_bed_agent(
    struct sip_bed *b, struct wire *w, const char *name, const char *phone)
{
	wire_agent(w, &b->stack, name, phone);
	wire_set_state(w, MASHANG__AGENT_STATE_KIND__AGENT_READY, "");
	/* Reserved a moment later, if a caller waits. */
	while (WIRE_EXPECT(w, AGENT_STATE)->agent_state->state !=
	       MASHANG__AGENT_STATE_KIND__AGENT_READY)
		;
}

const Mashang__Offer *
sip_bed_offered(struct wire *w)
{
	const Mashang__Offer *o = WIRE_EXPECT(w, OFFER)->offer;
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__Shown shown = MASHANG__SHOWN__INIT;

	shown.offer_id = o->offer_id;
	e.body_case = MASHANG__ENVELOPE__BODY_SHOWN;
	e.shown = &shown;
	wire_send(w, &e);
	return o;
}

void
sip_bed_state(const char *agent, const char *state)
{
	sip_bed_until(state,
	    "SELECT s.state FROM agent_state s JOIN agent a ON a.id ="
	    " s.agent_id WHERE a.name = '%s' ORDER BY s.since DESC, s.seq DESC"
	    " LIMIT 1",
	    agent);
}

void
sip_bed_was(const char *agent, const char *state)
{
	sip_bed_until("1",
	    "SELECT sign(count(*))::int FROM agent_state s JOIN agent a ON"
	    " a.id = s.agent_id WHERE a.name = '%s' AND s.state = '%s'",
	    agent, state);
}

/* ---------------------------------------------------------- what is stored */

void
sip_bed_until(const char *want, const char *sql, ...)
{
	char statement[4096];
	const char *got = "";
	va_list ap;

	va_start(ap, sql);
	vsnprintf(statement, sizeof(statement), sql, ap);
	va_end(ap);
	for (int ms = 0; ms < WAIT_MS; ms += 50) {
		got = pg_server_ask(statement);
		if (strcmp(got, want) == 0)
			return;
		poll(NULL, 0, 50);
	}
	ck_abort_msg("%s\nwanted: %s\ngot:    %s", statement, want, got);
}

void
sip_bed_told(const char *caller, const char *want)
{
	sip_bed_until("ended",
	    "SELECT string_agg(state, ' ') FROM call WHERE caller = '%s'",
	    caller);
	sip_bed_until(want,
	    "SELECT string_agg(kind || coalesce('@' || device, '') ||"
	    " coalesce('/' || cause, '') || coalesce('/' || party, ''), ' '"
	    " ORDER BY seq) FROM call_event WHERE call_id ="
	    " (SELECT id FROM call WHERE caller = '%s')",
	    caller);
}

void
sip_bed_until_told(const char *caller, const char *kind)
{
	sip_bed_until("1",
	    "SELECT sign(count(*))::int FROM call_event WHERE kind = '%s' AND"
	    " call_id = (SELECT id FROM call WHERE caller = '%s')",
	    kind, caller);
}

void
sip_bed_outcome(const char *caller, const char *want)
{
	sip_bed_until(want,
	    "SELECT o.outcome || ' ' || coalesce(t.status, 'none') FROM call c"
	    " JOIN call_outcome o USING (id) LEFT JOIN ticket t"
	    " ON t.call_id = c.id WHERE c.caller = '%s'",
	    caller);
}
