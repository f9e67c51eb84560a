/*
 * asterisk_server.c - see asterisk_server.h.
 */
#include "test/support/asterisk_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "test/support/support.h"

#define START_US (60 * CLOCK_S)

/* All but what would listen on ports that are others' to have. */
static const char *const modules[] = { "chan_iax2", "chan_unistim", "chan_mgcp",
	"chan_motif", "chan_ooh323", "chan_sip", "chan_skinny",
	"chan_websocket", "chan_console", "chan_dahdi", "pbx_dundi", "pbx_ael",
	"pbx_lua", "pbx_spool", "res_hep", "res_prometheus", "res_snmp",
	"res_xmpp", "res_phoneprov", "res_config_pgsql", "res_config_ldap",
	"cdr_pgsql", "cel_pgsql", "app_voicemail", "res_pjsip_notify", NULL };

static const char extensions[] =
    "[general]\nstatic = yes\nautofallthrough = yes\n"
    /* 4XXX wait for us, with all that a caller may bring. */
    "[from-sip]\n"
    "exten => _4XXX,1,Set(MASHANG_CALLED=${EXTEN})\n"
    " same => n,Set(MASHANG_MENU=a&b,\"c: d)\n"
    " same => n,Set(MASHANG_PRIORITY=2)\n"
    " same => n,Set(MASHANG_DATA=account,language)\n"
    " same => n,Set(MASHANG_DATA_account=12 34%)\n"
    " same => n,Set(MASHANG_DATA_language=zh)\n"
    " same => n,Goto(mashang-in,s,1)\n"
    /* 51: app_queue; 52 gives up after 2 s and goes on; 53: nobody is there. */
    "exten => 51,1,Answer()\n same => n,Queue(repair)\n"
    " same => n,Hangup()\n"
    "exten => 52,1,Answer()\n same => n,Queue(repair,,,,2)\n"
    " same => n,Wait(1)\n same => n,Hangup()\n"
    "exten => 53,1,Answer()\n same => n,Queue(empty,,,,20)\n"
    " same => n,Wait(1)\n same => n,Hangup()\n"
    "exten => _80X,1,Dial(PJSIP/${EXTEN})\n"
    "#include mashang.conf\n"
    "[mashang-dial](+)\n"
    "exten => _80X,1,Dial(PJSIP/${EXTEN})\n"
    "exten => _138.,1,Dial(PJSIP/outside)\n";

static const char pjsip[] =
    "[global]\ntype = global\nkeep_alive_interval = 0\n"
    "endpoint_identifier_order = username,anonymous\n"
    "[udp]\ntype = transport\nprotocol = udp\nbind = 127.0.0.1:%d\n"
    "[any](!)\ntype = endpoint\ntransport = udp\ndisallow = all\n"
    "allow = ulaw\ncontext = from-sip\ndirect_media = no\n"
    "rtp_symmetric = yes\n"
    "[anonymous](any)\n";

static const char phone[] =
    "[%s](any)\naors = %s\n[%s]\ntype = aor\nmax_contacts = 1\n"
    "remove_existing = yes\n";

static const char manager[] =
    "[general]\nenabled = yes\nbindaddr = 127.0.0.1\nport = %d\n"
    "[watcher]\nsecret = change-me\nread = system,call\nwrite =\n"
    "#include manager_mashang.conf\n";

static FILE *
file(const struct asterisk_server *a, const char *name)
{
	char path[PATH_MAX];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", a->dir, name);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	return f;
}

static void
text(const struct asterisk_server *a, const char *name, const char *what)
{
	FILE *f = file(a, name);

	fchmod(fileno(f), 0600);
	fputs(what, f);
	fclose(f);
}

static void
write_asterisk_conf(const struct asterisk_server *a)
{
	static const char *const dirs[] = { "astrundir", "astlogdir",
		"astspooldir", "astdbdir", "astkeydir", "astetcdir" };
	FILE *f = file(a, "asterisk.conf");

	fputs("[directories]\n", f);
	for (size_t i = 0; i < NELEM(dirs); i++)
		fprintf(f, "%s => %s\n", dirs[i], a->dir);
	fputs("[options]\nnocolor = yes\nverbose = 3\n", f);
	fclose(f);
}

static void
write_modules(const struct asterisk_server *a)
{
	FILE *f = file(a, "modules.conf");

	fputs("[modules]\nautoload = yes\n", f);
	for (size_t i = 0; modules[i] != NULL; i++)
		fprintf(f, "noload = %s.so\n", modules[i]);
	fclose(f);
}

static void
write_phones(const struct asterisk_server *a)
{
	static const char *const names[] = { "801", "802", "803", "outside" };
	FILE *f = file(a, "pjsip.conf");

	fprintf(f, pjsip, a->sip_port);
	for (size_t i = 0; i < NELEM(names); i++)
		fprintf(f, phone, names[i], names[i], names[i]);
	fclose(f);
}

/* What an owner copies, into its place; what callers are told is written down
 * instead of said. */
static void
copy(const struct asterisk_server *a, const char *name, const char *as)
{
	char from[PATH_MAX], line[1024];
	FILE *in, *out;

	snprintf(from, sizeof(from), "config/asterisk/%s", name);
	in = fopen(from, "r");
	ck_assert_ptr_nonnull(in);
	out = file(a, as);
	while (fgets(line, sizeof(line), in) != NULL)
		fprintf(out, "%s%s", line,
		    strstr(line, "Set(MASHANG_ANNOUNCED=") != NULL
			? " same => n,Verbose(0,place=${MASHANG_POSITION} "
			  "wait=${MASHANG_WAIT_LOW}-${MASHANG_WAIT_HIGH} end)\n"
			: "");
	fclose(in);
	fclose(out);
}

