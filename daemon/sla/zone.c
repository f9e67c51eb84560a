/*
 * zone.c - TZif files, read as if somebody had made them up.
 */
#include "sla/zone.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sla/zone_rule.h"

#define SYSTEM_DIRECTORY "/usr/share/zoneinfo"
#define FILE_MAX (64 * 1024) /* real ones have 4 KiB */
#define TYPES_MAX 256
/* What RFC 9636 expects of an offset. */
#define OFFSET_MIN (-89999)
#define OFFSET_MAX 93599

struct zone {
	size_t n;
	int64_t *at;     /* the changes, rising */
	int32_t *offset; /* n + 1: before the first, then from each on */
	struct zone_rule rule;
	int64_t rule_from; /* INT64_MAX: there is none */
};

/* What is left of the file; one read too many and nothing is left. */
struct bytes {
	const unsigned char *p;
	size_t left;
	bool short_of;
};

struct header {
	unsigned char version;
	uint32_t n_ut, n_std, n_leaps, n_times, n_types, n_chars;
};

/* Zeros where the file has ended. */
static const unsigned char *
take(struct bytes *b, size_t n)
{
	static const unsigned char none[8];
	const unsigned char *p = b->p;

	if (n > b->left) {
		b->short_of = true;
		b->left = 0;
		return none;
	}
	b->p += n;
	b->left -= n;
	return p;
}

static uint64_t
take_number(struct bytes *b, unsigned n)
{
	const unsigned char *p = take(b, n);
	uint64_t v = 0;

	for (unsigned i = 0; i < n; i++)
		v = v << 8 | p[i];
	return v;
}

static struct header
take_header(struct bytes *b)
{
	struct header h = { 0 };

	b->short_of |= take_number(b, 4) != 0x545A6966; /* TZif */
	h.version = (unsigned char)take_number(b, 1);
	take(b, 15);
	h.n_ut = (uint32_t)take_number(b, 4);
	h.n_std = (uint32_t)take_number(b, 4);
	h.n_leaps = (uint32_t)take_number(b, 4);
	h.n_times = (uint32_t)take_number(b, 4);
	h.n_types = (uint32_t)take_number(b, 4);
	h.n_chars = (uint32_t)take_number(b, 4);
	return h;
}

/* What follows the transitions and the types, `wide' bytes a time. */
static size_t
size_of_rest(const struct header *h, size_t wide)
{
	return (size_t)h->n_chars + h->n_leaps * (wide + 4) + h->n_std +
	       h->n_ut;
}

/* The changes of the 64-bit block, as the offsets they lead to. */
static bool
take_changes(struct bytes *b, const struct header *h, struct zone *z)
{
	const unsigned char *times = take(b, (size_t)h->n_times * 8);
	const unsigned char *kinds = take(b, h->n_times);
	struct bytes t = { times, (size_t)h->n_times * 8, false };
	int32_t offsets[TYPES_MAX];
	int64_t last = INT64_MIN;

	for (uint32_t i = 0; i < h->n_types; i++) {
		offsets[i] = (int32_t)take_number(b, 4);
		take(b, 2); /* summer or not, its name */
		if (offsets[i] < OFFSET_MIN || offsets[i] > OFFSET_MAX)
			return false;
	}
	if (b->short_of)
		return false;
	z->offset[0] = offsets[0];
	for (uint32_t i = 0; i < h->n_times; i++) {
		int64_t at = (int64_t)take_number(&t, 8);

		if (kinds[i] >= h->n_types || (i > 0 && at <= last))
			return false;
		last = at;
		if (offsets[kinds[i]] == z->offset[z->n])
			continue; /* only its name changed */
		z->at[z->n++] = at;
		z->offset[z->n] = offsets[kinds[i]];
	}
	z->rule_from = last;
	return true;
}

/* A line between two line feeds; empty: what comes after is not known. */
static bool
take_footer(struct bytes *b, struct zone *z)
{
	const char *p = (const char *)b->p + 1, *end;
	struct str line;

	if (b->left < 2 || *b->p != '\n' ||
	    (end = memchr(p, '\n', b->left - 1)) == NULL)
		return false;
	line = (struct str){ p, (uint32_t)(end - p) };
	if (line.len == 0) {
		z->rule_from = INT64_MAX;
		return true;
	}
	return zone_rule_parse(line, &z->rule) == ERR_OK;
}

static enum err
read_zone(struct bytes b, struct zone *z)
{
	struct header h = take_header(&b);

	if (b.short_of || h.version < '2')
		return ERR_BAD_FIELD;
	take(&b, (size_t)h.n_times * 5 + (size_t)h.n_types * 6 +
		     size_of_rest(&h, 4));
	h = take_header(&b);
	if (b.short_of || h.version < '2' || h.n_leaps > 0 ||
	    h.n_times > FILE_MAX / 9 || h.n_types == 0 || h.n_types > TYPES_MAX)
		return ERR_BAD_FIELD;
	z->at = calloc(h.n_times + 1, sizeof(*z->at));
	z->offset = calloc(h.n_times + 1, sizeof(*z->offset));
	if (z->at == NULL || z->offset == NULL)
		return ERR_NOMEM;
	if (!take_changes(&b, &h, z))
		return ERR_BAD_FIELD;
	take(&b, size_of_rest(&h, 8));
	return !b.short_of && take_footer(&b, z) ? ERR_OK : ERR_BAD_FIELD;
}

