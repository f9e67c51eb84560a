/*
 * ami.c - bytes are gathered until an empty line; only then are they cut.
 */
#include "bridge/ami.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <event2/buffer.h>
#include <openssl/evp.h>

#include "base/text.h"

#define BANNER "Asterisk Call Manager/"
#define BANNER_MAX 128
#define ROOM ((size_t)2 * AMI_MESSAGE_MAX)

struct ami_reader {
	struct ami_field fields[AMI_FIELDS_MAX];
	char why[120];
	size_t start; /* of the message that is being gathered */
	size_t line;  /* of its last line, which may not be whole */
	size_t look;  /* up to here there is no line end in that line */
	size_t end;   /* of what has come */
	unsigned lines;
	char text[ROOM];
};

struct ami_reader *
ami_reader_new(void)
{
	return calloc(1, sizeof(struct ami_reader));
}

void
ami_reader_free(struct ami_reader **r)
{
	free(*r);
	*r = NULL;
}

void
ami_reader_reset(struct ami_reader *r)
{
	r->start = r->line = r->look = r->end = 0;
	r->lines = 0;
}

/* False: nothing has come. */
static bool
fill(struct ami_reader *r, struct evbuffer *in)
{
	int n;

	if (evbuffer_get_length(in) == 0)
		return false;
	if (ROOM - r->end < AMI_LINE_MAX) {
		memmove(r->text, r->text + r->start, r->end - r->start);
		r->line -= r->start;
		r->look -= r->start;
		r->end -= r->start;
		r->start = 0;
	}
	n = evbuffer_remove(in, r->text + r->end, ROOM - r->end);
	if (n <= 0)
		return false;
	r->end += (size_t)n;
	return true;
}

/* The end of the line that begins at `p': CR LF.  A lone LF is not one: Asterisk
 * has messages that end in it, and it would look like an empty line. */
static char *
line_end(char *p, size_t len)
{
	char *lf = p;

	while ((lf = memchr(lf, '\n', len - (size_t)(lf - p))) != NULL) {
		if (lf > p && lf[-1] == '\r')
			return lf;
		lf++;
	}
	return NULL;
}

/* The next whole line, without its end; false: there is none yet. */
static bool
next_line(struct ami_reader *r, struct str *line)
{
	char *lf = line_end(r->text + r->look, r->end - r->look);

	if (lf == NULL) {
		/* The CR may be the last that has come. */
		r->look = r->end > r->line ? r->end - 1 : r->end;
		return false;
	}
	*line = (struct str){ r->text + r->line,
		(uint32_t)((size_t)(lf - r->text) - 1 - r->line) };
	r->line = r->look = (size_t)(lf - r->text) + 1;
	return true;
}

/* What there is of a line that has no end yet. */
static size_t
partial(const struct ami_reader *r)
{
	size_t n = r->end - r->line;

	return n > 0 && r->text[r->end - 1] == '\r' ? n - 1 : n;
}

/* `line': of the last one, with or without its end. */
static bool
too_long(struct ami_reader *r, size_t line)
{
	if (line > AMI_LINE_MAX)
		snprintf(r->why, sizeof(r->why), "a line of over %u bytes came",
		    AMI_LINE_MAX);
	else if (r->line - r->start > AMI_MESSAGE_MAX)
		snprintf(r->why, sizeof(r->why),
		    "a message of over %u bytes came", AMI_MESSAGE_MAX);
	else if (r->lines > AMI_FIELDS_MAX)
		snprintf(r->why, sizeof(r->why),
		    "a message of over %u lines came", AMI_FIELDS_MAX);
	else
		return false;
	return true;
}

enum err
ami_banner(struct ami_reader *r, struct evbuffer *in, char version[32],
    const char **why)
{
	struct str line;
	char clean[48];

	while (!next_line(r, &line)) {
		if (partial(r) > BANNER_MAX) {
			*why = "what answers there is not Asterisk's manager";
			return ERR_BAD_FRAME;
		}
		if (!fill(r, in))
			return ERR_AGAIN;
	}
	r->start = r->line;
	if (line.p != NULL && line.len > sizeof(BANNER) - 1 &&
	    line.len <= BANNER_MAX &&
	    memcmp(line.p, BANNER, sizeof(BANNER) - 1) == 0) {
		line.p += sizeof(BANNER) - 1;
		line.len -= (uint32_t)sizeof(BANNER) - 1;
		text_clean(line, false, version, 32);
		return ERR_OK;
	}
	text_clean(line, false, clean, sizeof(clean));
	snprintf(r->why, sizeof(r->why),
	    "what answers there is not Asterisk's manager: it says '%s'",
	    clean);
	*why = r->why;
	return ERR_BAD_FRAME;
}

static struct str
trim(struct str s)
{
	static const char blank[] = " \t\r\n";

	while (s.len > 0 && strchr(blank, s.p[0]) != NULL && s.p[0] != '\0') {
		s.p++;
		s.len--;
	}
	while (s.len > 0 && strchr(blank, s.p[s.len - 1]) != NULL &&
	       s.p[s.len - 1] != '\0')
		s.len--;
	return s;
}

/* A line without a colon has no key: it is nobody's, but it does no harm. */
static struct ami_field
cut(struct str line)
{
	const char *colon =
	    line.p != NULL ? memchr(line.p, ':', line.len) : NULL;
	struct ami_field f = { { NULL, 0 }, line };

	if (colon != NULL) {
		f.key = (struct str){ line.p, (uint32_t)(colon - line.p) };
		f.value = (struct str){ colon + 1, line.len - f.key.len - 1 };
		f.key = trim(f.key);
	}
	f.value = trim(f.value);
	return f;
}

