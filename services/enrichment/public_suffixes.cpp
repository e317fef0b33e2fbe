#include "enrichment/public_suffixes.hpp"

#include <memory>
#include <stdexcept>

#include <libpsl.h>

namespace tollgate::enrichment {

namespace {

struct Free {
    void operator()(psl_ctx_t* list) const { psl_free(list); }
};
using List = std::unique_ptr<psl_ctx_t, Free>;

// Of where Debian's package has it, where it is there and newer, else as it was when the library was built:
// so it is in an image that has no such file.
List newest() {
    List list{psl_latest(nullptr)};
    if (list == nullptr)
        throw std::runtime_error{"libpsl brings no list of public suffixes, and none is installed"};
    return list;
}

}  // namespace

std::optional<std::string> registered_domain(const std::string& domain) {
    static const List list = newest();
    const char* const registered = psl_registrable_domain(list.get(), domain.c_str());
    return registered == nullptr ? std::nullopt : std::optional{std::string{registered}};
}

}  // namespace tollgate::enrichment
