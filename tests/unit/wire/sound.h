/* A report with every member that there is, all of them sound. */
#ifndef UNIT_WIRE_SOUND_H
#define UNIT_WIRE_SOUND_H

#define HEX64 "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"

#define REPORT_SOUND                                                                           \
    "{\"format\":1,\"agent_version\":\"1.0.0\","                                               \
    "\"boot_id\":\"0d9c6f0e-7c1c-4f7e-9d0f-2b1f6f0c9a11\",\"counter\":42,\"live\":true,"       \
    "\"licenses\":[{\"license\":\"PLSK.01234567\",\"version\":\"0003\","                       \
    "\"product\":\"plesk-unified\",\"edition\":\"web-pro\",\"expires\":\"2026-12-04\","        \
    "\"machine_id\":\"" HEX64 "\"}],"                                                          \
    "\"sightings\":[{\"license\":\"PLSK.01234567\",\"address\":\"203.0.113.9\","               \
    "\"source\":\"keyserver\",\"first\":1795296400,\"last\":1795299700}],"                     \
    "\"mailboxes\":[{\"domain\":\"example.nl\",\"mailboxes\":1042,\"aliases\":12,"             \
    "\"forwards\":3,\"lists\":0,\"catch_all\":false,\"alias_domains\":1,\"filtered\":true,"    \
    "\"first\":1795296400,\"last\":1795299700}],"                                              \
    "\"gaps\":[{\"what\":\"capture\",\"first\":1795296400,\"last\":1795296460,\"lost\":120}]}"

#endif
