/* The sentences of status. */
#include "cli/words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *const sentences[WORD_COUNT][2] = {
    [WORD_RUNNING] = {"The agent has been running since {a} (version {b}).",
                      "De agent draait sinds {a} (versie {b})."},
    [WORD_NOT_RUNNING] = {"The agent is not running; it was seen last on {a}. "
                          "Start it: systemctl start fairuse-agent",
                          "De agent draait niet; hij is het laatst gezien op {a}. "
                          "Start hem: systemctl start fairuse-agent"},
    [WORD_NEVER_RAN] = {"The agent has not run on this server yet. "
                        "Start it: systemctl start fairuse-agent",
                        "De agent heeft op deze server nog niet gedraaid. "
                        "Start hem: systemctl start fairuse-agent"},
    [WORD_AS_OF] = {"As of {a}.", "Stand van {a}."},
    [WORD_COLLECTOR] = {"Collector", "Collector"},
    [WORD_NOT_ENROLLED] = {"not enrolled: ask your distributor for a token, then run "
                           "`fairuse-agent enroll URL`",
                           "niet aangemeld: vraag uw distributeur om een token en voer dan "
                           "`fairuse-agent enroll URL` uit"},
    [WORD_IDENTITY_UNTIL] = {"identity good until {a}", "identiteit geldig tot {a}"},
    [WORD_LAST_SENT] = {"Last report taken on {a}", "Laatste rapport aangenomen op {a}"},
    [WORD_NEVER_SENT] = {"No report was taken yet", "Er is nog geen rapport aangenomen"},
    [WORD_NOT_SENT] = {"last attempt on {a} failed: {b}", "laatste poging op {a} mislukt: {b}"},
    [WORD_NEXT] = {"next one about {a}", "volgende omstreeks {a}"},
    [WORD_SEES] = {"Sees", "Ziet"},
    [WORD_SEES_NOTHING] = {"nothing: the probe is not running", "niets: de sonde draait niet"},
    [WORD_SEES_NOT] = {"not everything: {a}", "niet alles: {a}"},
    [WORD_TRACKING_UNKNOWN] = {"whether this host tracks connections is not known yet",
                               "of deze machine verbindingen bijhoudt is nog niet bekend"},
    [WORD_TRACKING_NONE] = {"no connection tracking on this host: its own translation of "
                            "addresses cannot be seen",
                            "geen connection tracking op deze machine: eigen vertaling van "
                            "adressen is niet te zien"},
    [WORD_TRACKING_WORKS] = {"connection tracking works", "connection tracking werkt"},
    [WORD_LOST] = {"{a} packets and {b} times events were lost since the probe's start",
                   "{a} pakketten en {b} maal meldingen gemist sinds de start van de sonde"},
    [WORD_LICENSES] = {"Licences", "Licenties"},
    [WORD_NO_LICENSES] = {"none is known here", "geen bekend op deze server"},
    [WORD_EXPIRES] = {"expires {a}", "verloopt {a}"},
    [WORD_ADDRESSES] = {"Addresses, last 24 hours", "Adressen, laatste 24 uur"},
    [WORD_NO_ADDRESSES] = {"no public address was seen", "geen publiek adres gezien"},
    [WORD_SEEN_LAST] = {"last {a}", "laatst {a}"},
    [WORD_MAILBOXES] = {"Domains whose mailboxes were counted on {b}: {a}",
                        "Domeinen waarvan de mailboxen zijn geteld op {b}: {a}"},
    [WORD_NOT_COUNTED] = {"Mailboxes have not been counted yet",
                          "Mailboxen zijn nog niet geteld"},
    [WORD_TROUBLE] = {"Trouble at the last look: {a}", "Probleem bij de laatste blik: {a}"},
    [WORD_WAITING] = {"Observations that wait to be sent: {a}",
                      "Waarnemingen die op verzending wachten: {a}"},
    [WORD_WAITING_SINCE] = {"the oldest since {a}", "de oudste sinds {a}"},
    [WORD_ASIDE] = {"{a} were refused by the collector and are set aside: {b}",
                    "{a} zijn door de collector geweigerd en apart gezet: {b}"},
    [WORD_HISTORY] = {"Stretches kept as your own evidence (fairuse-agent history): {a}",
                      "Perioden bewaard als uw eigen bewijs (fairuse-agent history): {a}"},
    [WORD_ALL_WELL] = {"The collector has no remark about this server's licences.",
                       "De collector heeft geen opmerking over de licenties van deze server."},
    [WORD_NOTHING_SAID] =
        {"The collector has not said yet how these licences stand.",
         "De collector heeft nog niet gezegd hoe deze licenties ervoor staan."},
    [WORD_WARNINGS] = {"Warnings", "Waarschuwingen"},
    [WORD_EXTRA_IP] = {"{a} is also in use elsewhere since {b}",
                       "{a} is sinds {b} ook elders in gebruik"},
    [WORD_OUTSIDE] = {"{a} is in use outside your own networks since {b}",
                      "{a} is sinds {b} in gebruik buiten uw eigen netwerken"},
    [WORD_OTHER_KIND] = {"{a}: the collector found \"{c}\", since {b}",
                         "{a}: de collector vond \"{c}\", sinds {b}"},
    [WORD_WILL_CHARGE_EXTRA_IP] =
        {"; will be charged from {b} unless it is used on one server only before then, or its "
         "move is announced to your account manager",
         "; wordt vanaf {b} in rekening gebracht, tenzij de licentie voor die tijd op nog maar "
         "een server in gebruik is of de verhuizing bij uw accountmanager is gemeld"},
    [WORD_WILL_CHARGE_OUTSIDE] =
        {"; will be confirmed on {b} unless the address is left before then, or its network is "
         "declared to your account manager",
         "; wordt op {b} bevestigd, tenzij het adres voor die tijd niet meer in gebruik is of "
         "het netwerk bij uw accountmanager is opgegeven"},
    [WORD_CHARGED_EXTRA_IP] = {"; this is confirmed, and charged for each extra address",
                               "; dit is bevestigd en wordt per extra adres in rekening "
                               "gebracht"},
    [WORD_CHARGED_OUTSIDE] = {"; this is confirmed: please speak to your account manager",
                              "; dit is bevestigd: neem contact op met uw accountmanager"},
    [WORD_OPEN_END] = {"; it is not charged as long as it does not go on",
                       "; zolang het niet doorgaat wordt er niets in rekening gebracht"},
};

