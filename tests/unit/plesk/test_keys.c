/* The key folder: which of its keys is the panel's. */
#include "plesk/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keytext.h"
#include "memory.h"
#include "os/file.h"
#include "support/leak.h"
#include "support/temp.h"

SUITE(keys);

/* 2026-10-01T12:00:00Z: day 20727 after 1970-01-01, at noon. */
#define NOW ((wall_t){INT64_C(20727) * 86400 + 43200})

/* A server's /etc: the key folder `keys`, the registry beside it, the old panels' key. */
struct place {
    struct temp folder;
    char keys[TEMP_PATH_SIZE], registry[TEMP_PATH_SIZE], legacy[TEMP_PATH_SIZE];
    struct keys_order order;
    struct diag d;
};

static void place_init(struct place *p)
{
    *p = (struct place){.d = {""}};
    cr_assert_eq(temp_make(&p->folder), 0);
    p->order.folder = temp_file(&p->folder, "keys", p->keys);
    p->order.registry = temp_file(&p->folder, "registry.xml", p->registry);
    p->order.legacy = temp_file(&p->folder, "psa.key", p->legacy);
    p->order.now = NOW;
    cr_assert_eq(mkdir(p->keys, 0755), 0);
}

static void place_done(struct place *p)
{
    temp_done(&p->folder);
}

static void write_text(const char *path, const char *bytes, size_t n)
{
    struct diag d;
    cr_assert_eq(file_write(path, (struct text){bytes, n}, 0644, &d), 0, "%s", d.text);
}

static void key_path(const struct place *p, const char *name, char out[static TEMP_PATH_SIZE])
{
    char within[TEMP_PATH_SIZE];
    (void)snprintf(within, sizeof within, "keys/%s", name);
    (void)temp_file(&p->folder, within, out);
}

static void put_bytes(const struct place *p, const char *name, const char *bytes, size_t n)
{
    char path[TEMP_PATH_SIZE];
    key_path(p, name, path);
    write_text(path, bytes, n);
}

static void put(const struct place *p, const char *name, const struct keytext *k)
{
    AUTO(buf) struct buf b = BUF_INIT(KEYFILE_BYTES_MAX);
    keytext_print(k, &b);
    put_bytes(p, name, b.data, b.len);
}

static void put_registry(const struct place *p, const char *xml)
{
    write_text(p->registry, xml, strlen(xml));
}

/* "PLSK.01234567/0003 EXT.00000001/": what was found, in its order. */
static void check_found(struct place *p, const char *wanted, const char *why)
{
    AUTO(keys) struct keys k = {0};
    AUTO(buf) struct buf b = BUF_INIT(10000);
    cr_assert_eq(keys_find(&p->order, &k, &p->d), 0, "%s: %s", why, p->d.text);
    for (size_t i = 0; i < k.n; i++) {
        char number[LICENSE_TEXT_SIZE];
        const struct report_license *l = &k.v[i].key.license;
        buf_printf(&b, "%s%s/%s", i > 0 ? " " : "", license_format(l->license, number),
                   l->version);
    }
    cr_assert_str_eq(buf_str(&b), wanted, "%s", why);
    cr_assert_eq(k.has_trouble, p->d.text[0] != '\0', "%s: %s", why, p->d.text);
}

struct file {
    const char *name;
    struct keytext key;
};

enum { FILES = 5 };

