/* The bodies of answers, byte for byte as SPEC 3 writes them; the bodies that ask. */
#include "ingest/answer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "unit/ingest/known.h"

SUITE(answer);

static const char *const suffixes[] = {"mx.example.net", "\"quoted\".example"};
static const char *const servers[] = {"ka.example.com:443"};
static const struct answer_settings settings = {{900}, suffixes, 2, servers, 1};
#define SETTINGS                                                                               \
    "\"settings\":{\"interval\":900,"                                                          \
    "\"mx_suffixes\":[\"mx.example.net\",\"\\\"quoted\\\".example\"],"                         \
    "\"key_servers\":[\"ka.example.com:443\"]}"
static const struct answer_settings nothing = {{60}, NULL, 0, NULL, 0};
#define NOTHING "\"settings\":{\"interval\":60,\"mx_suffixes\":[],\"key_servers\":[]}"

#define OK_LICENSE(name)                                                                       \
    "{\"license\":\"" name "\",\"state\":\"ok\",\"kinds\":[],\"since\":null,"                  \
    "\"confirms_at\":null}"

Test(answer, an_error_says_what_and_where)
{
    AUTO(buf) struct buf out = BUF_INIT(CAP_HTTP_ANSWER);
    answer_put_error(&out, "bad-value", "is \"peer\"", "/sightings/3/source");
    cr_assert_str_eq(buf_str(&out), "{\"error\":{\"code\":\"bad-value\","
                                    "\"message\":\"is \\\"peer\\\"\","
                                    "\"at\":\"/sightings/3/source\"}}");
    buf_reset(&out);
    answer_put_error(&out, "busy", "try again later", NULL);
    cr_assert_str_eq(buf_str(&out),
                     "{\"error\":{\"code\":\"busy\",\"message\":\"try again later\"}}");
}

/* ---- An accepted report --------------------------------------------------------------------
 */

/* A report that lists licences, the first of them twice in two spellings. */
static const char *accepted(const struct standings *known, const char *reseller,
                            const struct answer_settings *with, struct buf *out)
{
    struct report_license listed[] = {{.license = lic("PLSK.00000003"), .version = "0001"},
                                      {.license = lic("PLSK.00000001")},
                                      {.license = lic("plsk000000030002"), .version = "0002"},
                                      {.license = lic("PLSK.00000002")}};
    struct report r = {.licenses = listed, .n_licenses = ARRAY_LEN(listed)};
    buf_reset(out);
    answer_put_accepted(out, &(struct answer_accepted){&r, reseller, false}, known, with);
    cr_assert_eq(buf_error(out), 0);
    return buf_str(out);
}

Test(answer, each_listed_licence_is_told_once_with_its_state)
{
    AUTO(known) struct known k;
    AUTO(buf) struct buf out = BUF_INIT(CAP_HTTP_ANSWER);
    known_make(&k);
    const struct store_standing rows[] = {
        {lic("PLSK.00000001"), "r1", false, 1U << CHARGE_EXTRA_IP, AT(10), true, AT(99)},
        {lic("PLSK.00000002"),
         "r1",
         true,
         1U << CHARGE_EXTRA_IP | 1U << CHARGE_OUTSIDE,
         AT(20),
         false,
         {0}},
    };
    known_publish(&k, rows, 2);
    cr_assert_str_eq(
        accepted(k.standings, "r1", &settings, &out),
        "{\"accepted\":true,\"licenses\":[" OK_LICENSE(
            "PLSK.00000003") ","
                             "{\"license\":\"PLSK.00000001\",\"state\":"
                             "\"potential\",\"kinds\":[\"extra-ip\"],"
                             "\"since\":1795300010,\"confirms_at\":1795300099},"
                             "{\"license\":\"PLSK.00000002\",\"state\":"
                             "\"confirmed\",\"kinds\":[\"extra-ip\",\"outside\"],"
                             "\"since\":1795300020,\"confirms_at\":null}]," SETTINGS "}");
}

Test(answer, of_another_resellers_licence_nothing_is_told)
{
    AUTO(known) struct known k;
    AUTO(buf) struct buf out = BUF_INIT(CAP_HTTP_ANSWER);
    known_make(&k);
    const struct store_standing row = {
        lic("PLSK.00000001"), "r2", true, 1U << CHARGE_EXTRA_IP, AT(10), false, {0}};
    known_publish(&k, &row, 1);
    static const char all_ok[] =
        "{\"accepted\":true,\"licenses\":[" OK_LICENSE("PLSK.00000003") "," OK_LICENSE(
            "PLSK.00000001") "," OK_LICENSE("PLSK.00000002") "]," NOTHING "}";
    cr_assert_str_eq(accepted(k.standings, "r1", &nothing, &out), all_ok);
    cr_assert_str_eq(accepted(NULL, "r2", &nothing, &out), all_ok, "nothing is loaded yet");
}

