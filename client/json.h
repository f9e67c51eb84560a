/*
 * json.h - what scripts read: one object a line, keys sorted.
 *
 * Foreign text is cleaned here as everywhere; its line ends are kept.
 */
#ifndef CLIENT_JSON_H
#define CLIENT_JSON_H

#include <jansson.h>
#include <protobuf-c/protobuf-c.h>
#include <stdio.h>

json_t *json_text(ProtobufCBinaryData);
/* 32 hex digits for an id, null for none. */
json_t *json_id(ProtobufCBinaryData);

/* Write and release. */
void json_line(FILE *, json_t *);

#endif
