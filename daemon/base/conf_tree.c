/*
 * conf_tree.c - libyaml's events into a tree, within limits.
 *
 * The text is looked over first: what is not plain text, and tabs, carriage
 * returns and byte order marks, get a message better than the parser's.
 */
#include "base/conf_tree.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/arena.h"
#include "base/text.h"
#include "base/text_utf8.h"

#define FAULTS_MAX 100

struct reader {
	struct arena *arena;
	struct conf_faults *faults;
	struct conf_node *open[CONF_DEPTH_MAX]; /* from the root inwards */
	struct conf_node *last[CONF_DEPTH_MAX]; /* newest child of each */
	unsigned depth, n_nodes, n_documents;
	struct conf_node *root;
	bool over;
};

void
conf_fault(struct conf_faults *f, struct conf_mark at, const char *fmt, ...)
{
	va_list ap;

	if (f->n++ >= FAULTS_MAX || f->out == NULL)
		return;
	if (at.line > 0)
		fprintf(f->out, "%s:%d:%d: ", f->name, at.line, at.column);
	else
		fprintf(f->out, "%s: ", f->name);
	va_start(ap, fmt);
	vfprintf(f->out, fmt, ap);
	va_end(ap);
	fputc('\n', f->out);
}

void
conf_faults_end(struct conf_faults *f)
{
	if (f->n > FAULTS_MAX && f->out != NULL)
		fprintf(
		    f->out, "%s: and %u more\n", f->name, f->n - FAULTS_MAX);
}

const char *
conf_quote(const char *text)
{
	static char ring[4][64];
	static unsigned next;
	char *out = ring[next++ % NELEM(ring)];

	text_clean(str_of(text), false, out, sizeof(ring[0]));
	return out;
}

/* ------------------------------------------------- the text, looked over */

static const char *
what_is_wrong(uint32_t c)
{
	switch (c) {
	case UTF8_BAD:
		return "this is not UTF-8; save the file as UTF-8 text";
	case 0xFEFF:
		return "a byte order mark; save the file without one";
	case '\t':
		return "a tab; use spaces";
	case '\r':
		return "a carriage return; save the file with Unix line ends";
	case '\n':
		return NULL;
	default:
		return c < ' ' || (c >= 0x7F && c < 0xA0) || c == 0x2028 ||
		               c == 0x2029
		           ? "a control character; is this a text file?"
		           : NULL;
	}
}

/* The first fault of a kind is told, not each of a thousand line ends. */
static enum err
look_over(struct str s, struct conf_faults *f)
{
	const char *told[8];
	struct conf_mark at = { 1, 1 };
	size_t n_told = 0, i;

	while (s.len > 0) {
		uint32_t c = utf8_next(&s);
		const char *what = what_is_wrong(c);

		for (i = 0; what != NULL && i < n_told && told[i] != what;)
			i++;
		if (what != NULL && i == n_told && n_told < NELEM(told)) {
			told[n_told++] = what;
			conf_fault(f, at, "%s", what);
		}
		at.column++;
		if (c == '\n')
			at = (struct conf_mark){ at.line + 1, 1 };
	}
	return n_told == 0 ? ERR_OK : ERR_CONFIG;
}

/* -------------------------------------------------------- events to nodes */

static struct conf_mark
mark_of(yaml_mark_t m)
{
	return (struct conf_mark){ (int)m.line + 1, (int)m.column + 1 };
}

static enum err
refuse(struct reader *r, struct conf_mark at, const char *what)
{
	conf_fault(r->faults, at, "%s", what);
	return ERR_CONFIG;
}

static bool
has_control(struct str s)
{
	for (uint32_t i = 0; i < s.len; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7F)
			return true;
	return false;
}

/* Hang a new node into the innermost open one. */
static enum err
add_node(struct reader *r, const yaml_event_t *ev, enum conf_kind kind,
    struct conf_node **out)
{
	struct conf_mark at = mark_of(ev->start_mark);
	struct conf_node *n, *in, **link = &r->root;

