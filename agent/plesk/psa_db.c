/* A connection to Plesk's database, by libmariadb. */
#include "plesk/psa_db.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mysql.h>
#include <mysqld_error.h>

#include "os/clock.h"

enum {
    CONNECT_S = 5,
    READ_S = 20,  /* without a single byte */
    WHOLE_S = 60, /* opening and all questions; on 200,000 mailboxes they take one */
    SERVER_TEXT_SIZE = 300,
    ER_PLUGIN_UNKNOWN = 1524, /* ER_PLUGIN_IS_NOT_LOADED, which not every header names */
    ER_SOCKET_REFUSED = 1698, /* ER_ACCESS_DENIED_NO_PASSWORD_ERROR: MariaDB, by the socket */
};

struct psa_db {
    MYSQL *mysql;
    mono_t until;
};

/* ---- Passwords and sockets -------------------------------------------------------------- */

static void fd_done(const int *fd)
{
    if (*fd >= 0)
        (void)close(*fd); /* only read */
}

static int refuse_mode(const char *path, const struct stat *st, struct diag *d)
{
    if (!S_ISREG(st->st_mode))
        return diag_set(d, -EACCES, "%s: is not a file", path);
    return diag_set(d, -EACCES,
                    "%s: is open to others than its owner and group (mode %03o): chmod 640 it",
                    path, (unsigned)(st->st_mode & 0777));
}

int psa_password_read(const char *path, char ret[static PSA_PASSWORD_SIZE], struct diag *d)
{
    struct stat st;
    char line[PSA_PASSWORD_SIZE + 1];
    AUTO(fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &st) != 0)
        return diag_set(d, -errno, "%s: %m", path);
    if (!S_ISREG(st.st_mode) || (st.st_mode & 037))
        return refuse_mode(path, &st, d);
    ssize_t n = read(fd, line, sizeof line - 1);
    if (n < 0)
        return diag_set(d, -errno, "%s: %m", path);
    line[n] = '\0';
    size_t length = strcspn(line, "\r\n");
    if (length < PSA_PASSWORD_SIZE) {
        memcpy(ret, line, length);
        ret[length] = '\0';
    }
    explicit_bzero(line, sizeof line);
    return length < PSA_PASSWORD_SIZE
               ? 0
               : diag_set(d, -ERANGE, "%s: its first line is too long for a password", path);
}

const char *psa_socket_find(const struct options *o, struct diag *d)
{
    const struct table_texts *sockets = &o->database_sockets;
    for (size_t i = 0; i < sockets->n; i++) {
        struct stat st;
        if (stat(sockets->v[i], &st) == 0 && S_ISSOCK(st.st_mode))
            return sockets->v[i];
    }
    if (sockets->n == 0)
        (void)diag_set(d, 0, "no database: database_sockets names no socket");
    else
        (void)diag_set(d, 0,
                       "no database: there is no socket %s%s: start the database, or name its "
                       "socket in database_sockets",
                       sockets->v[0], sockets->n > 1 ? ", nor another of the list" : "");
    return NULL;
}

/* ---- What the server says --------------------------------------------------------------- */

/* Its words, without what a terminal would obey. */
static void copy_plain(const char *s, char out[static SERVER_TEXT_SIZE])
{
    size_t n = 0;
    for (; n < SERVER_TEXT_SIZE - 1 && s[n] != '\0'; n++)
        out[n] = s[n] >= ' ' && s[n] <= '~' ? s[n] : '?';
    out[n] = '\0';
}

static int fail(MYSQL *mysql, struct diag *d)
{
    char said[SERVER_TEXT_SIZE];
    unsigned code = mysql_errno(mysql);
    copy_plain(mysql_error(mysql), said);
    switch (code) {
    case ER_ACCESS_DENIED_ERROR:
    case ER_SOCKET_REFUSED:
        return diag_set(d, -EACCES,
                        "the database refuses this account: run `fairuse-agent setup` as root "
                        "(%u: %s)",
                        code, said);
    case ER_DBACCESS_DENIED_ERROR:
    case ER_TABLEACCESS_DENIED_ERROR:
    case ER_COLUMNACCESS_DENIED_ERROR:
        return diag_set(d, -EACCES,
                        "this account may not read what is counted: run `fairuse-agent setup` "
                        "as root (%u: %s)",
                        code, said);
    case ER_BAD_DB_ERROR:
        return diag_set(d, -ENOENT,
                        "the server has no such database: is this Plesk's, and database_name "
                        "right? (%u: %s)",
                        code, said);
    case ER_PLUGIN_UNKNOWN: return diag_set(d, -EOPNOTSUPP, "%u: %s", code, said);
    default:
        return diag_set(d, -EIO, "the database does not answer as it should (%u: %s)", code,
                        said);
    }
}

