/*
 * Certificates and requests from strangers: whatever comes, an answer, and nothing that was not
 * signed by the authority is ours. It is a new one each time, so no seed can be.
 */
#include "crypto/x509.h"

#include <errno.h>
#include <string.h>
#include <time.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct authority *get_authority(void)
{
    static struct authority *a;
    struct diag d;
    if (!a) {
        int r = authority_new("fuzz", (wall_t){time(NULL)}, (dur_t){86400}, &a, &d);
        assert(r == 0);
    }
    return a;
}

/* What is checked can be issued for, to the same key. */
static void check_request(const struct authority *a, struct text pem)
{
    struct digest id;
    struct issued issued;
    struct diag d;
    if (csr_check(pem, &id, &d) != 0)
        return;
    const struct x509_client client = {pem, "srv-1", {time(NULL)}, {3600}};
    int r = authority_issue_client(a, &client, &issued, &d);
    assert(r == 0 && memcmp(issued.key_id.bytes, id.bytes, DIGEST_BYTES) == 0);
    issued_done(&issued);
}

static void check_peer(const struct authority *a, struct text der)
{
    struct x509_peer peer;
    int r = authority_examine(a, der, &peer);
    assert(r == 0 || r == -EBADMSG);
    assert(r != 0 || !peer.is_ours);
    assert(r != 0 || peer.name[0] == '\0' || text_is_label(text_of(peer.name), CAP_ID));
    assert(r != 0 || peer.serial_n <= X509_SERIAL_BYTES);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct authority *a = get_authority();
    struct text text = {(const char *)data, size};
    struct authority *read = NULL;
    struct x509_term term;
    struct diag d;

    check_request(a, text);
    check_peer(a, text);
    int r = authority_read(text, text, &read, &d); /* both in one file */
    assert(r == 0 || r == -EBADMSG);
    authority_free(read);
    r = authority_check_server(a, text, (wall_t){time(NULL)}, &d);
    assert(r == -EBADMSG);
    r = x509_chain_term(text, &term);
    assert(r == 0 || r == -EBADMSG);
    return 0;
}
