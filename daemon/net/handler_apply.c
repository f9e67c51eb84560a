/*
 * handler_apply.c - a whole configuration: taken in, checked, compared with
 * what the ledger has, and put into force.
 *
 * The frames of one Apply are kept as they came until the last; then they are
 * decoded once more, into memory of their own.  What is there now is read in
 * twelve questions.  Both sides become lists of (kind, name, text), sorted: the
 * difference is a merge, and what is shown is what was compared.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "desk/clockwork.h"
#include "net/config_sla.h"
#include "net/config_text.h"
#include "net/page.h"
#include "net/session.h"
#include "store/ledger.h"

#define REVISION_QUESTIONS 4 /* of `questions', first */
#define FRAMES_MAX 512       /* 32 MiB */
#define MEMORY (256u * 1024 * 1024)

struct apply {
	struct ask ask; /* from the last frame on */
	struct arena *arena;
	ProtobufCBinaryData *frames;
	unsigned n_frames;
	bool dry_run;
	int apply_to; /* Mashang__ApplyTo */
	struct config config;
	struct config_sla sla;
	struct sla_revision revision; /* that would come of it */
	struct config_items wanted, present;
	unsigned next; /* question */
	struct config_ids ids;
	struct clock_preview preview;
	bool previewed;
};

/* In this order, since queues name skills and agents and numbers queues; before
 * all else which revision is the last. */
static const enum ledger_query questions[] = { LQ_SLA_REVISIONS, LQ_SLA_QUEUES,
	LQ_SLA_CALENDARS, LQ_SLA_POLICIES, LQ_CONFIG_SKILLS, LQ_CONFIG_SWITCHES,
	LQ_CONFIG_QUEUES, LQ_CONFIG_AGENTS, LQ_CONFIG_DEVICES,
	LQ_CONFIG_NUMBERS, LQ_CONFIG_DIALLING, LQ_CONFIG_REASONS };

static void
apply_free(struct apply *a)
{
	arena_free(&a->arena);
	free(a);
}

void
apply_forget(struct session *s)
{
	if (s->apply != NULL)
		apply_free(s->apply);
	s->apply = NULL;
	if (s->trying == NULL)
		return;
	clockwork_preview_forget(desk_clockwork(s->net->desk), s->trying);
	apply_free(s->trying);
	s->trying = NULL;
}

static void
give_up(struct apply *a, enum err e)
{
	struct session *s = ask_end(&a->ask);

	if (s != NULL)
		session_fail(s, &a->ask.op,
		    e == ERR_IO ? fault(&s->net->fault, e, "ledger", NULL) : e);
	apply_free(a);
}

/* ----------------------------------------------------------------- the end */

/* clang-format off */
static const struct column change_columns[] = {
	{ "kind",   CELL_TEXT, "skill, queue, rule, agent, agent_order, device, "
				"number, dialling, reason, calendar, policy or "
				"policy_order; clocks: what it would do to them." },
	{ "name",   CELL_TEXT, "Which." },
	{ "change", CELL_TEXT, "added, changed or removed." },
	{ "before", CELL_TEXT, "As it was." },
	{ "after",  CELL_TEXT, "As it is now." },
};
/* clang-format on */

static struct cell
text_cell(struct str s)
{
	return (struct cell){ .null = s.len == 0, .text = s };
}

static bool
add_change(struct page *p, const struct config_change *c)
{
	const struct cell cells[] = {
		text_cell(str_of(config_kind_name(c->kind))),
		text_cell(c->name),
		text_cell(str_of(c->before.len == 0  ? "added"
				 : c->after.len == 0 ? "removed"
						     : "changed")),
		text_cell(c->before),
		text_cell(c->after),
	};

	return page_add(p, cells);
}

