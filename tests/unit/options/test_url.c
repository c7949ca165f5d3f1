/* URLs of collectors and proxies: which are taken, and in which one spelling. */
#include "options/url.h"

#include "base/buf.h"
#include "support/leak.h"

#include <errno.h>
#include <string.h>

SUITE(url);

struct row {
    const char *said, *read, *why; /* read is NULL where it is refused */
};

static void check_rows(table_form *form, const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct row *row = &rows[i];
        char text[TABLE_TEXT_SIZE] = "before";
        int r = form(text_of(row->said), text);
        cr_assert_eq(r, row->read ? 0 : -EBADMSG, "%s: %s", row->said, row->why);
        cr_assert_str_eq(text, row->read ? row->read : "before", "%s: %s", row->said, row->why);
        if (!row->read)
            continue;
        cr_assert_eq(form(text_of(row->read), text), 0);
        cr_assert_str_eq(text, row->read, "%s is no spelling that stays", row->read);
    }
}

static const struct row collectors[] = {
    {"https://collector.example.net", "https://collector.example.net", "a host"},
    {"HTTPS://Collector.Example.NET./", "https://collector.example.net", "one spelling"},
    {"https://collector.example.net:9443", "https://collector.example.net:9443", "a port"},
    {"https://collector.example.net:443/", "https://collector.example.net", "https's own"},
    {"https://bücher.example", "https://xn--bcher-kva.example", "an A-label (RFC 3492)"},
    {"https://collector:9443", "https://collector:9443", "a host of one label"},
    {"https://192.0.2.1/", "https://192.0.2.1", "an address"},
    {"https://[2001:DB8::1]:9443", "https://[2001:db8::1]:9443", "RFC 5952, in brackets"},
    {"https://[::1]", "https://[::1]", "brackets without a port"},
    {"https://a.example/fair-use/v_1.0~/", "https://a.example/fair-use/v_1.0~", "a path"},
    {"https://a.example/A/b", "https://a.example/A/b", "a path has capitals"},
    {"", NULL, "nothing"},
    {"https://", NULL, "no host"},
    {"https:///x", NULL, "no host"},
    {"http://a.example", NULL, "no TLS"},
    {"https:/a.example", NULL, "one slash"},
    {"a.example:9443", NULL, "no scheme"},
    {"https://a.example:", NULL, "no port behind the colon"},
    {"https://a.example:0", NULL, "no port to connect to"},
    {"https://a.example:65536", NULL, "no port at all"},
    {"https://a.example:0443", NULL, "a needless zero"},
    {"https://2001:db8::1", NULL, "no brackets"},
    {"https://[2001:db8::1", NULL, "half the brackets"},
    {"https://[2001:db8::1]9443", NULL, "no colon"},
    {"https://[192.0.2.1]", NULL, "brackets around IPv4"},
    {"https://[::ffff:192.0.2.1]", NULL, "an IPv4 address in brackets"},
    {"https://[a.example]", NULL, "brackets around a name"},
    {"https://u@a.example", NULL, "a user"},
    {"https://u:p@a.example", NULL, "a password"},
    {"https://a.example?q", NULL, "a query"},
    {"https://a.example/x?q", NULL, "a query behind a path"},
    {"https://a.example/#f", NULL, "a fragment"},
    {"https://a.example/a b", NULL, "a space"},
    {"https://a.example/%41", NULL, "a letter that could be written plainly"},
    {"https://a.example//", NULL, "an empty part"},
    {"https://a.example/a//b", NULL, "an empty part"},
    {"https://a.example/a/../b", NULL, "leads elsewhere"},
    {"https://a.example/./b", NULL, "leads nowhere"},
};

Test(url, collector_is_https_with_a_host_and_perhaps_a_port_and_a_path)
{
    check_rows(url_form_collector, collectors, ARRAY_LEN(collectors));
}

