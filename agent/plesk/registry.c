/* The key registry. */
#include "plesk/registry.h"

#include <limits.h>
#include <string.h>

#include "plesk/xml.h"

struct hints {
    registry_name_fn *named;
    void *arg;
    char text[PATH_MAX]; /* since the last tag */
    size_t n;
    bool is_long; /* longer than any path */
};

static void tell(const struct hints *h, struct text t)
{
    struct text path = xml_trim(t);
    const char *slash = path.n > 0 ? memrchr(path.p, '/', path.n) : NULL;
    size_t folder = slash ? (size_t)(slash + 1 - path.p) : 0;
    struct text name = {path.p + folder, path.n - folder};
    if (name.n > 0 && name.n <= NAME_MAX)
        h->named(h->arg, name);
}

static void end_text(struct hints *h)
{
    if (!h->is_long)
        tell(h, (struct text){h->text, h->n});
    h->n = 0;
    h->is_long = false;
}

static int on_opened(void *arg, const struct xml_element *e, struct diag *d)
{
    struct hints *h = arg;
    (void)d;
    end_text(h);
    for (size_t i = 0; e->attributes[i]; i += 2)
        tell(h, text_of(e->attributes[i + 1]));
    return 0;
}

static int on_text(void *arg, struct text part, struct diag *d)
{
    struct hints *h = arg;
    (void)d;
    if (part.n > sizeof h->text - h->n) {
        h->is_long = true;
        return 0;
    }
    memcpy(h->text + h->n, part.p, part.n);
    h->n += part.n;
    return 0;
}

static int on_closed(void *arg, size_t depth, struct diag *d)
{
    (void)depth;
    (void)d;
    end_text(arg);
    return 0;
}

int registry_read(struct text bytes, registry_name_fn *named, void *arg, struct diag *d)
{
    struct hints h = {.named = named, .arg = arg};
    struct xml_listener listener = {on_opened, on_text, on_closed, &h};
    return xml_read(bytes, &listener, d);
}
