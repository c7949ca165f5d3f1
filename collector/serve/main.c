/* fairuse-collector: takes the agents' reports. */
#include "serve/serve.h"

int main(int argc, char **argv)
{
    return collector_main(argc, argv);
}
