/*
 * cmd_queue.c - `mashang queue': the queues as they stand.
 */
#include "client/ask.h"
#include "client/cmd.h"
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
	{ .name = NULL }
};

const struct cmd cmd_queue = { .name = "queue",
	.args = "COMMAND ...",
	.help = N_("queues"),
	.sub = subs };
