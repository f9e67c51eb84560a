/*
 * netstring.c - see netstring.h.
 */
#include "bridge/netstring.h"

#include <stdio.h>
#include <string.h>

#define DIGITS_MAX 9 /* fits 32 bits */

/* The length and its colon; *used: both. */
static enum err
pull_length(struct str in, size_t *len, size_t *used)
{
	size_t n = 0;

	*len = 0;
	while (n < in.len && n < DIGITS_MAX && in.p[n] >= '0' && in.p[n] <= '9')
		*len = *len * 10 + (size_t)(in.p[n++] - '0');
	if (n > 1 && in.p[0] == '0')
		return ERR_BAD_FRAME;
	if (n == in.len)
		return ERR_AGAIN;
	if (n == 0 || in.p[n] != ':')
		return ERR_BAD_FRAME;
	*used = n + 1;
	return ERR_OK;
}

enum err
netstring_pull(struct str in, size_t max, struct str *out, size_t *used)
{
	size_t len, head;
	enum err e = pull_length(in, &len, &head);

	if (e != ERR_OK)
		return e;
	if (len > max)
		return ERR_TOO_LARGE;
	if (in.len - head <= len)
		return ERR_AGAIN;
	if (in.p[head + len] != ',')
		return ERR_BAD_FRAME;
	*out = (struct str){ in.p + head, (uint32_t)len };
	*used = head + len + 1;
	return ERR_OK;
}

size_t
netstring_put(struct str body, char *out, size_t room)
{
	int head;

	if (room < NETSTRING_EXTRA || body.len > room - NETSTRING_EXTRA)
		return 0;
	head = snprintf(out, room, "%u:", (unsigned)body.len);
	if (body.len > 0)
		memcpy(out + head, body.p, body.len);
	out[(size_t)head + body.len] = ',';
	return (size_t)head + body.len + 1;
}
