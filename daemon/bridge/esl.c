/*
 * esl.c - see esl.h.
 *
 * The reader has one buffer for the frame's head and one for its body; both
 * keep their room for the next frame.  Headers point into them, decoded in
 * place, since decoded text is never longer.
 */
#include "bridge/esl.h"

#include <event2/buffer.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

struct room {
	char *p;
	size_t len, size;
};

struct esl_reader {
	struct room head, body;
	bool has_head;
	struct esl_header headers[ESL_HEADERS_MAX];
	unsigned n_headers;
};

static const struct {
	const char *type;
	enum esl_kind kind;
} kinds[] = {
	{ "auth/request", ESL_AUTH_REQUEST },
	{ "command/reply", ESL_REPLY },
	{ "api/response", ESL_RESPONSE },
	{ "text/event-plain", ESL_EVENT },
	{ "text/disconnect-notice", ESL_DISCONNECT },
	{ "text/rude-rejection", ESL_REJECTION },
};

struct esl_reader *
esl_reader_new(void)
{
	return calloc(1, sizeof(struct esl_reader));
}

void
esl_reader_free(struct esl_reader **r)
{
	if (*r == NULL)
		return;
	free((*r)->head.p);
	free((*r)->body.p);
	free(*r);
	*r = NULL;
}

void
esl_reader_reset(struct esl_reader *r)
{
	r->has_head = false;
	r->head.len = r->body.len = 0;
	r->n_headers = 0;
}

/* Exactly so many bytes of the input, and a NUL behind them. */
static enum err
fill(struct room *to, struct evbuffer *in, size_t len)
{
	char *p;

	if (len + 1 > to->size) {
		if ((p = realloc(to->p, len + 1)) == NULL)
			return ERR_NOMEM;
		to->p = p;
		to->size = len + 1;
	}
	if (len > 0 && evbuffer_remove(in, to->p, len) != (int)len)
		return ERR_NOMEM;
	to->p[len] = '\0';
	to->len = len;
	return ERR_OK;
}

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* In place; a percent sign that is no code stays one. */
static uint32_t
decode(char *s, size_t n)
{
	size_t to = 0;

	for (size_t i = 0; i < n; i++, to++) {
		if (s[i] == '%' && i + 2 < n && hex(s[i + 1]) >= 0 &&
		    hex(s[i + 2]) >= 0) {
			s[to] = (char)(hex(s[i + 1]) * 16 + hex(s[i + 2]));
			i += 2;
		} else {
			s[to] = s[i];
		}
	}
	return (uint32_t)to;
}

/*
 * Header lines up to the empty one, which is taken too; returns what stands
 * behind it, NULL: too many, or a line that is no header.
 */
static char *
read_headers(struct esl_reader *r, char *p, const char *end, bool encoded)
{
	r->n_headers = 0;
	while (p < end && *p != '\n') {
		char *nl = memchr(p, '\n', (size_t)(end - p)), *colon;
		struct esl_header *h = &r->headers[r->n_headers];

		if (nl == NULL)
			nl = p + (end - p);
		colon = memchr(p, ':', (size_t)(nl - p));
		if (colon == NULL || colon == p ||
		    r->n_headers == ESL_HEADERS_MAX)
			return NULL;
		h->name = (struct str){ p, (uint32_t)(colon - p) };
		for (colon++; colon < nl && *colon == ' ';)
			colon++;
		h->value = (struct str){ colon, (uint32_t)(nl - colon) };
		if (h->value.len > 0 && colon[h->value.len - 1] == '\r')
			h->value.len--;
		if (encoded)
			h->value.len = decode(colon, h->value.len);
		r->n_headers++;
		p = nl < end ? nl + 1 : nl;
	}
	return p < end ? p + 1 : p;
}

static struct str
find(const struct esl_header *h, unsigned n, const char *name)
{
	size_t len = strlen(name);

	for (unsigned i = 0; i < n; i++)
		if (h[i].name.len == len &&
		    strncasecmp(h[i].name.p, name, len) == 0)
			return h[i].value;
	return (struct str){ NULL, 0 };
}

static bool
parse_number(struct str s, int64_t max, int64_t *out)
{
	int64_t n = 0;

	if (s.len == 0 || s.len > 18)
		return false;
	for (uint32_t i = 0; i < s.len; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		n = n * 10 + (s.p[i] - '0');
	}
	*out = n;
	return n <= max;
}

/* The head of the next frame, or of the one whose body is not whole. */
static enum err
pull_head(struct esl_reader *r, struct evbuffer *in, const char **why)
{
	struct evbuffer_ptr at;
	size_t lines = 0, have;
	enum err e;

	/* Line ends between frames are nobody's. */
	while (evbuffer_get_length(in) > 0 &&
	       *(const char *)evbuffer_pullup(in, 1) == '\n')
		evbuffer_drain(in, 1);
	have = evbuffer_get_length(in);
	at = evbuffer_search(in, "\n\n", 2, NULL);
	if (at.pos < 0) {
		*why = "headers without an end";
		return have > ESL_HEAD_MAX ? ERR_TOO_LARGE : ERR_AGAIN;
	}
	lines = (size_t)at.pos + 2;
	*why = "headers over 64 KiB";
	if (lines > ESL_HEAD_MAX)
		return ERR_TOO_LARGE;
	*why = "no memory";
	if ((e = fill(&r->head, in, lines)) != ERR_OK)
		return e;
	*why = "not an event socket";
	if (read_headers(r, r->head.p, r->head.p + r->head.len, false) == NULL)
		return ERR_BAD_FRAME;
	r->has_head = true;
	return ERR_OK;
}

