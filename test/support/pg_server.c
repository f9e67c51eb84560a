/*
 * pg_server.c - initdb, pg_ctl and signals.  The postmaster's pid is read from
 * its file each time, since a forked test may have started another one.
 */
#include "test/support/pg_server.h"

#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "store/ledger.h"

#define BIN "/usr/lib/postgresql/15/bin/"
#define RING 8

static char dir[64];
static char database[64] = "spine";
static pid_t owner;

static void PRINTF_LIKE(1, 2) die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("pg_server: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	abort();
}

/* As user postgres where that is needed; quiet, all output in `out'. */
static int PRINTF_LIKE(1, 2) sh(const char *fmt, ...)
{
	char cmd[2048], all[2600];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(cmd, sizeof(cmd), fmt, ap);
	va_end(ap);
	snprintf(all, sizeof(all), "cd '%s' && %s %s >>'%s/out' 2>&1", dir,
	    geteuid() == 0 ? "setpriv --reuid=postgres --regid=postgres"
			     " --init-groups"
			   : "",
	    cmd, dir);
	return system(all);
}

static pid_t
postmaster(void)
{
	char path[128];
	int pid = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/data/postmaster.pid", dir);
	if ((f = fopen(path, "re")) != NULL) {
		if (fscanf(f, "%d", &pid) != 1)
			pid = 0;
		fclose(f);
	}
	return pid;
}

/* The postmaster first, so that it starts nothing any more. */
static void
signal_all(int sig)
{
	char path[64];
	pid_t pids[256];
	int n = 1, pid;
	FILE *f;

	pids[0] = postmaster();
	if (pids[0] == 0)
		die("it does not run");
	kill(pids[0], sig == SIGCONT ? SIGCONT : SIGSTOP);
	snprintf(
	    path, sizeof(path), "/proc/%d/task/%d/children", pids[0], pids[0]);
	if ((f = fopen(path, "re")) == NULL)
		die("%s: %m", path);
	while (n < 256 && fscanf(f, "%d", &pid) == 1)
		pids[n++] = pid;
	fclose(f);
	for (int i = 0; i < n; i++)
		kill(pids[i], sig);
}

static void
end(void)
{
	char cmd[128];

	if (owner != getpid())
		return;
	if (postmaster() != 0)
		(void)sh(BIN "pg_ctl -D data -m immediate stop");
	snprintf(cmd, sizeof(cmd), "rm -rf '%s'", dir);
	if (system(cmd) != 0)
		fprintf(stderr, "pg_server: cannot remove %s\n", dir);
}

static void
make_dir(void)
{
	struct passwd *pw = getpwnam("postgres");

	snprintf(dir, sizeof(dir), "/tmp/mashang-pg-XXXXXX");
	if (mkdtemp(dir) == NULL)
		die("mkdtemp: %m");
	owner = getpid();
	atexit(end);
	if (geteuid() != 0)
		return;
	if (pw == NULL || chown(dir, pw->pw_uid, pw->pw_gid) != 0)
		die("no user postgres: %m");
}

static PGconn *
connect_as(const char *role)
{
	PGconn *pq = PQconnectdb(pg_server_conninfo(role));

	if (PQstatus(pq) != CONNECTION_OK)
		die("%s: %s", role, PQerrorMessage(pq));
	return pq;
}

/* One statement, which may be CREATE DATABASE. */
static void
must(const char *sql)
{
	PGconn *pq = connect_as("postgres");
	PGresult *res = PQexec(pq, sql);

	if (PQresultStatus(res) != PGRES_COMMAND_OK)
		die("%s: %s", sql, PQerrorMessage(pq));
	PQclear(res);
	PQfinish(pq);
}

static int wal_segment_mb = 1;
static const char *settings = "-c shared_buffers=32MB -c max_connections=40";

static void
make_template(void)
{
	snprintf(database, sizeof(database), "postgres");
	must("CREATE ROLE owner LOGIN CREATEROLE");
	must("CREATE DATABASE spine OWNER owner");
	snprintf(database, sizeof(database), "spine");
	if (pg_migrate(pg_server_conninfo("owner"), "sql", stderr) != ERR_OK)
		die("migration failed");
	must("CREATE ROLE daemon LOGIN IN ROLE mashang_daemon");
	must("CREATE ROLE report LOGIN IN ROLE mashang_report");
}

