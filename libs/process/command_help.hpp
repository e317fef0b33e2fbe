// What a program says of its commands: the list of them, those of one noun, one in full.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "process/command_line.hpp"

namespace tollgate::process {

// "source", "secret", "add".
std::vector<std::string_view> split_words(std::string_view text);

// Those that begin with these words, the command of just these words with them.
std::vector<const Command*> commands_below(std::span<const Command> commands, std::string_view words);

// Every noun with its verbs, by topic; without topics every command.
std::string list_of(std::string_view program, std::span<const Command> commands,
                    std::span<const Topic> topics);

// `tollgate source`: its commands.
std::string list_below(std::string_view program, std::span<const Command> commands, std::string_view words);

std::string help_of(std::string_view program, const Command& command, std::span<const Command> commands,
                    const Settings& settings);

}  // namespace tollgate::process
