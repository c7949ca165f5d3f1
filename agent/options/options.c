/* The agent's settings as a whole: their defaults, reading a file, printing, freeing. */
#include "options/options.h"

#include <errno.h>
#include <stdio.h>

#include "options/keys.h"
#include "os/config.h"
#include "os/file.h"

static const char *const no_others[] = {NULL};
static const struct table_group all_keys = {options_keys, OPTIONS_KEYS, no_others};

static int group_read(struct text text, const char *name, struct options *o, struct diag *d);

/* The table's own words are read as a file would be: they stand nowhere else. */
int options_init(struct options *o)
{
    AUTO(buf) struct buf text = BUF_INIT(CAP_CONFIG_BYTES);
    struct diag d = {""};
    for (size_t i = 0; i < OPTIONS_KEYS; i++)
        buf_printf(&text, "%s = %s;\n", options_keys[i].name, options_keys[i].standard);
    if (buf_error(&text) < 0)
        return -ENOMEM;
    *o = (struct options){.n_lab_networks = 0};
    int r = group_read((struct text){text.data, text.len}, "defaults", o, &d);
    assert(r == 0 || r == -ENOMEM);
    return r;
}

/* Where a connection came from is what a collector sees. */
static int check_observe(const struct table_file *file, const struct options *o)
{
    if (!(o->observe & 1U << SOURCE_PEER))
        return 0;
    return config_refuse(file->config, config_find(config_root(file->config), "observe"),
                         file->d,
                         "names peer, which only the collector can see: it is where a report "
                         "came from");
}

static int group_read(struct text text, const char *name, struct options *o, struct diag *d)
{
    AUTO(config) struct config *config = NULL;
    int r = config_parse(text, name, &config, d);
    if (r < 0)
        return r;
    const struct table_file file = {config, d};
    r = table_group_read(&file, config_root(config), &all_keys, o);
    return r == 0 ? check_observe(&file, o) : r;
}

/* On the heap: some tens of kilobytes that a resident program's stack need not keep. */
static void draft_done(struct options **draft)
{
    if (*draft)
        options_done(*draft);
    free(*draft);
}

int options_parse(struct text text, const char *name, struct options *ret, struct diag *d)
{
    AUTO(draft) struct options *draft = calloc(1, sizeof *draft);
    int r = draft ? options_init(draft) : -ENOMEM;
    if (r == 0)
        r = group_read(text, name, draft, d);
    if (r == -ENOMEM)
        return diag_set(d, r, "not enough memory");
    if (r < 0)
        return r;
    *ret = *draft;
    draft->lab_networks = NULL;
    return 0;
}

int options_load(const char *path, struct options *ret, struct diag *d)
{
    AUTO(buf) struct buf text = BUF_INIT(CAP_CONFIG_BYTES);
    int r = file_read(path, &text, d);
    return r == 0 ? options_parse((struct text){text.data, text.len}, path, ret, d) : r;
}

void options_print(const struct options *o, struct buf *out)
{
    table_print(options_keys, OPTIONS_KEYS, o, out, 0);
}

void options_done(struct options *o)
{
    free(o->lab_networks);
    o->lab_networks = NULL;
    o->n_lab_networks = 0;
}

int options_state_path(const struct options *o, const char *name,
                       char ret[static OPTIONS_PATH_SIZE + 64])
{
    char path[OPTIONS_PATH_SIZE + 64];
    int n = snprintf(path, sizeof path, "%s/%s", o->state, name);
    if (n < 0 || (size_t)n >= sizeof path)
        return -ERANGE;
    (void)snprintf(ret, sizeof path, "%s", path);
    return 0;
}
