/*
 * Writes the planned world straight into a store's tables: through put_report it would take
 * hours. Servers have numbers in the order in which they enrolled, which says nothing of their
 * licences' numbers.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench/bench.h"
#include "bench/plan.h"
#include "store/store.h"
#include "support/seed.h"

#define YEAR_S (INT64_C(365) * 86400)

struct world {
    sqlite3 *db;
    int64_t n;
    uint32_t *server_turn; /* licence -> its server's place in the order of enrolment */
    int64_t sightings, mail_rows;
};

/* A random order. */
static uint32_t *shuffle(int64_t n, uint64_t seed)
{
    struct rng r = {.state = seed};
    uint32_t *turn = calloc((size_t)n, sizeof *turn);
    if (!turn)
        bench_die("out of memory");
    for (int64_t i = 0; i < n; i++)
        turn[i] = (uint32_t)i;
    for (int64_t i = n - 1; i > 0; i--) {
        int64_t k = (int64_t)rng_below(&r, (uint64_t)i + 1);
        uint32_t x = turn[i];
        turn[i] = turn[k];
        turn[k] = x;
    }
    return turn;
}

static int64_t server_number(const struct world *w, int64_t license, bool is_second)
{
    return 1 + (is_second ? w->n : 0) + w->server_turn[license];
}

/* As the store does: a server's machines by a running number. */
static int64_t machine_number(const struct world *w, int64_t license,
                              const struct plan_machine *m)
{
    return server_number(w, license, m->is_second_server) << 20 | (m->slot + 1);
}

static void bind_address(sqlite3_stmt *st, int at, const struct addr *a)
{
    uint8_t bytes[17] = {a->family};
    size_t n = addr_len(a);
    memcpy(bytes + 1, a->bytes, n);
    sqlite3_bind_blob(st, at, bytes, (int)n + 1, SQLITE_TRANSIENT);
}

static void reseller_name(int64_t reseller, char out[static 16])
{
    (void)snprintf(out, 16, "r%03d", (int)reseller);
}

/* ---- The estate ------------------------------------------------------------------------ */

static void put_resellers(const struct world *w)
{
    sqlite3_stmt *reseller =
        raw_prepare(w->db, "INSERT INTO reseller VALUES(?1, ?1, 'am', NULL, 1, 'EUR', 0)");
    sqlite3_stmt *network =
        raw_prepare(w->db, "INSERT INTO network VALUES(?1, ?2, ?3, ?4, ?5, 0)");
    const int64_t always[] = {WALL_BEGIN.s, WALL_END.s};
    char name[16];

    for (int r = 0; r < PLAN_RESELLERS; r++) {
        struct addr v4 = {ADDR_IPV4, {5, (uint8_t)r}};
        struct addr v6 = {ADDR_IPV6, {0x2a, 0x02, (uint8_t)r}};
        reseller_name(r, name);
        raw_text(reseller, 1, name);
        raw_run(reseller);
        raw_text(network, 1, name);
        raw_ints(network, 4, 2, always);
        bind_address(network, 2, &v4);
        raw_ints(network, 3, 1, &(int64_t){16});
        raw_run(network);
        bind_address(network, 2, &v6);
        raw_ints(network, 3, 1, &(int64_t){32});
        raw_run(network);
    }
    sqlite3_finalize(reseller);
    sqlite3_finalize(network);
    raw_exec(w->db, "INSERT INTO manager VALUES('am', 'Account manager', 'am@example.net', 1);"
                    "INSERT INTO tariff VALUES(0, '', 'EUR', 0, 12500000, 1),"
                    " (1, '', 'EUR', 0, 500000, 100);");
}

static license_t license_number(int64_t license)
{
    license_t l;
    if (license_from_number(license + 1, &l) != 0)
        bench_die("no licence has the number %lld", (long long)license);
    return l;
}

