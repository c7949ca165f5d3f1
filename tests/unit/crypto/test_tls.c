/* Claims about TLS sessions: certificates, resumption, versions, contexts. */
#include "unit/crypto/line.h"

SUITE(tls);

static const char *const versions[] = {TLS13, TLS12};

/* ---- Whose certificate it is ---------------------------------------------------------- */

Test(tls, a_client_s_certificate_can_be_read)
{
    AUTO(scene) struct scene s;
    AUTO(line) struct line l;
    scene_init(&s, false);
    put_client(&s.pki);
    line_up(&l, &s, &(struct caller){.certificate = "c"});
    cr_expect_eq(gnutls_protocol_get_version(l.client), GNUTLS_TLS1_3);
    cr_expect(!tls_is_resumed(l.server));
    expect_certificate(&l, &s.pki, "c.der");
    exchange(&l);
    cr_expect_eq(tls_handshake(l.server), 0, "once more");
    expect_certificate(&l, &s.pki, "c.der");
}

Test(tls, a_client_needs_no_certificate)
{
    AUTO(scene) struct scene s;
    AUTO(line) struct line l;
    scene_init(&s, false);
    line_up(&l, &s, &(struct caller){.certificate = NULL});
    cr_expect_eq(tls_peer_certificate(l.server).n, 0);
    exchange(&l);
}

/* What it is worth is another's to say, so each of these comes through. */
Test(tls, whoever_s_certificate_is_shown_the_handshake_ends_well)
{
    AUTO(scene) struct scene s;
    scene_init(&s, false);
    struct pki *p = &s.pki;
    AUTO(authority) struct authority *ours = STEAL(p->authority);
    struct diag d = {""};
    wall_t then = {p->now.s - INT64_C(86400) * 1000};
    cr_assert_eq(authority_new("other", then, DAYS(500), &p->authority, &d), 0);
    wall_t now = p->now;
    p->now = then;
    put_client(p);
    p->now = now;
    {
        AUTO(line) struct line l;
        line_up(&l, &s, &(struct caller){.certificate = "c"});
        expect_certificate(&l, p, "c.der");
        struct x509_peer peer;
        cr_assert_eq(authority_examine(ours, tls_peer_certificate(l.server), &peer), 0);
        cr_expect(!peer.is_ours, "another's, and expired");
        cr_expect_lt(peer.term.to.s, p->now.s);
    }
    openssl_must(&p->folder, "req -x509 -new -config cnf -key c.key -subj /CN=x "
                             "-extensions client -out c.pem");
    openssl_must(&p->folder, "x509 -in c.pem -outform DER -out c.der");
    AUTO(line) struct line l;
    line_up(&l, &s, &(struct caller){.certificate = "c"});
    expect_certificate(&l, p, "c.der");
}

Test(tls, an_rsa_certificate_is_not_asked_for)
{
    AUTO(scene) struct scene s;
    AUTO(line) struct line l;
    scene_init(&s, false);
    pki_request(&s.pki, "c", "RSA -pkeyopt rsa_keygen_bits:2048");
    pki_sign(&s.pki, "c", "client");
    line_up(&l, &s, &(struct caller){.certificate = "c"});
    cr_expect_eq(tls_peer_certificate(l.server).n, 0);
}

Test(tls, an_ed25519_certificate_is_as_good)
{
    AUTO(scene) struct scene s;
    AUTO(line) struct line l;
    scene_init(&s, false);
    pki_request(&s.pki, "c", "ED25519");
    pki_issue(&s.pki, "c", "srv-1");
    line_up(&l, &s, &(struct caller){.certificate = "c"});
    expect_certificate(&l, &s.pki, "c.der");
}

