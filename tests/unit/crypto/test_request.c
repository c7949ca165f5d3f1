/* Claims about a client's keys, requests and identity: openssl is the judge of what we make,
 * and makes what we are given. */
#include "crypto/request.h"
#include "unit/crypto/pki.h"

SUITE(request);

#define P256 "EC -pkeyopt ec_paramgen_curve:P-256"

static struct text text_in(const struct buf *b)
{
    return (struct text){buf_str(b), b->len};
}

/* A key and a request of ours, and their files c.key and c.csr. */
static void make_request(const struct pki *p, struct buf *key, struct buf *csr)
{
    struct diag d = {""};
    cr_assert_eq(request_new_key(key, &d), 0, "%s", d.text);
    cr_assert_eq(request_make(text_in(key), csr, &d), 0, "%s", d.text);
    openssl_put(&p->folder, "c.key", text_in(key));
    openssl_put(&p->folder, "c.csr", text_in(csr));
}

Test(request, openssl_finds_the_key_and_the_request_good)
{
    AUTO(pki) struct pki p;
    pki_init(&p);
    AUTO(request_secret) struct buf key = BUF_INIT(REQUEST_KEY_CAP);
    AUTO(buf) struct buf csr = BUF_INIT(X509_PEM_CAP);
    AUTO(buf) struct buf said = BUF_INIT(X509_PEM_CAP);
    make_request(&p, &key, &csr);
    openssl_must(&p.folder, "pkey -in c.key -check -noout -text");
    cr_expect(strstr(openssl_file(&p.folder, "said", &said).p, "P-256") != NULL);
    openssl_must(&p.folder, "req -in c.csr -verify -noout");
    openssl_must(&p.folder, "pkey -in c.key -pubout -out one.pub");
    openssl_must(&p.folder, "req -in c.csr -pubkey -noout -out two.pub");
    AUTO(buf) struct buf one = BUF_INIT(X509_PEM_CAP);
    AUTO(buf) struct buf two = BUF_INIT(X509_PEM_CAP);
    cr_expect_str_eq(openssl_file(&p.folder, "one.pub", &one).p,
                     openssl_file(&p.folder, "two.pub", &two).p);
}

Test(request, the_collector_finds_the_request_good)
{
    AUTO(pki) struct pki p;
    pki_init(&p);
    AUTO(request_secret) struct buf key = BUF_INIT(REQUEST_KEY_CAP);
    AUTO(buf) struct buf csr = BUF_INIT(X509_PEM_CAP);
    struct digest id;
    struct diag d = {""};
    make_request(&p, &key, &csr);
    cr_expect_eq(csr_check(text_in(&csr), &id, &d), 0, "%s", d.text);
}

Test(request, keys_differ)
{
    AUTO(request_secret) struct buf one = BUF_INIT(REQUEST_KEY_CAP);
    AUTO(request_secret) struct buf two = BUF_INIT(REQUEST_KEY_CAP);
    struct diag d = {""};
    cr_assert_eq(request_new_key(&one, &d), 0);
    cr_assert_eq(request_new_key(&two, &d), 0);
    cr_expect_str_neq(buf_str(&one), buf_str(&two));
}

Test(request, a_wiped_key_is_gone)
{
    struct buf key = BUF_INIT(REQUEST_KEY_CAP);
    struct diag d = {""};
    cr_assert_eq(request_new_key(&key, &d), 0);
    cr_assert_geq(key.len, 200, "a P-256 key in PKCS #8 has 138 bytes, 184 in base 64");
    const char *where = key.data;
    size_t n = key.size;
    request_wipe(&key);
    cr_expect_eq(key.data, where, "it never moved");
    for (size_t i = 0; i < n; i++)
        cr_expect_eq(key.data[i], 0);
    cr_expect_eq(key.len, 0);
    buf_done(&key);
    request_wipe(&key); /* harmless without memory */
}

Test(request, what_is_no_key_makes_no_request)
{
    static const char *const bad[] = {
        "", "nonsense", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"};
    AUTO(buf) struct buf csr = BUF_INIT(X509_PEM_CAP);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct diag d = {""};
        cr_expect_eq(request_make(text_of(bad[i]), &csr, &d), -EBADMSG, "%s", bad[i]);
        cr_expect(d.text[0] != '\0');
        cr_expect_eq(csr.len, 0);
    }
}

Test(request, an_encrypted_key_is_refused_without_a_question)
{
    AUTO(pki) struct pki p;
    pki_init(&p);
    AUTO(buf) struct buf key = BUF_INIT(X509_PEM_CAP);
    AUTO(buf) struct buf csr = BUF_INIT(X509_PEM_CAP);
    struct diag d = {""};
    openssl_must(&p.folder, "genpkey -algorithm " P256 " -aes128 -pass pass:word -out c.key");
    cr_expect_eq(request_make(openssl_file(&p.folder, "c.key", &key), &csr, &d), -EBADMSG);
}

