/* Enrolment, renewal, coming back. */
#include "hall.h"

SUITE(enrol);

static const struct term ever = {{-(INT64_C(1) << 53)}, {INT64_C(1) << 53}};

static bool is_new_name(const char *name)
{
    return strlen(name) == strlen("srv-") + 10 && strncmp(name, "srv-", 4) == 0 &&
           strspn(name + 4, "abcdefghijklmnopqrstuvwxyz0123456789") == 10;
}

Test(enrol, a_token_gives_a_new_server_a_name_and_a_certificate)
{
    AUTO(hall) struct hall h;
    hall_open(&h);
    struct token t = hall_token(&h, (struct hall_order){0});
    AUTO(hall_answer) struct hall_answer a = hall_enrol(&h, &t, CSR_1, 7);
    struct digest key_id;
    struct diag d;

    EXPECT_GRANTED(a);
    cr_assert(is_new_name(a.enrolled.server), "%s", a.enrolled.server);
    cr_assert_str_eq(a.enrolled.reseller, "r1");
    cr_assert_eq(a.enrolled.certificate.term.from.s, AT(7 - 7 * 86400).s, "a week before");
    cr_assert_eq(a.enrolled.certificate.term.to.s, AT(7 + LIFETIME).s);
    cr_assert_eq(csr_check(text_of(CSR_1), &key_id, &d), 0);
    cr_assert_eq(memcmp(&a.enrolled.certificate.key_id, &key_id, sizeof(key_id)), 0);
    cr_assert_neq(strstr(buf_str(&a.enrolled.certificate.pem), "BEGIN CERTIFICATE"), NULL);
    cr_assert_eq(hall_used(&h, &t), 1);
    struct x509_peer peer = hall_peer(&a.enrolled);
    cr_assert_eq(hall_admit(&h, &peer, 7, 0), REFUSAL_NONE);
}

Test(enrol, a_token_is_good_until_its_end_and_as_often_as_it_says)
{
    AUTO(hall) struct hall h;
    hall_open(&h);
    struct token t = hall_token(&h, (struct hall_order){.uses = 2, .expires = 100});
    AUTO(hall_answer) struct hall_answer a = hall_enrol(&h, &t, CSR_1, 99);
    EXPECT_GRANTED(a);
    AUTO(hall_answer) struct hall_answer late = hall_enrol(&h, &t, CSR_2, 100);
    EXPECT_REFUSED(late, REFUSAL_TOKEN_EXPIRED);
    AUTO(hall_answer) struct hall_answer b = hall_enrol(&h, &t, CSR_2, 50);
    EXPECT_GRANTED(b);
    cr_assert_str_neq(a.enrolled.server, b.enrolled.server);
    AUTO(hall_answer) struct hall_answer c = hall_enrol(&h, &t, CSR_3, 51);
    EXPECT_REFUSED(c, REFUSAL_TOKEN_USED_UP);
    cr_assert_eq(hall_used(&h, &t), 2);
}

Test(enrol, two_keys_cannot_share_a_token_of_one_use)
{
    AUTO(hall) struct hall h;
    hall_open(&h);
    struct token t = hall_token(&h, (struct hall_order){0});
    AUTO(hall_answer) struct hall_answer a = hall_enrol(&h, &t, CSR_1, 0);
    EXPECT_GRANTED(a);
    AUTO(hall_answer) struct hall_answer b = hall_enrol(&h, &t, CSR_2, 1);
    EXPECT_REFUSED(b, REFUSAL_TOKEN_USED_UP);
}

/* Whoever does not know the secret is told the same of every token. */
Test(enrol, a_wrong_secret_is_as_no_token_whatever_the_token_is)
{
    AUTO(hall) struct hall h;
    hall_open(&h);
    struct token open = hall_token(&h, (struct hall_order){0});
    struct token expired = hall_token(&h, (struct hall_order){.expires = 10});
    struct token revoked = hall_token(&h, (struct hall_order){0});
    struct token unknown = open;
    struct token *wrong[] = {&open, &expired, &revoked, &unknown};

    hall_revoke_token(&h, &revoked, 5);
    unknown.id[0] ^= 1;
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        wrong[i]->secret[15] ^= wrong[i] == &unknown ? 0 : 1;
        AUTO(hall_answer) struct hall_answer a = hall_enrol(&h, wrong[i], CSR_1, 20);
        EXPECT_REFUSED(a, REFUSAL_NO_TOKEN);
    }
    revoked.secret[15] ^= 1;
    AUTO(hall_answer) struct hall_answer a = hall_enrol(&h, &revoked, CSR_1, 20);
    EXPECT_REFUSED(a, REFUSAL_TOKEN_REVOKED);
}