/* Plain relative paths: words of letters, digits, -, + and _ between slashes;
 * so no "..", no ".tab", no file of another place. */
static bool
is_plain(struct str name)
{
	char before = '/';

	if (name.len == 0 || name.len >= ZONE_NAME_MAX)
		return false;
	for (uint32_t i = 0; i < name.len; i++) {
		char c = name.p[i];

		if (c == '/'
			? before == '/'
			: !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
			      !(c >= '0' && c <= '9') && c != '-' && c != '+' &&
			      c != '_')
			return false;
		before = c;
	}
	return before != '/';
}

/* Of a regular file the first `room' bytes. */
static enum err
read_file(const char *directory, struct str name, unsigned char *buf,
    size_t room, size_t *len)
{
	enum err e = ERR_IO;
	struct stat st;
	char path[4096];
	ssize_t n = 0;
	int fd, len_path;

	len_path = snprintf(path, sizeof(path), "%s/%.*s",
	    directory != NULL ? directory : SYSTEM_DIRECTORY, STR_ARG(name));
	if (len_path < 0 || (size_t)len_path >= sizeof(path))
		return ERR_NOT_FOUND;
	/* Nor wait for somebody to write into a pipe. */
	if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)) == -1)
		return errno == ENOENT || errno == ENOTDIR || errno == ELOOP
		           ? ERR_NOT_FOUND
		           : ERR_IO;
	if (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode))
		e = ERR_NOT_FOUND;
	else {
		for (*len = 0; *len < room; *len += (size_t)n)
			if ((n = read(fd, buf + *len, room - *len)) <= 0)
				break;
		e = n >= 0 ? ERR_OK : ERR_IO;
	}
	close(fd);
	return e;
}

enum err
zone_load(const char *directory, struct str name, struct zone **out)
{
	unsigned char *buf;
	struct zone *z;
	size_t len = 0;
	enum err e = ERR_NOMEM;

	if (!is_plain(name))
		return ERR_NOT_FOUND;
	z = calloc(1, sizeof(*z));
	buf = malloc(FILE_MAX);
	if (z != NULL && buf != NULL)
		e = read_file(directory, name, buf, FILE_MAX, &len);
	if (e == ERR_OK)
		e = read_zone((struct bytes){ buf, len, false }, z);
	free(buf);
	if (e == ERR_OK)
		*out = z;
	else
		zone_free(&z);
	return e;
}

void
zone_free(struct zone **zp)
{
	struct zone *z = *zp;

	if (z == NULL)
		return;
	free(z->at);
	free(z->offset);
	free(z);
	*zp = NULL;
}

/* The word at `s', if it is one of a version and fits. */
static bool
copy_version(const char *s, const char *end, char out[16])
{
	size_t n = 0;

	while (s + n < end && s[n] != '\n')
		n++;
	if (n == 0 || n > 15)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!(s[i] >= 'a' && s[i] <= 'z') &&
		    !(s[i] >= '0' && s[i] <= '9') && s[i] != '-')
			return false;
	memcpy(out, s, n);
	out[n] = '\0';
	return true;
}

void
zone_version(const char *directory, char out[16])
{
	static const struct {
		struct str file, before;
	} places[] = {
		{ { "tzdata.zi", 9 }, { "# version ", 10 } },
		{ { "+VERSION", 8 }, { "", 0 } },
	};
	unsigned char buf[64];

	for (size_t i = 0; i < NELEM(places); i++) {
		const char *s = (const char *)buf;
		struct str before = places[i].before;
		size_t len;

		if (read_file(directory, places[i].file, buf, sizeof(buf),
			&len) == ERR_OK &&
		    len >= before.len && memcmp(s, before.p, before.len) == 0 &&
		    copy_version(s + before.len, s + len, out))
			return;
	}
	out[0] = '\0';
}

/* How many changes are at or before `at'. */
static size_t
count_to(const struct zone *z, int64_t at)
{
	size_t low = 0, high = z->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (z->at[mid] <= at)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

int32_t
zone_offset(const struct zone *z, int64_t at, int64_t *from, int64_t *to)
{
	size_t i;

	if (at >= z->rule_from && z->rule_from != INT64_MAX) {
		int32_t offset = zone_rule_offset(&z->rule, at, from, to);

		if (*from < z->rule_from)
			*from = z->rule_from;
		return offset;
	}
	i = count_to(z, at);
	*from = i > 0 ? z->at[i - 1] : INT64_MIN;
	*to = i < z->n ? z->at[i] : z->rule_from;
	return z->offset[i];
}
