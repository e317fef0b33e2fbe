// What a shell may offer for the word that is being typed.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "process/command_line.hpp"

namespace tollgate::process {

// A shell asks by this: `tollgate __complete source se`, one candidate a line. The last word is being typed.
inline constexpr std::string_view completion_word = "__complete";

// The next words of commands, then a command's flags and what they may be given, then its positionals.
std::vector<std::string> complete(std::span<const Command> commands, std::span<const std::string> words);

// For the shell's start-up file; `misconfigured` names the shells that there are.
Result<std::string> completion_script(std::string_view program, std::string_view shell);

// `tollgate completion bash`.
Command completion_command(std::string_view program);

}  // namespace tollgate::process
