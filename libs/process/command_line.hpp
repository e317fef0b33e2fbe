// A program is a table of commands: `tollgate source create` is a row, and so is a service's only one.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "process/settings.hpp"

namespace tollgate::process {

// What a shell is told. Documented in the README of services/tollgate; scripts depend on it.
enum class Exit { done = 0, failed = 1, usage = 2, nothing_matched = 3, not_allowed = 4, unavailable = 5 };

Exit exit_of(ErrorCode code);

struct Command {
    std::string_view words;    // "source create"; empty for a program with one command
    std::string_view summary;  // one line, in the list of commands
    std::string_view details;  // below the summary in the command's own help: what it does, examples
    // Declares the command's settings and gives what runs once they are read.
    std::function<std::function<Exit()>(Settings&)> prepare;
};

// Of a program with many commands: what belongs together in the list of them.
struct Topic {
    std::string_view heading;
    std::vector<std::string_view> nouns;
};

// Finds the command, reads its settings, runs it. Every error is one line on stderr: what is wrong, and
// what to do. Never throws.
int run_command_line(std::string_view program, std::span<const Command> commands, int argc, char** argv,
                     std::span<const Topic> topics = {});

// "tollgate: ..." on stderr.
Exit report(std::string_view program, const Error& error);

}  // namespace tollgate::process
