/*
 * cmd_change.c - `mashang ticket acknowledge' … `contact'.
 *
 * Which change needs what is the daemon's to say; here a time is understood,
 * since that is local.
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "client/ask.h"
#include "client/cmd_ticket.h"
#include "client/fmt.h"
#include "client/i18n.h"
#include "client/when.h"

#define TIME_LEN 80

/* A time may be two words, `tomorrow 09:30', or stand behind --until. */
static int
join_time(const struct options *o, int argc, char **argv, char out[TIME_LEN])
{
	size_t n = 0;

	out[0] = '\0';
	if (o->until != NULL && argc > 0)
		return cmd_usage(_("one time is enough: give it as words or "
				   "by --until"));
	if (o->until != NULL)
		n = (size_t)snprintf(out, TIME_LEN, "%s", o->until);
	for (int i = 0; i < argc && n < TIME_LEN; i++)
		n += (size_t)snprintf(
		    out + n, TIME_LEN - n, "%s%s", i > 0 ? " " : "", argv[i]);
	return n < TIME_LEN ? EXIT_OK : cmd_usage(_("that is not a time"));
}

static int
get_time(struct ask *a, const char *word, int64_t *at)
{
	enum err e;

	*at = 0;
	if (*word == '\0') /* the daemon knows whether one is needed */
		return EXIT_OK;
	if ((e = when_parse(word, ask_began_at(a), at)) == ERR_OK)
		return EXIT_OK;
	fputs("mashang: ", stderr);
	when_complain(stderr, e, word, *at);
	return EXIT_USAGE;
}

static int
fill(const struct options *o, Mashang__TicketChange *c)
{
	int code = EXIT_OK;

	c->expect = (uint32_t)o->expect;
	c->text = fmt_data(o->text);
	c->queue = fmt_data(o->queue);
	c->owner = fmt_data(o->owner);
	c->category = fmt_data(o->category);
	c->priority = (uint32_t)o->priority;
	c->for_customer = o->for_customer;
	if (o->kind != NULL)
		code = ticket_get_kind(o->kind, &c->ticket_kind);
	return code;
}

static int
change(Mashang__TicketChangeKind kind, const struct options *o, int argc,
    char **argv)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__TicketChange c = MASHANG__TICKET_CHANGE__INIT;
	char time[TIME_LEN];
	struct ask *a = NULL;
	int code = ticket_get_number(argv[0], &c.number);

	c.change = kind;
	e.body_case = MASHANG__ENVELOPE__BODY_TICKET_CHANGE;
	e.ticket_change = &c;
	if (code != EXIT_OK || (code = fill(o, &c)) != EXIT_OK ||
	    (code = join_time(o, argc - 1, argv + 1, time)) != EXIT_OK)
		return code;
	code = ask_open(o, &a);
	if (code == EXIT_OK)
		code = get_time(a, time, &c.until_at);
	if (code == EXIT_OK)
		code = ticket_act(a, o, &e, c.number);
	ask_close(&a);
	return code;
}

#define RUN(NAME, name)                                                      \
	int ticket_##name(const struct options *o, int argc, char **argv)    \
	{                                                                    \
		return change(MASHANG__TICKET_CHANGE_KIND__TICKET_##NAME, o, \
		    argc, argv);                                             \
	}
TICKET_CHANGES(RUN)

/* clang-format off */
#define OPT(field) offsetof(struct options, field)
#define TEXT_OPTS \
	{ "text", OPT_TEXT, N_("TEXT"), \
	  N_("what there is to say; -m is short for it"), OPT(text), 0, 0 }, \
	{ "for-customer", OPT_FLAG, NULL, N_("the customer may read it"), \
	  OPT(for_customer), 0, 0 }, \
	{ "expect", OPT_NUMBER, N_("SEQ"), \
	  N_("only if its history's last is still this"), \
	  OPT(expect), 1, INT32_MAX }
#define END { NULL, OPT_FLAG, NULL, NULL, 0, 0, 0 }

const struct opt ticket_text_opts[] = { TEXT_OPTS, END };
const struct opt ticket_until_opts[] = {
	{ "until", OPT_TEXT, N_("TIME"),
	  N_("17:00, tomorrow 09:30, +4h, 2026-11-24 17:00"), OPT(until), 0,
	  0 },
	TEXT_OPTS, END
};
const struct opt ticket_assign_opts[] = {
	{ "owner", OPT_TEXT, N_("LOGIN"), N_("whose it is; -: nobody's"),
	  OPT(owner), 0, 0 },
	{ "queue", OPT_TEXT, N_("QUEUE"), N_("whose work it is"), OPT(queue), 0,
	  0 },
	TEXT_OPTS, END
};
const struct opt ticket_describe_opts[] = {
	{ "kind", OPT_TEXT, N_("KIND"),
	  N_("consultation, service_request, complaint, incident, "
	     "appointment, praise, suggestion"),
	  OPT(kind), 0, 0 },
	{ "category", OPT_TEXT, N_("CATEGORY"), N_("what it is about"),
	  OPT(category), 0, 0 },
	{ "priority", OPT_NUMBER, N_("1-5"), N_("1 is the highest"),
	  OPT(priority), 1, 5 },
	TEXT_OPTS, END
};
/* clang-format on */
