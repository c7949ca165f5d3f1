/* A client's keys, requests and identity, by GnuTLS. */
#include "crypto/request.h"

#include "crypto/authority.h"

#include <errno.h>
#include <string.h>

static const char not_a_key[] = "not an unencrypted private key in PEM";

/* ---- Secrets -------------------------------------------------------------------------- */

void request_wipe(struct buf *b)
{
    if (b->data)
        explicit_bzero(b->data, b->size);
    buf_reset(b);
}

void request_make_room(struct buf *b)
{
    static const char zeros[REQUEST_KEY_CAP];
    if (b->data == NULL && b->cap >= sizeof zeros) {
        buf_add(b, zeros, sizeof zeros);
        if (buf_error(b) == 0)
            buf_reset(b);
    }
}

/* ---- Keys and requests ---------------------------------------------------------------- */

int request_new_key(struct buf *ret, struct diag *d)
{
    AUTO(gnu_private) gnutls_x509_privkey_t key = NULL;
    int r = x509_new_key(&key);
    if (r < 0)
        return gnu_fail(d, -EIO, "making a key", r);
    request_make_room(ret);
    r = x509_key_pem(key, ret);
    return r == 0 ? 0 : diag_set(d, r, "no room for a key");
}

static int read_key(struct text pem, gnutls_x509_privkey_t *ret, struct diag *d)
{
    AUTO(gnu_private) gnutls_x509_privkey_t key = NULL;
    if (pem.n > X509_PEM_CAP)
        return diag_set(d, -EBADMSG, "more than %d bytes of PEM", X509_PEM_CAP);
    gnutls_datum_t data = gnu_borrow(pem);
    int r = gnutls_x509_privkey_init(&key);
    if (r >= 0)
        r = gnutls_x509_privkey_import2(key, &data, GNUTLS_X509_FMT_PEM, NULL,
                                        GNUTLS_PKCS_PLAIN);
    if (r < 0)
        return gnu_fail(d, -EBADMSG, not_a_key, r);
    *ret = STEAL(key);
    return 0;
}

static void private_done(gnutls_privkey_t *p)
{
    if (*p)
        gnutls_privkey_deinit(*p);
}

static int sign_request(gnutls_x509_crq_t crq, gnutls_x509_privkey_t key)
{
    static const char name[] = "fairuse-agent";
    AUTO(private) gnutls_privkey_t signer = NULL;
    int r = gnutls_privkey_init(&signer);
    if (r >= 0)
        r = gnutls_privkey_import_x509(signer, key, 0);
    if (r >= 0)
        r = gnutls_x509_crq_set_version(crq, 1);
    if (r >= 0)
        r = gnutls_x509_crq_set_dn_by_oid(crq, GNUTLS_OID_X520_COMMON_NAME, 0, name,
                                          sizeof name - 1);
    if (r >= 0)
        r = gnutls_x509_crq_set_key(crq, key);
    if (r >= 0)
        r = gnutls_x509_crq_privkey_sign(crq, signer, GNUTLS_DIG_SHA256, 0);
    return r;
}

/* The PEM that GnuTLS made, added. */
static int add_pem(const gnutls_datum_t *pem, struct buf *ret, struct diag *d)
{
    buf_add(ret, pem->data, pem->size);
    int r = buf_error(ret);
    return r == 0 ? 0 : diag_set(d, r, "no room for PEM");
}

int request_make(struct text key_pem, struct buf *ret, struct diag *d)
{
    AUTO(gnu_private) gnutls_x509_privkey_t key = NULL;
    AUTO(gnu_crq) gnutls_x509_crq_t crq = NULL;
    AUTO(gnu_datum) gnutls_datum_t pem = {NULL, 0};
    int r = read_key(key_pem, &key, d);
    if (r != 0)
        return r;
    r = gnutls_x509_crq_init(&crq);
    if (r >= 0)
        r = sign_request(crq, key);
    if (r >= 0)
        r = gnutls_x509_crq_export2(crq, GNUTLS_X509_FMT_PEM, &pem);
    if (r < 0)
        return gnu_fail(d, -EIO, "making a certificate request", r);
    return add_pem(&pem, ret, d);
}

/* ---- The identity --------------------------------------------------------------------- */

/* The first certificate of a text. */
static int read_crt(struct text pem, gnutls_x509_crt_t *ret, struct diag *d)
{
    AUTO(gnu_crt) gnutls_x509_crt_t crt = NULL;
    if (pem.n > X509_PEM_CAP)
        return diag_set(d, -EBADMSG, "more than %d bytes of PEM", X509_PEM_CAP);
    gnutls_datum_t data = gnu_borrow(pem);
    int r = gnutls_x509_crt_init(&crt);
    if (r >= 0)
        r = gnutls_x509_crt_import(crt, &data, GNUTLS_X509_FMT_PEM);
    if (r < 0)
        return gnu_fail(d, -EBADMSG, "not a certificate in PEM", r);
    *ret = STEAL(crt);
    return 0;
}

