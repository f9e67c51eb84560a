/*
 * cmd_agent.c - `mashang agent' in line mode: a seat, a terminal, a printer.
 *
 * The order that keeps an offer honest: its text is queued; when the terminal
 * has taken it, whatever was typed until then is set aside; then the daemon is
 * told that it was shown, and from then on it can be answered.
 */
#include <errno.h>
#include <event2/event.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/agent_print.h"
#include "client/cmd.h"
#include "client/creds.h"
#include "client/fmt.h"
#include "client/i18n.h"
#include "client/seat.h"
#include "client/shift.h"
#include "client/term.h"
#include "client/unsaved.h"
#include "client/words.h"

#define STATE(x) MASHANG__AGENT_STATE_KIND__AGENT_##x
#define GOODBYE_S 3 /* for each step of leaving */

static void
stop(struct shift *s, int code)
{
	s->code = code;
	event_base_loopbreak(s->base);
}

void
shift_prompt(struct shift *s)
{
	const struct seat_facts *now = seat_facts(s->seat);
	char unsaved[80] = "", prompt[200];

	if (s->json)
		return;
	if (now->unsaved > 0)
		snprintf(unsaved, sizeof(unsaved),
		    ngettext(" [%u not yet saved]", " [%u not yet saved]",
			now->unsaved),
		    now->unsaved);
	snprintf(prompt, sizeof(prompt), "%s%s> ",
	    now->up ? word_text(words_state, (int)now->state)
		    : _("Not connected"),
	    unsaved);
	term_prompt(s->term, prompt);
}

void
shift_say(struct shift *s, const char *text)
{
	s->print->say(term_open(s->term), text);
	term_close(s->term);
}

/* ------------------------------------------------------------------ view */

static void
up_cb(void *arg, const Mashang__Welcome *w, unsigned again)
{
	struct shift *s = arg;

	s->print->up(term_open(s->term), w, again);
	term_close(s->term);
	if (!s->begun) {
		s->begun = true;
		event_del(s->timer);
		term_listen(s->term, true);
	}
	shift_prompt(s);
}

static void
down_cb(void *arg, const char *why)
{
	struct shift *s = arg;

	s->print->down(term_open(s->term), why);
	term_close(s->term);
	shift_prompt(s);
}

/* We are off. */
static void
left(struct shift *s)
{
	stop(s, seat_facts(s->seat)->unsaved > 0 ? EXIT_UNSAVED : EXIT_OK);
}

static void
refused_written_cb(void *arg)
{
	stop(arg, EXIT_REFUSED);
}

static void
refused_cb(void *arg, const Mashang__Error *e)
{
	struct shift *s = arg;

	if (s->leaving == LOGGING_OFF) { /* its way to say goodbye */
		left(s);
		return;
	}
	s->print->refused(term_open(s->term), e);
	term_close(s->term);
	term_when_written(s->term, refused_written_cb, s);
}

static void
state_cb(void *arg, const struct seat_facts *before)
{
	struct shift *s = arg;

	s->print->state(term_open(s->term), s->seat, before);
	term_close(s->term);
	shift_prompt(s);
}

/* Nothing typed until now answers what comes. */
static void
set_aside(struct shift *s)
{
	char unfinished[512], text[2048], *clean;

	term_set_aside(s->term, unfinished, sizeof(unfinished));
	if (*unfinished == '\0' ||
	    (clean = fmt_clean(str_of(unfinished), false)) == NULL)
		return;
	snprintf(text, sizeof(text), _("Set aside, not done: %s\n"), clean);
	free(clean);
	shift_say(s, text);
}

/* The offer stands on the screen. */
static void
offer_written_cb(void *arg)
{
	struct shift *s = arg;

	if (term_is_typed(s->term))
		set_aside(s);
	seat_shown(s->seat, s->offer_id);
	shift_prompt(s);
}

static void
offer_cb(void *arg, const Mashang__Offer *m)
{
	struct shift *s = arg;
	FILE *f;

	/* A script may answer as soon as it has read the offer, before we are
	 * told so: its earlier lines are taken now. */
	if (!term_is_typed(s->term))
		set_aside(s);
	f = term_open(s->term);
	if (term_is_tty(s->term) && !s->json)
		fputc('\a', f);
	s->print->offer(f, m);
	term_close(s->term);
	s->offer_id = m->offer_id;
	term_when_written(s->term, offer_written_cb, s);
}

static void
story_cb(void *arg, const Mashang__Story *m)
{
	struct shift *s = arg;

	s->print->story(term_open(s->term), m);
	term_close(s->term);
}

