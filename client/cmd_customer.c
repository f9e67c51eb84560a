/*
 * cmd_customer.c - `mashang customer': who they are, and who does not want to be
 * called.
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
list_of(const char *what, const struct options *o, int argc, char **argv)
{
	struct listing_query q = { .what = what,
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
list(const struct options *o, int argc, char **argv)
{
	return list_of("do_not_call", o, argc, argv);
}

static int
customers(const struct options *o, int argc, char **argv)
{
	return list_of("customers", o, argc, argv);
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

static int
write_down(const struct options *o, int argc, char **argv)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__CustomerSet m = MASHANG__CUSTOMER_SET__INIT;
	struct ask *a;
	int code = ask_open(o, &a);

	(void)argc;
	m.number = fmt_data(argv[0]);
	m.name = fmt_data(o->customer.name);
	m.grade = fmt_data(o->customer.grade);
	m.account_manager = fmt_data(o->customer.manager);
	e.body_case = MASHANG__ENVELOPE__BODY_CUSTOMER_SET;
	e.customer_set = &m;
	if (code == EXIT_OK)
		code = ask_for(a, &e, done_cb, NULL);
	if (code == EXIT_OK && o->json)
		json_line(stdout, json_pack("{s:s}", "number", argv[0]));
	else if (code == EXIT_OK)
		puts(_("Written down."));
	ask_close(&a);
	return code;
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

static const struct opt set_opts[] = { { "name", OPT_TEXT, N_("NAME"),
					   N_("who that is; -: not known"),
					   OPT(customer.name), 0, 0 },
	{ "grade", OPT_TEXT, N_("A-E"), N_("the customer's grade; -: none"),
	    OPT(customer.grade), 0, 0 },
	{ "manager", OPT_TEXT, N_("AGENT"),
	    N_("who looks after the account, and is asked first where a "
	       "queue's rules say so; -: nobody"),
	    OPT(customer.manager), 0, 0 },
	{ NULL, OPT_FLAG, NULL, NULL, 0, 0, 0 } };

static const struct cmd subs[] = { { .name = "list",
				       .args = "[number=NUMBER]",
				       .help = N_("customers, newest first"),
				       .run = customers,
				       .opts = list_opts,
				       .max_args = 1 },
	{ .name = "set",
	    .args = "NUMBER",
	    .help = N_("name, grade or account manager of who calls from it; "
		       "by supervisors"),
	    .run = write_down,
	    .opts = set_opts,
	    .min_args = 1,
	    .max_args = 1 },
	{ .name = "do-not-call",
	    .args = "COMMAND ...",
	    .help = N_("numbers that agents cannot dial"),
	    .sub = do_not_call },
	{ .name = NULL } };

const struct cmd cmd_customer = { .name = "customer",
	.args = "COMMAND ...",
	.help = N_("customers"),
	.sub = subs };
