/*
 * asterisk_data.c - devices, causes, numbers, what a caller brings.
 */
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "base/text.h"
#include "bridge/asterisk.h"

bool
ast_copy(char *to, size_t room, struct str from)
{
	bool fits = from.len < room;

	to[0] = '\0';
	if (!fits)
		return false;
	if (from.len > 0)
		memcpy(to, from.p, from.len);
	to[from.len] = '\0';
	return true;
}

/* --------------------------------------------------- what commands can hold */

static bool
is_of(struct str s, const char *more)
{
	for (uint32_t i = 0; i < s.len; i++) {
		char c = s.p[i];
		bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
		             (c >= 'A' && c <= 'Z');

		if (!plain && (c == '\0' || strchr(more, c) == NULL))
			return false;
	}
	return s.len > 0;
}

bool
ast_is_number(struct str s)
{
	return s.len <= AST_DEVICE_MAX && is_of(s, "+*#") &&
	       (s.p[0] < 'A' || s.p[0] > 'z');
}

bool
ast_is_token(struct str s)
{
	return s.len < AST_CHAN_MAX && is_of(s, "/_.@;:+*#-");
}

/* ---------------------------------------------------------------- devices */

bool
ast_dial_of(const struct ast *a, struct str device, char out[AST_CHAN_MAX])
{
	const char *pattern = a->options->device;
	const char *at = strstr(pattern, "%s");
	int n;

	if (at == NULL || device.len > AST_DEVICE_MAX || !is_of(device, "_.+-"))
		return false;
	n = snprintf(out, AST_CHAN_MAX, "%.*s%.*s%s", (int)(at - pattern),
	    pattern, STR_ARG(device), at + 2);
	return n > 0 && n < AST_CHAN_MAX;
}

struct str
ast_device_of(const struct ast *a, struct str s)
{
	const char *pattern = a->options->device;
	const char *at = strstr(pattern, "%s");
	size_t head, tail;

	if (at == NULL)
		return str_of(NULL);
	head = (size_t)(at - pattern);
	tail = strlen(at + 2);
	if (s.len <= head + tail || s.len - head - tail > AST_DEVICE_MAX ||
	    strncasecmp(s.p, pattern, head) != 0 ||
	    strncasecmp(s.p + s.len - tail, at + 2, tail) != 0)
		return str_of(NULL);
	return (struct str){ s.p + head, s.len - (uint32_t)(head + tail) };
}

/* `PJSIP/801-0000001f': what is behind the last dash is the channel's own. */
struct str
ast_device_of_chan(const struct ast *a, struct str name)
{
	uint32_t n = name.len;

	while (n > 0 && name.p[n - 1] != '-')
		n--;
	if (n == 0)
		return str_of(NULL);
	return ast_device_of(a, (struct str){ name.p, n - 1 });
}

bool
ast_is_device(struct ast *a, struct str name)
{
	struct ast_device *d = NULL;

	if (name.len > 0 && name.len <= AST_DEVICE_MAX)
		HASH_FIND(hh, a->devices, name.p, name.len, d);
	return d != NULL;
}

void
ast_device_learn(struct ast *a, struct str name)
{
	struct ast_device *d;

	if (name.len == 0 || name.len > AST_DEVICE_MAX ||
	    ast_is_device(a, name) || (d = calloc(1, sizeof(*d))) == NULL)
		return;
	ast_copy(d->name, sizeof(d->name), name);
	HASH_ADD_KEYPTR(hh, a->devices, d->name, name.len, d);
	if (!HASH_ADD_OK(hh, d))
		free(d);
}

void
ast_devices_clear(struct ast *a)
{
	struct ast_device *d, *next;

	HASH_ITER(hh, a->devices, d, next)
	{
		HASH_DELETE(hh, a->devices, d);
		free(d);
	}
}

void
ast_device_state(struct ast *a, const struct ami_message *m)
{
	struct str name = ast_device_of(a, ami_get(m, "Device"));
	bool gone =
	    ami_is(m, "State", "UNAVAILABLE") || ami_is(m, "State", "INVALID");

	if (name.len == 0)
		return;
	ast_device_learn(a, name);
	exchange_device(a->exchange, name,
	    gone ? MASHANG__DEVICE_REACH__DEVICE_GONE
		 : MASHANG__DEVICE_REACH__DEVICE_REACHABLE);
}

/* ----------------------------------------------------------------- causes */

/* Q.850.  18 is no answer from the user, 19 the same after ringing. */
Mashang__Cause
ast_cause_of(int64_t q850)
{
	static const struct {
		int64_t from, to;
		Mashang__Cause cause;
	} rows[] = {
		{ 0, 0, AST_CAUSE(NORMAL) },
		{ 1, 3, AST_CAUSE(UNREACHABLE) },
		{ 16, 16, AST_CAUSE(NORMAL) },
		{ 17, 17, AST_CAUSE(BUSY) },
		{ 18, 19, AST_CAUSE(NO_ANSWER) },
		{ 21, 21, AST_CAUSE(REJECTED) },
		{ 20, 29, AST_CAUSE(UNREACHABLE) },
		{ 31, 31, AST_CAUSE(NORMAL) },
	};

	for (size_t i = 0; i < NELEM(rows); i++)
		if (q850 >= rows[i].from && q850 <= rows[i].to)
			return rows[i].cause;
	return AST_CAUSE(UNREACHABLE);
}

