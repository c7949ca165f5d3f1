/* fairuse-uplink: one exchange with the collector. */
#include "uplink/uplink.h"

int main(int argc, char **argv)
{
    return uplink_main(argc, argv);
}
