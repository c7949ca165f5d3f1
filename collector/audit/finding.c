/* The names that findings go by. */
#include "audit/finding.h"

static const struct {
    const char *name, *clause;
} kinds[] = {
    [FINDING_EXTRA_IP] = {"extra-ip", "FUP, licences 2"},
    [FINDING_MAILBOXES] = {"mailboxes", "FUP, SpamExperts 1"},
    [FINDING_OUTSIDE] = {"outside", "FUP, licences 4"},
    [FINDING_MANY_ADDRESSES] = {"many-addresses", "FUP, licences 2"},
    [FINDING_SECOND_SERVER] = {"second-server", "FUP, licences 2"},
    [FINDING_ROAMING] = {"roaming", "FUP, licences 2"},
    [FINDING_SPLIT_DOMAIN] = {"split-domain", "FUP, SpamExperts 1"},
    [FINDING_UNDECLARED] = {"undeclared", "FUP, licences 4"},
    [FINDING_UNKNOWN_LICENSE] = {"unknown-license", ""},
    [FINDING_EXPIRED_IN_USE] = {"expired-in-use", ""},
    [FINDING_FOREIGN_SERVER] = {"foreign-server", ""},
    [FINDING_UNKNOWN_SERVER] = {"unknown-server", ""},
    [FINDING_FORKED_IDENTITY] = {"forked-identity", ""},
    [FINDING_ELSEWHERE] = {"elsewhere", ""},
    [FINDING_SILENT] = {"silent", ""},
    [FINDING_NEVER_SEEN] = {"never-seen", ""},
    [FINDING_NEVER_COUNTED] = {"never-counted", ""},
    [FINDING_CROWDED_ADDRESS] = {"crowded-address", ""},
    [FINDING_RECURRING] = {"recurring", "FUP, licences 2"},
};
static_assert(ARRAY_LEN(kinds) == FINDING_KIND_COUNT, "a name for each kind");

static const char *const states[] = {"clear", "notice", "potential", "confirmed"};

const char *finding_kind_name(enum finding_kind k)
{
    return kinds[k].name;
}

const char *finding_state_name(enum finding_state s)
{
    return states[s];
}

const char *finding_clause(enum finding_kind k)
{
    return kinds[k].clause;
}