Test(enrol, a_request_that_is_no_good_is_no_use)
{
    static const struct {
        const char *why, *csr;
    } rows[] = {
        {"nothing", ""},
        {"not PEM", "hello"},
        {"an RSA key", CSR_4},
        {"a certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"},
    };
    AUTO(hall) struct hall h;
    AUTO(buf) struct buf trail = BUF_INIT(4096);

    hall_open(&h);
    struct token t = hall_token(&h, (struct hall_order){0});
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(hall_answer) struct hall_answer a = hall_enrol(&h, &t, rows[i].csr, 0);
        cr_expect_eq(a.error, -EBADMSG, "%s", rows[i].why);
    }
    cr_assert_eq(hall_used(&h, &t), 0);
    hall_trail(&h, NULL, &trail);
    cr_assert_str_eq(buf_str(&trail), "token-created Ann;");
}

/* The answer got lost, or the agent was started again before it was on its disk. */
Test(enrol, the_same_key_again_is_the_same_server_and_no_further_use)
{
    AUTO(hall) struct hall h;
    AUTO(buf) struct buf trail = BUF_INIT(4096);

    hall_open(&h);
    struct token t = hall_token(&h, (struct hall_order){0});
    AUTO(hall_answer) struct hall_answer a = hall_enrol(&h, &t, CSR_1, 0);
    EXPECT_GRANTED(a);
    hall_reopen(&h);
    AUTO(hall_answer) struct hall_answer b = hall_enrol(&h, &t, CSR_1, 60);
    EXPECT_GRANTED(b);
    cr_assert_str_eq(b.enrolled.server, a.enrolled.server);
    cr_assert_eq(hall_used(&h, &t), 1);
    cr_assert_neq(
        memcmp(a.enrolled.certificate.serial, b.enrolled.certificate.serial, X509_SERIAL_BYTES),
        0);
    struct x509_peer first = hall_peer(&a.enrolled), second = hall_peer(&b.enrolled);
    cr_assert_eq(hall_admit(&h, &first, 61, 0), REFUSAL_NONE);
    cr_assert_eq(hall_admit(&h, &second, 61, 0), REFUSAL_NONE);
    hall_trail(&h, a.enrolled.server, &trail);
    cr_assert_str_eq(buf_str(&trail), "server-enrolled 203.0.113.9;"
                                      "enrolment-asked-again 203.0.113.9;");
}

Test(enrol, asking_again_needs_a_token_that_still_holds)
{
    AUTO(hall) struct hall h;
    hall_open(&h);
    struct token t = hall_token(&h, (struct hall_order){.expires = 100});
    AUTO(hall_answer) struct hall_answer a = hall_enrol(&h, &t, CSR_1, 0);
    EXPECT_GRANTED(a);
    AUTO(hall_answer) struct hall_answer late = hall_enrol(&h, &t, CSR_1, 100);
    EXPECT_REFUSED(late, REFUSAL_TOKEN_EXPIRED);
    hall_revoke_token(&h, &t, 50);
    AUTO(hall_answer) struct hall_answer b = hall_enrol(&h, &t, CSR_1, 51);
    EXPECT_REFUSED(b, REFUSAL_TOKEN_REVOKED);
}

Test(enrol, an_old_token_and_key_are_no_way_around_a_revocation)
{
    AUTO(hall) struct hall h;
    hall_open(&h);
    struct token t = hall_token(&h, (struct hall_order){.uses = 5});
    AUTO(hall_answer) struct hall_answer a = hall_enrol(&h, &t, CSR_1, 0);
    EXPECT_GRANTED(a);
    hall_revoke(&h, a.enrolled.server, 10);
    AUTO(hall_answer) struct hall_answer b = hall_enrol(&h, &t, CSR_1, 11);
    EXPECT_REFUSED(b, REFUSAL_REVOKED);
}

