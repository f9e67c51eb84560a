/*
 * ami_fuzz.c - any bytes as what a manager of Asterisk sends.
 *
 * Cut in two ways, the same messages must come out, none over its limits.
 *
 *	make fuzz T=ami
 */
#include "bridge/ami.h"

#include <stdlib.h>

#include <event2/buffer.h>

static struct ami_reader *r;

static void
must(int ok)
{
	if (!ok)
		abort();
}

static uint64_t
mix(uint64_t h, struct str s)
{
	for (uint32_t i = 0; i < s.len; i++)
		h = (h ^ (uint8_t)s.p[i]) * UINT64_C(1099511628211);
	return (h ^ 0xff) * UINT64_C(1099511628211);
}

static uint64_t
mix_message(uint64_t h, const struct ami_message *m)
{
	must(m->n > 0 && m->n <= AMI_FIELDS_MAX);
	for (unsigned i = 0; i < m->n; i++) {
		must(m->fields[i].value.len <= AMI_LINE_MAX);
		h = mix(mix(h, m->fields[i].key), m->fields[i].value);
	}
	return mix(h, STR_LIT("."));
}

/* What came out, in pieces of `piece' bytes. */
static uint64_t
pull(const uint8_t *data, size_t size, size_t piece)
{
	struct evbuffer *in = evbuffer_new();
	struct ami_message m;
	const char *why = NULL;
	uint64_t h = 0;
	enum err e = ERR_AGAIN;

	ami_reader_reset(r);
	for (size_t at = 0; at < size && e == ERR_AGAIN; at += piece) {
		evbuffer_add(
		    in, data + at, size - at < piece ? size - at : piece);
		while ((e = ami_pull(r, in, &m, &why)) == ERR_OK)
			h = mix_message(h, &m);
	}
	must(e == ERR_AGAIN || why != NULL);
	evbuffer_free(in);
	return h;
}

/* As the first line of a connection. */
static enum err
greet(const uint8_t *data, size_t size, size_t piece)
{
	struct evbuffer *in = evbuffer_new();
	char version[32];
	const char *why = NULL;
	enum err e = ERR_AGAIN;

	ami_reader_reset(r);
	for (size_t at = 0; at < size && e == ERR_AGAIN; at += piece) {
		evbuffer_add(
		    in, data + at, size - at < piece ? size - at : piece);
		e = ami_banner(r, in, version, &why);
	}
	must(e != ERR_BAD_FRAME || why != NULL);
	evbuffer_free(in);
	return e;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char out[256];

	if (r == NULL)
		r = ami_reader_new();
	must(pull(data, size, size + 1) == pull(data, size, 3));
	must(greet(data, size, size + 1) == greet(data, size, 3));
	must(ami_decode((struct str){ (const char *)data, (uint32_t)size }, out,
		 sizeof(out)) <= (int)sizeof(out));
	return 0;
}
