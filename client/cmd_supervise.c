/*
 * cmd_supervise.c - see cmd_supervise.h.
 */
#include "client/cmd_supervise.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "client/ask.h"
#include "client/fmt.h"
#include "client/i18n.h"
#include "client/listing.h"
#include "client/words.h"

#define KIND(x) MASHANG__SUPERVISE_KIND__SUPERVISE_##x
#define DOOR(x) MASHANG__QUEUE_DOOR__QUEUE_##x
#define ID_DIGITS 32

/* ----------------------------------------------------------------- telling */

struct sending {
	const struct options *options;
	Mashang__SuperviseKind kind;
};

static const Mashang__Cell *
cell(const Mashang__Page *p, const Mashang__Row *row, const char *name)
{
	for (size_t i = 0; i < p->n_columns && i < row->n_cells; i++)
		if (str_eq(fmt_str(p->columns[i]->name), str_of(name)))
			return row->cells[i]->null ? NULL : row->cells[i];
	return NULL;
}

static int64_t
number(const Mashang__Page *p, const Mashang__Row *row, const char *name)
{
	const Mashang__Cell *c = cell(p, row, name);

	return c != NULL ? c->number : 0;
}

/* How it was, or is: each kind of command says it in words of its own. */
static void
put_standing(const Mashang__Page *p, const Mashang__Row *row, const char *name,
    Mashang__SuperviseKind kind)
{
	const Mashang__Cell *c = cell(p, row, name);
	char *text = c != NULL ? fmt_clean(fmt_str(c->text), false) : NULL;
	long long seconds;
	unsigned class;

	if (text == NULL)
		fputs(_("everybody"), stdout);
	else if (kind == KIND(PRIORITY) &&
		 sscanf(text, "class %u, %lld s", &class, &seconds) == 2)
		printf(_("class %u, %lld s ahead"), class, seconds);
	else if (kind == KIND(AGENT_STATE) || kind == KIND(DOOR))
		words_standing(stdout, text);
	else if (kind == KIND(WITHDRAW) && strcmp(name, "after") == 0)
		fputs(word_of_name(words_cause, text), stdout);
	else
		fputs(text, stdout);
	free(text);
}

/* What others feel; a sentence for each queue. */
static void
put_effect(const Mashang__Page *p, const Mashang__Row *row,
    Mashang__SuperviseKind kind)
{
	const Mashang__Cell *queue = cell(p, row, "queue");
	long long waiting = number(p, row, "waiting"),
		  longer = number(p, row, "longer"),
		  shorter = number(p, row, "shorter"),
		  agents = number(p, row, "agents");

	if (queue == NULL)
		return;
	fputs("  ", stdout);
	fmt_bytes(stdout, queue->text);
	fputs(": ", stdout);
	if (waiting == 0)
		fputs(_("nobody else waits"), stdout);
	else if (kind == KIND(DOOR))
		printf(_("%lld wait there"), waiting);
	else if (longer > 0)
		printf(
		    _("%lld of %lld wait one place longer"), longer, waiting);
	else if (shorter > 0)
		printf(_("%lld of %lld wait one place less"), shorter, waiting);
	else if (agents > 0)
		printf(_("%lld who wait have one free agent more"), waiting);
	else if (agents < 0)
		printf(_("%lld who wait have one free agent less"), waiting);
	else
		printf(_("nothing changes for %lld who wait"), waiting);
	putchar('\n');
}

static void
put_place(const Mashang__Page *p, const Mashang__Row *row)
{
	long long before = number(p, row, "place_before"),
		  after = number(p, row, "place_after");

	if (before > 0 && before == after)
		printf(_("  It stays number %lld."), before);
	else if (before > 0 && after > 0)
		printf(_("  It was number %lld, now %lld."), before, after);
	else if (before > 0)
		printf(_("  It was number %lld."), before);
	else if (after > 0)
		printf(_("  It is number %lld."), after);
	if (before > 0 || after > 0)
		putchar('\n');
}

