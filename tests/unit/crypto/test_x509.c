/* Claims about certificates: openssl is the judge of what we make, and makes what we judge. */
#include "unit/crypto/pki.h"

SUITE(x509);

#define P256 "EC -pkeyopt ec_paramgen_curve:P-256"
#define P384 "EC -pkeyopt ec_paramgen_curve:P-384"
#define P521 "EC -pkeyopt ec_paramgen_curve:P-521"
#define RSA(bits) "RSA -pkeyopt rsa_keygen_bits:" #bits

#define VERIFY "verify -x509_strict -CAfile ca.pem "

/* ---- Requests ------------------------------------------------------------------------- */

Test(x509, a_request_s_key_is_known_by_the_digest_of_its_public_key)
{
    static const char *const kinds[] = {P256, "ED25519"};
    AUTO(pki) struct pki p;
    pki_init(&p);
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        AUTO(buf) struct buf csr = BUF_INIT(X509_PEM_CAP);
        AUTO(buf) struct buf spki = BUF_INIT(X509_PEM_CAP);
        struct digest got;
        struct digest want;
        struct issued issued;
        struct diag d = {""};
        pki_request(&p, "c", kinds[i]);
        openssl_must(&p.folder, "pkey -in c.key -pubout -outform DER -out c.spki");
        cr_assert_eq(digest_sha256(openssl_file(&p.folder, "c.spki", &spki), &want), 0);
        struct text pem = openssl_file(&p.folder, "c.csr", &csr);
        cr_assert_eq(csr_check(pem, &got, &d), 0, "%s: %s", kinds[i], d.text);
        cr_expect_arr_eq(got.bytes, want.bytes, DIGEST_BYTES);
        const struct x509_client client = {pem, "srv-1", p.now, DAYS(90)};
        cr_assert_eq(authority_issue_client(p.authority, &client, &issued, &d), 0);
        cr_expect_arr_eq(issued.key_id.bytes, want.bytes, DIGEST_BYTES);
        issued_done(&issued);
    }
}

static void expect_refused(const struct pki *p, struct text csr, const char *why)
{
    struct digest id;
    struct issued issued;
    struct diag d = {""};
    const struct x509_client client = {csr, "srv-1", p->now, DAYS(90)};
    cr_expect_eq(csr_check(csr, &id, &d), -EBADMSG, "%s", why);
    cr_expect(strlen(d.text) > 0, "%s", why);
    cr_expect_eq(authority_issue_client(p->authority, &client, &issued, &d), -EBADMSG, "%s",
                 why);
}

Test(x509, keys_of_other_kinds_are_refused)
{
    static const char *const kinds[] = {P384, P521, RSA(2048), "ED448",
                                        "EC -pkeyopt ec_paramgen_curve:secp256k1"};
    AUTO(pki) struct pki p;
    pki_init(&p);
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        AUTO(buf) struct buf csr = BUF_INIT(X509_PEM_CAP);
        pki_request(&p, "c", kinds[i]);
        expect_refused(&p, openssl_file(&p.folder, "c.csr", &csr), kinds[i]);
    }
}

Test(x509, what_is_no_request_is_refused)
{
    AUTO(pki) struct pki p;
    pki_init(&p);
    AUTO(buf) struct buf csr = BUF_INIT(X509_PEM_CAP);
    AUTO(buf) struct buf other = BUF_INIT(X509_PEM_CAP);
    static char huge[X509_PEM_CAP + 1];
    memset(huge, 'A', sizeof huge);
    pki_request(&p, "c", P256);
    struct text pem = openssl_file(&p.folder, "c.csr", &csr);
    size_t whole = (size_t)(strstr(pem.p, "-----END") - pem.p);
    for (size_t n = 0; n < whole; n += 7)
        expect_refused(&p, (struct text){pem.p, n}, "cut off");
    expect_refused(&p, (struct text){huge, sizeof huge}, "too long");
    expect_refused(&p, openssl_file(&p.folder, "ca.pem", &other), "a certificate");
    expect_refused(&p, openssl_file(&p.folder, "c.key", &other), "a key");
    openssl_must(&p.folder, "req -in c.csr -outform DER -out c.der");
    expect_refused(&p, openssl_file(&p.folder, "c.der", &other), "not PEM");
}

