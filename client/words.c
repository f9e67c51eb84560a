/*
 * words.c - one table for errors, one a set of words.
 */
#include "client/words.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "client/fmt.h"
#include "client/i18n.h"
#include "client/words_dial.h"

#define CODE(x) MASHANG__CODE__CODE_##x
#define STATE(x) MASHANG__AGENT_STATE_KIND__AGENT_##x
#define KIND(x) MASHANG__TICKET_KIND__##x
#define ROLE(x) MASHANG__ROLE__ROLE_##x

/* {1} and {2} stand for the code's parameters; `bare' is said instead where
 * the daemon did not send as many. */
struct error_row {
	Mashang__Code code;
	const char *what;
	const char *remedy;
	bool passing;
	const char *bare;
	const char *about; /* only where this is the first parameter */
};

/* clang-format off */
static const struct error_row errors[] = {
	{ CODE(BAD_FRAME), N_("The daemon could not read what we sent."),
	  N_("Are both of the same version? See `mashang --version'."),
	  false, NULL, NULL },
	{ CODE(BAD_MAGIC), N_("This is not a Mashang daemon's protocol."),
	  N_("Check the address in --socket."), false, NULL, NULL },
	{ CODE(BAD_PROTOCOL),
	  N_("The daemon speaks another version of the protocol."),
	  N_("Install the same version of client and daemon."), false, NULL, NULL },
	{ CODE(BAD_FIELD), N_("`{3}' is no reason for not being ready here."),
	  N_("What there is: {2}."), false, NULL, "reason" },
	{ CODE(BAD_FIELD), N_("`{3}' is no reason for not being ready here."),
	  N_("What there is: {2}."), false, NULL, "next_reason" },
	{ CODE(BAD_FIELD), N_("{1} is not right: {2}."),
	  N_("Correct it and send it again."), false,
	  N_("Something in it is not right."), NULL },
	{ CODE(BAD_TEXT), N_("{1} is not text (UTF-8)."),
	  N_("Set the terminal to UTF-8 and type it again."), false,
	  N_("That is not text (UTF-8)."), NULL },
	{ CODE(TOO_LARGE), N_("{1} is too long; at most {2}."),
	  N_("Shorten it."), false,
	  N_("That is too long."), NULL },
	{ CODE(UNKNOWN_MESSAGE), N_("The daemon does not know this request."),
	  N_("Install the same version of client and daemon."), false, NULL, NULL },
	{ CODE(LOGIN_FIRST), N_("Nobody is logged in on this connection."),
	  N_("Log in again."), false, NULL, NULL },
	{ CODE(LOGIN_FAILED), N_("The name or the password is wrong."),
	  N_("Try again, or let an administrator set a new password: "
	     "mashang admin user passwd NAME."), false, NULL, NULL },
	{ CODE(TOKEN_STALE), N_("The log-in has run out."),
	  N_("Log in again."), false, NULL, NULL },
	{ CODE(FORBIDDEN), N_("As {1} you may not do this ({2})."),
	  N_("Log in as somebody who may, see --login and --role."), false,
	  N_("You may not do this."), NULL },
	{ CODE(WRONG_SWITCH), N_("This is switch {1}, the event is of {2}."),
	  N_("Correct the bridge's configuration."), false,
	  N_("This event is of another switch."), NULL },
	{ CODE(NOT_FOUND), N_("There is no {1} {2}."),
	  N_("Check the spelling; `mashang admin show' lists what there is."),
	  false,
	  N_("There is no such thing."), NULL },
	{ CODE(MISHEARD), N_("{1} is not a ticket's number."),
	  N_("Did you mishear? One digit is wrong or two are swapped: "
	     "ask for it again."), false,
	  N_("That is not a ticket's number."), NULL },
	{ CODE(CONFLICT), N_("There is a {1} {2} already."),
	  N_("Look at what is there, then change that."), false,
	  N_("This was sent before with other content."), NULL },
	{ CODE(REFUSED), N_("`{2}' cannot be done to a ticket like this: {3}."),
	  N_("Possible now: {4}."), false, NULL, "ticket" },
	{ CODE(REFUSED), N_("`{2}' cannot be done to this call: {3}."),
	  N_("Possible now: {4}."), false, NULL, "call" },
	{ CODE(REFUSED), N_("The wrap-up cannot be made longer: {2}."),
	  N_("`state' tells how things stand."), false, NULL, "wrap_up" },
	{ CODE(BUSY), N_("{2} cannot take a call now."),
	  N_("Take somebody else, or wait."), false, NULL, "agent" },
	{ CODE(BUSY), N_("A phone of that call is busy."),
	  N_("Try again when it is free."), false, NULL, "call" },
	{ CODE(TIMEOUT), N_("The switch has not answered."),
	  N_("It may still do it: look at the call, then try again."), false,
	  NULL, "switch" },
	{ CODE(UNAVAILABLE), N_("Switch {2} is not connected."),
	  N_("The call goes on; try again when it is back: mashang admin show "
	     "switches."), false, NULL, "switch" },
	{ CODE(STALE_VERSION), N_("Ticket {2} has changed meanwhile."),
	  N_("Look at it, then say what is to be done."), false, NULL,
	  "ticket" },
	{ CODE(STALE_VERSION), N_("{2} has changed meanwhile, it is: {3}."),
	  N_("Look at it, then say it again with --expect {4}."), false, NULL,
	  "supervise" },
	{ CODE(REFUSED), N_("The call does not wait: {2}."),
	  N_("`mashang call list' shows how it stands."), false, NULL,
	  "not_waiting" },
	{ CODE(REFUSED), N_("{2} is not logged in."),
	  N_("`mashang admin show agents' shows who is."), false, NULL,
	  "not_logged_in" },
	{ CODE(REFUSED), N_("{2} sits at a phone of another switch, which "
	  "cannot be rung for this call."),
	  N_("Take somebody else."), false, NULL, "other_switch" },
	{ CODE(REFUSED), N_("Switch {2} ends no calls for us now."),
	  N_("`mashang admin show switches' says what it can."), false, NULL,
	  "listens" },
	{ CODE(REFUSED), N_("It is so already."),
	  N_("Nothing to do."), false, NULL, "same" },
	{ CODE(REFUSED), N_("That cannot be done now ({1}: {2})."),
	  N_("`state' tells how things stand."), false,
	  N_("That cannot be done now."), NULL },
	{ CODE(OFFER_GONE), N_("That call is no longer offered to you."),
	  N_("Nothing to do: the caller is looked after."), false, NULL, NULL },
	{ CODE(BUSY), N_("The daemon has too much to do."),
	  N_("Try again in a moment."), true, NULL, NULL },
	{ CODE(TIMEOUT), N_("It took too long."),
	  N_("Try again."), true, NULL, NULL },
	{ CODE(NO_DEVICE), N_("There is no device {1}, or it is not there now."),
	  N_("Check --device; `mashang admin show devices' lists them, the "
	     "file that `mashang admin apply' reads names them."),
	  false,
	  N_("There is no such device."), NULL },
	{ CODE(DEVICE_TAKEN), N_("Device {1} is used by {2}."),
	  N_("Take another device, or let it be given up."), false,
	  N_("Somebody else uses that device."), NULL },
	{ CODE(STALE_VERSION), N_("The call has changed meanwhile."),
	  N_("Look at its state and try again."), false, NULL, NULL },
	{ CODE(CONFIG), N_("The configuration is wrong: {3}."),
	  N_("What to do: {4}."), false,
	  N_("The configuration is wrong."), NULL },
	{ CODE(DISABLED), N_("This log-in is switched off."),
	  N_("An administrator can switch it on: "
	     "mashang admin user enable NAME."), false, NULL, NULL },
	{ CODE(UNAVAILABLE), N_("Not to be had just now: {1}."),
	  N_("Calls go on; try again in a moment."), true,
	  N_("That cannot be had just now."), NULL },
	{ CODE(NOT_DRIVEN), N_("The daemon's clock is not driven."),
	  N_("Start the daemon with a driven clock for a replay."),
	  false, NULL, NULL },
	{ CODE(INTERNAL), N_("The daemon has made a mistake."),
	  N_("Try again; tell the operator: it stands in the daemon's log."),
	  true, NULL, NULL },
	{ CODE(TAKEN_OVER), N_("You have logged in somewhere else."),
	  N_("Go on there, or start again to take over here."), false, NULL, NULL },
	{ CODE(LOGGED_OFF), N_("A supervisor has logged you off: {1}."),
	  N_("Ask your supervisor, then start again."), false,
	  N_("A supervisor has logged you off."), NULL },
	{ CODE(SHUTDOWN), N_("The daemon is being stopped."),
	  N_("It is tried again by itself."), true, NULL, NULL },
	{ CODE(MOVED), N_("The nodes send this session to and fro, at last to "
			  "{1}."),
	  N_("Try again in a moment; if it stays so, an administrator looks at "
	     "`advertise' in each node's configuration: it must be reachable "
	     "from here."), true,
	  N_("The nodes send this session to and fro."), NULL },
	{ CODE(QUARANTINED), N_("This could not be stored and was set aside."),
	  N_("Tell the operator: it stands in the quarantine."), false, NULL, NULL },
};

