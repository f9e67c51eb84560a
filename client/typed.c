/*
 * typed.c - one table of verbs, one of options.
 */
#include "client/typed.h"

#include <string.h>

#include "base/conf.h"
#include "base/text.h"
#include "client/fmt.h"
#include "client/i18n.h"
#include "client/words.h"

enum rest {
	REST_NONE,   /* nothing may follow */
	REST_TEXT,   /* text may follow */
	REST_NEEDED, /* text must follow */
	REST_NUMBER, /* a ticket's number must follow */
	REST_TICKET  /* one may follow */
};

struct verb {
	const char *name, *chinese;
	enum typed_verb verb;
	enum rest rest;
	const char *args, *help;
};

/* clang-format off */
static const struct verb verbs[] = {
	{ "ready", "就绪", TYPED_READY, REST_NONE, "",
	  N_("take calls") },
	{ "notready", "未就绪", TYPED_NOT_READY, REST_NEEDED, N_("REASON"),
	  N_("take no calls, and say why") },
	{ "accept", "接听", TYPED_ACCEPT, REST_NONE, "",
	  N_("take the call that is offered") },
	{ "refuse", "拒接", TYPED_REFUSE, REST_TEXT, N_("[REASON]"),
	  N_("leave the call that is offered to somebody else") },
	{ "hold", "保持", TYPED_HOLD, REST_NONE, "",
	  N_("put the caller on hold") },
	{ "retrieve", "取回", TYPED_RETRIEVE, REST_NONE, "",
	  N_("take the caller off hold (also: resume)") },
	{ "resume", "恢复", TYPED_RETRIEVE, REST_NONE, "", NULL },
	{ "transfer", "转接", TYPED_TRANSFER, REST_TEXT, N_("[WHO|NUMBER]"),
	  N_("give the caller to an agent or a number; without one, to whom "
	     "you consult") },
	{ "consult", "咨询", TYPED_CONSULT, REST_NEEDED, N_("WHO|NUMBER"),
	  N_("ask somebody while the caller is on hold") },
	{ "conference", "会议", TYPED_CONFERENCE, REST_NONE, "",
	  N_("all together: you, the caller, and whom you consult") },
	{ "hangup", "挂断", TYPED_HANG_UP, REST_NONE, "",
	  N_("end the call; while you consult, the consultation") },
	{ "requeue", "回队", TYPED_REQUEUE, REST_TEXT, N_("[QUEUE|@WHO]"),
	  N_("let the caller wait again, here or in another queue, or for "
	     "@WHO") },
	{ "note", "备注", TYPED_NOTE, REST_NEEDED, N_("TEXT"),
	  N_("write into the ticket of the present call") },
	{ "promise", "承诺", TYPED_PROMISE, REST_NEEDED, N_("TIME TEXT"),
	  N_("promise the caller something by then") },
	{ "pend", "待客户", TYPED_PEND, REST_NEEDED, N_("TIME TEXT"),
	  N_("the ticket waits for the customer, until then at most") },
	{ "pendothers", "待他方", TYPED_PEND_OTHERS, REST_NEEDED,
	  N_("TIME TEXT"),
	  N_("the ticket waits for others, until then at most") },
	{ "wrapup", "结束", TYPED_WRAP_UP, REST_TEXT,
	  N_("[--solved|--open] [--kind K] [--category C] [--dissatisfied] "
	     "[--notready] [TEXT]"),
	  N_("end the work after the call") },
	{ "more", "延长", TYPED_MORE, REST_NONE, "",
	  N_("more time for the work after the call") },
	{ "dial", "回拨", TYPED_DIAL, REST_TICKET,
	  N_("[--followup] [--to NUMBER] [TICKET]"),
	  N_("call the customer about a ticket, or after its solution") },
	{ "done", "完成", TYPED_DONE, REST_TICKET, N_("[TICKET]"),
	  N_("done with a ticket that came to you as work") },
	{ "ticket", "工单", TYPED_TICKET, REST_NUMBER, N_("NUMBER"),
	  N_("show a ticket") },
	{ "history", "历史", TYPED_HISTORY, REST_NONE, "",
	  N_("the caller's story once more") },
	{ "state", "状态", TYPED_STATE, REST_NONE, "",
	  N_("your state, and what is not yet saved") },
	{ "help", "帮助", TYPED_HELP, REST_NONE, "",
	  N_("this list") },
	{ "quit", "退出", TYPED_QUIT, REST_NONE, "",
	  N_("log off and end") },
};

enum option {
	OPT_SOLVED, OPT_OPEN, OPT_KIND, OPT_CATEGORY, OPT_DISSATISFIED,
	OPT_NOT_READY, OPT_FOLLOW_UP, OPT_TO
};