/* The request as DER with one bit changed, and PEM again. */
static struct text with_bit(struct text der, size_t bit, struct buf *pem)
{
    AUTO(buf) struct buf changed = BUF_INIT(X509_PEM_CAP);
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    buf_add(&changed, der.p, der.n);
    changed.data[bit / 8] = (char)(changed.data[bit / 8] ^ (1 << bit % 8));
    buf_add(&changed, "\0\0", 3 - der.n % 3);
    buf_reset(pem);
    buf_add_str(pem, "-----BEGIN CERTIFICATE REQUEST-----\n");
    for (size_t i = 0; i < der.n; i += 3) {
        const uint8_t *b = (const uint8_t *)changed.data + i;
        uint32_t v = (uint32_t)b[0] << 16 | (uint32_t)b[1] << 8 | b[2];
        for (size_t k = 0; k < 4; k++)
            buf_add_char(pem, i + k > der.n ? '=' : digits[v >> (18 - 6 * k) & 63]);
        if (i % 48 == 45)
            buf_add_char(pem, '\n');
    }
    buf_add_str(pem, "\n-----END CERTIFICATE REQUEST-----\n");
    cr_assert_eq(buf_error(pem), 0);
    return (struct text){buf_str(pem), pem->len};
}

Test(x509, a_request_that_was_changed_anywhere_is_refused)
{
    AUTO(pki) struct pki p;
    pki_init(&p);
    AUTO(buf) struct buf file = BUF_INIT(X509_PEM_CAP);
    AUTO(buf) struct buf pem = BUF_INIT(X509_PEM_CAP);
    pki_request(&p, "c", P256);
    openssl_must(&p.folder, "req -in c.csr -outform DER -out c.der");
    struct text der = openssl_file(&p.folder, "c.der", &file);
    for (size_t bit = 0; bit < 8 * der.n; bit++) {
        struct digest id;
        struct diag d = {""};
        int r = csr_check(with_bit(der, bit, &pem), &id, &d);
        cr_expect_eq(r, -EBADMSG, "byte %zu, bit %zu", bit / 8, bit % 8);
    }
}

/* ---- What is issued ------------------------------------------------------------------- */

static const char name_64[] =
    "s23456789-123456789-123456789-123456789-123456789-123456789-1234";

Test(x509, a_client_s_certificate_is_one_to_openssl)
{
    static const char *const names[] = {"srv-1", name_64, "Zürich Süd 東京"};
    AUTO(pki) struct pki p;
    pki_init(&p);
    AUTO(buf) struct buf said = BUF_INIT(65536);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        AUTO(buf) struct buf der = BUF_INIT(X509_PEM_CAP);
        struct x509_peer peer;
        pki_request(&p, "c", i == 1 ? "ED25519" : P256);
        pki_issue(&p, "c", names[i]);
        openssl_must(&p.folder, VERIFY "-purpose sslclient c.pem");
        cr_expect_neq(openssl_run(&p.folder, VERIFY "-purpose sslserver c.pem"), 0);
        cr_assert_eq(
            authority_examine(p.authority, openssl_file(&p.folder, "c.der", &der), &peer), 0);
        cr_expect(peer.is_ours, "%s", names[i]);
        cr_expect_str_eq(peer.name, names[i]);
        cr_expect_eq(peer.term.from.s, p.now.s - X509_BACKDATE.s);
        cr_expect_eq(peer.term.to.s, p.now.s + INT64_C(86400) * 90);
    }
    openssl_must(&p.folder, "x509 -in c.pem -noout -ext "
                            "basicConstraints,keyUsage,extendedKeyUsage,subjectKeyIdentifier,"
                            "authorityKeyIdentifier");
    const char *text = openssl_file(&p.folder, "said", &said).p;
    cr_expect(strstr(text, "Basic Constraints: critical\n    CA:FALSE"), "%s", text);
    cr_expect(strstr(text, "Key Usage: critical\n    Digital Signature\n"), "%s", text);
    cr_expect(strstr(text, "TLS Web Client Authentication\n"), "%s", text);
    cr_expect(strstr(text, "Subject Key Identifier"), "%s", text);
    cr_expect(strstr(text, "Authority Key Identifier"), "%s", text);
}

Test(x509, a_request_chooses_neither_its_name_nor_its_rights)
{
    AUTO(pki) struct pki p;
    pki_init(&p);
    AUTO(buf) struct buf der = BUF_INIT(X509_PEM_CAP);
    AUTO(buf) struct buf said = BUF_INIT(65536);
    struct x509_peer peer;
    openssl_must(&p.folder, "genpkey -algorithm " P256 " -out c.key");
    openssl_must(&p.folder, "req -new -config cnf -key c.key -subj /O=x/CN=srv-2/CN=root "
                            "-addext basicConstraints=critical,CA:TRUE "
                            "-addext subjectAltName=DNS:collector.example "
                            "-addext extendedKeyUsage=serverAuth -out c.csr");
    pki_issue(&p, "c", "srv-1");
    cr_assert_eq(authority_examine(p.authority, openssl_file(&p.folder, "c.der", &der), &peer),
                 0);
    cr_expect(peer.is_ours);
    cr_expect_str_eq(peer.name, "srv-1");
    openssl_must(&p.folder, "x509 -in c.pem -noout -text");
    const char *text = openssl_file(&p.folder, "said", &said).p;
    cr_expect_null(strstr(text, "CA:TRUE"));
    cr_expect_null(strstr(text, "collector.example"));
    cr_expect_null(strstr(text, "Server Authentication"));
    cr_expect_null(strstr(text, "root"));
}

