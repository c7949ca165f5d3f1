/* The estate as a whole: nothing twice, nothing that overlaps, nothing that dangles. */
#include "sample.h"

SUITE(estate_check);

#define LICENSE(key, reseller, from, to)                                                       \
    "{\"license\": \"" key "\", \"reseller\": \"" reseller "\", \"from\": " from               \
    ", \"to\": " to "}"
#define NETWORK(net, from, to) "{\"network\": \"" net "\", \"from\": " from ", \"to\": " to "}"
#define RESELLER(id, manager, networks)                                                        \
    "{\"id\": \"" id "\", \"name\": \"n\", \"account_manager\": \"" manager                    \
    "\", \"networks\": [" networks "]}"
#define TWO(a, b) a ", " b
#define TWO_LICENSES(a, b) "{\"licenses\": [\n" a ",\n" b "]}"
/* The sample's resellers, the first of them as it is given. */
#define ALL_RESELLERS(before, r1)                                                              \
    "{\"resellers\": [\n" before r1                                                            \
    ",\n" RESELLER("r2", "am1", "") ",\n" RESELLER("r3", "am1", "") "]}"
#define ONE_WITH(networks) ALL_RESELLERS("", RESELLER("r1", "am1", networks))
#define DAY1 "\"2026-01-01\""
#define DAY2 "\"2026-02-01\""
#define DAY3 "\"2026-03-01\""

