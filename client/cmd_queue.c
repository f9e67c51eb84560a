/*
 * cmd_queue.c - `mashang queue': the queues as they stand.
 */
#include "client/ask.h"
#include "client/cmd.h"
#include "client/cmd_supervise.h"
#include "client/i18n.h"
#include "client/listing.h"

static int
queue_list(const struct options *o, int argc, char **argv)
{
	struct listing_query q = { .what = "queues",
		.where = argv,
		.n_where = argc,
		.json = o->json };
	struct ask *a;
	int code = ask_open(o, &a);

	if (code == EXIT_OK)
		code = listing_run(a, &q);
	ask_close(&a);
	return code;
}

static const struct cmd subs[] = {
	{ .name = "list",
	    .args = "[KEY=VALUE...]",
	    .help = N_("who waits, who is ready, in each queue"),
	    .run = queue_list,
	    .max_args = 16 },
	{ .name = "open",
	    .args = "QUEUE",
	    .help = N_("let callers in again"),
	    .run = queue_open,
	    .opts = supervise_opts,
	    .min_args = 1,
	    .max_args = 1 },
	{ .name = "drain",
	    .args = "QUEUE",
	    .help = N_("let nobody in; who waits is served"),
	    .run = queue_drain,
	    .opts = supervise_opts,
	    .min_args = 1,
	    .max_args = 1 },
	{ .name = "close",
	    .args = "QUEUE",
	    .help = N_("let nobody in, and send on who waits, as the "
		       "queue's rule `closed' says"),
	    .run = queue_close,
	    .opts = supervise_opts,
	    .min_args = 1,
	    .max_args = 1 },
	{ .name = NULL }
};

const struct cmd cmd_queue = { .name = "queue",
	.args = "COMMAND ...",
	.help = N_("queues: look, open, close"),
	.sub = subs };