static const struct folder_row {
    struct file files[FILES];
    const char *registry; /* NULL = none */
    const char *wanted;
    const char *why;
} folder_rows[] = {
    {{{NULL, {0}}}, NULL, "", "an empty folder: no licence"},
    {{{"keyA", {.number = "PLSK.01234567", .version = "0003", .product = "plesk-unified"}}},
     NULL,
     "PLSK.01234567/0003",
     "one key"},
    {{{"keyA", {.number = "PLSK.00000000"}}}, NULL, "", "the default key is no licence"},
    {{{"keyA", {.number = "PLSK.00000000"}}, {"keyB", {.number = "PLSK.00000002"}}},
     NULL,
     "PLSK.00000002/",
     "the default key beside one"},
    /* Rule 2. */
    {{{"keyA", {.number = "PLSK.00000001", .expires = "2027-01-01"}},
      {"keyB", {.number = "PLSK.00000002", .expires = "2026-11-01"}}},
     "<r><k>/etc/sw/keys/keys/keyB</k></r>",
     "PLSK.00000002/",
     "the named one, though the other holds longer"},
    {{{"keyA", {.number = "PLSK.00000001"}}, {"keyB", {.number = "PLSK.00000002"}}},
     "<r><k file='keyB'/></r>",
     "PLSK.00000002/",
     "named by an attribute"},
    {{{"keyA", {.number = "PLSK.00000001", .version = "0009"}},
      {"keyB", {.number = "PLSK.00000001", .version = "0002"}}},
     "<r>keyB</r>",
     "PLSK.00000001/0002",
     "the named file of one number"},
    {{{"keyA", {.number = "PLSK.00000001", .expires = "2027-01-01"}},
      {"keyB", {.number = "PLSK.00000002", .expires = "2026-11-01"}}},
     "<r><k>keyA</k><k>keyB</k></r>",
     "PLSK.00000001/",
     "both named: by their expiry"},
    {{{"keyA", {.number = "PLSK.00000001"}},
      {"keyE", {.number = "EXT.00000009", .product = "ext-acme-tools"}}},
     "<r>keyE</r>",
     "PLSK.00000001/ EXT.00000009/",
     "a named add-on does not make a main key stale"},
    {{{"keyA", {.number = "PLSK.00000001"}},
      {"keyE", {.number = "EXT.00000009", .product = "ext-acme-tools"}}},
     "<r>keyA</r>",
     "PLSK.00000001/ EXT.00000009/",
     "nor the other way round"},
    {{{"keyA", {.number = "PLSK.00000001"}}, {"keyB", {.number = "plsk.00000000.0000"}}},
     "<r>keyB</r>",
     "",
     "the panel has no licence now: the other is a stale one"},
    {{{"keyA", {.number = "PLSK.00000001"}}},
     "<r>keyGone</r>",
     "PLSK.00000001/",
     "a named file that is not there"},
    {{{"keyA", {.number = "PLSK.00000001"}}},
     "<r>keyAB</r>",
     "PLSK.00000001/",
     "a name that only begins alike"},
    /* Rule 3. */
    {{{"keyA", {.number = "PLSK.00000001", .version = "0009"}},
      {"keyB", {.number = "PLSK.00000001", .version = "0010"}},
      {"keyC", {.number = "PLSK.00000001", .version = "0002"}}},
     NULL,
     "PLSK.00000001/0010",
     "the highest version"},
    {{{"keyA", {.number = "PLSK.00000001", .version = "9"}},
      {"keyB", {.number = "PLSK.00000001", .version = "00010"}}},
     NULL,
     "PLSK.00000001/00010",
     "by number, not by letters"},
    {{{"keyA", {.number = "PLSK.00000001"}},
      {"keyB", {.number = "PLSK000000010001"}},
      {"keyC", {.number = "plsk.00000001.0000"}}},
     NULL,
     "PLSK.00000001/0001",
     "whatever the spelling"},
    {{{"keyA", {.number = "PLSK.00000001", .version = "1", .expires = "2026-12-04"}},
      {"keyB", {.number = "PLSK.00000001", .version = "01", .expires = "2026-12-05"}},
      {"keyC", {.number = "PLSK.00000001", .version = "001", .expires = "2026-12-03"}}},
     NULL,
     "PLSK.00000001/01",
     "of one version the later expiry"},
    /* Rule 4. */
    {{{"keyA", {.number = "PLSK.00000001", .expires = "2026-10-02"}},
      {"keyB", {.number = "PLSK.00000002", .expires = "2026-12-01"}},
      {"keyC", {.number = "PLSK.00000003", .expires = "2026-11-01"}}},
     NULL,
     "PLSK.00000002/",
     "the later expiry"},
    {{{"keyA", {.number = "PLSK.00000001"}},
      {"keyB", {.number = "PLSK.00000002", .expires = "9999-12-31"}}},
     NULL,
     "PLSK.00000001/",
     "never is later than any day"},
    {{{"keyA", {.number = "PLSK.00000001", .version = "0900", .expires = "2026-09-30"}},
      {"keyB", {.number = "PLSK.00000002", .version = "0001", .expires = "2026-10-02"}}},
     NULL,
     "PLSK.00000002/0001",
     "an expired one is stale, whatever its version"},
    {{{"keyA", {.number = "PLSK.00000001", .expires = "2026-08-01"}},
      {"keyB", {.number = "PLSK.00000002", .expires = "2026-09-01"}}},
     NULL,
     "PLSK.00000002/",
     "all expired: the panel still runs on the last one"},
    /* Rule 5. The day of expiry is the first without the licence; now is 2026-10-01. */
    {{{"keyA", {.number = "EXT.00000002", .product = "ext-a", .expires = "2026-10-02"}},
      {"keyB", {.number = "EXT.00000001", .product = "ext-b", .expires = "2026-10-01"}},
      {"keyC", {.number = "EXT.00000003", .product = "ext-c"}},
      {"keyD", {.number = "PLSK.99999999", .product = "plesk-unified"}},
      {"keyE", {.number = "EXT.00000002", .product = "ext-a", .version = "0001"}}},
     NULL,
     "PLSK.99999999/ EXT.00000002/0001 EXT.00000003/",
     "the main key first, then add-ons by number, each once, none that has expired"},
    {{{"keyA",
       {.number = "EXT.00000002",
        .product = "ext-a",
        .version = "0002",
        .expires = "2026-09-01"}},
      {"keyB",
       {.number = "EXT.00000002",
        .product = "ext-a",
        .version = "0001",
        .expires = "2027-09-01"}}},
     NULL,
     "",
     "the highest version stands, and it has expired"},
    {{{"other", {.number = "PLSK.00000001"}}, {"KEYA", {.number = "PLSK.00000002"}}},
     NULL,
     "",
     "files of other names are none"},
    {{{"keyA", {.number = "PLSK.00000001", .core = KEYTEXT_CORE_2}}},
     NULL,
     "PLSK.00000001/",
     "the older namespace"},
};

