/*
 * conf_print.c - a schema and its values as a file that conf_load() takes.
 *
 * Texts are quoted unless they are plainly words; quotes hold any text, for a
 * value has no control characters.
 */
#include <inttypes.h>
#include <string.h>

#include "base/conf_tree.h"

static void print_map(const struct conf_field *, const char *base, int indent,
    bool after_dash, FILE *);

static bool
is_plain(const char *s)
{
	static const char word[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-";

	return *s != '\0' && *s != '-' && *s != '.' &&
	       s[strspn(s, word)] == '\0';
}

static void
print_text(const char *s, FILE *f)
{
	if (is_plain(s)) {
		fputs(s, f);
		return;
	}
	fputc('\'', f);
	for (; *s != '\0'; s++) {
		if (*s == '\'')
			fputc('\'', f);
		fputc(*s, f);
	}
	fputc('\'', f);
}

static void
print_choice(const struct conf_field *field, const char *at, FILE *f)
{
	const struct conf_choice *c = (const void *)at;

	if (c->name == NULL) {
		fputs(field->words[c->word], f);
		return;
	}
	fprintf(f, "{%s ", field->words[c->word]);
	print_text(c->name, f);
	fputc('}', f);
}

static void
print_scalar(const struct conf_field *field, const char *at, FILE *f)
{
	char value[CONF_VALUE_LEN];

	fputc(' ', f);
	switch (field->type) {
	case CONF_STRING:
		print_text(*(const char *const *)at, f);
		break;
	case CONF_DURATION:
		fputs(conf_show_duration(*(const int64_t *)at, value), f);
		break;
	case CONF_SIZE:
		fputs(conf_show_size(*(const int64_t *)at, value), f);
		break;
	case CONF_BOOL:
		fputs(*(const bool *)at ? "yes" : "no", f);
		break;
	case CONF_CHOICE:
		print_choice(field, at, f);
		break;
	case CONF_WORD:
		fputs(field->words[*(const int *)at], f);
		break;
	default:
		fprintf(f, "%" PRId64, *(const int64_t *)at);
	}
	fputc('\n', f);
}

static void
print_strings(const struct conf_list *list, int indent, FILE *f)
{
	const char *const *s = list->items;

	for (size_t i = 0; i < list->n; i++) {
		fprintf(f, "%*s- ", indent, "");
		print_text(s[i], f);
		fputc('\n', f);
	}
}

static void
print_texts(const struct conf_list *list, int indent, FILE *f)
{
	const struct conf_text *t = list->items;

	for (size_t i = 0; i < list->n; i++) {
		fprintf(f, "%*s- ", indent, "");
		print_text(t[i].text, f);
		fputc('\n', f);
	}
}

static void
print_levels(const struct conf_field *field, const struct conf_list *list,
    int indent, FILE *f)
{
	const struct conf_level *l = list->items;
	char value[CONF_VALUE_LEN];

	for (size_t i = 0; i < list->n; i++) {
		fprintf(f, "%*s", indent, "");
		print_text(l[i].name, f);
		if (field->type == CONF_SPANS)
			fprintf(
			    f, ": %s\n", conf_show_duration(l[i].level, value));
		else
			fprintf(f, ": %" PRId64 "\n", l[i].level);
	}
}

static void
print_list(const struct conf_field *field, const struct conf_list *list,
    int indent, FILE *f)
{
	const char *item = list->items;

	for (size_t i = 0; i < list->n; i++, item += field->size) {
		fprintf(f, "%*s- ", indent, "");
		print_map(field->fields, item, indent + 2, true, f);
	}
}

static bool
is_of_names(const struct conf_field *field)
{
	return field->type == CONF_LEVELS || field->type == CONF_SPANS;
}

static void
print_many(const struct conf_field *field, const char *at, int indent, FILE *f)
{
	const struct conf_list *list = (const void *)at;

	if (field->type != CONF_MAP && list->n == 0) {
		fputs(is_of_names(field) ? " {}\n" : " []\n", f);
		return;
	}
	fputc('\n', f);
	if (field->type == CONF_MAP)
		print_map(field->fields, at, indent, false, f);
	else if (field->type == CONF_STRINGS)
		print_strings(list, indent, f);
	else if (field->type == CONF_TEXTS)
		print_texts(list, indent, f);
	else if (is_of_names(field))
		print_levels(field, list, indent, f);
	else
		print_list(field, list, indent, f);
}

/* Sentences stand over the keys, but not in every item of a list. */
static void
print_map(const struct conf_field *fields, const char *base, int indent,
    bool after_dash, FILE *f)
{
	for (const struct conf_field *x = fields; x->name != NULL; x++) {
		const char *at = base + x->offset;

		if (x->type == CONF_OTHERS)
			continue;
		if (x->help != NULL && !after_dash)
			fprintf(f, "%*s# %s\n", indent, "", x->help);
		fprintf(f, "%*s%s:", after_dash && x == fields ? 0 : indent, "",
		    x->name);
		if (x->type >= CONF_STRINGS)
			print_many(x, at, indent + 2, f);
		else if (x->type == CONF_STRING &&
			 *(const char *const *)at == NULL)
			fputc('\n', f); /* required, and nothing was loaded */
		else
			print_scalar(x, at, f);
	}
}

void
conf_print(const struct conf_field *fields, const void *target, FILE *f)
{
	print_map(fields, target, 0, false, f);
}
