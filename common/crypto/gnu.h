/* What the files of this room share of GnuTLS: borrowed data, owners for AUTO(), errors. */
#ifndef CRYPTO_GNU_H
#define CRYPTO_GNU_H

#include "base/diag.h"
#include "base/text.h"
#include <gnutls/abstract.h>
#include <gnutls/x509.h>
#include <limits.h>

/* GnuTLS counts in unsigned int. */
static inline bool gnu_is_short_enough(struct text t)
{
    return t.n <= UINT_MAX;
}

/* Of a text that is short enough. GnuTLS's inputs are not const, but it only reads them. */
static inline gnutls_datum_t gnu_borrow(struct text t)
{
    return (gnutls_datum_t){(unsigned char *)(t.n > 0 ? t.p : ""), (unsigned)t.n};
}

static inline void gnu_datum_done(gnutls_datum_t *p)
{
    gnutls_free(p->data);
}

/* For what GnuTLS gave and nobody may find in freed memory. */
static inline void gnu_secret_done(gnutls_datum_t *p)
{
    if (p->data)
        gnutls_memset(p->data, 0, p->size);
    gnutls_free(p->data);
}

static inline void gnu_pubkey_done(gnutls_pubkey_t *p)
{
    if (*p)
        gnutls_pubkey_deinit(*p);
}

static inline void gnu_private_done(gnutls_x509_privkey_t *p)
{
    if (*p)
        gnutls_x509_privkey_deinit(*p);
}

static inline void gnu_crt_done(gnutls_x509_crt_t *p)
{
    if (*p)
        gnutls_x509_crt_deinit(*p);
}

static inline void gnu_crq_done(gnutls_x509_crq_t *p)
{
    if (*p)
        gnutls_x509_crq_deinit(*p);
}

/* Says what failed; returns `code`, or -ENOMEM when it is that. */
MUST_USE int gnu_fail(struct diag *d, int code, const char *what, int error);

#endif
