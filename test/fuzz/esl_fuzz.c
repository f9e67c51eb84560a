/*
 * esl_fuzz.c - what an event socket sends, in segments of any length: frames,
 * events, dumps; and what is in them into a command.
 *
 * The first byte says how long the segments are.  Whatever their length, the
 * frames must be the same; a command that is sent has one line, or two of ours.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>

#include "bridge/esl.h"
#include "bridge/freeswitch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool ok)
{
	if (!ok)
		abort();
}

static uint64_t
mix(uint64_t h, struct str s)
{
	h = h * 31 + s.len;
	for (uint32_t i = 0; i < s.len; i++)
		h = h * 31 + (unsigned char)s.p[i];
	return h;
}

static void
say(struct str s)
{
	struct esl_command c;
	size_t lines = 0;

	esl_begin(&c, "api x");
	esl_word(&c, s);
	esl_add(&c, " ");
	esl_quoted(&c, s);
	if (!esl_end(&c))
		return;
	for (size_t i = 0; i < c.len; i++)
		lines += c.text[i] == '\n';
	must(lines == 2 && c.len < sizeof(c.text) && c.text[c.len] == '\0');
}

static void
use(struct esl_reader *r, struct esl_frame *f)
{
	struct report rep = { 0 };
	const char *why;

	must(f->n_headers <= ESL_HEADERS_MAX);
	for (unsigned i = 0; i < f->n_headers; i++)
		say(f->headers[i].value);
	esl_number(f, "Content-Length", -1);
	fs_brings(&rep, f);
	must(rep.n_data <= REPORT_DATA_MAX);
	fs_cause_of(esl_get(f, "Hangup-Cause"));
	if (f->kind == ESL_RESPONSE && esl_open(r, f, &why) == ERR_OK)
		must(f->n_headers <= ESL_HEADERS_MAX);
}

/* What came of it, and what it was. */
static enum err
run(const uint8_t *p, size_t n, size_t segment, uint64_t *hash)
{
	struct esl_reader *r = esl_reader_new();
	struct evbuffer *in = evbuffer_new();
	enum err e = ERR_AGAIN;
	struct esl_frame f;
	const char *why;

	*hash = 0;
	for (size_t at = 0; at < n && e == ERR_AGAIN; at += segment) {
		size_t len = n - at < segment ? n - at : segment;

		evbuffer_add(in, p + at, len);
		while ((e = esl_pull(r, in, &f, &why)) == ERR_OK) {
			*hash = mix(*hash * 31 + f.kind, f.body);
			for (unsigned i = 0; i < f.n_headers; i++)
				*hash = mix(mix(*hash, f.headers[i].name),
				    f.headers[i].value);
			use(r, &f);
		}
	}
	esl_reader_free(&r);
	evbuffer_free(in);
	return e;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t whole, parts;
	enum err e;

	if (size < 2)
		return 0;
	e = run(data + 1, size - 1, size, &whole);
	must(e != ERR_OK && e != ERR_NOMEM);
	must(run(data + 1, size - 1, (size_t)data[0] + 1, &parts) == e);
	must(whole == parts);
	return 0;
}
