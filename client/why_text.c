/*
 * why_text.c - see why_text.h.
 */
#include "client/why_text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "client/fmt.h"
#include "client/i18n.h"
#include "client/words.h"

/* clang-format off */
struct sentence {
	const char *kind, *text;
};

static const struct sentence decisions[] = {
	{ "enqueued", N_("Waits in {queue}.[ Asked for: {skills}.]"
	  "[ Only agents of tiers up to {tier}.][ Also the agents of "
	  "{neighbours}.][ For {agent} alone.][ By `{rule}'.]"
	  "[ Put ahead by {terms}.]") },
	{ "relaxed", N_("More agents may take it[, by `{rule}'].[ Asked for: "
	  "{skills}.][ Agents of tiers up to {tier}.][ Also the agents of "
	  "{neighbours}.]") },
	{ "first", N_("Waits for {agent} alone[, by `{rule}'].") },
	{ "everybody", N_("Waits for all agents of {queue}[, by `{rule}']"
	  "[, by {actor}].") },
	{ "forgiven", N_("Who refused it may be asked again[, by `{rule}'].") },
	{ "reordered", N_("More is known of the caller: its place has changed."
	  "[ Put ahead by {terms}.]") },
	{ "moved", N_("Moved[ from {from_queue}][ to {queue}][ by {actor}].") },
	{ "reprioritised", N_("Its place was changed[ by {actor}].[ Put ahead "
	  "by {terms}.]") },
	{ "assigned", N_("Given to {agent} alone[ by {actor}].") },
	{ "withdrawn", N_("Taken out[ by {actor}].") },
	{ "overflowed", N_("Sent[ from {from_queue}] to {queue}"
	  "[, by `{rule}'].") },
	{ "refused", N_("Not let wait[, by `{rule}'].") },
	{ "callback", N_("To be called back[, by `{rule}'].") },
	{ "returned", N_("Was here just now: has its old place again"
	  "[, by `{rule}'].") },
	{ "no_queue", N_("Its number leads to no queue: nobody is offered "
	  "it[: {rule}].") },
	{ "repaired", N_("Was lost by the matcher, found, and put back in its "
	  "place.") },
	{ "offered", N_("Offered to {agent}[ (of {via})]:[ {strategy}][; of {staff} "
	  "at work, {ready} ready].") },
	{ NULL, NULL }
};

/* Why the agent was first; {score} as each strategy means it. */
static const struct sentence strategies[] = {
	{ "longest_idle", N_("idle the longest[, since {score}]") },
	{ "round_robin", N_("whose turn it was[, last asked {score}]") },
	{ "fewest_calls", N_("with the fewest calls[, {score}]") },
	{ "least_talk", N_("with the least talk[, {score}]") },
	{ "top_down", N_("the first of the list[, number {score}]") },
	{ "random", N_("drawn by lot") },
	{ "weighted_random", N_("drawn by weighted lot") },
	{ "ring_all", N_("all are rung") },
	{ "most_skilled", N_("the most skilled") },
	{ "least_skilled", N_("the least skilled who will do") },
	{ "direct", N_("it waited for them alone") },
	{ NULL, NULL }
};

static const struct sentence ends[] = {
	{ "accepted", N_("{agent} took it.") },
	{ "refused", N_("{agent} refused it, and is not asked again.") },
	{ "no_answer", N_("{agent} did not answer, and is not asked again.") },
	{ "not_delivered", N_("The screen of {agent} did not show it: not "
	  "asked again.") },
	{ "caller_gone", N_("The caller was gone before {agent} answered.") },
	{ "rescinded", N_("It was taken back from {agent}.") },
	{ "device_busy", N_("The phone of {agent} was busy: not asked again.") },
	{ "device_failed", N_("The phone of {agent} could not be rung: not asked "
	  "again.") },
	{ "agent_gone", N_("{agent} was gone.") },
	{ "withdrawn", N_("It was taken from {agent} by hand.") },
	{ NULL, NULL }
};

