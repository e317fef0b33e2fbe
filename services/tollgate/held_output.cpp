#include "tollgate/held_output.hpp"

#include <ranges>
#include <string>

#include <fmt/format.h>

#include "crypto/base64.hpp"
#include "telemetry/text.hpp"
#include "tollgate/letter_flags.hpp"
#include "tollgate/output.hpp"

namespace tollgate {

using ingress::HeldEvent;

boost::json::object to_json(const HeldEvent& held) {
    return {{"event_id", held.event_id.text()},
            {"tenant", held.tenant_slug},
            {"source", held.source},
            {"provider", held.provider},
            {"type", held.type},
            {"provider_event_id", text_or_null(held.provider_event_id)},
            {"conflicts_with", held.conflicts_with.text()},
            {"reason", held.reason},
            {"held_at", to_rfc3339(held.held_at)},
            {"state", held.state},
            {"settled_at", json_or_null(held.settled_at)},
            {"settled_by", text_or_null(held.settled_by)}};
}

void print_held(const HeldEvent& held) {
    fmt::print(
        "event           {}\nstate           {}{}\nheld            {}, because {}\nconflicts with  {}\n",
        held.event_id, held.state,
        held.settled_at
            ? fmt::format(" by {} at {}", held.settled_by.value_or("somebody"), to_rfc3339(*held.settled_at))
            : std::string{},
        to_rfc3339(held.held_at), telemetry::printable(held.reason), held.conflicts_with);
    fmt::print("tenant          {}\nsource          {} ({})\ntype            {}\nid at provider  {}\n",
               held.tenant_slug, held.source, held.provider, telemetry::printable(held.type),
               telemetry::printable(held.provider_event_id.value_or("-")));
}

void tell_how_to_decide(const HeldEvent& held) {
    fmt::print(
        "\nwhat each of the two says: tollgate held show {0} --bodies\n"
        "to have both: tollgate held release {0}, to keep the first alone: tollgate held discard {0}\n",
        held.event_id);
}

void print_content(std::string_view which, const std::optional<ingress::Content>& content) {
    if (!content) {
        fmt::print("\n{}: its day was dropped, and its bytes with it\n", which);
        return;
    }
    fmt::print("\n{}:\n", which);
    for (const auto line : std::views::split(content->headers, '\n'))
        if (!line.empty()) fmt::print("  {}\n", telemetry::printable(std::string_view{line}));
    fmt::print("\n");
    for (const auto line : std::views::split(content->body, '\n'))
        fmt::print("  {}\n", telemetry::printable(std::string_view{line}));
}

boost::json::value to_json(const std::optional<ingress::Content>& content) {
    if (!content) return nullptr;
    return boost::json::object{{"headers", telemetry::valid_utf8(content->headers)},
                               {"body_base64", crypto::base64_encode(content->body)}};
}

}  // namespace tollgate
