/*
 * Evidence as JSON (fairuse-evidence(5)): the very intervals a rule used, what it made of
 * them, and enough settings to judge again. Times are integers; keys are in a fixed order.
 */
#ifndef AUDIT_EVIDENCE_H
#define AUDIT_EVIDENCE_H

#include "audit/extra_ip.h"
#include "audit/mailboxes.h"
#include "audit/outside.h"
#include "json/json.h"
#include "json/jsonw.h"

/* Each replaces what is in `out`. 0; -ENOMEM; -ERANGE over the buffer's cap. */
MUST_USE int evidence_of_extra_ip(const struct extra_ip_facts *f, const struct license_case *c,
                                  struct buf *out);
MUST_USE int evidence_of_outside(const struct outside_facts *f, const struct license_case *c,
                                 struct buf *out);
MUST_USE int evidence_of_mailboxes(const struct mailboxes_facts *f, const struct domain_case *c,
                                   struct buf *out);

/*
 * Judges a charge again from its evidence alone: reads what the three above wrote and runs the
 * very rule. *ret_kind says which. 0; -EBADMSG when it is not such evidence (reterr tells
 * where); -ENOMEM. Evidence of `{"rule": …, "none": reason}` judges as CLEAR.
 */
MUST_USE int evidence_judge(struct text evidence, enum finding_kind *ret_kind,
                            struct level_answer *ret, struct json_error *reterr);

#endif
