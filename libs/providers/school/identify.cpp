#include "core/money.hpp"
#include "providers/items.hpp"
#include "providers/json.hpp"
#include "providers/school/school.hpp"

namespace tollgate::providers::school {

namespace {

void check_amount(JsonFields& fields) {
    const std::string amount = fields.required("/amount");
    const std::string code = fields.required("/currency");
    if (fields.error()) return;
    const auto currency = Currency::parse(code);
    if (!currency) {
        fields.fail_with(
            {ErrorCode::invalid, fmt::format("the body's /currency: {}", currency.error().detail)});
        return;
    }
    const auto money = Money::parse(amount, *currency);
    if (!money) {
        fields.fail_with({ErrorCode::invalid, fmt::format("the body's /amount: {}", money.error().detail)});
    } else if (money->minor < 0) {
        fields.fail_with({ErrorCode::invalid, "the body's /amount: it is negative"});
    }
}

}  // namespace

Result<std::vector<Item>> identify(const Trust& /*trust*/, const Received& received,
                                   const Documents& /*documents*/) {
    const auto json = Json::parse(received.body);
    if (!json) return std::unexpected{json.error()};
    JsonFields fields{*json};
    Item item{.type = "payment." + fields.required("/status")};
    item.event_id = fields.required("/event_id");
    item.key = id_key(*item.event_id);
    item.subject = fields.required("/external_txn_id");
    item.ordering_key = item.subject;
    fields.required("/provider_student_id");
    check_amount(fields);
    const auto raw = json->find("/raw");
    if (!fields.error() && (!raw || *raw == nullptr || (*raw)->kind != Json::Kind::object)) {
        fields.fail_with({ErrorCode::invalid, "the body's /raw: it is no object, or not there"});
    }
    const auto code = received.headers.get("X-School-Code");
    if (code && !code->empty()) item.account = std::string{*code};
    // Without the code, which is not signed: who sends a captured body again with any code sends a repeat.
    item.fingerprint = fingerprint_of({json->canonical(json->root())});
    if (fields.error()) return std::unexpected{*fields.error()};
    return one_item(std::move(item), received);
}

}  // namespace tollgate::providers::school
