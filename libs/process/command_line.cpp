#include "process/command_line.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iterator>
#include <optional>
#include <set>
#include <vector>

#include <fcntl.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include "core/nearest.hpp"
#include "process/command_help.hpp"
#include "process/completion.hpp"
#include "process/version.hpp"
#include "telemetry/redaction.hpp"
#include "telemetry/text.hpp"

namespace tollgate::process {

namespace {

void print(std::FILE* stream, const std::string& text) {
    fmt::print(stream, "{}", text);
}

bool asks_for_help(const std::string& argument) {
    return argument == "--help" || argument == "-h";
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

// A closed one would be given to the next file or connection that is opened, and our words with it. What is
// asked for and nobody can read is a failure, so that no export into nothing succeeds; what is said besides
// is not.
void open_standard_streams() {
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        const int mode = fd == STDOUT_FILENO ? O_RDONLY : O_RDWR;
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", mode) != fd) std::abort();
    }
}

// As many of the arguments as are the beginning of a command, which another word should have followed.
std::size_t understood(std::span<const Command> commands, std::span<const std::string> arguments) {
    std::size_t count = 0;
    while (count + 1 < arguments.size() && !arguments[count + 1].starts_with('-')) {
        const std::string words = fmt::format("{}", fmt::join(arguments.first(count + 1), " "));
        if (commands_below(commands, words).empty()) break;
        ++count;
    }
    return count;
}

// A noun has few verbs: all of them are said.
Error unknown_verb(std::span<const Command> commands, std::span<const std::string> noun,
                   const std::string& verb) {
    const std::string words = fmt::format("{}", fmt::join(noun, " "));
    std::set<std::string_view> verbs;
    for (const Command* command : commands_below(commands, words)) {
        const auto of_command = split_words(command->words);
        if (of_command.size() > noun.size()) verbs.insert(of_command[noun.size()]);
    }
    return {ErrorCode::invalid, fmt::format("unknown command \"{} {}\"{}; {} takes {}", words, verb,
                                            did_you_mean(verb, verbs), words, fmt::join(verbs, ", "))};
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
    if (const std::size_t count = understood(commands, arguments); count > 0)
        return unknown_verb(commands, arguments.first(count), arguments[count]);
    std::vector<std::string_view> known;
    for (const Command& command : commands) {
        known.push_back(command.words);
        known.push_back(command.words.substr(0, command.words.find(' ')));
    }
    return {ErrorCode::invalid,
            fmt::format("unknown command \"{}\"{}; --help lists them", given, did_you_mean(given, known))};
}

// A variable that nothing reads changes nothing, and nobody would hear of it. What another command reads is
// set for that one.
void tell_of_misspelt_variables(std::string_view program, std::span<const Command> commands,
                                const Settings& settings) {
    for (const auto& [variable, meant] : settings.misspelt(Settings::variables_of_process())) {
        const bool is_of_another = std::ranges::any_of(commands, [&](const Command& command) {
            Settings others;
            const auto action = command.prepare(others);
            return others.reads(variable);
        });
        if (is_of_another) continue;
        print(stderr, fmt::format("{}: {} is no setting, and changes nothing: did you mean {}?\n", program,
                                  telemetry::printable(variable), meant));
    }
}

Exit run(std::string_view program, const Command& command, std::span<const Command> commands,
         std::span<const std::string> all_arguments) {
    const auto words = all_arguments.first(split_words(command.words).size());
    const auto arguments = all_arguments.subspan(words.size());
    Settings settings;
    const auto action = command.prepare(settings);
    if (std::ranges::any_of(arguments, asks_for_help)) {
        print(stdout, help_of(program, command, commands, settings));
        return Exit::done;
    }
    tell_of_misspelt_variables(program, commands, settings);
    if (const auto parsed = settings.parse(arguments); !parsed) {
        const bool has_verbs = commands_below(commands, command.words).size() > 1;
        const bool has_word = !arguments.empty() && !arguments.front().starts_with('-');
        report(program,
               has_verbs && has_word ? unknown_verb(commands, words, arguments.front()) : parsed.error());
        return Exit::usage;
    }
    return action();
}

// What was typed is the beginning of commands: `tollgate source`, or `tollgate source --help`.
std::optional<Exit> list_what_begins_so(std::string_view program, std::span<const Command> commands,
                                        std::span<const std::string> arguments) {
    const bool asked = asks_for_help(arguments.back());
    const auto words = arguments.first(arguments.size() - (asked ? 1 : 0));
    const std::string begin = fmt::format("{}", fmt::join(words, " "));
    if (commands_below(commands, begin).empty()) return std::nullopt;
    print(asked ? stdout : stderr, list_below(program, commands, begin));
    return asked ? Exit::done : Exit::usage;
}

Exit dispatch(std::string_view program, std::span<const Command> commands, std::span<const Topic> topics,
              std::span<const std::string> arguments) {
    const bool single = commands.size() == 1 && commands.front().words.empty();
    if (!single && arguments.size() > 1 && arguments.front() == "help") {
        std::vector<std::string> asked{arguments.begin() + 1, arguments.end()};
        asked.emplace_back("--help");
        return dispatch(program, commands, topics, asked);
    }
    if (!single && (arguments.empty() || asks_for_help(arguments.front()) || arguments.front() == "help")) {
        print(arguments.empty() ? stderr : stdout, list_of(program, commands, topics));
        return arguments.empty() ? Exit::usage : Exit::done;
    }
    if (!arguments.empty() && arguments.front() == "--version") {
        print(stdout, fmt::format("{} {}\n", program, version()));
        return Exit::done;
    }
    if (!arguments.empty() && arguments.front() == completion_word) {
        for (const std::string& candidate : complete(commands, arguments.subspan(1)))
            print(stdout, candidate + "\n");
        return Exit::done;
    }
    if (const Command* command = find_command(commands, arguments); command != nullptr)
        return run(program, *command, commands, arguments);
    if (const auto listed = list_what_begins_so(program, commands, arguments)) return *listed;
    report(program, unknown_command(commands, arguments));
    return Exit::usage;
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

int run_command_line(std::string_view program, std::span<const Command> commands, int argc, char** argv,
                     std::span<const Topic> topics) {
    const Error unwritten{ErrorCode::internal, "the output could not be written"};
    try {
        open_standard_streams();
        const std::vector<std::string> arguments{argv + std::min(argc, 1), argv + argc};
        const Exit outcome = dispatch(program, commands, topics, arguments);
        // What went wrong before says more.
        const bool is_written = std::fflush(stdout) == 0;
        return static_cast<int>(is_written || outcome != Exit::done ? outcome : report(program, unwritten));
    } catch (const std::exception& error) {
        // fmt throws what the stream says, in words of its own.
        const bool is_unwritten = std::ferror(stdout) != 0;
        report(program, is_unwritten ? unwritten : Error{ErrorCode::internal, error.what()});
        return static_cast<int>(Exit::failed);
    }
}

}  // namespace tollgate::process
