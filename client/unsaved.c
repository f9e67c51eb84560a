/*
 * unsaved.c - append, fsync, strike out.
 */
#include "client/unsaved.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX (16 << 20)
#define OP_LEN 16

struct entry {
	TAILQ_ENTRY(entry) link;
	uint8_t op[OP_LEN];
	Mashang__Envelope *envelope;
};

struct unsaved {
	int fd;
	off_t len; /* of the good part */
	unsigned n;
	TAILQ_HEAD(, entry) entries;
};

/* FNV-1a: against torn writes, not against forgers. */
static uint32_t
checksum(const char *s, size_t len)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (uint8_t)s[i]) * 16777619u;
	return h;
}

static char *
put_hex(char *to, const uint8_t *from, size_t len)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		*to++ = digits[from[i] >> 4];
		*to++ = digits[from[i] & 15];
	}
	return to;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* False if `from' does not start with `len' bytes in hex. */
static bool
get_hex(const char *from, uint8_t *to, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		int high = hex_digit(from[2 * i]);
		int low = high < 0 ? -1 : hex_digit(from[2 * i + 1]);

		if (low < 0)
			return false;
		to[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

/* "+ OP SUM HEX\n"; the sum is over the rest of the line. */
#define LINE_OP 2
#define LINE_SUM (LINE_OP + 2 * OP_LEN + 1)
#define LINE_BODY (LINE_SUM + 8 + 1)

static enum err
append(struct unsaved *u, char sign, const uint8_t *op, const uint8_t *body,
    size_t len)
{
	size_t n = LINE_BODY + 2 * len + 1;
	char *line, sum[9];
	enum err e = ERR_OK;

	if (u->len + (off_t)n > FILE_MAX)
		return ERR_TOO_LARGE;
	if ((line = malloc(n)) == NULL)
		return ERR_NOMEM;
	memset(line, ' ', LINE_BODY);
	line[0] = sign;
	put_hex(line + LINE_OP, op, OP_LEN);
	*put_hex(line + LINE_BODY, body, len) = '\n';
	snprintf(sum, sizeof(sum), "%08x",
	    checksum(line, LINE_SUM) ^ checksum(line + LINE_BODY, 2 * len));
	memcpy(line + LINE_SUM, sum, 8);

	if (pwrite(u->fd, line, n, u->len) != (ssize_t)n)
		e = ERR_IO; /* the next record overwrites what is torn */
	else
		u->len += (off_t)n;
	free(line);
	return e;
}

static struct entry *
find(const struct unsaved *u, const uint8_t *op)
{
	struct entry *e;

	TAILQ_FOREACH (e, &u->entries, link)
		if (memcmp(e->op, op, OP_LEN) == 0)
			return e;
	return NULL;
}

static void
drop(struct unsaved *u, struct entry *e)
{
	TAILQ_REMOVE(&u->entries, e, link);
	u->n--;
	mashang__envelope__free_unpacked(e->envelope, NULL);
	free(e);
}

/* Takes over `envelope', also when there is no memory. */
static enum err
remember(struct unsaved *u, const uint8_t *op, Mashang__Envelope *envelope)
{
	struct entry *e = NULL;

	if (envelope == NULL || (e = calloc(1, sizeof(*e))) == NULL) {
		if (envelope != NULL)
			mashang__envelope__free_unpacked(envelope, NULL);
		return ERR_NOMEM;
	}
	memcpy(e->op, op, OP_LEN);
	e->envelope = envelope;
	TAILQ_INSERT_TAIL(&u->entries, e, link);
	u->n++;
	return ERR_OK;
}

/* One record of `len' bytes without its line end; false: it is torn. */
static bool
take_record(struct unsaved *u, const char *line, size_t len)
{
	uint8_t op[OP_LEN], *body;
	size_t hex = len - LINE_BODY;
	Mashang__Envelope *envelope;
	struct entry *e;
	char sum[9];

	if (len < LINE_BODY || hex % 2 != 0 ||
	    !get_hex(line + LINE_OP, op, OP_LEN))
		return false;
	snprintf(sum, sizeof(sum), "%08x",
	    checksum(line, LINE_SUM) ^ checksum(line + LINE_BODY, hex));
	if (memcmp(sum, line + LINE_SUM, 8) != 0)
		return false;
	if (line[0] == '-') {
		if ((e = find(u, op)) != NULL)
			drop(u, e);
		return true;
	}
	if ((body = malloc(hex / 2 + 1)) == NULL)
		return false;
	envelope = get_hex(line + LINE_BODY, body, hex / 2)
	               ? mashang__envelope__unpack(NULL, hex / 2, body)
	               : NULL;
	free(body);
	return remember(u, op, envelope) == ERR_OK;
}

static enum err
read_back(struct unsaved *u)
{
	struct stat st;
	char *text = NULL, *line, *end;
	enum err e = ERR_IO;

	if (fstat(u->fd, &st) == -1)
		return ERR_IO;
	if (st.st_size > FILE_MAX) {
		errno = EFBIG;
		return ERR_IO;
	}
	if ((text = malloc((size_t)st.st_size + 1)) == NULL)
		return ERR_NOMEM;
	if (pread(u->fd, text, (size_t)st.st_size, 0) != st.st_size)
		goto out;
	text[st.st_size] = '\0';
	for (line = text; (end = memchr(line, '\n',
			       (size_t)(text + st.st_size - line))) != NULL;
	     line = end + 1)
		if (!take_record(u, line, (size_t)(end - line)))
			break;
	u->len = u->n > 0 ? line - text : 0;
	if (ftruncate(u->fd, u->len) == 0)
		e = ERR_OK;
out:
	free(text);
	return e;
}

/* What a file's name should not have becomes "_". */
static void
plain_name(const char *s, char *out, size_t room)
{
	size_t n = 0;

	for (; *s != '\0' && n + 1 < room; s++) {
		bool plain = (*s >= 'a' && *s <= 'z') ||
		             (*s >= 'A' && *s <= 'Z') ||
		             (*s >= '0' && *s <= '9') || *s == '-' ||
		             *s == '.' || (*s & 0x80) != 0;

		out[n++] = (char)(plain ? *s : '_');
	}
	out[n] = '\0';
}

/* mkdir -p, for the owner only. */
static bool
make_folder(char *path)
{
	for (char *p = path + 1; *p != '\0'; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(path, 0700) == -1 && errno != EEXIST)
			return false;
		*p = '/';
	}
	return mkdir(path, 0700) == 0 || errno == EEXIST;
}

enum err
unsaved_path(const char *addresses, const char *login, char *out, size_t room)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	char who[80], where[120];
	int dir, all;

	plain_name(login, who, sizeof(who));
	plain_name(addresses, where, sizeof(where));
	errno = ENOENT;
	if (state != NULL && state[0] == '/')
		dir = snprintf(out, room, "%s/mashang", state);
	else if (home != NULL && home[0] == '/')
		dir = snprintf(out, room, "%s/.local/state/mashang", home);
	else
		return ERR_IO;
	errno = ENAMETOOLONG;
	if (dir < 0 || (size_t)dir >= room)
		return ERR_IO;
	if (!make_folder(out))
		return ERR_IO;
	all = snprintf(
	    out + dir, room - (size_t)dir, "/%s@%s.unsaved", who, where);
	errno = ENAMETOOLONG;
	return all > 0 && (size_t)dir + (size_t)all < room ? ERR_OK : ERR_IO;
}

