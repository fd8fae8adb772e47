/*
 * The history's database, see historydb.h.
 *
 * Write-ahead logging: readers never stop us, and a process that is killed leaves a whole database.
 * A claim's row is written when it begins and again when it ends, found by (run, claim), so that it
 * does not matter whether its begin found room in the queue.
 */
#include "io/historydb.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define AT_ONCE "1000"    /* rows that are forgotten in one step */
#define DIED "daemon died"
#define PAGES_AT_ONCE 64  /* that are given back in one step: more would make the log grow */

/*
 * Of the size that is allowed this is for the write-ahead log, with one transaction behind those that are not moved to
 * the file yet (wal_autocheckpoint below), for what a transaction adds to the file, and for the log's index.
 */
#define LOG_ROOM (INT64_C(2) << 20)

enum { BEGIN_SQL, COMMIT_SQL, ROLLBACK_SQL, INSERT_SQL, END_SQL, NEWEST_SQL, FORGET_SQL, OLDEST_SQL, PAGES_SQL,
	PAGE_SQL, N_SQL };

struct historydb {
	sqlite3 *sql;
	sqlite3_stmt *statements[N_SQL];
	int64_t run;
	int lock; /* descriptor of DIRECTORY/history.lock */
	dev_t device;
	ino_t inode;
	int64_t pages, free_pages, page_size; /* of the file, after the last transaction */
	char path[4096];
	char error[HISTORYDB_ERROR];
};

/* migrations[i] leads from user_version i to i + 1.  What was released here is never changed. */
static const char *const migrations[] = {
	"CREATE TABLE calls ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" run INTEGER NOT NULL, claim INTEGER NOT NULL,"
	" line TEXT NOT NULL, service TEXT NOT NULL, client TEXT NOT NULL, hidden INTEGER NOT NULL,"
	" refused INTEGER NOT NULL, started INTEGER NOT NULL, ended INTEGER,"
	" from_client INTEGER NOT NULL, to_client INTEGER NOT NULL,"
	" number TEXT NOT NULL, result TEXT NOT NULL, call_ms INTEGER NOT NULL, why TEXT NOT NULL);"
	"CREATE INDEX calls_start ON calls (started, id);"
	"CREATE INDEX calls_open ON calls (run, claim) WHERE ended IS NULL;",
	"ALTER TABLE calls ADD COLUMN count INTEGER NOT NULL DEFAULT 1;",
};
#define SCHEMA (int)(sizeof migrations / sizeof *migrations)

#define COLUMNS "line, service, client, hidden, refused, started, ended, from_client, to_client," \
	" number, result, call_ms, why, count"

static const char *const texts[N_SQL] = {
	[BEGIN_SQL] = "BEGIN IMMEDIATE",
	[COMMIT_SQL] = "COMMIT",
	[ROLLBACK_SQL] = "ROLLBACK",
	[INSERT_SQL] = "INSERT INTO calls (" COLUMNS ", run, claim)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
	[END_SQL] = "UPDATE calls SET (" COLUMNS ") ="
	    " (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)"
	    " WHERE run = ?15 AND claim = ?16 AND ended IS NULL",
	[NEWEST_SQL] = "SELECT coalesce("
	    "(SELECT started FROM calls WHERE run <> ?1 ORDER BY started DESC LIMIT 1),"
	    " (SELECT max(started) FROM calls), 0)",
	[FORGET_SQL] = "DELETE FROM calls WHERE id IN (SELECT id FROM calls"
	    " WHERE started < ?1 AND ended IS NOT NULL ORDER BY started LIMIT " AT_ONCE ")",
	[OLDEST_SQL] = "DELETE FROM calls WHERE id IN (SELECT id FROM calls"
	    " WHERE ended IS NOT NULL ORDER BY id LIMIT " AT_ONCE ")",
	[PAGES_SQL] = "SELECT page_count, freelist_count, page_size"
	    " FROM pragma_page_count, pragma_freelist_count, pragma_page_size",
	[PAGE_SQL] = "SELECT " COLUMNS ", id FROM calls"
	    " WHERE (started, id) < (?1, ?2) AND started >= ?3 AND (?4 IS NULL OR line = ?4)"
	    " AND (?5 IS NULL OR (client = ?5 AND hidden <= ?7)) ORDER BY started DESC, id DESC LIMIT ?6",
};

