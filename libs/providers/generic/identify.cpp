#include <algorithm>

#include "providers/generic/generic.hpp"
#include "providers/items.hpp"
#include "providers/json.hpp"
#include "providers/signed_time.hpp"

namespace tollgate::providers::generic {

namespace {

// Reads from the body and the headers, wherever the settings say. The body must be JSON if a pointer says so.
class Values {
public:
    Values(const GenericSettings& settings, const Received& received)
        : received_{received}, json_{Json::parse(received.body)} {
        const auto points = [](const std::optional<Place>* place) {
            return *place && (*place)->kind == Place::Kind::pointer;
        };
        const bool must_be_json =
            std::ranges::any_of(std::array{&settings.id, &settings.type, &settings.time, &settings.account,
                                           &settings.subject, &settings.ordering_key},
                                points);
        if (json_) {
            fields_.emplace(*json_);
        } else if (must_be_json) {
            error_ = json_.error();
        }
    }

    std::string content() const { return content_of(json_, received_.body); }

    std::optional<std::string> optional(const std::optional<Place>& place) {
        if (!place) return std::nullopt;
        if (place->kind == Place::Kind::pointer) return fields_ ? fields_->label(place->name) : std::nullopt;
        const auto value = received_.headers.get(place->name);
        return value && !value->empty() ? std::optional<std::string>{*value} : std::nullopt;
    }

    std::string required(const Place& place, std::string_view what) {
        auto value = optional(place);
        if (!value && !error()) {
            error_ = Error{ErrorCode::invalid,
                           fmt::format("the event's {}, in {}, is not there or empty", what, place.name)};
        }
        return value.value_or("");
    }

    const std::optional<Error>& error() const {
        return fields_ && fields_->error() ? fields_->error() : error_;
    }

private:
    const Received& received_;
    Result<Json> json_;
    std::optional<JsonFields> fields_;
    std::optional<Error> error_;
};

bool covers_id(const GenericSettings& settings) {
    if (settings.how != How::hmac) return false;
    if (settings.id->kind == Place::Kind::pointer) return true;
    return std::ranges::any_of(settings.hmac.pieces, [&](const Piece& piece) {
        return piece.kind == Piece::Kind::header && http::equal_ignoring_case(piece.text, settings.id->name);
    });
}

}  // namespace

Result<std::vector<Item>> identify(const Trust& trust, const Received& received,
                                   const Documents& /*documents*/) {
    const GenericSettings& settings = static_cast<const GenericTrust&>(trust).settings;
    if (received.body.empty()) return fail(ErrorCode::invalid, "the body is empty");
    Values values{settings, received};
    Item item{.type = settings.type ? values.required(*settings.type, "type") : "event"};
    if (settings.id) {
        item.event_id = values.required(*settings.id, "id");
        item.key = id_key(*item.event_id);
        if (settings.body_is_unique && !covers_id(settings))
            item.second_key = body_key(item.type, received.body);
    } else {
        item.key = body_key(item.type, received.body);
    }
    item.fingerprint = fingerprint_of({item.type, values.content()});
    item.account = values.optional(settings.account);
    item.subject = values.optional(settings.subject);
    item.ordering_key = values.optional(settings.ordering_key);
    const auto time = values.optional(settings.time);
    if (time) item.time = read_time(*time);
    if (values.error()) return std::unexpected{*values.error()};
    return one_item(std::move(item), received);
}

}  // namespace tollgate::providers::generic