static const struct {
	const char *name, *chinese;
	enum option option;
	bool value;
	enum typed_verb of;
} options[] = {
	{ "--solved", "--已解决", OPT_SOLVED, false, TYPED_WRAP_UP },
	{ "--open", "--未解决", OPT_OPEN, false, TYPED_WRAP_UP },
	{ "--kind", "--类型", OPT_KIND, true, TYPED_WRAP_UP },
	{ "--category", "--类别", OPT_CATEGORY, true, TYPED_WRAP_UP },
	{ "--dissatisfied", "--不满", OPT_DISSATISFIED, false, TYPED_WRAP_UP },
	{ "--notready", "--未就绪", OPT_NOT_READY, false, TYPED_WRAP_UP },
	{ "--followup", "--回访", OPT_FOLLOW_UP, false, TYPED_DIAL },
	{ "--to", "--号码", OPT_TO, true, TYPED_DIAL },
};
/* clang-format on */

/* Every name of both tables, for the nearest right word: of the verbs, or of
 * one verb's options. */
static const char *
nearest(const char *got, enum typed_verb of)
{
	const char *names[NELEM(verbs) + NELEM(options) + 1];
	size_t n = 0;

	if (of != TYPED_NOTHING)
		for (size_t i = 0; i < NELEM(options); i++) {
			if (options[i].of == of)
				names[n++] = options[i].name;
		}
	else
		for (size_t i = 0; i < NELEM(verbs); i++)
			names[n++] = verbs[i].name;
	names[n] = NULL;
	return conf_nearest(got, names);
}

/* Length of the blank at `s', 0 if there is none: U+3000 is one, too. */
static size_t
blank(const char *s)
{
	if (*s == ' ' || *s == '\t' || *s == '\r')
		return 1;
	return strncmp(s, "\xE3\x80\x80", 3) == 0 ? 3 : 0;
}

static char *
skip_blanks(char *s)
{
	size_t n;

	while ((n = blank(s)) > 0)
		s += n;
	return s;
}

/* Cut off the word at the start; returns what comes behind the blanks. */
static char *
cut_word(char *s)
{
	size_t n;

	while (*s != '\0' && blank(s) == 0)
		s++;
	n = blank(s);
	if (n == 0)
		return s;
	*s = '\0';
	return skip_blanks(s + n);
}

static void
trim_end(char *s)
{
	char *end = s;

	for (char *p = s; *p != '\0';) {
		size_t n = blank(p);

		p += n > 0 ? n : 1;
		if (n == 0)
			end = p;
	}
	*end = '\0';
}

static enum typed_fault
fault(struct typed *t, enum typed_fault f, const char *word)
{
	text_clean(str_of(word), false, t->word, sizeof(t->word));
	return f;
}

/* The value of the digit at `s', or -1; *len bytes long. */
static int
digit(const char *s, size_t *len)
{
	const unsigned char *u = (const unsigned char *)s;

	*len = 1;
	if (*s >= '0' && *s <= '9')
		return *s - '0';
	if (u[0] != 0xEF || u[1] != 0xBC || u[2] < 0x90 || u[2] > 0x99)
		return -1;
	*len = 3; /* U+FF10 to U+FF19 */
	return u[2] - 0x90;
}

bool
typed_number(const char *s, uint64_t *number)
{
	int n = 0;

	for (*number = 0; *s != '\0';) {
		size_t len = blank(s);
		int d;

		if (len == 0 && *s == '-')
			len = 1;
		if (len == 0) {
			d = digit(s, &len);
			if (d < 0 || ++n > 18)
				return false;
			*number = *number * 10 + (uint64_t)d;
		}
		s += len;
	}
	return n > 0;
}

static enum typed_fault
take_option(struct typed *t, enum option o, char *value)
{
	const struct word *w;

	switch (o) {
	case OPT_SOLVED:
		t->solved = true;
		break;
	case OPT_OPEN:
		t->solved = false;
		break;
	case OPT_DISSATISFIED:
		t->dissatisfied = true;
		break;
	case OPT_NOT_READY:
		t->not_ready = true;
		break;
	case OPT_FOLLOW_UP:
		t->follow_up = true;
		break;
	case OPT_TO:
		t->to = value;
		break;
	case OPT_CATEGORY:
		t->category = value;
		break;
	case OPT_KIND:
		if ((w = word_find(words_kind, value)) == NULL)
			return fault(t, TYPED_BAD_VALUE, value);
		t->kind = (Mashang__TicketKind)w->value;
		break;
	}
	return TYPED_OK;
}

/* Options stand before the text; `--' ends them. */
static enum typed_fault
take_options(struct typed *t, char *s)
{
	while (strncmp(s, "--", 2) == 0) {
		char *rest = cut_word(s), *value = NULL;
		size_t i = 0;
		enum typed_fault f;

		if (s[2] == '\0') {
			s = rest;
			break;
		}
		while (i < NELEM(options) &&
		       (options[i].of != t->verb ||
			   (strcmp(options[i].name, s) != 0 &&
			       strcmp(options[i].chinese, s) != 0)))
			i++;
		if (i == NELEM(options)) {
			t->near = nearest(s, t->verb);
			return fault(t, TYPED_NO_OPTION, s);
		}
		if (options[i].value) {
			if (*rest == '\0')
				return fault(t, TYPED_NO_VALUE, s);
			value = rest;
			rest = cut_word(rest);
		}
		f = take_option(t, options[i].option, value);
		if (f != TYPED_OK)
			return f;
		s = rest;
	}
	t->text = s;
	return TYPED_OK;
}

