/*
 * What the agent's user needs on a server with Plesk, made once by root: the group that may
 * read key files, and an account in the database that may read the counted columns and nothing
 * else.
 *
 * The account is this program's alone: it gets these rights and loses all others, so that a
 * newer version that counts by fewer columns leaves nothing behind. That is why an account
 * which may more than ever was given here is refused: it belongs to somebody.
 *
 * Names of accounts and databases cannot be bound to such statements; so only names of plain
 * characters are taken, which need no quoting.
 */
#include <errno.h>
#include <grp.h>
#include <inttypes.h>
#include <poll.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "os/spawn.h"
#include "plesk/count.h"
#include "plesk/look.h"
#include "plesk/psa_schema.h"

#define PLESK_PASSWORD_FILE "/etc/psa/.psa.shadow" /* of Plesk's own administrator */
#define KEY_GROUP "swkey-data"                     /* Plesk's, of those who may read its keys */
#define USERMOD "/usr/sbin/usermod"

enum { STATEMENT_BYTES = 4096, USERMOD_WAIT_MS = 30000 };

struct setup {
    const struct options *o;
    bool is_dry_run;
    struct psa_db *db; /* NULL: cannot be asked; only when nothing is to be done */
    bool is_mariadb, is_there;
    uint32_t seen;
};

static void setup_done(struct setup *s)
{
    psa_db_free(s->db);
}

static int exit_code(int r)
{
    switch (r) {
    case 0: return 0;
    case -EACCES:
    case -EPERM: return EX_NOPERM;
    case -EINVAL: return EX_CONFIG;
    case -ENOMEM: return EX_OSERR;
    default: return EX_UNAVAILABLE;
    }
}

/* Says what is about to be done; nothing is done that could not be said. */
static int say(struct diag *d, const char *fmt, ...) PRINTF_LIKE(2, 3);
static int say(struct diag *d, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    bool is_said = vprintf(fmt, args) >= 0 && putchar('\n') != EOF && fflush(stdout) == 0;
    va_end(args);
    return is_said ? 0 : diag_set(d, -EIO, "standard output cannot be written");
}

/* ---- Names ------------------------------------------------------------------------------ */

static bool is_plain(const char *s)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_-.";
    return *s != '\0' && s[strspn(s, plain)] == '\0';
}

static int check_names(const struct options *o, struct diag *d)
{
    if (!is_plain(o->database_user) || !is_plain(o->database_name))
        return diag_set(d, -EINVAL,
                        "%s may only have letters, digits and _-. here: make the account by "
                        "hand, as `fairuse-agent setup --dry-run` shows for a plain name",
                        is_plain(o->database_user) ? "database_name" : "database_user");
    if (o->database_password_file[0] == '\0' && strcmp(o->user, o->database_user) != 0)
        return diag_set(d, -EINVAL,
                        "the server believes the socket that a system user is the account of "
                        "the same name: database_user must be user (%s), or name a "
                        "database_password_file",
                        o->user);
    return 0;
}

/* ---- The group that may read keys ------------------------------------------------------- */

/* Whether the folder above the keys' folder, or that itself, is that group's. */
static bool is_key_group(const char *keys, gid_t group)
{
    struct stat st;
    char folder[OPTIONS_PATH_SIZE];
    (void)snprintf(folder, sizeof folder, "%s", keys);
    char *slash = strrchr(folder, '/');
    if (slash && slash > folder)
        *slash = '\0';
    return (stat(folder, &st) == 0 && st.st_gid == group) ||
           (stat(keys, &st) == 0 && st.st_gid == group);
}

static bool is_member(const struct passwd *user, gid_t group)
{
    enum { GROUPS_MAX = 1024 };
    gid_t groups[GROUPS_MAX];
    int n = GROUPS_MAX;
    if (getgrouplist(user->pw_name, user->pw_gid, groups, &n) < 0)
        return false;
    for (int i = 0; i < n; i++) {
        if (groups[i] == group)
            return true;
    }
    return false;
}

