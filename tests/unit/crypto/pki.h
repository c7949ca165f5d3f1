/* A folder with an authority of ours in it, and what openssl makes beside it. */
#ifndef UNIT_CRYPTO_PKI_H
#define UNIT_CRYPTO_PKI_H

#include "crypto/x509.h"
#include "support/leak.h"
#include "support/openssl.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define DAYS(n) ((dur_t){INT64_C(86400) * (n)})

/* Sections for certificates that openssl makes. */
#define PKI_CONFIG                                                                             \
    "[req]\ndistinguished_name=dn\n[dn]\n"                                                     \
    "[ca]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n"                 \
    "subjectKeyIdentifier=hash\n"                                                              \
    "[ca_without_id]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n"      \
    "[no_ca]\nbasicConstraints=critical,CA:FALSE\nkeyUsage=critical,keyCertSign\n"             \
    "[no_constraints]\nkeyUsage=critical,keyCertSign\n"                                        \
    "[no_signer]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,cRLSign\n"              \
    "[no_usage]\nbasicConstraints=critical,CA:TRUE\n"                                          \
    "[client]\nbasicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n"       \
    "extendedKeyUsage=clientAuth\n"                                                            \
    "[client_too]\nbasicConstraints=CA:FALSE\nkeyUsage=digitalSignature\n"                     \
    "extendedKeyUsage=emailProtection,1.3.6.1.5.5.7.3.99,clientAuth\n"                         \
    "[server]\nbasicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n"       \
    "extendedKeyUsage=serverAuth\n"                                                            \
    "[any]\nbasicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n"          \
    "extendedKeyUsage=anyExtendedKeyUsage\n"                                                   \
    "[no_purpose]\nbasicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n"   \
    "[no_digital]\nbasicConstraints=critical,CA:FALSE\nkeyUsage=critical,keyAgreement\n"       \
    "extendedKeyUsage=clientAuth\n"                                                            \
    "[client_ca]\nbasicConstraints=critical,CA:TRUE\n"                                         \
    "keyUsage=critical,digitalSignature,keyCertSign\nextendedKeyUsage=clientAuth\n"            \
    "[strange]\nbasicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n"      \
    "extendedKeyUsage=clientAuth\n1.2.3.4.5=critical,DER:0500\n"

struct pki {
    struct temp folder;
    struct authority *authority; /* its files: ca.pem, ca.key */
    wall_t now;
};

static inline void pki_put_authority(const struct pki *p, const struct authority *a)
{
    AUTO(buf) struct buf key = BUF_INIT(X509_PEM_CAP);
    openssl_put(&p->folder, "ca.pem", authority_certificate_pem(a));
    cr_assert_eq(authority_key_pem(a, &key), 0);
    openssl_put(&p->folder, "ca.key", (struct text){key.data, key.len});
}

static inline void pki_init(struct pki *p)
{
    struct diag d = {""};
    *p = (struct pki){.now = {time(NULL)}};
    cr_assert_eq(temp_make(&p->folder), 0);
    openssl_put(&p->folder, "cnf", text_of(PKI_CONFIG));
    cr_assert_eq(authority_new("fairuse collector", p->now, DAYS(3650), &p->authority, &d), 0,
                 "%s", d.text);
    pki_put_authority(p, p->authority);
}

static inline void pki_done(struct pki *p)
{
    authority_free(p->authority);
    temp_done(&p->folder);
}

/* A key and a request NAME.key, NAME.csr; `kind` as for openssl genpkey. */
static inline void pki_request(const struct pki *p, const char *name, const char *kind)
{
    openssl_must(&p->folder, "genpkey -algorithm %s -out %s.key", kind, name);
    openssl_must(&p->folder, "req -new -config cnf -key %s.key -subj /CN=other -out %s.csr",
                 name, name);
}

/* NAME.pem and NAME.der for NAME.csr, signed by openssl with ca.key. */
static inline void pki_sign(const struct pki *p, const char *name, const char *section)
{
    openssl_must(&p->folder,
                 "x509 -req -in %s.csr -CA ca.pem -CAkey ca.key -days 30 -extfile cnf "
                 "-extensions %s -out %s.pem",
                 name, section, name);
    openssl_must(&p->folder, "x509 -in %s.pem -outform DER -out %s.der", name, name);
}

/* The same, by our authority. */
static inline void pki_issue(const struct pki *p, const char *name, const char *server)
{
    AUTO(buf) struct buf csr = BUF_INIT(X509_PEM_CAP);
    char file[64];
    struct issued issued;
    struct diag d = {""};
    (void)snprintf(file, sizeof file, "%s.csr", name);
    const struct x509_client client = {openssl_file(&p->folder, file, &csr), server, p->now,
                                       DAYS(90)};
    cr_assert_eq(authority_issue_client(p->authority, &client, &issued, &d), 0, "%s", d.text);
    (void)snprintf(file, sizeof file, "%s.pem", name);
    openssl_put(&p->folder, file, (struct text){issued.pem.data, issued.pem.len});
    openssl_must(&p->folder, "x509 -in %s.pem -outform DER -out %s.der", name, name);
    issued_done(&issued);
}

#endif