static void put_license_rows(const struct world *w)
{
    sqlite3_stmt *row = raw_prepare(
        w->db, "INSERT INTO license_entry VALUES(?1, ?2, ?3, ?4, 'plesk-unified', ?5)");
    sqlite3_stmt *move = raw_prepare(w->db, "INSERT INTO move VALUES(?1, ?2, ?3, '')");
    struct term moved = plan_move();
    char name[16];

    for (int64_t i = 0; i < w->n; i++) {
        struct addr own = plan_address(i);
        int64_t code = license_number(i).code;
        reseller_name(plan_reseller(i), name);
        raw_ints(row, 1, 3, (int64_t[]){code, PLAN_BEGIN.s - YEAR_S, WALL_END.s});
        raw_text(row, 4, name);
        if (i % 5 == 3) /* a fifth is bound at the vendor */
            bind_address(row, 5, &own);
        else
            sqlite3_bind_null(row, 5);
        raw_run(row);
        if (plan_plant(i) == PLANT_MOVE) {
            raw_ints(move, 1, 3, (int64_t[]){code, moved.from.s, moved.to.s});
            raw_run(move);
        }
    }
    sqlite3_finalize(row);
    sqlite3_finalize(move);
}

/* ---- Servers and machines -------------------------------------------------------------- */

/* Nine of ten enrolled, the tenth is known by the estate alone. */
static void put_server(const struct world *w, sqlite3_stmt *server, sqlite3_stmt *entry,
                       int64_t license, bool is_second)
{
    char name[40], reseller[16];
    bool is_enrolled = license % 10 != 7;

    (void)snprintf(name, sizeof name, "%s-%07lld", is_second ? "new" : "srv",
                   (long long)license);
    reseller_name(plan_reseller(license), reseller);
    raw_ints(server, 1, 1, &(int64_t){server_number(w, license, is_second)});
    raw_text(server, 2, name);
    raw_text(server, 3, is_enrolled ? reseller : NULL);
    if (is_enrolled)
        raw_ints(server, 4, 1, &(int64_t){PLAN_BEGIN.s - 86400});
    else
        sqlite3_bind_null(server, 4);
    raw_run(server);
    if (is_enrolled)
        return;
    raw_ints(
        entry, 1, 3,
        (int64_t[]){server_number(w, license, is_second), PLAN_BEGIN.s - YEAR_S, WALL_END.s});
    raw_text(entry, 4, reseller);
    raw_ints(entry, 5, 1, &(int64_t){WALL_END.s});
    raw_run(entry);
}

static void put_servers(const struct world *w)
{
    sqlite3_stmt *server =
        raw_prepare(w->db, "INSERT INTO server(id, name, enrolled_reseller, enrolled_at)"
                           " VALUES(?1, ?2, ?3, ?4)");
    sqlite3_stmt *entry =
        raw_prepare(w->db, "INSERT INTO server_entry VALUES(?1, ?2, ?3, ?4, ?5)");

    for (int64_t i = 0; i < w->n; i++) {
        struct plan p;
        plan_license(i, &p);
        put_server(w, server, entry, i, false);
        if (p.machines[p.n_machines - 1].is_second_server)
            put_server(w, server, entry, i, true);
    }
    sqlite3_finalize(server);
    sqlite3_finalize(entry);
}

/* One machine in fifty could not see all of the last day. */
static void put_machines(const struct world *w)
{
    sqlite3_stmt *machine = raw_prepare(w->db, "INSERT INTO machine VALUES(?1, ?2, ?3)");
    sqlite3_stmt *gap = raw_prepare(w->db, "INSERT INTO gap VALUES(?1, 0, ?2, ?3, 120)");
    struct rng r = {.state = 2};

    for (int64_t i = 0; i < w->n; i++) {
        struct plan p;
        plan_license(i, &p);
        for (size_t m = 0; m < p.n_machines; m++) {
            int64_t number = machine_number(w, i, &p.machines[m]);
            uint64_t boot[2] = {rng_next(&r), rng_next(&r)};
            raw_ints(machine, 1, 2,
                     (int64_t[]){number, server_number(w, i, p.machines[m].is_second_server)});
            sqlite3_bind_blob(machine, 3, boot, sizeof boot, SQLITE_TRANSIENT);
            raw_run(machine);
            if (rng_below(&r, 50) != 0)
                continue;
            raw_ints(gap, 1, 3, (int64_t[]){number, PLAN_END.s - 86400, PLAN_END.s - 82800});
            raw_run(gap);
        }
    }
    sqlite3_finalize(machine);
    sqlite3_finalize(gap);
}

/* ---- Evidence -------------------------------------------------------------------------- */

