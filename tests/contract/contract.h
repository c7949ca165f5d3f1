/* A claim about the store, tried on every backend with an empty store of its own. */
#ifndef CONTRACT_CONTRACT_H
#define CONTRACT_CONTRACT_H

#include "support/leak.h"
#include "support/store_dump.h"
#include "support/store_fixture.h"

#include <errno.h>

struct contract {
    const struct store_backend *backend;
    struct store_place place;
    struct store *store; /* made with STORE_CREATE; a claim may close it and set NULL */
};

static inline void contract_run(void (*claim)(struct contract *c))
{
    for (size_t i = 0; i < store_backend_count; i++) {
        struct contract c = {.backend = &store_backends[i]};
        struct diag d = {""};
        cr_assert_eq(store_backends[i].find_place(&c.place), 0, "%s: no place",
                     store_backends[i].name);
        cr_assert_eq(store_open(c.place.url, STORE_CREATE, &c.store, &d), 0, "%s: %s",
                     store_backends[i].name, d.text);
        claim(&c);
        store_close(c.store);
        temp_done(&c.place.dir);
    }
}

#define CONTRACT(suite, claim)                                                                 \
    static void suite##_##claim##_on(struct contract *c);                                      \
    Test(suite, claim)                                                                         \
    {                                                                                          \
        contract_run(suite##_##claim##_on);                                                    \
    }                                                                                          \
    static void suite##_##claim##_on(struct contract *c)

/* A call on a store that must succeed. */
#define OK(s, call) cr_assert_eq(call, 0, "%s", store_diag(s))

/* One report in a transaction of its own. */
#define SAY(c, ...)                                                                            \
    do {                                                                                       \
        OK((c)->store, store_begin((c)->store));                                               \
        OK((c)->store, store_say((c)->store, (struct say){__VA_ARGS__}));                      \
        OK((c)->store, store_commit((c)->store));                                              \
    } while (0)

/* What scans of those kinds show, against sorted lines (support/store_dump.h). */
static inline void expect_dump(struct store *s, unsigned what, const char *expected,
                               const char *why)
{
    AUTO(buf) struct buf out = BUF_INIT(1 << 20);
    cr_assert_eq(store_dump(s, what, T0, &out), 0, "%s: %s", why, store_diag(s));
    cr_assert_str_eq(buf_str(&out), expected, "%s: shows\n%sinstead of\n%s", why, buf_str(&out),
                     expected);
}

/* The store's own check finds nothing. */
static inline void contract_complain(void *arg, const char *sentence)
{
    (void)arg;
    cr_log_error("%s", sentence);
}

static inline void expect_sound(struct store *s)
{
    int64_t defects = -1;
    OK(s, store_check(s, contract_complain, NULL, &defects));
    cr_assert_eq(defects, 0, "%lld defects", (long long)defects);
}

/* A machine's number: the n-th run of the server with that number. */
#define MACHINE(server, n) ((machine_id)(server) << STORE_MACHINE_BITS | (n))

#endif