enum err
unsaved_open(const char *path, struct unsaved **out)
{
	struct unsaved *u = calloc(1, sizeof(*u));
	enum err e = ERR_IO;

	if (u == NULL)
		return ERR_NOMEM;
	TAILQ_INIT(&u->entries);
	u->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (u->fd == -1)
		goto fail;
	if (flock(u->fd, LOCK_EX | LOCK_NB) == -1) {
		e = errno == EWOULDBLOCK ? ERR_BUSY : ERR_IO;
		goto fail;
	}
	if ((e = read_back(u)) != ERR_OK)
		goto fail;
	*out = u;
	return ERR_OK;
fail:
	unsaved_free(&u);
	return e;
}

void
unsaved_free(struct unsaved **up)
{
	struct unsaved *u = *up;
	int saved = errno;

	*up = NULL;
	if (u == NULL)
		return;
	while (!TAILQ_EMPTY(&u->entries))
		drop(u, TAILQ_FIRST(&u->entries));
	if (u->fd != -1)
		close(u->fd);
	free(u);
	errno = saved;
}

enum err
unsaved_add(struct unsaved *u, const Mashang__Envelope *envelope)
{
	size_t len = mashang__envelope__get_packed_size(envelope);
	uint8_t *body = malloc(len);
	off_t before = u->len;
	enum err e;

	if (body == NULL)
		return ERR_NOMEM;
	mashang__envelope__pack(envelope, body);
	e = append(u, '+', envelope->op_id.data, body, len);
	if (e == ERR_OK && fdatasync(u->fd) == -1)
		e = ERR_IO;
	if (e == ERR_OK)
		e = remember(u, envelope->op_id.data,
		    mashang__envelope__unpack(NULL, len, body));
	if (e != ERR_OK) { /* the caller does not send it: nor shall we */
		u->len = before;
		if (ftruncate(u->fd, before) == -1)
			e = ERR_IO;
	}
	free(body);
	return e;
}

void
unsaved_remove(struct unsaved *u, const uint8_t op[16])
{
	struct entry *e = find(u, op);

	if (e == NULL)
		return;
	drop(u, e);
	/* Neither synced nor checked: sending a saved one again does no harm.
	 * An empty journal is an empty file. */
	if (u->n == 0 && ftruncate(u->fd, 0) == 0)
		u->len = 0;
	else
		(void)!append(u, '-', op, NULL, 0);
}

unsigned
unsaved_count(const struct unsaved *u)
{
	return u->n;
}

const Mashang__Envelope *
unsaved_find(const struct unsaved *u, const uint8_t op[16])
{
	struct entry *e = find(u, op);

	return e != NULL ? e->envelope : NULL;
}

void
unsaved_each(struct unsaved *u, unsaved_fn *fn, void *arg)
{
	struct entry *e, *next;

	for (e = TAILQ_FIRST(&u->entries); e != NULL; e = next) {
		next = TAILQ_NEXT(e, link);
		fn(arg, e->envelope);
	}
}
