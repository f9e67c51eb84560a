/*
 * conf.c - from a file's bytes to a filled struct and what owns its strings.
 */
#include "base/conf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/conf_fill.h"

#define TREE_MAX (32u << 20)
#define VALUES_MAX (64u << 20)

struct conf {
	struct arena *values;
};

static enum err
fill_root(struct conf_filling *fl, const char *text, size_t len,
    const struct conf_field *fields, void *target)
{
	struct conf_node empty = { .kind = CONF_MAPPING, .at = { 1, 1 } };
	struct conf_node *root;
	enum err e = conf_tree_read(fl->tree, text, len, fl->faults, &root);

	if (e != ERR_OK)
		return e;
	if (root == NULL)
		root = &empty;
	if (root->kind != CONF_MAPPING)
		conf_fault(fl->faults, root->at,
		    "this is not a map; write `name: value' lines");
	else
		e = conf_fill_map(fl, fields, root, target);
	return e == ERR_OK && fl->faults->n > 0 ? ERR_CONFIG : e;
}

enum err
conf_parse(const char *name, const char *text, size_t len,
    const struct conf_field *fields, void *target, FILE *errors,
    struct conf **out)
{
	struct conf_faults faults = { .out = errors, .name = name };
	struct conf *c = calloc(1, sizeof(*c));
	struct conf_filling fl = { .faults = &faults };
	enum err e = ERR_NOMEM;

	fl.tree = arena_new(16 * 1024, TREE_MAX);
	fl.values = arena_new(4 * 1024, VALUES_MAX);
	if (c != NULL && fl.tree != NULL && fl.values != NULL) {
		c->values = fl.values;
		e = fill_root(&fl, text, len, fields, target);
	}
	arena_free(&fl.tree);
	if (e == ERR_OK) {
		*out = c;
		return ERR_OK;
	}
	if (e == ERR_NOMEM)
		conf_fault(&faults, (struct conf_mark){ 0, 0 },
		    "no memory; make the file shorter");
	conf_faults_end(&faults);
	arena_free(&fl.values);
	free(c);
	return e;
}

static enum err
read_file(FILE *f, char *buf, size_t room, size_t *len)
{
	*len = fread(buf, 1, room, f);
	return ferror(f) ? ERR_IO : ERR_OK;
}

enum err
conf_load(const char *file, const struct conf_field *fields, void *target,
    FILE *errors, struct conf **out)
{
	const size_t room = CONF_FILE_MAX + 1; /* one more shows the excess */
	char *buf = malloc(room);
	FILE *f = buf != NULL ? fopen(file, "re") : NULL;
	enum err e = ERR_IO;
	size_t len;

	if (f != NULL)
		e = read_file(f, buf, room, &len);
	if (e == ERR_OK)
		e = conf_parse(file, buf, len, fields, target, errors, out);
	else if (errors != NULL)
		fprintf(errors,
		    "%s: cannot be read: %s; check its path and "
		    "permissions\n",
		    file, strerror(errno));
	if (f != NULL)
		fclose(f);
	free(buf);
	return e;
}

void
conf_free(struct conf **cp)
{
	struct conf *c = *cp;

	if (c == NULL)
		return;
	arena_free(&c->values);
	free(c);
	*cp = NULL;
}