const struct word words_state[] = {
	{ STATE(NULL), "logged_off", N_("Logged off"), NULL },
	{ STATE(NOT_READY), "not_ready", N_("Not ready"), NULL },
	{ STATE(READY), "ready", N_("Ready"), NULL },
	{ STATE(RESERVED), "reserved", N_("Call offered"), NULL },
	{ STATE(BUSY), "busy", N_("In a call"), NULL },
	{ STATE(WORKING_AFTER_CALL), "working_after_call", N_("Wrap-up"),
	  NULL },
	{ 0, NULL, NULL, NULL }
};

const struct word words_kind[] = {
	{ KIND(CONSULTATION), "consultation", N_("Consultation"), "咨询" },
	{ KIND(SERVICE_REQUEST), "service_request", N_("Service request"),
	  "服务" },
	{ KIND(COMPLAINT), "complaint", N_("Complaint"), "投诉" },
	{ KIND(INCIDENT), "incident", N_("Incident"), "故障" },
	{ KIND(APPOINTMENT), "appointment", N_("Appointment"), "预约" },
	{ KIND(PRAISE), "praise", N_("Praise"), "表扬" },
	{ KIND(SUGGESTION), "suggestion", N_("Suggestion"), "建议" },
	{ 0, NULL, NULL, NULL }
};

