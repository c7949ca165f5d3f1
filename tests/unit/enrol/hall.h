/*
 * A store with an authority and three resellers, and short ways to order, enrol and renew as a
 * claim wants it: each in a transaction of its own.
 */
#ifndef ENROL_HALL_H
#define ENROL_HALL_H

#include "enrol/enrol.h"
#include "support/leak.h"
#include "support/store_fixture.h"
#include <errno.h>
#include <string.h>

/* Requests of three keys that are fine (P-256, P-256, Ed25519) and one that is not (RSA). */
#define CSR_1                                                                                  \
    "-----BEGIN CERTIFICATE REQUEST-----\n"                                                    \
    "MIHOMHUCAQAwEzERMA8GA1UEAwwId2hhdGV2ZXIwWTATBgcqhkjOPQIBBggqhkjO\n"                       \
    "PQMBBwNCAARvc+5RTfFRHxdHxoRJsTx097+MQP32TYIKCNvbekLMY1F5xJR6Z/nw\n"                       \
    "R1OXFMPStC2IZWx3uBlIKPvO1F5CQv7aoAAwCgYIKoZIzj0EAwIDSQAwRgIhAJvV\n"                       \
    "bvK8YcWR9bLI6iC8J8hraEUmwxUUw96pxpUaRa65AiEA1VNpHA7mfBrXpjwLS+TR\n"                       \
    "VIIwjc0+jkAYP3vi65PwCUM=\n"                                                               \
    "-----END CERTIFICATE REQUEST-----\n"
#define CSR_2                                                                                  \
    "-----BEGIN CERTIFICATE REQUEST-----\n"                                                    \
    "MIHMMHUCAQAwEzERMA8GA1UEAwwId2hhdGV2ZXIwWTATBgcqhkjOPQIBBggqhkjO\n"                       \
    "PQMBBwNCAASJik6w3vMjZvMi59sVqyIjy1VBoZhdU698KrDU5HEzMQTmHO/AcxOO\n"                       \
    "ufSFCZWVn+mJZevXy1dbz5ZllWrhnP7yoAAwCgYIKoZIzj0EAwIDRwAwRAIgVGSj\n"                       \
    "5ypg5bOgyyC7pIMMTM4zGKbJVW861SahYg0Yk18CIFAjfRrQrBcBHAIXsyKGx9Ht\n"                       \
    "Kp2qHDuEqMDUHdKWvU/F\n"                                                                   \
    "-----END CERTIFICATE REQUEST-----\n"
#define CSR_3                                                                                  \
    "-----BEGIN CERTIFICATE REQUEST-----\n"                                                    \
    "MH8wMwIBADAAMCowBQYDK2VwAyEAuxMbl67P6fqu0r+2rErouh96PCgjt8F965IK\n"                       \
    "/zeAB6KgADAFBgMrZXADQQDY0hxmqxfrES4D2qL/6c6gna3optcVmQSGDmhvCrul\n"                       \
    "v3MxbkrT6btrCImbf2RNsc59YuyoOmTbHnn56q1GIpoL\n"                                           \
    "-----END CERTIFICATE REQUEST-----\n"
#define CSR_4                                                                                  \
    "-----BEGIN CERTIFICATE REQUEST-----\n"                                                    \
    "MIICRTCCAS0CAQAwADCCASIwDQYJKoZIhvcNAQEBBQADggEPADCCAQoCggEBAKby\n"                       \
    "Hvmk/UBfXuvU1IwCpa+oDVNmTwKQOuctipL2HYlxAwsOXrCrm8bFAVYD6Yugahbh\n"                       \
    "/yixqfJTF1+TQcsF/CFxhnW37HA+Rg20l2XfZ/4MzNbupDfy0sB1e0KqqHyBFEc7\n"                       \
    "G8F8Iu5fAJnXtcNY0UjpsIsal5oEtK8hB1Jb3ij2LkEf/aBZ+G032AGHLeP/jqD9\n"                       \
    "zxm+4v+d9UvhC2rmdAjTCQkF6gaUYYbHQ5dRdLKfVoy753eOuovlab+MwcCYygfy\n"                       \
    "oU3eX5w6sB6FdhguL5//5AjRaZH4QmI/3GKfM2bXQKG7+KmLRqaYn+OSHEeanaoN\n"                       \
    "6R8jzOuToz8ES37+a28CAwEAAaAAMA0GCSqGSIb3DQEBCwUAA4IBAQAEA0kJzSts\n"                       \
    "joJIel4KRkpLngSQIGLfCnebmBPeUZSCjgdqMaaGrdiYGmZn9yuL7udCIuuDguIU\n"                       \
    "0GO9Phhm8eeun2TnYmJ+jXmJR579yMAbuGLTGew8AYRWlKTmVxVOQVeSPRgWnany\n"                       \
    "dlNtYa7aIxZsGSYRoQdQ7961KilxrJx1TUCfdxk7dHBzckaHVnSuOVigVRLINWj6\n"                       \
    "sZDkGwwJPRl1I0RwJxzSULdyyf+bafnWw6O21OI8S3V0wVpqGQkCym0HDtm9cb4n\n"                       \
    "Sfb/z/hME+uk/QkiLUFdYjToZay0GBnk3LaYSZd4zSnQ5YE9N8o4RYNw0PqKM2ML\n"                       \
    "sFS26TYYN8Gk\n"                                                                           \
    "-----END CERTIFICATE REQUEST-----\n"