static const struct verb *
find_verb(const char *word)
{
	for (size_t i = 0; i < NELEM(verbs); i++)
		if (strcmp(verbs[i].name, word) == 0 ||
		    strcmp(verbs[i].chinese, word) == 0)
			return &verbs[i];
	return NULL;
}

static enum typed_fault
take_rest(struct typed *t, const struct verb *v, char *rest)
{
	enum typed_fault f;

	t->text = rest;
	if (v->verb == TYPED_WRAP_UP)
		return take_options(t, rest);
	if (v->rest == REST_TICKET) {
		if ((f = take_options(t, rest)) != TYPED_OK || *t->text == '\0')
			return f;
		return typed_number(t->text, &t->number)
		           ? TYPED_OK
		           : fault(t, TYPED_BAD_NUMBER, t->text);
	}
	if (v->rest == REST_NONE && *rest != '\0')
		return fault(t, TYPED_TOO_MUCH, v->name);
	if (v->rest == REST_NEEDED && *rest == '\0')
		return fault(t, TYPED_NO_TEXT, v->name);
	if (v->rest == REST_NUMBER && !typed_number(rest, &t->number))
		return fault(t, TYPED_BAD_NUMBER, rest);
	return TYPED_OK;
}

enum typed_fault
typed_parse(char *line, struct typed *t)
{
	const struct verb *v;
	char *rest;

	*t = (struct typed){ .verb = TYPED_NOTHING, .text = line };
	switch (text_check(str_of(line), TYPED_TEXT_MAX)) {
	case ERR_OK:
		break;
	case ERR_TOO_LARGE:
		return TYPED_TOO_LONG;
	default:
		return TYPED_BAD_TEXT;
	}
	trim_end(line);
	line = skip_blanks(line);
	if (*line == '\0')
		return TYPED_OK;
	rest = cut_word(line);
	if ((v = find_verb(line)) == NULL) {
		t->near = nearest(line, TYPED_NOTHING);
		return fault(t, TYPED_NO_VERB, line);
	}
	t->verb = v->verb;
	return take_rest(t, v, rest);
}

void
typed_complain(FILE *f, enum typed_fault fault, const struct typed *t)
{
	switch (fault) {
	case TYPED_OK:
		return;
	case TYPED_NO_VERB:
		fprintf(f, _("There is no `%s'."), t->word);
		break;
	case TYPED_NO_OPTION:
		fprintf(f, _("There is no option `%s'."), t->word);
		break;
	case TYPED_NO_VALUE:
		fprintf(f, _("`%s' needs a word behind it."), t->word);
		break;
	case TYPED_BAD_VALUE:
		fprintf(
		    f, _("`%s' is not a kind of ticket; these are:"), t->word);
		for (const struct word *w = words_kind; w->name != NULL; w++)
			fprintf(f, " %s", w->name);
		break;
	case TYPED_BAD_NUMBER:
		fprintf(f, _("`%s' is not a ticket's number: digits only."),
		    t->word);
		break;
	case TYPED_NO_TEXT:
		fprintf(f, _("`%s' needs a text behind it."), t->word);
		break;
	case TYPED_TOO_MUCH:
		fprintf(f, _("`%s' takes nothing behind it."), t->word);
		break;
	case TYPED_TOO_LONG:
		fprintf(f, _("That is too long; at most %d bytes."),
		    TYPED_TEXT_MAX);
		break;
	case TYPED_BAD_TEXT:
		fputs(_("That is not UTF-8; set the terminal to it."), f);
		break;
	}
	if (t->near != NULL)
		fprintf(f, _(" Did you mean `%s'?"), t->near);
	else if (fault == TYPED_NO_VERB)
		fputs(_(" `help' lists what there is."), f);
	fputc('\n', f);
}

const char *
typed_name(enum typed_verb verb)
{
	for (size_t i = 0; i < NELEM(verbs); i++)
		if (verbs[i].verb == verb)
			return verbs[i].name;
	return NULL;
}

void
typed_help(FILE *f)
{
	for (size_t i = 0; i < NELEM(verbs); i++) {
		const struct verb *v = &verbs[i];

		if (v->help == NULL) /* another word for the one above */
			continue;
		fputs("  ", f);
		fmt_field(f, v->name, 11, false);
		fmt_field(f, v->chinese, 8, false);
		if (*v->args != '\0' && strlen(v->args) > 20)
			fprintf(f, "%s\n%21s", _(v->args), "");
		else if (*v->args != '\0')
			fprintf(f, "%s  ", _(v->args));
		fprintf(f, "%s\n", _(v->help));
	}
}
