/*
 * hotline_check.c - faults with their places; names that are there, and twice.
 */
#include "client/hotline_check.h"

#include <stdlib.h>
#include <string.h>

#include "client/i18n.h"

#define WORDS_FEW 16 /* fit a line */

void
fault_at(struct check *c, const struct conf_mark *at)
{
	c->faults++;
	fprintf(c->errors, "%s:%d:%d: ", c->file, at->line, at->column);
}

void
fault_word(struct check *c, const struct conf_mark *at, const char *what,
    const char *got, const char *const *words)
{
	/* Of two letters any is near. */
	const char *near =
	    words != NULL && strlen(got) > 2 ? conf_nearest(got, words) : NULL;
	size_t n = 0;

	fault_at(c, at);
	fprintf(c->errors, "%s '%s'", what, got);
	while (words != NULL && words[n] != NULL)
		n++;
	if (near != NULL)
		fprintf(c->errors, _("; did you mean '%s'?"), near);
	else if (n > 0 && n < WORDS_FEW)
		for (size_t i = 0; i < n; i++)
			fprintf(c->errors, "%s %s",
			    i == 0 ? _("; write one of") : ",", words[i]);
	fputc('\n', c->errors);
}

void *
check_alloc(struct check *c, size_t n, size_t size)
{
	void *p = arena_alloc(c->arena, n * size + 1);

	c->no_memory = c->no_memory || p == NULL;
	return p;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool
has_name(const struct names *names, const char *name)
{
	return names->n > 0 && bsearch(&name, names->sorted, names->n,
				   sizeof(name), by_name) != NULL;
}

enum err
names_take(
    struct names *to, const struct conf_list *from, size_t size, size_t offset)
{
	to->list = calloc(from->n + 1, sizeof(char *));
	to->sorted = calloc(from->n + 1, sizeof(char *));
	if (to->list == NULL || to->sorted == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < from->n; i++)
		memcpy(&to->list[i],
		    (const char *)from->items + i * size + offset,
		    sizeof(char *));
	to->n = from->n;
	memcpy(to->sorted, to->list, to->n * sizeof(char *));
	qsort(to->sorted, to->n, sizeof(char *), by_name);
	return ERR_OK;
}

void
names_fini(struct names *n)
{
	free(n->list);
	free(n->sorted);
}

void
check_known(struct check *c, const struct names *names, const char *what,
    const char *name, const struct conf_mark *at)
{
	const char *near;

	if (has_name(names, name))
		return;
	fault_at(c, at);
	fprintf(c->errors, _("there is no %s '%s'"), what, name);
	near = conf_nearest(name, names->list);
	if (near != NULL)
		fprintf(c->errors, _("; did you mean '%s'?"), near);
	else
		fprintf(c->errors, _("; name it under %ss"), what);
	fputc('\n', c->errors);
}

static int
by_both(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	int d = strcmp(x->name, y->name);

	if (d == 0)
		d = strcmp(x->second, y->second);
	if (d == 0)
		d = (x->order > y->order) - (x->order < y->order);
	return d;
}

static void
tell_twice(struct check *c, const char *what, const struct named *first,
    const struct named *second)
{
	const char *file = c->file;

	if (second->file != NULL)
		c->file = second->file;
	fault_at(c, second->at);
	if (first->file == second->file)
		fprintf(c->errors,
		    _("%s '%s' was already given in line %d; take one away\n"),
		    what, second->name, first->at->line);
	else
		fprintf(c->errors,
		    _("%s '%s' was already given in %s, line %d; take one "
		      "away\n"),
		    what, second->name, first->file, first->at->line);
	c->file = file;
}

void
check_twice(struct check *c, const char *what, struct named *all, size_t n)
{
	qsort(all, n, sizeof(*all), by_both);
	for (size_t i = 1; i < n; i++) {
		if (strcmp(all[i].name, all[i - 1].name) != 0 ||
		    strcmp(all[i].second, all[i - 1].second) != 0)
			continue;
		tell_twice(c, what, &all[i - 1], &all[i]);
	}
}
