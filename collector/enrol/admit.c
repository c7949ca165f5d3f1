/* Whether a peer is let in, and what is said where it is not. */
#include "enrol/enrol.h"
#include <errno.h>

static const struct {
    const char *name;
    int status;
} refusals[] = {
    [REFUSAL_NONE] = {"none", 200},
    [REFUSAL_NO_CERTIFICATE] = {"no-certificate", 401},
    [REFUSAL_NOT_OURS] = {"not-ours", 401},
    [REFUSAL_EXPIRED] = {"expired", 401},
    [REFUSAL_NOT_YET] = {"not-yet", 401},
    [REFUSAL_NOT_ENROLLED] = {"not-enrolled", 403},
    [REFUSAL_REVOKED] = {"revoked", 403},
    [REFUSAL_REPLACED] = {"replaced", 403},
    [REFUSAL_NO_TOKEN] = {"no-token", 401},
    [REFUSAL_TOKEN_EXPIRED] = {"token-expired", 403},
    [REFUSAL_TOKEN_USED_UP] = {"token-used-up", 403},
    [REFUSAL_TOKEN_REVOKED] = {"token-revoked", 403},
    [REFUSAL_NOT_THEIRS] = {"not-theirs", 403},
};
static_assert(ARRAY_LEN(refusals) == REFUSAL_COUNT, "a row for each refusal");

const char *refusal_name(enum refusal r)
{
    return refusals[r].name;
}

int refusal_status(enum refusal r)
{
    return refusals[r].status;
}

/* What the certificate says by itself. Both of its ends are within its time (RFC
 * 5280, 4.1.2.5).
 */
static enum refusal examine(const struct admit_question *q)
{
    if (!q->peer)
        return REFUSAL_NO_CERTIFICATE;
    if (!q->peer->is_ours || !q->peer->name[0])
        return REFUSAL_NOT_OURS;
    if (q->now.s < q->peer->term.from.s)
        return REFUSAL_NOT_YET;
    /* A difference, as a time of the far future plus something could be too large. */
    if (q->now.s - q->peer->term.to.s > q->late.s)
        return REFUSAL_EXPIRED;
    return REFUSAL_NONE;
}

/* What the store says of the server that it names. A revocation counts from when it is known,
 * whatever a clock that was set back says of its moment. */
static enum refusal weigh(const struct x509_peer *peer, const struct store_admission *a)
{
    if (a->revoked.s != WALL_END.s)
        return REFUSAL_REVOKED;
    if (peer->term.from.s < a->certs_from.s)
        return REFUSAL_REPLACED;
    return REFUSAL_NONE;
}

int enrol_admit(struct store *s, const struct admit_question *q, enum refusal *ret,
                struct store_admission *ret_admission)
{
    struct store_admission found;
    enum refusal refusal = examine(q);

    if (refusal == REFUSAL_NONE) {
        int r = store_get_admission(s, q->peer->name, &found);
        if (r < 0 && r != -ENOENT)
            return r;
        refusal = r == -ENOENT ? REFUSAL_NOT_ENROLLED : weigh(q->peer, &found);
    }
    if (refusal == REFUSAL_NONE)
        *ret_admission = found;
    *ret = refusal;
    return 0;
}