/* What the clockwork has counted stands first. */
static void
add_preview(struct page *p, const struct clock_preview *c)
{
	const struct {
		const char *name;
		uint64_t n;
	} rows[] = {
		{ "tickets that are open", c->total },
		{ "clocks that run or wait", c->clocks },
		{ "would be broken now", c->breached },
		{ "would not be broken any more", c->unbreached },
		{ "would be due earlier", c->earlier },
		{ "would be due later", c->later },
		{ "would be new", c->added },
		{ "would be dropped", c->dropped },
	};
	char text[24];

	for (unsigned i = 0; i < NELEM(rows); i++) {
		int n = snprintf(text, sizeof(text), "%" PRIu64, rows[i].n);
		const struct cell cells[] = { text_cell(STR_LIT("clocks")),
			text_cell(str_of(rows[i].name)), { .null = true },
			{ .null = true },
			text_cell((struct str){ text, (uint32_t)n }) };

		if (!page_add(p, cells))
			return;
	}
}

static bool
add_more(struct page *p, unsigned left)
{
	char text[48];
	int n = snprintf(text, sizeof(text), "%u more changes", left);
	const struct cell cells[] = { text_cell(STR_LIT("more")),
		text_cell((struct str){ text, (uint32_t)n }), { .null = true },
		{ .null = true }, { .null = true } };

	return page_add(p, cells);
}

/* What does not fit into one frame is counted in its last row. */
static void
send_changes(struct apply *a, struct session *s)
{
	struct config_change c;
	struct config_merge m;
	unsigned left = 0;
	struct page page;

	arena_reset(s->net->scratch);
	page_begin(&page, s, change_columns, NELEM(change_columns), 0);
	if (a->previewed)
		add_preview(&page, &a->preview);
	config_merge_begin(&m, &a->present, &a->wanted, a->config.keep_others);
	while (config_merge_next(&m, &c)) {
		config_shorten(page.scratch, &c.before, &c.after);
		if (left > 0 || !add_change(&page, &c))
			left++;
	}
	if (left > 0 && !add_more(&page, left)) {
		page.n--; /* its place is taken by the count */
		add_more(&page, left + 1);
	}
	page_send(&page, s, &a->ask.op, (struct str){ NULL, 0 });
}

static void
finish(struct apply *a)
{
	struct session *s = ask_end(&a->ask);

	if (s != NULL)
		send_changes(a, s);
	apply_free(a);
}

/* The clocks go by the new revision from here on. */
static void
configured(void *arg, enum err e)
{
	struct apply *a = arg;
	struct net *n = a->ask.net;

	if (e != ERR_OK) {
		give_up(a, e);
		return;
	}
	clockwork_up(desk_clockwork(n->desk), net_now(n));
	finish(a);
}

static void
applied(void *arg, enum err e)
{
	struct apply *a = arg;

	if (e == ERR_CONFLICT)
		e = fault(&a->ask.net->fault, ERR_CONFIG, "0", "0",
		    "another configuration was applied at the same time",
		    "look what it changed, and apply again", NULL);
	if (e != ERR_OK || a->ask.net->desk == NULL)
		give_up(a, e != ERR_OK ? e : ERR_IO);
	else
		desk_configure(a->ask.net->desk, configured, a);
}

/* ----------------------------------------------------------------- trying */

/* Does what came change what the clocks go by? */
static bool
touches_clocks(const struct apply *a)
{
	struct config_merge m;
	struct config_change c;

	config_merge_begin(&m, &a->present, &a->wanted, a->config.keep_others);
	while (config_merge_next(&m, &c))
		if (c.kind >= CONFIG_CALENDAR)
			return true;
	return !config_sla_same_queues(&a->revision, &a->ids);
}

static void
tell_progress(struct apply *a)
{
	Mashang__Envelope e = MASHANG__ENVELOPE__INIT;
	Mashang__Progress p = MASHANG__PROGRESS__INIT;

	p.done = a->preview.done;
	p.total = a->preview.total;
	e.body_case = MASHANG__ENVELOPE__BODY_PROGRESS;
	e.progress = &p;
	session_reply(a->ask.s, &a->ask.op, &e);
}

/* Its session is there: one that goes is forgotten before (apply_forget). */
static void
counted(void *arg, enum err e, const struct clock_preview *p, bool end)
{
	struct apply *a = arg;

	if (e == ERR_OK)
		a->preview = *p;
	if (e == ERR_OK && !end) {
		tell_progress(a);
		return;
	}
	a->ask.s->trying = NULL;
	a->previewed = e == ERR_OK;
	if (e == ERR_OK)
		finish(a);
	else
		give_up(a, e);
}