	if (r->n_nodes++ >= CONF_NODES_MAX)
		return refuse(r, at, "too many values; 100,000 are the most");
	if ((n = arena_alloc(r->arena, sizeof(*n))) == NULL)
		return ERR_NOMEM;
	n->kind = kind;
	n->at = at;
	if (r->depth > 0) {
		in = r->open[r->depth - 1];
		link = r->last[r->depth - 1] != NULL
		           ? &r->last[r->depth - 1]->next
		           : &in->first;
		r->last[r->depth - 1] = n;
		in->n++;
	}
	*link = *out = n;
	return ERR_OK;
}

static enum err
open_node(struct reader *r, const yaml_event_t *ev, enum conf_kind kind)
{
	struct conf_node *n;
	enum err e = add_node(r, ev, kind, &n);

	if (e != ERR_OK)
		return e;
	if (r->depth == CONF_DEPTH_MAX)
		return refuse(
		    r, n->at, "nested too deep; 8 levels are the most");
	r->open[r->depth] = n;
	r->last[r->depth++] = NULL;
	return ERR_OK;
}

/* A fault in one value is no reason to stop reading: more may follow. */
static enum err
add_scalar(struct reader *r, const yaml_event_t *ev)
{
	struct str s = { (const char *)ev->data.scalar.value,
		(uint32_t)ev->data.scalar.length };
	struct conf_node *n;
	enum err e = add_node(r, ev, CONF_SCALAR, &n);
	char *text;

	if (e != ERR_OK)
		return e;
	if ((text = arena_alloc(r->arena, s.len + 1)) == NULL)
		return ERR_NOMEM;
	if (has_control(s))
		conf_fault(r->faults, n->at,
		    "a control character or line end in a value; take it out");
	else
		memcpy(text, s.p, s.len);
	n->text = text;
	n->plain = ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	return ERR_OK;
}

/* An empty value holds its place. */
static enum err
add_alias(struct reader *r, const yaml_event_t *ev)
{
	struct conf_node *n;
	enum err e = add_node(r, ev, CONF_SCALAR, &n);

	if (e != ERR_OK)
		return e;
	n->text = "";
	conf_fault(r->faults, n->at,
	    "an alias (*); write the value out, or put quotes around it");
	return ERR_OK;
}

static int
by_text(const void *a, const void *b)
{
	const struct conf_node *x = *(const struct conf_node *const *)a;
	const struct conf_node *y = *(const struct conf_node *const *)b;
	int d = strcmp(x->text, y->text);

	if (d != 0)
		return d;
	return x->at.line != y->at.line ? x->at.line - y->at.line
	                                : x->at.column - y->at.column;
}

/* By sorting, for a file may have a hundred thousand keys. */
static enum err
tell_repeats(struct reader *r, const struct conf_node *m)
{
	const struct conf_node **keys, *k;
	size_t n = 0;

	if ((keys = calloc(m->n + 1, sizeof(struct conf_node *))) == NULL)
		return ERR_NOMEM;
	for (k = m->first; k != NULL; k = k->next->next)
		keys[n++] = k;
	qsort(keys, n, sizeof(keys[0]), by_text);
	for (size_t i = 1, first = 0; i < n; i++)
		if (strcmp(keys[i]->text, keys[first]->text) == 0)
			conf_fault(r->faults, keys[i]->at,
			    "'%s' is given twice, first in line %d; take one "
			    "out",
			    conf_quote(keys[i]->text), keys[first]->at.line);
		else
			first = i;
	free(keys);
	return ERR_OK;
}

static enum err
close_node(struct reader *r)
{
	struct conf_node *n, *k;

	assert(r->depth > 0 && r->open[r->depth - 1] != NULL);
	n = r->open[--r->depth];
	if (n->kind != CONF_MAPPING)
		return ERR_OK;
	n->n /= 2;
	for (k = n->first; k != NULL; k = k->next->next)
		if (k->kind != CONF_SCALAR)
			return refuse(
			    r, k->at, "a list or map as a key; write a word");
	return tell_repeats(r, n);
}

