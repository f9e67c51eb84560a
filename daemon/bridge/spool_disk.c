/*
 * spool_disk.c - see spool_disk.h.
 */
#include "bridge/spool_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <unistd.h>

struct spool_disk spool_disk = {
	.write = pwrite,
	.sync = fdatasync,
	.sync_directory = fsync,
	.allocate = posix_fallocate,
};

bool
spool_disk_write(int fd, const void *p, size_t len, off_t at)
{
	const uint8_t *b = p;

	while (len > 0) {
		ssize_t n = spool_disk.write(fd, b, len, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			if (n == 0)
				errno = ENOSPC;
			return false;
		}
		b += n;
		len -= (size_t)n;
		at += n;
	}
	return true;
}