/* A comment of 17,000 bytes makes a message that is too long by itself. */
Test(tls, a_certificate_that_is_too_long_is_refused)
{
    AUTO(scene) struct scene s;
    AUTO(line) struct line l;
    AUTO(buf) struct buf config = BUF_INIT(65536);
    int client = 0;
    scene_init(&s, false);
    buf_add_str(&config, "[long]\nnsComment=");
    for (int i = 0; i < 17000; i++)
        buf_add_char(&config, 'x');
    cr_assert_eq(buf_error(&config), 0);
    openssl_put(&s.pki.folder, "cnf", (struct text){config.data, config.len});
    openssl_must(&s.pki.folder, "genpkey -algorithm " P256 " -out c.key");
    openssl_must(&s.pki.folder, "req -new -key c.key -subj /CN=other -out c.csr");
    pki_sign(&s.pki, "c", "long");
    line_open(&l, s.context);
    line_dial(&l, &s.pki, &(struct caller){.certificate = "c"});
    cr_expect_eq(shake(&l, &client), -EPROTO, "%s", gnutls_strerror(client));
    cr_expect(strlen(tls_problem(l.server)) > 0);
    cr_expect_eq(tls_handshake(l.server), -EPROTO, "and again");
}

/* ---- Resumption ----------------------------------------------------------------------- */

static int tickets; /* a client's hook has no place of its own for it */

static int count_ticket(gnutls_session_t session, unsigned type, unsigned when,
                        unsigned incoming, const gnutls_datum_t *message)
{
    (void)session, (void)type, (void)when, (void)incoming, (void)message;
    tickets++;
    return 0;
}

/* The ticket of a first session, to be freed. */
static gnutls_datum_t ticket_of(const struct scene *s, const struct caller *caller)
{
    AUTO(line) struct line l;
    gnutls_datum_t ticket = {NULL, 0};
    int client = 0;
    tickets = 0;
    line_open(&l, s->context);
    line_dial(&l, &s->pki, caller);
    gnutls_handshake_set_hook_function(l.client, GNUTLS_HANDSHAKE_NEW_SESSION_TICKET,
                                       GNUTLS_HOOK_POST, count_ticket);
    cr_assert_eq(shake(&l, &client), 0);
    exchange(&l);
    cr_assert_eq(gnutls_session_get_data2(l.client, &ticket), 0);
    return ticket;
}

Test(tls, a_resumed_session_still_shows_its_certificate)
{
    AUTO(scene) struct scene s;
    scene_init(&s, true);
    put_client(&s.pki);
    for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
        AUTO(line) struct line l;
        struct caller caller = {.rules = versions[i], .certificate = "c"};
        gnutls_datum_t ticket = ticket_of(&s, &caller);
        cr_expect_eq(tickets, 1, "one is enough");
        caller.resumed = &ticket;
        line_up(&l, &s, &caller);
        gnutls_free(ticket.data);
        cr_expect(tls_is_resumed(l.server), "%s", versions[i]);
        expect_certificate(&l, &s.pki, "c.der");
        exchange(&l);
    }
}

Test(tls, with_another_context_nothing_is_resumed)
{
    AUTO(scene) struct scene s;
    scene_init(&s, true);
    put_client(&s.pki);
    for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
        AUTO(line) struct line l;
        struct caller caller = {.rules = versions[i], .certificate = "c"};
        gnutls_datum_t ticket = ticket_of(&s, &caller);
        tls_context_unref(s.context);
        s.context = new_context(&s.pki, true);
        caller.resumed = &ticket;
        line_up(&l, &s, &caller);
        gnutls_free(ticket.data);
        cr_expect(!tls_is_resumed(l.server), "%s", versions[i]);
        expect_certificate(&l, &s.pki, "c.der");
    }
}

Test(tls, a_client_may_want_no_ticket)
{
    AUTO(scene) struct scene s;
    AUTO(line) struct line l;
    scene_init(&s, false);
    line_up(&l, &s, &(struct caller){.flags = GNUTLS_NO_TICKETS});
    exchange(&l);
}

