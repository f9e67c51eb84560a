/*
 * conf_fuzz.c - any bytes as a configuration file.
 *
 * What is taken must print as a file that is taken again and prints the same.
 *
 *	clang-14 -g -O1 -fsanitize=fuzzer,address,undefined -D_GNU_SOURCE \
 *	    -Idaemon test/fuzz/conf_fuzz.c daemon/base/{arena,conf*,text*}.c -lyaml
 *	./a.out -max_len=4096 -max_total_time=60
 */
#include "base/conf.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct item {
	const char *name;
	struct conf_mark at;
	struct conf_list levels, texts;
};

struct everything {
	const char *s;
	int64_t n, d, z;
	bool b;
	int w;
	struct conf_list texts, items, spans;
	struct conf_choice then;
	struct item one;
};

static const char *const words[] = { "alpha", "beta", NULL };
static const char *const thens[] = { "refuse", "queue:", NULL };

/* clang-format off */
static const struct conf_field item_fields[] = {
	{ .name = "name", .type = CONF_STRING,
	  .offset = offsetof(struct item, name),
	  .mark_offset = offsetof(struct item, at) },
	{ .name = "levels", .type = CONF_LEVELS, .preset = "{a: 1}",
	  .offset = offsetof(struct item, levels) },
	{ .name = "texts", .type = CONF_STRINGS, .preset = "[]",
	  .offset = offsetof(struct item, texts) },
	{ .name = NULL }
};

static const struct conf_field fields[] = {
	{ .name = "spans", .type = CONF_SPANS, .preset = "{}",
	  .max = 60000000, .offset = offsetof(struct everything, spans) },
	{ .name = "then", .type = CONF_CHOICE, .preset = "refuse",
	  .words = thens, .offset = offsetof(struct everything, then) },
	{ .name = "s", .type = CONF_STRING, .preset = "",
	  .offset = offsetof(struct everything, s), .help = "A text." },
	{ .name = "n", .type = CONF_NUMBER, .preset = "0",
	  .offset = offsetof(struct everything, n) },
	{ .name = "d", .type = CONF_DURATION, .preset = "1s",
	  .offset = offsetof(struct everything, d) },
	{ .name = "z", .type = CONF_SIZE, .preset = "0",
	  .offset = offsetof(struct everything, z) },
	{ .name = "b", .type = CONF_BOOL, .preset = "no",
	  .offset = offsetof(struct everything, b) },
	{ .name = "w", .type = CONF_WORD, .preset = "beta", .words = words,
	  .offset = offsetof(struct everything, w) },
	{ .name = "texts", .type = CONF_STRINGS, .preset = "[x]",
	  .offset = offsetof(struct everything, texts) },
	{ .name = "items", .type = CONF_LIST, .preset = "[]",
	  .fields = item_fields, .size = sizeof(struct item),
	  .offset = offsetof(struct everything, items) },
	{ .name = "one", .type = CONF_MAP, .preset = "{name: y}",
	  .fields = item_fields, .offset = offsetof(struct everything, one) },
	{ .name = NULL }
};
/* clang-format on */

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* What `text' prints as; NULL if it is refused. */
static char *
read_and_print(const char *text, size_t len, FILE *errors, size_t *out_len)
{
	struct everything e = { 0 };
	struct conf *c = NULL;
	char *out = NULL;
	FILE *f;

	if (conf_parse("fuzz", text, len, fields, &e, errors, &c) != ERR_OK)
		return NULL;
	if ((f = open_memstream(&out, out_len)) == NULL)
		abort();
	conf_print(fields, &e, f);
	fclose(f);
	conf_free(&c);
	return out;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *told = NULL, *once, *twice;
	size_t told_len = 0, once_len = 0, twice_len = 0;
	FILE *errors = open_memstream(&told, &told_len);

	if (errors == NULL)
		abort();
	once = read_and_print((const char *)data, size, errors, &once_len);
	fclose(errors);
	if ((once == NULL) != (told_len > 0) || strchr(told, '\x1B') != NULL)
		abort();
	free(told);
	if (once == NULL)
		return 0;
	twice = read_and_print(once, once_len, stderr, &twice_len);
	if (twice == NULL || strcmp(once, twice) != 0)
		abort();
	free(once);
	free(twice);
	return 0;
}
