/* fairuse-look: looks once at licences, mailboxes and names. */
#include "plesk/plesk.h"

int main(int argc, char **argv)
{
    return plesk_main(argc, argv);
}
