/*
 * A connection to Plesk's database, by the server's own socket on this host and by nothing
 * else. The only place that knows libmariadb. No file with options is read, no file is ever
 * sent, and a server that asks for the password in the clear does not get it.
 */
#ifndef PLESK_PSA_DB_H
#define PLESK_PSA_DB_H

#include "base/diag.h"
#include "base/text.h"
#include "options/options.h"

struct psa_db;

struct psa_login {
    const char *socket, *user;
    const char *password; /* NULL = none: the server believes the socket */
    const char *database; /* NULL = none */
};

/* Of the files that hold one: their first line. */
#define PSA_PASSWORD_SIZE 512
/* 0; -EACCES: others than its owner and group can read or write the file; -ERANGE; -errno; with
 * what to do in d. Whoever calls wipes it. */
MUST_USE int psa_password_read(const char *path, char ret[static PSA_PASSWORD_SIZE],
                               struct diag *d);

/* The first of the options' sockets that is there; borrowed from them. NULL: none, see d. */
const char *psa_socket_find(const struct options *o, struct diag *d);

/* 0; -EACCES: refused; -ENOENT: no such database; -EIO: no server, or one that does not answer;
 * with what to do in d; -ENOMEM. */
MUST_USE int psa_db_open(const struct psa_login *login, struct psa_db **ret, struct diag *d);
void psa_db_free(struct psa_db *db);
static inline void psa_db_done(struct psa_db **db)
{
    psa_db_free(*db);
}

/* Or MySQL, whose words for accounts are others. */
bool psa_db_is_mariadb(const struct psa_db *db);

/* A statement without rows. 0; -EACCES; -EOPNOTSUPP: the server has no way to believe a socket;
 * -EIO; with the server's reason in d. */
MUST_USE int psa_db_run(struct psa_db *db, const char *sql, struct diag *d);

/* One row: as many values as were asked for; .p is NULL for SQL's NULL. Negative ends it, with
 * the reason in d. */
typedef int psa_row_fn(void *arg, const struct text *values, struct diag *d);

struct psa_question {
    const char *sql;
    size_t columns;
    psa_row_fn *row;
    void *arg;
};

/* Each row as it arrives; the whole connection has a minute. As psa_db_run(), and what `row`
 * returned; after an error nothing more can be asked. */
MUST_USE int psa_db_rows(struct psa_db *db, const struct psa_question *q, struct diag *d);

#endif