/* On top of the sample. An empty `says`: it is accepted. */
static const struct {
    const char *json, *says;
} rows[] = {
    /* Ids. */
    {"{\"account_managers\": [\n"
     "{\"id\": \"am1\", \"name\": \"a\", \"email\": \"a@b\"},\n"
     "{\"id\": \"am2\", \"name\": \"a\", \"email\": \"a@b\"},\n"
     "{\"id\": \"am1\", \"name\": \"c\", \"email\": \"a@b\"}]}",
     "e.json:4:1: account manager \"am1\" stands twice: it is in line 2, column 1 already"},
    {ALL_RESELLERS(RESELLER("r1", "am1", "") ", ", RESELLER("r1", "am1", "")),
     "e.json:2:70: reseller \"r1\" stands twice: it is in line 2, column 1 already"},
    /* Entries of one licence. */
    {TWO_LICENSES(LICENSE("PLSK.00000001", "r1", DAY1, DAY2),
                  LICENSE("PLSK.00000001", "r2", DAY2, DAY3)),
     ""},
    {TWO_LICENSES(LICENSE("PLSK.00000001", "r1", DAY2, "null"),
                  LICENSE("PLSK.00000001", "r2", "null", DAY2)),
     ""},
    {TWO_LICENSES(LICENSE("PLSK.00000001", "r1", DAY1, DAY3),
                  LICENSE("PLSK.00000001", "r2", DAY2, "null")),
     "e.json:3:1: licence PLSK.00000001 has another entry in line 2, column 1 whose time "
     "overlaps"},
    {TWO_LICENSES(LICENSE("PLSK.00000001", "r1", DAY1, "null"),
                  LICENSE("PLSK.00000001.0002", "r1", DAY1, "null")),
     "e.json:3:1: licence PLSK.00000001 has another entry in line 2, column 1"},
    {TWO_LICENSES(LICENSE("PLSK.00000001", "r1", DAY2, "null"),
                  LICENSE("PLSK.00000001", "r1", "null", "null")),
     "e.json:2:1: licence PLSK.00000001 has another entry in line 3, column 1"},
    /* Domains, in another spelling. */
    {"{\"domains\": [{\"domain\": \"example.nl\", \"reseller\": \"r1\"},\n"
     "{\"domain\": \"EXAMPLE.NL.\", \"reseller\": \"r2\"}]}",
     "e.json:2:1: domain example.nl has another entry in line 1, column 14"},
    /* Servers. */
    {"{\"servers\": [{\"server\": \"s\", \"reseller\": \"r1\", \"to\": " DAY2 "},\n"
     "{\"server\": \"s\", \"reseller\": \"r2\", \"from\": " DAY2 "}]}",
     ""},
    {"{\"servers\": [{\"server\": \"s\", \"reseller\": \"r1\", \"to\": " DAY2 "},\n"
     "{\"server\": \"s\", \"reseller\": \"r2\", \"from\": " DAY1 "}]}",
     "e.json:2:1: server \"s\" has another entry in line 1"},
    /* Networks: of one reseller and one network; a wider one is another network. */
    {ONE_WITH(TWO("\"203.0.113.0/24\"", "\"203.0.113.0/25\"")), ""},
    {ONE_WITH(
         TWO(NETWORK("203.0.113.0/24", "null", DAY2), NETWORK("203.0.113.0/24", DAY2, "null"))),
     ""},
    {ONE_WITH(TWO("\"203.0.113.0/24\"", "\"203.0.113.0/24\"")),
     "e.json:2:1: network 203.0.113.0/24 of reseller \"r1\" has another entry in line 2"},
    {ONE_WITH(
         TWO(NETWORK("203.0.113.0/24", DAY1, DAY3), NETWORK("203.0.113.0/24", DAY2, "null"))),
     "e.json:2:1: network 203.0.113.0/24 of reseller \"r1\" has another entry in line 2"},
    /* Moves. */
    {"{\"moves\": [{\"license\": \"PLSK.09999999\", \"from\": \"2026-01-01T00:00:00Z\",\n"
     "\"to\": \"2026-01-02T00:00:00Z\"},\n"
     "{\"license\": \"PLSK.09999999\", \"from\": \"2026-01-02T00:00:00Z\",\n"
     "\"to\": \"2026-01-03T00:00:00Z\"}]}",
     ""},
    {"{\"moves\": [{\"license\": \"PLSK.09999999\", \"from\": \"2026-01-01T00:00:00Z\",\n"
     "\"to\": \"2026-01-02T00:00:01Z\"},\n"
     "{\"license\": \"PLSK.09999999\", \"from\": \"2026-01-02T00:00:00Z\",\n"
     "\"to\": \"2026-01-03T00:00:00Z\"}]}",
     "e.json:3:1: move of licence PLSK.09999999 has another entry in line 1, column 12"},
    /* Tariffs. */
    {"{\"tariffs\": [\n"
     "{\"kind\": \"outside\", \"currency\": \"EUR\", \"unit_price\": \"1\", \"from\": " DAY1
     "},\n"
     "{\"kind\": \"outside\", \"currency\": \"USD\", \"unit_price\": \"1\", \"from\": " DAY1
     "},\n"
     "{\"kind\": \"outside\", \"currency\": \"EUR\", \"unit_price\": \"1\", \"from\": " DAY2
     "},\n"
     "{\"kind\": \"outside\", \"reseller\": \"r1\", \"currency\": \"EUR\",\n"
     " \"unit_price\": \"1\", \"from\": " DAY1 "}]}",
     ""},
    {"{\"tariffs\": [\n"
     "{\"kind\": \"outside\", \"currency\": \"EUR\", \"unit_price\": \"1\", \"from\": " DAY1
     "},\n"
     "{\"kind\": \"outside\", \"currency\": \"EUR\", \"unit_price\": \"2\", \"from\": " DAY1
     "}]}",
     "e.json:3:1: tariff for outside in EUR from 2026-01-01T00:00:00Z stands twice: it is in "
     "line 2"},
    /* References. */
    {"{\"resellers\": [\n" RESELLER("r1", "am9", "") "]}",
     "e.json:2:1: reseller \"r1\" names account manager \"am9\", which is not in the estate"},
    {"{\"licenses\": [\n" LICENSE("PLSK.00000001", "r9", DAY1, "null") "]}",
     "e.json:2:1: licence PLSK.00000001 names reseller \"r9\", which is not in the estate"},
    {"{\"domains\": [\n{\"domain\": \"a.nl\", \"reseller\": \"R1\"}]}",
     "e.json:2:1: domain a.nl names reseller \"R1\""},
    {"{\"servers\": [\n{\"server\": \"s\", \"reseller\": \"r\"}]}",
     "e.json:2:1: server \"s\" names reseller \"r\""},
    {"{\"tariffs\": [\n{\"kind\": \"outside\", \"reseller\": \"r9\", \"currency\": \"EUR\",\n"
     "\"unit_price\": \"1\", \"from\": " DAY1 "}]}",
     "e.json:2:1: tariff for outside in EUR of reseller \"r9\" from 2026-01-01T00:00:00Z "
     "names"},
    {"{\"account_managers\": [{\"id\": \"am1\", \"name\": \"a\", \"email\": \"a@b\"}]}",
     "e.json:1:1: leaves out account manager \"am2\", of whom the store still has resellers "
     "(reseller \"r2\")"},
    {"{\"resellers\": [\n" RESELLER("r2", "am1", "") "]}",
     "e.json:1:1: leaves out reseller \"r1\", of whom the store still has licences (licence "
     "PLSK.01234567): keep it, or import the licences without it at the same time"},
    {"{\"resellers\": [\n" RESELLER("r2", "am1", "") "], \"licenses\": []}",
     "of whom the store still has domains (domain example.nl)"},
    {"{\"resellers\": [\n" RESELLER("r2", "am1", "") "], \"licenses\": [], \"domains\": []}",
     "of whom the store still has servers (server \"srv-1\")"},
    {"{\"resellers\": [\n" RESELLER("r2", "am1", "") "], \"licenses\": [], \"domains\": [],\n"
                                                     "\"servers\": []}",
     ""},
    /* What is named at the same time counts, not what is stored. */
    {"{\"account_managers\": [{\"id\": \"z\", \"name\": \"a\", \"email\": \"a@b\"}],\n"
     "\"resellers\": [" RESELLER("q", "z", "") "],\n"
                                               "\"licenses\": [" LICENSE(
                                                   "PLSK.00000001", "q", DAY1,
                                                   "null") "],\n"
                                                           "\"domains\": [], \"servers\": []}",
     ""},
    {"{\"resellers\": [" RESELLER("q", "am1", "") "],\n\"licenses\": [\n" LICENSE(
         "PLSK.00000001", "r1", DAY1, "null") "], \"domains\": [], \"servers\": []}",
     "e.json:3:1: licence PLSK.00000001 names reseller \"r1\""},
};

