/*
 * cmd_admin.c - `mashang admin': configuration, lists, log-ins.
 */
#include <stdio.h>
#include <string.h>

#include "client/ask.h"
#include "client/cmd.h"
#include "client/creds.h"
#include "client/fmt.h"
#include "client/i18n.h"
#include "client/listing.h"
#include "client/words.h"

#define OPT(field) offsetof(struct options, field)

/* ------------------------------------------------------------------ show */

static const char lists_help[] =
    N_("WHAT: queues agents calls switches devices store sessions stats "
       "logins tickets day.  KEY is the name of a column.");

static int
show(const struct options *o, int argc, char **argv)
{
	struct listing_query q = {
		.limit = o->limit, .json = o->json, .describe = o->columns
	};
	struct ask *a;
	int code;

	if (argc == 0) {
		puts(_(lists_help));
		return EXIT_OK;
	}
	q.what = argv[0];
	q.where = argv + 1;
	q.n_where = argc - 1;
	code = ask_open(o, &a);
	if (code == EXIT_OK)
		code = listing_run(a, &q);
	ask_close(&a);
	return code;
}

static int
revisions(const struct options *o, int argc, char **argv)
{
	char what[] = "revisions", *words[] = { what };

	(void)argc;
	(void)argv;
	return show(o, 1, words);
}

/* ------------------------------------------------------------------ user */

static int
done_cb(void *arg, const Mashang__Envelope *reply)
{
	const struct options *o = arg;

	(void)reply;
	if (!o->json)
		puts(_("Done."));
	return EXIT_OK;
}

static int
set_user(const struct options *o, Mashang__UserSet *u)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	struct ask *a;
	int code = ask_open(o, &a);
	struct options copy = *o;

	e.body_case = MASHANG__ENVELOPE__BODY_USER_SET;
	e.user_set = u;
	if (code == EXIT_OK)
		code = ask_for(a, &e, done_cb, &copy);
	ask_close(&a);
	return code;
}

/* With a new password, wiped afterwards. */
static int
set_user_password(const struct options *o, Mashang__UserSet *u)
{
	char password[CREDS_PASSWORD_MAX + 1];
	int code = creds_new_password(
	    o->new_password_file, password, sizeof(password));

	if (code == EXIT_OK) {
		u->password = fmt_data(password);
		code = set_user(o, u);
	}
	explicit_bzero(password, sizeof(password));
	return code;
}

static int
user_add(const struct options *o, int argc, char **argv)
{
	Mashang__UserSet u = MASHANG__USER_SET__INIT;
	const struct word *role = word_find(
	    words_role, o->user_role != NULL ? o->user_role : "agent");

	(void)argc;
	if (role == NULL)
		return cmd_usage(_("--role is one of: agent, supervisor, "
				   "administrator, read-only, bridge"));
	u.login = fmt_data(argv[0]);
	u.create = true;
	u.role = (Mashang__Role)role->value;
	u.switch_ = fmt_data(o->switch_name);
	if ((u.role == MASHANG__ROLE__ROLE_BRIDGE) != (o->switch_name != NULL))
		return cmd_usage(_("a bridge, and only a bridge, has a "
				   "--switch"));
	return set_user_password(o, &u);
}

static int
user_passwd(const struct options *o, int argc, char **argv)
{
	Mashang__UserSet u = MASHANG__USER_SET__INIT;

	(void)argc;
	u.login = fmt_data(argv[0]);
	return set_user_password(o, &u);
}

static int
user_disable(const struct options *o, int argc, char **argv)
{
	Mashang__UserSet u = MASHANG__USER_SET__INIT;

	(void)argc;
	u.login = fmt_data(argv[0]);
	u.disable = true;
	return set_user(o, &u);
}

static int
user_enable(const struct options *o, int argc, char **argv)
{
	Mashang__UserSet u = MASHANG__USER_SET__INIT;

	(void)argc;
	u.login = fmt_data(argv[0]);
	u.enable = true;
	return set_user(o, &u);
}

/* ---------------------------------------------------------------- tables */

/* clang-format off */
static const struct opt show_opts[] = {
	{ "limit", OPT_NUMBER, N_("ROWS"), N_("at most so many"),
	  OPT(limit), 1, 1000000 },
	{ "columns", OPT_FLAG, NULL, N_("what each column means"),
	  OPT(columns), 0, 0 },
	{ NULL, OPT_FLAG, NULL, NULL, 0, 0, 0 }
};
#define NEW_PASSWORD { "new-password-file", OPT_TEXT, N_("FILE"), \
	  N_("the new password's file, - for standard input (default: it is " \
	     "asked for)"), OPT(new_password_file), 0, 0 }
static const struct opt add_opts[] = {
	{ "role", OPT_TEXT, N_("ROLE"),
	  N_("agent (default), supervisor, administrator, read-only, bridge"),
	  OPT(user_role), 0, 0 },
	{ "switch", OPT_TEXT, N_("NAME"), N_("a bridge's switch"),
	  OPT(switch_name), 0, 0 },
	NEW_PASSWORD,
	{ NULL, OPT_FLAG, NULL, NULL, 0, 0, 0 }
};
static const struct opt passwd_opts[] = {
	NEW_PASSWORD,
	{ NULL, OPT_FLAG, NULL, NULL, 0, 0, 0 }
};

static const struct cmd user_subs[] = {
	{ .name = "add", .args = "NAME", .help = N_("a new log-in"),
	  .run = user_add, .opts = add_opts, .min_args = 1, .max_args = 1 },
	{ .name = "passwd", .args = "NAME", .help = N_("a new password"),
	  .run = user_passwd, .opts = passwd_opts, .min_args = 1,
	  .max_args = 1 },
	{ .name = "disable", .args = "NAME",
	  .help = N_("switch a log-in off; its sessions end"),
	  .run = user_disable, .min_args = 1, .max_args = 1 },
	{ .name = "enable", .args = "NAME", .help = N_("switch it on again"),
	  .run = user_enable, .min_args = 1, .max_args = 1 },
	{ .name = NULL }
};

static const struct cmd subs[] = {
	{ .name = "apply", .args = "FILE",
	  .help = N_("make queues, agents, calendars, policies and the rest "
		     "as a file says"),
	  .more = N_("The file is checked first; what is wrong is told with "
		     "line and column.  config/hotline.yaml is an example."),
	  .run = cmd_apply, .opts = cmd_apply_opts, .min_args = 1,
	  .max_args = 1 },
	{ .name = "show", .args = "[WHAT [KEY=VALUE...]]",
	  .help = N_("any list of the daemon"),
	  .more = lists_help,
	  .run = show, .opts = show_opts, .max_args = 17 },
	{ .name = "revisions", .args = "",
	  .help = N_("calendars and policies through time, and their way to "
		     "open tickets"),
	  .run = revisions },
	{ .name = "user", .args = "COMMAND ...", .help = N_("log-ins"),
	  .sub = user_subs },
	{ .name = NULL }
};
/* clang-format on */

const struct cmd cmd_admin = { .name = "admin",
	.args = "COMMAND ...",
	.help = N_("administration"),
	.sub = subs };
