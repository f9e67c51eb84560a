/*
 * creds.c - see creds.h.
 */
#include "client/creds.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "base/text.h"
#include "client/cmd.h"
#include "client/fmt.h"
#include "client/i18n.h"
#include "client/words.h"

#define DEFAULT_SOCKET "/run/mashang/mashang.sock"

/* "/path" is meant as "unix:/path". */
static bool
put_addresses(const char *from, char *out, size_t room)
{
	size_t n = 0;

	for (bool start = true; *from != '\0'; from++) {
		if (start && *from == '/') {
			if (n + 5 >= room)
				return false;
			memcpy(out + n, "unix:", 5);
			n += 5;
		}
		if (n + 1 >= room)
			return false;
		out[n++] = *from;
		start = *from == ',';
	}
	out[n] = '\0';
	return n > 0;
}

/* The daemon believes the kernel who we are: root, or the socket's owner. */
static bool
needs_no_password(const char *addresses)
{
	char path[256];
	struct stat st;
	size_t n;

	if (strncmp(addresses, "unix:", 5) != 0 ||
	    strstr(addresses, "tcp:") != NULL)
		return false;
	if (geteuid() == 0)
		return true;
	n = strcspn(addresses + 5, ",");
	if (n >= sizeof(path))
		return false;
	memcpy(path, addresses + 5, n);
	path[n] = '\0';
	return stat(path, &st) == 0 && st.st_uid == geteuid();
}

/* One line of `fd' without its end; false: nothing, too long, or an error. */
static bool
read_line(int fd, char *out, size_t room)
{
	size_t n = 0;
	ssize_t got;
	char c;

	while ((got = read(fd, &c, 1)) == 1 && c != '\n') {
		if (n + 1 >= room)
			return false;
		out[n++] = c;
	}
	if (n > 0 && out[n - 1] == '\r')
		n--;
	out[n] = '\0';
	return n > 0 && got >= 0;
}

static int
password_from_file(const char *file, char *out, size_t room)
{
	bool in = strcmp(file, "-") == 0;
	int fd = in ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);
	bool ok;

	if (fd == -1) {
		fprintf(stderr, "mashang: %s: %s\n", file, strerror(errno));
		return EXIT_USAGE;
	}
	ok = read_line(fd, out, room);
	if (!in)
		close(fd);
	if (!ok)
		return cmd_usage(
		    _("%s: the first line must be the password, 1 to %d "
		      "bytes"),
		    file, CREDS_PASSWORD_MAX);
	return EXIT_OK;
}

static int
ask(const char *question, const char *option, char *out, size_t room)
{
	int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct termios was, quiet;
	bool ok;

	if (fd == -1 || tcgetattr(fd, &was) == -1) {
		if (fd != -1)
			close(fd);
		return cmd_usage(
		    _("no terminal to ask for the password; use %s"), option);
	}
	quiet = was;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	dprintf(fd, "%s", question);
	tcsetattr(fd, TCSAFLUSH, &quiet);
	ok = read_line(fd, out, room);
	tcsetattr(fd, TCSAFLUSH, &was);
	dprintf(fd, "\n");
	close(fd);
	return ok ? EXIT_OK : cmd_usage(_("no password was typed"));
}

int
creds_new_password(const char *file, char *out, size_t room)
{
	static const char option[] = "--new-password-file";
	char again[CREDS_PASSWORD_MAX + 1];
	int e;

	if (file != NULL)
		return password_from_file(file, out, room);
	if ((e = ask(_("New password: "), option, out, room)) != EXIT_OK)
		return e;
	e = ask(_("Once more: "), option, again, sizeof(again));
	if (e == EXIT_OK && strcmp(out, again) != 0)
		e = cmd_usage(_("these were two different passwords"));
	explicit_bzero(again, sizeof(again));
	return e;
}

static int
get_password(const struct options *o, struct creds *c)
{
	const char *file = o->password_file;
	char question[128], name[80];

	if (file == NULL)
		file = getenv("MASHANG_PASSWORD_FILE");
	if (file != NULL && *file != '\0')
		return password_from_file(
		    file, c->password, sizeof(c->password));
	if (needs_no_password(c->addresses))
		return EXIT_OK;
	if (o->login == NULL)
		return cmd_usage(_("who are you? Give --login NAME"));
	text_clean(str_of(o->login), false, name, sizeof(name));
	snprintf(question, sizeof(question), _("Password of %s: "), name);
	return ask(
	    question, "--password-file", c->password, sizeof(c->password));
}

static int
get_role(const struct options *o, Mashang__Role wanted, Mashang__Role *out)
{
	const struct word *w;

	*out = wanted;
	if (wanted == MASHANG__ROLE__ROLE_AGENT)
		return o->role == NULL ? EXIT_OK
		                       : cmd_usage(_("an agent is an agent: "
						     "no --role here"));
	if (o->role == NULL)
		return EXIT_OK;
	w = word_find(words_role, o->role);
	if (w == NULL || w->value == MASHANG__ROLE__ROLE_AGENT ||
	    w->value == MASHANG__ROLE__ROLE_BRIDGE)
		return cmd_usage(_("--role is one of: supervisor, "
				   "administrator, read-only"));
	*out = (Mashang__Role)w->value;
	return EXIT_OK;
}

int
creds_get(const struct options *o, Mashang__Role role, struct creds *c)
{
	const char *where = o->socket;
	int e;

	memset(c, 0, sizeof(*c));
	if (where == NULL)
		where = getenv("MASHANG_SOCKET");
	if (where == NULL || *where == '\0')
		where = DEFAULT_SOCKET;
	if (!put_addresses(where, c->addresses, sizeof(c->addresses)))
		return cmd_usage(_("--socket: empty or too long"));
	mashang__hello__init(&c->hello);
	if ((e = get_role(o, role, &c->hello.role)) != EXIT_OK)
		return e;
	if ((e = get_password(o, c)) != EXIT_OK)
		return e;
	c->hello.login = fmt_data(o->login);
	c->hello.password = fmt_data(c->password);
	c->hello.device = fmt_data(o->device);
	c->hello.client = fmt_data("mashang " VERSION);
	return EXIT_OK;
}

void
creds_wipe(struct creds *c)
{
	explicit_bzero(c->password, sizeof(c->password));
	c->hello.password = fmt_data(NULL);
}

int
creds_unreachable(const struct creds *c)
{
	fprintf(stderr,
	    _("mashang: no daemon answers at %s.\n"
	      "Is it running (systemctl status mashangd), and may you reach "
	      "its socket?  --socket or MASHANG_SOCKET names another.\n"),
	    c->addresses);
	return EXIT_UNREACHABLE;
}
