/* fairuse-agent: a table of commands, one file each. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

int agent_main(int argc, char **argv); /* sysexits.h */

#endif
