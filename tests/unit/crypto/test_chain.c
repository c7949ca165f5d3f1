/* Claims about a server's certificate that was brought along. */
#include "unit/crypto/pki.h"

SUITE(chain);

#define P256 "EC -pkeyopt ec_paramgen_curve:P-256"

static int check(const struct pki *p, const struct authority *a, const char *file, wall_t now)
{
    AUTO(buf) struct buf pem = BUF_INIT(X509_PEM_CAP);
    struct diag d = {""};
    int r = authority_check_server(a, openssl_file(&p->folder, file, &pem), now, &d);
    cr_expect((r == 0) == (d.text[0] == '\0'), "%s", d.text);
    return r;
}

Test(chain, a_server_s_certificate_is_taken_in_its_time)
{
    AUTO(pki) struct pki p;
    pki_init(&p);
    AUTO(buf) struct buf pem = BUF_INIT(X509_PEM_CAP);
    struct x509_term term;
    pki_request(&p, "s", P256);
    pki_sign(&p, "s", "server");
    cr_assert_eq(x509_chain_term(openssl_file(&p.folder, "s.pem", &pem), &term), 0);
    cr_expect_eq(term.to.s - term.from.s, INT64_C(86400) * 30);
    cr_expect_eq(check(&p, p.authority, "s.pem", term.from), 0);
    cr_expect_eq(check(&p, p.authority, "s.pem", (wall_t){term.from.s - 1}), -EBADMSG);
    cr_expect_eq(check(&p, p.authority, "s.pem", (wall_t){term.to.s - 1}), 0);
    cr_expect_eq(check(&p, p.authority, "s.pem", (wall_t){term.to.s + 1}), -EBADMSG);
}

Test(chain, a_client_s_or_another_s_certificate_is_refused)
{
    AUTO(pki) struct pki p;
    pki_init(&p);
    AUTO(authority) struct authority *other = NULL;
    struct diag d = {""};
    cr_assert_eq(authority_new("fairuse collector", p.now, DAYS(30), &other, &d), 0);
    pki_request(&p, "s", P256);
    pki_sign(&p, "s", "server");
    wall_t now = {time(NULL)};
    cr_expect_eq(check(&p, p.authority, "s.pem", now), 0);
    cr_expect_eq(check(&p, other, "s.pem", now), -EBADMSG);
    cr_expect_eq(check(&p, p.authority, "s.key", now), -EBADMSG, "no certificate");
    pki_sign(&p, "s", "client");
    cr_expect_eq(check(&p, p.authority, "s.pem", now), -EBADMSG);
}

Test(chain, an_issuer_between_may_be_in_the_file)
{
    AUTO(pki) struct pki p;
    pki_init(&p);
    AUTO(buf) struct buf pem = BUF_INIT(X509_PEM_CAP);
    AUTO(buf) struct buf key = BUF_INIT(X509_PEM_CAP);
    AUTO(buf) struct buf both = BUF_INIT(X509_PEM_CAP);
    AUTO(authority) struct authority *root = NULL;
    struct diag d = {""};
    openssl_must(&p.folder, "genpkey -algorithm " P256 " -out ca.key");
    openssl_must(&p.folder, "req -x509 -new -config cnf -key ca.key -subj /CN=root "
                            "-extensions ca -out ca.pem");
    cr_assert_eq(authority_read(openssl_file(&p.folder, "ca.pem", &pem),
                                openssl_file(&p.folder, "ca.key", &key), &root, &d),
                 0, "%s", d.text);
    pki_request(&p, "middle", P256);
    pki_sign(&p, "middle", "ca");
    openssl_put(&p.folder, "ca.pem", openssl_file(&p.folder, "middle.pem", &pem));
    openssl_put(&p.folder, "ca.key", openssl_file(&p.folder, "middle.key", &key));
    pki_request(&p, "s", P256);
    pki_sign(&p, "s", "server");
    cr_expect_eq(check(&p, root, "s.pem", (wall_t){time(NULL)}), -EBADMSG, "without it");
    struct text s = openssl_file(&p.folder, "s.pem", &pem);
    struct text middle = openssl_file(&p.folder, "middle.pem", &key);
    buf_add(&both, s.p, s.n);
    buf_add(&both, middle.p, middle.n);
    openssl_put(&p.folder, "s.pem", (struct text){both.data, both.len});
    cr_expect_eq(check(&p, root, "s.pem", (wall_t){time(NULL)}), 0);
}