Test(x509, serial_numbers_are_positive_and_never_twice)
{
    AUTO(pki) struct pki p;
    pki_init(&p);
    AUTO(buf) struct buf csr = BUF_INIT(X509_PEM_CAP);
    uint8_t last[X509_SERIAL_BYTES] = {0};
    pki_request(&p, "c", P256);
    struct text pem = openssl_file(&p.folder, "c.csr", &csr);
    for (int i = 0; i < 50; i++) {
        const struct x509_client client = {pem, "srv-1", p.now, DAYS(1)};
        struct issued issued;
        struct diag d = {""};
        cr_assert_eq(authority_issue_client(p.authority, &client, &issued, &d), 0);
        cr_expect(issued.serial[0] > 0 && issued.serial[0] < 0x80);
        cr_expect_arr_neq(issued.serial, last, sizeof last);
        memcpy(last, issued.serial, sizeof last);
        issued_done(&issued);
    }
}

Test(x509, what_was_issued_is_what_is_examined)
{
    AUTO(pki) struct pki p;
    pki_init(&p);
    AUTO(buf) struct buf csr = BUF_INIT(X509_PEM_CAP);
    AUTO(buf) struct buf der = BUF_INIT(X509_PEM_CAP);
    struct issued issued;
    struct x509_peer peer;
    struct diag d = {""};
    pki_request(&p, "c", P256);
    const struct x509_client client = {openssl_file(&p.folder, "c.csr", &csr), "srv-1", p.now,
                                       DAYS(1)};
    cr_assert_eq(authority_issue_client(p.authority, &client, &issued, &d), 0);
    openssl_put(&p.folder, "c.pem", (struct text){issued.pem.data, issued.pem.len});
    openssl_must(&p.folder, "x509 -in c.pem -outform DER -out c.der");
    cr_assert_eq(authority_examine(p.authority, openssl_file(&p.folder, "c.der", &der), &peer),
                 0);
    cr_expect_eq(peer.serial_n, sizeof issued.serial);
    cr_expect_arr_eq(peer.serial, issued.serial, sizeof issued.serial);
    cr_expect_arr_eq(peer.key_id.bytes, issued.key_id.bytes, DIGEST_BYTES);
    cr_expect_eq(peer.term.from.s, issued.term.from.s);
    cr_expect_eq(peer.term.to.s, issued.term.to.s);
    issued_done(&issued);
}

Test(x509, nothing_is_issued_beyond_the_authority_s_own_time)
{
    AUTO(pki) struct pki p;
    pki_init(&p);
    AUTO(buf) struct buf csr = BUF_INIT(X509_PEM_CAP);
    struct x509_term term = authority_term(p.authority);
    struct issued issued;
    struct diag d = {""};
    pki_request(&p, "c", P256);
    struct x509_client client = {
        openssl_file(&p.folder, "c.csr", &csr), "srv-1", {term.to.s - 100}, DAYS(90)};
    cr_assert_eq(authority_issue_client(p.authority, &client, &issued, &d), 0, "%s", d.text);
    cr_expect_eq(issued.term.to.s, term.to.s);
    issued_done(&issued);
    client.now.s = term.to.s + 1;
    cr_expect_eq(authority_issue_client(p.authority, &client, &issued, &d), -ERANGE);
    client.now.s = term.from.s - 1;
    cr_expect_eq(authority_issue_client(p.authority, &client, &issued, &d), -ERANGE);
    cr_expect(strlen(d.text) > 0);
}

/* The names of one server, as settings may have them. */
static const char *const server_names[] = {"collector.example", "192.0.2.7", "2001:db8::7",
                                           "xn--zrich-kva.example"};

