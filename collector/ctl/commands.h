/* The commands, for the table in ctl.c. */
#ifndef CTL_COMMANDS_H
#define CTL_COMMANDS_H

#include "ctl/ctl.h"

extern const struct ctl_command command_import_estate, command_import_reports;
extern const struct ctl_command command_audit, command_explain;
extern const struct ctl_command command_ledger_list, command_ledger_export,
    command_ledger_close, command_ledger_verify, command_ledger_proof, command_ledger_waive,
    command_ledger_reinstate, command_ledger_dispute, command_ledger_uphold;
extern const struct ctl_command command_verify;
extern const struct ctl_command command_store_init, command_store_check, command_store_prune;
extern const struct ctl_command command_server_list, command_server_revoke,
    command_server_retire, command_server_trail;
extern const struct ctl_command command_token_create, command_token_list, command_token_revoke;
extern const struct ctl_command command_report, command_report_status, command_report_show;

#endif
