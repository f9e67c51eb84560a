/*
 * address.h - where a daemon listens: unix:/path, tcp:host:port,
 * tcp:[v6]:port, or several of these with commas between.
 */
#ifndef PROTO_ADDRESS_H
#define PROTO_ADDRESS_H

#include <sys/socket.h>

#define ADDRESS_MAX 16 /* in one list */

struct address {
	struct sockaddr_storage sa;
	socklen_t len;
};

/* Into to[ADDRESS_MAX]; a host's name is looked up here and now.  NULL, or
 * what is wrong with the text. */
const char *address_parse(const char *text, struct address *to, unsigned *n);

#endif
