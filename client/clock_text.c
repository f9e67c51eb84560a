/*
 * clock_text.c - see clock_text.h.
 */
#include "client/clock_text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "client/fmt.h"
#include "client/i18n.h"
#include "client/json.h"
#include "client/words.h"

#define NAME_COLUMNS 26
#define STATE_COLUMNS 16
#define SPAN_COLUMNS 14

/* ----------------------------------------------------------------- a clock */

static bool
is(ProtobufCBinaryData b, const char *word)
{
	return str_eq(fmt_str(b), str_of(word));
}

/* A word of the daemon's, in the reader's language, for the caller to free. */
static char *
word(const struct word *words, ProtobufCBinaryData name)
{
	char *clean = fmt_clean(fmt_str(name), false), *out;

	if (clean == NULL)
		return NULL;
	out = strdup(word_of_name(words, clean));
	free(clean);
	return out;
}

static void
put_word(FILE *f, const struct word *words, ProtobufCBinaryData name)
{
	char *text = word(words, name);

	fputs(text != NULL ? text : "", f);
	free(text);
}

/* "Resolution", "Ownership (ola repair)", "Promise #2" */
static void
put_name(FILE *f, ProtobufCBinaryData metric, ProtobufCBinaryData agreement,
    ProtobufCBinaryData holder, int64_t cycle)
{
	put_word(f, words_metric, metric);
	if (!is(agreement, "sla")) {
		fputs(" (", f);
		fmt_bytes(f, agreement);
		if (holder.len > 0)
			fputc(' ', f);
		fmt_bytes(f, holder);
		fputc(')', f);
	}
	if (cycle > 1)
		fprintf(f, " #%" PRId64, cycle);
}

static void
put_column(FILE *f, char *text, int columns)
{
	const char *shown = text != NULL ? text : "";
	int taken = text_columns(str_of(shown));

	fmt_field(f, shown, taken > columns ? taken : columns, false);
	free(text);
}

static char *
name_of(const Mashang__Clock *c)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (f == NULL)
		return NULL;
	put_name(f, c->metric, c->agreement, c->holder, c->cycle);
	fclose(f);
	return text;
}

/* "pending_customer,scheduled" */
static void
put_waits(FILE *f, ProtobufCBinaryData waits)
{
	char *clean = fmt_clean(fmt_str(waits), false), *rest = clean, *one;

	for (unsigned n = 0; rest != NULL && (one = strsep(&rest, ",")) != NULL;
	     n++)
		fprintf(f, "%s%s", n > 0 ? ", " : "",
		    word_of_name(words_status, one));
	free(clean);
}

static void
put_time_left(FILE *f, const Mashang__Clock *c)
{
	int64_t left = c->goal_us - c->elapsed_us;
	char a[FMT_ROOM], b[FMT_ROOM];

	if (c->breached_at != 0)
		fprintf(f, _("%s over %s"), fmt_span(-left, a),
		    fmt_span(c->goal_us, b));
	else if (c->stopped_at != 0)
		fprintf(f, _("took %s of %s"), fmt_span(c->elapsed_us, a),
		    fmt_span(c->goal_us, b));
	else
		fprintf(f, _("%s left of %s"), fmt_span(left, a),
		    fmt_span(c->goal_us, b));
}

void
clock_text(FILE *f, const Mashang__Clock *c)
{
	char buf[FMT_ROOM];
	bool runs = is(c->stage, "running");

	fputs("  ", f);
	put_column(f, name_of(c), NAME_COLUMNS);
	put_column(f,
	    word(words_clock, c->outcome.len > 0 ? c->outcome : c->stage),
	    STATE_COLUMNS);
	put_time_left(f, c);
	if (c->breached_at != 0)
		fprintf(
		    f, _(", BROKEN since %s"), fmt_time(c->breached_at, buf));
	else if (runs && c->due_at != 0)
		fprintf(f, _(", due %s"), fmt_time(c->due_at, buf));
	if (c->waits.len > 0 && c->stopped_at == 0) {
		fputs(_(", paused by: "), f);
		put_waits(f, c->waits);
	}
	if (runs && c->breached_at == 0 && c->risk_ppm >= 0)
		fprintf(
		    f, _(", likely broken: %s"), fmt_ratio(c->risk_ppm, buf));
	fputc('\n', f);
}