/* ---- errors ---- */

static enum historydb_result
result_of(int code)
{
	switch (code & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_FULL:
	case SQLITE_NOMEM:
		return HISTORYDB_FAILS;
	case SQLITE_READONLY:
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
		return HISTORYDB_CLOSED;
	default:
		return HISTORYDB_BROKEN;
	}
}

/* SQLite says so of a file system without locks, too. */
static const char *
why_busy(const struct historydb *db)
{
	struct flock any = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	return fcntl(db->lock, F_GETLK, &any) != 0 ? strerror(errno) : "locked by another program";
}

static enum historydb_result
fail(struct historydb *db, int code)
{
	snprintf(db->error, sizeof db->error, "%.*s: %s", 300, db->path,
	    code == SQLITE_BUSY ? why_busy(db) : sqlite3_errstr(code));
	return result_of(code);
}

static enum historydb_result
fail_with(struct historydb *db, const char *what)
{
	snprintf(db->error, sizeof db->error, "%.*s: %.*s", 300, db->path, 200, what);
	return HISTORYDB_BROKEN;
}

static enum historydb_result
fail_with_errno(struct historydb *db)
{
	int code = errno;

	fail_with(db, strerror(code));
	return code == EROFS || code == EACCES || code == EPERM ? HISTORYDB_CLOSED : HISTORYDB_BROKEN;
}

const char *
historydb_error(const struct historydb *db)
{
	return db->error;
}

/* ---- statements ---- */

static sqlite3_stmt *
statement(struct historydb *db, int which, int *code)
{
	sqlite3_stmt **s = &db->statements[which];

	*code = SQLITE_OK;
	if (*s == NULL)
		*code = sqlite3_prepare_v3(db->sql, texts[which], -1, SQLITE_PREPARE_PERSISTENT, s,
		    NULL);
	return *s;
}

/* Runs one that gives no rows and is bound already. */
static int
finish(sqlite3_stmt *s)
{
	int code = sqlite3_step(s);

	sqlite3_reset(s);
	sqlite3_clear_bindings(s);
	return code == SQLITE_DONE || code == SQLITE_ROW ? SQLITE_OK : code;
}

static int
run_simple(struct historydb *db, int which)
{
	int code;
	sqlite3_stmt *s = statement(db, which, &code);

	return s == NULL ? code : finish(s);
}

/* How large the file is; cheapest inside of a transaction. */
static int
count_pages(struct historydb *db)
{
	int code;
	sqlite3_stmt *s = statement(db, PAGES_SQL, &code);

	if (s == NULL)
		return code;
	code = sqlite3_step(s);
	if (code == SQLITE_ROW) {
		db->pages = sqlite3_column_int64(s, 0);
		db->free_pages = sqlite3_column_int64(s, 1);
		db->page_size = sqlite3_column_int64(s, 2);
	}
	sqlite3_reset(s);
	return code == SQLITE_ROW ? SQLITE_OK : code;
}

static void
bind_text(sqlite3_stmt *s, int at, const char *text)
{
	/* No copy is needed (SQLITE_STATIC): the row is there until the statement has run. */
	sqlite3_bind_text(s, at, text == NULL ? "" : text, -1, SQLITE_STATIC);
}

static int
write_row(struct historydb *db, int which, const struct historydb_row *row)
{
	const struct history_record *r = &row->record;
	int code;
	sqlite3_stmt *s = statement(db, which, &code);

	if (s == NULL)
		return code;
	bind_text(s, 1, r->line);
	bind_text(s, 2, r->service);
	bind_text(s, 3, r->client);
	sqlite3_bind_int(s, 4, r->hidden);
	sqlite3_bind_int(s, 5, r->refused);
	sqlite3_bind_int64(s, 6, r->start);
	if (row->what != HISTORYDB_BEGIN)
		sqlite3_bind_int64(s, 7, r->end);
	sqlite3_bind_int64(s, 8, (int64_t)r->from_client);
	sqlite3_bind_int64(s, 9, (int64_t)r->to_client);
	bind_text(s, 10, r->number);
	bind_text(s, 11, r->result);
	sqlite3_bind_int64(s, 12, r->call_ms);
	bind_text(s, 13, r->why);
	sqlite3_bind_int64(s, 14, (int64_t)r->count);
	sqlite3_bind_int64(s, 15, db->run);
	sqlite3_bind_int64(s, 16, (int64_t)row->claim);
	return finish(s);
}

