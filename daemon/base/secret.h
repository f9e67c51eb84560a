/*
 * secret.h - a password or key out of a file that others may not read.
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include <stddef.h>

/*
 * The file's bytes into out[room], with a NUL behind; how many there are.
 * 0: it is empty, cannot be read, or others may read it: that has been logged.
 * What does not fit is left out.
 */
size_t secret_read(const char *path, char *out, size_t room);

/* The same, as one line without its end. */
size_t secret_line(const char *path, char *out, size_t room);

#endif
