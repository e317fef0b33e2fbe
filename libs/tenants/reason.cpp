#include "tenants/reason.hpp"

namespace tollgate::tenants {

Result<void> require_reason(std::string_view reason) {
    if (reason.find_first_not_of(" \t\r\n") != std::string_view::npos) return {};
    return fail(ErrorCode::invalid, "say why with --reason: it stays in the audit log");
}

}  // namespace tollgate::tenants
