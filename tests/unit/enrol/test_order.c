/* What a person orders. */
#include "hall.h"

SUITE(order);

static const struct term ever = {{-(INT64_C(1) << 53)}, {INT64_C(1) << 53}};

Test(order, a_token_is_kept_without_its_secret)
{
    AUTO(hall) struct hall h;
    hall_open(&h);
    struct token t = hall_token(&h, (struct hall_order){.uses = 3, .at = 5, .expires = 90});
    struct store_token row;
    struct digest hash;

    HALL_OK(&h, store_get_token(h.store, t.id, &row));
    cr_assert_eq(token_hash(&t, &hash), 0);
    cr_assert_eq(memcmp(row.secret_hash, hash.bytes, sizeof(hash.bytes)), 0);
    cr_assert_eq(memcmp(&t.authority, authority_fingerprint(h.authority), DIGEST_BYTES), 0);
    cr_assert_str_eq(row.reseller, "r1");
    cr_assert_str_eq(row.server, "");
    cr_assert_eq(row.uses, 3);
    cr_assert_eq(row.used, 0);
    cr_assert_eq(row.created.s, AT(5).s);
    cr_assert_eq(row.expires.s, AT(90).s);
    cr_assert_eq(row.revoked.s, WALL_END.s);
}

Test(order, what_cannot_be_ordered_is_refused_with_the_reason)
{
    static const struct {
        const char *why;
        struct hall_order order;
        int wanted;
        const char *said;
    } rows[] = {
        {"a reseller that is not in the estate", {.reseller = "r9"}, -ENOENT, "\"r9\""},
        {"a server that nobody knows", {.server = "srv-9"}, -ESRCH, "\"srv-9\""},
        {"another reseller's server", {.server = "srv-r2"}, -ESRCH, "\"r2\""},
        {"a server that was theirs", {.server = "srv-old"}, -ESRCH, "nobody"},
        {"a server that was sold", {.server = "srv-sold"}, -ESRCH, "\"r2\""},
        {"less than one use", {.uses = -1}, -EINVAL, "1000000"},
        {"too many uses", {.uses = 1000001}, -EINVAL, "1000000"},
        {"one server for two", {.server = "srv-r1", .uses = 2}, -EINVAL, "one use"},
    };
    AUTO(hall) struct hall h;
    AUTO(buf) struct buf trail = BUF_INIT(4096);

    hall_open(&h);
    hall_put_server(&h, "srv-r1", "r1", ever);
    hall_put_server(&h, "srv-r2", "r2", ever);
    hall_put_server(&h, "srv-old", "r1", (struct term){WALL_BEGIN, AT(0)});
    hall_put_server(&h, "srv-sold", "r1", (struct term){WALL_BEGIN, AT(0)});
    hall_put_server(&h, "srv-sold", "r2", (struct term){AT(0), WALL_END});
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct token t;
        struct diag d = {""};
        cr_expect_eq(hall_try_token(&h, rows[i].order, &t, &d), rows[i].wanted, "%s",
                     rows[i].why);
        cr_expect_neq(strstr(d.text, rows[i].said), NULL, "%s: %s", rows[i].why, d.text);
    }
    hall_trail(&h, NULL, &trail);
    cr_assert_str_eq(buf_str(&trail), "", "what was refused left a trace");
}

Test(order, who_comes_back_is_the_resellers_by_the_estate_or_by_its_enrolment)
{
    AUTO(hall) struct hall h;
    hall_open(&h);
    struct token first = hall_token(&h, (struct hall_order){0}), t;
    AUTO(hall_answer) struct hall_answer a = hall_enrol(&h, &first, CSR_1, 0);
    EXPECT_GRANTED(a);
    const char *name = a.enrolled.server;
    struct diag d;

    hall_put_server(&h, "srv-known", "r1", ever);
    (void)hall_token(&h, (struct hall_order){.server = "srv-known"});
    (void)hall_token(&h, (struct hall_order){.server = name});
    cr_assert_eq(
        hall_try_token(&h, (struct hall_order){.reseller = "r2", .server = name}, &t, &d),
        -ESRCH);
    /* It is sold: the estate decides from then on. */
    hall_put_server(&h, name, "r2", (struct term){AT(1000), WALL_END});
    (void)hall_token(&h, (struct hall_order){.server = name, .at = 999});
    cr_assert_eq(hall_try_token(&h, (struct hall_order){.server = name, .at = 1000}, &t, &d),
                 -ESRCH);
    (void)hall_token(&h, (struct hall_order){.reseller = "r2", .server = name, .at = 1000});
}

