/*
 * unknown-server: reports came for a server that is neither enrolled nor in the estate. What
 * they say is kept, and never counted. (SPEC 6.4)
 */
#include "audit/rules.h"

int rule_unknown_server(const struct audit *a, const struct server_case *c,
                        const struct finding_sink *sink)
{
    if (c->server->n_tenures > 0 || !c->has_evidence)
        return 0;
    struct finding f = finding_about(a, FINDING_UNKNOWN_SERVER, NULL, c->server->name);
    return finding_emit(sink, &f);
}