Test(enrol, a_revoked_server_comes_back_with_a_token_of_its_own)
{
    AUTO(hall) struct hall h;
    AUTO(buf) struct buf trail = BUF_INIT(4096);

    hall_open(&h);
    struct token t = hall_token(&h, (struct hall_order){0});
    AUTO(hall_answer) struct hall_answer a = hall_enrol(&h, &t, CSR_1, 0);
    EXPECT_GRANTED(a);
    struct x509_peer stolen = hall_peer(&a.enrolled);
    hall_revoke(&h, a.enrolled.server, 10);
    struct token back =
        hall_token(&h, (struct hall_order){.server = a.enrolled.server, .at = 10});
    cr_assert_eq(hall_admit(&h, &stolen, 11, 0), REFUSAL_REVOKED, "a token alone is nothing");
    AUTO(hall_answer) struct hall_answer b = hall_enrol(&h, &back, CSR_2, 12);
    EXPECT_GRANTED(b);
    cr_assert_str_eq(b.enrolled.server, a.enrolled.server);
    struct x509_peer peer = hall_peer(&b.enrolled);
    cr_assert_eq(hall_admit(&h, &peer, 12, 0), REFUSAL_NONE);
    cr_assert_eq(hall_admit(&h, &stolen, 12, 0), REFUSAL_REPLACED);
    cr_assert_eq(hall_admit(&h, &stolen, 12, LATE), REFUSAL_REPLACED, "nor may it renew");
    hall_trail(&h, a.enrolled.server, &trail);
    cr_assert_str_eq(buf_str(&trail),
                     "server-enrolled 203.0.113.9;server-revoked Ann;token-created Ann;"
                     "server-came-back 203.0.113.9;");
}

/* All within one second: the order of what happened decides, not the clock. */
Test(enrol, coming_back_voids_what_was_issued_in_the_same_second)
{
    AUTO(hall) struct hall h;
    hall_open(&h);
    struct token t = hall_token(&h, (struct hall_order){0});
    AUTO(hall_answer) struct hall_answer a = hall_enrol(&h, &t, CSR_1, 5);
    EXPECT_GRANTED(a);
    struct x509_peer old = hall_peer(&a.enrolled);
    AUTO(hall_answer) struct hall_answer renewed = hall_renew(&h, &old, CSR_1, 5);
    EXPECT_GRANTED(renewed);
    struct x509_peer old_too = hall_peer(&renewed.enrolled);
    struct token back =
        hall_token(&h, (struct hall_order){.server = a.enrolled.server, .at = 5});
    AUTO(hall_answer) struct hall_answer b = hall_enrol(&h, &back, CSR_2, 5);
    EXPECT_GRANTED(b);
    struct x509_peer peer = hall_peer(&b.enrolled);
    cr_assert_eq(hall_admit(&h, &old, 5, 0), REFUSAL_REPLACED);
    cr_assert_eq(hall_admit(&h, &old_too, 5, 0), REFUSAL_REPLACED);
    cr_assert_eq(hall_admit(&h, &peer, 5, 0), REFUSAL_NONE);
    AUTO(hall_answer) struct hall_answer again = hall_enrol(&h, &back, CSR_2, 5);
    EXPECT_GRANTED(again);
    struct x509_peer twice = hall_peer(&again.enrolled);
    cr_assert_eq(hall_admit(&h, &twice, 5, 0), REFUSAL_NONE, "asked again at once");
    AUTO(hall_answer) struct hall_answer next = hall_renew(&h, &peer, CSR_3, 5);
    EXPECT_GRANTED(next);
    struct x509_peer third = hall_peer(&next.enrolled);
    cr_assert_eq(hall_admit(&h, &third, 5, 0), REFUSAL_NONE, "renewed at once");
}

/* The first machine's token still holds, its key is known: but the server is another now. */
Test(enrol, who_was_replaced_does_not_come_back_by_asking_again)
{
    AUTO(hall) struct hall h;
    hall_open(&h);
    struct token t = hall_token(&h, (struct hall_order){0});
    AUTO(hall_answer) struct hall_answer a = hall_enrol(&h, &t, CSR_1, 0);
    EXPECT_GRANTED(a);
    struct token back = hall_token(&h, (struct hall_order){.server = a.enrolled.server});
    AUTO(hall_answer) struct hall_answer b = hall_enrol(&h, &back, CSR_2, 10);
    EXPECT_GRANTED(b);
    AUTO(hall_answer) struct hall_answer c = hall_enrol(&h, &t, CSR_1, 20);
    EXPECT_REFUSED(c, REFUSAL_REPLACED);
    AUTO(hall_answer) struct hall_answer again = hall_enrol(&h, &back, CSR_2, 20);
    EXPECT_GRANTED(again);
}