/* Dry: what would it do to the tickets that are open? */
static void
try_out(struct apply *a)
{
	struct net *n = a->ask.net;
	enum err e = ERR_IO;

	if (a->ask.s == NULL || a->apply_to == APPLY_NEW ||
	    !touches_clocks(a)) {
		finish(a);
		return;
	}
	a->revision.at = net_now(n);
	a->ask.s->trying = a;
	if (n->desk != NULL)
		e = clockwork_preview(desk_clockwork(n->desk), &a->revision,
		    (enum sla_apply_to)a->apply_to, net_now(n), counted, a);
	if (e == ERR_OK)
		return;
	a->ask.s->trying = NULL;
	give_up(a, e);
}

static void
put_into_force(struct apply *a)
{
	struct ledger *l = a->ask.net->env.ledger;
	struct config_merge m;
	struct config_change c;
	enum err e;

	config_merge_begin(&m, &a->present, &a->wanted, a->config.keep_others);
	if (a->dry_run) {
		try_out(a);
		return;
	}
	if (!config_merge_next(&m, &c)) {
		finish(a);
		return;
	}
	e = l->ops->apply(l, &a->config, applied, a);
	if (e != ERR_OK)
		give_up(a, e);
}

/* ------------------------------------------------------ what is there now */

static void ask_next(struct apply *);

static void
read_rows(void *arg, enum err e, const struct ledger_rows *rows)
{
	struct apply *a = arg;

	if (e == ERR_OK)
		e = config_read(
		    a->arena, questions[a->next], rows, &a->ids, &a->present);
	if (e != ERR_OK) {
		give_up(a, e);
		return;
	}
	a->next++;
	ask_next(a);
}

/* Checked here, where it is known what stays. */
static void
compare(struct apply *a)
{
	struct fault f = { 0 };
	struct session *s;
	enum err e;

	config_items_sort(&a->present);
	a->config.revision = a->ids.revision;
	e = config_check(
	    a->arena, &a->config, &a->sla, &a->present, &a->wanted, &f);
	if (e == ERR_OK)
		e = config_rules_rings(a->arena, &a->config, &a->ids, &f);
	if (e == ERR_OK)
		e = config_ranks(
		    a->arena, &a->config, &a->ids, &a->present, &a->wanted);
	if (e == ERR_OK)
		e = config_sla_revision(
		    a->arena, &a->config, &a->sla, &a->ids, &f, &a->revision);
	if (e == ERR_OK) {
		put_into_force(a);
		return;
	}
	if ((s = ask_end(&a->ask)) != NULL) {
		s->net->fault = f;
		session_fail(s, &a->ask.op, e);
	}
	apply_free(a);
}

/* All revisions' ids, then only what the last one says. */
static int64_t
after_revision(const struct apply *a)
{
	return a->next == 0 ? 0 : (int64_t)a->ids.revision - 1;
}

static void
ask_next(struct apply *a)
{
	struct ledger *l = a->ask.net->env.ledger;
	char after[16];
	const struct str arg = { after, (uint32_t)snprintf(after, sizeof(after),
					    "%" PRId64, after_revision(a)) };
	enum err e;

	if (a->next == NELEM(questions)) {
		compare(a);
		return;
	}
	e = l->ops->query(l, questions[a->next],
	    a->next < REVISION_QUESTIONS ? 1 : 0, &arg, read_rows, a);
	if (e != ERR_OK)
		give_up(a, e);
}

/* ------------------------------------------------------------- what comes */

static void *
arena_take(void *arena, size_t n)
{
	return arena_alloc(arena, n);
}

static void
arena_leave(void *arena, void *p)
{
	(void)arena;
	(void)p;
}