Test(answer, a_report_without_licences_is_told_the_settings)
{
    AUTO(buf) struct buf out = BUF_INIT(CAP_HTTP_ANSWER);
    struct report r = {.n_licenses = 0};
    answer_put_accepted(&out, &(struct answer_accepted){&r, "r1", false}, NULL, &nothing);
    cr_assert_str_eq(buf_str(&out), "{\"accepted\":true,\"licenses\":[]," NOTHING "}");
}

Test(answer, what_was_lost_is_asked_for)
{
    AUTO(buf) struct buf out = BUF_INIT(CAP_HTTP_ANSWER);
    struct report r = {.n_licenses = 0};
    answer_put_accepted(&out, &(struct answer_accepted){&r, "r1", true}, NULL, &nothing);
    cr_assert_str_eq(buf_str(&out),
                     "{\"accepted\":true,\"resend\":true,\"licenses\":[]," NOTHING "}");
}

Test(answer, the_largest_answer_fits_its_cap)
{
    /* 256 licences; 64 texts of each setting, 255 bytes that each take six: 196 kB of 1 MiB. */
    static struct report_license listed[CAP_REPORT_LICENSES];
    static char text[256];
    static const char *texts[CAP_SUFFIXES];
    AUTO(buf) struct buf out = BUF_INIT(CAP_HTTP_ANSWER);
    for (size_t i = 0; i < ARRAY_LEN(listed); i++)
        cr_assert_eq(license_from_number((int64_t)i + 1, &listed[i].license), 0);
    memset(text, 1, sizeof text - 1);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        texts[i] = text;
    struct report r = {.licenses = listed, .n_licenses = ARRAY_LEN(listed)};
    struct answer_settings full = {{900}, texts, CAP_SUFFIXES, texts, CAP_SUFFIXES};
    answer_put_accepted(&out, &(struct answer_accepted){&r, "r1", false}, NULL, &full);
    cr_assert_eq(buf_error(&out), 0);
    cr_assert_eq(out.data[out.len - 1], '}');
}

/* ---- A certificate -------------------------------------------------------------------------
 */

static void enrolled_put(struct buf *out, struct text authority)
{
    struct enrolled e = {.server = "srv-1", .reseller = "r1"};
    e.certificate.term.to = AT(100);
    e.certificate.pem = BUF_INIT(64);
    buf_add_str(&e.certificate.pem, "CERT\n");
    answer_put_enrolled(out, &e, authority, &nothing);
    buf_done(&e.certificate.pem);
}

Test(answer, an_enrolment_is_told_its_name_and_certificate)
{
    AUTO(buf) struct buf out = BUF_INIT(CAP_HTTP_ANSWER);
    enrolled_put(&out, (struct text){"AUTH\nand what is behind it", 5});
    cr_assert_str_eq(buf_str(&out),
                     "{\"server\":\"srv-1\",\"certificate\":\"CERT\\n\",\"authority\":"
                     "\"AUTH\\n\",\"not_after\":1795300100," NOTHING "}");
}

Test(answer, an_answer_that_does_not_fit_is_an_error_and_not_a_shorter_one)
{
    static char large[CAP_HTTP_ANSWER + 2];
    memset(large, 'x', sizeof large - 1);
    AUTO(buf) struct buf out = BUF_INIT(4 * (size_t)CAP_HTTP_ANSWER), small = BUF_INIT(20);
    enrolled_put(&out, (struct text){large, sizeof large - 1});
    cr_assert_eq(buf_error(&out), -ERANGE);
    enrolled_put(&small, text_of("AUTH"));
    cr_assert_eq(buf_error(&small), -ERANGE);
}

/* ---- What asks for a certificate -----------------------------------------------------------
 */

#define TOKEN                                                                                  \
    "fairuse1.0011223344556677.00112233445566778899aabbccddeeff."                              \
    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

