/*
 * freeswitch_data.c - devices, causes, what a caller brings.
 */
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/id.h"
#include "bridge/freeswitch.h"

#define DEVICES_MAX 100000
#define DATA_PREFIX "variable_mashang_data_"

bool
fs_copy(char *to, size_t room, struct str from)
{
	to[0] = '\0';
	if (from.len >= room)
		return false;
	if (from.len > 0)
		memcpy(to, from.p, from.len);
	to[from.len] = '\0';
	return true;
}

/* -------------------------------------------------- what commands can hold */

static bool
is_of(struct str s, uint32_t max, const char *more)
{
	for (uint32_t i = 0; i < s.len; i++) {
		char c = s.p[i];
		bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
		             (c >= 'A' && c <= 'Z');

		if (!plain && (c == '\0' || strchr(more, c) == NULL))
			return false;
	}
	return s.len > 0 && s.len <= max;
}

bool
fs_is_number(struct str s)
{
	for (uint32_t i = 0; i < s.len; i++)
		if ((s.p[i] < '0' || s.p[i] > '9') &&
		    (s.p[i] == '\0' || strchr("*#", s.p[i]) == NULL) &&
		    (s.p[i] != '+' || i > 0))
			return false;
	return s.len > 0 && s.len <= FS_NAME_MAX;
}

bool
fs_is_device(struct str s)
{
	return is_of(s, FS_NAME_MAX, "_.+-");
}

bool
fs_is_uuid(struct str s)
{
	return is_of(s, FS_NAME_MAX, "_.-");
}

void
fs_uuid(char out[FS_NAME_MAX + 1])
{
	struct id id = id_random();
	char hex[ID_TEXT_LEN + 1];

	id.b[6] = (uint8_t)((id.b[6] & 0x0F) | 0x40);
	id.b[8] = (uint8_t)((id.b[8] & 0x3F) | 0x80);
	id_text(&id, hex);
	snprintf(out, FS_NAME_MAX + 1, "%.8s-%.4s-%.4s-%.4s-%.12s", hex,
	    hex + 8, hex + 12, hex + 16, hex + 20);
}

bool
fs_dial_of(const struct fs *f, struct str device, char out[FS_TEXT_MAX + 1])
{
	const char *pattern = f->options->device;
	const char *at = strstr(pattern, "%s");
	int n;

	if (at == NULL || !fs_is_device(device))
		return false;
	n = snprintf(out, FS_TEXT_MAX + 1, "%.*s%.*s%s", (int)(at - pattern),
	    pattern, STR_ARG(device), at + 2);
	return n > 0 && n <= FS_TEXT_MAX;
}

void
fs_device_learn(struct fs *f, struct str name)
{
	struct fs_device *d = NULL;

	if (!fs_is_device(name) || HASH_COUNT(f->devices) >= DEVICES_MAX)
		return;
	HASH_FIND(hh, f->devices, name.p, name.len, d);
	if (d != NULL || (d = calloc(1, sizeof(*d))) == NULL)
		return;
	fs_copy(d->name, sizeof(d->name), name);
	HASH_ADD_KEYPTR(hh, f->devices, d->name, name.len, d);
	if (!HASH_ADD_OK(hh, d))
		free(d);
}

void
fs_devices_clear(struct fs *f)
{
	struct fs_device *d, *next;

	HASH_ITER(hh, f->devices, d, next)
	{
		HASH_DELETE(hh, f->devices, d);
		free(d);
	}
}

bool
fs_is_outside(struct fs *f, struct str s)
{
	struct fs_device *d = NULL;

	if (!fs_is_number(s))
		return false;
	HASH_FIND(hh, f->devices, s.p, s.len, d);
	return d == NULL;
}

struct str
fs_sayable(struct str s, char *out, size_t room)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < s.len && n + 1 < room; i++) {
		char c = s.p[i];

		if (!esl_is_plain(c))
			c = ' ';
		out[n++] = c;
	}
	return (struct str){ out, n };
}

/* ------------------------------------------------------------------ causes */

