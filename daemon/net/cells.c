/*
 * cells.c - numbers, truths and words.
 */
#include "net/cells.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORD_MAX 64

int64_t
cell_number(struct str s)
{
	char text[32];

	if (s.len == 0 || s.len >= sizeof(text))
		return 0;
	memcpy(text, s.p, s.len);
	text[s.len] = '\0';
	return strtoll(text, NULL, 10);
}

bool
cell_bool(struct str s)
{
	return s.len > 0 && (s.p[0] == 't' || s.p[0] == '1');
}

int
cell_enum(const ProtobufCEnumDescriptor *d, const char *prefix, struct str s)
{
	const ProtobufCEnumValue *v;
	char name[WORD_MAX];
	size_t n = strlen(prefix);

	if (s.len == 0 || n + s.len >= sizeof(name))
		return 0;
	memcpy(name, prefix, n);
	for (uint32_t i = 0; i < s.len; i++)
		name[n + i] = (char)toupper((unsigned char)s.p[i]);
	name[n + s.len] = '\0';
	v = protobuf_c_enum_descriptor_get_value_by_name(d, name);
	return v != NULL ? v->value : 0;
}

const char *
cell_word(const ProtobufCEnumDescriptor *d, const char *prefix, int value,
    char *out, unsigned room)
{
	const ProtobufCEnumValue *v =
	    value == 0 ? NULL : protobuf_c_enum_descriptor_get_value(d, value);
	size_t n = strlen(prefix);

	snprintf(out, room, "%s",
	    v == NULL                          ? ""
	    : strncmp(v->name, prefix, n) == 0 ? v->name + n
					       : v->name);
	for (char *p = out; *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	return out;
}