Test(enrol, a_server_of_the_estate_is_enrolled_under_its_own_name)
{
    AUTO(hall) struct hall h;
    AUTO(buf) struct buf trail = BUF_INIT(4096);
    struct store_admission admission;

    hall_open(&h);
    hall_put_server(&h, "mail.example.nl", "r2", ever);
    struct token t =
        hall_token(&h, (struct hall_order){.reseller = "r2", .server = "mail.example.nl"});
    AUTO(hall_answer) struct hall_answer a = hall_enrol(&h, &t, CSR_3, 3);
    EXPECT_GRANTED(a);
    cr_assert_str_eq(a.enrolled.server, "mail.example.nl");
    cr_assert_str_eq(a.enrolled.reseller, "r2");
    HALL_OK(&h, store_get_admission(h.store, "mail.example.nl", &admission));
    cr_assert_eq(admission.enrolled_at.s, AT(3).s);
    hall_trail(&h, "mail.example.nl", &trail);
    cr_assert_str_eq(buf_str(&trail), "token-created Ann;server-enrolled 203.0.113.9;");
}

Test(enrol, coming_back_keeps_the_first_enrolment)
{
    AUTO(hall) struct hall h;
    struct store_admission admission;

    hall_open(&h);
    struct token t = hall_token(&h, (struct hall_order){0});
    AUTO(hall_answer) struct hall_answer a = hall_enrol(&h, &t, CSR_1, 3);
    EXPECT_GRANTED(a);
    struct token back =
        hall_token(&h, (struct hall_order){.server = a.enrolled.server, .at = 400 * DAY});
    AUTO(hall_answer) struct hall_answer b = hall_enrol(&h, &back, CSR_2, 401 * DAY);
    EXPECT_GRANTED(b);
    HALL_OK(&h, store_get_admission(h.store, a.enrolled.server, &admission));
    cr_assert_eq(admission.enrolled_at.s, AT(3).s);
}

/* The token was made while the server was theirs, and is used when it is not. */
Test(enrol, a_server_that_was_sold_does_not_come_back_to_its_old_reseller)
{
    AUTO(hall) struct hall h;
    hall_open(&h);
    hall_put_server(&h, "srv-7", "r1", (struct term){WALL_BEGIN, AT(1000)});
    hall_put_server(&h, "srv-7", "r2", (struct term){AT(1000), WALL_END});
    struct token t = hall_token(&h, (struct hall_order){.server = "srv-7"});
    AUTO(hall_answer) struct hall_answer a = hall_enrol(&h, &t, CSR_1, 1000);
    EXPECT_REFUSED(a, REFUSAL_NOT_THEIRS);
    cr_assert_eq(hall_used(&h, &t), 0);
}

Test(enrol, a_renewal_is_for_the_same_server_and_the_earlier_certificate_stays_good)
{
    AUTO(hall) struct hall h;
    AUTO(buf) struct buf trail = BUF_INIT(4096);

    hall_open(&h);
    struct token t = hall_token(&h, (struct hall_order){0});
    AUTO(hall_answer) struct hall_answer a = hall_enrol(&h, &t, CSR_1, 0);
    EXPECT_GRANTED(a);
    struct x509_peer peer = hall_peer(&a.enrolled);
    AUTO(hall_answer) struct hall_answer same = hall_renew(&h, &peer, CSR_1, 60 * DAY);
    EXPECT_GRANTED(same);
    AUTO(hall_answer) struct hall_answer b = hall_renew(&h, &peer, CSR_2, 60 * DAY);
    EXPECT_GRANTED(b);
    cr_assert_str_eq(b.enrolled.server, a.enrolled.server);
    cr_assert_str_eq(b.enrolled.reseller, "r1");
    cr_assert_eq(b.enrolled.certificate.term.to.s, AT(150 * DAY).s);
    struct x509_peer next = hall_peer(&b.enrolled);
    cr_assert_neq(memcmp(&next.key_id, &peer.key_id, sizeof(next.key_id)), 0, "a new key");
    cr_assert_eq(hall_admit(&h, &next, 61 * DAY, 0), REFUSAL_NONE);
    cr_assert_eq(hall_admit(&h, &peer, 61 * DAY, 0), REFUSAL_NONE);
    hall_trail(&h, a.enrolled.server, &trail);
    cr_assert_str_eq(buf_str(&trail),
                     "server-enrolled 203.0.113.9;certificate-renewed 203.0.113.9;"
                     "certificate-renewed 203.0.113.9;");
}

