/*
 * cmd_why.c - `mashang why': what stands behind a ticket's deadlines.
 */
#include <stdio.h>
#include <string.h>

#include "client/ask.h"
#include "client/clock_text.h"
#include "client/cmd.h"
#include "client/cmd_ticket.h"
#include "client/fmt.h"
#include "client/i18n.h"
#include "client/listing.h"

struct asking {
	struct ask *ask;
	char where[40]; /* ticket=NUMBER */
	bool json;
};

/* `page' NULL: as a table. */
static int
list(struct asking *a, const char *what,
    void (*page)(void *, const Mashang__Page *), void *arg)
{
	char where[sizeof(a->where)], *words[] = { where };
	struct listing_query q = { .what = what,
		.where = words,
		.n_where = 1,
		.json = a->json,
		.page = a->json ? NULL : page,
		.arg = arg };

	memcpy(where, a->where, sizeof(where));
	return listing_run(a->ask, &q);
}

static void
title(const struct asking *a, const char *text)
{
	if (!a->json)
		printf("\n%s\n", text);
}

static int
say_outcome(const struct why_text *w)
{
	if (w->clocks == 0)
		printf("  %s\n", _("It has no clocks."));
	else if (w->differ == 0)
		printf("%s\n", _("Every deadline, computed again from the "
				 "history, equals the one recorded."));
	return w->differ == 0 ? EXIT_OK : EXIT_REFUSED;
}

static int
explain(struct asking *a)
{
	struct why_text w = { .out = stdout };
	int code, outcome = EXIT_OK;

	title(a, _("Clocks"));
	if ((code = list(a, "why", why_text_page, &w)) != EXIT_OK)
		return code;
	if (!a->json)
		outcome = say_outcome(&w);
	title(a, _("Policies, in order: the first that holds counts"));
	if ((code = list(a, "policies", NULL, NULL)) != EXIT_OK)
		return code;
	title(a, _("Who held it"));
	if ((code = list(a, "shares", NULL, NULL)) != EXIT_OK)
		return code;
	return outcome;
}

static int
why(const struct options *o, int argc, char **argv)
{
	struct asking a = { .json = o->json };
	char buf[FMT_ROOM];
	uint64_t number;
	int code = ticket_join_number(argc, argv, &number);

	if (code != EXIT_OK)
		return code;
	snprintf(a.where, sizeof(a.where), "ticket=%llu",
	    (unsigned long long)number);
	code = ask_open(o, &a.ask);
	if (code == EXIT_OK && !o->json)
		printf(_("Ticket %s\n"), fmt_ticket(number, buf));
	if (code == EXIT_OK)
		code = explain(&a);
	ask_close(&a.ask);
	return code;
}

const struct cmd cmd_why = { .name = "why",
	.args = "NUMBER",
	.help = N_("what stands behind a ticket's deadlines"),
	.more =
	    N_("Every stretch that counted or did not, every pause, the "
	       "policies and why they hold, who held the ticket.  The exit "
	       "code is 1 if a deadline is recorded otherwise than it comes "
	       "out."),
	.run = why,
	.min_args = 1,
	.max_args = 6 };