Test(x509, a_server_s_certificate_is_one_to_openssl)
{
    static const char *const good[] = {"-verify_hostname collector.example",
                                       "-verify_ip 192.0.2.7", "-verify_ip 2001:db8::7",
                                       "-verify_hostname xn--zrich-kva.example"};
    static const char *const bad[] = {"-verify_hostname other.example",
                                      "-verify_hostname www.collector.example",
                                      "-verify_ip 192.0.2.8"};
    AUTO(pki) struct pki p;
    pki_init(&p);
    AUTO(buf) struct buf key = BUF_INIT(X509_PEM_CAP);
    struct issued issued;
    struct diag d = {""};
    char line[256];
    const struct x509_server server = {server_names, ARRAY_LEN(server_names), p.now, DAYS(30)};
    cr_assert_eq(authority_issue_server(p.authority, &server, &issued, &key, &d), 0, "%s",
                 d.text);
    openssl_put(&p.folder, "s.pem", (struct text){issued.pem.data, issued.pem.len});
    openssl_put(&p.folder, "s.key", (struct text){key.data, key.len});
    issued_done(&issued);
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        openssl_must(&p.folder, VERIFY "-purpose sslserver %s s.pem", good[i]);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        (void)snprintf(line, sizeof line, VERIFY "-purpose sslserver %s s.pem", bad[i]);
        cr_expect_neq(openssl_run(&p.folder, line), 0, "%s", bad[i]);
    }
    cr_expect_neq(openssl_run(&p.folder, VERIFY "-purpose sslclient s.pem"), 0);
    openssl_must(&p.folder, "pkey -in s.key -check -noout");
}

Test(x509, a_server_may_have_many_and_long_names)
{
    static char names[64][254];
    const char *list[ARRAY_LEN(names)];
    AUTO(pki) struct pki p;
    pki_init(&p);
    AUTO(buf) struct buf key = BUF_INIT(X509_PEM_CAP);
    AUTO(buf) struct buf small = BUF_INIT(16);
    struct issued issued;
    struct diag d = {""};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        memset(names[i], 'a', 253);
        names[i][63] = names[i][127] = names[i][191] = '.';
        names[i][0] = (char)('0' + i % 10);
        names[i][1] = (char)('0' + i / 10);
        list[i] = names[i];
    }
    const struct x509_server server = {list, ARRAY_LEN(list), p.now, DAYS(30)};
    cr_assert_eq(authority_issue_server(p.authority, &server, &issued, &key, &d), 0, "%s",
                 d.text);
    openssl_put(&p.folder, "s.pem", (struct text){issued.pem.data, issued.pem.len});
    issued_done(&issued);
    openssl_must(&p.folder, VERIFY "-purpose sslserver -verify_hostname %s s.pem", names[63]);
    cr_expect_eq(authority_issue_server(p.authority, &server, &issued, &small, &d), -ERANGE,
                 "no room for the key");
}

/* ---- What a peer shows ---------------------------------------------------------------- */

static const struct {
    const char *why, *section;
    bool is_ours;
} shown[] = {
    {"as we make them, by openssl", "client", true},
    {"for more than one purpose", "client_too", true},
    {"a server's", "server", false},
    {"for any purpose", "any", false},
    {"for no named purpose", "no_purpose", false},
    {"not for signatures", "no_digital", false},
    {"an authority's", "client_ca", false},
    {"with something critical that nobody knows", "strange", false},
};

Test(x509, a_certificate_is_ours_only_for_a_client)
{
    AUTO(pki) struct pki p;
    pki_init(&p);
    pki_request(&p, "c", P256);
    for (size_t i = 0; i < ARRAY_LEN(shown); i++) {
        AUTO(buf) struct buf der = BUF_INIT(X509_PEM_CAP);
        struct x509_peer peer;
        pki_sign(&p, "c", shown[i].section);
        cr_assert_eq(
            authority_examine(p.authority, openssl_file(&p.folder, "c.der", &der), &peer), 0);
        cr_expect_eq(peer.is_ours, shown[i].is_ours, "%s", shown[i].why);
        cr_expect_str_eq(peer.name, "other");
    }
}

Test(x509, what_another_signed_is_not_ours_under_whatever_name)
{
    AUTO(pki) struct pki p;
    pki_init(&p);
    AUTO(buf) struct buf der = BUF_INIT(X509_PEM_CAP);
    AUTO(authority) struct authority *ours = STEAL(p.authority);
    struct x509_peer peer;
    struct diag d = {""};
    openssl_must(&p.folder, "x509 -in ca.pem -outform DER -out ca.der");
    cr_assert_eq(authority_examine(ours, openssl_file(&p.folder, "ca.der", &der), &peer), 0);
    cr_expect(!peer.is_ours, "the authority's own certificate");
    cr_assert_eq(authority_new("fairuse collector", p.now, DAYS(3650), &p.authority, &d), 0);
    pki_put_authority(&p, p.authority);
    pki_request(&p, "c", P256);
    pki_issue(&p, "c", "srv-1");
    cr_assert_eq(authority_examine(ours, openssl_file(&p.folder, "c.der", &der), &peer), 0);
    cr_expect(!peer.is_ours, "an authority of the same name");
    cr_expect_str_eq(peer.name, "srv-1");
    openssl_must(&p.folder, "req -x509 -new -config cnf -key c.key -subj /CN=srv-1 "
                            "-extensions client -out c.pem");
    openssl_must(&p.folder, "x509 -in c.pem -outform DER -out c.der");
    cr_assert_eq(authority_examine(ours, openssl_file(&p.folder, "c.der", &der), &peer), 0);
    cr_expect(!peer.is_ours, "signed by itself");
}