static int run_usermod(const char *user, struct diag *d)
{
    const char *const argv[] = {USERMOD, "-aG", KEY_GROUP, user, NULL};
    const char *const environment[] = {NULL};
    const struct spawn_order order = {.path = USERMOD,
                                      .argv = argv,
                                      .in = -1,
                                      .out = -1,
                                      .third = -1,
                                      .environment = environment};
    struct child child = {.pid = 0, .pidfd = -1};
    char text[64];
    int code = 0;
    int r = spawn_start(&order, &child, d);
    if (r < 0)
        return r;
    struct pollfd ended = {.fd = child.pidfd, .events = POLLIN};
    if (poll(&ended, 1, USERMOD_WAIT_MS) <= 0 || spawn_reap(&child, &code) != 0) {
        spawn_kill(&child);
        return diag_set(d, -EIO, USERMOD " does not end");
    }
    return code == 0
               ? 0
               : diag_set(d, -EIO, USERMOD " %s: add %s to the group " KEY_GROUP " by hand",
                          spawn_code_text(code, text), user);
}

static int set_up_group(const struct setup *s, struct diag *d)
{
    const struct options *o = s->o;
    const struct group *group = getgrnam(KEY_GROUP);
    if (!group || !is_key_group(o->keys, group->gr_gid))
        return say(d, "# %s is not of the group " KEY_GROUP ": no group is given", o->keys);
    gid_t gid = group->gr_gid;
    const struct passwd *user = getpwnam(o->user);
    if (!user)
        return diag_set(d, -ENOENT,
                        "there is no user %s: install the package, or make it (useradd "
                        "--system %s)",
                        o->user, o->user);
    if (is_member(user, gid))
        return say(d, "# %s is in the group " KEY_GROUP " already", o->user);
    int r = say(d, "usermod -aG " KEY_GROUP " %s", o->user);
    if (r == 0 && !s->is_dry_run)
        r = run_usermod(o->user, d);
    return r == 0 ? say(d, "# an agent that runs has the group from its next start on") : r;
}

/* ---- The database: who asks ------------------------------------------------------------- */

/* Plesk's administrator where Plesk is, else root, whom the server knows by the socket. */
static int open_as_root(const struct options *o, struct psa_db **ret, struct diag *d)
{
    char password[PSA_PASSWORD_SIZE] = "";
    struct diag root_d = {""};
    struct psa_login login = {.database = o->database_name};
    login.socket = psa_socket_find(o, d);
    if (!login.socket)
        return -ENOENT;
    int r = psa_password_read(PLESK_PASSWORD_FILE, password, d);
    if (r == 0) {
        login.user = "admin";
        login.password = password;
        r = psa_db_open(&login, ret, d);
    }
    explicit_bzero(password, sizeof password);
    if (r == 0 || (r != -EACCES && r != -ENOENT && r != -ENOTDIR))
        return r;
    login.user = "root";
    login.password = NULL;
    int as_root = psa_db_open(&login, ret, &root_d);
    if (as_root == -EACCES)
        return diag_set(d, -EACCES,
                        "%s: the database lets neither Plesk's admin (" PLESK_PASSWORD_FILE
                        ") nor root in: run the statements of `fairuse-agent setup --dry-run` "
                        "as its administrator",
                        login.socket);
    if (as_root < 0)
        *d = root_d;
    return as_root;
}

/* A single number. */
static int take_number(void *arg, const struct text *v, struct diag *d)
{
    int64_t *ret = arg;
    return v[0].p && text_to_int(v[0], 0, INT64_MAX, ret) == 0
               ? 0
               : diag_set(d, -EIO, "the database says no number where one belongs");
}

static int ask_number(struct setup *s, const struct buf *sql, int64_t *ret, struct diag *d)
{
    int r = buf_error(sql);
    *ret = 0;
    if (r < 0)
        return diag_set(d, r, "out of memory");
    const struct psa_question q = {buf_str(sql), 1, take_number, ret};
    return psa_db_rows(s->db, &q, d);
}

