/*
 * policy_text.c - a policy as one line of words.
 *
 *	sla rematch=restart grace=… calendar=qd8 if=priority:1,2
 *	target=resolution:business goal=… pauses=resolved rung=50 notify=owner
 *
 * The first word is the agreement.  `target' opens a target and `rung' a rung:
 * what follows belongs to it.  What has its default is left out, so equal
 * policies have equal texts.  Text is escaped as in a URL (%20); all numbers
 * are plain, spans in microseconds.
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "sla/policy.h"

/* ---- out */

static bool
is_plain(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' ||
	       c == '~' || c >= 0x80;
}

static void
put_text(FILE *f, struct str s)
{
	for (uint32_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (is_plain(c))
			putc(c, f);
		else
			fprintf(f, "%%%02X", c);
	}
}

static void
put_named(FILE *f, const char *key, struct str s)
{
	if (s.len == 0)
		return;
	fprintf(f, " %s=", key);
	put_text(f, s);
}

static void
put_number(FILE *f, const char *key, int64_t n)
{
	if (n != 0)
		fprintf(f, " %s=%lld", key, (long long)n);
}

/* The words of a mask of at most four bits, between commas. */
static void
put_mask(FILE *f, const char *key, unsigned mask, bool of_waits)
{
	const char *sep = "";

	if (mask == 0)
		return;
	fprintf(f, " %s=", key);
	for (unsigned bit = 1; bit <= 8; bit <<= 1) {
		if (!(mask & bit))
			continue;
		fprintf(f, "%s%s", sep,
		    of_waits ? sla_wait_word((enum sla_wait)bit)
			     : sla_notify_word((enum sla_notify)bit));
		sep = ",";
	}
}

static void
put_condition(FILE *f, const struct sla_condition *c)
{
	fprintf(f, " if=%s:", sla_attribute_word(c->attribute));
	for (unsigned i = 0; i < c->n; i++) {
		if (i > 0)
			putc(',', f);
		put_text(f, c->values[i]);
	}
}

static void
put_target(FILE *f, const struct sla_target *t)
{
	fprintf(f, " target=%s:%s", sla_metric_word(t->metric),
	    sla_target_word(t->type));
	put_number(f, "goal", t->goal_us);
	put_number(f, "n", t->n);
	put_number(f, "count_start", t->count_start);
	put_number(f, "minute", t->minute);
	put_number(f, "day_offset", t->day_offset);
	put_number(f, "latest_intake", t->latest_intake);
	put_named(f, "calendar", t->calendar);
	put_mask(f, "pauses", t->pauses, true);
	for (unsigned i = 0; i < t->n_rungs; i++) {
		fprintf(f, " rung=%u", t->rungs[i].percent);
		put_mask(f, "notify", t->rungs[i].notify, false);
		put_number(f, "raise", t->rungs[i].raise);
		put_named(f, "queue", t->rungs[i].queue);
	}
}

char *
sla_policy_print(const struct sla_policy *p)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	bool bad;

	if (f == NULL)
		return NULL;
	fputs(sla_agreement_word(p->agreement), f);
	if (p->on_rematch != REMATCH_CARRY)
		fprintf(f, " rematch=%s", sla_rematch_word(p->on_rematch));
	put_number(f, "grace", p->change_grace_us);
	put_number(f, "max_pause", p->max_pause_us);
	put_number(f, "reopen", p->reopen_window_us);
	put_number(f, "new_cycle", p->new_cycle);
	put_named(f, "calendar", p->calendar);
	for (unsigned i = 0; i < p->n_conditions; i++)
		put_condition(f, &p->conditions[i]);
	for (unsigned i = 0; i < p->n_targets; i++)
		put_target(f, &p->targets[i]);
	bad = ferror(f) != 0;
	if (fclose(f) != 0 || bad) {
		free(text);
		return NULL;
	}
	return text;
}

/* ---- in */

struct reader {
	struct arena *arena;
	struct sla_policy *policy;
	struct sla_target *targets;
	struct sla_target *target; /* the open one, or NULL */
	struct sla_rung *rung;     /* the open one, or NULL */
};

