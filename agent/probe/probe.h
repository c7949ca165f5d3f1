/*
 * The probe: opens what needs rights, gives them up, and tells the keeper which of the server's
 * own addresses are there and in use. It never has an Internet socket.
 *
 * fairuse-probe run -c FILE (--listen PATH | --descriptor N)
 * fairuse-probe replay FILE [--local NETWORK]… [--key-server ADDRESS[:PORT]]… [--panel-port
 * PORT]…
 */
#ifndef PROBE_PROBE_H
#define PROBE_PROBE_H

int probe_main(int argc, char **argv); /* sysexits.h */

#endif