/* Whether the account is there, and nobody else's. */
static int check_account(struct setup *s, struct diag *d)
{
    AUTO(buf) struct buf there = BUF_INIT(STATEMENT_BYTES), more = BUF_INIT(STATEMENT_BYTES);
    const char *user = s->o->database_user;
    int64_t accounts = 0, others = 0;
    buf_printf(&there,
               "SELECT COUNT(*) FROM mysql.user WHERE User = '%s' AND Host = 'localhost'",
               user);
    int r = ask_number(s, &there, &accounts, d);
    if (r < 0)
        return r;
    s->is_there = accounts > 0;
    buf_printf(&more,
               "SELECT (SELECT COUNT(*) FROM information_schema.USER_PRIVILEGES"
               " WHERE GRANTEE = '''%s''@''localhost''' AND PRIVILEGE_TYPE <> 'USAGE')"
               " + (SELECT COUNT(*) FROM information_schema.SCHEMA_PRIVILEGES"
               " WHERE GRANTEE = '''%s''@''localhost''')"
               " + (SELECT COUNT(*) FROM information_schema.TABLE_PRIVILEGES"
               " WHERE GRANTEE = '''%s''@''localhost''')"
               " + (SELECT COUNT(*) FROM information_schema.COLUMN_PRIVILEGES"
               " WHERE GRANTEE = '''%s''@''localhost''' AND (PRIVILEGE_TYPE <> 'SELECT'"
               " OR IS_GRANTABLE = 'YES' OR TABLE_SCHEMA <> '%s'))",
               user, user, user, user, s->o->database_name);
    r = ask_number(s, &more, &others, d);
    if (r == 0 && others > 0)
        r = diag_set(d, -EINVAL,
                     "the database has an account %s@localhost with %" PRId64
                     " other rights: it is somebody's. Name another in database_user",
                     user, others);
    return r;
}

/* ---- The database: what is done --------------------------------------------------------- */

static int run(struct setup *s, const struct buf *sql, struct diag *d)
{
    int r = buf_error(sql);
    if (r < 0)
        return diag_set(d, r, "out of memory");
    r = say(d, "%s;", buf_str(sql));
    if (r == 0 && !s->is_dry_run)
        r = psa_db_run(s->db, buf_str(sql), d);
    if (r == -EOPNOTSUPP)
        diag_within(d,
                    "the database cannot believe a socket yet: run \"%s\" in it and try again",
                    s->is_mariadb ? "INSTALL SONAME 'auth_socket'"
                                  : "INSTALL PLUGIN auth_socket SONAME 'auth_socket.so'");
    return r;
}

static int run_text(struct setup *s, struct diag *d, const char *fmt, ...) PRINTF_LIKE(3, 4);
static int run_text(struct setup *s, struct diag *d, const char *fmt, ...)
{
    char text[STATEMENT_BYTES];
    AUTO(buf) struct buf sql = BUF_INIT(STATEMENT_BYTES);
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (n < 0 || (size_t)n >= sizeof text)
        return diag_set(d, -ERANGE, "a statement is too long");
    buf_add(&sql, text, (size_t)n);
    return run(s, &sql, d);
}

/* Two connections at most: a look has one, and one that hangs may be left of the look before.
 */
#define LIMIT "WITH MAX_USER_CONNECTIONS 2"

static int make_account(struct setup *s, struct diag *d)
{
    const char *user = s->o->database_user;
    bool has_password = s->o->database_password_file[0] != '\0';
    if (has_password && s->db && !s->is_there)
        return diag_set(
            d, -EINVAL,
            "database_password_file is set, and there is no account %s@localhost: "
            "make it with that password (CREATE USER '%s'@'localhost' IDENTIFIED BY "
            "'…') and run this again, or set the file to \"\"",
            user, user);
    if (s->is_mariadb) /* one statement makes or changes it, in every version */
        return run_text(s, d, "GRANT USAGE ON *.* TO '%s'@'localhost' %s" LIMIT, user,
                        has_password ? "" : "IDENTIFIED VIA unix_socket ");
    if (has_password)
        return run_text(s, d, "ALTER USER '%s'@'localhost' " LIMIT, user);
    int r = run_text(
        s, d, "CREATE USER IF NOT EXISTS '%s'@'localhost' IDENTIFIED WITH auth_socket", user);
    return r < 0 ? r
                 : run_text(s, d,
                            "ALTER USER '%s'@'localhost' IDENTIFIED WITH auth_socket " LIMIT,
                            user);
}

