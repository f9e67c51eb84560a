/*
 * cmd_ticket.c - `mashang ticket': open, show, list, write into tickets.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "client/ask.h"
#include "client/cmd.h"
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

static int
get_number(const char *word, uint64_t *number)
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

static int
send_action(const struct options *o, Mashang__Envelope *e, uint64_t number)
{
	struct printer p = { o->json, number };
	struct ask *a;
	int code = ask_open(o, &a);

	if (code == EXIT_OK)
		code = ask_for(a, e, done_cb, &p);
	if (code == EXIT_OK)
		code = report(a, &p);
	ask_close(&a);
	return code;
}

static int
get_kind(const char *name, Mashang__TicketKind *out)
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
	int code = get_kind(o->kind, &t.kind);

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
	int code = get_number(argv[0], &t.number);

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

/* A number may be given in groups, as it was told: each a word. */
static int
join_number(int argc, char **argv, uint64_t *number)
{
	char all[64] = "";
	size_t len = 0;

	for (int i = 0; i < argc; i++) {
		len += (size_t)snprintf(
		    all + len, sizeof(all) - len, "%s", argv[i]);
		if (len >= sizeof(all))
			return get_number("", number);
	}
	return get_number(all, number);
}

static int
ticket_show(const struct options *o, int argc, char **argv)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__TicketShow t = MASHANG__TICKET_SHOW__INIT;
	struct printer p = { o->json, 0 };
	struct ask *a = NULL;
	int code = join_number(argc, argv, &t.number);

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

static const struct cmd subs[] = { { .name = "new",
				       .args = "SUBJECT",
				       .help = N_("open a ticket"),
				       .run = ticket_new,
				       .opts = new_opts,
				       .min_args = 1,
				       .max_args = 1 },
	{ .name = "show",
	    .args = "NUMBER",
	    .help = N_("all that stands in a ticket"),
	    .run = ticket_show,
	    .min_args = 1,
	    .max_args = 6 },
	{ .name = "list",
	    .args = "[KEY=VALUE...]",
	    .help = N_("tickets, the newest first"),
	    .run = ticket_list,
	    .opts = list_opts,
	    .max_args = 16 },
	{ .name = "note",
	    .args = "NUMBER TEXT",
	    .help = N_("write into a ticket"),
	    .run = ticket_note,
	    .opts = note_opts,
	    .min_args = 2,
	    .max_args = 2 },
	{ .name = NULL } };

const struct cmd cmd_ticket = { .name = "ticket",
	.args = "COMMAND ...",
	.help = N_("tickets"),
	.sub = subs };
