/*
 * redis_address.h - unix:/path, tcp:host:port or tcp:[v6]:port as a socket's
 * address.  A host's name is looked up at once, and blocks: for start-up only.
 */
#ifndef STORE_REDIS_ADDRESS_H
#define STORE_REDIS_ADDRESS_H

#include <sys/socket.h>

#include "base/err.h"

/* ERR_BAD_FIELD: neither form, or no such host or port. */
enum err redis_address(
    const char *text, struct sockaddr_storage *, socklen_t *len) MUST_USE;

#endif
