#include "support/trial_consumer/trial_runtime.hpp"

#include <stdexcept>

#include "consumer/journal_subscription.hpp"
#include "consumer/kafka_subscription.hpp"
#include "consumer/registration.hpp"

namespace tollgate::test {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds deadline{3000};

template <typename T>
T or_throw(Result<T> result) {
    if (!result) throw std::runtime_error{result.error().text()};
    return std::move(*result);
}

std::unique_ptr<consumer::Subscription> subscribe(const MemberSettings& settings, const Uuid& holder,
                                                  consumer::Positions* positions) {
    if (settings.bus == "journal") {
        return std::make_unique<consumer::JournalSubscription>(
            consumer::JournalSettings{
                .consumer = settings.name, .topics = {settings.input}, .connection = settings.database},
            holder);
    }
    return or_throw(consumer::KafkaSubscription::create({.group = {.client = {.brokers = settings.brokers},
                                                                   .group = settings.name,
                                                                   .topics = {settings.input},
                                                                   .session_timeout = settings.session},
                                                         .topic_prefix = settings.topic_prefix,
                                                         .connection = settings.database},
                                                        *positions));
}

Uuid register_as(const MemberSettings& settings) {
    auto connection = or_throw(postgres::Connection::open(settings.database));
    return or_throw(
        consumer::register_consumer(connection, {.name = settings.name,
                                                 .input = settings.input,
                                                 .beginning = consumer::Beginning::all_that_is_stored}));
}

}  // namespace

TrialRuntime::TrialRuntime(const MemberSettings& settings, consumer::Handler& handler, AtStep at_step,
                           const Change& change)
    : metrics_{registry_, settings.name} {
    const Uuid since = register_as(settings);
    if (settings.bus != "journal") {
        positions_ = or_throw(consumer::StoredPositions::create({.brokers = settings.brokers}, settings.name,
                                                                settings.name, holder_, metrics_));
    }
    consumer::RuntimeSettings made{.consumer = settings.name,
                                   .member = holder_,
                                   .build = "test",
                                   .connection = settings.database,
                                   .batch_messages_max = 50,
                                   .poll_wait = milliseconds{50},
                                   .due_every = milliseconds{50},
                                   .handler_deadline = deadline,
                                   .retries = {.backoff = {.base = milliseconds{20}, .cap = milliseconds{50}},
                                               .age_max = std::chrono::seconds{60}},
                                   .pauses = {.base = milliseconds{20}, .cap = milliseconds{200}},
                                   .count_every = milliseconds{100},
                                   .silence = std::chrono::seconds{2}};
    if (at_step) {
        made.committed = [at_step] { at_step("committed"); };
        made.alive = [at_step] { at_step("round"); };
    }
    if (change) change(made);
    runtime_ = std::make_unique<consumer::Runtime>(
        std::move(made), subscribe(settings, holder_, positions_.get()), handler, since, metrics_);
}

}  // namespace tollgate::test
