/*
 * spool_record.h - the bytes of a segment: one head, then records.
 *
 * Head, 88 bytes, little-endian:
 *
 *   magic "mashspl\n" | form u32 | CRC-32C u32 (of all but itself and the
 *   last) | boot id, 40 bytes | incarnation u64 | next u64 | forgotten u64 |
 *   unsaved u64
 *
 * `next' is the number of the segment's first event, `forgotten' what was
 * committed when it was begun; both are there so that no number is given twice
 * when all older segments are gone.  `unsaved' is not 0 while events are in
 * memory only; it is overwritten in place, which needs no room on a full disk.
 *
 * A record is a multiple of 8 bytes, filled up with zeros:
 *
 *   length u32 (of bytes) | CRC-32C u32 (of length and all that follows) |
 *   kind u32 | seq u64 | bytes
 *
 * In all forms the head's first 80 bytes mean the same, so that an older
 * program refuses what a newer one wrote and does not take it for damaged.
 */
#ifndef BRIDGE_SPOOL_RECORD_H
#define BRIDGE_SPOOL_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define SPOOL_FORM 1
#define SPOOL_BOOT_LEN 40
#define SPOOL_HEAD_SIZE 88
#define SPOOL_HEAD_UNSAVED 80 /* where that field is */
#define SPOOL_RECORD_HEAD 20
#define SPOOL_BYTES_MAX (UINT32_C(64) << 20) /* of one record */
#define SPOOL_SEQ_MAX (UINT64_C(1) << 62)

enum spool_kind {
	SPOOL_NONE,
	SPOOL_EVENT,      /* seq: its number */
	SPOOL_CHECKPOINT, /* live calls behind the event `seq' */
	SPOOL_FORGOTTEN,  /* committed up to seq */
	SPOOL_RENUMBERED, /* a table: older segments have other numbers */
	SPOOL_CLOSED,     /* nothing follows, all is synced */
	SPOOL_NKINDS
};

struct spool_head {
	char boot[SPOOL_BOOT_LEN]; /* text; zeros up to the end */
	uint64_t incarnation, next, forgotten;
	bool unsaved;
};

struct spool_record {
	enum spool_kind kind;
	uint32_t len;
	uint64_t seq;
	const uint8_t *p;
};

void spool_put32(uint8_t *, uint32_t);
void spool_put64(uint8_t *, uint64_t);
uint64_t spool_get64(const uint8_t *);

void spool_head_write(uint8_t out[SPOOL_HEAD_SIZE], const struct spool_head *);
/* ERR_BAD_FRAME: not a head; ERR_REFUSED: of a form that is not known here. */
enum err spool_head_read(
    const uint8_t in[SPOOL_HEAD_SIZE], struct spool_head *) MUST_USE;

/* On disk, of so many bytes. */
static inline size_t
spool_record_size(size_t len)
{
	return (SPOOL_RECORD_HEAD + len + 7) & ~(size_t)7;
}

/* Into spool_record_size(len) bytes. */
void spool_record_write(
    uint8_t *out, enum spool_kind, uint64_t seq, const void *p, size_t len);
/* What n bytes begin with.  ERR_AGAIN: *size of them are needed;
 * ERR_BAD_FRAME: it is no record. */
enum err spool_record_read(
    const uint8_t *, size_t n, struct spool_record *, size_t *size) MUST_USE;

#endif
