/* Proof files: whatever comes, an answer, and never a crash. */
#include "ledger/proof.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct proof p;
    struct diag d;

    int r = proof_check((struct text){(const char *)data, size}, NULL, &p, &d);
    assert(r <= 0);
    return 0;
}
