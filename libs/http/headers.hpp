// Header fields as they came: in order, with duplicates, names compared without regard to case.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tollgate::http {

struct HeaderField {
    std::string_view name;
    std::string_view value;
};

// All fields lie in one string, so a request's headers cost two allocations however many they are. The
// views that it gives out live until it is changed, moved or gone.
class Headers {
public:
    Headers() = default;
    Headers(std::initializer_list<HeaderField> fields);

    void add(std::string_view name, std::string_view value);
    // Replaces every field of that name by one at the end.
    void set(std::string_view name, std::string_view value);
    void remove(std::string_view name);

    std::optional<std::string_view> get(std::string_view name) const;  // the first of that name
    std::vector<std::string_view> all(std::string_view name) const;    // in the order received
    bool contains(std::string_view name) const { return get(name).has_value(); }

    std::size_t size() const { return places_.size(); }
    bool empty() const { return places_.empty(); }
    HeaderField operator[](std::size_t index) const;

    class Iterator {
    public:
        using value_type = HeaderField;
        using difference_type = std::ptrdiff_t;

        Iterator() = default;
        Iterator(const Headers& headers, std::size_t index) : headers_{&headers}, index_{index} {}
        HeaderField operator*() const { return (*headers_)[index_]; }
        Iterator& operator++() {
            ++index_;
            return *this;
        }
        Iterator operator++(int) { return {*headers_, index_++}; }
        friend bool operator==(const Iterator& a, const Iterator& b) { return a.index_ == b.index_; }

    private:
        const Headers* headers_ = nullptr;
        std::size_t index_ = 0;
    };
    Iterator begin() const { return {*this, 0}; }
    Iterator end() const { return {*this, places_.size()}; }

private:
    struct Place {
        std::uint32_t begin;
        std::uint32_t name_size;
        std::uint32_t value_size;
    };

    std::string bytes_;  // name, value, name, value ...
    std::vector<Place> places_;
};

// ASCII only, as RFC 9110 has it for field names, tokens and schemes.
bool equal_ignoring_case(std::string_view a, std::string_view b);

// Whether a field may be sent: the name is a token, and nothing in the value could end the line. Every
// field that leaves this process is checked, so that no value smuggles another field in.
bool is_sendable(const HeaderField& field);

}  // namespace tollgate::http
