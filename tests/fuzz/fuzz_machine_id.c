/* Machine ids: whatever comes, 64 hex digits or nothing. */
#include "plesk/machine_id.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct text text = {(const char *)data, n};
    char id[MACHINE_ID_SIZE] = "";

    int r = machine_id_parse(text, id);
    assert(strlen(id) == (r == 0 ? 64 : 0));
    assert(strspn(id, "0123456789abcdef") == strlen(id));
    return 0;
}
