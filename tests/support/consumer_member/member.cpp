#include "support/consumer_member/member.hpp"

#include <stdexcept>

#include "consumer/journal_subscription.hpp"
#include "consumer/kafka_subscription.hpp"

namespace tollgate::test {

using consumer::Batch;
using consumer::Message;
using postgres::Transaction;

namespace {

constexpr std::chrono::milliseconds a_moment{50};

std::unique_ptr<consumer::Subscription> subscribe(const MemberSettings& settings, const Uuid& holder,
                                                  consumer::Positions& positions) {
    if (settings.bus == "journal") {
        return std::make_unique<consumer::JournalSubscription>(
            consumer::JournalSettings{
                .consumer = settings.name, .topics = {"raw"}, .connection = settings.database},
            holder);
    }
    auto made = consumer::KafkaSubscription::create({.group = {.client = {.brokers = settings.brokers},
                                                               .group = settings.name,
                                                               .topics = {"raw"},
                                                               .session_timeout = settings.session},
                                                     .topic_prefix = settings.topic_prefix,
                                                     .connection = settings.database},
                                                    positions);
    if (!made) throw std::runtime_error{made.error().text()};
    return std::move(*made);
}

}  // namespace

void Member::create_tables(postgres::Connection& owner, const std::string& role) {
    TablePositions::create_table(owner, role);
    owner.execute_script(fmt::format(
        "create table public.effect (place bigint generated always as identity, event_id uuid, value text);"
        "create table public.go (at timestamptz);"
        "grant all on public.effect, public.go to {}",
        role));
}

Member::Member(const MemberSettings& settings)
    : positions_{settings.name, holder_}, subscription_{subscribe(settings, holder_, positions_)} {}

Result<Batch> Member::poll(std::size_t limit) {
    return subscription_->poll(limit, a_moment, {});
}

Result<void> Member::commit(const Batch& batch, std::size_t count) {
    if (batch.number != batch_) recorded_ = 0;
    batch_ = batch.number;
    const auto committed = subscription_->commit(batch, count, [&](Transaction& tx) -> Result<void> {
        for (std::size_t i = recorded_; i < count; ++i) {
            const Message& message = batch.messages[i];
            tx.execute(
                "insert into public.effect (event_id, value) values ($1, $2)", message.id,
                message.value.transform([](const std::string& value) { return value.substr(0, 100); }));
        }
        return {};
    });
    if (!committed) return committed;
    taken.insert(taken.end(), batch.messages.begin() + static_cast<std::ptrdiff_t>(recorded_),
                 batch.messages.begin() + static_cast<std::ptrdiff_t>(count));
    recorded_ = count;
    return {};
}

Result<std::vector<Message>> Member::read(std::size_t limit) {
    auto batch = poll(limit);
    if (!batch) return std::unexpected{batch.error()};
    if (const auto committed = commit(*batch); !committed) return std::unexpected{committed.error()};
    return std::move(batch->messages);
}

}  // namespace tollgate::test
