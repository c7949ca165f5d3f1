/* Keys as people write them. */
#include "domain/dname.h"
#include "ledger/ledger.h"
#include <errno.h>
#include <string.h>

/* What stands behind the last slash, or before the first one; empty, where there is none: that
 * is no period, no kind and no subject. */
static struct text take_last(struct text *t)
{
    struct text taken = text_of("");

    for (size_t i = t->n; i-- > 0;)
        if (t->p[i] == '/') {
            taken = (struct text){t->p + i + 1, t->n - i - 1};
            t->n = i;
            break;
        }
    return taken;
}

static struct text take_first(struct text *t)
{
    struct text taken = text_of("");

    for (size_t i = 0; i < t->n; i++)
        if (t->p[i] == '/') {
            taken = (struct text){t->p, i};
            *t = (struct text){t->p + i + 1, t->n - i - 1};
            break;
        }
    return taken;
}

/* A licence or a domain in its canonical form, as findings name it. */
static bool subject_parse(enum charge_kind kind, struct text t, char ret[static CAP_DOMAIN + 1])
{
    char license[LICENSE_TEXT_SIZE];
    license_t l;

    if (kind == CHARGE_MAILBOXES)
        return dname_parse(t, ret) == 0;
    if (license_parse(t, &l, NULL) != 0)
        return false;
    memcpy(ret, license_format(l, license), sizeof(license));
    return true;
}

int ledger_key_parse(struct text t, struct ledger_key *ret, struct diag *d)
{
    char quoted[TEXT_QUOTE_SIZE];
    struct ledger_key k = {0};
    struct text rest = t, period = take_first(&rest);
    struct text subject = take_last(&rest), kind = take_last(&rest);

    if (rest.n == 0 || rest.n > CAP_ID || period_parse(period, &k.period) < 0 ||
        charge_kind_parse(kind, &k.kind) < 0 || !subject_parse(k.kind, subject, k.subject))
        return diag_set(d, -EBADMSG,
                        "%s is no key: write PERIOD/RESELLER/KIND/SUBJECT, e.g. "
                        "2026-10/r1/extra-ip/PLSK.01234567 (`ledger list --draft` shows them)",
                        text_quote(t, quoted));
    memcpy(k.reseller, rest.p, rest.n);
    *ret = k;
    return 0;
}

void ledger_key_format(const struct ledger_key *k, struct buf *out)
{
    char period[PERIOD_TEXT_SIZE];

    buf_printf(out, "%s/%s/%s/%s", period_format(k->period, period), k->reseller,
               charge_kind_name(k->kind), k->subject);
}
