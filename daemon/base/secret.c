/*
 * secret.c - opened first, judged then, so that it is the same file.
 */
#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

size_t
secret_read(const char *path, char *out, size_t room)
{
	struct stat st;
	ssize_t n = -1;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd == -1 || fstat(fd, &st) == -1)
		log_error(LOG_MAIN, "%s: %s", path, strerror(errno));
	else if ((st.st_mode & (S_IRWXO | S_IWGRP)) != 0)
		log_error(LOG_MAIN, "%s: others may read it; chmod 0640", path);
	else
		n = read(fd, out, room - 1);
	if (fd != -1)
		close(fd);
	if (n <= 0)
		return 0;
	out[n] = '\0';
	return (size_t)n;
}

size_t
secret_line(const char *path, char *out, size_t room)
{
	if (secret_read(path, out, room) == 0)
		return 0;
	out[strcspn(out, "\r\n")] = '\0';
	if (out[0] == '\0')
		log_error(LOG_MAIN, "%s: it is empty", path);
	return strlen(out);
}