static const struct sentence rules[] = {
	{ "not_logged_in", N_("was not logged in") },
	{ "not_ready", N_("was not ready[: {what}]") },
	{ "offered", N_("was offered it[: {what}]") },
	{ "busy", N_("was in a call or offered another one") },
	{ "wrap_up", N_("was writing up a call") },
	{ "other_switch", N_("sat at phone {what}, which is on switch {who}: it "
	  "cannot be rung for this call") },
	{ "agent_only", N_("was not meant: it waited for {what} alone") },
	{ "not_in_queue", N_("is not an agent of {what}[, nor of its neighbours "
	  "then]") },
	{ "tier", N_("is of tier {has} in {what}: tiers up to {needs} had "
	  "joined") },
	{ "skill", N_("has {what} {has}, asked for was {needs}") },
	{ "excluded", N_("had been asked before: {what}") },
	{ "others_first", N_("was ready, but {who} was first[: {what}]"
	  "[ ({needs}, here {has})]") },
	{ "not_waiting", N_("could not be asked: it was in no line yet") },
	{ "free", N_("was kept from it by nothing: it was being matched") },
	{ NULL, NULL }
};

static const struct word terms[] = {
	{ 0, "priority", N_("class of the switch"), NULL },
	{ 0, "grade", N_("customer's grade"), NULL },
	{ 0, "breached ticket", N_("a broken promise"), NULL },
	{ 0, "repeat call", N_("called before"), NULL },
	{ 0, "word", N_("word of the menu"), NULL },
	{ 0, "granted", N_("a supervisor"), NULL },
	{ 0, NULL, NULL, NULL }
};
/* clang-format on */

static const struct sentence *
find(const struct sentence *table, const char *kind)
{
	while (table->kind != NULL && strcmp(table->kind, kind) != 0)
		table++;
	return table->kind != NULL ? table : NULL;
}

/* ------------------------------------------------------------------- cells */

struct row {
	const Mashang__Page *page;
	const Mashang__Row *row;
};

static const Mashang__Cell *
cell_of(const struct row *r, const char *name, size_t len)
{
	const struct str want = { name, (uint32_t)len };

	for (size_t i = 0; i < r->page->n_columns && i < r->row->n_cells; i++)
		if (str_eq(fmt_str(r->page->columns[i]->name), want))
			return r->row->cells[i]->null ? NULL : r->row->cells[i];
	return NULL;
}

static const Mashang__Cell *
cell(const struct row *r, const char *name)
{
	return cell_of(r, name, strlen(name));
}

static int64_t
number(const struct row *r, const char *name)
{
	const Mashang__Cell *c = cell(r, name);

	return c != NULL ? c->number : 0;
}

/* Clean, for the caller to free; NULL: none. */
static char *
text(const struct row *r, const char *name)
{
	const Mashang__Cell *c = cell(r, name);

	return c != NULL && c->text.len > 0 ? fmt_clean(fmt_str(c->text), false)
	                                    : NULL;
}

static bool
is(const struct row *r, const char *name, const char *word)
{
	const Mashang__Cell *c = cell(r, name);

	return c != NULL && str_eq(fmt_str(c->text), str_of(word));
}

/* "14:03:10.123" */
static void
put_clock(FILE *f, int64_t at)
{
	time_t t = (time_t)(at / 1000000);
	struct tm tm;
	char buf[16];

	localtime_r(&t, &tm);
	strftime(buf, sizeof(buf), "%H:%M:%S", &tm);
	fprintf(f, "%s.%03d", buf, (int)(at / 1000 % 1000));
}

