/* One subject audited again, for the evidence of what is not there. */
#include "run/clear.h"
#include "json/jsonw.h"
#include <errno.h>
#include <string.h>

struct catcher {
    const struct draft *draft;
    struct buf *out;
    struct finding best; /* only its rank is used */
    bool has_best;
};

static int catch_finding(void *arg, const struct finding *f)
{
    struct catcher *c = arg;

    if (strcmp(finding_kind_name(f->kind), charge_kind_name(c->draft->kind)) != 0 ||
        !f->reseller || strcmp(f->reseller, c->draft->reseller) != 0 ||
        f->state == STATE_CONFIRMED)
        return 0;
    if (c->has_best && !finding_outranks(f, &c->best))
        return 0;
    c->best = *f;
    c->has_best = true;
    buf_reset(c->out);
    buf_add_str(c->out, f->evidence);
    return buf_error(c->out);
}

int clear_evidence(const struct run_setup *setup, const struct draft *draft, struct buf *out,
                   bool *ret_is_judged)
{
    struct catcher c = {.draft = draft, .out = out};
    struct finding_sink sink = {.take = catch_finding, .arg = &c, .wants_clear = true};
    license_t license;
    int r;

    buf_reset(out);
    if (draft->kind == CHARGE_MAILBOXES) {
        r = run_audit_domain(setup, draft->subject, &draft->period, 1, &sink);
    } else {
        r = license_parse(text_of(draft->subject), &license, NULL);
        if (r == 0)
            r = run_audit_license(setup, license, &draft->period, 1, &sink);
    }
    if (r < 0)
        return r;
    *ret_is_judged = c.has_best;
    if (c.has_best)
        return 0;
    struct jsonw w = jsonw_to(out, false);
    jsonw_object(&w, NULL);
    jsonw_text(&w, "rule", charge_kind_name(draft->kind));
    jsonw_text(&w, "none",
               "the estate has no entry for the subject and the reseller in this period");
    jsonw_end_object(&w);
    return buf_error(out);
}