const struct word words_status[] = {
	{ 0, "new", N_("New"), NULL },
	{ 0, "acknowledged", N_("Acknowledged"), NULL },
	{ 0, "assigned", N_("Assigned"), NULL },
	{ 0, "in_progress", N_("In progress"), NULL },
	{ 0, "pending_customer", N_("Waits for the customer"), NULL },
	{ 0, "pending_third_party", N_("Waits for others"), NULL },
	{ 0, "scheduled", N_("Scheduled"), NULL },
	{ 0, "resolved", N_("Resolved"), NULL },
	{ 0, "callback_pending", N_("To be called back"), NULL },
	{ 0, "closed", N_("Closed"), NULL },
	{ 0, "cancelled", N_("Cancelled"), NULL },
	{ 0, "merged", N_("Merged"), NULL },
	{ 0, NULL, NULL, NULL }
};

const struct word words_ticket_event[] = {
	{ 0, "opened", N_("Opened"), NULL },
	{ 0, "answered", N_("Answered"), NULL },
	{ 0, "note", N_("Note"), NULL },
	{ 0, "wrapped_up", N_("Wrap-up"), NULL },
	{ 0, "acknowledged", N_("Acknowledged"), NULL },
	{ 0, "assigned", N_("Assigned"), NULL },
	{ 0, "escalated", N_("Escalated"), NULL },
	{ 0, "pended", N_("Pended"), NULL },
	{ 0, "scheduled", N_("Scheduled"), NULL },
	{ 0, "resumed", N_("Resumed"), NULL },
	{ 0, "arrived", N_("Arrived on site"), NULL },
	{ 0, "resolved", N_("Resolved"), NULL },
	{ 0, "closed", N_("Closed"), NULL },
	{ 0, "reopened", N_("Reopened"), NULL },
	{ 0, "cancelled", N_("Cancelled"), NULL },
	{ 0, "merged", N_("Merged"), NULL },
	{ 0, "merged_in", N_("Another merged in"), NULL },
	{ 0, "changed", N_("Changed"), NULL },
	{ 0, "promised", N_("Promised"), NULL },
	{ 0, "kept", N_("Promise kept"), NULL },
	{ 0, "followed_up", N_("Followed up"), NULL },
	{ 0, "dialled", N_("Dialled"), NULL },
	{ 0, "called_back", N_("Called back"), NULL },
	{ 0, "not_reached", N_("Not reached"), NULL },
	{ 0, "callback_merged", N_("Called back by another ticket"), NULL },
	{ 0, "callback_expired", N_("Call back given up"), NULL },
	{ 0, "callback_failed", N_("Call back not possible"), NULL },
	{ 0, "callback_cancelled", N_("Call back withdrawn"), NULL },
	{ 0, "follow_up_expired", N_("Follow-up call given up"), NULL },
	{ 0, "follow_up_failed", N_("Follow-up call not possible"), NULL },
	{ 0, "follow_up_cancelled", N_("Follow-up call withdrawn"), NULL },
	{ 0, "contacted", N_("The customer again"), NULL },
	{ 0, "revised_forward", N_("New policies from here"), NULL },
	{ 0, "revised_retroactive", N_("New policies from the start"), NULL },
	{ 0, NULL, NULL, NULL }
};