Test(x509, an_expired_certificate_is_still_ours)
{
    AUTO(pki) struct pki p;
    pki_init(&p);
    AUTO(buf) struct buf csr = BUF_INIT(X509_PEM_CAP);
    AUTO(buf) struct buf der = BUF_INIT(X509_PEM_CAP);
    AUTO(authority) struct authority *old = NULL;
    wall_t then = {p.now.s - INT64_C(86400) * 1000}; /* both ended long ago */
    struct issued issued;
    struct x509_peer peer;
    struct diag d = {""};
    cr_assert_eq(authority_new("old", then, DAYS(100), &old, &d), 0);
    pki_request(&p, "c", P256);
    const struct x509_client client = {openssl_file(&p.folder, "c.csr", &csr), "srv-1", then,
                                       DAYS(10)};
    cr_assert_eq(authority_issue_client(old, &client, &issued, &d), 0);
    openssl_put(&p.folder, "c.pem", (struct text){issued.pem.data, issued.pem.len});
    issued_done(&issued);
    openssl_must(&p.folder, "x509 -in c.pem -outform DER -out c.der");
    cr_assert_eq(authority_examine(old, openssl_file(&p.folder, "c.der", &der), &peer), 0);
    cr_expect(peer.is_ours);
    cr_expect_eq(peer.term.to.s, then.s + INT64_C(86400) * 10);
}

Test(x509, a_certificate_that_was_changed_anywhere_is_not_ours)
{
    AUTO(pki) struct pki p;
    pki_init(&p);
    AUTO(buf) struct buf der = BUF_INIT(X509_PEM_CAP);
    pki_request(&p, "c", P256);
    pki_issue(&p, "c", "srv-1");
    struct text text = openssl_file(&p.folder, "c.der", &der);
    for (size_t bit = 0; bit < 8 * text.n; bit++) {
        struct x509_peer peer = {.is_ours = false};
        der.data[bit / 8] = (char)(der.data[bit / 8] ^ (1 << bit % 8));
        int r = authority_examine(p.authority, text, &peer);
        cr_expect(r == -EBADMSG || (r == 0 && !peer.is_ours), "byte %zu, bit %zu: %d", bit / 8,
                  bit % 8, r);
        der.data[bit / 8] = (char)(der.data[bit / 8] ^ (1 << bit % 8));
    }
    for (size_t n = 0; n < text.n; n++) {
        struct x509_peer peer;
        cr_expect_eq(authority_examine(p.authority, (struct text){text.p, n}, &peer), -EBADMSG,
                     "%zu bytes", n);
    }
}

static const struct {
    const char *why, *subject, *name;
} subjects[] = {
    {"no name", "/O=Example", ""},
    {"two names", "/CN=srv-1/CN=srv-2", ""},
    {"an empty name", "/CN=", ""},
    {"a control character", "/CN=srv\x01-1", ""},
    {"not UTF-8, as openssl takes it: Latin-1", "/CN=srv-\xe9", "srv-\xc3\xa9"},
};

Test(x509, a_name_that_cannot_be_a_server_s_is_none)
{
    AUTO(pki) struct pki p;
    pki_init(&p);
    openssl_must(&p.folder, "genpkey -algorithm " P256 " -out c.key");
    for (size_t i = 0; i < ARRAY_LEN(subjects); i++) {
        AUTO(buf) struct buf der = BUF_INIT(X509_PEM_CAP);
        struct x509_peer peer;
        openssl_must(&p.folder, "req -new -config cnf -key c.key -subj %s -out c.csr",
                     subjects[i].subject);
        pki_sign(&p, "c", "client");
        cr_assert_eq(
            authority_examine(p.authority, openssl_file(&p.folder, "c.der", &der), &peer), 0,
            "%s", subjects[i].why);
        cr_expect_str_eq(peer.name, subjects[i].name, "%s", subjects[i].why);
        cr_expect(peer.is_ours, "%s", subjects[i].why);
    }
}
