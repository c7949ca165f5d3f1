/* One value of each type: what is taken, how it is printed, what is refused and how. */
#include "table/items.h"

#include "base/times.h"
#include "os/config.h"
#include "support/leak.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

SUITE(value);

enum fruit { FRUIT_APPLE, FRUIT_PEAR };
static const char *const fruits[] = {"apple", "pear"};

struct sample {
    char text[9], path[9], upper[9], secret[9];
    dur_t duration;
    int64_t number, pair;
    bool truth;
    enum fruit choice;
    uint8_t sources;
    struct network *networks;
    size_t n_networks;
    struct table_texts some, at_least_one;
    struct table_ints ports;
};

static void sample_done(struct sample *s)
{
    free(s->networks);
}

/* Letters, in capitals; "grow" becomes longer than its field. */
static int form_upper(struct text t, char ret[static TABLE_TEXT_SIZE])
{
    char out[TABLE_TEXT_SIZE] = "";
    if (t.n == 0 || t.n >= sizeof out)
        return -EBADMSG;
    for (size_t i = 0; i < t.n; i++) {
        bool is_small = t.p[i] >= 'a' && t.p[i] <= 'z';
        if (!is_small && !(t.p[i] >= 'A' && t.p[i] <= 'Z'))
            return -EBADMSG;
        out[i] = (char)(is_small ? t.p[i] - 'a' + 'A' : t.p[i]);
    }
    (void)snprintf(ret, TABLE_TEXT_SIZE, "%s", text_is(t, "grow") ? "GROWNSOMUCH" : out);
    return 0;
}

static int form_stars(struct text t, char ret[static TABLE_TEXT_SIZE])
{
    (void)t; /* all of it is the secret */
    memcpy(ret, "***", sizeof "***");
    return 0;
}

/* "a+b", as one number: what a table's owner may bring along. */
static int read_pair(const struct table_file *file, const struct config_node *n,
                     const struct table_key *key, void *base)
{
    struct table_items items;
    int64_t value[2], sum;
    int r = table_items_read(file, n, key, &items);
    if (r < 0)
        return r;
    if (items.n != 2 || table_item_int(&items.v[0], key, &value[0]) < 0 ||
        table_item_int(&items.v[1], key, &value[1]) < 0)
        return table_refuse(file, n, key);
    sum = value[0] + value[1];
    memcpy((char *)base + key->offset, &sum, sizeof sum);
    return 0;
}

static void print_pair(const struct table_key *key, const void *base, struct buf *out)
{
    int64_t sum;
    memcpy(&sum, (const char *)base + key->offset, sizeof sum);
    buf_printf(out, "( 0, %" PRId64 " )", sum);
}

static const struct table_kind kind_pair = {read_pair, print_pair};

#define IN(field) .offset = offsetof(struct sample, field)

static const struct table_key keys[] = {
    {.name = "text", .type = KEY_TEXT, IN(text), .min = 1, .max = 8, .unit = "a word"},
    {.name = "path", .type = KEY_PATH, IN(path), .max = 8, .unit = "a path"},
    {.name = "upper",
     .type = KEY_TEXT,
     IN(upper),
     .max = 8,
     .form = form_upper,
     .item = "letters",
     .unit = "a word of letters"},
    {.name = "secret",
     .type = KEY_TEXT,
     IN(secret),
     .max = 8,
     .form = form_upper,
     .shown = form_stars,
     .item = "letters",
     .unit = "a secret"},
    {.name = "duration", .type = KEY_DURATION, IN(duration), .min = 1, .max = 3600},
    {.name = "number", .type = KEY_INT, IN(number), .min = -1, .max = 4000000000},
    {.name = "truth", .type = KEY_BOOL, IN(truth), .unit = "true or false"},
    {.name = "choice",
     .type = KEY_CHOICE,
     IN(choice),
     .choices = fruits,
     .n_choices = 2,
     .unit = "apple or pear"},
    {.name = "sources", .type = KEY_SOURCES, IN(sources), .unit = "some of five"},
    {.name = "networks",
     .type = KEY_NETWORKS,
     IN(networks),
     .count_offset = offsetof(struct sample, n_networks),
     .max = 2,
     .unit = "a list of networks"},
    {.name = "some",
     .type = KEY_TEXTS,
     IN(some),
     .max = TABLE_TEXTS_MAX,
     .form = form_upper,
     .item = "letters",
     .unit = "a list of words"},
    {.name = "at_least_one",
     .type = KEY_TEXTS,
     IN(at_least_one),
     .min = 1,
     .max = 2,
     .form = form_upper,
     .item = "letters",
     .unit = "a list of words"},
    {.name = "ports",
     .type = KEY_INTS,
     IN(ports),
     .min = 1,
     .max = 65535,
     .unit = "a list of ports"},
    {.name = "pair",
     .type = KEY_OTHER,
     IN(pair),
     .max = 9,
     .unit = "two digits",
     .other = &kind_pair},
};