/* ---- The identity --------------------------------------------------------------------- */

Test(request, an_identity_is_its_key_and_its_certificate)
{
    AUTO(pki) struct pki p;
    pki_init(&p);
    AUTO(request_secret) struct buf key = BUF_INIT(REQUEST_KEY_CAP);
    AUTO(buf) struct buf csr = BUF_INIT(X509_PEM_CAP);
    AUTO(buf) struct buf crt = BUF_INIT(X509_PEM_CAP);
    AUTO(request_secret) struct buf identity = BUF_INIT(X509_PEM_CAP);
    struct x509_term term;
    struct diag d = {""};
    make_request(&p, &key, &csr);
    pki_issue(&p, "c", "srv-1");
    struct text pem = openssl_file(&p.folder, "c.pem", &crt);
    cr_assert_eq(request_join(text_in(&key), pem, &identity, &d), 0, "%s", d.text);
    cr_assert_eq(request_read_identity(text_in(&identity), &term, &d), 0, "%s", d.text);
    /* As pki_issue() orders it: backdated as all are, for 90 days. */
    cr_expect_eq(term.from.s, p.now.s - X509_BACKDATE.s);
    cr_expect_eq(term.to.s, p.now.s + INT64_C(90) * 86400);
    openssl_put(&p.folder, "identity.pem", text_in(&identity));
    openssl_must(&p.folder, "pkey -in identity.pem -check -noout");
    openssl_must(&p.folder, "verify -CAfile ca.pem -purpose sslclient identity.pem");
}

Test(request, an_identity_holds_no_more_than_the_two)
{
    AUTO(pki) struct pki p;
    pki_init(&p);
    AUTO(request_secret) struct buf key = BUF_INIT(REQUEST_KEY_CAP);
    AUTO(buf) struct buf csr = BUF_INIT(X509_PEM_CAP);
    AUTO(buf) struct buf crt = BUF_INIT(X509_PEM_CAP);
    AUTO(buf) struct buf more = BUF_INIT(X509_PEM_CAP);
    AUTO(request_secret) struct buf identity = BUF_INIT(X509_PEM_CAP);
    struct diag d = {""};
    make_request(&p, &key, &csr);
    pki_issue(&p, "c", "srv-1");
    buf_add_str(&more, "words before\n");
    struct text pem = openssl_file(&p.folder, "c.pem", &crt);
    buf_add(&more, pem.p, pem.n);
    struct text ca = authority_certificate_pem(p.authority);
    buf_add(&more, ca.p, ca.n);
    buf_add(&more, key.data, key.len);
    cr_assert_eq(request_join(text_in(&key), text_in(&more), &identity, &d), 0, "%s", d.text);
    const char *text = buf_str(&identity);
    cr_expect(strncmp(text, "-----BEGIN PRIVATE KEY-----", 27) == 0);
    const char *first = strstr(text, "-----BEGIN CERTIFICATE-----");
    cr_assert_not_null(first);
    cr_expect_null(strstr(first + 1, "-----BEGIN"));
}

Test(request, another_key_s_certificate_makes_no_identity)
{
    AUTO(pki) struct pki p;
    pki_init(&p);
    AUTO(request_secret) struct buf key = BUF_INIT(REQUEST_KEY_CAP);
    AUTO(request_secret) struct buf other = BUF_INIT(REQUEST_KEY_CAP);
    AUTO(buf) struct buf csr = BUF_INIT(X509_PEM_CAP);
    AUTO(buf) struct buf crt = BUF_INIT(X509_PEM_CAP);
    AUTO(request_secret) struct buf identity = BUF_INIT(X509_PEM_CAP);
    struct x509_term term;
    struct diag d = {""};
    make_request(&p, &key, &csr);
    pki_issue(&p, "c", "srv-1");
    cr_assert_eq(request_new_key(&other, &d), 0);
    struct text pem = openssl_file(&p.folder, "c.pem", &crt);
    cr_expect_eq(request_join(text_in(&other), pem, &identity, &d), -EBADMSG);
    cr_expect(strstr(d.text, "another key") != NULL, "%s", d.text);
    cr_expect_eq(identity.len, 0);
    buf_add(&other, pem.p,
            pem.n); /* the file as an interrupted exchange of ours never leaves */
    cr_assert_eq(buf_error(&other), 0);
    cr_expect_eq(request_read_identity(text_in(&other), &term, &d), -EBADMSG);
}