Test(order, a_token_is_revoked_once_and_one_that_is_not_there_not_at_all)
{
    static const uint8_t unknown[TOKEN_ID_BYTES] = {1, 2, 3};
    AUTO(hall) struct hall h;
    AUTO(buf) struct buf trail = BUF_INIT(4096);
    struct store_token row;

    hall_open(&h);
    struct token t = hall_token(&h, (struct hall_order){0});
    hall_revoke_token(&h, &t, 10);
    hall_revoke_token(&h, &t, 20);
    HALL_OK(&h, store_get_token(h.store, t.id, &row));
    cr_assert_eq(row.revoked.s, AT(10).s);
    hall_trail(&h, NULL, &trail);
    cr_assert_str_eq(buf_str(&trail), "token-created Ann;token-revoked Ann;");
    HALL_OK(&h, store_begin(h.store));
    cr_assert_eq(hall_end(&h, enrol_revoke_token(h.store, unknown, "Ann", AT(0))), -ENOENT);
}

Test(order, a_server_is_revoked_once_and_one_that_is_not_enrolled_not_at_all)
{
    AUTO(hall) struct hall h;
    AUTO(buf) struct buf trail = BUF_INIT(4096);
    struct store_admission admission;

    hall_open(&h);
    hall_put_server(&h, "srv-known", "r1", ever);
    struct token t = hall_token(&h, (struct hall_order){0});
    AUTO(hall_answer) struct hall_answer a = hall_enrol(&h, &t, CSR_1, 0);
    EXPECT_GRANTED(a);
    hall_revoke(&h, a.enrolled.server, 10);
    hall_revoke(&h, a.enrolled.server, 20);
    HALL_OK(&h, store_get_admission(h.store, a.enrolled.server, &admission));
    cr_assert_eq(admission.revoked.s, AT(10).s);
    hall_trail(&h, a.enrolled.server, &trail);
    cr_assert_str_eq(buf_str(&trail), "server-enrolled 203.0.113.9;server-revoked Ann;");
    HALL_OK(&h, store_begin(h.store));
    cr_assert_eq(hall_end(&h, enrol_revoke_server(h.store, "srv-known", "Ann", AT(0))),
                 -ENOENT);
    HALL_OK(&h, store_begin(h.store));
    cr_assert_eq(hall_end(&h, enrol_revoke_server(h.store, "srv-9", "Ann", AT(0))), -ENOENT);
}

/* Else whoever holds such a token undoes the revocation. */
Test(order, revoking_a_server_revokes_the_tokens_that_would_bring_it_back)
{
    AUTO(hall) struct hall h;
    struct store_token row;

    hall_open(&h);
    struct token first = hall_token(&h, (struct hall_order){.uses = 2});
    AUTO(hall_answer) struct hall_answer a = hall_enrol(&h, &first, CSR_1, 0);
    EXPECT_GRANTED(a);
    struct token back = hall_token(&h, (struct hall_order){.server = a.enrolled.server});
    hall_revoke(&h, a.enrolled.server, 10);
    HALL_OK(&h, store_get_token(h.store, back.id, &row));
    cr_assert_eq(row.revoked.s, AT(10).s);
    HALL_OK(&h, store_get_token(h.store, first.id, &row));
    cr_assert_eq(row.revoked.s, WALL_END.s, "a token for new servers is another matter");
    AUTO(hall_answer) struct hall_answer b = hall_enrol(&h, &back, CSR_2, 11);
    EXPECT_REFUSED(b, REFUSAL_TOKEN_REVOKED);
}

Test(order, a_server_that_is_known_of_is_retired_once)
{
    AUTO(hall) struct hall h;
    AUTO(buf) struct buf trail = BUF_INIT(4096);
    struct store_server row;
    server_id id;

    hall_open(&h);
    hall_put_server(&h, "srv-known", "r1", ever);
    HALL_OK(&h, store_begin(h.store));
    HALL_OK(&h, hall_end(&h, enrol_retire_server(h.store, "srv-known", "Bo", AT(0))));
    HALL_OK(&h, store_begin(h.store));
    HALL_OK(&h, hall_end(&h, enrol_retire_server(h.store, "srv-known", "Bo", AT(50))));
    hall_trail(&h, "srv-known", &trail);
    cr_assert_str_eq(buf_str(&trail), "server-retired Bo;", "a second time");
    HALL_OK(&h, store_find_server(h.store, "srv-known", &id));
    HALL_OK(&h, store_get_server(h.store, id, &row));
    cr_assert_eq(row.retired.s, AT(0).s);
    HALL_OK(&h, store_begin(h.store));
    cr_assert_eq(hall_end(&h, enrol_retire_server(h.store, "srv-9", "Bo", AT(0))), -ENOENT);
}
