/* Reading the collector's settings: what is accepted, what is refused and where. */
#include "settings/settings.h"

#include "os/file.h"
#include "settings/keys.h"
#include "support/leak.h"
#include "support/manual.h"

#include <errno.h>
#include <string.h>

SUITE(settings);

static const int64_t hour = 3600, day = 86400;

static int read_text(const char *text, struct settings *ret, struct diag *d)
{
    return settings_read(text_of(text), "c.conf", ret, d);
}

static struct settings must_read(const char *text)
{
    struct settings s;
    struct diag d = {""};
    cr_assert_eq(read_text(text, &s, &d), 0, "%s: %s", text, d.text);
    return s;
}

static char *policy_text(const struct settings *s)
{
    AUTO(buf) struct buf out = BUF_INIT(1 << 20);
    settings_policy_text(s, &out);
    cr_assert_eq(buf_error(&out), 0);
    return buf_take(&out);
}

static char *print(const struct settings *s)
{
    AUTO(buf) struct buf out = BUF_INIT(1 << 20);
    settings_print(s, &out);
    cr_assert_eq(buf_error(&out), 0);
    return buf_take(&out);
}

Test(settings, empty_file_gives_the_defaults)
{
    AUTO(settings) struct settings empty = must_read("");
    AUTO(settings) struct settings initial;
    struct diag d;
    cr_assert_eq(settings_init(&initial, &d), 0);
    AUTO_FREE char *a = print(&empty), *b = print(&initial);
    cr_assert_str_eq(a, b);
    cr_assert_str_eq(empty.store, "");
    cr_assert_str_eq(empty.zone.name, "Europe/Amsterdam");
    cr_assert_gt(empty.zone.n, 1, "the zone's changes are loaded");
    cr_assert_eq(empty.n_lab_networks, 0);
    cr_assert_eq(empty.merge_gap.s, 45 * 60);
    cr_assert_eq(empty.retention.s, 400 * day);
    cr_assert_eq(empty.n_license_prefixes, 1);
    cr_assert_str_eq(empty.license_prefixes[0], "PLSK");
    cr_assert_eq(empty.policies.n, 1);
    cr_assert_str_eq(empty.policies.versions[0].version, "1");
    cr_assert_eq(empty.policies.versions[0].from.s, WALL_BEGIN.s);
    struct policy p;
    policy_init(&p);
    cr_assert_eq(memcmp(&empty.policies.versions[0].base, &p, sizeof p), 0);
}

Test(settings, nothing_at_all_is_an_empty_file)
{
    struct diag d = {""};
    AUTO(settings) struct settings s = {.n_lab_networks = 0};
    cr_assert_eq(settings_read((struct text){NULL, 0}, "c.conf", &s, &d), 0, "%s", d.text);
    cr_assert_eq(s.policies.n, 1);
}

Test(settings, top_is_read)
{
    AUTO(settings)
    struct settings s =
        must_read("store = \"sqlite:/var/lib/x.db\"; time_zone = \"UTC\";\n"
                  "lab_networks = ( \"203.0.113.0/24\", \"2001:db8::/32\" );\n"
                  "merge_gap = \"10s\"; retention = \"30d\"; signing_key = \"/etc/k\";\n"
                  "license_prefixes = [ \"plsk\", \"EXT\" ];");
    cr_assert_str_eq(s.store, "sqlite:/var/lib/x.db");
    cr_assert_str_eq(s.zone.name, "UTC");
    cr_assert_eq(s.n_lab_networks, 2);
    cr_assert_eq(s.lab_networks[0].bits, 24);
    cr_assert_eq(s.lab_networks[1].bits, 32);
    cr_assert_eq(s.merge_gap.s, 10);
    cr_assert_eq(s.retention.s, 30 * day);
    cr_assert_str_eq(s.signing_key, "/etc/k");
    cr_assert_eq(s.n_license_prefixes, 2);
    cr_assert_str_eq(s.license_prefixes[0], "PLSK");
    cr_assert_str_eq(s.license_prefixes[1], "EXT");
}

