/*
 * pg_migrate.c - numbered files into the database, each once, in order.
 *
 * Whoever migrates owns what is made.  Two at once are kept apart by an
 * advisory lock; a file's SHA-256 is kept with its number, so that history is
 * not rewritten under a running system.
 */
#include <ctype.h>
#include <dirent.h>
#include <libpq-fe.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/ledger.h"

#define LOCK "5566211964301" /* any number that nobody else uses */
#define FILE_MAX (1024 * 1024)
#define FILES_MAX 1000
#define LOCKED_TRIES 5

struct file {
	int version;
	char *name, *text;
	char sha256[2 * crypto_hash_sha256_BYTES + 1];
};

struct migration {
	PGconn *pq;
	FILE *out;
	struct file *files;
	int n_files;
};

static const char prepare_sql[] =
    "SET client_min_messages = warning; SELECT pg_advisory_lock(" LOCK ");"
    " SET lock_timeout = '2s';"
    " CREATE TABLE IF NOT EXISTS schema_migration ("
    " version int PRIMARY KEY, name text NOT NULL, sha256 text NOT NULL,"
    " applied_at timestamptz NOT NULL DEFAULT transaction_timestamp(),"
    " app_version text NOT NULL)";

/* ----------------------------------------------------------------- files */

static int
is_migration(const struct dirent *d)
{
	const char *n = d->d_name;
	size_t len = strlen(n);

	for (int i = 0; i < 4; i++)
		if (!isdigit((unsigned char)n[i]))
			return 0;
	return n[4] == '_' && len > 9 && strcmp(n + len - 4, ".sql") == 0;
}

static enum err
read_file(struct migration *m, const char *directory, struct file *f)
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	char path[4096];
	size_t len;
	FILE *in;

	snprintf(path, sizeof(path), "%s/%s", directory, f->name);
	if ((in = fopen(path, "re")) == NULL) {
		fprintf(m->out, "%s: %m\n", path);
		return ERR_IO;
	}
	if ((f->text = malloc(FILE_MAX + 1)) == NULL) {
		fclose(in);
		return ERR_NOMEM;
	}
	len = fread(f->text, 1, FILE_MAX + 1, in);
	if (ferror(in) || len > FILE_MAX) {
		fprintf(
		    m->out, "%s: not read, or over %d bytes\n", path, FILE_MAX);
		fclose(in);
		return ERR_IO;
	}
	fclose(in);
	f->text[len] = '\0';
	crypto_hash_sha256(hash, (const unsigned char *)f->text, len);
	sodium_bin2hex(f->sha256, sizeof(f->sha256), hash, sizeof(hash));
	return ERR_OK;
}

static enum err
read_files(struct migration *m, const char *directory)
{
	struct dirent **list = NULL;
	int n = scandir(directory, &list, is_migration, alphasort);
	enum err e = ERR_OK;

	if (n < 0 || n > FILES_MAX) {
		fprintf(m->out, "%s: %s\n", directory,
		    n < 0 ? "cannot be read" : "too many files");
		e = ERR_IO;
	} else if ((m->files = calloc((size_t)n + 1, sizeof(*m->files))) ==
		   NULL) {
		e = ERR_NOMEM;
	}
	for (int i = 0; i < n; i++) {
		struct file *f = &m->files[m->n_files];

		if (e == ERR_OK && (f->name = strdup(list[i]->d_name))) {
			m->n_files++;
			f->version = (int)strtol(f->name, NULL, 10);
			e = read_file(m, directory, f);
			if (e == ERR_OK && m->n_files > 1 &&
			    f[-1].version == f->version) {
				fprintf(m->out, "%s: the same number as %s\n",
				    f->name, f[-1].name);
				e = ERR_CONFIG;
			}
		}
		free(list[i]);
	}
	free(list);
	return e;
}

/* ------------------------------------------------------------- database */

/* Rows go to *out, or nowhere if it is NULL. */
static enum err
run(struct migration *m, const char *sql, PGresult **out)
{
	PGresult *res = PQexec(m->pq, sql);
	ExecStatusType st = PQresultStatus(res);

	if (st != PGRES_COMMAND_OK && st != PGRES_TUPLES_OK) {
		const char *code = PQresultErrorField(res, PG_DIAG_SQLSTATE);
		bool locked = code != NULL && strcmp(code, "55P03") == 0;

		fprintf(m->out, "%s", PQerrorMessage(m->pq));
		PQclear(res);
		return locked ? ERR_BUSY : ERR_IO;
	}
	if (out != NULL)
		*out = res;
	else
		PQclear(res);
	return ERR_OK;
}