static void
offer_ended_cb(void *arg, const Mashang__OfferEnded *m)
{
	struct shift *s = arg;

	s->print->offer_ended(term_open(s->term), m);
	term_close(s->term);
}

static void
work_cb(void *arg, const Mashang__WorkState *m)
{
	struct shift *s = arg;

	s->print->work(term_open(s->term), m);
	term_close(s->term);
	shift_prompt(s);
}

static void
call_cb(void *arg, const Mashang__CallState *m, bool consult, bool again)
{
	struct shift *s = arg;

	s->print->call(term_open(s->term), s->seat, m, consult, again);
	term_close(s->term);
}

static void
ticket_cb(void *arg, const Mashang__Ticket *m)
{
	struct shift *s = arg;

	s->print->ticket(term_open(s->term), m);
	term_close(s->term);
}

static void
clocks_cb(void *arg, const Mashang__Ticket *m)
{
	struct shift *s = arg;

	s->print->clocks(term_open(s->term), m);
	term_close(s->term);
}

static void
notice_cb(void *arg, const Mashang__ClockNotice *m)
{
	struct shift *s = arg;

	s->print->notice(term_open(s->term), m);
	term_close(s->term);
}

static void
failed_cb(void *arg, Mashang__Envelope__BodyCase body,
    const Mashang__Envelope *kept, const Mashang__Error *e)
{
	struct shift *s = arg;

	/* A late `shown' is told by the offer's end. */
	if (body == MASHANG__ENVELOPE__BODY_SHOWN)
		return;
	s->print->failed(term_open(s->term), body, kept, e);
	term_close(s->term);
	shift_prompt(s);
}

static void
done_cb(void *arg, Mashang__Envelope__BodyCase body)
{
	struct shift *s = arg;

	if (body == MASHANG__ENVELOPE__BODY_TICKET_NOTE ||
	    body == MASHANG__ENVELOPE__BODY_TICKET_CHANGE)
		shift_say(s, _("Noted.\n"));
	else if (body == MASHANG__ENVELOPE__BODY_DIAL)
		shift_say(
		    s, _("It is being dialled; your phone rings first.\n"));
	else if (body == MASHANG__ENVELOPE__BODY_WRAP_UP &&
		 seat_facts(s->seat)->state == STATE(BUSY))
		shift_say(s, _("Noted; the wrap-up ends with the call.\n"));
	shift_prompt(s);
}

/* --------------------------------------------------------------- leaving */

static void
set_timer(struct shift *s, int64_t seconds)
{
	struct timeval tv = { (time_t)seconds, 0 };

	event_add(s->timer, &tv);
}

/* The daemon answers a log-off by closing. */
static void
log_off(struct shift *s)
{
	s->leaving = LOGGING_OFF;
	set_timer(s, GOODBYE_S);
	if (!seat_facts(s->seat)->up || seat_log_off(s->seat) != ERR_OK)
		left(s);
}

/* Neither answered when we came, or not all done when we go. */
static void
timer_cb(evutil_socket_t fd, short what, void *arg)
{
	struct shift *s = arg;

	(void)fd;
	(void)what;
	if (!s->begun)
		stop(s, creds_unreachable(&s->creds));
	else if (s->leaving == SAVING)
		log_off(s);
	else
		left(s);
}

static void
saved_cb(void *arg)
{
	struct shift *s = arg;

	s->print->saved(term_open(s->term), s->seat);
	term_close(s->term);
	shift_prompt(s);
	if (s->leaving == SAVING && seat_facts(s->seat)->unsaved == 0)
		log_off(s);
}

void
shift_leave(struct shift *s)
{
	if (!s->begun || s->leaving >= SAVING) {
		s->begun = true;
		left(s);
		return;
	}
	s->leaving = SAVING;
	set_timer(s, GOODBYE_S);
	if (seat_facts(s->seat)->unsaved == 0 || !seat_facts(s->seat)->up)
		log_off(s);
}

/* After `quit' in a script: what is not saved still has its time. */
static void
end_cb(void *arg)
{
	struct shift *s = arg;

	if (s->leaving < SAVING)
		shift_leave(s);
}

static void
signal_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	shift_leave(arg);
}

/* -------------------------------------------------------------- lifetime */

