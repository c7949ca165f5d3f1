/* XML documents of others, by expat. */
#include "plesk/xml.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include <expat.h>

/*
 * The parser's memory. In front of each piece stands its size, so that it can be wiped before
 * it is given back; realloc() would move a piece and leave the old one as it was.
 */
enum { SIZE_ROOM = 16 }; /* keeps what follows aligned for any object */
static_assert(SIZE_ROOM >= sizeof(size_t) && SIZE_ROOM % _Alignof(max_align_t) == 0, "room");

static void *wiping_malloc(size_t n)
{
    if (n > SIZE_MAX - SIZE_ROOM)
        return NULL;
    char *piece = malloc(SIZE_ROOM + n);
    if (!piece)
        return NULL;
    memcpy(piece, &n, sizeof n);
    return piece + SIZE_ROOM;
}

static size_t size_of(const void *p)
{
    size_t n;
    memcpy(&n, (const char *)p - SIZE_ROOM, sizeof n);
    return n;
}

static void wiping_free(void *p)
{
    if (!p)
        return;
    explicit_bzero(p, size_of(p));
    free((char *)p - SIZE_ROOM);
}

static void *wiping_realloc(void *p, size_t n)
{
    void *moved = wiping_malloc(n);
    if (!moved || !p)
        return moved;
    size_t old = size_of(p);
    memcpy(moved, p, old < n ? old : n);
    wiping_free(p);
    return moved;
}

static const XML_Memory_Handling_Suite wiping = {wiping_malloc, wiping_realloc, wiping_free};

/* More than the parser and what it calls put there: some kilobytes. */
enum { STACK_BYTES = 64 << 10 };

/* Between a namespace's name and the local name: no XML name and no sound URI holds it. */
enum { SEPARATOR = '\n' };

struct reading {
    XML_Parser parser;
    const struct xml_listener *listener;
    size_t depth;
    int error; /* of a listener or of ours; nothing is told after it */
    struct diag *d;
};

static void say_where(const struct reading *r)
{
    diag_within(r->d, "line %lu, column %lu", XML_GetCurrentLineNumber(r->parser),
                XML_GetCurrentColumnNumber(r->parser) + 1);
}

/* Within a call from the parser, which then knows the place of what it told. */
static void stop(struct reading *r, int error)
{
    r->error = error;
    say_where(r);
    /* Fails only when it has been stopped already. */
    (void)XML_StopParser(r->parser, XML_FALSE);
}

static struct xml_element element_of(const char *name, const char **attributes)
{
    const char *separator = strchr(name, SEPARATOR);
    const char *local = separator ? separator + 1 : name;
    return (struct xml_element){
        .space = {name, separator ? (size_t)(separator - name) : 0},
        .local = text_of(local),
        .attributes = attributes,
    };
}

static void XMLCALL on_start(void *arg, const XML_Char *name, const XML_Char **attributes)
{
    struct reading *r = arg;
    if (r->error)
        return;
    if (++r->depth > XML_DEPTH_MAX) {
        stop(r, diag_set(r->d, -EBADMSG, "nested deeper than %d elements", XML_DEPTH_MAX));
        return;
    }
    if (!r->listener->opened)
        return;
    struct xml_element e = element_of(name, attributes);
    e.depth = r->depth;
    int error = r->listener->opened(r->listener->arg, &e, r->d);
    if (error)
        stop(r, error);
}

static void XMLCALL on_text(void *arg, const XML_Char *text, int n)
{
    struct reading *r = arg;
    if (r->error || !r->listener->text)
        return;
    int error = r->listener->text(r->listener->arg, (struct text){text, (size_t)n}, r->d);
    if (error)
        stop(r, error);
}

static void XMLCALL on_end(void *arg, const XML_Char *name)
{
    struct reading *r = arg;
    (void)name; /* expat has seen that it is the one that was opened */
    if (r->error)
        return;
    size_t depth = r->depth--;
    int error = r->listener->closed ? r->listener->closed(r->listener->arg, depth, r->d) : 0;
    if (error)
        stop(r, error);
}

static void XMLCALL on_doctype(void *arg, const XML_Char *name, const XML_Char *system_id,
                               const XML_Char *public_id, int has_internal)
{
    struct reading *r = arg;
    (void)name;
    (void)system_id;
    (void)public_id;
    (void)has_internal;
    if (!r->error)
        stop(r, diag_set(r->d, -EBADMSG, "has a document type, which none of Plesk's has"));
}

/* The parser's own reason. */
static int say_fault(const struct reading *r)
{
    enum XML_Error code = XML_GetErrorCode(r->parser);
    if (code == XML_ERROR_NO_MEMORY)
        return diag_set(r->d, -ENOMEM, "out of memory");
    (void)diag_set(r->d, -EBADMSG, "is no XML: %s", XML_ErrorString(code));
    say_where(r);
    return -EBADMSG;
}

static void parser_done(XML_Parser *parser)
{
    if (*parser)
        XML_ParserFree(*parser);
}

__attribute__((noinline)) static int
read_document(struct text bytes, const struct xml_listener *listener, struct diag *d)
{
    static const char separator[] = {SEPARATOR, '\0'};
    AUTO(parser) XML_Parser parser = XML_ParserCreate_MM(NULL, &wiping, separator);
    if (!parser)
        return diag_set(d, -ENOMEM, "out of memory");
    struct reading r = {.parser = parser, .listener = listener, .d = d};
    XML_SetUserData(parser, &r);
    XML_SetElementHandler(parser, on_start, on_end);
    XML_SetCharacterDataHandler(parser, on_text);
    XML_SetStartDoctypeDeclHandler(parser, on_doctype);
    enum XML_Status status = XML_Parse(parser, bytes.p, (int)bytes.n, XML_TRUE);
    if (r.error)
        return r.error;
    return status == XML_STATUS_OK ? 0 : say_fault(&r);
}

/*
 * The stack below has been the parser's. A library whose symbols are bound late brings secrets
 * there without any code of its own: the dynamic linker puts away the vector registers, and
 * with them what was copied last. So nothing is called here.
 */
__attribute__((noinline)) static void wipe_stack(void)
{
    volatile size_t below[STACK_BYTES / sizeof(size_t)];
    for (size_t i = 0; i < ARRAY_LEN(below); i++)
        below[i] = 0;
}

int xml_read(struct text bytes, const struct xml_listener *listener, struct diag *d)
{
    if (bytes.n > INT_MAX)
        return diag_set(d, -EBADMSG, "larger than %d bytes", INT_MAX);
    int r = read_document(bytes, listener, d);
    wipe_stack();
    return r;
}

struct text xml_trim(struct text t)
{
    static const char spaces[] = {' ', '\t', '\r', '\n'};
    while (t.n > 0 && memchr(spaces, t.p[0], sizeof spaces)) {
        t.p++;
        t.n--;
    }
    while (t.n > 0 && memchr(spaces, t.p[t.n - 1], sizeof spaces))
        t.n--;
    return t;
}