static void put_sightings(struct world *w)
{
    sqlite3_stmt *st =
        raw_prepare(w->db, "INSERT INTO sighting VALUES(?1, ?2, ?3, ?4, ?5, ?6)");

    for (int64_t i = 0; i < w->n; i++) {
        struct plan p;
        plan_license(i, &p);
        for (size_t k = 0; k < p.n_sightings; k++) {
            const struct plan_sighting *s = &p.sightings[k];
            raw_ints(st, 1, 2,
                     (int64_t[]){license_number(i).code,
                                 machine_number(w, i, &p.machines[s->machine])});
            bind_address(st, 3, &s->address);
            raw_ints(st, 4, 3,
                     (int64_t[]){(int64_t)s->source, s->seen.first.s, s->seen.last.s});
            raw_run(st);
        }
        w->sightings += (int64_t)p.n_sightings;
    }
    sqlite3_finalize(st);
}

/* Six stretches of a domain's counts; every hundredth domain ends above its limit. */
static void put_mail_rows(struct world *w)
{
    sqlite3_stmt *entry =
        raw_prepare(w->db, "INSERT INTO domain_entry VALUES(?1, ?2, ?3, ?4, 1000)");
    sqlite3_stmt *row = raw_prepare(
        w->db, "INSERT INTO mail_row VALUES(?1, ?2, ?3, 10, 1, 0, 0, 0, 1, ?4, ?5)");
    char name[40], reseller[16];

    for (int64_t d = 0; d < w->n / PLAN_LICENSES_A_DOMAIN; d++) {
        int64_t license = d * PLAN_LICENSES_A_DOMAIN, server = server_number(w, license, false);
        (void)snprintf(name, sizeof name, "d%07lld.example.net", (long long)d);
        reseller_name(plan_reseller(license), reseller);
        raw_text(entry, 1, name);
        raw_ints(entry, 2, 2, (int64_t[]){PLAN_BEGIN.s - YEAR_S, WALL_END.s});
        raw_text(entry, 4, reseller);
        raw_run(entry);
        for (int64_t i = 0; i < 6; i++, w->mail_rows++) {
            int64_t from = PLAN_END.s - (6 - i) * 10 * 86400;
            int64_t count = i == 5 && plan_domain_is_over(d) ? 1500 : 100 + d % 800 + i;
            raw_text(row, 1, name);
            raw_ints(row, 2, 4, (int64_t[]){server, count, from, from + 10 * 86400 - 900});
            raw_run(row);
        }
    }
    sqlite3_finalize(entry);
    sqlite3_finalize(row);
}

static void make_store(const char *path)
{
    struct store *s = NULL;
    struct diag d = {""};
    AUTO_FREE char *url = NULL;

    if (access(path, F_OK) == 0)
        bench_die("%s is there already", path);
    if (asprintf(&url, "sqlite:%s", path) < 0 || store_open(url, STORE_CREATE, &s, &d) < 0)
        bench_die("%s: %s", path, d.text);
    store_close(s);
}

static void put_tally(const struct world *w)
{
    sqlite3_stmt *st = raw_prepare(
        w->db, "UPDATE tally SET first = (SELECT min(first) FROM sighting), sightings = ?1,"
               " mail_rows = ?2");
    raw_ints(st, 1, 2, (int64_t[]){w->sightings, w->mail_rows});
    raw_run(st);
    sqlite3_finalize(st);
}

int bench_generate(const char *path, int64_t licenses)
{
    if (licenses > PLAN_LICENSES_MOST)
        bench_die("at most %d licences", PLAN_LICENSES_MOST);
    make_store(path);
    struct world w = {.db = raw_open(path), .n = licenses};
    w.server_turn = shuffle(licenses, 1);
    raw_exec(w.db, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
                   "PRAGMA foreign_keys = OFF; PRAGMA cache_size = -1000000; BEGIN;");
    put_resellers(&w);
    put_license_rows(&w);
    put_servers(&w);
    put_machines(&w);
    put_sightings(&w);
    put_mail_rows(&w);
    put_tally(&w);
    raw_exec(w.db, "COMMIT; PRAGMA journal_mode = WAL;");
    if (sqlite3_close(w.db) != SQLITE_OK)
        bench_die("%s cannot be closed", path);
    free(w.server_turn);
    bench_value("licences", licenses);
    bench_value("sightings", w.sightings);
    return 0;
}
