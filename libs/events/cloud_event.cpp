#include "events/cloud_event.hpp"

#include <ranges>
#include <string_view>

#include "telemetry/trace_context.hpp"

namespace tollgate::events {

namespace {

constexpr std::string_view specversion = "1.0";

// Reads ours from a record's headers and remembers the first thing that is wrong.
class Reader {
public:
    explicit Reader(const Headers& headers) : headers_{headers} {}

    // Empty when it is not there.
    std::string_view optional(std::string_view name) {
        const Header* found = nullptr;
        for (const Header& header : headers_) {
            if (header.first != name) continue;
            if (found != nullptr && found->second != header.second) {
                refuse(name,
                       fmt::format("stands there twice, as \"{}\" and \"{}\"", found->second, header.second));
            }
            found = &header;
        }
        return found == nullptr ? std::string_view{} : found->second;
    }

    std::string_view required(std::string_view name) {
        const std::string_view value = optional(name);
        if (value.empty()) refuse(name, "is missing or empty");
        return value;
    }

    template <typename T>
    T parsed(std::string_view name, Result<T> (*parse)(std::string_view)) {
        const std::string_view value = required(name);
        if (value.empty()) return T{};
        auto result = parse(value);
        if (!result) refuse(name, result.error().detail);
        return result ? std::move(*result) : T{};
    }

    // The last one, because tracing agents add theirs behind what is there already.
    std::string_view last(std::string_view name) const {
        for (const Header& header : headers_ | std::views::reverse) {
            if (header.first == name) return header.second;
        }
        return {};
    }

    void refuse(std::string_view name, std::string_view why) {
        if (error_.detail.empty())
            error_ = Error{ErrorCode::invalid, fmt::format("header {}: {}", name, why)};
    }

    const Error* error() const { return error_.detail.empty() ? nullptr : &error_; }

private:
    const Headers& headers_;
    Error error_;
};

}  // namespace

Headers to_headers(const CloudEvent& event) {
    Headers headers;
    const auto add = [&](std::string_view name, std::string value) {
        if (!value.empty()) headers.emplace_back(name, std::move(value));
    };
    add("ce_specversion", std::string{specversion});
    add("ce_id", event.id.text());
    add("ce_source", event.source.text());
    add("ce_type", event.type);
    add("ce_subject", event.subject);
    add("ce_time", to_rfc3339(event.time));
    add("ce_dataschema", event.dataschema);
    add("ce_tenant", event.tenant().text());
    add("ce_schemaversion", event.schema_version.text());
    add("content-type", event.content_type);
    add("traceparent", event.traceparent);
    add("tollgate_ref", event.reference);
    return headers;
}

Result<CloudEvent> from_headers(const Headers& headers) {
    Reader reader{headers};
    if (const auto version = reader.required("ce_specversion"); version != specversion) {
        reader.refuse("ce_specversion", fmt::format("\"{}\" is not {}", version, specversion));
    }
    CloudEvent event;
    event.id = reader.parsed("ce_id", &Uuid::parse);
    event.source = reader.parsed("ce_source", &Source::parse);
    event.type = reader.required("ce_type");
    event.subject = reader.optional("ce_subject");
    event.time = reader.parsed("ce_time", &parse_rfc3339);
    event.dataschema = reader.optional("ce_dataschema");
    const auto tenant = reader.parsed("ce_tenant", &Uuid::parse);
    event.schema_version = reader.parsed("ce_schemaversion", &SchemaVersion::parse);
    event.content_type = reader.optional("content-type");
    event.traceparent = reader.last("traceparent");
    event.reference = reader.optional("tollgate_ref");
    if (tenant != event.source.tenant) {
        reader.refuse("ce_tenant", "is another tenant than that of ce_source");
    }
    if (!telemetry::TraceContext::parse(event.traceparent)) event.traceparent.clear();
    if (reader.error() != nullptr) return std::unexpected{*reader.error()};
    return event;
}

}  // namespace tollgate::events