/* The empty line has been seen: what is between is whole. */
static void
cut_all(struct ami_reader *r, struct ami_message *m)
{
	char *p = r->text + r->start;
	const char *end = r->text + r->line;

	m->n = 0;
	while (p < end) {
		char *lf = line_end(p, (size_t)(end - p));
		struct str line = { p, (uint32_t)(lf - p) - 1 };

		if (line.len > 0 && m->n < AMI_FIELDS_MAX)
			r->fields[m->n++] = cut(line);
		p = lf + 1;
	}
	m->fields = r->fields;
	r->start = r->line;
	r->lines = 0;
}

enum err
ami_pull(struct ami_reader *r, struct evbuffer *in, struct ami_message *m,
    const char **why)
{
	struct str line;

	for (;;) {
		while (next_line(r, &line)) {
			if (line.len > 0) {
				r->lines++;
				if (!too_long(r, line.len))
					continue;
				*why = r->why;
				return ERR_TOO_LARGE;
			}
			if (r->lines == 0) { /* one more between messages */
				r->start = r->line;
				continue;
			}
			cut_all(r, m);
			return ERR_OK;
		}
		if (too_long(r, partial(r))) {
			*why = r->why;
			return ERR_TOO_LARGE;
		}
		if (!fill(r, in))
			return ERR_AGAIN;
	}
}

static bool
same(struct str s, const char *word)
{
	return strlen(word) == s.len &&
	       (s.len == 0 || strncasecmp(s.p, word, s.len) == 0);
}

bool
ami_next(const struct ami_message *m, const char *key, unsigned *i,
    struct str *value)
{
	while (*i < m->n) {
		const struct ami_field *f = &m->fields[(*i)++];

		if (f->key.len > 0 && same(f->key, key)) {
			*value = f->value;
			return true;
		}
	}
	return false;
}

struct str
ami_get(const struct ami_message *m, const char *key)
{
	struct str value = { NULL, 0 };
	unsigned i = 0;

	return ami_next(m, key, &i, &value) ? value : (struct str){ NULL, 0 };
}

bool
ami_is(const struct ami_message *m, const char *key, const char *value)
{
	return same(ami_get(m, key), value);
}

int64_t
ami_number(const struct ami_message *m, const char *key, int64_t otherwise)
{
	struct str s = ami_get(m, key);
	int64_t n = 0;

	if (s.len == 0 || s.len > 18)
		return otherwise;
	for (uint32_t i = 0; i < s.len; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return otherwise;
		n = n * 10 + (s.p[i] - '0');
	}
	return n;
}

/* ------------------------------------------------------------ actions out */

void
ami_begin(struct ami_action *a, const char *action, uint64_t id)
{
	a->len = 0;
	a->lines = 0;
	a->bad = false;
	ami_addf(a, "Action", "%s", action);
	ami_addf(a, "ActionID", "%llu", (unsigned long long)id);
}

static bool
is_clean(struct str s)
{
	for (uint32_t i = 0; i < s.len; i++)
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
			return false;
	return true;
}

void
ami_add(struct ami_action *a, const char *key, struct str value)
{
	size_t klen = strlen(key), need = klen + 2 + value.len + 2;
	char *p = a->text + a->len;

	/* Two bytes are kept for the empty line. */
	if (!is_clean(value) || need > AMI_OUT_LINE_MAX ||
	    a->len + need + 2 > sizeof(a->text) ||
	    a->lines == AMI_OUT_LINES_MAX)
		a->bad = true;
	if (a->bad)
		return;
	p += snprintf(p, sizeof(a->text) - a->len, "%s: ", key);
	if (value.len > 0)
		memcpy(p, value.p, value.len);
	p[value.len] = '\r';
	p[value.len + 1] = '\n';
	a->len += need;
	a->lines++;
}

void
ami_addf(struct ami_action *a, const char *key, const char *fmt, ...)
{
	char value[AMI_OUT_LINE_MAX];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(value, sizeof(value), fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(value))
		a->bad = true;
	else
		ami_add(a, key, (struct str){ value, (uint32_t)n });
}

bool
ami_end(struct ami_action *a)
{
	if (a->bad)
		return false;
	a->text[a->len++] = '\r';
	a->text[a->len++] = '\n';
	return true;
}

bool
ami_key(struct str challenge, const char *secret, char out[33])
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	bool good;

	good = c != NULL && EVP_DigestInit_ex(c, EVP_md5(), NULL) == 1 &&
	       EVP_DigestUpdate(c, challenge.p, challenge.len) == 1 &&
	       EVP_DigestUpdate(c, secret, strlen(secret)) == 1 &&
	       EVP_DigestFinal_ex(c, sum, &n) == 1 && n == 16;
	EVP_MD_CTX_free(c);
	for (unsigned i = 0; good && i < n; i++)
		snprintf(out + (size_t)2 * i, 3, "%02x", sum[i]);
	return good;
}

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int
ami_decode(struct str s, char *out, size_t room)
{
	size_t n = 0;

	for (uint32_t i = 0; i < s.len; i++, n++) {
		int high, low;

		if (n == room)
			return -1;
		if (s.p[i] != '%') {
			out[n] = s.p[i];
			if (s.p[i] == '+')
				out[n] = ' ';
			continue;
		}
		if (s.len - i < 3 || (high = hex(s.p[i + 1])) < 0 ||
		    (low = hex(s.p[i + 2])) < 0)
			return -1;
		out[n] = (char)(high * 16 + low);
		i += 2;
	}
	return (int)n;
}
