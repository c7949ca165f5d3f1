/* fairuse-agent: observes a licensed server and tells the collector. */
#include "cli/cli.h"

int main(int argc, char **argv)
{
    return agent_main(argc, argv);
}
