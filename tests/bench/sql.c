/*
 * Rule 6.1 as one would write it for a database: gaps and islands for each licence, machine and
 * unit with the bridge, then the moments at which anything changes, who is present between two
 * of them, and how long each level held. One liberty, in its favour: of machines and units it
 * takes the smaller number where the rule asks for a matching, which SQL cannot say.
 */
#include "audit/policy.h"
#include "bench/bench.h"
#include "bench/plan.h"

/* SPEC 1: what is no public IPv4 address, and what of IPv6 is; an address is its family and its
 * bytes. */
#define IS_PUBLIC                                                                              \
    "(CASE WHEN length(address) = 5 THEN NOT ("                                                \
    " address BETWEEN x'0400000000' AND x'0400ffffff'"                                         \
    " OR address BETWEEN x'040a000000' AND x'040affffff'"                                      \
    " OR address BETWEEN x'0464400000' AND x'04647fffff'"                                      \
    " OR address BETWEEN x'047f000000' AND x'047fffffff'"                                      \
    " OR address BETWEEN x'04a9fe0000' AND x'04a9feffff'"                                      \
    " OR address BETWEEN x'04ac100000' AND x'04ac1fffff'"                                      \
    " OR address BETWEEN x'04c0000000' AND x'04c00000ff'"                                      \
    " OR address BETWEEN x'04c0000200' AND x'04c00002ff'"                                      \
    " OR address BETWEEN x'04c0586300' AND x'04c05863ff'"                                      \
    " OR address BETWEEN x'04c0a80000' AND x'04c0a8ffff'"                                      \
    " OR address BETWEEN x'04c6120000' AND x'04c613ffff'"                                      \
    " OR address BETWEEN x'04c6336400' AND x'04c63364ff'"                                      \
    " OR address BETWEEN x'04cb007100' AND x'04cb0071ff'"                                      \
    " OR address >= x'04e0000000')"                                                            \
    " ELSE address BETWEEN x'0620' AND x'0640' AND NOT ("                                      \
    " address BETWEEN x'06200100' AND x'06200102'"                                             \
    " OR address BETWEEN x'0620010db8' AND x'0620010db9'"                                      \
    " OR address BETWEEN x'062002' AND x'062003'"                                              \
    " OR address BETWEEN x'063fff00' AND x'063fff10') END)"