/* Two keys are one when their identifiers are: both are hashes of the public half. */
static int check_pair(gnutls_x509_privkey_t key, gnutls_x509_crt_t crt, struct diag *d)
{
    uint8_t of_key[DIGEST_BYTES];
    uint8_t of_crt[DIGEST_BYTES];
    size_t n = sizeof of_key;
    size_t m = sizeof of_crt;
    int r = gnutls_x509_privkey_get_key_id(key, GNUTLS_KEYID_USE_SHA256, of_key, &n);
    if (r >= 0)
        r = gnutls_x509_crt_get_key_id(crt, GNUTLS_KEYID_USE_SHA256, of_crt, &m);
    if (r < 0)
        return gnu_fail(d, -EBADMSG, "a key's identifier", r);
    if (n != m || memcmp(of_key, of_crt, n) != 0)
        return diag_set(d, -EBADMSG, "the certificate is another key's");
    return 0;
}

int request_join(struct text key_pem, struct text certificate_pem, struct buf *ret,
                 struct diag *d)
{
    AUTO(gnu_private) gnutls_x509_privkey_t key = NULL;
    AUTO(gnu_crt) gnutls_x509_crt_t crt = NULL;
    AUTO(gnu_datum) gnutls_datum_t pem = {NULL, 0};
    int r = read_key(key_pem, &key, d);
    if (r == 0)
        r = read_crt(certificate_pem, &crt, d);
    if (r == 0)
        r = check_pair(key, crt, d);
    if (r != 0)
        return r;
    r = gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &pem);
    if (r < 0)
        return gnu_fail(d, -EBADMSG, "writing the certificate", r);
    request_make_room(ret);
    r = x509_key_pem(key, ret);
    return r == 0 ? add_pem(&pem, ret, d) : diag_set(d, r, "no room for a key");
}

int request_read_identity(struct text pem, struct x509_term *ret, struct diag *d)
{
    struct x509_term term;
    AUTO(gnu_private) gnutls_x509_privkey_t key = NULL;
    AUTO(gnu_crt) gnutls_x509_crt_t crt = NULL;
    int r = read_key(pem, &key, d);
    if (r == 0)
        r = read_crt(pem, &crt, d);
    if (r == 0)
        r = check_pair(key, crt, d);
    if (r != 0)
        return r;
    if (x509_term_of(crt, &term) != 0 || term.from.s < 0 || term.from.s > term.to.s)
        return diag_set(d, -EBADMSG, "the certificate's dates cannot be used");
    *ret = term;
    return 0;
}

/* ---- Whom to believe ------------------------------------------------------------------ */

struct list {
    gnutls_x509_crt_t *v;
    unsigned n;
};

static void list_done(struct list *l)
{
    for (unsigned i = 0; i < l->n; i++)
        gnutls_x509_crt_deinit(l->v[i]);
    gnutls_free(l->v);
}

static int list_read(struct text pem, struct list *ret)
{
    if (pem.n > X509_PEM_CAP)
        return -EBADMSG;
    gnutls_datum_t data = gnu_borrow(pem);
    int r = gnutls_x509_crt_list_import2(&ret->v, &ret->n, &data, GNUTLS_X509_FMT_PEM, 0);
    if (r == GNUTLS_E_MEMORY_ERROR)
        return -ENOMEM;
    return r < 0 ? -EBADMSG : 0;
}

/* 1 = this is it; 0; a negative error. */
static int is_wanted(gnutls_x509_crt_t crt, const struct digest *wanted)
{
    AUTO(gnu_datum) gnutls_datum_t der = {NULL, 0};
    struct digest digest;
    if (gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &der) < 0 ||
        digest_sha256((struct text){(const char *)der.data, der.size}, &digest) != 0)
        return -EBADMSG;
    return memcmp(digest.bytes, wanted->bytes, sizeof digest.bytes) == 0;
}

static int add_crt(gnutls_x509_crt_t crt, struct buf *ret)
{
    AUTO(gnu_datum) gnutls_datum_t pem = {NULL, 0};
    int r = gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &pem);
    if (r < 0)
        return r == GNUTLS_E_MEMORY_ERROR ? -ENOMEM : -EBADMSG;
    buf_add(ret, pem.data, pem.size);
    return buf_error(ret);
}

int request_find(struct text chain_pem, const struct digest *wanted, struct buf *ret)
{
    AUTO(list) struct list list = {NULL, 0};
    int r = list_read(chain_pem, &list);
    for (unsigned i = 0; r == 0 && i < list.n; i++) {
        int found = is_wanted(list.v[i], wanted);
        if (found != 0)
            return found < 0 ? found : add_crt(list.v[i], ret);
    }
    return r == 0 ? -ENOENT : r;
}

int request_read_authority(struct text pem, struct buf *ret, struct diag *d)
{
    AUTO(list) struct list list = {NULL, 0};
    int r = list_read(pem, &list);
    if (r != 0)
        return diag_set(d, r, r == -ENOMEM ? "out of memory" : "not a certificate in PEM");
    if (list.n != 1)
        return diag_set(d, -EBADMSG, "%u certificates, must be one", list.n);
    r = authority_check_purpose(list.v[0], d);
    if (r != 0)
        return r;
    r = add_crt(list.v[0], ret);
    return r == 0 ? 0 : diag_set(d, r, "no room for a certificate");
}
