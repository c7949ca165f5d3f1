/*
 * fairuse-collector: the daemon. Puts the parts together: settings, authority, writer, door,
 * signals, what systemd is told. Commands: `serve`, `check-config`.
 */
#ifndef SERVE_SERVE_H
#define SERVE_SERVE_H

/* The whole program, but for main() itself. An exit code of <sysexits.h>. */
int collector_main(int argc, char **argv);

#endif