/* ?1 P0, ?2 E, ?3 grace, ?4 period_min, ?5 flag_after, ?6 bridge, ?7 for ever. */
static const char rule[] =
    "WITH tenure AS ("
    " SELECT v.id AS server, x.reseller, max(x.begins, coalesce(v.enrolled_at, x.begins))"
    "  AS begins, x.ends FROM server v JOIN server_entry x ON x.server = v.id"
    " UNION ALL SELECT id, enrolled_reseller, enrolled_at, ?7 FROM server v"
    "  WHERE enrolled_reseller IS NOT NULL"
    "  AND NOT EXISTS(SELECT 1 FROM server_entry x WHERE x.server = v.id)),"
    " counted AS ("
    " SELECT s.license, s.machine,"
    "  CASE WHEN length(address) = 5 THEN address ELSE substr(address, 1, 9) END AS unit,"
    "  max(s.first, t.begins, e.begins) AS first, min(s.last, t.ends, e.ends, ?2) AS last"
    " FROM license_entry e JOIN sighting s ON s.license = e.license"
    "  JOIN machine m ON m.id = s.machine"
    "  JOIN tenure t ON t.server = m.server AND t.reseller = e.reseller"
    " WHERE s.source IN (0, 1, 2) AND " IS_PUBLIC
    "  AND max(s.first, t.begins, e.begins) <= min(s.last, t.ends, e.ends, ?2)),"
    /* Step 1: presence. */
    " marked AS ("
    " SELECT license, machine, unit, first, last,"
    "  first - max(last) OVER (PARTITION BY license, machine, unit ORDER BY first, last"
    "   ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) <= ?6 AS is_joined FROM counted),"
    " island AS ("
    " SELECT license, machine, unit, first, last, sum(is_joined IS NOT 1) OVER"
    "  (PARTITION BY license, machine, unit ORDER BY first, last ROWS UNBOUNDED PRECEDING)"
    "  AS island FROM marked),"
    " presence AS MATERIALIZED ("
    " SELECT license, machine, unit, length(unit) = 5 AS is_anchor,"
    "  max(min(first), ?1 - ?3) AS first, min(max(last), ?2) AS last FROM island"
    " GROUP BY license, machine, unit, island HAVING max(last) >= ?1 - ?3),"
    /* The moments at which anything changes, and the stretches between them. */
    " moment AS ("
    " SELECT license, first AS at FROM presence UNION SELECT license, last FROM presence"
    " UNION SELECT license, ?1 FROM presence"
    " UNION SELECT license, begins FROM move UNION SELECT license, ends FROM move),"
    " stretch AS MATERIALIZED ("
    " SELECT license, at AS first, lead(at) OVER (PARTITION BY license ORDER BY at) AS last"
    "  FROM moment),"
    /* Step 2: who is present, and which units count. */
    " present AS ("
    " SELECT s.license, s.first, s.last, p.machine, p.unit, p.is_anchor,"
    "  max(p.is_anchor) OVER (PARTITION BY s.license, s.first, p.machine) AS is_anchored"
    " FROM presence p JOIN stretch s ON s.license = p.license AND s.first >= p.first"
    "  AND s.last <= p.last"
    " WHERE NOT EXISTS(SELECT 1 FROM move m WHERE m.license = s.license"
    "  AND s.first >= m.begins AND s.first < m.ends)),"
    " marked_units AS ("
    " SELECT license, first, last, machine, unit, max(is_anchored AND NOT is_anchor) OVER"
    "  (PARTITION BY license, first, unit) AS is_second_stack FROM present),"
    /* Step 3: the level. */
    " level AS ("
    " SELECT license, first, last, min(count(DISTINCT machine),"
    "  count(DISTINCT CASE WHEN NOT is_second_stack THEN unit END)) - 1 AS level"
    " FROM marked_units GROUP BY license, first),"
    /* Step 4: sustained, else seen. */
    " held AS ("
    " SELECT license, level, sum(last - first) AS in_window,"
    "  sum(max(last - max(first, ?1), 0)) AS in_v FROM level WHERE level >= 1"
    " GROUP BY license, level),"
    " summed AS ("
    " SELECT license, level, sum(in_window) OVER down AS in_window, sum(in_v) OVER down AS in_v"
    " FROM held WINDOW down AS (PARTITION BY license ORDER BY level DESC))"
    " SELECT license, max(CASE WHEN in_window > ?3 AND in_v > ?4 THEN level END),"
    "  max(CASE WHEN in_v > ?5 THEN level END) FROM summed GROUP BY license";

int bench_sql(const char *path)
{
    struct meter m = meter_start();
    sqlite3 *db = raw_open(path);
    struct policy p;
    int64_t confirmed = 0, potential = 0, quantity = 0;

    policy_init(&p);
    raw_exec(db, "PRAGMA mmap_size = 0; PRAGMA cache_size = -65536;");
    sqlite3_stmt *st = raw_prepare(db, rule);
    /* October 2026 begins at 22:00Z of the day before in Amsterdam. */
    raw_ints(st, 1, 7,
             (int64_t[]){civil_to_days(2026, 9, 30) * 86400 + 22 * 3600, PLAN_END.s, p.grace.s,
                         p.period_min.s, p.flag_after.s, p.bridge.s, WALL_END.s});
    while (raw_next(st)) {
        bool is_confirmed = sqlite3_column_type(st, 1) != SQLITE_NULL;
        bool is_seen = sqlite3_column_type(st, 2) != SQLITE_NULL;
        confirmed += is_confirmed;
        potential += !is_confirmed && is_seen;
        quantity += sqlite3_column_int64(st, is_confirmed ? 1 : 2);
    }
    sqlite3_finalize(st);
    sqlite3_close(db);
    bench_value("confirmed", confirmed);
    bench_value("potential", potential);
    bench_value("quantity", quantity);
    meter_print(&m);
    return 0;
}
