/*
 * exchange_status.c - how the switch and its bridge are.
 */
#include <stdio.h>

#include "bridge/exchange_own.h"

static ProtobufCBinaryData
bytes(const char *s)
{
	return (ProtobufCBinaryData){ strlen(s), (uint8_t *)(uintptr_t)s };
}

/* The worst first. */
static const char *
trouble(const struct exchange *x)
{
	const char *disk = x->spool != NULL ? spool_trouble(x->spool) : NULL;

	if (x->starved)
		return "events are lost: the spool is full";
	if (disk != NULL)
		return disk;
	if (!x->connected && x->down_why[0] != '\0')
		return x->down_why;
	return x->trouble;
}

void
exchange_status(struct exchange *x, Mashang__SwitchStatus *out)
{
	mashang__switch_status__init(out);
	out->version = bytes(x->version);
	out->connected = x->connected;
	out->since_at = x->since_at;
	out->trouble = bytes(trouble(x));
	out->listen_only = x->options.can == 0;
	out->last_event_at = x->last_event_at;
	out->gaps = x->gaps;
	if (x->spool == NULL)
		return;
	out->spool_events = spool_last(x->spool) + 1 - spool_first(x->spool);
	out->spool_bytes = spool_bytes(x->spool);
	out->unsaved = spool_unsaved(x->spool);
}

void
xstatus_changed(struct exchange *x)
{
	snprintf(x->trouble_told, sizeof(x->trouble_told), "%s", trouble(x));
	x->news.status(x->news.arg);
}

/* The disk's trouble comes and goes without a word. */
void
xstatus_tick(struct exchange *x)
{
	if (strncmp(x->trouble_told, trouble(x), sizeof(x->trouble_told) - 1) !=
	    0)
		xstatus_changed(x);
}
