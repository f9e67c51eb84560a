/*
 * hash.h - uthash as all of us use it.
 *
 * Keyed, since peers choose many of the keys: SipHash-2-4 under a key drawn at
 * start.  Without memory an insertion fails instead of ending the process: the
 * element is then in no table, which HASH_ADD_OK() tells by its handle.
 *
 *	HASH_ADD(hh, table, id, sizeof(e->id), e);
 *	if (!HASH_ADD_OK(hh, e))
 *		return ERR_NOMEM;
 *
 * Iteration goes in the order of insertion, so the random key shows nowhere.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>

/* Of `len' bytes, under this process' key. */
unsigned hash_of(const void *key, size_t len);

#define HASH_NONFATAL_OOM 1
#define HASH_FUNCTION(key, len, hashv) ((hashv) = hash_of((key), (len)))
#define HASH_ADD_OK(hh, element) ((element)->hh.tbl != NULL)

#include <uthash.h>

#endif