static void
write_all(const struct asterisk_server *a)
{
	static const char silence[16000];
	FILE *f;
	char moh[PATH_MAX];

	write_asterisk_conf(a);
	write_modules(a);
	write_phones(a);
	copy(a, "extensions.conf", "mashang.conf");
	copy(a, "manager.conf", "manager_mashang.conf");
	text(a, "extensions.conf", extensions);
	f = file(a, "manager.conf");
	fprintf(f, manager, a->ami_port);
	fclose(f);
	snprintf(moh, sizeof(moh), "%s/moh", a->dir);
	mkdir(moh, 0700);
	f = file(a, "moh/silence.sln");
	fwrite(silence, 1, sizeof(silence), f);
	fclose(f);
	f = file(a, "musiconhold.conf");
	fprintf(f, "[default]\nmode = files\ndirectory = %s\n", moh);
	fclose(f);
	text(a, "queues.conf",
	    "[general]\n[repair]\nstrategy = linear\ntimeout = 3\nretry = 1\n"
	    "joinempty = yes\nmember => PJSIP/801,0,Ann\n"
	    "[empty]\nstrategy = linear\nleavewhenempty = strict\n"
	    "joinempty = yes\nmember => PJSIP/803,0,Nobody\n");
	text(a, "confbridge.conf",
	    "[general]\n[default_user]\ntype = user\n"
	    "[default_bridge]\ntype = bridge\n[default_menu]\ntype = menu\n");
	text(a, "logger.conf",
	    "[general]\n[logfiles]\nmessages => "
	    "notice,warning,error,verbose\n");
	text(a, "indications.conf",
	    "[general]\ncountry = us\n[us]\ndescription = us\n"
	    "ringcadence = 2000,4000\nring = 440+480/2000,0/4000\n");
	text(a, "rtp.conf", "[general]\nrtpstart = 20000\nrtpend = 29999\n");
	text(a, "secret", "change-me\n");
	text(a, "wrong", "wrong\n");
	text(a, "features.conf", "[general]\n");
	text(a, "cdr.conf", "[general]\nenable = no\n");
}

static int
free_port(int type)
{
	struct sockaddr_in sa = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(sa);
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&sa, &len), 0);
	close(fd);
	return ntohs(sa.sin_port);
}

static bool
is_in(const char *log, const char *words)
{
	char line[4096];
	bool found = false;
	FILE *f = fopen(log, "r");

	while (f != NULL && !found && fgets(line, sizeof(line), f) != NULL)
		found = strstr(line, words) != NULL;
	if (f != NULL)
		fclose(f);
	return found;
}

bool
asterisk_server_said(const struct asterisk_server *a, const char *words)
{
	char log[PATH_MAX];

	snprintf(log, sizeof(log), "%s/messages", a->dir);
	return is_in(log, words);
}

static const char *
program(void)
{
	static char path[PATH_MAX];
	const char *given = getenv("MASHANG_ASTERISK");
	char dirs[4096], *save, *d;

	if (given != NULL)
		return access(given, X_OK) == 0 ? given : NULL;
	snprintf(dirs, sizeof(dirs), "%s:/usr/sbin",
	    getenv("PATH") != NULL ? getenv("PATH") : "");
	for (d = strtok_r(dirs, ":", &save); d != NULL;
	     d = strtok_r(NULL, ":", &save)) {
		snprintf(path, sizeof(path), "%s/asterisk", d);
		if (access(path, X_OK) == 0)
			return path;
	}
	return NULL;
}

void
asterisk_server_again(struct asterisk_server *a)
{
	const char *exe = program();
	char conf[PATH_MAX], out[PATH_MAX], log[PATH_MAX];
	int64_t until = clock_loop() + START_US;
	int fd;

	snprintf(conf, sizeof(conf), "%s/asterisk.conf", a->dir);
	snprintf(out, sizeof(out), "%s/output", a->dir);
	snprintf(log, sizeof(log), "%s/messages", a->dir);
	unlink(log);
	a->pid = fork();
	ck_assert_int_ne(a->pid, -1);
	if (a->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		fd = open(out, O_WRONLY | O_CREAT | O_APPEND, 0600);
		dup2(fd, STDOUT_FILENO);
		dup2(fd, STDERR_FILENO);
		execl(exe, exe, "-f", "-C", conf, (char *)NULL);
		_exit(127);
	}
	/* Its ports are open before its modules are there; this comes last. */
	while (!is_in(log, "Asterisk Ready.")) {
		ck_assert_msg(
		    clock_loop() < until && waitpid(a->pid, NULL, WNOHANG) == 0,
		    "Asterisk does not start: see %s", log);
		poll(NULL, 0, 50); /* there is nothing to wait for but itself */
	}
}

bool
asterisk_server_start(struct asterisk_server *a)
{
	if (program() == NULL)
		return false;
	snprintf(a->dir, sizeof(a->dir), "%s/asterisk", test_dir());
	mkdir(a->dir, 0700);
	a->sip_port = free_port(SOCK_DGRAM);
	a->ami_port = free_port(SOCK_STREAM);
	write_all(a);
	asterisk_server_again(a);
	return true;
}

void
asterisk_server_stop(struct asterisk_server *a)
{
	if (a->pid == 0)
		return;
	kill(a->pid, SIGKILL);
	waitpid(a->pid, NULL, 0);
	a->pid = 0;
}

const char *
asterisk_server_section(const struct asterisk_server *a)
{
	static char section[512];

	snprintf(section, sizeof(section),
	    "address: tcp:127.0.0.1:%d\nuser: mashang\nsecret_file: %s/secret\n"
	    "auto_answer: ['Call-Info: <sip:127.0.0.1>;answer-after=0']\n",
	    a->ami_port, a->dir);
	return section;
}
