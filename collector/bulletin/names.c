/* Names of the model's values for machines, and which kinds can cost money. */
#include "bulletin/model.h"

static const char *const changes[] = {
    [CHANGE_NONE] = "none", [CHANGE_NEW] = "new",           [CHANGE_WORSE] = "worse",
    [CHANGE_LESS] = "less", [CHANGE_ENDED] = "ended",       [CHANGE_AGAIN] = "again",
    [CHANGE_SOON] = "soon", [CHANGE_RESOLVED] = "resolved",
};
static_assert(ARRAY_LEN(changes) == BULLETIN_CHANGE_COUNT, "a name for each change");

static const char *const causes[] = {
    [CAUSE_PLACE] = "place",
    [CAUSE_SERVER] = "server",
    [CAUSE_KIND] = "kind",
};

static const char *const steps[] = {
    [STEP_NONE] = "none",
    [STEP_NOTICE] = "notice",
    [STEP_WARNING] = "warning",
    [STEP_REVIEW] = "review",
};

const char *bulletin_change_name(enum bulletin_change c)
{
    return changes[c];
}

const char *bulletin_cause_name(enum bulletin_cause c)
{
    return causes[c];
}

const char *bulletin_step_name(enum bulletin_step s)
{
    return steps[s];
}

bool bulletin_is_charging(enum finding_kind k)
{
    return k == FINDING_EXTRA_IP || k == FINDING_MAILBOXES || k == FINDING_OUTSIDE;
}
