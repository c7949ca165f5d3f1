/* The machine that a key was issued for. The base64 was made with base64(1). */
#include "plesk/machine_id.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "support/leak.h"

SUITE(machine_id);

#define HEX_LOWER "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define HEX_UPPER "00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF"

/* An encoder of the tests' own, so that the lists stand here as a person reads them. */
static void encode(const char *s, char *out)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t n = strlen(s);
    for (size_t i = 0; i < n; i += 3) {
        uint32_t bits = 0;
        for (size_t k = 0; k < 3; k++)
            bits = bits << 8 | (i + k < n ? (unsigned char)s[i + k] : 0);
        for (size_t k = 0; k < 4; k++)
            *out++ = i + k > n ? '=' : digits[bits >> (18 - 6 * k) & 63];
    }
    *out = '\0';
}

static int parse_list(const char *list, char ret[static MACHINE_ID_SIZE])
{
    char base64[2048];
    encode(list, base64);
    return machine_id_parse(text_of(base64), ret);
}

Test(machine_id, is_read_from_base64)
{
    static const char *const rows[] = {
        "W3sidmVyc2lvbiI6MSwidmFsdWUiOiIwMDExMjIzMzQ0NTU2Njc3ODg5OWFhYmJjY2RkZWVmZjAwMTEyMjMzND"
        "Q1"
        "NTY2Nzc4ODk5YWFiYmNjZGRlZWZmIn1d",
        "\n W3sidmVyc2lvbiI6MSwidmFsdWUiOiIwMDExMjIzMzQ0NTU2Njc3ODg5OWFhYmJjY2RkZWVmZj\n"
        "AwMTEyMjMzNDQ1NTY2Nzc4ODk5YWFiYmNjZGRlZWZmIn1d\r\n",
        /* the same with a newline at the end of the list, so with padding */
        "W3sidmVyc2lvbiI6MSwidmFsdWUiOiIwMDExMjIzMzQ0NTU2Njc3ODg5OWFhYmJjY2RkZWVmZjAwMTEyMjMzND"
        "Q1"
        "NTY2Nzc4ODk5YWFiYmNjZGRlZWZmIn1dCg==",
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char id[MACHINE_ID_SIZE];
        cr_assert_eq(machine_id_parse(text_of(rows[i]), id), 0, "row %zu", i);
        cr_assert_str_eq(id, HEX_LOWER, "row %zu", i);
    }
}

