#include "process/command_help.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace tollgate::process {

namespace {

std::string line_of(std::string_view left, std::string_view right) {
    return fmt::format("  {:<24}  {}\n", left, right);
}

bool begins_with(std::span<const std::string_view> words, std::span<const std::string_view> first) {
    return words.size() >= first.size() && std::ranges::equal(words.first(first.size()), first);
}

// A noun with verbs is one line of them; what has none says what it does.
std::string noun_line(std::span<const Command> commands, std::string_view noun) {
    const auto of_noun = commands_below(commands, noun);
    if (of_noun.size() == 1) return line_of(of_noun.front()->words, of_noun.front()->summary);
    std::vector<std::string_view> verbs;
    for (const Command* command : of_noun) {
        const std::string_view verb = command->words.substr(noun.size());
        verbs.push_back(verb.empty() ? "(alone)" : verb.substr(1));
    }
    return line_of(noun, fmt::format("{}", fmt::join(verbs, ", ")));
}

}  // namespace

std::vector<std::string_view> split_words(std::string_view text) {
    std::vector<std::string_view> words;
    while (!text.empty()) {
        const std::size_t space = std::min(text.find(' '), text.size());
        words.push_back(text.substr(0, space));
        text.remove_prefix(std::min(space + 1, text.size()));
    }
    return words;
}

std::vector<const Command*> commands_below(std::span<const Command> commands, std::string_view words) {
    const auto first = split_words(words);
    std::vector<const Command*> below;
    for (const Command& command : commands) {
        if (begins_with(split_words(command.words), first)) below.push_back(&command);
    }
    return below;
}

std::string list_of(std::string_view program, std::span<const Command> commands,
                    std::span<const Topic> topics) {
    std::string text = fmt::format("Usage: {} COMMAND [FLAG]...\n", program);
    if (topics.empty()) {
        text += '\n';
        for (const Command& command : commands) text += line_of(command.words, command.summary);
    }
    for (const Topic& topic : topics) {
        text += fmt::format("\n{}\n", topic.heading);
        for (const std::string_view noun : topic.nouns) text += noun_line(commands, noun);
    }
    text += fmt::format("\n{0} COMMAND --help, or {0} help COMMAND, tells more of one.\n", program);
    text +=
        "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 nothing matched, 4 not allowed, 5 unavailable (try "
        "again).\n";
    return text;
}

std::string list_below(std::string_view program, std::span<const Command> commands, std::string_view words) {
    std::string text = fmt::format("Usage: {} {} VERB [FLAG]...\n\n", program, words);
    for (const Command* command : commands_below(commands, words))
        text += line_of(command->words, command->summary);
    return text + fmt::format("\n{} {} VERB --help tells more of one.\n", program, words);
}

std::string help_of(std::string_view program, const Command& command, std::span<const Command> commands,
                    const Settings& settings) {
    std::string text = fmt::format("Usage: {}{}{} [FLAG]...\n\n{}\n", program,
                                   command.words.empty() ? "" : " ", command.words, command.summary);
    if (!command.details.empty()) text += fmt::format("\n{}\n", command.details);
    text += settings.help_text();
    std::string further;
    for (const Command* each : commands_below(commands, command.words)) {
        if (each != &command && !command.words.empty()) further += line_of(each->words, each->summary);
    }
    return further.empty() ? text : text + "\nSee also:\n" + further;
}

}  // namespace tollgate::process
