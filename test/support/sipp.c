/*
 * sipp.c - see sipp.h.
 */
#include "test/support/sipp.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test/support/stack.h"
#include "test/support/support.h"

#define ARGS_MAX 48
#define SCENARIO_ROOM PATH_MAX

struct words {
	const char *argv[ARGS_MAX];
	unsigned n;
	char text[ARGS_MAX][64];
};

static void
add(struct words *w, const char *word)
{
	ck_assert_uint_lt(w->n, ARGS_MAX - 1);
	w->argv[w->n++] = word;
}

static void
add_number(struct words *w, const char *option, unsigned value)
{
	snprintf(w->text[w->n], sizeof(w->text[0]), "%u", value);
	add(w, option);
	add(w, w->text[w->n - 1]);
}

static void
add_text(struct words *w, const char *option, const char *value)
{
	add(w, option);
	add(w, value);
}

static const char *
scenario_path(const char *name, char path[SCENARIO_ROOM])
{
	char cwd[PATH_MAX / 2];

	ck_assert_ptr_nonnull(getcwd(cwd, sizeof(cwd)));
	snprintf(path, SCENARIO_ROOM, "%s/test/sipp/%s.xml", cwd, name);
	return path;
}

/* What all of them are given. */
static void
begin(struct words *w, const struct sip_lab *l, const char *path,
    const char *address, unsigned port)
{
	memset(w, 0, sizeof(*w));
	add(w, "sipp");
	snprintf(w->text[0], sizeof(w->text[0]), LAB_PHONES ":%u", l->sip);
	add(w, w->text[0]);
	add_text(w, "-sf", path);
	add_text(w, "-i", address);
	add_number(w, "-p", port);
	add_number(w, "-mp", lab_port());
	add(w, "-nostdin");
	/* A second call to the same phone has the same Call-ID. */
	add_text(w, "-deadcall_wait", "0");
	add(w, "-timeout_error");
	add(w, "-trace_err");
}

void
sipp_start(struct sipp *p, const struct sip_lab *l, const struct sipp_how *how)
{
	const char *address = how->address != NULL ? how->address
	    : how->from != NULL                    ? LAB_LINES
	                                           : LAB_PHONES;
	char path[SCENARIO_ROOM], out[96], rate[16], trace[96];
	struct words w;

	memset(p, 0, sizeof(*p));
	p->lab = l;
	p->scenario = how->scenario;
	p->port = how->port != 0 ? how->port : lab_port();
	begin(&w, l, scenario_path(how->scenario, path), address, p->port);
	add_number(&w, "-m", how->calls != 0 ? how->calls : 1);
	add_number(&w, "-d", how->pause_ms != 0 ? how->pause_ms : 300);
	add_number(&w, "-timeout", how->seconds != 0 ? how->seconds : 40);
	if (how->per_second != 0) {
		snprintf(rate, sizeof(rate), "%u", how->per_second);
		add_text(&w, "-r", rate);
		add_number(&w, "-l", 4 * how->per_second);
	}
	if (how->trace) {
		add(&w, "-trace_msg");
		snprintf(trace, sizeof(trace), "%s-%u.msg", how->scenario,
		    p->port);
		add_text(&w, "-message_file", trace);
	}
	if (how->from != NULL) {
		add_text(&w, "-s", how->to != NULL ? how->to : "4001");
		add(&w, "-key");
		add_text(&w, "caller", how->from);
		add(&w, "-key");
		add_text(&w, "more",
		    how->more != NULL ? how->more : "X-Nothing: -");
	}
	snprintf(out, sizeof(out), "%s-%u.log", how->scenario, p->port);
	p->pid = lab_spawn(l->dir, w.argv, out);
	if (how->from == NULL)
		lab_wait_udp(p->pid, address, p->port);
}

int
sipp_status(struct sipp *p)
{
	int status = stack_wait(p->pid, 90);

	p->pid = 0;
	return status;
}

void
sipp_well(struct sipp *p)
{
	int status = sipp_status(p);

	ck_assert_msg(status == 0, "%s (port %u) ended with %d: see %s",
	    p->scenario, p->port, status, p->lab->dir);
}

void
sipp_stop(struct sipp *p)
{
	if (p->pid > 0) {
		kill(p->pid, SIGKILL);
		waitpid(p->pid, NULL, 0);
	}
	p->pid = 0;
}

/* `n' names counted from `name', a line each. */
static void
write_names(const char *path, const char *name, unsigned n)
{
	FILE *f = fopen(path, "we");

	ck_assert_ptr_nonnull(f);
	fputs("SEQUENTIAL\n", f);
	for (unsigned i = 0; i < n; i++)
		fprintf(f,
		    "%llu;[authentication username=%llu password=%s]\n",
		    strtoull(name, NULL, 10) + i, strtoull(name, NULL, 10) + i,
		    LAB_PASSWORD);
	fclose(f);
}

static void
do_register(const struct sip_lab *l, const char *name, unsigned n,
    unsigned port, const char *expires)
{
	char path[SCENARIO_ROOM], names[PATH_MAX], contact[8];
	struct words w;
	pid_t pid;

	snprintf(names, sizeof(names), "%s/names-%u.csv", l->dir, port);
	write_names(names, name, n);
	begin(&w, l, scenario_path("register", path), LAB_PHONES, lab_port());
	snprintf(contact, sizeof(contact), "%u", port);
	add_text(&w, "-inf", names);
	add_number(&w, "-m", n);
	add_text(&w, "-r", "200");
	add_text(&w, "-timeout", "10");
	add(&w, "-key");
	add_text(&w, "contact", contact);
	add(&w, "-key");
	add_text(&w, "expires", expires);
	pid = lab_spawn(l->dir, w.argv, "register.log");
	ck_assert_int_eq(stack_wait(pid, 20), 0);
}

void
sipp_register(const struct sip_lab *l, const char *name, unsigned port)
{
	do_register(l, name, 1, port, "120");
}

void
sipp_register_many(
    const struct sip_lab *l, const char *first, unsigned n, unsigned port)
{
	do_register(l, first, n, port, "120");
}

void
sipp_unregister(const struct sip_lab *l, const char *name, unsigned port)
{
	do_register(l, name, 1, port, "0");
}
