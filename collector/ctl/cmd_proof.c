/* fairusectl ledger proof, and verify of a proof file. */
#include "ctl/commands.h"
#include "ctl/entry_out.h"
#include "ctl/signing.h"
#include "ledger/proof.h"
#include "os/file.h"
#include <errno.h>
#include <string.h>

static int write_out(struct ctl *c, const struct buf *proof)
{
    const char *path = ctl_value(c, "output");
    struct diag d = {""};

    if (!path)
        return ctl_print(proof);
    if (file_write(path, (struct text){proof->data, proof->len}, 0644, &d) < 0)
        return ctl_fail(EX_CANTCREAT, "%s", d.text);
    ctl_note("the proof is in %s", path);
    return 0;
}

static int make_proof(struct ctl *c, struct store *s, int64_t sequence,
                      const struct sign_key *key)
{
    AUTO(buf) struct buf proof = BUF_INIT(2 * (size_t)CAP_PROOF_BYTES);
    AUTO(store_scan) struct store_scan *scan = NULL;
    struct store_entry row;
    struct diag d = {""};
    int r = store_get_entry(s, sequence, &scan);

    if (r >= 0)
        r = store_next_entry(scan, &row);
    if (r < 0)
        return ctl_fail_errno(r, store_diag(s));
    if (r == 0)
        return ctl_fail(EX_DATAERR, "the ledger has no entry %lld (`ledger list` shows them)",
                        (long long)sequence);
    r = proof_write(&(struct proof_parts){row.body, row.hash, row.evidence}, key, &proof, &d);
    return r < 0 ? ctl_fail_errno(r, d.text) : write_out(c, &proof);
}

static int run_proof(struct ctl *c)
{
    AUTO(store) struct store *s = NULL;
    AUTO(sign_key) struct sign_key *key = NULL;
    const char *word = ctl_argument(c, 0);
    char quoted[TEXT_QUOTE_SIZE];
    int64_t sequence;

    if (text_to_int(text_of(word), 1, INT64_MAX, &sequence) < 0)
        return ctl_fail(EX_USAGE, "%s: must be the number of an entry",
                        text_quote(text_of(word), quoted));
    int code = ctl_open_store(c, STORE_READ, &s);
    if (code == 0)
        code = signing_key_load(c, s, &key);
    return code == 0 ? make_proof(c, s, sequence, key) : code;
}

static const struct ctl_option proof_options[] = {
    {"output", "FILE", "write it there instead of to standard output"},
};

const struct ctl_command command_ledger_proof = {
    .group = "ledger",
    .name = "proof",
    .arguments = "SEQ",
    .help = "An entry with its evidence, signed: verifies anywhere without the database",
    .options = proof_options,
    .n_options = ARRAY_LEN(proof_options),
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run_proof,
};

/* ---- verify FILE --------------------------------------------------------------------------
 */

static int read_pinned(struct ctl *c, uint8_t ret[static SIGN_KEY_BYTES], bool *ret_given)
{
    const char *path = ctl_value(c, "key");
    AUTO(buf) struct buf pem = BUF_INIT(8192);
    struct diag d = {""};

    *ret_given = path != NULL;
    if (!path)
        return 0;
    if (file_read(path, &pem, &d) < 0)
        return ctl_fail(EX_NOINPUT, "%s", d.text);
    if (sign_public_read((struct text){pem.data, pem.len}, ret) < 0)
        return ctl_fail(EX_DATAERR, "%s: is no Ed25519 public key in PEM", path);
    return 0;
}

static int tell_proof(struct ctl *c, const struct proof *p, bool is_pinned)
{
    AUTO(buf) struct buf b = BUF_INIT(65536);

    buf_add_str(&b, "The proof holds: signature, hash and amounts are right, and the rule, run "
                    "again on the evidence, says the same.\n\n");
    entry_describe(&p->entry, p->hash, &ctl_settings(c)->zone, &b);
    buf_printf(
        &b, "signed by  key with SHA-256 %s%s\n", p->key_fingerprint,
        is_pinned
            ? ", the one you gave"
            : "\n           (compare it with the distributor's, or give its file with --key)");
    return ctl_print(&b);
}

static int run_verify(struct ctl *c)
{
    AUTO(buf) struct buf text = BUF_INIT((size_t)CAP_PROOF_BYTES);
    AUTO_FREE struct proof *proof = calloc(1, sizeof(*proof));
    uint8_t pinned[SIGN_KEY_BYTES];
    struct diag d = {""};
    bool is_pinned;

    if (!proof)
        return ctl_fail_errno(-ENOMEM, NULL);
    int code = read_pinned(c, pinned, &is_pinned);
    if (code != 0)
        return code;
    if (file_read(ctl_argument(c, 0), &text, &d) < 0)
        return ctl_fail(EX_NOINPUT, "%s", d.text);
    int r =
        proof_check((struct text){text.data, text.len}, is_pinned ? pinned : NULL, proof, &d);
    if (r == -EBADMSG)
        return ctl_fail(EX_DATAERR, "%s: the proof does not hold: %s", ctl_argument(c, 0),
                        d.text);
    return r < 0 ? ctl_fail_errno(r, d.text) : tell_proof(c, proof, is_pinned);
}

static const struct ctl_option verify_options[] = {
    {"key", "FILE", "the distributor's public key (PEM), which must have signed it"},
};

const struct ctl_command command_verify = {
    .name = "verify",
    .arguments = "FILE",
    .help = "Check a proof file: signature, hash, amounts, and the rule itself",
    .options = verify_options,
    .n_options = ARRAY_LEN(verify_options),
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run_verify,
};
