/*
 * credit.c - see credit.h.
 */
#include "desk/state.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Safety words come from the menu and from what a voice robot wrote down. */
static bool
says(const struct call *c, const char *word)
{
	struct pair data[CALL_PAIRS_MAX];
	unsigned n = call_data_pairs(c, data);

	if (c->menu != NULL && strcasestr(c->menu, word) != NULL)
		return true;
	for (unsigned i = 0; i < n; i++)
		if (strcasestr(data[i].value.p, word) != NULL)
			return true;
	return false;
}

/* So many classes, and no overflow whatever a switch says. */
static int64_t
of_priority(const struct call *c)
{
	int64_t us;

	if (__builtin_mul_overflow(
		(int64_t)c->priority, c->queue->priority_credit_us, &us) ||
	    us > ACD_SCORE_MAX)
		return ACD_SCORE_MAX;
	return us;
}

struct terms {
	struct credit_term *out;
	unsigned n;
};

static void add(struct terms *, int64_t us, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

static void
add(struct terms *t, int64_t us, const char *fmt, ...)
{
	struct credit_term *term = &t->out[t->n];
	va_list ap;

	if (us == 0)
		return;
	va_start(ap, fmt);
	vsnprintf(term->name, sizeof(term->name), fmt, ap);
	va_end(ap);
	term->us = us;
	t->n++;
}

unsigned
credit_terms(const struct desk *d, const struct call *c,
    struct credit_term out[CREDIT_TERMS_MAX])
{
	const struct route_rules *r = &c->queue->rules;
	const struct facts *f = facts_of(c);
	struct terms t = { out, 0 };

	(void)d;
	add(&t, of_priority(c), "priority %u", c->priority);
	add(&t, c->granted_us, "granted");
	if (c->stand.kept) {
		add(&t, c->stand.kept_us, "kept place");
		return t.n;
	}
	if (f != NULL && f->grade != 0)
		add(&t, r->grade_us[f->grade - 'A'], "grade %c", f->grade);
	if (f != NULL && f->breached)
		add(&t, r->breached_us, "breached ticket");
	if (facts_repeat(c))
		add(&t, r->repeat_us, "repeat call");
	for (unsigned i = 0; i < r->n_words; i++) {
		char word[NAME_MAX_LEN + 1];

		snprintf(word, sizeof(word), "%.*s", STR_ARG(r->words[i].word));
		if (word[0] != '\0' && says(c, word))
			add(&t, r->words[i].us, "word %s", word);
	}
	return t.n;
}

int64_t
credit_of(const struct desk *d, const struct call *c)
{
	struct credit_term terms[CREDIT_TERMS_MAX];
	unsigned n = credit_terms(d, c, terms);
	int64_t sum = 0;

	for (unsigned i = 0; i < n; i++)
		if (__builtin_add_overflow(sum, terms[i].us, &sum))
			return ACD_SCORE_MAX;
	return sum;
}
