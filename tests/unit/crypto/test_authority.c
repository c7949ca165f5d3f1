/* Claims about authorities: made here, and brought along as openssl makes them. */
#include "unit/crypto/pki.h"

SUITE(authority);

#define P256 "EC -pkeyopt ec_paramgen_curve:P-256"
#define P384 "EC -pkeyopt ec_paramgen_curve:P-384"
#define P521 "EC -pkeyopt ec_paramgen_curve:P-521"
#define RSA(bits) "RSA -pkeyopt rsa_keygen_bits:" #bits

#define VERIFY "verify -x509_strict -CAfile ca.pem "
#define OUT " -out ca.key"

Test(authority, a_new_authority_is_one_to_openssl)
{
    AUTO(pki) struct pki p;
    pki_init(&p);
    AUTO(buf) struct buf said = BUF_INIT(65536);
    openssl_must(&p.folder, VERIFY "ca.pem");
    openssl_must(&p.folder, "x509 -in ca.pem -noout -subject -ext basicConstraints,keyUsage");
    const char *text = openssl_file(&p.folder, "said", &said).p;
    cr_expect(strstr(text, "CN = fairuse collector"), "%s", text);
    cr_expect(strstr(text, "Basic Constraints: critical\n    CA:TRUE, pathlen:0"), "%s", text);
    cr_expect(strstr(text, "Key Usage: critical\n    Certificate Sign\n"), "%s", text);
}

/* openssl prints it as AB:CD:... after a "=". */
Test(authority, the_fingerprint_is_the_one_that_openssl_prints)
{
    AUTO(pki) struct pki p;
    pki_init(&p);
    AUTO(buf) struct buf said = BUF_INIT(65536);
    char ours[DIGEST_TEXT_SIZE];
    char theirs[DIGEST_TEXT_SIZE] = "";
    openssl_must(&p.folder, "x509 -in ca.pem -noout -fingerprint -sha256");
    size_t n = 0;
    for (const char *c = strchr(openssl_file(&p.folder, "said", &said).p, '=') + 1;
         *c && n < sizeof theirs - 1; c++) {
        if (*c >= 'A' && *c <= 'F')
            theirs[n++] = (char)(*c - 'A' + 'a');
        else if (*c >= '0' && *c <= '9')
            theirs[n++] = *c;
    }
    cr_assert_str_eq(digest_format(authority_fingerprint(p.authority), ours), theirs);
}

Test(authority, an_authority_survives_a_round_trip)
{
    AUTO(pki) struct pki p;
    pki_init(&p);
    AUTO(authority) struct authority *again = NULL;
    AUTO(buf) struct buf key = BUF_INIT(X509_PEM_CAP);
    struct diag d = {""};
    cr_assert_eq(authority_key_pem(p.authority, &key), 0);
    cr_assert_eq(authority_read(authority_certificate_pem(p.authority),
                                (struct text){key.data, key.len}, &again, &d),
                 0, "%s", d.text);
    cr_expect_arr_eq(authority_fingerprint(again)->bytes,
                     authority_fingerprint(p.authority)->bytes, DIGEST_BYTES);
    cr_expect_eq(authority_term(again).from.s, p.now.s - X509_BACKDATE.s);
    cr_expect_eq(authority_term(again).to.s, p.now.s + INT64_C(86400) * 3650);
    authority_free(NULL);
}

Test(authority, no_two_authorities_are_equal)
{
    AUTO(pki) struct pki p;
    pki_init(&p);
    AUTO(authority) struct authority *other = NULL;
    struct diag d = {""};
    cr_assert_eq(authority_new("fairuse collector", p.now, DAYS(3650), &other, &d), 0);
    cr_expect_arr_neq(authority_fingerprint(other)->bytes,
                      authority_fingerprint(p.authority)->bytes, DIGEST_BYTES);
}

