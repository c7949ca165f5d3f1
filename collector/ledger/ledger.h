/*
 * From findings to money (SPEC 6.5), as pure functions: what is due, and the entries that say
 * so for good. An entry's body is canonical JSON (fairuse-ledger(5)); its hash is the SHA-256
 * of the body, which holds the hash of the entry before it: a chain.
 */
#ifndef LEDGER_LEDGER_H
#define LEDGER_LEDGER_H

#include "audit/finding.h"
#include "base/caps.h"
#include "base/diag.h"
#include "crypto/digest.h"
#include "domain/estate.h"

/* Which price is asked for. */
struct tariff_query {
    enum charge_kind kind;
    const char *reseller;
    const struct currency *currency;
    wall_t period_start;
};

/*
 * The price of a kind in a period: the reseller's own before the general, the latest `from`
 * among equals. NULL = none.
 */
const struct estate_tariff *ledger_tariff(const struct estate_tariff *v, size_t n,
                                          const struct tariff_query *q);

/* Why a key's due is what it is. The names are part of the entry. */
enum due_basis {
    DUE_CONFIRMED, /* a confirmed finding, priced */
    DUE_UNPRICED,  /* a confirmed finding, and no tariff */
    DUE_CLEAR,     /* judged, and not confirmed */
    DUE_GONE,      /* no longer judged at all: the entry left the estate */
    DUE_WAIVED,    /* confirmed, and waived by a person */
};
const char *due_basis_name(enum due_basis b);

struct due {
    enum due_basis basis;
    int64_t quantity; /* of the confirmed finding; 0 without one */
    int64_t units;    /* blocks charged; 0 when nothing is */
    int64_t block;
    price_t unit_price;
    money_t amount;
    wall_t tariff_from; /* which tariff: WALL_BEGIN = none */
    bool tariff_is_own;
};

/* What a due is made of. */
struct due_question {
    enum finding_state state; /* of the finding; CLEAR and quantity 0 for none */
    int64_t quantity;
    bool is_waived;
    const struct estate_tariff *tariff; /* NULL = none */
    const struct currency *currency;
};
MUST_USE int ledger_due(const struct due_question *q, struct due *ret); /* 0 or -ERANGE */

#define LEDGER_NAME_SIZE (CAP_NAME + 1)

/* One entry, as read from or written to its body. Texts are borrowed. */
struct ledger_entry {
    int64_t sequence;
    wall_t time;
    struct text who;
    bool is_adjustment; /* else the key's first entry, a charge */
    period_t booked, period;
    struct text reseller, subject;
    enum charge_kind kind;
    const struct currency *currency;
    struct due due;
    money_t entered_before; /* what the key held; amount = due - this */
    money_t amount;
    struct text policy;
    struct digest evidence;          /* SHA-256 of the canonical evidence */
    char previous[DIGEST_TEXT_SIZE]; /* hash of the entry before; "" for the first */
};

/* The canonical body. buf_error() tells. */
void ledger_write_entry(const struct ledger_entry *e, struct buf *out);

struct json_doc;
struct json;
struct json_error;
/* Reads a body (or an entry inside a larger document); texts point into the document. 0;
 * -EBADMSG. */
MUST_USE int ledger_read_entry(const struct json *v, struct ledger_entry *ret,
                               struct json_error *reterr);

/*
 * Checks one entry against itself and its evidence: the digest, amount = due - entered_before,
 * due = price of the quantity, and that the rule, run again on the evidence, says what the
 * entry says. 0; -EBADMSG with the reason in d; -ENOMEM.
 */
MUST_USE int ledger_check_entry(const struct ledger_entry *e, struct text evidence,
                                struct diag *d);

/* The hash of a body. 0 or -EIO. */
MUST_USE int ledger_hash(struct text body, char ret[static DIGEST_TEXT_SIZE]);

/* A decision by a person on a key (waive, reinstate, dispute, uphold) or a period (close). */
struct ledger_decision {
    int64_t sequence;
    wall_t time;
    const char *who, *reason;
    const char *decision; /* "waive" … */
    period_t period;
    const char *kind, *reseller, *subject; /* "" for close */
    const char *previous;
};
void ledger_write_decision(const struct ledger_decision *d, struct buf *out);

/* A key as people write it: PERIOD/RESELLER/KIND/SUBJECT. */
struct ledger_key {
    period_t period;
    enum charge_kind kind;
    char reseller[CAP_ID + 1];
    char subject[CAP_DOMAIN + 1];
};
/* The reseller may itself hold slashes. The subject is brought to its canonical form. 0;
 * -EBADMSG with what would be right. */
MUST_USE int ledger_key_parse(struct text t, struct ledger_key *ret, struct diag *d);
void ledger_key_format(const struct ledger_key *k, struct buf *out);

#endif
