/* Our clock, and the collector's. */
#include "keeper/trust.h"

/* Answers take their time, and clocks are cut to whole seconds: less is no other moment. */
enum { SAME_S = 5 };

static bool is_apart(int64_t a, int64_t b, int64_t slack_s)
{
    return a - b > slack_s || b - a > slack_s;
}

wall_t trust_boot(const struct trust *t, wall_t boot)
{
    wall_t theirs = t->is_known ? t->boot : (wall_t){boot.s + t->error.s};

    return is_apart(theirs.s, boot.s, TRUST_SLACK.s) ? theirs : boot;
}

bool trust_learn(struct trust *t, wall_t theirs, wall_t boot)
{
    int64_t before_s = t->error.s;

    if (!t->is_known || is_apart(t->boot.s, theirs.s, SAME_S))
        t->boot = theirs;
    t->is_known = true;
    t->error.s = trust_boot(t, boot).s - boot.s;
    return is_apart(t->error.s, before_s, SAME_S);
}