/* Makes ca.key and ca.pem with openssl, and reads them. */
static int bring_authority(struct pki *p, const char *genkey, const char *section,
                           struct authority **ret, struct diag *d)
{
    AUTO(buf) struct buf pem = BUF_INIT(X509_PEM_CAP);
    AUTO(buf) struct buf key = BUF_INIT(X509_PEM_CAP);
    openssl_must(&p->folder, "%s", genkey);
    openssl_must(&p->folder,
                 "req -x509 -new -config cnf -key ca.key -subj /O=Example/CN=ca -days 300 "
                 "-extensions %s -out ca.pem",
                 section);
    p->now.s = time(NULL); /* it is not valid from before it was made */
    return authority_read(openssl_file(&p->folder, "ca.pem", &pem),
                          openssl_file(&p->folder, "ca.key", &key), ret, d);
}

static const struct {
    const char *why, *genkey, *section;
} brought[] = {
    {"PKCS #8, P-256", "genpkey -algorithm " P256 OUT, "ca"},
    {"PKCS #8, P-384", "genpkey -algorithm " P384 OUT, "ca"},
    {"PKCS #8, P-521", "genpkey -algorithm " P521 OUT, "ca"},
    {"PKCS #8, Ed25519", "genpkey -algorithm ED25519" OUT, "ca"},
    {"PKCS #8, RSA", "genpkey -algorithm " RSA(2048) OUT, "ca"},
    {"SEC1, P-256", "ecparam -genkey -name prime256v1 -noout" OUT, "ca"},
    {"SEC1 after its parameters", "ecparam -genkey -name secp384r1" OUT, "ca"},
    {"PKCS #1, RSA", "genrsa -traditional" OUT " 3072", "ca"},
    {"without a key identifier", "genpkey -algorithm " P256 OUT, "ca_without_id"},
};

Test(authority, an_authority_of_any_usual_kind_can_be_brought_along)
{
    AUTO(pki) struct pki p;
    pki_init(&p);
    pki_request(&p, "c", P256);
    for (size_t i = 0; i < ARRAY_LEN(brought); i++) {
        AUTO(buf) struct buf der = BUF_INIT(X509_PEM_CAP);
        struct authority *a = NULL;
        struct diag d = {""};
        struct x509_peer peer;
        int r = bring_authority(&p, brought[i].genkey, brought[i].section, &a, &d);
        cr_assert_eq(r, 0, "%s: %s", brought[i].why, d.text);
        authority_free(p.authority);
        p.authority = a;
        pki_issue(&p, "c", "srv-1");
        /* Strictness asks an authority for an identifier, too. */
        openssl_must(&p.folder, "verify %s -purpose sslclient -CAfile ca.pem c.pem",
                     strcmp(brought[i].section, "ca") == 0 ? "-x509_strict" : "");
        cr_assert_eq(authority_examine(a, openssl_file(&p.folder, "c.der", &der), &peer), 0);
        cr_expect(peer.is_ours, "%s", brought[i].why);
        cr_expect_str_eq(peer.name, "srv-1");
    }
}

Test(authority, an_authority_of_an_authority_is_trusted_by_itself)
{
    AUTO(pki) struct pki p;
    pki_init(&p);
    AUTO(buf) struct buf pem = BUF_INIT(X509_PEM_CAP);
    AUTO(buf) struct buf key = BUF_INIT(X509_PEM_CAP);
    AUTO(buf) struct buf der = BUF_INIT(X509_PEM_CAP);
    AUTO(authority) struct authority *root = NULL;
    struct diag d = {""};
    struct x509_peer peer;
    cr_assert_eq(bring_authority(&p, "genpkey -algorithm " P384, "ca", &root, &d), 0);
    pki_request(&p, "middle", P256);
    pki_sign(&p, "middle", "ca");
    p.now.s = time(NULL);
    authority_free(STEAL(p.authority));
    cr_assert_eq(authority_read(openssl_file(&p.folder, "middle.pem", &pem),
                                openssl_file(&p.folder, "middle.key", &key), &p.authority, &d),
                 0, "%s", d.text);
    pki_request(&p, "c", P256);
    pki_issue(&p, "c", "srv-1");
    openssl_must(&p.folder, "verify -x509_strict -purpose sslclient -CAfile ca.pem "
                            "-untrusted middle.pem c.pem");
    openssl_must(&p.folder,
                 "verify -purpose sslclient -partial_chain -CAfile middle.pem c.pem");
    cr_assert_eq(authority_examine(p.authority, openssl_file(&p.folder, "c.der", &der), &peer),
                 0);
    cr_expect(peer.is_ours);
    cr_assert_eq(authority_examine(root, openssl_file(&p.folder, "c.der", &der), &peer), 0);
    cr_expect(!peer.is_ours, "the root did not sign it itself");
}

