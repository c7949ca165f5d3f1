/* Reading an estate from a folder of CSV files: the same columns, the same rules. */
#include "sample.h"

SUITE(estate_csv);

struct file {
    const char *table, *text;
};

static int read_files(struct estate *e, const struct file *files, size_t n, struct bench *b)
{
    for (size_t i = 0; i < n && files[i].table; i++) {
        char name[64];
        (void)snprintf(name, sizeof name, "%s.csv", files[i].table);
        int r = estate_read_csv(e, text_of(files[i].text), files[i].table, name, &b->d);
        if (r < 0)
            return r;
    }
    return 0;
}

static int import_files(struct bench *b, const struct file *files, size_t n)
{
    AUTO(estate) struct estate *e = NULL;
    b->d.text[0] = '\0';
    cr_assert_eq(estate_new(&b->zone, &e), 0);
    int r = read_files(e, files, n, b);
    return r < 0 ? r : bench_apply(b, e, true);
}

/* sample_estate, table by table; the columns in other orders, and every way to write a field.
 */
static const struct file sample_files[] = {
    {"account_managers", "id,name,email,language\r\nam1,Ann,ann@example.nl,nl\r\n"
                         "am2,Bob,bob@example.com,\r\n"},
    {"resellers", "\xef\xbb\xbf"
                  "name,id,account_manager,email,language,currency,billing,networks\n"
                  "One,r1,am1,r@one.nl,nl,EUR,live,2001:db8:1::/48; 203.0.113.0/24\n"
                  "Two,r2,am2,,,USD,trial,\n"
                  "Three,r3,am2,,,,,\n"},
    {"networks", "network,reseller,from,to,one_place\n"
                 "198.51.100.0/25,r1,2026-01-01,2026-06-01,true\n"
                 "198.51.100.0/25,r1,2026-06-01,,false\n"},
    {"licenses", "license,reseller,product,binding,from,to\n"
                 "PLSK.01234567,r1,\"Web Pro\",203.0.113.5,2026-01-01,\n"},
    {"domains", "domain,reseller,limit\nexample.nl,r1,2000"},
    {"servers", "server,reseller\nsrv-1,r1\n"},
    {"moves", "license,from,to,reason\n"
              "PLSK.01234567,2026-10-03T00:00:00Z,2026-10-20T00:00:00Z,new rack\n"},
    {"tariffs", "kind,reseller,currency,unit_price,block,from\n"
                "extra-ip,,EUR,12.50,,2027-01-01\n"},
};

Test(estate_csv, folder_says_the_same_as_the_json)
{
    AUTO(bench) struct bench b;
    bench_init(&b);
    cr_assert_eq(import_files(&b, sample_files, ARRAY_LEN(sample_files)), 0, "%s", b.d.text);
    cr_assert_eq(b.sum.added, 14);
    bench_must_import(&b, sample_estate);
    cr_assert_eq(b.sum.added + b.sum.changed + b.sum.removed, 0);
}

Test(estate_csv, nothing_at_all_is_refused)
{
    AUTO(estate) struct estate *e = NULL;
    struct zone zone;
    struct diag d;
    zone_init_utc(&zone);
    cr_assert_eq(estate_new(&zone, &e), 0);
    cr_assert_eq(estate_read_csv(e, (struct text){NULL, 0}, "moves", "m.csv", &d), -EBADMSG);
    cr_assert_str_eq(d.text, "m.csv:1:1: is empty: the first line must name the columns");
    cr_assert_eq(estate_read_json(e, (struct text){NULL, 0}, "m.json", NULL, &d), -EBADMSG);
}

Test(estate_csv, file_with_its_header_alone_empties_the_table)
{
    static const struct file none[] = {{"licenses", "license,reseller\n"}};
    AUTO(bench) struct bench b;
    bench_init(&b);
    bench_must_import(&b, sample_estate);
    cr_assert_eq(import_files(&b, none, 1), 0, "%s", b.d.text);
    cr_assert_eq(b.sum.removed, 1);
    cr_assert_eq(b.sum.rows[ESTATE_LICENSES], 0);
    cr_assert(b.sum.named[ESTATE_LICENSES]);
}

