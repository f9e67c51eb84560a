/*
 * redis_address.c - the two forms.
 */
#include "store/redis_address.h"

#include <netdb.h>
#include <string.h>
#include <sys/un.h>

static enum err
unix_address(const char *path, struct sockaddr_storage *to, socklen_t *to_len)
{
	struct sockaddr_un *un = (struct sockaddr_un *)to;
	size_t len = strlen(path);

	if (len == 0 || len >= sizeof(un->sun_path))
		return ERR_BAD_FIELD;
	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, path, len + 1);
	*to_len = sizeof(*un);
	return ERR_OK;
}

static enum err
tcp_address(const char *where, struct sockaddr_storage *to, socklen_t *to_len)
{
	static const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	const char *colon = strrchr(where, ':');
	struct addrinfo *ai = NULL;
	char host[256];
	size_t len = colon != NULL ? (size_t)(colon - where) : 0;

	if (len > 2 && where[0] == '[' && where[len - 1] == ']') {
		where++;
		len -= 2;
	}
	if (len == 0 || len >= sizeof(host))
		return ERR_BAD_FIELD;
	memcpy(host, where, len);
	host[len] = '\0';
	if (getaddrinfo(host, colon + 1, &hints, &ai) != 0)
		return ERR_BAD_FIELD;
	memcpy(to, ai->ai_addr, ai->ai_addrlen);
	*to_len = ai->ai_addrlen;
	freeaddrinfo(ai);
	return ERR_OK;
}

enum err
redis_address(const char *text, struct sockaddr_storage *to, socklen_t *len)
{
	memset(to, 0, sizeof(*to));
	if (strncmp(text, "unix:", 5) == 0)
		return unix_address(text + 5, to, len);
	if (strncmp(text, "tcp:", 4) == 0)
		return tcp_address(text + 4, to, len);
	return ERR_BAD_FIELD;
}