/* Cuts the text before the first `sep' off; all of it if there is none. */
static struct str
cut(struct str *text, char sep)
{
	const char *at = text->len > 0 ? memchr(text->p, sep, text->len) : NULL;
	struct str head = *text;

	if (at == NULL) {
		*text = (struct str){ NULL, 0 };
		return head;
	}
	head.len = (uint32_t)(at - text->p);
	text->p = at + 1;
	text->len -= head.len + 1;
	return head;
}

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static enum err
read_text(struct reader *r, struct str s, struct str *out)
{
	char *p = arena_alloc(r->arena, s.len);
	uint32_t n = 0;

	if (p == NULL)
		return ERR_NOMEM;
	for (uint32_t i = 0; i < s.len; i++) {
		int high, low;

		if (is_plain((unsigned char)s.p[i])) {
			p[n++] = s.p[i];
			continue;
		}
		if (s.p[i] != '%' || s.len - i < 3)
			return ERR_BAD_FIELD;
		high = hex(s.p[i + 1]);
		low = hex(s.p[i + 2]);
		if (high < 0 || low < 0 || high + low == 0)
			return ERR_BAD_FIELD;
		p[n++] = (char)(high * 16 + low);
		i += 2;
	}
	*out = (struct str){ p, n };
	return ERR_OK;
}

static enum err
read_number(struct str s, int64_t max, int64_t *out)
{
	int64_t n = 0;

	if (s.len == 0)
		return ERR_BAD_FIELD;
	for (uint32_t i = 0; i < s.len; i++) {
		int digit = s.p[i] - '0';

		if (digit < 0 || digit > 9 || n > (max - digit) / 10)
			return ERR_BAD_FIELD;
		n = n * 10 + digit;
	}
	*out = n;
	return ERR_OK;
}

static enum err
read_unsigned(struct str s, unsigned *out)
{
	int64_t n;
	enum err e = read_number(s, INT32_MAX, &n);

	if (e == ERR_OK)
		*out = (unsigned)n;
	return e;
}

static enum err
read_bool(struct str s, bool *out)
{
	unsigned n;
	enum err e = read_unsigned(s, &n);

	if (e == ERR_OK && n > 1)
		e = ERR_BAD_FIELD;
	if (e == ERR_OK)
		*out = n == 1;
	return e;
}

static enum err
read_mask(struct str s, int bit_of(struct str), unsigned *out)
{
	while (s.len > 0) {
		int bit = bit_of(cut(&s, ','));

		if (bit < 0)
			return ERR_BAD_FIELD;
		*out |= (unsigned)bit;
	}
	return ERR_OK;
}

static enum err
read_rematch(struct reader *r, struct str value)
{
	int i = sla_rematch_of(value);

	if (i < 0)
		return ERR_BAD_FIELD;
	r->policy->on_rematch = (enum sla_on_rematch)i;
	return ERR_OK;
}

static enum err
read_condition(struct reader *r, struct str value)
{
	struct sla_policy *p = r->policy;
	int attribute = sla_attribute_of(cut(&value, ':'));
	struct sla_condition *c;

	if (attribute < 0 || p->n_conditions == SLA_CONDITIONS_MAX)
		return ERR_BAD_FIELD;
	c = &p->conditions[p->n_conditions++];
	c->attribute = (enum sla_attribute)attribute;
	do {
		enum err e;

		if (c->n == SLA_VALUES_MAX)
			return ERR_BAD_FIELD;
		e = read_text(r, cut(&value, ','), &c->values[c->n++]);
		if (e != ERR_OK)
			return e;
	} while (value.p != NULL);
	return ERR_OK;
}

static enum err
read_target(struct reader *r, struct str value)
{
	int metric = sla_metric_of(cut(&value, ':'));
	int type = sla_target_of(value);

	if (metric < 0 || type < 0 || r->policy->n_targets == SLA_NMETRICS)
		return ERR_BAD_FIELD;
	r->target = &r->targets[r->policy->n_targets++];
	r->target->metric = (enum sla_metric)metric;
	r->target->type = (enum sla_target_type)type;
	r->rung = NULL;
	return ERR_OK;
}

static enum err
read_rung(struct reader *r, struct str value)
{
	if (r->target->n_rungs == SLA_RUNGS_MAX)
		return ERR_BAD_FIELD;
	r->rung = &r->target->rungs[r->target->n_rungs++];
	return read_unsigned(value, &r->rung->percent);
}

enum field {
	F_TEXT,
	F_SPAN,
	F_UNSIGNED,
	F_BOOL,
	F_WAITS,
	F_NOTIFY,
	F_OWN /* read by its own function */
};
enum section { IN_POLICY, IN_TARGET, IN_RUNG };

