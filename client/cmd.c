/*
 * cmd.c - from the command line to a row of the tables.
 */
#include "client/cmd.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf.h"
#include "base/err.h"
#include "base/text.h"
#include "client/fmt.h"
#include "client/i18n.h"

#define OPTS_MAX 32
#define OPT(field) offsetof(struct options, field)

/* clang-format off */
static const struct opt common[] = {
	{ "socket", OPT_TEXT, N_("ADDR"),
	  N_("the daemon: unix:/path or tcp:host:port, several with commas "
	     "(default $MASHANG_SOCKET, else /run/mashang/mashang.sock)"),
	  OPT(socket), 0, 0 },
	{ "login", OPT_TEXT, N_("NAME"),
	  N_("log in by this name (default: the operating system's user, who "
	     "must be root or the daemon's own)"), OPT(login), 0, 0 },
	{ "role", OPT_TEXT, N_("ROLE"),
	  N_("log in as supervisor, administrator or read-only (default: what "
	     "the log-in is)"),
	  OPT(role), 0, 0 },
	{ "password-file", OPT_TEXT, N_("FILE"),
	  N_("the password's file (default $MASHANG_PASSWORD_FILE, else it is "
	     "asked for)"), OPT(password_file), 0, 0 },
	{ "timeout", OPT_NUMBER, N_("SECONDS"),
	  N_("wait that long for the daemon (default 10)"),
	  OPT(timeout_s), 1, 3600 },
	{ "json", OPT_FLAG, NULL,
	  N_("for scripts: one JSON object a line; times and durations are "
	     "integer microseconds (UTC), ratios parts in a million"),
	  OPT(json), 0, 0 },
	{ "help", OPT_FLAG, NULL, N_("this text"), OPT(help), 0, 0 },
	{ NULL, OPT_FLAG, NULL, NULL, 0, 0, 0 }
};
/* clang-format on */

static const struct cmd *const commands[] = { &cmd_agent, &cmd_watch,
	&cmd_ticket, &cmd_queue, &cmd_call, &cmd_customer, &cmd_why,
	&cmd_why_not, &cmd_agent_state, &cmd_report, &cmd_admin };

/* Where in the tree of commands we are. */
struct place {
	const struct cmd *cmd; /* NULL: at the top */
	char path[80];         /* "mashang admin user" */
};