Test(settings, every_policy_setting_is_read)
{
    AUTO(settings)
    struct settings s = must_read(
        "policy = { count_sources = [\"panel\", \"interface\"]; charge_by = \"servers\";\n"
        "grace = \"0s\"; outside_grace = \"3650d\"; period_min = \"1h\"; bridge = \"2h\";\n"
        "flag_after = \"90m\"; mailbox_basis = \"addresses\"; mailbox_split = \"sum\";\n"
        "mailbox_filtered_only = false; mailbox_sustain = \"1d\"; max_places = 1000;\n"
        "silent_after = \"1d\"; strikes = [2, 4, 12]; close_after = \"6d\";\n"
        "reaudit_periods = 0; max_close_entries = 1; max_close_amount = \"0.005\";\n"
        "license_prefixes = \"PLSK, VZ\"; };");
    const struct policy *p = &s.policies.versions[0].base;
    cr_assert_eq(p->count_sources, 1U << SOURCE_PANEL | 1U << SOURCE_INTERFACE);
    cr_assert_eq(p->charge_by, CHARGE_BY_SERVERS);
    cr_assert_eq(p->grace.s, 0);
    cr_assert_eq(p->outside_grace.s, 3650 * day);
    cr_assert_eq(p->period_min.s, hour);
    cr_assert_eq(p->bridge.s, 2 * hour);
    cr_assert_eq(p->flag_after.s, 90 * 60);
    cr_assert_eq(p->mailbox_basis, BASIS_ADDRESSES);
    cr_assert_eq(p->mailbox_split, SPLIT_SUM);
    cr_assert_not(p->mailbox_filtered_only);
    cr_assert_eq(p->mailbox_sustain.s, day);
    cr_assert_eq(p->max_places, 1000);
    cr_assert_eq(p->silent_after.s, day);
    cr_assert_eq(p->strikes[0], 2);
    cr_assert_eq(p->strikes[1], 4);
    cr_assert_eq(p->strikes[2], 12);
    cr_assert_eq(p->close_after.s, 6 * day);
    cr_assert_eq(p->reaudit_periods, 0);
    cr_assert_eq(p->max_close_entries, 1);
    cr_assert_eq(p->max_close_amount.micro, 5000); /* 0.005 in millionths */
    cr_assert_eq(s.n_license_prefixes, 2);
}

Test(settings, strikes_and_sources_may_be_texts_or_lists)
{
    static const char *const rows[] = {
        "policy = { strikes = \"2,3 , 4\"; count_sources = \"nat , peer\"; };",
        "policy = { strikes = [2, 3, 4]; count_sources = [\"peer\", \"nat\"]; };",
        "policy = { strikes = (2, 3, 4); count_sources = (\"nat\", \"peer\"); };",
        "policy = { strikes = (\"2\", 3, \"4\"); count_sources = (\"nat\", \"peer\"); };",
    };
    AUTO_FREE char *first = NULL;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(settings) struct settings s = must_read(rows[i]);
        AUTO_FREE char *text = policy_text(&s);
        if (!first)
            first = STEAL(text);
        else
            cr_assert_str_eq(text, first, "%s", rows[i]);
    }
}

Test(settings, versions_are_put_in_order_and_begin_with_a_day_of_the_zone)
{
    AUTO(settings)
    struct settings s =
        must_read("policies = ( { version = \"B\"; from = \"2026-07-01\"; grace = \"7d\"; },\n"
                  "             { version = \"A\"; from = \"2026-01-01\"; } );");
    cr_assert_eq(s.policies.n, 2);
    cr_assert_str_eq(s.policies.versions[0].version, "A");
    /* 2026-01-01 00:00 CET is 2025-12-31T23:00:00Z: 20453 days from 1970 to 2025-12-31. */
    cr_assert_eq(s.policies.versions[0].from.s, 20453 * day + 23 * hour);
    cr_assert_eq(s.policies.versions[0].base.grace.s, 14 * day);
    /* 2026-07-01 00:00 CEST is 2026-06-30T22:00:00Z; 181 days later. */
    cr_assert_eq(s.policies.versions[1].from.s, (20453 + 181) * day + 22 * hour);
    cr_assert_eq(s.policies.versions[1].base.grace.s, 7 * day);
}

Test(settings, a_list_may_be_named_policy_too)
{
    AUTO(settings)
    struct settings s = must_read(
        "time_zone = \"UTC\"; policy = ( { version = \"x\"; from = \"1970-01-02\"; } );");
    cr_assert_str_eq(s.policies.versions[0].version, "x");
    cr_assert_eq(s.policies.versions[0].from.s, day);
}

