/* Judging the certificate that a peer shows. */
#include "crypto/authority.h"

#include <errno.h>
#include <string.h>

/* Times are the caller's to judge: it knows what `now` is, and how late is too late. */
#define WITHOUT_TIMES                                                                          \
    (GNUTLS_VERIFY_DISABLE_TIME_CHECKS | GNUTLS_VERIFY_DISABLE_TRUSTED_TIME_CHECKS)

/* A certificate that is not one is the peer's fault, unless memory is the reason. */
static int crt_error(int error)
{
    return error == GNUTLS_E_MEMORY_ERROR ? -ENOMEM : -EBADMSG;
}

/* Named among its purposes: one for anything, or one without a word of it, is not ours. */
static bool is_for_clients(gnutls_x509_crt_t crt)
{
    char oid[64];
    for (unsigned i = 0;; i++) {
        size_t n = sizeof oid;
        int r = gnutls_x509_crt_get_key_purpose_oid(crt, i, oid, &n, NULL);
        if (r < 0 && r != GNUTLS_E_SHORT_MEMORY_BUFFER)
            return false;
        if (r >= 0 && strcmp(oid, GNUTLS_KP_TLS_WWW_CLIENT) == 0)
            return true;
    }
}

/* Before any signature is looked at: whatever is wrong here is cheap to find. */
static bool is_of_our_form(gnutls_x509_crt_t crt)
{
    unsigned usage = 0;
    return gnutls_x509_crt_get_ca_status(crt, NULL) == 0 &&
           gnutls_x509_crt_get_key_usage(crt, &usage, NULL) >= 0 &&
           (usage & GNUTLS_KEY_DIGITAL_SIGNATURE) && is_for_clients(crt);
}

static bool is_signed_by(gnutls_x509_crt_t crt, const struct authority *a)
{
    unsigned status = GNUTLS_CERT_INVALID;
    int r = gnutls_x509_crt_verify(crt, &a->crt, 1, WITHOUT_TIMES, &status);
    return r >= 0 && status == 0;
}

/* One CN that is a label, or "". */
static void read_name(gnutls_x509_crt_t crt, char ret[static X509_NAME_SIZE])
{
    char name[X509_NAME_SIZE];
    size_t n = sizeof name;
    size_t second = 0;
    ret[0] = '\0';
    if (gnutls_x509_crt_get_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, 0, name, &n) < 0 ||
        gnutls_x509_crt_get_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 1, 0, NULL, &second) !=
            GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE ||
        n > CAP_ID || !text_is_label((struct text){name, n}, CAP_ID))
        return;
    memcpy(ret, name, n);
    ret[n] = '\0';
}

/* A serial number longer than ours is none of ours. */
static void read_serial(gnutls_x509_crt_t crt, struct x509_peer *p)
{
    p->serial_n = sizeof p->serial;
    if (gnutls_x509_crt_get_serial(crt, p->serial, &p->serial_n) < 0)
        p->serial_n = 0;
}

static int import_der(struct text der, gnutls_x509_crt_t *ret)
{
    AUTO(gnu_crt) gnutls_x509_crt_t crt = NULL;
    if (!gnu_is_short_enough(der))
        return -EBADMSG;
    gnutls_datum_t data = gnu_borrow(der);
    int r = gnutls_x509_crt_init(&crt);
    if (r >= 0)
        r = gnutls_x509_crt_import(crt, &data, GNUTLS_X509_FMT_DER);
    if (r < 0)
        return crt_error(r);
    *ret = STEAL(crt);
    return 0;
}

int authority_examine(const struct authority *a, struct text der, struct x509_peer *ret)
{
    AUTO(gnu_crt) gnutls_x509_crt_t crt = NULL;
    struct x509_peer p = {.name = ""};
    size_t n = DIGEST_BYTES;
    int r = import_der(der, &crt);
    if (r == 0)
        r = x509_term_of(crt, &p.term);
    if (r != 0)
        return r;
    r = gnutls_x509_crt_get_key_id(crt, GNUTLS_KEYID_USE_SHA256, p.key_id.bytes, &n);
    if (r < 0)
        return crt_error(r);
    read_name(crt, p.name);
    read_serial(crt, &p);
    p.is_ours = is_of_our_form(crt) && is_signed_by(crt, a);
    *ret = p;
    return 0;
}
