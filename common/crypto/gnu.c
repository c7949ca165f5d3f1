/* GnuTLS's errors as ours. */
#include "crypto/gnu.h"

#include <errno.h>

int gnu_fail(struct diag *d, int code, const char *what, int error)
{
    if (error == GNUTLS_E_MEMORY_ERROR)
        return diag_set(d, -ENOMEM, "out of memory");
    return diag_set(d, code, "%s: %s", what, gnutls_strerror(error));
}
