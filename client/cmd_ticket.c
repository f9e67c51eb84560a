/*
 * cmd_ticket.c - `mashang ticket': open, show, list, write into tickets.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "client/ask.h"
#include "client/cmd_ticket.h"
#include "client/fmt.h"
#include "client/i18n.h"
#include "client/json.h"
#include "client/listing.h"
#include "client/ticket_text.h"
#include "client/typed.h"
#include "client/words.h"

struct printer {
	bool json;
	uint64_t number;
};

int
ticket_get_number(const char *word, uint64_t *number)
{
	char clean[64];

	if (typed_number(word, number))
		return EXIT_OK;
	text_clean(str_of(word), false, clean, sizeof(clean));
	return cmd_usage(
	    _("`%s' is not a ticket's number: digits only."), clean);
}

/* Say what became of an action: saved, or only taken. */
static int
report(struct ask *a, const struct printer *p)
{
	int code = ask_until_saved(a);
	char buf[FMT_ROOM];

	if (code != EXIT_OK && code != EXIT_UNSAVED)
		return code;
	if (p->json)
		json_line(stdout,
		    json_pack("{s:I, s:b}", "number", (json_int_t)p->number,
			"saved", code == EXIT_OK));
	else
		printf(code == EXIT_OK ? _("Ticket %s: saved.\n")
				       : _("Ticket %s: taken, but not yet "
					   "saved; look again later.\n"),
		    fmt_ticket(p->number, buf));
	return code;
}

static int
done_cb(void *arg, const Mashang__Envelope *reply)
{
	struct printer *p = arg;

	if (reply->body_case == MASHANG__ENVELOPE__BODY_DONE &&
	    reply->done->number != 0)
		p->number = reply->done->number;
	return EXIT_OK;
}

int
ticket_act(struct ask *a, const struct options *o, Mashang__Envelope *e,
    uint64_t number)
{
	struct printer p = { o->json, number };
	int code = ask_for(a, e, done_cb, &p);

	return code == EXIT_OK ? report(a, &p) : code;
}

static int
send_action(const struct options *o, Mashang__Envelope *e, uint64_t number)
{
	struct ask *a;
	int code = ask_open(o, &a);

	if (code == EXIT_OK)
		code = ticket_act(a, o, e, number);
	ask_close(&a);
	return code;
}

int
ticket_get_kind(const char *name, Mashang__TicketKind *out)
{
	const struct word *w;

	*out = MASHANG__TICKET_KIND__CONSULTATION;
	if (name == NULL)
		return EXIT_OK;
	if ((w = word_find(words_kind, name)) == NULL)
		return cmd_usage(
		    _("--kind is one of: consultation, service_request, "
		      "complaint, incident, appointment, praise, suggestion"));
	*out = (Mashang__TicketKind)w->value;
	return EXIT_OK;
}

static int
ticket_new(const struct options *o, int argc, char **argv)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__TicketNew t = MASHANG__TICKET_NEW__INIT;
	int code = ticket_get_kind(o->kind, &t.kind);

	(void)argc;
	if (code != EXIT_OK)
		return code;
	if (*argv[0] == '\0')
		return cmd_usage(_("a ticket needs a subject"));
	t.subject = fmt_data(argv[0]);
	t.caller = fmt_data(o->caller);
	t.queue = fmt_data(o->queue);
	t.note = fmt_data(o->note);
	e.body_case = MASHANG__ENVELOPE__BODY_TICKET_NEW;
	e.ticket_new = &t;
	return send_action(o, &e, 0);
}

static int
ticket_note(const struct options *o, int argc, char **argv)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__TicketNote t = MASHANG__TICKET_NOTE__INIT;
	int code = ticket_get_number(argv[0], &t.number);

	(void)argc;
	if (code != EXIT_OK)
		return code;
	t.text = fmt_data(argv[1]);
	t.for_customer = o->for_customer;
	e.body_case = MASHANG__ENVELOPE__BODY_TICKET_NOTE;
	e.ticket_note = &t;
	return send_action(o, &e, t.number);
}

static int
show_cb(void *arg, const Mashang__Envelope *reply)
{
	struct printer *p = arg;

	if (reply->body_case != MASHANG__ENVELOPE__BODY_TICKET)
		return EXIT_REFUSED;
	if (p->json)
		json_line(stdout, ticket_json(reply->ticket));
	else
		ticket_text(stdout, reply->ticket);
	return EXIT_OK;
}