static const struct {
	const char *word;
	Mashang__Cause cause;
} causes[] = {
	{ "NORMAL_CLEARING", FS_CAUSE(NORMAL) },
	{ "USER_BUSY", FS_CAUSE(BUSY) },
	{ "NO_ANSWER", FS_CAUSE(NO_ANSWER) },
	{ "CALL_REJECTED", FS_CAUSE(REJECTED) },
	{ "SUBSCRIBER_ABSENT", FS_CAUSE(UNREACHABLE) },
	/* The first of a cause is the word for it. */
	{ "NO_USER_RESPONSE", FS_CAUSE(NO_ANSWER) },
	{ "ALLOTTED_TIMEOUT", FS_CAUSE(NO_ANSWER) },
	{ "RECOVERY_ON_TIMER_EXPIRE", FS_CAUSE(UNREACHABLE) },
	{ "ORIGINATOR_CANCEL", FS_CAUSE(NORMAL) },
	{ "LOSE_RACE", FS_CAUSE(NORMAL) },
	{ "PICKED_OFF", FS_CAUSE(NORMAL) },
	{ "ATTENDED_TRANSFER", FS_CAUSE(NORMAL) },
	{ "BLIND_TRANSFER", FS_CAUSE(NORMAL) },
	{ "NORMAL_UNSPECIFIED", FS_CAUSE(NORMAL) },
	{ "MANAGER_REQUEST", FS_CAUSE(NORMAL) },
	{ "SYSTEM_SHUTDOWN", FS_CAUSE(SWITCH_LOST) },
};

Mashang__Cause
fs_cause_of(struct str word)
{
	for (size_t i = 0; i < NELEM(causes); i++)
		if (str_eq(word, str_of(causes[i].word)))
			return causes[i].cause;
	return FS_CAUSE(UNREACHABLE);
}

/* Why we end a call that waits, in words for its caller's switch. */
static const struct {
	const char *word;
	Mashang__Cause cause;
} endings[] = {
	{ "USER_BUSY", FS_CAUSE(REFUSED) }, /* full, or closed */
	{ "NO_ANSWER", FS_CAUSE(OVERFLOW) },
	{ "NO_ANSWER", FS_CAUSE(TIMED_OUT) },
};

const char *
fs_word_of(Mashang__Cause c)
{
	for (size_t i = 0; i < NELEM(endings); i++)
		if (endings[i].cause == c)
			return endings[i].word;
	for (size_t i = 0; i < NELEM(causes); i++)
		if (causes[i].cause == c && c != FS_CAUSE(SWITCH_LOST))
			return causes[i].word;
	return causes[0].word;
}

/* ------------------------------------------------------ what a caller brings */

static struct report_pair brought[REPORT_DATA_MAX];

static void
bring(struct report *r, struct str key, struct str value)
{
	if (r->n_data < REPORT_DATA_MAX && key.len > 0 && value.len > 0)
		brought[r->n_data++] = (struct report_pair){ key, value };
}

void
fs_brings(struct report *r, const struct esl_frame *m)
{
	static const uint32_t prefix = sizeof(DATA_PREFIX) - 1;

	r->caller = esl_get(m, "Caller-Caller-ID-Number");
	r->caller_name = esl_get(m, "Caller-Caller-ID-Name");
	/* Without a name the switch gives the number. */
	if (str_eq(r->caller_name, r->caller))
		r->caller_name.len = 0;
	r->called = esl_get(m, "variable_mashang_called");
	if (r->called.len == 0)
		r->called = esl_get(m, "variable_sip_to_user");
	r->menu = esl_get(m, "variable_mashang_menu");
	r->priority =
	    (uint32_t)(esl_number(m, "variable_mashang_priority", 0) & 0xFF);
	r->n_data = 0;
	r->data = brought;
	bring(r, STR_LIT("language"), esl_get(m, "variable_mashang_language"));
	for (unsigned i = 0; i < m->n_headers; i++) {
		struct str name = m->headers[i].name;

		if (name.len > prefix &&
		    strncasecmp(name.p, DATA_PREFIX, prefix) == 0)
			bring(r,
			    (struct str){ name.p + prefix, name.len - prefix },
			    m->headers[i].value);
	}
}
