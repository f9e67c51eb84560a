/*
 * file.c - in one buffer that grows.
 */
#include "replay/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX_BYTES ((size_t)512 * 1024 * 1024)

static enum err
read_all(FILE *f, char **out, size_t *len)
{
	size_t room = (size_t)1 << 20;
	char *text = NULL, *more;

	for (*len = 0;; room *= 2) {
		if (room > FILE_MAX_BYTES ||
		    (more = realloc(text, room)) == NULL) {
			free(text);
			return room > FILE_MAX_BYTES ? ERR_TOO_LARGE
			                             : ERR_NOMEM;
		}
		text = more;
		*len += fread(text + *len, 1, room - *len, f);
		if (*len < room)
			break;
	}
	if (ferror(f)) {
		free(text);
		return ERR_IO;
	}
	*out = text;
	return ERR_OK;
}

enum err
file_read(const char *name, FILE *errors, char **text, size_t *len)
{
	FILE *f = fopen(name, "re");
	enum err e;

	if (f == NULL) {
		fprintf(errors, "%s: %s\n", name, strerror(errno));
		return ERR_IO;
	}
	if ((e = read_all(f, text, len)) != ERR_OK)
		fprintf(errors, "%s: cannot be read: %s\n", name, err_name(e));
	fclose(f);
	return e;
}
