/* Any bytes as a configuration: what is accepted prints to what reads back the same. */
#include <string.h>

#include "settings/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Every name is a zone, at once: reading the system's data would take all the time. */
static int load_zone(const char *name, struct zone *ret, struct diag *d)
{
    (void)d; /* nothing is refused */
    zone_init_utc(ret);
    memcpy(ret->name, name, strlen(name) + 1);
    return 0;
}

static void check_same(const struct settings *a, const struct settings *b)
{
    AUTO(buf) struct buf x = BUF_INIT(64 << 20), y = BUF_INIT(64 << 20);
    settings_policy_text(a, &x);
    settings_policy_text(b, &y);
    assert(buf_error(&x) == 0 && strcmp(buf_str(&x), buf_str(&y)) == 0);
    assert(strcmp(a->store, b->store) == 0);
    assert(strcmp(a->signing_key, b->signing_key) == 0);
    assert(a->retention.s == b->retention.s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct text text = {(const char *)data, n};
    AUTO(settings) struct settings s = {.n_lab_networks = 0};
    struct diag d = {""};
    if (settings_read_zoned(text, "fuzz.conf", load_zone, &s, &d) != 0) {
        assert(d.text[0] != '\0' && s.policies.n == 0);
        return 0;
    }
    AUTO(buf) struct buf printed = BUF_INIT(64 << 20);
    settings_print(&s, &printed);
    assert(buf_error(&printed) == 0);
    AUTO(settings) struct settings again = {.n_lab_networks = 0};
    struct text back = {printed.data, printed.len};
    int r = settings_read_zoned(back, "printed.conf", load_zone, &again, &d);
    assert(r == 0);
    check_same(&s, &again);
    AUTO(buf) struct buf twice = BUF_INIT(64 << 20);
    settings_print(&again, &twice);
    assert(buf_error(&twice) == 0 && strcmp(buf_str(&twice), buf_str(&printed)) == 0);
    return 0;
}