static const struct {
    const char *why, *genkey, *section;
} unfit[] = {
    {"no CA", "genpkey -algorithm " P256 OUT, "no_ca"},
    {"nothing about a CA", "genpkey -algorithm " P256 OUT, "no_constraints"},
    {"may sign lists alone", "genpkey -algorithm " P256 OUT, "no_signer"},
    {"no usage at all", "genpkey -algorithm " P256 OUT, "no_usage"},
    {"a small RSA key", "genpkey -algorithm " RSA(1024) OUT, "ca"},
    {"Ed448", "genpkey -algorithm ED448" OUT, "ca"},
};

Test(authority, what_is_no_authority_is_refused_with_the_reason)
{
    AUTO(pki) struct pki p;
    pki_init(&p);
    for (size_t i = 0; i < ARRAY_LEN(unfit); i++) {
        struct authority *a = NULL;
        struct diag d = {""};
        cr_expect_eq(bring_authority(&p, unfit[i].genkey, unfit[i].section, &a, &d), -EBADMSG,
                     "%s", unfit[i].why);
        cr_expect_null(a);
        cr_expect(strlen(d.text) > 0, "%s", unfit[i].why);
    }
}

static void expect_unread(struct text pem, struct text key, const char *why)
{
    struct authority *a = NULL;
    struct diag d = {""};
    cr_expect_eq(authority_read(pem, key, &a, &d), -EBADMSG, "%s", why);
    cr_expect_null(a);
    cr_expect(strlen(d.text) > 0, "%s", why);
}

Test(authority, a_key_that_is_another_s_or_locked_or_none_is_refused)
{
    AUTO(pki) struct pki p;
    pki_init(&p);
    AUTO(buf) struct buf pem = BUF_INIT(X509_PEM_CAP);
    AUTO(buf) struct buf key = BUF_INIT(X509_PEM_CAP);
    static char huge[X509_PEM_CAP + 1];
    memset(huge, 'A', sizeof huge);
    struct text good = openssl_file(&p.folder, "ca.pem", &pem);
    openssl_must(&p.folder, "genpkey -algorithm " P256 " -out other.key");
    expect_unread(good, openssl_file(&p.folder, "other.key", &key), "the same kind");
    openssl_must(&p.folder, "genpkey -algorithm ED25519 -out other.key");
    expect_unread(good, openssl_file(&p.folder, "other.key", &key), "another kind");
    openssl_must(&p.folder, "pkcs8 -topk8 -in ca.key -passout pass:x -out other.key");
    expect_unread(good, openssl_file(&p.folder, "other.key", &key), "locked");
    openssl_must(&p.folder, "ec -in ca.key -aes128 -passout pass:x -out other.key");
    expect_unread(good, openssl_file(&p.folder, "other.key", &key), "locked the old way");
    openssl_must(&p.folder, "pkey -in ca.key -pubout -out other.key");
    expect_unread(good, openssl_file(&p.folder, "other.key", &key), "public");
    expect_unread(good, good, "a certificate");
    expect_unread(good, (struct text){NULL, 0}, "nothing");
    expect_unread(good, (struct text){huge, sizeof huge}, "too long");
    struct text fits = openssl_file(&p.folder, "ca.key", &key);
    expect_unread((struct text){NULL, 0}, fits, "no certificate");
    expect_unread((struct text){huge, sizeof huge}, fits, "a certificate too long");
    expect_unread((struct text){good.p, good.n / 2}, fits, "half a certificate");
    expect_unread(fits, good, "exchanged");
}