const struct word words_metric[] = {
	{ 0, "acknowledge", N_("Acknowledgement"), NULL },
	{ 0, "first_response", N_("First response"), NULL },
	{ 0, "next_response", N_("Next response"), NULL },
	{ 0, "periodic_update", N_("Regular news"), NULL },
	{ 0, "ownership", N_("Owner found"), NULL },
	{ 0, "resolution", N_("Resolution"), NULL },
	{ 0, "onsite_arrival", N_("Arrival on site"), NULL },
	{ 0, "callback", N_("Follow-up call"), NULL },
	{ 0, "promise", N_("Promise"), NULL },
	{ 0, "daily_clear", N_("Cleared by day's end"), NULL },
	{ 0, "third_party", N_("Third party"), NULL },
	{ 0, NULL, NULL, NULL }
};

/* Stages and outcomes. */
const struct word words_clock[] = {
	{ 0, "not_started", N_("not started"), NULL },
	{ 0, "running", N_("running"), NULL },
	{ 0, "paused", N_("paused"), NULL },
	{ 0, "completed", N_("completed"), NULL },
	{ 0, "cancelled", N_("cancelled"), NULL },
	{ 0, "met", N_("kept"), NULL },
	{ 0, "missed", N_("broken"), NULL },
	{ 0, "excluded", N_("does not count"), NULL },
	{ 0, NULL, NULL, NULL }
};

/* Stretches of a clock's time. */
const struct word words_span[] = {
	{ 0, "counted", N_("counted"), NULL },
	{ 0, "closed", N_("out of hours"), NULL },
	{ 0, "waiting", N_("paused"), NULL },
	{ 0, "changed", N_("changed"), NULL },
	{ 0, NULL, NULL, NULL }
};

const struct word words_door[] = {
	{ 0, "open", N_("open"), NULL },
	{ 0, "draining", N_("draining"), NULL },
	{ 0, "closed", N_("closed"), NULL },
	{ 0, NULL, NULL, NULL }
};

static const struct word words_reach[] = {
	{ 0, "reachable", N_("there"), NULL },
	{ 0, "gone", N_("gone"), NULL },
	{ 0, NULL, NULL, NULL }
};

static const struct word words_relation[] = {
	{ 0, "consult", N_("consultation"), NULL },
	{ 0, "transfer", N_("transfer"), NULL },
	{ 0, "callback", N_("call back"), NULL },
	{ 0, "follow_up", N_("follow-up"), NULL },
	{ 0, NULL, NULL, NULL }
};

