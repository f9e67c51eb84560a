/*
 * cmd_why.c - `mashang why', `mashang why-not': what stands behind a ticket's
 * deadlines, and behind the way of a call.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/ask.h"
#include "client/clock_text.h"
#include "client/cmd.h"
#include "client/cmd_ticket.h"
#include "client/fmt.h"
#include "client/i18n.h"
#include "client/listing.h"
#include "client/why_text.h"

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
why_ticket(const struct options *o, int argc, char **argv)
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

/* ------------------------------------------------------------------ of calls */

#define ID_DIGITS 32
#define WHERE_ROOM 320

/* A ticket's number has digits, perhaps in groups; nothing else has. */
static bool
is_ticket(int argc, char **argv)
{
	size_t digits = 0;

	for (int i = 0; i < argc; i++) {
		if (argv[i][strspn(argv[i], "0123456789-")] != '\0')
			return false;
		digits += strlen(argv[i]);
	}
	return digits > 0 && digits < ID_DIGITS;
}

static void
call_cb(void *arg, const Mashang__Page *p)
{
	why_story_call(arg, p);
}

static void
decisions_cb(void *arg, const Mashang__Page *p)
{
	why_story_decisions(arg, p);
}

struct why_not {
	const char *title, *agent;
	size_t rows;
};

static void
why_not_cb(void *arg, const Mashang__Page *p)
{
	struct why_not *w = arg;

	if (w->rows == 0 && p->n_rows > 0)
		printf("%s\n%s\n", w->title, w->agent);
	w->rows += p->n_rows;
	why_not_print(stdout, p);
}

static int
ask_list(struct asking *a, struct listing_query *q, char *const *words, int n)
{
	char *where[2] = { words[0], n > 1 ? words[1] : NULL };

	q->where = where;
	q->n_where = n;
	q->json = a->json;
	return listing_run(a->ask, q);
}

/* Which one is meant: its head, which both say first.  The id comes from it. */
static int
find_call(struct asking *a, const char *key, const char *word,
    struct why_story *s, bool shown)
{
	struct listing_query q = {
		.what = "why_call", .page = call_cb, .arg = s
	};
	char text[WHERE_ROOM], *where[] = { text };
	int code;

	if (snprintf(text, sizeof(text), "%s=%s", key, word) >=
	    (int)sizeof(text))
		return cmd_usage(_("that is too long to be sent"));
	code = ask_list(a, &q, where, 1);
	if (code == EXIT_OK && a->json && shown) {
		q.page = NULL;
		code = ask_list(a, &q, where, 1);
	}
	if (code == EXIT_OK && s->call[0] == '\0') {
		fprintf(stderr, "mashang: %s\n",
		    strcmp(key, "agent") == 0
			? _("That agent has had no call.")
			: _("No call of that name is known.  `mashang call "
			    "list' shows those that live."));
		return EXIT_REFUSED;
	}
	return code;
}

static int
tell_story(struct asking *a, struct why_story *s)
{
	struct listing_query q = { .what = "decisions",
		.page = a->json ? NULL : decisions_cb,
		.arg = s };
	char text[WHERE_ROOM], *where[] = { text };
	int code;

	snprintf(text, sizeof(text), "call=%s", s->call);
	code = ask_list(a, &q, where, 1);
	if (code == EXIT_OK && !a->json)
		why_story_print(stdout, s);
	return code;
}

static int
why_call(const struct options *o, const char *key, const char *word)
{
	struct asking a = { .json = o->json };
	struct why_story *s = calloc(1, sizeof(*s));
	int code = s != NULL ? ask_open(o, &a.ask) : EXIT_LOCAL;

	if (code == EXIT_OK)
		code = find_call(&a, key, word, s, true);
	if (code == EXIT_OK)
		code = tell_story(&a, s);
	ask_close(&a.ask);
	if (s != NULL)
		why_story_free(s);
	free(s);
	return code;
}

static int
why(const struct options *o, int argc, char **argv)
{
	if (o->call != NULL && argc == 0)
		return why_call(o, "call", o->call);
	if (o->agent != NULL && argc == 0)
		return why_call(o, "agent", o->agent);
	if (argc == 0 || o->call != NULL || o->agent != NULL)
		return cmd_usage(_("a ticket's number, a call, or --agent NAME "
				   "for the last call of that agent"));
	if (is_ticket(argc, argv))
		return why_ticket(o, argc, argv);
	if (argc > 1)
		return cmd_usage(_("one call, please"));
	return why_call(o, "call", argv[0]);
}

static int
print_why_not(struct asking *a, const struct why_story *s, const char *agent)
{
	struct why_not w = { s->title, agent, 0 };
	struct listing_query q = { .what = "why_not",
		.page = a->json ? NULL : why_not_cb,
		.arg = &w };
	char call[WHERE_ROOM], whom[WHERE_ROOM], *where[] = { call, whom };
	int code;

	snprintf(call, sizeof(call), "call=%s", s->call);
	if (snprintf(whom, sizeof(whom), "agent=%s", agent) >=
	    (int)sizeof(whom))
		return cmd_usage(_("that is too long to be sent"));
	code = ask_list(a, &q, where, 2);
	if (code == EXIT_OK && !a->json && w.rows == 0)
		printf("%s\n%s\n  %s\n", s->title, agent,
		    _("it has not waited for anybody"));
	return code;
}

static int
why_not(const struct options *o, int argc, char **argv)
{
	struct asking a = { .json = o->json };
	struct why_story *s = calloc(1, sizeof(*s));
	int code = s != NULL ? ask_open(o, &a.ask) : EXIT_LOCAL;

	(void)argc;
	if (code == EXIT_OK)
		code = find_call(&a, "call", argv[0], s, false);
	if (code == EXIT_OK)
		code = print_why_not(&a, s, argv[1]);
	ask_close(&a.ask);
	if (s != NULL)
		why_story_free(s);
	free(s);
	return code;
}

#define OPT(field) offsetof(struct options, field)
static const struct opt why_opts[] = { { "call", OPT_TEXT, N_("NAME"),
					   N_("the switch's name for a call, "
					      "where it is all digits"),
					   OPT(call), 0, 0 },
	{ "agent", OPT_TEXT, N_("NAME"), N_("the last call of that agent"),
	    OPT(agent), 0, 0 },
	{ NULL, OPT_FLAG, NULL, NULL, 0, 0, 0 } };

const struct cmd cmd_why = { .name = "why",
	.args = "NUMBER|CALL",
	.help = N_("what stands behind a ticket's deadlines, or a call's way"),
	.more =
	    N_("Of a ticket, by its number: every stretch that counted or did "
	       "not, every pause, the policies and why they hold, who held "
	       "the ticket.  The exit code is 1 if a deadline is recorded "
	       "otherwise than it comes out.  Of a call, by its id or the "
	       "switch's name for it: where it waited and why, who was "
	       "offered it and why, how each offer ended."),
	.run = why,
	.opts = why_opts,
	.max_args = 6 };

const struct cmd cmd_why_not = { .name = "why-not",
	.args = "CALL AGENT",
	.help = N_("why an agent did not get a call"),
	.more = N_("For each stretch of the time that the call waited, the "
		   "first rule that kept the agent from it; what an agent is "
		   "and has is taken from today's configuration."),
	.run = why_not,
	.min_args = 2,
	.max_args = 2 };
