/*
 * json.c - see json.h.
 */
#include "client/json.h"

#include <stdlib.h>

#include "client/fmt.h"

json_t *
json_text(ProtobufCBinaryData b)
{
	char *clean = fmt_clean(fmt_str(b), true);
	json_t *j = clean != NULL ? json_string(clean) : json_null();

	free(clean);
	return j;
}

json_t *
json_id(ProtobufCBinaryData b)
{
	char hex[33];

	if (b.len != 16)
		return json_null();
	for (size_t i = 0; i < 16; i++)
		snprintf(hex + 2 * i, 3, "%02x", b.data[i]);
	return json_string(hex);
}

void
json_line(FILE *f, json_t *j)
{
	json_dumpf(j, f, JSON_COMPACT | JSON_SORT_KEYS);
	fputc('\n', f);
	json_decref(j);
}
