/* The reader of tests/support/json_conformance.txt, whose head says how a case is written. */
#include "support/conformance.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "os/file.h"

enum { FILE_BYTES = 1 << 20, CASE_BYTES = 1 << 20 };

static void fail(const char *what, const char *line)
{
    (void)fprintf(stderr, "json_conformance.txt: %s: %.80s\n", what, line);
    abort();
}

/* The word before the next space, which becomes its end; "" when there is none left. */
static char *take_word(char **rest)
{
    char *word = *rest;
    char *end = strchr(word, ' ');
    *rest = end != NULL ? end + 1 : word + strlen(word);
    if (end != NULL)
        *end = '\0';
    return word;
}

/* `text` decoded and repeated. */
static void decode(const char *text, int64_t times, struct buf *out)
{
    AUTO(buf) struct buf once = BUF_INIT(CASE_BYTES);
    for (const char *p = text; *p != '\0'; p++) {
        uint8_t byte = (uint8_t)*p;
        if (*p == '%') {
            if (text_from_hex((struct text){p + 1, strnlen(p + 1, 2)}, &byte, 1) != 0)
                fail("% without its two digits", text);
            p += 2;
        }
        buf_add(&once, &byte, 1);
    }
    for (int64_t i = 0; i < times; i++)
        buf_add(out, once.data, once.len);
    if (buf_error(&once) != 0 || buf_error(out) != 0)
        fail("too long", text);
}

static void read_case(char *line, void (*each)(void *, const struct conformance_case *),
                      void *arg)
{
    static const char kinds[] = {
        [CONFORMANCE_TAKEN] = 'y', [CONFORMANCE_REFUSED] = 'n', [CONFORMANCE_EITHER] = 'i'};
    struct conformance_case c;
    int64_t times = 0;
    const char *kind = take_word(&line);
    const char *found = kind[0] != '\0' ? memchr(kinds, kind[0], sizeof kinds) : NULL;
    c.name = take_word(&line);
    if (found == NULL || kind[1] != '\0' || c.name[0] == '\0' ||
        text_to_int(text_of(take_word(&line)), 1, CASE_BYTES, &times) != 0)
        fail("not KIND NAME TIMES TEXT", kind);
    c.kind = (enum conformance_kind)(found - kinds);
    AUTO(buf) struct buf bytes = BUF_INIT(CASE_BYTES);
    decode(line, times, &bytes);
    AUTO_FREE char *exact = malloc(bytes.len > 0 ? bytes.len : 1);
    if (exact == NULL)
        fail("out of memory", c.name);
    else if (bytes.len > 0)
        memcpy(exact, bytes.data, bytes.len);
    c.bytes = (struct text){exact, bytes.len};
    each(arg, &c);
}

size_t conformance_each(const char *path,
                        void (*each)(void *arg, const struct conformance_case *c), void *arg)
{
    AUTO(buf) struct buf file = BUF_INIT(FILE_BYTES);
    struct diag d;
    if (file_read(path, &file, &d) != 0)
        fail("cannot be read", d.text);
    size_t count = 0;
    char *next;
    for (char *line = file.data; line != NULL && *line != '\0'; line = next) {
        char *end = strchr(line, '\n');
        if (end == NULL)
            fail("the last line has no end", line);
        next = end != NULL ? end + 1 : NULL;
        if (end == NULL || *line == '#' || end == line)
            continue;
        *end = '\0';
        read_case(line, each, arg);
        count++;
    }
    return count;
}