Test(keys, the_key_that_the_panel_uses_is_found)
{
    for (size_t i = 0; i < ARRAY_LEN(folder_rows); i++) {
        const struct folder_row *row = &folder_rows[i];
        AUTO(place) struct place p;
        place_init(&p);
        for (size_t f = 0; f < FILES && row->files[f].name; f++)
            put(&p, row->files[f].name, &row->files[f].key);
        if (row->registry)
            put_registry(&p, row->registry);
        check_found(&p, row->wanted, row->why);
        cr_assert_str_empty(p.d.text, "%s", row->why);
    }
}

static const struct keytext one = {.number = "PLSK.00000001", .expires = "2026-12-01"};
static const struct keytext two = {.number = "PLSK.00000002", .expires = "2026-11-01"};

Test(keys, the_file_that_changed_last_is_the_one_of_two_that_are_alike)
{
    AUTO(place) struct place p;
    struct keytext a = {.number = "PLSK.00000001"};
    struct keytext b = {.number = "PLSK.00000002"};
    char path[TEMP_PATH_SIZE];
    place_init(&p);
    put(&p, "keyB", &b);
    put(&p, "keyA", &a);
    (void)usleep(1100 * 1000); /* the clock of the rule has whole seconds */
    key_path(&p, "keyB", path);
    cr_assert_eq(chmod(path, 0600), 0); /* the inode changes; nobody can set when */
    check_found(&p, "PLSK.00000002/", "the later change");
}

Test(keys, the_change_of_a_file_is_told)
{
    AUTO(place) struct place p;
    AUTO(keys) struct keys k = {0};
    char path[TEMP_PATH_SIZE];
    struct stat st;
    place_init(&p);
    put(&p, "keyA", &one);
    key_path(&p, "keyA", path);
    cr_assert_eq(stat(path, &st), 0);
    cr_assert_eq(keys_find(&p.order, &k, &p.d), 0);
    cr_assert_eq(k.n, 1);
    cr_assert_eq(k.v[0].changed.s, st.st_ctim.tv_sec);
}