void words_put(struct buf *out, enum language l, enum word w, const struct filling *f)
{
    const char *const fillings[] = {f ? f->a : NULL, f ? f->b : NULL, f ? f->c : NULL};
    const char *rest = sentences[w][l], *place;
    while ((place = strchr(rest, '{')) != NULL) { /* all places are {a}, {b} or {c} */
        buf_add(out, rest, (size_t)(place - rest));
        const char *filling = fillings[place[1] - 'a'];
        buf_add_str(out, filling ? filling : "");
        rest = place + 3;
    }
    buf_add_str(out, rest);
}

static const char *const months[12][2] = {
    {"January", "januari"}, {"February", "februari"}, {"March", "maart"},
    {"April", "april"},     {"May", "mei"},           {"June", "juni"},
    {"July", "juli"},       {"August", "augustus"},   {"September", "september"},
    {"October", "oktober"}, {"November", "november"}, {"December", "december"}};

enum { DAY = 86400 };

static int64_t day_of(wall_t t)
{
    return t.s / DAY - (t.s % DAY < 0 ? 1 : 0);
}

void words_date(struct buf *out, enum language l, wall_t t)
{
    int64_t year;
    int month, day;
    civil_from_days(day_of(t), &year, &month, &day);
    buf_printf(out, "%d %s %" PRId64, day, months[month - 1][l], year);
}

void words_time(struct buf *out, enum language l, wall_t t)
{
    int64_t second = t.s - day_of(t) * DAY;
    words_date(out, l, t);
    buf_printf(out, ", %02" PRId64 ":%02" PRId64 " UTC", second / 3600, second / 60 % 60);
}

enum language words_language(const char *lc_all, const char *lc_messages, const char *lang)
{
    const char *said = lc_all && lc_all[0]             ? lc_all
                       : lc_messages && lc_messages[0] ? lc_messages
                       : lang                          ? lang
                                                       : "";
    return strncmp(said, "nl", 2) == 0 ? LANGUAGE_NL : LANGUAGE_EN;
}
