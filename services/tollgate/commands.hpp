// The commands of `tollgate`.
#pragma once

#include <vector>

#include "process/command_line.hpp"

namespace tollgate {

process::Command doctor_command();
process::Command migrate_command();
process::Command send_command();
process::Command up_command();

// Of each noun all verbs.
std::vector<process::Command> audit_books_commands();
std::vector<process::Command> audit_commands();
std::vector<process::Command> bus_commands();
std::vector<process::Command> customer_commands();
std::vector<process::Command> customer_erase_commands();
std::vector<process::Command> dead_letter_commands();
std::vector<process::Command> dead_letter_discard_commands();
std::vector<process::Command> dead_letter_replay_commands();
std::vector<process::Command> delivery_commands();
std::vector<process::Command> delivery_settle_commands();
std::vector<process::Command> destination_commands();
std::vector<process::Command> destination_call_commands();
std::vector<process::Command> directory_commands();  // and reference
std::vector<process::Command> event_commands();
std::vector<process::Command> held_commands();
std::vector<process::Command> ledger_commands();
std::vector<process::Command> operator_commands();
std::vector<process::Command> consumer_commands();
std::vector<process::Command> payment_commands();
std::vector<process::Command> plan_commands();
std::vector<process::Command> provider_commands();
std::vector<process::Command> reader_commands();
std::vector<process::Command> redo_commands();
std::vector<process::Command> replay_commands();
std::vector<process::Command> rule_commands();
std::vector<process::Command> smoke_commands();
std::vector<process::Command> source_commands();
std::vector<process::Command> source_heard_commands();
std::vector<process::Command> source_secret_commands();
std::vector<process::Command> subscription_commands();  // and mrr
std::vector<process::Command> tenant_commands();

}  // namespace tollgate