int
ticket_join_number(int argc, char **argv, uint64_t *number)
{
	char all[64] = "";
	size_t len = 0;

	for (int i = 0; i < argc; i++) {
		len += (size_t)snprintf(
		    all + len, sizeof(all) - len, "%s", argv[i]);
		if (len >= sizeof(all))
			return ticket_get_number("", number);
	}
	return ticket_get_number(all, number);
}

static int
ticket_show(const struct options *o, int argc, char **argv)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__TicketShow t = MASHANG__TICKET_SHOW__INIT;
	struct printer p = { o->json, 0 };
	struct ask *a = NULL;
	int code = ticket_join_number(argc, argv, &t.number);

	if (code != EXIT_OK)
		return code;
	e.body_case = MASHANG__ENVELOPE__BODY_TICKET_SHOW;
	e.ticket_show = &t;
	code = ask_open(o, &a);
	if (code == EXIT_OK)
		code = ask_for(a, &e, show_cb, &p);
	ask_close(&a);
	return code;
}

static int
ticket_list(const struct options *o, int argc, char **argv)
{
	struct listing_query q = { .what = "tickets",
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
ticket_due(const struct options *o, int argc, char **argv)
{
	struct listing_query q = {
		.what = "clocks", .limit = o->limit, .json = o->json
	};
	struct ask *a;
	int code = ask_open(o, &a);

	(void)argc;
	(void)argv;
	if (code == EXIT_OK)
		code = listing_run(a, &q);
	ask_close(&a);
	return code;
}

static int
ticket_dials(const struct options *o, int argc, char **argv)
{
	char where[40], *list[] = { where };
	struct listing_query q = { .what = "dials",
		.where = list,
		.n_where = argc > 0,
		.limit = o->limit,
		.json = o->json };
	uint64_t number = 0;
	struct ask *a = NULL;
	int code = EXIT_OK;

	if (argc > 0)
		code = ticket_join_number(argc, argv, &number);
	snprintf(where, sizeof(where), "ticket=%" PRIu64, number);
	if (code == EXIT_OK)
		code = ask_open(o, &a);
	if (code == EXIT_OK)
		code = listing_run(a, &q);
	ask_close(&a);
	return code;
}

static int
ticket_work(const struct options *o, int argc, char **argv)
{
	char where[80], *list[] = { where };
	struct listing_query q = { .what = "work",
		.where = list,
		.n_where = argc > 0,
		.limit = o->limit,
		.json = o->json };
	struct ask *a = NULL;
	int code;

	snprintf(where, sizeof(where), "queue=%s", argc > 0 ? argv[0] : "");
	code = ask_open(o, &a);
	if (code == EXIT_OK)
		code = listing_run(a, &q);
	ask_close(&a);
	return code;
}

#define OPT(field) offsetof(struct options, field)
static const struct opt new_opts[] = {
	{ "kind", OPT_TEXT, N_("KIND"),
	    N_("consultation (default), service_request, complaint, incident, "
	       "appointment, praise, suggestion"),
	    OPT(kind), 0, 0 },
	{ "caller", OPT_TEXT, N_("NUMBER"), N_("the customer's telephone"),
	    OPT(caller), 0, 0 },
	{ "queue", OPT_TEXT, N_("QUEUE"), N_("whose work it is"), OPT(queue), 0,
	    0 },
	{ "note", OPT_TEXT, N_("TEXT"), N_("the first note"), OPT(note), 0, 0 },
	{ NULL, OPT_FLAG, NULL, NULL, 0, 0, 0 }
};
static const struct opt note_opts[] = { { "for-customer", OPT_FLAG, NULL,
					    N_("the customer may read it"),
					    OPT(for_customer), 0, 0 },
	{ NULL, OPT_FLAG, NULL, NULL, 0, 0, 0 } };
static const struct opt list_opts[] = { { "limit", OPT_NUMBER, N_("ROWS"),
					    N_("at most so many"), OPT(limit),
					    1, 1000000 },
	{ NULL, OPT_FLAG, NULL, NULL, 0, 0, 0 } };

/* clang-format off */
#define CHANGE(NAME, FN, ARGS, HELP, OPTS, MOST) \
	{ .name = NAME, .args = ARGS, .help = HELP, .run = FN, .opts = OPTS, \
	  .min_args = 1, .max_args = MOST }
static const struct cmd subs[] = {
	{ .name = "new", .args = "SUBJECT", .help = N_("open a ticket"),
	  .run = ticket_new, .opts = new_opts, .min_args = 1, .max_args = 1 },
	{ .name = "show", .args = "NUMBER",
	  .help = N_("all that stands in a ticket"),
	  .run = ticket_show, .min_args = 1, .max_args = 6 },
	{ .name = "list", .args = "[KEY=VALUE...]",
	  .help = N_("tickets, the newest first"),
	  .run = ticket_list, .opts = list_opts, .max_args = 16 },
	{ .name = "due", .args = "",
	  .help = N_("clocks that run, the first due first"),
	  .run = ticket_due, .opts = list_opts },
	{ .name = "dials", .args = "[NUMBER]",
	  .help = N_("who was called about it, or about any, and reached"),
	  .run = ticket_dials, .opts = list_opts, .max_args = 6 },
	{ .name = "work", .args = "[QUEUE]",
	  .help = N_("work without a call that waits or is taken, in order"),
	  .run = ticket_work, .opts = list_opts, .max_args = 1 },
	{ .name = "note", .args = "NUMBER TEXT",
	  .help = N_("write into a ticket"),
	  .run = ticket_note, .opts = note_opts, .min_args = 2, .max_args = 2 },
	CHANGE("acknowledge", ticket_acknowledge, "NUMBER",
	    N_("the customer has been told its number"), ticket_text_opts, 1),
	CHANGE("assign", ticket_assign, "NUMBER --owner LOGIN",
	    N_("give it to somebody, to a queue, or to both"),
	    ticket_assign_opts, 1),
	CHANGE("pend-customer", ticket_pend_customer, "NUMBER TIME -m TEXT",
	    N_("it waits for the customer, until TIME at most"),
	    ticket_until_opts, 3),
	CHANGE("pend-third-party", ticket_pend_third_party,
	    "NUMBER TIME -m TEXT",
	    N_("it waits for others, until TIME at most"),
	    ticket_until_opts, 3),
	CHANGE("schedule", ticket_schedule, "NUMBER TIME",
	    N_("an appointment is made"), ticket_until_opts, 3),
	CHANGE("resume", ticket_resume, "NUMBER",
	    N_("the waiting is over"), ticket_text_opts, 1),
	CHANGE("arrive", ticket_arrive, "NUMBER",
	    N_("somebody is on site"), ticket_text_opts, 1),
	CHANGE("resolve", ticket_resolve, "NUMBER -m TEXT",
	    N_("it is solved, and how"), ticket_text_opts, 1),
	CHANGE("close", ticket_close, "NUMBER",
	    N_("it is over; unresolved: by supervisors only"),
	    ticket_text_opts, 1),
	CHANGE("reopen", ticket_reopen, "NUMBER -m TEXT",
	    N_("it was not solved after all"), ticket_text_opts, 1),
	CHANGE("cancel", ticket_cancel, "NUMBER -m TEXT",
	    N_("it should not have been; by supervisors only"),
	    ticket_text_opts, 1),
	CHANGE("change", ticket_change, "NUMBER --priority 1-5",
	    N_("its kind, category, priority"), ticket_describe_opts, 1),
	CHANGE("promise", ticket_promise, "NUMBER TIME -m TEXT",
	    N_("promise the customer something by TIME"),
	    ticket_until_opts, 3),
	CHANGE("keep", ticket_keep, "NUMBER",
	    N_("the promise is kept"), ticket_text_opts, 1),
	CHANGE("follow-up", ticket_follow_up, "NUMBER -m TEXT",
	    N_("the customer was called back after the solution"),
	    ticket_text_opts, 1),
	CHANGE("contact", ticket_contact, "NUMBER -m TEXT",
	    N_("the customer has asked again"), ticket_text_opts, 1),
	{ .name = NULL }
};
/* clang-format on */

const struct cmd cmd_ticket = { .name = "ticket",
	.args = "COMMAND ...",
	.help = N_("tickets"),
	.sub = subs };