static const struct {
    struct file file;
    const char *says;
} refusals[] = {
    {{"license", "license\n"},
     "license.csv:1:1: there is no table \"license\"; there are account_"},
    {{"licenses", ""}, "licenses.csv:1:1: is empty"},
    {{"licenses", "license,reseller,color\n"},
     "licenses.csv:1:18: column \"color\" is not known; the columns of licenses are license, "
     "reseller, product, binding, from, to"},
    {{"licenses", "license,networks,reseller\n"}, "licenses.csv:1:9: column \"networks\""},
    {{"licenses", "license,reseller,license\n"},
     "licenses.csv:1:18: column \"license\" stands twice"},
    {{"resellers", "id,name,account_manager,networks,networks\n"},
     "resellers.csv:1:34: column \"networks\" stands twice"},
    {{"licenses", "license,product\n"}, "licenses.csv:1:1: reseller: this column is missing"},
    {{"licenses", "License,reseller\n"}, "licenses.csv:1:1: column \"License\" is not known"},
    {{"licenses", "license,reseller\nPLSK.00000001\n"},
     "licenses.csv:2:1: has 1 fields, the first line has 2"},
    {{"licenses", "license,reseller\nPLSK.00000001,\n"},
     "licenses.csv:2:15: reseller: must not be empty"},
    {{"licenses", "license,reseller\nPLSK.0000001,r1\n"},
     "licenses.csv:2:1: license: is \"PLSK.0000001\", must be a key number"},
    {{"licenses", "license,reseller\n PLSK.00000001,r1\n"},
     "licenses.csv:2:1: license: is \" PLSK.00000001\""},
    {{"licenses", "license,reseller,from,to\nPLSK.00000001,r1,2026-02-01,2026-01-01\n"},
     "licenses.csv:2:1: to: must be after `from`"},
    {{"licenses", "license,reseller,from\nPLSK.00000001,r1,01/02/2026\n"},
     "licenses.csv:2:18: from: is \"01/02/2026\", must be a date"},
    {{"licenses", "license,reseller\nPLSK.00000001,r9\n"},
     "licenses.csv:2:1: licence PLSK.00000001 names reseller \"r9\""},
    {{"licenses", "license,reseller\nPLSK.00000001,r1\n\"PLSK.00000001\",r2\n"},
     "licenses.csv:3:1: licence PLSK.00000001 has another entry in line 2, column 1"},
    {{"licenses", "license,reseller,product\nPLSK.00000001,r1,\"Web\nPro\"\n"},
     "licenses.csv:2:18: product: is \"Web\\x0aPro\""},
    {{"domains", "domain,reseller,limit\na.nl,r1,1.000\n"},
     "domains.csv:2:9: limit: is \"1.000\", must be 0 to 10000000"},
    {{"domains", "domain,reseller,limit\na.nl,r1,10000001\n"},
     "domains.csv:2:9: limit: is \"10000001\", must be 0 to 10000000"},
    {{"domains", "domain,reseller,limit\na.nl,r1,01\n"}, "domains.csv:2:9: limit: is \"01\""},
    {{"networks", "reseller,network,one_place\nr1,203.0.113.0/24,yes\n"},
     "networks.csv:2:19: one_place: is \"yes\", must be true or false"},
    {{"networks", "reseller,network\nr1,203.0.113.0/24\n"},
     "networks.csv:1:1: networks belong to the resellers: resellers.csv must be there too"},
    {{"resellers",
      "id,name,account_manager,networks\nr1,n,am1,203.0.113.0/24;203.0.113.1/32 x\n"},
     "resellers.csv:2:10: networks: is \"x\", must be a network"},
    {{"resellers",
      "id,name,account_manager,networks\nr1,n,am1,203.0.113.0/24 203.0.113.0/24\n"},
     "resellers.csv:2:10: network 203.0.113.0/24 of reseller \"r1\" has another entry"},
    {{"tariffs", "kind,currency,unit_price,from\noutside,EUR,\"12,50\",2026-01-01\n"},
     "tariffs.csv:2:13: unit_price: is \"12,50\", must be a decimal"},
};

Test(estate_csv, what_is_wrong_is_refused_with_its_place)
{
    AUTO(bench) struct bench b;
    bench_init(&b);
    bench_must_import(&b, sample_estate);
    AUTO_FREE char *before = dump_estate(b.s);
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        cr_assert_eq(import_files(&b, &refusals[i].file, 1), -EBADMSG, "%s",
                     refusals[i].file.text);
        cr_assert(strstr(b.d.text, refusals[i].says), "%s\n%s\nlacks: %s",
                  refusals[i].file.text, b.d.text, refusals[i].says);
    }
    AUTO_FREE char *after = dump_estate(b.s);
    cr_assert_str_eq(after, before);
}

Test(estate_csv, networks_of_both_files_may_not_overlap)
{
    static const struct file files[] = {
        {"networks", "reseller,network\nr1,203.0.113.0/24\n"},
        {"resellers", "id,name,account_manager,networks\nr1,n,am1,203.0.113.0/24\nr2,n,am1,\n"},
    };
    AUTO(bench) struct bench b;
    bench_init(&b);
    bench_must_import(&b, sample_estate);
    cr_assert_eq(import_files(&b, files, ARRAY_LEN(files)), -EBADMSG);
    cr_assert(
        strstr(b.d.text, "network 203.0.113.0/24 of reseller \"r1\" has another entry in"),
        "%s", b.d.text);
    cr_assert(strstr(b.d.text, "resellers.csv") && strstr(b.d.text, "networks.csv"), "%s",
              b.d.text);
}

Test(estate_csv, networks_of_an_unknown_reseller_are_refused)
{
    static const struct file files[] = {
        {"networks", "reseller,network\nr1,203.0.113.0/24\nr9,203.0.113.0/24\n"},
        {"resellers", "id,name,account_manager\nr1,n,am1\nr2,n,am1\nr3,n,am1\n"},
    };
    AUTO(bench) struct bench b;
    bench_init(&b);
    bench_must_import(&b, sample_estate);
    cr_assert_eq(import_files(&b, files, ARRAY_LEN(files)), -EBADMSG);
    cr_assert(strstr(b.d.text,
                     "networks.csv:3:1: network 203.0.113.0/24 of reseller \"r9\" names "
                     "reseller \"r9\""),
              "%s", b.d.text);
}
