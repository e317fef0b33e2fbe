#include "delivery/slack_limits.hpp"

#include <algorithm>
#include <array>
#include <set>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include "delivery/clusters.hpp"

namespace tollgate::delivery {

namespace {

namespace json = boost::json;

struct Limit {
    std::string_view type;    // of the object that has the member
    std::string_view member;  // a string, a text object, or an array
    std::size_t least;
    std::size_t most;  // characters of a text, elements of an array
};

constexpr auto limits = std::to_array<Limit>({
    {"message", "text", 1, 40'000},
    {"message", "blocks", 1, 50},
    {"message", "attachments", 1, 100},
    {"attachment", "blocks", 1, 50},
    {"header", "text", 1, 150},
    {"section", "text", 1, 3'000},
    {"section", "fields", 1, 10},
    {"field", "text", 1, 2'000},
    {"context", "elements", 1, 10},
    {"context_actions", "elements", 1, 5},
    {"actions", "elements", 1, 25},
    {"button", "text", 1, 75},
    {"button", "url", 1, 3'000},
    {"button", "value", 1, 2'000},
    {"button", "accessibility_label", 1, 75},
    {"button", "action_id", 1, 255},
    {"overflow", "action_id", 1, 255},
    {"overflow", "options", 2, 5},
    {"option", "text", 1, 75},
    {"image", "alt_text", 1, 2'000},
    {"image", "image_url", 1, 3'000},
    {"confirm", "title", 1, 100},
    {"confirm", "text", 1, 300},
    {"markdown", "text", 1, 12'000},
    {"any", "block_id", 1, 255},
});

struct Required {
    std::string_view type;
    std::string_view member;
};

constexpr auto required = std::to_array<Required>({
    {"message", "text"},
    {"attachment", "blocks"},
    {"header", "text"},
    {"context", "elements"},
    {"actions", "elements"},
    {"button", "text"},
    {"image", "alt_text"},
    {"image", "image_url"},
    {"overflow", "options"},
    {"confirm", "title"},
    {"confirm", "text"},
    {"markdown", "text"},
    {"context_actions", "elements"},
});

// Members whose objects have no type of their own, and what they are to us.
constexpr auto typed_by_place = std::to_array<Required>({
    {"attachment", "attachments"},
    {"field", "fields"},
    {"option", "options"},
    {"confirm", "confirm"},
});

constexpr auto block_types = std::to_array<std::string_view>(
    {"header", "section", "context", "context_actions", "actions", "image", "divider", "markdown"});

constexpr std::size_t total_max = 13'200;  // over all blocks; more is msg_blocks_too_long
constexpr std::size_t markdown_total_max = 12'000;

std::string_view type_at(std::string_view member, const json::object& object) {
    const auto* const place = std::ranges::find(typed_by_place, member, &Required::member);
    if (place != typed_by_place.end()) return place->type;
    const auto* const type = object.if_contains("type");
    return type != nullptr && type->is_string() ? std::string_view{type->get_string()} : std::string_view{};
}

class Examination {
public:
    std::vector<std::string> run(const json::value& message) {
        if (!message.is_object()) return {"not an object"};
        object("", "message", message.get_object());
        if (total_ > total_max) say("blocks", "{} characters in all, at most {}", total_, total_max);
        if (markdown_ > markdown_total_max) {
            say("blocks", "{} characters of markdown, at most {}", markdown_, markdown_total_max);
        }
        return std::move(found_);
    }

private:
    template <typename... Args>
    void say(std::string_view path, fmt::format_string<Args...> format, Args&&... args) {
        found_.push_back(fmt::format("{}: {}", path, fmt::format(format, std::forward<Args>(args)...)));
    }

    void size(const std::string& path, const Limit& limit, std::size_t count, std::string_view unit) {
        if (count > limit.most) say(path, "{} {}, at most {}", count, unit, limit.most);
        if (count < limit.least) say(path, "{} {}, at least {}", count, unit, limit.least);
    }

    void limited(const std::string& path, const Limit& limit, const json::value& value) {
        if (const auto* const text = value.if_string()) {
            size(path, limit, utf16_units(*text), "characters");
        } else if (const auto* const elements = value.if_array()) {
            size(path, limit, elements->size(), "elements");
        } else if (const auto* const inner = value.if_object(); inner != nullptr && inner->contains("text")) {
            limited(path, limit, inner->at("text"));
        }
    }

    void object(const std::string& path, std::string_view type, const json::object& members) {
        for (const Limit& limit : limits) {
            const auto* const value = members.if_contains(limit.member);
            if (value != nullptr && (limit.type == type || limit.type == "any")) {
                limited(path + "." + std::string{limit.member}, limit, *value);
            }
        }
        for (const Required& need : required) {
            if (need.type == type && !members.contains(need.member))
                say(path, "{} without {}", type, need.member);
        }
        kinds(path, type, members);
        for (const auto& [name, value] : members) member(path + "." + std::string{name}, name, value);
    }

    void kinds(const std::string& path, std::string_view type, const json::object& members) {
        if (type == "section" && !members.contains("text") && !members.contains("fields")) {
            say(path, "section with neither text nor fields");
        }
        if (const auto* const text = members.if_contains("text"); type == "header" && text != nullptr) {
            const auto* const inner = text->if_object();
            if (inner == nullptr || type_at("text", *inner) != "plain_text")
                say(path, "header that is not plain_text");
        }
        if (const auto* const id = members.if_contains("block_id"); id != nullptr && id->is_string()) {
            if (!block_ids_.insert(std::string{id->get_string()}).second) say(path, "block_id used twice");
        }
        for (const std::string_view link : {"url", "image_url"}) {
            const auto* const url = members.if_contains(link);
            if (url == nullptr) continue;
            const auto* const text = url->if_string();
            if (text == nullptr || !std::string_view{*text}.starts_with("https://"))
                say(path, "{} is not https", link);
        }
        if (type == "markdown" && members.contains("text"))
            markdown_ += utf16_units(members.at("text").as_string());
    }

    void member(const std::string& path, std::string_view name, const json::value& value) {
        const bool block_list = name == "blocks";
        if (const auto* const inner = value.if_object()) {
            object(path, type_at(name, *inner), *inner);
        } else if (const auto* const elements = value.if_array()) {
            for (std::size_t i = 0; i < elements->size(); ++i) {
                const std::string at = fmt::format("{}[{}]", path, i);
                const auto* const element = (*elements)[i].if_object();
                if (element == nullptr) {
                    say(at, "not an object");
                    continue;
                }
                const std::string_view type = type_at(name, *element);
                if (block_list && std::ranges::find(block_types, type) == block_types.end()) {
                    say(at, "no block is of type \"{}\"", type);
                }
                object(at, type, *element);
            }
        } else if (const auto* const text = value.if_string();
                   text != nullptr && name != "type" && in_blocks(path)) {
            total_ += utf16_units(*text);
        }
    }

    static bool in_blocks(std::string_view path) {
        return path.starts_with(".blocks[") || path.starts_with(".attachments[");
    }

    std::vector<std::string> found_;
    std::set<std::string> block_ids_;
    std::size_t total_ = 0;
    std::size_t markdown_ = 0;
};

}  // namespace

std::vector<std::string> slack_violations(std::string_view json) {
    boost::system::error_code error;
    const json::value message = json::parse({json.data(), json.size()}, error);
    if (error) return {"not JSON: " + error.message()};
    return Examination{}.run(message);
}

}  // namespace tollgate::delivery