Test(keys, a_broken_file_is_named_and_the_others_count)
{
    AUTO(place) struct place p;
    place_init(&p);
    put(&p, "keyA", &one);
    put_bytes(&p, "keyB", "<broken", 7);
    check_found(&p, "PLSK.00000001/", "the sound one");
    cr_assert(strstr(p.d.text, "/keys/keyB: "), "%s", p.d.text);
    put_bytes(&p, "keyC", "", 0);
    check_found(&p, "PLSK.00000001/", "the sound one");
    cr_assert(strstr(p.d.text, "(and 1 more key files)"), "%s", p.d.text);
}

/* It may be the main key: a stale one in its place would put a licence where it is not. */
Test(keys, a_named_file_that_is_broken_leaves_no_stale_key_in_its_place)
{
    AUTO(place) struct place p;
    struct keytext add_on = {.number = "EXT.00000009", .product = "ext-acme-tools"};
    place_init(&p);
    put(&p, "keyA", &one);
    put(&p, "keyE", &add_on);
    put_bytes(&p, "keyB", "<broken", 7);
    put_registry(&p, "<r>keyB</r>");
    check_found(&p, "EXT.00000009/", "only what is certain");
}

/* Plesk's own key is for its group alone; a copy that somebody made may be for everybody. */
Test(keys, beside_a_file_that_cannot_be_opened_only_a_named_key_is_certain)
{
    AUTO(place) struct place p;
    struct keytext add_on = {.number = "EXT.00000009", .product = "ext-acme-tools"};
    char path[TEMP_PATH_SIZE];
    uid_t me = geteuid();
    place_init(&p);
    put(&p, "keyA", &one);
    put(&p, "keyB", &two);
    put(&p, "keyE", &add_on);
    key_path(&p, "keyB", path);
    cr_assert_eq(chmod(path, 0), 0);
    cr_assert_eq(chmod(p.folder.path, 0755), 0);
    if (me == 0)
        cr_assert_eq(seteuid(65534), 0); /* root may read everything */
    check_found(&p, "EXT.00000009/", "the other main key may be a stale copy");
    cr_assert(strstr(p.d.text, "keyB: Permission denied"), "%s", p.d.text);
    cr_assert(strstr(p.d.text, "swkey-data"), "what to do: %s", p.d.text);
    cr_assert_eq(seteuid(me), 0);
    put_registry(&p, "<r>keyA</r>");
    if (me == 0)
        cr_assert_eq(seteuid(65534), 0);
    check_found(&p, "PLSK.00000001/ EXT.00000009/", "the registry names it");
    cr_assert(strstr(p.d.text, "keyB: Permission denied"), "%s", p.d.text);
    cr_assert_eq(seteuid(me), 0);
}

Test(keys, a_folder_that_may_not_be_read_is_not_the_same_as_no_licence)
{
    AUTO(place) struct place p;
    AUTO(keys) struct keys k = {0};
    uid_t me = geteuid();
    place_init(&p);
    put(&p, "keyA", &one);
    cr_assert_eq(chmod(p.keys, 0), 0);
    cr_assert_eq(chmod(p.folder.path, 0755), 0);
    if (me == 0)
        cr_assert_eq(seteuid(65534), 0);
    int r = keys_find(&p.order, &k, &p.d);
    cr_assert_eq(seteuid(me), 0);
    cr_assert_eq(chmod(p.keys, 0755), 0);
    cr_assert_eq(r, -EACCES);
    cr_assert(strstr(p.d.text, "swkey-data"), "%s", p.d.text);
}

Test(keys, a_huge_file_is_named_and_not_read)
{
    AUTO(place) struct place p;
    char path[TEMP_PATH_SIZE];
    place_init(&p);
    put(&p, "keyA", &one);
    put_bytes(&p, "keyB", "", 0);
    key_path(&p, "keyB", path);
    cr_assert_eq(truncate(path, (off_t)1 << 40), 0); /* a hole of a terabyte */
    check_found(&p, "PLSK.00000001/", "the other one");
    cr_assert(strstr(p.d.text, "keyB: larger than 1048576 bytes"), "%s", p.d.text);
}

Test(keys, what_is_no_file_is_passed_over)
{
    AUTO(place) struct place p;
    char path[TEMP_PATH_SIZE];
    place_init(&p);
    put(&p, "keyA", &one);
    key_path(&p, "key-backup", path);
    cr_assert_eq(mkdir(path, 0755), 0);
    key_path(&p, "keyPipe", path);
    cr_assert_eq(mkfifo(path, 0644), 0); /* whose other end nobody opens */
    key_path(&p, "keyLost", path);
    cr_assert_eq(symlink("nowhere", path), 0);
    check_found(&p, "PLSK.00000001/", "the file");
    cr_assert_str_empty(p.d.text);
}

