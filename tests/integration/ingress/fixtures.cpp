#include "fixtures.hpp"

#include <stdexcept>

#include "archive/days.hpp"
#include "archive/schema.hpp"
#include "consumer/schema.hpp"
#include "ingress/schema.hpp"
#include "journal/schema.hpp"
#include "tenants/schema.hpp"

namespace tollgate::test {

using ingress::half_digest;
using ingress::NewEvent;

const std::vector<const postgres::Schema*> ingress_schemas{&postgres::schema(), &archive::schema(),
                                                           &tenants::schema(),  &journal::schema(),
                                                           &consumer::schema(), &ingress::schema()};
const Uuid tenant = make_uuid_v7();
const Uuid source = make_uuid_v7();

namespace {

NewEvent event(const Incoming& incoming, const Uuid& id) {
    NewEvent made{.event = {.id = id,
                            .tenant = tenant,
                            .source = "shop",
                            .provider = "stripe",
                            .type = "charge.succeeded",
                            .provider_event_id = incoming.id,
                            .headers = "a: b\n",
                            .body = incoming.content},
                  .source = source,
                  .keys = {half_digest("id:" + incoming.id)},
                  .fingerprint = half_digest(incoming.content)};
    if (!incoming.second_key.empty()) made.keys.push_back(half_digest("body:" + incoming.second_key));
    return made;
}

}  // namespace

ingress::Events request(const Incoming& incoming) {
    return {event(incoming, make_uuid_v7())};
}

ingress::Events request(const std::vector<Incoming>& incoming) {
    const std::vector<Uuid> ids = archive::make_ids_of_one_day(incoming.size());
    std::string body;
    ingress::Events events;
    for (std::size_t i = 0; i < incoming.size(); ++i) {
        events.push_back(event(incoming[i], ids[i]));
        events.back().event.slice =
            archive::Slice{.of = ids.front(),
                           .offset = static_cast<std::int32_t>(body.size()),
                           .length = static_cast<std::int32_t>(incoming[i].content.size())};
        body += incoming[i].content;
    }
    // With the first alone, as a request's bytes are.
    for (NewEvent& one : events) one.event.body.clear();
    events.front().event.body = body;
    return events;
}

Ingress::Ingress(const postgres::ConnectionSettings& connection, const ingress::GroupCommitSettings& settings)
    : group_commit_{connection, settings, [announced = announced_] { ++*announced; }, metrics_, counts_} {}

std::future<Result<ingress::Receipt>> Ingress::begin(ingress::Events events) {
    const auto promise = std::make_shared<std::promise<Result<ingress::Receipt>>>();
    auto answer = promise->get_future();
    // A second answer would throw here.
    group_commit_.submit(std::move(events), [promise](Result<ingress::Receipt> result) {
        promise->set_value(std::move(result));
    });
    return answer;
}

ingress::Outcome Ingress::commit_one(const Incoming& incoming) {
    const auto receipt = commit(request(incoming));
    if (!receipt) throw std::runtime_error{receipt.error().text()};
    return receipt->at(0);
}

Stored stored(const postgres::ConnectionSettings& owner) {
    postgres::Connection connection = open(owner);
    connection.execute_script("set tollgate.tenant = '*'");
    const auto ids = [&](std::string_view sql) {
        std::vector<Uuid> found;
        for (const postgres::Row row : connection.execute(sql)) found.push_back(row.get<Uuid>(0));
        return found;
    };
    return {
        .events = ids("select id from archive.event order by id"),
        .entries = ids("select event_id from journal.entry order by xid, seq"),
        .held = ids("select event_id from ingress.held order by event_id"),
        .keys = connection.execute("select count(*) from ingress.dedupe_key").only().get<std::int64_t>(0)};
}

}  // namespace tollgate::test