Test(answer, an_enrolment_is_a_token_and_a_request)
{
    static const uint8_t id[] = {0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77};
    static const char text[] = "{\"token\":\"" TOKEN "\",\"csr\":\"PEM\\nPEM\\n\"}";
    AUTO(enrol_body) struct enrol_body b = {.csr_pem = NULL};
    struct json_error e;
    cr_assert_eq(answer_read_enrol(text_of(text), true, &b, &e), 0, "%s", e.diag.text);
    cr_assert_str_eq(b.csr_pem, "PEM\nPEM\n");
    cr_assert_arr_eq(b.token.id, id, sizeof id);
    cr_assert_eq(b.token.secret[15], 0xff);
    enrol_body_done(&b);
    static const struct token wiped;
    cr_assert_arr_eq(&b.token, &wiped, sizeof wiped, "the secret is gone");
}

Test(answer, a_renewal_is_a_request_alone)
{
    AUTO(enrol_body) struct enrol_body b = {.csr_pem = NULL};
    struct json_error e;
    cr_assert_eq(answer_read_enrol(text_of("{\"csr\":\"PEM\"}"), false, &b, &e), 0);
    cr_assert_str_eq(b.csr_pem, "PEM");
}

Test(answer, what_is_no_such_request_is_refused_with_its_place)
{
    static const struct {
        bool has_token;
        const char *text, *code, *at;
    } rows[] = {
        {true, "", "syntax", ""},
        {true, "[]", "wrong-type", ""},
        {true, "{\"csr\":\"PEM\"}", "missing-field", "/token"},
        {true, "{\"token\":\"" TOKEN "\"}", "missing-field", "/csr"},
        {true, "{\"token\":\"" TOKEN "\",\"csr\":null}", "wrong-type", "/csr"},
        {true, "{\"token\":\"" TOKEN "\",\"csr\":\"\"}", "bad-value", "/csr"},
        {true, "{\"token\":\"SECRET\",\"csr\":\"PEM\"}", "bad-value", "/token"},
        {true, "{\"token\":123456,\"csr\":\"PEM\"}", "wrong-type", "/token"},
        {true, "{\"token\":\"" TOKEN "0\",\"csr\":\"PEM\"}", "bad-value", "/token"},
        {true, "{\"token\":\"" TOKEN "\",\"csr\":\"PEM\",\"name\":\"srv-1\"}", "unknown-field",
         "/name"},
        {true, "{\"token\":\"" TOKEN "\",\"csr\":\"PEM\",\"csr\":\"PEM\"}", "syntax", "/csr"},
        {true, "{\"token\":\"" TOKEN "\",\"csr\":\"P\\u0000M\"}", "syntax", ""},
        {false, "{\"token\":\"" TOKEN "\",\"csr\":\"PEM\"}", "unknown-field", "/token"},
        {false, "{}", "missing-field", "/csr"},
        {false, "{\"csr\":[\"PEM\"]}", "wrong-type", "/csr"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct enrol_body b = {.csr_pem = NULL};
        struct json_error e = {.line = 0};
        cr_expect_eq(answer_read_enrol(text_of(rows[i].text), rows[i].has_token, &b, &e),
                     -EBADMSG, "%s", rows[i].text);
        cr_expect_str_eq(e.code, rows[i].code, "%s: %s", rows[i].text, e.code);
        cr_expect_str_eq(e.at, rows[i].at, "%s: %s", rows[i].text, e.at);
        cr_expect_neq(e.diag.text[0], '\0', "%s", rows[i].text);
        cr_expect_null(b.csr_pem, "%s: nothing is given", rows[i].text);
        static const char *const secrets[] = {"SECRET", "0011223344", "123456"};
        for (size_t k = 0; k < ARRAY_LEN(secrets); k++)
            cr_expect_null(strstr(e.diag.text, secrets[k]), "%s tells a secret", e.diag.text);
    }
}

/* {"csr":"xxx…"} of so many bytes. */
static int read_of_size(size_t n, struct json_error *e)
{
    static char text[CAP_ENROL_BYTES + 8];
    AUTO(enrol_body) struct enrol_body b = {.csr_pem = NULL};
    memset(text, 'x', n);
    memcpy(text, "{\"csr\":\"", 8);
    memcpy(text + n - 2, "\"}", 2);
    return answer_read_enrol((struct text){text, n}, false, &b, e);
}

Test(answer, a_request_over_its_cap_is_refused)
{
    struct json_error e = {.line = 0};
    cr_assert_eq(read_of_size(CAP_ENROL_BYTES, &e), 0, "%s", e.diag.text);
    cr_assert_eq(read_of_size(CAP_ENROL_BYTES + 1, &e), -EBADMSG);
    cr_assert_str_eq(e.code, "out-of-range");
}
