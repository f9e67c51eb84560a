/*
 * cmd_customer.c - `mashang customer': who does not want to be called.
 */
#include <stdio.h>

#include "base/err.h"
#include "client/ask.h"
#include "client/cmd.h"
#include "client/fmt.h"
#include "client/i18n.h"
#include "client/json.h"
#include "client/listing.h"
#include "client/when.h"

static int
list(const struct options *o, int argc, char **argv)
{
	struct listing_query q = { .what = "do_not_call",
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
done_cb(void *arg, const Mashang__Envelope *reply)
{
	(void)arg;
	return reply->body_case == MASHANG__ENVELOPE__BODY_DONE ? EXIT_OK
	                                                        : EXIT_REFUSED;
}

static int
get_until(struct ask *a, const char *word, int64_t *at)
{
	enum err e;

	if (word == NULL ||
	    (e = when_parse(word, ask_began_at(a), at)) == ERR_OK)
		return EXIT_OK;
	fputs("mashang: ", stderr);
	when_complain(stderr, e, word, *at);
	return EXIT_USAGE;
}

static int
set(const struct options *o, const char *number, bool remove)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__DoNotCall m = MASHANG__DO_NOT_CALL__INIT;
	struct ask *a;
	int code = ask_open(o, &a);

	m.number = fmt_data(number);
	m.reason = fmt_data(o->reason);
	m.remove = remove;
	e.body_case = MASHANG__ENVELOPE__BODY_DO_NOT_CALL;
	e.do_not_call = &m;
	if (code == EXIT_OK)
		code = get_until(a, o->until, &m.until_at);
	if (code == EXIT_OK)
		code = ask_for(a, &e, done_cb, NULL);
	if (code == EXIT_OK && o->json)
		json_line(stdout, json_pack("{s:s, s:b}", "number", number,
				      "do_not_call", !remove));
	else if (code == EXIT_OK)
		puts(remove ? _("Noted: may be called again.")
			    : _("Noted: will not be called."));
	ask_close(&a);
	return code;
}

static int
add(const struct options *o, int argc, char **argv)
{
	(void)argc;
	return set(o, argv[0], false);
}

static int
take_away(const struct options *o, int argc, char **argv)
{
	(void)argc;
	return set(o, argv[0], true);
}

#define OPT(field) offsetof(struct options, field)
static const struct opt list_opts[] = { { "limit", OPT_NUMBER, N_("ROWS"),
					    N_("at most so many"), OPT(limit),
					    1, 1000000 },
	{ NULL, OPT_FLAG, NULL, NULL, 0, 0, 0 } };
static const struct opt add_opts[] = { { "reason", OPT_TEXT, N_("TEXT"),
					   N_("why"), OPT(reason), 0, 0 },
	{ "until", OPT_TEXT, N_("TIME"),
	    N_("only until then; left out: for good"), OPT(until), 0, 0 },
	{ NULL, OPT_FLAG, NULL, NULL, 0, 0, 0 } };

static const struct cmd do_not_call[] = {
	{ .name = "list",
	    .args = "[number=NUMBER]",
	    .help = N_("who does not want to be called"),
	    .run = list,
	    .opts = list_opts,
	    .max_args = 1 },
	{ .name = "add",
	    .args = "NUMBER",
	    .help = N_("this number does not want to be called"),
	    .run = add,
	    .opts = add_opts,
	    .min_args = 1,
	    .max_args = 1 },
	{ .name = "remove",
	    .args = "NUMBER",
	    .help = N_("it may be called again; by supervisors only"),
	    .run = take_away,
	    .min_args = 1,
	    .max_args = 1 },
	{ .name = NULL }
};

static const struct cmd subs[] = { { .name = "do-not-call",
				       .args = "COMMAND ...",
				       .help = N_(
					   "numbers that agents cannot dial"),
				       .sub = do_not_call },
	{ .name = NULL } };

const struct cmd cmd_customer = { .name = "customer",
	.args = "COMMAND ...",
	.help = N_("customers"),
	.sub = subs };