Test(request, half_an_identity_is_none)
{
    AUTO(pki) struct pki p;
    pki_init(&p);
    AUTO(request_secret) struct buf key = BUF_INIT(REQUEST_KEY_CAP);
    AUTO(buf) struct buf csr = BUF_INIT(X509_PEM_CAP);
    AUTO(buf) struct buf crt = BUF_INIT(X509_PEM_CAP);
    AUTO(request_secret) struct buf identity = BUF_INIT(X509_PEM_CAP);
    struct x509_term term = {.from = {7}};
    struct diag d = {""};
    make_request(&p, &key, &csr);
    pki_issue(&p, "c", "srv-1");
    struct text pem = openssl_file(&p.folder, "c.pem", &crt);
    cr_expect_eq(request_read_identity(text_in(&key), &term, &d), -EBADMSG, "no certificate");
    cr_expect_eq(request_read_identity(pem, &term, &d), -EBADMSG, "no key");
    cr_expect_eq(request_read_identity(text_of(""), &term, &d), -EBADMSG, "nothing");
    cr_assert_eq(request_join(text_in(&key), pem, &identity, &d), 0);
    size_t end = identity.len - strlen("-----END CERTIFICATE-----\n");
    for (size_t n = 0; n < end; n += 7) /* a file that was cut off anywhere */
        cr_expect_eq(request_read_identity((struct text){identity.data, n}, &term, &d),
                     -EBADMSG, "%zu bytes", n);
    cr_expect_eq(term.from.s, 7, "untouched");
}

/* ---- Whom to believe ------------------------------------------------------------------ */

Test(request, the_certificate_of_a_fingerprint_is_found_wherever_it_stands)
{
    AUTO(pki) struct pki p;
    pki_init(&p);
    AUTO(buf) struct buf crt = BUF_INIT(X509_PEM_CAP);
    AUTO(buf) struct buf chain = BUF_INIT(X509_PEM_CAP);
    AUTO(buf) struct buf found = BUF_INIT(X509_PEM_CAP);
    const struct digest *wanted = authority_fingerprint(p.authority);
    struct text ca = authority_certificate_pem(p.authority);
    pki_request(&p, "c", P256);
    pki_issue(&p, "c", "srv-1");
    struct text pem = openssl_file(&p.folder, "c.pem", &crt);
    cr_expect_eq(request_find(pem, wanted, &found), -ENOENT);
    buf_add(&chain, pem.p, pem.n);
    buf_add(&chain, ca.p, ca.n);
    buf_add(&chain, pem.p, pem.n);
    cr_assert_eq(request_find(text_in(&chain), wanted, &found), 0);
    openssl_put(&p.folder, "found.pem", text_in(&found));
    openssl_must(&p.folder, "x509 -in found.pem -outform DER -out found.der");
    openssl_must(&p.folder, "x509 -in ca.pem -outform DER -out ca.der");
    AUTO(buf) struct buf one = BUF_INIT(X509_PEM_CAP);
    AUTO(buf) struct buf two = BUF_INIT(X509_PEM_CAP);
    struct text a = openssl_file(&p.folder, "found.der", &one);
    struct text b = openssl_file(&p.folder, "ca.der", &two);
    cr_expect(a.n == b.n && memcmp(a.p, b.p, a.n) == 0);
}

Test(request, nothing_is_found_in_what_is_no_list)
{
    struct digest wanted = {{0}};
    AUTO(buf) struct buf found = BUF_INIT(X509_PEM_CAP);
    AUTO(buf) struct buf large = BUF_INIT(X509_PEM_CAP + 1);
    while (large.len <= X509_PEM_CAP)
        buf_add_char(&large, '\n');
    cr_expect_eq(request_find(text_of(""), &wanted, &found), -EBADMSG);
    cr_expect_eq(request_find(text_of("nonsense"), &wanted, &found), -EBADMSG);
    cr_expect_eq(request_find(text_in(&large), &wanted, &found), -EBADMSG);
    cr_expect_eq(found.len, 0);
}

Test(request, only_an_authority_s_certificate_is_believed)
{
    AUTO(pki) struct pki p;
    pki_init(&p);
    AUTO(buf) struct buf crt = BUF_INIT(X509_PEM_CAP);
    AUTO(buf) struct buf twice = BUF_INIT(X509_PEM_CAP);
    AUTO(buf) struct buf found = BUF_INIT(X509_PEM_CAP);
    struct text ca = authority_certificate_pem(p.authority);
    struct diag d = {""};
    pki_request(&p, "c", P256);
    pki_issue(&p, "c", "srv-1");
    cr_expect_eq(request_read_authority(openssl_file(&p.folder, "c.pem", &crt), &found, &d),
                 -EBADMSG, "a client's");
    cr_expect_eq(request_read_authority(text_of("x"), &found, &d), -EBADMSG, "none");
    buf_add(&twice, ca.p, ca.n);
    buf_add(&twice, ca.p, ca.n);
    cr_expect_eq(request_read_authority(text_in(&twice), &found, &d), -EBADMSG, "two");
    cr_expect_eq(found.len, 0);
    cr_assert_eq(request_read_authority(ca, &found, &d), 0, "%s", d.text);
    cr_expect_str_eq(buf_str(&found), ca.p, "GnuTLS wrote both");
}