/* "priority 2=20000000;word gas=60000000": a word of ours, then which. */
static void
put_terms(FILE *f, char *list)
{
	char buf[FMT_ROOM], *one, *rest = list;

	for (unsigned n = 0; (one = strsep(&rest, ";")) != NULL; n++) {
		char *equals = strrchr(one, '='), *which = NULL;

		if (equals == NULL)
			continue;
		*equals = '\0';
		if (word_find(terms, one) == NULL &&
		    (which = strchr(one, ' ')) != NULL)
			*which++ = '\0';
		fprintf(f, "%s%s%s%s (%s)", n > 0 ? ", " : "",
		    word_of_name(terms, one), which != NULL ? " " : "",
		    which != NULL ? which : "",
		    fmt_duration(strtoll(equals + 1, NULL, 10), buf));
	}
}

static void put_template(FILE *, const char *, const struct row *);

/* A score is what its strategy says that it is. */
static void
put_score(FILE *f, const struct row *r, int64_t n, const char *strategy)
{
	char buf[FMT_ROOM];

	if (is(r, strategy, "longest_idle") || is(r, strategy, "round_robin"))
		put_clock(f, n);
	else if (is(r, strategy, "least_talk"))
		fputs(fmt_duration(n, buf), f);
	else
		fprintf(f, "%" PRId64, n);
}

static void
put_word(FILE *f, const struct row *r, const char *name, char *word)
{
	const struct sentence *s;

	if (strcmp(name, "terms") == 0) {
		put_terms(f, word);
	} else if (strcmp(name, "cause") == 0) {
		fputs(word_of_name(words_cause, word), f);
	} else if (strcmp(name, "strategy") == 0) {
		s = find(strategies, word);
		put_template(f, s != NULL ? _(s->text) : word, r);
	} else if (strcmp(name, "what") == 0 &&
		   (is(r, "rule", "not_ready") || is(r, "rule", "offered") ||
		       is(r, "rule", "excluded"))) {
		fputs(words_reason(word), f);
	} else if (strcmp(name, "what") == 0 && is(r, "rule", "others_first")) {
		s = find(strategies, word);
		/* Without the score: both stand behind it. */
		put_template(f, s != NULL ? _(s->text) : word,
		    &(struct row){ r->page, &(Mashang__Row){ .n_cells = 0 } });
	} else {
		fputs(word, f);
	}
}

static void
put_cell(FILE *f, const struct row *r, const char *name)
{
	const Mashang__Cell *c = cell(r, name);
	char *word;

	if (c == NULL)
		return;
	if (strcmp(name, "score") == 0) {
		put_score(f, r, c->number, "strategy");
	} else if ((strcmp(name, "has") == 0 || strcmp(name, "needs") == 0) &&
		   is(r, "rule", "others_first")) {
		put_score(f, r, c->number, "what");
	} else if (c->text.len == 0) {
		fprintf(f, "%" PRId64, c->number);
	} else if ((word = text(r, name)) != NULL) {
		put_word(f, r, name, word);
		free(word);
	}
}

/* The name of the cell that begins at `p'; false: none does. */
static bool
take_name(const char *p, char out[32], size_t *len)
{
	const char *end = *p == '{' ? strchr(p, '}') : NULL;

	if (end == NULL || end - p > 31)
		return false;
	*len = (size_t)(end - p) + 1;
	memcpy(out, p + 1, *len - 2);
	out[*len - 2] = '\0';
	return true;
}

/* From the [ on: are all its cells there? */
static bool
is_complete(const char *p, const struct row *r)
{
	char name[32];
	size_t len;

	for (; *p != '\0' && *p != ']'; p++)
		if (take_name(p, name, &len) && cell(r, name) == NULL)
			return false;
	return true;
}

static void
put_template(FILE *f, const char *p, const struct row *r)
{
	char name[32];
	size_t len;

	while (*p != '\0') {
		if (*p == '[' && !is_complete(p, r)) {
			p += strcspn(p, "]");
			p += *p == ']';
		} else if (take_name(p, name, &len)) {
			put_cell(f, r, name);
			p += len;
		} else {
			if (*p != '[' && *p != ']')
				fputc(*p, f);
			p++;
		}
	}
}

