/*
 * Pruning. The latest stretch of each licence, domain and server stays, so that "never seen"
 * and "silent since" stay true; two that end at the same moment are both the latest.
 *
 * Of enrolment go renewals in the trail, but each server's last (the table itself refuses to
 * lose more), and tokens that let nobody in any more: expired, or used up so long ago that no
 * answer to a use can still be on its way. A revoked token goes as any other.
 *
 * Of mails goes what was sent; that it was sent stays.
 */
#include "store/sqlite_backend.h"

/* What is kept is worked out first: a query per row would read a licence's rows for each of
 * them. The temporary tables are of this connection alone. */
static const char work_out[] =
    "CREATE TEMP TABLE kept_license(license INTEGER PRIMARY KEY, last INTEGER NOT NULL);"
    "INSERT INTO kept_license SELECT license, max(last) FROM sighting GROUP BY license;"
    "CREATE TEMP TABLE kept_domain(domain TEXT PRIMARY KEY, last INTEGER NOT NULL)"
    " WITHOUT ROWID;"
    "INSERT INTO kept_domain SELECT domain, max(last) FROM mail_row GROUP BY domain;"
    /* Of servers by what each table says of them. */
    "CREATE TEMP TABLE kept_server(server INTEGER PRIMARY KEY, sighted INTEGER,"
    " counted INTEGER, received INTEGER);"
    "INSERT INTO kept_server(server) SELECT id FROM server;"
    "UPDATE kept_server SET sighted = x.last FROM"
    " (SELECT m.server, max(s.last) AS last FROM sighting s JOIN machine m ON m.id = s.machine"
    "  GROUP BY m.server) x WHERE x.server = kept_server.server;"
    "UPDATE kept_server SET counted = x.last FROM"
    " (SELECT server, max(last) AS last FROM mail_row GROUP BY server) x"
    " WHERE x.server = kept_server.server;"
    "UPDATE kept_server SET received = x.last FROM"
    " (SELECT m.server, max(r.received) AS last FROM report r JOIN machine m ON m.id = "
    "r.machine"
    "  GROUP BY m.server) x WHERE x.server = kept_server.server;";

static const char clean_up[] = "DROP TABLE IF EXISTS temp.kept_license;"
                               "DROP TABLE IF EXISTS temp.kept_domain;"
                               "DROP TABLE IF EXISTS temp.kept_server;";

#define DEAD_TOKENS                                                                            \
    "SELECT t.id FROM token t WHERE t.expires < ?1 OR (t.used >= t.uses AND t.created < ?1"    \
    " AND NOT EXISTS(SELECT 1 FROM token_use u JOIN server s ON s.id = u.server"               \
    "  WHERE u.token = t.id AND (s.enrolled_at >= ?1 OR s.certs_from >= ?1)))"

static const char *const deletions[] = {
    "DELETE FROM sighting WHERE last < ?1"
    " AND last < (SELECT k.last FROM kept_license k WHERE k.license = sighting.license)"
    " AND last < (SELECT k.sighted FROM kept_server k JOIN machine m ON m.server = k.server"
    "  WHERE m.id = sighting.machine)",
    "DELETE FROM mail_row WHERE last < ?1"
    " AND last < (SELECT k.last FROM kept_domain k WHERE k.domain = mail_row.domain)"
    " AND last < (SELECT k.counted FROM kept_server k WHERE k.server = mail_row.server)",
    "DELETE FROM gap WHERE last < ?1",
    "DELETE FROM fork WHERE at < ?1",
    /* Counters this old are past telling a fork; the last receipt is what a server is known by.
     */
    "DELETE FROM report WHERE received < ?1"
    " AND received < (SELECT k.received FROM kept_server k JOIN machine m ON m.server = "
    "k.server"
    "  WHERE m.id = report.machine)",
    "DELETE FROM event WHERE at < ?1 AND what = 'renewed'"
    " AND EXISTS(SELECT 1 FROM event e WHERE e.server = event.server"
    "  AND e.sequence > event.sequence AND e.what = 'renewed')",
    /* From the messages that are still there: of mails there are those of years. */
    "DELETE FROM outbox_message WHERE EXISTS(SELECT 1 FROM outbox o"
    " WHERE o.id = outbox_message.mail AND o.state <> 0 AND o.settled < ?1)",
    "DELETE FROM token_use WHERE token IN (" DEAD_TOKENS ")",
    "DELETE FROM token WHERE id IN (" DEAD_TOKENS ")",
};

static const char recount[] =
    "UPDATE tally SET sightings = (SELECT count(*) FROM sighting),"
    " mail_rows = (SELECT count(*) FROM mail_row),"
    " first = (SELECT min(x) FROM (SELECT min(first) AS x FROM sighting"
    "  UNION ALL SELECT min(first) FROM mail_row))";

static int prune(struct lite_store *s, wall_t before, int64_t *ret_rows)
{
    int64_t rows = 0;
    int r = lite_exec(s, work_out);
    for (size_t i = 0; i < ARRAY_LEN(deletions) && r == 0; i++) {
        r = lite_exec_int(s, deletions[i], before.s);
        rows += sqlite3_changes64(s->db);
    }
    if (r == 0)
        r = lite_exec(s, clean_up);
    if (r == 0)
        r = lite_exec(s, recount);
    if (r == 0)
        *ret_rows = rows;
    return r;
}

int lite_prune(struct store *store, wall_t before, int64_t *ret_rows)
{
    struct lite_store *s = lite_of(store);
    int r = lite_writable(s);
    if (r < 0)
        return r;
    r = prune(s, before, ret_rows);
    /* All is counted anew: what this transaction added before is in it. */
    s->more_sightings = 0;
    s->more_mail_rows = 0;
    s->earliest = WALL_END;
    return r;
}
