/*
 * esl_fuzz.c - what an event socket sends, cut in two by its first byte; and
 * what it says, put into a command.
 */
#include <event2/buffer.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/esl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A command is one line and its empty one, whatever was put into it. */
static void
say(struct str word, struct str text)
{
	struct esl_command c;
	const char *nl;

	esl_begin(&c, "api uuid_setvar");
	esl_word(&c, word);
	esl_add(&c, " v=");
	esl_quoted(&c, text);
	if (!esl_end(&c))
		return;
	nl = memchr(c.text, '\n', c.len);
	if (c.len >= sizeof(c.text) || nl != c.text + c.len - 2)
		abort();
}

static void
look(const struct esl_frame *f)
{
	struct str last = f->body;

	for (unsigned i = 0; i < f->n_headers; i++) {
		const struct esl_header *h = &f->headers[i];

		if (h->name.len == 0 ||
		    memchr(h->name.p, '\n', h->name.len) != NULL)
			abort();
		say(h->value, last);
		last = h->value;
	}
	esl_number(f, "Content-Length", 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct esl_reader *r = esl_reader_new();
	struct evbuffer *in = evbuffer_new();
	struct esl_frame f;
	const char *why = NULL;
	size_t cut = size > 0 ? data[0] % size : 0;
	enum err e;

	if (r == NULL || in == NULL)
		abort();
	evbuffer_add(in, data, cut);
	while ((e = esl_pull(r, in, &f, &why)) == ERR_OK)
		look(&f);
	evbuffer_add(in, data + cut, size - cut);
	while (e == ERR_AGAIN && (e = esl_pull(r, in, &f, &why)) == ERR_OK) {
		look(&f);
		e = ERR_AGAIN;
	}
	if (e != ERR_AGAIN && why == NULL)
		abort();
	evbuffer_free(in);
	esl_reader_free(&r);
	return 0;
}