static enum esl_kind
kind_of(struct str type)
{
	for (size_t i = 0; i < NELEM(kinds); i++)
		if (str_eq(type, str_of(kinds[i].type)))
			return kinds[i].kind;
	return ESL_NONE;
}

/* The headers and the body of an event are in its frame's body. */
static enum err
open_event(struct esl_reader *r, struct esl_frame *out, const char **why)
{
	char *end = r->body.p + r->body.len, *rest;
	int64_t len = 0;
	struct str given;

	*why = "an event that is not lines of headers";
	rest = read_headers(r, r->body.p, end, true);
	if (rest == NULL)
		return ERR_BAD_FRAME;
	given = find(r->headers, r->n_headers, "Content-Length");
	if (given.p != NULL &&
	    (!parse_number(given, ESL_BODY_MAX, &len) || len > end - rest))
		return ERR_BAD_FRAME;
	out->body = (struct str){ rest, (uint32_t)len };
	return ERR_OK;
}

enum err
esl_pull(struct esl_reader *r, struct evbuffer *in, struct esl_frame *out,
    const char **why)
{
	int64_t len = 0;
	struct str given;
	enum err e;

	*out = (struct esl_frame){ 0 };
	if (!r->has_head && (e = pull_head(r, in, why)) != ERR_OK)
		return e;
	given = find(r->headers, r->n_headers, "Content-Length");
	*why = "a Content-Length that is none, or over 8 MiB";
	if (given.p != NULL && !parse_number(given, ESL_BODY_MAX, &len))
		return ERR_BAD_FRAME;
	if (evbuffer_get_length(in) < (size_t)len)
		return ERR_AGAIN;
	*why = "no memory";
	if ((e = fill(&r->body, in, (size_t)len)) != ERR_OK)
		return e;
	r->has_head = false;
	out->kind = kind_of(find(r->headers, r->n_headers, "Content-Type"));
	out->body = (struct str){ r->body.p, (uint32_t)r->body.len };
	if (out->kind == ESL_EVENT && (e = open_event(r, out, why)) != ERR_OK)
		return e;
	out->headers = r->headers;
	out->n_headers = r->n_headers;
	return ERR_OK;
}

enum err
esl_open(struct esl_reader *r, struct esl_frame *f, const char **why)
{
	enum err e = open_event(r, f, why);

	f->headers = r->headers;
	f->n_headers = e == ERR_OK ? r->n_headers : 0;
	return e;
}

struct str
esl_get(const struct esl_frame *f, const char *name)
{
	return find(f->headers, f->n_headers, name);
}

int64_t
esl_number(const struct esl_frame *f, const char *name, int64_t otherwise)
{
	int64_t n;

	return parse_number(esl_get(f, name), INT64_MAX, &n) ? n : otherwise;
}

/* ----------------------------------------------------------- commands out */

static void
put(struct esl_command *c, const char *p, size_t len)
{
	if (c->len + len + 3 > sizeof(c->text)) {
		c->bad = true;
		return;
	}
	if (len > 0)
		memcpy(c->text + c->len, p, len);
	c->len += len;
}

void
esl_begin(struct esl_command *c, const char *verb)
{
	c->len = 0;
	c->bad = false;
	put(c, verb, strlen(verb));
}

void
esl_add(struct esl_command *c, const char *text)
{
	put(c, text, strlen(text));
}

bool
esl_is_plain(char c)
{
	return (unsigned char)c > ' ' && c != 0x7F &&
	       strchr("'\"`{}[]<>\\,$;|&^", c) == NULL;
}

void
esl_part(struct esl_command *c, struct str s)
{
	if (s.len == 0)
		c->bad = true;
	for (uint32_t i = 0; i < s.len; i++)
		if (!esl_is_plain(s.p[i]) || s.p[i] > '~' || s.p[i] < 0)
			c->bad = true;
	put(c, s.p, s.len);
}

void
esl_word(struct esl_command *c, struct str s)
{
	put(c, " ", 1);
	esl_part(c, s);
}

void
esl_quoted(struct esl_command *c, struct str s)
{
	if (text_check(s, ESL_COMMAND_MAX) != ERR_OK)
		c->bad = true;
	for (uint32_t i = 0; i < s.len; i++)
		if (!esl_is_plain(s.p[i]) && s.p[i] != ' ')
			c->bad = true;
	put(c, "'", 1);
	put(c, s.p, s.len);
	put(c, "'", 1);
}

void
esl_counted(struct esl_command *c, uint64_t n)
{
	char text[24];

	put(c, text,
	    (size_t)snprintf(
		text, sizeof(text), "%llu", (unsigned long long)n));
}

bool
esl_end(struct esl_command *c)
{
	if (c->bad)
		return false;
	memcpy(c->text + c->len, "\n\n", 3);
	c->len += 2;
	return true;
}
