/* What each table is made of: fields, order, when two rows meet, and its place in the store. */
#include "estate/estate_internal.h"

#include <string.h>

#define OFF(member) offsetof(struct estate_row, member)
#define LIMIT_DEFAULT 1000

static const struct field manager_fields[] = {
    {"id", FIELD_LABEL, OFF(manager.id), true, 1, CAP_ID},
    {"name", FIELD_LABEL, OFF(manager.name), true, 1, CAP_NAME},
    {"email", FIELD_EMAIL, OFF(manager.email), true, 0, 0},
    {"language", FIELD_LANGUAGE, OFF(manager.language), false, 0, 0},
};

static const struct field reseller_fields[] = {
    {"id", FIELD_LABEL, OFF(reseller.id), true, 1, CAP_ID},
    {"name", FIELD_LABEL, OFF(reseller.name), true, 1, CAP_NAME},
    {"account_manager", FIELD_LABEL, OFF(reseller.manager), true, 1, CAP_ID},
    {"email", FIELD_EMAIL, OFF(reseller.email), false, 0, 0},
    {"language", FIELD_LANGUAGE, OFF(reseller.language), false, 0, 0},
    {"currency", FIELD_CURRENCY, OFF(reseller.currency), false, 0, 0},
    {"billing", FIELD_BILLING, OFF(reseller.is_trial), false, 0, 0},
};

/* The reseller is the first: inside a reseller's own list it is left out. */
static const struct field network_fields[] = {
    {"reseller", FIELD_LABEL, OFF(network.reseller), true, 1, CAP_ID},
    {"network", FIELD_NETWORK, OFF(network.network), true, 0, 0},
    {"from", FIELD_DAY, OFF(network.valid.from), false, 0, 0},
    {"to", FIELD_DAY, OFF(network.valid.to), false, 0, 0},
    {"one_place", FIELD_BOOL, OFF(network.is_one_place), false, 0, 0},
};

static const struct field license_fields[] = {
    {"license", FIELD_LICENSE, OFF(license.license), true, 0, 0},
    {"reseller", FIELD_LABEL, OFF(license.reseller), true, 1, CAP_ID},
    {"product", FIELD_NOTE, OFF(license.product), false, 0, CAP_NAME},
    {"binding", FIELD_ADDRESS, OFF(license.binding), false, 0, 0},
    {"from", FIELD_DAY, OFF(license.valid.from), false, 0, 0},
    {"to", FIELD_DAY, OFF(license.valid.to), false, 0, 0},
};

static const struct field domain_fields[] = {
    {"domain", FIELD_DOMAIN, OFF(domain.domain), true, 0, 0},
    {"reseller", FIELD_LABEL, OFF(domain.reseller), true, 1, CAP_ID},
    {"limit", FIELD_INT, OFF(domain.limit), false, 0, CAP_REPORT_COUNT},
    {"from", FIELD_DAY, OFF(domain.valid.from), false, 0, 0},
    {"to", FIELD_DAY, OFF(domain.valid.to), false, 0, 0},
};

static const struct field server_fields[] = {
    {"server", FIELD_LABEL, OFF(server.server), true, 1, CAP_ID},
    {"reseller", FIELD_LABEL, OFF(server.reseller), true, 1, CAP_ID},
    {"from", FIELD_DAY, OFF(server.valid.from), false, 0, 0},
    {"to", FIELD_DAY, OFF(server.valid.to), false, 0, 0},
    {"retired", FIELD_RETIRED, OFF(server.retired), false, 0, 0},
};

static const struct field move_fields[] = {
    {"license", FIELD_LICENSE, OFF(move.license), true, 0, 0},
    {"from", FIELD_MOMENT, OFF(move.valid.from), true, 0, 0},
    {"to", FIELD_MOMENT, OFF(move.valid.to), true, 0, 0},
    {"reason", FIELD_NOTE, OFF(move.reason), false, 0, CAP_REASON},
};

static const struct field tariff_fields[] = {
    {"kind", FIELD_KIND, OFF(tariff.kind), true, 0, 0},
    {"reseller", FIELD_LABEL, OFF(tariff.reseller), false, 1, CAP_ID},
    {"currency", FIELD_CURRENCY, OFF(tariff.currency), true, 0, 0},
    {"unit_price", FIELD_PRICE, OFF(tariff.unit_price), true, 0, 0},
    {"block", FIELD_INT, OFF(tariff.block), false, 1, CAP_REPORT_COUNT},
    {"from", FIELD_DAY, OFF(tariff.from), true, 0, 0},
};

