/* Any bytes as the agent's configuration: what is accepted prints to what reads back the same,
 * but for a proxy's password, which is not printed. */
#include <string.h>

#include "options/options.h"
#include "options/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* What other rooms rely on. */
static void check_sound(const struct options *o)
{
    char text[TABLE_TEXT_SIZE];
    assert((o->observe & 1U << SOURCE_PEER) == 0 && o->observe != 0);
    assert(o->state[0] == '/' && o->keys[0] == '/');
    assert(o->panel_ports.n > 0 && o->panel_ports.n <= TABLE_INTS_MAX);
    for (size_t i = 0; i < o->panel_ports.n; i++)
        assert(o->panel_ports.v[i] > 0 && o->panel_ports.v[i] <= UINT16_MAX);
    for (size_t i = 0; i < o->collectors.n; i++) {
        struct url_host h;
        int r = url_form_collector(text_of(o->collectors.v[i]), text);
        assert(r == 0 && strcmp(text, o->collectors.v[i]) == 0);
        r = url_host(text_of(o->collectors.v[i]), &h);
        assert(r == 0 && h.port > 0 && h.name[0] != '\0');
    }
    if (o->proxy[0] != '\0') {
        int r = url_form_proxy(text_of(o->proxy), text);
        assert(r == 0 && strcmp(text, o->proxy) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct text text = {(const char *)data, n};
    AUTO(options) struct options o = {.n_lab_networks = 0};
    struct diag d = {""};
    if (options_parse(text, "fuzz.conf", &o, &d) != 0) {
        assert(d.text[0] != '\0' && o.state[0] == '\0');
        return 0;
    }
    check_sound(&o);
    AUTO(buf) struct buf printed = BUF_INIT(1 << 20);
    options_print(&o, &printed);
    assert(buf_error(&printed) == 0);
    AUTO(options) struct options again = {.n_lab_networks = 0};
    struct text back = {printed.data, printed.len};
    int r = options_parse(back, "printed.conf", &again, &d);
    assert(r == 0);
    AUTO(buf) struct buf twice = BUF_INIT(1 << 20);
    options_print(&again, &twice);
    assert(buf_error(&twice) == 0 && strcmp(buf_str(&twice), buf_str(&printed)) == 0);
    return 0;
}
