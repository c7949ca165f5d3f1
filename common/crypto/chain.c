/* A server's certificate that was brought along: whether agents would take it for the
 * collector's. */
#include "crypto/authority.h"

#include <errno.h>

/* As PEM holds them: the server's own first. */
struct chain {
    gnutls_x509_crt_t *v;
    unsigned n;
};

static void chain_done(struct chain *c)
{
    for (unsigned i = 0; i < c->n; i++)
        gnutls_x509_crt_deinit(c->v[i]);
    gnutls_free(c->v);
}

static void trust_done(gnutls_x509_trust_list_t *t)
{
    if (*t)
        gnutls_x509_trust_list_deinit(*t, 0); /* the certificates in it are the authority's */
}

static int chain_read(struct text pem, struct chain *ret)
{
    if (!gnu_is_short_enough(pem))
        return -EBADMSG;
    gnutls_datum_t data = gnu_borrow(pem);
    int r = gnutls_x509_crt_list_import2(&ret->v, &ret->n, &data, GNUTLS_X509_FMT_PEM, 0);
    if (r == GNUTLS_E_MEMORY_ERROR)
        return -ENOMEM;
    return r < 0 || ret->n == 0 ? -EBADMSG : 0;
}

int x509_chain_term(struct text pem, struct x509_term *ret)
{
    AUTO(chain) struct chain chain = {NULL, 0};
    int r = chain_read(pem, &chain);
    return r < 0 ? r : x509_term_of(chain.v[0], ret);
}

static int check_times(const struct chain *chain, wall_t now, struct diag *d)
{
    for (unsigned i = 0; i < chain->n; i++) {
        struct x509_term term;
        char text[WALL_TEXT_SIZE];
        if (x509_term_of(chain->v[i], &term) < 0)
            return diag_set(d, -EBADMSG, "certificate %u: its dates cannot be read", i + 1);
        if (now.s < term.from.s)
            return diag_set(d, -EBADMSG, "certificate %u is valid from %s on", i + 1,
                            wall_format(term.from, text));
        if (now.s >= term.to.s)
            return diag_set(d, -EBADMSG, "certificate %u ended at %s", i + 1,
                            wall_format(term.to, text));
    }
    return 0;
}

/* Times are checked apart, against the moment that was asked for. */
static int verify(const struct authority *a, const struct chain *chain, struct diag *d)
{
    AUTO(trust) gnutls_x509_trust_list_t trust = NULL;
    gnutls_typed_vdata_st purpose = {.type = GNUTLS_DT_KEY_PURPOSE_OID,
                                     .data = (unsigned char *)GNUTLS_KP_TLS_WWW_SERVER};
    unsigned status = 0;
    gnutls_x509_crt_t anchor = a->crt;
    int r = gnutls_x509_trust_list_init(&trust, 0);

    if (r >= 0)
        r = gnutls_x509_trust_list_add_cas(trust, &anchor, 1, 0);
    if (r >= 0)
        r = gnutls_x509_trust_list_verify_crt2(trust, chain->v, chain->n, &purpose, 1,
                                               GNUTLS_VERIFY_DISABLE_TIME_CHECKS, &status,
                                               NULL);
    if (r < 0)
        return gnu_fail(d, -EBADMSG, "checking the certificate", r);
    if (status & GNUTLS_CERT_PURPOSE_MISMATCH)
        return diag_set(d, -EBADMSG, "the certificate is not for a server (serverAuth)");
    if (status != 0)
        return diag_set(d, -EBADMSG,
                        "the certificate does not lead to the authority that "
                        "agents trust");
    return 0;
}

int authority_check_server(const struct authority *a, struct text chain_pem, wall_t now,
                           struct diag *d)
{
    AUTO(chain) struct chain chain = {NULL, 0};
    int r = chain_read(chain_pem, &chain);

    if (r < 0)
        return diag_set(d, r, r == -ENOMEM ? "out of memory" : "no certificate in PEM");
    r = check_times(&chain, now, d);
    return r < 0 ? r : verify(a, &chain, d);
}