static const struct word words_yes[] = {
	{ 0, "yes", N_("yes"), NULL },
	{ 0, "no", N_("no"), NULL },
	{ 0, NULL, NULL, NULL }
};

/* Reasons of a state that the daemon gives by itself. */
static const struct word words_reason_of_daemon[] = {
	{ 0, "log_in", N_("just logged in"), NULL },
	{ 0, "dialling", N_("dialling"), NULL },
	{ 0, "device_gone", N_("your phone is not registered"), NULL },
	{ 0, "unanswered", N_("too many calls were not answered"), NULL },
	{ 0, "supervisor", N_("a supervisor said so"), NULL },
	{ 0, NULL, NULL, NULL }
};

const struct word words_role[] = {
	{ ROLE(AGENT), "agent", N_("agent"), "座席" },
	{ ROLE(SUPERVISOR), "supervisor", N_("supervisor"), "班长" },
	{ ROLE(ADMINISTRATOR), "administrator", N_("administrator"), "管理员" },
	{ ROLE(READ_ONLY), "read-only", N_("read-only"), "只读" },
	{ ROLE(BRIDGE), "bridge", N_("bridge"), NULL },
	{ 0, NULL, NULL, NULL }
};
/* clang-format on */

static bool
is_about(const Mashang__Error *e, const char *what)
{
	return e->n_params > 0 && str_eq(fmt_str(e->params[0]), str_of(what));
}

static const struct error_row *
find_error(const Mashang__Error *e)
{
	for (size_t i = 0; i < NELEM(errors); i++)
		if (errors[i].code == e->code &&
		    (errors[i].about == NULL || is_about(e, errors[i].about)))
			return &errors[i];
	return NULL;
}

/* Orders, or a call's state, each in its word. */
static void
put_words(FILE *f, char *names)
{
	if (*names == '\0')
		fputs(_("nothing"), f);
	for (char *s = names; *s != '\0';) {
		size_t n = strcspn(s, " ");
		bool last = s[n] == '\0';
		const char *word;

		s[n] = '\0';
		word = word_of_name(words_order, s);
		if (word == s)
			word = word_of_name(words_call_state, s);
		fprintf(f, "%s%s", s > names ? ", " : "", word);
		s += n + !last;
	}
}

/* Why a wrap-up is not made longer. */
static const struct word words_not_longer[] = {
	{ 0, "state", N_("you are not in one"), NULL },
	{ 0, "open", N_("it does not end by itself"), NULL },
	{ 0, "not_allowed", N_("this queue does not allow it"), NULL },
	{ 0, "used_up", N_("you have had all the time there is"), NULL },
	{ 0, NULL, NULL, NULL }
};

static const char *
word_of_ours(const char *name)
{
	const char *word = word_of_name(words_status, name);

	return word != name ? word : word_of_name(words_not_longer, name);
}

/* A ticket's status is a word of ours, wherever an error names it. */
static void
put_param(FILE *f, const struct error_row *r, ProtobufCBinaryData param)
{
	char *clean = fmt_clean(fmt_str(param), false);

	if (clean == NULL || r->about == NULL)
		fputs(clean != NULL ? clean : "", f);
	else if (strcmp(r->about, "call") == 0)
		put_words(f, clean);
	else if (strcmp(r->about, "supervise") == 0)
		words_standing(f, clean);
	else
		fputs(word_of_ours(clean), f);
	free(clean);
}

static void
fill_in(FILE *f, const struct error_row *r, const char *text,
    const Mashang__Error *e)
{
	for (; *text != '\0'; text++) {
		size_t n = (size_t)(text[1] - '1');

		if (text[0] != '{' || text[1] < '1' || text[1] > '9' ||
		    text[2] != '}') {
			fputc(*text, f);
			continue;
		}
		if (n < e->n_params && e->params[n].len > 0)
			put_param(f, r, e->params[n]);
		else
			fputc('?', f);
		text += 2;
	}
}

