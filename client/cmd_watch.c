/*
 * cmd_watch.c - `mashang watch': the supervisor's board as plain text.
 */
#include <stdio.h>
#include <unistd.h>

#include "base/err.h"
#include "client/ask.h"
#include "client/cmd.h"
#include "client/i18n.h"
#include "client/listing.h"

static const struct {
	const char *what, *title;
} boards[] = {
	{ "queues", N_("Queues") },
	{ "agents", N_("Agents") },
	{ "calls", N_("Calls") },
};

static int
print_boards(struct ask *a, const struct options *o)
{
	for (size_t i = 0; i < NELEM(boards); i++) {
		struct listing_query q = { .what = boards[i].what,
			.json = o->json };
		int code;

		if (!o->json)
			printf("%s%s\n", i > 0 ? "\n" : "", _(boards[i].title));
		if ((code = listing_run(a, &q)) != EXIT_OK)
			return code;
	}
	return fflush(stdout) == 0 ? EXIT_OK : EXIT_LOCAL;
}

static int
watch(const struct options *o, int argc, char **argv)
{
	bool screen = isatty(STDOUT_FILENO) && !o->json && !o->once;
	struct ask *a;
	int code = ask_open(o, &a);

	(void)argc;
	(void)argv;
	while (code == EXIT_OK) {
		if (screen)
			fputs("\033[H\033[2J", stdout);
		code = print_boards(a, o);
		if (o->once)
			break;
		if (code == EXIT_OK)
			code = ask_pause(a, o->every_s);
	}
	ask_close(&a);
	return code;
}

static const struct opt opts[] = { { "once", OPT_FLAG, NULL,
				       N_("print it once and end"),
				       offsetof(struct options, once), 0, 0 },
	{ "every", OPT_NUMBER, N_("SECONDS"), N_("how often (default 2)"),
	    offsetof(struct options, every_s), 1, 3600 },
	{ NULL, OPT_FLAG, NULL, NULL, 0, 0, 0 } };

const struct cmd cmd_watch = { .name = "watch",
	.args = "[--once] [--every SECONDS]",
	.help = N_("queues, agents and calls, as they stand"),
	.run = watch,
	.opts = opts };
