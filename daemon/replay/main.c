/*
 * main.c - mashang-replay: plan, play, report.
 */
#include <inttypes.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "replay/command.h"
#include "replay/generate.h"
#include "replay/incident_report.h"
#include "replay/progress.h"
#include "replay/report.h"

#define FILES_BESIDE 64 /* descriptors other than the agents' */

static struct play *playing; /* for the signals */

/* ------------------------------------------------------------------ action */

static enum err
make_plan(const struct command *c, struct plan **out)
{
	uint64_t n;
	enum err e;

	if (c->calls != NULL)
		e = bank_read(c->calls, &c->days, stderr, out);
	else
		e = generate_plan(c->generate, stderr, out);
	if (e != ERR_OK || c->agents == NULL ||
	    !command_number(c->agents, UINT64_MAX, &n))
		return e;
	e = plan_staff(*out, (size_t)n);
	if (e == ERR_OK)
		plan_settle(*out);
	else
		plan_free(out);
	return e;
}

static void
list_corrections(const struct plan *p)
{
	for (size_t i = 0; i < p->n_corrections; i++)
		printf("line %u %s: %s\n", p->corrections[i].line,
		    p->corrections[i].call, p->corrections[i].what);
}

/* One descriptor an agent. */
static void
raise_limit(size_t agents)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) != 0 ||
	    l.rlim_cur >= agents + FILES_BESIDE)
		return;
	l.rlim_cur = agents + FILES_BESIDE;
	if (l.rlim_max < l.rlim_cur)
		l.rlim_max = l.rlim_cur;
	if (setrlimit(RLIMIT_NOFILE, &l) != 0)
		fprintf(stderr,
		    "mashang-replay: %zu agents need as many descriptors; "
		    "raise `ulimit -n'\n",
		    agents);
}

static void
signal_cb(int sig)
{
	(void)sig;
	if (playing != NULL)
		play_stop(playing);
}

/* The second one ends the program as it always would. */
static void
catch_signals(struct play *p)
{
	struct sigaction sa = { .sa_handler = signal_cb,
		.sa_flags = (int)SA_RESETHAND };

	playing = p;
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
}

static enum err
tell(const struct command *c, const struct play *p, double loop_s,
    double domain_s)
{
	struct report r;
	const struct agents_counts *a = agents_counts(play_agents(p));
	enum err e = ERR_OK;

	report_make(play_switch(p), bridge_committed_up_to(play_bridge(p)), &r);
	report_latency(&r, agents_latency(play_agents(p)));
	r.uncommitted =
	    bridge_uncommitted(play_bridge(p)) + agents_unsaved(play_agents(p));
	r.bridge = *bridge_counts(play_bridge(p));
	r.offers = a->offers;
	r.notes = a->wrap_ups;
	r.errors = a->errors;
	r.last_error = a->last_error;
	r.loop_s = loop_s;
	r.domain_s = domain_s;
	if (c->corrections)
		list_corrections(play_switch(p)->plan);
	report_print(&r, stdout);
	if (c->json != NULL && (e = report_json(&r, c->json)) != ERR_OK)
		fprintf(
		    stderr, "mashang-replay: %s: cannot be written\n", c->json);
	report_summary(&r, stdout);
	return e;
}

static int
run(const struct command *c)
{
	struct progress progress;
	struct plan *plan = NULL;
	struct play *play = NULL;
	int64_t began = clock_loop(), from;
	enum err e;

	if (make_plan(c, &plan) != ERR_OK)
		return EXIT_FAILURE;
	raise_limit(plan->n_agents);
	progress_init(&progress, stderr, c->quiet, plan->n_calls);
	e = play_new(plan, &c->play, progress_show, &progress, &play);
	if (e == ERR_OK) {
		catch_signals(play);
		printf("repeated=%" PRIu64 "\n",
		    play_switch(play)->counts.repeated);
		from = play_now(play);
		e = play_run(play);
		progress_end(&progress);
		if (tell(c, play, (double)(clock_loop() - began) / 1e6,
			(double)(play_now(play) - from) / 1e6) != ERR_OK)
			e = ERR_IO;
	} else {
		fprintf(stderr, "mashang-replay: %s\n", err_name(e));
	}
	play_free(&play);
	plan_free(&plan);
	return e == ERR_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

static enum err
tell_incidents(const struct command *c, const struct incident_report *r)
{
	const struct incident_log *log = r->log;
	enum err e = ERR_OK;

	for (size_t i = 0; c->corrections && i < log->n_corrections; i++)
		printf("line %u %.*s: %s\n", log->corrections[i].line,
		    STR_ARG(log->corrections[i].number),
		    log->corrections[i].what);
	if (c->json != NULL && (e = incident_report_json(r, c->json)) != ERR_OK)
		fprintf(
		    stderr, "mashang-replay: %s: cannot be written\n", c->json);
	incident_report_print(r, stdout);
	return e;
}

static int
run_incidents(const struct command *c)
{
	struct admin_options o = { c->play.addresses, c->play.login,
		c->play.password };
	struct incident_report r = { .pauses = c->pauses };
	struct incident_result *results;
	struct incident_log *log;
	enum err e;

	if (incident_read(c->incidents, stderr, &log) != ERR_OK)
		return EXIT_FAILURE;
	results = calloc(log->n_incidents + 1, sizeof(*results));
	e = results != NULL ? incident_play(log, &o, c->pauses, results)
	                    : ERR_NOMEM;
	r.log = log;
	r.results = results;
	if (e == ERR_OK)
		e = tell_incidents(c, &r);
	else
		fprintf(stderr, "mashang-replay: %s\n", err_name(e));
	free(results);
	incident_log_free(&log);
	return e == ERR_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* On paper. */
static int
run_what_if(struct command *c)
{
	struct plan *plan = NULL;
	enum err e = log_set("error"); /* what the desk says of each agent */

	if (e == ERR_OK)
		e = make_plan(c, &plan);
	if (e == ERR_OK && c->print_hotline)
		whatif_hotline(plan, stdout);
	else if (e == ERR_OK) {
		c->whatif.plan = plan;
		e = whatif_run(&c->whatif, stdout);
	}
	plan_free(&plan);
	return e == ERR_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

int
main(int argc, char **argv)
{
	static struct command c;
	int status = command_read(argc, argv, &c);

	if (status != -1)
		return status;
	signal(SIGPIPE, SIG_IGN);
	if (sodium_init() < 0) {
		fputs("mashang-replay: libsodium does not start\n", stderr);
		return EXIT_FAILURE;
	}
	if (command_is_paper(&c))
		return run_what_if(&c);
	return c.incidents != NULL ? run_incidents(&c) : run(&c);
}
