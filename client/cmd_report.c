/*
 * cmd_report.c - `mashang report': figures over many tickets.
 */
#include "client/ask.h"
#include "client/cmd.h"
#include "client/i18n.h"
#include "client/listing.h"

static int
calibration(const struct options *o, int argc, char **argv)
{
	struct listing_query q = { .what = "calibration", .json = o->json };
	struct ask *a;
	int code = ask_open(o, &a);

	(void)argc;
	(void)argv;
	if (code == EXIT_OK)
		code = listing_run(a, &q);
	ask_close(&a);
	return code;
}

static const struct cmd subs[] = {
	{ .name = "calibration",
	    .args = "",
	    .help = N_("of clocks told a chance of breach, how many broke"),
	    .run = calibration },
	{ .name = NULL }
};

const struct cmd cmd_report = { .name = "report",
	.args = "COMMAND ...",
	.help = N_("figures"),
	.sub = subs };