Mashang__Cause
ast_cause_of_status(struct str s)
{
	static const struct {
		const char *word;
		Mashang__Cause cause;
	} rows[] = {
		{ "BUSY", AST_CAUSE(BUSY) },
		{ "NOANSWER", AST_CAUSE(NO_ANSWER) },
		{ "CANCEL", AST_CAUSE(NORMAL) },
		{ "ANSWER", AST_CAUSE(NORMAL) },
		{ "CHANUNAVAIL", AST_CAUSE(UNREACHABLE) },
		{ "CONGESTION", AST_CAUSE(UNREACHABLE) },
		{ "INVALIDARGS", AST_CAUSE(UNREACHABLE) },
		{ "DONTCALL", AST_CAUSE(REJECTED) },
		{ "TORTURE", AST_CAUSE(REJECTED) },
		{ "TIMEOUT", AST_CAUSE(TIMED_OUT) },
		{ "FULL", AST_CAUSE(REFUSED) },
		{ "JOINEMPTY", AST_CAUSE(REFUSED) },
		{ "LEAVEEMPTY", AST_CAUSE(REFUSED) },
		{ "JOINUNAVAIL", AST_CAUSE(REFUSED) },
		{ "LEAVEUNAVAIL", AST_CAUSE(REFUSED) },
		{ "WITHDRAW", AST_CAUSE(WITHDRAWN) },
	};

	for (size_t i = 0; i < NELEM(rows); i++)
		if (str_eq(s, str_of(rows[i].word)))
			return rows[i].cause;
	return AST_CAUSE(NONE);
}

int
ast_q850_of(Mashang__Cause c)
{
	switch (c) {
	case AST_CAUSE(BUSY):
	case AST_CAUSE(REFUSED): /* full, or closed */
		return 17;
	case AST_CAUSE(NO_ANSWER):
	case AST_CAUSE(OVERFLOW):
	case AST_CAUSE(TIMED_OUT):
		return 19;
	case AST_CAUSE(REJECTED):
		return 21;
	case AST_CAUSE(UNREACHABLE):
		return 20;
	default:
		return 16;
	}
}

/* ------------------------------------------------------ what is said of it */

/* `Timestamp: 1795461969.502437', where timestampevents is set. */
int64_t
ast_time_of(const struct ami_message *m)
{
	struct str s = ami_get(m, "Timestamp");
	int64_t us = 0;
	int digits = -1; /* behind the point */

	for (uint32_t i = 0; i < s.len && i < 24 && digits < 6; i++) {
		if (s.p[i] == '.' && digits < 0) {
			digits = 0;
			continue;
		}
		if (s.p[i] < '0' || s.p[i] > '9' || us > INT64_MAX / 100)
			return 0;
		us = us * 10 + (s.p[i] - '0');
		if (digits >= 0)
			digits++;
	}
	for (digits = digits < 0 ? 0 : digits; digits < 6; digits++) {
		if (us > INT64_MAX / 100)
			return 0;
		us *= 10;
	}
	return us;
}

static struct str
known(struct str s)
{
	return str_eq(s, STR_LIT("<unknown>")) ? str_of(NULL) : s;
}

void
ast_caller_of(struct report *r, const struct ami_message *m)
{
	r->caller = known(ami_get(m, "CallerIDNum"));
	r->caller_name = known(ami_get(m, "CallerIDName"));
	r->at = ast_time_of(m);
}

/* What is decoded stands here until the next caller comes. */
static struct {
	char text[8192];
	size_t len;
	struct report_pair pairs[REPORT_DATA_MAX];
	unsigned n;
} brought;

/* A NUL, or what is not so encoded, is not of our dialplan's making. */
static struct str
decoded(struct str s)
{
	char *to = brought.text + brought.len;
	int n = ami_decode(s, to, sizeof(brought.text) - brought.len);

	if (n < 0 || memchr(to, '\0', (size_t)n) != NULL)
		return str_of(NULL);
	brought.len += (size_t)n;
	return (struct str){ to, (uint32_t)n };
}

static void
take_pair(struct report *r, struct str key, struct str value)
{
	static const struct str data = { "data.", 5 };

	value = decoded(value);
	if (value.len == 0)
		return;
	if (str_eq(key, STR_LIT("menu")))
		r->menu = value;
	else if (str_eq(key, STR_LIT("called")))
		r->called = value;
	else if (str_eq(key, STR_LIT("priority")))
		r->priority =
		    value.len == 1 && value.p[0] >= '0' && value.p[0] <= '9'
			? (uint32_t)(value.p[0] - '0')
			: 0;
	else if (key.len > data.len && brought.n < REPORT_DATA_MAX &&
		 memcmp(key.p, data.p, data.len) == 0) {
		key.p += data.len;
		key.len -= data.len;
		key = decoded(key);
		if (key.len > 0)
			brought.pairs[brought.n++] =
			    (struct report_pair){ key, value };
	}
}

void
ast_brings(struct report *r, struct str s)
{
	brought.len = 0;
	brought.n = 0;
	while (s.len > 0) {
		const char *end = memchr(s.p, '&', s.len);
		uint32_t n = end != NULL ? (uint32_t)(end - s.p) : s.len;
		const char *is = memchr(s.p, '=', n);

		if (is != NULL)
			take_pair(r, (struct str){ s.p, (uint32_t)(is - s.p) },
			    (struct str){
				is + 1, n - (uint32_t)(is - s.p) - 1 });
		n += end != NULL;
		s.p += n;
		s.len -= n;
	}
	r->data = brought.pairs;
	r->n_data = brought.n;
}
