/*
 * token.c - version, role, vouched, agent, issued, expires, login, switch, MAC.
 */
#include "net/token.h"

#include <assert.h>
#include <endian.h>
#include <sodium.h>
#include <string.h>

#define VERSION_BYTE 1
#define NAME_MAX_LEN 64
#define FIXED (3 + 4 + 8 + 8)
#define SKEW_US (INT64_C(300) * 1000000) /* between nodes' clocks */

struct fixed {
	uint8_t version, role, vouched;
	uint32_t agent;
	int64_t issued_at, expires_at;
} __attribute__((packed));

_Static_assert(sizeof(struct fixed) == FIXED, "as on the wire");
_Static_assert(
    FIXED + 2 * (1 + NAME_MAX_LEN) + crypto_auth_BYTES <= TOKEN_MAX, "fits");

static uint8_t *
put_name(uint8_t *p, struct str s)
{
	assert(s.len <= NAME_MAX_LEN);
	*p++ = (uint8_t)s.len;
	if (s.len > 0)
		memcpy(p, s.p, s.len);
	return p + s.len;
}

uint32_t
token_write(
    const struct token *t, const uint8_t key[TOKEN_KEY_LEN], uint8_t *out)
{
	struct fixed f = {
		.version = VERSION_BYTE,
		.role = (uint8_t)t->role,
		.vouched = t->vouched,
		.agent = htobe32(t->agent),
		.issued_at = (int64_t)htobe64((uint64_t)t->issued_at),
		.expires_at = (int64_t)htobe64((uint64_t)t->expires_at),
	};
	uint8_t *p = out;

	memcpy(p, &f, FIXED);
	p = put_name(p + FIXED, t->login);
	p = put_name(p, t->switch_name);
	crypto_auth(p, out, (unsigned long long)(p - out), key);
	return (uint32_t)(p - out) + crypto_auth_BYTES;
}

/* The MAC has been checked: the lengths are those that we wrote. */
static const uint8_t *
get_name(const uint8_t *p, struct str *s)
{
	*s = (struct str){ (const char *)p + 1, *p };
	return p + 1 + *p;
}

enum err
token_read(struct str bytes, const uint8_t key[TOKEN_KEY_LEN], int64_t now,
    struct token *t)
{
	const uint8_t *p = (const uint8_t *)bytes.p;
	uint32_t len;
	struct fixed f;

	if (bytes.len < FIXED + 2 + crypto_auth_BYTES || bytes.len > TOKEN_MAX)
		return ERR_AUTH;
	len = bytes.len - crypto_auth_BYTES;
	if (crypto_auth_verify(p + len, p, len, key) != 0)
		return ERR_AUTH;
	memcpy(&f, p, FIXED);
	if (f.version != VERSION_BYTE)
		return ERR_STALE;
	get_name(get_name(p + FIXED, &t->login), &t->switch_name);
	t->role = f.role;
	t->vouched = f.vouched != 0;
	t->agent = be32toh(f.agent);
	t->issued_at = (int64_t)be64toh((uint64_t)f.issued_at);
	t->expires_at = (int64_t)be64toh((uint64_t)f.expires_at);
	if (now >= t->expires_at || t->issued_at > now + SKEW_US)
		return ERR_STALE;
	return ERR_OK;
}