static int64_t grace_of(const struct settings *s, size_t version, const char *reseller)
{
    return policy_for(&s->policies.versions[version], reseller)->grace.s / day;
}

Test(settings, resellers_settings_are_laid_over_each_version)
{
    AUTO(settings)
    struct settings s = must_read(
        "resellers = { r1 = { grace = \"30d\"; max_places = 9; }; r2 = { bridge = \"1h\"; }; "
        "};\n"
        "policies = (\n"
        "  { version = \"A\"; from = \"2026-01-01\"; grace = \"10d\"; },\n"
        "  { version = \"B\"; from = \"2026-07-01\"; grace = \"7d\";\n"
        "    resellers = ( { reseller = \"r1\"; grace = \"31d\"; },\n"
        "                  { reseller = \"Example Hosting B.V.\"; grace = \"2d\"; } ); } );");
    cr_assert_eq(grace_of(&s, 0, NULL), 10);
    cr_assert_eq(grace_of(&s, 0, "r1"), 30, "the top's");
    cr_assert_eq(grace_of(&s, 0, "r2"), 10, "r2 changes something else: the version's base");
    cr_assert_eq(grace_of(&s, 0, "Example Hosting B.V."), 10, "not in this version");
    cr_assert_eq(grace_of(&s, 1, NULL), 7);
    cr_assert_eq(grace_of(&s, 1, "r1"), 31, "the version's own goes first");
    cr_assert_eq(policy_for(&s.policies.versions[1], "r1")->max_places, 9,
                 "and what it does not say is the top's");
    cr_assert_eq(grace_of(&s, 1, "Example Hosting B.V."), 2);
    cr_assert_eq(policy_for(&s.policies.versions[1], "r2")->bridge.s, hour);
}

Test(settings, resellers_stand_beside_and_inside_a_single_policy)
{
    AUTO(settings)
    struct settings s =
        must_read("policy = { grace = \"5d\"; resellers = { r1 = { grace = \"6d\"; }; }; };\n"
                  "resellers = { r1 = { grace = \"8d\"; }; r2 = { grace = \"9d\"; }; };");
    cr_assert_eq(grace_of(&s, 0, NULL), 5);
    cr_assert_eq(grace_of(&s, 0, "r1"), 6);
    cr_assert_eq(grace_of(&s, 0, "r2"), 9);
}

Test(settings, resellers_need_no_policy)
{
    AUTO(settings) struct settings s = must_read("resellers = { r1 = { grace = \"8d\"; }; };");
    cr_assert_eq(grace_of(&s, 0, "r1"), 8);
    cr_assert_eq(grace_of(&s, 0, "r2"), 14);
}

struct refusal {
    const char *text, *place, *says;
};

