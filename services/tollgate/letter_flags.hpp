// What the commands about messages that were not done share: their filter's flags, and how such messages are
// printed.
#pragma once

#include <charconv>

#include <boost/json/object.hpp>

#include "consumer/letters.hpp"
#include "tollgate/operator_session.hpp"

namespace tollgate {

struct LetterConfig : OperatorConfig {
    std::string consumer;
    std::string state = "dead";
    std::string type;
    std::string fingerprint;
    std::string since;
    std::string until;
    std::string attempts_min;
    std::string limit;
    std::vector<std::string> ids;
    bool execute = false;

    void declare_filter(process::Settings& settings);
    // --id, repeatable, instead of a filter.
    void declare_ids(process::Settings& settings);
    void declare_execute(process::Settings& settings);

    // By ids the consumer says whose; else it is --tenant or --all-tenants.
    Result<consumer::LetterFilter> filter(std::int64_t limit_default,
                                          std::int64_t limit_most = 100'000) const;
};

// The number that a flag was given; the default if it was not.
template <typename Integer>
Result<Integer> read_number(std::string_view flag, const std::string& text, Integer otherwise,
                            Integer smallest, Integer largest) {
    if (text.empty()) return otherwise;
    Integer number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure == std::errc{} && end == text.data() + text.size() && number >= smallest && number <= largest)
        return number;
    return fail(ErrorCode::invalid, "{}: \"{}\" is not a whole number from {} to {}", flag, text, smallest,
                largest);
}

Result<std::vector<Uuid>> read_ids(const std::vector<std::string>& texts);

boost::json::value text_or_null(const std::optional<std::string>& text);
boost::json::object to_json(const consumer::Letter& letter);
boost::json::object to_json(const consumer::LetterGroup& group);
boost::json::object to_json(const consumer::LetterPreview& preview);

void print_letters(const std::vector<consumer::Letter>& letters);
void print_groups(const std::vector<consumer::LetterGroup>& groups);
// What would be done without --execute; `done` is what it is called.
process::Exit show_preview(const std::string& command, const LetterConfig& config,
                           const consumer::LetterFilter& filter, consumer::Purpose purpose,
                           std::string_view done);
// To stderr, that a replay passes some over; nothing if there are none.
void tell_left_alone(std::int64_t left, const std::string& state);
// Likewise, that more are meant than were taken.
void tell_beyond(std::int64_t beyond);
// What comes from now on is not meant.
Result<void> bound_to_now(OperatorSession& session, consumer::LetterFilter& filter);
process::Exit no_letters(const std::string& command, const LetterConfig& config);
// "3 messages"
std::string messages(std::int64_t count);

}  // namespace tollgate