int
cmd_usage(const char *fmt, ...)
{
	va_list ap;

	fputs("mashang: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return EXIT_USAGE;
}

/* A command's own option stands before a common one of the same name. */
static bool
has_opt(const struct opt *table, const char *name)
{
	for (; table != NULL && table->name != NULL; table++)
		if (strcmp(table->name, name) == 0)
			return true;
	return false;
}

/* ------------------------------------------------------------------ help */

#define HELP_LEFT 28
#define HELP_WIDTH 80

/* Words of `text' in lines that begin in one column. */
static void
help_wrapped(const char *text, int left, int at)
{
	while (*text != '\0') {
		size_t n = strcspn(text, " ");
		int w = text_columns((struct str){ text, (uint32_t)n });

		if (at > left && at + 1 + w > HELP_WIDTH) {
			printf("\n%*s", left, "");
			at = left;
		} else if (at > left) {
			putchar(' ');
			at++;
		}
		printf("%.*s", (int)n, text);
		at += w;
		text += n;
		text += strspn(text, " ");
	}
	putchar('\n');
}

static void
help_row(const char *left, const char *args, const char *text)
{
	int n = 2 + text_columns(str_of(left)) + (*args != '\0' ? 1 : 0) +
	        text_columns(str_of(args));

	printf("  %s%s%s", left, *args != '\0' ? " " : "", args);
	if (n >= HELP_LEFT)
		printf("\n%*s", HELP_LEFT, "");
	else
		printf("%*s", HELP_LEFT - n, "");
	help_wrapped(text, HELP_LEFT, HELP_LEFT);
}

static void
help_options(const struct opt *o, const struct opt *but)
{
	for (; o != NULL && o->name != NULL; o++) {
		char left[40];

		if (has_opt(but, o->name))
			continue;
		snprintf(left, sizeof(left), "--%s", o->name);
		help_row(left, o->value != NULL ? _(o->value) : "", _(o->help));
	}
}

static void
help_commands(const struct cmd *parent)
{
	if (parent == NULL)
		for (size_t i = 0; i < NELEM(commands); i++)
			help_row(commands[i]->name, "", _(commands[i]->help));
	else
		for (const struct cmd *c = parent->sub; c->name != NULL; c++)
			help_row(c->name, c->args, _(c->help));
}

static void
help_exit_codes(void)
{
	printf("\n%s\n", _("Exit codes:"));
	help_row("0", "", _("done"));
	help_row("1", "", _("refused by the daemon"));
	help_row("2", "", _("no daemon can be reached"));
	help_row("64", "", _("the command line or the given file is wrong"));
	help_row("74", "", _("a file or the terminal fails here"));
	help_row("75", "", _("taken by the daemon, but not yet saved"));
}

static int
help(const struct place *p)
{
	const struct cmd *c = p->cmd;
	bool group = c == NULL || c->sub != NULL;

	printf(_("Usage: %s"), p->path);
	printf(
	    " %s %s\n", _("[OPTION...]"), group ? _("COMMAND ...") : c->args);
	help_wrapped(
	    c == NULL ? _("The terminal of the service hotline.") : _(c->help),
	    0, 0);
	if (c != NULL && c->more != NULL) {
		putchar('\n');
		help_wrapped(_(c->more), 0, 0);
	}
	if (group) {
		printf("\n%s\n", _("Commands:"));
		help_commands(c);
	}
	printf("\n%s\n", _("Options:"));
	if (c != NULL)
		help_options(c->opts, NULL);
	help_options(common, c != NULL ? c->opts : NULL);
	if (c == NULL)
		help_row("--version", "", _("print the version"));
	help_exit_codes();
	return EXIT_OK;
}

/* --------------------------------------------------------------- parsing */

struct opt_set {
	const struct opt *rows[OPTS_MAX];
	struct option longs[OPTS_MAX + 1];
	const char *names[OPTS_MAX + 1];
	size_t n;
};

static void
add_opts(struct opt_set *s, const struct opt *o, const struct opt *but)
{
	for (; o != NULL && o->name != NULL && s->n < OPTS_MAX; o++) {
		if (has_opt(but, o->name))
			continue;
		s->rows[s->n] = o;
		s->names[s->n] = o->name;
		s->longs[s->n] = (struct option){ o->name,
			o->type == OPT_FLAG ? no_argument : required_argument,
			NULL, (int)s->n + 256 };
		s->n++;
	}
}

static int
store(const struct opt *o, const char *value, struct options *out)
{
	void *to = (char *)out + o->offset;
	char *end;
	long long n;

	switch (o->type) {
	case OPT_FLAG:
		*(bool *)to = true;
		break;
	case OPT_TEXT:
		*(const char **)to = value;
		break;
	case OPT_NUMBER:
		errno = 0;
		n = strtoll(value, &end, 10);
		if (*value < '0' || *value > '9' || *end != '\0' ||
		    errno != 0 || n < o->min || n > o->max)
			return cmd_usage(
			    _("--%s takes a number from %lld to %lld"), o->name,
			    (long long)o->min, (long long)o->max);
		*(int64_t *)to = n;
		break;
	}
	return EXIT_OK;
}

static int
bad_option(const struct opt_set *s, const char *arg, int c)
{
	char clean[64], *equals;
	const char *near;

	text_clean(str_of(arg), false, clean, sizeof(clean));
	if (c == ':')
		return cmd_usage(_("%s needs a value"), clean);
	if ((equals = strchr(clean, '=')) != NULL)
		*equals = '\0';
	near = strncmp(clean, "--", 2) == 0 ? conf_nearest(clean + 2, s->names)
	                                    : NULL;
	if (near != NULL)
		return cmd_usage(
		    _("there is no option %s here; did you mean --%s?"), clean,
		    near);
	return cmd_usage(_("there is no option %s here; see --help"), clean);
}

/* -m is short for --text, where there is one: 0, if there is none. */
static int
text_opt(const struct opt_set *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->names[i], "text") == 0)
			return (int)i + 256;
	return 0;
}