/* ------------------------------------------------------------------ a story */

static void
add(struct why_story *s, int64_t at, const char *template, const struct row *r)
{
	struct why_line *l = &s->lines[s->n];
	size_t len;
	FILE *f;

	if (at == 0 || s->n == WHY_LINES_MAX)
		return;
	if ((f = open_memstream(&l->text, &len)) == NULL)
		return;
	put_template(f, template, r);
	fclose(f);
	l->at = at;
	l->n = s->n++;
}

void
why_story_call(struct why_story *s, const Mashang__Page *p)
{
	struct row r = { p, p->n_rows > 0 ? p->rows[0] : NULL };
	char *id;
	size_t len;
	FILE *f;

	if (r.row == NULL || (f = open_memstream(&s->title, &len)) == NULL)
		return;
	if ((id = text(&r, "call")) != NULL)
		snprintf(s->call, sizeof(s->call), "%s", id);
	free(id);
	put_template(
	    f, _("Call {name} of switch {switch}[, from {caller}]"), &r);
	fclose(f);
	add(s, number(&r, "offered_at"), _("Came in."), &r);
	add(s, number(&r, "established_at"), _("Connected[ to {agent}]."), &r);
	add(s, number(&r, "ended_at"), _("Over[: {cause}]."), &r);
}

void
why_story_decisions(struct why_story *s, const Mashang__Page *p)
{
	for (size_t i = 0; i < p->n_rows; i++) {
		struct row r = { p, p->rows[i] };
		char *kind = text(&r, "kind"), *end = text(&r, "reason");
		const struct sentence *what = NULL;

		if (kind != NULL) {
			what = find(decisions, kind);
			add(s, number(&r, "at"),
			    what != NULL ? _(what->text) : kind, &r);
		}
		if (end != NULL && (what = find(ends, end)) != NULL)
			add(s, number(&r, "ended_at"), _(what->text), &r);
		free(kind);
		free(end);
	}
}

static int
by_time(const void *a, const void *b)
{
	const struct why_line *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return (x->n > y->n) - (x->n < y->n);
}

void
why_story_print(FILE *f, struct why_story *s)
{
	char buf[FMT_ROOM];

	qsort(s->lines, s->n, sizeof(*s->lines), by_time);
	if (s->title != NULL)
		fprintf(f, "%s\n", s->title);
	if (s->n > 0)
		fprintf(f, "%s\n", fmt_time(s->lines[0].at, buf));
	for (unsigned i = 0; i < s->n; i++) {
		fputs("  ", f);
		put_clock(f, s->lines[i].at);
		fprintf(f, "  %s\n", s->lines[i].text);
	}
}

void
why_story_free(struct why_story *s)
{
	for (unsigned i = 0; i < s->n; i++)
		free(s->lines[i].text);
	free(s->title);
	memset(s, 0, sizeof(*s));
}

/* Begun and ended within the same millisecond: nothing to read. */
static bool
is_a_moment(const struct row *r)
{
	return number(r, "from_at") / 1000 == number(r, "to_at") / 1000;
}

void
why_not_print(FILE *f, const Mashang__Page *p)
{
	for (size_t i = 0; i < p->n_rows; i++) {
		struct row r = { p, p->rows[i] };
		const struct sentence *s;
		char *rule;

		if (p->n_rows > 1 && is_a_moment(&r))
			continue;
		rule = text(&r, "rule");
		s = rule != NULL ? find(rules, rule) : NULL;
		fputs("  ", f);
		put_clock(f, number(&r, "from_at"));
		fputs(" - ", f);
		put_clock(f, number(&r, "to_at"));
		fputs("  ", f);
		if (s != NULL)
			put_template(f, _(s->text), &r);
		else if (rule != NULL)
			fputs(rule, f);
		fputc('\n', f);
		free(rule);
	}
}