Test(machine_id, the_list_may_be_written_in_other_ways)
{
    static const struct {
        const char *list, *why;
    } rows[] = {
        {"[{\"version\":1,\"value\":\"" HEX_UPPER "\"}]", "capitals"},
        {" [ { \"value\" : \"" HEX_LOWER "\" ,\n\t\"version\" : 1 } ]\r\n", "white space"},
        {"[{\"version\":2,\"value\":\"other\"},{\"version\":1,\"value\":\"" HEX_LOWER "\"}]",
         "a newer entry before it"},
        {"[{\"version\":1,\"value\":\"" HEX_LOWER "\"},{\"version\":1,\"value\":\"other\"}]",
         "the first of version 1"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char id[MACHINE_ID_SIZE];
        cr_assert_eq(parse_list(rows[i].list, id), 0, "%s", rows[i].why);
        cr_assert_str_eq(id, HEX_LOWER, "%s", rows[i].why);
    }
}

Test(machine_id, all_other_lists_are_refused)
{
    static const char *const rows[] = {
        "",
        "[]",
        "[",
        "{\"version\":1,\"value\":\"" HEX_LOWER "\"}",
        "[{\"version\":1,\"value\":\"" HEX_LOWER "\"}",
        "[{\"version\":1,\"value\":\"" HEX_LOWER "\"}] x",
        "[{\"version\":1,\"value\":\"" HEX_LOWER "\"},]",
        "[{\"version\":1,\"value\":\"" HEX_LOWER "\",}]",
        "[{\"version\":2,\"value\":\"" HEX_LOWER "\"}]",
        "[{\"version\":01,\"value\":\"" HEX_LOWER "\"}]",
        "[{\"version\":-1,\"value\":\"" HEX_LOWER "\"}]",
        "[{\"version\":1.0,\"value\":\"" HEX_LOWER "\"}]",
        "[{\"version\":99999999999999999999,\"value\":\"" HEX_LOWER "\"}]",
        "[{\"version\":\"1\",\"value\":\"" HEX_LOWER "\"}]",
        "[{\"version\":1,\"value\":\"" HEX_LOWER "0\"}]",
        "[{\"version\":1,\"value\":\"0" HEX_LOWER "0\"}]",
        "[{\"version\":1,\"value\":"
        "\"g0112233445566778899aabbccddeeff00112233445566778899aabbccd"
        "deeff\"}]",
        "[{\"version\":1,\"value\":\"\\u0030" HEX_LOWER "\"}]",
        "[{\"version\":1,\"value\":1}]",
        "[{\"version\":1}]",
        "[{\"value\":\"" HEX_LOWER "\"}]",
        "[{\"version\":1,\"version\":1,\"value\":\"" HEX_LOWER "\"}]",
        "[{\"version\":1,\"more\":\"\",\"value\":\"" HEX_LOWER "\"}]",
        "[1]",
        "null",
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char id[MACHINE_ID_SIZE] = "as before";
        cr_assert_eq(parse_list(rows[i], id), -EBADMSG, "row %zu", i);
        cr_assert_str_eq(id, "as before", "row %zu", i);
    }
}

Test(machine_id, what_is_no_base64_is_refused)
{
    /* Of the good one: a digit short, one too many, a foreign digit, padding in the midst, bits
     * behind the end that are not zero. */
    static const char good[] = "W3sidmVyc2lvbiI6MSwidmFsdWUiOiIwMDExMjIzMzQ0NTU2Njc3ODg5OWFhYmJ"
                               "jY2RkZWVmZjAwMTEyMjMzNDQ1"
                               "NTY2Nzc4ODk5YWFiYmNjZGRlZWZmIn1d";
    static const char *const tails[] = {"C",    "Cg", "Cg=",  "Cg===", "Cg==Cg==", "C=g=",
                                        "Ch==", "=",  "====", "-_==",  "CgA=",     "C\001=="};
    char id[MACHINE_ID_SIZE];
    char text[256];
    cr_assert_eq(machine_id_parse(text_of(good), id), 0);
    for (size_t i = 0; i < ARRAY_LEN(tails); i++) {
        (void)snprintf(text, sizeof text, "%s%s", good, tails[i]);
        cr_assert_eq(machine_id_parse(text_of(text), id), -EBADMSG, "%s", tails[i]);
    }
    for (size_t n = 0; n + 1 < sizeof good - 1; n++)
        cr_assert_eq(machine_id_parse((struct text){good, n}, id), -EBADMSG, "%zu", n);
}

Test(machine_id, a_text_is_read_up_to_its_cap)
{
    static const char good[] = "W3sidmVyc2lvbiI6MSwidmFsdWUiOiIwMDExMjIzMzQ0NTU2Njc3ODg5OWFhYmJ"
                               "jY2RkZWVmZjAwMTEyMjMzNDQ1"
                               "NTY2Nzc4ODk5YWFiYmNjZGRlZWZmIn1d";
    char text[MACHINE_ID_BYTES_MAX + 1];
    char id[MACHINE_ID_SIZE];
    memset(text, ' ', sizeof text);
    memcpy(text, good, sizeof good - 1);
    cr_assert_eq(machine_id_parse((struct text){text, MACHINE_ID_BYTES_MAX}, id), 0);
    cr_assert_eq(machine_id_parse((struct text){text, sizeof text}, id), -EBADMSG);
}