Test(tls, a_session_outlives_its_context_s_owner)
{
    AUTO(scene) struct scene s;
    AUTO(line) struct line l;
    scene_init(&s, false);
    int client = 0;
    line_open(&l, s.context);
    line_dial(&l, &s.pki, &(struct caller){.certificate = NULL});
    tls_context_unref(s.context);
    s.context = NULL;
    cr_assert_eq(shake(&l, &client), 0);
    exchange(&l);
}

/* ---- Versions ------------------------------------------------------------------------- */

Test(tls, an_old_version_is_refused_with_an_alert)
{
    AUTO(scene) struct scene s;
    AUTO(line) struct line l;
    scene_init(&s, false);
    int client = 0;
    line_open(&l, s.context);
    line_dial(&l, &s.pki, &(struct caller){.rules = TLS12});
    cr_expect_eq(shake(&l, &client), -EPROTO);
    cr_expect_eq(client, GNUTLS_E_FATAL_ALERT_RECEIVED);
}

Test(tls, version_1_2_is_taken_where_it_is_allowed_and_none_below)
{
    AUTO(scene) struct scene s;
    scene_init(&s, true);
    put_client(&s.pki);
    {
        AUTO(line) struct line l;
        line_up(&l, &s, &(struct caller){.rules = TLS12, .certificate = "c"});
        cr_expect_eq(gnutls_protocol_get_version(l.client), GNUTLS_TLS1_2);
        expect_certificate(&l, &s.pki, "c.der");
        exchange(&l);
    }
    {
        AUTO(line) struct line l;
        line_up(&l, &s, &(struct caller){.rules = "NORMAL"});
        cr_expect_eq(gnutls_protocol_get_version(l.client), GNUTLS_TLS1_3);
    }
    AUTO(line) struct line l;
    int client = 0;
    line_open(&l, s.context);
    line_dial(&l, &s.pki, &(struct caller){.rules = "LEGACY:-VERS-ALL:+VERS-TLS1.1"});
    cr_expect_eq(shake(&l, &client), -EPROTO);
}

Test(tls, nobody_renegotiates)
{
    AUTO(scene) struct scene s;
    AUTO(line) struct line l;
    char c = '\0';
    scene_init(&s, true);
    line_up(&l, &s, &(struct caller){.rules = TLS12});
    cr_assert_eq(gnutls_handshake(l.client), GNUTLS_E_AGAIN, "it asks for another");
    cr_expect_eq(tls_read(l.server, &c, 1), -EPROTO);
    cr_expect_eq(tls_write(l.server, "a", 1), -EPROTO);
    int r = gnutls_handshake(l.client);
    cr_expect(r == GNUTLS_E_FATAL_ALERT_RECEIVED, "%s", gnutls_strerror(r));
    cr_expect_eq(gnutls_alert_get(l.client), GNUTLS_A_NO_RENEGOTIATION);
}

static const struct {
    const char *rules;
    gnutls_group_t group;
    gnutls_cipher_algorithm_t cipher;
} chosen[] = {
    {TLS13, GNUTLS_GROUP_X25519, GNUTLS_CIPHER_AES_128_GCM}, /* the server's order */
    {TLS13 ":-GROUP-ALL:+GROUP-SECP256R1", GNUTLS_GROUP_SECP256R1, GNUTLS_CIPHER_AES_128_GCM},
    {TLS13 ":-CIPHER-ALL:+CHACHA20-POLY1305:+AES-256-GCM", GNUTLS_GROUP_X25519,
     GNUTLS_CIPHER_AES_256_GCM},
    {TLS13 ":-GROUP-ALL:+GROUP-SECP521R1:+GROUP-SECP384R1:+GROUP-SECP256R1",
     GNUTLS_GROUP_SECP256R1, GNUTLS_CIPHER_AES_128_GCM}, /* asked to try again with it */
    {TLS12, GNUTLS_GROUP_X25519, GNUTLS_CIPHER_AES_128_GCM},
};