void
pg_server_for_load(void)
{
	wal_segment_mb = 16;
	settings = "-c shared_buffers=1GB -c max_connections=40"
		   " -c min_wal_size=1GB -c max_wal_size=8GB"
		   " -c checkpoint_timeout=15min";
}

void
pg_server_start(void)
{
	if (owner != 0)
		return;
	make_dir();
	if (sh(BIN "initdb -D data -A trust -U postgres -E UTF8"
		   " --locale=C.UTF-8 --no-sync --wal-segsize=%d",
		wal_segment_mb) != 0)
		die("initdb failed, see %s/out", dir);
	pg_server_again();
	make_template();
}

void
pg_server_fresh(void)
{
	static int n;
	struct timespec now;
	char name[64], sql[256];

	/* A test that failed in between may have left it down. */
	if (postmaster() == 0 || kill(postmaster(), 0) != 0)
		pg_server_again();
	/* In a long run a process' number comes again. */
	timespec_get(&now, TIME_UTC);
	snprintf(name, sizeof(name), "t%d_%d_%lld%09ld", (int)getpid(), n++,
	    (long long)now.tv_sec, now.tv_nsec);
	snprintf(sql, sizeof(sql),
	    "CREATE DATABASE %s TEMPLATE spine OWNER owner", name);
	snprintf(database, sizeof(database), "postgres");
	must(sql);
	snprintf(database, sizeof(database), "%s", name);
}

const char *
pg_server_conninfo(const char *role)
{
	static char ring[RING][256];
	static unsigned at;
	char *out = ring[at++ % RING];

	snprintf(out, sizeof(ring[0]), "host=%s dbname=%s user=%s", dir,
	    database, role);
	return out;
}

const char *
pg_server_ask(const char *sql)
{
	static char ring[RING][4096];
	static unsigned at;
	char *out = ring[at++ % RING];
	PGconn *pq = connect_as("postgres");
	PGresult *res = PQexec(pq, sql);
	ExecStatusType st = PQresultStatus(res);

	if (st != PGRES_TUPLES_OK && st != PGRES_COMMAND_OK)
		die("%s: %s", sql, PQerrorMessage(pq));
	snprintf(out, sizeof(ring[0]), "%s",
	    PQntuples(res) > 0 ? PQgetvalue(res, 0, 0) : "");
	PQclear(res);
	PQfinish(pq);
	return out;
}

static PGconn *held;

void
pg_server_hold(const char *sql)
{
	PGresult *res;

	held = connect_as("postgres");
	PQclear(PQexec(held, "BEGIN"));
	res = PQexec(held, sql);
	if (PQresultStatus(res) != PGRES_COMMAND_OK)
		die("%s: %s", sql, PQerrorMessage(held));
	PQclear(res);
}

void
pg_server_release(void)
{
	PQfinish(held);
	held = NULL;
}

bool
pg_server_may(const char *role, const char *sql)
{
	PGconn *pq = connect_as(role);
	PGresult *res = PQexec(pq, sql);
	const char *code = PQresultErrorField(res, PG_DIAG_SQLSTATE);
	bool refused = code != NULL && strcmp(code, "42501") == 0;

	if (code != NULL && !refused)
		die("%s: %s", sql, PQerrorMessage(pq));
	PQclear(res);
	PQfinish(pq);
	return !refused;
}

void
pg_server_halt(const char *mode)
{
	if (sh(BIN "pg_ctl -D data -w -m %s stop", mode) != 0)
		die("pg_ctl stop failed, see %s/out", dir);
}

/* The pid file stays, as after a crash. */
void
pg_server_kill(void)
{
	signal_all(SIGKILL);
}

/* Just after a kill the old processes may still hold the memory. */
void
pg_server_again(void)
{
	for (int i = 0; i < 20; i++)
		if (sh(BIN "pg_ctl -D data -w -l log start -o \"-c "
			   "listen_addresses='' -c unix_socket_directories='%s'"
			   /* After a kill, not file by file of all tests. */
			   " -c recovery_init_sync_method=syncfs %s\"",
			dir, settings) == 0)
			return;
	die("pg_ctl start failed, see %s/log", dir);
}

void
pg_server_freeze(bool on)
{
	signal_all(on ? SIGSTOP : SIGCONT);
}
