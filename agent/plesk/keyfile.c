/* One Plesk key file -> the licence. */
#include "plesk/keyfile.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "plesk/machine_id.h"
#include "plesk/xml.h"

/* The namespaces of what all keys share; what one product's keys have is in the root's own. */
static const char *const core_spaces[] = {
    "http://parallels.com/schemas/keys/core/3",
    "http://swsoft.com/schemas/keys/core/2",
};

enum field {
    FIELD_NUMBER,
    FIELD_VERSION,
    FIELD_PRODUCT,
    FIELD_EXPIRES,
    FIELD_EDITION,
    FIELD_EDITION_NAME,
    FIELD_MACHINE,
    FIELD_NONE,
};

static const struct {
    const char *local;
    bool is_core;
    bool is_vital; /* says which licence it is, and whether it holds: not to be guessed at */
} fields[FIELD_NONE] = {
    [FIELD_NUMBER] = {"key-number", true, true},
    [FIELD_VERSION] = {"key-version", true, true},
    [FIELD_PRODUCT] = {"product", true, true},
    [FIELD_EXPIRES] = {"expiration-date", true, true},
    [FIELD_EDITION] = {"edition", false, false},
    [FIELD_EDITION_NAME] = {"edition-name", false, false},
    [FIELD_MACHINE] = {"machine-id-info", false, false},
};

enum { SPACE_BYTES_MAX = 256 }; /* of the root's namespace */

struct parse {
    char product_space[SPACE_BYTES_MAX];
    size_t product_space_n;
    enum field field; /* that is open now; FIELD_NONE = its text is not ours */
    /* Its text, and whether it is more than fits or is no plain text. */
    char text[MACHINE_ID_BYTES_MAX];
    size_t n;
    bool is_odd;
    unsigned seen; /* a bit for each field that was there */
    bool is_empty; /* an all-zero number */
    bool is_panel_number;
    char spelled_version[LICENSE_VERSION_SIZE];
    char edition_name[CAP_LABEL_TEXT + 1];
    struct keyfile key;
};

static bool is_core_space(struct text space)
{
    for (size_t i = 0; i < ARRAY_LEN(core_spaces); i++) {
        if (text_is(space, core_spaces[i]))
            return true;
    }
    return false;
}

static int open_root(struct parse *p, const struct xml_element *e, struct diag *d)
{
    if (!text_is(e->local, "key") || e->space.n == 0 || e->space.n > SPACE_BYTES_MAX)
        return diag_set(d, -EBADMSG, "is another document, not a Plesk key");
    memcpy(p->product_space, e->space.p, e->space.n);
    p->product_space_n = e->space.n;
    return 0;
}

static enum field field_of(const struct parse *p, const struct xml_element *e)
{
    bool is_core = is_core_space(e->space);
    bool is_product = e->space.n == p->product_space_n &&
                      memcmp(e->space.p, p->product_space, e->space.n) == 0;
    enum field f = FIELD_NUMBER;
    while (f < FIELD_NONE &&
           !((fields[f].is_core ? is_core : is_product) && text_is(e->local, fields[f].local)))
        f++;
    return f;
}

static int on_opened(void *arg, const struct xml_element *e, struct diag *d)
{
    struct parse *p = arg;
    if (e->depth == 1)
        return open_root(p, e, d);
    if (e->depth > 2) {
        p->is_odd = true; /* a field holds a text and nothing else */
        return 0;
    }
    p->field = field_of(p, e);
    p->n = 0;
    p->is_odd = false;
    if (p->field != FIELD_NONE && (p->seen & 1U << p->field))
        return diag_set(d, -EBADMSG, "%s is there twice", fields[p->field].local);
    return 0;
}

static int on_text(void *arg, struct text part, struct diag *d)
{
    struct parse *p = arg;
    (void)d;
    if (p->field == FIELD_NONE)
        return 0;
    if (part.n > sizeof p->text - p->n) {
        p->is_odd = true;
        return 0;
    }
    memcpy(p->text + p->n, part.p, part.n);
    p->n += part.n;
    return 0;
}

/* ---- What the fields say: 0, or -EBADMSG when the text is none of its kind ----------- */