/* ---- Opening ---------------------------------------------------------------------------- */

static int set_options(MYSQL *mysql)
{
    static const unsigned connect_s = CONNECT_S, read_s = READ_S, off = 0;
    static const unsigned protocol = MYSQL_PROTOCOL_SOCKET;
    /* Ways to prove a password that do not show it. */
    static const char ways[] = "mysql_native_password,caching_sha2_password,client_ed25519";
    int r = mysql_optionsv(mysql, MYSQL_OPT_CONNECT_TIMEOUT, &connect_s);
    r |= mysql_optionsv(mysql, MYSQL_OPT_READ_TIMEOUT, &read_s);
    r |= mysql_optionsv(mysql, MYSQL_OPT_WRITE_TIMEOUT, &read_s);
    r |= mysql_optionsv(mysql, MYSQL_OPT_LOCAL_INFILE, &off);
    r |= mysql_optionsv(mysql, MYSQL_OPT_PROTOCOL, &protocol);
    r |= mysql_optionsv(mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    r |= mysql_optionsv(mysql, MARIADB_OPT_RESTRICTED_AUTH, ways);
    return r == 0 ? 0 : -ENOMEM;
}

int psa_db_open(const struct psa_login *login, struct psa_db **ret, struct diag *d)
{
    AUTO(psa_db) struct psa_db *db = calloc(1, sizeof *db);
    if (!db || !(db->mysql = mysql_init(NULL)) || set_options(db->mysql) != 0)
        return diag_set(d, -ENOMEM, "out of memory");
    db->until = mono_plus(clock_mono(), (dur_t){WHOLE_S});
    if (!mysql_real_connect(db->mysql, NULL, login->user, login->password, login->database, 0,
                            login->socket, 0)) {
        int r = fail(db->mysql, d);
        diag_within(d, "%s", login->socket);
        return r;
    }
    if (db->mysql->passwd) /* the library's own copy is not needed any more */
        explicit_bzero(db->mysql->passwd, strlen(db->mysql->passwd));
    *ret = STEAL(db);
    return 0;
}

void psa_db_free(struct psa_db *db)
{
    if (!db)
        return;
    if (db->mysql)
        mysql_close(db->mysql);
    free(db);
}

bool psa_db_is_mariadb(const struct psa_db *db)
{
    return strcasestr(mysql_get_server_info(db->mysql), "mariadb") != NULL;
}

/* ---- Asking ----------------------------------------------------------------------------- */

int psa_db_run(struct psa_db *db, const char *sql, struct diag *d)
{
    return mysql_query(db->mysql, sql) == 0 ? 0 : fail(db->mysql, d);
}

static int take_rows(struct psa_db *db, MYSQL_RES *rows, const struct psa_question *q,
                     struct diag *d)
{
    enum { COLUMNS_MAX = 8 };
    unsigned columns = mysql_num_fields(rows);
    assert(columns <= COLUMNS_MAX);
    for (;;) {
        struct text values[COLUMNS_MAX] = {{NULL, 0}};
        MYSQL_ROW v = mysql_fetch_row(rows);
        if (!v)
            return mysql_errno(db->mysql) == 0 ? 0 : fail(db->mysql, d);
        const unsigned long *lengths = mysql_fetch_lengths(rows);
        for (unsigned i = 0; lengths && i < columns; i++)
            values[i] = (struct text){v[i], v[i] ? lengths[i] : 0};
        int r = q->row(q->arg, values, d);
        if (r < 0)
            return r;
        if (clock_mono().ms > db->until.ms)
            return diag_set(d, -EIO, "the database needs more than %d s for its answers",
                            WHOLE_S);
    }
}

int psa_db_rows(struct psa_db *db, const struct psa_question *q, struct diag *d)
{
    int r = psa_db_run(db, q->sql, d);
    if (r < 0)
        return r;
    MYSQL_RES *rows = mysql_use_result(db->mysql);
    if (!rows)
        return fail(db->mysql, d);
    if (mysql_num_fields(rows) != q->columns)
        r = diag_set(d, -EIO, "the database answers something else than was asked");
    else
        r = take_rows(db, rows, q, d);
    /* The library reads what is left of an answer before it frees it: not of a server that is
     * slow, or that says what it should not. */
    if (r < 0)
        (void)shutdown(mysql_get_socket(db->mysql), SHUT_RDWR); /* it may be closed already */
    mysql_free_result(rows);
    return r;
}
