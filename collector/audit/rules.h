/* The rules, for audit.c: one file each. Private to this room. */
#ifndef AUDIT_RULES_H
#define AUDIT_RULES_H

#include "audit/audit.h"
#include "audit/evidence.h"

struct audit_work {
    struct presences presences;
    struct outside_facts outside;
    struct mailboxes_facts mailboxes;
    struct buf evidence;
};

/* One judged entry of a licence, with what the rules share. */
struct judged {
    const struct audit *a;
    const struct license_case *c;
    const struct entry *e;
    struct span v;
    struct audit_work *w; /* its presences are those of the entry */
    const struct finding_sink *sink;
};

/* A finding about an entry, quantity 1, a notice, without times; `evidence` may be NULL. */
struct finding finding_about(const struct audit *a, enum finding_kind kind,
                             const struct audit_reseller *reseller, const char *subject);
void finding_set_answer(struct finding *f, const struct level_answer *answer);
int finding_emit(const struct finding_sink *sink, const struct finding *f);

/* The evidence of a notice, written member by member into the work's buffer, then emitted. */
struct jsonw notice_begin(struct audit_work *w);
int notice_emit(const struct finding_sink *sink, struct finding *f, struct jsonw *o,
                struct audit_work *w);

/* On the judged entry; *ret_said = whether extra-ip says anything (then its notices are
 * silent). */
MUST_USE int rule_extra_ip(const struct judged *j);
MUST_USE int rule_outside(const struct judged *j);
MUST_USE int rule_elsewhere(const struct judged *j);
MUST_USE int rule_foreign_server(const struct judged *j);
MUST_USE int rule_never_seen(const struct judged *j);
MUST_USE int rule_undeclared(const struct judged *j);
MUST_USE int rule_recurring(const struct judged *j);

/* On the licence as a whole. */
MUST_USE int rule_unknown_license(const struct audit *a, const struct license_case *c,
                                  struct audit_work *w, const struct finding_sink *sink);
MUST_USE int rule_expired_in_use(const struct audit *a, const struct license_case *c,
                                 const struct finding_sink *sink);
MUST_USE int rule_silent_license(const struct audit *a, const struct license_case *c,
                                 const struct entry *e, struct audit_work *w,
                                 const struct finding_sink *sink);

MUST_USE int rule_silent_server(const struct audit *a, const struct server_case *c,
                                struct audit_work *w, const struct finding_sink *sink);
MUST_USE int rule_forked_identity(const struct audit *a, const struct server_case *c,
                                  struct audit_work *w, const struct finding_sink *sink);
MUST_USE int rule_unknown_server(const struct audit *a, const struct server_case *c,
                                 const struct finding_sink *sink);

/* silent: how long ago it may have been seen to be missed. */
enum { SILENT_KNOWN_S = 35 * 86400 };

/* Who a server belongs to at a moment (half-open), or NULL. */
const struct audit_reseller *server_reseller(const struct audit_server *s, wall_t at);
/* Who it belongs to at E or did last before; NULL when it never belonged to anybody by then. */
const struct audit_reseller *server_last_reseller(const struct audit_server *s, wall_t end);

#endif
