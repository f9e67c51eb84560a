/*
 * spool_disk.h - what the spool asks of the system and what may fail there.
 *
 * Through pointers, so that a test can have it fail, or be killed in it.
 */
#ifndef BRIDGE_SPOOL_DISK_H
#define BRIDGE_SPOOL_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct spool_disk {
	ssize_t (*write)(int fd, const void *, size_t, off_t);
	int (*sync)(int fd); /* both from the spool's thread too */
	int (*sync_directory)(int fd);
	int (*allocate)(int fd, off_t from, off_t len); /* an errno, or 0 */
};

extern struct spool_disk spool_disk;

/* All of it, or false and errno. */
bool spool_disk_write(int fd, const void *, size_t, off_t);

#endif
