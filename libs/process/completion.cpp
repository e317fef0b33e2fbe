#include "process/completion.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <set>

#include <fmt/format.h>

#include "process/command_help.hpp"

namespace tollgate::process {

namespace {

const Command* command_of(std::span<const Command> commands, std::span<const std::string> words) {
    const Command* best = nullptr;
    for (const Command& command : commands) {
        const auto of_command = split_words(command.words);
        const bool fits =
            of_command.size() <= words.size() &&
            std::equal(of_command.begin(), of_command.end(), words.begin(),
                       [](std::string_view left, const std::string& right) { return left == right; });
        if (fits && (best == nullptr || of_command.size() > split_words(best->words).size())) best = &command;
    }
    return best;
}

// The words that may follow where these have been said.
std::set<std::string> next_words(std::span<const Command> commands, std::span<const std::string> said) {
    std::set<std::string> next;
    const std::string before = fmt::format("{}", fmt::join(said, " "));
    for (const Command* command : commands_below(commands, before)) {
        const auto words = split_words(command->words);
        if (words.size() > said.size()) next.emplace(words[said.size()]);
    }
    return next;
}

struct Script {
    std::string_view shell;
    std::string_view text;  // PROGRAM and WORD stand for theirs
};

constexpr auto scripts = std::to_array<Script>({
    {.shell = "bash", .text = R"(_PROGRAM() {
    local IFS=$'\n' words=() word last=-1 before=
    # To bash --flag=value is three words, and what it is told replaces the third.
    for word in "${COMP_WORDS[@]:1:COMP_CWORD}"; do
        if ((last >= 0)) && [[ -n $word && ( $word == = || ${words[last]} == *= ) ]]; then
            words[last]+=$word
        else
            words+=("$word")
            ((last += 1))
        fi
    done
    [[ ${words[last]} == *=* ]] && before=${words[last]%=*}=
    COMPREPLY=($("${COMP_WORDS[0]}" WORD "${words[@]}" 2>/dev/null))
    COMPREPLY=("${COMPREPLY[@]#"$before"}")
}
complete -o default -F _PROGRAM PROGRAM
)"},
    {.shell = "zsh", .text = R"(#compdef PROGRAM
_PROGRAM() {
    local -a found
    found=("${(@f)$("${words[1]}" WORD "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    [[ -n "${found[1]}" ]] && compadd -a found || _files
}
compdef _PROGRAM PROGRAM
)"},
    {.shell = "fish", .text = R"(function __PROGRAM_words
    set -l said (commandline -opc) (commandline -ct)
    $said[1] WORD $said[2..] 2>/dev/null
end
complete -c PROGRAM -a '(__PROGRAM_words)'
)"},
});

std::string filled(std::string_view text, std::string_view program) {
    std::string made{text};
    const auto replace = [&](std::string_view mark, std::string_view by) {
        for (auto at = made.find(mark); at != std::string::npos; at = made.find(mark, at + by.size()))
            made.replace(at, mark.size(), by);
    };
    replace("PROGRAM", program);
    replace(" WORD ", fmt::format(" {} ", completion_word));
    return made;
}

// What `help` may be asked of has no flags.
std::vector<std::string> help_words(std::span<const Command> commands, std::span<const std::string> words) {
    std::set<std::string> candidates = next_words(commands, words.first(words.size() - 1));
    std::erase_if(candidates, [&](const std::string& each) { return !each.starts_with(words.back()); });
    return {candidates.begin(), candidates.end()};
}

}  // namespace

std::vector<std::string> complete(std::span<const Command> commands, std::span<const std::string> words) {
    if (words.empty()) return {};
    if (words.size() > 1 && words.front() == "help") return help_words(commands, words.subspan(1));
    const std::string& typed = words.back();
    const auto said = words.first(words.size() - 1);
    std::set<std::string> candidates = next_words(commands, said);
    if (const Command* command = command_of(commands, said); command != nullptr) {
        Settings settings;
        // Kept until the end: what is suggested may look at what was given before.
        const auto action = command->prepare(settings);
        const auto given = said.subspan(split_words(command->words).size());
        candidates.merge(settings.candidates(given, typed));
    }
    std::erase_if(candidates, [&](const std::string& candidate) { return !candidate.starts_with(typed); });
    return {candidates.begin(), candidates.end()};
}

Result<std::string> completion_script(std::string_view program, std::string_view shell) {
    for (const Script& script : scripts) {
        if (script.shell == shell) return filled(script.text, program);
    }
    return fail(ErrorCode::invalid, "there is no completion for \"{}\": bash, zsh or fish", shell);
}

Command completion_command(std::string_view program) {
    return {.words = "completion",
            .summary = "Print what makes a shell complete commands, flags and their values.",
            .details =
                "  source <(tollgate completion bash)                       # in ~/.bashrc\n"
                "  source <(tollgate completion zsh)                        # in ~/.zshrc\n"
                "  tollgate completion fish >~/.config/fish/completions/tollgate.fish",
            .prepare = [program](Settings& settings) -> std::function<Exit()> {
                auto shell = std::make_shared<std::string>();
                settings.add_positional("shell", *shell, "bash, zsh or fish", true);
                settings.suggest({"bash", "zsh", "fish"});
                return [program, shell] {
                    const auto script = completion_script(program, *shell);
                    if (!script) return report(program, script.error());
                    fmt::print("{}", *script);
                    return Exit::done;
                };
            }};
}

}  // namespace tollgate::process