/* The columns of one table, which stand together in the list: from `first` on; returns where
 * the next table's begin. */
static unsigned add_columns(const struct setup *s, unsigned first, struct buf *sql)
{
    unsigned i = first;
    for (; i < PSA_COLUMNS && strcmp(psa_columns[i].table, psa_columns[first].table) == 0;
         i++) {
        if (s->seen & PSA_BIT(i))
            buf_printf(sql, "%s%s", sql->len > 0 ? ", " : "", psa_columns[i].column);
    }
    return i;
}

static int give_rights(struct setup *s, struct diag *d)
{
    const char *user = s->o->database_user;
    int r = run_text(s, d, "REVOKE ALL PRIVILEGES, GRANT OPTION FROM '%s'@'localhost'", user);
    for (unsigned i = 0; i < PSA_COLUMNS && r == 0;) {
        AUTO(buf) struct buf columns = BUF_INIT(STATEMENT_BYTES);
        const char *table = psa_columns[i].table;
        i = add_columns(s, i, &columns);
        if (columns.len > 0)
            r = run_text(s, d, "GRANT SELECT (%s) ON `%s`.`%s` TO '%s'@'localhost'",
                         buf_str(&columns), s->o->database_name, table, user);
    }
    return r;
}

/* What the database is; guessed where it cannot be asked and nothing is to be done. */
static int look_at_database(struct setup *s, struct diag *d)
{
    int r = open_as_root(s->o, &s->db, d);
    if (r < 0 && !s->is_dry_run)
        return r;
    if (r < 0) {
        s->is_mariadb = true;
        s->seen = (PSA_BIT(PSA_COLUMNS) - 1) &
                  ~(PSA_BIT(PSA_DOMAINALIASES_DOM_ID) | PSA_BIT(PSA_DOMAINALIASES_MAIL));
        return say(d,
                   "# the database could not be asked (%s); on a MariaDB with a present\n"
                   "# Plesk these would be run:",
                   d->text);
    }
    s->is_mariadb = psa_db_is_mariadb(s->db);
    r = psa_schema_read(s->db, &s->seen, d);
    if (r == 0 && !(s->seen & PSA_BIT(PSA_MAIL_POSTBOX)))
        r = diag_set(d, -ENOENT,
                     "the database %s has no mailboxes in it (mail.postbox): it is not Plesk's",
                     s->o->database_name);
    return r == 0 ? check_account(s, d) : r;
}

static int set_up_database(struct setup *s, struct diag *d)
{
    int r = look_at_database(s, d);
    if (r == 0)
        r = make_account(s, d);
    return r == 0 ? give_rights(s, d) : r;
}

/* ---- All of it -------------------------------------------------------------------------- */

int psa_setup(const struct options *o, bool is_dry_run)
{
    AUTO(setup) struct setup s = {.o = o, .is_dry_run = is_dry_run};
    struct diag d = {""};
    if (!is_dry_run && geteuid() != 0)
        return look_fail(EX_NOPERM, "setup: only root can do this (--dry-run shows it)");
    int r = check_names(o, &d);
    if (r < 0)
        return look_fail(exit_code(r), "setup: %s", d.text);
    /* Each is of use without the other. */
    int group = set_up_group(&s, &d);
    if (group < 0)
        (void)look_fail(exit_code(group), "setup: %s", d.text);
    r = set_up_database(&s, &d);
    if (r < 0)
        (void)look_fail(exit_code(r), "setup: %s", d.text);
    return exit_code(group < 0 ? group : r);
}
