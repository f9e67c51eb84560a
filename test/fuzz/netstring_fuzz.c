/*
 * netstring_fuzz.c - what a switch sends, up to its words: netstrings, JSON,
 * times, names, pairs.
 */
#include <stdint.h>
#include <stdlib.h>

#include "bridge/kamailio.h"
#include "bridge/netstring.h"

#define MESSAGE_MAX 65536

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
take(struct str text)
{
	json_t *o = json_loadb(text.p, text.len, JSON_REJECT_DUPLICATES, NULL);
	struct kam_row row;

	if (o == NULL)
		return;
	kam_row_is_vague(o);
	if (kam_row_report(o, &row) &&
	    (row.report.n_data > REPORT_DATA_MAX || row.report.kind == 0))
		abort();
	kam_row_done(&row);
	kam_cause(kam_number(o, "code"));
	json_decref(o);
}

/* Pairs alone, too: JSON lets little of them through. */
static void
take_pairs(struct str text)
{
	struct report_pair pairs[REPORT_DATA_MAX];
	char *store = malloc(text.len + 1), name[64];

	if (store == NULL)
		return;
	for (unsigned n = kam_pairs(text, store, pairs), i = 0; i < n; i++)
		if (pairs[i].key.len == 0 || pairs[i].value.len > 1024 ||
		    pairs[i].value.p + pairs[i].value.len > store + text.len)
			abort();
	if (kam_display(text, name, sizeof(name)).len > text.len)
		abort();
	kam_time(text);
	free(store);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { (const char *)data, (uint32_t)size }, out;
	size_t used;

	take_pairs(in);
	while (netstring_pull(in, MESSAGE_MAX, &out, &used) == ERR_OK) {
		if (used > in.len || out.p < in.p ||
		    out.p + out.len >= in.p + in.len)
			abort();
		take(out);
		in.p += used;
		in.len -= (uint32_t)used;
	}
	return 0;
}
