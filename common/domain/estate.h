/*
 * The estate as values (SPEC 4): what the distributor knows of its resellers, licences,
 * domains, servers, moves and prices. One struct is one row of one table. Texts are owned by
 * whoever owns the rows (struct estate: its arena; a store's cursor: until the next row).
 */
#ifndef DOMAIN_ESTATE_H
#define DOMAIN_ESTATE_H

#include "domain/addr.h"
#include "domain/license.h"
#include "domain/money.h"
#include "domain/period.h"
#include "domain/span.h"

enum language { LANGUAGE_EN = 0, LANGUAGE_NL = 1 };

/* What costs money; the numbers are stored: append only. */
enum charge_kind { CHARGE_EXTRA_IP = 0, CHARGE_MAILBOXES = 1, CHARGE_OUTSIDE = 2 };
#define CHARGE_KIND_COUNT 3

/* "extra-ip", "mailboxes", "outside". */
const char *charge_kind_name(enum charge_kind k);
MUST_USE int charge_kind_parse(struct text t, enum charge_kind *ret); /* 0 or -EBADMSG */

struct estate_manager {
    const char *id, *name, *email;
    enum language language;
};

struct estate_reseller {
    const char *id, *name, *manager;
    const char *email; /* NULL = none */
    enum language language;
    const struct currency *currency;
    bool is_trial;
};

struct estate_network {
    const char *reseller;
    struct network network;
    struct term valid;
    bool is_one_place;
};

struct estate_license {
    license_t license;
    const char *reseller;
    const char *product; /* "" = not said */
    struct addr binding; /* family 0 = none */
    struct term valid;
};

struct estate_domain {
    const char *domain; /* A-label */
    const char *reseller;
    int64_t limit; /* mailboxes, >= 0 */
    struct term valid;
};

struct estate_server {
    const char *server;
    const char *reseller;
    struct term valid;
    wall_t retired; /* WALL_END = not */
};

struct estate_move {
    license_t license;
    struct term valid;
    const char *reason; /* "" = not said */
};

struct estate_tariff {
    enum charge_kind kind;
    const char *reseller; /* NULL = general */
    const struct currency *currency;
    price_t unit_price;
    int64_t block; /* >= 1 */
    wall_t from;   /* first moment in force */
};

#endif
