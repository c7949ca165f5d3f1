/* Findings, dues and entries as the JSON of SPEC 7: one object a line, in arrays. */
#ifndef CTL_JSON_OUT_H
#define CTL_JSON_OUT_H

#include "json/jsonw.h"
#include "run/drafts.h"

void json_finding(struct jsonw *w, const struct finding *f);
void json_due(struct jsonw *w, const struct draft *d);
/* Whether the key has either a due or something entered (else it has no row). */
bool due_has_row(const struct draft *d);

#endif