static int read_text(const char *text, struct sample *s, struct diag *d)
{
    static const char *const none[] = {NULL};
    static const struct table_group group = {keys, ARRAY_LEN(keys), none};
    AUTO(config) struct config *config = NULL;
    int r = config_parse(text_of(text), "t.conf", &config, d);
    cr_assert_eq(r, 0, "%s", d->text);
    const struct table_file file = {config, d};
    return table_group_read(&file, config_root(config), &group, s);
}

/* What is said of a key, and how it is printed then: `says` reads back to the same. */
static const struct {
    const char *key, *value, *printed, *why;
} taken[] = {
    {"text", "\"12345678\"", "\"12345678\"", "to the last byte"},
    {"text", "\"a \\\"b\\\\\"", "\"a \\\"b\\\\\"", "quotes and backslashes"},
    {"text", "\"ü\"", "\"ü\"", "UTF-8"},
    {"path", "\"/a/b\"", "\"/a/b\"", "from the root on"},
    {"path", "\"\"", "\"\"", "empty where min is 0"},
    {"upper", "\"abc\"", "\"ABC\"", "its form's spelling"},
    {"upper", "\"\"", "\"\"", "a form does not see what is empty"},
    {"duration", "\"60m\"", "\"1h\"", "the largest unit that is whole"},
    {"number", "-1", "-1", "the least"},
    {"number", "2147483647", "2147483647", "the last of 32 bits"},
    {"number", "2147483648L", "2147483648L", "the first beyond them"},
    {"number", "4000000000L", "4000000000L", "more than 32 bits: libconfig wants the L"},
    {"truth", "true", "true", "a truth"},
    {"choice", "\"pear\"", "\"pear\"", "the second"},
    {"sources", "\" nat ,peer\"", "\"peer, nat\"", "in the order of their numbers"},
    {"sources", "[ \"panel\" ]", "\"panel\"", "a list"},
    {"networks", "( \"203.0.113.0/24\", \"2001:DB8::/32\" )",
     "( \"203.0.113.0/24\", \"2001:db8::/32\" )", "RFC 5952"},
    {"networks", "( )", "( )", "none"},
    {"some", "( )", "( )", "none where min is 0"},
    {"some", "\"b, a\"", "( \"B\", \"A\" )", "a text with commas, in its order"},
    {"at_least_one", "[ \"a\", \"b\" ]", "( \"A\", \"B\" )", "an array"},
    {"ports", "( 443, 1 )", "( 443, 1 )", "in their order"},
    {"ports", "\"80,443\"", "( 80, 443 )", "a text with commas"},
    {"ports", "( 1, 2, 3, 4, 5, 6, 7, 65535 )", "( 1, 2, 3, 4, 5, 6, 7, 65535 )", "all eight"},
    {"pair", "( 4, \"5\" )", "( 0, 9 )", "the owner's own"},
};

Test(value, what_is_taken_is_printed_in_one_way_that_reads_back)
{
    for (size_t i = 0; i < ARRAY_LEN(taken); i++) {
        AUTO(sample) struct sample s = {.number = 0};
        AUTO(buf)
        struct buf text = BUF_INIT(4096), first = BUF_INIT(4096), second = BUF_INIT(4096);
        struct diag d = {""};
        const struct table_key *key = table_find(keys, ARRAY_LEN(keys), taken[i].key);
        buf_printf(&text, "%s = %s;", key->name, taken[i].value);
        cr_assert_eq(read_text(buf_str(&text), &s, &d), 0, "%s", d.text);
        table_value_print(key, &s, &first);
        cr_assert_str_eq(buf_str(&first), taken[i].printed, "%s: %s", taken[i].key,
                         taken[i].why);
        buf_reset(&text);
        buf_printf(&text, "%s = %s;", key->name, buf_str(&first));
        cr_assert_eq(read_text(buf_str(&text), &s, &d), 0, "%s", d.text);
        table_value_print(key, &s, &second);
        cr_assert_str_eq(buf_str(&second), taken[i].printed, "%s again", taken[i].key);
    }
}

