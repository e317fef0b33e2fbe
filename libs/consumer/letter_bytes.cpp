#include "consumer/letter_bytes.hpp"

#include <map>
#include <ranges>

#include "consumer/deeds.hpp"

namespace tollgate::consumer {

namespace {

using postgres::Transaction;
using tenants::Actor;
using tenants::Role;

CountByTenant by_tenant(const std::vector<Letter>& letters) {
    CountByTenant counts;
    for (const Letter& letter : letters) ++counts[letter.tenant];
    return counts;
}

std::optional<std::string> bytes_or_none(const postgres::Row& row, std::size_t column) {
    const auto bytes = row.get<std::optional<std::string_view>>(column);
    return bytes ? std::optional<std::string>{*bytes} : std::nullopt;
}

std::vector<LetterBytes> with_bytes(Transaction& tx, std::vector<Letter> letters) {
    std::map<std::string, std::vector<Uuid>> ids;
    for (const Letter& letter : letters) ids[letter.consumer].push_back(letter.id);
    std::map<std::pair<std::string, Uuid>, LetterBytes> found;
    for (const auto& [consumer, wanted] : ids) {
        for (const auto row :
             tx.execute("select message_id, key, value from consumer.letter_bytes($1, $2)", consumer, wanted))
            found[{consumer, row.get<Uuid>(0)}] = {.key = bytes_or_none(row, 1),
                                                   .value = bytes_or_none(row, 2)};
    }
    std::vector<LetterBytes> all;
    for (Letter& letter : letters) {
        LetterBytes bytes = found[{letter.consumer, letter.id}];
        bytes.letter = std::move(letter);
        all.push_back(std::move(bytes));
    }
    return all;
}

}  // namespace

Result<LetterBytes> read_letter(Transaction& tx, const Actor& actor, const std::string& consumer,
                                const Uuid& id) {
    const LetterFilter filter{.consumer = consumer, .state = "", .ids = {id}, .limit = 1};
    if (const auto admitted = admit_to_letters(tx, actor, Role::operator_, filter); !admitted)
        return std::unexpected{admitted.error()};
    auto letters = find_letters(tx, filter);
    if (letters.empty())
        return fail(ErrorCode::not_found, "consumer \"{}\" has nothing to be done of {}", consumer, id);
    record_by_tenant(tx, actor,
                     {.verb = "dead-letter show",
                      .arguments = {{"consumer", consumer}, {"event_id", id.text()}, {"body", true}}},
                     "messages", by_tenant(letters));
    return std::move(with_bytes(tx, std::move(letters)).front());
}

Result<std::vector<LetterBytes>> export_letters(Transaction& tx, const Actor& actor,
                                                const LetterFilter& filter, std::int64_t page,
                                                const std::optional<LetterPlace>& behind) {
    if (const auto admitted = admit_to_letters(tx, actor, Role::operator_, filter); !admitted)
        return std::unexpected{admitted.error()};
    auto letters = choose_letters(tx, filter, Purpose::copy, page, behind);
    record_by_tenant(tx, actor, {.verb = "dead-letter export", .arguments = to_json(filter)}, "messages",
                     by_tenant(letters));
    return with_bytes(tx, std::move(letters));
}

}  // namespace tollgate::consumer
