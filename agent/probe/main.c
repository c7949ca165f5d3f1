/* fairuse-probe: sees which addresses the server has and uses. */
#include "probe/probe.h"

int main(int argc, char **argv)
{
    return probe_main(argc, argv);
}