/* Which word belongs where.  A word of a section that is not open is wrong. */
/* clang-format off */
static const struct key {
	const char *word;
	enum section section;
	enum field field;
	size_t offset;
	enum err (*read)(struct reader *, struct str value);
} keys[] = {
#define P(member) offsetof(struct sla_policy, member), NULL
#define T(member) offsetof(struct sla_target, member), NULL
#define R(member) offsetof(struct sla_rung, member), NULL
	{ "rematch",       IN_POLICY, F_OWN, 0, read_rematch },
	{ "grace",         IN_POLICY, F_SPAN,     P(change_grace_us) },
	{ "max_pause",     IN_POLICY, F_SPAN,     P(max_pause_us) },
	{ "reopen",        IN_POLICY, F_SPAN,     P(reopen_window_us) },
	{ "new_cycle",     IN_POLICY, F_BOOL,     P(new_cycle) },
	{ "calendar",      IN_POLICY, F_TEXT,     P(calendar) },
	{ "if",            IN_POLICY, F_OWN, 0, read_condition },
	{ "target",        IN_POLICY, F_OWN, 0, read_target },
	{ "goal",          IN_TARGET, F_SPAN,     T(goal_us) },
	{ "n",             IN_TARGET, F_UNSIGNED, T(n) },
	{ "count_start",   IN_TARGET, F_BOOL,     T(count_start) },
	{ "minute",        IN_TARGET, F_UNSIGNED, T(minute) },
	{ "day_offset",    IN_TARGET, F_UNSIGNED, T(day_offset) },
	{ "latest_intake", IN_TARGET, F_UNSIGNED, T(latest_intake) },
	{ "calendar",      IN_TARGET, F_TEXT,     T(calendar) },
	{ "pauses",        IN_TARGET, F_WAITS,    T(pauses) },
	{ "rung",          IN_TARGET, F_OWN, 0, read_rung },
	{ "target",        IN_TARGET, F_OWN, 0, read_target },
	{ "notify",        IN_RUNG,   F_NOTIFY,   R(notify) },
	{ "raise",         IN_RUNG,   F_UNSIGNED, R(raise) },
	{ "queue",         IN_RUNG,   F_TEXT,     R(queue) },
	{ "rung",          IN_RUNG,   F_OWN, 0, read_rung },
	{ "target",        IN_RUNG,   F_OWN, 0, read_target },
#undef P
#undef T
#undef R
};
/* clang-format on */

static enum err
read_field(
    struct reader *r, const struct key *k, unsigned char *object, struct str v)
{
	void *p = object + k->offset;

	switch (k->field) {
	case F_TEXT:
		return read_text(r, v, p);
	case F_SPAN:
		return read_number(v, INT64_MAX, p);
	case F_UNSIGNED:
		return read_unsigned(v, p);
	case F_BOOL:
		return read_bool(v, p);
	case F_WAITS:
		return read_mask(v, sla_wait_of, p);
	case F_NOTIFY:
		return read_mask(v, sla_notify_of, p);
	case F_OWN:
		break;
	}
	return k->read(r, v);
}

static enum err
read_word(struct reader *r, struct str word)
{
	struct str name = cut(&word, '=');
	enum section section = IN_POLICY;
	void *object = r->policy;

	if (r->rung != NULL) {
		section = IN_RUNG;
		object = r->rung;
	} else if (r->target != NULL) {
		section = IN_TARGET;
		object = r->target;
	}
	for (unsigned i = 0; i < NELEM(keys); i++)
		if (keys[i].section == section &&
		    str_eq(str_of(keys[i].word), name))
			return read_field(r, &keys[i], object, word);
	return ERR_BAD_FIELD;
}

enum err
sla_policy_parse(
    struct str name, struct str text, struct arena *a, struct sla_policy *out)
{
	struct reader r = { .arena = a, .policy = out };
	int agreement = sla_agreement_of(cut(&text, ' '));
	enum err e = ERR_OK;

	memset(out, 0, sizeof(*out));
	if (agreement < 0)
		return ERR_BAD_FIELD;
	out->name = name;
	out->agreement = (enum sla_agreement)agreement;
	r.targets = arena_alloc(a, SLA_NMETRICS * sizeof(*r.targets));
	if (r.targets == NULL)
		return ERR_NOMEM;
	out->targets = r.targets;
	while (text.len > 0 && e == ERR_OK)
		e = read_word(&r, cut(&text, ' '));
	return e;
}