void
clocks_text(FILE *f, const Mashang__Ticket *t)
{
	for (size_t i = 0; i < t->n_clocks; i++)
		clock_text(f, t->clocks[i]);
}

static json_t *
time_json(int64_t at)
{
	return at != 0 ? json_integer(at) : json_null();
}

json_t *
clock_json(const Mashang__Clock *c)
{
	json_t *o = json_object();

	json_object_set_new(o, "metric", json_text(c->metric));
	json_object_set_new(o, "agreement", json_text(c->agreement));
	json_object_set_new(o, "holder", json_text(c->holder));
	json_object_set_new(o, "cycle", json_integer(c->cycle));
	json_object_set_new(o, "stage", json_text(c->stage));
	json_object_set_new(o, "outcome",
	    c->outcome.len > 0 ? json_text(c->outcome) : json_null());
	json_object_set_new(o, "started_at", time_json(c->started_at));
	json_object_set_new(o, "stopped_at", time_json(c->stopped_at));
	json_object_set_new(o, "goal_us", json_integer(c->goal_us));
	json_object_set_new(o, "elapsed_us", json_integer(c->elapsed_us));
	json_object_set_new(
	    o, "left_us", json_integer(c->goal_us - c->elapsed_us));
	json_object_set_new(o, "due_at", time_json(c->due_at));
	json_object_set_new(o, "breached_at", time_json(c->breached_at));
	json_object_set_new(o, "policy", json_text(c->policy));
	json_object_set_new(o, "revision", json_integer(c->revision));
	json_object_set_new(o, "calendar", json_text(c->calendar));
	json_object_set_new(o, "waits", json_text(c->waits));
	json_object_set_new(o, "risk_ppm",
	    c->risk_ppm >= 0 ? json_integer(c->risk_ppm) : json_null());
	json_object_set_new(o, "next_at", time_json(c->next_at));
	json_object_set_new(o, "next_percent", json_integer(c->next_percent));
	return o;
}

/* ---------------------------------------------------------------- a notice */

void
notice_text(FILE *f, const Mashang__ClockNotice *n)
{
	char number[FMT_ROOM], due[FMT_ROOM];

	fprintf(f, _("Ticket %s: "), fmt_ticket(n->number, number));
	put_word(f, words_metric, n->metric);
	fmt_time(n->due_at, due);
	if (n->retracted)
		fprintf(f, _(", %u %% is no longer true"), n->percent);
	else if (n->percent == 100)
		fprintf(f, _(", BROKEN"));
	else
		fprintf(f, _(", %u %% gone"), n->percent);
	if (n->due_at != 0)
		fprintf(f, _(", due %s"), due);
	if (n->owner.len > 0)
		fputs(", ", f);
	fmt_bytes(f, n->owner);
	fputc('\n', f);
}

json_t *
notice_json(const Mashang__ClockNotice *n)
{
	json_t *o = json_object();

	json_object_set_new(o, "number", json_integer((json_int_t)n->number));
	json_object_set_new(o, "metric", json_text(n->metric));
	json_object_set_new(o, "percent", json_integer(n->percent));
	json_object_set_new(o, "retracted", json_boolean(n->retracted));
	json_object_set_new(o, "at", time_json(n->at));
	json_object_set_new(o, "due_at", time_json(n->due_at));
	json_object_set_new(o, "owner", json_text(n->owner));
	return o;
}

/* --------------------------------------------------------------------- why */

/* A page's row, by the names of its columns. */
struct row {
	const Mashang__Page *page;
	const Mashang__Row *row;
};

