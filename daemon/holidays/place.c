/*
 * place.c - see place.h.
 */
#include "holidays/place.h"

#include <stdarg.h>

#include "base/text.h"
#include "base/text_utf8.h"

#define FAULTS_TOLD 20
#define MESSAGE_MAX 1024
#define EXCERPT_MAX 48

static bool
continues(char c)
{
	return ((unsigned char)c & 0xC0) == 0x80;
}

const char *
place_text(struct place p, char out[PLACE_MAX])
{
	unsigned line = 1, column = 1;

	for (uint32_t i = 0; i < p.offset && i < p.source->text.len; i++) {
		char c = p.source->text.p[i];

		if (c == '\n') {
			line++;
			column = 1;
		} else if (!continues(c)) {
			column++;
		}
	}
	snprintf(out, PLACE_MAX, "%.256s:%u:%u", p.source->name, line, column);
	return out;
}

void
faults_add(struct faults *f, struct place p, const char *format, ...)
{
	char where[PLACE_MAX], raw[MESSAGE_MAX], clean[2 * MESSAGE_MAX];
	va_list ap;
	int n;

	if (f->n++ >= FAULTS_TOLD)
		return;
	n = snprintf(raw, sizeof(raw), "%s: ", place_text(p, where));
	va_start(ap, format);
	vsnprintf(raw + n, sizeof(raw) - (size_t)n, format, ap);
	va_end(ap);
	text_clean(str_of(raw), false, clean, sizeof(clean));
	fprintf(f->to, "%s\n", clean);
}

struct str
place_excerpt(struct str s)
{
	if (s.len > EXCERPT_MAX) {
		s.len = EXCERPT_MAX;
		while (s.len > 0 && continues(s.p[s.len]))
			s.len--;
	}
	return s;
}

enum err
source_check(const struct source *s, struct faults *f)
{
	struct str rest = s->text;

	while (rest.len > 0) {
		struct place at = { s, s->text.len - rest.len };
		uint32_t c = utf8_next(&rest);

		if (c != UTF8_BAD && c != 0)
			continue;
		faults_add(f, at, "%s; save the file as UTF-8",
		    c == 0 ? "a NUL byte" : "not UTF-8");
		return ERR_BAD_TEXT;
	}
	return ERR_OK;
}
