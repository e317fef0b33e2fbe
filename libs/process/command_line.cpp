#include "process/command_line.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iterator>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "core/nearest.hpp"
#include "process/version.hpp"
#include "telemetry/redaction.hpp"
#include "telemetry/text.hpp"

namespace tollgate::process {

namespace {

void print(std::FILE* stream, const std::string& text) {
    fmt::print(stream, "{}", text);
}

std::vector<std::string_view> split_words(std::string_view text) {
    std::vector<std::string_view> words;
    while (!text.empty()) {
        const std::size_t space = std::min(text.find(' '), text.size());
        words.push_back(text.substr(0, space));
        text.remove_prefix(std::min(space + 1, text.size()));
    }
    return words;
}

bool asks_for_help(const std::string& argument) {
    return argument == "--help" || argument == "-h";
}

std::string list_of(std::string_view program, std::span<const Command> commands) {
    std::string text = fmt::format("Usage: {} COMMAND [FLAG]...\n\n", program);
    for (const Command& command : commands)
        text += fmt::format("  {:<24}  {}\n", command.words, command.summary);
    text += fmt::format("\n{} COMMAND --help tells more of one.\n", program);
    return text;
}

std::string help_of(std::string_view program, const Command& command, const Settings& settings) {
    std::string text = fmt::format("Usage: {}{}{} [FLAG]...\n\n{}\n", program,
                                   command.words.empty() ? "" : " ", command.words, command.summary);
    if (!command.details.empty()) text += fmt::format("\n{}\n", command.details);
    return text + settings.help_text();
}

// The command whose words the arguments begin with, the longest if several do.
const Command* find_command(std::span<const Command> commands, std::span<const std::string> arguments) {
    const Command* best = nullptr;
    std::size_t most = 0;
    for (const Command& command : commands) {
        const auto words = split_words(command.words);
        if (words.size() > arguments.size() || (best != nullptr && words.size() <= most)) continue;
        if (!std::equal(words.begin(), words.end(), arguments.begin())) continue;
        best = &command;
        most = words.size();
    }
    return best;
}

// A closed one would be given to the next file or connection that is opened, and our words with it.
void open_standard_streams() {
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd) std::abort();
    }
}

Error unknown_command(std::span<const Command> commands, std::span<const std::string> arguments) {
    std::string given;
    for (const std::string& argument : arguments.first(std::min<std::size_t>(2, arguments.size()))) {
        if (argument.starts_with('-')) break;
        given += (given.empty() ? "" : " ") + argument;
    }
    if (given.empty())
        return {ErrorCode::invalid,
                fmt::format("unknown flag {}; --help lists the commands", arguments.front())};
    std::vector<std::string_view> known;
    for (const Command& command : commands) known.push_back(command.words);
    return {ErrorCode::invalid,
            fmt::format("unknown command \"{}\"{}; --help lists them", given, did_you_mean(given, known))};
}

Exit run(std::string_view program, const Command& command, std::span<const std::string> arguments) {
    Settings settings;
    const auto action = command.prepare(settings);
    if (std::ranges::any_of(arguments, asks_for_help)) {
        print(stdout, help_of(program, command, settings));
        return Exit::done;
    }
    if (const auto parsed = settings.parse(arguments); !parsed) {
        report(program, parsed.error());
        return Exit::usage;
    }
    return action();
}

Exit dispatch(std::string_view program, std::span<const Command> commands,
              std::span<const std::string> arguments) {
    const bool single = commands.size() == 1 && commands.front().words.empty();
    if (!single && (arguments.empty() || asks_for_help(arguments.front()) || arguments.front() == "help")) {
        print(arguments.empty() ? stderr : stdout, list_of(program, commands));
        return arguments.empty() ? Exit::usage : Exit::done;
    }
    if (!arguments.empty() && arguments.front() == "--version") {
        print(stdout, fmt::format("{} {}\n", program, version()));
        return Exit::done;
    }
    const Command* command = find_command(commands, arguments);
    if (command == nullptr) {
        report(program, unknown_command(commands, arguments));
        return Exit::usage;
    }
    return run(program, *command, arguments.subspan(split_words(command->words).size()));
}

}  // namespace

Exit exit_of(ErrorCode code) {
    switch (code) {
        case ErrorCode::invalid:
            return Exit::usage;
        case ErrorCode::not_found:
            return Exit::nothing_matched;
        case ErrorCode::unauthenticated:
        case ErrorCode::forbidden:
            return Exit::not_allowed;
        case ErrorCode::overloaded:
        case ErrorCode::rate_limited:
        case ErrorCode::unavailable:
        case ErrorCode::timed_out:
        case ErrorCode::contended:
        case ErrorCode::in_doubt:
            return Exit::unavailable;
        case ErrorCode::conflict:
        case ErrorCode::too_large:
        case ErrorCode::bad_data:
        case ErrorCode::refused:
        case ErrorCode::duplicate:
        case ErrorCode::fenced:
        case ErrorCode::misconfigured:
        case ErrorCode::internal:
            return Exit::failed;
    }
    std::unreachable();
}

Exit report(std::string_view program, const Error& error) {
    print(stderr, fmt::format("{}: {}\n", program, telemetry::printable(telemetry::redact(error.detail))));
    return exit_of(error.code);
}

int run_command_line(std::string_view program, std::span<const Command> commands, int argc, char** argv) {
    const Error unwritten{ErrorCode::internal, "the output could not be written"};
    try {
        open_standard_streams();
        const std::vector<std::string> arguments{argv + std::min(argc, 1), argv + argc};
        const Exit outcome = dispatch(program, commands, arguments);
        if (std::fflush(stdout) == 0) return static_cast<int>(outcome);
        return static_cast<int>(report(program, unwritten));
    } catch (const std::exception& error) {
        // fmt throws what the stream says, in words of its own.
        const bool is_unwritten = std::ferror(stdout) != 0;
        report(program, is_unwritten ? unwritten : Error{ErrorCode::internal, error.what()});
        return static_cast<int>(Exit::failed);
    }
}

}  // namespace tollgate::process
