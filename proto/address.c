/*
 * address.c - text to socket addresses.
 */
#include "address.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

static const char *
parse_unix(const char *path, struct address *a)
{
	struct sockaddr_un *un = (struct sockaddr_un *)&a->sa;

	if (path[0] == '\0' || strlen(path) >= sizeof(un->sun_path))
		return "the path of a unix: address is empty or too long";
	un->sun_family = AF_UNIX;
	snprintf(un->sun_path, sizeof(un->sun_path), "%s", path);
	a->len = sizeof(*un);
	return NULL;
}

static const char *
parse_tcp(char *text, struct address *a)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *found;
	char *port = strrchr(text, ':'), *host = text;

	if (port == NULL || port[1] == '\0')
		return "a tcp: address is tcp:host:port";
	*port++ = '\0';
	if (host[0] == '[' && host[strlen(host) - 1] == ']') {
		host[strlen(host) - 1] = '\0';
		host++;
	}
	if (getaddrinfo(host, port, &hints, &found) != 0)
		return "no such host or port";
	memcpy(&a->sa, found->ai_addr, found->ai_addrlen);
	a->len = found->ai_addrlen;
	freeaddrinfo(found);
	return NULL;
}

const char *
address_parse(const char *text, struct address *to, unsigned *n)
{
	char *copy = strdup(text), *rest = copy, *one;
	const char *why = copy == NULL ? "no memory" : NULL;

	*n = 0;
	while (why == NULL && (one = strsep(&rest, ",")) != NULL) {
		if (*n == ADDRESS_MAX)
			why = "too many addresses";
		else if (strncmp(one, "unix:", 5) == 0)
			why = parse_unix(one + 5, &to[(*n)++]);
		else if (strncmp(one, "tcp:", 4) == 0)
			why = parse_tcp(one + 4, &to[(*n)++]);
		else
			why = "an address is unix:/path or tcp:host:port";
	}
	free(copy);
	return why;
}
