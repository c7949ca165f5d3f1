/* Evidence: the rules must bear whatever intervals a file claims. */
#include "audit/evidence.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum finding_kind kind;
    struct level_answer answer;
    struct json_error error;
    struct text text = {(const char *)data, size};

    if (evidence_judge(text, &kind, &answer, &error) == 0)
        assert((answer.state == STATE_CLEAR) == (answer.quantity == 0));
    return 0;
}
