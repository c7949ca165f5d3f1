/* Key files: whatever comes, and what is read is what a report may carry. */
#include "plesk/keyfile.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_label(const char *s)
{
    assert(s[0] == '\0' || text_is_label(text_of(s), CAP_LABEL_TEXT));
}

static void check_license(const struct keyfile *k, bool is_empty)
{
    const struct report_license *l = &k->license;
    int64_t day = INT64_MAX;
    license_t again;
    assert(is_empty == (license_from_code(l->license.code, &again) != 0));
    check_label(l->version);
    check_label(l->product);
    check_label(l->edition);
    assert(strlen(l->version) <= 8 && strspn(l->version, "0123456789") == strlen(l->version));
    assert(l->expires[0] == '\0' || civil_parse(text_of(l->expires), &day) == 0);
    assert(day == k->expires_day);
    assert(l->machine_id[0] == '\0' ||
           (strlen(l->machine_id) == 64 && strspn(l->machine_id, "0123456789abcdef") == 64));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct text text = {(const char *)data, n};
    struct keyfile k;
    struct diag d = {""};

    int r = keyfile_read(text, &k, &d);
    if (r >= 0)
        check_license(&k, r == 1);
    else
        assert(d.text[0] != '\0');
    return 0;
}
