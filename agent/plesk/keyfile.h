/*
 * One Plesk key file (signed XML) -> the licence. Pure over bytes; expat inside. Of the file's
 * elements only those below are ever copied: the update ticket, key bodies and signatures pass
 * through the parser's own memory, which is wiped and given back before this returns.
 */
#ifndef PLESK_KEYFILE_H
#define PLESK_KEYFILE_H

#include "base/diag.h"
#include "domain/report.h"

#define KEYFILE_BYTES_MAX (1 << 20) /* real ones have 10 to 40 kB */

struct keyfile {
    struct report_license license; /* number, version, product, edition, expires, machine_id */
    bool is_main;                  /* a panel's key, not an add-on's (by its product) */
    int64_t expires_day;           /* days since 1970; INT64_MAX = never */
};

/*
 * 0; 1: sound, and says "no licence" (an all-zero key; *ret has all but the number); -EBADMSG
 * with the reason (line, column; never a value of the file): not XML, another document, no key
 * number, a number, version, product or date that is none, or is there twice; -ERANGE: too
 * large; -ENOMEM. Both namespaces (swsoft core/2, parallels core/3) are read; the prefix does
 * not matter. Doctypes and entities are refused. The edition is `edition`, else `edition-name`,
 * of the root's own namespace. machine_id: base64 of [{"version":1,"value":"<64 hex>"}]. Both
 * are "" where they are absent or other.
 */
MUST_USE int keyfile_read(struct text bytes, struct keyfile *ret, struct diag *d);

#endif
