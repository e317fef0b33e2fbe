#include "ingress/answers.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace tollgate::ingress {

namespace {

namespace json = boost::json;

json::object receipt_of(const Outcome& outcome, std::string_view id) {
    return {{"event_id", id}, {"duplicate", outcome.fate == Fate::duplicate}};
}

json::object body_of(Form form, const Outcome& outcome, const providers::Item& item) {
    const std::string ours = outcome.event_id.text();
    const std::string_view theirs = item.event_id ? *item.event_id : ours;
    switch (form) {
        case Form::receipt:
            return receipt_of(outcome, ours);
        case Form::named:
            return receipt_of(outcome, theirs);
        case Form::received:
            return {{"received", true}, {"event_id", theirs}, {"event_type", item.type}};
        case Form::pending:
            return {{"detail", "Webhook accepted"}, {"event_id", theirs}, {"status", "pending"}};
    }
    return {};
}

json::object body_of(Form form, const Receipt& receipt, std::span<const providers::Item> items) {
    if (receipt.size() == 1) return body_of(form, receipt.front(), items.front());
    json::array all;
    for (std::size_t i = 0; i < receipt.size(); ++i) all.emplace_back(body_of(form, receipt[i], items[i]));
    return {{"events", std::move(all)}};
}

}  // namespace

http::Response answer(const providers::Provider& provider, Form form, const Receipt& receipt,
                      std::span<const providers::Item> items) {
    http::Response response = provider.must_read.empty()
                                  ? http::json(200, json::serialize(body_of(form, receipt, items)))
                                  : http::plain(200, std::string{provider.must_read});
    response.headers.add("Tollgate-Event-Id", receipt.front().event_id.text());
    return response;
}

}  // namespace tollgate::ingress
