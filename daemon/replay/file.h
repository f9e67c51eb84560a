/*
 * file.h - a log, read whole.
 */
#ifndef REPLAY_FILE_H
#define REPLAY_FILE_H

#include <stddef.h>
#include <stdio.h>

#include "base/err.h"

/* What is wrong has been told `errors', with the file's name.  The caller frees
 * the text. */
enum err file_read(
    const char *name, FILE *errors, char **text, size_t *len) MUST_USE;

#endif