static int
done_cb(void *arg, const Mashang__Envelope *reply)
{
	const struct sending *s = arg;
	const Mashang__Page *p = reply->page;
	struct listing l = {
		.out = stdout, .name = "supervise", .json = s->options->json
	};

	if (reply->body_case != MASHANG__ENVELOPE__BODY_PAGE || p->n_rows == 0)
		return EXIT_REFUSED;
	if (l.json) {
		listing_print(&l, p);
		return EXIT_OK;
	}
	fputs(s->options->dry_run ? _("It would be: ") : _("Done: "), stdout);
	put_standing(p, p->rows[0], "before", s->kind);
	fputs(" -> ", stdout);
	put_standing(p, p->rows[0], "after", s->kind);
	printf(_(" (version %lld)\n"),
	    (long long)number(p, p->rows[0], "version"));
	put_place(p, p->rows[0]);
	for (size_t i = 0; i < p->n_rows; i++)
		put_effect(p, p->rows[i], s->kind);
	return EXIT_OK;
}

int
supervise_send(const struct options *o, Mashang__Supervise *m)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	struct sending s = { o, m->kind };
	struct ask *a;
	int code = ask_open(o, &a);

	m->expect = (uint64_t)o->expect;
	m->dry_run = o->dry_run;
	e.body_case = MASHANG__ENVELOPE__BODY_SUPERVISE;
	e.supervise = m;
	if (code == EXIT_OK)
		code = ask_for(a, &e, done_cb, &s);
	if (code == EXIT_OK && !o->dry_run &&
	    (code = ask_until_saved(a)) == EXIT_UNSAVED)
		fputs(_("mashang: taken, but not yet saved\n"), stderr);
	ask_close(&a);
	return code;
}

/* ------------------------------------------------------------------- calls */

static int
hex(char c)
{
	return isdigit((unsigned char)c) ? c - '0'
	                                 : tolower((unsigned char)c) - 'a' + 10;
}

void
supervise_call(Mashang__Supervise *m, const char *word, uint8_t id[16])
{
	if (strlen(word) != ID_DIGITS ||
	    strspn(word, "0123456789abcdefABCDEF") != ID_DIGITS) {
		m->call = fmt_data(word);
		return;
	}
	for (size_t i = 0; i < 16; i++)
		id[i] = (uint8_t)(hex(word[2 * i]) << 4 | hex(word[2 * i + 1]));
	m->call_id = (ProtobufCBinaryData){ 16, id };
}

int
call_move(const struct options *o, int argc, char **argv)
{
	Mashang__Supervise m = MASHANG__SUPERVISE__INIT;
	uint8_t id[16];

	(void)argc;
	if (o->queue == NULL)
		return cmd_usage(_("--queue QUEUE: where is it to wait?"));
	m.kind = KIND(MOVE);
	m.queue = fmt_data(o->queue);
	supervise_call(&m, argv[0], id);
	return supervise_send(o, &m);
}

int
call_priority(const struct options *o, int argc, char **argv)
{
	Mashang__Supervise m = MASHANG__SUPERVISE__INIT;
	uint8_t id[16];
	char *end;
	long long seconds;

	(void)argc;
	if ((o->credit == NULL) == (o->class == 0))
		return cmd_usage(_("--credit SECONDS or --class N"));
	m.kind = KIND(PRIORITY);
	if (o->credit != NULL) {
		seconds = strtoll(o->credit, &end, 10);
		if (*o->credit == '\0' || *end != '\0' || seconds < -86400 ||
		    seconds > 86400)
			return cmd_usage(_("--credit takes seconds, -86400 to "
					   "86400; 0 takes it back"));
		m.credit_us = seconds * 1000000;
	} else {
		m.by_class = true;
		m.priority = (uint32_t)o->class;
	}
	supervise_call(&m, argv[0], id);
	return supervise_send(o, &m);
}

int
call_assign(const struct options *o, int argc, char **argv)
{
	Mashang__Supervise m = MASHANG__SUPERVISE__INIT;
	uint8_t id[16];

	m.kind = KIND(ASSIGN);
	if (argc > 1)
		m.agent = fmt_data(argv[1]);
	supervise_call(&m, argv[0], id);
	return supervise_send(o, &m);
}

