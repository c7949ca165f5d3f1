/* Who is let in with which certificate. */
#include "hall.h"

SUITE(admit);

Test(admit, each_refusal_has_a_name_of_its_own_and_a_status)
{
    static const struct {
        enum refusal refusal;
        const char *name;
        int status;
    } rows[] = {
        {REFUSAL_NONE, "none", 200},
        {REFUSAL_NO_CERTIFICATE, "no-certificate", 401},
        {REFUSAL_NOT_OURS, "not-ours", 401},
        {REFUSAL_EXPIRED, "expired", 401},
        {REFUSAL_NOT_YET, "not-yet", 401},
        {REFUSAL_NOT_ENROLLED, "not-enrolled", 403},
        {REFUSAL_REVOKED, "revoked", 403},
        {REFUSAL_REPLACED, "replaced", 403},
        {REFUSAL_NO_TOKEN, "no-token", 401},
        {REFUSAL_TOKEN_EXPIRED, "token-expired", 403},
        {REFUSAL_TOKEN_USED_UP, "token-used-up", 403},
        {REFUSAL_TOKEN_REVOKED, "token-revoked", 403},
        {REFUSAL_NOT_THEIRS, "not-theirs", 403},
    };

    cr_assert_eq(ARRAY_LEN(rows), REFUSAL_COUNT);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cr_expect_str_eq(refusal_name(rows[i].refusal), rows[i].name);
        cr_expect_eq(refusal_status(rows[i].refusal), rows[i].status, "%s", rows[i].name);
    }
}

Test(admit, without_a_certificate_or_with_a_foreign_one_nobody_is_let_in)
{
    AUTO(hall) struct hall h;
    hall_open(&h);
    struct token t = hall_token(&h, (struct hall_order){0});
    AUTO(hall_answer) struct hall_answer a = hall_enrol(&h, &t, CSR_1, 0);
    EXPECT_GRANTED(a);
    struct x509_peer peer = hall_peer(&a.enrolled);

    cr_assert_eq(hall_admit(&h, NULL, 0, 0), REFUSAL_NO_CERTIFICATE);
    peer.is_ours = false;
    cr_assert_eq(hall_admit(&h, &peer, 0, 0), REFUSAL_NOT_OURS);
    peer.is_ours = true;
    peer.name[0] = '\0';
    cr_assert_eq(hall_admit(&h, &peer, 0, 0), REFUSAL_NOT_OURS, "it names nobody");
}

/* Issued at T0, so good from T0 - 7 d to T0 + 90 d, both included. */
Test(admit, a_certificate_holds_in_its_time_and_its_ends_belong_to_it)
{
    static const struct {
        const char *why;
        int64_t at, late;
        enum refusal wanted;
    } rows[] = {
        {"before it begins: a clock that is behind", -7 * 86400 - 1, 0, REFUSAL_NOT_YET},
        {"it begins", -7 * 86400, 0, REFUSAL_NONE},
        {"when it was issued", 0, 0, REFUSAL_NONE},
        {"its last second", LIFETIME, 0, REFUSAL_NONE},
        {"over", LIFETIME + 1, 0, REFUSAL_EXPIRED},
        {"over, but it may be renewed", LIFETIME + 1, LATE, REFUSAL_NONE},
        {"the last second to renew it", LIFETIME + LATE, LATE, REFUSAL_NONE},
        {"too late to renew it", LIFETIME + LATE + 1, LATE, REFUSAL_EXPIRED},
        {"late renewal does not make it begin earlier", -7 * 86400 - 1, LATE, REFUSAL_NOT_YET},
    };
    AUTO(hall) struct hall h;
    hall_open(&h);
    struct token t = hall_token(&h, (struct hall_order){0});
    AUTO(hall_answer) struct hall_answer a = hall_enrol(&h, &t, CSR_1, 0);
    EXPECT_GRANTED(a);
    struct x509_peer peer = hall_peer(&a.enrolled);

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        cr_expect_eq(hall_admit(&h, &peer, rows[i].at, rows[i].late), rows[i].wanted, "%s",
                     rows[i].why);
}

Test(admit, far_ends_of_time_do_no_harm)
{
    AUTO(hall) struct hall h;
    hall_open(&h);
    struct x509_peer peer = {.name = "srv-x", .is_ours = true, .term = {WALL_MIN, WALL_MAX}};

    cr_assert_eq(hall_admit(&h, &peer, 0, 0), REFUSAL_NOT_ENROLLED);
    peer.term.to = WALL_MIN;
    cr_assert_eq(hall_admit(&h, &peer, 0, LATE), REFUSAL_EXPIRED);
}

Test(admit, a_server_that_is_only_known_of_is_not_enrolled)
{
    AUTO(hall) struct hall h;
    hall_open(&h);
    struct x509_peer peer = {.name = "srv-7", .is_ours = true, .term = {AT(0), AT(DAY)}};

    cr_assert_eq(hall_admit(&h, &peer, 10, 0), REFUSAL_NOT_ENROLLED);
    hall_put_server(&h, "srv-7", "r1", (struct term){WALL_BEGIN, WALL_END});
    cr_assert_eq(hall_admit(&h, &peer, 10, 0), REFUSAL_NOT_ENROLLED);
}

Test(admit, who_is_admitted_is_told_whose_the_server_is)
{
    AUTO(hall) struct hall h;
    hall_open(&h);
    struct token t = hall_token(&h, (struct hall_order){.reseller = "r2"});
    AUTO(hall_answer) struct hall_answer a = hall_enrol(&h, &t, CSR_1, 5);
    EXPECT_GRANTED(a);
    struct x509_peer peer = hall_peer(&a.enrolled);
    struct store_admission admission;
    enum refusal refusal;

    HALL_OK(&h, enrol_admit(h.store, &(struct admit_question){&peer, {0}, AT(9)}, &refusal,
                            &admission));
    cr_assert_eq(refusal, REFUSAL_NONE);
    cr_assert_str_eq(admission.reseller, "r2");
    cr_assert_eq(admission.enrolled_at.s, AT(5).s);
}

Test(admit, a_revocation_holds_at_once_and_whatever_the_clock_says)
{
    AUTO(hall) struct hall h;
    hall_open(&h);
    struct token t = hall_token(&h, (struct hall_order){0});
    AUTO(hall_answer) struct hall_answer a = hall_enrol(&h, &t, CSR_1, 0);
    EXPECT_GRANTED(a);
    struct x509_peer peer = hall_peer(&a.enrolled);

    hall_revoke(&h, a.enrolled.server, 100);
    cr_assert_eq(hall_admit(&h, &peer, 100, 0), REFUSAL_REVOKED);
    cr_assert_eq(hall_admit(&h, &peer, 50, 0), REFUSAL_REVOKED, "the clock was set back");
    cr_assert_eq(hall_admit(&h, &peer, 100, LATE), REFUSAL_REVOKED, "nor may it renew");
}

Test(admit, a_retired_server_is_still_let_in)
{
    AUTO(hall) struct hall h;
    hall_open(&h);
    struct token t = hall_token(&h, (struct hall_order){0});
    AUTO(hall_answer) struct hall_answer a = hall_enrol(&h, &t, CSR_1, 0);
    EXPECT_GRANTED(a);
    struct x509_peer peer = hall_peer(&a.enrolled);

    HALL_OK(&h, store_begin(h.store));
    HALL_OK(&h, hall_end(&h, enrol_retire_server(h.store, a.enrolled.server, "Ann", AT(50))));
    cr_assert_eq(hall_admit(&h, &peer, 100, 0), REFUSAL_NONE);
}
