/*
 * choice.c - see choice.h.
 */
#include "holidays/choice.h"

#include <strings.h>

bool
choice_contains(struct str text, struct str word)
{
	for (uint32_t i = 0; word.len <= text.len - i && i < text.len; i++)
		if (strncasecmp(text.p + i, word.p, word.len) == 0)
			return true;
	return false;
}

int
choice_find(struct choice_words *w, struct str name, struct str categories)
{
	int first = -1;

	for (unsigned i = 0; i < w->n; i++) {
		if (!choice_contains(name, w->words[i]) &&
		    !choice_contains(categories, w->words[i]))
			continue;
		w->met[i] = true;
		if (first < 0)
			first = (int)i;
	}
	return first;
}

bool
choice_takes(struct choice *c, struct str name, struct str categories)
{
	int only = choice_find(&c->only, name, categories);
	int except = choice_find(&c->except, name, categories);

	return (c->only.n == 0 || only >= 0) && except < 0;
}

bool
choice_has_year(const struct choice *c, int year)
{
	return year == 0 || c->from == 0 || (year >= c->from && year <= c->to);
}
