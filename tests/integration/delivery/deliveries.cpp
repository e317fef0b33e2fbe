#include "integration/delivery/deliveries.hpp"

#include <array>
#include <stdexcept>

#include <google/protobuf/text_format.h>

#include "archive/schema.hpp"
#include "consumer/schema.hpp"
#include "delivery/handler.hpp"
#include "delivery/schema.hpp"
#include "integration/tenants/fixtures.hpp"
#include "journal/schema.hpp"
#include "tenants/schema.hpp"

namespace tollgate::test {

using consumer::Message;
using consumer::Task;
using postgres::Transaction;

namespace {

postgres::Schemas schemas_of_delivery() {
    static const std::array schemas{&postgres::schema(), &archive::schema(),  &tenants::schema(),
                                    &journal::schema(),  &consumer::schema(), &delivery::schema()};
    return schemas;
}

std::string text_of(const consumer::Outcome& outcome) {
    if (std::holds_alternative<consumer::Done>(outcome)) return "done";
    const auto* const reject = std::get_if<consumer::Reject>(&outcome);
    return reject == nullptr ? "neither done nor rejected" : reject->reason;
}

tenants::CheckedSecret secret_for(const std::string& slug, bool is_bot) {
    const auto kind = is_bot ? tenants::DestinationKind::slack_bot : tenants::DestinationKind::slack_webhook;
    const std::string value = is_bot ? "xoxb-1-" + slug : "https://hooks.slack.com/services/T1/B1/" + slug;
    return must(tenants::check_secret(
        kind, Secret{value}, [](const std::string&) -> Result<std::string> { return "hooks.slack.com"; }));
}

std::vector<std::string> hand_over(const Database& database, const std::vector<Message>& messages,
                                   const std::vector<consumer::Cause>& causes) {
    std::vector<Task> tasks;
    for (std::size_t i = 0; i < messages.size(); ++i)
        tasks.push_back({.message = &messages[i], .id = *messages[i].id, .cause = causes[i]});
    postgres::Connection connection = open(database.service("delivery"));
    std::vector<std::string> texts;
    const auto done = transact(connection, [&](Transaction& tx) {
        delivery::PlanHandler handler;
        for (const auto& outcome : handler.apply(tx, tasks)) texts.push_back(text_of(outcome));
    });
    if (!done) throw std::runtime_error{done.error().text()};
    return texts;
}

}  // namespace

std::vector<std::string> hand_to_plan(const Database& database, const Uuid& tenant,
                                      const std::vector<Handed>& batch) {
    std::vector<Message> messages;
    std::vector<consumer::Cause> causes;
    for (const Handed& each : batch) {
        messages.push_back(
            {.topic = "payment", .value = must(events::encode(each.event)), .id = each.id, .tenant = tenant});
        causes.push_back(each.cause);
    }
    return hand_over(database, messages, causes);
}

Uuid make_destination(const Database& database, const std::string& tenant, const std::string& slug,
                      const std::string& settings) {
    postgres::Connection connection = open(database.service("operator"));
    return must(transact(connection,
                         [&](Transaction& tx) {
                             return tenants::create_destination(
                                 tx, admin(), keyring(), tenant,
                                 {.slug = slug,
                                  .secret = secret_for(slug, settings.contains("\"channel\"")),
                                  .settings = settings});
                         }))
        .id;
}

void store_payment_event(const Database& database, const Uuid& tenant, const Handed& event) {
    postgres::Connection owner = open(database.owner());
    owner.execute("select archive.make_days(1)");
    owner.execute(
        "insert into archive.payment_event (id, tenant, source, provider, category, type, data) "
        "values ($1, $2, 'shop', 'stripe', 'money_in', 'charge.succeeded', $3)",
        event.id, tenant, postgres::Bytes{must(events::encode(event.event))});
}

v1::PaymentEvent payment_event(const std::string& text) {
    v1::PaymentEvent event;
    event.set_provider("stripe");
    event.set_mode(v1::MODE_LIVE);
    event.set_category(v1::CATEGORY_MONEY_IN);
    event.mutable_provider_time()->set_seconds(
        std::chrono::duration_cast<std::chrono::seconds>(SystemClock{}.now().time_since_epoch()).count());
    event.mutable_customer()->set_name("Acme Corp");
    v1::PaymentEvent more;
    if (!google::protobuf::TextFormat::ParseFromString(text, &more))
        throw std::runtime_error{"no event: " + text};
    event.MergeFrom(more);
    return event;
}

Deliveries::Deliveries() : database_{schemas_of_delivery()}, owner_{open(database_.owner())} {
    owner_.execute("select set_config('tollgate.tenant', '*', false)");
    tenant_ = must(as_operator([](Transaction& tx) {
                  return tenants::create_tenant(tx, admin(), {.slug = "acme", .time_zone = "Europe/Vienna"});
              })).id;
}

Uuid Deliveries::destination(const std::string& slug, const std::string& settings) {
    return make_destination(database_, "acme", slug, settings);
}

delivery::ListedRule Deliveries::rule(const delivery::NewRule& wanted) {
    return must(as_operator(
        [&](Transaction& tx) { return delivery::add_rule(tx, admin(), "acme", wanted, "told to"); }));
}

void Deliveries::tell_everything(const std::string& of) {
    rule({.destination = of, .place = 2, .rule = {.name = "everything"}});
}

std::vector<std::string> Deliveries::plan(const std::vector<Handed>& batch) {
    return hand_to_plan(database_, tenant_, batch);
}

std::vector<std::string> Deliveries::plan_bytes(const std::string& value) {
    return hand_over(database_,
                     {{.topic = "payment", .value = value, .id = make_uuid_v7(), .tenant = tenant_}},
                     {consumer::Cause::stream});
}

std::vector<std::string> Deliveries::rows(const std::string& sql) {
    const std::scoped_lock lock{mutex_};
    std::vector<std::string> texts;
    for (const postgres::Row row : owner_.execute(sql))
        texts.push_back(row.get<std::optional<std::string>>(0).value_or("-"));
    return texts;
}

void Deliveries::change(const std::string& sql) {
    const std::scoped_lock lock{mutex_};
    owner_.execute(sql);
}

std::int64_t Deliveries::in_state(std::string_view state) {
    const std::scoped_lock lock{mutex_};
    return owner_.execute("select count(*) from delivery.delivery where state = $1", state)
        .only()
        .get<std::int64_t>(0);
}

}  // namespace tollgate::test
