/* Whose a server is that wants to come back. */
#include "enrol/enrol_parts.h"
#include <errno.h>
#include <string.h>

/*
 * The reseller that it is now, or NULL: the estate decides, where it has an entry for now, as a
 * server that changed hands is enrolled for its first owner still; else its enrolment does.
 */
static const char *owner_of(const struct store_server *server, wall_t now)
{
    for (size_t i = 0; i < server->n_tenures; i++)
        if (term_holds(server->tenures[i].valid, now))
            return server->tenures[i].reseller;
    return server->is_enrolled ? server->enrolled_reseller : NULL;
}

int claim_check(struct store *s, const struct claim *claim, struct diag *d)
{
    struct store_server server;
    server_id id = 0;
    char name[TEXT_QUOTE_SIZE], owner_name[TEXT_QUOTE_SIZE], reseller[TEXT_QUOTE_SIZE];
    int r = store_find_server(s, claim->server, &id);

    (void)text_quote(text_of(claim->server), name);
    if (r == -ENOENT)
        return diag_set(d, -ESRCH, "there is no server %s (`server list` shows them)", name);
    if (r >= 0)
        r = store_get_server(s, id, &server);
    if (r < 0)
        return r;
    const char *owner = owner_of(&server, claim->now);
    if (!owner)
        return diag_set(d, -ESRCH,
                        "%s is nobody's now: it was never enrolled, and no entry "
                        "of the estate holds today",
                        name);
    if (strcmp(owner, claim->reseller) != 0)
        return diag_set(d, -ESRCH, "%s is now the server of %s, not of %s", name,
                        text_quote(text_of(owner), owner_name),
                        text_quote(text_of(claim->reseller), reseller));
    return 0;
}