/* The highest {n} in it. */
static size_t
n_wanted(const char *text)
{
	size_t most = 0;

	for (; *text != '\0'; text++)
		if (text[0] == '{' && text[1] >= '1' && text[1] <= '9' &&
		    text[2] == '}' && (size_t)(text[1] - '0') > most)
			most = (size_t)(text[1] - '0');
	return most;
}

void
words_error(FILE *f, const Mashang__Error *e)
{
	const struct error_row *r = find_error(e);
	const char *what;

	if (words_dial_refused(f, e))
		return;
	if (r == NULL) {
		fprintf(f, _("The daemon answered with an unknown code (%d)."),
		    (int)e->code);
		return;
	}
	what = r->bare != NULL && n_wanted(r->what) > e->n_params ? r->bare
	                                                          : r->what;
	fill_in(f, r, _(what), e);
	if (n_wanted(r->remedy) > e->n_params)
		return;
	fputc(' ', f);
	fill_in(f, r, _(r->remedy), e);
}

bool
words_is_passing(Mashang__Code code)
{
	const Mashang__Error e = { .code = code };
	const struct error_row *r = find_error(&e);

	return r != NULL && r->passing;
}

/* "CODE_OFFER_GONE" becomes "offer_gone", once. */
const char *
words_code(Mashang__Code code)
{
	static char out[40];
	const ProtobufCEnumValue *v = protobuf_c_enum_descriptor_get_value(
	    &mashang__code__descriptor, (int)code);
	size_t n = 0;

	if (v == NULL)
		return "unknown";
	for (const char *p = v->name + strlen("CODE_");
	     *p != '\0' && n + 1 < sizeof(out); p++)
		out[n++] = (char)(*p >= 'A' && *p <= 'Z' ? *p + 32 : *p);
	out[n] = '\0';
	return out;
}

static const struct word *
find_value(const struct word *w, int value)
{
	while (w->name != NULL && w->value != value)
		w++;
	return w->name != NULL ? w : NULL;
}

const char *
word_text(const struct word *w, int value)
{
	const struct word *found = find_value(w, value);

	return found != NULL ? _(found->text) : _("unknown");
}

const char *
word_name(const struct word *w, int value)
{
	const struct word *found = find_value(w, value);

	return found != NULL ? found->name : "unknown";
}

const struct word *
word_find(const struct word *w, const char *s)
{
	for (; w->name != NULL; w++)
		if (strcmp(w->name, s) == 0 ||
		    (w->typed != NULL && strcmp(w->typed, s) == 0))
			return w;
	return NULL;
}

const char *
words_reason(const char *reason)
{
	const struct word *w = word_find(words_reason_of_daemon, reason);

	if (w == NULL)
		w = word_find(words_offer_end, reason);
	return w != NULL ? _(w->text) : reason;
}

const char *
word_of_name(const struct word *w, const char *name)
{
	while (w->name != NULL && strcmp(w->name, name) != 0)
		w++;
	return w->name != NULL ? _(w->text) : name;
}

const char *
words_cell(const char *column, const char *text)
{
	static const struct {
		const char *column;
		const struct word *words;
	} known[] = { { "state", words_state }, { "state", words_call_state },
		{ "pending", words_state }, { "role", words_role },
		{ "kind", words_kind }, { "status", words_status },
		{ "metric", words_metric }, { "stage", words_clock },
		{ "holder", words_holder }, { "reach", words_reach },
		{ "relation", words_relation }, { "attached", words_yes },
		{ "connected", words_yes }, { "listen_only", words_yes },
		{ "outcome", words_dial_outcome }, { "door", words_door },
		{ "holds", words_yes } };
	const char *word;

	if (strcmp(column, "reason") == 0)
		return words_reason(text);
	if (strcmp(column, "state") == 0 && strcmp(text, "null") == 0)
		return _("Logged off");
	for (size_t i = 0; i < NELEM(known); i++)
		if (strcmp(known[i].column, column) == 0 &&
		    (word = word_of_name(known[i].words, text)) != text)
			return word;
	return text;
}