Test(keys, more_files_than_the_cap_are_not_guessed_at)
{
    AUTO(place) struct place p;
    AUTO(keys) struct keys k = {0};
    char name[32];
    place_init(&p);
    for (int i = 0; i < 64; i++) {
        (void)snprintf(name, sizeof name, "key%02d", i);
        put(&p, name, &one);
    }
    check_found(&p, "PLSK.00000001/", "as many as the cap");
    put(&p, "key64", &two);
    cr_assert_eq(keys_find(&p.order, &k, &p.d), -E2BIG);
    cr_assert(strstr(p.d.text, "more than 64"), "%s", p.d.text);
}

Test(keys, without_the_folder_the_key_of_old_panels_is_the_one)
{
    AUTO(place) struct place p;
    AUTO(buf) struct buf b = BUF_INIT(KEYFILE_BYTES_MAX);
    place_init(&p);
    keytext_print(&one, &b);
    write_text(p.legacy, b.data, b.len);
    check_found(&p, "", "the folder is there, and empty");
    cr_assert_eq(rmdir(p.keys), 0);
    check_found(&p, "PLSK.00000001/", "the folder is not there");
    write_text(p.legacy, "junk", 4);
    check_found(&p, "", "which is broken");
    cr_assert(strstr(p.d.text, "psa.key: line 1"), "%s", p.d.text);
}

Test(keys, where_there_is_no_panel_there_is_no_licence)
{
    AUTO(place) struct place p;
    place_init(&p);
    cr_assert_eq(rmdir(p.keys), 0);
    check_found(&p, "", "neither folder nor file");
    p.order.legacy = "";
    check_found(&p, "", "nor a path of one");
    cr_assert_str_empty(p.d.text);
}

Test(keys, the_folders_name_may_be_anothers)
{
    AUTO(place) struct place p;
    AUTO(keys) struct keys k = {0};
    place_init(&p);
    cr_assert_eq(rmdir(p.keys), 0);
    write_text(p.keys, "x", 1);
    cr_assert_eq(keys_find(&p.order, &k, &p.d), -ENOTDIR);
    cr_assert(strstr(p.d.text, "Not a directory"), "%s", p.d.text);
}

/* It is a hint: only where it had to decide something is its loss worth a word. */
Test(keys, a_broken_registry_is_told_of_where_it_matters)
{
    AUTO(place) struct place p;
    place_init(&p);
    put(&p, "keyA", &one);
    put_registry(&p, "<r>keyB</r"); /* the name before the fault does not count */
    check_found(&p, "PLSK.00000001/", "one key");
    cr_assert_str_empty(p.d.text);
    put(&p, "keyB", &two);
    check_found(&p, "PLSK.00000001/", "two keys: by their expiry");
    cr_assert(strstr(p.d.text, "registry.xml: line 1"), "%s", p.d.text);
}

Test(keys, the_update_ticket_is_in_no_memory_afterwards)
{
    AUTO(place) struct place p;
    struct memory_page page;
    char path[TEMP_PATH_SIZE];
    place_init(&p);
    memory_open(&page);
    memory_add(&page, "<c:key xmlns:c='" KEYTEXT_CORE_3 "'><c:key-number>PLSK.00000001"
                      "</c:key-number><c:update-ticket>");
    memory_add_marker(&page);
    memory_add(&page, "</c:update-ticket></c:key>");
    key_path(&p, "keyA", path);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    cr_assert(fd >= 0);
    cr_assert_eq(write(fd, page.p, page.n), (ssize_t)page.n);
    cr_assert_eq(close(fd), 0);
    cr_assert(memory_has_marker(), "the search must find what is there");
    memory_close(&page);
    check_found(&p, "PLSK.00000001/", "the key");
    cr_assert_not(memory_has_marker());
    cr_assert_eq(truncate(path, 200), 0); /* now it breaks off within the ticket */
    check_found(&p, "", "a part of the key");
    cr_assert_not(memory_has_marker());
}
