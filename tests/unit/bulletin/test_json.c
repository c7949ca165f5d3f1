/* The model as JSON: canonical, whole, and as the manual has it. */
#include "json/json.h"
#include "bulletin/render.h"
#include "os/file.h"
#include "support/bulletin_sample.h"
#include "support/leak.h"
#include <string.h>

SUITE(bulletin_json);

#define JSON_CAP ((size_t)1 << 24)

static struct bulletin (*const samples[])(enum language) = {
    sample_manager, sample_reseller, sample_empty, sample_failed, sample_hostile, sample_huge};

static struct buf render(const struct bulletin *b)
{
    struct buf out = BUF_INIT(JSON_CAP);

    cr_assert_eq(bulletin_json(b, &out), 0);
    return out;
}

Test(bulletin_json, is_canonical)
{
    for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
        struct bulletin b = samples[i](LANGUAGE_NL);
        AUTO(buf) struct buf out = render(&b);
        AUTO(buf) struct buf canonical = BUF_INIT(JSON_CAP);
        cr_assert_eq(json_canonical((struct text){buf_str(&out), out.len}, &canonical), 0);
        cr_expect_str_eq(buf_str(&out), buf_str(&canonical));
    }
}

/* ---- The manual -------------------------------------------------------------------------- */

/* Calls `each` for every member of every object, however deep. */
static int walk(const struct json *v, int (*each)(void *arg, const struct json *member),
                void *arg);

struct walker {
    int (*each)(void *arg, const struct json *member);
    void *arg;
};

static int walk_member(void *arg, const struct json *member)
{
    const struct walker *w = arg;
    int r = w->each(w->arg, member);

    return r != 0 ? r : walk(member, w->each, w->arg);
}

static int walk(const struct json *v, int (*each)(void *arg, const struct json *member),
                void *arg)
{
    struct walker w = {each, arg};

    if (json_kind(v) == JSON_OBJECT)
        return json_each(v, walk_member, &w);
    for (size_t i = 0; json_kind(v) == JSON_ARRAY && i < json_count(v); i++) {
        struct json item = json_item(v, i);
        int r = walk(&item, each, arg);
        if (r != 0)
            return r;
    }
    return 0;
}

static int expect_described(void *arg, const struct json *member)
{
    AUTO(buf) struct buf quoted = BUF_INIT(256);

    buf_printf(&quoted, "`%s`", member->key);
    bool is_described = strstr(arg, buf_str(&quoted)) != NULL;
    buf_reset(&quoted);
    buf_printf(&quoted, "\"%s\"", member->key); /* of a small object, in one piece */
    cr_expect(is_described || strstr(arg, buf_str(&quoted)), "not in the manual: %s",
              member->key);
    return 0;
}

static struct buf read_manual(void)
{
    struct buf manual = BUF_INIT(JSON_CAP);
    struct diag d;

    cr_assert_eq(file_read(SOURCE_DIR "/docs/fairuse-bulletin.5.md", &manual, &d), 0);
    return manual;
}

Test(bulletin_json, the_manual_has_every_member)
{
    AUTO(buf) struct buf manual = read_manual();

    for (size_t i = 0; i < 2; i++) { /* a manager's and a reseller's have all there are */
        struct bulletin b = samples[i](LANGUAGE_NL);
        AUTO(buf) struct buf out = render(&b);
        AUTO(json_doc) struct json_doc *doc = NULL;
        struct json_error error;
        cr_assert_eq(json_read((struct text){buf_str(&out), out.len}, &doc, &error), 0);
        struct json root = json_root(doc);
        (void)walk(&root, expect_described, manual.data);
    }
}

/* The first column of the manual's tables: each name is a member of the output. */
Test(bulletin_json, the_output_has_every_member_of_the_manual)
{
    struct bulletin b = sample_manager(LANGUAGE_NL);
    AUTO(buf) struct buf manual = read_manual();
    AUTO(buf) struct buf out = render(&b);
    size_t n = 0;

    for (const char *row = strstr(buf_str(&manual), "\n| `"); row;
         row = strstr(row + 1, "\n| `")) {
        const char *end = strstr(row + 2, " |");
        for (const char *p = strchr(row, '`'); p && p < end; p = strchr(p + 1, '`')) {
            AUTO(buf) struct buf key = BUF_INIT(256);
            size_t length = strcspn(p + 1, "`");
            buf_printf(&key, "\"%.*s\":", (int)length, p + 1);
            cr_expect(strstr(buf_str(&out), buf_str(&key)), "not in the output: %s",
                      buf_str(&key));
            p += length + 1;
            n++;
        }
    }
    cr_expect_gt(n, 60);
}

/* ---- Values ------------------------------------------------------------------------------ */

static bool has(const struct buf *out, const char *part)
{
    return strstr(buf_str(out), part) != NULL;
}

Test(bulletin_json, values_are_those_of_the_model)
{
    struct bulletin b = sample_manager(LANGUAGE_NL);
    AUTO(buf) struct buf out = render(&b);

    cr_expect(has(&out, "{\"as_of\":1791936900,\"audience\":\"account-manager\",\"calls\":["));
    cr_expect(has(&out, "{\"by\":1792040401,\"reasons\":[\"soon\",\"confirmed\",\"ladder\"],"
                        "\"reseller\":\"bakker\"}"));
    cr_expect(has(&out, "\"last\":{\"as_of\":1791850500,\"serial\":11}"));
    cr_expect(has(&out, "\"cost\":{\"amount\":\"10.00\",\"currency\":\"EUR\","
                        "\"unit_price\":\"5.00\",\"units\":2}"));
    cr_expect(has(&out, "\"sums\":[{\"adjustment\":\"-12.50\",\"currency\":\"EUR\","
                        "\"draft\":\"25.00\",\"entered\":\"0.00\",\"would\":\"22.50\"}]"));
    cr_expect(has(&out, "\"contact\":null") && has(&out, "\"failure\":null"));
}

Test(bulletin_json, a_reseller_knows_whom_to_answer)
{
    struct bulletin b = sample_reseller(LANGUAGE_EN);
    AUTO(buf) struct buf out = render(&b);

    cr_expect(has(&out, "\"contact\":{\"email\":\"anna@distributor.example\","
                        "\"name\":\"Anna de Wit\"}"));
    cr_expect(has(&out, "\"language\":\"en\""));
}