static const struct file *
find_file(const struct migration *m, int version)
{
	for (int i = 0; i < m->n_files; i++)
		if (m->files[i].version == version)
			return &m->files[i];
	return NULL;
}

/* What has been applied must be here, unchanged; *last is the newest. */
static enum err
compare(struct migration *m, int *last)
{
	PGresult *res;
	enum err e = run(m,
	    "SELECT version, name, sha256 FROM schema_migration"
	    " ORDER BY version",
	    &res);

	*last = 0;
	if (e != ERR_OK)
		return e;
	for (int i = 0; e == ERR_OK && i < PQntuples(res); i++) {
		const struct file *f;

		*last = (int)strtol(PQgetvalue(res, i, 0), NULL, 10);
		f = find_file(m, *last);
		if (f == NULL) {
			fprintf(m->out,
			    "%s has been applied and is not here:"
			    " the database is newer;"
			    " upgrade the program\n",
			    PQgetvalue(res, i, 1));
			e = ERR_CONFIG;
		} else if (strcmp(f->sha256, PQgetvalue(res, i, 2)) != 0) {
			fprintf(m->out,
			    "%s has changed since it was applied;"
			    " put it back, write a new one\n",
			    f->name);
			e = ERR_CONFIG;
		}
	}
	PQclear(res);
	return e;
}

static enum err
record(struct migration *m, const struct file *f)
{
	char version[16];
	const char *values[] = { version, f->name, f->sha256, VERSION };
	PGresult *res;
	bool ok;

	snprintf(version, sizeof(version), "%d", f->version);
	res = PQexecParams(m->pq,
	    "INSERT INTO schema_migration (version, name, sha256, app_version)"
	    " VALUES ($1, $2, $3, $4)",
	    4, NULL, values, NULL, NULL, 0);
	ok = PQresultStatus(res) == PGRES_COMMAND_OK;
	if (!ok)
		fprintf(m->out, "%s", PQerrorMessage(m->pq));
	PQclear(res);
	return ok ? ERR_OK : ERR_IO;
}

static enum err
apply_once(struct migration *m, const struct file *f)
{
	enum err e = run(m, "BEGIN", NULL), undone;

	if (e == ERR_OK)
		e = run(m, f->text, NULL);
	if (e == ERR_OK)
		e = record(m, f);
	if (e == ERR_OK)
		return run(m, "COMMIT", NULL);
	undone = run(m, "ROLLBACK", NULL);
	return undone == ERR_OK ? e : undone;
}

/* A lock that somebody holds for long is waited for a few times, so that what
 * queues behind ours does not wait longer than lock_timeout. */
static enum err
apply_file(struct migration *m, const struct file *f)
{
	enum err e = ERR_BUSY;

	for (int i = 0; e == ERR_BUSY && i < LOCKED_TRIES; i++)
		e = apply_once(m, f);
	fprintf(m->out, "%s: %s\n", f->name,
	    e == ERR_OK ? "applied" : "failed, and nothing of it is left");
	return e;
}

static enum err
migrate(struct migration *m, const char *directory)
{
	enum err e = read_files(m, directory);
	int last, n = 0;

	if (e == ERR_OK)
		e = run(m, prepare_sql, NULL);
	if (e == ERR_OK)
		e = compare(m, &last);
	for (int i = 0; e == ERR_OK && i < m->n_files; i++) {
		if (m->files[i].version <= last)
			continue;
		e = apply_file(m, &m->files[i]);
		n++;
	}
	if (e == ERR_OK && n == 0)
		fprintf(m->out, "nothing to do: at version %d\n", last);
	return e;
}

enum err
pg_migrate(const char *conninfo, const char *directory, void *out)
{
	struct migration m = { .out = out };
	enum err e = ERR_IO;

	m.pq = PQconnectdb(conninfo);
	if (PQstatus(m.pq) == CONNECTION_OK)
		e = migrate(&m, directory);
	else
		fprintf(out, "%s", PQerrorMessage(m.pq));
	for (int i = 0; i < m.n_files; i++) {
		free(m.files[i].name);
		free(m.files[i].text);
	}
	free(m.files);
	PQfinish(m.pq);
	return e;
}