Test(estate_check, estate_is_judged_as_it_would_stand)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(bench) struct bench b;
        bench_init(&b);
        bench_must_import(&b, sample_estate);
        AUTO_FREE char *before = dump_estate(b.s);
        int r = bench_import(&b, rows[i].json, NULL, true);
        if (!rows[i].says[0]) {
            cr_assert_eq(r, 0, "%s\n%s", rows[i].json, b.d.text);
            continue;
        }
        cr_assert_eq(r, -EBADMSG, "%s", rows[i].json);
        cr_assert(strstr(b.d.text, rows[i].says), "%s\n%s\nlacks: %s", rows[i].json, b.d.text,
                  rows[i].says);
        AUTO_FREE char *after = dump_estate(b.s);
        cr_assert_str_eq(after, before, "%s", rows[i].json);
    }
}

/* STORE_TENURES_MAX entries of one server are taken, one more is refused. */
Test(estate_check, server_changes_hands_so_often_and_no_more)
{
    for (int more = 0; more < 2; more++) {
        AUTO(bench) struct bench b;
        AUTO(buf) struct buf json = BUF_INIT(1 << 20);
        bench_init(&b);
        bench_must_import(&b, sample_estate);
        buf_add_str(&json, "{\"servers\": [");
        for (int i = 0; i < STORE_TENURES_MAX + more; i++)
            buf_printf(&json,
                       "%s{\"server\": \"s\", \"reseller\": \"r1\", \"from\": \"%d-01-01\", "
                       "\"to\": \"%d-01-01\"}",
                       i ? ",\n" : "", 2000 + i, 2001 + i);
        buf_add_str(&json, "]}");
        cr_assert_eq(bench_import(&b, buf_str(&json), NULL, true), more ? -EBADMSG : 0, "%s",
                     b.d.text);
        cr_assert_eq(strstr(b.d.text, "server \"s\" has more than 64 entries") != NULL, more,
                     "%s", b.d.text);
    }
}
