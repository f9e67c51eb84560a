/*
 * cmd_apply.c - `mashang admin apply': a hotline's file put into force.
 *
 * What changed calendars and policies would do to open tickets is shown first,
 * and, where somebody sits at a terminal, asked about.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client/ask.h"
#include "client/cmd.h"
#include "client/fmt.h"
#include "client/hotline.h"
#include "client/i18n.h"
#include "client/listing.h"

#define OPT(field) offsetof(struct options, field)
#define POLL_S 1

struct applying {
	struct ask *ask;
	const struct options *o;
	const struct hotline *hotline;
	Mashang__ApplyTo apply_to;
	bool dry_run, changed;
};

static int
applied_cb(void *arg, const Mashang__Envelope *reply)
{
	struct applying *x = arg;
	struct listing l = { .out = stdout, .json = x->o->json };

	if (reply->body_case != MASHANG__ENVELOPE__BODY_PAGE)
		return EXIT_OK;
	x->changed = reply->page->n_rows > 0;
	if (x->changed)
		listing_print(&l, reply->page);
	if (reply->page->cursor.len > 0 && !x->o->json)
		puts(_("... and more changes than fit here."));
	return EXIT_OK;
}

static int
send_part(void *arg, Mashang__Apply *part)
{
	struct applying *x = arg;
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;

	part->dry_run = x->dry_run;
	part->keep_others = x->o->keep_others;
	part->apply_to = x->apply_to;
	e.body_case = MASHANG__ENVELOPE__BODY_APPLY;
	e.apply = part;
	return ask_for(x->ask, &e, applied_cb, x);
}

static int
send_all(struct applying *x, bool dry_run)
{
	x->dry_run = dry_run;
	return hotline_send(x->hotline, send_part, x);
}

/* ------------------------------------------------------------------ asking */

static bool
is_asked_about(const struct applying *x)
{
	return x->apply_to != MASHANG__APPLY_TO__APPLY_TO_NEW &&
	       !x->o->dry_run && !x->o->yes && !x->o->json &&
	       isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

static bool
confirm(void)
{
	char line[16];

	fputs(_("Apply this, to open tickets too? [y/N] "), stdout);
	fflush(stdout);
	return fgets(line, sizeof(line), stdin) != NULL &&
	       (line[0] == 'y' || line[0] == 'Y' ||
		   strncmp(line, "是", strlen("是")) == 0);
}

/* ----------------------------------------------------------------- waiting */

/* The newest revision's job, from the list `revisions'. */
struct job {
	bool running;
	uint64_t done, total;
};

static int64_t
number_of(const Mashang__Page *p, const char *column, bool *null)
{
	for (size_t i = 0; i < p->n_columns && i < p->rows[0]->n_cells; i++)
		if (str_eq(fmt_str(p->columns[i]->name), str_of(column))) {
			*null = p->rows[0]->cells[i]->null;
			return p->rows[0]->cells[i]->number;
		}
	*null = true;
	return 0;
}

static int
job_cb(void *arg, const Mashang__Envelope *reply)
{
	struct job *j = arg;
	bool no_job = true, ended = true;

	j->running = false;
	if (reply->body_case != MASHANG__ENVELOPE__BODY_PAGE ||
	    reply->page->n_rows == 0)
		return EXIT_OK;
	j->done = (uint64_t)number_of(reply->page, "done", &ended);
	j->total = (uint64_t)number_of(reply->page, "total", &no_job);
	number_of(reply->page, "ended_at", &ended);
	j->running = !no_job && ended; /* no end is there */
	return EXIT_OK;
}

static int
wait_for_job(struct applying *x)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__Show m = MASHANG__SHOW__INIT;
	struct job j = { .running = true };
	int code = EXIT_OK;

	m.what = fmt_data("revisions");
	e.body_case = MASHANG__ENVELOPE__BODY_SHOW;
	e.show = &m;
	while (code == EXIT_OK && j.running) {
		code = ask_for(x->ask, &e, job_cb, &j);
		if (code != EXIT_OK || !j.running)
			break;
		ask_progress(j.done, j.total);
		code = ask_pause(x->ask, POLL_S);
	}
	ask_progress_end();
	return code;
}

/* ------------------------------------------------------------------- apply */

static int
finish(struct applying *x)
{
	int code = EXIT_OK;

	if (x->o->wait && !x->o->dry_run && x->changed &&
	    x->apply_to != MASHANG__APPLY_TO__APPLY_TO_NEW)
		code = wait_for_job(x);
	if (x->o->json || code != EXIT_OK)
		return code;
	if (!x->changed)
		puts(_("Nothing differs."));
	else if (x->o->dry_run)
		puts(_("Dry run: nothing was changed."));
	else
		puts(_("Applied."));
	return code;
}

static int
run(struct applying *x)
{
	int code = ask_open(x->o, &x->ask);
	bool asked = is_asked_about(x);

	if (code == EXIT_OK)
		code = send_all(x, x->o->dry_run || asked);
	if (code == EXIT_OK && asked && x->changed) {
		if (!confirm()) {
			puts(_("Nothing was changed."));
			goto out;
		}
		code = send_all(x, false);
	}
	if (code == EXIT_OK)
		code = finish(x);
out:
	ask_close(&x->ask);
	return code;
}

int
cmd_apply(const struct options *o, int argc, char **argv)
{
	static const char *const words[] = { "new", "forward", "retroactive" };
	struct applying x = { .o = o };
	struct hotline h;
	size_t to = 0;
	int code;

	(void)argc;
	while (o->clocks != NULL && to < NELEM(words) &&
	       strcmp(words[to], o->clocks) != 0)
		to++;
	if (to == NELEM(words))
		return cmd_usage(
		    _("--clocks is one of: new, forward, retroactive"));
	x.apply_to = (Mashang__ApplyTo)to;
	if (hotline_load(argv[0], &h, stderr) != ERR_OK)
		return EXIT_USAGE;
	x.hotline = &h;
	code = run(&x);
	hotline_free(&h);
	return code;
}

/* clang-format off */
const struct opt cmd_apply_opts[] = {
	{ "dry-run", OPT_FLAG, NULL, N_("show what would change, change nothing"),
	  OPT(dry_run), 0, 0 },
	{ "keep-others", OPT_FLAG, NULL,
	  N_("leave what the file does not name as it is (default: it goes)"),
	  OPT(keep_others), 0, 0 },
	{ "clocks", OPT_TEXT, N_("WHOSE"),
	  N_("changed calendars and policies are for new tickets (new, the "
	     "default), for open ones from now on (forward), or for open ones "
	     "as if they had always held (retroactive)"),
	  OPT(clocks), 0, 0 },
	{ "yes", OPT_FLAG, NULL,
	  N_("do not ask before open tickets are touched"), OPT(yes), 0, 0 },
	{ "wait", OPT_FLAG, NULL,
	  N_("until all open tickets go by the new policies"),
	  OPT(wait), 0, 0 },
	{ NULL, OPT_FLAG, NULL, NULL, 0, 0, 0 }
};
/* clang-format on */
