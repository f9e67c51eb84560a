/*
 * cmd_call.c - `mashang call': the calls as they stand, and what a supervisor
 * may do to one.
 *
 * A call is named by its id, or by the agent who has it.  What is possible
 * with which stands in the list's column `can'; the daemon has the last word.
 */
#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "client/ask.h"
#include "client/cmd.h"
#include "client/cmd_supervise.h"
#include "client/fmt.h"
#include "client/i18n.h"
#include "client/listing.h"

#define OPT(field) offsetof(struct options, field)
#define ID_DIGITS 32

static int
call_list(const struct options *o, int argc, char **argv)
{
	struct listing_query q = { .what = "calls",
		.where = argv,
		.n_where = argc,
		.limit = o->limit,
		.json = o->json };
	struct ask *a;
	int code = ask_open(o, &a);

	if (code == EXIT_OK)
		code = listing_run(a, &q);
	ask_close(&a);
	return code;
}

static int
hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0'
	                            : tolower((unsigned char)c) - 'a' + 10;
}

/* 32 digits are an id; all else is somebody's name. */
static bool
take_id(const char *word, uint8_t id[16])
{
	if (strlen(word) != ID_DIGITS ||
	    strspn(word, "0123456789abcdefABCDEF") != ID_DIGITS)
		return false;
	for (size_t i = 0; i < 16; i++)
		id[i] = (uint8_t)(hex(word[2 * i]) << 4 | hex(word[2 * i + 1]));
	return true;
}

static int
done_cb(void *arg, const Mashang__Envelope *reply)
{
	const struct options *o = arg;

	(void)reply;
	puts(o->json ? "{\"done\":true}" : _("Done."));
	return EXIT_OK;
}

static int
control(Mashang__OrderKind kind, const struct options *o, const char *which)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__CallControl m = MASHANG__CALL_CONTROL__INIT;
	struct options copy = *o;
	uint8_t id[16];
	struct ask *a;
	int code;

	m.kind = kind;
	m.device = fmt_data(o->device);
	m.queue = fmt_data(o->queue);
	if (take_id(which, id))
		m.call_id = (ProtobufCBinaryData){ sizeof(id), id };
	else
		m.agent = fmt_data(which);
	if (o->agent != NULL)
		m.agent = fmt_data(o->agent);
	code = ask_open(o, &a);
	e.body_case = MASHANG__ENVELOPE__BODY_CALL_CONTROL;
	e.call_control = &m;
	if (code == EXIT_OK)
		code = ask_for(a, &e, done_cb, &copy);
	ask_close(&a);
	return code;
}

/* The supervisor's own phone is needed to listen with. */
static int
listen_in(Mashang__OrderKind kind, const struct options *o, const char *which)
{
	if (o->device == NULL)
		return cmd_usage(_("--device DEVICE: which phone do you listen "
				   "with?"));
	return control(kind, o, which);
}

/* The message has one place for an agent: whose call it is, or for whom. */
static int
let_wait(Mashang__OrderKind kind, const struct options *o, const char *which)
{
	uint8_t id[16];

	if (o->agent != NULL && !take_id(which, id))
		return cmd_usage(_("--agent NAME: name the call by its id, "
				   "as `mashang call list' shows it."));
	return control(kind, o, which);
}

#define RUN(NAME, name, how)                                                   \
	static int call_##name(const struct options *o, int argc, char **argv) \
	{                                                                      \
		(void)argc;                                                    \
		return how(MASHANG__ORDER_KIND__ORDER_##NAME, o, argv[0]);     \
	}
RUN(MONITOR, monitor, listen_in)
RUN(WHISPER, whisper, listen_in)
RUN(BARGE, barge, listen_in)
RUN(CLEAR, clear, control)
RUN(REQUEUE, requeue, let_wait)

/* clang-format off */
#define END { NULL, OPT_FLAG, NULL, NULL, 0, 0, 0 }
static const struct opt listen_opts[] = {
	{ "device", OPT_TEXT, N_("DEVICE"),
	  N_("your phone, as the switch calls it; it is rung"),
	  OPT(device), 0, 0 },
	END
};
static const struct opt requeue_opts[] = {
	{ "queue", OPT_TEXT, N_("QUEUE"),
	  N_("where it is to wait (default: in its own queue)"),
	  OPT(queue), 0, 0 },
	{ "agent", OPT_TEXT, N_("NAME"),
	  N_("for whom it is to wait: nobody else is offered it, until the "
	     "queue's time for that is over"),
	  OPT(agent), 0, 0 },
	END
};
static const struct opt list_opts[] = {
	{ "limit", OPT_NUMBER, N_("ROWS"), N_("at most so many"),
	  OPT(limit), 1, 1000000 },
	END
};

static const struct cmd subs[] = {
	{ .name = "list", .args = "[KEY=VALUE...]",
	  .help = N_("the calls that live, and what can be done with each"),
	  .run = call_list, .opts = list_opts, .max_args = 16 },
	{ .name = "monitor", .args = "CALL --device DEVICE",
	  .help = N_("hear a call; it is recorded who did"),
	  .run = call_monitor, .opts = listen_opts, .min_args = 1,
	  .max_args = 1 },
	{ .name = "whisper", .args = "CALL --device DEVICE",
	  .help = N_("be heard by its agent, too"),
	  .run = call_whisper, .opts = listen_opts, .min_args = 1,
	  .max_args = 1 },
	{ .name = "barge", .args = "CALL --device DEVICE",
	  .help = N_("be heard by everybody in it"),
	  .run = call_barge, .opts = listen_opts, .min_args = 1,
	  .max_args = 1 },
	{ .name = "clear", .args = "CALL", .help = N_("end a call"),
	  .run = call_clear, .min_args = 1, .max_args = 1 },
	{ .name = "requeue", .args = "CALL [--queue QUEUE] [--agent NAME]",
	  .help = N_("let it wait (again), with the time that it has waited"),
	  .run = call_requeue, .opts = requeue_opts, .min_args = 1,
	  .max_args = 1 },
	{ .name = "move", .args = "CALL --queue QUEUE",
	  .help = N_("let a call that waits wait in another queue"),
	  .run = call_move, .opts = supervise_move_opts, .min_args = 1,
	  .max_args = 1 },
	{ .name = "priority", .args = "CALL --credit SECONDS|--class N",
	  .help = N_("put a call that waits before others, or behind them"),
	  .run = call_priority, .opts = supervise_priority_opts,
	  .min_args = 1, .max_args = 1 },
	{ .name = "assign", .args = "CALL [AGENT]",
	  .help = N_("let it wait for one agent alone; without AGENT for all "
		     "again"),
	  .run = call_assign, .opts = supervise_opts, .min_args = 1,
	  .max_args = 2 },
	{ .name = "withdraw", .args = "CALL",
	  .help = N_("end a call that waits; it counts as withdrawn"),
	  .run = call_withdraw, .opts = supervise_opts, .min_args = 1,
	  .max_args = 1 },
	{ .name = NULL }
};
/* clang-format on */

const struct cmd cmd_call = { .name = "call",
	.args = "COMMAND ...",
	.help = N_("calls: look, listen, move, end"),
	.more = N_("CALL is a call's id, as `mashang call list' shows it, or "
		   "the log-in of the agent who has it; of a call that waits, "
		   "the switch's name for it."),
	.sub = subs };
