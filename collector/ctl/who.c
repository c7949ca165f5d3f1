/* The name of who runs a command. */
#include "ctl/ctl.h"
#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

static bool take_name(const char *name, char out[static CTL_BY_SIZE])
{
    if (!name || !text_is_label(text_of(name), CAP_NAME))
        return false;
    (void)snprintf(out, CTL_BY_SIZE, "%s", name);
    return true;
}

int ctl_by(const struct ctl *c, char out[static CTL_BY_SIZE])
{
    const char *given = ctl_value(c, "by");
    struct passwd entry, *found = NULL;
    char memory[4096], quoted[TEXT_QUOTE_SIZE];
    uid_t uid = getuid();

    if (given)
        return take_name(given, out) ? 0
                                     : ctl_fail(EX_USAGE, "--by %s: must be a name",
                                                text_quote(text_of(given), quoted));
    if (uid == 0 && take_name(getenv("SUDO_USER"), out))
        return 0;
    if (getpwuid_r(uid, &entry, memory, sizeof(memory), &found) == 0 && found &&
        take_name(found->pw_name, out))
        return 0;
    (void)snprintf(out, CTL_BY_SIZE, "uid %u", (unsigned)uid);
    return 0;
}
