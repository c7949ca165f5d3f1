/* What an audit said, as plain values that two audits can be compared by. */
#ifndef SUPPORT_VERDICT_H
#define SUPPORT_VERDICT_H

#include "audit/finding.h"
#include "base/caps.h"
#include "domain/estate.h"

enum { VERDICTS_MAX = 256, COSTS_MAX = 64, VERDICT_SUBJECT_SIZE = 256 };

struct verdict {
    period_t period;
    enum finding_kind kind;
    enum finding_state state;
    char reseller[CAP_ID + 1]; /* "" = none */
    char subject[VERDICT_SUBJECT_SIZE];
    int64_t quantity;
    bool has_since, has_confirms;
    wall_t since, confirms_at;
    bool is_trial;
};

struct verdict_list {
    struct verdict v[VERDICTS_MAX];
    size_t n;
};

/* What one key costs (SPEC 6.5). */
struct cost {
    period_t period;
    enum charge_kind kind;
    char reseller[CAP_ID + 1];
    char subject[VERDICT_SUBJECT_SIZE];
    int64_t quantity, units;
    price_t unit_price;
    money_t due;
    const struct currency *currency;
};

struct cost_list {
    struct cost v[COSTS_MAX];
    size_t n;
};

/* By period, kind name, reseller, subject. */
int verdict_compare(const struct verdict *a, const struct verdict *b);
void verdict_sort(struct verdict_list *l);
bool verdict_is_equal(const struct verdict *a, const struct verdict *b);
bool verdict_lists_are_equal(const struct verdict_list *a, const struct verdict_list *b);

/* By period, reseller, kind name, subject. */
void cost_sort(struct cost_list *l);
bool cost_lists_are_equal(const struct cost_list *a, const struct cost_list *b);

/* One line a row; `mark` begins each line. */
void verdict_print(const struct verdict *v, const char *mark, struct buf *out);
void cost_print(const struct cost *d, const char *mark, struct buf *out);

/* The rows that only one of the two has: "-" for `a`, "+" for `b`. */
void verdict_print_difference(const struct verdict_list *a, const struct verdict_list *b,
                              struct buf *out);
void cost_print_difference(const struct cost_list *a, const struct cost_list *b,
                           struct buf *out);

#endif
