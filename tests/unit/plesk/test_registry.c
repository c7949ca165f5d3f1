/* The key registry: whatever could be a file's name is told. */
#include "plesk/registry.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "support/leak.h"

SUITE(registry);

static void add_name(void *arg, struct text name)
{
    struct buf *b = arg;
    buf_add(b, name.p, name.n);
    buf_add_char(b, '|');
}

Test(registry, every_text_and_attribute_is_told_without_its_folder)
{
    static const struct {
        const char *xml, *names, *why;
    } rows[] = {
        {"<r/>", "", "nothing in it"},
        {"<r><k>key1</k><k>key2</k></r>", "key1|key2|", "texts"},
        {"<r><k file='key1' n='7'/></r>", "key1|7|", "attributes, whatever they are"},
        {"<r xmlns:x='urn:x'><x:k x:file='key1'>key2</x:k></r>", "key1|key2|", "namespaces"},
        {"<r>/etc/sw/keys/keys/key1</r>", "key1|", "a path"},
        {"<r>\n  keys/key1\t</r>", "key1|", "white space around it"},
        {"<r>key1<s/>key2</r>", "key1|key2|", "texts on both sides of an element"},
        {"<r>ke<!-- -->y<![CDATA[1]]></r>", "key1|", "a text in pieces"},
        {"<r>/etc/sw/keys/</r>", "", "a folder"},
        {"<r><!-- key1 --><?key1 key1?></r>", "", "what is no text"},
        {"<r a=''>  </r>", "", "nothing but white space"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(buf) struct buf names = BUF_INIT(1000);
        struct diag d = {""};
        cr_assert_eq(registry_read(text_of(rows[i].xml), add_name, &names, &d), 0, "%s: %s",
                     rows[i].why, d.text);
        cr_assert_str_eq(buf_str(&names), rows[i].names, "%s", rows[i].why);
    }
}

Test(registry, what_is_longer_than_any_path_is_passed_over)
{
    enum { LONGEST = PATH_MAX };
    for (size_t n = LONGEST; n <= LONGEST + 1; n++) {
        AUTO(buf) struct buf xml = BUF_INIT(LONGEST + 100);
        AUTO(buf) struct buf names = BUF_INIT(LONGEST + 100);
        struct diag d = {""};
        buf_add_str(&xml, "<r>");
        for (size_t i = 0; i < n - 5; i++)
            buf_add_char(&xml, '/');
        buf_add_str(&xml, "/key1<s/>key2</r>");
        struct text text = {xml.data, xml.len};
        cr_assert_eq(registry_read(text, add_name, &names, &d), 0, "%s", d.text);
        cr_assert_str_eq(buf_str(&names), n <= LONGEST ? "key1|key2|" : "key2|");
    }
}

Test(registry, a_name_longer_than_a_files_is_passed_over)
{
    char xml[NAME_MAX + 20];
    for (int n = NAME_MAX; n <= NAME_MAX + 1; n++) {
        AUTO(buf) struct buf names = BUF_INIT(1000);
        struct diag d = {""};
        (void)snprintf(xml, sizeof xml, "<r>%0*d</r>", n, 0);
        cr_assert_eq(registry_read(text_of(xml), add_name, &names, &d), 0, "%s", d.text);
        cr_assert_eq(names.len, n <= NAME_MAX ? NAME_MAX + 1U : 0U, "%d", n);
    }
}

Test(registry, what_is_no_xml_is_refused)
{
    static const char *const rows[] = {"", "key1\nkey2\n", "<r>key1",
                                       "<!DOCTYPE r [<!ENTITY a 'key1'>]><r>&a;</r>"};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(buf) struct buf names = BUF_INIT(1000);
        struct diag d = {""};
        cr_assert_eq(registry_read(text_of(rows[i]), add_name, &names, &d), -EBADMSG, "row %zu",
                     i);
        cr_assert_neq(d.text[0], '\0', "row %zu", i);
    }
}