static const Mashang__Cell *
cell(const struct row *r, const char *column)
{
	static const Mashang__Cell none = { .null = true };

	for (size_t i = 0; i < r->page->n_columns && i < r->row->n_cells; i++)
		if (is(r->page->columns[i]->name, column))
			return r->row->cells[i];
	return &none;
}

static ProtobufCBinaryData
text(const struct row *r, const char *column)
{
	return cell(r, column)->text;
}

static int64_t
number(const struct row *r, const char *column)
{
	return cell(r, column)->number;
}

/* Policy, revision, goal, calendar: told when they have changed. */
static void
put_terms(struct why_text *w, const struct row *r)
{
	char *terms = NULL, goal[FMT_ROOM];
	size_t len;
	FILE *f = open_memstream(&terms, &len);

	if (f == NULL)
		return;
	fmt_span(number(r, "goal"), goal);
	fputs("    ", f);
	if (text(r, "policy").len > 0) {
		fputs(_("policy "), f);
		fmt_bytes(f, text(r, "policy"));
		fprintf(f, _(", revision %lld, "),
		    (long long)number(r, "revision"));
	}
	fprintf(f, _("goal %s"), goal);
	if (text(r, "calendar").len > 0)
		fputs(_(", calendar "), f);
	fmt_bytes(f, text(r, "calendar"));
	fputc('\n', f);
	fclose(f);
	if (strncmp(terms, w->terms, sizeof(w->terms) - 1) != 0)
		fputs(terms, w->out);
	snprintf(w->terms, sizeof(w->terms), "%s", terms);
	free(terms);
}

static void
put_stretch(struct why_text *w, const struct row *r)
{
	char from[FMT_ROOM], to[FMT_ROOM], sum[FMT_ROOM];

	fprintf(w->out, "    %s  %s  ", fmt_time(number(r, "from"), from),
	    fmt_time(number(r, "to"), to));
	put_column(w->out, word(words_span, text(r, "what")), SPAN_COLUMNS);
	if (is(text(r, "what"), "counted"))
		fprintf(w->out, "%s, ", fmt_span(number(r, "counted"), from));
	fprintf(w->out, _("in all %s"), fmt_span(number(r, "sum"), sum));
	if (text(r, "cause").len > 0)
		fputs(", ", w->out);
	put_waits(w->out, text(r, "cause"));
	fputc('\n', w->out);
}

/* The deadline as it comes out of the history now, and as the ledger has it:
 * one is worth nothing without the other. */
static void
put_deadline(struct why_text *w, const struct row *r)
{
	const Mashang__Cell *recorded = cell(r, "recorded");
	int64_t due = number(r, "due");
	char a[FMT_ROOM], b[FMT_ROOM];

	fputs("    => ", w->out);
	put_word(w->out, words_clock, text(r, "cause"));
	if (due != 0)
		fprintf(w->out, _("; due %s"), fmt_time(due, a));
	else
		fputs(_("; nothing is due"), w->out);
	if (recorded->null) {
		fputs(_("; not recorded yet\n"), w->out);
		return;
	}
	if (recorded->number == due) {
		fputs(_(", and recorded alike\n"), w->out);
		return;
	}
	w->differ++;
	fprintf(w->out,
	    _("\n*** RECORDED OTHERWISE: %s. Ask again; if it stays so, tell "
	      "the operator.\n"),
	    fmt_time(recorded->number, b));
}

void
why_text_page(void *arg, const Mashang__Page *p)
{
	struct why_text *w = arg;

	for (size_t i = 0; i < p->n_rows; i++) {
		const struct row r = { p, p->rows[i] };

		if (!w->open) {
			fputs("  ", w->out);
			put_name(w->out, text(&r, "metric"),
			    text(&r, "agreement"), text(&r, "holder"),
			    number(&r, "cycle"));
			fputc('\n', w->out);
			w->terms[0] = '\0';
			w->clocks++;
		}
		put_terms(w, &r);
		w->open = !is(text(&r, "what"), "due");
		if (w->open)
			put_stretch(w, &r);
		else
			put_deadline(w, &r);
	}
}
