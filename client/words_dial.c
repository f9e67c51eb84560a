/*
 * words_dial.c - why somebody was not called, in words.
 */
#include "client/words_dial.h"

#include <stdlib.h>

#include "base/err.h"
#include "client/fmt.h"
#include "client/i18n.h"
#include "client/words.h"

/* The parameters behind `dial' and the rule. */
enum { SUBJECT, UNTIL, DETAIL, N_PARTS };

/* {1} whom, or which phone; {2} until when; {3} the detail. */
struct rule {
	const char *name, *what, *remedy;
	bool until; /* only where a time was sent */
};

/* clang-format off */
static const struct rule rules[] = {
	{ "agent_state", N_("You cannot call anybody now ({3})."),
	  N_("End what you have in hand first."), false },
	{ "not_connected", N_("The switch of phone {1} is not connected."),
	  N_("Try again when it is back."), false },
	{ "cannot", N_("The switch of phone {1} cannot be told to dial."),
	  N_("Dial on the phone itself."), false },
	{ "device_gone", N_("Phone {1} is not registered."),
	  N_("Look to its cable and its account, then try again."), false },
	{ "number", N_("`{1}' is not a number that can be dialled."),
	  N_("Write it with its area code, or with a plus and the country's "
	     "code. Emergency and short numbers are not dialled from here."),
	  false },
	{ "status", N_("Nobody is called about a ticket like this: {3}."),
	  N_("Reopen it; if it is closed, --followup is possible."), false },
	{ "no_number", N_("It is not known who called about this ticket."),
	  N_("Say whom to call: --to NUMBER."), false },
	{ "not_configured", N_("Nobody may be called yet."),
	  N_("An administrator adds `dialling:' to the file that "
	     "`mashang admin apply' reads."), false },
	{ "allow", N_("{1} may not be called from here."),
	  N_("Which numbers may be, stands under `dialling:' in the file that "
	     "`mashang admin apply' reads."), false },
	{ "do_not_call", N_("{1} does not want to be called before {2} ({3})."),
	  N_("Write, or wait until then."), true },
	{ "do_not_call", N_("{1} does not want to be called ({3})."),
	  N_("Write, or let a supervisor look at `mashang customer "
	     "do-not-call list'."), false },
	{ "cap", N_("{1} has been called {3} times within 24 hours."),
	  N_("The next call may be made from {2} on."), false },
	{ "taken", N_("{3} is calling about this ticket just now."),
	  N_("Talk to each other."), false },
	{ "device_busy", N_("Phone {1} is in a call."),
	  N_("Hang up, then try again."), false },
	{ "refused", N_("The switch did not take the call from phone {1}."),
	  N_("Try again; if it stays so, tell the operator."), false },
	{ "agent_gone", N_("The connection was lost before it was dialled."),
	  N_("Try again."), false },
	{ "unknown", N_("It is not known whether {1} was called."),
	  N_("`mashang ticket dials' lists what was tried: look before you "
	     "try again."), false },
};

const struct word words_dial_outcome[] = {
	{ 0, "dialling", N_("dialling"), NULL },
	{ 0, "ringing", N_("ringing"), NULL },
	{ 0, "reached", N_("reached"), NULL },
	{ 0, "not_reached", N_("not reached"), NULL },
	{ 0, "busy", N_("busy"), NULL },
	{ 0, "no_answer", N_("no answer"), NULL },
	{ 0, "rejected", N_("rejected"), NULL },
	{ 0, "unreachable", N_("unreachable"), NULL },
	{ 0, "switch_lost", N_("lost by the switch"), NULL },
	{ 0, "device_busy", N_("own phone busy"), NULL },
	{ 0, "device_failed", N_("own phone not lifted"), NULL },
	{ 0, "no_device", N_("no such phone"), NULL },
	{ 0, "refused", N_("refused by the switch"), NULL },
	{ 0, "not_connected", N_("switch not connected"), NULL },
	{ 0, "agent_gone", N_("agent gone"), NULL },
	{ 0, "unknown", N_("not known"), NULL },
	{ 0, NULL, NULL, NULL }
};
/* clang-format on */

static struct str
param(const Mashang__Error *e, size_t i)
{
	return i < e->n_params ? fmt_str(e->params[i])
	                       : (struct str){ NULL, 0 };
}

static int64_t
until_of(const Mashang__Error *e)
{
	char digits[24];
	struct str s = param(e, 2 + UNTIL);

	snprintf(digits, sizeof(digits), "%.*s", STR_ARG(s));
	return strtoll(digits, NULL, 10);
}

static const struct rule *
find_rule(const Mashang__Error *e)
{
	struct str name = param(e, 1);

	for (size_t i = 0; i < NELEM(rules); i++)
		if (str_eq(name, str_of(rules[i].name)) &&
		    (!rules[i].until || until_of(e) > 0))
			return &rules[i];
	return NULL;
}

static void
put_part(FILE *f, const Mashang__Error *e, unsigned part)
{
	char buf[FMT_ROOM], *clean;

	if (part == UNTIL) {
		fputs(fmt_time(until_of(e), buf), f);
		return;
	}
	clean = fmt_clean(param(e, 2 + part), false);
	/* A state or a status is a word of ours. */
	if (clean != NULL)
		fputs(word_of_name(
			  words_state, word_of_name(words_status, clean)),
		    f);
	free(clean);
}

static void
put_text(FILE *f, const char *text, const Mashang__Error *e)
{
	for (; *text != '\0'; text++) {
		if (text[0] == '{' && text[1] >= '1' &&
		    text[1] < '1' + N_PARTS && text[2] == '}') {
			put_part(f, e, (unsigned)(text[1] - '1'));
			text += 2;
		} else {
			fputc(*text, f);
		}
	}
}

bool
words_dial_refused(FILE *f, const Mashang__Error *e)
{
	const struct rule *r;

	if (e->code != MASHANG__CODE__CODE_REFUSED ||
	    !str_eq(param(e, 0), STR_LIT("dial")) || (r = find_rule(e)) == NULL)
		return false;
	put_text(f, _(r->what), e);
	fputc(' ', f);
	put_text(f, _(r->remedy), e);
	return true;
}