Test(tls, the_cheapest_that_both_have_is_taken)
{
    AUTO(scene) struct scene s;
    scene_init(&s, true);
    for (size_t i = 0; i < ARRAY_LEN(chosen); i++) {
        AUTO(line) struct line l;
        line_up(&l, &s, &(struct caller){.rules = chosen[i].rules});
        cr_expect_eq(gnutls_group_get(l.client), chosen[i].group, "%s", chosen[i].rules);
        cr_expect_eq(gnutls_cipher_get(l.client), chosen[i].cipher, "%s", chosen[i].rules);
    }
}

/* ---- What a context is made of -------------------------------------------------------- */

static void expect_no_context(struct text certificate, struct text key, const char *why)
{
    const struct tls_setup setup = {certificate, key, false};
    struct tls_context *c = NULL;
    struct diag d = {""};
    cr_expect_eq(tls_context_new(&setup, &c, &d), -EBADMSG, "%s", why);
    cr_expect_null(c);
    cr_expect(strlen(d.text) > 0, "%s", why);
}

static const struct {
    const char *kind;
    bool is_good;
} server_keys[] = {
    {P256, true},
    {"EC -pkeyopt ec_paramgen_curve:P-384", true},
    {"ED25519", true},
    {"EC -pkeyopt ec_paramgen_curve:P-521", false},
    {"RSA -pkeyopt rsa_keygen_bits:2048", false},
    {"ED448", false},
};

Test(tls, a_key_that_is_brought_along_is_small)
{
    AUTO(scene) struct scene s;
    scene_init(&s, true);
    for (size_t i = 0; i < ARRAY_LEN(server_keys); i++) {
        AUTO(buf) struct buf pem = BUF_INIT(X509_PEM_CAP);
        AUTO(buf) struct buf key = BUF_INIT(X509_PEM_CAP);
        struct tls_setup setup = {.allow_tls12 = true};
        struct diag d = {""};
        pki_request(&s.pki, "s", server_keys[i].kind);
        pki_sign(&s.pki, "s", "server");
        setup.certificate_pem = openssl_file(&s.pki.folder, "s.pem", &pem);
        setup.key_pem = openssl_file(&s.pki.folder, "s.key", &key);
        if (!server_keys[i].is_good) {
            expect_no_context(setup.certificate_pem, setup.key_pem, server_keys[i].kind);
            continue;
        }
        tls_context_unref(STEAL(s.context));
        cr_assert_eq(tls_context_new(&setup, &s.context, &d), 0, "%s: %s", server_keys[i].kind,
                     d.text);
        for (size_t k = 0; k < ARRAY_LEN(versions); k++) {
            AUTO(line) struct line l;
            line_up(&l, &s, &(struct caller){.rules = versions[k]});
            exchange(&l);
        }
    }
}

Test(tls, a_pair_that_is_none_is_refused_with_the_reason)
{
    AUTO(pki) struct pki p;
    pki_init(&p);
    AUTO(buf) struct buf pem = BUF_INIT(X509_PEM_CAP);
    AUTO(buf) struct buf key = BUF_INIT(X509_PEM_CAP);
    AUTO(buf) struct buf other = BUF_INIT(X509_PEM_CAP);
    static char huge[X509_PEM_CAP + 1];
    memset(huge, 'A', sizeof huge);
    pki_request(&p, "s", P256);
    pki_sign(&p, "s", "server");
    struct text s = openssl_file(&p.folder, "s.pem", &pem);
    struct text k = openssl_file(&p.folder, "s.key", &key);
    expect_no_context(s, openssl_file(&p.folder, "ca.key", &other), "another key");
    expect_no_context(k, s, "exchanged");
    expect_no_context((struct text){NULL, 0}, k, "no certificate");
    expect_no_context(s, (struct text){NULL, 0}, "no key");
    expect_no_context((struct text){huge, sizeof huge}, k, "too long");
    expect_no_context(s, (struct text){huge, sizeof huge}, "a key too long");
    openssl_must(&p.folder, "pkcs8 -topk8 -in s.key -passout pass:x -out locked.key");
    expect_no_context(s, openssl_file(&p.folder, "locked.key", &other), "locked");
}