Test(enrol, a_certificate_is_renewed_late_but_not_too_late)
{
    AUTO(hall) struct hall h;
    hall_open(&h);
    struct token t = hall_token(&h, (struct hall_order){0});
    AUTO(hall_answer) struct hall_answer a = hall_enrol(&h, &t, CSR_1, 0);
    EXPECT_GRANTED(a);
    struct x509_peer peer = hall_peer(&a.enrolled);
    AUTO(hall_answer)
    struct hall_answer late = hall_renew(&h, &peer, CSR_1, LIFETIME + LATE + 1);
    EXPECT_REFUSED(late, REFUSAL_EXPIRED);
    AUTO(hall_answer) struct hall_answer b = hall_renew(&h, &peer, CSR_1, LIFETIME + LATE);
    EXPECT_GRANTED(b);
    struct x509_peer next = hall_peer(&b.enrolled);
    cr_assert_eq(hall_admit(&h, &next, LIFETIME + LATE, 0), REFUSAL_NONE);
    cr_assert_eq(hall_admit(&h, &peer, LIFETIME + LATE, 0), REFUSAL_EXPIRED);
}

Test(enrol, who_is_not_let_in_does_not_renew)
{
    AUTO(hall) struct hall h;
    hall_open(&h);
    struct token t = hall_token(&h, (struct hall_order){0});
    AUTO(hall_answer) struct hall_answer a = hall_enrol(&h, &t, CSR_1, 0);
    EXPECT_GRANTED(a);
    struct x509_peer peer = hall_peer(&a.enrolled);
    AUTO(hall_answer) struct hall_answer none = hall_renew(&h, NULL, CSR_1, 10);
    EXPECT_REFUSED(none, REFUSAL_NO_CERTIFICATE);
    AUTO(hall_answer) struct hall_answer bad = hall_renew(&h, &peer, CSR_4, 10);
    cr_assert_eq(bad.error, -EBADMSG);
    hall_revoke(&h, a.enrolled.server, 20);
    AUTO(hall_answer) struct hall_answer revoked = hall_renew(&h, &peer, CSR_1, 30);
    EXPECT_REFUSED(revoked, REFUSAL_REVOKED);
}

Test(enrol, nothing_outlives_the_authority_and_an_expired_one_signs_nothing)
{
    AUTO(hall) struct hall h;
    hall_open(&h);
    int64_t end = authority_term(h.authority).to.s - T0.s;
    struct token t = hall_token(&h, (struct hall_order){.uses = 2, .expires = end + 10 * DAY});
    AUTO(hall_answer) struct hall_answer a = hall_enrol(&h, &t, CSR_1, end - DAY);
    EXPECT_GRANTED(a);
    cr_assert_eq(a.enrolled.certificate.term.to.s, T0.s + end);
    AUTO(hall_answer) struct hall_answer b = hall_enrol(&h, &t, CSR_2, end + 1);
    cr_assert_eq(b.error, -ERANGE);
    cr_assert_eq(hall_used(&h, &t), 1);
}

/* What a trail shows says nothing with which anybody could enrol. */
Test(enrol, the_trail_has_no_secret)
{
    AUTO(hall) struct hall h;
    AUTO(store_scan) struct store_scan *scan = NULL;
    AUTO(buf) struct buf secret = BUF_INIT(64), hash_text = BUF_INIT(128);
    struct store_event e;
    struct digest hash;
    int n = 0;

    hall_open(&h);
    struct token t = hall_token(&h, (struct hall_order){0});
    AUTO(hall_answer) struct hall_answer a = hall_enrol(&h, &t, CSR_1, 0);
    EXPECT_GRANTED(a);
    hall_revoke_token(&h, &t, 1);
    buf_add_hex(&secret, t.secret, sizeof(t.secret));
    cr_assert_eq(token_hash(&t, &hash), 0);
    buf_add_hex(&hash_text, hash.bytes, sizeof(hash.bytes));
    HALL_OK(&h, store_scan_events(h.store, NULL, &scan));
    for (; store_next_event(scan, &e) > 0; n++) {
        cr_expect_eq(strstr(e.details, buf_str(&secret)), NULL, "%s", e.details);
        cr_expect_eq(strstr(e.details, buf_str(&hash_text)), NULL, "%s", e.details);
    }
    cr_assert_eq(n, 3);
}