static const struct refusal refusals[] = {
    {"\ngibberish;\n", "c.conf:2", ""},
    {"store = ;\n", "c.conf:1", ""},
    {"\nstor = \"x\";", "c.conf:2", "there are: store"},
    {"store = 3;", "c.conf:1", "URL"},
    {"time_zone = \"Mars/Olympus\";", "c.conf:1", "Mars/Olympus"},
    {"time_zone = \"\";", "c.conf:1", "tz database"},
    {"\n\nlab_networks = \"203.0.113.0/24\";", "c.conf:3", "list"},
    {"lab_networks = ( \"0.0.0.0/0\" );", "c.conf:1", "/8"},
    {"merge_gap = \"3651d\";", "c.conf:1", "0s to 3650d"},
    {"retention = \"23h\";", "c.conf:1", "1d to 3650d"},
    {"license_prefixes = ( );", "c.conf:1", "prefixes"},
    {"license_prefixes = \"PL5K\";", "c.conf:1", "letters"},
    {"license_prefixes = \"P\";", "c.conf:1", "letters"},
    {"license_prefixes = \"PLSK,plsk\";", "c.conf:1", "only once"},
    {"license_prefixes = ( \"AB\", 5 );", "c.conf:1", "letters"},
    {"license_prefixes = \"AA,BB,CC,DD,EE,FF,GG,HH,II\";", "c.conf:1", "at most 8"},
    {"license_prefixes = \"A\"; license_prefixes = \"B\";", "c.conf:1", ""},
    {"license_prefixes = \"PLSK\";\npolicy = { license_prefixes = \"EXT\"; };", "c.conf:2",
     "already"},
    {"grace = \"14d\";", "c.conf:1", "no setting here"},
    {"policy = {\n grase = \"14d\"; };", "c.conf:2", "there are: count_sources"},
    {"policy = { grace = \"10y\"; };", "c.conf:1", "like \"14d\""},
    {"policy = { count_sources = \"peer, moon\"; };", "c.conf:1", "\"moon\""},
    {"policy = { charge_by = \"all\"; };", "c.conf:1", "both, addresses or servers"},
    {"policy = { mailbox_filtered_only = 1; };", "c.conf:1", "true or false"},
    {"policy = { max_places = 1; };", "c.conf:1", "2 to 1000"},
    {"policy = { max_places = 1001; };", "c.conf:1", "2 to 1000"},
    {"policy = { strikes = \"1, 3\"; };", "c.conf:1", "three rising"},
    {"policy = { strikes = [1, 3, 3]; };", "c.conf:1", "three rising"},
    {"policy = { strikes = [0, 3, 6]; };", "c.conf:1", "1 to 12"},
    {"policy = { strikes = [1, 3, 13]; };", "c.conf:1", "1 to 12"},
    {"policy = { strikes = \"1, 3, x\"; };", "c.conf:1", "three rising"},
    {"policy = { strikes = [1, 3, 6, 9]; };", "c.conf:1", "three rising"},
    {"policy = { strikes = 3; };", "c.conf:1", "three rising"},
    {"policy = { reaudit_periods = 13; };", "c.conf:1", "0 to 12"},
    {"policy = { reaudit_periods = -1; };", "c.conf:1", "0 to 12"},
    {"policy = { max_close_entries = 0; };", "c.conf:1", "1 to 1000000"},
    {"policy = { max_close_entries = 1000001; };", "c.conf:1", "1 to 1000000"},
    {"policy = { max_close_amount = 5000; };", "c.conf:1", "in quotes"},
    {"policy = { max_close_amount = \"-1\"; };", "c.conf:1", "decimal"},
    {"policy = { max_close_amount = \"1000000000.01\"; };", "c.conf:1", "at most 1000000000"},
    {"policy = { version = \"2\"; };", "c.conf:1", "no setting here"},
    {"policy = \"strict\";", "c.conf:1", "list"},
    {"policies = { grace = \"1d\"; };", "c.conf:1", "list"},
    {"policies = ( );", "c.conf:1", "1 to 64"},
    {"policies = ( 3 );", "c.conf:1", "group"},
    {"policy = { };\npolicies = ( );", "c.conf:2", "one of them"},
    {"policies = ( { from = \"2026-01-01\"; } );", "c.conf:1", "version"},
    {"policies = ( { version = \"\"; from = \"2026-01-01\"; } );", "c.conf:1", "1 to 31"},
    {"policies = ( { version = \"a\"; } );", "c.conf:1", "YYYY-MM-DD"},
    {"policies = ( { version = \"a\";\n from = \"2026-02-30\"; } );", "c.conf:2", "YYYY-MM-DD"},
    {"policies = ( { version = \"a\"; from = \"2026-01-01\"; },\n"
     "{ version = \"a\"; from = \"2026-02-01\"; } );",
     "c.conf:2", "earlier version"},
    {"policies = ( { version = \"a\"; from = \"2026-01-01\"; },\n"
     "{ version = \"b\"; from = \"2026-01-01\"; } );",
     "c.conf:2", "another version"},
    {"policies = ( { version = \"a\"; from = \"2026-01-01\"; license_prefixes = \"EXT\"; } );",
     "c.conf:1", "no setting here"},
    {"resellers = 3;", "c.conf:1", "group"},
    {"resellers = { r1 = 3; };", "c.conf:1", "group"},
    {"resellers = { r1 = { store = \"x\"; }; };", "c.conf:1", "no setting here"},
    {"resellers = { r1 = { reseller = \"x\"; }; };", "c.conf:1", "no setting here"},
    {"resellers = ( { grace = \"1d\"; } );", "c.conf:1", "name its reseller"},
    {"resellers = ( { reseller = 3; } );", "c.conf:1", "name its reseller"},
    {"resellers = ( { reseller = \" r1\"; } );", "c.conf:1", "id"},
    {"resellers = ( { reseller = \"r1\"; },\n { reseller = \"r1\"; } );", "c.conf:2",
     "already"},
    {"policy = { resellers = { r1 = {\n grace = 3; }; }; };", "c.conf:2", "in quotes"},
    {"collector = ( );", "c.conf:1", "group"},
    {"collector = {\n lissen = ( ); };", "c.conf:2", "there are: listen"},
};

