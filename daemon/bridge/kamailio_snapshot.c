/*
 * kamailio_snapshot.c - all that lives now.
 *
 * The rows of a snapshot come while events come in between.  A row says up to
 * which event it is true, so rows and events are kept until the last row is
 * there, then told as if they had come in order: first the rows, then those
 * events that are newer than the row of their call.  Only then is a call that
 * neither has named gone.
 */
#include "bridge/kamailio.h"

#include <stdlib.h>

#define KIND(K) MASHANG__CALL_EVENT_KIND__##K

void
kam_snapshot_begin(struct kam *k)
{
	k->rows = json_object();
	k->since = json_array();
	if (k->rows == NULL || k->since == NULL ||
	    !kam_ask(k, json_pack("{s:s}", "cmd", "snapshot"), KAM_SNAPSHOT, 0,
		NULL)) {
		kam_snapshot_drop(k);
		stream_fail(k->stream, "cannot ask for the calls");
	}
}

void
kam_snapshot_drop(struct kam *k)
{
	json_decref(k->rows);
	json_decref(k->since);
	k->rows = k->since = NULL;
}

/* Calls by their name, phones by theirs behind a blank, which no name of a call
 * begins with. */
void
kam_snapshot_row(struct kam *k, json_t *row)
{
	struct str name = kam_text(row, "name");
	struct str device = kam_text(row, "device");
	char key[80] = " ";

	if (k->rows == NULL)
		return;
	if (name.len == 0 && device.len > 0 && device.len < sizeof(key) - 1) {
		memcpy(key + 1, device.p, device.len);
		json_object_set(k->rows, key, row);
	} else if (name.len > 0) {
		json_object_set(k->rows, name.p, row);
	}
}

bool
kam_snapshot_event(struct kam *k, json_t *event)
{
	return k->rows != NULL && json_array_append(k->since, event) == 0;
}

/* As the exchange has it. */
static void
see_as_known(struct kam *k, struct xcall *x)
{
	struct report r = { .call = xcall_name(x),
		.kind = xcall_kind(x),
		.device = xcall_device(x) };

	exchange_seen(k->exchange, &r);
}

static void
see(struct kam *k, const json_t *row)
{
	struct xcall *x = exchange_find(k->exchange, kam_text(row, "name"));
	struct kam_row r;

	if (x != NULL && kam_row_is_vague(row)) {
		see_as_known(k, x);
		return;
	}
	if (kam_row_report(row, &r))
		exchange_seen(k->exchange, &r.report);
	kam_row_done(&r);
	kam_remember(k, row);
}

static void
see_phones(struct kam *k, json_t *rows)
{
	const char *key;
	json_t *row;

	exchange_devices(k->exchange);
	json_object_foreach(rows, key, row)
		if (key[0] == ' ')
			exchange_device(k->exchange, str_of(key + 1),
			    MASHANG__DEVICE_REACH__DEVICE_REACHABLE);
	exchange_devices_end(k->exchange);
}

void
kam_snapshot_end(struct kam *k)
{
	json_t *rows = k->rows, *since = k->since, *row, *ev;
	const char *key;
	size_t i;

	k->rows = k->since = NULL;
	if (rows == NULL)
		return;
	exchange_resync(k->exchange);
	see_phones(k, rows);
	json_object_foreach(rows, key, row)
		if (key[0] != ' ')
			see(k, row);
	json_array_foreach(since, i, ev)
	{
		struct str name = kam_text(ev, "name");
		struct xcall *x;

		row = name.len > 0 ? json_object_get(rows, name.p) : NULL;
		if (kam_number(ev, "seq") > kam_number(row, "seq"))
			kam_tell(k, ev);
		x = exchange_find(k->exchange, name);
		if (row == NULL && x != NULL)
			see_as_known(k, x);
	}
	exchange_resynced(k->exchange);
	json_decref(rows);
	json_decref(since);
}
