/*
 * spool_record.c - see spool_record.h.
 */
#include "bridge/spool_record.h"

#include <endian.h>
#include <string.h>

#include "base/crc32c.h"

static const uint8_t magic[8] = { 'm', 'a', 's', 'h', 's', 'p', 'l', '\n' };

void
spool_put32(uint8_t *p, uint32_t v)
{
	v = htole32(v);
	memcpy(p, &v, sizeof(v));
}

void
spool_put64(uint8_t *p, uint64_t v)
{
	v = htole64(v);
	memcpy(p, &v, sizeof(v));
}

static uint32_t
get32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return le32toh(v);
}

uint64_t
spool_get64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return le64toh(v);
}

static uint32_t
sum_head(const uint8_t *p)
{
	return crc32c(crc32c(0, p, 12), p + 16, SPOOL_HEAD_UNSAVED - 16);
}

void
spool_head_write(uint8_t out[SPOOL_HEAD_SIZE], const struct spool_head *h)
{
	memset(out, 0, SPOOL_HEAD_SIZE);
	memcpy(out, magic, sizeof(magic));
	spool_put32(out + 8, SPOOL_FORM);
	memcpy(out + 16, h->boot, SPOOL_BOOT_LEN);
	spool_put64(out + 56, h->incarnation);
	spool_put64(out + 64, h->next);
	spool_put64(out + 72, h->forgotten);
	spool_put64(out + SPOOL_HEAD_UNSAVED, h->unsaved);
	spool_put32(out + 12, sum_head(out));
}

/* An incarnation has 32 bits of a version. */
static bool
is_sound(const struct spool_head *h)
{
	return h->incarnation < UINT32_MAX && h->next >= 1 &&
	       h->next < SPOOL_SEQ_MAX && h->forgotten < SPOOL_SEQ_MAX &&
	       h->boot[SPOOL_BOOT_LEN - 1] == '\0';
}

enum err
spool_head_read(const uint8_t in[SPOOL_HEAD_SIZE], struct spool_head *h)
{
	if (memcmp(in, magic, sizeof(magic)) != 0 ||
	    get32(in + 12) != sum_head(in))
		return ERR_BAD_FRAME;
	if (get32(in + 8) != SPOOL_FORM)
		return ERR_REFUSED;
	memcpy(h->boot, in + 16, SPOOL_BOOT_LEN);
	h->incarnation = spool_get64(in + 56);
	h->next = spool_get64(in + 64);
	h->forgotten = spool_get64(in + 72);
	h->unsaved = spool_get64(in + SPOOL_HEAD_UNSAVED) != 0;
	return is_sound(h) ? ERR_OK : ERR_BAD_FRAME;
}

static uint32_t
sum_record(const uint8_t *p, size_t size)
{
	return crc32c(crc32c(0, p, 4), p + 8, size - 8);
}

void
spool_record_write(
    uint8_t *out, enum spool_kind kind, uint64_t seq, const void *p, size_t len)
{
	size_t size = spool_record_size(len), end = SPOOL_RECORD_HEAD + len;

	spool_put32(out, (uint32_t)len);
	spool_put32(out + 8, (uint32_t)kind);
	spool_put64(out + 12, seq);
	if (len > 0)
		memcpy(out + SPOOL_RECORD_HEAD, p, len);
	memset(out + end, 0, size - end);
	spool_put32(out + 4, sum_record(out, size));
}

enum err
spool_record_read(
    const uint8_t *p, size_t n, struct spool_record *r, size_t *size)
{
	uint32_t kind;

	*size = spool_record_size(0);
	if (n < *size)
		return ERR_AGAIN;
	r->len = get32(p);
	if (r->len > SPOOL_BYTES_MAX)
		return ERR_BAD_FRAME;
	*size = spool_record_size(r->len);
	if (n < *size)
		return ERR_AGAIN;
	kind = get32(p + 8);
	r->seq = spool_get64(p + 12);
	r->p = p + SPOOL_RECORD_HEAD;
	if (kind == SPOOL_NONE || kind >= SPOOL_NKINDS ||
	    r->seq >= SPOOL_SEQ_MAX || get32(p + 4) != sum_record(p, *size))
		return ERR_BAD_FRAME;
	r->kind = (enum spool_kind)kind;
	return ERR_OK;
}
