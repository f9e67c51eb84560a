/*
 * cells.h - what the ledger's rows say, out of their text.
 *
 * The rows come from our own database: what does not parse is 0 or false.
 */
#ifndef NET_CELLS_H
#define NET_CELLS_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

int64_t cell_number(struct str);
bool cell_bool(struct str);

/* The value whose name is `prefix' and the cell in capitals; 0: none. */
int cell_enum(const ProtobufCEnumDescriptor *, const char *prefix, struct str);
/* The way back: lower case, without the prefix; "" for none. */
const char *cell_word(const ProtobufCEnumDescriptor *, const char *prefix,
    int value, char *out, unsigned room);

#endif