/* Options at this place; a group stops at the first word. */
static int
take_options(const struct cmd *c, int argc, char **argv, struct options *o)
{
	struct opt_set s = { .n = 0 };
	bool group = c == NULL || c->sub != NULL;
	int ch, e;

	if (c != NULL)
		add_opts(&s, c->opts, NULL);
	add_opts(&s, common, c != NULL ? c->opts : NULL);
	s.names[s.n] = NULL;
	s.longs[s.n] = (struct option){ NULL, 0, NULL, 0 };
	optind = 0;
	opterr = 0;
	while ((ch = getopt_long(
		    argc, argv, group ? "+:" : ":m:", s.longs, NULL)) != -1) {
		if (ch == 'm' && (ch = text_opt(&s)) == 0)
			return bad_option(&s, "-m", ch);
		if (ch < 256)
			return bad_option(&s, argv[optind - 1], ch);
		if ((e = store(s.rows[ch - 256], optarg, o)) != EXIT_OK)
			return e;
	}
	return EXIT_OK;
}

static const struct cmd *
find_command(const struct cmd *parent, const char *word)
{
	if (parent == NULL) {
		for (size_t i = 0; i < NELEM(commands); i++)
			if (strcmp(commands[i]->name, word) == 0)
				return commands[i];
		return NULL;
	}
	for (const struct cmd *c = parent->sub; c->name != NULL; c++)
		if (strcmp(c->name, word) == 0)
			return c;
	return NULL;
}

static int
no_command(const struct place *p, const char *word)
{
	const char *names[32], *near;
	char clean[64];
	size_t n = 0;

	if (word == NULL)
		return cmd_usage(
		    _("which command? `%s --help' lists them"), p->path);
	if (p->cmd == NULL)
		for (size_t i = 0; i < NELEM(commands); i++)
			names[n++] = commands[i]->name;
	else
		for (const struct cmd *c = p->cmd->sub;
		     c->name != NULL && n + 1 < NELEM(names); c++)
			names[n++] = c->name;
	names[n] = NULL;
	text_clean(str_of(word), false, clean, sizeof(clean));
	if ((near = conf_nearest(word, names)) != NULL)
		return cmd_usage(_("there is no command `%s %s'; did you mean "
				   "`%s'?"),
		    p->path, clean, near);
	return cmd_usage(
	    _("there is no command `%s %s'; `%s --help' lists them"), p->path,
	    clean, p->path);
}

static int
run_leaf(const struct place *p, struct options *o, int argc, char **argv)
{
	const struct cmd *c = p->cmd;

	if (argc < c->min_args)
		return cmd_usage(
		    _("something is missing; usage: %s %s"), p->path, c->args);
	if (argc > c->max_args)
		return cmd_usage(
		    _("too many words; usage: %s %s"), p->path, c->args);
	return c->run(o, argc, argv);
}

int
cmd_main(int argc, char **argv)
{
	struct options o = { .timeout_s = 10, .every_s = 2 };
	struct place p = { NULL, "mashang" };

	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		printf("mashang %s\n", VERSION);
		return EXIT_OK;
	}
	for (;;) {
		size_t n = strlen(p.path);
		int e = take_options(p.cmd, argc, argv, &o);

		if (e != EXIT_OK)
			return e;
		if (o.help)
			return help(&p);
		argc -= optind;
		argv += optind;
		if (p.cmd != NULL && p.cmd->sub == NULL)
			return run_leaf(&p, &o, argc, argv);
		if (argc == 0)
			return no_command(&p, NULL);
		const struct cmd *next = find_command(p.cmd, argv[0]);
		if (next == NULL)
			return no_command(&p, argv[0]);
		p.cmd = next;
		snprintf(p.path + n, sizeof(p.path) - n, " %s", next->name);
	}
}