int
call_withdraw(const struct options *o, int argc, char **argv)
{
	Mashang__Supervise m = MASHANG__SUPERVISE__INIT;
	uint8_t id[16];

	(void)argc;
	m.kind = KIND(WITHDRAW);
	supervise_call(&m, argv[0], id);
	return supervise_send(o, &m);
}

/* ------------------------------------------------------------------ queues */

static int
set_door(const struct options *o, const char *queue, Mashang__QueueDoor door)
{
	Mashang__Supervise m = MASHANG__SUPERVISE__INIT;

	m.kind = KIND(DOOR);
	m.queue = fmt_data(queue);
	m.door = door;
	return supervise_send(o, &m);
}

int
queue_open(const struct options *o, int argc, char **argv)
{
	(void)argc;
	return set_door(o, argv[0], DOOR(OPEN));
}

int
queue_drain(const struct options *o, int argc, char **argv)
{
	(void)argc;
	return set_door(o, argv[0], DOOR(DRAINING));
}

int
queue_close(const struct options *o, int argc, char **argv)
{
	(void)argc;
	return set_door(o, argv[0], DOOR(CLOSED));
}

/* ------------------------------------------------------------------ agents */

static int
agent_state(const struct options *o, int argc, char **argv)
{
	static const struct {
		const char *word;
		Mashang__AgentStateKind state;
	} states[] = {
		{ "ready", MASHANG__AGENT_STATE_KIND__AGENT_READY },
		{ "not_ready", MASHANG__AGENT_STATE_KIND__AGENT_NOT_READY },
		{ "logged_off", MASHANG__AGENT_STATE_KIND__AGENT_NULL },
	};
	Mashang__Supervise m = MASHANG__SUPERVISE__INIT;

	(void)argc;
	m.kind = KIND(AGENT_STATE);
	m.agent = fmt_data(argv[0]);
	m.reason = fmt_data(o->reason);
	for (size_t i = 0; i < NELEM(states); i++)
		if (strcmp(argv[1], states[i].word) == 0)
			m.state = states[i].state;
	if (m.state == MASHANG__AGENT_STATE_KIND__AGENT_STATE_NONE)
		return cmd_usage(
		    _("a state is one of: ready, not_ready, logged_off"));
	return supervise_send(o, &m);
}

/* ------------------------------------------------------------------ tables */

/* clang-format off */
#define OPT(field) offsetof(struct options, field)
#define DRY_RUN { "dry-run", OPT_FLAG, NULL, \
	  N_("change nothing: what would it do to the others?"), \
	  OPT(dry_run), 0, 0 }
#define EXPECT { "expect", OPT_NUMBER, N_("VERSION"), \
	  N_("only if it is still of that version, as the lists show it"), \
	  OPT(expect), 1, INT64_MAX }
#define END { NULL, OPT_FLAG, NULL, NULL, 0, 0, 0 }

const struct opt supervise_opts[] = { DRY_RUN, EXPECT, END };
const struct opt supervise_move_opts[] = {
	{ "queue", OPT_TEXT, N_("QUEUE"), N_("where it is to wait"),
	  OPT(queue), 0, 0 },
	DRY_RUN, EXPECT, END
};
const struct opt supervise_priority_opts[] = {
	{ "credit", OPT_TEXT, N_("SECONDS"),
	  N_("as if it had waited so much longer; may be negative"),
	  OPT(credit), 0, 0 },
	{ "class", OPT_NUMBER, N_("N"),
	  N_("as if the switch had given it this class"),
	  OPT(class), 1, 1000 },
	DRY_RUN, EXPECT, END
};
static const struct opt state_opts[] = {
	{ "reason", OPT_TEXT, N_("TEXT"), N_("why not ready"),
	  OPT(reason), 0, 0 },
	DRY_RUN, EXPECT, END
};

const struct cmd cmd_agent_state = { .name = "agent-state",
	.args = "AGENT ready|not_ready|logged_off",
	.help = N_("make an agent ready or not ready, or log them off"),
	.more = N_("Of somebody in a call it is kept until that is over.  It "
		   "is recorded who did it."),
	.run = agent_state,
	.opts = state_opts,
	.min_args = 2,
	.max_args = 2 };
/* clang-format on */
