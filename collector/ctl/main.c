/* fairusectl: the distributor's hand on estate, audit and ledger. */
#include "ctl/ctl.h"

int main(int argc, char **argv)
{
    return ctl_main(argc, argv);
}
