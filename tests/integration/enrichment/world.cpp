#include "world.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "archive/schema.hpp"
#include "consumer/again.hpp"
#include "consumer/registration.hpp"
#include "consumer/schema.hpp"
#include "enrichment/schema.hpp"
#include "journal/schema.hpp"
#include "providers/catalogue.hpp"
#include "support/http_get.hpp"
#include "support/wait.hpp"
#include "tenants/schema.hpp"

namespace tollgate::test {

using consumer::Message;
using postgres::Transaction;

namespace {

postgres::ConnectionSettings registered(const postgres::ConnectionSettings& settings) {
    postgres::Connection connection = open(settings);
    must(consumer::register_consumer(
        connection, {.name = "billing", .input = "payment", .beginning = consumer::Beginning::from_now}));
    return settings;
}

}  // namespace

postgres::Schemas enrichment_schemas() {
    static const std::array schemas{&postgres::schema(), &archive::schema(),  &tenants::schema(),
                                    &journal::schema(),  &consumer::schema(), &enrichment::schema()};
    return schemas;
}

archive::Event raw_event(const std::string& type, const std::string& body, const std::string& provider) {
    archive::Event made = event("cus_1", body);
    made.provider = provider;
    made.type = type;
    made.mode = "live";
    made.proof = "signature";
    made.account = "acct_1";
    made.provider_event_id = "evt_" + made.id.text();
    return made;
}

archive::Event sample_event(const std::string& type, const std::string& provider) {
    for (const providers::Sample& sample : providers::find(provider)->samples) {
        if (sample.type == type) return raw_event(type, std::string{sample.body}, provider);
    }
    throw std::runtime_error{"no sample of type " + type};
}

EnrichmentProcess::EnrichmentProcess(const ChildProcess::Environment& environment)
    : process_{built("tollgate-enrichment"), {"--probes-port", std::to_string(probes_)}, environment} {}

bool EnrichmentProcess::becomes_ready() const {
    return comes_true([&] { return http_get(probes_, "/healthz/ready").status == 200; });
}

std::string EnrichmentProcess::metrics() const {
    return http_get(probes_, "/metrics").body;
}

EnrichmentWorld::EnrichmentWorld(consumer::Bus bus)
    : pipeline_{shared_broker(), enrichment_schemas()}, by_kafka_{bus == consumer::Bus::kafka} {
    if (!by_kafka_) pipeline_.turn_to(bus);
}

std::unique_ptr<EnrichmentProcess> EnrichmentWorld::start(const ChildProcess::Environment& more) {
    auto environment = pipeline_.environment();
    for (const auto& [name, value] : more) environment[name] = value;
    if (!by_kafka_) environment.erase("TOLLGATE_KAFKA_BROKERS");
    auto process = std::make_unique<EnrichmentProcess>(environment);
    if (!process->becomes_ready()) throw std::runtime_error{"enrichment does not start: " + process->log()};
    return process;
}

void EnrichmentWorld::redo(const std::vector<Uuid>& ids) {
    postgres::Connection connection = open(pipeline_.settings("operator"));
    const tenants::Actor ann{.name = "ann", .role = tenants::Role::operator_, .tenants = {}};
    const auto ordered = must(transact(connection, [&](Transaction& tx) {
        return consumer::redo(tx, ann, "enrichment", ids, "it is read better now");
    }));
    if (ordered.started != static_cast<std::int64_t>(ids.size()))
        throw std::runtime_error{"not all are done over"};
}

std::optional<events::PaymentEvent> EnrichmentWorld::payment(const Uuid& id) {
    postgres::Connection owner = pipeline_.owner();
    const auto rows = owner.execute("select data from archive.payment_event where id = $1", id);
    if (rows.empty()) return std::nullopt;
    return must(events::decode_payment_event(rows.only().get<std::string_view>(0)));
}

std::int64_t EnrichmentWorld::count(const std::string& of) {
    postgres::Connection owner = pipeline_.owner();
    owner.execute("select set_config('tollgate.tenant', '*', false)");
    return owner.execute("select count(*) from " + of).only().get<std::int64_t>(0);
}

std::vector<std::string> EnrichmentWorld::work() {
    postgres::Connection owner = pipeline_.owner();
    owner.execute("select set_config('tollgate.tenant', '*', false)");
    std::vector<std::string> rows;
    for (const auto row :
         owner.execute("select state || ': ' || reason from consumer.work order by message_id"))
        rows.push_back(row.get<std::string>(0));
    return rows;
}

EnrichmentByJournal::EnrichmentByJournal()
    : EnrichmentWorld{consumer::Bus::journal},
      keeper_{pipeline().settings("ingress"), {}, make_uuid_v4(), metrics_},
      subscription_{{.consumer = "billing",
                     .topics = {"payment"},
                     .connection = registered(pipeline().settings("billing"))},
                    make_uuid_v4()} {}

std::vector<Message> EnrichmentByJournal::payments(std::size_t events) {
    std::set<Uuid> seen;
    for (const Message& message : taken_) seen.insert(message.id.value());
    wait_until(
        [&] {
            auto batch = subscription_.poll(100, std::chrono::milliseconds{50}, {});
            const auto nothing = [](Transaction&) { return Result<void>{}; };
            if (!batch || !subscription_.commit(*batch, batch->messages.size(), nothing)) return false;
            for (Message& message : batch->messages) {
                seen.insert(message.id.value());
                taken_.push_back(std::move(message));
            }
            return seen.size() >= events;
        },
        std::chrono::seconds{60});
    return taken_;
}

EnrichmentByKafka::EnrichmentByKafka() : EnrichmentWorld{consumer::Bus::kafka}, relay_{pipeline()} {
    if (!relay_.becomes_ready()) throw std::runtime_error{"the relay does not start: " + relay_.log()};
}

std::vector<Message> EnrichmentByKafka::payments(std::size_t events) {
    TopicReader reader{pipeline(), "payment"};
    reader.read_until(events);
    std::vector<Message> all;
    for (const Seen& seen : reader.seen()) {
        Message message{.topic = "payment", .key = seen.key, .value = seen.value};
        for (const auto& [name, value] : seen.headers) message.headers.emplace_back(name, value);
        consumer::read_headers(message);
        all.push_back(std::move(message));
    }
    return all;
}

bool comes_true(const std::function<bool()>& condition) {
    return wait_until(condition, std::chrono::seconds{60});
}

}  // namespace tollgate::test
