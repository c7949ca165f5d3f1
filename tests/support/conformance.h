/* The cases of tests/support/json_conformance.txt: bytes that are JSON, and bytes that are not.
 */
#ifndef SUPPORT_CONFORMANCE_H
#define SUPPORT_CONFORMANCE_H

#include "base/text.h"

enum conformance_kind { CONFORMANCE_TAKEN, CONFORMANCE_REFUSED, CONFORMANCE_EITHER };

struct conformance_case {
    enum conformance_kind kind;
    const char *name;
    struct text bytes; /* in memory that ends behind them */
};

#define CONFORMANCE_FILE SOURCE_DIR "/tests/support/json_conformance.txt"

/* Calls `each` for every case of a file; what it is given is gone afterwards. Returns how many
 * there were; stops the test when the file cannot be read as it says. */
size_t conformance_each(const char *path,
                        void (*each)(void *arg, const struct conformance_case *c), void *arg);

#endif
