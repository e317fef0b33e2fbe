// The command line of Tollgate, and all of it in one process.
#include <utility>
#include <vector>

#include "process/completion.hpp"
#include "tollgate/commands.hpp"

namespace {

// In the order in which a newcomer meets them.
std::vector<tollgate::process::Topic> topics() {
    return {
        {.heading = "Run it", .nouns = {"migrate", "up", "doctor", "smoke", "bus", "reader", "consumer"}},
        {.heading = "Whose events come from where",
         .nouns = {"tenant", "provider", "source", "secret", "plan", "directory", "reference", "send"}},
        {.heading = "Who is told", .nouns = {"destination", "rule", "delivery"}},
        {.heading = "What came of it",
         .nouns = {"event", "payment", "subscription", "customer", "ledger", "mrr"}},
        {.heading = "Is it all there, and what to do about the rest",
         .nouns = {"audit", "held", "dead-letter", "replay", "redo"}},
        {.heading = "Who gives orders", .nouns = {"operator", "completion"}},
    };
}

}  // namespace

int main(int argc, char** argv) {
    std::vector<tollgate::process::Command> commands{
        tollgate::process::completion_command("tollgate"),
        tollgate::doctor_command(),
        tollgate::migrate_command(),
        tollgate::send_command(),
        tollgate::up_command(),
    };
    for (auto* of_noun : {tollgate::tenant_commands,
                          tollgate::rule_commands,
                          tollgate::source_commands,
                          tollgate::source_heard_commands,
                          tollgate::source_secret_commands,
                          tollgate::destination_commands,
                          tollgate::destination_call_commands,
                          tollgate::operator_commands,
                          tollgate::audit_books_commands,
                          tollgate::audit_commands,
                          tollgate::held_commands,
                          tollgate::provider_commands,
                          tollgate::reader_commands,
                          tollgate::bus_commands,
                          tollgate::consumer_commands,
                          tollgate::dead_letter_commands,
                          tollgate::dead_letter_discard_commands,
                          tollgate::dead_letter_replay_commands,
                          tollgate::replay_commands,
                          tollgate::redo_commands,
                          tollgate::delivery_commands,
                          tollgate::delivery_settle_commands,
                          tollgate::event_commands,
                          tollgate::payment_commands,
                          tollgate::plan_commands,
                          tollgate::directory_commands,
                          tollgate::customer_commands,
                          tollgate::customer_erase_commands,
                          tollgate::ledger_commands,
                          tollgate::smoke_commands,
                          tollgate::subscription_commands}) {
        for (tollgate::process::Command& command : of_noun()) commands.push_back(std::move(command));
    }
    return tollgate::process::run_command_line("tollgate", commands, argc, argv, topics());
}
