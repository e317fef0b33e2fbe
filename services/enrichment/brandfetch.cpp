#include "enrichment/brandfetch.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "archive/payment_reading.hpp"
#include "providers/json.hpp"
#include "telemetry/text.hpp"

namespace tollgate::enrichment {

namespace {

using providers::Json;
using std::chrono::seconds;

constexpr std::size_t body_bytes_max = std::size_t{512} * 1024;
// Its terms: what it tells is kept for 30 days at most.
constexpr seconds found_for = std::chrono::days{30};
constexpr seconds none_for = std::chrono::days{7};
constexpr seconds being_read_for = std::chrono::minutes{2};
constexpr seconds failed_for = std::chrono::minutes{10};
constexpr double quality_min = 0.33;  // below, it is a guess
constexpr std::size_t name_bytes_max = 200;
constexpr std::size_t description_bytes_max = 1000;
constexpr std::size_t url_bytes_max = 1000;
constexpr std::size_t colours_max = 5;

std::string cut(std::string text, std::size_t bytes_max) {
    if (text.size() <= bytes_max) return text;
    // Not in the middle of a character.
    while (bytes_max > 0 && (static_cast<unsigned char>(text[bytes_max]) & 0xC0U) == 0x80U) --bytes_max;
    text.resize(bytes_max);
    return text;
}

std::string text_at(const Json& json, const std::string& pointer, std::size_t bytes_max = name_bytes_max) {
    const auto found = json.find(pointer);
    if (!found || *found == nullptr) return {};
    if ((*found)->kind == Json::Kind::number) return cut(std::string{(*found)->raw}, bytes_max);
    if ((*found)->kind != Json::Kind::string) return {};
    auto text = Json::text_of(**found);
    return text ? cut(archive::without_zeros(std::move(*text)), bytes_max) : std::string{};
}

std::size_t size_at(const Json& json, const std::string& pointer) {
    const auto found = json.find(pointer);
    if (!found || *found == nullptr || (*found)->kind != Json::Kind::array) return 0;
    std::size_t size = 0;
    for (const auto* one = json.child(**found); one != nullptr; one = json.next(*one)) ++size;
    return size;
}

bool is_poor(const Json& json) {
    const auto nsfw = json.find("/isNsfw");
    if (nsfw && *nsfw != nullptr && (*nsfw)->raw == "true") return true;
    const std::string quality = text_at(json, "/qualityScore");
    double score = 1;
    std::from_chars(quality.data(), quality.data() + quality.size(), score);
    return score < quality_min;
}

// The smaller the better: people see it small, and Slack shows no SVG.
std::optional<std::size_t> rank(std::string_view type, std::string_view format) {
    constexpr std::array<std::string_view, 3> types{"icon", "symbol", "logo"};
    constexpr std::array<std::string_view, 3> formats{"png", "jpeg", "jpg"};
    const auto* const of_type = std::ranges::find(types, type);
    const auto* const of_format = std::ranges::find(formats, format);
    if (of_type == types.end() || of_format == formats.end()) return std::nullopt;
    return static_cast<std::size_t>((of_type - types.begin()) * std::ssize(formats) +
                                    (of_format - formats.begin()));
}

std::string logo_of(const Json& json) {
    std::string best;
    std::optional<std::size_t> best_rank;
    for (std::size_t i = 0; i < size_at(json, "/logos"); ++i) {
        const std::string logo = fmt::format("/logos/{}", i);
        for (std::size_t j = 0; j < size_at(json, logo + "/formats"); ++j) {
            const std::string format = fmt::format("{}/formats/{}", logo, j);
            const auto its_rank = rank(text_at(json, logo + "/type"), text_at(json, format + "/format"));
            const std::string url = text_at(json, format + "/src", url_bytes_max);
            if (!its_rank || !url.starts_with("https://") || (best_rank && *best_rank <= *its_rank)) continue;
            best = url;
            best_rank = its_rank;
        }
    }
    return best;
}

std::string location_of(const Json& json) {
    const std::string city = text_at(json, "/company/location/city");
    const std::string country = text_at(json, "/company/location/country");
    return city.empty() || country.empty() ? city + country : city + ", " + country;
}

LookedUp read_brand(const Answer& answer) {
    const auto json = Json::parse(answer.response->body);
    if (!json) return {.good_for = failed_for};
    LookedUp looked_up{.good_for = found_for};
    auto& company = looked_up.company;
    company.set_name(text_at(*json, "/name"));
    if (company.name().empty() || is_poor(*json)) return {.good_for = none_for};
    looked_up.found = true;
    company.set_domain(answer.key);
    company.set_description(text_at(*json, "/description", description_bytes_max));
    company.set_logo_url(logo_of(*json));
    company.set_industry(text_at(*json, "/company/industries/0/name"));
    company.set_size(text_at(*json, "/company/employees"));
    company.set_location(location_of(*json));
    for (std::size_t i = 0; i < std::min(size_at(*json, "/colors"), colours_max); ++i) {
        std::string colour = text_at(*json, fmt::format("/colors/{}/hex", i));
        if (colour.starts_with('#') && colour.size() == 7) company.add_colours(std::move(colour));
    }
    return looked_up;
}

}  // namespace

Call ask_brandfetch(std::string_view url, const Secret& key, const std::string& domain,
                    std::chrono::milliseconds timeout) {
    Call call{.peer = std::string{brandfetch}, .key = domain, .request = {}};
    call.request.url = fmt::format("{}{}?allowNsfw=false", url, domain);
    call.request.headers.add("Authorization", "Bearer " + key.reveal());
    call.request.headers.add("Accept", "application/json");
    call.request.timeout = timeout;
    call.request.body_bytes_max = body_bytes_max;
    return call;
}

LookedUp read_brandfetch(const Answer& answer) {
    if (!answer.response) return {.good_for = failed_for};
    constexpr int ok = 200;
    constexpr int not_found = 404;
    constexpr int server_error = 500;
    const int status = answer.response->status;
    if (status == ok) return read_brand(answer);
    if (status == not_found) {
        const bool is_being_read = answer.response->headers.get("x-bf-error") == "crawl_queued";
        return {.good_for = is_being_read ? being_read_for : none_for};
    }
    // A refusal is of us, and not of the domain: the peer is left alone for a while, and asked again then.
    return {.good_for = status >= server_error ? failed_for : seconds{0}};
}

}  // namespace tollgate::enrichment