/* ---- opening ---- */

/* Runs text, of one value at most, which goes to *value. */
static int
ask(struct historydb *db, const char *text, int64_t *value)
{
	sqlite3_stmt *s;
	int code = sqlite3_prepare_v2(db->sql, text, -1, &s, NULL);

	if (code != SQLITE_OK)
		return code;
	code = sqlite3_step(s);
	if (code == SQLITE_ROW && value != NULL)
		*value = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

static int
execute(struct historydb *db, const char *text)
{
	return sqlite3_exec(db->sql, text, NULL, NULL, NULL);
}

/* In a transaction, where nobody else changes it. */
static enum historydb_result
migrate(struct historydb *db)
{
	int64_t version = 0;
	char text[64];
	int code = ask(db, "PRAGMA user_version", &version);

	if (code == SQLITE_OK && version > SCHEMA) {
		snprintf(text, sizeof text, "of version %lld, newer than %d", (long long)version,
		    SCHEMA);
		fail_with(db, text);
		return HISTORYDB_NEWER;
	}
	for (; code == SQLITE_OK && version < SCHEMA; version++)
		code = version < 0 ? SQLITE_NOTADB : execute(db, migrations[version]);
	if (code == SQLITE_OK) {
		snprintf(text, sizeof text, "PRAGMA user_version = %d", SCHEMA);
		code = execute(db, text);
	}
	return code == SQLITE_OK ? HISTORYDB_OK : fail(db, code);
}

/* Nobody else writes here, so what another run left open is its death.  When that was nobody knows,
 * but not before the last that it wrote. */
static enum historydb_result
end_the_dead(struct historydb *db)
{
	char text[300];
	int code;

	snprintf(text, sizeof text, "UPDATE calls SET why = '" DIED "', ended = max(started,"
	    " (SELECT max(max(started, ifnull(ended, 0))) FROM calls WHERE run <> %lld))"
	    " WHERE ended IS NULL AND run <> %lld", (long long)db->run, (long long)db->run);
	code = execute(db, text);
	return code == SQLITE_OK ? HISTORYDB_OK : fail(db, code);
}

static enum historydb_result
prepare(struct historydb *db)
{
	static const char *const pragmas[] = { "PRAGMA auto_vacuum = INCREMENTAL" /* of a new file */,
		"PRAGMA journal_mode = WAL", "PRAGMA wal_autocheckpoint = 128",
		"PRAGMA synchronous = NORMAL", "PRAGMA cache_size = -256",
		"PRAGMA journal_size_limit = 524288", "PRAGMA trusted_schema = OFF" };
	enum historydb_result r;
	size_t i;
	int code = SQLITE_OK;

	sqlite3_busy_timeout(db->sql, HISTORYDB_BUSY);
	for (i = 0; i < sizeof pragmas / sizeof *pragmas && code == SQLITE_OK; i++)
		code = ask(db, pragmas[i], NULL);
	if (code == SQLITE_OK)
		code = run_simple(db, BEGIN_SQL);
	if (code != SQLITE_OK)
		return fail(db, code);
	r = migrate(db);
	if (r == HISTORYDB_OK)
		r = end_the_dead(db);
	if (r == HISTORYDB_OK && ((code = count_pages(db)) != SQLITE_OK ||
	    (code = run_simple(db, COMMIT_SQL)) != SQLITE_OK))
		r = fail(db, code);
	return r;
}

/*
 * The directory, the lock by which only one daemon keeps its history here, and the file, which
 * SQLite would make readable for everybody.
 */
static enum historydb_result
make_files(struct historydb *db, const char *directory)
{
	char lock[sizeof db->path];
	enum historydb_result r;
	struct stat st;
	int fd;

	snprintf(db->path, sizeof db->path, "%s/%s", directory, HISTORY_FILE);
	snprintf(lock, sizeof lock, "%.*s/history.lock", (int)sizeof lock - 16, directory);
	if (mkdir(directory, 0750) != 0 && errno != EEXIST)
		return fail_with_errno(db);
	db->lock = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	if (db->lock < 0)
		return fail_with_errno(db);
	if (flock(db->lock, LOCK_EX | LOCK_NB) != 0)
		return fail_with(db, errno == EWOULDBLOCK ? "in use by another modemshared" : strerror(errno));
	fd = open(db->path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	if (fd < 0 || fstat(fd, &st) != 0) {
		r = fail_with_errno(db);
		if (fd >= 0)
			close(fd);
		return r;
	}
	close(fd);
	db->device = st.st_dev;
	db->inode = st.st_ino;
	return HISTORYDB_OK;
}

/* With run 0 it is to be read alone. */
static struct historydb *
new_db(int64_t run, enum historydb_result *result, char error[static HISTORYDB_ERROR])
{
	struct historydb *db = calloc(1, sizeof *db);

	if (db == NULL) {
		snprintf(error, HISTORYDB_ERROR, "%s", strerror(ENOMEM));
		*result = HISTORYDB_FAILS;
		return NULL;
	}
	db->run = run;
	db->lock = -1;
	return db;
}

/* Open, or closed again and NULL with the error. */
static struct historydb *
opened(struct historydb *db, enum historydb_result result, char error[static HISTORYDB_ERROR])
{
	if (result == HISTORYDB_OK)
		return db;
	snprintf(error, HISTORYDB_ERROR, "%s", db->error);
	historydb_close(db);
	return NULL;
}

struct historydb *
historydb_open(const char *directory, int64_t run, enum historydb_result *result,
    char error[static HISTORYDB_ERROR])
{
	struct historydb *db = new_db(run, result, error);
	int code;

	if (db == NULL)
		return NULL;
	*result = make_files(db, directory);
	if (*result == HISTORYDB_OK) {
		code = sqlite3_open_v2(db->path, &db->sql,
		    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
		*result = code == SQLITE_OK ? prepare(db) : fail(db, code);
	}
	return opened(db, *result, error);
}

/* ---- opening to read ---- */

/* "file:PATH?how", in which nothing of the path means something else. */
static void
write_uri(char *dst, size_t cap, const char *path, const char *how)
{
	size_t used = (size_t)snprintf(dst, cap, "file:");

	for (; *path != '\0' && used + 4 < cap; path++)
		used += (size_t)snprintf(dst + used, cap - used, strchr("?#%", *path) != NULL ? "%%%02x" : "%c",
		    (unsigned char)*path);
	snprintf(dst + used, cap - used, "?%s", how);
}

static int
open_and_look(struct historydb *db, const char *how, int64_t *version)
{
	char uri[3 * sizeof db->path];
	int code;

	sqlite3_close(db->sql);
	write_uri(uri, sizeof uri, db->path, how);
	code = sqlite3_open_v2(uri, &db->sql, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_busy_timeout(db->sql, HISTORYDB_BUSY);
	if (code == SQLITE_OK)
		code = ask(db, "PRAGMA trusted_schema = OFF", NULL);
	return code == SQLITE_OK ? ask(db, "PRAGMA user_version", version) : code;
}

/* Is there something in the write-ahead log, without which the file is not whole? */
static bool
has_log(const struct historydb *db)
{
	char path[sizeof db->path + 8];
	struct stat st;

	snprintf(path, sizeof path, "%s-wal", db->path);
	return stat(path, &st) == 0 ? st.st_size > 0 : errno != ENOENT;
}

/* SQLite reads beside others only with an index of the log, which it cannot make there; where there is no log nobody
 * can change the file, as long as nobody can write. */
struct historydb *
historydb_open_to_read(const char *directory, enum historydb_result *result, char error[static HISTORYDB_ERROR])
{
	struct historydb *db = new_db(0, result, error);
	int64_t version = 0;
	int code;

	if (db == NULL)
		return NULL;
	snprintf(db->path, sizeof db->path, "%s/%s", directory, HISTORY_FILE);
	code = open_and_look(db, "mode=ro", &version);
	if (code != SQLITE_OK && !has_log(db))
		code = open_and_look(db, "immutable=1", &version);
	if (code != SQLITE_OK)
		*result = fail(db, code);
	else if (version != SCHEMA)
		*result = fail_with(db, "of another version, and cannot be written");
	else
		*result = HISTORYDB_OK;
	return opened(db, *result, error);
}

void
historydb_close(struct historydb *db)
{
	int i;

	if (db == NULL)
		return;
	for (i = 0; i < N_SQL; i++)
		sqlite3_finalize(db->statements[i]);
	sqlite3_close(db->sql);
	if (db->lock >= 0)
		close(db->lock);
	free(db);
}

/* ---- writing ---- */

/* A file that was removed or replaced takes everything and keeps nothing. */
static bool
is_there(const struct historydb *db)
{
	struct stat st;

	return stat(db->path, &st) == 0 && st.st_dev == db->device && st.st_ino == db->inode;
}

static int
put_row(struct historydb *db, const struct historydb_row *row)
{
	int code;

	if (row->what == HISTORYDB_END) {
		code = write_row(db, END_SQL, row);
		if (code != SQLITE_OK || sqlite3_changes(db->sql) > 0)
			return code;
	}
	return write_row(db, INSERT_SQL, row);
}

enum historydb_result
historydb_put(struct historydb *db, const struct historydb_row *const *rows, size_t n)
{
	size_t i;
	int code;

	if (!is_there(db))
		return fail_with(db, "has gone");
	code = run_simple(db, BEGIN_SQL);
	for (i = 0; i < n && code == SQLITE_OK; i++)
		code = put_row(db, rows[i]);
	if (code == SQLITE_OK)
		code = count_pages(db);
	if (code == SQLITE_OK)
		code = run_simple(db, COMMIT_SQL);
	if (code == SQLITE_OK)
		return HISTORYDB_OK;
	if (sqlite3_get_autocommit(db->sql) == 0)
		run_simple(db, ROLLBACK_SQL);
	return fail(db, code);
}

enum historydb_result
historydb_newest(struct historydb *db, int64_t *newest)
{
	int code;
	sqlite3_stmt *s = statement(db, NEWEST_SQL, &code);

	if (s == NULL)
		return fail(db, code);
	sqlite3_bind_int64(s, 1, db->run);
	code = sqlite3_step(s);
	if (code == SQLITE_ROW)
		*newest = sqlite3_column_int64(s, 0);
	sqlite3_reset(s);
	return code == SQLITE_ROW ? HISTORYDB_OK : fail(db, code);
}

enum historydb_result
historydb_forget(struct historydb *db, int64_t before, bool *more)
{
	int code;
	sqlite3_stmt *s = statement(db, FORGET_SQL, &code);

	*more = false;
	if (s == NULL)
		return fail(db, code);
	sqlite3_bind_int64(s, 1, before);
	code = finish(s);
	if (code != SQLITE_OK)
		return fail(db, code);
	*more = sqlite3_changes(db->sql) == atoi(AT_ONCE);
	code = count_pages(db); /* another program may have written */
	return code == SQLITE_OK ? HISTORYDB_OK : fail(db, code);
}

/* Frees pages inside of the file, which are used again. */
static int
forget_oldest(struct historydb *db, bool *more)
{
	int code = run_simple(db, OLDEST_SQL);

	*more = code == SQLITE_OK && sqlite3_changes(db->sql) > 0; /* else all that is there goes on */
	return code;
}

/* Gives some of n free pages back.  A file that was not made for it is written anew. */
static int
shrink(struct historydb *db, int64_t n, bool *more)
{
	char text[64];
	int64_t way = 0;
	int code = ask(db, "PRAGMA auto_vacuum", &way);

	if (code != SQLITE_OK)
		return code;
	if (way == 0) {
		code = execute(db, "PRAGMA auto_vacuum = INCREMENTAL; VACUUM");
	} else {
		snprintf(text, sizeof text, "PRAGMA incremental_vacuum(%d)",
		    n < PAGES_AT_ONCE ? (int)n : PAGES_AT_ONCE);
		code = execute(db, text);
	}
	*more = code == SQLITE_OK && way != 0 && n > PAGES_AT_ONCE;
	if (code == SQLITE_OK && !*more) /* the log, too; where another program reads it does so later */
		code = execute(db, "PRAGMA wal_checkpoint(TRUNCATE)");
	return code;
}

/* Once it is too large a sixteenth goes at a time, so that this is seldom. */
enum historydb_result
historydb_trim(struct historydb *db, int64_t bytes, bool *more)
{
	int64_t most = (bytes - LOG_ROOM) / db->page_size, used = db->pages - db->free_pages;
	int code;

	*more = false;
	if (db->pages <= most)
		return HISTORYDB_OK;
	if (used > most - most / 16)
		code = forget_oldest(db, more);
	else
		code = shrink(db, db->pages - most, more);
	if (code == SQLITE_OK)
		code = count_pages(db);
	return code == SQLITE_OK ? HISTORYDB_OK : fail(db, code);
}

/* ---- reading ---- */

/* Copies the texts of a row into one block. */
static bool
take_texts(sqlite3_stmt *s, struct history_record *r, char **block)
{
	static const int columns[] = { 0, 1, 2, 9, 10, 12 };
	const char **const to[] = { &r->line, &r->service, &r->client, &r->number, &r->result,
		&r->why };
	size_t size = 0, i, n;
	const char *text;
	char *at;

	for (i = 0; i < 6; i++)
		size += (size_t)sqlite3_column_bytes(s, columns[i]) + 1;
	if ((*block = at = malloc(size)) == NULL)
		return false;
	for (i = 0; i < 6; i++) {
		n = (size_t)sqlite3_column_bytes(s, columns[i]);
		text = (const char *)sqlite3_column_text(s, columns[i]);
		if (text != NULL)
			memcpy(at, text, n);
		at[text != NULL ? n : 0] = '\0';
		*to[i] = at;
		at += n + 1;
	}
	return true;
}

static bool
take_row(const struct historydb *db, sqlite3_stmt *s, struct historydb_page *page)
{
	struct history_record *r = &page->rows[page->n];

	*r = (struct history_record){
		.hidden = sqlite3_column_int(s, 3) != 0,
		.refused = sqlite3_column_int(s, 4) != 0,
		.start = sqlite3_column_int64(s, 5),
		.end = sqlite3_column_type(s, 6) == SQLITE_NULL ? -1 : sqlite3_column_int64(s, 6),
		.from_client = (uint64_t)sqlite3_column_int64(s, 7),
		.to_client = (uint64_t)sqlite3_column_int64(s, 8),
		.call_ms = sqlite3_column_int64(s, 11),
		.count = (uint64_t)sqlite3_column_int64(s, 13),
	};
	if (!take_texts(s, r, &page->text[page->n]))
		return false;
	if (db->run == 0 && r->end < 0) { /* end_the_dead() would have said so */
		r->end = r->start;
		r->why = DIED;
	}
	page->before_start = r->start;
	page->before_id = sqlite3_column_int64(s, 14);
	page->n++;
	return true;
}

enum historydb_result
historydb_page(struct historydb *db, const struct history_filter *f, size_t max,
    struct historydb_page *page)
{
	int code;
	sqlite3_stmt *s = statement(db, PAGE_SQL, &code);

	page->n = 0;
	if (s == NULL)
		return fail(db, code);
	sqlite3_bind_int64(s, 1, page->before_start);
	sqlite3_bind_int64(s, 2, page->before_id);
	sqlite3_bind_int64(s, 3, f->since);
	if (f->line != NULL)
		bind_text(s, 4, f->line);
	if (f->client != NULL)
		bind_text(s, 5, f->client);
	sqlite3_bind_int64(s, 6, (int64_t)max);
	sqlite3_bind_int(s, 7, f->shown_only ? 0 : 1);
	while (page->n < max && (code = sqlite3_step(s)) == SQLITE_ROW)
		if (!take_row(db, s, page)) {
			code = SQLITE_NOMEM;
			break;
		}
	sqlite3_reset(s);
	sqlite3_clear_bindings(s);
	if (code == SQLITE_ROW || code == SQLITE_DONE)
		return HISTORYDB_OK;
	historydb_page_clear(page);
	return fail(db, code);
}

void
historydb_page_clear(struct historydb_page *page)
{
	while (page->n > 0)
		free(page->text[--page->n]);
}