Test(url, host_of_a_collector_is_told_without_brackets)
{
    static const struct {
        const char *url, *name;
        uint16_t port;
    } rows[] = {
        {"https://Collector.Example.net", "collector.example.net", 443},
        {"https://a.example:9443/x", "a.example", 9443},
        {"https://[2001:DB8::1]:1", "2001:db8::1", 1},
        {"https://192.0.2.1", "192.0.2.1", 443},
    };
    struct url_host h;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        cr_assert_eq(url_host(text_of(rows[i].url), &h), 0, "%s", rows[i].url);
        cr_assert_str_eq(h.name, rows[i].name);
        cr_assert_eq(h.port, rows[i].port, "%s", rows[i].url);
    }
    cr_assert_eq(url_host(text_of("http://a.example"), &h), -EBADMSG);
    cr_assert_str_eq(h.name, "192.0.2.1", "untouched");
}

static const struct row proxies[] = {
    {"http://Proxy.Example.net:3128", "http://proxy.example.net:3128", "a proxy of HTTP"},
    {"HTTPS://proxy.example.net:3129/", "https://proxy.example.net:3129", "with TLS to it"},
    {"socks5h://[::1]:1080", "socks5h://[::1]:1080", "that resolves names itself"},
    {"http://u:P%40ss!@p.example:1", "http://u:P%40ss!@p.example:1", "the text of both stays"},
    {"http://u:@p.example:1", "http://u:@p.example:1", "an empty password"},
    {"http://u@p.example:1", "http://u@p.example:1", "none"},
    {"http://u:a:b@p.example:1", NULL, "a colon stands as %3A"},
    {"http://p.example", NULL, "no port"},
    {"http://p.example:0", NULL, "no port to connect to"},
    {"socks5://p.example:1080", NULL, "names would be resolved here"},
    {"socks4a://p.example:1080", NULL, "has no IPv6"},
    {"p.example:3128", NULL, "no scheme"},
    {"http://@p.example:1", NULL, "no user"},
    {"http://:p@p.example:1", NULL, "no user"},
    {"http://u:p@q@p.example:1", NULL, "an @ stands as %40"},
    {"http://u:p%4@p.example:1", NULL, "half a %XX"},
    {"http://u:p%@p.example:1", NULL, "no %XX"},
    {"http://u:p q@p.example:1", NULL, "a space"},
    {"http://p.example:1/x", NULL, "a path"},
    {"http://p.example:1?x", NULL, "a query"},
};

Test(url, proxy_has_a_scheme_a_host_and_a_port_and_perhaps_a_user)
{
    check_rows(url_form_proxy, proxies, ARRAY_LEN(proxies));
}

Test(url, password_of_a_proxy_is_not_shown)
{
    static const struct row rows[] = {
        {"http://u:secret@p.example:1", "http://u:***@p.example:1", "three stars for any"},
        {"http://u:@p.example:1", "http://u:***@p.example:1", "nor that it is empty"},
        {"http://u@p.example:1", "http://u@p.example:1", "there is none"},
        {"http://p.example:1", "http://p.example:1", "there is none"},
        {"p.example:1", NULL, "is no proxy"},
    };
    check_rows(url_form_proxy_shown, rows, ARRAY_LEN(rows));
}

/* https:// and a.example and / are 18 bytes, so a path of 237 is the longest. */
Test(url, longest_one_fits_and_a_longer_one_is_refused)
{
    char text[TABLE_TEXT_SIZE];
    AUTO(buf) struct buf url = BUF_INIT(4096);
    buf_add_str(&url, "https://a.example/");
    for (int i = 0; i < 237; i++)
        buf_add_char(&url, 'x');
    cr_assert_eq(url_form_collector(text_of(buf_str(&url)), text), 0);
    cr_assert_str_eq(text, buf_str(&url));
    buf_add_char(&url, 'x');
    cr_assert_eq(url_form_collector(text_of(buf_str(&url)), text), -EBADMSG);
}
