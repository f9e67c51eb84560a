/*
 * freeswitch_probe.c - what is there and what is missing.
 */
#include <stdio.h>

#include "base/text.h"
#include "bridge/freeswitch.h"

static const struct {
	const char *ask, *want; /* want: what the answer begins with */
	const char *what, *remedy;
	enum { BOTH, ROUTING, LISTENING } when;
	bool needed;
} questions[] = {
	{ "module_exists mod_commands", "true", "mod_commands",
	    "load it in modules.conf.xml", BOTH, true },
	{ "module_exists mod_dptools", "true", "mod_dptools",
	    "load it in modules.conf.xml", ROUTING, true },
	{ "module_exists mod_dialplan_xml", "true", "mod_dialplan_xml",
	    "load it in modules.conf.xml", ROUTING, true },
	{ "xml_locate dialplan context name mashang", "<context",
	    "the context mashang in the dialplan",
	    "copy config/freeswitch/mashang.xml to conf/dialplan and reloadxml",
	    ROUTING, true },
	{ "module_exists mod_loopback", "true", "mod_loopback",
	    "load it in modules.conf.xml: without it no numbers outside are "
	    "called",
	    ROUTING, false },
	{ "module_exists mod_conference", "true", "mod_conference",
	    "load it in modules.conf.xml: without it there are no conferences",
	    ROUTING, false },
	{ "global_getvar hold_music", "", "music (hold_music)",
	    "set hold_music in vars.xml, as local_stream://moh", ROUTING,
	    false },
	{ "module_exists mod_callcenter", "true", "mod_callcenter",
	    "load it in modules.conf.xml, or do without listen_only", LISTENING,
	    true },
};

static void
line(struct fs *f, bool good, const char *what, const char *remedy)
{
	f->probe_line(f->probe_arg, good, what, remedy);
}

static void
finish(struct fs *f, bool good)
{
	void (*done)(void *, bool) = f->probe_done;

	f->probe_done = NULL;
	if (done != NULL)
		done(f->probe_arg, good);
}

void
fs_probe(
    void *self, driver_probe_fn *say, void (*done)(void *, bool), void *arg)
{
	struct fs *f = self;

	f->probe_line = say;
	f->probe_done = done;
	f->probe_arg = arg;
}

void
fs_probe_failed(struct fs *f, const char *why)
{
	if (f->probe_done == NULL)
		return;
	line(f, false, "the event socket", why);
	finish(f, false);
}

void
fs_probe_begin(struct fs *f)
{
	line(f, true, f->version, "");
	if (f->options->password_file[0] == '\0')
		line(f, false, "a password of your own",
		    "FreeSWITCH still has the one that everybody knows: change "
		    "it in event_socket.conf.xml, and name a password_file");
	for (size_t i = 0; i < NELEM(questions); i++) {
		char which[8];

		if (questions[i].when == (f->listen_only ? ROUTING : LISTENING))
			continue;
		snprintf(which, sizeof(which), "%zu", i);
		esl_begin(&f->command, "api ");
		esl_add(&f->command, questions[i].ask);
		if (fs_send(f, FS_PROBED, 0, str_of(which)))
			f->probe_left++;
	}
}

void
fs_probe_answer(struct fs *f, const struct fs_ask *k, const struct esl_frame *m)
{
	size_t i = (size_t)(k->what[0] - '0'), n;
	bool good;

	n = strlen(questions[i].want);
	good = fs_is_ok(m) && m->body.len >= n && m->body.len > 0 &&
	       memcmp(m->body.p, questions[i].want, n) == 0;
	line(f, good, questions[i].what, questions[i].remedy);
	f->probe_bad |= !good && questions[i].needed;
	if (--f->probe_left == 0)
		finish(f, !f->probe_bad);
}