static int compare_ints(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

/* Of two texts of which either may be NULL; NULL first. */
static int compare_texts(const char *a, const char *b)
{
    if (!a || !b)
        return (a != NULL) - (b != NULL);
    return strcmp(a, b);
}

static bool same_term(struct term a, struct term b)
{
    return a.from.s == b.from.s && a.to.s == b.to.s;
}

/* ---- Account managers ---- */

static int manager_compare(const struct estate_row *a, const struct estate_row *b)
{
    return strcmp(a->manager.id, b->manager.id);
}

/* Holds for ever; any two of one subject meet. */
static struct term always(const struct estate_row *r)
{
    (void)r; /* no part of it says when */
    return (struct term){WALL_BEGIN, WALL_END};
}

static bool manager_equal(const struct estate_row *a, const struct estate_row *b)
{
    return strcmp(a->manager.name, b->manager.name) == 0 &&
           strcmp(a->manager.email, b->manager.email) == 0 &&
           a->manager.language == b->manager.language;
}

static const char *no_reference(const struct estate_row *r)
{
    (void)r; /* names nobody else */
    return NULL;
}

static void describe_id(const char *noun, const char *id, struct diag *ret)
{
    char quoted[TEXT_QUOTE_SIZE];
    (void)diag_set(ret, 0, "%s %s", noun, text_quote(text_of(id), quoted));
}

static void manager_describe(const struct estate_row *r, struct diag *ret)
{
    describe_id("account manager", r->manager.id, ret);
}

static int manager_next(struct store_scan *scan, struct estate_row *ret)
{
    return store_next_manager(scan, &ret->manager);
}

static int manager_put(struct store *s, const struct estate_row *r)
{
    return store_put_manager(s, &r->manager);
}

/* ---- Resellers ---- */

static int reseller_compare(const struct estate_row *a, const struct estate_row *b)
{
    return strcmp(a->reseller.id, b->reseller.id);
}

static bool reseller_equal(const struct estate_row *a, const struct estate_row *b)
{
    const struct estate_reseller *x = &a->reseller, *y = &b->reseller;
    return strcmp(x->name, y->name) == 0 && strcmp(x->manager, y->manager) == 0 &&
           compare_texts(x->email, y->email) == 0 && x->language == y->language &&
           strcmp(x->currency->code, y->currency->code) == 0 && x->is_trial == y->is_trial;
}

static const char *reseller_reference(const struct estate_row *r)
{
    return r->reseller.manager;
}

static void reseller_describe(const struct estate_row *r, struct diag *ret)
{
    describe_id("reseller", r->reseller.id, ret);
}

static int reseller_next(struct store_scan *scan, struct estate_row *ret)
{
    return store_next_reseller(scan, &ret->reseller);
}

static int reseller_put(struct store *s, const struct estate_row *r)
{
    return store_put_reseller(s, &r->reseller);
}

/* ---- Networks ---- */

static int network_row_compare(const struct estate_row *a, const struct estate_row *b)
{
    int order = strcmp(a->network.reseller, b->network.reseller);
    return order != 0 ? order : network_compare(&a->network.network, &b->network.network);
}

static struct term network_term(const struct estate_row *r)
{
    return r->network.valid;
}

static bool network_equal(const struct estate_row *a, const struct estate_row *b)
{
    return same_term(a->network.valid, b->network.valid) &&
           a->network.is_one_place == b->network.is_one_place;
}

static const char *network_reference(const struct estate_row *r)
{
    return r->network.reseller;
}

static void network_describe(const struct estate_row *r, struct diag *ret)
{
    char text[NETWORK_TEXT_SIZE], quoted[TEXT_QUOTE_SIZE];
    (void)diag_set(ret, 0, "network %s of reseller %s",
                   network_format(&r->network.network, text),
                   text_quote(text_of(r->network.reseller), quoted));
}

static int network_next(struct store_scan *scan, struct estate_row *ret)
{
    return store_next_network(scan, &ret->network);
}

static int network_put(struct store *s, const struct estate_row *r)
{
    return store_put_network(s, &r->network);
}

/* ---- Licences ---- */

static int license_compare(const struct estate_row *a, const struct estate_row *b)
{
    return compare_ints(a->license.license.code, b->license.license.code);
}

static struct term license_term(const struct estate_row *r)
{
    return r->license.valid;
}

static bool license_equal(const struct estate_row *a, const struct estate_row *b)
{
    const struct estate_license *x = &a->license, *y = &b->license;
    return strcmp(x->reseller, y->reseller) == 0 && strcmp(x->product, y->product) == 0 &&
           addr_compare(&x->binding, &y->binding) == 0 && same_term(x->valid, y->valid);
}

static const char *license_reference(const struct estate_row *r)
{
    return r->license.reseller;
}

static void license_describe(const struct estate_row *r, struct diag *ret)
{
    char text[LICENSE_TEXT_SIZE];
    (void)diag_set(ret, 0, "licence %s", license_format(r->license.license, text));
}

static int license_scan(struct store *s, struct store_scan **ret)
{
    return store_scan_licenses(s, LICENSES_ALL, ret);
}

static int license_next(struct store_scan *scan, struct estate_row *ret)
{
    return store_next_license(scan, &ret->license);
}

static int license_put(struct store *s, const struct estate_row *r)
{
    return store_put_license(s, &r->license);
}

/* ---- Domains ---- */

static int domain_compare(const struct estate_row *a, const struct estate_row *b)
{
    return strcmp(a->domain.domain, b->domain.domain);
}

static struct term domain_term(const struct estate_row *r)
{
    return r->domain.valid;
}

static bool domain_equal(const struct estate_row *a, const struct estate_row *b)
{
    return strcmp(a->domain.reseller, b->domain.reseller) == 0 &&
           a->domain.limit == b->domain.limit && same_term(a->domain.valid, b->domain.valid);
}

static const char *domain_reference(const struct estate_row *r)
{
    return r->domain.reseller;
}

static void domain_describe(const struct estate_row *r, struct diag *ret)
{
    (void)diag_set(ret, 0, "domain %s", r->domain.domain);
}

static int domain_scan(struct store *s, struct store_scan **ret)
{
    return store_scan_domains(s, DOMAINS_ALL, ret);
}

static int domain_next(struct store_scan *scan, struct estate_row *ret)
{
    return store_next_domain(scan, &ret->domain);
}

static int domain_put(struct store *s, const struct estate_row *r)
{
    return store_put_domain(s, &r->domain);
}

/* ---- Servers ---- */

static int server_compare(const struct estate_row *a, const struct estate_row *b)
{
    return strcmp(a->server.server, b->server.server);
}

static struct term server_term(const struct estate_row *r)
{
    return r->server.valid;
}

static bool server_equal(const struct estate_row *a, const struct estate_row *b)
{
    return strcmp(a->server.reseller, b->server.reseller) == 0 &&
           same_term(a->server.valid, b->server.valid) &&
           a->server.retired.s == b->server.retired.s;
}

static const char *server_reference(const struct estate_row *r)
{
    return r->server.reseller;
}

static void server_describe(const struct estate_row *r, struct diag *ret)
{
    describe_id("server", r->server.server, ret);
}

static int server_next(struct store_scan *scan, struct estate_row *ret)
{
    return store_next_estate_server(scan, &ret->server);
}

static int server_put(struct store *s, const struct estate_row *r)
{
    return store_put_estate_server(s, &r->server);
}

/* ---- Moves ---- */

static int move_compare(const struct estate_row *a, const struct estate_row *b)
{
    return compare_ints(a->move.license.code, b->move.license.code);
}

static struct term move_term(const struct estate_row *r)
{
    return r->move.valid;
}

static bool move_equal(const struct estate_row *a, const struct estate_row *b)
{
    return same_term(a->move.valid, b->move.valid) &&
           strcmp(a->move.reason, b->move.reason) == 0;
}

static void move_describe(const struct estate_row *r, struct diag *ret)
{
    char text[LICENSE_TEXT_SIZE];
    (void)diag_set(ret, 0, "move of licence %s", license_format(r->move.license, text));
}

static int move_scan(struct store *s, struct store_scan **ret)
{
    return store_scan_moves(s, LICENSES_ALL, ret);
}

static int move_next(struct store_scan *scan, struct estate_row *ret)
{
    return store_next_move(scan, &ret->move);
}

static int move_put(struct store *s, const struct estate_row *r)
{
    return store_put_move(s, &r->move);
}

/* ---- Tariffs ---- */

static int tariff_compare(const struct estate_row *a, const struct estate_row *b)
{
    const struct estate_tariff *x = &a->tariff, *y = &b->tariff;
    int order = compare_ints(x->kind, y->kind);
    if (order == 0)
        order = compare_texts(x->reseller, y->reseller);
    return order != 0 ? order : strcmp(x->currency->code, y->currency->code);
}

/* A tariff has no end: only two that begin at once are in each other's way. */
static struct term tariff_term(const struct estate_row *r)
{
    return (struct term){r->tariff.from, {r->tariff.from.s + 1}};
}

static bool tariff_equal(const struct estate_row *a, const struct estate_row *b)
{
    return a->tariff.unit_price.micro == b->tariff.unit_price.micro &&
           a->tariff.block == b->tariff.block;
}

static const char *tariff_reference(const struct estate_row *r)
{
    return r->tariff.reseller;
}

static void tariff_describe(const struct estate_row *r, struct diag *ret)
{
    char from[WALL_TEXT_SIZE], quoted[TEXT_QUOTE_SIZE] = "";
    if (r->tariff.reseller)
        (void)text_quote(text_of(r->tariff.reseller), quoted);
    (void)diag_set(ret, 0, "tariff for %s in %s%s%s from %s", charge_kind_name(r->tariff.kind),
                   r->tariff.currency->code, r->tariff.reseller ? " of reseller " : "", quoted,
                   wall_format(r->tariff.from, from));
}

static int tariff_next(struct store_scan *scan, struct estate_row *ret)
{
    return store_next_tariff(scan, &ret->tariff);
}

static int tariff_put(struct store *s, const struct estate_row *r)
{
    return store_put_tariff(s, &r->tariff);
}

#define FIELDS(list) .fields = (list), .n_fields = ARRAY_LEN(list)
#define ALL_TIME                                                                               \
    {                                                                                          \
        {-(INT64_C(1) << 53)},                                                                 \
        {                                                                                      \
            INT64_C(1) << 53                                                                   \
        }                                                                                      \
    } /* WALL_BEGIN, WALL_END */

static const struct table_info infos[TABLE_COUNT] = {
    [TABLE_MANAGERS] = {"account_managers", "account managers", ESTATE_MANAGERS,
                        FIELDS(manager_fields), .compare_subject = manager_compare,
                        .term = always, .equal = manager_equal, .reference = no_reference,
                        .describe = manager_describe, .scan = store_scan_managers,
                        .next = manager_next, .put = manager_put},
    [TABLE_RESELLERS] = {"resellers", "resellers", ESTATE_RESELLERS, FIELDS(reseller_fields),
                         .compare_subject = reseller_compare, .term = always,
                         .equal = reseller_equal, .reference = reseller_reference,
                         .describe = reseller_describe, .scan = store_scan_resellers,
                         .next = reseller_next, .put = reseller_put},
    [TABLE_NETWORKS] = {"networks", "networks", ESTATE_RESELLERS, FIELDS(network_fields),
                        .defaults.network.valid = ALL_TIME,
                        .compare_subject = network_row_compare, .term = network_term,
                        .equal = network_equal, .reference = network_reference,
                        .describe = network_describe, .scan = store_scan_networks,
                        .next = network_next, .put = network_put},
    [TABLE_LICENSES] = {"licenses", "licences", ESTATE_LICENSES, FIELDS(license_fields),
                        .defaults.license = {.product = "", .valid = ALL_TIME},
                        .compare_subject = license_compare, .term = license_term,
                        .equal = license_equal, .reference = license_reference,
                        .describe = license_describe, .scan = license_scan,
                        .next = license_next, .put = license_put},
    [TABLE_DOMAINS] = {"domains", "domains", ESTATE_DOMAINS, FIELDS(domain_fields),
                       .defaults.domain = {.limit = LIMIT_DEFAULT, .valid = ALL_TIME},
                       .compare_subject = domain_compare, .term = domain_term,
                       .equal = domain_equal, .reference = domain_reference,
                       .describe = domain_describe, .scan = domain_scan, .next = domain_next,
                       .put = domain_put},
    [TABLE_SERVERS] = {"servers", "servers", ESTATE_SERVERS, FIELDS(server_fields),
                       .defaults.server = {.valid = ALL_TIME, .retired = {INT64_C(1) << 53}},
                       .compare_subject = server_compare, .term = server_term,
                       .equal = server_equal, .reference = server_reference,
                       .describe = server_describe, .scan = store_scan_estate_servers,
                       .next = server_next, .put = server_put},
    [TABLE_MOVES] = {"moves", "moves", ESTATE_MOVES, FIELDS(move_fields),
                     .defaults.move.reason = "", .compare_subject = move_compare,
                     .term = move_term, .equal = move_equal, .reference = no_reference,
                     .describe = move_describe, .scan = move_scan, .next = move_next,
                     .put = move_put},
    [TABLE_TARIFFS] = {"tariffs", "tariffs", ESTATE_TARIFFS, FIELDS(tariff_fields),
                       .defaults.tariff.block = 1, .compare_subject = tariff_compare,
                       .term = tariff_term, .equal = tariff_equal,
                       .reference = tariff_reference, .describe = tariff_describe,
                       .scan = store_scan_tariffs, .next = tariff_next, .put = tariff_put},
};

const struct table_info *table_info(enum table t)
{
    return &infos[t];
}

void row_init(enum table t, struct estate_row *ret)
{
    *ret = infos[t].defaults;
    if (t == TABLE_RESELLERS)
        ret->reseller.currency = currency_find(text_of("EUR"));
}
