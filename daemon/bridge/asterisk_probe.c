/*
 * asterisk_probe.c - what an operator would have to mend.
 *
 * Nothing is changed: the commands that the user may give are listed, the
 * dialplan is shown, modules are asked for by a function.  Which events the
 * user may see cannot be asked; FullyBooted tells of one class of them.
 */
#include <stdio.h>

#include "bridge/asterisk.h"

#define REMEDY_MAX 200

enum probed { PROBE_COMMANDS, PROBE_CONTEXT, PROBE_MODULE };

static const struct {
	const char *action, *right;
	bool listening; /* needed even there */
} actions[] = {
	{ "Status", "call", true },
	{ "Getvar", "call", true },
	{ "CoreSettings", "reporting", true },
	{ "CoreStatus", "reporting", true },
	{ "Setvar", "call", false },
	{ "Redirect", "call", false },
	{ "Hangup", "call", false },
	{ "Originate", "originate", false },
};

static const struct {
	const char *what;
	enum probed kind;
	bool needed; /* else: something cannot be done without it */
	const char *without;
} items[] = {
	{ "", PROBE_COMMANDS, true, "" },
	{ "mashang-in", PROBE_CONTEXT, true, "" },
	{ "mashang-wait", PROBE_CONTEXT, true, "" },
	{ "mashang-hold", PROBE_CONTEXT, true, "" },
	{ "mashang-agent", PROBE_CONTEXT, true, "" },
	{ "mashang-out", PROBE_CONTEXT, true, "" },
	{ "mashang-room", PROBE_CONTEXT, true, "" },
	{ "mashang-spy", PROBE_CONTEXT, true, "" },
	{ "mashang-settings", PROBE_CONTEXT, true, "" },
	{ "mashang-dial", PROBE_CONTEXT, false, "no number can be dialled" },
	{ "app_userevent.so", PROBE_MODULE, true, "" },
	{ "app_stack.so", PROBE_MODULE, true, "" },
	{ "func_uri.so", PROBE_MODULE, true, "" },
	{ "func_channel.so", PROBE_MODULE, true, "" },
	{ "func_strings.so", PROBE_MODULE, true, "" },
	{ "app_dial.so", PROBE_MODULE, true, "" },
	{ "res_musiconhold.so", PROBE_MODULE, true, "" },
	{ "app_confbridge.so", PROBE_MODULE, false, "no conferences" },
	{ "app_chanspy.so", PROBE_MODULE, false,
	    "supervisors cannot listen to calls" },
	{ "res_manager_devicestate.so", PROBE_MODULE, false,
	    "phones count as always there" },
};

static void
line(struct ast *a, bool good, const char *what, const char *remedy)
{
	if (!good)
		a->probe_bad = true;
	a->probe_line(a->probe_arg, good, what, remedy);
}

void
ast_probe(
    void *self, driver_probe_fn *to, void (*done)(void *, bool), void *arg)
{
	struct ast *a = self;

	a->probe_line = to;
	a->probe_done = done;
	a->probe_arg = arg;
}

static void
end(struct ast *a)
{
	void (*done)(void *, bool) = a->probe_done;

	a->probe_done = NULL;
	if (done != NULL)
		done(a->probe_arg, !a->probe_bad);
}

void
ast_probe_failed(struct ast *a, const char *why)
{
	char what[256];

	if (a->probe_done == NULL)
		return; /* it has been told */
	snprintf(what, sizeof(what), "%s: %s", a->options->address,
	    why != NULL ? why : "no connection");
	line(a, false, what,
	    "see config/asterisk/manager.conf: enabled = yes, the port and "
	    "bindaddr, a user of this name with this secret that is permitted "
	    "from here; then `manager reload'");
	end(a);
}

static void
ask(struct ast *a, unsigned i)
{
	struct ast_ask k = { .asked = AST_PROBED, .number = i };

	switch (items[i].kind) {
	case PROBE_COMMANDS:
		ast_begin(a, "ListCommands");
		break;
	case PROBE_CONTEXT:
		ast_begin(a, "ShowDialPlan");
		ami_addf(&a->action, "Context", "%s", items[i].what);
		break;
	case PROBE_MODULE:
		ast_begin(a, "Getvar");
		ami_addf(&a->action, "Variable", "IFMODULE(%s)", items[i].what);
		break;
	}
	if (ast_send(a, &k))
		a->probe_left++;
}

/* Logged in, and it has said what it is. */
void
ast_probe_settings(struct ast *a)
{
	char what[256];

	snprintf(what, sizeof(what), "%s, logged in as %s", a->version,
	    a->options->user);
	line(a, true, what, "");
	for (unsigned i = 0; i < NELEM(items); i++)
		if (items[i].kind == PROBE_COMMANDS || !a->listen_only)
			ask(a, i);
	if (a->probe_left == 0)
		ast_probe_failed(a, "cannot write");
}

static void
commands(struct ast *a, const struct ami_message *m)
{
	char what[128], remedy[REMEDY_MAX];

	for (size_t i = 0; i < NELEM(actions); i++) {
		if ((a->listen_only && !actions[i].listening) ||
		    ami_get(m, actions[i].action).p != NULL)
			continue;
		snprintf(what, sizeof(what), "the user %s may not do %s",
		    a->options->user, actions[i].action);
		snprintf(remedy, sizeof(remedy),
		    "manager.conf, [%s]: add %s to write =; then `manager "
		    "reload'",
		    a->options->user, actions[i].right);
		line(a, false, what, remedy);
	}
}

static void
context(struct ast *a, unsigned i, const struct ami_message *m)
{
	char what[128];
	bool there = ami_is(m, "Response", "Success");

	if (there)
		return;
	snprintf(what, sizeof(what), "[%s] is not in the dialplan%s%s",
	    items[i].what, items[i].without[0] != '\0' ? ": " : "",
	    items[i].without);
	line(a, false, what,
	    "copy config/asterisk/extensions.conf to /etc/asterisk, #include "
	    "it at the end of extensions.conf, then `dialplan reload'");
}

static void
module(struct ast *a, unsigned i, const struct ami_message *m)
{
	char what[128], remedy[REMEDY_MAX];

	if (!ami_is(m, "Response", "Success") || !ami_is(m, "Value", "0"))
		return;
	snprintf(what, sizeof(what), "%s is not loaded%s%s", items[i].what,
	    items[i].without[0] != '\0' ? ": " : "", items[i].without);
	snprintf(
	    remedy, sizeof(remedy), "modules.conf: load = %s", items[i].what);
	if (items[i].needed)
		line(a, false, what, remedy);
	else
		a->probe_line(a->probe_arg, true, what, remedy);
}

void
ast_probe_response(
    struct ast *a, const struct ast_ask *k, const struct ami_message *m)
{
	if (m == NULL || a->probe_done == NULL)
		return;
	switch (items[k->number].kind) {
	case PROBE_COMMANDS:
		commands(a, m);
		break;
	case PROBE_CONTEXT:
		context(a, k->number, m);
		break;
	case PROBE_MODULE:
		module(a, k->number, m);
		break;
	}
	if (--a->probe_left > 0)
		return;
	if (!a->booted)
		line(a, false,
		    "no event of class system has come behind the log-in",
		    "manager.conf: read = system,call,user (and agent, where "
		    "the bridge only listens)");
	else
		a->probe_line(a->probe_arg, true,
		    "events come; whether those of calls do is seen with the "
		    "first call",
		    "");
	end(a);
}