static const struct {
    const char *text, *place, *says;
} refused[] = {
    {"text = 3;", "t.conf:1: text", "a word"},
    {"text = \"\";", "t.conf:1: text", "1 to 8 bytes"},
    {"text = \"123456789\";", "t.conf:1: text", "1 to 8 bytes"},
    {"text = \"a\x01z\";", "t.conf:1: text", "control"},
    {"text = \" a\";", "t.conf:1: text", "outer spaces"},
    {"path = \"a/b\";", "t.conf:1: path", "\"a/b\""},
    {"path = \"~/b\";", "t.conf:1: path", "from the root on"},
    {"upper = \"a1\";", "t.conf:1: upper", "is \"a1\", must be letters"},
    {"upper = \"grow\";", "t.conf:1: upper", "a word of letters"},
    {"duration = 45;", "t.conf:1: duration", "in quotes"},
    {"duration = \"45\";", "t.conf:1: duration", "like \"14d\""},
    {"duration = \"-1m\";", "t.conf:1: duration", "duration"},
    {"duration = \"0s\";", "t.conf:1: duration", "1s to 1h"},
    {"duration = \"3601s\";", "t.conf:1: duration", "1s to 1h"},
    {"duration = \"99999999999999999999d\";", "t.conf:1: duration", "1s to 1h"},
    {"number = \"4\";", "t.conf:1: number", "an integer"},
    {"number = 4.5;", "t.conf:1: number", "an integer"},
    {"number = -2;", "t.conf:1: number", "is -2, must be -1 to 4000000000"},
    {"number = 4000000001L;", "t.conf:1: number", "-1 to 4000000000"},
    {"truth = \"true\";", "t.conf:1: truth", "true or false"},
    {"truth = 1;", "t.conf:1: truth", "true or false"},
    {"choice = true;", "t.conf:1: choice", "apple or pear"},
    {"choice = \"app\";", "t.conf:1: choice", "is \"app\", must be apple or pear"},
    {"sources = \"\";", "t.conf:1: sources", "some of five"},
    {"sources = ( );", "t.conf:1: sources", "some of five"},
    {"sources = { };", "t.conf:1: sources", "some of five"},
    {"sources = ( \"peer\",\n\"moon\" );", "t.conf:2: sources[1]", "\"moon\""},
    {"sources = ( \"nat\", \"nat\" );", "t.conf:1: sources", "only once"},
    {"networks = \"203.0.113.0/24\";", "t.conf:1: networks", "a list of networks"},
    {"networks = ( 3 );", "t.conf:1: networks", "in quotes"},
    {"networks = ( \"203.0.113.1/24\" );", "t.conf:1: networks", "host bits"},
    {"networks = ( \"203.0.113.1\" );", "t.conf:1: networks", "CIDR"},
    {"networks = ( \"0.0.0.0/0\" );", "t.conf:1: networks", "/8"},
    {"networks = ( \"10.0.0.0/8\", \"11.0.0.0/8\", \"12.0.0.0/8\" );", "t.conf:1: networks",
     "at most 2"},
    {"some = \"\";", "t.conf:1: some", "letters"},
    {"some = ( 3 );", "t.conf:1: some", "letters"},
    {"some = ( true );", "t.conf:1: some", "a list of words"},
    {"some = ( \"a\",\n \"A\" );", "t.conf:2: some[1]", "only once"},
    {"some = ( \"a\", \"a\" );", "t.conf:1: some", "only once"},
    {"at_least_one = ( );", "t.conf:1: at_least_one", "a list of words"},
    {"at_least_one = \"a,b,c\";", "t.conf:1: at_least_one", "holds 3, at most 2"},
    {"ports = ( );", "t.conf:1: ports", "a list of ports"},
    {"ports = 443;", "t.conf:1: ports", "a list of ports"},
    {"ports = ( 0 );", "t.conf:1: ports", "each 1 to 65535"},
    {"ports = ( 443,\n 65536 );", "t.conf:2: ports[1]", "each 1 to 65535"},
    {"ports = ( \"https\" );", "t.conf:1: ports", "each 1 to 65535"},
    {"ports = \"\";", "t.conf:1: ports", "each 1 to 65535"},
    {"ports = ( 443, 443 );", "t.conf:1: ports", "is 443, must be there only once"},
    {"ports = \"1,2,3,4,5,6,7,8,9\";", "t.conf:1: ports", "holds 9, at most 8"},
    {"pair = ( 1, 10 );", "t.conf:1: pair", "two digits"},
};