Test(settings, what_is_wrong_is_refused_with_its_place)
{
    static struct settings untouched;
    memset(&untouched, 0x5a, sizeof untouched);
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        const struct refusal *row = &refusals[i];
        struct settings s;
        memset(&s, 0x5a, sizeof s);
        struct diag d = {""};
        cr_assert_eq(read_text(row->text, &s, &d), -EBADMSG, "%s", row->text);
        cr_assert(strncmp(d.text, row->place, strlen(row->place)) == 0, "%s: %s", row->text,
                  d.text);
        cr_assert(strstr(d.text, row->says), "%s: \"%s\" does not say %s", row->text, d.text,
                  row->says);
        cr_assert_eq(memcmp(&s, &untouched, sizeof s), 0, "%s changed it", row->text);
    }
}

/* A text with everything that can be said; printed, read, and printed again. */
static const char everything[] =
    "store = \"sqlite:/a \\\"b\\\" \\\\c/ü.db\"; time_zone = \"America/Sao_Paulo\";\n"
    "lab_networks = ( \"203.0.113.0/24\", \"2001:db8::/32\" ); merge_gap = \"1s\";\n"
    "license_prefixes = \"PLSK, EXT\"; retention = \"1000d\"; signing_key = \"k\";\n"
    "collector = { listen = ( \"192.0.2.1:1\", \"[2001:db8::1]:65535\" ); monitor = \"\";\n"
    "  names = ( \"a.example\", \"::1\" ); certificate = \"c \\\"d\\\"\"; key = \"k\";\n"
    "  proxies = ( \"192.0.2.0/24\" ); mx_suffixes = ( ); key_servers = \"[::1]:443\";\n"
    "  allow_tls12 = true; log_level = \"debug\"; interval = \"61s\";\n"
    "    max_in_flight = 4294967296L; };\n"
    "mail = { url = \"smtps://[2001:db8::25]:1\"; user = \"a \\\"b\\\"\"; password_file = "
    "\"/p\";\n"
    "  from = \"x@bücher.example\"; from_name = \"ü \\\\\"; alarm_to = ( \"a@b.example\" );\n"
    "  remind = \"61s\"; };\n"
    "resellers = ( { reseller = \"a \\\"quoted\\\" id\"; strikes = [1,2,3]; } );\n"
    "policies = ( { version = \"first\"; from = \"2000-01-01\"; count_sources = \"nat\"; },\n"
    "  { version = \"x \\\\ y\"; from = \"2018-11-04\"; max_close_amount = \"0.000001\";\n"
    "    resellers = { r1 = { grace = \"3601s\"; }; }; },\n"
    "  { version = \"old\"; from = \"0001-01-01\"; mailbox_filtered_only = false; } );";

Test(settings, what_is_printed_reads_back_the_same)
{
    static const char *const rows[] = {"", everything, "resellers = { r1 = { }; };"};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        AUTO(settings) struct settings s = must_read(rows[i]);
        AUTO_FREE char *printed = print(&s), *policies = policy_text(&s);
        AUTO(settings) struct settings again = must_read(printed);
        AUTO_FREE char *twice = print(&again), *policies_again = policy_text(&again);
        cr_assert_str_eq(twice, printed);
        cr_assert_str_eq(policies_again, policies);
        cr_assert_str_eq(again.store, s.store);
        cr_assert_str_eq(again.signing_key, s.signing_key);
        cr_assert_eq(again.retention.s, s.retention.s);
    }
}

/* One change each, from the defaults; whether it can change what is due. */
static const struct {
    const char *text;
    bool changes;
} changes[] = {
    {"store = \"sqlite:x\";", false},
    {"signing_key = \"x\";", false},
    {"retention = \"2d\";", false},
    {"policy = { };", false},
    {"collector = { interval = \"5m\"; names = ( \"a.example\" ); };", false},
    {"policy = { grace = \"336h\"; };", false}, /* the same 14 days */
    {"merge_gap = \"46m\";", true},
    {"time_zone = \"UTC\";", true},
    {"license_prefixes = \"EXT\";", true},
    {"lab_networks = ( \"203.0.113.0/24\" );", true},
    {"policy = { grace = \"13d\"; };", true},
    {"policy = { mailbox_split = \"sum\"; };", true},
    {"policy = { resellers = { r1 = { bridge = \"1h\"; }; }; };", true},
    {"resellers = { r1 = { }; };", true}, /* r1 no longer follows the base */
    {"policies = ( { version = \"1\"; from = \"2026-01-01\"; } );", true},
};