/* Anchors and tags, whatever they sit on. */
static void
tell_extras(struct reader *r, const yaml_event_t *ev)
{
	const yaml_char_t *anchor = NULL, *tag = NULL;

	if (ev->type == YAML_SCALAR_EVENT) {
		anchor = ev->data.scalar.anchor;
		tag = ev->data.scalar.tag;
	} else if (ev->type == YAML_SEQUENCE_START_EVENT) {
		anchor = ev->data.sequence_start.anchor;
		tag = ev->data.sequence_start.tag;
	} else if (ev->type == YAML_MAPPING_START_EVENT) {
		anchor = ev->data.mapping_start.anchor;
		tag = ev->data.mapping_start.tag;
	}
	if (anchor != NULL)
		conf_fault(r->faults, mark_of(ev->start_mark),
		    "an anchor (&); write the value out");
	if (tag != NULL)
		conf_fault(r->faults, mark_of(ev->start_mark),
		    "a tag (!); leave it out, or put quotes around the value");
}

static enum err
on_event(struct reader *r, const yaml_event_t *ev)
{
	tell_extras(r, ev);
	switch (ev->type) {
	case YAML_DOCUMENT_START_EVENT:
		if (r->n_documents++ > 0)
			return refuse(r, mark_of(ev->start_mark),
			    "a second document; one file holds one");
		return ERR_OK;
	case YAML_ALIAS_EVENT:
		return add_alias(r, ev);
	case YAML_SCALAR_EVENT:
		return add_scalar(r, ev);
	case YAML_SEQUENCE_START_EVENT:
		return open_node(r, ev, CONF_SEQUENCE);
	case YAML_MAPPING_START_EVENT:
		return open_node(r, ev, CONF_MAPPING);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return close_node(r);
	case YAML_STREAM_END_EVENT:
		r->over = true;
		return ERR_OK;
	default:
		return ERR_OK;
	}
}

static enum err
parser_fault(struct reader *r, const yaml_parser_t *p)
{
	struct conf_mark at = mark_of(p->problem_mark);

	if (p->error == YAML_MEMORY_ERROR)
		return ERR_NOMEM;
	if (p->error == YAML_READER_ERROR)
		at = mark_of(p->mark);
	conf_fault(r->faults, at, "%s%s%s; check the indentation and quotes",
	    p->problem != NULL ? p->problem : "not YAML",
	    p->context != NULL ? " " : "",
	    p->context != NULL ? p->context : "");
	return ERR_CONFIG;
}

static enum err
read_events(struct reader *r, yaml_parser_t *p)
{
	enum err e = ERR_OK;

	while (e == ERR_OK && !r->over) {
		yaml_event_t ev;

		if (!yaml_parser_parse(p, &ev))
			return parser_fault(r, p);
		e = on_event(r, &ev);
		yaml_event_delete(&ev);
	}
	return e;
}

enum err
conf_tree_read(struct arena *arena, const char *text, size_t len,
    struct conf_faults *faults, struct conf_node **out)
{
	struct reader r = { .arena = arena, .faults = faults };
	yaml_parser_t p;
	enum err e;

	if (len > CONF_FILE_MAX)
		return refuse(&r, (struct conf_mark){ 0, 0 },
		    "larger than 1 MiB; a configuration is not that long");
	e = look_over((struct str){ text, (uint32_t)len }, faults);
	if (e != ERR_OK)
		return e;
	if (!yaml_parser_initialize(&p))
		return ERR_NOMEM;
	yaml_parser_set_encoding(&p, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&p, (const yaml_char_t *)text, len);
	e = read_events(&r, &p);
	yaml_parser_delete(&p);
	*out = r.root;
	return e;
}