#define DAY INT64_C(86400)
#define LIFETIME (90 * DAY)
#define LATE (90 * DAY)

struct hall {
    struct store_place place;
    struct store *store;
    struct authority *authority;
    struct enrol_rules rules;
};

#define HALL_OK(h, call) cr_assert_eq(call, 0, "%s", store_diag((h)->store))

static inline void hall_put_estate(struct hall *h)
{
    static const char *const ids[] = {"r1", "r2", "r3"};
    const struct estate_manager manager = {"am1", "Ann", "ann@example.nl", LANGUAGE_EN};

    HALL_OK(h, store_begin(h->store));
    HALL_OK(h, store_put_manager(h->store, &manager));
    for (size_t i = 0; i < ARRAY_LEN(ids); i++)
        HALL_OK(h, store_put_reseller(h->store, &(struct estate_reseller){
                                                    .id = ids[i],
                                                    .name = ids[i],
                                                    .manager = "am1",
                                                    .currency = currency_find(text_of("EUR")),
                                                }));
    HALL_OK(h, store_commit(h->store));
}

static inline void hall_open(struct hall *h)
{
    struct diag d = {""};

    *h = (struct hall){0};
    cr_assert_eq(store_backends[0].find_place(&h->place), 0);
    cr_assert_eq(store_open(h->place.url, STORE_CREATE, &h->store, &d), 0, "%s", d.text);
    cr_assert_eq(authority_new("test", AT(-DAY), (dur_t){3652 * DAY}, &h->authority, &d), 0,
                 "%s", d.text);
    h->rules = (struct enrol_rules){h->authority, {LIFETIME}, {LATE}};
    hall_put_estate(h);
}

static inline void hall_done(struct hall *h)
{
    store_close(h->store);
    authority_free(h->authority);
    temp_done(&h->place.dir);
}

/* As after a restart of the program. */
static inline void hall_reopen(struct hall *h)
{
    struct diag d = {""};

    store_close(h->store);
    h->store = NULL;
    cr_assert_eq(store_open(h->place.url, STORE_WRITE, &h->store, &d), 0, "%s", d.text);
}

/* A server in the estate, r's from `from` on. */
static inline void hall_put_server(struct hall *h, const char *name, const char *reseller,
                                   struct term valid)
{
    const struct estate_server row = {name, reseller, valid, WALL_END};

    HALL_OK(h, store_begin(h->store));
    HALL_OK(h, store_put_estate_server(h->store, &row));
    HALL_OK(h, store_commit(h->store));
}

/* Ends what began: what failed is undone. */
static inline int hall_end(struct hall *h, int r)
{
    if (r >= 0)
        r = store_commit(h->store);
    else
        store_rollback(h->store);
    return r;
}

struct hall_order {
    const char *reseller; /* NULL = r1 */
    const char *server;
    int64_t uses;    /* 0 = 1 */
    int64_t at;      /* seconds after T0 */
    int64_t expires; /* seconds after T0; 0 = a week after `at` */
};
static inline int hall_try_token(struct hall *h, struct hall_order o, struct token *ret,
                                 struct diag *d)
{
    const struct token_order order = {
        .authority = authority_fingerprint(h->authority),
        .now = AT(o.at),
        .reseller = o.reseller ? o.reseller : "r1",
        .server = o.server,
        .uses = o.uses ? o.uses : 1,
        .expires = AT(o.expires ? o.expires : o.at + 7 * DAY),
        .by = "Ann",
    };