Test(settings, policy_text_changes_with_what_can_change_money)
{
    AUTO(settings) struct settings base = must_read("");
    AUTO_FREE char *standard = policy_text(&base);
    for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
        AUTO(settings) struct settings s = must_read(changes[i].text);
        AUTO_FREE char *text = policy_text(&s);
        cr_assert_eq(strcmp(text, standard) != 0, changes[i].changes, "%s", changes[i].text);
    }
}

Test(settings, policy_text_has_a_line_for_each_version_and_override)
{
    AUTO(settings) struct settings s = must_read(everything);
    AUTO_FREE char *text = policy_text(&s);
    size_t lines = 0;
    for (const char *p = text; *p; p++)
        lines += *p == '\n';
    /* One for all, three versions, the top's reseller in each of them, r1 in one. */
    cr_assert_eq(lines, 1 + 3 + 3 + 1);
}

static void check_standards(const struct table_key *keys, size_t n, const char *before,
                            const char *behind)
{
    AUTO(settings) struct settings base = must_read("");
    AUTO_FREE char *standard = print(&base);
    for (size_t i = 0; i < n; i++) {
        AUTO(buf) struct buf text = BUF_INIT(4096);
        buf_printf(&text, "%s%s = %s;%s", before, keys[i].name, keys[i].standard, behind);
        AUTO(settings) struct settings s = must_read(buf_str(&text));
        AUTO_FREE char *printed = print(&s);
        cr_assert_str_eq(printed, standard, "%s", keys[i].name);
    }
}

Test(settings, table_of_keys_tells_the_true_defaults)
{
    check_standards(settings_top_keys, SETTINGS_TOP_KEYS, "", "");
    check_standards(settings_policy_keys, SETTINGS_POLICY_KEYS, "policy = { ", " };");
    check_standards(settings_collector_keys, SETTINGS_COLLECTOR_KEYS, "collector = { ", " };");
    check_standards(settings_mail_keys, SETTINGS_MAIL_KEYS, "mail = { ", " };");
}

Test(settings, shipped_example_has_every_key_at_its_default)
{
    AUTO(buf) struct buf text = BUF_INIT(CAP_CONFIG_BYTES);
    struct diag d = {""};
    cr_assert_eq(file_read(SOURCE_DIR "/conf/collector.conf", &text, &d), 0, "%s", d.text);
    manual_check_example(buf_str(&text), settings_top_keys, SETTINGS_TOP_KEYS);
    manual_check_example(buf_str(&text), settings_policy_keys, SETTINGS_POLICY_KEYS);
    manual_check_example(buf_str(&text), settings_collector_keys, SETTINGS_COLLECTOR_KEYS);
    manual_check_example(buf_str(&text), settings_mail_keys, SETTINGS_MAIL_KEYS);
    AUTO(settings) struct settings example = must_read(buf_str(&text)), base = must_read("");
    AUTO_FREE char *a = print(&example), *b = print(&base);
    cr_assert_str_eq(a, b);
}

static int refuse_zone(const char *name, struct zone *ret, struct diag *d)
{
    (void)ret;
    return diag_set(d, -ENOENT, "no zone %s", name);
}

Test(settings, zone_that_is_not_there_is_told_with_its_line)
{
    struct settings s;
    struct diag d = {""};
    cr_assert_eq(
        settings_read_zoned(text_of("\ntime_zone = \"A/B\";"), "c.conf", refuse_zone, &s, &d),
        -EBADMSG);
    cr_assert(strstr(d.text, "c.conf:2") && strstr(d.text, "no zone A/B"), "%s", d.text);
    /* The default stands in no line. */
    cr_assert_eq(settings_read_zoned(text_of(""), "c.conf", refuse_zone, &s, &d), -ENOENT);
    cr_assert(strstr(d.text, "no zone Europe/Amsterdam"), "%s", d.text);
}
