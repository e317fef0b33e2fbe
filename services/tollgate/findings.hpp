// What `tollgate doctor` has found, and what to do about it.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.hpp"

namespace tollgate {

enum class Health { good, weak, bad };

std::string_view name(Health health);  // "ok", "warning", "wrong"

struct Finding {
    Health health = Health::good;
    std::string about;  // "database"
    std::string what;
    std::string advice{};  // where something is to be done
};

class Findings {
public:
    void good(std::string about, std::string what) {
        add({.health = Health::good, .about = std::move(about), .what = std::move(what)});
    }
    void weak(std::string about, std::string what, std::string advice) {
        add({Health::weak, std::move(about), std::move(what), std::move(advice)});
    }
    void bad(std::string about, std::string what, std::string advice) {
        add({Health::bad, std::move(about), std::move(what), std::move(advice)});
    }
    // What could not be looked at. Most errors say themselves what to do.
    void failed(std::string about, const Error& error, std::string advice = "") {
        bad(std::move(about), error.detail, std::move(advice));
    }

    const std::vector<Finding>& all() const { return all_; }
    std::size_t count(Health health) const;

private:
    void add(Finding finding) { all_.push_back(std::move(finding)); }

    std::vector<Finding> all_;
};

}  // namespace tollgate