static enum err
decode(struct apply *a, struct fields *f)
{
	ProtobufCAllocator in_arena = { arena_take, arena_leave, a->arena };
	Mashang__Apply *m;
	enum err e = ERR_OK;

	for (unsigned i = 0; e == ERR_OK && i < a->n_frames; i++) {
		m = mashang__apply__unpack(
		    &in_arena, a->frames[i].len, a->frames[i].data);
		e = m == NULL ? ERR_NOMEM
		              : config_take(a->arena, f, m, &a->config);
		if (e == ERR_OK)
			e = config_sla_take(a->arena, f, m, &a->sla);
	}
	if (e == ERR_OK)
		e = config_sla_texts(a->arena, f, &a->sla, &a->config);
	if (e == ERR_OK)
		e = config_items(a->arena, f, &a->config, &a->wanted);
	return e;
}

/* After a reconnect only what had no reply yet is sent again: the rest of a
 * configuration must not be taken for the whole of it. */
static enum err
keep_frame(struct session *s, const Mashang__Apply *m)
{
	struct apply *a = s->apply;
	ProtobufCBinaryData *f;

	if (m->part != 0 && m->part != a->n_frames + 1)
		return fault(&s->net->fault, ERR_REFUSED, "apply",
		    "from the first part", NULL);
	if (a->n_frames == FRAMES_MAX)
		return fault(
		    &s->net->fault, ERR_TOO_LARGE, "apply", "32 MiB", NULL);
	f = &a->frames[a->n_frames];
	f->len = mashang__apply__get_packed_size(m);
	if ((f->data = arena_alloc(a->arena, f->len + 1)) == NULL)
		return ERR_NOMEM;
	mashang__apply__pack(m, f->data);
	a->n_frames++;
	return ERR_OK;
}

static enum err
begin(struct session *s)
{
	struct apply *a;

	if ((a = calloc(1, sizeof(*a))) == NULL)
		return ERR_NOMEM;
	s->apply = a;
	a->arena = arena_new(64 * 1024, MEMORY);
	if (a->arena != NULL)
		a->frames =
		    arena_alloc(a->arena, FRAMES_MAX * sizeof(*a->frames));
	if (a->arena != NULL && a->frames != NULL)
		return ERR_OK;
	apply_forget(s);
	return ERR_NOMEM;
}

static enum err
take_apply_to(struct apply *a, const struct fields *f, int apply_to)
{
	static const char *const words[] = { "new", "forward", "retroactive" };

	a->apply_to = apply_to;
	if (apply_to < 0 || (size_t)apply_to >= NELEM(words))
		return fault(
		    f->fault, ERR_BAD_FIELD, "apply_to", "0 to 2", NULL);
	a->config.apply_to = words[apply_to];
	return ERR_OK;
}

/* The last frame: the configuration leaves the session and becomes an ask. */
static enum err
begin_asking(struct session *s, const Mashang__Apply *m, const struct id *op)
{
	struct fields f = fields_of(s);
	struct apply *a = s->apply;
	enum err e;

	a->dry_run = m->dry_run;
	a->config.keep_others = m->keep_others;
	a->config.op = *op;
	a->config.actor = arena_copy(a->arena, str_of(s->login));
	a->config.now = net_now(s->net);
	if (a->config.now == 0 && s->net->env.driven)
		a->config.now = 1; /* before all that will be played */
	f.scratch = a->arena;
	if (s->trying != NULL)
		return ERR_BUSY; /* one at a time */
	if ((e = take_apply_to(a, &f, m->apply_to)) != ERR_OK)
		return e;
	if ((e = decode(a, &f)) != ERR_OK)
		return e;
	if (!ask_begin(&a->ask, s, op))
		return ERR_BUSY;
	s->apply = NULL;
	ask_next(a);
	return ERR_OK;
}

enum err
on_apply(struct session *s, const Mashang__Envelope *e)
{
	const Mashang__Apply *m = e->apply;
	struct id op = op_of(e);
	enum err why = ERR_OK;

	if (s->apply == NULL)
		why = begin(s);
	if (why == ERR_OK)
		why = keep_frame(s, m);
	if (why == ERR_OK && m->more)
		session_done(s, &op, 0);
	else if (why == ERR_OK)
		why = begin_asking(s, m, &op);
	if (why != ERR_OK)
		apply_forget(s);
	return why;
}