    HALL_OK(h, store_begin(h->store));
    return hall_end(h, enrol_create_token(h->store, &order, ret, d));
}

static inline struct token hall_token(struct hall *h, struct hall_order o)
{
    struct token t;
    struct diag d = {""};

    cr_assert_eq(hall_try_token(h, o, &t, &d), 0, "%s %s", d.text, store_diag(h->store));
    return t;
}

/* Shows a token and a request at a moment: what is answered. */
struct hall_answer {
    int error;
    enum refusal refusal;
    struct enrolled enrolled; /* for enrolled_done() */
};
static inline void hall_answer_done(struct hall_answer *a)
{
    enrolled_done(&a->enrolled);
}

static inline struct hall_answer hall_enrol(struct hall *h, const struct token *t,
                                            const char *csr, int64_t at)
{
    const struct enrol_request request = {
        .rules = &h->rules,
        .token = t,
        .csr_pem = text_of(csr),
        .from = "203.0.113.9",
        .now = AT(at),
    };
    struct hall_answer a = {0};
    struct diag d = {""};

    HALL_OK(h, store_begin(h->store));
    a.error = enrol_by_token(h->store, &request, &a.enrolled, &a.refusal, &d);
    a.error = hall_end(h, a.error);
    return a;
}

/* What the peer with that certificate is, as a handshake would find it. */
static inline struct x509_peer hall_peer(const struct enrolled *e)
{
    struct x509_peer p = {
        .term = e->certificate.term,
        .key_id = e->certificate.key_id,
        .serial_n = X509_SERIAL_BYTES,
        .is_ours = true,
    };

    memcpy(p.name, e->server, sizeof(p.name));
    memcpy(p.serial, e->certificate.serial, sizeof(p.serial));
    return p;
}

static inline struct hall_answer hall_renew(struct hall *h, const struct x509_peer *peer,
                                            const char *csr, int64_t at)
{
    const struct enrol_request request = {
        .rules = &h->rules,
        .peer = peer,
        .csr_pem = text_of(csr),
        .from = "203.0.113.9",
        .now = AT(at),
    };
    struct hall_answer a = {0};
    struct diag d = {""};

    HALL_OK(h, store_begin(h->store));
    a.error = enrol_renew(h->store, &request, &a.enrolled, &a.refusal, &d);
    a.error = hall_end(h, a.error);
    return a;
}

/* What is said to a peer that sends a report, or (late) asks for a renewal. */
static inline enum refusal hall_admit(struct hall *h, const struct x509_peer *peer, int64_t at,
                                      int64_t late)
{
    struct store_admission admission;
    enum refusal refusal = REFUSAL_NONE;

    HALL_OK(h, enrol_admit(h->store, &(struct admit_question){peer, {late}, AT(at)}, &refusal,
                           &admission));
    return refusal;
}

static inline void hall_revoke(struct hall *h, const char *server, int64_t at)
{
    HALL_OK(h, store_begin(h->store));
    HALL_OK(h, hall_end(h, enrol_revoke_server(h->store, server, "Ann", AT(at))));
}

static inline void hall_revoke_token(struct hall *h, const struct token *t, int64_t at)
{
    HALL_OK(h, store_begin(h->store));
    HALL_OK(h, hall_end(h, enrol_revoke_token(h->store, t->id, "Ann", AT(at))));
}

static inline int64_t hall_used(struct hall *h, const struct token *t)
{
    struct store_token row;

    HALL_OK(h, store_get_token(h->store, t->id, &row));
    return row.used;
}

/* The trail of a server (NULL = all): "what who;" for each event. */
static inline void hall_trail(struct hall *h, const char *server, struct buf *out)
{
    AUTO(store_scan) struct store_scan *scan = NULL;
    struct store_event e;
    int r = 0;

    buf_reset(out);
    HALL_OK(h, store_scan_events(h->store, server, &scan));
    while ((r = store_next_event(scan, &e)) > 0)
        buf_printf(out, "%s %s;", e.what, e.who);
    cr_assert_eq(r, 0, "%s", store_diag(h->store));
}

#define EXPECT_GRANTED(a)                                                                      \
    cr_assert((a).error == 0 && (a).refusal == REFUSAL_NONE, "error %d, refused: %s",          \
              (a).error, refusal_name((a).refusal))
#define EXPECT_REFUSED(a, why)                                                                 \
    cr_assert((a).error == 0 && (a).refusal == (why), "error %d, refused: %s", (a).error,      \
              refusal_name((a).refusal))

#endif