static int take_number(struct parse *p, struct text t)
{
    int r = license_parse(t, &p->key.license.license, p->spelled_version);
    p->is_empty = r == 1;
    p->is_panel_number = t.n >= 4 && strncasecmp(t.p, "PLSK", 4) == 0;
    return r < 0 ? r : 0;
}

/* As a report's: the collector refuses more. */
static int take_version(struct parse *p, struct text t)
{
    enum { DIGITS_MAX = 8 };
    if (t.n == 0 || t.n > DIGITS_MAX)
        return -EBADMSG;
    for (size_t i = 0; i < t.n; i++) {
        if (t.p[i] < '0' || t.p[i] > '9')
            return -EBADMSG;
    }
    memcpy(p->key.license.version, t.p, t.n);
    p->key.license.version[t.n] = '\0';
    return 0;
}

/* An empty one is as if it were not there. */
static int take_label(char ret[static CAP_LABEL_TEXT + 1], struct text t)
{
    if (t.n > 0 && !text_is_label(t, CAP_LABEL_TEXT))
        return -EBADMSG;
    memcpy(ret, t.p, t.n);
    ret[t.n] = '\0';
    return 0;
}

static int take_expires(struct parse *p, struct text t)
{
    if (t.n == 0 || text_is(t, "never"))
        return 0;
    if (civil_parse(t, &p->key.expires_day) != 0)
        return -EBADMSG;
    memcpy(p->key.license.expires, t.p, t.n);
    p->key.license.expires[t.n] = '\0';
    return 0;
}

static int take_field(struct parse *p, struct text t)
{
    struct report_license *l = &p->key.license;
    switch (p->field) {
    case FIELD_NUMBER: return take_number(p, t);
    case FIELD_VERSION: return take_version(p, t);
    case FIELD_PRODUCT: return take_label(l->product, t);
    case FIELD_EXPIRES: return take_expires(p, t);
    case FIELD_EDITION: return take_label(l->edition, t);
    case FIELD_EDITION_NAME: return take_label(p->edition_name, t);
    case FIELD_MACHINE: return machine_id_parse(t, l->machine_id);
    case FIELD_NONE: break;
    }
    return 0;
}

static int on_closed(void *arg, size_t depth, struct diag *d)
{
    struct parse *p = arg;
    if (depth != 2 || p->field == FIELD_NONE)
        return 0;
    enum field f = p->field;
    int error = p->is_odd ? -EBADMSG : take_field(p, xml_trim((struct text){p->text, p->n}));
    p->seen |= 1U << f;
    p->field = FIELD_NONE;
    if (error && fields[f].is_vital)
        return diag_set(d, -EBADMSG, "%s is not what Plesk writes there", fields[f].local);
    return 0; /* what else a report may go without */
}

/* By its product; a key that names none is a panel's when its number is. */
static bool is_panel(const struct parse *p)
{
    static const char *const products[] = {"plesk-unified", "plesk-unix", "plesk-win"};
    const char *product = p->key.license.product;
    for (size_t i = 0; i < ARRAY_LEN(products); i++) {
        if (strcmp(product, products[i]) == 0)
            return true;
    }
    return product[0] == '\0' && p->is_panel_number;
}

int keyfile_read(struct text bytes, struct keyfile *ret, struct diag *d)
{
    if (bytes.n > KEYFILE_BYTES_MAX)
        return diag_set(d, -ERANGE, "larger than %d bytes", KEYFILE_BYTES_MAX);
    struct parse p = {.field = FIELD_NONE, .key = {.expires_day = INT64_MAX}};
    struct xml_listener listener = {on_opened, on_text, on_closed, &p};
    int error = xml_read(bytes, &listener, d);
    if (error)
        return error;
    if (!(p.seen & 1U << FIELD_NUMBER))
        return diag_set(d, -EBADMSG, "has no key number");
    struct report_license *l = &p.key.license;
    if (l->version[0] == '\0')
        memcpy(l->version, p.spelled_version, sizeof p.spelled_version);
    if (l->edition[0] == '\0')
        memcpy(l->edition, p.edition_name, sizeof p.edition_name);
    p.key.is_main = is_panel(&p);
    *ret = p.key;
    return p.is_empty;
}