Test(value, what_is_wrong_is_refused_with_its_place_and_changes_nothing)
{
    static struct sample before;
    memset(&before, 0x5a, sizeof before);
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        static struct sample s;
        struct diag d = {""};
        memcpy(&s, &before, sizeof s);
        const char *text = refused[i].text;
        cr_assert_eq(read_text(text, &s, &d), -EBADMSG, "%s", text);
        cr_assert(strncmp(d.text, refused[i].place, strlen(refused[i].place)) == 0, "%s: %s",
                  text, d.text);
        cr_assert(strstr(d.text, refused[i].says), "%s: \"%s\" does not say %s", text, d.text,
                  refused[i].says);
        cr_assert_eq(memcmp(&s, &before, sizeof s), 0, "%s changed it", text);
    }
}

Test(value, secret_is_neither_printed_nor_repeated)
{
    struct sample s = {.number = 0};
    struct diag d = {""};
    const struct table_key *key = table_find(keys, ARRAY_LEN(keys), "secret");
    AUTO(buf) struct buf full = BUF_INIT(4096), empty = BUF_INIT(4096);
    table_value_print(key, &s, &empty);
    cr_assert_str_eq(buf_str(&empty), "\"\"", "there is none to hide");
    cr_assert_eq(read_text("secret = \"hush\";", &s, &d), 0, "%s", d.text);
    cr_assert_str_eq(s.secret, "HUSH");
    table_value_print(key, &s, &full);
    cr_assert_str_eq(buf_str(&full), "\"***\"");
    static const char *const wrong[] = {"secret = \"hush1\";", "secret = \" hush\";",
                                        "secret = \"hushhushh\";"};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        cr_assert_eq(read_text(wrong[i], &s, &d), -EBADMSG, "%s", wrong[i]);
        cr_assert_null(strstr(d.text, "hush"), "%s", d.text);
    }
}

static int read_words(int count, struct table_texts *ret)
{
    AUTO(sample) struct sample s = {.number = 0};
    AUTO(buf) struct buf text = BUF_INIT(1 << 16);
    struct diag d = {""};
    buf_add_str(&text, "some = \"");
    for (int i = 0; i < count; i++)
        buf_printf(&text, "%s%c%c", i > 0 ? "," : "", 'a' + i / 26, 'a' + i % 26);
    buf_add_str(&text, "\";");
    int r = read_text(buf_str(&text), &s, &d);
    *ret = s.some;
    return r;
}

Test(value, list_of_texts_holds_64_and_no_more)
{
    struct table_texts list;
    cr_assert_eq(read_words(64, &list), 0);
    cr_assert_eq(list.n, 64);
    cr_assert_str_eq(list.v[63], "CL"); /* 63 = 2 * 26 + 11 */
    cr_assert_eq(read_words(65, &list), -EBADMSG);
}

Test(value, networks_that_are_read_again_replace_the_first)
{
    AUTO(sample) struct sample s = {.number = 0};
    struct diag d = {""};
    cr_assert_eq(read_text("networks = ( \"203.0.113.0/24\", \"10.0.0.0/8\" );", &s, &d), 0);
    cr_assert_eq(read_text("networks = ( \"198.51.100.0/25\" );", &s, &d), 0);
    cr_assert_eq(s.n_networks, 1);
    cr_assert_eq(s.networks[0].bits, 25);
}
