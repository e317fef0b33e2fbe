// What a program may be told, and from where: flag, then environment, then file, then default. Each setting
// is declared once and has all its names from that: "http.port" is --http-port, TOLLGATE_HTTP_PORT and key
// `port` under [http].
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.hpp"
#include "core/secret.hpp"

namespace tollgate::process {

struct ConfigKey;

// The file that is read when nothing names another.
inline constexpr std::string_view default_config_path = "/etc/tollgate/tollgate.toml";

// Names that file.
inline constexpr std::string_view config_variable = "TOLLGATE_CONFIG";

// A size in bytes, written as "256KiB".
struct ByteSize {
    std::uint64_t bytes = 0;
};

class Settings {
public:
    // Where the environment comes from; tests give their own.
    using Environment = std::function<std::optional<std::string>(const std::string& name)>;

    Settings();
    explicit Settings(Environment environment) : environment_{std::move(environment)} {}

    // The names of the variables that this process was started with.
    static std::vector<std::string> variables_of_process();

    // The target keeps its value as the default. It must outlive the parsing.
    void add(const std::string& name, std::string& target, const std::string& help);
    void add(const std::string& name, bool& target, const std::string& help);
    void add(const std::string& name, std::chrono::milliseconds& target, const std::string& help,
             std::chrono::milliseconds smallest = std::chrono::milliseconds{1},
             std::chrono::milliseconds largest = std::chrono::hours{24});
    void add(const std::string& name, ByteSize& target, const std::string& help);
    template <std::integral Integer>
    void add(const std::string& name, Integer& target, const std::string& help,
             Integer smallest = std::numeric_limits<Integer>::min(),
             Integer largest = std::numeric_limits<Integer>::max()) {
        add_number(name, help, std::to_string(target), static_cast<std::int64_t>(smallest),
                   static_cast<std::int64_t>(largest),
                   [&target](std::int64_t value) { target = static_cast<Integer>(value); });
    }
    void add_choice(const std::string& name, std::string& target, std::vector<std::string> choices,
                    const std::string& help);
    // Has no flag of its own, because every user of the machine can read a process's arguments: only
    // environment, file, and the path of a file that holds it.
    void add(const std::string& name, Secret& target, const std::string& help);
    // Likewise, of what may turn out not to be needed: why its file cannot be read is for who needs it to
    // tell.
    void add(const std::string& name, Result<Secret>& target, const std::string& help);

    // The one just added has no default that would do: without a value, or with an empty one, the program
    // does not start.
    void require_last() { entries_.back().required = true; }

    // Flags of one command alone: neither environment nor file.
    void add_flag(const std::string& name, bool& target, const std::string& help);
    void add_option(const std::string& name, std::string& target, const std::string& help);
    // May be given several times: each adds one.
    void add_list(const std::string& name, std::vector<std::string>& target, const std::string& help);
    void add_positional(const std::string& name, std::string& target, const std::string& help, bool required);

    // What the one just added may be given, for a shell that completes it. Asked once what stands before it
    // has been read.
    // `typed` is what there is of it.
    using Suggestions = std::function<std::vector<std::string>(std::string_view typed)>;
    void suggest(Suggestions suggestions) { entries_.back().suggestions = std::move(suggestions); }
    void suggest(std::vector<std::string> words) {
        suggest([words = std::move(words)](std::string_view) { return words; });
    }

    // The one just added takes one of these words alone: another is a mistake, not what nothing matches.
    void accept_only(std::vector<std::string> words);

    // The settings, one error for the first thing that is wrong with them, naming it and its source.
    // `--config FILE` is read, else TOLLGATE_CONFIG, else /etc/tollgate/tollgate.toml if it is there.
    Result<void> parse(std::span<const std::string> arguments);

    // "http.body_max" is --http-body-max and TOLLGATE_HTTP_BODY_MAX; a command's own "grant-to" is
    // --grant-to.
    static std::string flag_of(std::string_view name);
    static std::string variable_of(std::string_view name);

    // Of these variables those that are none of the settings', and are one but for a slip; each with what was
    // meant. Whatever is further from all of them is somebody else's.
    std::vector<std::pair<std::string, std::string>> misspelt(std::span<const std::string> variables) const;
    // Whether one of the settings is told by it.
    bool reads(std::string_view variable) const;

    // What the command line gave of the command's own, in its order: "grant-to" and "bob". None is a secret.
    using Given = std::pair<std::string, std::string>;
    const std::vector<Given>& own_arguments() const { return own_arguments_; }

    // What may be typed next, once `given` was: values of the flag before, or of the one in "--flag=val",
    // flags, positionals. Settings have so many flags that they are offered only to who has begun to type
    // one.
    std::set<std::string> candidates(std::span<const std::string> given, std::string_view typed);

    // What --help prints below the summary.
    std::string help_text() const;

private:
    enum class Kind { setting, secret, flag, option, positional };
    // Where a value came from decides how a mistake in it is told.
    struct Source {
        std::string name;  // "--http-port", "TOLLGATE_HTTP_PORT", "port in tollgate.toml"
        std::string value;
        bool is_path = false;  // the value is in the file of this name
    };

    struct Entry {
        Kind kind;
        std::string name;
        std::string help;
        std::string default_text;
        bool is_boolean = false;
        bool required = false;
        bool is_list = false;
        std::function<Result<void>(std::string_view)> assign;
        std::function<void(Error)> keep_unread{};
        std::optional<Source> from_arguments{};
        Suggestions suggestions{};
    };

    void add_number(const std::string& name, const std::string& help, const std::string& default_text,
                    std::int64_t smallest, std::int64_t largest,
                    const std::function<void(std::int64_t)>& assign);
    static std::string flag_of(const Entry& entry);
    Result<void> read_arguments(std::span<const std::string> arguments);
    Result<void> accept_flag(std::string_view flag, std::optional<std::string> value,
                             std::span<const std::string>& rest);
    Result<void> accept_positional(const std::string& value);
    std::vector<std::string> own_variables() const;
    const Entry* takes_value(std::string_view flag) const;
    // For candidates: what was given, as far as it is understood.
    void learn(std::span<const std::string> given);
    Result<void> read_config_file();
    Result<void> accept_file_key(const ConfigKey& key);
    Result<std::optional<Source>> source_of(const Entry& entry) const;
    Result<void> resolve(const Entry& entry) const;

    Environment environment_;
    std::vector<Entry> entries_;
    std::vector<Given> own_arguments_;
    std::string config_path_;
    std::map<std::string, Source> file_values_;  // by the entry's name
};

}  // namespace tollgate::process
