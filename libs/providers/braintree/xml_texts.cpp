#include "providers/braintree/xml_texts.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace tollgate::providers::braintree {

namespace {

constexpr std::size_t depth_max = 64;
constexpr std::string_view white = " \t\r\n";

constexpr std::array<std::pair<std::string_view, char>, 5> references{
    {{"lt", '<'}, {"gt", '>'}, {"amp", '&'}, {"quot", '"'}, {"apos", '\''}}};

Result<std::string> decoded(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t at = std::min(text.find('&'), text.size());
        out += text.substr(0, at);
        text.remove_prefix(at);
        if (text.empty()) break;
        const std::size_t end = text.find(';');
        const std::string_view name = text.substr(1, end == std::string_view::npos ? 0 : end - 1);
        const auto* const found =
            std::ranges::find(references, name, &decltype(references)::value_type::first);
        if (found == references.end())
            return fail(ErrorCode::invalid, "the XML has a reference that is unknown");
        out += found->second;
        text.remove_prefix(end + 1);
    }
    return out;
}

class Reader {
public:
    explicit Reader(std::string_view xml) : rest_{xml} {}

    Result<std::map<std::string, std::string, std::less<>>> read() {
        while (!rest_.empty()) {
            const std::size_t at = std::min(rest_.find('<'), rest_.size());
            text_ += rest_.substr(0, at);
            rest_.remove_prefix(at);
            if (rest_.empty()) break;
            if (const auto good = read_markup(); !good) return std::unexpected{good.error()};
        }
        if (!open_.empty()) return wrong("ends before its elements do");
        return std::move(texts_);
    }

private:
    static std::unexpected<Error> wrong(std::string_view how) {
        return fail(ErrorCode::invalid, "the XML {}", how);
    }

    // Behind the next "end"; empty if there is none.
    std::string_view take_to(std::string_view end) {
        const std::size_t at = rest_.find(end);
        if (at == std::string_view::npos) return {};
        const std::string_view taken = rest_.substr(0, at + end.size());
        rest_.remove_prefix(taken.size());
        return taken;
    }

    Result<void> read_markup() {
        if (rest_.starts_with("<?")) return take_to("?>").empty() ? wrong("is cut off") : Result<void>{};
        if (rest_.starts_with("<!")) return wrong("has a document type or a comment");
        const std::string_view tag = take_to(">");
        if (tag.empty()) return wrong("is cut off");
        return tag.starts_with("</") ? close(tag.substr(2, tag.size() - 3))
                                     : open(tag.substr(1, tag.size() - 2));
    }

    // An attribute with ">" in it would be cut; Braintree's are words.
    Result<void> open(std::string_view tag) {
        const bool closes = tag.ends_with('/');
        const std::string_view name = tag.substr(0, std::min(tag.find_first_of(" \t\r\n/"), tag.size()));
        if (name.empty() || name.contains('<')) return wrong("has an element without a name");
        if (open_.size() >= depth_max) return wrong("is too deep");
        open_.push_back(name);
        text_.clear();
        is_leaf_ = true;
        return closes ? close(name) : Result<void>{};
    }

    Result<void> close(std::string_view name) {
        name = name.substr(0, name.find_last_not_of(white) + 1);
        if (open_.empty() || open_.back() != name) return wrong("closes an element that is not open");
        if (is_leaf_) {
            auto text = decoded(text_);
            if (!text) return std::unexpected{text.error()};
            texts_.try_emplace(fmt::format("{}", fmt::join(open_, "/")), *std::move(text));
        }
        open_.pop_back();
        is_leaf_ = false;
        text_.clear();
        return {};
    }

    std::string_view rest_;
    std::vector<std::string_view> open_;
    std::string text_;
    bool is_leaf_ = false;
    std::map<std::string, std::string, std::less<>> texts_;
};

}  // namespace

Result<std::map<std::string, std::string, std::less<>>> read_xml_texts(std::string_view xml) {
    return Reader{xml}.read();
}

}  // namespace tollgate::providers::braintree
