/*
 * The look: which licences the panel uses, how many mailboxes each filtered domain has, where
 * the key servers are. One process that looks once and ends, so that keys' secrets, a database
 * library and a resolver are in no memory in between.
 *
 * fairuse-look -c FILE [--no-mailboxes]  standard input: SETTING messages (what the collector
 * wants) fairuse-look setup -c FILE [--dry-run] makes the database's user (as root) Standard
 * output: LICENSE, DOMAIN, TARGET, GAP messages, at last one END (message.h).
 */
#ifndef PLESK_PLESK_H
#define PLESK_PLESK_H

int plesk_main(int argc, char **argv); /* sysexits.h */

#endif