static int
open_journal(struct shift *s, const struct options *o)
{
	char path[PATH_MAX] = "";
	enum err e =
	    unsaved_path(s->creds.addresses, o->login, path, sizeof(path));

	if (e == ERR_OK)
		e = unsaved_open(path, &s->journal);
	if (e == ERR_OK)
		return EXIT_OK;
	if (e == ERR_BUSY)
		fprintf(stderr,
		    _("mashang: this log-in is in use on this machine already "
		      "(%s is locked); end the other one first.\n"),
		    path);
	else
		fprintf(stderr,
		    _("mashang: cannot keep what is not yet saved in %s: %s; "
		      "XDG_STATE_HOME names another place.\n"),
		    path, strerror(errno));
	return EXIT_LOCAL;
}

/* Any descriptor will do for poll: files, too, can be typed from. */
static struct event_base *
any_fd_base(void)
{
	struct event_config *c = event_config_new();
	struct event_base *b = NULL;

	if (c != NULL && event_config_require_features(c, EV_FEATURE_FDS) == 0)
		b = event_base_new_with_config(c);
	if (c != NULL)
		event_config_free(c);
	return b;
}

static bool
add_signals(struct shift *s)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };

	for (size_t i = 0; i < NELEM(numbers); i++) {
		s->signals[i] = evsignal_new(s->base, numbers[i], signal_cb, s);
		if (s->signals[i] == NULL || event_add(s->signals[i], NULL))
			return false;
	}
	return true;
}

static int
begin(struct shift *s, const struct options *o)
{
	struct term_events te = { shift_line_cb, end_cb, s };
	struct seat_view view = { up_cb, down_cb, refused_cb, state_cb,
		offer_cb, story_cb, offer_ended_cb, call_cb, work_cb, ticket_cb,
		clocks_cb, notice_cb, failed_cb, done_cb, saved_cb, s };
	const char *why;
	int code;

	s->json = o->json;
	s->print = o->json ? &agent_print_json : &agent_print_text;
	if (o->device == NULL || o->login == NULL)
		return cmd_usage(_("an agent needs --login NAME and --device "
				   "DEVICE (the phone you sit at)"));
	if ((code = creds_get(o, MASHANG__ROLE__ROLE_AGENT, &s->creds)) !=
		EXIT_OK ||
	    (code = open_journal(s, o)) != EXIT_OK)
		return code;
	s->base = any_fd_base();
	if (s->base == NULL || !add_signals(s) ||
	    (s->timer = evtimer_new(s->base, timer_cb, s)) == NULL ||
	    (s->term = term_new(s->base, STDIN_FILENO, STDOUT_FILENO, &te)) ==
		NULL)
		return EXIT_LOCAL;
	s->seat = seat_new(s->base, s->creds.addresses, &s->creds.hello,
	    s->journal, &view, &why);
	creds_wipe(&s->creds);
	if (s->seat == NULL)
		return cmd_usage("--socket %s: %s", s->creds.addresses, why);
	set_timer(s, o->timeout_s);
	return EXIT_OK;
}

static void
finish(struct shift *s)
{
	if (s->journal != NULL && unsaved_count(s->journal) > 0)
		fprintf(stderr,
		    ngettext("mashang: %u action is not yet saved; it is kept, "
			     "and sent when you log in again.\n",
			"mashang: %u actions are not yet saved; they are kept, "
			"and sent when you log in again.\n",
			unsaved_count(s->journal)),
		    unsaved_count(s->journal));
	seat_free(&s->seat);
	term_free(&s->term);
	for (size_t i = 0; i < NELEM(s->signals); i++)
		if (s->signals[i] != NULL)
			event_free(s->signals[i]);
	if (s->timer != NULL)
		event_free(s->timer);
	if (s->base != NULL)
		event_base_free(s->base);
	unsaved_free(&s->journal);
}

static int
agent(const struct options *o, int argc, char **argv)
{
	struct shift s = { .code = EXIT_OK };
	int code = begin(&s, o);

	(void)argc;
	(void)argv;
	if (code == EXIT_OK) {
		event_base_dispatch(s.base);
		code = s.code;
	}
	finish(&s);
	return code;
}

static const struct opt opts[] = {
	{ "device", OPT_TEXT, N_("DEVICE"),
	    N_("the phone that you sit at, as the switch calls it"),
	    offsetof(struct options, device), 0, 0 },
	{ NULL, OPT_FLAG, NULL, NULL, 0, 0, 0 }
};

const struct cmd cmd_agent = { .name = "agent",
	.args = "--login NAME --device DEVICE",
	.help = N_("take calls, line by line"),
	.more = N_("Commands are typed, one a line; `help' lists them.  "
		   "--json prints every event as an object a line."),
	.run = agent,
	.opts = opts };
